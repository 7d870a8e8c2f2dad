//! What coaching is about, and where: the weights of the themes, with the
//! effects that are planted in them.

use super::codebook::{COMPETENCIES, Codebook, LISTED, PAIRS};
use super::rng::{Draws, scaled, systematic};
use super::sessions::EXPECTED_KEYS_PPM;

/// The theme that rises.
const RISING: &str = "working_with_ai_tools";
/// Share of coachees with the rising theme in the first and in the last
/// quarter, in millionths.
const RISES_PPM: (u64, u64) = (30_000, 90_000);
/// Base weights of the pairs, inclusive. They are close to each other, so that
/// (nearly) all themes are frequent enough to be measured in a division.
const BASE_WEIGHTS: (u64, u64) = (96, 124);
/// Weights are multiples of 1 / `UNIT` of a base weight's unit: halves are exact.
const UNIT: u64 = 100;
/// How many random orders of the competencies there are.
const ORDERS: usize = 64;

/// How much more frequent a division's over-represented themes are.
pub(super) const OVER_FACTOR: u64 = 2;
/// How much less frequent a division's under-represented theme is.
pub(super) const UNDER_DIVISOR: u64 = 2;

/// The plan of what people are coached on.
pub(super) struct World {
    pub(super) codebook: Codebook,
    /// Weight of each pair, before anything is planted.
    pub(super) base: [u64; PAIRS],
    /// Planted effects, by division.
    pub(super) planted: Vec<Planted>,
    /// The rising theme.
    pub(super) rising: usize,
    quarters: u32,
    orders: Vec<[u8; COMPETENCIES]>,
}

/// What is peculiar to a division: themes that belong to one competency each,
/// all of different competencies.
pub(super) struct Planted {
    /// Over-represented themes.
    pub(super) over: Vec<usize>,
    /// Under-represented themes.
    pub(super) under: Vec<usize>,
}

impl World {
    /// Draws a world for so many divisions and quarters.
    pub(super) fn new(
        codebook: Codebook,
        divisions: usize,
        quarters: u32,
        draws: &mut Draws,
    ) -> Self {
        let (low, high) = BASE_WEIGHTS;
        let mut base = [0; PAIRS];
        for weight in &mut base {
            *weight = UNIT * (low + draws.below(high - low + 1));
        }
        let orders = (0..ORDERS).map(|_| {
            let mut order = std::array::from_fn(|competency| competency as u8);
            draws.shuffle(&mut order);
            order
        });
        let orders = orders.collect();
        let rising = codebook
            .themes
            .iter()
            .position(|id| id == RISING)
            .unwrap_or_default();
        let mut world = Self {
            codebook,
            base,
            planted: Vec::new(),
            rising,
            quarters,
            orders,
        };
        world.plant(divisions, draws);
        world
    }

    /// Deals out the themes that divisions have more and less of: different
    /// ones everywhere, as far as there are enough.
    fn plant(&mut self, divisions: usize, draws: &mut Draws) {
        let mut deck: Vec<usize> = (0..PAIRS)
            .filter(|&pair| self.codebook.pairs_of(self.codebook.pairs[pair]).count() == 1)
            .filter(|&pair| pair / LISTED != self.rising_pair() / LISTED)
            .collect();
        draws.shuffle(&mut deck);
        for _ in 0..divisions {
            let mut taken = Vec::new();
            let mut deal = |allowed: &dyn Fn(usize) -> bool| {
                let fits = |&pair: &usize| !taken.contains(&(pair / LISTED)) && allowed(pair);
                let pair = deck.iter().copied().find(fits)?;
                taken.push(pair / LISTED);
                // To the bottom: it comes again when all others have been.
                deck.retain(|&other| other != pair);
                deck.push(pair);
                Some(self.codebook.pairs[pair])
            };
            let doubled = |pair| self.may_double(pair);
            let over = (0..2).filter_map(|_| deal(&doubled)).collect();
            let under = deal(&|_| true).into_iter().collect();
            self.planted.push(Planted { over, under });
        }
    }

    /// Whether three of five themes can still be picked in proportion to their
    /// weights when this one counts twice: no weight may be above a third.
    fn may_double(&self, pair: usize) -> bool {
        let total: u64 = self.base[Codebook::of(pair / LISTED)].iter().sum();
        3 * OVER_FACTOR * self.base[pair] <= total + (OVER_FACTOR - 1) * self.base[pair]
    }

