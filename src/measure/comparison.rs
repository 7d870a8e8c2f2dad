//! The kinds that compare two cohorts: a difference of means, and a share
//! beside the organisation's.
//!
//! Both cohorts are cohorts in their own right, selected with k, the coach rule
//! and δ: where one is hidden the comparison is null, and says so. The coached
//! and those who are not are two keys of one family, as are those with a theme
//! and those without; a unit and the organisation are two of its levels.
//!
//! # Proof
//! *Claim*: a comparison needs no sensitivity beyond that of [`super::paired`]
//! and [`super::share`].
//!
//! 1. On which side a person is follows from their own rows alone (whether they
//!    have an accepted session, whether one of theirs has the theme), and is
//!    decided before keys are bounded. So of each metric, or competency and
//!    theme, a person has exactly one of two keys: at most `max_cells` keys in
//!    all, bounded as any other keys are.
//! 2. Entries are those of values on each side. What is compared afterwards is
//!    computed from noisy sums. ∎
//!
//! A difference is no effect: who is coached, or has a theme, may differ in
//! other ways.

use lodestar_privacy::public::{Other, Scale, StatisticKind};

use super::family::CohortKeys;
use super::vector::Vector;
use super::{Cohort, Value, paired};

/// The cohorts beside those of a measure that come in pairs.
pub(super) fn others(cohort: Cohort, block: usize, kind: usize, keys: &CohortKeys) -> Vec<Other> {
    let other = cohort.other().map(|name| Other {
        name: name.to_owned(),
        kind,
        block: Some(block),
        keys: keys.beside(),
    });
    other.into_iter().collect()
}

/// The mean of a value less that of the other cohort.
pub(super) fn difference(
    vector: &mut Vector,
    of: Value,
    scale: Scale,
    weight: f64,
    error: f64,
) -> StatisticKind {
    StatisticKind::Difference(paired::spread(vector, of, scale, weight, error))
}
