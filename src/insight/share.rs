//! Number and share of a cohort's people.
//!
//! With n the noisy size (`σ_n`), constrained to at least k, and z = 1.95996…:
//! from a noisy number a of people (`σ_a`),
//!
//! ```text
//! count  a ± z·σ_a
//! share  p = a/n ± z·√Var(p),  Var(p) ≈ (σ_a² + p²·σ_n²)/n²
//! ```
//!
//! and from a noisy sum u of flags, +1 or −1 a person (`σ_u`),
//!
//! ```text
//! count  (n + u)/2 ± z·√(σ_u² + σ_n²)/2
//! share  p = (1 + m)/2, m = u/n, ± z·√Var(p),  Var(p) ≈ (σ_u² + m²·σ_n²)/4n²
//! ```
//!
//! by the delta method for a ratio of two independent estimates. Where everybody is
//! in one of C classes, their noisy numbers (each `σ_a`) tell of n too, and are made to
//! come to it: of the difference to the mean of classes each keeps 1 − 1/C of its
//! variance, and of that mean, n/C, it has what n has. So
//!
//! ```text
//! count  a ± z·√(σ_a²·(1 − 1/C) + σ_n²/C²)
//! share  p = a/n ± z·√Var(p),  Var(p) ≈ (σ_a²·(1 − 1/C) + (p − 1/C)²·σ_n²)/n²
//! ```
//!
//! where both parts are independent: n is the linear estimate of least variance, and
//! no difference between classes is correlated with it. All are descriptive: the interval covers the noise alone. Clips come after the
//! interval is made.
//!
//! Where a share is compared with something, p(1 − p)/n is added for the sampling
//! of people: [`Part::comparative`].

use super::figure::{Drawn, Figure};
use super::interval::{Estimate, z};
use super::size::Size;
use super::status::{Status, WIDEST_SHARE, is_sure};

/// How people are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// One for everybody it holds for.
    Plainly,
    /// +1 or −1 for everybody.
    ByFlags,
    /// One for everybody it holds for, and for everybody it is one of so many that
    /// holds.
    OneOf(usize),
}

/// Part of a cohort's people, as released.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part {
    /// The noisy number or sum of flags.
    pub drawn: Drawn,
    /// Which of the two it is.
    pub counted: Counted,
    /// People of the cohort.
    pub size: Size,
}

impl Part {
    /// How many they are; not rounded or clipped.
    #[must_use]
    pub fn count(&self) -> f64 {
        match self.counted {
            Counted::Plainly | Counted::OneOf(_) => self.drawn.value,
            Counted::ByFlags => f64::midpoint(self.people(), self.drawn.value),
        }
    }

    /// Their share; not clipped.
    #[must_use]
    pub fn share(&self) -> f64 {
        self.count() / self.people()
    }

    /// The share with an interval that covers the noise and the sampling of
    /// people.
    #[must_use]
    pub fn comparative(&self) -> Estimate {
        let deviation = self.share_sigma().hypot(self.sampling().sqrt());
        Estimate::around(self.share(), deviation, 0.0, 1.0)
    }

    pub(super) fn people(&self) -> f64 {
        self.size.people as f64
    }

    pub(super) fn count_sigma(&self) -> f64 {
        match self.counted {
            Counted::Plainly => self.drawn.sigma,
            Counted::ByFlags => self.drawn.sigma.hypot(self.size.sigma) / 2.0,
            Counted::OneOf(classes) => {
                apart(self.drawn.sigma, classes).hypot(self.size.sigma / classes as f64)
            }
        }
    }

    /// Standard deviation of the share's noise.
    pub(super) fn share_sigma(&self) -> f64 {
        let (n, x) = (self.people(), self.drawn.value);
        match self.counted {
            Counted::Plainly => self.drawn.sigma.hypot(x / n * self.size.sigma) / n,
            Counted::ByFlags => self.drawn.sigma.hypot(x / n * self.size.sigma) / n / 2.0,
            Counted::OneOf(classes) => of_class(self.drawn.sigma, classes, x / n, &self.size),
        }
    }

    /// Variance of the share by the sampling of people: p(1 − p)/n, with one
    /// more who is part and one who is not (Agresti and Caffo 2000), so that
    /// nobody, or everybody, does not look certain.
    pub(super) fn sampling(&self) -> f64 {
        let n = self.people();
        let p = (self.count().clamp(0.0, n) + 1.0) / (n + 2.0);
        p * (1.0 - p) / (n + 2.0)
    }

