//! What a release drew: readable, noisy, and all that an encoder gets.

/// The noisy numbers of one release. Only [`crate::release`] makes one.
#[derive(Clone, Debug, PartialEq)]
pub struct Noisy {
    /// By index of [`crate::public::Public::kinds`].
    pub kinds: Vec<NoisyKind>,
    /// By index of [`crate::public::Public::blocks`].
    pub blocks: Vec<NoisyBlock>,
    /// By index of [`crate::public::Public::bounds`].
    pub bounds: Vec<NoisyBounds>,
    /// What it cost.
    pub cost: Cost,
}

/// What a release is charged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    /// ρ in 1e-6.
    pub rho_micro: u64,
    /// δ of the selections, in 1e-15.
    pub delta_femto: u64,
    /// The release alone is (ε, δ)-differentially private with this ε …
    pub epsilon: f64,
    /// … and this δ (selections and conversion).
    pub delta: f64,
}

/// The selected cohorts of a kind, level by level from 0.
#[derive(Clone, Debug, PartialEq)]
pub struct NoisyKind {
    /// Position = level.
    pub levels: Vec<NoisyLevel>,
}

/// The cohorts of one kind and level.
#[derive(Clone, Debug, PartialEq)]
pub struct NoisyLevel {
    /// How they were selected.
    pub selection: Selection,
    /// How their sizes were measured.
    pub size: Noise,
    /// The published cohorts, in an order that follows from what they are.
    pub cohorts: Vec<Cohort>,
}

/// By how much a person moves what is selected among.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// So many numbers at most; at least 1.
    pub numbers: u32,
    /// Each by this at most; at least 1.
    pub each: u32,
    /// The square of the L2 distance of all together.
    pub l2_squared: u64,
}

impl Moved {
    /// So many counts, each by 1.
    pub fn counts(numbers: u32) -> Self {
        Self {
            numbers,
            each: 1,
            l2_squared: u64::from(numbers),
        }
    }
}

/// Parameters of one selection.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Selection {
    /// By how much a person moves the shifted counts.
    pub moved: Moved,
    /// Noise on the shifted count.
    pub noise: Noise,
    /// δ allotted, in 1e-15.
    pub delta_femto: u64,
    /// A cohort shows iff its noisy shifted count is strictly above.
    pub threshold: i64,
}

/// Parameters of one noise mechanism.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Noise {
    /// ρ charged, in 1e-6.
    pub rho_micro: u64,
    /// L2 sensitivity for adding or removing a person.
    pub sensitivity: f64,
    /// Standard deviation of the discrete Gaussian.
    pub sigma: f64,
}

/// Which people of the org tree a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Group {
    /// A unit, by code.
    Unit(usize),
    /// The hidden children of a unit (and one shown sibling), by its code.
    Others(usize),
}

/// Which of them, along one dimension of the kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Value {
    /// All.
    All,
    /// Those with a value, by its position.
    One(usize),
    /// Those with a hidden value (and one shown one).
    Other,
}

/// One published cohort.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cohort {
    /// Whom it describes.
    pub group: Group,
    /// Index in the kind's keys.
    pub key: usize,
    /// Their values, one a dimension of the kind.
    pub values: Vec<Value>,
    /// Noisy size; not yet constrained to at least k.
    pub size: i64,
}

/// The noisy vectors of one block.
#[derive(Clone, Debug, PartialEq)]
pub struct NoisyBlock {
    /// What was found, of a block whose keys are looked for.
    pub found: Option<Found>,
    /// One a measured level, in the order of the block's `levels`.
    pub levels: Vec<NoisyCells>,
}

/// Terms that many people's rows say.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// How each round selected.
    pub rounds: Vec<Selection>,
    /// The terms, in order of section and words: the keys of the block's cells.
    pub terms: Vec<Term>,
}

/// A term that was found.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Term {
    /// Index in the declared sections; `None`: anywhere.
    pub section: Option<usize>,
    /// Its words, with a space between.
    pub words: String,
}

/// The noisy cells of one block and level.
#[derive(Clone, Debug, PartialEq)]
pub struct NoisyCells {
    /// Level in the org tree.
    pub level: u32,
    /// How they were measured.
    pub noise: Noise,
    /// `[cohort][key × coordinates + coordinate]`: cohorts as in the kind's
    /// level, keys and coordinates as declared.
    pub cells: Vec<Vec<i64>>,
}

/// What the bounds of a kind cut off of the organisation's people.
#[derive(Clone, Debug, PartialEq)]
pub struct NoisyBounds {
    /// How it was measured.
    pub noise: Noise,
    /// Of each key whose cohort of the organisation is published, `(all)` left out.
    pub keys: Vec<CutOff>,
}

/// What bounds cut off of the people with a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CutOff {
    /// Index in the kind's keys.
    pub key: usize,
    /// One a bound, as declared.
    pub numbers: Vec<i64>,
}

/// The finished files of one release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    /// `manifest.json`; its SHA-256 is what the ledger remembers.
    pub manifest: Vec<u8>,
    /// Further files: plain name (`theme_prevalence.parquet`) and bytes.
    pub tables: Vec<(String, Vec<u8>)>,
}
