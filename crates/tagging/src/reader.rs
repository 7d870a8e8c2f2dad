//! Notes → themes.

use crate::language::Language;
use crate::memo::{self, Key, Memo, Shape};
use crate::normal::normalise_into;
use crate::redact::Redacted;
use crate::short::Short;
use crate::stop::Stop;
use crate::tagger::{Code, ENDS, NEGATES, SOFTENS, STEM, TURNS, Tagger};
use crate::words;

/// How many words before a term are asked for a negation.
const REACH: usize = 3;

/// What becomes of an entry that is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fate {
    /// The note is about its theme.
    Counts,
    /// It stands within a longer term, of whichever theme.
    Within,
    /// It stands within an exception of its theme.
    Excepted,
    /// It is negated.
    Negated,
    /// It is no term, but an exception.
    Excepts,
}

/// Whoever reads notes, one after the other: memory that is used again. It does not
/// keep them.
pub struct Reader<'a> {
    tagger: &'a Tagger,
    memo: Memo,
    /// A chunk, normalised: as most languages have it, and as Turkic ones do.
    normal: [String; 2],
    words: Words,
    /// Places of the languages whose terms are looked for.
    asked: Vec<usize>,
    /// Entries found at a word: which, where it ends, and the place of its language.
    hits: Vec<Hit>,
    /// By theme: where the exceptions that were found end.
    excepted: Vec<u32>,
    themes: Vec<u16>,
    /// By word: whether the codebook has something of it.
    known: Vec<bool>,
    /// Words that are not heard; made when they are first asked for.
    stop: Option<Stop>,
}

#[derive(Clone, Copy)]
struct Hit {
    entry: u32,
    end: u32,
    language: u32,
}

/// The words of a note.
#[derive(Default)]
struct Words {
    /// By word and language.
    codes: Vec<Code>,
    /// By word: whether a clause ended before it.
    ended: Vec<bool>,
    languages: usize,
}

impl Words {
    fn len(&self) -> usize {
        self.ended.len()
    }

    fn code(&self, word: usize, language: usize) -> Code {
        self.codes[word * self.languages + language]
    }

    /// Whether what begins at a word is negated.
    fn is_negated(&self, start: usize, language: usize) -> bool {
        for word in (start.saturating_sub(REACH)..start).rev() {
            if self.ended[word + 1] {
                return false;
            }
            let code = self.code(word, language);
            if code & TURNS != 0 {
                return false;
            }
            let softened = self.code(word + 1, language) & SOFTENS != 0;
            if code & NEGATES != 0 && !(softened && word + 1 < start) {
                return true;
            }
        }
        false
    }
}

impl<'a> Reader<'a> {
    /// Reads for a codebook.
    pub fn new(tagger: &'a Tagger) -> Self {
        let languages = tagger.languages.len();
        let excepts = tagger.entries.iter().filter(|entry| entry.excepted);
        let themes = excepts.map(|entry| usize::from(entry.theme) + 1).max();
        Self {
            tagger,
            memo: Memo::new(languages),
            normal: [const { String::new() }; 2],
            words: Words {
                languages,
                ..Words::default()
            },
            asked: Vec::new(),
            hits: Vec::new(),
            excepted: vec![0; themes.unwrap_or(0)],
            themes: Vec::new(),
            known: Vec::new(),
            stop: None,
        }
    }

    /// The themes that a note is about, ascending, each once. `language`: the
    /// note's; `None`: it is not known, and terms of all are looked for.
    pub fn tag(&mut self, note: &Redacted<'_>, language: Option<Language>) -> &[u16] {
        self.themes(note, language, |_, _| {});
        &self.themes
    }

    /// Hands over every entry that is found, by its number, in the order in which
    /// they begin, and what becomes of it.
    pub fn find(
        &mut self,
        note: &Redacted<'_>,
        language: Option<Language>,
        mut found: impl FnMut(usize, Fate),
    ) {
        self.each(note, language, |hit, _, fate| {
            found(hit.entry as usize, fate);
        });
    }

    /// Finds the themes that a note is about; where each entry that is found begins and
    /// ends is handed over.
    fn themes(
        &mut self,
        note: &Redacted<'_>,
        language: Option<Language>,
        mut covered: impl FnMut(usize, usize),
    ) {
        let mut themes = std::mem::take(&mut self.themes);
        themes.clear();
        let entries = &self.tagger.entries;
        self.each(note, language, |hit, start, fate| {
            covered(start, hit.end as usize);
            if fate == Fate::Counts {
                themes.push(entries[hit.entry as usize].theme);
            }
        });
        themes.sort_unstable();
        themes.dedup();
        self.themes = themes;
    }

