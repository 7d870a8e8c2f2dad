//! Version 1 of the manifests. JSON Schema: `docs/manifest.schema.json`.
//!
//! A field once published keeps its name and meaning; a change is a new version
//! in a file of its own.

use serde::{Deserialize, Serialize};

/// `format` of a release's manifest.
pub const RELEASE: &str = "lodestar-release";
/// `format` of the manifest of `current/`.
pub const CURRENT: &str = "lodestar-current";
/// `format_version` of both.
pub const VERSION: u32 = 1;

/// Manifest of one release.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// [`RELEASE`].
    pub format: String,
    /// [`VERSION`].
    pub format_version: u32,
    /// SHA-256 of this file with these 64 digits replaced by zeros.
    pub self_sha256: String,
    /// Version of the engine that released it.
    pub engine_version: String,
    /// As declared.
    pub organisation: String,
    /// `2024-Q1`, or `2024-Q1-r1`.
    pub release_id: String,
    /// `2024-Q1`.
    pub period: String,
    /// First day, ISO 8601.
    pub period_start: String,
    /// Last day, ISO 8601, inclusive.
    pub period_end: String,
    /// 0 for the first release of the period.
    pub revision: u32,
    /// Every source is declared synthetic.
    pub synthetic: bool,
    /// The parameters of privacy.
    pub privacy: Privacy,
    /// The promise in words.
    pub guarantee: Guarantee,
    /// The shared objective, as declared.
    pub north_star: NorthStar,
    /// How cohorts were selected and sized.
    pub cohorts: Vec<CohortKind>,
    /// What was measured of them; tables read these.
    pub vectors: Vec<Vector>,
    /// What was measured of what bounds cut off; `dim_bound` reads these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bounds: Vec<Bounds>,
    /// What the columns mean.
    pub definitions: Vec<Definition>,
    /// Tables of facts.
    pub tables: Vec<Table>,
    /// Tables of labels.
    pub dimensions: Vec<Dimension>,
}

/// Manifest of `current/`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Current {
    /// [`CURRENT`].
    pub format: String,
    /// [`VERSION`].
    pub format_version: u32,
    /// SHA-256 of this file with these 64 digits replaced by zeros.
    pub self_sha256: String,
    /// Version of the engine that wrote it.
    pub engine_version: String,
    /// As declared for the newest release.
    pub organisation: String,
    /// All that is in here describes synthetic people.
    pub synthetic: bool,
    /// The newest release that is in here.
    pub newest_release: String,
    /// Least k over the releases in here.
    pub k: u32,
    /// Least coalition over the releases in here.
    pub coalition: u32,
    /// No stronger than that of any release in here; each release's own numbers
    /// are in `releases`.
    pub guarantee: Guarantee,
    /// Of the newest release.
    pub north_star: NorthStar,
    /// Of the newest release.
    pub definitions: Vec<Definition>,
    /// What is in here, by time.
    pub releases: Vec<ReleaseRef>,
    /// What was released, and is not in here: of its period a newer revision is. By
    /// time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub superseded: Vec<ReleaseRef>,
    /// Tables of facts, all periods; their parameters differ by release.
    pub tables: Vec<Table>,
    /// Tables of labels.
    pub dimensions: Vec<Dimension>,
    /// The page that is made of the tables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<Page>,
}

impl Current {
    /// Every release that it names: those that it was made of, then the superseded ones.
    pub fn listed(&self) -> impl Iterator<Item = &ReleaseRef> {
        self.releases.iter().chain(&self.superseded)
    }
}

/// The page of `current/`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// Plain file name in this folder.
    pub file: String,
    /// Length of the file, in bytes.
    pub bytes: u64,
    /// SHA-256 of the file.
    pub sha256: String,
}

/// One release that `current/` was made of, or that is superseded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseRef {
    /// `2024-Q1-r1`.
    pub release_id: String,
    /// `2024-Q1`.
    pub period: String,
    /// 0 for the first release of the period.
    pub revision: u32,
    /// SHA-256 of the release's manifest.
    pub manifest_sha256: String,
    /// Every source was declared synthetic.
    pub synthetic: bool,
    /// Its parameters of privacy.
    pub privacy: Privacy,
}

