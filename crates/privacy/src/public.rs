//! What is declared before a row is read: the only thing, beside the noisy
//! numbers, that an encoder may look at.

use crate::tree::Tree;

/// Everything public about one release. It is moved into the [`crate::tally`]
/// before the first row is, and handed back to the encoder with the noisy
/// numbers: nothing learnt from rows can enter it.
#[derive(Clone, Debug, PartialEq)]
pub struct Public {
    /// The organisation's name, as declared.
    pub organisation: String,
    /// The period that is released.
    pub period: PeriodText,
    /// 0 for the first release of the period; n for its n-th revision.
    pub revision: u32,
    /// Every source is declared synthetic.
    pub synthetic: bool,
    /// k, coalition, ε, δ.
    pub policy: Policy,
    /// The org tree as it stands in the period.
    pub tree: Tree,
    /// Who is described: one selection and one noisy size each.
    pub kinds: Vec<CohortKind>,
    /// What is said about them: one noisy vector a level each.
    pub blocks: Vec<Block>,
    /// Further declared texts, by name (North Star, version, …).
    pub texts: std::collections::BTreeMap<String, String>,
}

impl Public {
    /// `2024-Q1`, or `2024-Q1-r1` for the first revision.
    pub fn release_id(&self) -> String {
        match self.revision {
            0 => self.period.name.clone(),
            n => format!("{}-r{n}", self.period.name),
        }
    }

    /// Whether the largest caseload is taken away from cohorts of a kind.
    pub fn coach_rule(&self, kind: usize) -> bool {
        self.policy.coalition > 0 && self.kinds[kind].coach_rule
    }
}

/// A period as text; dates are ISO 8601, `end` is inclusive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeriodText {
    /// `2024-Q1`.
    pub name: String,
    /// First day.
    pub start: String,
    /// Last day.
    pub end: String,
    /// Name of the budget window that it charges.
    pub window: String,
}

/// The privacy parameters of a window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Policy {
    /// Least number of people that a published number describes; at least 1.
    pub k: u32,
    /// How many coaches may pool what they know: 0 or 1.
    pub coalition: u32,
    /// ε of the window; finite, above 0.
    pub epsilon: f64,
    /// δ of the window; above 0, below 1.
    pub delta: f64,
}

/// A family of cohorts, one a unit and level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CohortKind {
    /// `coachees`.
    pub name: String,
    /// Levels `0..levels` are selected (a unit shows only under a shown parent).
    pub levels: u32,
    /// Whether one coach's caseload is taken away before k is asked for.
    pub coach_rule: bool,
}

/// One published table: a vector of integer coordinates per cohort.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// Table name, `theme_prevalence`.
    pub name: String,
    /// The question that it answers, in words.
    pub question: String,
    /// Index of its cohorts in [`Public::kinds`].
    pub kind: usize,
    /// Levels that are measured, ascending, each below the kind's `levels`.
    pub levels: Vec<u32>,
    /// Names of the dimensions beside the org unit: `["competency", "theme"]`.
    pub dimensions: Vec<String>,
    /// The public keys, in published order; one label a dimension.
    pub keys: Vec<Vec<Label>>,
    /// Most keys that one person may touch; at least 1.
    pub max_cells: u32,
    /// Relative importance; above 0.
    pub weight: f64,
    /// Error that is tolerated in the first share (0.025 = 2.5 points).
    pub tolerated_error: f64,
}

impl Block {
    /// The square of the L2 sensitivity of one level's vector for adding or
    /// removing a person. Proof: [`crate::tally::Tally::count`].
    pub fn l2_squared(&self) -> u32 {
        self.max_cells
    }
}

/// An id with its text for people.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Label {
    /// Opaque id.
    pub id: String,
    /// Text for people.
    pub label: String,
}
