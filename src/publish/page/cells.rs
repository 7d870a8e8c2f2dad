//! The cells of a column, as numbers of a block.

use arrow::array::{Array, Date32Array, Float64Array, Int64Array};
use arrow::datatypes::{DataType, Field};

use super::codec::{varint, zigzag};
use super::{PageError, Read};

/// Rows of the file, in the order of a block.
pub(super) struct Rows {
    rows: Vec<u32>,
    /// By place: the first whose interval may foretell this one's.
    since: Vec<usize>,
    /// Whether there are so many that what says little is left out.
    pub(super) brief: bool,
}

/// So many places before a place are looked at, if they are of its unit and period.
const NEAR: usize = 64;

/// From so many rows of a level on it is brief.
pub(super) const BRIEF: usize = 100_000;

impl Rows {
    /// Rows whose first two keys are the unit and the period.
    pub(super) fn new(rows: Vec<u32>, key: &[&[u32]], brief: usize) -> Self {
        let of = |place: usize| [0, 1].map(|at| key[at][rows[place] as usize]);
        let mut first = 0;
        let since = (0..rows.len()).map(|place| {
            if of(place) != of(first) {
                first = place;
            }
            first.max(place.saturating_sub(NEAR))
        });
        Self {
            since: since.collect(),
            brief: rows.len() >= brief,
            rows,
        }
    }

    /// How many.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }
}

/// Which cells of a column a brief level keeps.
#[derive(Clone, Copy)]
pub(super) enum Kept<'a> {
    /// All.
    All,
    /// None: others tell as much, or little is lost.
    None,
    /// Those whose interval leaves out a number.
    Apart {
        /// The interval.
        ends: [Scaled<'a>; 2],
        /// The number, as the interval is counted.
        from: f64,
    },
}

impl Kept<'_> {
    fn keeps(&self, row: usize) -> bool {
        match self {
            Self::All => true,
            Self::None => false,
            Self::Apart { ends, from } => match ends.map(|end| end.at(row)) {
                [Some(low), Some(high)] => low > *from || high < *from,
                _ => false,
            },
        }
    }
}

/// A column's cells, by row of the file.
pub(super) enum Cells<'a> {
    /// Which word.
    Words(Vec<u32>),
    /// A number or day.
    Number(Scaled<'a>),
    /// How far below its number the lower end is.
    Low(Interval<'a>),
    /// How far above it the upper end is.
    High(Interval<'a>),
}

impl Cells<'_> {
    /// Appends the cells of some rows.
    pub(super) fn pack(&self, rows: &Rows, kept: Kept<'_>, into: &mut Vec<u8>) {
        let here = |row: &u32| !rows.brief || kept.keeps(*row as usize);
        let signed = |value: Option<i64>| value.map_or(0, |value| zigzag(value) + 1);
        match self {
            Self::Words(codes) => {
                for row in &rows.rows {
                    varint(codes[*row as usize].into(), into);
                }
            }
            Self::Number(number) => {
                for row in &rows.rows {
                    let value = here(row).then(|| number.nearest(*row as usize));
                    varint(signed(value.flatten()), into);
                }
            }
            Self::Low(interval) => interval.pack(rows, here, |gaps| gaps.below, into),
            Self::High(interval) => interval.pack(rows, here, |gaps| gaps.above, into),
        }
    }
}

/// A number with both ends of its interval.
#[derive(Clone, Copy)]
pub(super) struct Interval<'a> {
    pub(super) number: Scaled<'a>,
    pub(super) low: Scaled<'a>,
    pub(super) high: Scaled<'a>,
}

/// How far the ends are from their number.
#[derive(Clone, Copy)]
struct Gaps {
    number: i64,
    below: i64,
    above: i64,
}

impl Interval<'_> {
    fn gaps(&self, row: usize) -> Option<Gaps> {
        let number = self.number.nearest(row)?;
        Some(Gaps {
            number,
            below: number - self.low.below(row)?,
            above: self.high.above(row)? - number,
        })
    }

    /// Appends a gap of each row, less that of the nearest number before it of the
    /// same unit and period: alike numbers have alike intervals.
    fn pack(
        &self,
        rows: &Rows,
        here: impl Fn(&u32) -> bool,
        gap: impl Fn(&Gaps) -> i64,
        into: &mut Vec<u8>,
    ) {
        let mut before: Vec<Option<Gaps>> = Vec::with_capacity(rows.rows.len());
        for (row, since) in rows.rows.iter().zip(&rows.since) {
            let own = here(row).then(|| self.gaps(*row as usize)).flatten();
            let code = own.map_or(0, |own| {
                let near = before[*since..].iter().flatten();
                let near = near.min_by_key(|other| other.number.abs_diff(own.number));
                zigzag(gap(&own) - near.map_or(0, &gap)) + 1
            });
            varint(code, into);
            before.push(own);
        }
    }
}

/// Numbers of a column, counted in units of their last digit.
#[derive(Clone, Copy)]
pub(super) struct Scaled<'a> {
    numbers: Numbers<'a>,
    pub(super) scale: f64,
}

#[derive(Clone, Copy)]
enum Numbers<'a> {
    Whole(&'a Int64Array),
    Real(&'a Float64Array),
    Day(&'a Date32Array),
}

/// An end may lie so far within a unit without being moved outwards by one.
const SLACK: f64 = 1e-6;

/// What the browser's numbers hold exactly.
const MOST: f64 = 9_007_199_254_740_992.0;

impl<'a> Scaled<'a> {
    pub(super) fn new(read: &'a Read, field: &Field, digits: u32) -> Result<Self, PageError> {
        let name = field.name();
        let numbers = match field.data_type() {
            DataType::Int64 => Numbers::Whole(read.column(name)?),
            DataType::Date32 => Numbers::Day(read.column(name)?),
            _ => Numbers::Real(read.column(name)?),
        };
        if let Numbers::Real(column) = numbers
            && !column.iter().flatten().all(f64::is_finite)
        {
            return Err(read.wrong(name, "holds a value that is not a finite number"));
        }
        Ok(Self {
            numbers,
            scale: 10_f64.powi(digits as i32),
        })
    }

    /// Those of another column, counted alike.
    pub(super) fn like(self, read: &'a Read, field: &Field) -> Result<Self, PageError> {
        let scale = self.scale;
        Self::new(read, field, 0).map(|other| Self { scale, ..other })
    }

    pub(super) fn at(self, row: usize) -> Option<f64> {
        let value = match self.numbers {
            Numbers::Whole(column) => column.is_valid(row).then(|| column.value(row) as f64),
            Numbers::Real(column) => column.is_valid(row).then(|| column.value(row)),
            Numbers::Day(column) => column.is_valid(row).then(|| f64::from(column.value(row))),
        };
        value.map(|value| (value * self.scale).clamp(-MOST, MOST))
    }

    fn nearest(self, row: usize) -> Option<i64> {
        self.at(row).map(|value| value.round() as i64)
    }

    fn below(self, row: usize) -> Option<i64> {
        self.at(row).map(|value| (value + SLACK).floor() as i64)
    }

    fn above(self, row: usize) -> Option<i64> {
        self.at(row).map(|value| (value - SLACK).ceil() as i64)
    }

    pub(super) fn is_day(self) -> bool {
        matches!(self.numbers, Numbers::Day(_))
    }
}
