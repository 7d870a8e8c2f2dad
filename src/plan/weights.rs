//! What the weights of measures buy: each halved and doubled, with all else as it
//! is; from configuration, public files and the ledger alone.

use lodestar_privacy::budget::BudgetError;
use rayon::prelude::*;
use serde::Serialize;

use super::PlanError;
use super::forecast::{Basis, Course, Forecast, LevelPlan, StatisticPlan, courses};
use crate::config::Project;

/// People of the cohort in which half-widths are told.
pub const PEOPLE: u32 = 300;

/// What a measure's weight buys in a window.
#[derive(Clone, Debug, Serialize)]
pub struct Bought {
    /// Its table.
    pub table: String,
    /// Its weight.
    pub weight: f64,
    /// The first release of the window that has it, which the numbers are of.
    pub period: String,
    /// Of the release's ρ what the vectors that it reads get: tables that read the
    /// same share it.
    pub rho_share: f64,
    /// The first statistic that may be too uncertain, else the first.
    pub statistic: String,
    /// Of this metric alone.
    pub metric: Option<String>,
    /// Its unit.
    pub unit: String,
    /// The topmost level that it is measured at.
    pub level: u32,
    /// Half-width of its 95 % interval there, in a cohort of [`PEOPLE`].
    pub half_width: f64,
    /// With half of the weight.
    pub halved: Option<Change>,
    /// With twice the weight; `None`: a part of a release would get nothing.
    pub doubled: Option<Change>,
}

/// What another weight makes of a window.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Change {
    /// The measure's own half-width.
    pub half_width: f64,
    /// What the half-widths of other measures are multiplied by, at most.
    pub others: f64,
}

/// What each weight buys, window by window as they are planned; nothing of a window
/// with one table, whose weight is all there is.
pub fn bought(project: &Project, basis: &Basis<'_>) -> Result<Vec<Vec<Bought>>, PlanError> {
    let now = courses(project, basis, &[PEOPLE])?;
    let measures = project.measures.par_iter().enumerate();
    let all = measures.map(|(at, measure)| {
        let times = |factor: f64| weighing(project, basis, (at, factor));
        let (halved, doubled) = (times(0.5)?, times(2.0)?);
        let windows = now.iter().enumerate().map(|(window, plan)| {
            let changed = [&halved, &doubled].map(|plans| plans.as_ref()?.get(window));
            of_measure((&measure.name, measure.weight), plan, changed)
        });
        Ok(windows.collect())
    });
    let all: Vec<Vec<Option<Bought>>> = all.collect::<Result<_, PlanError>>()?;
    let windows = (0..now.len()).map(|window| {
        let mine = all.iter().filter_map(|windows| windows[window].clone());
        mine.collect()
    });
    Ok(windows.collect())
}

/// The plan with a measure's weight times a factor; `None` where a part of a
/// release then gets nothing.
fn weighing(
    project: &Project,
    basis: &Basis<'_>,
    (measure, factor): (usize, f64),
) -> Result<Option<Vec<Course>>, PlanError> {
    let mut project = project.clone();
    project.measures[measure].weight *= factor;
    match courses(&project, basis, &[PEOPLE]) {
        Err(PlanError::Budget(BudgetError::Exhausted { .. })) => Ok(None),
        found => found.map(Some),
    }
}

/// A statistic with where it stands.
type At<'a> = (&'a Forecast, &'a LevelPlan, &'a StatisticPlan);

/// All statistics of a window, in order: weights leave it as it is.
fn statistics(course: &Course) -> Vec<At<'_>> {
    let releases = course.releases.iter();
    let levels = releases.flat_map(|release| release.tables.iter().map(move |at| (release, at)));
    let all = levels.flat_map(|(release, level)| {
        let mine = level.statistics.iter();
        mine.map(move |one| (release, level, one))
    });
    all.collect()
}

fn of_measure(
    (table, weight): (&str, f64),
    now: &Course,
    [halved, doubled]: [Option<&Course>; 2],
) -> Option<Bought> {
    let all = statistics(now);
    let is_mine = |(_, level, _): &At<'_>| level.table == table;
    if all.iter().all(is_mine) {
        return None;
    }
    let first = all.iter().position(is_mine)?;
    let judged = all
        .iter()
        .position(|at| is_mine(at) && at.2.widest.is_some());
    let place = judged.unwrap_or(first);
    let (release, level, statistic) = all[place];
    let change = |then: &Course| {
        let then = statistics(then);
        let others = all.iter().zip(&then).filter(|(at, _)| !is_mine(at));
        let factors =
            others.map(|((.., now), (.., then))| then.half_widths[0] / now.half_widths[0]);
        Change {
            half_width: then[place].2.half_widths[0],
            others: factors.filter(|one| one.is_finite()).fold(0.0, f64::max),
        }
    };
    let mine = release.tables.iter();
    let rho = mine.filter(|level| level.table == table);
    let rho: u64 = rho.map(|level| level.rho_micro).sum();
    Some(Bought {
        table: table.to_owned(),
        weight,
        period: release.periods.first()?.clone(),
        rho_share: rho as f64 / release.rho_micro as f64,
        statistic: statistic.statistic.clone(),
        metric: statistic.metric.clone(),
        unit: statistic.unit.clone(),
        level: level.level,
        half_width: statistic.half_widths[0],
        halved: halved.map(change),
        doubled: doubled.map(change),
    })
}
