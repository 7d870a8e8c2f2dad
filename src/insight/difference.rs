//! Difference of the means of two groups that share nobody.
//!
//! With the means and variances of [`moments`](super::moments), and V of a mean
//! the variance of its noise:
//!
//! ```text
//! difference  mean_a − mean_b
//!             ± t·√(s_a²/n_a + s_b²/n_b + V_a + V_b)
//! ```
//!
//! (Welch 1947). Comparative: the interval covers the noise and the sampling of
//! people. t has the degrees of freedom of Welch and Satterthwaite; the noise,
//! whose variance is known, adds to them. The clip to ±(high − low) comes
//! after the interval is made.

use super::figure::Figure;
use super::interval::{Estimate, z};
use super::moments::Group;
use super::status::{Status, is_sure};

/// `group` less `other`. Too uncertain where the noise alone could make the
/// half-width wider than `widest`; without one of the groups there is nothing
/// to compare.
#[must_use]
pub fn difference(group: Option<&Group>, other: Option<&Group>, widest: f64) -> Figure {
    let (Some(group), Some(other)) = (group, other) else {
        return Figure::absent(Status::CohortMissing);
    };
    let most = group.bounds.high - group.bounds.low;
    let unmasked = Estimate::comparative(
        group.mean() - other.mean(),
        group.noise() + other.noise(),
        &[group.sampling(), other.sampling()],
        -most,
        most,
    );
    let half_width = half_width(group, other);
    let sure = |group: &Group| is_sure(half_width, widest, &group.size);
    Figure {
        unmasked,
        status: Status::of(sure(group) && sure(other), None, 0),
    }
}

/// The half-width by which a difference's status is decided: the widest of the
/// noise alone.
pub(super) fn half_width(group: &Group, other: &Group) -> f64 {
    z() * (group.widest_noise() + other.widest_noise()).sqrt()
}

/// One arm of a controlled change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arm {
    /// People with both values.
    pub people: f64,
    /// Mean change.
    pub change: f64,
    /// Variance of the values before.
    pub variance_before: f64,
}

