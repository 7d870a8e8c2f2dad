//! The rows of `input/sessions/`.

use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Builder, Int32Builder, StringBuilder};
use arrow::datatypes::{DataType, Field};

use super::super::SynthError;
use super::super::codebook::Codebook;
use super::super::people::{coach_id, person_id};
use super::super::sessions::Session;
use super::super::write::Folder;
use super::{Batches, Columns, working_days};
use crate::calendar::Period;

/// A file of sessions that is being written, a batch of rows at a time.
pub(in crate::synth) struct SessionWriter {
    batches: Batches<Rows>,
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
    /// Opens `input/sessions/<period>.parquet`.
    pub(in crate::synth) fn create(folder: &Folder, period: Period) -> Result<Self, SynthError> {
        let column = |name: &str| match name {
            "held_on" => Field::new(name, DataType::Date32, false),
            "minutes" => Field::new(name, DataType::Int32, false),
            _ => Field::new(name, DataType::Utf8, false),
        };
        let columns = SESSION_COLUMNS.map(column).to_vec();
        Ok(Self {
            batches: Batches::new(folder.parquet(
                "sessions",
                period,
                columns,
                Some("session_id"),
            )?),
            days: working_days(period.start(), period.end()),
            prefix: period.name().to_lowercase().replace('-', ""),
            written: 0,
        })
    }

    /// Number of working days.
    pub(in crate::synth) fn days(&self) -> usize {
        self.days.len()
    }

    /// Adds sessions of one person.
    pub(in crate::synth) fn add(
        &mut self,
        codebook: &Codebook,
        index: usize,
        coach: u32,
        sessions: &[Session],
    ) -> Result<(), SynthError> {
        let (person, coach) = (person_id(index), coach_id(coach));
        for session in sessions {
            self.written += 1;
            let rows = &mut self.batches.rows;
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
        self.batches.added()
    }

    /// Writes what is left; gives the number of sessions.
    pub(in crate::synth) fn finish(self) -> Result<u64, SynthError> {
        self.batches.finish()?;
        Ok(self.written)
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

impl Columns for Rows {
    fn count(&self) -> usize {
        self.count
    }

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