    /// Hands over every entry that is found, the word at which it begins, and what
    /// becomes of it.
    fn each(
        &mut self,
        note: &Redacted<'_>,
        language: Option<Language>,
        mut found: impl FnMut(&Hit, usize, Fate),
    ) {
        self.read(note);
        self.ask(language);
        let mut reach = 0;
        for start in 0..self.words.len() {
            if !self.may_begin(start) {
                continue;
            }
            self.hits(start);
            let mut longest = 0;
            for hit in &self.hits {
                let entry = &self.tagger.entries[hit.entry as usize];
                if entry.excepted {
                    let end = &mut self.excepted[usize::from(entry.theme)];
                    *end = hit.end.max(*end);
                } else {
                    longest = hit.end.max(longest);
                }
            }
            for hit in &self.hits {
                found(hit, start, self.fate(hit, start, longest, reach));
            }
            reach = longest.max(reach);
        }
        self.excepted.fill(0);
    }

    /// The same as [`Self::tag`]; and hands over the words of a note that the codebook has
    /// nothing of, normalised, in order; `None` between words that do not follow each
    /// other: where a clause ends, or something stands that is no part of a term that
    /// could be found.
    pub fn hear(
        &mut self,
        note: &Redacted<'_>,
        language: Option<Language>,
        mut heard: impl FnMut(Option<&str>),
    ) -> &[u16] {
        let mut known = std::mem::take(&mut self.known);
        known.clear();
        // They begin one after the other, so each covers what follows on those before.
        self.themes(note, language, |start, end| {
            known.resize(start.max(known.len()), false);
            known.resize(end.max(known.len()), true);
        });
        known.resize(self.words.len(), false);
        let stop = self.stop.take();
        let stop = stop.unwrap_or_else(|| Stop::of(self.tagger.languages()));
        let (normal, mut words) = (&mut self.normal[0], 0..);
        for (chunk, _) in note.chunks() {
            normalise_into(chunk, false, normal);
            // The same words, in the same order, as those that were read.
            words::each(normal, |word, _| {
                let at = words.next().unwrap_or_default();
                if self.words.ended[at] {
                    heard(None);
                }
                heard(Some(word).filter(|word| !known[at] && stop.lets(word)));
            });
        }
        (self.stop, self.known) = (Some(stop), known);
        &self.themes
    }

    /// What becomes of what begins at a word. `longest`: where the longest term ends that
    /// begins there; `reach`: where those end that began before.
    fn fate(&self, hit: &Hit, start: usize, longest: u32, reach: u32) -> Fate {
        let entry = &self.tagger.entries[hit.entry as usize];
        let excepted = self.excepted.get(usize::from(entry.theme));
        let negated = || self.words.is_negated(start, hit.language as usize);
        match entry.excepted {
            true => Fate::Excepts,
            _ if hit.end < longest || hit.end <= reach => Fate::Within,
            _ if excepted.is_some_and(|end| hit.end <= *end) => Fate::Excepted,
            _ if self.tagger.negation && negated() => Fate::Negated,
            _ => Fate::Counts,
        }
    }

    /// Notes of which languages terms are looked for in a note of some language.
    fn ask(&mut self, note: Option<Language>) {
        self.asked.clear();
        for (place, known) in self.tagger.languages.iter().enumerate() {
            let mine = known.language;
            if mine == Language::ANY || note.is_none_or(|note| note == mine) {
                self.asked.push(place);
            }
        }
    }

    /// Whether an entry may begin at a word; if not, none does.
    #[inline]
    fn may_begin(&self, start: usize) -> bool {
        self.asked.iter().any(|place| {
            let code = self.words.code(start, *place);
            let is_first = code & STEM != 0 && start + 1 < self.words.len();
            let may_go_on = || {
                let next = self.words.code(start + 1, *place) & STEM;
                next != 0 && self.tagger.tree.may_lead(code & STEM, next)
            };
            code & ENDS != 0 || (is_first && may_go_on())
        })
    }

    /// Finds the entries that begin at a word.
    fn hits(&mut self, start: usize) {
        self.hits.clear();
        for place in &self.asked {
            let mut arm = self.tagger.first(self.words.code(start, *place));
            let mut end = start + 1;
            loop {
                self.hits.extend(self.tagger.ends(arm).map(|entry| Hit {
                    entry,
                    end: end as u32,
                    language: *place as u32,
                }));
                if arm.node == 0 || end == self.words.len() {
                    break;
                }
                let stem = self.words.code(end, *place) & STEM;
                let Some(next) = self.tagger.tree.arm(arm.node, stem) else {
                    break;
                };
                arm = next;
                end += 1;
            }
        }
    }

