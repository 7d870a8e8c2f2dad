//! Mean and variance of a group of people, from released sums.
//!
//! A person's value x is clipped to low..=high and mapped onto x' in −1..=1,
//! with h = (high − low)/2 and the middle (low + high)/2. From a noisy size n
//! (`σ_n`), a noisy sum u of x' (`σ_u`) and a noisy sum w of 2x'² − 1:
//!
//! ```text
//! mean      (low + high)/2 + h·m,  m = u/n
//!           variance of its noise: h²·(σ_u² + m²·σ_n²)/n²
//! variance  h²·((w + n)/2 − (u² − σ_u²)/n)/(n − 1)
//! ```
//!
//! `σ_u²` is taken off because the square of a noisy number is that much too
//! large in expectation. The variance is no less than that of rounding to the
//! scale's step, step²/12, and no more than values with this mean can have,
//! h²·(1 − m²)·n/(n − 1) (Bhatia and Davis 2000).
//!
//! Where an interval is made from it, half of the standard deviation of its own
//! noise is added first: noise that makes a variance too small costs an interval
//! more of its coverage than noise that makes it too large gives back.

use super::figure::Drawn;
use super::interval::Sampled;
use super::size::Size;

/// Of a scale of which no step is known, the part of its range that counts as
/// one.
const SMALLEST_STEP: f64 = 0.001;

/// How many standard deviations of its noise a variance is raised by, where an
/// interval is made from it. With ½, intervals hold what they should from the
/// smallest groups on, at some percent of their width; see the simulations.
pub(super) const CAUTION: f64 = 0.5;

/// The bounds of a person's value, and the step that it is rounded to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// The least value.
    pub low: f64,
    /// The greatest value.
    pub high: f64,
    /// Between neighbouring values; 0 if there is none.
    pub step: f64,
}

impl Bounds {
    /// Half of the range: what a step of 1 in centred values stands for.
    pub fn half(&self) -> f64 {
        (self.high - self.low) / 2.0
    }

    /// What a centred value of 0 stands for.
    pub fn middle(&self) -> f64 {
        f64::midpoint(self.low, self.high)
    }

    /// Variance of rounding to the step, of centred values: above 0.
    pub(super) fn rounding(&self) -> f64 {
        let step = (self.step / self.half()).max(2.0 * SMALLEST_STEP);
        step.powi(2) / 12.0
    }
}

/// What is released of a group of people and one value each.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Group {
    /// Bounds of the value.
    pub bounds: Bounds,
    /// People.
    pub size: Size,
    /// Sum of the centred values.
    pub sum: Drawn,
    /// Sum of 2x'² − 1.
    pub squares: Drawn,
}

impl Group {
    /// The mean, in the value's unit; not clipped.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.bounds.middle() + self.bounds.half() * self.sum.value / self.people()
    }

    /// The variance between people, in the value's unit squared.
    #[must_use]
    pub fn variance(&self) -> f64 {
        self.variance_raised(0.0)
    }

    /// The variance, raised by so many standard deviations of its noise.
    fn variance_raised(&self, deviations: f64) -> f64 {
        let n = self.people();
        let of_squares = f64::midpoint(self.squares.value, n);
        let of_mean = (self.sum.value.powi(2) - self.sum.sigma.powi(2)) / n;
        let most = (1.0 - (self.sum.value / n).powi(2)) * n / less_one(n);
        let noise = self.squares.sigma.hypot(self.size.sigma) / 2.0;
        let variance = (of_squares - of_mean + deviations * noise) / less_one(n);
        self.bounds.half().powi(2) * within(variance, self.bounds.rounding(), most)
    }

    /// Variance of the noise of the mean.
    pub(super) fn noise(&self) -> f64 {
        self.noise_at(self.sum.value / self.people())
    }

    /// The same where the mean is at an end of its range, the widest.
    pub(super) fn widest_noise(&self) -> f64 {
        self.noise_at(1.0)
    }

    fn noise_at(&self, mean: f64) -> f64 {
        let sigma = self.sum.sigma.hypot(mean * self.size.sigma);
        (self.bounds.half() * sigma / self.people()).powi(2)
    }

    /// Variance of the mean by the sampling of people, for an interval.
    pub(super) fn sampling(&self) -> Sampled {
        Sampled {
            variance: self.variance_raised(CAUTION) / self.people(),
            degrees: less_one(self.people()),
        }
    }

    pub(super) fn people(&self) -> f64 {
        self.size.people as f64
    }
}

