//! Change of the same people from a baseline b to a follow-up f, and its size.
//!
//! Both are clipped to low..=high and mapped onto b', f' in −1..=1; h is half
//! of the range. From a noisy size n and the noisy sums B of b', F of f',
//! Q of b'² + f'² − 1 and P of b'·f', with b̄ = B/n, f̄ = F/n, d̄ = f̄ − b̄:
//!
//! ```text
//! change    h·d̄ ± t·h·√(s_D²/n + (σ_F² + σ_B² + d̄²·σ_n²)/n²)
//! s_D²      (Q + n − 2P − (F − B)²/n)/(n − 1)          of the changes
//! s_av²     (Q + n − (B² + F²)/n)/(2(n − 1))           mean of both waves'
//! d_z       d̄/s_D
//! d_av      d̄/s_av
//! hedges_g  J·d_av,  J = 1 − 3/(4(n − 1) − 1)          (Lakens 2013)
//! ```
//!
//! From squares of noisy sums the variance of their noise is taken off first.
//! Both variances are no less than that of rounding to the scale's step, and no
//! more than the scale allows with these means. For the interval of the change
//! `s_D²` is raised by half of the standard deviation of its noise, as
//! [`moments`](super::moments) say.
//!
//! `hedges_g` has its interval by the delta method: with r = 1 − `s_D²`/(2·`s_av²`),
//! people's correlation, the sampling of people gives `d_av` the variance
//!
//! ```text
//! s_D²/(n·s_av²) + d_av²·(1 + r²)/(4(n − 1))
//! ```
//!
//! (normal values, equally spread in both waves), and to that comes, for each
//! of B, F, Q and n, (∂`d_av`/∂x)²·`σ_x²`; P moves no point.
//!
//! All are comparative: the intervals cover the noise and the sampling of people.
//! t has the degrees of freedom of Welch and Satterthwaite. Clips come after.
//! The means of the waves are those of [`mean`](super::mean).

use super::figure::{Drawn, Figure};
use super::interval::{Estimate, Sampled, z};
use super::moments::{Bounds, CAUTION, less_one, within};
use super::size::Size;
use super::status::{Status, is_sure, stands_out};

/// Where statuses are decided, so that they never depend on a numerator: a
/// change of half of the range, more than any group shows;
const REFERENCE_CHANGE: f64 = 1.0;
/// an effect of one standard deviation;
const REFERENCE_EFFECT: f64 = 1.0;
/// and, where no norm says how people differ, half of half of the range.
const REFERENCE_DEVIATION: f64 = 0.5;

/// The standard deviation of those people, in the value's unit.
pub(super) fn reference_deviation(bounds: Bounds, norm_sd: Option<f64>) -> f64 {
    norm_sd.unwrap_or(REFERENCE_DEVIATION * bounds.half())
}

/// What is released of people with a baseline and a follow-up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pairs {
    /// Bounds of both values.
    pub bounds: Bounds,
    /// People with both.
    pub size: Size,
    /// Sum of the centred baselines b'.
    pub baseline: Drawn,
    /// Sum of the centred follow-ups f'.
    pub follow_up: Drawn,
    /// Sum of b'² + f'² − 1.
    pub squares: Drawn,
    /// Sum of b'·f'.
    pub products: Drawn,
}

impl Pairs {
    /// Variance of people's changes, in the value's unit squared.
    #[must_use]
    pub fn change_variance(&self) -> f64 {
        self.bounds.half().powi(2) * self.of_changes(0.0)
    }

    /// Mean of the variances of both waves, in the value's unit squared.
    #[must_use]
    pub fn average_variance(&self) -> f64 {
        self.bounds.half().powi(2) * self.of_waves()
    }

    /// Mean change in standard deviations of the changes.
    #[must_use]
    pub fn d_z(&self) -> f64 {
        self.mean_change() / self.of_changes(0.0).sqrt()
    }

    /// Mean change in standard deviations of the waves.
    #[must_use]
    pub fn d_av(&self) -> f64 {
        self.mean_change() / self.of_waves().sqrt()
    }

