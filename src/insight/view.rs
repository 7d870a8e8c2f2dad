//! What was drawn of one cohort, for one key.

use lodestar_privacy::public::{Block, Classes, Paired, Rule, Scale, Spread};

use super::figure::Drawn;
use super::mean;
use super::moments::{Bounds, Group};
use super::paired::Pairs;
use super::share::{Counted, Part};
use super::size::Size;

/// The coordinates of a cohort and key, with their noise, and its size.
#[derive(Clone, Copy, Debug)]
pub(super) struct View<'a> {
    pub(super) block: &'a Block,
    /// Unbiased estimates, in units of their factors.
    pub(super) coordinates: &'a [f64],
    /// Of coordinates that count people: a whole number of them that adds up
    /// over the org tree.
    pub(super) counts: &'a [i64],
    /// Standard deviation of the noise on every coordinate.
    pub(super) sigma: f64,
    pub(super) size: Size,
}

impl View<'_> {
    /// A coordinate in units of its factor.
    pub(super) fn drawn(&self, place: usize) -> Drawn {
        let factor = f64::from(self.block.coordinates[place].factor);
        Drawn {
            value: self.coordinates.get(place).copied().unwrap_or_default() / factor,
            sigma: self.sigma / factor,
        }
    }

    /// The people that a coordinate counts.
    pub(super) fn count(&self, place: usize) -> i64 {
        self.counts.get(place).copied().unwrap_or_default()
    }

    /// How people are counted in a coordinate.
    pub(super) fn counted(&self, place: usize) -> Counted {
        counted(self.block, place)
    }

    /// The people that a flag holds for, or who have the key.
    pub(super) fn part(&self, place: usize) -> Part {
        Part {
            drawn: self.drawn(place),
            counted: self.counted(place),
            size: self.size,
        }
    }

    /// The cohort as a group of people with a value each.
    pub(super) fn group(&self, spread: &Spread) -> Group {
        Group {
            bounds: bounds(spread.scale),
            size: self.size,
            sum: self.drawn(spread.of),
            squares: self.drawn(spread.square),
        }
    }

    /// The cohort as people with two values each.
    pub(super) fn pairs(&self, paired: &Paired) -> Pairs {
        Pairs {
            bounds: bounds(paired.scale),
            size: self.size,
            baseline: self.drawn(paired.baseline),
            follow_up: self.drawn(paired.follow_up),
            squares: self.drawn(paired.square),
            products: self.drawn(paired.product),
        }
    }
}

pub(super) fn bounds(
    Scale {
        low, high, step, ..
    }: Scale,
) -> Bounds {
    Bounds { low, high, step }
}

/// A value's scale, as a mean is made on it.
pub(super) fn centred(Scale { low, high, .. }: Scale) -> mean::Scale {
    mean::Scale {
        low,
        high,
        centred: true,
    }
}

pub(super) fn counted(block: &Block, place: usize) -> Counted {
    match block.coordinates[place].rule {
        Rule::Has if block.classes == Classes::Keys => Counted::OneOf(block.keys.len()),
        Rule::Has => Counted::Plainly,
        _ => Counted::ByFlags,
    }
}
