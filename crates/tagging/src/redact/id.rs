//! Ids: long numbers, letters with a number, numbers that are said to be one, UUIDs
//! and the like.

use std::ops::Range;

use super::number::{Group, Here};
use super::{beginning, ending};

/// Longest id that is taken out whole, to either side of its digits.
const LONGEST: usize = 64;

/// Words that a number follows which is an id; and endings of such words.
const SAID: [&str; 3] = ["id", "nr", "no"];
const SAID_ENDINGS: [&str; 2] = ["nummer", "number"];

pub(super) fn at(here: &Here<'_>) -> Option<Range<usize>> {
    let token = token(here);
    let is_one = is_long(here)
        || is_lettered(here)
        || is_said(here)
        || is_random(here, token.clone())
        || is_uuid(&here.from(token.start)[..token.len()]);
    is_one.then_some(token)
}

/// Letters and digits around the first group, also where hyphens join them.
fn token(here: &Here<'_>) -> Range<usize> {
    let is_token = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    let Range { start, end } = here.first().range;
    let after = here.from(end);
    let after = &after[..after.floor_char_boundary(LONGEST)];
    let left = ending(here.before(LONGEST), is_token);
    let left = left.trim_start_matches(['-', '_']);
    let right = beginning(after, is_token).trim_end_matches(['-', '_']);
    start - left.len()..end + right.len()
}

/// Seven digits, or six that are no round number.
fn is_long(here: &Here<'_>) -> bool {
    let Group { size, value, .. } = *here.first();
    !here.is_fraction() && (size > 6 || size == 6 && !value.is_multiple_of(1000))
}

/// EMP-123, AB1234, p000123; but no year, so not FY2025.
fn is_lettered(here: &Here<'_>) -> bool {
    let number = here.first();
    let before = here.before(LONGEST);
    let joined = before.strip_suffix(['-', '_']);
    let letters = ending(joined.unwrap_or(before), char::is_alphabetic);
    let capitals = letters.chars().all(char::is_uppercase);
    let least = match (capitals, joined) {
        (true, Some(_)) if letters.chars().nth(1).is_some() => 3,
        _ => 4,
    };
    let count = letters.chars().count();
    (1..=8).contains(&count) && number.size >= least && !number.is_year()
}

/// `#4711`, `ID 4711`, `Personalnummer: 4711`, `no. 4711`.
fn is_said(here: &Here<'_>) -> bool {
    if here.first().size < 3 {
        return false;
    }
    let before = here.before(LONGEST);
    if before.ends_with('#') {
        return true;
    }
    let word = before.trim_end_matches([' ', ':', '.', '#', '=']);
    let between = &before[word.len()..];
    let word = ending(word, char::is_alphabetic).to_lowercase();
    let is_said = SAID.contains(&word.as_str()) && (word != "no" || between.starts_with('.'));
    !between.is_empty()
        && between.len() <= 4
        && !here.first().is_year()
        && (is_said || SAID_ENDINGS.iter().any(|end| word.ends_with(end)))
}

/// Letters and digits mixed, ten or more, four of them digits.
fn is_random(here: &Here<'_>, token: Range<usize>) -> bool {
    let start = here.first().range.start;
    let is_part = |c: char| c.is_ascii_alphanumeric();
    let left = ending(&here.from(token.start)[..start - token.start], is_part).len();
    let part = beginning(
        &here.from(start - left)[..token.end + left - start],
        is_part,
    );
    let digits = part.bytes().filter(u8::is_ascii_digit).count();
    part.len() >= 10 && (4..part.len()).contains(&digits)
}

/// 8, 4, 4, 4 and 12 digits of base 16.
fn is_uuid(token: &str) -> bool {
    let parts = token.split('-').map(str::len);
    parts.eq([8, 4, 4, 4, 12])
        && token
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}
