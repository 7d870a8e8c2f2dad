//! `status.json`: how the project stands after a night, for monitoring.

use serde::Serialize;

use super::{State, StateError, file};

/// Name of the file.
pub(super) const STATUS: &str = "status.json";

/// How the project stands. Private: it holds exact counts of rows.
#[derive(Clone, Debug, Serialize)]
pub struct Status {
    /// Day of the run.
    pub as_of: String,
    /// `released`, `up to date`, or why nothing was released.
    pub outcome: String,
    /// The next period to be released.
    pub next_release: Option<NextRelease>,
    /// What was read this night.
    pub sources: Vec<SourceStatus>,
    /// Accepted rows of released periods that came after their release.
    pub late_rows: u64,
    /// The windows that have been charged.
    pub budget: Vec<WindowStatus>,
}

/// The next period to be released, and from which day on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NextRelease {
    /// `2025-Q3`.
    pub period: String,
    /// First day on which a run releases it.
    pub on: String,
}

/// Rows of one source.
#[derive(Clone, Debug, Serialize)]
pub struct SourceStatus {
    /// `sessions`.
    pub source: &'static str,
    /// Rows read.
    pub read: u64,
    /// Rows that count.
    pub accepted: u64,
    /// Identical or superseded rows.
    pub duplicate: u64,
    /// Rows that break a rule.
    pub quarantined: u64,
    /// `column: reason` → rows.
    pub reasons: std::collections::BTreeMap<String, u64>,
}

/// What a window has spent and has left.
#[derive(Clone, Debug, Serialize)]
pub struct WindowStatus {
    /// `2025`.
    pub window: String,
    /// ε of the window.
    pub epsilon: f64,
    /// δ of the window.
    pub delta: f64,
    /// Releases charged.
    pub releases: usize,
    /// ρ spent, in 1e-6.
    pub spent_rho_micro: u64,
    /// ρ left, in 1e-6.
    pub left_rho_micro: u64,
    /// ε that what was spent converts to, at the δ kept for conversion.
    pub spent_epsilon: f64,
    /// ε of the window less what was spent of it.
    pub left_epsilon: f64,
    /// A revision has taken the spare.
    pub spare_used: bool,
    /// Nothing more is released in it: the ledger was rebuilt, and does not know
    /// what a release of it cost.
    pub closed: bool,
}

impl Status {
    /// Writes `state/status.json`.
    pub fn store(&self, state: &State) -> Result<(), StateError> {
        let path = state.folder().join(STATUS);
        let text = serde_json::to_vec_pretty(self)
            .map_err(|error| StateError::new(&path, error.to_string()))?;
        file::write(&path, &text)
    }
}
