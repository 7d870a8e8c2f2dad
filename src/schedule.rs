//! Which periods are due, and what each window owes.

use jiff::ToSpan as _;
use jiff::civil::Date;
use lodestar_privacy::budget::Owed;
use lodestar_privacy::ledger::Records;
use lodestar_privacy::public::{Policy, Public};

use crate::calendar::Period;
use crate::config::Project;
use crate::declare::{self, declare};
use crate::ingest::{IngestError, Org};

/// The first day on which a run releases the period: it has ended, and its
/// late rows have had `settle_days` to come.
pub fn released_from(project: &Project, period: &Period) -> Date {
    let settled = period
        .end()
        .checked_add((i64::from(project.calendar.settle_days) + 1).days());
    settled.unwrap_or(Date::MAX)
}

/// Periods from `first` to `last` that are closed and settled on a day, oldest
/// first, released or not.
pub fn closed(project: &Project, as_of: Date) -> Vec<Period> {
    periods(project)
        .take_while(|period| released_from(project, period) <= as_of)
        .collect()
}

/// The oldest period that has not been released yet, whenever it is due.
pub fn next(project: &Project, records: &Records) -> Option<Period> {
    let released = records.released_periods();
    periods(project).find(|period| !released.contains(period.name().as_str()))
}

fn periods(project: &Project) -> impl Iterator<Item = Period> + '_ {
    let all = std::iter::successors(Some(project.calendar.first), |period| Some(period.next()));
    all.take_while(|period| project.calendar.last.is_none_or(|last| *period <= last))
        .take_while(|period| period.end() < Date::MAX)
}

/// One window: its periods as declared, and whether each is still unreleased.
#[derive(Debug)]
pub struct Window {
    /// Which.
    pub window: Period,
    /// Its periods from `first` to `last`, oldest first.
    pub periods: Vec<(Period, Public, bool)>,
}

impl Window {
    /// The window that a period charges, as declared today; ε and δ are those
    /// of its first charge, if there was one.
    pub fn of(
        project: &Project,
        org: &Org,
        records: &Records,
        period: &Period,
    ) -> Result<Self, IngestError> {
        let window = declare::window(project, period);
        let released = records.released_periods();
        let mine = periods(project)
            .take_while(|period| period.end() <= window.end())
            .filter(|period| declare::window(project, period) == window);
        let mine = mine.map(|period| {
            let policy = policy(project, records, window);
            let public = declare(project, org.programmes(), &period, 0, policy, |span| {
                org.tree(span)
            })?;
            Ok((period, public, !released.contains(period.name().as_str())))
        });
        Ok(Self {
            window,
            periods: mine.collect::<Result<_, IngestError>>()?,
        })
    }

    /// What the window owes; `None` if no period lies in it.
    pub fn owed(&self) -> Option<Owed> {
        let periods: Vec<_> = self
            .periods
            .iter()
            .map(|(_, public, due)| (public, *due))
            .collect();
        Owed::new(&periods)
    }
}

/// The configured policy, with the ε and δ that the window's first charge fixed.
fn policy(project: &Project, records: &Records, window: Period) -> Policy {
    let mut policy = declare::policy(project);
    if let Some((epsilon, delta_femto)) = records.window_policy(&window.name()) {
        policy.epsilon = epsilon;
        policy.delta = delta_femto as f64 / 1e15;
    }
    policy
}
