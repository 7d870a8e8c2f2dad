//! The size of a cohort.

use super::interval::Estimate;

/// A cohort's released size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Size {
    /// People, at least k.
    pub people: i64,
    /// Standard deviation of its noise.
    pub sigma: f64,
    /// 95 % interval of the size, both ends at least k.
    pub estimate: Estimate,
}

impl Size {
    /// From a noisy size: constrained to at least k, the interval made around
    /// the noisy size and constrained afterwards.
    pub fn new(noisy: i64, sigma: f64, k: u32) -> Self {
        let least = k.max(1);
        Self {
            people: noisy.max(i64::from(least)),
            sigma,
            estimate: Estimate::around(noisy as f64, sigma, f64::from(least), f64::MAX),
        }
    }

    /// From a fitted size: a number of people of at least k, and the estimate,
    /// unbiased, that the interval is made around.
    pub(super) fn fitted(people: i64, combined: f64, sigma: f64, k: u32) -> Self {
        let least = f64::from(k.max(1));
        let estimate = Estimate::around(combined, sigma, least, f64::MAX);
        Self {
            people,
            sigma,
            estimate: estimate.with_point(people as f64),
        }
    }

    /// As expected of a cohort of so many people.
    pub(super) fn expected(people: f64, sigma: f64) -> Self {
        Self::new(people.round() as i64, sigma, 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_constrained_after_their_interval() {
        let got = Size::new(6, 4.0, 10);
        assert_eq!(
            (got.people, got.estimate.value, got.estimate.low),
            (10, 10.0, 10.0)
        );
        assert!((got.estimate.high - (6.0 + 1.959_963_984_540_054 * 4.0)).abs() < 1e-12);
    }
}
