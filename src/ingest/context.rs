//! What rows about people are read with, whatever they say of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::cells::Row;
use super::dates::{self, day_of};
use super::key::{Domain, Key};
use super::org::Org;
use super::people::{People, Standing};
use super::report::Fault;
use crate::calendar::Period;
use crate::config::{Calendar, PrivacyUnit, Project};

/// What all rows about people are read with.
pub(super) struct Context<'a> {
    pub(super) project: &'a Project,
    pub(super) org: &'a Org,
    key: &'a Key,
    pub(super) people: &'a People,
    /// Ranges of days in which coaches are wanted.
    met: Vec<(i32, i32)>,
    standing: Mutex<HashMap<Period, Arc<Standing>>>,
}

impl<'a> Context<'a> {
    /// `periods` are those whose facts are wanted.
    pub(super) fn new(
        project: &'a Project,
        org: &'a Org,
        key: &'a Key,
        people: &'a People,
        periods: &[Period],
    ) -> Self {
        let days = |period: &Period| coach_days(project.privacy.unit, *period);
        Self {
            project,
            org,
            key,
            people,
            met: periods.iter().map(days).collect(),
            standing: Mutex::default(),
        }
    }

    /// Who or what is protected.
    pub(super) fn unit(&self) -> PrivacyUnit {
        self.project.privacy.unit
    }

    /// Pseudonym of the person whose id a row has.
    pub(super) fn person(&self, cells: Row<'_>, field: usize) -> Result<u128, Fault> {
        let id = cells.id(field)?;
        Ok(self.key.hash(Domain::Person, &[id.as_bytes()]))
    }

    /// Pseudonym of a coach or rater.
    pub(super) fn coach(&self, id: &str) -> u64 {
        self.key.hash(Domain::Coach, &[id.as_bytes()]) as u64
    }

    /// Keyed hash.
    pub(super) fn hash(&self, domain: Domain, parts: &[&[u8]]) -> u64 {
        self.key.hash(domain, parts) as u64
    }

    /// Whether it is wanted who coached somebody on a day.
    pub(super) fn wants_coaches_of(&self, day: i32) -> bool {
        let mut ranges = self.met.iter();
        ranges.any(|(first, last)| (*first..=*last).contains(&day))
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

/// First and last day of the rows whose coaches are a period's: what a
/// person's rows of other periods say is not asked where they are not
/// protected together.
pub(super) fn coach_days(unit: PrivacyUnit, period: Period) -> (i32, i32) {
    let start = match unit {
        PrivacyUnit::Person => period.twelve_months_start(),
        PrivacyUnit::PersonPeriod => period.start(),
    };
    (day_of(start), day_of(period.end()))
}
