//! What the levels of the org tree tell of each other, before anything is drawn.
//!
//! After the noise, all that is known of a number is combined ([`lodestar_consistency`]):
//! a division is known by its departments, too. So a level's noise is less than what
//! it was drawn with, and a level is worth what it adds. How much follows from which
//! cohorts show. The budget is split as if all declared units did; where small ones
//! are hidden, and measured as a group, there are fewer parts, and a total is known
//! better.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use lodestar_consistency::{Forest, Weights};

use crate::noisy::{Group, Value};
use crate::public::Public;
use crate::resolve::{resolve, values};
use crate::select::Selected;
use crate::tree::Tree;

/// Most rounds until shares stand still: each is a step of a fixed point that is
/// met at once where levels tell nothing of each other, and they tell little.
const ROUNDS: usize = 12;

/// Relative step of a difference quotient.
const STEP: f64 = 1e-3;

/// Shares that move by less stand still: far less than a millionth of ρ.
const STILL: f64 = 1e-9;

/// Whom a number is about: a cohort of a kind.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Whom {
    /// Level in the org tree.
    pub level: u32,
    /// Unit, or group of hidden ones.
    pub group: Group,
    /// Index in the kind's keys.
    pub key: usize,
    /// One a dimension of the kind.
    pub values: Vec<Value>,
}

impl Whom {
    /// What it adds up to, if anything, and along which dimension: the tree is the
    /// one after the last.
    fn total(&self, tree: &Tree) -> Option<(Self, usize)> {
        let mut total = self.clone();
        let valued = self.values.iter().position(|value| *value != Value::All);
        if let Some(dimension) = valued {
            total.values[dimension] = Value::All;
            return Some((total, dimension));
        }
        total.group = Group::Unit(match self.group {
            Group::Unit(unit) => tree.units().get(unit)?.parent?,
            Group::Others(parent) => parent,
        });
        total.level = self.level.checked_sub(1)?;
        Some((total, self.values.len()))
    }
}

/// Which of a kind's cohorts, in order of their levels, add up to which.
///
/// A cohort with a value adds up, with the other values of the first dimension in
/// which it has one, to the cohort of all of them; one without any adds up, with
/// the other children of the unit above, to that unit. On these lines hidden
/// cohorts are measured together, as one group, so that a line that has a
/// published cohort at all is whole: the true numbers of its cohorts add up to
/// that of its total. (What shows is decided so in [`crate::resolve`].)
pub fn forest(tree: &Tree, cohorts: &[Whom]) -> Forest {
    let places = cohorts.iter().zip(0..);
    let places: HashMap<&Whom, usize> = places.collect();
    let totals = cohorts.iter().map(|cohort| {
        let (total, line) = cohort.total(tree)?;
        Some((*places.get(&total)?, line))
    });
    Forest::new(cohorts.iter().map(|cohort| cohort.level), totals)
}

/// What shows of a kind if these cohorts are selected: by level, of the standing
/// units' cohorts (unit × cells + cell) the noisy shifted counts.
pub fn showing(public: &Public, kind: usize, selected: &[Vec<(usize, i64)>]) -> Vec<Whom> {
    let selected = selected.iter().map(|level| level.iter().copied().collect());
    let selected: Vec<Selected> = selected.collect();
    let levels = (0..).zip(resolve(public, kind, &selected));
    let cohorts = levels.flat_map(|(level, shown)| {
        shown.into_iter().map(move |one| Whom {
            level,
            group: one.group,
            key: one.key,
            values: one.values,
        })
    });
    cohorts.collect()
}

/// The cohorts of a kind that are expected to show.
#[derive(Clone, Debug)]
pub struct Expected {
    forest: Forest,
    levels: u32,
}

impl Expected {
    /// All standing units of a kind's declaration, of one key: others are alike.
    pub fn new(public: &Public, kind: usize) -> Self {
        let (declared, tree) = (&public.kinds[kind], public.tree(kind));
        let units = (0..declared.levels).flat_map(|level| tree.at_level(level));
        let units = units.filter(|&unit| tree.unit(unit).standing);
        let cells = 0..declared.cells_a_key();
        let cohorts = units.flat_map(|unit| {
            cells.clone().map(move |cell| Whom {
                level: tree.unit(unit).level,
                group: Group::Unit(unit),
                key: 0,
                values: values(&declared.digits(cell), None),
            })
        });
        Self::of(public, kind, &cohorts.collect::<Vec<_>>())
    }