    /// Reads the words of a note.
    fn read(&mut self, note: &Redacted<'_>) {
        self.words.codes.clear();
        self.words.ended.clear();
        // What is waited for one after the other is fetched side by side.
        self.memo
            .fetch(note.chunks().filter_map(|(chunk, _)| Short::of(chunk)));
        let mut ended = false;
        for (chunk, after_end) in note.chunks() {
            ended |= after_end;
            let first = self.words.len();
            let ended_after = self.remembered(chunk);
            if let Some(first) = self.words.ended.get_mut(first) {
                *first |= ended;
                ended = false;
            }
            ended |= ended_after;
        }
    }

    /// Adds the words of a chunk, which is looked into unless it is remembered;
    /// whether a clause ended after the last.
    fn remembered(&mut self, chunk: &str) -> bool {
        let short = Short::of(chunk);
        if let Some(codes) = short.and_then(|short| self.memo.word(short)) {
            self.words.codes.extend_from_slice(codes);
            self.words.ended.push(false);
            return false;
        }
        let key = Key::of(chunk);
        if let Some((shape, codes)) = key.as_ref().and_then(|key| self.memo.get(key)) {
            self.words.codes.extend_from_slice(codes);
            let ended = (0..shape.words).map(|word| shape.ends >> word & 1 == 1);
            self.words.ended.extend(ended);
            return shape.ends >> shape.words & 1 == 1;
        }
        let first = self.words.len();
        let ended_after = self.chunk(chunk);
        let own = &self.words.ended[first..];
        if let Some(key) = key.filter(|_| own.len() <= memo::WORDS) {
            let bits = own.iter().chain([&ended_after]).rev();
            let shape = Shape {
                words: own.len() as u8,
                ends: bits.fold(0, |bits, ended| bits << 1 | u8::from(*ended)),
            };
            let codes = &self.words.codes[first * self.words.languages..];
            self.memo.put(short, &key, shape, codes);
        }
        ended_after
    }

    /// Adds the words of a chunk; whether a clause ended after the last. Few are asked
    /// for: apart from the others, what all take stays small.
    #[inline(never)]
    fn chunk(&mut self, text: &str) -> bool {
        let Words {
            codes,
            ended,
            languages,
        } = &mut self.words;
        let first = ended.len();
        let [normal, turkic] = &mut self.normal;
        normalise_into(text, false, normal);
        let ended_after = words::each(normal, |word, ended_before| {
            ended.push(ended_before);
            codes.extend(self.tagger.languages.iter().map(|known| known.code(word)));
        });
        for (place, known) in self.tagger.languages.iter().enumerate() {
            if known.language.is_turkic() {
                normalise_into(text, true, turkic);
                // The letters that differ do not part words.
                let mut own = (first..ended.len()).map(|word| word * *languages + place);
                words::each(turkic, |word, _| {
                    if let Some(at) = own.next() {
                        codes[at] = known.code(word);
                    }
                });
            }
        }
        ended_after
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Entry, Names, Own, Redactor};

    #[test]
    fn what_the_codebook_has_and_what_says_nothing_is_not_heard() {
        let mut tagger = Tagger::new(true);
        for (text, excepted) in [("clear priority", false), ("priority seat", true)] {
            let language = Language::ENGLISH;
            let entry = Entry {
                theme: 0,
                text,
                language,
                excepted,
            };
            tagger.add(&entry).expect("a term");
        }
        let names = Names::new(&tagger);
        let (mut redactor, mut reader) = (Redactor::new(&names), Reader::new(&tagger));
        let mut heard = |note: &str| {
            let mut words = Vec::new();
            let note = redactor.redact(note, Own::default());
            let themes = reader.hear(&note, None, |word| {
                words.push(word.unwrap_or("|").to_owned());
            });
            assert_eq!(themes.to_vec(), reader.tag(&note, None));
            words.join(" ")
        };
        assert_eq!(
            heard("Clear priorities. Silent calendar CREEP"),
            "| | | silent calendar creep"
        );
        assert_eq!(
            heard("Lack of trust; the priority seat"),
            "lack | trust | | | |"
        );
        assert_eq!(
            heard("mail ann@example.org soon, 24/7"),
            "mail | soon | | |"
        );
        assert_eq!(heard(""), "");
    }
}
