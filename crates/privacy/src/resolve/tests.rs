use super::*;
use crate::example;
use crate::noisy::Group::{Others, Unit};
use crate::public::{Dimension, Label};
use crate::tree::Tree;
use proptest::prelude::*;

fn selected(counts: &[&[(usize, i64)]]) -> Vec<Selected> {
    counts
        .iter()
        .map(|level| level.iter().copied().collect())
        .collect()
}

/// What shows of a kind without dimensions.
fn units(public: &Public, levels: &[Selected]) -> Vec<Vec<(Group, Vec<usize>)>> {
    let shown = resolve(public, 0, levels).into_iter();
    shown
        .map(|level| {
            level
                .into_iter()
                .map(|one| (one.group, one.parts))
                .collect()
        })
        .collect()
}

#[test]
fn all_children_shown_need_no_group() {
    let levels = selected(&[
        &[(0, 50)],
        &[(1, 20), (2, 30)],
        &[(3, 9), (4, 9), (5, 9), (6, 9)],
    ]);
    let shown = units(&example::public(), &levels);
    assert_eq!(shown[1], [(Unit(1), vec![1]), (Unit(2), vec![2])]);
    assert_eq!(shown[2].len(), 4);
}

#[test]
fn the_smallest_shown_sibling_joins_the_hidden_and_its_children_are_withheld() {
    let public = example::public();
    // b is hidden: a, though large, joins it; nothing under either shows.
    let levels = selected(&[&[(0, 50)], &[(1, 20)], &[(3, 9), (4, 9), (5, 9)]]);
    let shown = units(&public, &levels);
    assert_eq!(shown[1], [(Others(0), vec![1, 2])]);
    assert!(shown[2].is_empty());
    // a2 and b1 hidden: their sibling joins each.
    let levels = selected(&[&[(0, 50)], &[(1, 20), (2, 20)], &[(3, 9), (6, 9)]]);
    let shown = units(&public, &levels);
    assert_eq!(shown[2], [(Others(1), vec![3, 4]), (Others(2), vec![5, 6])]);
    // Both children hidden: no group.
    let levels = selected(&[&[(0, 50)], &[(1, 20), (2, 20)], &[(3, 9), (4, 9)]]);
    assert_eq!(
        units(&public, &levels)[2],
        [(Unit(3), vec![3]), (Unit(4), vec![4])]
    );
}

#[test]
fn under_a_hidden_root_nothing_shows() {
    let levels = selected(&[&[], &[(1, 20), (2, 20)], &[(3, 9)]]);
    assert!(units(&example::public(), &levels).iter().all(Vec::is_empty));
}

#[test]
fn ties_go_by_id_and_a_closed_unit_counts_as_hidden() {
    let mut specs = vec![example::unit("root", None)];
    for id in ["z", "y", "x"] {
        specs.push(example::unit(id, Some("root")));
    }
    specs.push(crate::tree::UnitSpec {
        standing: false,
        ..example::unit("closed", Some("root"))
    });
    let mut public = example::public();
    public.spans[0].tree = Tree::new(specs).unwrap();
    let code = |id| public.tree(0).code(id).unwrap();
    let levels = selected(&[
        &[(0, 50)],
        &[(code("x"), 7), (code("y"), 7), (code("z"), 9)],
    ]);
    let shown = units(&public, &levels);
    let group = (Others(0), vec![code("closed"), code("x")]);
    assert_eq!(
        shown[1],
        [
            (Unit(code("y")), vec![code("y")]),
            (Unit(code("z")), vec![code("z")]),
            group
        ]
    );
}

#[test]
fn a_unit_that_nobody_can_be_in_costs_no_sibling() {
    let mut public = example::public();
    let levels = selected(&[&[(0, 50)], &[(1, 20)], &[(3, 9), (4, 9)]]);
    // With people in b, a would give them away.
    assert_eq!(units(&public, &levels)[1], [(Others(0), vec![1, 2])]);
    public.kinds[0].keys.vacant = [(5, 0), (6, 0)].into();
    let shown = units(&public, &levels);
    assert_eq!(shown[1], [(Unit(1), vec![1])]);
    assert_eq!(shown[2], [(Unit(3), vec![3]), (Unit(4), vec![4])]);
    // A hidden one beside it still takes a sibling along, and it counts as none
    // of the two.
    public.kinds[0].keys.vacant = [(4, 0)].into();
    let levels = selected(&[&[(0, 50)], &[(1, 20), (2, 20)], &[(3, 9), (5, 9)]]);
    let shown = units(&public, &levels);
    assert_eq!(shown[2], [(Unit(3), vec![3]), (Others(2), vec![5, 6])]);
}

/// The example's coachees, told apart by three values, or by three and two.
fn told_apart(dimensions: &[usize]) -> Public {
    let mut public = example::public();
    let dimension = |(at, values): (usize, &usize)| Dimension {
        name: format!("d{at}"),
        values: (0..*values)
            .map(|v| Label::plain(&format!("v{v}")))
            .collect(),
    };
    public.kinds[0].dimensions = dimensions.iter().enumerate().map(dimension).collect();
    public
}

