//! The columns of a table of facts, as the page has them.

use arrow::array::{Array, Date32Array, Float64Array, Int64Array, StringArray};
use arrow::datatypes::{DataType, Field};
use serde::Serialize;

use super::super::manifest::v1;
use super::codec::{varint, zigzag};
use super::labels::Labels;
use super::words::Words;
use super::{MISSING, PageError, Read};

/// What a column is, for whoever decodes it.
#[derive(Debug, Serialize)]
pub(super) struct Column {
    name: String,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    words: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    labels: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digits: Option<u32>,
}

/// A column's cells, by row of the file.
pub(super) enum Cells<'a> {
    /// Which word.
    Words(Vec<u32>),
    /// A number or day.
    Number(Scaled<'a>),
    /// How far below its number the lower end is.
    Low([Scaled<'a>; 2]),
    /// How much farther the upper end is above.
    High([Scaled<'a>; 3]),
}

impl Cells<'_> {
    /// Appends the cells of some rows.
    pub(super) fn pack(&self, rows: &[u32], into: &mut Vec<u8>) {
        let mut each = |cell: &dyn Fn(usize) -> u64| {
            for row in rows {
                varint(cell(*row as usize), into);
            }
        };
        let signed = |value: Option<i64>| value.map_or(0, |value| zigzag(value) + 1);
        match self {
            Self::Words(codes) => each(&|row| codes[row].into()),
            Self::Number(number) => each(&|row| signed(number.nearest(row))),
            Self::Low([number, low]) => {
                let below = |row| Some(number.nearest(row)? - low.below(row)?);
                each(&|row| signed(below(row)));
            }
            Self::High([number, low, high]) => {
                let wider = |row| {
                    let middle = number.nearest(row)?;
                    Some(high.above(row)? - middle - (middle - low.below(row)?))
                };
                each(&|row| signed(wider(row)));
            }
        }
    }
}

/// Numbers of a column, counted in units of their last digit.
#[derive(Clone, Copy)]
pub(super) struct Scaled<'a> {
    numbers: Numbers<'a>,
    scale: f64,
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
    fn new(read: &'a Read, field: &Field, digits: u32) -> Result<Self, PageError> {
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

    fn at(self, row: usize) -> Option<f64> {
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

    fn is_day(self) -> bool {
        matches!(self.numbers, Numbers::Day(_))
    }
}

/// The columns of a table, in the file's order, with what rows are sorted by.
pub(super) struct Columns<'a> {
    pub(super) columns: Vec<(Column, Cells<'a>)>,
    /// Unit, period, dimensions: places among [`Self::columns`].
    pub(super) key: Vec<usize>,
}

/// Columns that a page has no use for: they are told by others.
const LEFT_OUT: [&str; 5] = [
    "release_id",
    "period_start",
    "period_end",
    "org_unit_label",
    "org_level",
];

impl<'a> Columns<'a> {
    /// Of a table of facts.
    pub(super) fn new(
        read: &'a Read,
        table: &str,
        measure: &v1::Measure,
        labels: &Labels<'_>,
    ) -> Result<Self, PageError> {
        let periods = Words::new(read.column("period")?, |word| labels.periods.get(word))
            .ok_or_else(|| read.wrong("period", "holds a period that dim_period lacks"))?;
        let of = Of {
            read,
            table,
            measure,
            labels,
            ages: &periods.codes,
            metrics: measure
                .dimensions
                .iter()
                .any(|name| name == "metric")
                .then(|| {
                    read.column("metric")
                        .map(|column| Words::sorted(column).owned())
                })
                .transpose()?,
        };
        let mut columns: Vec<(Column, Cells<'a>)> = Vec::new();
        let schema = read.batch().schema();
        let dimension_label = |name: &str| {
            let dimension = name.strip_suffix("_label");
            dimension.is_some_and(|name| measure.dimensions.iter().any(|mine| mine == name))
        };
        for field in schema.fields() {
            let name = field.name().as_str();
            if LEFT_OUT.contains(&name) || dimension_label(name) {
                continue;
            }
            let column = match (of.end(&columns, field)?, field.data_type()) {
                (Some(end), _) => end,
                (None, DataType::Utf8) if name == "period" => {
                    let words = Some(periods.owned());
                    let cells = Cells::Words(periods.codes.clone());
                    (named(name, "word", words, None), cells)
                }
                (None, DataType::Utf8) => of.words(name)?,
                (None, DataType::Int64 | DataType::Float64 | DataType::Date32) => {
                    of.number(field)?
                }
                (None, _) => return Err(read.wrong(name, MISSING)),
            };
            columns.push(column);
        }
        let key = ["org_unit", "period"].into_iter();
        let key = key.chain(measure.dimensions.iter().map(String::as_str));
        let place = |name: &str| {
            let place = columns.iter().position(|(column, _)| column.name == name);
            place.ok_or_else(|| read.wrong(name, MISSING))
        };
        let key = key.map(place).collect::<Result<_, _>>()?;
        Ok(Self { columns, key })
    }
}

fn named(
    name: &str,
    kind: &'static str,
    words: Option<Vec<String>>,
    labels: Option<Vec<String>>,
) -> Column {
    Column {
        name: name.to_owned(),
        kind,
        words,
        labels,
        digits: None,
    }
}

/// What columns are made of.
struct Of<'a, 'b> {
    read: &'a Read,
    table: &'b str,
    measure: &'b v1::Measure,
    labels: &'b Labels<'b>,
    /// By row, its period's place in time.
    ages: &'b [u32],
    /// That the table has.
    metrics: Option<Vec<String>>,
}

impl<'a> Of<'a, '_> {
    /// A column of texts.
    fn words(&self, name: &str) -> Result<(Column, Cells<'a>), PageError> {
        let column: &StringArray = self.read.column(name)?;
        let (words, labels) = if name == "org_unit" {
            let units = &self.labels.units;
            let words = Words::new(column, |word| units.get(word).map(|(place, _)| *place));
            let words = words.ok_or_else(|| {
                self.read
                    .wrong(name, "holds a unit that dim_org_unit lacks")
            })?;
            let label = |word: &&str| units.get(word).map(|(_, label)| (*label).to_owned());
            let labels = words.words.iter().filter_map(label).collect();
            (words, Some(labels))
        } else {
            let words = Words::sorted(column);
            let is_dimension = self.measure.dimensions.iter().any(|mine| mine == name);
            let label = || self.read.column(&format!("{name}_label"));
            let label: Option<&StringArray> = is_dimension.then(label).transpose()?;
            let labels = label.map(|label| words.newest(label, self.ages));
            (words, labels)
        };
        let column = named(name, "word", Some(words.owned()), labels);
        Ok((column, Cells::Words(words.codes)))
    }

    /// A column of numbers or days.
    fn number(&self, field: &Field) -> Result<(Column, Cells<'a>), PageError> {
        let digits = if matches!(field.data_type(), DataType::Date32) {
            0
        } else {
            self.digits(field.name())
        };
        let numbers = Scaled::new(self.read, field, digits)?;
        let (kind, digits) = if numbers.is_day() {
            ("date", None)
        } else {
            ("number", Some(digits))
        };
        let column = Column {
            digits,
            ..named(field.name(), kind, None, None)
        };
        Ok((column, Cells::Number(numbers)))
    }

    fn digits(&self, name: &str) -> u32 {
        let other = name.strip_prefix("cohort_");
        let is_other = other.is_some_and(|other| self.measure.others.iter().any(|o| o == other));
        let mut statistics = self.measure.statistics.iter();
        let kind = statistics.find(|statistic| statistic.name == name);
        match kind.map(|statistic| statistic.kind.as_str()) {
            _ if name == "cohort" || is_other => 0,
            Some("log_odds") => 1,
            _ => self
                .labels
                .digits(self.table, name, self.metrics.as_deref()),
        }
    }

    /// An end of the interval of the columns before; `None`: it is no such column.
    fn end(
        &self,
        before: &[(Column, Cells<'a>)],
        field: &Field,
    ) -> Result<Option<(Column, Cells<'a>)>, PageError> {
        let name = field.name().as_str();
        let (kind, cells) = match before {
            [.., (middle, Cells::Number(number))]
                if name.strip_suffix("_low") == Some(middle.name.as_str()) =>
            {
                let low = Scaled {
                    scale: number.scale,
                    ..Scaled::new(self.read, field, 0)?
                };
                self.rows(name, |row| {
                    low.at(row).is_none() || number.at(row).is_some()
                })?;
                ("low", Cells::Low([*number, low]))
            }
            [.., (middle, _), (_, Cells::Low([number, low]))]
                if name.strip_suffix("_high") == Some(middle.name.as_str()) =>
            {
                let high = Scaled {
                    scale: number.scale,
                    ..Scaled::new(self.read, field, 0)?
                };
                self.rows(name, |row| high.at(row).is_some() == low.at(row).is_some())?;
                ("high", Cells::High([*number, *low, high]))
            }
            _ => return Ok(None),
        };
        Ok(Some((named(name, kind, None, None), cells)))
    }

    /// Refuses an interval without both ends, or without what it is of.
    fn rows(&self, name: &str, whole: impl Fn(usize) -> bool) -> Result<(), PageError> {
        if (0..self.read.batch().num_rows()).all(whole) {
            return Ok(());
        }
        Err(self
            .read
            .wrong(name, "has an end of an interval alone in some row"))
    }
}
