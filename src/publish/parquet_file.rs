//! Record batch ↔ Parquet bytes, in memory and byte for byte reproducible.

use std::panic::{AssertUnwindSafe, catch_unwind};

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::arrow::arrow_writer::{ArrowWriterOptions, compute_leaves};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use rayon::prelude::*;
use serde_json::Value;

use super::manifest::claim_text;

/// The file's bytes. Plain pages only: a dictionary, or several row groups,
/// could tell more than the rows do.
pub(crate) fn write(batch: &RecordBatch, claims: &[(String, Value)]) -> Vec<u8> {
    let metadata = claims
        .iter()
        .map(|(key, value)| KeyValue::new(key.clone(), claim_text(value)));
    let properties = WriterProperties::builder()
        .set_created_by(format!("lodestar {}", super::ENGINE_VERSION))
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_dictionary_enabled(false)
        .set_max_row_group_row_count(None)
        .set_key_value_metadata(Some(metadata.collect()))
        .build();
    let options = ArrowWriterOptions::new()
        .with_properties(properties)
        .with_skip_arrow_metadata(true);
    // Published types are five plain ones that Parquet has, and a Vec takes
    // every byte: what is left to fail is memory, which aborts anyway.
    ArrowWriter::try_new_with_options(Vec::new(), batch.schema(), options)
        .and_then(|writer| filled(writer, batch))
        .expect("writing plain columns into memory")
}

/// The columns, encoded on all threads, in their order.
fn filled(writer: ArrowWriter<Vec<u8>>, batch: &RecordBatch) -> Result<Vec<u8>, ParquetError> {
    let (mut file, columns) = writer.into_serialized_writer()?;
    if batch.num_rows() > 0 {
        let writers = columns.create_column_writers(0)?;
        let schema = batch.schema();
        let cells = schema.fields().par_iter().zip(batch.columns());
        let chunks = writers.into_par_iter().zip(cells);
        let chunks = chunks.map(|(mut writer, (field, cells))| {
            for leaf in compute_leaves(field, cells)? {
                writer.write(&leaf)?;
            }
            writer.close()
        });
        let chunks: Vec<_> = chunks.collect::<Result<_, ParquetError>>()?;
        let mut group = file.next_row_group()?;
        for chunk in chunks {
            chunk.append_to_row_group(&mut group)?;
        }
        group.close()?;
    }
    file.into_inner()
}

/// What a file holds.
#[derive(Debug)]
pub(super) struct Content {
    /// All rows; the schema as Parquet alone states it.
    pub(super) batch: RecordBatch,
    /// Key-value metadata.
    pub(super) metadata: Vec<(String, String)>,
    /// Number of row groups.
    pub(super) row_groups: usize,
}

/// Why bytes could not be read; holds nothing of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a readable Parquet file")]
pub(super) struct Unreadable;

/// Reads a whole file. Damaged bytes are an error, never a panic.
pub(super) fn read(bytes: &[u8]) -> Result<Content, Unreadable> {
    let bytes = Bytes::copy_from_slice(bytes);
    // The reader promises errors, but it has panicked on crafted pages before.
    catch_unwind(AssertUnwindSafe(|| read_trusting(bytes))).unwrap_or(Err(Unreadable))
}

fn read_trusting(bytes: Bytes) -> Result<Content, Unreadable> {
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(bytes, options)
        .map_err(|_| Unreadable)?;
    let file = builder.metadata();
    let pairs = file
        .file_metadata()
        .key_value_metadata()
        .into_iter()
        .flatten();
    let metadata = pairs
        .map(|kv| (kv.key.clone(), kv.value.clone().unwrap_or_default()))
        .collect();
    let row_groups = file.num_row_groups();
    let schema = builder.schema().clone();
    let reader = builder.build().map_err(|_| Unreadable)?;
    let batches = reader
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| Unreadable)?;
    let batch = concat_batches(&schema, &batches).map_err(|_| Unreadable)?;
    Ok(Content {
        batch,
        metadata,
        row_groups,
    })
}
