//! What is read once: the rows, and their aggregations, each of which serves
//! all policies that bound rows alike.

use lodestar_privacy::ledger::Records;
use lodestar_privacy::public::{FACTOR_MOST, Public};
use lodestar_privacy::rehearsal::Rehearsal;

use super::EvaluateError;
use crate::calendar::Period;
use crate::config::Project;
use crate::ingest::{Intake, Org};
use crate::pipeline::RunError;
use crate::rehearse;
use crate::schedule::Window;

/// Where clips are opened, their width is multiplied by this; far above what
/// anybody's rows add up to, and little enough that steps stay fine.
const OPENED: f64 = 16.0;

/// The period whose release publishes most tables, of the first window.
pub(super) fn fullest(project: &Project, org: &Org) -> Result<Period, EvaluateError> {
    let first = project.calendar.first;
    let window = Window::of(project, org, &Records::default(), &first);
    let window = window.map_err(RunError::from)?;
    let tables = |public: &Public| public.tables.len();
    let most = window.periods.iter().map(|(_, public, _)| tables(public));
    let most = most.max().unwrap_or_default();
    let mut fullest = window.periods.iter();
    let fullest = fullest.find(|(_, public, _)| tables(public) == most);
    Ok(fullest.map_or(first, |(period, ..)| *period))
}

/// The project with the bounds of people opened: all of their keys, and clips
/// that nobody reaches.
pub(super) fn opened(project: &Project) -> Project {
    let mut project = project.clone();
    for measure in &mut project.measures {
        if measure.has_cells() {
            measure.max_cells = u32::MAX;
        }
        for statistic in &mut measure.statistics {
            let widened = |(low, high): (f64, f64)| (low.min(0.0), high * OPENED);
            statistic.kind = statistic.kind.clipped(widened);
        }
    }
    for metric in &mut project.metrics {
        metric.clip = metric.range;
    }
    project
}

/// Whether opened bounds ask for rows to be read anew: values of metrics are
/// clipped as they are read.
pub(super) fn is_read_alike(project: &Project) -> bool {
    let mut metrics = project.metrics.iter();
    metrics.all(|metric| metric.clip == metric.range)
}

/// With the finest steps that there are, for no noise is shared out.
pub(super) fn finely(mut public: Public) -> Public {
    let coordinates = public.blocks.iter_mut();
    for coordinate in coordinates.flat_map(|block| &mut block.coordinates) {
        coordinate.factor = FACTOR_MOST;
    }
    public
}

/// The rows of a release, and what they add up to so far.
pub(super) struct Counted<'a> {
    org: &'a Org,
    period: Period,
    intake: &'a Intake,
    rehearsals: Vec<Rehearsal>,
}

impl<'a> Counted<'a> {
    pub(super) fn new(org: &'a Org, period: Period, intake: &'a Intake) -> Self {
        Self {
            org,
            period,
            intake,
            rehearsals: Vec::new(),
        }
    }

    /// The aggregation that a policy asks for; rows are counted anew only where
    /// they are bounded otherwise than before.
    pub(super) fn rehearsal(
        &mut self,
        project: &Project,
        public: &Public,
    ) -> Result<&Rehearsal, EvaluateError> {
        let known = self.rehearsals.iter().position(|one| one.fits(public));
        let place = known.unwrap_or(self.rehearsals.len());
        if known.is_none() {
            let public = public.clone();
            let tally = rehearse::count(project, self.org, public, self.period, self.intake)?;
            let rehearsal = Rehearsal::new(tally);
            let refused = || EvaluateError::real(project);
            self.rehearsals.push(rehearsal.ok_or_else(refused)?);
        }
        Ok(&self.rehearsals[place])
    }
}
