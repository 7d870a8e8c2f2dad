//! What was published, read back by another reader than the writer's.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use polars::prelude::{DataFrame, ParquetReader, SerReader as _};
use serde_json::Value;

/// A row of `theme_prevalence`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) period: String,
    pub(crate) unit: String,
    pub(crate) level: i32,
    pub(crate) competency: String,
    pub(crate) theme: String,
    pub(crate) cohort: i64,
    pub(crate) cohort_interval: (f64, f64),
    pub(crate) n: Option<i64>,
    pub(crate) n_interval: Option<(f64, f64)>,
    pub(crate) share: Option<f64>,
    pub(crate) share_interval: Option<(f64, f64)>,
    pub(crate) status: String,
}

fn frame(path: &Path) -> DataFrame {
    let file = File::open(path).unwrap();
    ParquetReader::new(file).finish().unwrap()
}

/// The rows of `theme_prevalence` in a folder of `releases`, or in `current`.
pub(crate) fn facts(folder: &Path) -> Vec<Row> {
    let frame = frame(&folder.join("theme_prevalence.parquet"));
    let texts = |name: &str| -> Vec<String> {
        let column = frame.column(name).unwrap();
        let texts = column.str().unwrap().iter();
        texts.map(|text| text.unwrap().to_owned()).collect()
    };
    let whole = |name: &str| -> Vec<Option<i64>> {
        frame.column(name).unwrap().i64().unwrap().iter().collect()
    };
    let real = |name: &str| -> Vec<Option<f64>> {
        frame.column(name).unwrap().f64().unwrap().iter().collect()
    };
    let levels: Vec<Option<i32>> = {
        let column = frame.column("org_level").unwrap();
        column.i32().unwrap().iter().collect()
    };
    let (periods, units) = (texts("period"), texts("org_unit"));
    let (competencies, themes) = (texts("competency"), texts("theme"));
    let (cohort, low, high) = (whole("cohort"), real("cohort_low"), real("cohort_high"));
    let (n, n_low, n_high) = (whole("n"), real("n_low"), real("n_high"));
    let (share, share_low, share_high) = (real("share"), real("share_low"), real("share_high"));
    let status = texts("status");
    let row = |at: usize| Row {
        period: periods[at].clone(),
        unit: units[at].clone(),
        level: levels[at].unwrap(),
        competency: competencies[at].clone(),
        theme: themes[at].clone(),
        cohort: cohort[at].unwrap(),
        cohort_interval: (low[at].unwrap(), high[at].unwrap()),
        n: n[at],
        n_interval: n_low[at].zip(n_high[at]),
        share: share[at],
        share_interval: share_low[at].zip(share_high[at]),
        status: status[at].clone(),
    };
    (0..frame.height()).map(row).collect()
}

/// Standard deviations by level: of a size, and of a count.
pub(crate) type Sigmas = BTreeMap<u64, (f64, f64)>;

/// A release's manifest.
pub(crate) fn manifest(release: &Path) -> Vec<u8> {
    std::fs::read(release.join("manifest.json")).unwrap()
}

/// A number that a manifest says about each level.
fn levels(levels: &Value, name: &str) -> Vec<(u64, f64)> {
    let levels = levels.as_array().unwrap().iter();
    let one = |level: &Value| {
        let number = level[name].as_f64().unwrap();
        (level["level"].as_u64().unwrap(), number)
    };
    levels.map(one).collect()
}

/// The thresholds of a release's selections, by level.
pub(crate) fn thresholds(manifest: &[u8]) -> Vec<i64> {
    let manifest: Value = serde_json::from_slice(manifest).unwrap();
    let levels = levels(&manifest["cohorts"][0]["levels"], "selection_threshold");
    levels
        .into_iter()
        .map(|(_, threshold)| threshold as i64)
        .collect()
}

/// Standard deviations, as a manifest states them.
pub(crate) fn sigmas(manifest: &[u8]) -> Sigmas {
    let manifest: Value = serde_json::from_slice(manifest).unwrap();
    let sizes = levels(&manifest["cohorts"][0]["levels"], "size_sigma");
    let counts = levels(&manifest["vectors"][0]["levels"], "sigma");
    let sizes: BTreeMap<u64, f64> = sizes.into_iter().collect();
    let counts = counts.into_iter();
    counts
        .map(|(level, sigma)| (level, (sizes[&level], sigma)))
        .collect()
}
