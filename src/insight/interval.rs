//! Point and 95 % interval, and how both are kept within what is possible.

use std::sync::LazyLock;

use statrs::distribution::{ContinuousCDF, Normal};

/// The normal quantile of a two-sided 95 % interval, 1.95996….
static Z: LazyLock<f64> = LazyLock::new(|| Normal::standard().inverse_cdf(0.975));

/// The normal quantile of a two-sided 95 % interval, 1.95996….
pub fn z() -> f64 {
    *Z
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
        let half = z() * deviation;
        let half = if half.is_nan() { f64::INFINITY } else { half };
        // `max` then `min` also maps a NaN to a bound; `clamp` would keep it.
        let clip = |x: f64| x.max(least).min(most);
        Self {
            value: clip(value),
            low: clip(value - half),
            high: clip(value + half),
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
