//! Cells → values. Whatever cannot be parsed is a fault of its row.

use std::collections::HashMap;

use lodestar_privacy::public::Label;

use super::batch::{Batch, Cell, Field, Texts};
use super::dates::{self, DAY};
use super::report::{Fault, Reason};
use crate::config::Mapping;

/// Longest id, in bytes.
const LONGEST_ID: usize = 256;

/// Days: 0001-01-01, 9999-12-31, and 1900-01-01.
const FIRST: i64 = -719_162;
const LAST: i64 = 2_932_896;
const EARLIEST: i32 = -25_567;

/// One row of a batch, read by index of the fields.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    pub(super) batch: &'a Batch,
    pub(super) fields: &'a [Field],
    /// Its position in the batch.
    pub(super) at: usize,
}

impl<'a> Row<'a> {
    /// The cell, or its default.
    pub(super) fn cell(&self, field: usize) -> Cell<'a> {
        match self.own(field) {
            Cell::Missing => self.default(field),
            cell => cell,
        }
    }

    /// The cell as the file has it: it is in the file's units.
    pub(super) fn own(&self, field: usize) -> Cell<'a> {
        self.batch.cell(self.fields, field, self.at)
    }

    /// Whether the file has the column, or it has a default.
    pub(super) fn is_said(&self, field: usize) -> bool {
        self.batch.has(field) || self.fields[field].default.is_some()
    }

    /// What a cell says: of texts that are numbered, each is read once.
    pub(super) fn once<T: Copy>(
        &self,
        field: usize,
        memo: &mut Memo<T>,
        read: impl FnOnce() -> T,
    ) -> T {
        let known = self.batch.code(field, self.at);
        match known.and_then(|code| memo.known.get_mut(code)) {
            Some(known) => *known.get_or_insert_with(read),
            None => read(),
        }
    }

    fn default(&self, field: usize) -> Cell<'a> {
        let default = self.fields[field].default.as_deref();
        default.map_or(Cell::Missing, Cell::Text)
    }

    /// How the column is read.
    fn mapping(&self, field: usize) -> &'a Mapping {
        &self.fields[field].mapping
    }

    /// An opaque id or name; `None`: missing.
    pub(super) fn text(&self, field: usize) -> Result<Option<&'a str>, Fault> {
        let can_be = |text: &str| self.mapping(field).hash || is_id(text);
        if let Some(text) = self.batch.text(self.fields, field, self.at)
            && can_be(text)
        {
            return Ok(Some(text));
        }
        match self.cell(field) {
            Cell::Text(text) if can_be(text) => Ok(Some(text)),
            Cell::Missing => Ok(None),
            _ => Err(Fault::at(field, Reason::Id)),
        }
    }

    /// An opaque id or name.
    pub(super) fn id(&self, field: usize) -> Result<&'a str, Fault> {
        self.text(field)?
            .ok_or_else(|| Fault::at(field, Reason::Missing))
    }

    /// Microseconds since 1970-01-01, UTC, within the years 1 to 9999.
    pub(super) fn moment(&self, field: usize) -> Result<Option<i64>, Fault> {
        let wrong = || Fault::at(field, Reason::Date);
        let mapping = self.mapping(field);
        let plain = self.batch.moment(self.fields, field, self.at);
        if let (Some(moment), None) = (plain, mapping.origin_date) {
            return in_time(moment, field).map(Some);
        }
        let own = self.own(field);
        let moment = match (own, mapping.origin_date) {
            (Cell::Missing, _) => match self.default(field) {
                Cell::Text(text) => {
                    dates::moment(text, mapping.format.as_deref()).ok_or_else(wrong)?
                }
                _ => return Ok(None),
            },
            (_, Some(origin)) => {
                let days = number(own).filter(|days| days.fract() == 0.0);
                let days = days.ok_or_else(wrong)?;
                i64::from(dates::day_of(origin))
                    .saturating_add(days as i64)
                    .saturating_mul(DAY)
            }
            (Cell::Moment(moment), None) => moment,
            (Cell::Text(text), None) => {
                dates::moment(text, mapping.format.as_deref()).ok_or_else(wrong)?
            }
            _ => return Err(wrong()),
        };
        in_time(moment, field).map(Some)
    }

    /// Days since 1970-01-01, UTC.
    pub(super) fn day(&self, field: usize) -> Result<Option<i32>, Fault> {
        Ok(self
            .moment(field)?
            .map(|moment| moment.div_euclid(DAY) as i32))
    }

    /// The day of what happened: it must be there, and from 1900 on.
    pub(super) fn event_day(&self, field: usize) -> Result<i32, Fault> {
        let day = self.day(field)?;
        let day = day.ok_or_else(|| Fault::at(field, Reason::Missing))?;
        if day >= EARLIEST {
            Ok(day)
        } else {
            Err(Fault::at(field, Reason::Range))
        }
    }

    /// First and last day; open ends are the ends of `i32`.
    pub(super) fn validity(&self, from: usize, to: usize) -> Result<(i32, i32), Fault> {
        let first = self.day(from)?.unwrap_or(i32::MIN);
        let last = self.day(to)?.unwrap_or(i32::MAX);
        if first <= last {
            Ok((first, last))
        } else {
            Err(Fault::at(to, Reason::Range))
        }
    }

    /// A finite number; `None`: missing.
    pub(super) fn number(&self, field: usize) -> Result<Option<f64>, Fault> {
        let scaled = |number: f64| number * self.mapping(field).scale;
        let found = match self.batch.numeral(self.fields, field, self.at) {
            Some(plain) => Some(scaled(plain)),
            None => match self.own(field) {
                Cell::Missing => match self.default(field) {
                    Cell::Missing => return Ok(None),
                    default => number(default),
                },
                own => number(own).map(scaled),
            },
        };
        let sound = |number: &f64| flaw!(not_a_number: true; number.is_finite());
        match found.filter(sound) {
            Some(number) => Ok(Some(number)),
            None if has_comma(self.own(field)) => Err(Fault::at(field, Reason::Comma)),
            None => Err(Fault::at(field, Reason::Number)),
        }
    }

    /// The code of the declared value that the cell names.
    pub(super) fn code(&self, field: usize, codes: &HashMap<&str, u16>) -> Result<u16, Fault> {
        let code = self.code_if_given(field, codes)?;
        code.ok_or_else(|| Fault::at(field, Reason::Missing))
    }

    /// The same; `None`: missing.
    pub(super) fn code_if_given(
        &self,
        field: usize,
        codes: &HashMap<&str, u16>,
    ) -> Result<Option<u16>, Fault> {
        let Some(id) = self.text(field)? else {
            return Ok(None);
        };
        let code = codes.get(id).copied().map(Some);
        code.ok_or_else(|| Fault::at(field, Reason::Undeclared))
    }

    /// One of the fixed values; missing is `None`.
    pub(super) fn choice<T: Copy>(
        &self,
        field: usize,
        choices: &[(&str, T)],
    ) -> Result<Option<T>, Fault> {
        let found = match self.cell(field) {
            Cell::Missing => return Ok(None),
            Cell::Text(text) => choices.iter().find(|(name, _)| *name == text),
            _ => None,
        };
        found
            .map(|(_, value)| Some(*value))
            .ok_or_else(|| Fault::at(field, Reason::Value))
    }

    /// A number of at least 0 and at most `most`, in 1/100.
    pub(super) fn hundredths(&self, field: usize, most: f64) -> Result<Option<u32>, Fault> {
        match self.number(field)? {
            None => Ok(None),
            Some(number) if (0.0..=most).contains(&number) => {
                Ok(Some((number * 100.0).round() as u32))
            }
            Some(_) => Err(Fault::at(field, Reason::Range)),
        }
    }
}

