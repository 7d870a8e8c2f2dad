//! Change of a share from one release to a later one.
//!
//! ```text
//! change  p₁ − p₀ ± z·√(V₁ + V₀ + S₁ + S₀)
//! ```
//!
//! V is the variance of a share's noise and S = p(1 − p)/n that of the sampling of
//! people, with one more who has it and one who has not (Agresti and Caffo 2000).
//! The noise of two releases is independent. The people are not: most are in
//! both, and what they keep to makes the change surer than this says.
//! So the interval is conservative, and exact where nobody stays. Comparative;
//! the clip to ±1 comes after the interval.

use super::figure::Figure;
use super::interval::Estimate;
use super::share::Part;
use super::status::{Status, is_sure};

/// A change, and how far from none it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// The change of the share.
    pub figure: Figure,
    /// The change in standard deviations, if it is shown: what highlights are
    /// made from.
    pub z: Option<f64>,
}

/// The change from `before` to `now`. Too uncertain where the noise alone, at
/// a share of one half, makes the half-width wider than `widest`.
#[must_use]
pub fn change(now: &Part, before: Option<&Part>, widest: f64) -> Change {
    let Some(before) = before else {
        return Change {
            figure: Figure::absent(Status::NoPrevious),
            z: None,
        };
    };
    let difference = now.share() - before.share();
    let noise = now.share_sigma().hypot(before.share_sigma());
    let deviation = noise.hypot((now.sampling() + before.sampling()).sqrt());
    let half_width = now.half_width().hypot(before.half_width());
    let sure = is_sure(half_width, widest, &now.size) && is_sure(half_width, widest, &before.size);
    let figure = Figure {
        unmasked: Estimate::around(difference, deviation, -1.0, 1.0),
        status: Status::of(sure, None, 0),
    };
    Change {
        figure,
        z: sure.then_some(difference / deviation),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insight::figure::Drawn;
    use crate::insight::interval::z;
    use crate::insight::share::Counted;
    use crate::insight::size::Size;
    use crate::insight::trial::{Draws, covered};

    fn part(value: f64, sigma: f64, people: i64, sigma_size: f64) -> Part {
        Part {
            drawn: Drawn { value, sigma },
            counted: Counted::Plainly,
            size: Size::new(people, sigma_size, 10),
        }
    }

    #[test]
    fn by_hand() {
        let (now, before) = (part(60.0, 3.0, 200, 4.0), part(30.0, 2.0, 150, 4.0));
        let got = change(&now, Some(&before), 0.2);
        let noise = (9.0 + 0.09 * 16.0) / 40_000.0 + (4.0 + 0.04 * 16.0) / 22_500.0;
        let sampling = 61.0 * 141.0 / 202.0_f64.powi(3) + 31.0 * 121.0 / 152.0_f64.powi(3);
        let deviation: f64 = (noise + sampling).sqrt();
        assert_eq!(got.figure.status, Status::Ok);
        assert!((got.figure.unmasked.value - 0.1).abs() < 1e-12);
        assert!((got.figure.unmasked.high - 0.1 - z() * deviation).abs() < 1e-12);
        assert!((got.z.unwrap() - 0.1 / deviation).abs() < 1e-9);
    }

    #[test]
    fn what_is_shown_follows_from_noise_and_sizes() {
        let (now, before) = (part(60.0, 3.0, 200, 4.0), part(0.0, 2.0, 150, 4.0));
        let half = |sigma: f64, n: f64| (sigma * sigma + 4.0) / (n * n);
        let widest = z() * (half(3.0, 200.0) + half(2.0, 150.0)).sqrt();
        for (widest, status) in [
            (widest * 1.000_001, Status::Ok),
            (widest * 0.999, Status::TooUncertain),
        ] {
            let got = change(&now, Some(&before), widest);
            assert_eq!(got.figure.status, status);
            assert_eq!(got.z.is_some(), status == Status::Ok);
        }
        let got = change(&now, None, 1.0);
        assert_eq!((got.figure.status, got.z), (Status::NoPrevious, None));
    }

    /// Other people in each period: 93 to 97 of 100 intervals hold the change of
    /// the probability. The same people, of whom few change: more.
    #[test]
    fn intervals_hold_the_truth() {
        let release = |draws: &mut Draws, count: usize, people: usize| Part {
            drawn: draws.drawn(count as f64, 6.0),
            counted: Counted::Plainly,
            size: draws.size(people),
        };
        let number = |draws: &mut Draws, people: usize, p: f64| {
            (0..people).filter(|_| draws.uniform() < p).count()
        };
        for (people, p) in [([120, 200], [0.3, 0.4]), ([400, 400], [0.1, 0.1])] {
            let held = |stated| {
                covered(2000, stated, p[1] - p[0], |draws| {
                    let [before, now] = [0, 1].map(|at| {
                        let count = number(draws, people[at], p[at]);
                        release(draws, count, people[at])
                    });
                    change(&now, Some(&before), 1.0).figure.unmasked
                })
            };
            let (right, wrong) = (held(1.0), held(0.7));
            assert!((0.93..=0.97).contains(&right), "{people:?} {right}");
            assert!(wrong < right - 0.02, "{people:?} {wrong}");
        }
        let held = covered(2000, 1.0, 0.05, |draws| {
            let had = number(draws, 500, 0.3);
            let came = number(draws, 500 - had, 0.05 / 0.7);
            let before = release(draws, had, 500);
            let now = release(draws, had + came, 500);
            change(&now, Some(&before), 1.0).figure.unmasked
        });
        assert!(held > 0.97, "{held}");
    }
}
