//! What earlier releases published, as far as a release compares with it: read
//! back from the bytes that the ledger has committed, so it is public already.

use std::collections::HashSet;

use arrow::array::{Array, Float64Array, Int64Array, RecordBatch, StringArray};
use lodestar_privacy::public::{Past, StatisticKind, Table};
use lodestar_privacy::{Public, Released};

use super::centre::centre;
use super::current::{CurrentError, Part, newest};
use super::manifest::{v1, vectors};
use super::noise::{self, Noises, SIZE};
use crate::insight::figure::figure_around;
use crate::insight::{Estimate, Size};

/// The numbers of earlier spans that the tables of a release compare with: of
/// each period's newest revision.
///
/// # Errors
/// A committed release that can't be read.
pub fn past(all: &[Released], public: &Public) -> Result<Vec<Past>, CurrentError> {
    let compared: Vec<(&Table, HashSet<&str>)> = public
        .tables
        .iter()
        .map(|table| (table, compared(table)))
        .filter(|(_, statistics)| !statistics.is_empty())
        .collect();
    if compared.is_empty() {
        return Ok(Vec::new());
    }
    let parts = all.iter().map(|released| Part::read(released.into()));
    let (parts, _) = newest(parts.collect::<Result<_, _>>()?);
    let earlier = parts
        .iter()
        .filter(|part| part.manifest.period_end < public.period.start);
    let mut found = Vec::new();
    for part in earlier {
        for (table, statistics) in &compared {
            let published = part.manifest.tables.iter();
            let mut published = published.filter(|one| one.name == table.name);
            if let Some(published) = published.next() {
                let batch = part.batch(&published.file)?;
                let noises = Noises::new(&noise::of(part)?);
                let same = |name: &&&str| {
                    let now = table.statistics.iter().find(|one| one.name == **name);
                    let then = part.manifest.definitions.iter();
                    let mut then = then.filter(|one| one.measure == table.name);
                    let then = then.find(|one| one.statistic == **name);
                    now.zip(then)
                        .is_some_and(|(now, then)| now.definition == then.definition)
                };
                // What is defined otherwise is not compared.
                for name in statistics.iter().filter(same) {
                    let read = read(&part.manifest, published, &batch, &noises, name);
                    found.extend(read.unwrap_or_default());
                }
            }
        }
    }
    Ok(found)
}

/// The statistics whose earlier values a table compares with, by name.
fn compared(table: &Table) -> HashSet<&str> {
    let of = |kind: &StatisticKind| -> Option<String> {
        match kind {
            StatisticKind::Rise { before, .. }
            | StatisticKind::Pace { before, .. }
            | StatisticKind::ReachedBy { before, .. } => Some(before.clone()),
            _ => None,
        }
    };
    let asked: HashSet<String> = table
        .statistics
        .iter()
        .filter_map(|statistic| of(&statistic.kind))
        .collect();
    let names = table.statistics.iter().map(|one| one.name.as_str());
    names.filter(|name| asked.contains(*name)).collect()
}

/// The shares of one statistic, row by row, before the fit moved them; `None` if
/// the table has none, or the manifest does not say how it was measured. Where both
/// ends of an interval are cut off, there is none.
fn read(
    manifest: &v1::Release,
    table: &v1::Table,
    batch: &RecordBatch,
    noises: &Noises,
    name: &str,
) -> Option<Vec<Past>> {
    let parameters = table.parameters.as_ref()?;
    let mut vectors = manifest.vectors.iter();
    let vector = vectors.find(|vector| vector.name == parameters.vector)?;
    let (block, statistics) = vectors::stated(vector, parameters)?;
    let mut statistics = statistics.into_iter().flatten();
    let statistic = statistics.find(|one| one.name == name)?;
    let StatisticKind::Share { of } = statistic.kind else {
        return None;
    };
    let factor = f64::from(block.coordinates.get(of)?.factor);
    let mut kinds = manifest.cohorts.iter();
    let kind = kinds.find(|kind| kind.name == vector.cohort)?;
    let units: &StringArray = column(batch, "org_unit")?;
    let cohorts: &Int64Array = column(batch, "cohort")?;
    let values: &Float64Array = column(batch, name)?;
    let low: &Float64Array = column(batch, &format!("{name}_low"))?;
    let high: &Float64Array = column(batch, &format!("{name}_high"))?;
    let dimensions = table.measure.dimensions.iter();
    let dimensions: Vec<&StringArray> = dimensions
        .map(|dimension| column(batch, dimension))
        .collect::<Option<_>>()?;
    let row = |row: usize| {
        let unit = units.value(row);
        let ids: Vec<&str> = dimensions.iter().map(|ids| ids.value(row)).collect();
        let whom = noises.whom(&kind.name, unit, &ids)?;
        let (sigma, sigma_size) = (noises.of(&whom, &vector.name)?, noises.of(&whom, SIZE)?);
        if values.is_null(row) {
            return None;
        }
        let size = Size::new(cohorts.value(row), sigma_size, manifest.privacy.k);
        let around = |middle: f64| {
            let figure =
                figure_around(&statistic, &block, middle, sigma, &size, manifest.privacy.k);
            figure.map(|figure| figure.unmasked)
        };
        let shown = Estimate {
            value: values.value(row),
            low: low.value(row),
            high: high.value(row),
        };
        Some(Past {
            table: table.name.clone(),
            end: kind.period_end.clone(),
            unit: unit.to_owned(),
            ids: ids.iter().map(|id| (*id).to_owned()).collect(),
            statistic: name.to_owned(),
            // The fit has moved what is shown.
            value: centre(shown, (0.0, 1.0), around)?,
            sigma: sigma / factor,
            people: cohorts.value(row),
            sigma_size,
        })
    };
    Some((0..batch.num_rows()).filter_map(row).collect())
}

pub(super) fn column<'a, T: 'static>(batch: &'a RecordBatch, name: &str) -> Option<&'a T> {
    batch.column_by_name(name)?.as_any().downcast_ref()
}
