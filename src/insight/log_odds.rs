//! Log-odds with an informative Dirichlet prior: what sets a unit apart from the
//! rest of the organisation.
//!
//! Of the `n_i` people of a unit `y_i` have something, of the `n_j` others `y_j`. The
//! prior are α₀ = 100 people with the organisation's released share, α of whom
//! have it:
//!
//! ```text
//! δ    ln((y_i + α)/(n_i + α₀ − y_i − α)) − ln((y_j + α)/(n_j + α₀ − y_j − α))
//! Var  Σ over both of 1/(y + α) + 1/(n + α₀ − y − α), and what the noise adds
//! z    δ/√Var
//! ```
//!
//! (Monroe, Colaresi and Quinn 2008). Their shorter form of Var leaves the second
//! term of each out, which is right of rare things; shares of people are not
//! rare, and z would be up to √2 too large where half have it. The others are
//! the organisation less the unit, so the noise of the unit's numbers moves both
//! terms of δ: it is added by the delta method, for each of the four numbers
//! drawn. The prior counts as fixed.
//!
//! z is a number for ranking and highlights; it has no interval.

use super::lift;
use super::share::{Counted, Part};

/// People of the prior.
const PRIOR: f64 = 100.0;

/// Where an odds ratio stands, and how it moves with what was drawn.
struct LogOdds {
    value: f64,
    sampling: f64,
    /// By the drawn number, and by the size.
    slopes: [f64; 2],
}

impl LogOdds {
    fn of(part: &Part, prior: f64) -> Self {
        let n = part.people();
        let count = part.count().clamp(0.0, n);
        let (with, without) = (count + prior, n - count + PRIOR - prior);
        let (of_with, of_without) = (1.0 / with, 1.0 / without);
        let slopes = match part.counted {
            Counted::Plainly | Counted::OneOf(_) => [of_with + of_without, -of_without],
            Counted::ByFlags => [
                f64::midpoint(of_with, of_without),
                (of_with - of_without) / 2.0,
            ],
        };
        Self {
            value: (with / without).ln(),
            sampling: of_with + of_without,
            slopes,
        }
    }
}

/// How far a unit is from the rest of the organisation, in standard deviations:
/// above 0 where it is more frequent in the unit. `None` where there is no rest,
/// or the organisation's share is not between 0 and 1.
#[must_use]
pub fn z(unit: &Part, organisation: &Part) -> Option<f64> {
    let share = organisation.share();
    if unit.size.people >= organisation.size.people || !(share > 0.0 && share < 1.0) {
        return None;
    }
    let prior = PRIOR * share;
    let of_unit = LogOdds::of(unit, prior);
    let of_rest = LogOdds::of(&lift::others(unit, organisation), prior);
    let noise: f64 = [
        (of_unit.slopes[0] + of_rest.slopes[0]) * unit.drawn.sigma,
        (of_unit.slopes[1] + of_rest.slopes[1]) * unit.size.sigma,
        of_rest.slopes[0] * organisation.drawn.sigma,
        of_rest.slopes[1] * organisation.size.sigma,
    ]
    .map(|moved| moved.powi(2))
    .iter()
    .sum();
    let deviation = (of_unit.sampling + of_rest.sampling + noise).sqrt();
    let z = (of_unit.value - of_rest.value) / deviation;
    z.is_finite().then_some(z)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insight::figure::Drawn;
    use crate::insight::size::Size;
    use crate::insight::trial::Draws;

    fn part(value: f64, sigma: f64, people: i64) -> Part {
        Part {
            drawn: Drawn { value, sigma },
            counted: Counted::Plainly,
            size: Size::new(people, 0.0, 10),
        }
    }

    #[test]
    fn by_hand() {
        // 30 of 100, and 70 of the 400 others; the prior is 20 of 100.
        let got = z(&part(30.0, 0.0, 100), &part(100.0, 0.0, 500)).unwrap();
        let delta = (50.0_f64 / 150.0).ln() - (90.0_f64 / 410.0).ln();
        let sampling: f64 = 1.0 / 50.0 + 1.0 / 150.0 + 1.0 / 90.0 + 1.0 / 410.0;
        assert!((got - delta / sampling.sqrt()).abs() < 1e-12);
        let noisy = z(&part(30.0, 3.0, 100), &part(100.0, 4.0, 500)).unwrap();
        let of_unit = 1.0 / 50.0 + 1.0 / 150.0;
        let of_rest = 1.0 / 90.0 + 1.0 / 410.0;
        let noise = (3.0_f64 * (of_unit + of_rest)).powi(2) + (4.0_f64 * of_rest).powi(2);
        assert!((noisy - delta / (sampling + noise).sqrt()).abs() < 1e-12);
        // As flags, +1 or −1: the same people.
        let flags = |with: f64, people: i64| Part {
            counted: Counted::ByFlags,
            ..part(2.0 * with - people as f64, 0.0, people)
        };
        let same = z(&flags(30.0, 100), &flags(100.0, 500)).unwrap();
        assert!((same - got).abs() < 1e-12);
    }

    #[test]
    fn without_a_rest_there_is_none() {
        let all = part(100.0, 1.0, 500);
        assert_eq!(z(&all, &all), None);
        assert_eq!(z(&part(10.0, 1.0, 600), &all), None);
        for share in [0.0, -3.0, 500.0, 700.0, f64::NAN] {
            assert_eq!(z(&part(10.0, 1.0, 100), &part(share, 1.0, 500)), None);
        }
        // More than there are, or fewer than none, are noise.
        for count in [-40.0, 140.0] {
            let got = z(&part(count, 30.0, 100), &all).unwrap();
            assert!(got.abs() < 10.0, "{got}");
        }
    }

    /// Where the unit is like the rest, |z| is above 1.96 in no more than 5 of
    /// 100 cases; nor are there hardly any (the prior draws z to 0).
    #[test]
    fn false_claims_are_rare() {
        for (unit, rest, p) in [(300, 2000, 0.4), (800, 1500, 0.1)] {
            let mut draws = Draws::new(17);
            let claimed = (0..1000).filter(|_| {
                let mut count = |people| {
                    let having = (0..people).filter(|_| draws.uniform() < p);
                    having.count() as f64
                };
                let (with, others) = (count(unit), count(rest));
                let mut part = |with, people| Part {
                    drawn: draws.drawn(with, 8.0),
                    counted: Counted::Plainly,
                    size: draws.size(people),
                };
                let (unit, all) = (part(with, unit), part(with + others, unit + rest));
                z(&unit, &all).unwrap().abs() > 1.96
            });
            let share = claimed.count() as f64 / 1000.0;
            assert!((0.005..0.06).contains(&share), "{p} {share}");
        }
    }
}
