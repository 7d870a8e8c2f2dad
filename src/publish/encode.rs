//! Noisy numbers and declared facts → the files of one release.
//!
//! A pure function that cannot fail: whatever the numbers are, a statistic that
//! can't be given is null and its status says why, so that no failure depends
//! on a draw. The bytes follow from the two arguments alone.

use arrow::array::RecordBatch;
use lodestar_privacy::Public;
use lodestar_privacy::noisy::{Files, Noisy, NoisyKind};
use lodestar_privacy::public::{CohortKind, Label, Statistic, Table as Declared};
use rayon::prelude::*;

use super::dims::{self, UnitText, unit_text};
use super::guarantee::guarantee;
use super::manifest::{self, v1, vectors};
use super::schema::Form;
use super::table::{Table, days};
use super::{ENGINE_VERSION, parquet_file};
use crate::insight::{self, Estimate};

/// The files of a release: one Parquet file a table, and the manifest.
///
/// # Panics
/// If a period's dates are not ISO 8601, which the calendar excludes; never
/// because of a drawn number.
pub fn encode(noisy: &Noisy, public: &Public) -> Files {
    // What was found is public from here on.
    let public = &public.found(noisy);
    let mut manifest = manifest_head(noisy, public);
    let claims = manifest::claims(&manifest);
    let declared = public.tables.par_iter().enumerate();
    let encoded = declared.map(|(index, declared)| {
        let rows = insight::rows(noisy, public, index);
        let batch = facts(&sorted(&rows, public, declared), public, declared);
        let mut table = about(public, declared);
        table.rows = batch.num_rows() as u64;
        let all = [claims.clone(), manifest::table_claims(&table)].concat();
        let bytes = parquet_file::write(&batch, &all);
        table.bytes = bytes.len() as u64;
        table.sha256 = manifest::sha256_hex(&bytes);
        (table, bytes)
    });
    let mut tables = Vec::new();
    for (table, bytes) in encoded.collect::<Vec<_>>() {
        tables.push((table.file.clone(), bytes));
        manifest.tables.push(table);
    }
    let labels = dims::all(noisy, public, &manifest.definitions);
    let labels = labels.par_iter();
    let labels = labels.map(|(name, batch)| dimension_file(name, batch, &claims));
    for (entry, bytes) in labels.collect::<Vec<_>>() {
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
    /// Of people's dimensions, then of the key's.
    labels: Vec<Label>,
    cell: &'a insight::Row,
}

/// Rows in order of level, unit id and the ids of the labels: an order that
/// follows from what a row is about, never from how it came.
fn sorted<'a>(rows: &'a [insight::Row], public: &Public, declared: &Declared) -> Vec<Row<'a>> {
    let block = &public.blocks[declared.block];
    let (kind, tree) = (&public.kinds[block.kind], public.tree(block.kind));
    let row = |cell: &'a insight::Row| {
        let unit = unit_text(tree, cell.group)?;
        let values = kind.dimensions.iter().zip(&cell.values);
        let values = values.map(|(dimension, value)| insight::value_label(*value, dimension));
        let keys = public.labels(declared, cell.cohort, cell.key);
        let labels = values.chain(keys).collect();
        Some(Row { unit, labels, cell })
    };
    let mut rows: Vec<Row<'a>> = rows.par_iter().filter_map(row).collect();
    rows.par_sort_by(|a, b| {
        (a.unit.level, &a.unit.id)
            .cmp(&(b.unit.level, &b.unit.id))
            .then_with(|| a.labels.cmp(&b.labels))
    });
    rows
}

/// The names of a table's dimensions, of people first.
fn dimensions(public: &Public, table: &Declared) -> Vec<String> {
    let kind = &public.kinds[public.blocks[table.block].kind];
    let people = kind
        .dimensions
        .iter()
        .map(|dimension| dimension.name.clone());
    people.chain(table.dimensions.iter().cloned()).collect()
}

