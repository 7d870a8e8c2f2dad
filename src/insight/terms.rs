//! Terms that were found: how much more of what is counted in a competency they are than
//! of what is counted anywhere.
//!
//! With a the people of a term in a competency, A the sum of those of all terms there, b
//! the people of the term anywhere, and B the sum of those of the same terms, of those
//! alone whose numbers are both shown: of sums of others what is hidden would follow:
//!
//! ```text
//! lift  L = a/e,  e = b·A/B
//!       ± z·√(V_a + L²·e²·(V_b/b² + V_A/A² + V_B/B²) + max(a, e)·(1 − A/B)) / e
//! ```
//!
//! by the delta method, as b, A and B are well away from 0. V is the variance of the
//! noise. Of the b people some are in the competency, as many as of any other term if the
//! term is not peculiar to it: e, sampled without being replaced. Comparative; kept at or
//! above 0 at the end. As with [`lift`](super::lift), whether it is shown is never asked
//! of a.

use std::collections::HashMap;

use lodestar_privacy::public::{ANYWHERE, Block};

use super::figure::{Drawn, Figure};
use super::interval::{Estimate, z};
use super::status::{Status, stands_out};
use super::view::View;

/// What is counted of all terms.
pub(super) struct Terms<'a> {
    block: &'a Block,
    /// By section: the sum of all of its terms there, and of the same anywhere.
    sums: HashMap<&'a str, [Drawn; 2]>,
    /// By term: the number anywhere.
    anywhere: HashMap<&'a str, Drawn>,
}

impl<'a> Terms<'a> {
    /// `view` gives the numbers of a key; below k they are not shown.
    pub(super) fn new(block: &'a Block, k: u32, view: impl Fn(usize) -> Option<View<'a>>) -> Self {
        let keys = block.keys.iter().enumerate();
        let keys = keys.filter_map(|(at, key)| match &key[..] {
            [section, term] => {
                let view = view(at).filter(|view| is_shown(view, k))?;
                Some((section.id.as_str(), term.id.as_str(), view.drawn(0)))
            }
            _ => None,
        });
        let keys: Vec<(&str, &str, Drawn)> = keys.collect();
        let whole = keys.iter().filter(|(section, ..)| *section == ANYWHERE);
        let anywhere: HashMap<&str, Drawn> =
            whole.map(|(_, term, drawn)| (*term, *drawn)).collect();
        let mut sums: HashMap<&str, [Drawn; 2]> = HashMap::new();
        for (section, term, drawn) in keys {
            let Some(whole) = anywhere.get(term) else {
                continue;
            };
            let sums = sums.entry(section).or_insert([NOTHING; 2]);
            for (sum, one) in sums.iter_mut().zip([drawn, *whole]) {
                sum.value += one.value;
                sum.sigma = sum.sigma.hypot(one.sigma);
            }
        }
        Self {
            block,
            sums,
            anywhere,
        }
    }

    /// The lift of a key, of a term in a section; `None`: it is of a term anywhere.
    pub(super) fn lift(&self, key: usize, own: &View<'_>, widest: f64) -> Option<Figure> {
        let [section, term] = &self.block.keys[key][..] else {
            return None;
        };
        if section.id == ANYWHERE {
            return None;
        }
        let whole = self.anywhere.get(term.id.as_str());
        let sums = self.sums.get(section.id.as_str());
        let figure = whole
            .zip(sums)
            .map(|(whole, [here, all])| lift(own.drawn(0), *here, *whole, *all, widest));
        Some(figure.unwrap_or(Figure::absent(Status::CohortMissing)))
    }
}

/// Whether a number of people is shown, as far as k has a say.
fn is_shown(view: &View<'_>, k: u32) -> bool {
    view.count(0) >= i64::from(k)
}

const NOTHING: Drawn = Drawn {
    value: 0.0,
    sigma: 0.0,
};

/// Too uncertain where b, A or B do not stand out from their noise, and where that of a
/// alone makes the half-width, at a lift of 1, wider than `widest`.
fn lift(term: Drawn, here: Drawn, anywhere: Drawn, all: Drawn, widest: f64) -> Figure {
    let expected = anywhere.value * here.value / all.value;
    let sure = [anywhere, here, all]
        .iter()
        .all(|one| stands_out(one.value, one.sigma) && one.value > 0.0)
        && z() * term.sigma <= widest * expected;
    if !sure {
        return Figure::absent(Status::TooUncertain);
    }
    let times = term.value / expected;
    let relative = |one: Drawn| (one.sigma / one.value).powi(2);
    let others = relative(anywhere) + relative(here) + relative(all);
    let noise = term.sigma.powi(2) + term.value.powi(2) * others;
    let part = (here.value / all.value).min(1.0);
    let sampling = term.value.max(expected) * (1.0 - part);
    let deviation = (noise + sampling).sqrt() / expected;
    Figure {
        unmasked: Estimate::around(times, deviation, 0.0, f64::MAX),
        status: Status::Ok,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insight::trial::{Draws, covered};

    /// A competency with a quarter of what is counted; a term that somebody says there
    /// `times` as often as elsewhere, with noise.
    fn trial(draws: &mut Draws, times: f64, sigma: f64) -> Estimate {
        let part = times * 0.25;
        let here = (0..800).filter(|_| draws.uniform() < part).count() as f64;
        let term = draws.drawn(here, sigma);
        let anywhere = draws.drawn(800.0, sigma);
        let sums = [10_000.0, 40_000.0].map(|sum| draws.drawn(sum, 10.0 * sigma));
        let got = lift(term, sums[0], anywhere, sums[1], 2.0);
        assert_eq!(got.status, Status::Ok);
        got.unmasked
    }

    #[test]
    fn intervals_hold_the_lift_as_often_as_they_say() {
        for times in [0.5, 1.0, 2.0] {
            for sigma in [1.0, 20.0] {
                let held = covered(2_000, 1.0, times, |draws| trial(draws, times, sigma));
                // A term of which less is here varies less than e does, by which it is judged.
                assert!((0.93..=0.995).contains(&held), "{times} {sigma}: {held}");
            }
        }
        let too_sure = covered(2_000, 0.5, 1.0, |draws| trial(draws, 1.0, 60.0));
        assert!(too_sure < 0.9, "{too_sure}");
    }

    #[test]
    fn what_does_not_stand_out_has_none() {
        let drawn = |value: f64, sigma: f64| Drawn { value, sigma };
        let of = |term, anywhere, widest| {
            lift(
                drawn(term, 20.0),
                drawn(1e4, 50.0),
                drawn(anywhere, 20.0),
                drawn(4e4, 90.0),
                widest,
            )
        };
        assert_eq!(of(40.0, 400.0, 1.0).status, Status::Ok);
        assert_eq!(of(400.0, 70.0, 1.0).status, Status::TooUncertain);
        assert_eq!(of(400.0, 400.0, 0.1).status, Status::TooUncertain);
        let low = of(-90.0, 400.0, 1.0).unmasked;
        assert!(low.low >= 0.0 && low.value >= 0.0, "{low:?}");
    }
}
