//! What is measured of a cohort: numbers of a person, and what bounds them.

use super::{Label, Public, Search};

/// A vector of integers per cohort: for each key, its coordinates.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// `theme_prevalence`; `coachees sessions` where several tables read it.
    pub name: String,
    /// Index of its cohorts in [`Public::kinds`].
    pub kind: usize,
    /// Levels that are measured, ascending, each below the kind's `levels`.
    pub levels: Vec<u32>,
    /// The public keys, in published order; one label a dimension. Without
    /// dimensions there is one empty key. Of keys that are looked for: none, until they
    /// are found ([`Public::found`](super::Public::found)).
    pub keys: Vec<Vec<Label>>,
    /// How its keys are looked for; `None`: they are declared.
    pub search: Option<Search>,
    /// Most keys that one person may touch within a cohort; at least 1.
    pub max_cells: u32,
    /// How many amounts a row adds, per key.
    pub inputs: usize,
    /// What becomes of a person's amounts; at least one.
    pub coordinates: Vec<Coordinate>,
    /// Which numbers of a cohort tell its people apart.
    pub classes: Classes,
}

/// Numbers that tell the people of a cohort apart, so that they add up to it. It
/// follows from how people are coded; no bound and no noise does from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Classes {
    /// None: of any two, a person may be in both.
    None,
    /// Everybody has exactly one of the keys.
    Keys,
    /// Of these coordinates, by index, nobody has more than one.
    Coordinates(Vec<usize>),
}

impl Block {
    /// The square of the largest L2 norm of one person's coordinates of a key.
    pub(super) fn entry_squared(&self) -> u64 {
        let squares = self.coordinates.iter().map(|c| u64::from(c.factor).pow(2));
        squares.fold(0, u64::saturating_add)
    }

    /// Whether it is drawn once, and of one cohort, where its keys are looked for: that is
    /// what is charged for.
    pub(crate) fn is_sound(&self, public: &Public) -> bool {
        let kind = &public.kinds[self.kind];
        let one_cohort = kind.keys.is_plain() && kind.dimensions.is_empty() && kind.levels > 0;
        self.search.is_none() || (self.levels == [0] && self.keys.is_empty() && one_cohort)
    }

    /// Numbers of one cohort.
    pub(crate) fn width(&self) -> usize {
        self.keys.len() * self.coordinates.len()
    }
}

/// One number of a person's vector, an integer in −`factor` ..= `factor`.
#[derive(Clone, Debug, PartialEq)]
pub struct Coordinate {
    /// How it follows from the person's amounts.
    pub rule: Rule,
    /// What 1 is turned into: coordinates share one noise, so a larger factor
    /// is a more accurate coordinate. At least 1, at most [`FACTOR_MOST`].
    pub factor: u32,
    /// Relative importance; above 0.
    pub weight: f64,
    /// The error that is tolerated in its mean over a cohort, in units of the
    /// factor; above 0.
    pub tolerated_error: f64,
}

/// Largest factor: sums over a billion people stay far within 64 bits, and
/// squares of sensitivities within the 53 bits that a float has.
pub const FACTOR_MOST: u32 = 1 << 16;

/// Largest amount of a person, and so the largest sensible clip: sums saturate
/// there, and no product of a rule leaves 128 bits.
pub const AMOUNT_MOST: i64 = 1_000_000_000_000;

