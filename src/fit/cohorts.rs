//! Which published cohorts add up to which.

use lodestar_consistency::Forest;
use lodestar_privacy::Tree;
use lodestar_privacy::levels::{self, Whom};
use lodestar_privacy::noisy::NoisyLevel;

/// The published cohorts of a kind, level by level: see [`levels::forest`].
pub(super) fn forest(tree: &Tree, levels: &[NoisyLevel]) -> Forest {
    let all = (0..).zip(levels);
    let all = all.flat_map(|(level, drawn)| {
        drawn.cohorts.iter().map(move |cohort| Whom {
            level,
            group: cohort.group,
            key: cohort.key,
            values: cohort.values.clone(),
        })
    });
    levels::forest(tree, &all.collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use lodestar_privacy::noisy::{Group, Value};

    use super::super::fixture::{cohort, drawn, tree};

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
