//! Parquet files against their manifest: metadata, schema, then rows.

use std::collections::HashMap;

use arrow::array::{Array, Date32Array, Float64Array, Int32Array, RecordBatch, StringArray};
use serde_json::Value;

use super::super::manifest::v1;
use super::super::manifest::{self, Manifest};
use super::super::noise::{self, Noises};
use super::super::table::{days_checked, describe};
use super::super::{bounds, dims, parquet_file, schema};

use super::noise::Family;
use super::rows::{self, Release};
use super::{Finding, Listed, note};

/// Verifies what is in the files whose bytes are those of the manifest.
pub(super) fn verify(
    manifest: &Manifest,
    files: &[(&Listed<'_>, Vec<u8>)],
    findings: &mut Vec<Finding>,
) {
    let claims = match manifest {
        Manifest::Release(release) => manifest::claims(release.as_ref()),
        Manifest::Current(current) => manifest::claims(current.as_ref()),
    };
    let strict = matches!(manifest, Manifest::Release(_));
    let mut tables = Vec::new();
    let mut labels: HashMap<&str, RecordBatch> = HashMap::new();
    for (listed, bytes) in files {
        let Some(batch) = readable(listed, bytes, &claims, strict, findings) else {
            continue;
        };
        if listed.table.is_some() {
            tables.push((*listed, batch));
        } else {
            verify_labels(listed, &batch, findings);
            labels.insert(listed.name, batch);
        }
    }
    // A release from before bounds were measured tells nothing of them.
    let measures_bounds =
        matches!(manifest, Manifest::Release(release) if !release.bounds.is_empty());
    let needed = |name: &&str| *name != bounds::NAME || measures_bounds;
    for name in dims::NAMES.into_iter().filter(needed) {
        if !files.iter().any(|(listed, _)| listed.name == name) {
            note(
                findings,
                super::MANIFEST,
                format!("{name} is missing, or was changed"),
            );
        }
    }
    let units = labels
        .get("dim_org_unit")
        .and_then(tree)
        .unwrap_or_default();
    let noises = match manifest {
        Manifest::Release(release) => noises(release, &labels, &units, findings),
        // Of several releases together nothing is worked out again.
        Manifest::Current(_) => None,
    };
    if let (Manifest::Release(release), Some(batch)) = (manifest, labels.get(bounds::NAME)) {
        super::bounds::verify_rows(release, batch, findings);
    }
    let known = noises.as_ref().map(|(noises, _)| noises);
    let releases = releases(manifest, labels.get("dim_period"), known);
    let mut sizes = HashMap::new();
    for (listed, batch) in &tables {
        if let Some(table) = listed.table {
            rows::verify(table, batch, &releases, &units, findings);
            for (whom, size) in known
                .map(|known| rows::sizes(table, batch, known))
                .unwrap_or_default()
            {
                if *sizes.entry(whom).or_insert(size) != size {
                    note(
                        findings,
                        &table.file,
                        "gives a cohort another size than other tables",
                    );
                }
            }
        }
    }
    if let Some((_, families)) = &noises {
        let k = releases.values().map(|release| release.k).max();
        let k = k.unwrap_or_default();
        super::noise::verify_sums(families, &sizes, k, super::MANIFEST, findings);
    }
}

/// The file's rows, if schema and metadata are as they must be.
fn readable(
    listed: &Listed<'_>,
    bytes: &[u8],
    claims: &[(String, Value)],
    strict: bool,
    findings: &mut Vec<Finding>,
) -> Option<RecordBatch> {
    let Ok(content) = parquet_file::read(bytes) else {
        note(findings, listed.file, "is not a readable Parquet file");
        return None;
    };
    let mut expected = claims.to_vec();
    if let Some(table) = listed.table {
        expected.extend(manifest::table_claims(table));
    }
    for (key, claim) in &expected {
        let stated = content.metadata.iter().find(|(stated, _)| stated == key);
        if !stated.is_some_and(|(_, text)| manifest::claim_matches(claim, text)) {
            note(
                findings,
                listed.file,
                format!("its metadata {key} is not what manifest.json says"),
            );
        }
    }
    if content.metadata.len() != expected.len() {
        note(
            findings,
            listed.file,
            "its metadata has other entries than manifest.json",
        );
    }
    if content.row_groups > 1 {
        note(findings, listed.file, "has more than one row group");
    }
    if content.batch.num_rows() as u64 != listed.rows {
        note(
            findings,
            listed.file,
            "has another number of rows than manifest.json says",
        );
    }
    if !has_schema(listed, &content.batch, strict) {
        note(
            findings,
            listed.file,
            "has other columns than docs/tables.md says",
        );
        return None;
    }
    let floats = content
        .batch
        .columns()
        .iter()
        .filter_map(|column| column.as_any().downcast_ref());
    if floats
        .flat_map(Float64Array::iter)
        .flatten()
        .any(|x| !x.is_finite())
    {
        note(
            findings,
            listed.file,
            "holds a value that is not a finite number",
        );
    }
    Some(content.batch)
}

/// Names and types as documented; nullability too, unless periods were merged.
fn has_schema(listed: &Listed<'_>, batch: &RecordBatch, strict: bool) -> bool {
    let stated = describe(&batch.schema());
    let levels = stated
        .iter()
        .filter(|(name, ..)| name.starts_with("level_"))
        .count();
    let expected = listed.table.map_or_else(
        || schema::dimension(listed.name, levels),
        |table| {
            let columns = table.measure.statistics.iter();
            let columns: Vec<_> = columns
                .map(|column| {
                    (
                        column.name.as_str(),
                        schema::Form::of(&column.kind),
                        column.has_status,
                    )
                })
                .collect();
            let measure = &table.measure;
            Some(schema::facts(
                &measure.dimensions,
                &measure.others,
                &columns,
            ))
        },
    );
    let Some(expected) = expected else {
        return false;
    };
    let same = |(a, b): (&schema::Column, &schema::Column)| {
        a.0 == b.0 && a.1 == b.1 && (a.2 == b.2 || !strict)
    };
    stated.len() == expected.len() && stated.iter().zip(&expected).all(same)
}

/// Keys of a table of labels are unique, and its rows sorted.
fn verify_labels(listed: &Listed<'_>, batch: &RecordBatch, findings: &mut Vec<Finding>) {
    let (Some(key), Some(sorted_by)) = (dims::key(listed.name), dims::sorted_by(listed.name))
    else {
        note(findings, listed.file, "is no table that this engine knows");
        return;
    };
    let mut keys: Vec<_> = (0..batch.num_rows())
        .map(|row| cells(batch, key, row))
        .collect();
    keys.sort();
    if keys.windows(2).any(|pair| pair[0] == pair[1]) {
        note(findings, listed.file, "has two rows of one key");
    }
    let order: Vec<_> = (0..batch.num_rows())
        .map(|row| cells(batch, sorted_by, row))
        .collect();
    if !order.is_sorted() {
        note(findings, listed.file, "is not sorted");
    }
}

/// A cell that rows are sorted by.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Number(i32),
    Text(String),
}

fn cells(batch: &RecordBatch, columns: &[&str], row: usize) -> Vec<Part> {
    let part = |name: &&str| {
        let column = batch.column_by_name(name)?.as_any();
        let text = column
            .downcast_ref::<StringArray>()
            .map(|a| Part::Text(a.value(row).to_owned()));
        let number = || {
            column
                .downcast_ref::<Int32Array>()
                .map(|a| Part::Number(a.value(row)))
        };
        let day = || {
            column
                .downcast_ref::<Date32Array>()
                .map(|a| Part::Number(a.value(row)))
        };
        text.or_else(number).or_else(day)
    };
    columns.iter().filter_map(part).collect()
}

/// The noise on a release's numbers, and which of its cohorts add up to which.
fn noises(
    release: &v1::Release,
    labels: &HashMap<&str, RecordBatch>,
    tree: &Tree,
    findings: &mut Vec<Finding>,
) -> Option<(Noises, Vec<Family>)> {
    let file = format!("{}.parquet", noise::NAME);
    let Some(rows) = noise::read(labels.get(noise::NAME)?) else {
        note(findings, &file, "holds something else than noise");
        return None;
    };
    if !is_tree(tree) {
        note(findings, "dim_org_unit.parquet", "is not one tree");
        return None;
    }
    let families = super::noise::verify(release, &rows, tree, &file, findings);
    Some((Noises::new(&rows), families))
}

/// A unit of `dim_org_unit`.
pub(super) struct Place {
    pub(super) label: String,
    pub(super) parent: Option<String>,
    pub(super) level: i32,
}

/// All units, by id.
pub(super) type Tree = HashMap<String, Place>;

fn tree(batch: &RecordBatch) -> Option<Tree> {
    let text =
        |name| -> Option<&StringArray> { batch.column_by_name(name)?.as_any().downcast_ref() };
    let (ids, labels, above) = (text("org_unit")?, text("label")?, text("parent")?);
    let levels: &Int32Array = batch.column_by_name("org_level")?.as_any().downcast_ref()?;
    let place = |row: usize| Place {
        label: labels.value(row).to_owned(),
        parent: (!above.is_null(row)).then(|| above.value(row).to_owned()),
        level: levels.value(row),
    };
    let rows = 0..batch.num_rows();
    Some(
        rows.map(|row| (ids.value(row).to_owned(), place(row)))
            .collect(),
    )
}

/// Whether there is one root, and everything else is one level below its parent:
/// so there is no circle.
fn is_tree(tree: &Tree) -> bool {
    let hangs = |place: &Place| match &place.parent {
        None => place.level == 0,
        Some(parent) => tree
            .get(parent)
            .is_some_and(|above| place.level == above.level + 1),
    };
    let roots = tree.values().filter(|place| place.parent.is_none());
    tree.values().all(hangs) && roots.count() == 1
}

/// What rows must agree with, by release id.
fn releases<'a>(
    manifest: &'a Manifest,
    periods: Option<&RecordBatch>,
    noises: Option<&'a Noises>,
) -> HashMap<String, Release<'a>> {
    match manifest {
        Manifest::Release(release) => {
            let spans = release.cohorts.iter().filter_map(|kind| {
                let days = days_checked(&kind.period_start).zip(days_checked(&kind.period_end));
                Some((kind.period.clone(), days?))
            });
            let one = Release {
                spans: spans.collect(),
                k: release.privacy.k,
                stated: Some(release.as_ref()).zip(noises),
            };
            HashMap::from([(release.release_id.clone(), one)])
        }
        Manifest::Current(current) => {
            let refs = current.releases.iter().map(|release| {
                let one = Release {
                    spans: periods
                        .and_then(|batch| spans_of(batch, &release.release_id))
                        .unwrap_or_default(),
                    k: release.privacy.k,
                    stated: None,
                };
                (release.release_id.clone(), one)
            });
            refs.collect()
        }
    }
}

/// The spans that `dim_period` has of a release.
fn spans_of(periods: &RecordBatch, release_id: &str) -> Option<HashMap<String, (i32, i32)>> {
    let text = |name| {
        let column: Option<&StringArray> = periods.column_by_name(name)?.as_any().downcast_ref();
        column
    };
    let day = |name| {
        let column: Option<&Date32Array> = periods.column_by_name(name)?.as_any().downcast_ref();
        column
    };
    let (ids, names) = (text("release_id")?, text("period")?);
    let (starts, ends) = (day("period_start")?, day("period_end")?);
    let mine = (0..periods.num_rows()).filter(|&row| ids.value(row) == release_id);
    let span = |row| {
        (
            names.value(row).to_owned(),
            (starts.value(row), ends.value(row)),
        )
    };
    Some(mine.map(span).collect())
}