    /// The mean change. Too uncertain where the noise alone would make the
    /// half-width of a change of half of the range wider than `widest`.
    #[must_use]
    pub fn change(&self, widest: f64) -> Figure {
        let (n, half) = (self.people(), self.bounds.half());
        let sampled = Sampled {
            variance: half.powi(2) * self.of_changes(CAUTION) / n,
            degrees: less_one(n),
        };
        let change = self.mean_change();
        let unmasked = Estimate::comparative(
            half * change,
            half.powi(2) * self.noise_of_change(change),
            &[sampled],
            -2.0 * half,
            2.0 * half,
        );
        let sure = is_sure(self.change_half_width(), widest, &self.size);
        Figure {
            unmasked,
            status: Status::of(sure, None, 0),
        }
    }

    /// The half-width by which a change's status is decided: of the noise alone.
    pub(super) fn change_half_width(&self) -> f64 {
        z() * self.bounds.half() * self.noise_of_change(REFERENCE_CHANGE).sqrt()
    }

    /// The change as an effect size. Too uncertain where the noise alone would
    /// make the half-width of an effect of one, among people who differ by
    /// `norm_sd`, wider than `widest`, or their variance not stand out from
    /// its noise; and where the variance that was estimated does not: dividing
    /// by it would give any number.
    #[must_use]
    pub fn hedges_g(&self, norm_sd: Option<f64>, widest: f64) -> Figure {
        let n = self.people();
        let small = 1.0 - 3.0 / (4.0 * less_one(n) - 1.0);
        let effect = self.d_av();
        let (of_changes, of_waves) = (self.of_changes(CAUTION), self.of_waves());
        let r = (1.0 - of_changes / (2.0 * of_waves)).clamp(-1.0, 1.0);
        let sampling =
            of_changes / (n * of_waves) + effect.powi(2) * (1.0 + r * r) / (4.0 * less_one(n));
        let (b, f) = (self.baseline.value / n, self.follow_up.value / n);
        let sampled = Sampled {
            variance: small.powi(2) * sampling,
            degrees: less_one(n),
        };
        let most = 2.0 / self.bounds.rounding().sqrt();
        let unmasked = Estimate::comparative(
            small * effect,
            small.powi(2) * self.noise_of_effect(effect, [b, f], of_waves),
            &[sampled],
            -most,
            most,
        );
        let expected = self.expected_variance(norm_sd);
        let sure = is_sure(self.effect_half_width(norm_sd), widest, &self.size)
            && stands_out(expected, self.noise_of_waves([0.0; 2], expected))
            && stands_out(of_waves, self.noise_of_waves([b, f], of_waves));
        Figure {
            unmasked,
            status: Status::of(sure, None, 0),
        }
    }

    /// The half-width by which an effect's status is decided: of the noise alone.
    pub(super) fn effect_half_width(&self, norm_sd: Option<f64>) -> f64 {
        let expected = self.expected_variance(norm_sd);
        let noise = self.noise_of_effect(REFERENCE_EFFECT, [0.0; 2], expected);
        z() * noise.sqrt()
    }

    /// Variance of both waves, centred, of the people whom statuses are decided
    /// among.
    fn expected_variance(&self, norm_sd: Option<f64>) -> f64 {
        (reference_deviation(self.bounds, norm_sd) / self.bounds.half()).powi(2)
    }

    fn people(&self) -> f64 {
        self.size.people as f64
    }

    /// d̄, centred.
    fn mean_change(&self) -> f64 {
        (self.follow_up.value - self.baseline.value) / self.people()
    }

    /// Variance of the noise of the mean change, where it is `change`; centred.
    fn noise_of_change(&self, change: f64) -> f64 {
        let sums = self.follow_up.sigma.hypot(self.baseline.sigma);
        (sums.hypot(change * self.size.sigma) / self.people()).powi(2)
    }

    /// `s_D²`, centred, raised by so many standard deviations of its noise.
    fn of_changes(&self, deviations: f64) -> f64 {
        let n = self.people();
        let of_squares = self.squares.value + n - 2.0 * self.products.value;
        let sum = self.follow_up.value - self.baseline.value;
        let noise = self.follow_up.sigma.powi(2) + self.baseline.sigma.powi(2);
        let products = 2.0 * self.products.sigma;
        let raised = deviations * self.squares.sigma.hypot(products).hypot(self.size.sigma);
        let variance = (of_squares - (sum.powi(2) - noise) / n + raised) / less_one(n);
        let most = (4.0 - (sum / n).powi(2)) * n / less_one(n);
        within(variance, self.bounds.rounding(), most)
    }

