//! Which cohorts earlier releases published: read back from the bytes that the
//! ledger has committed, so it is public already.

use std::collections::HashMap;

use lodestar_privacy::levels::Whom;
use lodestar_privacy::noisy::{Group, Value};
use lodestar_privacy::{Public, Released};

use super::current::{CurrentError, Part, newest};
use super::dims::unit_text;
use super::noise::{self, Noise, SIZE, compared};
use crate::insight::value_label;

/// The cohorts of a family, as the newest release that has any published them.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// The release's period.
    pub period: String,
    /// In order of their levels.
    cohorts: Vec<Noise>,
}

/// What was published of every family of cohorts, by name: of the newest release
/// that has it.
///
/// # Errors
/// A committed release that can't be read.
pub fn shown(all: &[Released]) -> Result<HashMap<String, Shown>, CurrentError> {
    let parts = all.iter().map(|released| Part::read(released.into()));
    let mut families = HashMap::new();
    for part in newest(parts.collect::<Result<_, _>>()?) {
        let mut mine: HashMap<String, Shown> = HashMap::new();
        let mut rows = noise::of(&part)?;
        rows.sort_by_key(|row| row.level);
        for row in rows.into_iter().filter(|row| row.measured == SIZE) {
            let family = mine.entry(row.cohorts.clone()).or_insert_with(|| Shown {
                period: part.manifest.period.clone(),
                cohorts: Vec::new(),
            });
            family.cohorts.push(row);
        }
        families.extend(mine);
    }
    Ok(families)
}

impl Shown {
    /// Those that are still declared, in order of their levels.
    pub fn of(&self, public: &Public, kind: usize) -> Vec<Whom> {
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
            Some(Whom {
                level: cohort.level,
                group: *groups.get(&cohort.unit)?,
                key: *keys.get(&(of_key.to_vec(), cohort.compared.clone()))?,
                values: of_values
                    .map(|(id, known)| known.get(id).copied())
                    .collect::<Option<_>>()?,
            })
        };
        let known = self
            .cohorts
            .iter()
            .filter(|cohort| cohort.level < declared.levels);
        known.filter_map(whom).collect()
    }
}
