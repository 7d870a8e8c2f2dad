use super::*;
use crate::budget::{Allotment, Design};
use crate::example::{self, Someone};
use crate::mechanism::Shipped;
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
    example::tally(people).unwrap()
}

fn selection(rho_micro: u64, delta_femto: u64) -> Selection {
    let public = example::public();
    let allotment = Allotment {
        selections: vec![vec![(rho_micro, delta_femto)]],
        sizes: vec![],
        cells: vec![vec![]],
        searches: vec![],
        bounds: vec![],
        takes_spare: false,
    };
    Design::new(&public, &allotment).unwrap().selections[0][0]
}

fn appearances(tally: &Tally, selection: &Selection, draws: u32) -> u32 {
    let public = example::public();
    let selected = || select(tally, &public, 0, 2, selection, &mut Shipped).unwrap();
    (0..draws)
        .map(|_| u32::from(selected().contains_key(&3)))
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
