//! What bounds cut off of people: numbers of the whole organisation, which tell
//! how much of what its people do is not counted.

use super::coordinate::nearest;
use super::{CohortKind, FACTOR_MOST};

/// What the bounds of a family of cohorts cut off. Measured of the organisation
/// alone: one vector, with one number a bound for each key of the cohorts.
#[derive(Clone, Debug, PartialEq)]
pub struct Bounds {
    /// Index of the cohorts in [`Public::kinds`](super::Public::kinds).
    pub kind: usize,
    /// At least one.
    pub bounds: Vec<Bound>,
}

/// A bound of what one person adds, and how far beyond it is looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// The keys of cohorts that a person counts in.
    CohortKeys {
        /// So many more are told apart; at least 1.
        more: u32,
    },
    /// The keys of a block that a person may touch within a cohort.
    Keys {
        /// Index in [`Public::blocks`](super::Public::blocks).
        block: usize,
        /// So many more are told apart; at least 1.
        more: u32,
    },
    /// An amount of each key that is kept.
    Clip {
        /// Index in [`Public::blocks`](super::Public::blocks).
        block: usize,
        /// Which amount.
        input: usize,
        /// Beyond this it does not count.
        high: i64,
        /// So much more is told apart; above 0.
        more: i64,
    },
}

impl Bounds {
    /// The square of the L2 sensitivity of its vector, for adding or removing a
    /// person.
    ///
    /// # Proof
    /// A person is in one leaf, hence in the organisation once, and there in the
    /// cohorts of at most [`Keys::chosen`](super::Keys::chosen) keys, `(all)`
    /// left out, of whatever values: g of them. In each they add one number a
    /// bound, of at most [`FACTOR_MOST`] in size ([`number`]), and nothing
    /// elsewhere. So L2² ≤ g · bounds · factor². The bound is reached by a person
    /// with as many keys who reaches no bound: every number is −factor.
    pub fn l2_squared(&self, kind: &CohortKind) -> u64 {
        let numbers = u64::from(kind.keys.chosen()).saturating_mul(self.bounds.len() as u64);
        numbers.saturating_mul(u64::from(FACTOR_MOST).pow(2))
    }
}

impl Bound {
    /// The most of one person, within a cohort, that is told apart: what the
    /// number [`FACTOR_MOST`] stands for, and −[`FACTOR_MOST`] for none.
    /// `max_cells`: most keys that are kept of its block.
    pub fn most(&self, max_cells: u32) -> i64 {
        match *self {
            Self::CohortKeys { more } | Self::Keys { more, .. } => i64::from(more.max(1)),
            Self::Clip { more, .. } => more.max(1).saturating_mul(i64::from(max_cells.max(1))),
        }
    }
}

/// What a person adds who loses a part of the most that is told apart: −factor of
/// none, factor of all, so that a sum of them is known the better for the size of
/// the cohort.
///
/// # Proof
/// The part is clipped to 0 ..= most, which is mapped affinely onto −factor ..=
/// factor and rounded to the nearest integer; the ends are integers.
pub(crate) fn number(part: i64, most: i64) -> i64 {
    let (most, factor) = (most.max(1), i128::from(FACTOR_MOST));
    let part = part.clamp(0, most);
    let twice = 2 * i128::from(part) - i128::from(most);
    // The clamp states the bound once more; it never bites.
    nearest(twice * factor, i128::from(most)).clamp(-factor, factor) as i64
}
