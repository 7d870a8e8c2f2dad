//! Bytes → columns → accepted, duplicate, quarantined.
//!
//! What becomes of a row follows from its own subject's rows and from public
//! data alone: no rule looks at another person's rows. Ids are hashed as they
//! are read, and no error repeats a value of a private table. For every file,
//! read = accepted + duplicate + quarantined.

mod assessments;
mod batch;
mod blocks;
mod bytes;
mod cells;
mod chunk;
mod context;
mod csv;
mod dates;
mod days;
mod error;
mod facts;
mod groups;
mod heard;
mod key;
mod names;
mod ndjson;
mod notes;
mod org;
mod outcomes;
mod parquet;
mod parts;
mod paths;
mod people;
mod programmes;
mod quarantine;
mod remedy;
mod report;
mod rows;
mod scan;
mod sessions;
mod settle;
mod shelf;
mod strict;
mod taking;
mod terms;
#[cfg(test)]
mod tests;
mod waves;
#[cfg(test)]
pub(crate) mod whole;
mod worker;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use assessments::Assessed;
use context::Context;
use jiff::civil::Date;
use lodestar_privacy::said::Words;
use outcomes::Outcomes;
use parts::Parts;
use rows::Accepted;
use shelf::Room;

pub use error::IngestError;
pub use facts::{
    AnswerFact, LevelFact, Member, Mine, OutcomeFact, PairFact, PastOutcome, PeriodFacts,
    RatedFact, SessionFact, SessionThemes,
};
pub use groups::{Groups, groups};
pub use key::Key;
pub use notes::NotesRead;
pub use org::Org;
pub use paths::files;
pub use programmes::{Arm, Arms, Assigned, Programme, Programmes};
pub use quarantine::write_quarantine;
pub use remedy::remedy;
pub use report::{Excess, FileReport, Reason, SourceReport, Totals};
pub use sessions::{Mode, Trigger};
pub use terms::{EntryFound, Found, ThemeFound, terms};

use crate::calendar::Period;
pub use crate::config::RaterGroup;
use crate::config::{Calendar, Project};
use crate::memory;
use crate::progress::{Progress, Silent};

/// What is wanted of the input.
#[derive(Clone, Copy, Debug, Default)]
pub struct Request<'a> {
    /// Periods whose facts are wanted, of any length; none: the rows are only
    /// validated.
    pub periods: &'a [Period],
    /// Earlier spans whose outcomes are wanted, for comparison.
    pub outcome_spans: &'a [Period],
    /// The files of [`crate::config::Sources::events`] to read, as [`files`]
    /// names them; `None`: all. Other sources are always read.
    pub only: Option<&'a BTreeSet<PathBuf>>,
    /// Bytes that rows of sessions may take in memory; the others wait in the
    /// state folder. `None`: [`memory::usual`](crate::memory::usual).
    pub memory: Option<usize>,
    /// Who waits; `None`: nobody.
    pub progress: Option<&'static dyn Progress>,
}

impl Request<'_> {
    fn progress(&self) -> &'static dyn Progress {
        self.progress.unwrap_or(&Silent)
    }
}

/// What the input holds.
#[derive(Debug)]
pub struct Intake {
    /// What became of the rows of every source that was read, in the order of
    /// [`crate::config::Sources::all`].
    pub reports: Vec<SourceReport>,
    accepted: Accepted,
    /// Who waits for what is made of it.
    pub progress: &'static dyn Progress,
    /// The outcomes of the earlier spans wanted, by person and metric.
    pub outcomes_before: BTreeMap<Period, Vec<PastOutcome>>,
    /// Accepted rows about a day by the project's period.
    pub accepted_by_period: BTreeMap<Period, u64>,
    /// Mentions, in accepted sessions, of themes that the codebook lacks.
    pub unknown_themes: u64,
    /// What became of notes as they were read.
    pub notes: NotesRead,
    /// By theme: accepted sessions whose note is about it.
    pub themes_in_notes: Vec<u64>,
    /// How many accepted sessions say what optional columns are for.
    pub said: Said,
    /// Accepted assessments of each instrument, in the project's order.
    pub assessed_by_instrument: Vec<u64>,
    /// Days with accepted sessions, and how many.
    sessions_by_day: Vec<(i32, u64)>,
    /// First day with an accepted session.
    pub first_session: Option<Date>,
    /// Last day with an accepted session.
    pub last_session: Option<Date>,
}

/// How many accepted sessions say optional things.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// What part of it was coaching.
    pub coaching: usize,
    /// What brought it about.
    pub trigger: usize,
    /// Its format.
    pub format: usize,
    /// Its cost.
    pub cost: usize,
    /// Something in a note, which was looked into.
    pub note: usize,
    /// In a note, something that is a theme of the codebook.
    pub theme_in_note: usize,
}

