//! Which cohorts earlier releases published: read back from the bytes that the
//! ledger has committed, so it is public already.

use std::collections::HashMap;

use arrow::array::{Int64Array, RecordBatch, StringArray};
use lodestar_privacy::levels::Whom;
use lodestar_privacy::noisy::{Group, Value};
use lodestar_privacy::{Public, Released};

use super::current::{CurrentError, Part, newest};
use super::dims::unit_text;
use super::manifest::v1;
use super::noise::{self, Noise, Noises, SIZE, compared};
use super::past::column;
use crate::insight::value_label;

/// The cohorts of a family, as the newest release that has any published them.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// The release's period.
    pub period: String,
    /// By level: T, which a cohort's noisy count of outsiders, less k − 1, had to
    /// exceed.
    pub thresholds: Vec<i64>,
    /// In order of their levels.
    cohorts: Vec<Noise>,
    /// The size of those that have rows.
    people: HashMap<noise::Whom, i64>,
}

/// What was published of every family of cohorts, by name: of the newest release
/// that has it.
///
/// # Errors
/// A committed release that can't be read.
pub fn shown(all: &[Released]) -> Result<HashMap<String, Shown>, CurrentError> {
    let parts = all.iter().map(|released| Part::read(released.into()));
    let mut families = HashMap::new();
    for part in newest(parts.collect::<Result<_, _>>()?).0 {
        let mut mine: HashMap<String, Shown> = HashMap::new();
        let mut rows = noise::of(&part)?;
        rows.sort_by_key(|row| row.level);
        let noises = Noises::new(&rows);
        for row in rows.into_iter().filter(|row| row.measured == SIZE) {
            let family = mine.entry(row.cohorts.clone()).or_insert_with(|| Shown {
                period: part.manifest.period.clone(),
                thresholds: thresholds(&part.manifest, &row.cohorts),
                cohorts: Vec::new(),
                people: HashMap::new(),
            });
            family.cohorts.push(row);
        }
        for table in &part.manifest.tables {
            let batch = part.batch(&table.file)?;
            for (whom, people) in people(&part.manifest, table, &batch, &noises).unwrap_or_default()
            {
                if let Some(family) = mine.get_mut(&whom.0) {
                    family.people.insert(whom, people);
                }
            }
        }
        families.extend(mine);
    }
    Ok(families)
}

fn thresholds(manifest: &v1::Release, family: &str) -> Vec<i64> {
    let mut kinds = manifest.cohorts.iter();
    let kind = kinds.find(|kind| kind.name == family);
    let levels = kind.into_iter().flat_map(|kind| &kind.levels);
    levels.map(|level| level.selection_threshold).collect()
}

/// The sizes of the cohorts of a table's rows; `None`: the manifest does not say
/// whose they are.
fn people(
    manifest: &v1::Release,
    table: &v1::Table,
    batch: &RecordBatch,
    noises: &Noises,
) -> Option<Vec<(noise::Whom, i64)>> {
    let parameters = table.parameters.as_ref()?;
    let mut vectors = manifest.vectors.iter();
    let vector = vectors.find(|vector| vector.name == parameters.vector)?;
    let units: &StringArray = column(batch, "org_unit")?;
    let sizes: &Int64Array = column(batch, "cohort")?;
    let dimensions = table.measure.dimensions.iter();
    let dimensions: Vec<&StringArray> = dimensions
        .map(|dimension| column(batch, dimension))
        .collect::<Option<_>>()?;
    let row = |row: usize| {
        let ids: Vec<&str> = dimensions.iter().map(|ids| ids.value(row)).collect();
        let whom = noises.whom(&vector.cohort, units.value(row), &ids)?;
        Some((whom, sizes.value(row)))
    };
    Some((0..batch.num_rows()).filter_map(row).collect())
}

impl Shown {
    /// Those that are still declared, in order of their levels, and how many people
    /// they had; `None`: it has no rows.
    pub fn of(&self, public: &Public, kind: usize) -> Vec<(Whom, Option<i64>)> {
        let (declared, tree) = (&public.kinds[kind], public.tree(kind));
        let codes = 0..tree.units().len();
        let groups = codes.flat_map(|code| [Group::Unit(code), Group::Others(code)]);
        let groups = groups.filter_map(|group| Some((unit_text(tree, group)?.id, group)));
        let groups: HashMap<String, Group> = groups.collect();
        let values = declared.dimensions.iter().map(|dimension| {
            let each = (0..dimension.values.len()).map(Value::One);
            let all = [Value::All, Value::Other].into_iter().chain(each);
            all.map(|value| (value_label(value, dimension).id, value))
                .collect()
        });
        let values: Vec<HashMap<String, Value>> = values.collect();
        let keys = declared.keys.labels.iter().zip(0..).map(|(labels, key)| {
            let ids = labels.iter().map(|label| label.id.clone());
            // Those with whom others are compared have the same ids.
            ((ids.collect(), compared(public, kind, key)), key)
        });
        let keys: HashMap<(Vec<String>, String), usize> = keys.collect();
        let whom = |cohort: &Noise| {
            let (of_values, of_key) = cohort.within.split_at_checked(values.len())?;
            let of_values = of_values.iter().zip(&values);
            let people = cohort.compared.is_empty().then(|| cohort.whom());
            let people = people.and_then(|whom| self.people.get(&whom).copied());
            let whom = Whom {
                level: cohort.level,
                group: *groups.get(&cohort.unit)?,
                key: *keys.get(&(of_key.to_vec(), cohort.compared.clone()))?,
                values: of_values
                    .map(|(id, known)| known.get(id).copied())
                    .collect::<Option<_>>()?,
            };
            Some((whom, people))
        };
        let known = self
            .cohorts
            .iter()
            .filter(|cohort| cohort.level < declared.levels);
        known.filter_map(whom).collect()
    }
}