/// Parameters of privacy of a release and of its budget window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Privacy {
    /// `person`: all rows of one person; `person-period`: those of one period.
    pub unit: String,
    /// Least number of people that a number describes.
    pub k: u32,
    /// How many coaches may pool what they know.
    pub coalition: u32,
    /// Name of the budget window.
    pub window: String,
    /// ε of the window.
    pub epsilon_window: f64,
    /// δ of the window.
    pub delta_window: f64,
    /// ε of this release alone.
    pub epsilon_release: f64,
    /// δ of this release alone.
    pub delta_release: f64,
    /// zCDP charge of this release, in 1e-6.
    pub rho_release_micro: u64,
    /// δ of this release's selections, in 1e-15.
    pub delta_selection_release_femto: u64,
}

/// The promise and what it leaves out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guarantee {
    /// What is promised.
    pub promise: String,
    /// What is not.
    pub exclusions: Vec<String>,
}

/// The shared objective; a text that was not declared is empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NorthStar {
    /// Where the organisation is heading.
    pub r#where: String,
    /// How it gets there.
    pub how: String,
    /// Why.
    pub why: String,
}

/// Selection and sizes of one family of cohorts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CohortKind {
    /// `coachees`.
    pub name: String,
    /// The time in which people and rows count: the period, or a longer span
    /// that ends with it.
    pub period: String,
    /// First day, ISO 8601.
    pub period_start: String,
    /// Last day, ISO 8601, inclusive.
    pub period_end: String,
    /// What people are told apart by; each has `(all)` beside its values.
    pub dimensions: Vec<String>,
    /// In how many cohorts of a level a person is at most.
    pub cohorts_a_person: u32,
    /// Whether k holds after a coach has taken away their caseload.
    pub coach_rule: bool,
    /// Level by level.
    pub levels: Vec<CohortLevel>,
}

/// Selection and sizes at one level.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CohortLevel {
    /// Level of the org tree.
    pub level: u32,
    /// zCDP charge of the selection, in 1e-6.
    pub selection_rho_micro: u64,
    /// L2 sensitivity of the selection's counts.
    pub selection_sensitivity: f64,
    /// Standard deviation of the selection's noise.
    pub selection_sigma: f64,
    /// T: a cohort appears iff its noisy count of outsiders, less k − 1, is above.
    pub selection_threshold: i64,
    /// δ of the selection, in 1e-15.
    pub selection_delta_femto: u64,
    /// zCDP charge of the sizes, in 1e-6.
    pub size_rho_micro: u64,
    /// L2 sensitivity of the sizes.
    pub size_sensitivity: f64,
    /// Standard deviation of the sizes' noise.
    pub size_sigma: f64,
}

/// What a statistic is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// Table.
    pub measure: String,
    /// Column; its interval is `<statistic>_low`, `<statistic>_high`.
    pub statistic: String,
    /// In words.
    pub definition: String,
    /// What the interval covers.
    pub interval: String,
    /// `people`, `share`.
    pub unit: String,
}

/// A table of facts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// `theme_prevalence`.
    pub name: String,
    /// Plain file name in this folder.
    pub file: String,
    /// Number of rows.
    pub rows: u64,
    /// Length of the file, in bytes.
    pub bytes: u64,
    /// SHA-256 of the file.
    pub sha256: String,
    /// What it says.
    pub measure: Measure,
    /// How it was drawn; only in a release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameters: Option<Parameters>,
}

/// What a table says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// The question that it answers.
    pub question: String,
    /// Name of its cohorts.
    pub cohort: String,
    /// Dimensions beside the org unit.
    pub dimensions: Vec<String>,
    /// The cohorts that rows are compared with: their sizes are `cohort_<name>`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<String>,
    /// Columns of its statistics, in order.
    pub statistics: Vec<Column>,
}

/// A statistic's columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Its interval is `<name>_low`, `<name>_high`.
    pub name: String,
    /// `count`, `share`, `mean`, `change`, …; counts are whole numbers,
    /// `reached_by` are days, `tipping` and `trend` words.
    pub kind: String,
    /// Whether `<name>_status` tells if it is given; else `status` does.
    pub has_status: bool,
}

/// How a table follows from what was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// Name of the vector that it reads.
    pub vector: String,
    /// Relative importance in the split of the budget.
    pub weight: f64,
    /// In the order of the columns.
    pub statistics: Vec<Statistic>,
}

