//! Lift: how many times as frequent something is in a unit as in the
//! organisation.
//!
//! With p the unit's share and P that of the organisation:
//!
//! ```text
//! lift  p/P, from e^(ln p − ln P ± z·√(V_p/p² + V_P/P² + S))
//! S     (1/p − f/P)²·p(1 − p)/n + ((1 − f)/P)²·r(1 − r)/m
//! ```
//!
//! by the delta method on the logarithm. V is the variance of a share's noise:
//! unit and organisation are measured apart, so it is independent. Their people
//! are not, as the unit's are part of the organisation: P = f·p + (1 − f)·r, with f
//! the unit's part of all people and r the share of the m others, who are
//! sampled independently. Comparative. The interval is not symmetric; at the end
//! both it and the point are kept between 1/N and N, N the organisation's people.

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
/// `widest`, and where a share does not stand out from its noise: a quotient of
/// it could be any number.
#[must_use]
pub fn lift(unit: &Part, organisation: &Part, widest: f64) -> Figure {
    let half_width = 2.0 * unit.half_width().hypot(organisation.half_width());
    let stands_out =
        |part: &Part| part.share() > 0.0 && stands_out(part.share(), part.share_sigma());
    let sure = is_sure(half_width, widest, &unit.size)
        && is_sure(half_width, widest, &organisation.size)
        && stands_out(unit)
        && stands_out(organisation);
    if !sure {
        return Figure::absent(Status::TooUncertain);
    }
    let (p, all) = (unit.share(), organisation.share());
    let noise = (unit.share_sigma() / p).hypot(organisation.share_sigma() / all);
    let weight = (unit.people() / organisation.people()).min(1.0);
    let own = (1.0 / p - weight / all).powi(2) * unit.sampling();
    let rest = ((1.0 - weight) / all).powi(2) * others(unit, organisation).sampling();
    let most = organisation.people().ln();
    let deviation = noise.hypot((own + rest).sqrt());
    let log = Estimate::around((p / all).ln(), deviation, -most, most);
    Figure {
        unmasked: Estimate {
            value: log.value.exp(),
            low: log.low.exp(),
            high: log.high.exp(),
        },
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
        let noise = (9.0 + 0.09 * 16.0) / 3600.0 + (4.0 + 0.0225 * 16.0) / 22_500.0;
        // p = 0.3, P = 0.15, f = 0.2, and 90 of the 800 others.
        let own = (1.0_f64 / 0.3 - 0.2 / 0.15).powi(2) * 61.0 * 141.0 / 202.0_f64.powi(3);
        let rest = (0.8_f64 / 0.15).powi(2) * 91.0 * 711.0 / 802.0_f64.powi(3);
        let half = z() * (noise + own + rest).sqrt();
        assert!((got.unmasked.high - 2.0 * half.exp()).abs() < 1e-9);
        assert!((got.unmasked.low - 2.0 / half.exp()).abs() < 1e-9);
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
        for few in [11.9, 0.0, -60.0, f64::NAN] {
            let few = part(few, 3.0, 200, 4.0);
            assert_eq!(lift(&few, &all, 1.0).status, Status::TooUncertain);
        }
        let nobody = part(0.0, 0.0, 200, 0.0);
        assert_eq!(lift(&nobody, &all, 1.0).status, Status::TooUncertain);
        assert_eq!(lift(&unit, &nobody, 1.0).status, Status::TooUncertain);
    }

    /// Of those that are shown, 93 to 97 of 100 intervals hold the quotient of
    /// the probabilities; fewer if σ is misstated by 30 %.
    #[test]
    fn intervals_hold_the_truth() {
        for (people, p, sigma) in [
            ([150, 850], [0.4, 0.2], 5.0),
            ([400, 200], [0.3, 0.35], 10.0),
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
