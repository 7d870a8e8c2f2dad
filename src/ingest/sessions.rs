//! Sessions: their columns, what is kept of a row, and what rows name.

use std::collections::HashMap;

use super::batch::{Declared, Kind, Pool};
use super::heard::Heard;
use crate::config::Project;

/// The columns, in the order of the constants below.
const COLUMNS: [Declared<'_>; 18] = [
    Declared::required("session_id", Kind::Text),
    Declared::required("coachee_id", Kind::Text),
    Declared::required("coach_id", Kind::Text).repeats(),
    Declared::required("held_on", Kind::Date).repeats(),
    Declared::required("minutes", Kind::Number),
    Declared::required("competency", Kind::List).repeats(),
    Declared::optional("themes", Kind::List).repeats(),
    Declared::optional("mode", Kind::Text).repeats(),
    Declared::optional("coaching_minutes", Kind::Number),
    Declared::optional("trigger", Kind::Text).repeats(),
    Declared::optional("format", Kind::Text).repeats(),
    Declared::optional("programme", Kind::Text).repeats(),
    Declared::optional("cost", Kind::Number),
    Declared::optional("updated_at", Kind::Date),
    Declared::optional("note", Kind::Text),
    Declared::optional("note_language", Kind::Text).repeats(),
    Declared::optional("coachee_name", Kind::Text),
    Declared::optional("coach_name", Kind::Text).repeats(),
];
pub(super) const SESSION: usize = 0;
pub(super) const COACHEE: usize = 1;
pub(super) const COACH: usize = 2;
pub(super) const HELD: usize = 3;
pub(super) const MINUTES: usize = 4;
pub(super) const COMPETENCY: usize = 5;
pub(super) const THEMES: usize = 6;
pub(super) const MODE: usize = 7;
pub(super) const COACHING: usize = 8;
pub(super) const TRIGGER: usize = 9;
pub(super) const FORMAT: usize = 10;
pub(super) const PROGRAMME: usize = 11;
pub(super) const COST: usize = 12;
pub(super) const UPDATED: usize = 13;
pub(super) const NOTE: usize = 14;
pub(super) const NOTE_LANGUAGE: usize = 15;
pub(super) const COACHEE_NAME: usize = 16;
pub(super) const COACH_NAME: usize = 17;

/// The columns that are read: notes, and the names to take out of them, only where
/// there is something to look for.
pub(super) fn columns(project: &Project) -> &'static [Declared<'static>] {
    if project.reads_notes() {
        &COLUMNS
    } else {
        &COLUMNS[..NOTE]
    }
}

/// Stands for a number that is not known.
pub(super) const UNKNOWN: u32 = u32::MAX;

/// How a session was led.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mode {
    /// The coachee finds the answers.
    Coaching,
    /// The coach gives them.
    Mentoring,
}

/// What brought a session about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Trigger {
    /// Growth.
    Proactive,
    /// Correction after the fact.
    Reactive,
}

/// What is kept of a row until duplicates are known.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Session {
    /// Pseudonym of the coachee.
    pub(super) person: u128,
    /// Pseudonym of the session id within the person.
    pub(super) id: u64,
    /// Microseconds since 1970-01-01; `i64::MIN`: missing.
    pub(super) updated: i64,
    /// Data row of its file, from 1.
    pub(super) row: u64,
    pub(super) file: u32,
    /// Day since 1970-01-01.
    pub(super) held: i32,
    /// In 1/100 minute; 0: the row is not sound, and tells who coached whom alone.
    pub(super) minutes: u32,
    /// In 1/100 minute, or [`UNKNOWN`].
    pub(super) coaching: u32,
    /// In 1/100 of the currency's unit, or [`UNKNOWN`].
    pub(super) cost: u32,
    /// Numbers of the lists.
    pub(super) competencies: u32,
    pub(super) themes: u32,
    /// 1 more than the number of the list of themes that its note is about; 0: it has
    /// no note.
    pub(super) tagged: u32,
    /// 1 more than the number of what its note says, if it is listened to.
    pub(super) heard: u32,
    /// Number of the coach, from 1.
    pub(super) coach: u32,
    pub(super) format: Option<u16>,
    /// Mentions of themes that the codebook does not know.
    pub(super) unknown: u16,
    pub(super) mode: Option<Mode>,
    pub(super) trigger: Option<Trigger>,
}

/// Lists of competencies and of themes, numbered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pools {
    pub(super) competencies: Pool<u16>,
    pub(super) themes: Pool<Option<u16>>,
    /// Those that notes are about, ascending.
    pub(super) tagged: Pool<u16>,
    /// What notes say.
    pub(super) heard: Heard,
}

impl Pools {
    pub(super) fn new() -> Self {
        Self {
            competencies: Pool::new(),
            themes: Pool::new(),
            tagged: Pool::new(),
            heard: Heard::default(),
        }
    }
}

/// What rows name, numbered.
pub(super) struct Names {
    pub(super) lists: Pools,
    /// Pseudonyms; a coach's number is 1 more than the place.
    pub(super) coaches: Vec<u64>,
    numbers: HashMap<u64, u32>,
}

impl Names {
    pub(super) fn new() -> Self {
        Self {
            lists: Pools::new(),
            coaches: Vec::new(),
            numbers: HashMap::new(),
        }
    }

    /// The number of a coach.
    pub(super) fn coach(&mut self, pseudonym: u64) -> u32 {
        *self.numbers.entry(pseudonym).or_insert_with(|| {
            self.coaches.push(pseudonym);
            self.coaches.len() as u32
        })
    }
}
