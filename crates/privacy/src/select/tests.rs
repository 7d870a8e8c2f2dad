use super::*;
use crate::budget::{Allotment, Design};
use crate::example::{self, Someone};
use crate::noisy::Group::{Others, Unit};
use crate::tree::Tree;
use statrs::distribution::{Binomial, DiscreteCDF};

/// A unit of `n` people, the first `caseload` of whom share a coach.
fn people(leaf: u32, n: u128, caseload: u128) -> Vec<(u128, Someone)> {
    let coaches = |p: u128| if p < caseload { vec![1] } else { vec![] };
    (0..n)
        .map(|p| {
            (
                u128::from(leaf) << 64 | p,
                Someone {
                    leaf,
                    keys: vec![],
                    coaches: coaches(p),
                },
            )
        })
        .collect()
}

fn tally(people: &[(u128, Someone)]) -> Tally {
    Tally::count(example::public(), example::sketch(people)).unwrap()
}

fn selection(rho_micro: u64, delta_femto: u64) -> Selection {
    let public = example::public();
    let allotment = Allotment {
        selections: vec![vec![(rho_micro, delta_femto)]],
        sizes: vec![],
        cells: vec![vec![]],
        takes_spare: false,
    };
    Design::new(&public, &allotment).unwrap().selections[0][0]
}

fn appearances(tally: &Tally, selection: &Selection, draws: u32) -> u32 {
    (0..draws)
        .map(|_| u32::from(select(tally, 0, 2, selection).unwrap().contains_key(&3)))
        .sum()
}

#[test]
fn below_k_outsiders_a_cohort_never_appears() {
    // 9 people, 7 of them with one coach: s = 2 < k = 3.
    let tally = tally(&people(3, 9, 7));
    assert_eq!(tally.outsiders(0, 3), 2);
    let generous = selection(1_000, 400_000_000_000_000);
    assert_eq!(appearances(&tally, &generous, 10_000), 0);
}

#[test]
fn at_k_outsiders_a_cohort_appears_as_often_as_delta_allows_and_not_more() {
    let delta = 0.02;
    let draws = 20_000;
    let selection = selection(20_000, 20_000_000_000_000);
    let at_k = tally(&people(3, 9, 6));
    assert_eq!(at_k.outsiders(0, 3), 3);
    let law = Binomial::new(delta, draws).unwrap();
    let most = law.inverse_cdf(1.0 - 1e-6) as u32;
    let seen = appearances(&at_k, &selection, draws as u32);
    assert!(seen <= most, "{seen} of {draws}");
    assert!(
        seen > most / 4,
        "the test has power only if it appears at all: {seen}"
    );
    // Two outsiders more than k, and the bound is broken: what is seen at s = k
    // is the shift by k − 1, not luck.
    let above = tally(&people(3, 15, 6));
    assert!(appearances(&above, &selection, draws as u32) > most);
}

fn selected(counts: &[&[(usize, i64)]]) -> Vec<Selected> {
    counts
        .iter()
        .map(|level| level.iter().copied().collect())
        .collect()
}

#[test]
fn all_children_shown_need_no_group() {
    let levels = selected(&[
        &[(0, 50)],
        &[(1, 20), (2, 30)],
        &[(3, 9), (4, 9), (5, 9), (6, 9)],
    ]);
    let shown = resolve(&example::public(), &levels);
    assert_eq!(shown[1], [(Unit(1), vec![1]), (Unit(2), vec![2])]);
    assert_eq!(shown[2].len(), 4);
}

#[test]
fn the_smallest_shown_sibling_joins_the_hidden_and_its_children_are_withheld() {
    let public = example::public();
    // b is hidden: a, though large, joins it; nothing under either shows.
    let levels = selected(&[&[(0, 50)], &[(1, 20)], &[(3, 9), (4, 9), (5, 9)]]);
    let shown = resolve(&public, &levels);
    assert_eq!(shown[1], [(Others(0), vec![1, 2])]);
    assert!(shown[2].is_empty());
    // a2 and b1 hidden: their sibling joins each.
    let levels = selected(&[&[(0, 50)], &[(1, 20), (2, 20)], &[(3, 9), (6, 9)]]);
    let shown = resolve(&public, &levels);
    assert_eq!(shown[2], [(Others(1), vec![3, 4]), (Others(2), vec![5, 6])]);
    // Both children hidden: no group.
    let levels = selected(&[&[(0, 50)], &[(1, 20), (2, 20)], &[(3, 9), (4, 9)]]);
    assert_eq!(
        resolve(&public, &levels)[2],
        [(Unit(3), vec![3]), (Unit(4), vec![4])]
    );
}

#[test]
fn under_a_hidden_root_nothing_shows() {
    let levels = selected(&[&[], &[(1, 20), (2, 20)], &[(3, 9)]]);
    assert!(
        resolve(&example::public(), &levels)
            .iter()
            .all(Vec::is_empty)
    );
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
    let public = Public {
        tree: Tree::new(specs).unwrap(),
        ..example::public()
    };
    let code = |id| public.tree.code(id).unwrap();
    let levels = selected(&[
        &[(0, 50)],
        &[(code("x"), 7), (code("y"), 7), (code("z"), 9)],
    ]);
    let shown = resolve(&public, &levels);
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