    /// Half-width of the share's noise where statuses are decided.
    pub(super) fn half_width(&self) -> f64 {
        half_width(self.drawn.sigma, self.counted, &self.size)
    }
}

/// The half-width of the share at which statuses are decided, fixed so that
/// they never depend on a numerator: at ½, the reference of survey methods,
/// or, by flags, the widest that there is.
pub(super) fn half_width(sigma: f64, counted: Counted, size: &Size) -> f64 {
    let n = size.people as f64;
    z() * match counted {
        Counted::Plainly => sigma.hypot(size.sigma / 2.0) / n,
        Counted::ByFlags => sigma.hypot(size.sigma) / (2.0 * n),
        Counted::OneOf(classes) => of_class(sigma, classes, 0.5, size),
    }
}

/// What is left of a class's noise beside the mean of so many.
fn apart(sigma: f64, classes: usize) -> f64 {
    sigma * (1.0 - 1.0 / classes as f64).sqrt()
}

/// Standard deviation of the share of a class among so many.
fn of_class(sigma: f64, classes: usize, share: f64, size: &Size) -> f64 {
    let of_size = (share - 1.0 / classes as f64) * size.sigma;
    apart(sigma, classes).hypot(of_size) / size.people as f64
}

/// The number of people, a whole one: that of the fit.
#[must_use]
pub fn count(part: &Part, fitted: i64, k: u32) -> Figure {
    Figure {
        unmasked: count_interval(part).with_point(fitted as f64),
        status: status(part, fitted, k),
    }
}

/// The interval of the number, around what was drawn.
pub(super) fn count_interval(part: &Part) -> Estimate {
    Estimate::around(part.count(), part.count_sigma(), 0.0, f64::MAX)
}

/// The share of the cohort: the fitted people among the fitted size.
#[must_use]
pub fn share(part: &Part, fitted: i64, k: u32) -> Figure {
    let share = (fitted as f64 / part.people()).clamp(0.0, 1.0);
    Figure {
        unmasked: share_interval(part).with_point(share),
        status: status(part, fitted, k),
    }
}

/// The interval of the share, around what was drawn.
pub(super) fn share_interval(part: &Part) -> Estimate {
    Estimate::around(part.share(), part.share_sigma(), 0.0, 1.0)
}

