//! Numbers in a note, and what stands between them: accounts, dates, telephones and
//! ids are told by how digits are grouped.

use std::ops::Range;

use super::left::Span;
use super::{Kind, MARK, account, date, ending, id, phone};
use crate::eight;

/// Where the digits of the writing systems begin that notes may be in: as in ASCII,
/// Arabic, Persian, and those of India, Thailand and Laos; full-width ones are no more.
const ZEROS: [char; 13] = [
    '0', '٠', '۰', '०', '০', '੦', '૦', '௦', '౦', '೦', '൦', '๐', '໐',
];

/// What the other digits begin with in UTF-8.
const BEGINS: [u8; 3] = [0xd9, 0xdb, 0xe0];

/// Digits that stand together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) range: Range<usize>,
    /// How many digits.
    pub(super) size: u32,
    /// At most `u32::MAX`.
    pub(super) value: u32,
    /// Whether it begins with 0.
    pub(super) zero: bool,
}

impl Group {
    /// Whether it reads as a year.
    pub(super) fn is_year(&self) -> bool {
        self.size == 4 && (1900..=2100).contains(&self.value)
    }
}

/// Whether groups are of these sizes.
pub(super) fn are_sized(groups: &[Group], sizes: &[u32]) -> bool {
    let own = groups.iter().map(|group| group.size);
    own.eq(sizes.iter().copied())
}

/// The groups of a note: memory that is used again.
#[derive(Default)]
pub(super) struct Numbers {
    groups: Vec<Group>,
}

/// A note's groups, looked at from one of them on.
#[derive(Clone, Copy)]
pub(super) struct Here<'a> {
    text: &'a str,
    /// From the one that is looked at on.
    pub(super) groups: &'a [Group],
    /// Nothing before it is looked at.
    floor: usize,
}

impl Numbers {
    pub(super) fn find(&mut self, text: &str, spans: &mut Vec<Span>) {
        self.groups.clear();
        read(text, &mut self.groups);
        let (mut at, mut floor) = (0, 0);
        while at < self.groups.len() {
            let here = Here {
                text,
                groups: &self.groups[at..],
                floor,
            };
            at += 1;
            if let Some(span) = here.span() {
                floor = span.range.end;
                let passed = self.groups[at..].iter();
                at += passed.take_while(|group| group.range.start < floor).count();
                spans.push(span);
            }
        }
    }
}

fn read(text: &str, groups: &mut Vec<Group>) {
    // Most notes have none.
    if !eight::any(text, |byte| byte.is_ascii_digit() || BEGINS.contains(&byte)) {
        return;
    }
    for (at, c) in text.char_indices() {
        let Some(digit) = digit(c) else { continue };
        let end = at + c.len_utf8();
        match groups.last_mut() {
            Some(group) if group.range.end == at => {
                group.range.end = end;
                group.size += 1;
                group.value = group.value.saturating_mul(10).saturating_add(digit);
            }
            _ => groups.push(Group {
                range: at..end,
                size: 1,
                value: digit,
                zero: digit == 0,
            }),
        }
    }
}

fn digit(c: char) -> Option<u32> {
    if c.is_ascii() {
        return c.to_digit(10);
    }
    let mut digits = ZEROS[1..].iter();
    digits.find_map(|zero| {
        let above = (c as u32).checked_sub(*zero as u32)?;
        (above < 10).then_some(above)
    })
}

#[cfg(test)]
#[test]
fn what_digits_begin_with_is_known() {
    for zero in &ZEROS[1..] {
        for above in 0..10 {
            let digit = char::from_u32(*zero as u32 + above).expect("a digit");
            let mut bytes = [0; 4];
            digit.encode_utf8(&mut bytes);
            assert!(BEGINS.contains(&bytes[0]), "{digit}");
        }
    }
}

impl<'a> Here<'a> {
    /// What begins with the first group, if anything does.
    fn span(&self) -> Option<Span> {
        let of = |range: Option<Range<usize>>, kind| {
            Some(Span {
                range: range?,
                kind,
            })
        };
        of(account::at(self), Kind::Account)
            .or_else(|| of(date::at(self), Kind::Date))
            .or_else(|| of(phone::at(self), Kind::Phone))
            .or_else(|| of(id::at(self), Kind::Id))
    }

    /// The first group.
    pub(super) fn first(&self) -> &'a Group {
        &self.groups[0]
    }

    /// What stands before the first group, at most so many bytes, and nothing before
    /// what was taken out.
    pub(super) fn before(&self, bytes: usize) -> &'a str {
        let before = &self.text[self.floor..self.first().range.start];
        let near = before.ceil_char_boundary(before.len().saturating_sub(bytes));
        ending(&before[near..], |c| c != MARK)
    }

    /// All that stands from a place on.
    pub(super) fn from(&self, place: usize) -> &'a str {
        &self.text[place..]
    }

    /// What stands between a group and the one before it; the first has none.
    pub(super) fn gap(&self, group: usize) -> Option<&'a str> {
        let (last, next) = (
            self.groups.get(group.checked_sub(1)?)?,
            self.groups.get(group)?,
        );
        Some(&self.text[last.range.end..next.range.start])
    }

    /// Whether the first group stands right after a digit and a point or comma.
    pub(super) fn is_fraction(&self) -> bool {
        let before = self.before(4);
        let mut last = before.chars().rev();
        matches!(last.next(), Some('.' | ',')) && last.next().and_then(digit).is_some()
    }

    /// The word that ends right where the first group begins, or before the space
    /// between.
    pub(super) fn word_before(&self) -> &'a str {
        let before = self.before(40).trim_end();
        ending(before, char::is_alphabetic)
    }
}
