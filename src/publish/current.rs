//! `current/`: every period's newest revision in one set of tables, made from
//! released bytes alone.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch, StringArray, UInt32Array, new_null_array};
use arrow::compute::{SortColumn, concat, lexsort_to_indices, take};
use arrow::datatypes::{Field, Schema};
use rayon::prelude::*;

use super::encode::dimension_file;
use super::guarantee;
use super::manifest::{self, Manifest, v1};
use super::page::{self, PAGE, PageError};
use super::write::Stored;
use super::{ENGINE_VERSION, MANIFEST, dims, parquet_file};

/// Why `current/` cannot be made of the committed releases.
#[derive(Debug, thiserror::Error)]
pub enum CurrentError {
    /// A committed release without a readable manifest.
    #[error("the manifest of release {release} cannot be read: {reason}")]
    Manifest {
        /// Which one.
        release: String,
        /// What is wrong.
        reason: String,
    },
    /// A committed table that cannot be read.
    #[error("{file} of release {release} is missing or not a readable table")]
    Table {
        /// Which release.
        release: String,
        /// Which file.
        file: String,
    },
    /// Two releases have columns of one name and different types.
    #[error("{file}: column {column} changes its type between releases")]
    Type {
        /// Which file.
        file: String,
        /// Which column.
        column: String,
    },
    /// See [`PageError`].
    #[error("its page: {0}")]
    Page(#[from] PageError),
    /// No release was given.
    #[error("there is no release")]
    Empty,
}

/// One release, read back.
pub(super) struct Part<'a> {
    stored: Stored<'a>,
    pub(super) manifest: v1::Release,
    manifest_sha256: String,
}

impl<'a> Part<'a> {
    pub(super) fn read(stored: Stored<'a>) -> Result<Self, CurrentError> {
        let failed = |reason: String| CurrentError::Manifest {
            release: stored.id.to_owned(),
            reason,
        };
        let bytes = file(stored, MANIFEST).ok_or_else(|| failed("it is missing".to_owned()))?;
        match manifest::parse(bytes).map_err(|error| failed(error.to_string()))? {
            Manifest::Release(manifest) => Ok(Self {
                stored,
                manifest: *manifest,
                manifest_sha256: manifest::sha256_hex(bytes),
            }),
            Manifest::Current(_) => Err(failed("it is not a release's".to_owned())),
        }
    }

    pub(super) fn batch(&self, name: &str) -> Result<RecordBatch, CurrentError> {
        let failed = || CurrentError::Table {
            release: self.stored.id.to_owned(),
            file: name.to_owned(),
        };
        let bytes = file(self.stored, name).ok_or_else(failed)?;
        Ok(parquet_file::read(bytes).map_err(|_| failed())?.batch)
    }
}

fn file<'a>(stored: Stored<'a>, name: &str) -> Option<&'a [u8]> {
    stored
        .files
        .iter()
        .find(|(file, _)| file == name)
        .map(|(_, bytes)| bytes.as_slice())
}

/// The files of `current/`, `manifest.json` among them. They follow from the
/// set of releases; the order in which they are given does not matter.
pub(super) fn build(all: &[Stored<'_>]) -> Result<Vec<(String, Vec<u8>)>, CurrentError> {
    let parts = all.iter().map(|stored| Part::read(*stored));
    let parts = parts.collect::<Result<_, _>>()?;
    let (parts, superseded) = newest(parts);
    let newest = parts.last().ok_or(CurrentError::Empty)?;
    let mut manifest = head(&parts, &superseded, newest);
    let claims = manifest::claims(&manifest);
    let mut files = Vec::new();
    let facts = names(&parts, |m| {
        m.tables.iter().map(|table| table.name.as_str()).collect()
    });
    let facts = facts.par_iter().map(|name| table(&parts, name, &claims));
    for (table, bytes) in facts.collect::<Result<Vec<_>, CurrentError>>()? {
        files.push((table.file.clone(), bytes));
        manifest.tables.push(table);
    }
    let labels = names(&parts, |m| {
        m.dimensions.iter().map(|dim| dim.name.as_str()).collect()
    });
    let labels = labels.par_iter().map(|name| {
        let batch = dimension(&parts, name)?;
        Ok(dimension_file(name, &batch, &claims))
    });
    for (entry, bytes) in labels.collect::<Result<Vec<_>, CurrentError>>()? {
        files.push((entry.file.clone(), bytes));
        manifest.dimensions.push(entry);
    }
    let tables: Vec<_> = files
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
        .collect();
    let page = page::page(&tables)?;
    manifest.page = Some(page::entry(&page));
    files.push((PAGE.to_owned(), page));
    files.push((MANIFEST.to_owned(), manifest::to_bytes(&manifest)));
    Ok(files)
}

/// The newest revision of each period, by time, and the revisions before, likewise.
pub(super) fn newest(mut parts: Vec<Part<'_>>) -> (Vec<Part<'_>>, Vec<Part<'_>>) {
    parts.sort_by(|a, b| {
        let key = |part: &Part<'_>| {
            (
                part.manifest.period_start.clone(),
                part.manifest.period.clone(),
                part.manifest.revision,
            )
        };
        key(a).cmp(&key(b))
    });
    let (mut newest, mut superseded): (Vec<Part<'_>>, Vec<Part<'_>>) = (Vec::new(), Vec::new());
    for part in parts {
        let older = newest.pop_if(|older| older.manifest.period == part.manifest.period);
        superseded.extend(older);
        newest.push(part);
    }
    (newest, superseded)
}