/// How a coordinate follows from one person's amounts of one key. Amounts are
/// sums over the person's rows; every rule's result lies in [−1, 1].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// 1: the person has a row with the key.
    Has,
    /// The amount, clipped to `low..=high`, centred: −1 at `low`, 1 at `high`.
    Centred {
        /// Which amount.
        input: usize,
        /// Lower clip.
        low: i64,
        /// Upper clip, above `low`.
        high: i64,
    },
    /// The amount, clipped to `0..=high`, over `high`.
    Amount {
        /// Which amount.
        input: usize,
        /// Upper clip, above 0.
        high: i64,
    },
    /// 1 if the amount is at least `least`, else −1.
    AtLeast {
        /// Which amount.
        input: usize,
        /// The bar.
        least: i64,
    },
    /// 1 if `low` ≤ part ÷ whole ≤ `high` (in millionths), else −1; −1 where
    /// the whole is not above 0.
    Within {
        /// The amount above.
        part: usize,
        /// The amount below.
        whole: usize,
        /// Lower end, in millionths.
        low_micro: i64,
        /// Upper end, in millionths.
        high_micro: i64,
    },
    /// Twice the excess of the part over half of the whole, over `high`; both
    /// are scaled down where the whole exceeds `high`. 0 where the whole is not
    /// above 0.
    Excess {
        /// The amount above, 0 ..= whole.
        part: usize,
        /// The amount below.
        whole: usize,
        /// Upper clip of the whole, above 0.
        high: i64,
    },
}

impl Coordinate {
    /// How much accuracy it is due, relative to others: √weight ÷ τ. Where
    /// factors are in proportion to its root, one vector is as accurate as if
    /// each coordinate had been measured apart with ρ in proportion to it.
    pub fn appetite(&self) -> f64 {
        self.weight.sqrt() / self.tolerated_error
    }

    /// The coordinate of a person with these amounts.
    ///
    /// # Proof
    /// Whatever the amounts are, the result lies in −factor ..= factor: `Has`,
    /// `AtLeast` and `Within` give ±factor; the others are an amount clipped
    /// to an interval that is mapped affinely onto [−1, 1] or [0, 1], times the
    /// factor, rounded to the nearest integer, and the factor is an integer. The
    /// part of an excess is clipped to 0 ..= whole first, so the excess is at
    /// most half of the (clipped) whole in size.
    pub(crate) fn of(&self, amounts: &[i64]) -> i64 {
        let factor = i128::from(self.factor);
        let amount = |input: usize| i128::from(amounts.get(input).copied().unwrap_or(0));
        let flag = |yes: bool| if yes { factor } else { -factor };
        let exact = match self.rule {
            Rule::Has => factor,
            Rule::Centred { input, low, high } => {
                let (low, high) = (i128::from(low), i128::from(high));
                let x = flaw!(no_clip: amount(input); amount(input).clamp(low, high.max(low)));
                nearest((2 * x - low - high) * factor, high - low)
            }
            Rule::Amount { input, high } => {
                let high = i128::from(high).max(1);
                let clipped = flaw!(no_clip: amount(input); amount(input).clamp(0, high));
                nearest(clipped * factor, high)
            }
            Rule::AtLeast { input, least } => flag(amount(input) >= i128::from(least)),
            Rule::Within {
                part,
                whole,
                low_micro,
                high_micro,
            } => {
                let (part, whole) = (amount(part) * 1_000_000, amount(whole));
                let above = whole * i128::from(low_micro) <= part;
                flag(whole > 0 && above && part <= whole * i128::from(high_micro))
            }
            Rule::Excess { part, whole, high } => {
                let (whole, high) = (amount(whole).max(0), i128::from(high).max(1));
                let twice = 2 * amount(part).clamp(0, whole) - whole;
                // Scaled to the clipped whole: × min(whole, high) ÷ whole.
                nearest(twice * whole.min(high) * factor, whole.max(1) * high)
            }
        };
        // The clamp states the bound once more; it never bites.
        let exact = flaw!(no_clip: exact; exact.clamp(-factor, factor));
        exact as i64
    }
}

/// `a` ÷ `b` to the nearest integer, halves away from 0; 0 where `b` is not
/// above 0.
pub(super) fn nearest(a: i128, b: i128) -> i128 {
    if b <= 0 {
        return 0;
    }
    let half = if a < 0 { -b } else { b };
    (2 * a + half) / (2 * b)
}
