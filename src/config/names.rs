//! Names that are close to each other, and names that are reserved.

use super::reader::Field;

/// Published rows over all values, and over those that were withheld.
const RESERVED: [&str; 2] = ["(all)", "(other)"];

/// What to say where `name` is none of `options`: the one that was probably
/// meant, else all of them.
pub(super) fn expected<'a>(name: &str, options: impl Iterator<Item = &'a str> + Clone) -> String {
    match closest(name, options.clone()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => one_of(options),
    }
}

/// All options, as what was expected.
pub(super) fn one_of<'a>(options: impl Iterator<Item = &'a str>) -> String {
    let options: Vec<String> = options.map(|option| format!("`{option}`")).collect();
    match options.as_slice() {
        [] => "none is declared".to_owned(),
        [only] => format!("expected {only}"),
        _ => format!("expected one of {}", options.join(", ")),
    }
}

/// The option that `name` was probably meant to be: at most a third of its
/// letters differ.
fn closest<'a>(name: &str, options: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase();
    let most = (name.chars().count() / 3).max(1);
    options
        .map(|option| (strsim::osa_distance(&name, &option.to_lowercase()), option))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, option)| option)
}

/// Longest id, in bytes; no longer one is read from input either.
const LONGEST_ID: usize = 256;

/// An id that people choose: one line, not reserved.
pub(super) fn id<'a>(field: &Field<'a>) -> Option<&'a str> {
    let id = field.line("expected an id")?;
    if RESERVED.contains(&id) {
        field.refuse(format!("`{id}` is reserved"), "expected another id");
        return None;
    }
    if id.len() > LONGEST_ID {
        let message = format!("`{}` is too long", field.name());
        field.refuse(message, format!("expected at most {LONGEST_ID} bytes"));
        return None;
    }
    Some(id)
}

/// What a column or table may be called.
pub(super) const COLUMN: &str =
    "expected a name of its own, of a to z, 0 to 9 and _, a letter first, at most 64 bytes";

/// Longest name of a column, in bytes.
const LONGEST_COLUMN: usize = 64;

/// Columns that every published table has.
const COMMON: [&str; 9] = [
    "release_id",
    "period",
    "period_start",
    "period_end",
    "org_unit",
    "org_level",
    "cohort",
    "theme",
    "status",
];

/// How further columns are made of others.
const ENDINGS: [&str; 4] = ["_label", "_low", "_high", "_status"];

/// Whether it is a plain name.
pub(super) fn is_column(name: &str) -> bool {
    let plain = |byte: u8| byte == b'_' || byte.is_ascii_lowercase() || byte.is_ascii_digit();
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.len() <= LONGEST_COLUMN
        && name.bytes().all(plain)
}

/// Whether published tables have, or may have, such a column already.
pub(super) fn is_taken(name: &str) -> bool {
    COMMON.contains(&name) || ENDINGS.iter().any(|ending| name.ends_with(ending))
}