    /// `s_av²`, centred.
    fn of_waves(&self) -> f64 {
        let n = self.people();
        let means = [self.baseline, self.follow_up];
        let of_means: f64 = means
            .iter()
            .map(|sum| sum.value.powi(2) - sum.sigma.powi(2))
            .sum();
        let variance = (self.squares.value + n - of_means / n) / (2.0 * less_one(n));
        let squared: f64 = means.iter().map(|sum| (sum.value / n).powi(2)).sum();
        let most = (1.0 - squared / 2.0) * n / less_one(n);
        within(variance, self.bounds.rounding(), most)
    }

    /// ∂`s_av²`/∂x of B, F, Q and n, where both means and it are these.
    fn slopes_of_waves(&self, [b, f]: [f64; 2], of_waves: f64) -> [f64; 4] {
        let rest = less_one(self.people());
        let of_size = (1.0 + b * b + f * f - 2.0 * of_waves) / (2.0 * rest);
        [-b / rest, -f / rest, 1.0 / (2.0 * rest), of_size]
    }

    /// Standard deviation of the noise of `s_av²`.
    fn noise_of_waves(&self, means: [f64; 2], of_waves: f64) -> f64 {
        self.moved(self.slopes_of_waves(means, of_waves)).sqrt()
    }

    /// Variance of the noise of `d_av`, where it is `effect`.
    fn noise_of_effect(&self, effect: f64, means: [f64; 2], of_waves: f64) -> f64 {
        let n = self.people();
        let through = -effect / (2.0 * of_waves);
        let one = 1.0 / (n * of_waves.sqrt());
        let direct = [-one, one, 0.0, -effect / n];
        let slopes = self.slopes_of_waves(means, of_waves);
        self.moved(std::array::from_fn(|at| direct[at] + through * slopes[at]))
    }