    fn rising_pair(&self) -> usize {
        self.codebook
            .pairs_of(self.rising)
            .next()
            .unwrap_or_default()
    }

    /// Share of coachees that the rising theme is set to in a quarter (from 0),
    /// in millionths, where nothing else is planted.
    pub(super) fn rising_ppm(&self, quarter: u32) -> u64 {
        let (first, last) = RISES_PPM;
        let steps = u64::from(self.quarters.saturating_sub(1)).max(1);
        first + (last - first) * u64::from(quarter) / steps
    }

    /// What a division's people bring to coaching in a quarter (from 0).
    pub(super) fn mix(&self, division: usize, quarter: u32) -> Mix {
        let mut weights = self.base;
        let rising = self.rising_pair();
        // Share = expected keys × weight / total, solved for the weight.
        let ppm = self.rising_ppm(quarter);
        let others = self.base.iter().sum::<u64>() - self.base[rising];
        weights[rising] = others * ppm / (EXPECTED_KEYS_PPM - ppm);
        let planted = &self.planted[division];
        for &theme in &planted.over {
            self.codebook
                .pairs_of(theme)
                .for_each(|pair| weights[pair] *= OVER_FACTOR);
        }
        for &theme in &planted.under {
            self.codebook
                .pairs_of(theme)
                .for_each(|pair| weights[pair] /= UNDER_DIVISOR);
        }
        Mix { weights }
    }

    /// The two competencies that a person cares about. They are a function of
    /// the person's focus number, so that they last as long as the number.
    pub(super) fn focus(&self, mix: &Mix, number: u64) -> Vec<u8> {
        let order = &self.orders[number as usize % ORDERS];
        let start = scaled(number, mix.total());
        systematic(
            order,
            |competency| mix.of(usize::from(competency)),
            2,
            start,
        )
    }
}

/// The weights of the pairs in one division and quarter.
pub(super) struct Mix {
    weights: [u64; PAIRS],
}

impl Mix {
    /// Sum of all weights.
    pub(super) fn total(&self) -> u64 {
        self.weights.iter().sum()
    }

    /// Sum of a competency's weights.
    fn of(&self, competency: usize) -> u64 {
        self.weights[Codebook::of(competency)].iter().sum()
    }

    /// Share of people who have the competency in their focus.
    pub(super) fn focus_share(&self, competency: usize) -> f64 {
        2.0 * self.of(competency) as f64 / self.total() as f64
    }

    /// Picks `count` (1 to 3) different pairs of a competency.
    pub(super) fn agenda(&self, competency: u8, count: u64, draws: &mut Draws) -> Vec<u8> {
        let pairs = Codebook::of(usize::from(competency));
        let mut order: [u8; LISTED] = std::array::from_fn(|place| (pairs.start + place) as u8);
        draws.shuffle(&mut order);
        let start = draws.below(self.of(usize::from(competency)));
        systematic(&order, |pair| self.weights[usize::from(pair)], count, start)
    }

    /// Expected share of coachees with the pair, in millionths.
    ///
    /// Competencies are picked in proportion to the sums of their weights, and
    /// pairs within them in proportion to theirs, both exactly; how many are
    /// picked depends on nothing of this. So the share is proportional to the
    /// pair's weight, and all shares add up to the expected number of keys.
    pub(super) fn expected_ppm(&self, pair: usize) -> u64 {
        EXPECTED_KEYS_PPM * self.weights[pair] / self.total()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_theme_is_too_heavy_to_be_picked_in_proportion() {
        for seed in 0..200 {
            let world = World::new(Codebook::built_in(), 8, 5, &mut Draws::new(seed, 0));
            for (division, quarter) in (0..8).flat_map(|d| (0..5).map(move |q| (d, q))) {
                let mix = world.mix(division, quarter);
                for pair in 0..PAIRS {
                    let of = mix.of(pair / LISTED);
                    assert!(3 * mix.weights[pair] <= of && 2 * of <= mix.total());
                }
            }
            let full = |planted: &Planted| planted.over.len() == 2 && planted.under.len() == 1;
            assert!(world.planted.iter().all(full));
        }
    }
}
