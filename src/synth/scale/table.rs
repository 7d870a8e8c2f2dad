//! Tables of any size: groups of rows are encoded in parallel, and put into
//! their file in order.

use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Builder, Int32Builder, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{
    ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves,
};
use parquet::errors::ParquetError;
use parquet::file::writer::SerializedFileWriter;
use rayon::prelude::*;

use super::super::SynthError;
use super::super::write::{BATCH_ROWS, Folder, properties};

/// Groups that are encoded before the first of them is written, per thread,
/// and in all.
const AHEAD: (usize, usize) = (4, 64);

/// What tables are written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Parquet, packed with zstd, in row groups.
    Parquet,
    /// CSV with a header.
    Csv,
    /// A JSON object a line.
    Ndjson,
}

impl Format {
    /// How names of files end.
    pub(super) fn extension(self) -> &'static str {
        match self {
            Self::Parquet => "parquet",
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
        }
    }
}

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    /// Texts of which (nearly) each is different.
    Id,
    Date,
    Number,
}

/// A column: its name, and what it holds.
pub(super) type Column = (&'static str, Kind);

/// A cell with its text, and what that means if it is a day since 1970 or a
/// number. Texts need no escape in any format. An empty one is missing.
#[derive(Clone, Copy)]
pub(super) enum Cell<'a> {
    Text(&'a str),
    Date(i32, &'a str),
    Number(i32, &'a str),
}

impl<'a> Cell<'a> {
    pub(super) const MISSING: Self = Self::Text("");

    pub(super) fn text(self) -> &'a str {
        match self {
            Self::Text(text) | Self::Date(_, text) | Self::Number(_, text) => text,
        }
    }
}

/// Writes an id: a prefix, and a number of so many digits at least.
pub(super) fn numbered(id: &mut String, prefix: &str, number: u32, digits: usize) {
    let (mut text, mut rest, mut start) = ([b'0'; 10], number + 1, 10);
    while rest > 0 {
        start -= 1;
        text[start] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    let text = &text[start.min(10 - digits)..];
    id.clear();
    id.push_str(prefix);
    id.push_str(str::from_utf8(text).unwrap_or_default());
}

/// How rows of a table are encoded.
pub(super) struct Layout {
    columns: Vec<Column>,
    form: Form,
}

enum Form {
    Parquet(Arc<Schema>, ArrowRowGroupWriterFactory),
    Csv,
    Ndjson,
}

/// A file that is being written.
pub(super) struct TableFile {
    path: PathBuf,
    layout: Layout,
    out: Out,
}

enum Out {
    Parquet(SerializedFileWriter<File>),
    Text(File),
}

/// A group of rows, ready to be written.
pub(super) enum Encoded {
    Parquet(Vec<ArrowColumnChunk>),
    Text(Vec<u8>),
}

impl TableFile {
    /// Begins `input/<name>.<extension>`.
    pub(super) fn new(
        folder: &Folder,
        name: &str,
        format: Format,
        columns: Vec<Column>,
    ) -> Result<Self, SynthError> {
        let name = format!("input/{name}.{}", format.extension());
        let (path, mut file) = folder.file(&name)?;
        let (form, out) = match format {
            Format::Parquet => {
                let (form, writer) =
                    parquet(file, &columns).map_err(|source| SynthError::Parquet {
                        path: path.clone(),
                        source,
                    })?;
                (form, Out::Parquet(writer))
            }
            Format::Csv => {
                let names: Vec<&str> = columns.iter().map(|column| column.0).collect();
                writeln!(file, "{}", names.join(",")).map_err(|source| SynthError::Io {
                    path: path.clone(),
                    source,
                })?;
                (Form::Csv, Out::Text(file))
            }
            Format::Ndjson => (Form::Ndjson, Out::Text(file)),
        };
        let layout = Layout { columns, form };
        Ok(Self { path, layout, out })
    }

    /// Makes groups of rows of tasks, in parallel, and writes them in order.
    /// What else a task gives is handed over, in order, too.
    pub(super) fn write<T: Send, R: Send>(
        &mut self,
        tasks: Vec<T>,
        make: impl Fn(T, &mut Encoder<'_>) -> Result<R, ParquetError> + Sync,
        mut also: impl FnMut(R) -> Result<(), SynthError>,
    ) -> Result<(), SynthError> {
        let (a_thread, most) = AHEAD;
        let most = (a_thread * rayon::current_num_threads()).min(most);
        let mut tasks = tasks.into_iter();
        loop {
            let wave: Vec<T> = tasks.by_ref().take(most).collect();
            if wave.is_empty() {
                return Ok(());
            }
            let layout = &self.layout;
            let group = |task| {
                let mut encoder = Encoder::new(layout)?;
                let also = make(task, &mut encoder)?;
                Ok((encoder.finish()?, also))
            };
            let done: Vec<Result<_, ParquetError>> = wave.into_par_iter().map(group).collect();
            for group in done {
                let (group, more) = group.map_err(|source| self.failed(source))?;
                self.append(group)?;
                also(more)?;
            }
        }
    }

    fn failed(&self, source: ParquetError) -> SynthError {
        let path = self.path.clone();
        SynthError::Parquet { path, source }
    }

    fn append(&mut self, group: Encoded) -> Result<(), SynthError> {
        let done = match (&mut self.out, group) {
            (Out::Parquet(writer), Encoded::Parquet(chunks)) => append(writer, chunks),
            (Out::Text(file), Encoded::Text(bytes)) => file.write_all(&bytes).map_err(Into::into),
            _ => unreachable!("a group is encoded as its file's layout says"),
        };
        done.map_err(|source| self.failed(source))
    }

    /// To be called when all rows are written.
    pub(super) fn finish(self) -> Result<(), SynthError> {
        let Self { path, out, .. } = self;
        let done = match out {
            Out::Parquet(mut writer) => writer.finish().map(drop),
            Out::Text(mut file) => file.flush().map_err(Into::into),
        };
        done.map_err(|source| SynthError::Parquet { path, source })
    }
}

fn parquet(
    file: File,
    columns: &[Column],
) -> Result<(Form, SerializedFileWriter<File>), ParquetError> {
    let field = |(name, kind): &Column| match kind {
        Kind::Text | Kind::Id => Field::new(*name, DataType::Utf8, false),
        Kind::Date => Field::new(*name, DataType::Date32, true),
        Kind::Number => Field::new(*name, DataType::Int32, false),
    };
    let schema = Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()));
    let plain = columns.iter().find(|(_, kind)| *kind == Kind::Id);
    let properties = properties(plain.map(|(name, _)| *name));
    let writer = ArrowWriter::try_new(file, Arc::clone(&schema), Some(properties))?;
    let (writer, factory) = writer.into_serialized_writer()?;
    Ok((Form::Parquet(schema, factory), writer))
}

fn append(
    writer: &mut SerializedFileWriter<File>,
    chunks: Vec<ArrowColumnChunk>,
) -> Result<(), ParquetError> {
    let mut group = writer.next_row_group()?;
    for chunk in chunks {
        chunk.append_to_row_group(&mut group)?;
    }
    group.close()?;
    Ok(())
}

/// A group of rows that is being encoded.
pub(super) struct Encoder<'a> {
    layout: &'a Layout,
    state: State,
}

enum State {
    Parquet {
        columns: Vec<Builder>,
        rows: usize,
        writers: Vec<ArrowColumnWriter>,
    },
    Text(Vec<u8>),
}

enum Builder {
    Text(StringBuilder),
    Date(Date32Builder),
    Number(Int32Builder),
}

impl<'a> Encoder<'a> {
    fn new(layout: &'a Layout) -> Result<Self, ParquetError> {
        let builder = |(_, kind): &Column| match kind {
            Kind::Text | Kind::Id => Builder::Text(StringBuilder::new()),
            Kind::Date => Builder::Date(Date32Builder::new()),
            Kind::Number => Builder::Number(Int32Builder::new()),
        };
        let state = match &layout.form {
            Form::Parquet(_, factory) => State::Parquet {
                columns: layout.columns.iter().map(builder).collect(),
                rows: 0,
                writers: factory.create_column_writers(0)?,
            },
            Form::Csv | Form::Ndjson => State::Text(Vec::new()),
        };
        Ok(Self { layout, state })
    }

    /// Adds a row: a cell for each column.
    pub(super) fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), ParquetError> {
        match &mut self.state {
            State::Parquet { columns, rows, .. } => {
                for (column, cell) in columns.iter_mut().zip(cells) {
                    column.add(*cell);
                }
                *rows += 1;
                if *rows % BATCH_ROWS == 0 {
                    self.flush()?;
                }
            }
            State::Text(bytes) => {
                self.layout.text(cells, bytes);
                bytes.push(b'\n');
            }
        }
        Ok(())
    }

    /// Adds a record that is no row: of CSV a field is gone, of NDJSON the
    /// brace at the end. Parquet knows no such thing, and nothing is added.
    pub(super) fn fragment(&mut self, cells: &[Cell<'_>]) {
        if let State::Text(bytes) = &mut self.state {
            match self.layout.form {
                Form::Ndjson => {
                    self.layout.text(cells, bytes);
                    bytes.pop();
                }
                _ => self.layout.text(&cells[1..], bytes),
            }
            bytes.push(b'\n');
        }
    }

    /// Hands what has filled up to the columns' writers.
    fn flush(&mut self) -> Result<(), ParquetError> {
        let (
            State::Parquet {
                columns, writers, ..
            },
            Form::Parquet(schema, _),
        ) = (&mut self.state, &self.layout.form)
        else {
            return Ok(());
        };
        let columns = columns.iter_mut().zip(writers).zip(schema.fields());
        for ((column, writer), field) in columns {
            for leaf in compute_leaves(field, &column.finish())? {
                writer.write(&leaf)?;
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Encoded, ParquetError> {
        self.flush()?;
        match self.state {
            State::Parquet { writers, .. } => {
                let chunks = writers.into_iter().map(ArrowColumnWriter::close);
                Ok(Encoded::Parquet(chunks.collect::<Result<_, _>>()?))
            }
            State::Text(bytes) => Ok(Encoded::Text(bytes)),
        }
    }
}

impl Builder {
    fn add(&mut self, cell: Cell<'_>) {
        match (self, cell) {
            (Self::Text(builder), cell) => builder.append_value(cell.text()),
            (Self::Date(builder), Cell::Date(day, _)) => builder.append_value(day),
            (Self::Number(builder), Cell::Number(number, _)) => builder.append_value(number),
            (Self::Date(builder), _) => builder.append_null(),
            (Self::Number(builder), _) => builder.append_null(),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Text(builder) => Arc::new(builder.finish()),
            Self::Date(builder) => Arc::new(builder.finish()),
            Self::Number(builder) => Arc::new(builder.finish()),
        }
    }
}

impl Layout {
    /// A row as text, without its line break.
    fn text(&self, cells: &[Cell<'_>], bytes: &mut Vec<u8>) {
        if let Form::Ndjson = self.form {
            for (place, ((name, kind), cell)) in self.columns.iter().zip(cells).enumerate() {
                bytes.extend(if place == 0 { b"{\"" } else { b",\"" });
                bytes.extend(name.as_bytes());
                bytes.extend(b"\":");
                let quote: &[u8] = if *kind == Kind::Number { b"" } else { b"\"" };
                bytes.extend(quote);
                bytes.extend(cell.text().as_bytes());
                bytes.extend(quote);
            }
            bytes.push(b'}');
            return;
        }
        for (place, cell) in cells.iter().enumerate() {
            if place > 0 {
                bytes.push(b',');
            }
            bytes.extend(cell.text().as_bytes());
        }
    }
}
