//! How far the parts of a total are like it: what a small unit's numbers borrow
//! from its siblings'.
//!
//! A department of 60 people in which noise of 9 is on every theme is told little by
//! its own numbers; that it is a part of a division, in which 5 of 100 have a theme,
//! tells more. So the numbers of people on a line are not taken for what they are
//! alone, but as the area model of small-area estimation has it (Fay and Herriot
//! 1979; of counts: Ghosh and Rao 1994): of a line's total with share p, a part of n
//! people has
//!
//! ```text
//! μ = n·p  ± √(n·p(1 − p)·(1 + φ·n))
//! ```
//!
//! The first is what chance makes of n people who are like all others; φ, the
//! dispersion, is how unlike the parts are. It is one number for all keys and units
//! of a level, and estimated from the released numbers: with e the distance of a
//! part's unbiased number from its part of the total's, and A what noise and chance
//! make of its square,
//!
//! ```text
//! φ = Σ B(e² − A)/T² ÷ Σ B²/T²,  B = n²p(1 − p)(1 − n/N),  T = A + φB
//! ```
//!
//! (by weighted moments, as in meta-analysis), and its standard error more,
//! √(2/Σ B²/T²), so that few numbers do not pull. The best estimate is then in
//! between the number and μ, by how much is noise; but never further from the
//! number than one standard deviation of its noise, so that whoever is unlike
//! everybody else is not made like them (limited translation: Efron and Morris
//! 1972). What is then needed to add up to the total may move it a little more.
//!
//! Intervals know nothing of this: they are made around the unbiased numbers.

use std::collections::HashMap;

use lodestar_consistency::{Forest, Weights};

/// Rounds after which φ stands still, nearly.
const ROUNDS: usize = 4;

/// Most standard deviations of its noise that a number is moved by.
const FURTHEST: f64 = 1.0;

/// Numbers of people, with what is known of them.
pub(super) struct People<'a> {
    pub(super) forest: &'a Forest,
    pub(super) weights: &'a Weights,
    /// Fitted sizes.
    pub(super) sizes: &'a [i64],
    /// People in one unit of what was measured.
    pub(super) scale: f64,
}

impl People<'_> {
    /// Variance of what is known from below.
    pub(super) fn below(&self, at: usize) -> f64 {
        self.weights.below(at) * self.scale.powi(2)
    }

    /// Variance of the unbiased number.
    fn variance(&self, at: usize) -> f64 {
        self.weights.variance(at) * self.scale.powi(2)
    }

    fn size(&self, at: usize) -> f64 {
        self.sizes[at] as f64
    }
}

/// Parts of what is above, or of what is at the same level.
type Kind = (u32, bool);

/// How unlike each other the parts of totals are.
#[derive(Clone, Debug, Default)]
pub(super) struct Pooling(HashMap<Kind, f64>);

/// What noise and chance make of a squared distance, what dispersion does, and
/// the square.
struct Square {
    chance: f64,
    dispersion: f64,
    found: f64,
}

impl Pooling {
    /// From unbiased numbers of people by cohort and key.
    pub(super) fn new(
        people: &People<'_>,
        keys: usize,
        number: impl Fn(usize, usize) -> f64,
    ) -> Self {
        let mut squares: HashMap<Kind, Vec<Square>> = HashMap::new();
        for total in people.forest.downwards() {
            let lines = people.forest.lines(total).iter();
            for line in lines.filter(|line| people.weights.is_whole(line)) {
                let kind = kind(people.forest, total, line[0]);
                let all = squares.entry(kind).or_default();
                for key in 0..keys {
                    let whole = number(total, key);
                    let numbers = line.iter().map(|&one| (one, number(one, key)));
                    all.extend(distances(people, (total, whole), line, numbers));
                }
            }
        }
        let dispersions = squares.into_iter();
        let dispersions = dispersions.filter_map(|(kind, all)| Some((kind, dispersion(&all)?)));
        Self(dispersions.collect())
    }

    /// The estimate and its variance of a part that is known to be `number`, of a
    /// total with so many people of its own.
    pub(super) fn pull(
        &self,
        people: &People<'_>,
        (total, count): (usize, i64),
        one: usize,
        number: f64,
    ) -> (f64, f64) {
        let noise = people.below(one);
        let (size, whole) = (people.size(one), people.size(total));
        let share = (count as f64 / whole).clamp(0.0, 1.0);
        let dispersion = self.0.get(&kind(people.forest, total, one));
        let Some(dispersion) = dispersion.filter(|_| whole > 0.0) else {
            return (number, noise);
        };
        let spread = size * share * (1.0 - share) * (1.0 + dispersion * size);
        // 0 of 0: exact, and a part of nothing.
        let own = if noise > 0.0 {
            spread / (spread + noise)
        } else {
            1.0
        };
        let furthest = FURTHEST * people.variance(one).sqrt();
        let moved = (1.0 - own) * (size * share - number);
        (number + moved.clamp(-furthest, furthest), own * noise)
    }
}

