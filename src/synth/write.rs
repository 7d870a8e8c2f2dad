//! Files of a synthetic project.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::{Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use super::SynthError;
use super::notes::person_name;
use super::org::{ORGANISATION, Org};
use super::people::{LEVELS, Person, person_id};
use crate::calendar::Period;

/// Rows that are held before they are encoded.
pub(super) const BATCH_ROWS: usize = 32_768;
/// Rows of a row group; a power of two times [`BATCH_ROWS`].
pub(super) const GROUP_ROWS: usize = 262_144;

/// The project's folder, which must be new or empty.
pub(super) struct Folder(PathBuf);

impl Folder {
    /// Makes the folder and the folders in it.
    pub(super) fn create(path: &Path) -> Result<Self, SynthError> {
        let io = |source| SynthError::Io {
            path: path.to_owned(),
            source,
        };
        match fs::read_dir(path) {
            Ok(mut entries) => {
                if entries.next().is_some() {
                    return Err(SynthError::NotEmpty {
                        path: path.to_owned(),
                    });
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(io(error)),
        }
        fs::create_dir_all(path.join("input")).map_err(io)?;
        Ok(Self(path.to_owned()))
    }

    /// Makes a folder in it.
    pub(super) fn folder(&self, name: &str) -> Result<(), SynthError> {
        let path = self.0.join(name);
        fs::create_dir(&path).map_err(|source| SynthError::Io { path, source })
    }

    /// Writes a text file.
    pub(super) fn text(&self, name: &str, text: &str) -> Result<(), SynthError> {
        let path = self.0.join(name);
        fs::write(&path, text).map_err(|source| SynthError::Io { path, source })
    }

    /// Writes a text file from a template with `{name}` where values belong.
    pub(super) fn template(
        &self,
        name: &str,
        template: &str,
        values: &[(&str, String)],
    ) -> Result<(), SynthError> {
        let organisation = [("{organisation}", ORGANISATION.to_owned())];
        let values = organisation.iter().chain(values);
        let text = values.fold(template.to_owned(), |text, (name, value)| {
            text.replace(name, value)
        });
        self.text(name, &text)
    }

    /// Makes a file; where it is.
    pub(super) fn file(&self, name: &str) -> Result<(PathBuf, File), SynthError> {
        let path = self.0.join(name);
        match File::create(&path) {
            Ok(file) => Ok((path, file)),
            Err(source) => Err(SynthError::Io { path, source }),
        }
    }

    /// Opens a CSV file and writes its header; `\n` ends lines everywhere.
    pub(super) fn csv(&self, name: &str, header: &[&str]) -> Result<Csv, SynthError> {
        let (path, file) = self.file(name)?;
        let mut csv = Csv {
            path,
            writer: csv::Writer::from_writer(file),
        };
        csv.row(header)?;
        Ok(csv)
    }

    /// `input/org.csv`. Departments say how many people they are planned to have, in
    /// tens.
    pub(super) fn org(&self, org: &Org) -> Result<(), SynthError> {
        let header = ["org_unit", "label", "parent", "headcount"];
        let mut csv = self.csv("input/org.csv", &header)?;
        csv.row(&[ORGANISATION, ORGANISATION, "", ""])?;
        for unit in &org.divisions {
            csv.row(&[&unit.id, &unit.label, ORGANISATION, ""])?;
        }
        for (division, unit, people) in &org.departments {
            let planned = ((people + 5) / 10 * 10).to_string();
            csv.row(&[
                &unit.id,
                &unit.label,
                &org.divisions[*division].id,
                &planned,
            ])?;
        }
        csv.finish()
    }

    /// `input/people.csv`, with names if asked for.
    pub(super) fn people(
        &self,
        people: &[Person],
        org: &Org,
        named: bool,
    ) -> Result<(), SynthError> {
        let columns = ["person_id", "org_unit", "job_level", "name"];
        let count = if named { 4 } else { 3 };
        let mut csv = self.csv("input/people.csv", &columns[..count])?;
        for (index, person) in people.iter().enumerate() {
            let (_, unit, _) = &org.departments[usize::from(person.department)];
            let (level, ..) = LEVELS[usize::from(person.level)];
            let row = [&person_id(index), &unit.id, level, &person_name(index)];
            csv.row(&row[..count])?;
        }
        csv.finish()
    }

    /// Opens `input/<table>/<period>.parquet`, with such columns. Of those in
    /// `plain` every value is different, so that a dictionary only adds to them.
    pub(super) fn parquet(
        &self,
        table: &str,
        period: Period,
        columns: Vec<Field>,
        plain: Option<&str>,
    ) -> Result<ParquetFile, SynthError> {
        let (path, file) = self.file(&format!("input/{table}/{}.parquet", period.name()))?;
        ParquetFile::new((path, file), columns, plain)
    }
}

/// A CSV file that is being written.
pub(super) struct Csv {
    path: PathBuf,
    writer: csv::Writer<File>,
}

impl Csv {
    pub(super) fn row(&mut self, fields: &[&str]) -> Result<(), SynthError> {
        self.writer
            .write_record(fields)
            .map_err(|source| SynthError::Csv {
                path: self.path.clone(),
                source,
            })
    }

    pub(super) fn rows<const N: usize>(&mut self, rows: &[[String; N]]) -> Result<(), SynthError> {
        rows.iter()
            .try_for_each(|row| self.row(&row.each_ref().map(String::as_str)))
    }

    pub(super) fn finish(mut self) -> Result<(), SynthError> {
        self.writer.flush().map_err(|source| SynthError::Io {
            path: self.path,
            source,
        })
    }
}

/// How Parquet files are written; see [`Folder::parquet`].
pub(super) fn properties(plain: Option<&str>) -> WriterProperties {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        // Not the library's version: an update of it need not change the bytes.
        .set_created_by("lodestar synth".to_owned())
        .set_max_row_group_row_count(Some(GROUP_ROWS));
    if let Some(name) = plain {
        properties = properties.set_column_dictionary_enabled(name.into(), false);
    }
    properties.build()
}

/// A Parquet file that is being written.
pub(super) struct ParquetFile {
    path: PathBuf,
    writer: ArrowWriter<File>,
    schema: Arc<Schema>,
}

impl ParquetFile {
    fn new(
        (path, file): (PathBuf, File),
        columns: Vec<Field>,
        plain: Option<&str>,
    ) -> Result<Self, SynthError> {
        let schema = Arc::new(Schema::new(columns));
        let properties = Some(properties(plain));
        let writer =
            ArrowWriter::try_new(file, Arc::clone(&schema), properties).map_err(|source| {
                SynthError::Parquet {
                    path: path.clone(),
                    source,
                }
            })?;
        Ok(Self {
            path,
            writer,
            schema,
        })
    }

    /// Adds rows: all columns, in their order.
    pub(super) fn write(&mut self, columns: Vec<ArrayRef>) -> Result<(), SynthError> {
        RecordBatch::try_new(Arc::clone(&self.schema), columns)
            .map_err(Into::into)
            .and_then(|batch| self.writer.write(&batch))
            .map_err(|source| SynthError::Parquet {
                path: self.path.clone(),
                source,
            })
    }

    pub(super) fn finish(self) -> Result<(), SynthError> {
        let path = self.path;
        let mut file = self
            .writer
            .into_inner()
            .map_err(|source| SynthError::Parquet {
                path: path.clone(),
                source,
            })?;
        file.flush()
            .map_err(|source| SynthError::Io { path, source })
    }
}
