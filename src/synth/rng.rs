//! Seeded draws: integers only, so that a seed means the same on any machine.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A stream of random draws.
pub(crate) struct Draws(ChaCha8Rng);

impl Draws {
    /// The stream number `stream` of a seed; streams are independent, so that
    /// a change in one part of the world leaves the others as they were.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        // The key is laid out here because `seed_from_u64` may be expanded
        // differently by another version of the library.
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(stream);
        Self(rng)
    }

    /// 64 random bits.
    pub(crate) fn word(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number in `0..end`; `end` above 0. Its bias is at most end / 2^64.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        scaled(self.word(), end)
    }

    /// True with `numerator` chances in `denominator`.
    pub(crate) fn chance(&mut self, numerator: u64, denominator: u64) -> bool {
        self.below(denominator) < numerator
    }

    /// An index, drawn in proportion to the weights; their sum is above 0.
    pub(super) fn weighted(&mut self, weights: &[u64]) -> usize {
        let mut left = self.below(weights.iter().sum());
        for (index, &weight) in weights.iter().enumerate() {
            if left < weight {
                return index;
            }
            left -= weight;
        }
        unreachable!("a draw lies below the sum of the weights")
    }

    /// Puts the items into random order.
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.below(last as u64 + 1) as usize;
            items.swap(last, other);
        }
    }
}

/// Maps 64 random bits onto `0..end`.
pub(super) fn scaled(word: u64, end: u64) -> u64 {
    ((u128::from(word) * u128::from(end)) >> 64) as u64
}

/// Systematic sampling: `picks` different items of `order`, such that item i
/// is among them with probability exactly `picks × weight(i) / total`, where
/// `start` is uniform in `0..total` and `total` is the sum of the weights.
///
/// Holds where `picks × weight(i) ≤ total`; an item beyond that is always
/// picked, and then fewer than `picks` items may come back.
pub(super) fn systematic(
    order: &[u8],
    weight: impl Fn(u8) -> u64,
    picks: u64,
    start: u64,
) -> Vec<u8> {
    let total: u64 = order.iter().map(|&item| weight(item)).sum();
    let mut picked = Vec::with_capacity(picks as usize);
    let (mut point, mut sum) = (start, 0);
    for &item in order {
        sum += picks * weight(item);
        if point < sum {
            picked.push(item);
        }
        while point < sum {
            point += total;
        }
    }
    picked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systematic_sampling_meets_its_probabilities_exactly() {
        let weights = [5, 3, 6, 4, 2];
        for picks in 1..=3 {
            let mut times = [0_u64; 5];
            for start in 0..20 {
                let picked =
                    systematic(&[3, 0, 4, 1, 2], |i| weights[usize::from(i)], picks, start);
                assert_eq!(picked.len() as u64, picks);
                for i in picked {
                    times[usize::from(i)] += 1;
                }
            }
            assert_eq!(times, weights.map(|weight| picks * weight));
        }
    }

    #[test]
    fn draws_stay_in_range_and_streams_differ() {
        let mut draws = Draws::new(1, 0);
        assert!((0..1000).all(|_| draws.below(7) < 7 && draws.weighted(&[0, 2, 0, 1]) % 2 == 1));
        assert_ne!(Draws::new(1, 0).word(), Draws::new(1, 1).word());
        assert_ne!(Draws::new(1, 0).word(), Draws::new(2, 0).word());
    }
}
