//! Ratio of two sums over a cohort's people, the part of a whole.
//!
//! In units of the declared bound of a person's whole: from a noisy excess d of
//! the parts over half of the wholes (σ_d) and a noisy sum w of the wholes (σ_w),
//! the ratio is r = ½ + q, q = d/w, with Fieller's interval (Fieller 1954) for
//! two independent estimates: with g = z²σ_w²/w²,
//!
//! ```text
//! q/(1 − g) ± z/(w·(1 − g)) · √(σ_d²·(1 − g) + q²·σ_w²)
//! ```
//!
//! Where w is not well above its noise there is no interval, and no ratio. The
//! wholes are measured around the middle of their range without keys: w is then
//! (n + u)/2 with the noisy size n, and its variance (σ_u² + σ_n²)/4.
//! Descriptive: the interval covers the noise alone. The clip to [0, 1] comes
//! after the interval is made.

use super::figure::{Drawn, Figure};
use super::interval::{Estimate, z};
use super::size::Size;
use super::status::{Status, WIDEST_SHARE, is_sure, stands_out};

/// The noisy sum of the wholes, in units of their bound.
pub(super) fn whole(drawn: Drawn, centred: bool, size: &Size) -> Drawn {
    if centred {
        Drawn {
            value: f64::midpoint(drawn.value, size.people as f64),
            sigma: drawn.sigma.hypot(size.sigma) / 2.0,
        }
    } else {
        drawn
    }
}

/// Half-width of a ratio of one half. `excess` is measured in halves.
pub(super) fn half_width(sigma_excess: f64, whole: Drawn) -> f64 {
    let g = (z() * whole.sigma / whole.value).powi(2);
    let sigma = sigma_excess / 2.0;
    if g < 1.0 && whole.value > 0.0 {
        z() * sigma / (whole.value * (1.0 - g).sqrt())
    } else {
        f64::INFINITY
    }
}

/// The ratio, within 0 and 1. `excess` is a sum of values from −1 to 1, which
/// are halves of the bound.
pub(super) fn ratio(excess: Drawn, whole: Drawn, size: &Size) -> Figure {
    let (d, sigma_d) = (excess.value / 2.0, excess.sigma / 2.0);
    let half_width = half_width(excess.sigma, whole);
    let sure = is_sure(half_width, WIDEST_SHARE, size) && stands_out(whole.value, whole.sigma);
    let q = d / whole.value;
    let g = (z() * whole.sigma / whole.value).powi(2);
    let estimate = if sure {
        let centre = q / (1.0 - g);
        let deviation = (sigma_d.powi(2) * (1.0 - g) + (q * whole.sigma).powi(2)).sqrt()
            / (whole.value * (1.0 - g));
        let around = Estimate::around(0.5 + centre, deviation, 0.0, 1.0);
        Estimate {
            value: (0.5 + q).max(around.low).min(around.high),
            ..around
        }
    } else {
        Estimate::around(0.5, f64::INFINITY, 0.0, 1.0)
    };
    Figure {
        unmasked: estimate,
        status: Status::of(sure, None, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insight::figure::tests::covered;

    #[test]
    fn without_noise_of_the_whole_it_is_a_plain_quotient() {
        let size = Size::new(100, 0.0, 10);
        let exact = Drawn {
            value: 40.0,
            sigma: 0.0,
        };
        // Of 40 bounds, 30 are part: an excess of 10, or 20 halves.
        let got = ratio(
            Drawn {
                value: 20.0,
                sigma: 2.0,
            },
            exact,
            &size,
        )
        .unmasked;
        assert!((got.value - 0.75).abs() < 1e-12);
        assert!((got.high - 0.75 - 1.959_963_984_540_054 / 40.0).abs() < 1e-12);
    }

    /// Fieller's set is where (d − q·w)² ≤ z²(σ_d² + q²σ_w²).
    #[test]
    fn the_ends_solve_fiellers_equation() {
        let size = Size::new(1000, 1.0, 10);
        let (excess, whole) = (
            Drawn {
                value: 60.0,
                sigma: 4.0,
            },
            Drawn {
                value: 120.0,
                sigma: 9.0,
            },
        );
        let got = ratio(excess, whole, &size).unmasked;
        for end in [got.low - 0.5, got.high - 0.5] {
            let left = (30.0 - end * 120.0).powi(2);
            let right = (z() * 2.0).powi(2) + (z() * 9.0 * end).powi(2);
            assert!((left - right).abs() < 1e-9, "{left} {right}");
        }
    }

    #[test]
    fn a_whole_within_its_noise_gives_no_ratio() {
        let size = Size::new(1000, 1.0, 10);
        let excess = Drawn {
            value: 5.0,
            sigma: 0.1,
        };
        for value in [39.0, 0.0, -50.0, f64::NAN] {
            let got = ratio(excess, Drawn { value, sigma: 10.0 }, &size);
            assert_eq!(got.status, Status::TooUncertain, "{value}");
            assert_eq!((got.unmasked.low, got.unmasked.high), (0.0, 1.0));
        }
    }

    #[test]
    fn intervals_hold_the_truth() {
        for (people, whole_sum, share) in [(300, 90.0, 0.8), (300, 90.0, 0.35), (2000, 900.0, 0.5)]
        {
            let halves = (share - 0.5) * whole_sum * 2.0;
            // Centred: wholes from −1 to 1 add up to 2w − n.
            let centred = 2.0 * whole_sum - f64::from(people);
            let one = |stated: f64| {
                let sums = [(halves, 3.0), (centred, 5.0)];
                covered(people, &sums, stated, share, |drawn, size| {
                    ratio(drawn[0], whole(drawn[1], true, size), size).unmasked
                })
            };
            let (right, wrong) = (one(1.0), one(0.7));
            assert!((0.93..=0.97).contains(&right), "{people} {share} {right}");
            assert!(wrong < 0.90, "{people} {share} {wrong}");
        }
    }
}
