//! The measure language: what is published is data, not code.

mod builtin;
pub mod code;
pub mod keys;
pub mod share;

use crate::calendar::Every;
use crate::config::Framework;
use keys::Keys;

pub use builtin::{Definition, builtin};

/// One measure: a named statistic of a cohort over public keys.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    /// Table name.
    pub name: String,
    /// The question that it answers.
    pub question: String,
    /// Rows that it counts.
    pub facts: Facts,
    /// Whom it describes.
    pub cohort: Cohort,
    /// What kind of statistic.
    pub kind: Kind,
    /// Dimensions beside the org unit, in published order.
    pub dimensions: Vec<Dimension>,
    /// Levels of the org tree; `None`: all.
    pub levels: Option<Vec<u32>>,
    /// Most keys that one person may touch; at least 1.
    pub max_cells: u32,
    /// Relative importance; above 0.
    pub weight: f64,
    /// How often; today always the project's period.
    pub every: Option<Every>,
    /// Error that is tolerated in a share.
    pub tolerated_error: f64,
}

impl Measure {
    /// The public keys of its dimensions, which are competency and theme.
    pub fn keys(&self, framework: &Framework) -> Keys {
        Keys::new(framework)
    }
}

/// Tables of facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Facts {
    /// Accepted coaching sessions.
    Sessions,
}

impl Facts {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Sessions];

    /// The name in configuration and in what is published.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sessions => "sessions",
        }
    }
}

/// Families of cohorts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cohort {
    /// People with an accepted session in the period.
    Coachees,
}

impl Cohort {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Coachees];

    /// The name in configuration and in what is published.
    pub fn name(self) -> &'static str {
        match self {
            Self::Coachees => "coachees",
        }
    }

    /// Whether a coach knows its members as such: the largest caseload is then
    /// taken away before k is asked for.
    pub fn has_coach_rule(self) -> bool {
        match self {
            Self::Coachees => true,
        }
    }
}

/// Kinds of statistics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Number and share of the cohort's people with a key.
    Share,
}

impl Kind {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Share];

    /// The name in configuration and in what is published.
    pub fn name(self) -> &'static str {
        match self {
            Self::Share => "share",
        }
    }
}

/// Dimensions with public keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimension {
    /// The competency framework.
    Competency,
    /// The codebook, and `other`.
    Theme,
}

impl Dimension {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Competency, Self::Theme];

    /// The name in configuration and in what is published.
    pub fn name(self) -> &'static str {
        match self {
            Self::Competency => "competency",
            Self::Theme => "theme",
        }
    }
}