/// Names that any release has, sorted.
fn names<'a>(parts: &'a [Part<'_>], of: fn(&'a v1::Release) -> Vec<&'a str>) -> Vec<String> {
    let mut names: Vec<String> = parts
        .iter()
        .flat_map(|part| of(&part.manifest))
        .map(str::to_owned)
        .collect();
    names.sort();
    names.dedup();
    names
}

fn head(parts: &[Part<'_>], superseded: &[Part<'_>], newest: &Part<'_>) -> v1::Current {
    let least = |of: fn(&v1::Privacy) -> u32| {
        parts
            .iter()
            .map(|part| of(&part.manifest.privacy))
            .min()
            .unwrap_or_default()
    };
    v1::Current {
        format: v1::CURRENT.to_owned(),
        format_version: v1::VERSION,
        self_sha256: manifest::unsigned(),
        engine_version: ENGINE_VERSION.to_owned(),
        organisation: newest.manifest.organisation.clone(),
        synthetic: parts.iter().all(|part| part.manifest.synthetic),
        newest_release: newest.manifest.release_id.clone(),
        k: least(|privacy| privacy.k),
        coalition: least(|privacy| privacy.coalition),
        guarantee: guarantee::of_all(&parts.iter().map(|part| &part.manifest).collect::<Vec<_>>()),
        north_star: newest.manifest.north_star.clone(),
        definitions: newest.manifest.definitions.clone(),
        releases: parts.iter().map(reference).collect(),
        superseded: superseded.iter().map(reference).collect(),
        tables: Vec::new(),
        dimensions: Vec::new(),
        page: None,
    }
}

fn reference(part: &Part<'_>) -> v1::ReleaseRef {
    v1::ReleaseRef {
        release_id: part.manifest.release_id.clone(),
        period: part.manifest.period.clone(),
        revision: part.manifest.revision,
        manifest_sha256: part.manifest_sha256.clone(),
        synthetic: part.manifest.synthetic,
        privacy: part.manifest.privacy.clone(),
    }
}

