//! For tests: seeded people and noise, and how often an interval holds.

use super::figure::Drawn;
use super::interval::Estimate;
use super::size::Size;

/// Noise of a released size.
pub(super) const SIGMA_SIZE: f64 = 4.0;

/// Draws that are the same in every run: xorshift, which is good enough for
/// counting how often something holds, and fast without optimisation.
pub(crate) struct Draws {
    state: u64,
    /// The other one of a pair of normal draws.
    spare: Option<f64>,
    /// What σ is said to be, in multiples of what it is.
    stated: f64,
}

impl Draws {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            state: 0x9E37_79B9_7F4A_7C15 ^ seed,
            spare: None,
            stated: 1.0,
        }
    }

    /// In (0, 1).
    pub(crate) fn uniform(&mut self) -> f64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        ((self.state >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Standard normal, by Box and Muller.
    pub(crate) fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        let (sin, cos) = (std::f64::consts::TAU * self.uniform()).sin_cos();
        self.spare = Some(radius * sin);
        radius * cos
    }

    /// A sum as it is released.
    pub(super) fn drawn(&mut self, sum: f64, sigma: f64) -> Drawn {
        Drawn {
            value: sum + sigma * self.normal(),
            sigma: sigma * self.stated,
        }
    }

    /// A size as it is released.
    pub(super) fn size(&mut self, people: usize) -> Size {
        let noisy = people as i64 + (SIGMA_SIZE * self.normal()).round() as i64;
        Size::new(noisy, SIGMA_SIZE * self.stated, 10)
    }
}

/// How often, in so many trials, the interval holds the truth, when σ is stated
/// `stated` times as large as it is.
pub(super) fn covered(
    rounds: u32,
    stated: f64,
    truth: f64,
    mut trial: impl FnMut(&mut Draws) -> Estimate,
) -> f64 {
    let mut draws = Draws::new(7);
    draws.stated = stated;
    let held = (0..rounds).filter(|_| trial(&mut draws).holds(truth));
    held.count() as f64 / f64::from(rounds)
}

mod tests {
    use jiff::ToSpan as _;
    use jiff::civil::date;
    use proptest::prelude::*;

    use crate::insight::moments::{Bounds, Group};
    use crate::insight::pace::{Point, pace};
    use crate::insight::share::{Counted, Part};
    use crate::insight::{Drawn, Estimate, Figure, Size};
    use crate::insight::{change, difference, effect, lift, log_odds};

    fn drawn() -> impl Strategy<Value = Drawn> {
        let sigma = prop_oneof![0.0..50.0, proptest::num::f64::ANY];
        let value = prop_oneof![-500.0..500.0, -1e18..1e18];
        (value, sigma).prop_map(|(value, sigma)| Drawn { value, sigma })
    }

    fn size() -> impl Strategy<Value = Size> {
        let sigma = prop_oneof![0.0..50.0, proptest::num::f64::ANY];
        let noisy = prop_oneof![-100..2000_i64, any::<i64>()];
        (noisy, sigma, 0..20_u32).prop_map(|(noisy, sigma, k)| Size::new(noisy, sigma, k))
    }

    fn group() -> impl Strategy<Value = Group> {
        let parts = (size(), drawn(), drawn(), 0.0..2.0);
        parts.prop_map(|(size, sum, squares, step)| Group {
            bounds: Bounds {
                low: 1.0,
                high: 5.0,
                step,
            },
            size,
            sum,
            squares,
        })
    }

    fn part() -> impl Strategy<Value = Part> {
        let counted = prop_oneof![Just(Counted::Plainly), Just(Counted::ByFlags)];
        (drawn(), counted, size()).prop_map(|(drawn, counted, size)| Part {
            drawn,
            counted,
            size,
        })
    }

    fn is_a_number(figure: Figure) -> bool {
        let Estimate { value, low, high } = figure.unmasked;
        value.is_finite() && low.is_finite() && high.is_finite() && low <= value && value <= high
    }

    proptest! {
        #[test]
        fn of_groups_nothing_is_ever_not_a_number(
            groups in [group(), group()],
            clusters in proptest::collection::vec((size(), drawn()), 0..5),
            weight in proptest::num::f64::ANY,
        ) {
            let [one, other] = &groups;
            prop_assert!(is_a_number(difference::difference(Some(one), Some(other), 1.0)));
            let clusters: Vec<_> = clusters
                .into_iter()
                .map(|(size, sum)| effect::Cluster { size, sum })
                .collect();
            let pilot = effect::Arm::of_units(one, &clusters);
            let comparison = effect::Arm::of_people(other);
            prop_assert!(is_a_number(effect::effect(pilot, Some(comparison), 1.0)));
            if let Some(pilot) = pilot {
                let cells = [1.0, weight].map(|weight| effect::Cell { weight, pilot, comparison });
                prop_assert!(is_a_number(effect::average(&cells, 1.0)));
            }
        }

        #[test]
        fn of_shares_nothing_is_ever_not_a_number(
            parts in proptest::collection::vec(part(), 2..6),
            target in proptest::num::f64::ANY,
        ) {
            let (one, other) = (&parts[0], &parts[1]);
            let got = change::change(one, Some(other), 0.5);
            prop_assert!(is_a_number(got.figure));
            prop_assert!(got.z.is_none_or(f64::is_finite), "{got:?}");
            prop_assert!(is_a_number(lift::lift(one, other, 1.0)));
            prop_assert!(log_odds::z(one, other).is_none_or(f64::is_finite));
            let share = one.comparative();
            prop_assert!((0.0..=1.0).contains(&share.low) && share.holds(share.value));
            let points: Vec<Point> = parts
                .iter()
                .zip(0_i64..)
                .map(|(&part, at)| Point { end: date(2024, 6, 30) + (182 * at).days(), part })
                .collect();
            let got = pace(&points, target, 0.5);
            prop_assert!(is_a_number(got.per_year));
            if let Some(reached) = got.reached_by {
                prop_assert!(reached.low <= reached.date && reached.date <= reached.high);
            }
        }
    }
}
