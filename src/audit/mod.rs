//! The mechanisms that ship, put to the test: whether what is claimed of them can be
//! seen to be wrong.
//!
//! Everything is drawn by the code that a run draws with. People are synthetic and
//! made here; nothing of a project is read, charged or published.

mod bounds;
mod neighbours;
mod noise;
mod probes;
mod replay;
mod retry;
mod selection;
mod tell;
mod world;

use std::fmt;
use std::io;

use lodestar_privacy::MechanismError;
use lodestar_privacy::budget::BudgetError;
use lodestar_privacy::rehearsal::RehearsalError;
use serde::Serialize;

use crate::ingest::IngestError;
use crate::pipeline::RunError;

/// The chance that an audit of sound code raises an alarm at all: shared out among
/// all statistical comparisons.
const ALPHA: f64 = 1e-3;

/// What is audited.
#[derive(Clone, Debug)]
pub struct Options {
    /// Fewer samples.
    pub quick: bool,
    /// Of the neighbours; noise has no seed.
    pub seed: u64,
    /// These alone.
    pub checks: Vec<Check>,
}

/// A part of the audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// Noise as it is drawn.
    Noise,
    /// The δ of selections.
    Delta,
    /// Calls of mechanisms on neighbours.
    Replay,
    /// Rows that must not count, or not twice.
    Probes,
    /// Releases of neighbours told apart.
    Tell,
    /// A release that is tried again.
    Retry,
}

impl Check {
    /// In the order in which they are made.
    pub const ALL: [Self; 6] = [
        Self::Noise,
        Self::Delta,
        Self::Replay,
        Self::Probes,
        Self::Tell,
        Self::Retry,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Noise => "noise",
            Self::Delta => "delta",
            Self::Replay => "replay",
            Self::Probes => "probes",
            Self::Tell => "tell",
            Self::Retry => "retry",
        }
    }
}

/// One claim, and what became of it.
#[derive(Clone, Debug, Serialize)]
pub struct Verdict {
    /// The part of the audit.
    pub check: Check,
    /// What is claimed something of.
    pub mechanism: String,
    /// What is claimed: at most, unless it says otherwise.
    pub claim: String,
    /// What was found; of chances the bound that holds with confidence.
    pub found: String,
    /// Samples, a side where there are two.
    pub samples: u64,
    /// What would have been seen, in the unit of the claim.
    pub would_see: String,
    /// Whether the claim holds, as far as can be seen.
    pub holds: bool,
}

/// Why nothing was found out.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// Files of its own can't be written.
    #[error("the audit's temporary folder can't be used ({0}): TMPDIR names where it is")]
    Folder(io::Error),
    /// What it made itself is refused.
    #[error("the audit's own project is refused: {0}")]
    Own(String),
    /// See [`MechanismError`].
    #[error(transparent)]
    Mechanism(#[from] MechanismError),
    /// See [`BudgetError`].
    #[error(transparent)]
    Budget(#[from] BudgetError),
    /// See [`RehearsalError`].
    #[error(transparent)]
    Rehearsal(#[from] RehearsalError),
    /// As in a run.
    #[error(transparent)]
    Run(#[from] RunError),
    /// See [`IngestError`].
    #[error(transparent)]
    Ingest(#[from] IngestError),
}

impl AuditError {
    /// The program's exit code.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Folder(_) => 7,
            _ => 1,
        }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Audits; `begins` hears of each part before it is made.
pub fn audit(options: &Options, begins: impl Fn(Check)) -> Result<Vec<Verdict>, AuditError> {
    let mut verdicts = Vec::new();
    for check in Check::ALL {
        if !options.checks.contains(&check) {
            continue;
        }
        begins(check);
        verdicts.extend(match check {
            Check::Noise => noise::check(options)?,
            Check::Delta => selection::check(options)?,
            Check::Replay => replay::check(options)?,
            Check::Probes => probes::check(options)?,
            Check::Tell => tell::check(options)?,
            Check::Retry => retry::check()?,
        });
    }
    Ok(verdicts)
}
