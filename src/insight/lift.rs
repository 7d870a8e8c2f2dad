//! Lift: how many times as frequent something is in a unit as in the
//! organisation.
//!
//! With p the unit's share and P that of the organisation:
//!
//! ```text
//! lift  L = p/P ± z·√((V_p + L²·V_P)/P² + S)
//! S     ((1 − f·L)/P)²·s + ((1 − f)·L/P)²·r(1 − r)/m
//! s     max(p(1 − p), P(1 − P))/n
//! ```
//!
//! by the delta method, for P is well away from 0. V is the variance of a share's
//! noise: unit and organisation are measured apart, so it is independent. Their
//! people are not, as the unit's are part of the organisation: P = f·p + (1 − f)·r,
//! with f the unit's part of all people and r the share of the m others, who are
//! sampled independently. p may be low by its noise; it does not look the surer for
//! it, as s is at least that of a unit like the others. Comparative; both the interval and the point are kept
//! between 0 and N, N the organisation's people, at the end.
//!
//! Whether it is shown is never asked of the unit's share: a lift that is shown
//! where p stands out is one whose noise was upwards, and its interval would lie
//! too high.

use super::figure::{Drawn, Figure};
use super::interval::Estimate;
use super::share::Part;
use super::size::Size;
use super::status::{Status, is_sure, stands_out};

/// The people of the organisation who are not of the unit, as far as noisy
/// numbers say: at least nobody is part, and at least one is there. Its noise is
/// not stated, as it is not independent of the unit's.
pub(super) fn others(unit: &Part, organisation: &Part) -> Part {
    let people = (organisation.size.people - unit.size.people).max(1);
    let value = organisation.drawn.value - unit.drawn.value;
    Part {
        drawn: Drawn { value, sigma: 0.0 },
        counted: unit.counted,
        size: Size::expected(people as f64, 0.0),
    }
}

