//! The cells of a column, as numbers of a block.

use arrow::array::{Array, Date32Array, Float64Array, Int64Array};
use arrow::datatypes::{DataType, Field};

use super::codec::{varint, zigzag};
use super::{PageError, Read};

/// Rows of the file, in the order of a block.
pub(super) struct Rows {
    /// By place.
    of_file: Vec<u32>,
    /// By place: whether it is the first of its unit and period.
    first: Vec<bool>,
    /// Whether there are so many that what says little is left out.
    pub(super) brief: bool,
}

/// From so many rows of a level on it is brief.
pub(super) const BRIEF: usize = 100_000;

impl Rows {
    /// Rows whose first two keys are the unit and the period.
    pub(super) fn new(rows: Vec<u32>, key: &[&[u32]], brief: usize) -> Self {
        let of = |row: u32| [0, 1].map(|at| key[at][row as usize]);
        let first = (0..rows.len()).map(|at| at == 0 || of(rows[at]) != of(rows[at - 1]));
        Self {
            first: first.collect(),
            brief: rows.len() >= brief,
            of_file: rows,
        }
    }

    /// How many.
    pub(super) fn len(&self) -> usize {
        self.of_file.len()
    }

    /// Their places in the file.
    pub(super) fn of_file(&self) -> impl Iterator<Item = usize> {
        self.of_file.iter().map(|row| *row as usize)
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
    /// Whether it keeps the cell of a row of the file.
    pub(super) fn keeps(&self, row: usize) -> bool {
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
    /// How wide it is, less the widest before of the same unit and period: all that
    /// hit no bound are alike.
    High(Interval<'a>),
}

impl Cells<'_> {
    /// Whether a row of the file has a word, number or end here.
    pub(super) fn is_given(&self, row: usize) -> bool {
        match self {
            Self::Words(codes) => codes[row] > 0,
            Self::Number(number) => number.at(row).is_some(),
            Self::Low(interval) | Self::High(interval) => interval.ends(row).is_some(),
        }
    }

    /// Appends the cells of some rows.
    pub(super) fn pack(&self, rows: &Rows, kept: Kept<'_>, into: &mut Vec<u8>) {
        let here = |row: &u32| !rows.brief || kept.keeps(*row as usize);
        let signed = |value: Option<i64>| value.map_or(0, |value| zigzag(value) + 1);
        match self {
            Self::Words(codes) => {
                for row in &rows.of_file {
                    let code = if here(row) { codes[*row as usize] } else { 0 };
                    varint(code.into(), into);
                }
            }
            Self::Number(number) => {
                for row in &rows.of_file {
                    let value = here(row).then(|| number.nearest(*row as usize));
                    varint(signed(value.flatten()), into);
                }
            }
            Self::Low(interval) => {
                for row in &rows.of_file {
                    let ends = here(row).then(|| interval.ends(*row as usize));
                    varint(signed(ends.flatten().map(|(below, _)| below)), into);
                }
            }
            Self::High(interval) => {
                let mut widest = None;
                for (row, first) in rows.of_file.iter().zip(&rows.first) {
                    widest = widest.filter(|_| !first);
                    let ends = here(row).then(|| interval.ends(*row as usize));
                    let code = ends.flatten().map(|(below, width)| {
                        let foretold = widest.unwrap_or(2 * below);
                        widest = widest.max(Some(width));
                        width - foretold
                    });
                    varint(signed(code), into);
                }
            }
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

impl Interval<'_> {
    /// How far the lower end is below the number, and how wide it is.
    fn ends(&self, row: usize) -> Option<(i64, i64)> {
        let (low, high) = (self.low.below(row)?, self.high.above(row)?);
        Some((self.number.nearest(row)? - low, high - low))
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
