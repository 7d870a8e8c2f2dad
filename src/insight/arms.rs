//! What was drawn of a programme's arms → its [`effect`](super::effect).
//!
//! Of an arm of units that were assigned as a whole, the units of the tree that
//! lie within the row's count, each with its people and their changes. A row that
//! lies within such a unit has that one alone. Units that are estimated below k, or of
//! whose people the noise leaves no trace, are left out.

use std::collections::BTreeSet;

use lodestar_privacy::Tree;
use lodestar_privacy::noisy::{Cohort, Group};
use lodestar_privacy::public::{AssignedUnits, Effect, Side};

use super::effect::{Arm, Cluster, effect};
use super::figure::{Context, Figure};
use super::rows::Cohorts;
use super::size::Size;
use super::status::Status;
use super::view::View;

/// A unit counts from this many standard deviations of its size's noise on.
const LEAST_DEVIATIONS: f64 = 2.0;

/// Where the numbers of the units within a row are.
pub(super) struct Units<'a> {
    pub(super) cohorts: &'a Cohorts<'a>,
    pub(super) tree: &'a Tree,
    pub(super) level: u32,
    pub(super) row: &'a Cohort,
    /// The key of the one that it is compared with.
    pub(super) other: Option<usize>,
    pub(super) k: u32,
}

impl Units<'_> {
    /// The codes of the units that the row is about, of a key of cohorts.
    fn roots(&self, cohort: usize) -> Vec<usize> {
        let is_shown = |child: usize| {
            let unit = Group::Unit(child);
            let whom = (self.level, unit, cohort, self.row.values.as_slice());
            self.cohorts.is_shown(whom)
        };
        match self.row.group {
            Group::Unit(unit) => vec![unit],
            Group::Others(parent) => {
                let children = self.tree.unit(parent).children.iter().copied();
                children.filter(|child| !is_shown(*child)).collect()
            }
        }
    }

    /// The keys of the units on a side that people of a cohort belong to.
    fn within(&self, assigned: &AssignedUnits, cohort: usize, side: Side) -> BTreeSet<usize> {
        let ids = self.cohorts.ids();
        let key = |unit: usize| {
            let id = &self.tree.unit(unit).id;
            let key = ids.iter().position(|known| *known == id)?;
            assigned.sides[key].is_some().then_some(key)
        };
        let mut keys: BTreeSet<usize> = assigned.one_by_one.into_iter().collect();
        let mut open = self.roots(cohort);
        while let Some(unit) = open.pop() {
            let children = &self.tree.unit(unit).children;
            open.extend(children);
            if children.is_empty() {
                let parent = |unit: &usize| self.tree.unit(*unit).parent;
                let mut path = std::iter::successors(Some(unit), parent);
                // The nearest is the one that assigns.
                keys.extend(path.find_map(key));
            }
        }
        keys.retain(|key| assigned.sides[*key] == Some(side));
        keys
    }

    /// What was drawn of them.
    fn clusters(&self, assigned: &AssignedUnits, side: Side) -> Option<Vec<Cluster>> {
        let cohort = match side {
            Side::Own => self.row.key,
            Side::Other | Side::Neither => self.other?,
        };
        let row = self.row;
        let whom = (self.level, row.group, cohort, row.values.as_slice());
        let cluster = |key: usize| {
            let view = self.cohorts.view(whom, key)?;
            let people = view.drawn(assigned.people);
            let least = (LEAST_DEVIATIONS * people.sigma).max(f64::from(self.k));
            (people.value >= least).then(|| Cluster {
                size: Size::new(people.value.round() as i64, people.sigma, 1),
                sum: view.drawn(assigned.change),
            })
        };
        let keys = self.within(assigned, cohort, side).into_iter();
        Some(keys.filter_map(cluster).collect())
    }
}

/// The effect of a row, beside the cohort that it is compared with.
pub(super) fn figure(
    of: &Effect,
    context: &Context<'_>,
    other: Option<View<'_>>,
    widest: f64,
) -> Figure {
    let Some(other) = other else {
        return Figure::absent(Status::CohortMissing);
    };
    let arm = |view: &View<'_>, side: Side| {
        let changes = view.group(&of.change);
        let together = of.units.as_ref().filter(|units| units.are_on(side));
        let Some(assigned) = together else {
            return Some(Arm::of_people(&changes));
        };
        let units = context.units.as_ref()?;
        Arm::of_units(&changes, &units.clusters(assigned, side)?)
    };
    effect(
        arm(&context.own, Side::Own),
        arm(&other, Side::Other),
        widest,
    )
}
