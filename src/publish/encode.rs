//! Noisy numbers and declared facts → the files of one release.
//!
//! A pure function that cannot fail: whatever the numbers are, a statistic that
//! can't be given is null and its status says why, so that no failure depends
//! on a draw. The bytes follow from the two arguments alone.

use arrow::array::RecordBatch;
use lodestar_privacy::Public;
use lodestar_privacy::noisy::{Files, Noisy, NoisyCells, NoisyKind};
use lodestar_privacy::public::{Block, CohortKind, Label};

use super::dims::{self, UnitText, unit_text};
use super::guarantee::guarantee;
use super::manifest::{self, v1};
use super::table::{Table, days};
use super::{ENGINE_VERSION, parquet_file};
use crate::insight::Estimate;
use crate::insight::share::{self, Cell};

/// The files of a release: one Parquet file a table, and the manifest.
///
/// # Panics
/// If a period's dates are not ISO 8601, which the calendar excludes; never
/// because of a drawn number.
pub fn encode(noisy: &Noisy, public: &Public) -> Files {
    let mut manifest = manifest_head(noisy, public);
    let claims = manifest::claims(&manifest);
    let mut tables = Vec::new();
    for (index, block) in public.blocks.iter().enumerate() {
        let batch = facts(&rows(noisy, public, index), public, block);
        let mut table = about(noisy, public, index);
        table.rows = batch.num_rows() as u64;
        let all = [claims.clone(), manifest::table_claims(&table)].concat();
        let bytes = parquet_file::write(&batch, &all);
        table.bytes = bytes.len() as u64;
        table.sha256 = manifest::sha256_hex(&bytes);
        tables.push((table.file.clone(), bytes));
        manifest.tables.push(table);
    }
    for (name, batch) in dims::all(noisy, public, &manifest.definitions) {
        let (entry, bytes) = dimension_file(name, &batch, &claims);
        tables.push((entry.file.clone(), bytes));
        manifest.dimensions.push(entry);
    }
    Files {
        manifest: manifest::to_bytes(&manifest),
        tables,
    }
}

/// A table of labels as a file, and its entry in the manifest.
pub(super) fn dimension_file(
    name: &str,
    batch: &RecordBatch,
    claims: &[(String, serde_json::Value)],
) -> (v1::Dimension, Vec<u8>) {
    let bytes = parquet_file::write(batch, claims);
    let entry = v1::Dimension {
        name: name.to_owned(),
        file: format!("{name}.parquet"),
        rows: batch.num_rows() as u64,
        bytes: bytes.len() as u64,
        sha256: manifest::sha256_hex(&bytes),
    };
    (entry, bytes)
}

/// One row of a table of facts, with what it is sorted by.
struct Row<'a> {
    unit: UnitText,
    key: &'a [Label],
    cell: Cell,
}

/// Rows in order of level, unit id and the ids of the key: an order that
/// follows from what a row is about, never from how it came.
fn rows<'a>(noisy: &Noisy, public: &'a Public, block: usize) -> Vec<Row<'a>> {
    let keys = &public.blocks[block].keys;
    let mut rows: Vec<Row<'a>> = share::cells(noisy, public, block)
        .into_iter()
        .filter_map(|cell| {
            let unit = unit_text(&public.tree, cell.group)?;
            Some(Row {
                unit,
                key: &keys[cell.key],
                cell,
            })
        })
        .collect();
    rows.sort_by(|a, b| {
        let ids = |row: &Row<'a>| row.key.iter().map(|label| label.id.as_str());
        (a.unit.level, &a.unit.id)
            .cmp(&(b.unit.level, &b.unit.id))
            .then_with(|| ids(a).cmp(ids(b)))
    });
    rows
}

