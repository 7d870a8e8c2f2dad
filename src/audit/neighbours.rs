//! Small organisations, counted as a release counts them.

use lodestar_privacy::Public;
use lodestar_privacy::rehearsal::{Rehearsal, Script};

use super::AuditError;
use super::world::{Declared, Place, World};
use crate::calendar::Period;
use crate::config::Project;
use crate::ingest::Org;
use crate::rehearse;

/// The period that is released: it closes a half-year, so everything is due.
const PERIOD: &str = "2024-Q2";

/// What releases of a project are drawn with, whatever the rows.
pub(super) struct Stage {
    place: Place,
    org: Org,
    period: Period,
    pub(super) script: Script,
}

impl Stage {
    /// Sets up a project that declares this.
    pub(super) fn new(declared: &Declared) -> Result<Self, AuditError> {
        let place = Place::new(declared)?;
        let project = place.with(&World::default())?;
        let org = Org::load(&project)?;
        let period = period(&project)?;
        let (public, owed) = rehearse::declared(&project, &org, period)?;
        Ok(Self {
            place,
            org,
            period,
            script: Script::new(public, &owed)?,
        })
    }

    pub(super) fn public(&self) -> &Public {
        self.script.public()
    }

    /// Counts some people's rows, from their files on.
    pub(super) fn count(&self, world: &World) -> Result<Rehearsal, AuditError> {
        let project = self.place.with(world)?;
        let intake = rehearse::read(&project, &self.org, self.period, None)?;
        let public = self.public().clone();
        let tally = rehearse::count(&project, &self.org, public, self.period, &intake)?;
        let refused = || AuditError::Own("it is not synthetic".to_owned());
        Rehearsal::new(tally).ok_or_else(refused)
    }
}

fn period(project: &Project) -> Result<Period, AuditError> {
    let calendar = &project.calendar;
    let period = Period::parse(PERIOD, calendar.every, calendar.year_starts);
    period.map_err(|error| AuditError::Own(error.to_string()))
}
