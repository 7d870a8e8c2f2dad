//! Files of a synthetic project.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Builder, Int32Builder, RecordBatch, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use super::codebook::Codebook;
use super::org::{ORGANISATION, Org};
use super::people::{LEVELS, Person, coach_id, person_id};
use super::sessions::Session;
use super::{Options, SynthError};
use crate::calendar::Period;

/// Rows that are held before they are encoded.
const BATCH_ROWS: usize = 32_768;
/// Rows of a row group; a power of two times [`BATCH_ROWS`].
const GROUP_ROWS: usize = 262_144;

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
        fs::create_dir_all(path.join("input/sessions")).map_err(io)?;
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
        options: &Options,
        periods: &[Period],
    ) -> Result<(), SynthError> {
        let period = |period: Option<&Period>| period.map(Period::name).unwrap_or_default();
        let text = template
            .replace("{organisation}", ORGANISATION)
            .replace("{people}", &options.people.to_string())
            .replace("{seed}", &options.seed.to_string())
            .replace("{first}", &period(periods.first()))
            .replace("{last}", &period(periods.last()));
        self.text(name, &text)
    }

    /// Opens a CSV file and writes its header; `\n` ends lines everywhere.
    pub(super) fn csv(&self, name: &str, header: &[&str]) -> Result<Csv, SynthError> {
        let path = self.0.join(name);
        let file = File::create(&path).map_err(|source| SynthError::Io {
            path: path.clone(),
            source,
        })?;
        let mut csv = Csv {
            path,
            writer: csv::Writer::from_writer(file),
        };
        csv.row(header)?;
        Ok(csv)
    }

    /// `input/org.csv`.
    pub(super) fn org(&self, org: &Org) -> Result<(), SynthError> {
        let mut csv = self.csv("input/org.csv", &["org_unit", "label", "parent"])?;
        csv.row(&[ORGANISATION, ORGANISATION, ""])?;
        for unit in &org.divisions {
            csv.row(&[&unit.id, &unit.label, ORGANISATION])?;
        }
        for (division, unit, _) in &org.departments {
            csv.row(&[&unit.id, &unit.label, &org.divisions[*division].id])?;
        }
        csv.finish()
    }

    /// `input/people.csv`.
    pub(super) fn people(&self, people: &[Person], org: &Org) -> Result<(), SynthError> {
        let mut csv = self.csv("input/people.csv", &["person_id", "org_unit", "job_level"])?;
        for (index, person) in people.iter().enumerate() {
            let (_, unit, _) = &org.departments[usize::from(person.department)];
            let (level, ..) = LEVELS[usize::from(person.level)];
            csv.row(&[&person_id(index), &unit.id, level])?;
        }
        csv.finish()
    }

    /// Opens `input/sessions/<period>.parquet`.
    pub(super) fn sessions(&self, period: Period) -> Result<SessionWriter, SynthError> {
        let path = self
            .0
            .join(format!("input/sessions/{}.parquet", period.name()));
        SessionWriter::create(path, period)
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

    pub(super) fn finish(mut self) -> Result<(), SynthError> {
        self.writer.flush().map_err(|source| SynthError::Io {
            path: self.path,
            source,
        })
    }
}

/// A file of sessions that is being written, a batch of rows at a time.
pub(super) struct SessionWriter {
    path: PathBuf,
    writer: ArrowWriter<File>,
    schema: Arc<Schema>,
    rows: Rows,
    /// Working days of the quarter, in days since 1970.
    days: Vec<i32>,
    /// Starts every session id of the quarter.
    prefix: String,
    written: u64,
}

/// Columns that fill up.
#[derive(Default)]
struct Rows {
    session_id: StringBuilder,
    coachee_id: StringBuilder,
    coach_id: StringBuilder,
    held_on: Date32Builder,
    minutes: Int32Builder,
    competency: StringBuilder,
    themes: StringBuilder,
    mode: StringBuilder,
    trigger: StringBuilder,
    count: usize,
}

