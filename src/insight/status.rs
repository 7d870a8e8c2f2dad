//! Whether a statistic is given, and if not, why.

use super::size::Size;

/// A share is too uncertain if its half-width exceeds ten points.
pub const WIDEST_SHARE: f64 = 0.10;

/// Any other statistic, if it exceeds so many times the tolerated error.
pub const WIDEST_TOLERATED: f64 = 4.0;

/// A size, or the whole of a ratio, is too uncertain below this many of its
/// standard deviations.
const SIZE_DEVIATIONS: f64 = 4.0;

/// Whether a statistic is given, and if not, why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// Given.
    Ok,
    /// A count is estimated below k.
    BelowK,
    /// The noise is too large for the cohort's size.
    TooUncertain,
    /// A cohort that the statistic compares with is not published.
    CohortMissing,
    /// An earlier period that the statistic compares with is not published.
    NoPrevious,
    /// What it would need (a target, a norm) is not declared.
    NotDeclared,
}

impl Status {
    /// Every status, in published spelling.
    pub const ALL: [Self; 6] = [
        Self::Ok,
        Self::BelowK,
        Self::TooUncertain,
        Self::CohortMissing,
        Self::NoPrevious,
        Self::NotDeclared,
    ];

    /// As published.
    pub fn text(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::BelowK => "below_k",
            Self::TooUncertain => "too_uncertain",
            Self::CohortMissing => "cohort_missing",
            Self::NoPrevious => "no_previous",
            Self::NotDeclared => "not_declared",
        }
    }

    /// What is said, in this order: too uncertain, below k, ok. `count`, if
    /// the statistic tells of one.
    pub(super) fn of(sure: bool, count: Option<f64>, k: u32) -> Self {
        if !sure {
            Self::TooUncertain
        } else if count.is_some_and(|count| count < f64::from(k)) {
            Self::BelowK
        } else {
            Self::Ok
        }
    }
}

/// Whether a half-width and a size are small and large enough. Asked the
/// positive way, so that what is no number is too uncertain.
pub(super) fn is_sure(half_width: f64, widest: f64, size: &Size) -> bool {
    half_width <= widest && stands_out(size.people as f64, size.sigma)
}

/// Whether a number is well above its noise.
pub(super) fn stands_out(number: f64, sigma: f64) -> bool {
    number >= SIZE_DEVIATIONS * sigma
}