/// n − 1, and 1 for a single person.
pub(super) fn less_one(n: f64) -> f64 {
    (n - 1.0).max(1.0)
}

/// A variance kept at least at what rounding makes, and at most at what a scale
/// allows.
pub(super) fn within(variance: f64, rounding: f64, most: f64) -> f64 {
    variance.min(most).max(rounding)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::insight::trial::Draws;

    /// What is released of values, with noise of σ on both sums.
    pub(in super::super) fn released(
        draws: &mut Draws,
        bounds: Bounds,
        values: &[f64],
        sigma: f64,
    ) -> Group {
        let (half, middle) = (bounds.half(), bounds.middle());
        let centred = values
            .iter()
            .map(|x| (x.clamp(bounds.low, bounds.high) - middle) / half);
        let centred: Vec<f64> = centred.collect();
        let squares = centred.iter().map(|x| 2.0 * x * x - 1.0).sum();
        Group {
            bounds,
            size: draws.size(values.len()),
            sum: draws.drawn(centred.iter().sum(), sigma),
            squares: draws.drawn(squares, sigma),
        }
    }

    const GRADES: Bounds = Bounds {
        low: 1.0,
        high: 5.0,
        step: 0.5,
    };

    fn exact(bounds: Bounds, values: &[f64]) -> Group {
        let mut group = released(&mut Draws::new(1), bounds, values, 0.0);
        group.size = Size::new(values.len() as i64, 0.0, 1);
        group
    }

    #[test]
    fn mean_and_variance_by_hand() {
        let group = exact(GRADES, &[1.0, 2.0, 3.0, 4.5]);
        assert!((group.mean() - 2.625).abs() < 1e-12);
        // Deviations −1.625, −0.625, 0.375, 1.875: squares add up to 6.6875.
        assert!((group.variance() - 6.6875 / 3.0).abs() < 1e-12);
        assert!((group.sampling().variance - 6.6875 / 12.0).abs() < 1e-12);
        assert!(group.noise().abs() < 1e-12);
        let noisy = Group {
            size: Size::new(100, 3.0, 10),
            sum: Drawn {
                value: -60.0,
                sigma: 5.0,
            },
            ..group
        };
        assert!((noisy.noise() - 4.0 * (25.0 + 0.36 * 9.0) / 1e4).abs() < 1e-12);
        assert!((noisy.widest_noise() - 4.0 * (25.0 + 9.0) / 1e4).abs() < 1e-12);
    }

    #[test]
    fn a_variance_is_one_that_the_scale_allows() {
        // Everybody alike: what rounding leaves.
        let alike = exact(GRADES, &[3.0; 9]).variance();
        assert!((alike - 0.25 / 12.0).abs() < 1e-12);
        // Half at either end is the most; more squares than that are noise.
        let ends = exact(GRADES, &[1.0, 5.0, 1.0, 5.0]);
        let most = ends.variance();
        assert!((most - 16.0 / 3.0).abs() < 1e-12);
        let squares = Drawn {
            value: 400.0,
            sigma: 100.0,
        };
        let noisy = Group { squares, ..ends };
        assert!((noisy.variance() - most).abs() < 1e-12);
        let squares = Drawn {
            value: -400.0,
            ..squares
        };
        let noisy = Group { squares, ..ends };
        assert!((noisy.variance() - 0.25 / 12.0).abs() < 1e-12);
        // No step, and one person: still a number.
        let one = exact(
            Bounds {
                step: 0.0,
                ..GRADES
            },
            &[3.0],
        );
        assert!(one.variance() > 0.0 && one.variance().is_finite());
    }

    /// The noise of the sum does not make people look more alike, or less.
    #[test]
    fn the_variance_is_right_on_average() {
        let mut draws = Draws::new(3);
        let bounds = Bounds {
            step: 0.0,
            ..GRADES
        };
        let rounds = 4000;
        let sum: f64 = (0..rounds)
            .map(|_| {
                let values: Vec<f64> = (0..60).map(|_| 3.2 + 0.4 * draws.normal()).collect();
                let mut group = released(&mut draws, bounds, &values, 2.0);
                group.size = Size::new(60, 0.0, 10);
                group.variance()
            })
            .sum();
        let mean = sum / f64::from(rounds);
        assert!((mean - 0.16).abs() < 0.01, "{mean}");
    }
}
