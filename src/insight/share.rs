//! Number and share of a cohort's people with a key.
//!
//! With `a` the noisy count (standard deviation `s_a`) and `n` the noisy size
//! (`s_n`), constrained to at least k, and z = 1.95996…:
//!
//! ```text
//! size   n ± z·s_n
//! count  a ± z·s_a
//! share  p = a/n ± z·√Var(p),  Var(p) ≈ (s_a² + p²·s_n²)/n²
//! ```
//!
//! the last by the delta method for a ratio of two independent estimates.
//! All are descriptive: the interval covers the noise alone. Clips come after
//! the interval is made.

use lodestar_privacy::Public;
use lodestar_privacy::noisy::{Group, Noise, Noisy, NoisyCells, NoisyLevel};
use lodestar_privacy::public::Block;

use super::interval::{Estimate, z};

/// A share is too uncertain if its half-width exceeds ten points.
const WIDEST_SHOWN: f64 = 0.10;

/// A size is too uncertain below this many of its standard deviations.
const SIZE_DEVIATIONS: f64 = 4.0;

/// The share at which half-widths are judged: fixed, so that the status never
/// depends on a numerator, and ½, the reference of survey methods.
const REFERENCE_SHARE: f64 = 0.5;

/// Whether a row's first statistic is given, and if not, why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// Given.
    Ok,
    /// The count is estimated below k.
    BelowK,
    /// The noise is too large for the cohort's size.
    TooUncertain,
}

impl Status {
    /// Every status, in published spelling.
    pub const ALL: [Self; 3] = [Self::Ok, Self::BelowK, Self::TooUncertain];

    /// As published.
    pub fn text(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::BelowK => "below_k",
            Self::TooUncertain => "too_uncertain",
        }
    }
}

/// A cohort's released size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Size {
    /// People, at least k.
    pub people: i64,
    /// 95 % interval of the size, both ends at least k.
    pub estimate: Estimate,
}

/// One published cell, before anything is masked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cell {
    /// Level in the org tree.
    pub level: u32,
    /// Whom it describes.
    pub group: Group,
    /// Index of the key in the block's keys.
    pub key: usize,
    /// Size of the cohort.
    pub size: Size,
    /// Number and share, as estimated: for evaluation against a known truth.
    pub unmasked: Measured,
    /// Whether they may be shown.
    pub status: Status,
}

impl Cell {
    /// Number and share, if they are published.
    pub fn shown(&self) -> Option<&Measured> {
        (self.status == Status::Ok).then_some(&self.unmasked)
    }
}

/// Number and share of one cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// The noisy number of people, as drawn: may be negative, or above the size.
    pub people: i64,
    /// The number with its interval, at least 0.
    pub count: Estimate,
    /// The share with its interval, within [0, 1].
    pub share: Estimate,
}

/// The size of a cohort from its noisy size: constrained to at least k, the
/// interval made around the noisy size and constrained afterwards.
pub fn size(noisy: i64, sigma: f64, k: u32) -> Size {
    let least = k.max(1);
    Size {
        people: noisy.max(i64::from(least)),
        estimate: Estimate::around(noisy as f64, sigma, f64::from(least), f64::MAX),
    }
}

/// Number and share from a noisy count and a constrained size.
pub fn measure(count: i64, sigma_count: f64, people: i64, sigma_size: f64) -> Measured {
    // A size is at least k >= 1; a share of nobody would be no number.
    let people = people.max(1) as f64;
    let share = count as f64 / people;
    let deviation = sigma_count.hypot(share * sigma_size) / people;
    Measured {
        people: count,
        count: Estimate::around(count as f64, sigma_count, 0.0, f64::MAX),
        share: Estimate::around(share, deviation, 0.0, 1.0),
    }
}

/// Half-width of the 95 % interval of a share `share` in a cohort of `size`
/// people, as a fraction of 1. Uses no data: `plan` shows it before anything is
/// spent. Infinite for a size below 1.
pub fn expected_half_width(sigma_count: f64, sigma_size: f64, size: f64, share: f64) -> f64 {
    if size < 1.0 {
        return f64::INFINITY;
    }
    z() * sigma_count.hypot(share * sigma_size) / size
}

/// Whether a cohort of this size is too small for the noise. Decided from σ
/// and size alone, so that it tells nothing about a numerator.
pub fn is_too_uncertain(sigma_count: f64, sigma_size: f64, people: i64) -> bool {
    let people = people as f64;
    let half_width = expected_half_width(sigma_count, sigma_size, people, REFERENCE_SHARE);
    // Asked the positive way, so that a σ that is no number is too uncertain.
    let sure = half_width <= WIDEST_SHOWN && people >= SIZE_DEVIATIONS * sigma_size;
    !sure
}

/// What is said of a cell, in this order: too uncertain, below k, ok.
pub fn status(count: i64, k: u32, too_uncertain: bool) -> Status {
    if too_uncertain {
        Status::TooUncertain
    } else if count < i64::from(k) {
        Status::BelowK
    } else {
        Status::Ok
    }
}

/// Every measured cell of one block, level by level, cohort by cohort, key by
/// key. A block or level that the noisy numbers do not hold has no cells.
pub fn cells(noisy: &Noisy, public: &Public, block: usize) -> Vec<Cell> {
    let (Some(declared), Some(measured)) = (public.blocks.get(block), noisy.blocks.get(block))
    else {
        return Vec::new();
    };
    let Some(kind) = noisy.kinds.get(declared.kind) else {
        return Vec::new();
    };
    measured
        .levels
        .iter()
        .filter_map(|cells| {
            kind.levels
                .get(cells.level as usize)
                .map(|level| (level, cells))
        })
        .flat_map(|(level, cells)| level_cells(level, cells, declared, public.policy.k))
        .collect()
}

