//! What the tables of labels say of the tables of facts.

use std::collections::{HashMap, HashSet};

use arrow::array::Float64Array;

use super::{MISSING, PageError, Read, texts};

/// Order, labels and units.
pub(super) struct Labels<'a> {
    /// The tables of facts, in order.
    pub(super) tables: Vec<&'a str>,
    /// Places of periods, by time.
    pub(super) periods: HashMap<&'a str, u32>,
    /// Places and labels of org units, from the root down.
    pub(super) units: HashMap<&'a str, (u32, &'a str)>,
    /// Units of statistics, by table and column.
    measured: HashMap<(&'a str, &'a str), &'a str>,
    /// Statistics that compare, by table and column.
    comparative: HashSet<(&'a str, &'a str)>,
    /// Statistics without an interval: words and log-odds.
    bare: HashSet<(&'a str, &'a str)>,
    /// How far apart a metric's values are at most.
    widths: HashMap<&'a str, f64>,
}

impl<'a> Labels<'a> {
    /// From the tables of labels.
    pub(super) fn read(dimensions: &'a [Read]) -> Result<Self, PageError> {
        let table = |name: &str| {
            let file = format!("{name}.parquet");
            let read = dimensions.iter().find(|read| read.file == file);
            read.ok_or(PageError::Missing(file))
        };
        let measures = table("dim_measure")?;
        let mut tables = texts(measures, "measure")?;
        let statistics = texts(measures, "statistic")?;
        let of = texts(measures, "unit")?;
        let intervals = texts(measures, "interval")?;
        let named = || tables.iter().copied().zip(statistics.iter().copied());
        let measured = named().zip(of).collect();
        let with = |start: &str| {
            let of = named().zip(&intervals);
            let of = of.filter(|(_, interval)| interval.starts_with(start));
            of.map(|(name, _)| name).collect()
        };
        let (comparative, bare) = (with("comparative"), with("none"));
        tables.sort_unstable();
        tables.dedup();
        if !tables.iter().all(|name| is_plain(name)) {
            return Err(measures.wrong("measure", "holds what is no name of a table"));
        }
        let periods = texts(table("dim_period")?, "period")?;
        let org = table("dim_org_unit")?;
        let units = texts(org, "org_unit")?.into_iter();
        let units = units.zip((0..).zip(texts(org, "label")?));
        Ok(Self {
            tables,
            periods: periods.into_iter().zip(0..).collect(),
            units: units.collect(),
            measured,
            comparative,
            bare,
            widths: widths(table("dim_metric")?)?,
        })
    }

    /// How many digits after the point a statistic is shown with; `metrics`: those
    /// that its table has, where it has any.
    pub(super) fn digits(&self, table: &str, column: &str, metrics: Option<&[String]>) -> u32 {
        match self.measured.get(&(table, column)) {
            Some(&"people") => 0,
            Some(&"minutes") => 1,
            Some(&("sessions" | "currency" | "standard deviations" | "times")) => 2,
            Some(&"the metric's") => self.digits_of(metrics),
            _ => 3,
        }
    }

    /// Whether a statistic compares: cohorts, or times.
    pub(super) fn is_comparative(&self, table: &str, column: &str) -> bool {
        self.comparative.contains(&(table, column))
    }

    /// Whether it compares, or has no interval.
    pub(super) fn says_little(&self, table: &str, column: &str) -> bool {
        self.is_comparative(table, column) || self.bare.contains(&(table, column))
    }

    /// So many that each metric has a thousand steps or more.
    fn digits_of(&self, metrics: Option<&[String]>) -> u32 {
        let widths = self.widths.iter().filter(|(metric, _)| {
            metrics.is_none_or(|metrics| metrics.iter().any(|mine| mine == *metric))
        });
        let least = widths
            .map(|(_, width)| *width)
            .fold(f64::INFINITY, f64::min);
        if least.is_infinite() {
            return 3;
        }
        let enough = |digits: &u32| least * 10_f64.powi(*digits as i32) >= 1000.0;
        (0..MOST_DIGITS).find(enough).unwrap_or(MOST_DIGITS)
    }
}

/// Most digits after the point, of a metric with hardly any width.
const MOST_DIGITS: u32 = 9;

fn widths(metrics: &Read) -> Result<HashMap<&str, f64>, PageError> {
    let (low, high): (&Float64Array, &Float64Array) =
        (metrics.column("clip_low")?, metrics.column("clip_high")?);
    let widths = low.iter().zip(high).map(|(low, high)| Some(high? - low?));
    let widths: Option<Vec<f64>> = widths.collect();
    let widths = widths.ok_or_else(|| metrics.wrong("clip_low", MISSING))?;
    Ok(texts(metrics, "metric")?.into_iter().zip(widths).collect())
}

/// Whether it may stand in an attribute as it is.
fn is_plain(name: &str) -> bool {
    let plain = |byte: u8| byte == b'_' || byte.is_ascii_lowercase() || byte.is_ascii_digit();
    !name.is_empty() && name.bytes().all(plain)
}
