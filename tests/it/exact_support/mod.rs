//! What the tests against exact counts share: a brute force, projects to run
//! it on, and what was published.

pub(crate) mod assessed;
pub(crate) mod brute;
pub(crate) mod draws;
pub(crate) mod everything;
pub(crate) mod measured;
pub(crate) mod people;
pub(crate) mod project;
pub(crate) mod published;
pub(crate) mod sums;
pub(crate) mod table;
pub(crate) mod truth;
pub(crate) mod visible;

pub(crate) use brute::Brute;
pub(crate) use project::{Sample, Settings};
pub(crate) use published::{Manifest, Row, facts};
pub(crate) use table::Table;
pub(crate) use truth::Truth;

/// The project secret of all tests here: bounding depends on it, noise does not.
pub(crate) const SECRET: [u8; 32] = *b"a secret that only tests may use";

/// A fixed sequence of numbers: cases must not change from run to run.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0xD1B5_4A32_D192_ED03)
    }

    /// Below `sides`.
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) % sides as u64) as usize
    }

    /// Once in so many.
    pub(crate) fn one_in(&mut self, sides: usize) -> bool {
        self.roll(sides) == 0
    }

    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.roll(items.len())]
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.roll(last + 1));
        }
    }
}
