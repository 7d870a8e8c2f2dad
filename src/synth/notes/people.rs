//! What people and coaches are called.

/// First names: one in ten is a word, too.
const FIRST: [&str; 40] = [
    "Anna",
    "Jörg",
    "María",
    "Tom",
    "Zoë",
    "Peter",
    "Ingrid",
    "Omar",
    "Li",
    "Hope",
    "Lukas",
    "Beatrice",
    "Søren",
    "Aisha",
    "Jean-Luc",
    "Katharina",
    "Will",
    "Tove",
    "Ömer",
    "Nadia",
    "Frederik",
    "Chiara",
    "Mark",
    "Eszter",
    "Pavel",
    "Yuki",
    "Anne-Marie",
    "Diego",
    "Svetlana",
    "Rose",
    "Björn",
    "Fatima",
    "Liam",
    "Noémie",
    "Gustav",
    "Priya",
    "Olga",
    "Henrik",
    "Malin",
    "Ruben",
];

/// Last names: one in ten is a word, too.
const LAST: [&str; 41] = [
    "Schmidt",
    "O'Brien",
    "van der Berg",
    "García",
    "Kowalski",
    "Jensen",
    "Müller",
    "Okafor",
    "Baker",
    "Lindqvist",
    "Haddad",
    "Nakamura",
    "Rossi",
    "Dubois",
    "Koch",
    "Petrov",
    "Svensson",
    "Özdemir",
    "de Vries",
    "Fischer-Lang",
    "Novák",
    "Andersson",
    "Klein",
    "Fernández",
    "Becker",
    "Hughes",
    "Costa",
    "Weiß",
    "Popescu",
    "Nguyen",
    "Sommer",
    "Ivanova",
    "Murphy",
    "Larsen",
    "Hofmann",
    "Silva",
    "Castillo",
    "Kaya",
    "Meyer",
    "Walsh",
    "von Arnim",
];

/// A person's, by index.
pub(in crate::synth) fn person_name(index: usize) -> String {
    name(index)
}

/// A coach's, by number.
pub(super) fn coach_name(number: u32) -> String {
    name(7 + 11 * number as usize)
}

/// 40 and 41 have no divisor in common, so 1,640 names follow on each other.
fn name(index: usize) -> String {
    format!(
        "{} {}",
        FIRST[index % FIRST.len()],
        LAST[index % LAST.len()]
    )
}