    /// Variance of what moves with B, F, Q and n by these slopes.
    fn moved(&self, slopes: [f64; 4]) -> f64 {
        let sigmas = [
            self.baseline.sigma,
            self.follow_up.sigma,
            self.squares.sigma,
            self.size.sigma,
        ];
        let parts = slopes.iter().zip(sigmas);
        parts.map(|(slope, sigma)| (slope * sigma).powi(2)).sum()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::insight::interval::t;
    use crate::insight::trial::{Draws, covered};

    const GRADES: Bounds = Bounds {
        low: 1.0,
        high: 5.0,
        step: 0.5,
    };

    /// What is released of pairs, with noise of σ on every sum.
    fn released(draws: &mut Draws, bounds: Bounds, pairs: &[[f64; 2]], sigma: f64) -> Pairs {
        let centre = |x: f64| (x.clamp(bounds.low, bounds.high) - bounds.middle()) / bounds.half();
        let pairs: Vec<[f64; 2]> = pairs.iter().map(|pair| pair.map(centre)).collect();
        let mut drawn = |of: fn(&[f64; 2]) -> f64| draws.drawn(pairs.iter().map(of).sum(), sigma);
        let (baseline, follow_up) = (drawn(|pair| pair[0]), drawn(|pair| pair[1]));
        let squares = drawn(|pair| pair[0].powi(2) + pair[1].powi(2) - 1.0);
        let products = drawn(|pair| pair[0] * pair[1]);
        Pairs {
            bounds,
            size: draws.size(pairs.len()),
            baseline,
            follow_up,
            squares,
            products,
        }
    }

    fn exact(pairs: &[[f64; 2]]) -> Pairs {
        let mut released = released(&mut Draws::new(1), GRADES, pairs, 0.0);
        released.size = Size::new(pairs.len() as i64, 0.0, 1);
        released
    }

    const FIVE: [[f64; 2]; 5] = [[2.0, 3.0], [3.0, 3.5], [2.5, 2.5], [4.0, 5.0], [3.0, 3.5]];

    #[test]
    fn change_and_effect_by_hand() {
        let pairs = exact(&FIVE);
        // Changes 1, ½, 0, 1, ½: mean 0.6, squares about it 0.7.
        assert!((pairs.change_variance() - 0.7 / 4.0).abs() < 1e-12);
        let got = pairs.change(1.0);
        let half = t(4.0) * (0.7_f64 / 20.0).sqrt();
        assert_eq!(got.status, Status::Ok);
        assert!((got.unmasked.value - 0.6).abs() < 1e-12);
        assert!((got.unmasked.high - 0.6 - half).abs() < 1e-9);
        // Variances 0.55 and 0.875.
        let average = f64::midpoint(0.55, 0.875);
        assert!((pairs.average_variance() - average).abs() < 1e-12);
        assert!((pairs.d_z() - 0.6 / 0.175_f64.sqrt()).abs() < 1e-12);
        let d_av = 0.6 / average.sqrt();
        assert!((pairs.d_av() - d_av).abs() < 1e-12);
        let got = pairs.hedges_g(None, 10.0).unmasked;
        let small = 1.0 - 3.0 / 15.0;
        assert!((got.value - small * d_av).abs() < 1e-12);
        let r = 1.0 - 0.175 / (2.0 * average);
        let variance = 0.175 / (5.0 * average) + d_av.powi(2) * (1.0 + r * r) / 16.0;
        let half = t(4.0) * small * variance.sqrt();
        assert!((got.high - got.value - half).abs() < 1e-9);
    }

    /// The slopes of the delta method are those of the formula.
    #[test]
    fn slopes_are_derivatives() {
        let mut pairs = exact(&FIVE.repeat(40));
        pairs.size.sigma = 0.0;
        let at = |pairs: &Pairs| pairs.d_av();
        let step = 1e-4;
        let moved: [fn(&mut Pairs, f64); 3] = [
            |pairs, by| pairs.baseline.value += by,
            |pairs, by| pairs.follow_up.value += by,
            |pairs, by| pairs.squares.value += by,
        ];
        let sigmas: [fn(&mut Pairs); 3] = [
            |pairs| pairs.baseline.sigma = 1.0,
            |pairs| pairs.follow_up.sigma = 1.0,
            |pairs| pairs.squares.sigma = 1.0,
        ];
        let stated = |pairs: &Pairs| {
            let n = pairs.people();
            let means = [pairs.baseline.value / n, pairs.follow_up.value / n];
            let variance = pairs.noise_of_effect(pairs.d_av(), means, pairs.of_waves());
            variance.sqrt()
        };
        for (moved, sigma) in moved.iter().zip(sigmas) {
            let (mut up, mut down, mut noisy) = (pairs, pairs, pairs);
            moved(&mut up, step);
            moved(&mut down, -step);
            let slope = (at(&up) - at(&down)) / (2.0 * step);
            sigma(&mut noisy);
            // With σ = 1 the point moves a little, by what is taken off.
            assert!((stated(&noisy) - slope.abs()).abs() < 1e-4 * slope.abs() + 1e-7);
        }
        // Of the size in whole people, as it is released.
        let (mut up, mut down) = (pairs, pairs);
        up.size.people += 1;
        down.size.people -= 1;
        pairs.size.sigma = 1.0;
        let slope = (at(&up) - at(&down)) / 2.0;
        assert!((stated(&pairs) - slope.abs()).abs() < 2e-2 * slope.abs());
    }

    #[test]
    fn what_is_shown_follows_from_noise_and_sizes() {
        let many = FIVE.repeat(40);
        let mut pairs = exact(&many);
        for sum in [
            &mut pairs.baseline,
            &mut pairs.follow_up,
            &mut pairs.squares,
            &mut pairs.products,
        ] {
            sum.sigma = 3.0;
        }
        pairs.size.sigma = 4.0;
        // σ of F − B is √18, a change of one adds σ_n; h = 2, n = 200.
        let limit = z() * 2.0 * 34.0_f64.sqrt() / 200.0;
        let nothing = Drawn {
            value: 0.0,
            sigma: 3.0,
        };
        for other in [pairs.follow_up, nothing] {
            let pairs = Pairs {
                follow_up: other,
                ..pairs
            };
            assert_eq!(pairs.change(limit * 1.001).status, Status::Ok);
            assert_eq!(pairs.change(limit * 0.999).status, Status::TooUncertain);
        }
        assert_eq!(pairs.hedges_g(Some(1.0), 1.0).status, Status::Ok);
        assert_eq!(pairs.hedges_g(Some(1.0), 0.1).status, Status::TooUncertain);
        // People who differ little are not to be told from the noise.
        assert_eq!(pairs.hedges_g(Some(0.3), 99.0).status, Status::TooUncertain);
        // Nor are they where that shows in the numbers.
        let squares = Drawn {
            value: -175.0,
            ..pairs.squares
        };
        let alike = Pairs { squares, ..pairs };
        assert_eq!(alike.hedges_g(Some(1.0), 99.0).status, Status::TooUncertain);
    }

    proptest! {
        #[test]
        fn nothing_is_ever_not_a_number(
            values in [-1e12..1e12, -1e12..1e12, -1e12..1e12, -1e12..1e12],
            sigma in proptest::num::f64::ANY,
            people: i64,
            sigma_size in proptest::num::f64::ANY,
            step in 0.0..4.0,
            norm_sd in proptest::option::of(proptest::num::f64::ANY),
        ) {
            let [baseline, follow_up, squares, products] =
                values.map(|value| Drawn { value, sigma });
            let bounds = Bounds { step, ..GRADES };
            let size = Size::new(people, sigma_size, 10);
            let pairs = Pairs { bounds, size, baseline, follow_up, squares, products };
            for figure in [pairs.change(1.0), pairs.hedges_g(norm_sd, 1.0)] {
                let Estimate { value, low, high } = figure.unmasked;
                prop_assert!(value.is_finite() && low.is_finite() && high.is_finite());
                prop_assert!(figure.unmasked.holds(value));
            }
            prop_assert!(pairs.d_z().is_finite() && pairs.d_av().is_finite());
        }
    }

    /// Pairs of a population and what is released of them.
    fn drawn(draws: &mut Draws, (people, change, deviation, r, sigma): Case) -> Pairs {
        let bounds = Bounds {
            step: 0.0,
            ..GRADES
        };
        let pairs = (0..people).map(|_| {
            let (one, other) = (draws.normal(), draws.normal());
            let b = 2.8 + deviation * one;
            let after = r * one + (1.0 - r * r).sqrt() * other;
            [b, 2.8 + change + deviation * after]
        });
        let pairs: Vec<[f64; 2]> = pairs.collect();
        released(draws, bounds, &pairs, sigma)
    }

    /// People, mean change, standard deviation of both waves, their
    /// correlation, and σ.
    type Case = (u32, f64, f64, f64, f64);

    /// People are drawn anew as well as noise: 93 to 97 of 100 intervals hold
    /// the change of the population; fewer if σ is misstated by 30 %.
    #[test]
    fn intervals_hold_the_change() {
        for case in [
            (40, 0.4, 0.5, 0.5, 1.0),
            (150, 0.3, 0.5, 0.7, 4.0),
            (300, 0.5, 0.6, 0.2, 4.0),
            (600, 0.0, 0.4, 0.8, 8.0),
        ] {
            let held = |stated| {
                covered(1500, stated, case.1, |draws| {
                    drawn(draws, case).change(1e9).unmasked
                })
            };
            let (right, wrong) = (held(1.0), held(0.7));
            assert!((0.93..=0.97).contains(&right), "{case:?} {right}");
            assert!(wrong < right - 0.01, "{case:?} {wrong}");
        }
    }

    /// And of effects that are shown, those of the population.
    #[test]
    fn intervals_hold_the_effect() {
        for case in [
            (150, 0.4, 0.5, 0.5, 1.0),
            (300, 0.5, 0.6, 0.2, 4.0),
            (600, 0.0, 0.4, 0.8, 8.0),
        ] {
            let held = |stated| {
                covered(1500, stated, case.1 / case.2, |draws| {
                    loop {
                        let figure = drawn(draws, case).hedges_g(None, 1e9);
                        if figure.status == Status::Ok {
                            return figure.unmasked;
                        }
                    }
                })
            };
            let (right, wrong) = (held(1.0), held(0.7));
            assert!((0.93..=0.97).contains(&right), "{case:?} {right}");
            assert!(wrong < right - 0.01, "{case:?} {wrong}");
        }
    }
}
