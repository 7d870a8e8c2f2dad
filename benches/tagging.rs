//! Terms found in notes, beside what a plain search for the same texts takes.
//!
//! ```text
//! cargo bench -p lodestar-tagging --bench tagging
//! ```
//!
//! Four megabytes of notes whose words come as often as words do (Zipf's law), in
//! 30,000 forms, 20 terms a theme. `LODESTAR_NOTES` names a file with notes of your
//! own, a paragraph each.
//!
//! Each text is read again and again. Of every forty notes the fastest reading counts:
//! what else the machine does then tells little, however busy it is.

use std::fmt::Write as _;
use std::hint::black_box;
use std::io::Write as _;
use std::time::{Duration, Instant};

use aho_corasick::{AhoCorasick, MatchKind};
use lodestar_tagging::{Entry, Language, Names, Own, Reader, Redactor, Tagger};

const THEMES: [u16; 2] = [60, 2000];
const TERMS: u32 = 20;
const FORMS: u32 = 30_000;
const LENGTH: usize = 4_000_000;
const PEOPLE: u32 = 20_000;

/// How often a text is read, and how many notes are timed as one.
const ROUNDS: usize = 16;
const TIMED: usize = 40;

/// What is read, whether it has umlauts, and the languages of the terms; none: plain
/// search.
const TEXTS: [(&str, bool, &[&str]); 4] = [
    ("English", false, &["en"]),
    ("the same, aho-corasick", false, &[]),
    ("with umlauts, German", true, &["de"]),
    ("the same, English and German", true, &["en", "de"]),
];

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "MB/s with 60 themes, with 2,000, slower by")?;
    for (name, umlauts, languages) in TEXTS {
        let notes = notes(umlauts);
        let [few, many] = THEMES.map(|themes| match languages {
            [] => searched(&notes, themes),
            languages => tagged(&notes, themes, languages),
        });
        let slower = 100.0 * (1.0 - many / few);
        writeln!(out, "{name:30} {few:6.1} {many:6.1} {slower:5.0} %")?;
    }
    let english = notes(false);
    let alone = THEMES.map(|themes| redacted(&english, themes));
    writeln!(
        out,
        "{:30} {:6.1} {:6.1}",
        "redaction alone, English", alone[0], alone[1]
    )
}

/// Numbers that look random, the same every time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
        (((self.0 >> 32) * u64::from(bound)) >> 32) as u32
    }

    /// A form by how often it comes: the n-th 1/n as often as the first.
    fn form(&mut self) -> u32 {
        let exponent = f64::from(self.below(1 << 24)) / f64::from(1 << 24);
        (f64::from(FORMS).powf(exponent)) as u32 - 1
    }
}

/// A word of so many letters as words have, with an ending.
fn word(form: u32, umlauts: bool) -> String {
    const FIRST: [&str; 20] = [
        "b", "c", "d", "f", "g", "l", "m", "n", "p", "r", "s", "t", "v", "st", "tr", "pl", "ch",
        "th", "br", "qu",
    ];
    const VOWELS: [&str; 5] = ["a", "e", "i", "o", "u"];
    const ENDINGS: [&str; 3] = ["", "s", "ing"];
    let (mut rest, mut word) = (form / 3, String::new());
    loop {
        let vowel = VOWELS[(rest / 20 % 5) as usize];
        word += FIRST[(rest % 20) as usize];
        word += if umlauts && vowel == "u" { "ü" } else { vowel };
        rest /= 100;
        if rest == 0 {
            break;
        }
    }
    word + ENDINGS[(form % 3) as usize]
}

/// Notes, each a paragraph.
fn notes(umlauts: bool) -> Vec<String> {
    if let Ok(path) = std::env::var("LODESTAR_NOTES") {
        let text = std::fs::read_to_string(path).expect("notes can be read");
        return text.split("\n\n").map(str::to_owned).collect();
    }
    let (mut numbers, mut notes, mut length) = (Numbers(1), Vec::new(), 0);
    while length < LENGTH {
        let mut note = String::new();
        for at in 0..20 + numbers.below(100) {
            let end = match numbers.below(12) {
                0 => ", ",
                1 => ".\n",
                _ => " ",
            };
            let word = word(numbers.form(), umlauts);
            let _ = match at {
                0 => write!(note, "{}{end}", word.to_uppercase()),
                _ => write!(note, "{word}{end}"),
            };
        }
        length += note.len();
        notes.push(note);
    }
    notes
}

