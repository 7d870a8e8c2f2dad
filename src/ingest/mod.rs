//! Bytes → columns → accepted, duplicate, quarantined.
//!
//! What becomes of a row follows from its own subject's rows and from public
//! data alone: no rule looks at another person's rows. Ids are hashed as they
//! are read, and no error repeats a value of a private table. For every file,
//! read = accepted + duplicate + quarantined.

mod assessments;
mod batch;
mod bytes;
mod cells;
mod collect;
mod context;
mod csv;
mod dates;
mod error;
mod facts;
mod groups;
mod key;
mod ndjson;
mod org;
mod outcomes;
mod parquet;
mod paths;
mod people;
mod programmes;
mod quarantine;
mod report;
mod scan;
mod sessions;
mod strict;
#[cfg(test)]
mod tests;
mod waves;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;

use assessments::Assessed;
use context::Context;
use jiff::civil::Date;
use outcomes::Outcomes;

pub use error::IngestError;
pub use facts::{
    AnswerFact, LevelFact, Member, OutcomeFact, PairFact, PastOutcome, PeriodFacts, RatedFact,
    SessionFact,
};
pub use groups::{Groups, groups};
pub use key::Key;
pub use org::Org;
pub use paths::files;
pub use programmes::{Arm, Arms, Assigned, Programme, Programmes};
pub use quarantine::write_quarantine;
pub use report::{Excess, FileReport, Reason, SourceReport, Totals};
pub use sessions::{Mode, Trigger};

use crate::calendar::Period;
pub use crate::config::RaterGroup;
use crate::config::{Calendar, Project};

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
}

/// What the input holds.
#[derive(Debug)]
pub struct Intake {
    /// What became of the rows of every source that was read, in the order of
    /// [`crate::config::Sources::all`].
    pub reports: Vec<SourceReport>,
    /// The facts of the periods wanted, in their order.
    pub periods: Vec<PeriodFacts>,
    /// The outcomes of the earlier spans wanted, by person and metric.
    pub outcomes_before: BTreeMap<Period, Vec<PastOutcome>>,
    /// Accepted rows about a day by the project's period.
    pub accepted_by_period: BTreeMap<Period, u64>,
    /// Mentions, in accepted sessions, of themes that the codebook lacks.
    pub unknown_themes: u64,
    /// How many accepted sessions say what optional columns are for.
    pub said: Said,
    /// Accepted assessments of each instrument, in the project's order.
    pub assessed_by_instrument: Vec<u64>,
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
}

impl Intake {
    /// The facts of a period that was wanted.
    pub fn facts(&self, period: &Period) -> Option<&PeriodFacts> {
        self.periods.iter().find(|facts| facts.period == *period)
    }

    /// Why this input must not be used: the first source, or file of it, of
    /// which more rows are quarantined than its tolerance allows.
    pub fn refusal(&self, project: &Project) -> Option<IngestError> {
        let mut sources = project.sources.all();
        let report = |name: &str| self.reports.iter().find(|report| report.source == name);
        sources.find_map(|s| report(s.name)?.refusal(project, s.tolerance))
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
    let (people, people_report) = people::People::load(project, org, key)?;
    let source = &project.sources.sessions;
    let context = Context::new(project, org, key, &people, request);
    let files = context.inputs(source)?;
    let fields = batch::fields(&sessions::COLUMNS, source);
    let mut report = SourceReport::new(source, &files, &fields);
    let mut collected = collect::Collected::new(project.privacy.unit, request.periods);
    let reader = sessions::Reader::new(&context, &fields);
    let parse = |file: usize, batch: &batch::Batch| reader.part(file, batch);
    scan::scan(source.name, &files, &fields, parse, |file, mut part| {
        report.add(file, part.read, std::mem::take(&mut part.rejects));
        collected.add(part);
    })?;
    let (mut assessed, assessed_report) = Assessed::load(&context)?;
    collected.add_raters(std::mem::take(&mut assessed.raters));
    collected.resolve(&mut report);
    let (outcomes, outcomes_report) = Outcomes::load(&context)?;
    let facts =
        |period: &Period| collected.facts(&context, &assessed, &outcomes.values(*period), *period);
    let before = |span: &Period| (*span, outcomes.values(*span));
    let days = collected
        .days()
        .chain(assessed.days())
        .chain(outcomes.days());
    Ok(Intake {
        periods: request
            .periods
            .iter()
            .map(facts)
            .collect::<Result<_, _>>()?,
        outcomes_before: request.outcome_spans.iter().map(before).collect(),
        accepted_by_period: by_period(days, &project.calendar),
        unknown_themes: collected.unknown_themes(),
        said: collected.said(),
        assessed_by_instrument: assessed.by_instrument(project.instruments.len()),
        first_session: collected.days().min().map(dates::date_of),
        last_session: collected.days().max().map(dates::date_of),
        reports: org
            .reports()
            .cloned()
            .chain(people_report)
            .chain((!files.is_empty()).then_some(report))
            .chain(assessed_report)
            .chain(outcomes_report)
            .collect(),
    })
}

/// How many of the days lie in each of the project's periods.
fn by_period(days: impl Iterator<Item = i32>, calendar: &Calendar) -> BTreeMap<Period, u64> {
    let mut counts: HashMap<i32, u64> = HashMap::new();
    for day in days {
        *counts.entry(day).or_default() += 1;
    }
    let mut periods = BTreeMap::new();
    for (day, count) in counts {
        let date = dates::date_of(day);
        let period = Period::containing(date, calendar.every, calendar.year_starts);
        *periods.entry(period).or_default() += count;
    }
    periods
}