fn facts(rows: &[Row<'_>], public: &Public, declared: &Declared) -> RecordBatch {
    let release_id = public.release_id();
    let span = &public.spans[public.kinds[public.blocks[declared.block].kind].span];
    let (start, end) = (days(&span.start), days(&span.end));
    let mut table = Table::default()
        .text("release_id", rows.iter().map(|_| &release_id))
        .text("period", rows.iter().map(|_| &span.name))
        .date("period_start", rows.iter().map(|_| start))
        .date("period_end", rows.iter().map(|_| end))
        .text("org_unit", rows.iter().map(|row| &row.unit.id))
        .text("org_unit_label", rows.iter().map(|row| &row.unit.label))
        .int32("org_level", rows.iter().map(|row| row.unit.level));
    for (at, name) in dimensions(public, declared).iter().enumerate() {
        let labels = || rows.iter().map(|row| &row.labels[at]);
        table = table
            .text(name, labels().map(|label| &label.id))
            .text(&format!("{name}_label"), labels().map(|label| &label.label));
    }
    let size =
        |part: fn(&Estimate) -> f64| rows.iter().map(move |row| part(&row.cell.size.estimate));
    table = table
        .int64("cohort", rows.iter().map(|row| row.cell.size.people))
        .double("cohort_low", size(|e| e.low))
        .double("cohort_high", size(|e| e.high));
    for (at, other) in declared.others.iter().enumerate() {
        let size = |row: &Row<'_>| row.cell.others[at];
        let part = |part: fn(&Estimate) -> f64| {
            rows.iter()
                .map(move |row| size(row).map(|size| part(&size.estimate)))
        };
        let name = format!("cohort_{}", other.name);
        table = table
            .optional_int64(&name, rows.iter().map(|row| size(row).map(|s| s.people)))
            .optional_double(&format!("{name}_low"), part(|e| e.low))
            .optional_double(&format!("{name}_high"), part(|e| e.high));
    }
    for (at, column) in vectors::columns(declared).iter().enumerate() {
        table = statistic(table, rows, at, column);
    }
    table
        .text(
            "status",
            rows.iter().map(|row| row.cell.figures[0].status.text()),
        )
        .finish()
}

/// The columns of one statistic.
fn statistic(mut table: Table, rows: &[Row<'_>], at: usize, column: &v1::Column) -> Table {
    let figure = |row: &Row<'_>| row.cell.figures[at];
    let shown = |row: &Row<'_>| figure(row).shown();
    let part = |part: fn(Estimate) -> f64| rows.iter().map(move |row| shown(row).map(part));
    let name = &column.name;
    let (low, high) = (format!("{name}_low"), format!("{name}_high"));
    let day = |part: fn(Estimate) -> f64| {
        rows.iter()
            .map(move |row| shown(row).map(|e| part(e).round() as i32))
    };
    let ends = |table: Table| {
        table
            .optional_double(&low, part(|e| e.low))
            .optional_double(&high, part(|e| e.high))
    };
    table = match Form::of(&column.kind) {
        Form::Whole => {
            let whole = part(|e| e.value).map(|n| n.map(|n| n as i64));
            ends(table.optional_int64(name, whole))
        }
        Form::Real => ends(table.optional_double(name, part(|e| e.value))),
        Form::Alone => table.optional_double(name, part(|e| e.value)),
        Form::Day => table
            .optional_date(name, day(|e| e.value))
            .optional_date(&low, day(|e| e.low))
            .optional_date(&high, day(|e| e.high)),
        Form::Word => {
            let word = |row: &Row<'_>| row.cell.words[at].filter(|_| shown(row).is_some());
            table.optional_text(name, rows.iter().map(word))
        }
    };
    if column.has_status {
        let status = rows.iter().map(|row| figure(row).status.text());
        table = table.text(&format!("{name}_status"), status);
    }
    table
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
            .map(|(declared, drawn)| cohort_kind(public, declared, drawn))
            .collect(),
        vectors: vectors::vectors(noisy, public),
        bounds: manifest::bounds::bounds(noisy, public),
        definitions: public.tables.iter().flat_map(definitions).collect(),
        tables: Vec::new(),
        dimensions: Vec::new(),
    }
}

fn cohort_kind(public: &Public, declared: &CohortKind, drawn: &NoisyKind) -> v1::CohortKind {
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
    let span = &public.spans[declared.span];
    let dimensions = declared.dimensions.iter();
    v1::CohortKind {
        name: declared.name.clone(),
        period: span.name.clone(),
        period_start: span.start.clone(),
        period_end: span.end.clone(),
        dimensions: dimensions.map(|dimension| dimension.name.clone()).collect(),
        cohorts_a_person: declared.cohorts_a_person(),
        coach_rule: declared.coach_rule,
        levels: drawn.levels.iter().enumerate().map(level).collect(),
    }
}

/// The statistics of a table, in published order.
fn definitions(table: &Declared) -> Vec<v1::Definition> {
    let one = |statistic: &str, definition: &str, interval: &str, unit: &str| v1::Definition {
        measure: table.name.clone(),
        statistic: statistic.to_owned(),
        definition: definition.to_owned(),
        interval: interval.to_owned(),
        unit: unit.to_owned(),
    };
    let size = "People that the row describes, constrained to at least k.";
    let others = table.others.iter().map(|other| {
        let size = "People that the row is compared with, constrained to at least k.";
        one(
            &format!("cohort_{}", other.name),
            size,
            DESCRIPTIVE,
            "people",
        )
    });
    let statistics = table.statistics.iter();
    let statistics = statistics.map(|s| one(&s.name, &s.definition, interval(s), &s.unit));
    std::iter::once(one("cohort", size, DESCRIPTIVE, "people"))
        .chain(others)
        .chain(statistics)
        .collect()
}

const DESCRIPTIVE: &str = "descriptive: covers the noise";

/// What a statistic's interval covers.
fn interval(statistic: &Statistic) -> &'static str {
    match Form::of(vectors::kind(&statistic.kind)) {
        Form::Alone => "none: it is in standard deviations itself",
        Form::Word => "none: it is a word",
        _ if statistic.kind.is_comparative() => {
            "comparative: covers the noise and the sampling of people"
        }
        _ => DESCRIPTIVE,
    }
}

/// A table's entry in the manifest, its file's facts still to be filled in.
fn about(public: &Public, table: &Declared) -> v1::Table {
    v1::Table {
        name: table.name.clone(),
        file: format!("{}.parquet", table.name),
        rows: 0,
        bytes: 0,
        sha256: String::new(),
        measure: v1::Measure {
            question: table.question.clone(),
            cohort: public.kinds[public.blocks[table.block].kind].name.clone(),
            dimensions: dimensions(public, table),
            others: table
                .others
                .iter()
                .map(|other| other.name.clone())
                .collect(),
            statistics: vectors::columns(table),
        },
        parameters: Some(vectors::parameters(public, table)),
    }
}

#[cfg(test)]
#[path = "encode_tests.rs"]
mod tests;