/// The share of a unit as a multiple of the whole organisation's. Too uncertain
/// where the noise alone, at shares of one half, makes the half-width wider than
/// `widest`, where the unit's is wider than the organisation's share, and where
/// that does not stand out from its own: a quotient of it could be any number.
#[must_use]
pub fn lift(unit: &Part, organisation: &Part, widest: f64) -> Figure {
    let half_width = 2.0 * unit.half_width().hypot(organisation.half_width());
    let (p, all) = (unit.share(), organisation.share());
    let sure = is_sure(half_width, widest, &unit.size)
        && is_sure(half_width, widest, &organisation.size)
        && all > 0.0
        && stands_out(all, organisation.share_sigma())
        && unit.half_width() <= all;
    if !sure {
        return Figure::absent(Status::TooUncertain);
    }
    let times = p / all;
    let noise = unit.share_sigma().hypot(times * organisation.share_sigma()) / all;
    let weight = (unit.people() / organisation.people()).min(1.0);
    let alike = organisation.sampling() * (organisation.people() + 2.0) / (unit.people() + 2.0);
    let own = ((1.0 - weight * times) / all).powi(2) * unit.sampling().max(alike);
    let rest = ((1.0 - weight) * times / all).powi(2) * others(unit, organisation).sampling();
    let deviation = noise.hypot((own + rest).sqrt());
    Figure {
        unmasked: Estimate::around(times, deviation, 0.0, organisation.people()),
        status: Status::Ok,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insight::interval::z;
    use crate::insight::share::Counted;
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
        let (unit, all) = (part(60.0, 3.0, 200, 4.0), part(150.0, 2.0, 1000, 4.0));
        let got = lift(&unit, &all, 1.0);
        assert_eq!(got.status, Status::Ok);
        assert!((got.unmasked.value - 2.0).abs() < 1e-12);
        let noise = (9.0 + 0.09 * 16.0) / 40_000.0 + 4.0 * (4.0 + 0.0225 * 16.0) / 1e6;
        // p = 0.3, P = 0.15, f = 0.2, and 90 of the 800 others.
        let own = (0.6_f64 / 0.15).powi(2) * 61.0 * 141.0 / 202.0_f64.powi(3);
        let rest = (0.8_f64 * 2.0 / 0.15).powi(2) * 91.0 * 711.0 / 802.0_f64.powi(3);
        let half = z() * (noise / 0.0225 + own + rest).sqrt();
        assert!((got.unmasked.high - 2.0 - half).abs() < 1e-9);
        assert!((got.unmasked.low - 2.0 + half).abs() < 1e-9);
    }

    /// A unit that is the organisation has a lift of 1, whoever was sampled.
    #[test]
    fn of_the_organisation_itself_it_is_one() {
        let all = part(150.0, 0.0, 1000, 0.0);
        let got = lift(&all, &all, 1.0).unmasked;
        assert!((got.value - 1.0).abs() < 1e-12 && got.high - got.low < 1e-9);
    }

    #[test]
    fn what_is_no_clear_share_gives_no_lift() {
        let (unit, all) = (part(60.0, 3.0, 200, 4.0), part(150.0, 2.0, 1000, 4.0));
        let half = |sigma: f64, n: f64| (sigma * sigma + 4.0) / (n * n);
        let widest = 2.0 * z() * (half(3.0, 200.0) + half(2.0, 1000.0)).sqrt();
        assert_eq!(lift(&unit, &all, widest * 1.000_001).status, Status::Ok);
        let narrow = lift(&unit, &all, widest * 0.999);
        assert_eq!(narrow.status, Status::TooUncertain);
        for few in [7.9, 0.0, -60.0, f64::NAN] {
            let few = part(few, 2.0, 1000, 4.0);
            assert_eq!(lift(&unit, &few, 1.0).status, Status::TooUncertain);
        }
        // Noise of the unit beside the organisation's share of 0.15.
        let noisy = part(60.0, 16.0, 200, 4.0);
        assert_eq!(lift(&noisy, &all, 1.0).status, Status::TooUncertain);
        let nobody = part(0.0, 0.0, 1000, 0.0);
        assert_eq!(lift(&unit, &nobody, 1.0).status, Status::TooUncertain);
    }

    /// Few of a unit are shown as few: what is shown does not depend on how many.
    #[test]
    fn few_of_a_unit_are_shown() {
        let all = part(150.0, 2.0, 1000, 4.0);
        for (few, value) in [(11.9, 11.9 / 30.0), (0.0, 0.0), (-60.0, 0.0)] {
            let got = lift(&part(few, 3.0, 200, 4.0), &all, 1.0);
            assert_eq!(got.status, Status::Ok);
            assert!((got.unmasked.value - value).abs() < 1e-12);
            assert!(got.unmasked.low >= 0.0 && got.unmasked.high < 1.0);
        }
    }

    /// Of those that are shown, 93 to 97 of 100 intervals hold the quotient of
    /// the probabilities; fewer if σ is misstated by 30 %.
    #[test]
    fn intervals_hold_the_truth() {
        for (people, p, sigma) in [
            ([150, 850], [0.4, 0.2], 5.0),
            ([400, 200], [0.3, 0.35], 10.0),
            // Not far above its noise.
            ([600, 4200], [0.055, 0.055], 9.6),
        ] {
            let truth = {
                let n = people.map(|n| n as f64);
                let all = (n[0] * p[0] + n[1] * p[1]) / (n[0] + n[1]);
                p[0] / all
            };
            let trial = |draws: &mut Draws| {
                let counts = [0, 1].map(|at| {
                    let drawn = (0..people[at]).filter(|_| draws.uniform() < p[at]);
                    drawn.count() as f64
                });
                let mut part = |count, people| Part {
                    drawn: draws.drawn(count, sigma),
                    counted: Counted::Plainly,
                    size: draws.size(people),
                };
                let unit = part(counts[0], people[0]);
                let all = part(counts[0] + counts[1], people[0] + people[1]);
                lift(&unit, &all, 1e9)
            };
            let held = |stated| {
                covered(1500, stated, truth, |draws| {
                    loop {
                        let figure = trial(draws);
                        if figure.status == Status::Ok {
                            return figure.unmasked;
                        }
                    }
                })
            };
            let (right, wrong) = (held(1.0), held(0.7));
            assert!((0.93..=0.97).contains(&right), "{people:?} {right}");
            assert!(wrong < right - 0.02, "{people:?} {wrong}");
        }
    }
}
