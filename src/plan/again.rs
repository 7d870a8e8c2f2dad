//! Which cohorts will show, as far as an earlier release tells, or as sizes that are
//! expected do.
//!
//! Where selections are about as strict as they were, those that showed. Else
//! they follow from sizes: the published ones, and of what these leave of their total
//! even parts, or as the values of the unit above are. Of hidden ones that were
//! published as a group all but one, which joined them, were not selected, so they
//! were small. Busiest coaches are not known, and count as none.

use std::collections::HashMap;

use lodestar_privacy::levels::{Whom, showing};
use lodestar_privacy::noisy::{Group, Selection, Value};
use lodestar_privacy::public::Public;
use statrs::distribution::{ContinuousCDF as _, Normal};

use crate::publish::Shown;

/// Thresholds that differ by less, relatively, are alike.
const ALIKE: f64 = 0.2;

/// Selections that are tried.
const TRIALS: usize = 16;

/// Step between the quantiles of a cohort in trials: multiples of an irrational
/// number fill what is between 0 and 1 evenly.
const STEP: f64 = 0.618_033_988_749_894_9;

/// The cohorts that are expected.
#[derive(Default)]
pub(super) struct Again {
    /// In order of their levels; of each trial with keys of its own.
    pub(super) cohorts: Vec<Whom>,
    /// How many selections they are of.
    pub(super) trials: usize,
}

pub(super) fn again(
    shown: &Shown,
    public: &Public,
    kind: usize,
    selections: &[Selection],
) -> Again {
    let known = shown.of(public, kind);
    let same = || Again {
        cohorts: known.iter().map(|(whom, _)| whom.clone()).collect(),
        trials: 1,
    };
    let levels = shown.thresholds.iter().zip(selections);
    let is_alike = |(then, now): (&i64, &Selection)| {
        let (then, now) = (*then as f64, now.threshold as f64);
        (now / then - 1.0).abs() <= ALIKE
    };
    if levels.clone().count() == selections.len() && levels.clone().all(is_alike) {
        return same();
    }
    let sizes = known.iter().cloned();
    let sizes = sizes.map(|(whom, people)| Some((whom, people? as f64)));
    let Some(sizes) = sizes.collect::<Option<HashMap<Whom, f64>>>() else {
        return same();
    };
    let people = People::of(public, kind, &sizes, &shown.thresholds);
    let people: Vec<Size> = people.into_iter().map(Size::known).collect();
    let trials = (0..TRIALS).map(|trial| selected(public, kind, selections, &people, trial));
    Again::of(public, kind, trials.collect())
}

/// The same where nothing was published, from the sizes that are expected. If a
/// level shows at all, then by its largest cohorts: where no trial selects any, one
/// of them has the largest whose unit above it selects.
pub(super) fn at_first(
    public: &Public,
    kind: usize,
    selections: &[Selection],
    people: &[Size],
) -> Again {
    let trials = (0..TRIALS).map(|trial| selected(public, kind, selections, people, trial));
    let mut trials: Vec<Trial> = trials.collect();
    let (tree, cells) = (public.tree(kind), public.kinds[kind].cells());
    for level in 0..selections.len() {
        if trials.iter().any(|trial| !trial[level].is_empty()) {
            continue;
        }
        let above = |cohort: usize| {
            tree.unit(cohort / cells)
                .parent
                .map(|unit| unit * cells + cohort % cells)
        };
        let shows = |cohort: &usize| {
            above(*cohort)
                .is_none_or(|above| trials[0][level - 1].iter().any(|(one, _)| *one == above))
        };
        let units = tree
            .at_level(level as u32)
            .filter(|&unit| tree.unit(unit).standing);
        let cohorts = units
            .flat_map(|unit| unit * cells..(unit + 1) * cells)
            .filter(shows);
        let largest = cohorts.max_by(|a, b| people[*a].people.total_cmp(&people[*b].people));
        let largest = largest.map(|cohort| (cohort, selections[level].threshold + 1));
        trials[0][level].extend(largest);
    }
    Again::of(public, kind, trials)
}