/// How a statistic follows from a vector.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statistic {
    /// Column.
    pub name: String,
    /// As of its column.
    pub kind: String,
    /// Whose, or compared with whose: one of the measure's `others`; absent: the
    /// row's own cohort's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<String>,
    /// The vector's coordinates that it is made of, from 0: one, or several in
    /// the order that docs/statistics.md names them.
    pub of: Vec<u32>,
    /// Steps of its unit in which the clip of a mean, or of a ratio's whole, is
    /// counted.
    pub steps: f64,
    /// It tells of a number of people or sessions, which is not shown below k.
    pub counts: bool,
    /// Error that is tolerated in it, in its unit.
    pub tolerated_error: f64,
}

/// One vector a cohort: keys × coordinates, all with one noise a level.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vector {
    /// The tables that read it.
    pub name: String,
    /// Name of its cohorts.
    pub cohort: String,
    /// Most keys that one person may touch.
    pub max_cells: u32,
    /// Number of public keys.
    pub keys: u64,
    /// Everybody of a cohort has exactly one of the keys, so that numbers of people
    /// by key add up to it.
    pub partition: bool,
    /// Numbers of a key.
    pub coordinates: Vec<Coordinate>,
    /// Those of which nobody has more than one, by position.
    pub exclusive: Vec<u32>,
    /// How its keys were found; absent: they are declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<Search>,
    /// Level by level.
    pub levels: Vec<VectorLevel>,
}

/// How keys were found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Search {
    /// Most elements that a person puts into a round.
    pub entries: u32,
    /// Most terms that a round of terms finds.
    pub most: u32,
    /// Round by round.
    pub rounds: Vec<Round>,
}

/// A round of a search.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Round {
    /// `words`, `phrases of 2`, `phrases of 3` or `competencies`.
    pub of: String,
    /// zCDP charge, in 1e-6.
    pub rho_micro: u64,
    /// L2 sensitivity of the values, in 1/1024 of a person's whole weight.
    pub sensitivity: f64,
    /// Standard deviation of the noise, in the same unit.
    pub sigma: f64,
    /// T: an element is found iff its noisy value is above.
    pub threshold: i64,
    /// δ, in 1e-15.
    pub delta_femto: u64,
}

/// One number of a person's vector, at most `factor` in size.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coordinate {
    /// `has`, `centred`, `amount`, `at_least`, `within` or `excess`.
    pub rule: String,
    /// Bounds of what it is made of, in steps; millionths of `within`; empty of
    /// `has`.
    pub bounds: Vec<i64>,
    /// What 1 is turned into.
    pub factor: u32,
    /// Relative importance.
    pub weight: f64,
    /// Error that is tolerated in its mean, in units of the factor.
    pub tolerated_error: f64,
}

/// Noise of a vector at one level.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VectorLevel {
    /// Level of the org tree.
    pub level: u32,
    /// zCDP charge, in 1e-6.
    pub rho_micro: u64,
    /// L2 sensitivity for adding or removing a person.
    pub sensitivity: f64,
    /// Standard deviation of the noise on each number.
    pub sigma: f64,
}

/// What the bounds of a family of cohorts cut off of the organisation's people: one
/// number a bound and key of the cohorts, all with one noise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bounds {
    /// Name of the cohorts.
    pub cohort: String,
    /// In how many of their keys a person is at most, `(all)` left out.
    pub keys_a_person: u32,
    /// Of each a person adds a number of at most 65,536 in size.
    pub bounds: Vec<Bound>,
    /// zCDP charge, in 1e-6.
    pub rho_micro: u64,
    /// L2 sensitivity for adding or removing a person.
    pub sensitivity: f64,
    /// Standard deviation of the noise on each number.
    pub sigma: f64,
}

/// A bound of what one person adds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bound {
    /// `max_cells` or `clip`.
    pub bound: String,
    /// Name of the vector that it bounds; absent: the keys of the cohorts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vector: Option<String>,
    /// Most keys, or the clip in steps.
    pub most: i64,
    /// How much more is told apart.
    pub more: i64,
}

/// A table of labels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dimension {
    /// `dim_org_unit`.
    pub name: String,
    /// Plain file name in this folder.
    pub file: String,
    /// Number of rows.
    pub rows: u64,
    /// Length of the file, in bytes.
    pub bytes: u64,
    /// SHA-256 of the file.
    pub sha256: String,
}
