//! Names, and a row's own ids, where they stand in a note.

use super::common::{BEFORE_NAMES, OF_DOCTORS, PARTICLES, TITLES};
use super::left::Span;
use super::names::{Names, Word, each_base, each_elided, each_word, without_endings};
use super::spelling::{self, Hash};
use super::{Kind, beginning, ending};
use crate::normal::composed;
use crate::words::Chunk;

/// What a note's own row tells of whom it is about: private, and asked of this note
/// alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct Own<'a> {
    /// Names, as [`Names::add`] takes them.
    pub names: &'a [&'a str],
    /// Ids. One of several words is taken for a name as well.
    pub ids: &'a [&'a str],
}

/// Longest word around a name that is looked at, in bytes.
const NEAR: usize = 32;

/// Bits by which the row's own words are told from others, as a power of two.
const OWN_BITS: u32 = 10;

/// Whoever looks for names: memory that is used again.
#[derive(Default)]
pub(super) struct Seeker {
    /// Words of the row's own names and ids.
    own: Vec<Mine>,
    /// By bit of a word's hash: whether one of them has it.
    bits: [u64; 1 << (OWN_BITS - 6)],
    sights: Vec<Sight>,
    plain: String,
}

/// A word of the row's own.
struct Mine {
    /// Plainly spelt.
    base: String,
    /// The id that it is the first word of; `None`: it is of a name.
    id: Option<Box<str>>,
}

/// Somewhere that somebody may be named.
#[derive(Clone, Copy)]
struct Sight {
    start: usize,
    end: usize,
    word: Word,
}

impl Seeker {
    /// Takes what the row tells of itself, until it is told again.
    pub(super) fn know(&mut self, own: Own<'_>) {
        self.own.clear();
        self.bits.fill(0);
        let are_names = own.ids.iter().filter(|id| {
            let mut words = id.split_whitespace();
            let is_name = |word: &str| !word.contains(|c: char| c.is_ascii_digit());
            words.clone().count() > 1 && words.all(is_name)
        });
        for name in own.names.iter().chain(are_names) {
            each_base(name, |base| self.put(base, None));
        }
        for id in own.ids {
            // A letter or two is too little to tell.
            if id.len() < 3 && !id.contains(|c: char| c.is_ascii_digit()) {
                continue;
            }
            let (id, mut first) = (&*composed(id), None);
            each_word(id, |_, word| first = first.or(Some(word)));
            if let Some(first) = first {
                let mut plain = String::new();
                spelling::plain_into(first, &mut plain);
                let id = id.trim_matches(|c: char| !c.is_alphanumeric());
                self.put(&plain, Some(id.into()));
            }
        }
    }

    fn put(&mut self, base: &str, id: Option<Box<str>>) {
        Hash::of(base.as_bytes()).mark(&mut self.bits);
        self.own.push(Mine {
            base: base.to_owned(),
            id,
        });
    }

    pub(super) fn find(
        &mut self,
        names: &Names<'_>,
        (text, chunks): (&str, &[Chunk]),
        spans: &mut Vec<Span>,
    ) {
        self.sights.clear();
        for chunk in chunks {
            let (start, core) = (chunk.range.start, &text[chunk.range.clone()]);
            if let Some(hash) = Hash::of_any_case(core.as_bytes()) {
                if self.may_be(names, core, hash, Hash::of_any_case) {
                    self.look(names, (text, start, core), spans);
                }
                continue;
            }
            if is_latin(core) {
                self.look(names, (text, start, core), spans);
                continue;
            }
            each_word(core, |at, word| {
                self.look(names, (text, start + at, word), spans);
            });
        }
        self.names(text, spans);
    }

    /// Whether a word of this hash may be known, or what it is without a genitive's ending.
    #[inline]
    fn may_be(
        &self,
        names: &Names<'_>,
        word: &str,
        hash: Hash,
        of: impl Fn(&[u8]) -> Option<Hash>,
    ) -> bool {
        let is = |hash: Hash| names.may_know(hash) || hash.is_marked(&self.bits);
        let is_base = |base| of(base).is_some_and(is);
        is(hash)
            || match word.as_bytes() {
                [name @ .., b'\'', b's' | b'S'] if is_base(name) => true,
                [base @ .., b's' | b'S'] => is_base(base),
                _ => false,
            }
    }

    /// Looks at a word, and notes what it may be.
    fn look(
        &mut self,
        names: &Names<'_>,
        (text, start, word): (&str, usize, &str),
        spans: &mut Vec<Span>,
    ) {
        if self.is_seen(names, (text, start, word), spans) {
            return;
        }
        each_elided(word, |at, part| {
            self.is_seen(names, (text, start + at, part), spans);
        });
    }

