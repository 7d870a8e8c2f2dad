//! Telephone numbers: groups of digits that add up to 7 to 15, as numbers are
//! written from abroad, from within, and in North America.

use std::ops::{Range, RangeInclusive};

use super::ending;
use super::number::{Group, Here, are_sized};

/// Digits of a number (E.164 has at most 15).
const DIGITS: RangeInclusive<u32> = 7..=15;

/// How far before its first digit a number may begin, in bytes.
const NEAR: usize = 8;

/// Sizes of groups as North America writes them, or mistypes them.
const AMERICAN: [&[u32]; 5] = [&[3, 3, 4], &[1, 3, 3, 4], &[6, 4], &[3, 7], &[1, 10]];

pub(super) fn at(here: &Here<'_>) -> Option<Range<usize>> {
    let before = here.before(NEAR);
    // "q1-000123" is an id.
    if before.ends_with(char::is_alphabetic) {
        return None;
    }
    let around = ending(before, |c| matches!(c, ' ' | '(' | '+' | '＋'));
    let plus = around.rfind(['+', '＋']);
    let start = match plus {
        Some(at) => here.first().range.start - around.len() + at,
        None => here.first().range.start - usize::from(around.ends_with('(')),
    };
    let mut digits = 0;
    let joined = (0..here.groups.len()).take_while(|&group| {
        digits += here.groups[group].size;
        digits <= *DIGITS.end() && here.gap(group).is_none_or(joins)
    });
    let count = joined.count();
    let is_one = |count: &usize| is_phone(here, *count, plus.is_some());
    let count = (1..=count).rev().find(is_one)?;
    Some(start..here.groups[count - 1].range.end)
}

/// Whether what stands between groups may stand within a number.
fn joins(gap: &str) -> bool {
    let is = |c: char| is_space(c) || matches!(c, '-' | '‐' | '–' | '.' | '/' | '(' | ')');
    gap.len() <= 6
        && gap.chars().filter(|c| !is_space(*c)).count() <= 2
        && gap.chars().all(is)
        // A sentence may end so.
        && !gap.contains(". ")
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\n' | '\r')
}

/// Whether the first groups, so many, are a number.
fn is_phone(here: &Here<'_>, count: usize, plus: bool) -> bool {
    let groups = &here.groups[..count];
    let digits: u32 = groups.iter().map(|group| group.size).sum();
    if !DIGITS.contains(&digits) || here.is_fraction() {
        return false;
    }
    if plus {
        return true;
    }
    if is_amount(here, groups) || groups.iter().all(Group::is_year) {
        return false;
    }
    let has_long = |groups: &[Group]| groups.iter().any(|group| group.size > 2);
    if groups[0].zero {
        // "09.30-10.45" are hours.
        return has_long(groups) || digits > 8;
    }
    let is_american = AMERICAN.iter().any(|sizes| are_sized(groups, sizes));
    is_american || count > 1 && has_long(groups) && !is_spaced(here, count)
}

/// Whether spaces part some of the groups.
fn is_spaced(here: &Here<'_>, count: usize) -> bool {
    let mut gaps = (1..count).filter_map(|group| here.gap(group));
    gaps.any(|gap| gap.contains(is_space))
}

/// 1.500.000, 0.12345678, 1234567.50, 50000-60000.
fn is_amount(here: &Here<'_>, groups: &[Group]) -> bool {
    let [first, rest @ ..] = groups else {
        return false;
    };
    let all_gaps = |gap: &str| (1..groups.len()).all(|group| here.gap(group) == Some(gap));
    let thousands = !first.zero && first.size <= 3 && rest.iter().all(|group| group.size == 3);
    let whole = first.value == 0 || !first.zero && first.size <= 2;
    let decimal = rest.len() == 1 && all_gaps(".") && (whole || rest[0].size <= 2);
    let round = |group: &Group| !group.zero && group.value.is_multiple_of(100);
    !rest.is_empty()
        && (thousands && (all_gaps(".") || all_gaps(" ")) || decimal || groups.iter().all(round))
}
