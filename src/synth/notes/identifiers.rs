//! What tells who somebody is, as it stands in notes.

use super::Who;
use super::phrases::one;
use crate::synth::rng::Draws;

/// Something that tells who somebody is, where it was put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Planted {
    pub(super) kind: &'static str,
    pub(super) text: String,
}

/// Sentences around a name.
const NAMED: [&[&str]; 2] = [
    &[
        "{} was tense at first.",
        "Met {} in the small room.",
        "I told {} to wait.",
        "Agreed with {} to meet in two weeks.",
        "As {} put it: one step at a time.",
    ],
    &[
        "{} war anfangs angespannt.",
        "Treffen mit {} im kleinen Raum.",
        "Mit {} vereinbart: in zwei Wochen weiter.",
        "Wie {} sagt: eins nach dem anderen.",
        "Das hat {} notiert.",
    ],
];

const OTHERS: [[(&str, &[&str]); 6]; 2] = [
    [
        ("mail", &["Write to {} first.", "Mail: {}."]),
        ("url", &["The form is at {}.", "See {}, second page."]),
        ("phone", &["Call {} after five.", "Mobile: {}."]),
        ("id", &["File {} is closed.", "Case {}, see there."]),
        ("date", &["Born on {}.", "Date of birth {}."]),
        ("account", &["Expenses go to {}.", "Account {}, as before."]),
    ],
    [
        ("mail", &["Zuerst an {} schreiben.", "Mail: {}."]),
        (
            "url",
            &["Das Formular ist auf {}.", "Siehe {}, zweite Seite."],
        ),
        ("phone", &["Nach fünf {} anrufen.", "Mobil: {}."]),
        ("id", &["Akte {} ist zu.", "Vorgang {}, siehe dort."]),
        ("date", &["Geboren am {}.", "Geburtsdatum {}."]),
        ("account", &["Spesen an {}.", "Konto {}, wie bisher."]),
    ],
];

/// A sentence with something that tells who somebody is.
pub(super) fn sentence(language: usize, who: Who<'_>, draws: &mut Draws) -> (String, Planted) {
    let (kind, frames, text) = if draws.chance(1, 2) {
        ("name", NAMED[language], name(language, who, draws))
    } else {
        let (kind, frames) = OTHERS[language][draws.below(6) as usize];
        (kind, frames, other(kind, who, draws))
    };
    let sentence = one(frames, draws).replace("{}", &text);
    (sentence, Planted { kind, text })
}

/// The coachee's name, or the coach's, in one of its forms.
fn name(language: usize, who: Who<'_>, draws: &mut Draws) -> String {
    let whole = if draws.chance(2, 3) {
        who.person
    } else {
        who.coach
    };
    let (first, last) = whole.split_once(' ').unwrap_or((whole, whole));
    match draws.below(8) {
        0 | 1 => whole.to_owned(),
        2 | 3 => first.to_owned(),
        4 => format!("{last}, {first}"),
        5 => format!("{}. {last}", first.chars().next().unwrap_or('X')),
        6 => format!("{} {last}", ["Ms", "Frau"][language]),
        _ => whole.to_lowercase(),
    }
}

/// Something of a kind.
fn other(kind: &str, who: Who<'_>, draws: &mut Draws) -> String {
    let plain: String = who.person.to_lowercase();
    let plain: String = plain.chars().filter(char::is_ascii_alphabetic).collect();
    let digits = |count: usize, draws: &mut Draws| -> String {
        let digit = |_| char::from(b'0' + draws.below(10) as u8);
        (0..count).map(digit).collect()
    };
    let (day, month) = (1 + draws.below(28), 1 + draws.below(12));
    let year = 1950 + draws.below(50);
    let form = draws.below(4);
    let mut d = |count| digits(count, draws);
    match (kind, form) {
        ("mail", 0) => format!("{plain}@example.com"),
        ("mail", 1) => format!("{plain}.{}@mail.example.org", d(2)),
        ("mail", 2) => format!("{}@firma.example.de", plain.to_uppercase()),
        ("mail", _) => format!("@{plain}{}", d(2)),
        ("url", 0) => format!("https://intranet.example.com/people?id={}", d(4)),
        ("url", 1) => format!("www.{plain}.example"),
        ("url", 2) => format!("{plain}.com/about"),
        ("url", _) => format!("{plain}.de"),
        ("phone", 0) => format!("+49 17{} {}", d(1), d(7)),
        ("phone", 1) => format!("0171/{}", d(7)),
        ("phone", 2) => format!("(555) {}-{}", d(3), d(4)),
        ("phone", _) => format!("030 {} {} {} {}", d(2), d(2), d(2), d(2)),
        ("id", 0) => who.id.to_owned(),
        ("id", 1) => format!("EMP-1{}", d(4)),
        ("id", 2) => format!("8{}1", d(6)),
        ("id", _) => format!("{}a{}-4b1c-4d2e-8f3a-{}", d(4), d(3), d(12)),
        ("date", 0) => format!("{day}.{month}.{year}"),
        ("date", 1) => format!("{year}-{month:02}-{day:02}"),
        ("date", 2) => format!("{day} May {year}"),
        ("date", _) => format!("{day}. März {year}"),
        ("account", 0 | 1) => {
            format!("DE{} {} {} {} {} {}", d(2), d(4), d(4), d(4), d(4), d(2))
        }
        ("account", 2) => format!("GB{}NWBK{}", d(2), d(14)),
        (_, _) => format!("4{} {} {} {}", d(3), d(4), d(4), d(4)),
    }
}
