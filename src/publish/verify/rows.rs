//! The claims of each row: k, order, intervals, status.

use std::collections::HashMap;

use arrow::array::{
    Array, Date32Array, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray,
};

use super::super::manifest::v1;
use super::content::Units;
use super::{Finding, note};
use crate::insight::Estimate;
use crate::insight::share::{self, Status};

/// What the rows of one release must agree with.
pub(super) struct Release<'a> {
    pub(super) period: &'a str,
    /// First and last day, since 1970-01-01.
    pub(super) days: Option<(i32, i32)>,
    pub(super) k: u32,
    /// With the noise, where one release is verified.
    pub(super) manifest: Option<&'a v1::Release>,
}

/// The columns of a table of facts.
struct Columns<'a> {
    release_id: &'a StringArray,
    period: &'a StringArray,
    start: &'a Date32Array,
    end: &'a Date32Array,
    unit: &'a StringArray,
    unit_label: &'a StringArray,
    level: &'a Int32Array,
    dimensions: Vec<&'a StringArray>,
    cohort: &'a Int64Array,
    cohort_range: [&'a Float64Array; 2],
    n: &'a Int64Array,
    n_range: [&'a Float64Array; 2],
    share: [&'a Float64Array; 3],
    status: &'a StringArray,
}

impl<'a> Columns<'a> {
    fn of(batch: &'a RecordBatch, dimensions: &[String]) -> Option<Self> {
        fn get<'a, T: 'static>(batch: &'a RecordBatch, name: &str) -> Option<&'a T> {
            batch.column_by_name(name)?.as_any().downcast_ref()
        }
        Some(Self {
            release_id: get(batch, "release_id")?,
            period: get(batch, "period")?,
            start: get(batch, "period_start")?,
            end: get(batch, "period_end")?,
            unit: get(batch, "org_unit")?,
            unit_label: get(batch, "org_unit_label")?,
            level: get(batch, "org_level")?,
            dimensions: dimensions
                .iter()
                .map(|name| get(batch, name))
                .collect::<Option<_>>()?,
            cohort: get(batch, "cohort")?,
            cohort_range: [get(batch, "cohort_low")?, get(batch, "cohort_high")?],
            n: get(batch, "n")?,
            n_range: [get(batch, "n_low")?, get(batch, "n_high")?],
            share: [
                get(batch, "share")?,
                get(batch, "share_low")?,
                get(batch, "share_high")?,
            ],
            status: get(batch, "status")?,
        })
    }

    /// What rows are unique by, and in what order they come.
    fn key(&self, row: usize) -> (i32, i32, &'a str, Vec<&'a str>) {
        let ids = self
            .dimensions
            .iter()
            .map(|column| column.value(row))
            .collect();
        (
            self.start.value(row),
            self.level.value(row),
            self.unit.value(row),
            ids,
        )
    }

    /// n and share with their intervals; `None` unless all six are given.
    fn shown(&self, row: usize) -> Option<(i64, Estimate, Estimate)> {
        let [n_low, n_high] = self.n_range;
        let [share, share_low, share_high] = self.share;
        let get = |column: &Float64Array| (!column.is_null(row)).then(|| column.value(row));
        let n = (!self.n.is_null(row)).then(|| self.n.value(row))?;
        let count = Estimate {
            value: n as f64,
            low: get(n_low)?,
            high: get(n_high)?,
        };
        let share = Estimate {
            value: get(share)?,
            low: get(share_low)?,
            high: get(share_high)?,
        };
        Some((n, count, share))
    }

    fn nothing_shown(&self, row: usize) -> bool {
        let floats = self.n_range.iter().chain(&self.share);
        self.n.is_null(row) && floats.copied().all(|column| column.is_null(row))
    }
}

/// Verifies every row of one table of facts.
pub(super) fn verify(
    table: &v1::Table,
    batch: &RecordBatch,
    releases: &HashMap<String, Release<'_>>,
    units: &Units,
    findings: &mut Vec<Finding>,
) {
    let Some(columns) = Columns::of(batch, &table.measure.dimensions) else {
        return note(
            findings,
            &table.file,
            "has other columns than docs/tables.md says",
        );
    };
    for row in 0..batch.num_rows() {
        // Rows are counted from 1, as people do.
        let mut wrong =
            |text: &str| note(findings, &table.file, format!("row {}: {text}", row + 1));
        if row > 0 && columns.key(row - 1) >= columns.key(row) {
            wrong("is not sorted by key, or its key comes twice");
        }
        let known = units
            .get(columns.unit.value(row))
            .is_some_and(|(label, level)| {
                // A unit may move or be renamed between periods; where several are
                // together, dim_org_unit has its newest place and label.
                let one_release = table.parameters.is_some();
                !one_release
                    || (*level == columns.level.value(row)
                        && label == columns.unit_label.value(row))
            });
        if !known {
            wrong("its org_unit is not in dim_org_unit, or with another level or label");
        }
        match releases.get(columns.release_id.value(row)) {
            None => wrong("belongs to no listed release"),
            Some(release) => verify_row(table, &columns, row, release, &mut wrong),
        }
    }
}

fn verify_row(
    table: &v1::Table,
    columns: &Columns<'_>,
    row: usize,
    release: &Release<'_>,
    wrong: &mut impl FnMut(&str),
) {
    let days = (columns.start.value(row), columns.end.value(row));
    if columns.period.value(row) != release.period || Some(days) != release.days {
        wrong("its period is not that of its release");
    }
    let k = f64::from(release.k.max(1));
    let cohort = columns.cohort.value(row);
    let [low, high] = columns.cohort_range.map(|column| column.value(row));
    if (cohort as f64) < k || low < k {
        wrong("its cohort is below k");
    }
    if !(Estimate {
        value: cohort as f64,
        low,
        high,
    })
    .holds(cohort as f64)
    {
        wrong("its cohort is outside its interval");
    }
    let stated = columns.status.value(row);
    let Some(status) = Status::ALL
        .into_iter()
        .find(|status| status.text() == stated)
    else {
        return wrong("its status is unknown");
    };
    let shown = columns.shown(row);
    if (status == Status::Ok) != shown.is_some() || shown.is_none() != columns.nothing_shown(row) {
        return wrong("its status does not fit what is shown");
    }
    if let Some((n, count, share)) = shown {
        if (n as f64) < k {
            wrong("its n is below k");
        }
        if !count.holds(count.value) || count.low < 0.0 {
            wrong("its n is outside its interval");
        }
        if !share.holds(share.value) || share.low < 0.0 || share.high > 1.0 {
            wrong("its share is outside its interval, or the interval outside 0 to 1");
        }
    }
    if let Some((sigma_count, sigma_size)) = sigmas(table, columns.level.value(row), release) {
        verify_noise(cohort, status, shown, sigma_count, sigma_size, wrong);
    }
}

/// σ of the counts and of the sizes at a level, where the manifest has them.
fn sigmas(table: &v1::Table, level: i32, release: &Release<'_>) -> Option<(f64, f64)> {
    let level = u32::try_from(level).ok()?;
    let counts = table
        .parameters
        .as_ref()?
        .levels
        .iter()
        .find(|l| l.level == level)?;
    let kinds = &release.manifest?.cohorts;
    let kind = kinds
        .iter()
        .find(|kind| kind.name == table.measure.cohort)?;
    let sizes = kind.levels.iter().find(|l| l.level == level)?;
    Some((counts.sigma, sizes.size_sigma))
}

/// Shares, intervals and uncertainty follow from n, cohort and the stated σ.
fn verify_noise(
    cohort: i64,
    status: Status,
    shown: Option<(i64, Estimate, Estimate)>,
    sigma_count: f64,
    sigma_size: f64,
    wrong: &mut impl FnMut(&str),
) {
    let uncertain = share::is_too_uncertain(sigma_count, sigma_size, cohort);
    if uncertain != (status == Status::TooUncertain) {
        wrong("its status does not follow from its size and the stated noise");
    }
    if let Some((n, count, share)) = shown {
        let measured = share::measure(n, sigma_count, cohort, sigma_size);
        if !near(count, measured.count) || !near(share, measured.share) {
            wrong("its share or intervals do not follow from n, cohort and the stated noise");
        }
    }
}

/// Equal but for the last digits, which a manifest's text may lose.
fn near(a: Estimate, b: Estimate) -> bool {
    let close = |a: f64, b: f64| (a - b).abs() <= 1e-9 * (1.0 + a.abs());
    close(a.value, b.value) && close(a.low, b.low) && close(a.high, b.high)
}