/// Below k if either estimate is: the fitted one, which is shown, or the whole
/// number nearest to the one that its interval is made around.
fn status(part: &Part, fitted: i64, k: u32) -> Status {
    let sure = is_sure(part.half_width(), WIDEST_SHARE, &part.size);
    Status::of(sure, Some(part.count().round().min(fitted as f64)), k)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insight::figure::tests::covered;

    fn drawn(value: f64, sigma: f64) -> Drawn {
        Drawn { value, sigma }
    }

    /// A part that is not fitted to others: the nearest whole number.
    fn alone(drawn: Drawn, counted: Counted, size: &Size) -> (Part, i64) {
        let size = *size;
        let part = Part {
            drawn,
            counted,
            size,
        };
        (part, (part.count() + 1e-9).floor() as i64)
    }

    fn share(drawn: Drawn, counted: Counted, size: &Size, k: u32) -> Figure {
        let (part, count) = alone(drawn, counted, size);
        super::share(&part, count, k)
    }

    fn count(drawn: Drawn, counted: Counted, size: &Size, k: u32) -> Figure {
        let (part, count) = alone(drawn, counted, size);
        super::count(&part, count, k)
    }

    #[test]
    fn the_delta_method_by_hand() {
        let size = Size::new(200, 4.0, 10);
        let got = share(drawn(50.0, 3.0), Counted::Plainly, &size, 10).unmasked;
        let half = 1.959_963_984_540_054 * (9.0_f64 + 0.0625 * 16.0).sqrt() / 200.0;
        assert!((got.value - 0.25).abs() < 1e-15);
        assert!((got.high - 0.25 - half).abs() < 1e-12);
        assert!((got.low - 0.25 + half).abs() < 1e-12);
        // 50 of 200: 50 times +1 and 150 times −1.
        let got = share(drawn(-100.0, 3.0), Counted::ByFlags, &size, 10).unmasked;
        let half = 1.959_963_984_540_054 * (9.0_f64 + 0.25 * 16.0).sqrt() / 400.0;
        assert!((got.value - 0.25).abs() < 1e-15);
        assert!((got.high - 0.25 - half).abs() < 1e-12);
        let got = count(drawn(-100.0, 3.0), Counted::ByFlags, &size, 10).unmasked;
        assert!((got.high - 50.0 - 1.959_963_984_540_054 * 2.5).abs() < 1e-12);
    }

    /// The same from Var(a)/n² + p²·Var(n)/n² − 2p·Cov(a, n)/n².
    #[test]
    fn classes_share_the_noise_of_their_sum() {
        let size = Size::new(200, 4.0, 10);
        let (of_class, of_size): (f64, f64) = (9.0 * 0.75 + 16.0 / 16.0, 16.0);
        for (people, p) in [(20.0, 0.1), (50.0, 0.25), (180.0, 0.9)] {
            let got = share(drawn(people, 3.0), Counted::OneOf(4), &size, 10).unmasked;
            let variance = of_class + p * p * of_size - 2.0 * p * of_size / 4.0;
            let half = z() * variance.sqrt() / 200.0;
            assert!((got.value - p).abs() < 1e-15);
            assert!((got.low - p + half).abs() < 1e-12, "{p}");
        }
        let got = count(drawn(50.0, 3.0), Counted::OneOf(4), &size, 10).unmasked;
        assert!((got.high - 50.0 - z() * of_class.sqrt()).abs() < 1e-12);
        // Everybody is in the only class there is.
        let got = share(drawn(200.0, 3.0), Counted::OneOf(1), &size, 10).unmasked;
        assert!((got.high - got.low).abs() < 1e-12);
    }

    #[test]
    fn uncertainty_is_decided_first_and_without_the_numerator() {
        // Half-width at ½ of exactly the limit is shown; the next smaller size is not.
        let status = |value, sigma, people, sigma_size| {
            let size = Size::new(people, sigma_size, 10);
            share(drawn(value, sigma), Counted::Plainly, &size, 10).status
        };
        let limit = (z() * 10.0 / 0.1).ceil() as i64;
        assert_eq!(status(10.0, 10.0, limit, 0.0), Status::Ok);
        assert_eq!(status(9.0, 10.0, limit, 0.0), Status::BelowK);
        assert_eq!(status(0.0, 10.0, limit - 1, 0.0), Status::TooUncertain);
        // The noise of the size counts as well: z σ_n / 2n.
        assert_eq!(status(50.0, 0.0, 293, 30.0), Status::TooUncertain);
        assert_eq!(status(50.0, 0.0, 294, 30.0), Status::Ok);
        assert_eq!(status(50.0, f64::NAN, 1000, 1.0), Status::TooUncertain);
        assert_eq!(status(50.0, 1.0, 1000, f64::NAN), Status::TooUncertain);
        let flags = |people| {
            let size = Size::new(people, 30.0, 10);
            share(drawn(0.0, 40.0), Counted::ByFlags, &size, 10).status
        };
        assert_eq!((flags(489), flags(490)), (Status::TooUncertain, Status::Ok));
        // Half a person more than nine is not ten: 19 times +1 of 1,000 less
        // the others is a count of 9.5.
        let few = |sum| {
            let size = Size::new(1000, 1.0, 10);
            count(drawn(sum, 1.0), Counted::ByFlags, &size, 10)
        };
        assert_eq!(
            (few(-981.0).status, few(-980.0).status),
            (Status::BelowK, Status::Ok)
        );
    }

    /// Of 95 % intervals, 93 to 97 in 100 hold the truth — and not if σ is
    /// misstated by 30 %.
    #[test]
    fn intervals_hold_the_truth() {
        for (people, count) in [(120, 30), (120, 110), (900, 40), (5000, 2500)] {
            let truth = f64::from(count) / f64::from(people);
            for (counted, sum) in [
                (Counted::Plainly, f64::from(count)),
                (Counted::ByFlags, f64::from(2 * count - people)),
            ] {
                let one = |stated: f64| {
                    covered(people, &[(sum, 6.0)], stated, truth, |drawn, size| {
                        share(drawn[0], counted, size, 10).unmasked
                    })
                };
                let (right, wrong) = (one(1.0), one(0.7));
                assert!(
                    (0.93..=0.97).contains(&right),
                    "{people} {count} {counted:?} {right}"
                );
                assert!(wrong < 0.90, "{people} {count} {counted:?} {wrong}");
            }
        }
    }
}