/// The change of one arm less that of another, in standard deviations before:
/// c·(`Δ_T` − `Δ_C`)/SD, SD that of both arms before, pooled, and
/// c = 1 − 3/(4·(`n_T` + `n_C` − 2) − 1) (`d_ppc2` of Morris 2008). `None` where
/// nobody differs before, or there are too few people.
#[must_use]
pub fn controlled_change(pilot: Arm, comparison: Arm) -> Option<f64> {
    let degrees = pilot.people + comparison.people - 2.0;
    let squares = |arm: Arm| (arm.people - 1.0) * arm.variance_before;
    let pooled = (squares(pilot) + squares(comparison)) / degrees;
    let correction = 1.0 - 3.0 / (4.0 * degrees - 1.0);
    let effect = correction * (pilot.change - comparison.change) / pooled.sqrt();
    (degrees >= 1.0 && pooled > 0.0 && effect.is_finite()).then_some(effect)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insight::Size;
    use crate::insight::figure::Drawn;
    use crate::insight::interval::t;
    use crate::insight::moments::Bounds;
    use crate::insight::moments::tests::released;
    use crate::insight::trial::covered;

    const GRADES: Bounds = Bounds {
        low: 1.0,
        high: 5.0,
        step: 0.5,
    };

    fn group(people: i64, mean: f64, variance: f64, sigma: f64) -> Group {
        let n = people as f64;
        let (mean, variance) = ((mean - 3.0) / 2.0, variance / 4.0);
        // Σx'² = (n − 1)s² + n·m², as the variance takes σ² off Σx'².
        let squares = (n - 1.0) * variance + n * mean * mean - sigma * sigma / n;
        let drawn = |value| Drawn { value, sigma };
        Group {
            bounds: GRADES,
            size: Size::new(people, 0.0, 10),
            sum: drawn(n * mean),
            squares: drawn(2.0 * squares - n),
        }
    }

    #[test]
    fn welch_by_hand() {
        let (a, b) = (group(40, 3.6, 0.64, 0.0), group(25, 3.1, 1.0, 0.0));
        let got = difference(Some(&a), Some(&b), 1.0);
        assert_eq!(got.status, Status::Ok);
        // 0.64/40 + 1/25 = 0.056, degrees 0.056²/(0.016²/39 + 0.04²/24).
        let degrees = 0.056_f64.powi(2) / (0.016_f64.powi(2) / 39.0 + 0.04_f64.powi(2) / 24.0);
        let half = t(degrees) * 0.056_f64.sqrt();
        assert!((got.unmasked.value - 0.5).abs() < 1e-12);
        assert!((got.unmasked.high - 0.5 - half).abs() < 1e-9);
        // Noise of 3 on every sum: 4·9/n² of either mean; and as much as half
        // of the noise of the variances, 4·½·1.5/(n − 1).
        let (a, b) = (group(40, 3.6, 0.64, 3.0), group(25, 3.1, 1.0, 3.0));
        let noise = 36.0 / 1600.0 + 36.0 / 625.0;
        let (of_a, of_b) = ((0.64 + 3.0 / 39.0) / 40.0, (1.0 + 3.0 / 24.0) / 25.0);
        let all: f64 = of_a + of_b + noise;
        let degrees = all.powi(2) / (of_a * of_a / 39.0 + of_b * of_b / 24.0);
        let got = difference(Some(&a), Some(&b), 2.0).unmasked;
        let half = t(degrees) * all.sqrt();
        assert!((got.high - got.value - half).abs() < 1e-9);
    }

    #[test]
    fn what_is_shown_follows_from_noise_and_sizes() {
        let a = group(400, 3.6, 0.64, 3.0);
        let b = group(100, 1.0, 0.64, 3.0);
        let widest = z() * 2.0 * (9.0_f64 / 160_000.0 + 9.0 / 10_000.0).sqrt();
        for (widest, status) in [
            (widest * 1.000_001, Status::Ok),
            (widest * 0.999, Status::TooUncertain),
        ] {
            assert_eq!(difference(Some(&a), Some(&b), widest).status, status);
            assert_eq!(difference(Some(&b), Some(&a), widest).status, status);
        }
        for (one, other) in [(Some(&a), None), (None, Some(&a)), (None, None)] {
            let got = difference(one, other, 1.0);
            assert_eq!((got.status, got.shown()), (Status::CohortMissing, None));
        }
    }

    #[test]
    fn controlled_change_by_hand() {
        let arm = |people, change, variance_before| Arm {
            people,
            change,
            variance_before,
        };
        // Pooled: (9·4 + 19·1)/28; c = 1 − 3/111.
        let got = controlled_change(arm(10.0, 2.0, 4.0), arm(20.0, 0.5, 1.0)).unwrap();
        let expected = (1.0 - 3.0 / 111.0) * 1.5 / (55.0_f64 / 28.0).sqrt();
        assert!((got - expected).abs() < 1e-12);
        for (a, b) in [
            (arm(10.0, 1.0, 0.0), arm(10.0, 0.0, 0.0)),
            (arm(1.0, 1.0, 1.0), arm(1.0, 0.0, 1.0)),
            (arm(10.0, f64::NAN, 1.0), arm(10.0, 0.0, 1.0)),
        ] {
            assert_eq!(controlled_change(a, b), None);
        }
    }

    /// People are drawn anew as well as noise: 93 to 97 of 100 intervals hold
    /// the difference of the two populations; not if σ is misstated by 30 %.
    #[test]
    fn intervals_hold_the_truth() {
        let bounds = Bounds {
            step: 0.0,
            ..GRADES
        };
        for (people, deviations, sigma) in [
            ([60, 30], [0.4, 0.7], 3.0),
            ([300, 300], [0.6, 0.6], 5.0),
            ([900, 80], [0.5, 0.5], 6.0),
        ] {
            let one = |stated: f64| {
                covered(2000, stated, 0.3, |draws| {
                    let mut group = |people, mean, deviation| {
                        let values = (0..people).map(|_| mean + deviation * draws.normal());
                        let values: Vec<f64> = values.collect();
                        released(draws, bounds, &values, sigma)
                    };
                    let a = group(people[0], 3.2, deviations[0]);
                    let b = group(people[1], 2.9, deviations[1]);
                    difference(Some(&a), Some(&b), 1e9).unmasked
                })
            };
            let (right, wrong) = (one(1.0), one(0.7));
            assert!((0.93..=0.97).contains(&right), "{people:?} {right}");
            assert!(wrong < right - 0.02, "{people:?} {wrong}");
        }
    }
}
