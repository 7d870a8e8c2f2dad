use super::*;
use crate::example::{self, Someone};
use proptest::prelude::*;

fn people() -> impl Strategy<Value = Vec<(u128, Someone)>> {
    let someone = (
        3..7u32,
        prop::collection::vec(0..5u32, 0..6),
        prop::collection::vec(0..3u64, 0..3),
    );
    let someone = someone.prop_map(|(leaf, keys, coaches)| Someone {
        leaf,
        keys,
        coaches,
    });
    prop::collection::vec(someone, 1..25).prop_map(|all| (0..).zip(all).collect())
}

fn count(people: &[(u128, Someone)]) -> Tally {
    Tally::count(example::public(), example::sketch(people)).unwrap()
}

proptest! {
    #[test]
    fn one_person_moves_the_totals_by_at_most_the_declared_sensitivity(
        people in people(), gone in any::<prop::sample::Index>()
    ) {
        let gone = gone.index(people.len());
        let mut fewer = people.clone();
        fewer.remove(gone);
        let (with, without) = (count(&people), count(&fewer));
        let public = example::public();
        for level in 0..3 {
            let units: Vec<usize> = public.tree.at_level(level).collect();
            let moved: i64 = units.iter().map(|&u| with.size(0, u) - without.size(0, u)).sum();
            prop_assert_eq!(moved, 1);
            let mut l2_squared = 0;
            for &unit in &units {
                let fell = with.outsiders(0, unit) - without.outsiders(0, unit);
                prop_assert!((0..=1).contains(&fell), "s moved by {}", fell);
                let cells = with.cells(0, unit).iter().zip(without.cells(0, unit));
                l2_squared += cells.map(|(a, b)| (a - b) * (a - b)).sum::<i64>();
            }
            prop_assert!(l2_squared <= i64::from(public.blocks[0].l2_squared()));
        }
    }

    #[test]
    fn totals_are_those_of_a_brute_force_count(people in people()) {
        let tally = count(&people);
        let tree = example::tree();
        for unit in 0..tree.units().len() {
            let under = |leaf: u32| {
                std::iter::successors(Some(leaf as usize), |&u| tree.unit(u).parent).any(|u| u == unit)
            };
            let members: Vec<_> = people.iter().filter(|(_, p)| under(p.leaf)).collect();
            prop_assert_eq!(tally.size(0, unit), members.len() as i64);
            let caseload = |coach: u64| members.iter().filter(|(_, p)| p.coaches.contains(&coach)).count();
            let largest = (0..3).map(caseload).max().unwrap();
            prop_assert_eq!(tally.outsiders(0, unit), (members.len() - largest) as i64);
            let total: i64 = tally.cells(0, unit).iter().sum();
            let kept = members.iter().map(|(_, p)| {
                let mut keys = p.keys.clone();
                keys.sort_unstable();
                keys.dedup();
                keys.len().min(2) as i64
            });
            prop_assert_eq!(total, kept.sum::<i64>());
        }
    }

    #[test]
    fn threads_do_not_matter(people in people()) {
        let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let (a, b) = (one.install(|| count(&people)), count(&people));
        prop_assert_eq!(a.cells, b.cells);
        prop_assert_eq!(a.members, b.members);
        prop_assert_eq!(a.caseloads, b.caseloads);
    }
}

#[test]
fn rows_coded_against_another_declaration_are_refused() {
    let row = |leaf, key| {
        (
            1,
            Someone {
                leaf,
                keys: vec![key],
                coaches: vec![],
            },
        )
    };
    for people in [[row(3, 9)], [row(1, 0)], [row(99, 0)]] {
        let sketch = example::sketch(&people);
        assert_eq!(
            Tally::count(example::public(), sketch).unwrap_err(),
            TallyError::Undeclared
        );
    }
}

#[test]
fn a_sketch_bounded_otherwise_than_declared_is_refused() {
    let mut public = example::public();
    public.blocks[0].max_cells = 1;
    let sketch = example::sketch(&[]);
    assert_eq!(
        Tally::count(public, sketch).unwrap_err(),
        TallyError::Undeclared
    );
}

#[test]
fn a_tally_shows_nothing() {
    let people = [(
        7,
        Someone {
            leaf: 3,
            keys: vec![1],
            coaches: vec![5],
        },
    )];
    assert_eq!(format!("{:?}", count(&people)), "Tally(..)");
}
