//! Parquet, decoded row group by row group, so that several threads can.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::os::unix::fs::FileExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, DictionaryArray, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{
    DataType, Field as ArrowField, Float64Type, Int32Type, Int64Type, Schema, TimeUnit,
};
use arrow::error::ArrowError;
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use parquet::errors::ParquetError;
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::reader::{ChunkReader, Length};

use super::batch::{Batch, Coded, Column, Field, Kind, Lists, Texts};
use super::csv::locate;
use super::dates::DAY;
use super::error::IngestError;
use super::paths::InputFile;

/// Rows of a batch: its columns fit a core's cache.
const ROWS: usize = 8192;

/// Columns whose values take fewer bytes than this are written as numbers of
/// their distinct values, and read as such.
const BYTES_OF_A_NUMBER: i64 = 4;

/// One Parquet file; its row groups can be read apart.
pub(super) struct ParquetFile {
    table: &'static str,
    shown: String,
    file: Opened,
    metadata: ArrowReaderMetadata,
    /// Per field: its column in the file's order.
    positions: Vec<Option<usize>>,
    /// Data row of each row group's first, from 1.
    starts: Vec<u64>,
}

impl ParquetFile {
    /// Opens a file, reads its footer and checks the types of its columns.
    pub(super) fn open(
        table: &'static str,
        file: &InputFile,
        fields: &[Field],
    ) -> Result<Self, IngestError> {
        let failed = |error| IngestError::Io {
            table,
            path: file.shown.clone(),
            error,
        };
        let opened = Opened::new(File::open(&file.path).map_err(failed)?).map_err(failed)?;
        let damaged = || damaged(table, &file.shown);
        let options = || ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        // Writers leave their own types in the footer (categories, …): what
        // Parquet itself says is enough, and needs none of them.
        let metadata = guarded(|| ArrowReaderMetadata::load(&opened, options()));
        let metadata = metadata.ok_or_else(damaged)?;
        let schema = metadata.schema();
        let names: Vec<&str> = schema
            .fields()
            .iter()
            .map(|one| one.name().as_str())
            .collect();
        let positions = locate(table, &file.shown, fields, &names)?;
        for (field, position) in fields.iter().zip(&positions) {
            let Some(found) = position.map(|at| schema.field(at).data_type()) else {
                continue;
            };
            if !usable(field.kind, found) {
                return Err(IngestError::Column {
                    table,
                    path: file.shown.clone(),
                    column: field.name.clone(),
                    from: field.mapping.from.clone(),
                    problem: format!("is of type {found}; expected {}", expected(field.kind)),
                });
            }
        }
        let hinted = options().with_schema(hinted(&metadata, &positions));
        let footer = Arc::clone(metadata.metadata());
        let metadata = guarded(|| ArrowReaderMetadata::try_new(footer, hinted));
        let metadata = metadata.ok_or_else(damaged)?;
        let groups = metadata.metadata().row_groups().iter();
        let starts = groups.scan(1, |next, group| {
            let start = *next;
            *next += group.num_rows().max(0) as u64;
            Some(start)
        });
        Ok(Self {
            table,
            shown: file.shown.clone(),
            file: opened,
            starts: starts.collect(),
            positions,
            metadata,
        })
    }

    /// How many row groups there are.
    pub(super) fn groups(&self) -> usize {
        self.starts.len()
    }

    /// How many bytes a row group takes in the file.
    pub(super) fn bytes(&self, group: usize) -> u64 {
        let group = self.metadata.metadata().row_group(group);
        group.compressed_size().max(0) as u64
    }

    /// Hands over the rows of a row group, batch by batch.
    pub(super) fn each(
        &self,
        group: usize,
        fields: &[Field],
        mut each: impl FnMut(Batch),
    ) -> Result<(), IngestError> {
        let damaged = || damaged(self.table, &self.shown);
        let open = || {
            let wanted = self.positions.iter().flatten().copied();
            let mask = ProjectionMask::roots(self.metadata.parquet_schema(), wanted);
            ParquetRecordBatchReaderBuilder::new_with_metadata(
                self.file.clone(),
                self.metadata.clone(),
            )
            .with_projection(mask)
            .with_row_groups(vec![group])
            .with_batch_size(ROWS)
            .build()
        };
        let mut reader = guarded(open).ok_or_else(damaged)?;
        let declared = self.metadata.metadata().row_group(group).num_rows().max(0) as u64;
        let mut rows = 0;
        loop {
            let next = || -> Result<Option<Batch>, ParquetError> {
                let Some(read) = reader.next().transpose()? else {
                    return Ok(None);
                };
                let mut batch = Batch::new(self.starts[group] + rows, self.columns(&read, fields)?);
                batch.rows = read.num_rows();
                Ok(Some(batch))
            };
            let Some(batch) = guarded(next).ok_or_else(damaged)? else {
                break;
            };
            rows += batch.rows as u64;
            each(batch);
        }
        if rows == declared {
            Ok(())
        } else {
            Err(damaged())
        }
    }