/// By level: the cohorts (unit × cells + cell) that a trial selects, with their noisy
/// shifted counts.
type Trial = Vec<Vec<(usize, i64)>>;

impl Again {
    /// What shows in some trials.
    fn of(public: &Public, kind: usize, selected: Vec<Trial>) -> Self {
        let (keys, trials) = (public.kinds[kind].keys.labels.len(), selected.len());
        let shows = selected
            .into_iter()
            .enumerate()
            .flat_map(|(trial, selected)| {
                let mut shows = showing(public, kind, &selected);
                for whom in &mut shows {
                    whom.key += trial * keys;
                }
                shows
            });
        let mut cohorts: Vec<Whom> = shows.collect();
        cohorts.sort_by_key(|whom| whom.level);
        Self { cohorts, trials }
    }
}

/// How many people a cohort is expected to have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    people: f64,
    variance: f64,
}

impl Size {
    fn known(people: f64) -> Self {
        Self {
            people,
            variance: 0.0,
        }
    }

    #[cfg(test)]
    pub(super) fn people(self) -> f64 {
        self.people
    }

    /// A share of some people, each drawn with it.
    pub(super) fn drawn(people: f64, share: f64) -> Self {
        Self {
            people: people * share,
            variance: people * share * (1.0 - share),
        }
    }
}

/// Which are selected in a trial.
fn selected(
    public: &Public,
    kind: usize,
    selections: &[Selection],
    people: &[Size],
    trial: usize,
) -> Trial {
    let (tree, cells) = (public.tree(kind), public.kinds[kind].cells());
    let least = f64::from(public.policy.k);
    let normal = Normal::standard();
    let levels = (0..).zip(selections);
    let levels = levels.map(|(level, selection)| {
        let units = tree
            .at_level(level)
            .filter(|&unit| tree.unit(unit).standing);
        let cohorts = units.flat_map(|unit| unit * cells..(unit + 1) * cells);
        let counted = cohorts.filter(|&cohort| people[cohort].people >= least);
        let noisy = counted.map(|cohort| {
            let place = beginning(cohort) + trial as f64 * STEP;
            // Never 0 or 1, of which there is no quantile.
            let quantile = normal.inverse_cdf(place.fract().clamp(1e-6, 1.0 - 1e-6));
            let Size { people, variance } = people[cohort];
            let spread = (selection.noise.sigma.powi(2) + variance).sqrt();
            let count = people - (least - 1.0) + spread * quantile;
            (cohort, count.round() as i64)
        });
        let above = noisy.filter(|(_, count)| *count > selection.threshold);
        above.collect()
    });
    levels.collect()
}

/// The quantile of a cohort in the first trial, from 0 to 1: as if drawn, as those of
/// other cohorts have nothing to do with it.
fn beginning(cohort: usize) -> f64 {
    // The finalizer of SplitMix64.
    let mut bits = (cohort as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (bits ^ (bits >> 31)) as f64 / u64::MAX as f64
}

/// How many people each cohort (unit × cells + cell) is taken to have.
struct People<'a> {
    public: &'a Public,
    kind: usize,
    /// Those that were published, groups among them.
    sizes: &'a HashMap<Whom, f64>,
    /// By level: from so many they were selected, more often than not.
    from: Vec<f64>,
    all: Vec<f64>,
}

