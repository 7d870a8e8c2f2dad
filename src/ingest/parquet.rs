//! Parquet, decoded by polars slice by slice.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use polars::prelude::{
    ArrowDataType, ArrowSchema, DataFrame, DataType, ParquetReader, PlSmallStr, PolarsResult,
    SerReader, Series, TimeUnit,
};

use super::batch::{Batch, Column, Field, Kind, Lists, Texts};
use super::csv::locate;
use super::dates::DAY;
use super::error::IngestError;
use super::paths::InputFile;

/// Rows of a batch.
const ROWS: usize = 65_536;

/// Yields a reader of the file, its footer already known.
type Opener = Box<dyn Fn() -> PolarsResult<ParquetReader<File>> + Send>;

/// One Parquet file, batch by batch.
pub(super) struct ParquetFile {
    table: &'static str,
    shown: String,
    open: Opener,
    /// Per field: whether the file has it.
    present: Vec<bool>,
    /// Rows in the file, and those already read.
    length: usize,
    rows: usize,
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
        File::open(&file.path).map_err(failed)?;
        let (open, schema, length) =
            guarded(|| footer(file)).ok_or_else(|| damaged(table, &file.shown))?;
        let names: Vec<&str> = schema.iter_names().map(PlSmallStr::as_str).collect();
        let positions = locate(table, &file.shown, fields, &names)?;
        for (field, position) in fields.iter().zip(&positions) {
            let Some((_, found)) = position.and_then(|at| schema.get_at_index(at)) else {
                continue;
            };
            if !usable(field.kind, &found.dtype) {
                return Err(IngestError::Column {
                    table,
                    path: file.shown.clone(),
                    column: field.name.clone(),
                    from: field.mapping.from.clone(),
                    problem: format!(
                        "is of type {:?}; expected {}",
                        found.dtype,
                        expected(field.kind)
                    ),
                });
            }
        }
        let present = positions.iter().map(Option::is_some).collect();
        Ok(Self {
            table,
            shown: file.shown.clone(),
            open,
            present,
            length,
            rows: 0,
        })
    }

    /// The next rows; `None` at the end.
    pub(super) fn next(&mut self, fields: &[Field]) -> Result<Option<Batch>, IngestError> {
        if self.rows >= self.length {
            return Ok(None);
        }
        let rows = ROWS.min(self.length - self.rows);
        let wanted = fields
            .iter()
            .zip(&self.present)
            .filter(|(_, present)| **present);
        let names: Vec<String> = wanted
            .map(|(field, _)| field.mapping.from.clone())
            .collect();
        let read = || {
            let slice = Some((self.rows, rows));
            let frame = (self.open)()?
                .with_columns(Some(names))
                .with_slice(slice)
                .finish()?;
            columns(&frame, fields, &self.present)
        };
        let columns = guarded(read)
            .filter(|(_, height)| *height == rows)
            .ok_or_else(|| damaged(self.table, &self.shown))?
            .0;
        let first_row = self.rows as u64 + 1;
        self.rows += rows;
        let mut batch = Batch::new(first_row, columns);
        batch.rows = rows;
        Ok(Some(batch))
    }
}

/// Decoders meet a damaged file with errors or panics: both are `None`. Their
/// texts are dropped, since they may hold values.
fn guarded<T>(work: impl FnOnce() -> PolarsResult<T>) -> Option<T> {
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

/// Reads the footer once.
fn footer(file: &InputFile) -> PolarsResult<(Opener, Arc<ArrowSchema>, usize)> {
    let mut metadata = ParquetReader::new(File::open(&file.path)?)
        .get_metadata()?
        .clone();
    // Writers leave their own types here (categories, …): what Parquet itself
    // says is enough, and needs none of them.
    Arc::make_mut(&mut metadata).key_value_metadata = None;
    let path = file.path.clone();
    let length = metadata.num_rows;
    let open: Opener = Box::new(move || {
        let mut reader = ParquetReader::new(File::open(&path)?);
        reader.set_metadata(metadata.clone());
        Ok(reader)
    });
    let schema = open()?.schema()?;
    Ok((open, schema, length))
}

/// Whether a column of the type can be read as the kind.
fn usable(kind: Kind, found: &ArrowDataType) -> bool {
    use ArrowDataType as T;
    let text = matches!(found, T::Utf8 | T::LargeUtf8 | T::Utf8View | T::Null);
    let integer = matches!(
        found,
        T::Int8 | T::Int16 | T::Int32 | T::Int64 | T::UInt8 | T::UInt16 | T::UInt32 | T::UInt64
    );
    text || match kind {
        Kind::Text => integer,
        Kind::Number | Kind::Days => integer || matches!(found, T::Float32 | T::Float64),
        Kind::Date => matches!(found, T::Date32 | T::Timestamp(..)),
        Kind::List => match found {
            T::List(inner) | T::LargeList(inner) => usable(Kind::Text, &inner.dtype),
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

/// The fields' columns, and how many rows there are.
fn columns(
    frame: &DataFrame,
    fields: &[Field],
    present: &[bool],
) -> PolarsResult<(Vec<Column>, usize)> {
    let mut columns = Vec::with_capacity(fields.len());
    for (field, present) in fields.iter().zip(present) {
        columns.push(match present {
            false => Column::Absent,
            true => column(
                field,
                frame.column(&field.mapping.from)?.as_materialized_series(),
            )?,
        });
    }
    Ok((columns, frame.height()))
}

/// One column as its kind asks for.
fn column(field: &Field, series: &Series) -> PolarsResult<Column> {
    Ok(match (series.dtype(), field.kind) {
        (DataType::Null, _) => Column::Absent,
        (DataType::List(_), _) => Column::Lists(lists(series)?),
        (DataType::Date, _) => {
            let days = series.cast(&DataType::Int32)?;
            let moment = |day: i32| i64::from(day).saturating_mul(DAY);
            Column::Moments(days.i32()?.iter().map(|day| day.map(moment)).collect())
        }
        (DataType::Datetime(unit, _), _) => {
            let unit = *unit;
            let moment = |time: i64| match unit {
                TimeUnit::Nanoseconds => time.div_euclid(1000),
                TimeUnit::Microseconds => time,
                TimeUnit::Milliseconds => time.saturating_mul(1000),
            };
            let times = series.to_physical_repr();
            Column::Moments(times.i64()?.iter().map(|time| time.map(moment)).collect())
        }
        (DataType::String, _) | (_, Kind::Text | Kind::List | Kind::Date) => {
            let texts = series.cast(&DataType::String)?;
            let mut column = Texts::default();
            texts
                .str()?
                .iter()
                .for_each(|text| column.push(text.unwrap_or_default()));
            Column::Texts(column)
        }
        (_, Kind::Number | Kind::Days) => {
            let numbers = series.cast(&DataType::Float64)?;
            Column::Numbers(numbers.f64()?.iter().collect())
        }
    })
}

/// Lists of texts; a missing list is an empty one.
fn lists(series: &Series) -> PolarsResult<Lists> {
    let column = series.list()?.rechunk();
    let items = column.get_inner().cast(&DataType::String)?;
    let items: Vec<Option<&str>> = items.str()?.iter().collect();
    let mut lists = Lists::default();
    let ends = column.downcast_as_array().offsets().windows(2);
    let present = column.is_not_null();
    for (span, present) in ends.zip(present.iter()) {
        let span = span[0] as usize..span[1] as usize;
        let span = if present == Some(true) { span } else { 0..0 };
        lists.push(items[span].iter().copied().flatten());
    }
    Ok(lists)
}
