//! CSV: RFC 4180, UTF-8.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use csv::{ByteRecord, StringRecord};

use super::batch::{Batch, Column, Field, Role, Taking};
use super::bytes::{self, Bytes};
use super::error::IngestError;
use super::paths::InputFile;
use super::report::Reason;
use super::strict::{NOT_TEXT, Strict};

/// Rows of a batch.
const ROWS: usize = 16_384;

/// One CSV file, batch by batch.
pub(super) struct CsvFile {
    table: &'static str,
    shown: String,
    reader: csv::Reader<Strict<Bytes>>,
    /// Per field: its position in the file.
    positions: Vec<Option<usize>>,
    /// Fields of a record.
    width: usize,
    /// Data rows read.
    rows: u64,
    record: ByteRecord,
    /// Whether the last record had all its fields.
    last_whole: bool,
    done: bool,
}

impl CsvFile {
    /// Opens a file and reads its header.
    pub(super) fn open(
        table: &'static str,
        file: &InputFile,
        fields: &[Field],
        read: &Arc<AtomicU64>,
    ) -> Result<Self, IngestError> {
        let failed = |error| bytes::broken(table, &file.shown, error);
        let strict = Strict::new(Bytes::open(file, read).map_err(failed)?, file.delimiter);
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(file.delimiter)
            .buffer_capacity(1 << 18)
            .from_reader(strict);
        let mut record = ByteRecord::new();
        let found = reader.read_byte_record(&mut record);
        let refused = |row, problem: String| IngestError::File {
            table,
            path: file.shown.clone(),
            row,
            problem,
        };
        if !found.map_err(|error| broken(table, &file.shown, error))? {
            return Err(refused(None, "is empty: it has no header".to_owned()));
        }
        let header = StringRecord::from_byte_record(record)
            .map_err(|_| refused(Some(0), NOT_TEXT.to_owned()))?;
        let names: Vec<&str> = header.iter().collect();
        let twice = (0..names.len())
            .find_map(|b| Some((names[..b].iter().position(|n| *n == names[b])?, b)));
        if let Some((a, b)) = twice {
            // By position: in a file without a header these would be values.
            let problem = format!("columns {} and {} have the same name", a + 1, b + 1);
            return Err(refused(Some(0), problem));
        }
        let positions = locate(table, &file.shown, fields, &names)
            .map_err(|error| separated(&names, table, error))?;
        let width = names.len();
        Ok(Self {
            table,
            shown: file.shown.clone(),
            reader,
            positions,
            width,
            rows: 0,
            record: ByteRecord::new(),
            last_whole: true,
            done: false,
        })
    }

    /// The next rows; `None` at the end.
    pub(super) fn next(&mut self, fields: &[Field]) -> Result<Option<Batch>, IngestError> {
        let taking = |(field, position): (&Field, &Option<usize>)| {
            position.map(|position| (position, Taking::new(field.repeats)))
        };
        let mut columns: Vec<_> = fields.iter().zip(&self.positions).map(taking).collect();
        let mut batch = Batch::new(self.rows + 1, Vec::new());
        while batch.rows < ROWS && !self.done {
            let found = self.reader.read_byte_record(&mut self.record);
            if !found.map_err(|error| broken(self.table, &self.shown, error))? {
                self.done = true;
                if !self.last_whole && !self.reader.get_ref().ended_with_line_break() {
                    return Err(self.refused("the file ends within a record: it is truncated"));
                }
                break;
            }
            self.push(&mut batch, &mut columns)?;
        }
        let finished = |column: Option<(usize, Taking)>| {
            column.map_or(Column::Absent, |(_, taking)| taking.finish())
        };
        batch.columns = columns.into_iter().map(finished).collect();
        Ok((batch.rows > 0).then_some(batch))
    }

    /// Adds the record to the batch.
    fn push(
        &mut self,
        batch: &mut Batch,
        columns: &mut [Option<(usize, Taking)>],
    ) -> Result<(), IngestError> {
        self.rows += 1;
        let whole = self.record.len() == self.width;
        self.last_whole = whole;
        if !whole {
            batch.broken.push((batch.rows, Reason::FieldCount));
        }
        if self
            .record
            .iter()
            .any(|field| std::str::from_utf8(field).is_err())
        {
            return Err(self.refused(NOT_TEXT));
        }
        for (position, taking) in columns.iter_mut().flatten() {
            let field = self.record.get(*position).filter(|_| whole);
            taking.push(std::str::from_utf8(field.unwrap_or_default()).unwrap_or_default());
        }
        batch.rows += 1;
        Ok(())
    }

    fn refused(&self, problem: &str) -> IngestError {
        IngestError::File {
            table: self.table,
            path: self.shown.clone(),
            row: Some(self.rows),
            problem: problem.to_owned(),
        }
    }
}

/// Where the fields are, given the names in the file.
pub(super) fn locate(
    table: &'static str,
    shown: &str,
    fields: &[Field],
    names: &[&str],
) -> Result<Vec<Option<usize>>, IngestError> {
    let position = |field: &Field| names.iter().position(|name| field.is_called(name));
    let positions: Vec<_> = fields.iter().map(position).collect();
    let missing = fields
        .iter()
        .zip(&positions)
        .find(|(field, at)| field.required && at.is_none());
    let Some((field, _)) = missing else {
        return Ok(positions);
    };
    // Where no name is known this may be a row of values: nothing is repeated.
    let headed = positions.iter().any(Option::is_some);
    let near = |name: &&&str| strsim::jaro_winkler(name, &field.mapping.from) > 0.8;
    let taken = |name: &str| fields.iter().any(|other| other.mapping.from == name);
    let nearest = names
        .iter()
        .filter(|name| headed && !taken(name))
        .filter(near)
        .max_by(|a, b| {
            let close = |name: &str| strsim::jaro_winkler(name, &field.mapping.from);
            close(a).total_cmp(&close(b))
        });
    let problem = match nearest {
        _ if headed && matches!(field.role, Role::Wide(_)) => {
            format!("is missing; if it has another name, correct `unpivot` in [sources.{table}]")
        }
        Some(name) => format!(
            "is missing; if it is {name:?}, say so: columns = {{ {} = {name:?} }} in [sources.{table}]",
            field.name
        ),
        None if headed => format!(
            "is missing; if it has another name, say so: columns = {{ {} = … }} in [sources.{table}]",
            field.name
        ),
        None => "is missing, as are all others: the file seems to have no header".to_owned(),
    };
    let (path, from) = (shown.to_owned(), field.mapping.from.clone());
    Err(IngestError::Column {
        table,
        path,
        column: field.name.clone(),
        from,
        problem,
    })
}

/// Where a header seems to have another delimiter, that is what is wrong.
fn separated(names: &[&str], table: &'static str, error: IngestError) -> IngestError {
    let mut seen = [';', '\t', '|', ','].into_iter();
    let [name] = names else { return error };
    let (Some(other), IngestError::Column { path, .. }) =
        (seen.find(|mark| name.contains(*mark)), &error)
    else {
        return error;
    };
    IngestError::File {
        table,
        path: path.clone(),
        row: Some(0),
        problem: format!(
            "seems to be separated by {other:?}; if it is, say so: delimiter = {:?} in \
             [sources.{table}]",
            other.to_string()
        ),
    }
}

/// A parser's error, as ours.
fn broken(table: &'static str, shown: &str, error: csv::Error) -> IngestError {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => bytes::broken(table, shown, error),
        _ => IngestError::File {
            table,
            path: shown.to_owned(),
            row: None,
            problem: "is not a CSV file".to_owned(),
        },
    }
}