/// What the numbered texts of a column say.
pub(super) struct Memo<T> {
    /// Which texts.
    texts: Option<Texts>,
    known: Vec<Option<T>>,
}

impl<T: Copy> Memo<T> {
    pub(super) fn new() -> Self {
        Self {
            texts: None,
            known: Vec::new(),
        }
    }

    /// For a column of a batch: what is known is forgotten unless it is of the
    /// same texts, as in the batches of one row group.
    pub(super) fn begin(&mut self, batch: &Batch, field: usize) {
        let texts = batch.texts(field);
        let same = self.texts.as_ref().zip(texts).is_some_and(|(a, b)| a.is(b));
        if !same {
            self.known.clear();
            self.known.resize(texts.map_or(0, Texts::len), None);
            self.texts = texts.cloned();
        }
    }
}

/// Codes of declared values by id: their places.
pub(super) fn codes<'a>(labels: impl IntoIterator<Item = &'a Label>) -> HashMap<&'a str, u16> {
    let ids = labels.into_iter().map(|label| label.id.as_str());
    ids.zip(0..).collect()
}

/// Whether a text can be an id as it is.
fn is_id(text: &str) -> bool {
    // Without a way out of the loop several bytes are looked at in one step.
    let plain = |so_far: bool, byte: &u8| so_far & (b' '..0x7f).contains(byte);
    text.len() <= LONGEST_ID
        && (text.as_bytes().iter().fold(true, plain) || !text.contains(char::is_control))
}

/// A moment within the years 1 to 9999.
fn in_time(moment: i64, field: usize) -> Result<i64, Fault> {
    if (FIRST..=LAST).contains(&moment.div_euclid(DAY)) {
        Ok(moment)
    } else {
        Err(Fault::at(field, Reason::Range))
    }
}

/// The number that a cell says; it may be none that is finite.
fn number(cell: Cell<'_>) -> Option<f64> {
    match cell {
        Cell::Number(number) => Some(number),
        // Digits only: Rust also reads words, such as `inf`.
        Cell::Text(text) => {
            let of_number = |byte| b"0123456789+-.eE".contains(&byte);
            let plain = flaw!(not_a_number: true; text.bytes().all(of_number));
            plain.then(|| text.parse().ok()).flatten()
        }
        _ => None,
    }
}

/// Whether a cell would be a number, but for a comma: a decimal one, or one that
/// separates thousands.
fn has_comma(cell: Cell<'_>) -> bool {
    let Cell::Text(text) = cell else {
        return false;
    };
    let digits = text.trim_start_matches(['+', '-']);
    let fits = |byte: u8| byte.is_ascii_digit() || matches!(byte, b',' | b'.');
    digits.contains(',') && digits.bytes().all(fits) && digits.starts_with(|c: char| c != ',')
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        let day = |year, month, day| dates::day_of(date(year, month, day));
        assert_eq!(FIRST, i64::from(day(1, 1, 1)));
        assert_eq!(LAST, i64::from(day(9999, 12, 31)));
        assert_eq!(EARLIEST, day(1900, 1, 1));
    }
}