fn kind(forest: &Forest, total: usize, one: usize) -> Kind {
    let level = forest.level(one);
    (level, level == forest.level(total))
}

/// Of the parts of one line, of one key.
fn distances(
    people: &People<'_>,
    (total, whole): (usize, f64),
    line: &[usize],
    numbers: impl Iterator<Item = (usize, f64)>,
) -> impl Iterator<Item = Square> {
    let size = people.size(total);
    let sum: f64 = line.iter().map(|&one| people.below(one)).sum();
    let share = whole / size;
    // Of what nobody or everybody has nothing is known of its spread.
    let is_told = line.len() > 1 && size > 0.0 && share > 0.0 && share < 1.0 && sum > 0.0;
    let spread = share * (1.0 - share);
    numbers.filter(move |_| is_told).map(move |(one, number)| {
        let (n, part) = (people.size(one), people.size(one) / size);
        let below = people.below(one);
        let noise =
            below * (1.0 - below / sum) + (below / sum - part).powi(2) * people.variance(total);
        let chance = n * spread * (1.0 - part);
        Square {
            chance: noise + chance,
            dispersion: n * chance,
            found: (number - n * share).powi(2),
        }
    })
}

/// φ and its standard error, added up; nothing where there is nothing to tell it.
fn dispersion(all: &[Square]) -> Option<f64> {
    let (mut dispersion, mut information) = (0.0, 0.0);
    for _ in 0..ROUNDS {
        let weighted = all.iter().filter(|one| one.dispersion > 0.0).map(|one| {
            let weight = one.dispersion / (one.chance + dispersion * one.dispersion).powi(2);
            let excess = one.found - one.chance;
            (weight * excess, weight * one.dispersion)
        });
        let sums = weighted.fold((0.0, 0.0), |sums, one| (sums.0 + one.0, sums.1 + one.1));
        information = sums.1;
        if information <= 0.0 {
            return None;
        }
        dispersion = (sums.0 / information).max(0.0);
    }
    Some(dispersion + (2.0 / information).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insight::trial::Draws;

    /// Units of a total, with what is true of them by key, as it was measured.
    struct World {
        forest: Forest,
        weights: Weights,
        sizes: Vec<i64>,
        truth: Vec<Vec<f64>>,
        numbers: Vec<Vec<f64>>,
    }

    const PEOPLE: i64 = 400;
    const UNITS: usize = 12;
    const NOISE: f64 = 9.0;

    /// Of units of which each is unlike the others by `dispersion`, in so many keys.
    fn world(draws: &mut Draws, keys: usize, dispersion: f64) -> World {
        let levels = std::iter::once(0).chain((0..UNITS).map(|_| 1));
        let totals = std::iter::once(None).chain((0..UNITS).map(|_| Some((0, 0))));
        let forest = Forest::new(levels, totals);
        let weights = Weights::new(&forest, &[NOISE.powi(2); UNITS + 1]);
        let sizes = std::iter::once(PEOPLE * UNITS as i64);
        let sizes = sizes.chain(std::iter::repeat_n(PEOPLE, UNITS)).collect();
        let (mut truth, mut numbers) = (Vec::new(), Vec::new());
        for key in 0..keys {
            let share = 0.02 + 0.3 * key as f64 / keys as f64;
            let n = PEOPLE as f64;
            let spread = n * share * (1.0 - share) * (1.0 + dispersion * n);
            let parts = (0..UNITS).map(|_| n * share + spread.sqrt() * draws.normal());
            let parts: Vec<f64> = parts.collect();
            let mut all = vec![parts.iter().sum()];
            all.extend(parts);
            let noisy = all.iter().map(|x| x + NOISE * draws.normal());
            let mut noisy: Vec<f64> = noisy.collect();
            weights.combine(&forest, &mut noisy, 1);
            truth.push(all);
            numbers.push(noisy);
        }
        World {
            forest,
            weights,
            sizes,
            truth,
            numbers,
        }
    }

    impl World {
        fn people(&self) -> People<'_> {
            People {
                forest: &self.forest,
                weights: &self.weights,
                sizes: &self.sizes,
                scale: 1.0,
            }
        }

        fn pooling(&self) -> Pooling {
            Pooling::new(&self.people(), self.numbers.len(), |at, key| {
                self.numbers[key][at]
            })
        }

        /// Mean squared errors of parts: unbiased, and pulled.
        fn errors(&self) -> [f64; 2] {
            let pooling = self.pooling();
            let mut sums = [0.0; 2];
            for (truth, numbers) in self.truth.iter().zip(&self.numbers) {
                let total = (0, numbers[0].round() as i64);
                for at in 1..=UNITS {
                    let (pulled, _) = pooling.pull(&self.people(), total, at, numbers[at]);
                    sums[0] += (numbers[at] - truth[at]).powi(2);
                    sums[1] += (pulled - truth[at]).powi(2);
                }
            }
            sums.map(|sum| sum / (UNITS * self.truth.len()) as f64)
        }
    }

    #[test]
    fn by_hand() {
        // Two units of a total that was not measured.
        let forest = Forest::new(
            [0, 1, 1].into_iter(),
            [None, Some((0, 0)), Some((0, 0))].into_iter(),
        );
        let weights = Weights::new(&forest, &[f64::INFINITY, 144.0, 144.0]);
        let people = People {
            forest: &forest,
            weights: &weights,
            sizes: &[200, 100, 100],
            // Flags: two units are one person.
            scale: 0.5,
        };
        let pooling = Pooling(HashMap::from([((1, false), 0.01)]));
        // 10 of 100 are expected, with a variance of 9·(1 + 1): half of the noise's.
        let (estimate, variance) = pooling.pull(&people, (0, 20), 1, 13.0);
        assert!((estimate - 11.0).abs() < 1e-12 && (variance - 12.0).abs() < 1e-12);
        // Never by more than one σ.
        for (number, moved) in [(40.0, -6.0), (-20.0, 6.0)] {
            let (estimate, _) = pooling.pull(&people, (0, 20), 1, number);
            assert!((estimate - number - moved).abs() < 1e-12);
        }
        // Nobody of the total has it, or nothing is known of how unlike they are.
        assert!((pooling.pull(&people, (0, 0), 1, 3.0).0).abs() < 1e-12);
        let unknown = Pooling::default();
        assert_eq!(unknown.pull(&people, (0, 20), 1, 13.0), (13.0, 36.0));
    }

    /// What the parts were made with is found, and a little more.
    #[test]
    fn dispersion_is_found() {
        let mut draws = Draws::new(3);
        for planted in [0.0, 0.001, 0.01] {
            let world = world(&mut draws, 400, planted);
            let found = world.pooling().0[&(1, false)];
            let noise = NOISE.powi(2) / (400.0 * 0.17 * 0.83 * 400.0);
            let chance = planted + noise + 1.0 / 400.0;
            let error = chance * (2.0 / (400.0 * UNITS as f64)).sqrt();
            assert!(
                (found - planted - error).abs() < 4.0 * error,
                "{planted} {found} {error}"
            );
        }
    }

    /// Numbers are nearer to the truth, much so where units are alike; where they
    /// are not, or there is one key to tell, not worse.
    #[test]
    fn errors_fall() {
        let mut draws = Draws::new(5);
        for (keys, dispersion, most) in [(200, 0.0, 0.5), (200, 0.002, 0.75), (200, 0.05, 1.0)] {
            let [unbiased, pulled] = world(&mut draws, keys, dispersion).errors();
            assert!(pulled < most * unbiased, "{dispersion} {unbiased} {pulled}");
        }
        let ones = (0..300).map(|_| world(&mut draws, 1, 0.002).errors());
        let sums = ones.fold([0.0; 2], |sums, one| [sums[0] + one[0], sums[1] + one[1]]);
        assert!(sums[1] < sums[0], "{sums:?}");
    }

    /// Of one unit that is unlike all others the error grows, but by no more than
    /// one σ of noise that is left.
    #[test]
    fn who_is_unlike_all_stays_so() {
        let mut draws = Draws::new(9);
        let mut world = world(&mut draws, 100, 0.0);
        for (truth, numbers) in world.truth.iter_mut().zip(&mut world.numbers) {
            for all in [truth, numbers] {
                all[0] += 150.0;
                all[1] += 150.0;
            }
        }
        let (people, pooling) = (world.people(), world.pooling());
        let sigma = people.variance(1).sqrt();
        let all = world.truth.iter().zip(&world.numbers);
        let errors = all.map(|(truth, numbers)| {
            let total = (0, numbers[0].round() as i64);
            pooling.pull(&people, total, 1, numbers[1]).0 - truth[1]
        });
        let errors: Vec<f64> = errors.collect();
        let mean = errors.iter().sum::<f64>() / errors.len() as f64;
        let square = errors.iter().map(|x| x * x).sum::<f64>() / errors.len() as f64;
        assert!(mean < 0.0 && mean > -1.3 * sigma, "{mean} {sigma}");
        assert!(square < 2.3 * sigma.powi(2), "{square} {sigma}");
    }
}