    /// The fields' columns.
    fn columns(&self, read: &RecordBatch, fields: &[Field]) -> Result<Vec<Column>, ArrowError> {
        let schema = self.metadata.schema();
        let column = |(field, position): (&Field, &Option<usize>)| {
            let name = position.map(|at| schema.field(at).name());
            match name.and_then(|name| read.column_by_name(name)) {
                Some(found) => column(field, found),
                None => Ok(Column::Absent),
            }
        };
        fields.iter().zip(&self.positions).map(column).collect()
    }
}

/// A file that was opened once, whatever becomes of its name, and that several
/// threads read at places of their own.
#[derive(Clone)]
struct Opened {
    file: Arc<File>,
    length: u64,
}

impl Opened {
    fn new(file: File) -> io::Result<Self> {
        Ok(Self {
            length: file.metadata()?.len(),
            file: Arc::new(file),
        })
    }
}

/// Reads from a place on.
struct At {
    file: Arc<File>,
    at: u64,
}

impl Read for At {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read_at(buffer, self.at)?;
        self.at += length as u64;
        Ok(length)
    }
}

impl Length for Opened {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for Opened {
    type T = BufReader<At>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        let file = Arc::clone(&self.file);
        Ok(BufReader::new(At { file, at: start }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        // A damaged footer may ask for more than there is.
        if start.saturating_add(length as u64) > self.length {
            return Err(ParquetError::EOF(String::new()));
        }
        let mut bytes = vec![0; length];
        self.file.read_exact_at(&mut bytes, start)?;
        Ok(bytes.into())
    }
}

/// The file's types, but for texts: those that it numbers itself are read so, and
/// the others where they lie.
fn hinted(metadata: &ArrowReaderMetadata, positions: &[Option<usize>]) -> Arc<Schema> {
    let schema = metadata.schema();
    let groups = metadata.metadata().row_groups();
    let hint = |(at, field): (usize, &Arc<ArrowField>)| {
        let texts = matches!(field.data_type(), DataType::Utf8);
        if !texts || !positions.contains(&Some(at)) {
            return Arc::clone(field);
        }
        let read = if is_numbered(groups, metadata, at) {
            DataType::Dictionary(DataType::Int32.into(), DataType::Utf8.into())
        } else {
            DataType::Utf8View
        };
        Arc::new(field.as_ref().clone().with_data_type(read))
    };
    Arc::new(Schema::new(
        schema
            .fields()
            .iter()
            .enumerate()
            .map(hint)
            .collect::<Vec<_>>(),
    ))
}

/// Whether all of a column's values take little room.
fn is_numbered(groups: &[RowGroupMetaData], metadata: &ArrowReaderMetadata, root: usize) -> bool {
    let leaves = metadata.parquet_schema();
    let leaf = (0..leaves.num_columns()).find(|&leaf| leaves.get_column_root_idx(leaf) == root);
    let Some(leaf) = leaf else { return false };
    groups.iter().all(|group| {
        let column = group.column(leaf);
        let most = column.num_values().max(0).saturating_mul(BYTES_OF_A_NUMBER);
        column.uncompressed_size() < most.max(1 << 12)
    })
}

/// Decoders meet a damaged file with errors or panics: both are `None`. Their
/// texts are dropped, since they may hold values.
fn guarded<T, E>(work: impl FnOnce() -> Result<T, E>) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()?.ok()
}

fn damaged(table: &'static str, shown: &str) -> IngestError {
    let problem = "is not a readable Parquet file: it is truncated, damaged, or uses an \
                   unsupported encoding";
    IngestError::File {
        table,
        path: shown.to_owned(),
        row: None,
        problem: problem.to_owned(),
    }
}

/// Whether a column of the type can be read as the kind.
fn usable(kind: Kind, found: &DataType) -> bool {
    use DataType as T;
    let text = matches!(found, T::Utf8 | T::LargeUtf8 | T::Utf8View | T::Null);
    let integer = found.is_integer();
    text || match kind {
        Kind::Text => integer,
        Kind::Number | Kind::Days => integer || matches!(found, T::Float32 | T::Float64),
        Kind::Date => matches!(found, T::Date32 | T::Timestamp(..)),
        Kind::List => match found {
            T::List(inner) | T::LargeList(inner) => usable(Kind::Text, inner.data_type()),
            _ => integer,
        },
    }
}

fn expected(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "text or integers",
        Kind::Number | Kind::Days => "integers, floats or text",
        Kind::Date => "dates, datetimes or text",
        Kind::List => "text, integers or lists of them",
    }
}