impl Intake {
    /// The facts of a period that was wanted, of the people of a part: below
    /// [`PARTS`](lodestar_privacy::parts::PARTS); `None`: it was not wanted.
    pub fn facts(&self, part: usize, period: &Period) -> Result<Option<PeriodFacts>, IngestError> {
        self.accepted.facts(part, *period)
    }

    /// The texts of what was heard in notes.
    pub fn words(&self) -> Words {
        self.accepted.lists.heard.words()
    }

    /// Accepted sessions in a period of any length.
    pub fn sessions_in(&self, period: &Period) -> u64 {
        let days = dates::day_of(period.start())..=dates::day_of(period.end());
        let held = self.sessions_by_day.iter();
        held.filter(|(day, _)| days.contains(day))
            .map(|(_, rows)| rows)
            .sum()
    }

    /// Why this input must not be used: the first source, or file of it, of
    /// which more rows are quarantined than its tolerance allows.
    pub fn refusal(&self, project: &Project) -> Option<IngestError> {
        let mut reports = self.reports.iter();
        reports.find_map(|report| report.refusal(project))
    }
}

/// Reads all rows about people. Nothing is refused for its share of quarantined
/// rows: [`Intake::refusal`] tells. Work is spread over rayon's threads.
pub fn read(
    project: &Project,
    org: &Org,
    key: &Key,
    request: &Request<'_>,
) -> Result<Intake, IngestError> {
    let (listed, names_report) = names::load(project)?;
    let (people, people_report) = people::People::load(project, org, key, request.progress())?;
    let source = &project.sources.sessions;
    let context = Context::new(project, org, key, &people, request);
    let files = context.inputs(source)?;
    let fields = batch::fields(sessions::columns(project), source);
    let mut report = SourceReport::new(source, &files, &fields);
    let room = Room::new(request.memory.unwrap_or_else(memory::usual), &project.state);
    let reader = worker::Reader::new(&context, &fields, &listed);
    let parts = Parts::new(&room);
    let worker = || worker::Worker::new(&reader, &parts, files.len());
    let parse = |worker: &mut worker::Worker<'_>, file, batch: &_| worker.batch(file, batch);
    let mut notes = NotesRead::default();
    for mut worker in scan::scan(
        source.name,
        (&files, &fields),
        request.progress(),
        worker,
        parse,
    )? {
        worker.end()?;
        if let Some(read) = worker.notes_read() {
            notes.add(read);
        }
        report.add(&worker.read, worker.rejects);
    }
    let mut names = reader.into_names();
    let (mut assessed, assessed_report) = Assessed::load(&context)?;
    let raters = std::mem::take(&mut assessed.raters).into_iter();
    let raters = raters.map(|(person, coach, month)| (person, names.coach(coach), month));
    let raters: Vec<_> = raters.collect();
    let shelves = parts.into_shelves();
    let (parts, settled, rejects) = settle::settle(&context, &room, &names, shelves, raters)?;
    report.add(&[], rejects);
    report.sort();
    report.settled(&settled.files);
    let (outcomes, outcomes_report) = Outcomes::load(&context)?;
    let asked = rows::Asked::new(&context, &outcomes, request.periods)?;
    let before = |span: &Period| (*span, outcomes.values(*span));
    let sessions_by_day = settled.days.all();
    let others = assessed.days().chain(outcomes.days()).map(|day| (day, 1));
    let days = sessions_by_day.iter().copied().chain(others);
    let date = |day: Option<&(i32, u64)>| day.map(|(day, _)| dates::date_of(*day));
    Ok(Intake {
        progress: request.progress(),
        outcomes_before: request.outcome_spans.iter().map(before).collect(),
        accepted_by_period: by_period(days, &project.calendar),
        unknown_themes: settled.unknown_themes,
        notes,
        themes_in_notes: settled.themes_in_notes(project.framework.themes.len()),
        said: settled.said,
        assessed_by_instrument: assessed.by_instrument(project.instruments.len()),
        first_session: date(sessions_by_day.first()),
        last_session: date(sessions_by_day.last()),
        sessions_by_day,
        accepted: Accepted {
            asked,
            people,
            assessed,
            coaches: names.coaches,
            lists: Arc::new(names.lists),
            parts,
            room,
        },
        reports: org
            .reports()
            .cloned()
            .chain(names_report)
            .chain(people_report)
            .chain((!files.is_empty()).then_some(report))
            .chain(assessed_report)
            .chain(outcomes_report)
            .collect(),
    })
}

/// How many rows lie in each of the project's periods, given how many of a day.
fn by_period(rows: impl Iterator<Item = (i32, u64)>, calendar: &Calendar) -> BTreeMap<Period, u64> {
    let mut counts: HashMap<i32, u64> = HashMap::new();
    for (day, rows) in rows {
        *counts.entry(day).or_default() += rows;
    }
    let mut periods = BTreeMap::new();
    for (day, count) in counts {
        let date = dates::date_of(day);
        let period = Period::containing(date, calendar.every, calendar.year_starts);
        *periods.entry(period).or_default() += count;
    }
    periods
}