    /// Looks at a word: whether it may be something.
    fn is_seen(
        &mut self,
        names: &Names<'_>,
        (text, start, word): (&str, usize, &str),
        spans: &mut Vec<Span>,
    ) -> bool {
        let mut plain = std::mem::take(&mut self.plain);
        spelling::plain_into(word, &mut plain);
        let mut found = self.known(names, &plain, &text[start..], |end| {
            spans.push(Span {
                range: start..start + end,
                kind: Kind::Id,
            });
        });
        if found.is_none() && spelling::spelt_out_into(word, &mut plain) {
            found = self.known(names, &plain, "", |_| {});
        }
        self.plain = plain;
        if let Some(word_is) = found {
            self.sights.push(Sight {
                start,
                end: start + word.len(),
                word: word_is,
            });
        }
        found.is_some()
    }

    /// What a word is, plainly spelt; where an id ends that begins with it is handed
    /// over.
    fn known(
        &self,
        names: &Names<'_>,
        plain: &str,
        rest: &str,
        mut id: impl FnMut(usize),
    ) -> Option<Word> {
        let of = |plain: &[u8]| Some(Hash::of(plain));
        if !self.may_be(names, plain, Hash::of(plain.as_bytes()), of) {
            return None;
        }
        let mut word = names.word(plain);
        let is_mine = |mine: &&Mine| without_endings(plain).any(|base| base == mine.base);
        for Mine { base, id: mine } in self.own.iter().filter(is_mine) {
            match mine {
                None => word = word.max(Some(names.what(base))),
                Some(mine) => {
                    let is_it = rest
                        .get(..mine.len())
                        .is_some_and(|start| start.eq_ignore_ascii_case(mine))
                        && !rest[mine.len()..].starts_with(char::is_alphanumeric);
                    if is_it {
                        id(mine.len());
                    }
                }
            }
        }
        word
    }

    /// Tells names from words that are like them.
    fn names(&self, text: &str, spans: &mut Vec<Span>) {
        let mut floor = 0;
        // The word before, if it was taken for one of a name.
        let mut last: Option<Sight> = None;
        for (place, sight) in self.sights.iter().enumerate() {
            let before = last.take().or_else(|| {
                let before = self.sights.get(place.checked_sub(1)?);
                before.copied()
            });
            if sight.start < floor {
                continue;
            }
            let (start, titled) = before_name(text, floor, sight.start);
            let beside = || {
                let after = self.sights.get(place + 1);
                before.is_some_and(|before| {
                    joins(text, before.end, start)
                        && sight.is_of_a_name(text, &before)
                        && before.is_of_a_name(text, sight)
                }) || after.is_some_and(|after| {
                    joins(text, sight.end, after.start)
                        && sight.is_of_a_name(text, after)
                        && after.is_of_a_name(text, sight)
                })
            };
            let is_name = match sight.word {
                Word::Name => true,
                Word::Title => false,
                _ if beside() => true,
                _ if !has_capital(sight.of(text)) => false,
                Word::Noun => titled,
                Word::Common => titled || is_within_sentence(&text[..sight.start]),
            };
            let range = if is_name {
                last = Some(Sight {
                    word: Word::Name,
                    ..*sight
                });
                start..after_name(text, sight.end)
            } else if let (Word::Title, Some(end)) = (sight.word, titled_name(text, sight)) {
                sight.start..end
            } else {
                continue;
            };
            floor = range.end;
            spans.push(Span {
                range,
                kind: Kind::Name,
            });
        }
    }
}

impl Sight {
    fn of<'a>(&self, text: &'a str) -> &'a str {
        &text[self.start..self.end]
    }

    /// Whether it may be a word of the same name as another. Who writes the one in small
    /// letters writes the other so.
    fn is_of_a_name(&self, text: &str, other: &Self) -> bool {
        let small = || other.word == Word::Name && other.of(text).starts_with(char::is_lowercase);
        match self.word {
            Word::Name => true,
            Word::Title => false,
            Word::Common | Word::Noun => has_capital(self.of(text)) || small(),
        }
    }
}

/// Whether a text is one word for having nothing but Latin letters and digits, which
/// need not be asked of Unicode's rules: German has such in every eighth word.
fn is_latin(text: &str) -> bool {
    let mut letters = text.chars();
    letters.all(|c| c < '\u{250}' && c.is_alphanumeric())
}

/// Whether what stands between two words may stand within a name.
fn joins(text: &str, end: usize, start: usize) -> bool {
    let is = |c: char| matches!(c, ' ' | ',' | '-' | '\n' | '‐');
    text.get(end..start)
        .is_some_and(|between| (1..=3).contains(&between.len()) && between.chars().all(is))
}