impl People<'_> {
    fn of(
        public: &Public,
        kind: usize,
        sizes: &HashMap<Whom, f64>,
        thresholds: &[i64],
    ) -> Vec<f64> {
        let k = i64::from(public.policy.k);
        let cohorts = public.tree(kind).units().len() * public.kinds[kind].cells();
        let mut people = People {
            public,
            kind,
            sizes,
            from: thresholds.iter().map(|one| (one + k) as f64).collect(),
            all: vec![0.0; cohorts],
        };
        // A parent comes before its children, a total before its values.
        for cohort in 0..cohorts {
            people.share(cohort);
        }
        people.all
    }

    /// Shares what a total has among those that add up to it.
    fn share(&mut self, total: usize) {
        let (declared, tree) = (&self.public.kinds[self.kind], self.public.tree(self.kind));
        let cells = declared.cells();
        let (unit, cell) = (total / cells, total % cells);
        let own = self.whom(total);
        if let (None, Some(size)) = (tree.unit(unit).parent, self.sizes.get(&own)) {
            self.all[total] = *size;
        }
        let digits = declared.digits(cell);
        let free = digits.iter().take_while(|digit| **digit == 0).count();
        for dimension in 0..free {
            let values = 1..=declared.dimensions[dimension].values.len();
            let members = values.map(|digit| {
                let mut digits = digits.clone();
                digits[dimension] = digit;
                unit * cells + declared.cell(declared.key(cell), &digits)
            });
            let mut group = own.clone();
            group.values[dimension] = Value::Other;
            // As in the unit above.
            let weight = |one: usize| {
                let above = tree.unit(unit).parent;
                above.map_or(1.0, |above| self.all[above * cells + one % cells])
            };
            let members: Vec<(usize, f64)> = members.map(|one| (one, weight(one))).collect();
            self.line(total, &members, &group);
        }
        if free == digits.len() {
            let children = tree.unit(unit).children.iter();
            let standing = children.filter(|&&child| tree.unit(child).standing);
            let members: Vec<(usize, f64)> =
                standing.map(|child| (child * cells + cell, 1.0)).collect();
            let group = Whom {
                level: own.level + 1,
                group: Group::Others(unit),
                ..own
            };
            self.line(total, &members, &group);
        }
    }

    /// Shares among the members of a line, by weight. Of a group all but one, which
    /// joined the hidden, were not selected.
    fn line(&mut self, total: usize, members: &[(usize, f64)], group: &Whom) {
        let (mut left, mut hidden) = (self.all[total], Vec::new());
        for &(one, weight) in members {
            match self.sizes.get(&self.whom(one)) {
                Some(size) => {
                    self.all[one] = *size;
                    left -= size;
                }
                None => hidden.push((one, weight)),
            }
        }
        let (left, weights) = (
            left.max(0.0),
            hidden.iter().map(|(_, weight)| weight).sum::<f64>(),
        );
        let most = match self.from.get(group.level as usize) {
            Some(from) if self.sizes.contains_key(group) => *from,
            _ => f64::INFINITY,
        };
        let mut over = 0.0;
        for &(one, weight) in &hidden {
            let part = if weights > 0.0 {
                left * weight / weights
            } else {
                0.0
            };
            self.all[one] = part.min(most);
            over += part - self.all[one];
        }
        let largest = hidden.iter().rev().max_by(|a, b| a.1.total_cmp(&b.1));
        if let Some((joined, _)) = largest {
            self.all[*joined] += over;
        }
    }

    /// A declared cohort.
    fn whom(&self, cohort: usize) -> Whom {
        let declared = &self.public.kinds[self.kind];
        let (unit, cell) = (cohort / declared.cells(), cohort % declared.cells());
        let value = |digit: usize| match digit {
            0 => Value::All,
            digit => Value::One(digit - 1),
        };
        Whom {
            level: self.public.tree(self.kind).unit(unit).level,
            group: Group::Unit(unit),
            key: declared.key(cell),
            values: declared.digits(cell).into_iter().map(value).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use lodestar_privacy::ledger::Records;
    use lodestar_privacy::noisy::Moved;

    use super::super::sample;
    use super::*;
    use crate::schedule::Window;

    /// The sample's first release, and its head-counts by job level: staff, managers,
    /// seniors, executives.
    fn headcount() -> (Public, usize) {
        let (project, org) = sample();
        let first = &project.calendar.first;
        let window = Window::of(&project, &org, &Records::default(), first).unwrap();
        let public = window.periods[0].1.clone();
        let mut kinds = public.kinds.iter();
        let kind = kinds.position(|kind| kind.name == "headcount by job_level");
        (public, kind.unwrap())
    }

    fn whom(level: u32, group: Group, value: Value) -> Whom {
        Whom {
            level,
            group,
            key: 0,
            values: vec![value],
        }
    }

    #[test]
    fn hidden_cohorts_share_what_the_published_ones_leave() {
        let (public, kind) = headcount();
        let tree = public.tree(kind);
        let (root, ops) = (Group::Unit(0), Group::Unit(tree.code("ops").unwrap()));
        let sizes = HashMap::from([
            (whom(0, root, Value::All), 12_000.0),
            (whom(0, root, Value::One(0)), 9_000.0),
            (whom(0, root, Value::Other), 3_000.0),
            (whom(1, ops, Value::All), 1_900.0),
        ]);
        let people = People::of(&public, kind, &sizes, &[490, 490, 490]);
        let cells = public.kinds[kind].cells();
        let of = |unit: &str| {
            let first = tree.code(unit).unwrap() * cells;
            let all = people[first..first + cells].iter();
            all.map(|one| one.round() as i64).collect::<Vec<_>>()
        };
        // Of the three hidden ones two were below 500, so the third is what is left.
        assert_eq!(of("Acme"), [12_000, 9_000, 2_000, 500, 500]);
        // Values as in the organisation.
        assert_eq!(of("ops"), [1_900, 1_425, 317, 79, 79]);
        // Of eight divisions seven are not known, and have the same.
        let tech = of("tech");
        assert_eq!((tech[0], tech.clone()), (1_443, of("people")));
        let children = &tree.unit(tree.code("tech").unwrap()).children;
        let departments = children.iter().map(|child| people[child * cells]);
        assert_eq!(departments.sum::<f64>().round() as i64, 1_443);
    }

    #[test]
    fn trials_select_what_is_large_and_hide_what_is_small() {
        let (public, kind) = headcount();
        let cells = public.kinds[kind].cells();
        let mut people = vec![Size::known(0.0); public.tree(kind).units().len() * cells];
        for (one, size) in people.iter_mut().zip([1_000.0, 900.0, 100.0]) {
            *one = Size::known(size);
        }
        let noise = lodestar_privacy::noisy::Noise {
            rho_micro: 1,
            sensitivity: 1.0,
            sigma: 10.0,
        };
        let selection = Selection {
            moved: Moved::counts(1),
            noise,
            delta_femto: 1,
            threshold: 91,
        };
        let mut often = 0;
        for trial in 0..TRIALS {
            let levels = selected(&public, kind, &[selection; 3], &people, trial);
            let root: Vec<usize> = levels[0].iter().map(|(cohort, _)| *cohort).collect();
            assert!(root.starts_with(&[0, 1]) && root.len() <= 3, "{root:?}");
            assert!(levels[1].is_empty() && levels[2].is_empty());
            often += usize::from(root.len() == 3);
        }
        // One above the threshold is selected in every other trial.
        assert!((TRIALS / 4..=TRIALS * 3 / 4).contains(&often), "{often}");
        // If a division shows at all, it is the largest, as a group with the others.
        let tree = public.tree(kind);
        let largest = tree.code("sales").unwrap();
        people[largest * cells] = Size::known(70.0);
        let again = at_first(&public, kind, &[selection; 3], &people);
        let below = again.cohorts.iter().filter(|one| one.level > 0);
        let below: Vec<&Whom> = below.collect();
        assert_eq!(below, [&whom(1, Group::Others(0), Value::All)]);
        assert_eq!(again.trials, TRIALS);
    }
}
