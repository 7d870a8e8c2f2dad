//! `dim_noise`: how much noise there is on every published cohort's numbers, from
//! which all intervals follow.

use std::collections::HashMap;

use arrow::array::{Array, Float64Array, Int32Array, RecordBatch, StringArray};
use lodestar_privacy::Public;
use lodestar_privacy::noisy::{Cohort, Noisy};
use lodestar_privacy::public::{CohortKind, Table as Declared};

use super::current::{CurrentError, Part};
use super::dims::unit_text;
use super::table::Table;
use crate::fit;
use crate::insight::value_label;

/// The table's name.
pub(super) const NAME: &str = "dim_noise";

/// What `measured` says of sizes.
pub(super) const SIZE: &str = "(size)";

/// The noise on what was measured of a cohort, all levels combined.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Noise {
    /// The family of cohorts.
    pub(super) cohorts: String,
    /// [`SIZE`], or a vector's name.
    pub(super) measured: String,
    pub(super) unit: String,
    pub(super) level: u32,
    /// Which of its people: ids of their values, then of the cohort's key.
    pub(super) within: Vec<String>,
    /// The name by which rows are compared with it, if it has none itself.
    pub(super) compared: String,
    /// Standard deviation, in people, or in units of a coordinate's factor.
    pub(super) sigma: f64,
}

/// Of every published cohort its size's noise, and that of each vector where it
/// was measured; in order of family, what was measured, level, unit, and whom.
pub(super) fn batch(noisy: &Noisy, public: &Public) -> RecordBatch {
    let mut rows: Vec<Noise> = (0..public.kinds.len())
        .flat_map(|kind| of_kind(noisy, public, kind))
        .collect();
    rows.sort_by(|a, b| key(a).cmp(&key(b)));
    let release_id = public.release_id();
    Table::default()
        .text("release_id", rows.iter().map(|_| &release_id))
        .text("cohorts", rows.iter().map(|row| &row.cohorts))
        .text("measured", rows.iter().map(|row| &row.measured))
        .int32("org_level", rows.iter().map(|row| row.level))
        .text("org_unit", rows.iter().map(|row| &row.unit))
        .text("within", rows.iter().map(|row| joined(&row.within)))
        .text("compared", rows.iter().map(|row| &row.compared))
        .double("sigma", rows.iter().map(|row| row.sigma))
        .finish()
}

fn key(row: &Noise) -> (&str, &str, u32, &str, String, &str) {
    let within = joined(&row.within);
    (
        &row.cohorts,
        &row.measured,
        row.level,
        &row.unit,
        within,
        &row.compared,
    )
}

/// As a JSON array of texts: ids may hold any character.
fn joined(ids: &[String]) -> String {
    serde_json::Value::from(ids.to_vec()).to_string()
}

fn of_kind(noisy: &Noisy, public: &Public, kind: usize) -> Vec<Noise> {
    let declared = &public.kinds[kind];
    let sizes = fit::sizes(noisy, public, kind);
    let levels = noisy.kinds.get(kind).map_or(&[][..], |kind| &kind.levels);
    let cohorts = (0..).zip(levels);
    let cohorts = cohorts.flat_map(|(level, drawn)| {
        let numbers = sizes.forest().of_level(level);
        numbers
            .zip(&drawn.cohorts)
            .map(move |(at, one)| (level, at, one))
    });
    let cohorts: Vec<(u32, usize, &Cohort)> = cohorts.collect();
    let row = |level: u32, cohort: &Cohort, measured: &str, sigma: f64| {
        let unit = unit_text(public.tree(kind), cohort.group)?;
        Some(Noise {
            cohorts: declared.name.clone(),
            measured: measured.to_owned(),
            unit: unit.id,
            level,
            within: within(declared, cohort),
            compared: compared(public, kind, cohort.key),
            sigma,
        })
    };
    let of_sizes = cohorts.iter();
    let of_sizes =
        of_sizes.filter_map(|(level, at, one)| row(*level, one, SIZE, sizes.combined(*at).1));
    let mut rows: Vec<Noise> = of_sizes.collect();
    for (index, block) in public.blocks.iter().enumerate() {
        if block.kind == kind {
            let deviations = sizes.deviations(noisy, index);
            let measured = cohorts.iter();
            let measured = measured.filter(|(level, ..)| block.levels.contains(level));
            rows.extend(
                measured
                    .filter_map(|(level, at, one)| row(*level, one, &block.name, deviations[*at])),
            );
        }
    }
    rows
}