impl SessionWriter {
    fn create(path: PathBuf, period: Period) -> Result<Self, SynthError> {
        let column = |name: &str| match name {
            "held_on" => Field::new(name, DataType::Date32, false),
            "minutes" => Field::new(name, DataType::Int32, false),
            _ => Field::new(name, DataType::Utf8, false),
        };
        let schema = Arc::new(Schema::new(SESSION_COLUMNS.map(column).to_vec()));
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            // Not the library's version: an update of it need not change the bytes.
            .set_created_by("lodestar synth".to_owned())
            // Every id is different, so that a dictionary only adds to them.
            .set_column_dictionary_enabled("session_id".into(), false)
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .build();
        let file = File::create(&path).map_err(|source| SynthError::Io {
            path: path.clone(),
            source,
        })?;
        let writer = ArrowWriter::try_new(file, Arc::clone(&schema), Some(properties)).map_err(
            |source| SynthError::Parquet {
                path: path.clone(),
                source,
            },
        )?;
        Ok(Self {
            path,
            writer,
            schema,
            rows: Rows::default(),
            days: working_days(period),
            prefix: period.name().to_lowercase().replace('-', ""),
            written: 0,
        })
    }

    /// Number of working days.
    pub(super) fn days(&self) -> usize {
        self.days.len()
    }

    /// Adds sessions of one person.
    pub(super) fn add(
        &mut self,
        codebook: &Codebook,
        index: usize,
        coach: u32,
        sessions: &[Session],
    ) -> Result<(), SynthError> {
        let (person, coach) = (person_id(index), coach_id(coach));
        for session in sessions {
            self.written += 1;
            let rows = &mut self.rows;
            rows.session_id
                .append_value(format!("{}-{:06}", self.prefix, self.written));
            rows.coachee_id.append_value(&person);
            rows.coach_id.append_value(&coach);
            rows.held_on.append_value(self.days[session.day]);
            rows.minutes.append_value(i32::from(session.minutes));
            let competency = &codebook.competencies[usize::from(session.competency)];
            rows.competency.append_value(competency);
            let themes = session.themes.iter();
            let themes = themes.map(|&theme| codebook.themes[usize::from(theme)].as_str());
            rows.themes
                .append_value(themes.collect::<Vec<_>>().join(";"));
            rows.mode.append_value(if session.mentoring {
                "mentoring"
            } else {
                "coaching"
            });
            rows.trigger.append_value(if session.proactive {
                "proactive"
            } else {
                "reactive"
            });
            rows.count += 1;
        }
        if self.rows.count >= BATCH_ROWS {
            self.flush()
        } else {
            Ok(())
        }
    }

    /// Writes what is left; gives the number of sessions.
    pub(super) fn finish(mut self) -> Result<u64, SynthError> {
        self.flush()?;
        let path = self.path;
        let mut file = self
            .writer
            .into_inner()
            .map_err(|source| SynthError::Parquet {
                path: path.clone(),
                source,
            })?;
        file.flush()
            .map_err(|source| SynthError::Io { path, source })?;
        Ok(self.written)
    }

    fn flush(&mut self) -> Result<(), SynthError> {
        let columns = std::mem::take(&mut self.rows).finish();
        RecordBatch::try_new(Arc::clone(&self.schema), columns)
            .map_err(Into::into)
            .and_then(|batch| self.writer.write(&batch))
            .map_err(|source| SynthError::Parquet {
                path: self.path.clone(),
                source,
            })
    }
}

/// Columns of the session files.
const SESSION_COLUMNS: [&str; 9] = [
    "session_id",
    "coachee_id",
    "coach_id",
    "held_on",
    "minutes",
    "competency",
    "themes",
    "mode",
    "trigger",
];

impl Rows {
    /// The columns, in the order of [`SESSION_COLUMNS`].
    fn finish(mut self) -> Vec<ArrayRef> {
        vec![
            Arc::new(self.session_id.finish()),
            Arc::new(self.coachee_id.finish()),
            Arc::new(self.coach_id.finish()),
            Arc::new(self.held_on.finish()),
            Arc::new(self.minutes.finish()),
            Arc::new(self.competency.finish()),
            Arc::new(self.themes.finish()),
            Arc::new(self.mode.finish()),
            Arc::new(self.trigger.finish()),
        ]
    }
}

/// Mondays to Fridays of a period, in days since 1970.
fn working_days(period: Period) -> Vec<i32> {
    let epoch = jiff::civil::date(1970, 1, 1);
    let days = period.start().series(jiff::Span::new().days(1));
    days.take_while(|day| *day <= period.end())
        .filter(|day| day.weekday().to_monday_zero_offset() < 5)
        .map(|day| (day - epoch).get_days())
        .collect()
}