fn level_cells(level: &NoisyLevel, cells: &NoisyCells, block: &Block, k: u32) -> Vec<Cell> {
    let Noise {
        sigma: sigma_count, ..
    } = cells.noise;
    let Noise {
        sigma: sigma_size, ..
    } = level.size;
    let mut out = Vec::new();
    for (cohort, counts) in level.cohorts.iter().zip(&cells.cells) {
        let size = size(cohort.size, sigma_size, k);
        let too_uncertain = is_too_uncertain(sigma_count, sigma_size, size.people);
        for (key, &count) in counts.iter().enumerate().take(block.keys.len()) {
            out.push(Cell {
                level: cells.level,
                group: cohort.group,
                key,
                size,
                unmasked: measure(count, sigma_count, size.people, sigma_size),
                status: status(count, k, too_uncertain),
            });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use statrs::distribution::{ContinuousCDF, Normal};

    #[test]
    fn the_delta_method_by_hand() {
        let got = measure(50, 3.0, 200, 4.0);
        let half = 1.959_963_984_540_054 * (9.0_f64 + 0.0625 * 16.0).sqrt() / 200.0;
        assert!((got.share.value - 0.25).abs() < 1e-15);
        assert!((got.share.high - 0.25 - half).abs() < 1e-12);
        assert!((got.share.low - 0.25 + half).abs() < 1e-12);
        let planned = expected_half_width(3.0, 4.0, 200.0, 0.25);
        assert!((planned - half).abs() < 1e-12);
    }

    #[test]
    fn sizes_are_constrained_after_their_interval() {
        let got = size(6, 4.0, 10);
        assert_eq!(
            (got.people, got.estimate.value, got.estimate.low),
            (10, 10.0, 10.0)
        );
        assert!((got.estimate.high - (6.0 + 1.959_963_984_540_054 * 4.0)).abs() < 1e-12);
    }

    #[test]
    fn uncertainty_is_decided_first_and_without_the_numerator() {
        // Half-width at ½ of exactly the limit is shown; the next smaller size is not.
        let sigma = 10.0;
        let limit = (z() * sigma / 0.1).ceil() as i64;
        assert!(!is_too_uncertain(sigma, 0.0, limit));
        assert!(is_too_uncertain(sigma, 0.0, limit - 1));
        // The noise of the size counts as well: z σ_n / 2n.
        assert!(is_too_uncertain(0.0, 30.0, 293));
        assert!(!is_too_uncertain(0.0, 30.0, 294));
        assert!(is_too_uncertain(f64::NAN, 1.0, 1000));
        assert!(is_too_uncertain(1.0, f64::NAN, 1000));
        assert_eq!(status(0, 10, true), Status::TooUncertain);
        assert_eq!(status(9, 10, false), Status::BelowK);
        assert_eq!(status(10, 10, false), Status::Ok);
    }

    /// A fixed sequence in (0, 1): tests must not change from run to run.
    fn uniforms() -> impl FnMut() -> f64 {
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            ((state >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
        }
    }

    /// Of 95 % intervals, 93 to 97 in 100 hold the truth — and not if σ is
    /// misstated by 30 %.
    #[test]
    fn intervals_of_shares_hold_the_truth() {
        let mut uniform = uniforms();
        let normal = Normal::standard();
        let mut draw = move |sigma: f64| (normal.inverse_cdf(uniform()) * sigma).round() as i64;
        let mut covered = |people: i64, count: i64, stated: f64| {
            let (sigma_count, sigma_size) = (6.0, 9.0);
            let held = (0..20_000).filter(|_| {
                let size = size(people + draw(sigma_size), sigma_size * stated, 10);
                let noisy = count + draw(sigma_count);
                measure(
                    noisy,
                    sigma_count * stated,
                    size.people,
                    sigma_size * stated,
                )
                .share
                .holds(count as f64 / people as f64)
            });
            held.count() as f64 / 20_000.0
        };
        for (people, count) in [(120, 30), (120, 110), (900, 40), (5000, 2500)] {
            let coverage = covered(people, count, 1.0);
            assert!(
                (0.93..=0.97).contains(&coverage),
                "{people} {count} {coverage}"
            );
            assert!(covered(people, count, 0.7) < 0.90);
        }
    }

    proptest! {
        #[test]
        fn nothing_is_ever_not_a_number(
            count: i64,
            noisy_size: i64,
            k in 0_u32..,
            sigma_count in proptest::num::f64::ANY,
            sigma_size in proptest::num::f64::ANY,
        ) {
            let size = size(noisy_size, sigma_size, k);
            let got = measure(count, sigma_count, size.people, sigma_size);
            prop_assert!(size.people >= i64::from(k));
            for estimate in [size.estimate, got.count, got.share] {
                prop_assert!(estimate.value.is_finite());
                prop_assert!(estimate.low.is_finite() && estimate.high.is_finite());
            }
            prop_assert!((0.0..=1.0).contains(&got.share.low));
            prop_assert!((0.0..=1.0).contains(&got.share.high));
            prop_assert!(got.count.low >= 0.0);
        }

        #[test]
        fn an_interval_holds_its_value(
            count in -1_000_000_i64..1_000_000,
            noisy_size in -1_000_000_i64..1_000_000,
            sigma_count in 0.0..1e6,
            sigma_size in 0.0..1e6,
        ) {
            let size = size(noisy_size, sigma_size, 10);
            let got = measure(count, sigma_count, size.people, sigma_size);
            for estimate in [size.estimate, got.count, got.share] {
                prop_assert!(estimate.holds(estimate.value));
            }
        }
    }
}