/// One table of facts: the releases' rows, sorted by key. A measure may have
/// been published over spans of another length before.
fn table(
    parts: &[Part<'_>],
    name: &str,
    claims: &[(String, serde_json::Value)],
) -> Result<(v1::Table, Vec<u8>), CurrentError> {
    let mut batches = Vec::new();
    let mut latest = None;
    for part in parts {
        if let Some(table) = part.manifest.tables.iter().find(|table| table.name == name) {
            batches.push(part.batch(&table.file)?);
            latest = Some(table);
        }
    }
    let file = format!("{name}.parquet");
    let batch = stack(&file, &batches)?;
    let mut table = latest.cloned().ok_or(CurrentError::Empty)?;
    let by = ["period_start", "period_end", "org_level", "org_unit"].into_iter();
    let by: Vec<&str> = by
        .chain(table.measure.dimensions.iter().map(String::as_str))
        .collect();
    let batch = sorted(&batch, &by).ok_or_else(|| CurrentError::Table {
        release: "current".to_owned(),
        file: file.clone(),
    })?;
    table.parameters = None;
    table.rows = batch.num_rows() as u64;
    let claims = [claims.to_vec(), manifest::table_claims(&table)].concat();
    let bytes = parquet_file::write(&batch, &claims);
    table.bytes = bytes.len() as u64;
    table.sha256 = manifest::sha256_hex(&bytes);
    table.file = file;
    Ok((table, bytes))
}

/// One table of labels: for each key the newest release's row.
fn dimension(parts: &[Part<'_>], name: &str) -> Result<RecordBatch, CurrentError> {
    let file = format!("{name}.parquet");
    let mut batches = Vec::new();
    for part in parts.iter().rev() {
        if let Some(entry) = part
            .manifest
            .dimensions
            .iter()
            .find(|entry| entry.name == name)
        {
            batches.push(part.batch(&entry.file)?);
        }
    }
    let batch = stack(&file, &batches)?;
    let failed = || CurrentError::Table {
        release: "current".to_owned(),
        file: file.clone(),
    };
    let mut seen = HashSet::new();
    let key = dims::key(name).ok_or_else(failed)?;
    let keys = texts(&batch, key).ok_or_else(failed)?;
    let kept: UInt32Array = (0..batch.num_rows())
        .filter(|&row| seen.insert(keys.iter().map(|key| key.value(row)).collect::<Vec<_>>()))
        .map(|row| row as u32)
        .collect();
    let batch = pick(&batch, &kept).ok_or_else(failed)?;
    sorted(&batch, dims::sorted_by(name).unwrap_or_default()).ok_or_else(failed)
}

/// The rows in order of some columns.
fn sorted(batch: &RecordBatch, by: &[&str]) -> Option<RecordBatch> {
    let columns = by.iter().filter_map(|column| batch.column_by_name(column));
    let columns = columns.map(|values| SortColumn {
        values: values.clone(),
        options: None,
    });
    let order = lexsort_to_indices(&columns.collect::<Vec<_>>(), None).ok()?;
    pick(batch, &order)
}

fn texts<'a>(batch: &'a RecordBatch, columns: &[&str]) -> Option<Vec<&'a StringArray>> {
    let column = |name: &&str| batch.column_by_name(name)?.as_any().downcast_ref();
    columns.iter().map(column).collect()
}

fn pick(batch: &RecordBatch, rows: &UInt32Array) -> Option<RecordBatch> {
    let columns: Result<Vec<ArrayRef>, _> = batch
        .columns()
        .iter()
        .map(|column| take(column, rows, None))
        .collect();
    RecordBatch::try_new(batch.schema(), columns.ok()?).ok()
}

/// Rows of all batches under the union of their columns, by name; a column that
/// a batch lacks is null there. The columns of the last batch come first.
fn stack(file: &str, batches: &[RecordBatch]) -> Result<RecordBatch, CurrentError> {
    let mut fields: Vec<Field> = Vec::new();
    for field in batches
        .iter()
        .rev()
        .flat_map(|batch| batch.schema().fields().to_vec())
    {
        match fields.iter_mut().find(|known| known.name() == field.name()) {
            None => fields.push(field.as_ref().clone()),
            Some(known) if known.data_type() == field.data_type() => {
                *known = known
                    .clone()
                    .with_nullable(known.is_nullable() || field.is_nullable());
            }
            Some(_) => return Err(type_changes(file, field.name())),
        }
    }
    let mut columns = Vec::new();
    for field in &mut fields {
        let has = |batch: &RecordBatch| batch.column_by_name(field.name()).is_some();
        let nullable = field.is_nullable() || !batches.iter().all(has);
        *field = field.clone().with_nullable(nullable);
        let parts: Vec<ArrayRef> = batches
            .iter()
            .map(|batch| column_or_null(batch, field))
            .collect();
        let parts: Vec<&dyn Array> = parts.iter().map(AsRef::as_ref).collect();
        columns.push(concat(&parts).map_err(|_| type_changes(file, field.name()))?);
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).map_err(|_| type_changes(file, ""))
}

fn column_or_null(batch: &RecordBatch, field: &Field) -> ArrayRef {
    let column = batch.column_by_name(field.name()).cloned();
    column.unwrap_or_else(|| new_null_array(field.data_type(), batch.num_rows()))
}

fn type_changes(file: &str, column: &str) -> CurrentError {
    CurrentError::Type {
        file: file.to_owned(),
        column: column.to_owned(),
    }
}
