//! The columns of a table of facts, as the page has them.

use arrow::array::StringArray;
use arrow::datatypes::{DataType, Field};
use serde::Serialize;

use super::super::manifest::v1;
use super::cells::{Cells, Interval, Kept, Scaled};
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

impl Column {
    /// As in the table.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The word that a cell's code stands for, where it has one.
    pub(super) fn word(&self, code: u32) -> Option<&str> {
        let place = (code as usize).checked_sub(1)?;
        self.words.as_ref()?.get(place).map(String::as_str)
    }
}

/// The columns of a table, in the file's order, with what rows are sorted by.
pub(super) struct Columns<'a> {
    pub(super) all: Vec<(Column, Cells<'a>)>,
    /// What brief levels keep of each.
    pub(super) kept: Vec<Kept<'a>>,
    /// Unit, period, dimensions: places among [`Self::all`].
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
        let kept = (0..columns.len()).map(|at| of.kept(&columns, at)).collect();
        Ok(Self {
            all: columns,
            kept,
            key,
        })
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

    /// The kind of a statistic.
    fn kind(&self, name: &str) -> Option<&str> {
        let mut statistics = self.measure.statistics.iter();
        let statistic = statistics.find(|statistic| statistic.name == name);
        statistic.map(|statistic| statistic.kind.as_str())
    }

    fn digits(&self, name: &str) -> u32 {
        let other = name.strip_prefix("cohort_");
        let is_other = other.is_some_and(|other| self.measure.others.iter().any(|o| o == other));
        match self.kind(name) {
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
                let end = |field| number.like(self.read, field);
                let upper = format!("{}_high", middle.name);
                let schema = self.read.batch().schema();
                let upper = schema
                    .field_with_name(&upper)
                    .map_err(|_| self.read.wrong(&upper, MISSING))?;
                let (low, high) = (end(field)?, end(upper)?);
                let there = |row| [low, high].map(|end| end.at(row).is_some());
                self.rows(name, |row| match there(row) {
                    [true, true] => number.at(row).is_some(),
                    [low, high] => low == high,
                })?;
                let number = *number;
                ("low", Cells::Low(Interval { number, low, high }))
            }
            [.., (middle, _), (_, Cells::Low(interval))]
                if name.strip_suffix("_high") == Some(middle.name.as_str()) =>
            {
                ("high", Cells::High(*interval))
            }
            _ => return Ok(None),
        };
        Ok(Some((named(name, kind, None, None), cells)))
    }

    /// What brief levels keep of a column. Counts go with shares, and what compares says
    /// little where its interval holds "no difference": then it goes, with the trend
    /// that is read off it and why it is not given.
    fn kept(&self, columns: &[(Column, Cells<'a>)], at: usize) -> Kept<'a> {
        let (name, interval) = match &columns[at..] {
            [(column, Cells::Number(_)), (_, Cells::Low(interval)), ..] => {
                (column.name.as_str(), Some(interval))
            }
            [(column, Cells::Number(_)), ..] => (column.name.as_str(), None),
            [(column, Cells::Low(interval) | Cells::High(interval)), ..] => {
                let name = column.name.as_str();
                let number = name.strip_suffix("_low").or(name.strip_suffix("_high"));
                (number.unwrap_or(name), Some(interval))
            }
            [(column, Cells::Words(_)), ..] => {
                let of = column.name.strip_suffix("_status");
                if self.kind(&column.name) == Some("trend") {
                    let rise = |(column, _): &(Column, _)| self.kind(&column.name) == Some("rise");
                    let rise = columns.iter().position(rise);
                    return rise.map_or(Kept::All, |rise| self.kept(columns, rise));
                }
                let little = of.is_some_and(|name| self.labels.says_little(self.table, name));
                return if little { Kept::None } else { Kept::All };
            }
            [] => return Kept::All,
        };
        let kind = self.kind(name);
        let has_share = || self.measure.statistics.iter().any(|s| s.kind == "share");
        match (kind, interval) {
            (Some("log_odds"), None) => Kept::None,
            (Some("count"), _) if has_share() => Kept::None,
            (_, Some(interval)) if self.labels.is_comparative(self.table, name) => Kept::Apart {
                ends: [interval.low, interval.high],
                from: if kind == Some("lift") {
                    interval.number.scale
                } else {
                    0.0
                },
            },
            _ => Kept::All,
        }
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