/// The ids of a cohort's values, then of its key.
fn within(kind: &CohortKind, cohort: &Cohort) -> Vec<String> {
    let values = cohort.values.iter().zip(&kind.dimensions);
    let values = values.map(|(value, dimension)| value_label(*value, dimension).id);
    let key = kind.keys.labels.get(cohort.key).into_iter().flatten();
    values.chain(key.map(|label| label.id.clone())).collect()
}

/// What a cohort is called where rows are compared with it; empty if it has rows.
pub(super) fn compared(public: &Public, kind: usize, key: usize) -> String {
    let tables = || public.tables.iter();
    let has_rows =
        |table: &Declared| public.blocks[table.block].kind == kind && table.rows.contains(&key);
    if tables().any(has_rows) {
        return String::new();
    }
    let others = tables().flat_map(|table| &table.others);
    let mut others = others.filter(|other| other.kind == kind && other.keys.contains(&Some(key)));
    others
        .next()
        .map(|other| other.name.clone())
        .unwrap_or_default()
}

/// The table of a release; empty where nothing tells how it was measured, so that
/// nothing is made of it.
pub(super) fn of(part: &Part<'_>) -> Result<Vec<Noise>, CurrentError> {
    let file = format!("{NAME}.parquet");
    let mut files = part.manifest.dimensions.iter();
    if files.any(|known| known.file == file) {
        Ok(read(&part.batch(&file)?).unwrap_or_default())
    } else {
        Ok(Vec::new())
    }
}

/// Reads the table back; `None`: it has other columns, or not its content.
pub(super) fn read(batch: &RecordBatch) -> Option<Vec<Noise>> {
    let text =
        |name| -> Option<&StringArray> { batch.column_by_name(name)?.as_any().downcast_ref() };
    let (cohorts, measured) = (text("cohorts")?, text("measured")?);
    let (units, within) = (text("org_unit")?, text("within")?);
    let compared = text("compared")?;
    let levels: &Int32Array = batch.column_by_name("org_level")?.as_any().downcast_ref()?;
    let sigmas: &Float64Array = batch.column_by_name("sigma")?.as_any().downcast_ref()?;
    let row = |row: usize| {
        Some(Noise {
            cohorts: cohorts.value(row).to_owned(),
            measured: measured.value(row).to_owned(),
            unit: units.value(row).to_owned(),
            level: u32::try_from(levels.value(row)).ok()?,
            within: serde_json::from_str(within.value(row)).ok()?,
            compared: compared.value(row).to_owned(),
            sigma: sigmas.value(row),
        })
    };
    (0..batch.num_rows()).map(row).collect()
}

/// A cohort with rows: its family, unit, and which of its people.
pub(super) type Whom = (String, String, Vec<String>);

/// The noise on the numbers of a release's rows, by what it is of.
pub(super) struct Noises {
    /// By cohort and what was measured of it.
    sigmas: HashMap<(Whom, String), f64>,
    /// By family: how many ids say whom.
    lengths: HashMap<String, usize>,
}

impl Noises {
    pub(super) fn new(rows: &[Noise]) -> Self {
        let with_rows = rows.iter().filter(|row| row.compared.is_empty());
        let lengths = rows.iter();
        Self {
            sigmas: with_rows
                .map(|row| ((row.whom(), row.measured.clone()), row.sigma))
                .collect(),
            lengths: lengths
                .map(|row| (row.cohorts.clone(), row.within.len()))
                .collect(),
        }
    }

    /// The cohort of a table's row; `ids` are those of its dimensions.
    pub(super) fn whom(&self, cohorts: &str, unit: &str, ids: &[&str]) -> Option<Whom> {
        let within = ids.get(..*self.lengths.get(cohorts)?)?;
        let within = within.iter().map(|id| (*id).to_owned());
        Some((cohorts.to_owned(), unit.to_owned(), within.collect()))
    }

    /// The noise on what was measured of a cohort.
    pub(super) fn of(&self, whom: &Whom, measured: &str) -> Option<f64> {
        let of = (whom.clone(), measured.to_owned());
        self.sigmas.get(&of).copied()
    }
}

impl Noise {
    pub(super) fn whom(&self) -> Whom {
        (self.cohorts.clone(), self.unit.clone(), self.within.clone())
    }
}
