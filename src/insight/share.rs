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
//! by the delta method for a ratio of two independent estimates. All are
//! descriptive: the interval covers the noise alone. Clips come after the
//! interval is made.

use super::figure::{Drawn, Figure};
use super::interval::{Estimate, z};
use super::size::Size;
use super::status::{Status, WIDEST_SHARE, is_sure};

/// How people are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counted {
    /// One for everybody it holds for.
    Plainly,
    /// +1 or −1 for everybody.
    ByFlags,
}

/// Number and share, unmasked.
struct Estimates {
    /// The number before it is rounded: what is compared with k.
    raw: f64,
    count: Estimate,
    share: Estimate,
}

fn estimates(drawn: Drawn, counted: Counted, size: &Size) -> Estimates {
    let (n, x) = (size.people as f64, drawn.value);
    let (count, count_sigma, share, share_sigma) = match counted {
        Counted::Plainly => {
            let share = x / n;
            (
                x,
                drawn.sigma,
                share,
                drawn.sigma.hypot(share * size.sigma) / n,
            )
        }
        Counted::ByFlags => {
            let mean = x / n;
            let sigma = drawn.sigma.hypot(mean * size.sigma) / n;
            let count_sigma = drawn.sigma.hypot(size.sigma) / 2.0;
            (
                f64::midpoint(n, x),
                count_sigma,
                f64::midpoint(1.0, mean),
                sigma / 2.0,
            )
        }
    };
    Estimates {
        raw: count,
        count: Estimate::around(count.round(), count_sigma, 0.0, f64::MAX),
        share: Estimate::around(share, share_sigma, 0.0, 1.0),
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
    }
}

/// The number of people, a whole one.
pub(super) fn count(drawn: Drawn, counted: Counted, size: &Size, k: u32) -> Figure {
    let Estimates { raw, count, .. } = estimates(drawn, counted, size);
    Figure {
        unmasked: count,
        status: status(drawn, counted, size, raw, k),
    }
}

/// The share of the cohort.
pub(super) fn share(drawn: Drawn, counted: Counted, size: &Size, k: u32) -> Figure {
    let Estimates { raw, share, .. } = estimates(drawn, counted, size);
    Figure {
        unmasked: share,
        status: status(drawn, counted, size, raw, k),
    }
}

fn status(drawn: Drawn, counted: Counted, size: &Size, count: f64, k: u32) -> Status {
    let half_width = half_width(drawn.sigma, counted, size);
    Status::of(is_sure(half_width, WIDEST_SHARE, size), Some(count), k)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insight::figure::tests::covered;

    fn drawn(value: f64, sigma: f64) -> Drawn {
        Drawn { value, sigma }
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
