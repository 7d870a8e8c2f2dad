//! Which published cohorts add up to which.

use std::collections::HashMap;

use lodestar_consistency::Forest;
use lodestar_privacy::Tree;
use lodestar_privacy::noisy::{Cohort, Group, NoisyLevel, Value};

/// What a cohort adds up to.
type Whom = (u32, Group, usize, Vec<Value>);

/// The published cohorts of a kind, level by level.
///
/// A cohort with a value adds up, with the other values of the first dimension in
/// which it has one, to the cohort of all of them; one without any adds up, with
/// the other children of the unit above, to that unit. On these lines hidden
/// cohorts are measured together, as one group, so that a line that has a
/// published cohort at all is whole: the true numbers of its cohorts add up to
/// that of its total. (What shows is decided so in the core's `resolve`.)
pub(super) fn forest(tree: &Tree, levels: &[NoisyLevel]) -> Forest {
    let all = (0..).zip(levels);
    let all = all.flat_map(|(level, drawn)| drawn.cohorts.iter().map(move |one| (level, one)));
    let all: Vec<(u32, &Cohort)> = all.collect();
    let place = |(at, (level, cohort)): (usize, &(u32, &Cohort))| -> (Whom, usize) {
        let values = cohort.values.clone();
        ((*level, cohort.group, cohort.key, values), at)
    };
    let places: HashMap<Whom, usize> = all.iter().enumerate().map(place).collect();
    let totals = all.iter().map(|(level, cohort)| {
        let (total, dimension) = total(tree, *level, cohort)?;
        Some((*places.get(&total)?, dimension))
    });
    Forest::new(all.iter().map(|(level, _)| *level), totals)
}

/// What a cohort adds up to, if anything, and along which dimension: the tree is
/// the one after the last.
fn total(tree: &Tree, level: u32, cohort: &Cohort) -> Option<(Whom, usize)> {
    let valued = cohort.values.iter().position(|value| *value != Value::All);
    if let Some(dimension) = valued {
        let mut values = cohort.values.clone();
        values[dimension] = Value::All;
        return Some(((level, cohort.group, cohort.key, values), dimension));
    }
    let above = match cohort.group {
        Group::Unit(unit) => tree.units().get(unit)?.parent?,
        Group::Others(parent) => parent,
    };
    let whom = (
        level.checked_sub(1)?,
        Group::Unit(above),
        cohort.key,
        cohort.values.clone(),
    );
    Some((whom, cohort.values.len()))
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{cohort, drawn, tree};
    use super::*;

    /// Below a a1 and a group, below b nothing; the root's people by value, too.
    #[test]
    fn lines_follow_from_units_and_values() {
        let units = [
            ("r", None),
            ("a", Some("r")),
            ("b", Some("r")),
            ("a1", Some("a")),
            ("a2", Some("a")),
            ("a3", Some("a")),
            ("b1", Some("b")),
        ];
        let tree = tree(&units);
        let unit = |id: &str| Group::Unit(tree.code(id).unwrap());
        let others = |id: &str| Group::Others(tree.code(id).unwrap());
        let all = [Value::All];
        let levels = drawn(vec![
            vec![
                cohort(unit("r"), &all),
                cohort(unit("r"), &[Value::One(0)]),
                cohort(unit("r"), &[Value::Other]),
            ],
            vec![cohort(unit("a"), &all), cohort(unit("b"), &all)],
            vec![cohort(unit("a1"), &all), cohort(others("a"), &all)],
        ]);
        let forest = super::forest(&tree, &levels);
        assert_eq!(forest.len(), 7);
        assert_eq!(forest.lines(0), [vec![1, 2], vec![3, 4]]);
        assert_eq!(forest.lines(3), [vec![5, 6]]);
        assert!(forest.lines(4).is_empty() && forest.lines(5).is_empty());
        assert_eq!((0..7).filter(|&at| forest.is_root(at)).count(), 1);
        assert_eq!(
            [0, 2, 3].map(|level| forest.of_level(level)),
            [0..3, 5..7, 7..7]
        );
    }

    /// Two dimensions: a cohort adds up along the first in which it has a value, the
    /// one along which hidden ones are measured.
    #[test]
    fn every_cohort_has_one_total() {
        let tree = tree(&[("r", None)]);
        let root = Group::Unit(0);
        let (all, one) = (Value::All, Value::One(0));
        let cohorts = [
            [all, all],
            [one, all],
            [all, one],
            [one, one],
            [Value::Other, one],
        ];
        let cohorts = cohorts.map(|values| cohort(root, &values));
        let forest = super::forest(&tree, &drawn(vec![cohorts.to_vec()]));
        assert_eq!(forest.lines(0), [vec![1], vec![2]]);
        assert_eq!(forest.lines(2), [vec![3, 4]]);
        assert!(forest.lines(1).is_empty());
    }
}
