//! What a window will publish, and how accurate it will be, before anything
//! is spent or read: from configuration, public files and the ledger alone.

mod again;
mod combined;
mod forecast;
mod guess;
mod unheeded;
pub mod weights;

use lodestar_privacy::budget::BudgetError;
use lodestar_privacy::ledger::LedgerError;
use serde::Serialize;

pub use self::forecast::{Basis, Expects, HEADCOUNTS, LevelPlan, StatisticPlan};
use self::forecast::{Course, Forecast, courses};
pub use self::unheeded::unheeded;
use crate::config::Project;
use crate::ingest::IngestError;
use crate::publish::CurrentError;

/// Sizes of cohorts at which errors are predicted.
pub const COHORT_SIZES: [u32; 4] = [30, 100, 300, 1000];

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// A measure without a level.
    #[error("{0}")]
    Unmeasured(String),
    /// See [`IngestError`]: public files only.
    #[error(transparent)]
    Ingest(#[from] IngestError),
    /// See [`BudgetError`].
    #[error(transparent)]
    Budget(#[from] BudgetError),
    /// See [`LedgerError`].
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// What was released can't be read.
    #[error(transparent)]
    Released(#[from] CurrentError),
}

impl PlanError {
    /// The program's exit code.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Unmeasured(_) => 2,
            Self::Ingest(error) => error.exit_code(),
            Self::Budget(BudgetError::Exhausted { .. } | BudgetError::Closed { .. }) => 4,
            Self::Budget(_) => 1,
            Self::Ledger(_) | Self::Released(_) => 6,
        }
    }
}

/// The plan of one window.
#[derive(Clone, Debug, Serialize)]
pub struct WindowPlan {
    /// `2025`.
    pub window: String,
    /// ε of the window.
    pub epsilon: f64,
    /// δ of the window.
    pub delta: f64,
    /// ρ of the window, in 1e-6.
    pub rho_micro: u64,
    /// ρ spent, in 1e-6.
    pub spent_rho_micro: u64,
    /// Periods still to be released, oldest first.
    pub due: Vec<String>,
    /// A revision can still take the spare.
    pub spare: bool,
    /// The releases to come, oldest first; those that publish the same are one.
    pub releases: Vec<ReleasePlan>,
}

/// The plan of one release, or of several that publish the same.
#[derive(Clone, Debug, Serialize)]
pub struct ReleasePlan {
    /// `2025-Q3`; the numbers are the first one's, and the others get as much if
    /// nothing changes.
    pub periods: Vec<String>,
    /// ρ, in 1e-6.
    pub rho_micro: u64,
    /// ε that it converts to alone.
    pub epsilon: f64,
    /// Table by table, level by level.
    pub tables: Vec<LevelPlan>,
    /// Family by family.
    pub bounds: Vec<BoundsPlan>,
}

/// What is spent to tell how much the bounds of a family of cohorts cut off.
#[derive(Clone, Debug, Serialize)]
pub struct BoundsPlan {
    /// `coachees`.
    pub cohorts: String,
    /// How many there are.
    pub bounds: usize,
    /// ρ for all of them, in 1e-6.
    pub rho_micro: u64,
    /// Standard deviation of the noise on what is lost, in people who lose the
    /// most that is told apart.
    pub sigma: f64,
}

/// Plans every window that has a period to be released, up to the one that
/// holds the next.
pub fn plan(project: &Project, basis: &Basis<'_>) -> Result<Vec<WindowPlan>, PlanError> {
    let courses = courses(project, basis, &COHORT_SIZES)?;
    courses.into_iter().map(WindowPlan::of).collect()
}

/// What the first window publishes, release by release, with errors in cohorts
/// of so many people.
pub fn levels_at(
    project: &Project,
    basis: &Basis<'_>,
    people: u32,
) -> Result<Vec<LevelPlan>, PlanError> {
    let first = courses(project, basis, &[people])?.into_iter().take(1);
    let releases = first.flat_map(|course| course.releases);
    Ok(releases.flat_map(|release| release.tables).collect())
}

impl WindowPlan {
    fn of(course: Course) -> Result<Self, PlanError> {
        let Course {
            window,
            purse,
            spent,
            releases,
        } = course;
        let release = |forecast: Forecast| {
            let epsilon = purse.epsilon_of(forecast.rho_micro);
            Ok(ReleasePlan {
                periods: forecast.periods,
                rho_micro: forecast.rho_micro,
                epsilon: epsilon.map_err(BudgetError::from)?,
                tables: forecast.tables,
                bounds: forecast.bounds,
            })
        };
        let due = window.periods.iter().filter(|(.., due)| *due);
        Ok(Self {
            window: window.window.name(),
            epsilon: purse.epsilon,
            delta: purse.delta_femto as f64 / 1e15,
            rho_micro: purse.rho_micro,
            spent_rho_micro: spent.rho_micro,
            due: due.map(|(period, ..)| period.name()).collect(),
            spare: !spent.spare_used,
            releases: releases
                .into_iter()
                .map(release)
                .collect::<Result<_, PlanError>>()?,
        })
    }
}

/// The sample, for tests.
#[cfg(test)]
fn sample() -> (Project, crate::ingest::Org) {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let project = crate::config::load(&folder.join("data-samples/acme/lodestar.toml"));
    let project = project.expect("the sample is sound");
    let org = crate::ingest::Org::load(&project).expect("so are its units");
    (project, org)
}
