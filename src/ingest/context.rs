//! What rows about people are read with, whatever they say of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Request;
use super::batch::{Declared, fields};
use super::cells::Row;
use super::dates::{self, day_of};
use super::error::IngestError;
use super::key::{Domain, Key};
use super::org::Org;
use super::paths::{self, InputFile};
use super::people::{People, Standing};
use super::report::{Fault, Reason, SourceReport};
use super::scan::noted_rows;
use crate::calendar::Period;
use crate::config::{Calendar, PrivacyUnit, Project, Source};
use crate::progress::Progress;

/// What all rows about people are read with.
pub(super) struct Context<'a> {
    pub(super) project: &'a Project,
    pub(super) org: &'a Org,
    key: &'a Key,
    pub(super) people: &'a People,
    request: &'a Request<'a>,
    /// First and last days of the periods that are wanted.
    wanted: Vec<(i32, i32)>,
    /// Ranges of days in which coaches are wanted, each once.
    windows: Vec<(i32, i32)>,
    standing: Mutex<HashMap<Period, Arc<Standing>>>,
}

impl<'a> Context<'a> {
    pub(super) fn new(
        project: &'a Project,
        org: &'a Org,
        key: &'a Key,
        people: &'a People,
        request: &'a Request<'a>,
    ) -> Self {
        let days = |period: &Period| coach_days(project.privacy.unit, *period);
        let mut windows: Vec<_> = request.periods.iter().map(days).collect();
        windows.sort_unstable();
        windows.dedup();
        Self {
            project,
            org,
            key,
            people,
            request,
            wanted: request
                .periods
                .iter()
                .copied()
                .map(first_and_last)
                .collect(),
            windows,
            standing: Mutex::default(),
        }
    }

    /// Who or what is protected.
    pub(super) fn unit(&self) -> PrivacyUnit {
        self.project.privacy.unit
    }

    /// Who waits.
    pub(super) fn progress(&self) -> &'static dyn Progress {
        self.request.progress()
    }

    /// The files of a source about a day that are to be read.
    pub(super) fn inputs(&self, source: &Source) -> Result<Vec<InputFile>, IngestError> {
        let mut files = paths::inputs(self.project.folder(), source)?;
        if let Some(only) = self.request.only {
            files.retain(|file| only.contains(&file.path));
        }
        Ok(files)
    }

    /// The sound rows of those files, each parsed with the index of its file,
    /// and what `parse` notes; `None`: there is no such source, or no such file.
    pub(super) fn rows<T: Send, N: Default + Send>(
        &self,
        source: Option<&Source>,
        columns: &[Declared<'_>],
        parse: impl Fn(Row<'_>, u32, &mut N) -> Result<T, Fault> + Sync,
        noted: impl FnMut(N),
    ) -> Result<Option<(Vec<T>, SourceReport)>, IngestError> {
        let Some(source) = source else {
            return Ok(None);
        };
        let files = self.inputs(source)?;
        if files.is_empty() {
            return Ok(None);
        }
        let fields = fields(columns, source);
        let mut report = SourceReport::new(source, &files, &fields);
        let parse = |cells: Row<'_>, file, _, notes: &mut N| parse(cells, file, notes);
        let rows = noted_rows(
            &files,
            &fields,
            self.request.progress(),
            &mut report,
            parse,
            noted,
        )?;
        Ok(Some((rows, report)))
    }

    /// Pseudonym of the person whose id a row has.
    pub(super) fn person(&self, cells: Row<'_>, field: usize) -> Result<u128, Fault> {
        let id = cells.id(field)?;
        Ok(self.key.pseudonym(Domain::Person, id))
    }

    /// Pseudonym of a coach or rater.
    pub(super) fn coach(&self, id: &str) -> u64 {
        self.key.pseudonym(Domain::Coach, id) as u64
    }

    /// Keyed hash.
    pub(super) fn hash(&self, domain: Domain, said: &[u8]) -> u64 {
        self.key.hash(domain, said)
    }

    /// Ranges of days in which coaches are wanted.
    pub(super) fn windows(&self) -> &[(i32, i32)] {
        &self.windows
    }

    /// Which of them is a period's.
    pub(super) fn window(&self, period: Period) -> usize {
        let days = coach_days(self.unit(), period);
        self.windows.partition_point(|window| *window < days)
    }

    /// Whether a period that is wanted holds a day.
    pub(super) fn wants(&self, day: i32) -> bool {
        let mut ranges = self.wanted.iter();
        ranges.any(|(first, last)| (*first..=*last).contains(&day))
    }

    /// Whether it is wanted who coached somebody on a day.
    pub(super) fn wants_coaches_of(&self, day: i32) -> bool {
        let mut ranges = self.windows.iter();
        ranges.any(|(first, last)| (*first..=*last).contains(&day))
    }

    /// That a person, whose id is in a field, has a place in a period.
    pub(super) fn placed(
        &self,
        person: u128,
        period: &Standing,
        field: usize,
    ) -> Result<(), Fault> {
        let place = self.people.place(person, period);
        place.map(|_| ()).ok_or(Fault::at(field, Reason::NoPerson))
    }

    /// The project's period that holds a day.
    pub(super) fn standing(&self, day: i32) -> Arc<Standing> {
        let Calendar {
            every, year_starts, ..
        } = self.project.calendar;
        let period = Period::containing(dates::date_of(day), every, year_starts);
        let mut known = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        let standing = known
            .entry(period)
            .or_insert_with(|| Arc::new(Standing::of(self.org, period)));
        Arc::clone(standing)
    }
}

fn first_and_last(period: Period) -> (i32, i32) {
    (day_of(period.start()), day_of(period.end()))
}

/// First and last day of the rows whose coaches are a period's: what a
/// person's rows of other periods say is not asked where they are not
/// protected together.
pub(super) fn coach_days(unit: PrivacyUnit, period: Period) -> (i32, i32) {
    let start = match unit {
        PrivacyUnit::Person if flaw!(coaches_of_period: true; false) => period.start(),
        PrivacyUnit::Person => period.twelve_months_start(),
        PrivacyUnit::PersonPeriod => period.start(),
    };
    (day_of(start), day_of(period.end()))
}
