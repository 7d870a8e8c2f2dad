//! What is drawn of synthetic people without a ledger: what `evaluate` and `audit`
//! begin with.

use lodestar_privacy::Secret;
use lodestar_privacy::budget::Owed;
use lodestar_privacy::ledger::Records;
use lodestar_privacy::public::Public;
use lodestar_privacy::tally::Tally;

use crate::calendar::Period;
use crate::config::Project;
use crate::declare;
use crate::ingest::{self, Intake, Org, Request};
use crate::pipeline::{self, RunError};
use crate::schedule::Window;

/// What keys are chosen with, and ids hashed. Nobody's cells have to be kept
/// from being guessed here, and the same of them are kept every time.
const SECRET: [u8; 32] = *b"lodestar evaluate: nobody's data";

/// Reads the rows that a release of a period is about.
pub(crate) fn read(
    project: &Project,
    org: &Org,
    period: Period,
    memory: Option<usize>,
) -> Result<Intake, RunError> {
    let (spans, earlier) = pipeline::wanted(project, org, &[period]);
    let request = Request {
        periods: &spans,
        outcome_spans: &earlier,
        memory,
        ..Request::default()
    };
    let key = pipeline::pseudonym_key(&Secret::new(SECRET));
    let intake = ingest::read(project, org, &key, &request)?;
    if let Some(refusal) = intake.refusal(project) {
        return Err(refusal.into());
    }
    if intake.sessions_in(&period) == 0 {
        return Err(RunError::NoRows(period.name()));
    }
    Ok(intake)
}

/// The release of a period as it would be declared if nothing had been released
/// yet, and what its window owes then.
pub(crate) fn declared(
    project: &Project,
    org: &Org,
    period: Period,
) -> Result<(Public, Owed), RunError> {
    let window = Window::of(project, org, &Records::default(), &period);
    let window = window?;
    let owed = window.owed();
    let mut periods = window.periods.into_iter();
    let declared = periods.find(|(mine, ..)| *mine == period);
    let (Some((_, public, _)), Some(owed)) = (declared, owed) else {
        let problem = format!(
            "{} is not between `first` and `last`: name a period that is released",
            period.name()
        );
        return Err(RunError::Usage(problem));
    };
    match declare::unmeasured(&public) {
        Some(problem) => Err(RunError::Usage(problem)),
        None => Ok((public, owed)),
    }
}

/// Bounds and counts what a release so declared describes.
pub(crate) fn count(
    project: &Project,
    org: &Org,
    public: Public,
    period: Period,
    intake: &Intake,
) -> Result<Tally, RunError> {
    let secret = Secret::new(SECRET);
    pipeline::count(project, &secret, org, public, &period, intake)
}