    /// Those of a kind that are given, in order of their levels.
    pub fn of(public: &Public, kind: usize, cohorts: &[Whom]) -> Self {
        Self {
            forest: forest(public.tree(kind), cohorts),
            levels: public.kinds[kind].levels,
        }
    }

    /// By level: the mean variance of the combined numbers there, if `drawn` is the
    /// variance that a level's are drawn with; infinite: it is not measured.
    pub fn variances(&self, drawn: impl Fn(u32) -> f64) -> Vec<f64> {
        let levels = (0..self.levels).flat_map(|level| {
            let variance = drawn(level);
            self.forest.of_level(level).map(move |_| variance)
        });
        let weights = Weights::new(&self.forest, &levels.collect::<Vec<_>>());
        let mean = |level: u32| {
            let cohorts = self.forest.of_level(level);
            if cohorts.is_empty() {
                return drawn(level);
            }
            let count = cohorts.len() as f64;
            cohorts.map(|at| weights.variance(at)).sum::<f64>() / count
        };
        (0..self.levels).map(mean).collect()
    }
}

/// How the levels of a block share its ρ.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Split {
    /// One a measured level; they add up to 1.
    pub(crate) shares: Vec<f64>,
    /// The levels' mean variances, added up, in units of what all of the ρ would
    /// leave of one level alone.
    pub(crate) cost: f64,
}

/// Splits that have been worked out: those of the same cohorts and levels are
/// alike, whatever is measured and weighed.
#[derive(Debug, Default)]
pub struct Splits(Mutex<HashMap<(Forest, Vec<u32>), Split>>);

impl Splits {
    pub(crate) fn of(&self, expected: &Expected, levels: &[u32]) -> Split {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let whose = (expected.forest.clone(), levels.to_vec());
        let split = known.entry(whose);
        split
            .or_insert_with(|| self::split(expected, levels))
            .clone()
    }
}

/// The shares with which the sum of the levels' mean variances is least: they weigh
/// alike.
///
/// # Proof
/// A combined variance is a diagonal entry of the inverse of a matrix that is linear
/// in the shares, hence convex in them, and so is the sum. At its least under Σ shares
/// = 1 all slopes are equal; √slope ∝ share where levels tell nothing of each other, so
/// shares go to what they are times √slope, until they stand still.
pub(crate) fn split(expected: &Expected, levels: &[u32]) -> Split {
    let cost = |shares: &[f64]| -> f64 {
        let drawn = |level: u32| {
            let place = levels.iter().position(|known| *known == level);
            place.map_or(f64::INFINITY, |place| 1.0 / shares[place])
        };
        let variances = expected.variances(drawn);
        levels.iter().map(|&level| variances[level as usize]).sum()
    };
    let mut shares = vec![1.0 / levels.len() as f64; levels.len()];
    for _ in 0..ROUNDS {
        let moved = |at: usize, by: f64| {
            let mut moved = shares.clone();
            moved[at] *= by;
            cost(&moved)
        };
        let next = (0..shares.len()).map(|at| {
            let fall = moved(at, 1.0 - STEP) - moved(at, 1.0 + STEP);
            // A share's slope is its fall ÷ 2·STEP·share.
            (fall.max(0.0) * shares[at]).sqrt()
        });
        let next: Vec<f64> = next.collect();
        let all: f64 = next.iter().sum();
        if all.is_nan() || all <= 0.0 {
            break;
        }
        let next: Vec<f64> = next.iter().map(|share| share / all).collect();
        let moved = next.iter().zip(&shares).map(|(a, b)| (a - b).abs());
        let still = moved.fold(0.0, f64::max) < STILL;
        shares = next;
        if still {
            break;
        }
    }
    let cost = cost(&shares);
    Split { shares, cost }
}

#[cfg(test)]
mod tests;
