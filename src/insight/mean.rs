//! Mean over a cohort's people of one clipped value each.
//!
//! With n the noisy size (`σ_n`), constrained to at least k, from a noisy sum u
//! of values mapped from low..=high onto −1..=1 (`σ_u`), and h = (high − low)/2:
//!
//! ```text
//! mean  (low + high)/2 + h·m, m = u/n, ± z·h·√((σ_u² + m²·σ_n²)/n²)
//! ```
//!
//! by the delta method. By key, values are mapped from 0..=high onto 0..=1: the
//! middle is then 0 and h is high. Descriptive: the interval covers the noise
//! alone. The clip to low..=high comes after the interval is made.

use super::figure::{Drawn, Figure};
use super::interval::{Estimate, z};
use super::size::Size;
use super::status::{Status, is_sure};

/// How values are mapped to what is summed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// The least value.
    pub low: f64,
    /// The greatest value.
    pub high: f64,
    /// Around the middle, or from 0.
    pub centred: bool,
}

impl Scale {
    /// What a mean of 0 stands for, and what a step of 1 is.
    pub(super) fn middle_and_step(self) -> (f64, f64) {
        if self.centred {
            (
                f64::midpoint(self.low, self.high),
                (self.high - self.low) / 2.0,
            )
        } else {
            (0.0, self.high)
        }
    }
}

/// The widest half-width that a mean can have.
pub(super) fn half_width(sigma: f64, scale: Scale, size: &Size) -> f64 {
    z() * scale.middle_and_step().1 * sigma.hypot(size.sigma) / size.people as f64
}

/// The mean; too uncertain where it could be wider than `widest`, and below k
/// where what is summed counts something and adds up to less than `least`.
#[must_use]
pub fn mean(drawn: Drawn, scale: Scale, size: &Size, widest: f64, least: Option<u32>) -> Figure {
    let (middle, step) = scale.middle_and_step();
    let n = size.people as f64;
    let mean = drawn.value / n;
    let deviation = step * drawn.sigma.hypot(mean * size.sigma) / n;
    let sure = is_sure(half_width(drawn.sigma, scale, size), widest, size);
    let sum = middle * n + step * drawn.value;
    Figure {
        unmasked: Estimate::around(middle + step * mean, deviation, scale.low, scale.high),
        status: Status::of(sure, least.map(|_| sum), least.unwrap_or(0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insight::figure::tests::covered;

    const MINUTES: Scale = Scale {
        low: 0.0,
        high: 1200.0,
        centred: true,
    };

    #[test]
    fn the_delta_method_by_hand() {
        let size = Size::new(100, 3.0, 10);
        let drawn = Drawn {
            value: -60.0,
            sigma: 5.0,
        };
        let got = mean(drawn, MINUTES, &size, 1e9, None).unmasked;
        let half = 1.959_963_984_540_054 * 600.0 * (25.0_f64 + 0.36 * 9.0).sqrt() / 100.0;
        assert!((got.value - 240.0).abs() < 1e-9);
        assert!((got.high - 240.0 - half).abs() < 1e-9);
        let plain = Scale {
            centred: false,
            ..MINUTES
        };
        let drawn = Drawn {
            value: 20.0,
            sigma: 5.0,
        };
        assert!((mean(drawn, plain, &size, 1e9, None).unmasked.value - 240.0).abs() < 1e-9);
        // Wider than asked for is too uncertain, whatever the sum is.
        let widest = half_width(5.0, MINUTES, &size);
        for (widest, status) in [(widest, Status::Ok), (widest * 0.999, Status::TooUncertain)] {
            assert_eq!(mean(drawn, MINUTES, &size, widest, None).status, status);
        }
    }

    #[test]
    fn a_mean_that_is_a_number_of_few_is_not_shown() {
        let once = Scale {
            low: 0.0,
            high: 1.0,
            centred: true,
        };
        let size = Size::new(300, 1.0, 10);
        // +1 for everybody with one, −1 for the others.
        let status = |people: f64| {
            let drawn = Drawn {
                value: 2.0 * people - 300.0,
                sigma: 1.0,
            };
            mean(drawn, once, &size, 1.0, Some(10)).status
        };
        assert_eq!((status(9.5), status(10.0)), (Status::BelowK, Status::Ok));
    }

    #[test]
    fn intervals_hold_the_truth() {
        for (people, truth) in [(120, 90.0), (2000, 700.0)] {
            for (scale, sum) in [
                (MINUTES, (truth - 600.0) / 600.0 * f64::from(people)),
                (
                    Scale {
                        centred: false,
                        ..MINUTES
                    },
                    truth / 1200.0 * f64::from(people),
                ),
            ] {
                let one = |stated: f64| {
                    covered(people, &[(sum, 6.0)], stated, truth, |drawn, size| {
                        mean(drawn[0], scale, size, 1e9, None).unmasked
                    })
                };
                let (right, wrong) = (one(1.0), one(0.7));
                assert!((0.93..=0.97).contains(&right), "{people} {truth} {right}");
                assert!(wrong < 0.90, "{people} {truth} {wrong}");
            }
        }
    }
}
