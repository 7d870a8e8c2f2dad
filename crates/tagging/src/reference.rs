//! The rules once more, slowly and plainly: all words of a text as one list, every
//! run of them beside every term.

use proptest::prelude::*;
use unicode_segmentation::UnicodeSegmentation;

use crate::language::Language;
use crate::normal::normalise;
use crate::redact::{MARK, Redacted};
use crate::{Entry, Fate, Reader, Tagger};

/// An entry that owns its text: theme, language, text, whether it is an exception.
type Owned = (u16, Language, String, bool);

/// The words of a text, and before which of them a clause ended.
fn words(text: &str, turkic: bool) -> (Vec<String>, Vec<bool>) {
    let text = normalise(&empty_lines_marked(text), turkic);
    let mut ends: Vec<usize> = text
        .match_indices(|c| ".,;:!?()[]{}—。、،؛।".contains(c))
        .map(|(at, _)| at)
        .collect();
    for part in text.split(char::is_whitespace) {
        if "- – * • · ‣ / >".split(' ').any(|alone| alone == part) {
            ends.push(part.as_ptr() as usize - text.as_ptr() as usize);
        }
    }
    let (mut found, mut ended, mut last) = (Vec::new(), Vec::new(), 0);
    let is_word = |word: &str| word.starts_with(MARK) || word.contains(char::is_alphanumeric);
    for (at, word) in text
        .split_word_bound_indices()
        .filter(|(_, word)| is_word(word))
    {
        ended.push(ends.iter().any(|end| (last..at).contains(end)));
        found.push(word.to_owned());
        last = at + word.len();
    }
    (found, ended)
}

/// The text with a mark that ends a clause wherever it has an empty line.
fn empty_lines_marked(text: &str) -> String {
    let is_white = |c: char| matches!(c, ' ' | '\t'..='\r');
    let (mut marked, mut rest) = (String::new(), text);
    while !rest.is_empty() {
        let word = rest.find(is_white).unwrap_or(rest.len());
        marked += &rest[..word];
        rest = &rest[word..];
        let white = rest.find(|c| !is_white(c)).unwrap_or(rest.len());
        let is_empty_line = rest[..white].matches('\n').count() > 1;
        marked += if is_empty_line { " ; " } else { &rest[..white] };
        rest = &rest[white..];
    }
    marked
}

/// A term where it stands: entry, first word, the word after its last, and language.
type Run = (usize, usize, usize, Language);

fn runs(entries: &[Owned], text: &str, note: Option<Language>) -> Vec<Run> {
    let mut runs = Vec::new();
    for (number, (_, language, term, _)) in entries.iter().enumerate() {
        if *language != Language::ANY && note.is_some_and(|note| note != *language) {
            continue;
        }
        let stems = |text: &str| -> Vec<String> {
            let words = words(text, language.code() == "tr").0;
            let words = words.iter();
            let stem = words.map(|word| language.stem(language.unelided(word)).into_owned());
            stem.collect()
        };
        let (mut term, all) = (stems(term), stems(text));
        term.retain(|stem| !stem.starts_with(MARK));
        for start in 0..all.len() {
            if all[start..].starts_with(&term) {
                runs.push((number, start, start + term.len(), *language));
            }
        }
    }
    runs
}

fn is_negated(text: &str, (_, start, _, language): &Run) -> bool {
    let (words, ended) = words(text, language.code() == "tr");
    for before in 1..=3.min(*start) {
        let at = start - before;
        let (role, after) = (language.role(&words[at]), language.role(&words[at + 1]));
        if ended[at + 1] || role.turns {
            return false;
        }
        if role.negates && !(after.softens && before > 1) {
            return true;
        }
    }
    false
}

/// What is found, and what becomes of it.
fn found(
    entries: &[Owned],
    negation: bool,
    text: &str,
    note: Option<Language>,
) -> Vec<(usize, Fate)> {
    let runs = runs(entries, text, note);
    let (excepted, terms): (Vec<Run>, Vec<Run>) = runs.iter().partition(|run| entries[run.0].3);
    let holds = |long: &Run, run: &Run| long.1 <= run.1 && run.2 <= long.2;
    let longer = |long: &Run, run: &Run| long.2 - long.1 > run.2 - run.1;
    let mut all = Vec::new();
    for run in &terms {
        let same_theme = |other: &Run| entries[other.0].0 == entries[run.0].0;
        let fate = if terms
            .iter()
            .any(|long| holds(long, run) && longer(long, run))
        {
            Fate::Within
        } else if excepted
            .iter()
            .any(|long| holds(long, run) && same_theme(long))
        {
            Fate::Excepted
        } else if negation && is_negated(text, run) {
            Fate::Negated
        } else {
            Fate::Counts
        };
        all.push((run.0, fate));
    }
    all.extend(excepted.iter().map(|run| (run.0, Fate::Excepts)));
    all.sort_unstable();
    all
}

