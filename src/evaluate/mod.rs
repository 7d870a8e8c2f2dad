//! How accurate policies would be: releases of a synthetic cohort beside its
//! exact numbers. Nothing is charged or published, and no ledger is written.

mod accuracy;
mod file;
mod grid;
mod inputs;
mod parts;
mod rank;
mod sums;
mod truth;

use std::path::PathBuf;

use lodestar_privacy::budget::BudgetError;
use lodestar_privacy::ledger::{LedgerError, Records};
use lodestar_privacy::rehearsal::{Rehearsal, RehearsalError, Script};
use rayon::prelude::*;

pub use accuracy::{Accuracy, Published};
pub use file::Out;
pub use grid::{Grid, Point};
pub use truth::Bounding;

use crate::calendar::{Period, PeriodError};
use crate::config::Project;
use crate::ingest::Org;
use crate::pipeline::RunError;
use crate::rehearse;
use inputs::Counted;
use sums::Sums;
use truth::Truth;

/// What is evaluated.
#[derive(Clone, Debug)]
pub struct Options {
    /// The policies.
    pub grid: Grid,
    /// Releases that are drawn under each.
    pub releases: u32,
    /// The period that they are of; `None`: the first whose release publishes all
    /// that one of the first window does.
    pub period: Option<String>,
    /// See [`Request::memory`](crate::ingest::Request::memory).
    pub memory: Option<usize>,
}

/// Why nothing was evaluated.
#[derive(Debug, thiserror::Error)]
pub enum EvaluateError {
    /// Real people's numbers may be in the input.
    #[error("{0}")]
    Real(String),
    /// The file exists, or can't be written.
    #[error("{path}: {error}", path = .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// See [`LedgerError`].
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// As in a run.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A policy that can't be afforded.
    #[error("{point}: {error}")]
    Budget {
        /// Which.
        point: String,
        /// Why.
        error: BudgetError,
    },
    /// See [`RehearsalError`].
    #[error(transparent)]
    Rehearsal(#[from] RehearsalError),
}

impl EvaluateError {
    /// The program's exit code.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Real(_) => 2,
            Self::File { .. } => 7,
            Self::Ledger(_) => 6,
            Self::Run(error) => error.exit_code(),
            Self::Budget { .. } => 4,
            Self::Rehearsal(_) => 1,
        }
    }

    /// Of sources that are not declared synthetic.
    fn real(project: &Project) -> Self {
        let sources = project.sources.all().filter(|source| !source.synthetic);
        let names: Vec<String> = sources
            .map(|source| format!("[sources.{}]", source.name))
            .collect();
        Self::Real(format!(
            "`evaluate` is for synthetic people alone, for it looks at exact numbers and draws \
             without a budget; not declared so: {}; make an organisation with `lodestar synth`, \
             or say `synthetic = true` of each source if nobody's data is in it",
            names.join(", ")
        ))
    }
}

/// Tells how accurate every policy of the grid is. `begins` hears of each before
/// it is drawn.
pub fn evaluate(
    project: &Project,
    options: &Options,
    begins: impl Fn(&Point),
) -> Result<Vec<Accuracy>, EvaluateError> {
    refuse_real(project)?;
    let org = Org::load(project).map_err(RunError::from)?;
    let period = period(project, &org, options)?;
    let open = inputs::opened(project);
    let points = options.grid.points(project);
    for point in &points {
        // Whatever is wrong with a policy is said before anything is read.
        script(&point.applied(project), point, &org, period)?;
    }
    let intake = rehearse::read(project, &org, period, options.memory)?;
    let anew = !inputs::is_read_alike(project);
    let anew = anew
        .then(|| rehearse::read(&open, &org, period, options.memory))
        .transpose()?;
    let mut bounded = Counted::new(&org, period, &intake);
    let mut unbounded = Counted::new(&org, period, anew.as_ref().unwrap_or(&intake));
    let mut all = Vec::new();
    for point in points {
        begins(&point);
        let mine = point.applied(project);
        let script = script(&mine, &point, &org, period)?;
        let free = point.unbounded().applied(&open);
        let (public, _) = rehearse::declared(&free, &org, period)?;
        let public = inputs::finely(public);
        let unbounded = Truth::new(unbounded.rehearsal(&free, &public)?, &public)?;
        let rehearsal = bounded.rehearsal(&mine, script.public())?;
        let truth = Truth::new(rehearsal, script.public())?;
        let sums = draw(rehearsal, &script, &truth, options.releases)?;
        all.extend(accuracy::report(
            &point,
            script.public(),
            (&truth, &unbounded),
            (&sums, options.releases),
        ));
    }
    Ok(all)
}

/// Refuses what may hold real people: sources that are not declared synthetic,
/// and a project whose ledger was begun with such.
fn refuse_real(project: &Project) -> Result<(), EvaluateError> {
    if !project.synthetic() {
        return Err(EvaluateError::real(project));
    }
    match Records::inspect(&project.state)?.terms {
        Some(terms) if !terms.synthetic => Err(EvaluateError::Real(
            "the project's ledger was begun with real people, and `evaluate` is for synthetic \
             ones alone: evaluate in a project of its own"
                .to_owned(),
        )),
        _ => Ok(()),
    }
}

fn period(project: &Project, org: &Org, options: &Options) -> Result<Period, EvaluateError> {
    let Some(name) = &options.period else {
        return inputs::fullest(project, org);
    };
    let calendar = &project.calendar;
    let period = Period::parse(name, calendar.every, calendar.year_starts);
    Ok(period.map_err(|error: PeriodError| RunError::from(error))?)
}

/// What a policy's releases are drawn with.
fn script(
    project: &Project,
    point: &Point,
    org: &Org,
    period: Period,
) -> Result<Script, EvaluateError> {
    let (public, owed) = rehearse::declared(project, org, period)?;
    Script::new(public, &owed).map_err(|error| EvaluateError::Budget {
        point: point.to_string(),
        error,
    })
}

/// Draws side by side, each release with noise of its own.
fn draw(
    rehearsal: &Rehearsal,
    script: &Script,
    truth: &Truth,
    releases: u32,
) -> Result<Sums, RehearsalError> {
    let none = || Sums::none(script.public(), truth);
    let add = |sums: Sums, _| {
        let noisy = rehearsal.draw(script)?;
        Ok(sums.add(&noisy, script.public(), truth))
    };
    let draws = (0..releases).into_par_iter().try_fold(none, add);
    draws.try_reduce(none, |a, b| Ok(a.merge(&b)))
}
