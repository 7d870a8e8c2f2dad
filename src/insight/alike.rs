//! Whether two published cohorts are people of the same units and values.
//!
//! A group of hidden units, or values, is whatever of its total does not show
//! as itself. Cohorts of two families may hide different ones: their groups then
//! have one name, but are other people's, and nothing compares them.

use std::collections::BTreeSet;

use lodestar_privacy::Tree;
use lodestar_privacy::noisy::{Cohort, Group, Value};

/// Whether a cohort, one of `own`, is of the same units and values as that of
/// the same name and of another key among `others`, all of one level.
pub(super) fn are_alike(
    tree: &Tree,
    cohort: &Cohort,
    own: &[Cohort],
    others: &[Cohort],
    key: usize,
) -> bool {
    shown(tree, own, cohort, cohort.key) == shown(tree, others, cohort, key)
}

/// What shows as itself of a cohort's units and values.
fn shown<'a>(
    tree: &Tree,
    all: &'a [Cohort],
    cohort: &Cohort,
    key: usize,
) -> BTreeSet<(Group, &'a [Value])> {
    all.iter()
        .filter(|one| one.key == key && would_be_part(tree, one, cohort))
        .map(|one| (one.group, one.values.as_slice()))
        .collect()
}

/// Whether a cohort would be part of another if it did not show as itself.
fn would_be_part(tree: &Tree, one: &Cohort, group: &Cohort) -> bool {
    let of_units = match (one.group, group.group) {
        (Group::Unit(unit), Group::Others(parent)) => tree.unit(unit).parent == Some(parent),
        (mine, theirs) => mine == theirs,
    };
    let mut values = one.values.iter().zip(&group.values);
    of_units
        && values.all(|pair| match pair {
            (Value::One(_), Value::Other) => true,
            (mine, theirs) => mine == theirs,
        })
}

#[cfg(test)]
mod tests {
    use lodestar_privacy::tree::UnitSpec;

    use super::*;

    fn cohort(group: Group, key: usize, values: &[Value]) -> Cohort {
        Cohort {
            group,
            key,
            values: values.to_vec(),
            size: 20,
        }
    }

    #[test]
    fn groups_are_alike_where_the_same_units_and_values_show() {
        let unit = |id: &str, parent: Option<&str>| UnitSpec {
            id: id.to_owned(),
            label: id.to_owned(),
            parent: parent.map(str::to_owned),
            standing: true,
        };
        let below = ["a", "b", "c"].map(|id| unit(id, Some("root")));
        let specs = [unit("root", None)].into_iter().chain(below);
        let tree = Tree::new(specs.collect()).unwrap();
        let at = |id: &str| Group::Unit(tree.code(id).unwrap());
        let root = tree.code("root").unwrap();
        let all = &[Value::All][..];
        let group = cohort(Group::Others(root), 0, all);
        let own = [cohort(at("a"), 0, all), group.clone()];
        let theirs = [cohort(at("a"), 1, all), cohort(Group::Others(root), 1, all)];
        assert!(are_alike(&tree, &group, &own, &theirs, 1));
        assert!(are_alike(&tree, &own[0], &own, &theirs, 1));
        // Another unit shows there: the group is other people's.
        let more = [&theirs[..], &[cohort(at("b"), 1, all)]].concat();
        assert!(!are_alike(&tree, &group, &own, &more, 1));
        assert!(are_alike(&tree, &own[0], &own, &more, 1));
        // What shows of other values, or of other keys, is nothing to it.
        let beside = [
            cohort(at("b"), 1, &[Value::One(0)]),
            cohort(at("b"), 2, all),
        ];
        let more = [&theirs[..], &beside].concat();
        assert!(are_alike(&tree, &group, &own, &more, 1));
        // Along values.
        let other = cohort(at("a"), 0, &[Value::Other]);
        let own = [cohort(at("a"), 0, &[Value::One(1)]), other.clone()];
        let theirs = |value| [cohort(at("a"), 0, &[Value::One(value)]), other.clone()];
        assert!(are_alike(&tree, &other, &own, &theirs(1), 0));
        assert!(!are_alike(&tree, &other, &own, &theirs(2), 0));
    }
}
