//! The rows of `input/sessions/`.

use std::sync::Arc;

use arrow::array::{ArrayBuilder as _, ArrayRef, Date32Builder, Int32Builder, StringBuilder};
use arrow::datatypes::{DataType, Field};

use super::super::SynthError;
use super::super::codebook::Codebook;
use super::super::notes::Note;
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
    /// Empty, where coaches write none.
    note: StringBuilder,
    note_language: StringBuilder,
    count: usize,
}

impl SessionWriter {
    /// Opens `input/sessions/<period>.parquet`.
    pub(in crate::synth) fn create(
        folder: &Folder,
        period: Period,
        noted: bool,
    ) -> Result<Self, SynthError> {
        let column = |name: &str| match name {
            "held_on" => Field::new(name, DataType::Date32, false),
            "minutes" => Field::new(name, DataType::Int32, false),
            _ => Field::new(name, DataType::Utf8, false),
        };
        let notes = if noted { &NOTE_COLUMNS[..] } else { &[] };
        let columns = SESSION_COLUMNS.iter().chain(notes);
        let columns = columns.map(|name| column(name)).collect();
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

    /// The id of the session that comes so many after those that were added.
    pub(in crate::synth) fn id(&self, place: u64) -> String {
        format!("{}-{:06}", self.prefix, self.written + place)
    }

    /// Adds sessions of one person with a coach, and the notes of each, if there are
    /// any.
    pub(in crate::synth) fn add(
        &mut self,
        codebook: &Codebook,
        (index, coach): (usize, u32),
        sessions: &[Session],
        notes: Option<&[Note]>,
    ) -> Result<(), SynthError> {
        let (person, coach) = (person_id(index), coach_id(coach));
        for (place, session) in sessions.iter().enumerate() {
            let id = self.id(1);
            self.written += 1;
            let rows = &mut self.batches.rows;
            if let Some(note) = notes.and_then(|notes| notes.get(place)) {
                rows.note.append_value(&note.text);
                rows.note_language.append_value(note.language);
            }
            rows.session_id.append_value(id);
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

/// Those of notes, after them.
const NOTE_COLUMNS: [&str; 2] = ["note", "note_language"];

impl Columns for Rows {
    fn count(&self) -> usize {
        self.count
    }

    /// The columns, in the order of [`SESSION_COLUMNS`], and [`NOTE_COLUMNS`] if there
    /// are any.
    fn finish(mut self) -> Vec<ArrayRef> {
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(self.session_id.finish()),
            Arc::new(self.coachee_id.finish()),
            Arc::new(self.coach_id.finish()),
            Arc::new(self.held_on.finish()),
            Arc::new(self.minutes.finish()),
            Arc::new(self.competency.finish()),
            Arc::new(self.themes.finish()),
            Arc::new(self.mode.finish()),
            Arc::new(self.trigger.finish()),
        ];
        if !self.note.is_empty() {
            columns.push(Arc::new(self.note.finish()));
            columns.push(Arc::new(self.note_language.finish()));
        }
        columns
    }
}