fn facts(rows: &[Row<'_>], public: &Public, block: &Block) -> RecordBatch {
    let release_id = public.release_id();
    let (start, end) = (days(&public.period.start), days(&public.period.end));
    let mut table = Table::default()
        .text("release_id", rows.iter().map(|_| &release_id))
        .text("period", rows.iter().map(|_| &public.period.name))
        .date("period_start", rows.iter().map(|_| start))
        .date("period_end", rows.iter().map(|_| end))
        .text("org_unit", rows.iter().map(|row| &row.unit.id))
        .text("org_unit_label", rows.iter().map(|row| &row.unit.label))
        .int32("org_level", rows.iter().map(|row| row.unit.level));
    for (at, name) in block.dimensions.iter().enumerate() {
        let text = |row: &Row<'_>| row.key.get(at).cloned().unwrap_or_else(no_label);
        table = table.text(name, rows.iter().map(|row| text(row).id)).text(
            &format!("{name}_label"),
            rows.iter().map(|row| text(row).label),
        );
    }
    let shown = |row: &Row<'_>| row.cell.shown().copied();
    let count = |part: fn(Estimate) -> f64| {
        rows.iter()
            .map(move |row| shown(row).map(|shown| part(shown.count)))
    };
    let share = |part: fn(Estimate) -> f64| {
        rows.iter()
            .map(move |row| shown(row).map(|shown| part(shown.share)))
    };
    table
        .int64("cohort", rows.iter().map(|row| row.cell.size.people))
        .double(
            "cohort_low",
            rows.iter().map(|row| row.cell.size.estimate.low),
        )
        .double(
            "cohort_high",
            rows.iter().map(|row| row.cell.size.estimate.high),
        )
        .optional_int64(
            "n",
            rows.iter().map(|row| shown(row).map(|shown| shown.people)),
        )
        .optional_double("n_low", count(|e| e.low))
        .optional_double("n_high", count(|e| e.high))
        .optional_double("share", share(|e| e.value))
        .optional_double("share_low", share(|e| e.low))
        .optional_double("share_high", share(|e| e.high))
        .text("status", rows.iter().map(|row| row.cell.status.text()))
        .finish()
}

fn no_label() -> Label {
    Label {
        id: String::new(),
        label: String::new(),
    }
}

/// The manifest without its files.
fn manifest_head(noisy: &Noisy, public: &Public) -> v1::Release {
    let text = |name: &str| public.texts.get(name).cloned().unwrap_or_default();
    v1::Release {
        format: v1::RELEASE.to_owned(),
        format_version: v1::VERSION,
        self_sha256: manifest::unsigned(),
        engine_version: ENGINE_VERSION.to_owned(),
        organisation: public.organisation.clone(),
        release_id: public.release_id(),
        period: public.period.name.clone(),
        period_start: public.period.start.clone(),
        period_end: public.period.end.clone(),
        revision: public.revision,
        synthetic: public.synthetic,
        privacy: v1::Privacy {
            unit: text("unit"),
            k: public.policy.k,
            coalition: public.policy.coalition,
            window: public.period.window.clone(),
            epsilon_window: public.policy.epsilon,
            delta_window: public.policy.delta,
            epsilon_release: noisy.cost.epsilon,
            delta_release: noisy.cost.delta,
            rho_release_micro: noisy.cost.rho_micro,
            delta_selection_release_femto: noisy.cost.delta_femto,
        },
        guarantee: guarantee(public, &noisy.cost),
        north_star: v1::NorthStar {
            r#where: text("north_star_where"),
            how: text("north_star_how"),
            why: text("north_star_why"),
        },
        cohorts: public
            .kinds
            .iter()
            .zip(&noisy.kinds)
            .map(cohort_kind)
            .collect(),
        definitions: public.blocks.iter().flat_map(definitions).collect(),
        tables: Vec::new(),
        dimensions: Vec::new(),
    }
}

fn cohort_kind((declared, drawn): (&CohortKind, &NoisyKind)) -> v1::CohortKind {
    let level = |(level, drawn): (usize, &lodestar_privacy::noisy::NoisyLevel)| v1::CohortLevel {
        level: level as u32,
        selection_rho_micro: drawn.selection.noise.rho_micro,
        selection_sensitivity: drawn.selection.noise.sensitivity,
        selection_sigma: drawn.selection.noise.sigma,
        selection_threshold: drawn.selection.threshold,
        selection_delta_femto: drawn.selection.delta_femto,
        size_rho_micro: drawn.size.rho_micro,
        size_sensitivity: drawn.size.sensitivity,
        size_sigma: drawn.size.sigma,
    };
    v1::CohortKind {
        name: declared.name.clone(),
        coach_rule: declared.coach_rule,
        levels: drawn.levels.iter().enumerate().map(level).collect(),
    }
}

/// The statistics of a block, in published order.
fn definitions(block: &Block) -> Vec<v1::Definition> {
    let one = |statistic: &str, definition: &str, unit: &str| v1::Definition {
        measure: block.name.clone(),
        statistic: statistic.to_owned(),
        definition: definition.to_owned(),
        interval: "descriptive: covers the noise".to_owned(),
        unit: unit.to_owned(),
    };
    let n = format!(
        "People of the cohort with the row's key; each person counts under at most {} keys.",
        block.max_cells
    );
    vec![
        one(
            "cohort",
            "People that the row describes, constrained to at least k.",
            "people",
        ),
        one("n", &n, "people"),
        one("share", "n ÷ cohort.", "share"),
    ]
}

/// A table's entry in the manifest, its file's facts still to be filled in.
fn about(noisy: &Noisy, public: &Public, index: usize) -> v1::Table {
    let block = &public.blocks[index];
    let level = |cells: &NoisyCells| v1::TableLevel {
        level: cells.level,
        rho_micro: cells.noise.rho_micro,
        sensitivity: cells.noise.sensitivity,
        sigma: cells.noise.sigma,
    };
    let levels = noisy
        .blocks
        .get(index)
        .map(|drawn| drawn.levels.iter().map(level).collect());
    v1::Table {
        name: block.name.clone(),
        file: format!("{}.parquet", block.name),
        rows: 0,
        bytes: 0,
        sha256: String::new(),
        measure: v1::Measure {
            question: block.question.clone(),
            cohort: public
                .kinds
                .get(block.kind)
                .map(|k| k.name.clone())
                .unwrap_or_default(),
            dimensions: block.dimensions.clone(),
        },
        parameters: Some(v1::Parameters {
            max_cells: block.max_cells,
            keys: block.keys.len() as u64,
            weight: block.weight,
            tolerated_error: block.tolerated_error,
            levels: levels.unwrap_or_default(),
        }),
    }
}

#[cfg(test)]
#[path = "encode_tests.rs"]
mod tests;