#[test]
fn a_hidden_value_is_not_the_difference_of_the_shown_ones() {
    let public = told_apart(&[3]);
    // Root: v0 hidden. v1 is smaller than v2, so it joins; both are `(other)`.
    let levels = selected(&[&[(0, 90), (2, 20), (3, 40)]]);
    let shown = resolve(&public, 0, &levels).remove(0);
    let row = |values: Value, parts: &[usize]| Shown {
        key: 0,
        group: Unit(0),
        values: vec![values],
        parts: parts.to_vec(),
    };
    assert_eq!(
        shown,
        [
            row(Value::All, &[0]),
            row(Value::One(2), &[3]),
            row(Value::Other, &[1, 2])
        ]
    );
    // Nothing is told apart where `(all)` is hidden.
    let levels = selected(&[&[(2, 20), (3, 40)]]);
    assert!(resolve(&public, 0, &levels).remove(0).is_empty());
}

#[test]
fn a_value_that_is_hidden_in_one_unit_is_hidden_in_a_sibling_too() {
    let public = told_apart(&[2]);
    // Cells: unit × 3 + (all, v0, v1). In a, v0 is hidden; b's would give it away.
    let root = [(0, 90), (1, 40), (2, 50)];
    let below = [(3, 40), (5, 30), (6, 50), (7, 25), (8, 25)];
    let shown = resolve(&public, 0, &selected(&[&root, &below])).remove(1);
    let names: Vec<_> = shown
        .iter()
        .map(|s| (s.group, s.values[0], s.parts.clone()))
        .collect();
    assert_eq!(
        names,
        [
            (Unit(1), Value::All, vec![3]),
            (Unit(2), Value::All, vec![6]),
            (Unit(1), Value::Other, vec![4, 5]),
            (Unit(2), Value::Other, vec![7, 8]),
        ]
    );
}

fn any_selection(cells: usize) -> impl Strategy<Value = Vec<Selected>> {
    let level = |units: std::ops::Range<usize>| {
        let cohorts = units.start * cells..units.end * cells;
        prop::collection::hash_map(cohorts, 1..60i64, 0..units.len() * cells)
    };
    // The root's cohorts show more often than chance has it.
    let root = Just((0..cells).map(|cell| (cell, 100)).collect::<Selected>());
    (
        prop_oneof![3 => root.boxed(), 1 => level(0..1).boxed()],
        level(1..3),
        level(3..7),
    )
        .prop_map(|(a, b, c)| vec![a, b, c])
}

fn check(public: &Public, levels: &[Selected]) -> Result<(), TestCaseError> {
    let (kind, tree) = (&public.kinds[0], public.tree(0));
    let all = resolve(public, 0, levels);
    let alone: BTreeSet<usize> = all
        .iter()
        .flatten()
        .filter(|shown| shown.parts.len() == 1)
        .map(|shown| shown.parts[0])
        .collect();
    let nobodys = vacant(kind, tree);
    for (level, shown) in all.iter().enumerate() {
        let mut seen = BTreeSet::new();
        for cohort in shown {
            prop_assert!(
                cohort
                    .parts
                    .iter()
                    .any(|part| levels[level].contains_key(part))
            );
            for part in &cohort.parts {
                prop_assert!(seen.insert(*part), "{} twice", part);
                prop_assert!(!nobodys.contains(part));
            }
        }
        for line in lines(kind, tree, level as u32, &nobodys) {
            let hidden: Vec<_> = line.members.iter().filter(|m| !alone.contains(m)).collect();
            if !alone.contains(&line.total) {
                prop_assert_eq!(hidden.len(), line.members.len());
            } else if hidden.len() < line.members.len() && !hidden.is_empty() {
                prop_assert!(hidden.len() >= 2);
                prop_assert!(hidden.iter().any(|m| levels[level].contains_key(*m)));
            }
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn no_line_gives_a_hidden_cohort_away_and_nobody_is_shown_twice(
        plain in any_selection(1), one in any_selection(4), two in any_selection(12)
    ) {
        check(&told_apart(&[]), &plain)?;
        check(&told_apart(&[3]), &one)?;
        check(&told_apart(&[3, 2]), &two)?;
    }

    #[test]
    fn nor_where_nobody_can_be_in_some(
        levels in any_selection(4), leaves in prop::collection::btree_set(3..7_u32, 0..4)
    ) {
        let mut public = told_apart(&[3]);
        public.kinds[0].keys.vacant = leaves.into_iter().map(|leaf| (leaf, 0)).collect();
        let nobodys = vacant(&public.kinds[0], public.tree(0));
        // As `select` has it: nobody is there, so it is not selected.
        let possible = |level: Selected| {
            level.into_iter().filter(|(cohort, _)| !nobodys.contains(cohort)).collect()
        };
        check(&public, &levels.into_iter().map(possible).collect::<Vec<_>>())?;
    }
}
