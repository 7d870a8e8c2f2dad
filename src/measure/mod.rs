//! The measure language: what is published is data, not code.

mod builtin;
pub mod code;
mod definition;
pub mod filter;
pub mod keys;
mod mean;
pub mod quantity;
mod ratio;
mod share;
pub mod vector;

use crate::calendar::Every;

pub use builtin::{Definition, builtin};
pub use filter::Filter;
pub use quantity::Quantity;

/// One measure: named statistics of a family of cohorts.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    /// Table name.
    pub name: String,
    /// The question that it answers.
    pub question: String,
    /// Whom it describes.
    pub cohort: Cohort,
    /// Dimensions beside the org unit, in published order.
    pub dimensions: Vec<Dimension>,
    /// The rows and people that count; empty: all.
    pub filter: Filter,
    /// What is published, in order; at least one.
    pub statistics: Vec<Statistic>,
    /// Levels of the org tree; `None`: all.
    pub levels: Option<Vec<u32>>,
    /// Most keys that one person may touch; at least 1.
    pub max_cells: u32,
    /// Relative importance; above 0.
    pub weight: f64,
    /// How often; `None`: every period of the project.
    pub every: Option<Every>,
}

impl Measure {
    /// Its dimensions of people, by name.
    pub fn people(&self) -> impl Iterator<Item = &str> {
        self.dimensions
            .iter()
            .filter_map(|dimension| match dimension {
                Dimension::People(name) => Some(name.as_str()),
                _ => None,
            })
    }

    /// Whether its numbers are told apart by keys that rows have.
    pub fn is_keyed(&self) -> bool {
        let people = |dimension: &Dimension| matches!(dimension, Dimension::People(_));
        !self.dimensions.iter().all(people)
    }
}

/// Families of cohorts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cohort {
    /// People with an accepted session in the period.
    Coachees,
    /// Everybody of a unit.
    Headcount,
}

impl Cohort {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Coachees, Self::Headcount];

    /// The name in configuration and in what is published.
    pub fn name(self) -> &'static str {
        match self {
            Self::Coachees => "coachees",
            Self::Headcount => "headcount",
        }
    }

    /// Whether a coach knows its members as such: the largest caseload is then
    /// taken away before k is asked for.
    pub fn has_coach_rule(self) -> bool {
        match self {
            Self::Coachees => true,
            Self::Headcount => false,
        }
    }
}

/// What rows or people are told apart by.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dimension {
    /// The competency framework: keys.
    Competency,
    /// The codebook, and `other`: keys, with the competency.
    Theme,
    /// The declared formats of sessions: keys.
    Format,
    /// A declared property of people: cohorts of their own, and `(all)`.
    People(String),
}

impl Dimension {
    /// The dimension of a name; names of people's properties are not checked.
    pub fn named(name: &str) -> Self {
        match name {
            "competency" => Self::Competency,
            "theme" => Self::Theme,
            "format" => Self::Format,
            other => Self::People(other.to_owned()),
        }
    }

    /// The name in configuration and in what is published.
    pub fn name(&self) -> &str {
        match self {
            Self::Competency => "competency",
            Self::Theme => "theme",
            Self::Format => "format",
            Self::People(name) => name,
        }
    }
}

/// One published statistic of a measure.
#[derive(Clone, Debug, PartialEq)]
pub struct Statistic {
    /// Column name.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// The rows that count for it, beside the measure's own filter.
    pub only: Filter,
    /// The error that is tolerated in it, in its unit.
    pub tolerated_error: f64,
}

/// Kinds of statistics, each proved in a file of its own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Number of the cohort's people that a condition holds for.
    Count(Condition),
    /// Share of the cohort's people that a condition holds for.
    Share(Condition),
    /// Mean over the cohort's people of what their rows add up to.
    Mean {
        /// What is added up.
        of: Quantity,
        /// Bounds of one person's sum, in the quantity's unit.
        clip: (f64, f64),
    },
    /// Sum over sum, over the cohort's people.
    Ratio {
        /// The part.
        of: Quantity,
        /// The whole; of rows in which the part is known.
        per: Quantity,
        /// Upper bound of one person's whole, in its unit.
        clip: f64,
    },
}

impl Kind {
    /// The name in configuration and in the documentation.
    pub fn name(self) -> &'static str {
        match self {
            Self::Count(_) => "count",
            Self::Share(_) => "share",
            Self::Mean { .. } => "mean",
            Self::Ratio { .. } => "ratio",
        }
    }
}

/// What may hold for a person.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Condition {
    /// They have a row (with the key).
    Row,
    /// Their rows add up to at least so much.
    AtLeast {
        /// What is added up.
        of: Quantity,
        /// The bar, in the quantity's unit.
        least: f64,
    },
    /// Part over whole lies within bounds, both inclusive.
    Within {
        /// The part.
        of: Quantity,
        /// The whole; of rows in which the part is known.
        per: Quantity,
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
    },
}