const WORDS: [&str; 53] = [
    "feedback",
    "Feedbacks",
    "giving",
    "give",
    "GAVE",
    "no",
    "not",
    "only",
    "but",
    "never",
    "priority",
    "priorities",
    "manager's",
    "managers",
    "don't",
    "don’t",
    "3.5",
    "délégation",
    "DE\u{301}LE\u{301}GATION",
    "l'équipe",
    "équipes",
    "n'est",
    "pas",
    "mais",
    "Straße",
    "STRASSE",
    "straße",
    "nicht",
    "nur",
    "aber",
    "kein",
    "Entscheidungen",
    "entscheidung",
    "ﬁnal",
    "final",
    "finals",
    "变化",
    "变",
    "化",
    "カタカナ",
    "ｶﾀｶﾅ",
    "مرحبا",
    "שלום",
    "Isı",
    "ISI",
    "ısı",
    "İş",
    "iş",
    "x\u{ad}y",
    "xy",
    "🔥",
    "👩\u{200d}🚀",
    "\u{fffc}",
];

const GAPS: [&str; 20] = [
    " ", " ", " ", " ", "\n", "\r\n", "\n\n", ", ", ". ", " - ", "-", "/", " & ", "\u{200b}",
    "\u{a0}", " (", ") ", "…", "\u{3000}", "\t",
];

fn piece(random: bool) -> impl Strategy<Value = String> {
    let word = prop::sample::select(&WORDS[..]).prop_map(str::to_owned);
    let word = prop_oneof![8 => word, 1 => if random { "\\PC{0,5}" } else { "[a-c]" }];
    let gap = prop::sample::select(if random { &GAPS[..] } else { &GAPS[..3] });
    (word, gap).prop_map(|(word, gap)| word + gap)
}

fn language() -> impl Strategy<Value = Language> {
    const CODES: [&str; 5] = ["any", "de", "en", "fr", "tr"];
    prop::sample::select(&CODES[..]).prop_map(|code| Language::of(code).expect("known"))
}

fn entry() -> impl Strategy<Value = Owned> {
    let text = prop::collection::vec(piece(false), 1..4).prop_map(|pieces| pieces.concat());
    (0..4_u16, language(), text, prop::bool::weighted(0.2))
}

fn tagger(entries: &mut Vec<Owned>, negation: bool) -> Tagger {
    let mut tagger = Tagger::new(negation);
    entries.retain(|(theme, language, text, excepted)| {
        let entry = Entry {
            theme: *theme,
            language: *language,
            text,
            excepted: *excepted,
        };
        tagger.add(&entry).is_ok()
    });
    tagger
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn what_is_found_is_what_the_rules_say(
        mut entries in prop::collection::vec(entry(), 1..12),
        notes in prop::collection::vec(prop::collection::vec(piece(true), 0..20), 1..4),
        note_language in prop::option::of(language()),
        negation in any::<bool>(),
    ) {
        let tagger = tagger(&mut entries, negation);
        let given = tagger.entries();
        let given = given.map(|entry| {
            (entry.theme, entry.language, entry.text.to_owned(), entry.excepted)
        });
        prop_assert_eq!(&given.collect::<Vec<Owned>>(), &entries);
        // One reader for all: what it remembers of one note must not tell on the next.
        let mut reader = Reader::new(&tagger);
        for note in notes {
            let note = note.concat();
            let mut told = Vec::new();
            reader.find(&Redacted::of_nobody(&note), note_language, |entry, fate| told.push((entry, fate)));
            told.sort_unstable();
            let expected = found(&entries, negation, &note, note_language);
            prop_assert_eq!(&told, &expected, "{:?}", note);
            let counts = expected.iter().filter(|(_, fate)| *fate == Fate::Counts);
            let mut themes: Vec<u16> = counts.map(|(entry, _)| entries[*entry].0).collect();
            themes.sort_unstable();
            themes.dedup();
            prop_assert_eq!(reader.tag(&Redacted::of_nobody(&note), note_language), &themes[..]);
        }
    }

    #[test]
    fn any_text_is_read(mut entries in prop::collection::vec(entry(), 1..6), note in any::<String>()) {
        let tagger = tagger(&mut entries, true);
        let mut reader = Reader::new(&tagger);
        let first = reader.tag(&Redacted::of_nobody(&note), None).to_vec();
        prop_assert_eq!(reader.tag(&Redacted::of_nobody(&note), None), &first[..]);
    }
}