/// One column as its kind asks for.
fn column(field: &Field, found: &ArrayRef) -> Result<Column, ArrowError> {
    Ok(match (found.data_type(), field.kind) {
        (DataType::Null, _) => Column::Absent,
        (DataType::List(_) | DataType::LargeList(_), _) => Column::Lists(lists(found)?),
        (DataType::Dictionary(..), _) => coded(found),
        (DataType::Date32, _) => {
            let days = cast(found, &DataType::Int32)?;
            let days = days.as_primitive::<Int32Type>();
            Column::Moments(days.unary(|day| i64::from(day).saturating_mul(DAY)))
        }
        (DataType::Timestamp(unit, _), _) => {
            let times = cast(found, &DataType::Int64)?;
            let times = times.as_primitive::<Int64Type>();
            Column::Moments(match unit {
                TimeUnit::Nanosecond => times.unary(|time| time.div_euclid(1000)),
                TimeUnit::Microsecond => times.clone(),
                TimeUnit::Millisecond => times.unary(|time| time.saturating_mul(1000)),
                TimeUnit::Second => times.unary(|time| time.saturating_mul(1_000_000)),
            })
        }
        (DataType::Utf8View, _) => Column::Texts(Texts::Views(found.as_string_view().clone())),
        (DataType::Utf8 | DataType::LargeUtf8, _) | (_, Kind::Text | Kind::List | Kind::Date) => {
            Column::Texts(Texts::Plain(texts(found)?))
        }
        (_, Kind::Number | Kind::Days) => {
            let numbers = cast(found, &DataType::Float64)?;
            Column::Numbers(numbers.as_primitive::<Float64Type>().clone())
        }
    })
}

fn texts(found: &ArrayRef) -> Result<StringArray, ArrowError> {
    Ok(cast(found, &DataType::Utf8)?.as_string::<i32>().clone())
}

/// Texts that the file numbers; a missing one is an empty one.
fn coded(found: &ArrayRef) -> Column {
    let array: &DictionaryArray<Int32Type> = found.as_dictionary();
    let texts = array.values().as_string::<i32>();
    let missing = array.keys().null_count() > 0;
    let none = texts.len() as u32;
    let (codes, texts) = if missing {
        let code = |code: Option<i32>| code.map_or(none, |code| code as u32);
        let codes = array.keys().iter().map(code).collect();
        (codes, texts.iter().chain([None]).collect())
    } else {
        let codes = array.keys().values().iter();
        (codes.map(|code| *code as u32).collect(), texts.clone())
    };
    Column::Coded(Coded {
        codes,
        texts: Texts::Plain(texts),
    })
}

/// Lists of texts; a missing list is an empty one.
fn lists(found: &ArrayRef) -> Result<Lists, ArrowError> {
    let (DataType::List(inner) | DataType::LargeList(inner)) = found.data_type() else {
        return Err(ArrowError::CastError(String::new()));
    };
    let narrow = DataType::List(Arc::clone(inner));
    let narrow = cast(found, &narrow)?;
    let array = narrow.as_list::<i32>();
    let items = texts(array.values())?;
    let ends = array.offsets().windows(2).enumerate();
    let span = |(row, ends): (usize, &[i32])| {
        if array.is_valid(row) {
            (ends[0] as u32, ends[1] as u32)
        } else {
            (0, 0)
        }
    };
    Ok(Lists::new(items, ends.map(span).collect()))
}
