//! Accounts: IBANs, and numbers of cards. Check digits are not asked for: one that is
//! mistyped tells as much.

use std::ops::Range;

use super::beginning;
use super::number::{Group, Here, are_sized};

/// Letters and digits of an IBAN.
const LENGTHS: std::ops::RangeInclusive<usize> = 15..=34;

pub(super) fn at(here: &Here<'_>) -> Option<Range<usize>> {
    iban(here).or_else(|| card(here))
}

/// Two letters, two digits, and letters and digits, in a row or in fours.
fn iban(here: &Here<'_>) -> Option<Range<usize>> {
    let before = here.before(6);
    let country = before.len().checked_sub(2)?;
    let letters = before.get(country..)?;
    if !letters.bytes().all(|byte| byte.is_ascii_alphabetic())
        || before[..country].ends_with(char::is_alphanumeric)
        || here.first().size < 2
    {
        return None;
    }
    let start = here.first().range.start - 2;
    let (mut end, mut length, mut digits) = (start, 0, 0);
    loop {
        let part = beginning(here.from(end), |c| c.is_ascii_alphanumeric());
        let of_part = part.bytes().filter(u8::is_ascii_digit).count();
        let is_part = end == start
            || (1..=4).contains(&part.len())
                && (of_part > 0 || part.len() == 4 && part.bytes().all(|b| b.is_ascii_uppercase()));
        if !is_part || length + part.len() > *LENGTHS.end() {
            break;
        }
        end += part.len();
        length += part.len();
        digits += of_part;
        let after = here.from(end);
        let space = beginning(after, |c| matches!(c, ' ' | '\n' | '-'));
        let goes_on = part.len() == 4 && space.chars().count() == 1;
        let next = after[space.len()..].starts_with(|c: char| c.is_ascii_alphanumeric());
        if !goes_on || !next {
            break;
        }
        end += space.len();
    }
    let is_one = LENGTHS.contains(&length) && digits >= 8;
    let end = start
        + here.from(start)[..end - start]
            .trim_end_matches(|c: char| !c.is_ascii_alphanumeric())
            .len();
    is_one.then_some(start..end)
}

/// 4, 4, 4 and 4 digits, or 4, 6 and 5.
fn card(here: &Here<'_>) -> Option<Range<usize>> {
    if here.before(4).ends_with(char::is_alphabetic) {
        return None;
    }
    let is_between = |gap: Option<&str>| matches!(gap, Some(" " | "\n" | "-"));
    let shaped = |sizes: &[u32]| {
        let groups = here.groups.get(..sizes.len())?;
        let is_one = are_sized(groups, sizes)
            && (1..sizes.len()).all(|group| is_between(here.gap(group)))
            && !groups.iter().all(Group::is_year);
        is_one.then(|| groups[0].range.start..groups[sizes.len() - 1].range.end)
    };
    shaped(&[4, 4, 4, 4]).or_else(|| shaped(&[4, 6, 5]))
}
