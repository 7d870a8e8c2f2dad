//! The noise that is to be expected once all levels are combined.

use std::collections::{BTreeSet, HashMap};

use lodestar_privacy::budget::Design;
use lodestar_privacy::levels::{Expected, Whom};
use lodestar_privacy::noisy::{Group, Selection};
use lodestar_privacy::public::Public;

use super::again::{Again, again};
use super::forecast::Expects;
use crate::publish::Shown;

/// What earlier releases published of families of cohorts, by name.
pub(super) type Earlier = HashMap<String, Shown>;

/// Standard deviations, of a level the root of their mean square: of the cohorts
/// that showed in the newest release that has them; where none did, if all units
/// show.
pub(super) struct Combined {
    /// `[kind][level]`.
    pub(super) sizes: Vec<Vec<f64>>,
    /// `[block][measured level]`.
    pub(super) cells: Vec<Vec<f64>>,
    /// `[kind][level]`: what they are taken from.
    pub(super) shown: Vec<Vec<Option<Expects>>>,
}

impl Combined {
    pub(super) fn new(public: &Public, design: &Design, earlier: &Earlier) -> Self {
        let kinds = design.selections.iter().enumerate();
        let families =
            kinds.map(|(kind, selections)| Family::new(public, kind, earlier, selections));
        let families: Vec<Family> = families.collect();
        let sizes = families.iter().zip(&design.sizes).map(|(family, levels)| {
            let drawn = |level: u32| levels[level as usize].sigma.powi(2);
            let variances = family.variances(drawn).into_iter();
            variances.map(f64::sqrt).collect()
        });
        let blocks = public.blocks.iter().zip(&design.cells);
        let cells = blocks.map(|(block, noises)| {
            let drawn = |level: u32| {
                let mut levels = block.levels.iter().zip(noises);
                let known = levels.find(|(known, _)| **known == level);
                known.map_or(f64::INFINITY, |(_, noise)| noise.sigma.powi(2))
            };
            let variances = families[block.kind].variances(drawn);
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

/// The cohorts of a kind that are expected to show.
struct Family {
    all: Expected,
    again: Expected,
    shown: Vec<Option<Expects>>,
}

impl Family {
    fn new(public: &Public, kind: usize, earlier: &Earlier, selections: &[Selection]) -> Self {
        let declared = &public.kinds[kind];
        let known = earlier.get(&declared.name);
        let again = |shown| again(shown, public, kind, selections);
        let again = known.map_or_else(Again::default, again);
        let expects = |level: u32| {
            let of_level = |cohort: &&Whom| cohort.level == level;
            let mut cohorts = again.cohorts.iter().filter(of_level).peekable();
            cohorts.peek()?;
            let unit = |cohort: &Whom| match cohort.group {
                Group::Unit(unit) => Some((cohort.key / declared.keys.labels.len(), unit)),
                Group::Others(_) => None,
            };
            let units: BTreeSet<(usize, usize)> = cohorts.filter_map(unit).collect();
            let mean = units.len() as f64 / again.trials as f64;
            Some(Expects {
                from: known?.period.clone(),
                units: mean.round() as usize,
            })
        };
        Self {
            shown: (0..declared.levels).map(expects).collect(),
            all: Expected::new(public, kind),
            again: Expected::of(public, kind, &again.cohorts),
        }
    }

    /// By level, as [`Expected::variances`].
    fn variances(&self, drawn: impl Fn(u32) -> f64) -> Vec<f64> {
        let (all, again) = (self.all.variances(&drawn), self.again.variances(&drawn));
        let levels = self.shown.iter().zip(all.into_iter().zip(again));
        let levels = levels.map(|(shown, (all, again))| if shown.is_some() { again } else { all });
        levels.collect()
    }
}