/// Terms of a theme each. Of the first 60 themes: of five, one is a single word, and a
/// rare one; the others are two or three words, as common as words are. The themes
/// after those begin as commonly, and are seldom found whole.
fn terms(themes: u16) -> Vec<(u16, String)> {
    let mut numbers = Numbers(2);
    let mut term = |theme: u16| match numbers.below(5) {
        0 if theme < THEMES[0] => word(FORMS / 10 + numbers.below(FORMS / 10 * 9), false),
        more => {
            let mut one = |at| {
                let form = numbers.form();
                let rare = numbers.below(FORMS);
                word(
                    if at > 0 && theme >= THEMES[0] {
                        rare
                    } else {
                        form
                    },
                    false,
                )
            };
            let words = (0..2 + more % 2).map(&mut one);
            words.collect::<Vec<_>>().join(" ")
        }
    };
    (0..themes)
        .flat_map(|theme| (0..TERMS).map(move |_| theme))
        .map(|theme| (theme, term(theme)))
        .collect()
}

fn tagger(themes: u16, languages: &[&str]) -> Tagger {
    let mut tagger = Tagger::new(true);
    for (theme, text) in terms(themes) {
        for code in languages {
            let entry = Entry {
                theme,
                text: &text,
                language: Language::of(code).expect("known"),
                excepted: false,
            };
            tagger.add(&entry).expect("a term");
        }
    }
    tagger
}

/// Megabytes a second. `round` makes what reads, anew each time, as for each worker.
fn measured<R: FnMut(&str) -> usize>(notes: &[String], mut round: impl FnMut() -> R) -> f64 {
    let mut fastest = vec![Duration::MAX; notes.len().div_ceil(TIMED)];
    for _ in 0..ROUNDS {
        let mut read = round();
        for (some, fastest) in notes.chunks(TIMED).zip(&mut fastest) {
            let begun = Instant::now();
            black_box(some.iter().map(|note| read(note)).sum::<usize>());
            *fastest = begun.elapsed().min(*fastest);
        }
    }
    let bytes: usize = notes.iter().map(String::len).sum();
    bytes as f64 / 1e6 / fastest.iter().sum::<Duration>().as_secs_f64()
}

/// People whose names are taken out, as many as large lists have: their first names
/// are words of notes.
fn names(tagger: &Tagger) -> Names<'_> {
    let mut numbers = Numbers(3);
    let mut names = Names::new(tagger);
    for _ in 0..PEOPLE {
        let mut one = || word(FORMS + numbers.below(FORMS * 3), false);
        names.add(&format!("{} {}", one(), one()));
    }
    names
}

/// What a row tells of itself.
const OWN: Own<'_> = Own {
    names: &["Anna-Maria Schmidt", "Jones, Peter"],
    ids: &["2024q1-000123", "p000123", "c0007"],
};

fn tagged(notes: &[String], themes: u16, languages: &[&str]) -> f64 {
    let tagger = tagger(themes, languages);
    let names = names(&tagger);
    measured(notes, || {
        let (mut redactor, mut reader) = (Redactor::new(&names), Reader::new(&tagger));
        move |note| reader.tag(&redactor.redact(note, OWN), None).len()
    })
}

/// What of that is taking names and numbers out.
fn redacted(notes: &[String], themes: u16) -> f64 {
    let tagger = tagger(themes, &["en"]);
    let names = names(&tagger);
    measured(notes, || {
        let mut redactor = Redactor::new(&names);
        move |note| redactor.redact(note, OWN).text().len()
    })
}

/// The floor: the same texts, wherever they stand, as they are spelt.
fn searched(notes: &[String], themes: u16) -> f64 {
    let texts = terms(themes).into_iter().map(|(_, text)| text);
    let search = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        .build(texts)
        .expect("texts");
    measured(notes, || |note: &str| search.find_iter(note).count())
}
