use super::*;
use crate::example::{self, Someone};
use crate::noisy::{Cohort, Group};
use crate::public::{Bound, Bounds};

/// People of the leaves a1, a2 and b1; nobody is in b2.
const PEOPLE: [i64; 3] = [40, 30, 2000];

fn tally_of(public: &Public) -> Tally {
    let leaves = (3u32..).zip(PEOPLE);
    let people = leaves.flat_map(|(leaf, people)| {
        (0..people as u128).map(move |p| {
            let someone = Someone {
                leaf,
                keys: vec![0],
                coaches: vec![],
            };
            (u128::from(leaf) << 64 | p, someone)
        })
    });
    example::tally_of(public, &people.collect::<Vec<_>>()).unwrap()
}

fn rehearsal() -> Rehearsal {
    Rehearsal::new(tally_of(&example::public())).unwrap()
}

fn script(public: Public) -> Script {
    let owed = Owed::new(&[(&public, true)]).unwrap();
    Script::new(public, &owed).unwrap()
}

fn policy(k: u32, epsilon: f64) -> Public {
    let mut public = example::public();
    public.policy.k = k;
    public.policy.epsilon = epsilon;
    public
}

fn size(cohorts: &[Cohort], group: Group) -> Option<i64> {
    let cohort = cohorts.iter().find(|cohort| cohort.group == group)?;
    Some(cohort.size)
}

#[test]
fn of_real_people_nothing_is_rehearsed() {
    let real = Public {
        synthetic: false,
        ..example::public()
    };
    assert!(Rehearsal::new(tally_of(&real)).is_none());
}

#[test]
fn each_draw_has_noise_of_its_own_and_the_parameters_that_a_grant_would_have() {
    let (rehearsal, script) = (rehearsal(), script(example::public()));
    let draws: Vec<Noisy> = (0..20).map(|_| rehearsal.draw(&script).unwrap()).collect();
    let design = script.design();
    let mut sizes = std::collections::BTreeSet::new();
    for noisy in &draws {
        let root = &noisy.kinds[0].levels[0];
        assert_eq!(
            (root.selection, root.size),
            (design.selections[0][0], design.sizes[0][0])
        );
        assert_eq!(noisy.blocks[0].levels[2].noise, design.cells[0][2]);
        assert!(noisy.cost.rho_micro > 0 && noisy.cost.epsilon > 0.0);
        let drawn = size(&root.cohorts, Group::Unit(0)).unwrap();
        let exact: i64 = PEOPLE.iter().sum();
        assert!((drawn - exact).abs() as f64 <= 8.0 * root.size.sigma);
        sizes.insert(drawn);
    }
    assert!(sizes.len() > 1, "twenty draws, one noise");
}

#[test]
fn k_budget_and_levels_need_no_other_aggregation() {
    let rehearsal = rehearsal();
    let shows_a2 = |k| {
        let noisy = rehearsal.draw(&script(policy(k, 1000.0))).unwrap();
        size(&noisy.kinds[0].levels[2].cohorts, Group::Unit(4)).is_some()
    };
    assert!(shows_a2(3) && !shows_a2(31), "30 people are in a2");
    let sigma = |epsilon| script(policy(3, epsilon)).design().cells[0][0].sigma;
    assert!(sigma(2.0) > 1.5 * sigma(8.0));
    let mut shallow = example::public();
    shallow.kinds[0].levels = 1;
    shallow.blocks[0].levels = vec![0];
    let noisy = rehearsal.draw(&script(shallow)).unwrap();
    assert_eq!(
        (noisy.kinds[0].levels.len(), noisy.blocks[0].levels.len()),
        (1, 1)
    );
}

#[test]
fn what_bounds_rows_does() {
    let mut others = vec![example::public(); 7];
    others[0].blocks[0].max_cells = 3;
    others[1].policy.coalition = 0;
    others[2].blocks[0].coordinates[0].factor = 2;
    others[3].spans[0].tree = crate::Tree::new(vec![example::unit("root", None)]).unwrap();
    others[4].kinds[0].coach_rule = false;
    others[5].revision = 1;
    others[6].bounds = vec![Bounds {
        kind: 0,
        bounds: vec![Bound::Keys { block: 0, more: 1 }],
    }];
    let rehearsal = rehearsal();
    for other in others {
        let mismatch = |result| matches!(result, Err(RehearsalError::Mismatch));
        assert!(mismatch(rehearsal.exact(&other)), "{other:?}");
        assert!(mismatch(rehearsal.draw(&script(other))));
    }
}

#[test]
fn exact_numbers_are_those_that_were_counted_of_every_cohort_with_people() {
    let noisy = rehearsal().exact(&example::public()).unwrap();
    let [a1, a2, b1] = PEOPLE;
    let expected = [
        vec![(0, a1 + a2 + b1)],
        vec![(1, a1 + a2), (2, b1)],
        vec![(3, a1), (4, a2), (5, b1)],
    ];
    let levels = noisy.kinds[0].levels.iter().zip(&noisy.blocks[0].levels);
    for ((level, cells), expected) in levels.zip(expected) {
        let sizes = level.cohorts.iter().map(|cohort| match cohort.group {
            Group::Unit(unit) => (unit, cohort.size),
            Group::Others(_) => panic!("nobody is hidden"),
        });
        assert_eq!(sizes.collect::<Vec<_>>(), expected);
        // Everybody has the first of five keys.
        let rows: Vec<_> = expected.iter().map(|(_, n)| vec![*n, 0, 0, 0, 0]).collect();
        assert_eq!(cells.cells, rows);
    }
}

#[test]
fn exact_bounds_are_told_of_the_organisation() {
    let mut public = example::public();
    public.bounds = vec![Bounds {
        kind: 0,
        bounds: vec![Bound::Keys { block: 0, more: 2 }],
    }];
    let people = (0..10).map(|id| {
        let someone = Someone {
            leaf: 3,
            keys: (0..id as u32 / 2).collect(),
            coaches: vec![],
        };
        (id, someone)
    });
    let tally = example::tally_of(&public, &people.collect::<Vec<_>>()).unwrap();
    let noisy = Rehearsal::new(tally).unwrap().exact(&public).unwrap();
    let [bounds] = noisy.bounds.as_slice() else {
        panic!("one kind has bounds");
    };
    // Of `max_cells` 2: six people lose none, two one of two keys, two both.
    let factor = i64::from(crate::public::FACTOR_MOST);
    assert_eq!((bounds.keys[0].key, bounds.noise), (0, NONE));
    assert_eq!(bounds.keys[0].numbers, [(2 - 6) * factor]);
}