/// Where a name begins whose first word begins at `start`, with the titles, initials
/// and particles before it; and whether titles or initials are. Nothing before `floor`
/// is part of it.
fn before_name(text: &str, floor: usize, start: usize) -> (usize, bool) {
    let (mut start, mut titled) = (start, false);
    let mut plain = String::new();
    // "Prof. Dr. J. R. van der"
    for _ in 0..6 {
        let rest = text[floor..start].trim_end_matches(is_gap);
        let point = rest.ends_with('.');
        let rest = rest.strip_suffix('.').unwrap_or(rest);
        let word = ending(rest, char::is_alphabetic);
        if word.is_empty() || word.len() > NEAR {
            break;
        }
        let before = &rest[..rest.len() - word.len()];
        spelling::plain_into(word, &mut plain);
        // Of "z.B." the B is none.
        let is_shortened = before.ends_with('.')
            && ending(before.trim_end_matches('.'), char::is_alphabetic)
                .contains(char::is_lowercase);
        let initial = point && is_letter(word) && !is_shortened;
        let title = has_capital(word) && TITLES.contains(&plain.as_str());
        let particle = !point && PARTICLES.contains(&plain.as_str());
        if !initial && !title && !particle {
            break;
        }
        titled |= initial || title;
        start = floor + before.len();
    }
    (start, titled)
}

/// Where a name ends whose last word ends at `end`, with the initials after it:
/// "Smith, J. R."
fn after_name(text: &str, end: usize) -> usize {
    let mut end = end;
    for _ in 0..2 {
        let rest = &text[end..];
        let gap = beginning(rest, |c| matches!(c, ' ' | ','));
        let word = beginning(&rest[gap.len()..], char::is_alphabetic);
        let point = rest[gap.len() + word.len()..].starts_with('.');
        if gap.is_empty() || gap.len() > 2 || !point || !is_letter(word) {
            break;
        }
        end += gap.len() + word.len() + 1;
    }
    end
}

/// Where the name ends that a title stands before, known or not: after further titles
/// and particles a word with a capital.
fn titled_name(text: &str, title: &Sight) -> Option<usize> {
    if !BEFORE_NAMES.contains(&title.of(text)) {
        return None;
    }
    let (mut end, mut plain) = (title.end, String::new());
    // "Prof. Dr. van der Berg"
    for _ in 0..5 {
        let rest = &text[end..];
        // After a whole word a point ends a sentence.
        let short = matches!(&text[title.start..end], "Dr" | "Mr" | "Mrs" | "Ms" | "Prof")
            || end > title.end;
        let rest = match rest.strip_prefix('.').filter(|_| short) {
            Some(rest) => rest,
            None if rest.starts_with(is_gap) => rest,
            None => return None,
        };
        let gap = beginning(rest, is_gap);
        let word = beginning(&rest[gap.len()..], |c| {
            c.is_alphabetic() || matches!(c, '-' | '\'' | '’')
        });
        let word = word.trim_end_matches(|c: char| !c.is_alphabetic());
        let is_far = gap.len() > WIDEST_GAP || gap.matches('\n').count() > 1;
        if word.is_empty() || word.len() > 2 * NEAR || is_far {
            return None;
        }
        end = word.as_ptr() as usize - text.as_ptr() as usize + word.len();
        spelling::plain_into(word, &mut plain);
        let goes_on = TITLES.contains(&plain.as_str())
            || PARTICLES.contains(&plain.as_str())
            || is_letter(word)
            || OF_DOCTORS.contains(&word);
        if !goes_on {
            let mut is_one = word.starts_with(char::is_uppercase);
            each_elided(word, |_, part| {
                is_one |= part.starts_with(char::is_uppercase);
            });
            return is_one.then_some(end);
        }
    }
    None
}

/// Most that stands between a title and a name, in bytes.
const WIDEST_GAP: usize = 4;

fn is_gap(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// Whether a word begins with a capital, and has others too that are none.
fn has_capital(word: &str) -> bool {
    word.starts_with(char::is_uppercase) && word.contains(char::is_lowercase)
}

/// Whether it is one capital.
fn is_letter(word: &str) -> bool {
    let mut letters = word.chars();
    letters.next().is_some_and(char::is_uppercase) && letters.next().is_none()
}

/// Whether a sentence began before, and no line is empty since.
fn is_within_sentence(before: &str) -> bool {
    let is_open = |c: char| matches!(c, ' ' | '(' | '[' | '"' | '“' | '„' | '«' | '\'');
    let line = before.trim_end_matches(is_open);
    // Lines break within sentences.
    let line = line.strip_suffix('\n').unwrap_or(line);
    let line = line.trim_end_matches(['\r', ' ']);
    let ends = ['.', '!', '?', ':', ';', '\n', '\t', '*', '•', '-', '–', '>'];
    !line.is_empty() && !line.ends_with(ends)
}
