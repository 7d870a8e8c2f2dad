//! The noise that is to be expected once all levels are combined.

use std::collections::{BTreeSet, HashMap};

use lodestar_privacy::budget::Design;
use lodestar_privacy::levels::{Expected, Whom};
use lodestar_privacy::noisy::{Group, Noise, Selection};
use lodestar_privacy::public::{Block, Public};

use super::again::{Again, Size, again, at_first};
use super::forecast::{Expects, HEADCOUNTS};
use super::guess::Guesses;
use crate::fit;
use crate::publish::Shown;

/// What earlier releases published of families of cohorts, by name.
pub(super) type Earlier = HashMap<String, Shown>;

/// Standard deviations, of a level the root of their mean square: of the cohorts
/// that showed in the newest release that has them; where none did, of those that
/// head-counts let expect; without these, if all units show.
pub(super) struct Combined {
    /// `[kind][level]`.
    pub(super) sizes: Vec<Vec<f64>>,
    /// `[block][measured level]`.
    pub(super) cells: Vec<Vec<f64>>,
    /// `[kind][level]`: what they are taken from.
    pub(super) shown: Vec<Vec<Option<Expects>>>,
}

impl Combined {
    pub(super) fn new(
        public: &Public,
        design: &Design,
        earlier: &Earlier,
        guesses: &Guesses,
    ) -> Self {
        let kinds = design.selections.iter().enumerate();
        let families = kinds.map(|(kind, selections)| {
            Family::new(public, kind, selections, (earlier, &guesses[kind]))
        });
        let families: Vec<Family> = families.collect();
        let blocks = || public.blocks.iter().zip(&design.cells);
        let sizes = families.iter().zip(&design.sizes).enumerate();
        let sizes = sizes.map(|(kind, (family, levels))| {
            let measured = |level: u32| {
                let size = levels[level as usize].sigma.powi(2);
                let of_kind = blocks().filter(|(block, _)| block.kind == kind);
                of_kind.fold(size, |size, (block, noises)| {
                    fit::scale_of_classes(block).map_or(size, |scale| {
                        let class = drawn(block, noises, level) * scale.powi(2);
                        fit::with_sum_of_classes(size, block.keys.len() as u64, class)
                    })
                })
            };
            let variances = family.variances(measured).into_iter();
            variances.map(f64::sqrt).collect()
        });
        let cells = blocks().map(|(block, noises)| {
            let variances = families[block.kind].variances(|level| drawn(block, noises, level));
            let levels = block.levels.iter();
            levels
                .map(|&level| variances[level as usize].sqrt())
                .collect()
        });
        Self {
            sizes: sizes.collect(),
            cells: cells.collect(),
            shown: families.iter().map(|family| family.shown.clone()).collect(),
        }
    }
}

/// Variance of the noise that is drawn on a block's numbers at a level.
fn drawn(block: &Block, noises: &[Noise], level: u32) -> f64 {
    let mut levels = block.levels.iter().zip(noises);
    let known = levels.find(|(known, _)| **known == level);
    known.map_or(f64::INFINITY, |(_, noise)| noise.sigma.powi(2))
}

/// The cohorts of a kind that are expected to show.
struct Family {
    all: Expected,
    again: Expected,
    first: Expected,
    /// By level; `None`: all.
    shown: Vec<Option<Expects>>,
}

impl Family {
    fn new(
        public: &Public,
        kind: usize,
        selections: &[Selection],
        (earlier, guess): (&Earlier, &Option<Vec<Size>>),
    ) -> Self {
        let declared = &public.kinds[kind];
        let known = earlier.get(&declared.name);
        let again = |shown| again(shown, public, kind, selections);
        let again = known.map_or_else(Again::default, again);
        let first = |people: &Vec<Size>| at_first(public, kind, selections, people);
        let first = guess.as_ref().map_or_else(Again::default, first);
        let keys = declared.keys.labels.len();
        let expects = |level: u32| {
            let again = known.and_then(|known| expects(&again, &known.period, keys, level));
            again.or_else(|| expects(&first, HEADCOUNTS, keys, level))
        };
        Self {
            shown: (0..declared.levels).map(expects).collect(),
            all: Expected::new(public, kind),
            again: Expected::of(public, kind, &again.cohorts),
            first: Expected::of(public, kind, &first.cohorts),
        }
    }

    /// By level, as [`Expected::variances`].
    fn variances(&self, drawn: impl Fn(u32) -> f64) -> Vec<f64> {
        let [all, again, first] =
            [&self.all, &self.again, &self.first].map(|one| one.variances(&drawn));
        let levels = self.shown.iter().enumerate();
        let levels = levels.map(|(level, shown)| match shown {
            Some(expects) if expects.from == HEADCOUNTS => first[level],
            Some(_) => again[level],
            None => all[level],
        });
        levels.collect()
    }
}

/// What is expected of a level, of a kind with so many keys; `None`: nothing shows.
fn expects(again: &Again, from: &str, keys: usize, level: u32) -> Option<Expects> {
    let of_level = |cohort: &&Whom| cohort.level == level;
    let mut cohorts = again.cohorts.iter().filter(of_level).peekable();
    cohorts.peek()?;
    let unit = |cohort: &Whom| match cohort.group {
        Group::Unit(unit) => Some((cohort.key / keys, unit)),
        Group::Others(_) => None,
    };
    let units: BTreeSet<(usize, usize)> = cohorts.filter_map(unit).collect();
    let mean = units.len() as f64 / again.trials as f64;
    Some(Expects {
        from: from.to_owned(),
        units: mean.round() as usize,
    })
}
