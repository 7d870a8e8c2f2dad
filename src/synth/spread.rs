//! Bell-shaped draws of whole numbers, whose probabilities are known exactly.

use super::rng::Draws;

/// A sum of uniform draws around 0: a bell of whole numbers.
#[derive(Clone, Copy)]
pub(super) struct Spread {
    /// How many draws are added.
    terms: u32,
    /// Each is one of so many numbers; odd, or an even number of terms.
    values: u32,
}

impl Spread {
    pub(super) const fn new(terms: u32, values: u32) -> Self {
        Self { terms, values }
    }

    /// How far a draw may be from 0.
    pub(super) const fn reach(self) -> i32 {
        (self.terms * (self.values - 1) / 2) as i32
    }

    /// Standard deviation of a draw.
    pub(super) fn deviation(self) -> f64 {
        let values = f64::from(self.values);
        (f64::from(self.terms) * (values * values - 1.0) / 12.0).sqrt()
    }

    pub(super) fn draw(self, draws: &mut Draws) -> i32 {
        let sum: u64 = (0..self.terms)
            .map(|_| draws.below(u64::from(self.values)))
            .sum();
        sum as i32 - self.reach()
    }

    /// The probabilities of what may be drawn.
    pub(super) fn chances(self) -> Chances {
        let term = Chances {
            low: 0,
            shares: vec![1.0 / f64::from(self.values); self.values as usize],
        };
        let sum = (1..self.terms).fold(term.clone(), |sum, _| sum.plus(&term));
        Chances {
            low: -self.reach(),
            ..sum
        }
    }
}

/// Probabilities of successive whole numbers.
#[derive(Clone)]
pub(super) struct Chances {
    low: i32,
    shares: Vec<f64>,
}

impl Chances {
    /// Probabilities of `first`, and the numbers after it.
    pub(super) fn new(first: i32, shares: Vec<f64>) -> Self {
        Self { low: first, shares }
    }

    /// Those of the sum of two independent draws.
    pub(super) fn plus(&self, other: &Self) -> Self {
        let mut shares = vec![0.0; self.shares.len() + other.shares.len() - 1];
        for (place, share) in self.shares.iter().enumerate() {
            for (further, also) in other.shares.iter().enumerate() {
                shares[place + further] += share * also;
            }
        }
        Self {
            low: self.low + other.low,
            shares,
        }
    }

    /// Every number with its probability.
    pub(super) fn each(&self) -> impl Iterator<Item = (i32, f64)> {
        (self.low..).zip(self.shares.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_have_the_probabilities_that_are_claimed() {
        let spread = Spread::new(3, 5);
        let chances = spread.chances();
        let total: f64 = chances.each().map(|(_, share)| share).sum();
        let mean: f64 = chances.each().map(|(x, share)| f64::from(x) * share).sum();
        let square = |(x, share): (i32, f64)| f64::from(x).powi(2) * share;
        let variance: f64 = chances.each().map(square).sum();
        assert!((total - 1.0).abs() < 1e-12 && mean.abs() < 1e-12);
        assert!((variance.sqrt() - spread.deviation()).abs() < 1e-12);
        let mut draws = Draws::new(1, 0);
        let mut seen = [0_u32; 13];
        for _ in 0..20_000 {
            seen[(spread.draw(&mut draws) + spread.reach()) as usize] += 1;
        }
        // Pearson's statistic: 12 degrees of freedom, one false alarm in 10^6.
        let distance = chances.each().zip(seen).map(|((_, share), seen)| {
            let due = 20_000.0 * share;
            (f64::from(seen) - due).powi(2) / due
        });
        let distance: f64 = distance.sum();
        assert!(distance < 51.0, "{distance}");
    }
}
