//! Point and 95 % interval, and how both are kept within what is possible.

use std::sync::LazyLock;

use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

/// The normal quantile of a two-sided 95 % interval, 1.95996….
static Z: LazyLock<f64> = LazyLock::new(|| Normal::standard().inverse_cdf(0.975));

/// The normal quantile of a two-sided 95 % interval, 1.95996….
pub fn z() -> f64 {
    *Z
}

/// Degrees of freedom from which Student's quantile comes from its expansion
/// about the normal one, whose error is then below 1e-6.
const MANY_DEGREES: f64 = 200.0;

/// The quantile of Student's distribution of a two-sided 95 % interval; of less
/// than one degree of freedom, or no number, that of one.
pub(super) fn t(degrees: f64) -> f64 {
    let degrees = degrees.max(1.0);
    if degrees < MANY_DEGREES {
        // Valid for any positive number of degrees.
        let student = StudentsT::new(0.0, 1.0, degrees).ok();
        student.map_or(f64::INFINITY, |student| student.inverse_cdf(0.975))
    } else {
        let (z, z3, z5) = (z(), z().powi(3), z().powi(5));
        z + (z3 + z) / (4.0 * degrees) + (5.0 * z5 + 16.0 * z3 + 3.0 * z) / (96.0 * degrees.powi(2))
    }
}

/// A variance that is estimated from people, and its degrees of freedom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sampled {
    pub(super) variance: f64,
    pub(super) degrees: f64,
}

/// A value with its 95 % interval; finite, and `low <= value <= high`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The point.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Estimate {
    /// `value` ± z·`deviation`, *then* clipped to `[least, most]`: clipping
    /// first would move the interval's centre, and with it its coverage. A
    /// deviation that is no number gives the whole range.
    pub(crate) fn around(value: f64, deviation: f64, least: f64, most: f64) -> Self {
        Self::within(value, z() * deviation, least, most)
    }

    /// Around a value that both noise and the sampling of people move: the
    /// noise's variance is known, those of people are estimated. ± t·√(sum of
    /// all), t with the degrees of freedom of Welch and Satterthwaite, to
    /// which what is known adds none of its own: (sum)²/Σ(variance²/degrees).
    pub(super) fn comparative(
        value: f64,
        noise: f64,
        sampled: &[Sampled],
        least: f64,
        most: f64,
    ) -> Self {
        let all = noise + sampled.iter().map(|part| part.variance).sum::<f64>();
        let parts = sampled.iter();
        let parts = parts.map(|part| part.variance.powi(2) / part.degrees);
        let degrees = all.powi(2) / parts.sum::<f64>();
        Self::within(value, t(degrees) * all.sqrt(), least, most)
    }

    /// `value` ± `half`, then clipped to `[least, most]`.
    pub(super) fn within(value: f64, half: f64, least: f64, most: f64) -> Self {
        let half = if half.is_nan() { f64::INFINITY } else { half };
        // `max` then `min` also maps a NaN to a bound; `clamp` would keep it.
        let clip = |x: f64| x.max(least).min(most);
        Self {
            value: clip(value),
            low: clip(value - half),
            high: clip(value + half),
        }
    }

    /// The interval with another point, which it is made to hold.
    #[must_use]
    pub(super) fn with_point(self, value: f64) -> Self {
        Self {
            value,
            low: self.low.min(value),
            high: self.high.max(value),
        }
    }

    /// Whether the interval holds `truth`.
    pub fn holds(&self, truth: f64) -> bool {
        self.low <= truth && truth <= self.high
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clipping_comes_after_the_interval() {
        let estimate = Estimate::around(-0.01, 0.02, 0.0, 1.0);
        assert_eq!((estimate.value, estimate.low), (0.0, 0.0));
        assert!((estimate.high - (1.959_963_984_540_054 * 0.02 - 0.01)).abs() < 1e-12);
        assert!(estimate.holds(0.02) && !estimate.holds(0.03));
    }

    /// Values of printed tables.
    #[test]
    fn quantiles_of_student() {
        for (degrees, expected) in [
            (1.0, 12.706_205),
            (2.0, 4.302_653),
            (9.0, 2.262_157),
            (40.0, 2.021_075),
            (199.9, 1.971_902),
            (200.0, 1.971_896),
            (1000.0, 1.962_339),
            (f64::INFINITY, 1.959_964),
        ] {
            assert!(
                (t(degrees) - expected).abs() < 3e-6,
                "{degrees} {}",
                t(degrees)
            );
        }
        assert!((t(f64::NAN) - t(1.0)).abs() < 1e-12 && (t(0.0) - t(1.0)).abs() < 1e-12);
    }

    /// Alone, a variance of n people has its own degrees of freedom; beside a
    /// large known one its t hardly differs from z.
    #[test]
    fn what_is_known_adds_degrees_of_freedom() {
        let ten = [Sampled {
            variance: 4.0,
            degrees: 9.0,
        }];
        let half = |noise| Estimate::comparative(0.0, noise, &ten, -1e9, 1e9).high;
        assert!((half(0.0) - 2.0 * t(9.0)).abs() < 1e-12);
        assert!((half(4.0) - 8.0_f64.sqrt() * t(36.0)).abs() < 1e-12);
        assert!((half(4e6) / (4e6_f64 + 4.0).sqrt() - z()).abs() < 1e-6);
        assert!(Estimate::comparative(0.0, 0.0, &[], -1.0, 1.0).high.abs() < 1e-12);
        let broken = Estimate::comparative(0.0, f64::NAN, &ten, -1.0, 1.0);
        assert_eq!((broken.low, broken.high), (-1.0, 1.0));
    }

    #[test]
    fn a_broken_deviation_gives_the_whole_range() {
        for deviation in [f64::NAN, f64::INFINITY, -f64::NAN] {
            let estimate = Estimate::around(0.5, deviation, 0.0, 1.0);
            assert_eq!(
                (estimate.value, estimate.low, estimate.high),
                (0.5, 0.0, 1.0)
            );
        }
    }
}
