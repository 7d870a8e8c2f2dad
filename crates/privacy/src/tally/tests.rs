use super::*;
use crate::example::{self, Someone};
use crate::public::{Bound, Bounds};
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
    example::tally(people).unwrap()
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
            let units: Vec<usize> = public.tree(0).at_level(level).collect();
            let moved: i64 = units.iter().map(|&u| with.size(0, u) - without.size(0, u)).sum();
            prop_assert_eq!(moved, 1);
            let mut l2_squared = 0;
            for &unit in &units {
                let fell = with.outsiders(0, unit) - without.outsiders(0, unit);
                prop_assert!((0..=1).contains(&fell), "s moved by {}", fell);
                let cells = with.numbers(0, unit).iter().zip(without.numbers(0, unit));
                l2_squared += cells.map(|(a, b)| (a - b) * (a - b)).sum::<i64>();
            }
            prop_assert!(l2_squared <= public.l2_squared(0) as i64);
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
            let total: i64 = tally.numbers(0, unit).iter().sum();
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
        prop_assert_eq!(a.blocks, b.blocks);
        prop_assert_eq!(&a.kinds[0].members, &b.kinds[0].members);
        prop_assert_eq!(&a.kinds[0].caseloads, &b.kinds[0].caseloads);
        prop_assert_eq!(&a.bounds, &b.bounds);
    }
}

/// Coachees, everybody told apart by two values, and cohorts by key and value
/// with `(all)`; keyed counts, and a vector of every rule of each.
fn rich() -> Public {
    use crate::public::{CohortKind, Coordinate, Dimension, Keys, Label, Rule};
    let mut public = example::public();
    let values = ["v0", "v1"].map(Label::plain).to_vec();
    let name = "job_level".to_owned();
    public.kinds.push(CohortKind {
        name: "headcount".to_owned(),
        coach_rule: false,
        dimensions: vec![Dimension { name, values }],
        ..public.kinds[0].clone()
    });
    let labels = ["k0", "k1", "k2", "(all)"].map(|key| vec![Label::plain(key)]);
    public.kinds.push(CohortKind {
        name: "assessed".to_owned(),
        coach_rule: true,
        keys: Keys {
            labels: labels.to_vec(),
            most: 2,
            with_all: true,
            vacant: std::collections::BTreeSet::new(),
        },
        ..public.kinds[1].clone()
    });
    let rules = [
        Rule::Has,
        Rule::Centred {
            input: 0,
            low: 0,
            high: 90,
        },
        Rule::Amount { input: 1, high: 60 },
        Rule::AtLeast {
            input: 0,
            least: 40,
        },
        Rule::Within {
            part: 1,
            whole: 0,
            low_micro: 300_000,
            high_micro: 800_000,
        },
        Rule::Excess {
            part: 1,
            whole: 0,
            high: 70,
        },
    ];
    let coordinate = |(factor, rule)| Coordinate {
        rule,
        factor,
        weight: 1.0,
        tolerated_error: 0.1,
    };
    for kind in [0, 1, 2] {
        let mut block = public.blocks[0].clone();
        (block.kind, block.inputs) = (kind, 2);
        block.coordinates = (9..).zip(rules).map(coordinate).collect();
        public.blocks.push(block);
    }
    public.bounds = bounds();
    public
}

/// Every bound of the kinds and blocks of [`rich`].
fn bounds() -> Vec<Bounds> {
    let clip = |block, input, high| Bound::Clip {
        block,
        input,
        high,
        more: high,
    };
    let keys = Bound::Keys { block: 0, more: 2 };
    let all = [
        vec![keys, clip(1, 0, 60)],
        vec![clip(2, 1, 40)],
        vec![Bound::CohortKeys { more: 1 }, clip(3, 0, 30)],
    ];
    let of_kind = |(kind, bounds)| Bounds { kind, bounds };
    (0..).zip(all).map(of_kind).collect()
}

/// A leaf, a value (0: none) and rows: key, amounts, coach.
type Rich = (u32, u32, Vec<(u32, [i64; 2], u64)>);

fn count_rich(people: &[(u128, Rich)]) -> Tally {
    let public = rich();
    let seed = crate::bound::Seed::derive(&crate::Secret::new([3; 32]), "2024-Q1", 0);
    let mut people: Vec<&(u128, Rich)> = people.iter().collect();
    people.sort_by_key(|(id, _)| *id);
    let tally = Tally::count(public, &seed, |part| {
        let number = part.number();
        let mut mine = people.iter().filter(|(id, _)| part_of(*id) == number);
        mine.try_for_each(|(id, rich)| part.person(*id, |person| tell(person, rich)))
    });
    let tally: Result<Tally, TallyError> = tally;
    tally.unwrap()
}

fn tell(person: &mut Person, (leaf, value, rows): &Rich) {
    person.join(1, *leaf, *value);
    person.join(2, *leaf, *value);
    for (key, amounts, coach) in rows {
        // Of five keys three are keys of cohorts, and all are in `(all)`.
        for within in [key % 3, 3] {
            person.enter(2, within);
            person.touch(3, within, *key, amounts);
        }
        person.join(0, *leaf, 0);
        person.touch(0, 0, *key, &[]);
        person.touch(1, 0, *key, amounts);
        person.touch(2, 0, *key, amounts);
        person.coached_by(*coach);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn one_person_moves_every_kind_and_block_by_at_most_what_is_declared(
        people in prop::collection::vec(
            (3..7u32, 0..3u32, prop::collection::vec((0..5u32, [0..120i64, 0..120i64], 0..3u64), 0..4)),
            1..7,
        ),
        gone in any::<prop::sample::Index>(),
    ) {
        let people: Vec<(u128, Rich)> = (0..).zip(people).collect();
        let mut fewer = people.clone();
        fewer.remove(gone.index(people.len()));
        let (with, without) = (count_rich(&people), count_rich(&fewer));
        let public = rich();
        for level in 0..3 {
            let cohorts = |kind: usize| {
                let cells = public.kinds[kind].cells();
                public.tree(kind).at_level(level).flat_map(move |u| u * cells..(u + 1) * cells)
            };
            for kind in [0, 1, 2] {
                let mut moved = 0;
                for cohort in cohorts(kind) {
                    let n = with.size(kind, cohort) - without.size(kind, cohort);
                    let s = with.outsiders(kind, cohort) - without.outsiders(kind, cohort);
                    prop_assert!((0..=1).contains(&n) && (0..=n).contains(&s));
                    moved += n;
                }
                prop_assert!(moved <= i64::from(public.kinds[kind].cohorts_a_person()));
            }
            for (block, declared) in public.blocks.iter().enumerate() {
                let moved: u64 = cohorts(declared.kind).map(|cohort| {
                    let numbers = with.numbers(block, cohort).iter().zip(without.numbers(block, cohort));
                    numbers.map(|(a, b)| a.abs_diff(*b).pow(2)).sum::<u64>()
                }).sum();
                prop_assert!(moved <= public.l2_squared(block));
            }
        }
        for (index, bounds) in public.bounds.iter().enumerate() {
            let keys = 0..public.kinds[bounds.kind].keys.labels.len();
            let moved: u64 = keys.map(|key| {
                let numbers = with.cut_off(index, key).iter().zip(without.cut_off(index, key));
                numbers.map(|(a, b)| a.abs_diff(*b).pow(2)).sum::<u64>()
            }).sum();
            prop_assert!(moved <= bounds.l2_squared(&public.kinds[bounds.kind]));
        }
    }

    /// What is cut off, counted by hand; how much of a key's amounts is, by the
    /// keys that the tally kept.
    #[test]
    fn what_bounds_cut_off_is_that_of_a_brute_force_count(
        rows in prop::collection::vec((0..5u32, [0..200i64, 0..200i64], 0..3u64), 0..9),
    ) {
        let public = rich();
        let tally = count_rich(&[(1, (3, 1, rows.clone()))]);
        let mut sums = std::collections::BTreeMap::<u32, [i64; 2]>::new();
        for (key, amounts, _) in &rows {
            let mine = sums.entry(*key).or_default();
            mine.iter_mut().zip(amounts).for_each(|(a, b)| *a += b);
        }
        let has = |block: usize, cohort: usize, key: u32| {
            tally.numbers(block, cohort)[key as usize * 6] > 0
        };
        let over = |block, cohort, input: usize, high: i64| -> i64 {
            let kept = sums.iter().filter(|(key, _)| has(block, cohort, **key));
            kept.map(|(_, amounts)| (amounts[input] - high).clamp(0, high)).sum()
        };
        let of = |bounds: usize, key: usize| tally.cut_off(bounds, key).to_vec();
        let beyond = (sums.len() as i64 - 2).clamp(0, 2);
        let (leaf, values) = (3, public.kinds[1].cells());
        if !rows.is_empty() {
            let clipped = number(over(1, leaf, 0, 60), 120);
            prop_assert_eq!(of(0, 0), [number(beyond, 2), clipped]);
        }
        prop_assert_eq!(of(1, 0), [number(over(2, leaf * values, 1, 40), 80)]);
        let cohorts: std::collections::BTreeSet<u32> = sums.keys().map(|key| key % 3).collect();
        let cells = public.kinds[2].cells();
        let mut kept = 0;
        for key in 0..3 {
            let cohort = leaf * cells + key * values;
            if tally.size(2, cohort) == 0 {
                prop_assert_eq!(of(2, key), [0, 0]);
                continue;
            }
            kept += 1;
            let beyond = i64::from(cohorts.len() > 2);
            prop_assert_eq!(of(2, key), [number(beyond, 1), number(over(3, cohort, 0, 30), 60)]);
        }
        prop_assert_eq!(kept, cohorts.len().min(2));
        // Everybody is in `(all)`, where nothing is told.
        prop_assert_eq!(of(2, 3), [0, 0]);
    }
}

#[test]
fn the_declared_sensitivity_of_what_bounds_cut_off_is_reached() {
    let public = rich();
    let moved = |rows: Vec<(u32, [i64; 2], u64)>| -> Vec<u64> {
        let tally = count_rich(&[(1, (3, 1, rows))]);
        let all = public.bounds.iter().enumerate();
        let squares = all.map(|(index, bounds)| {
            let keys = 0..public.kinds[bounds.kind].keys.labels.len();
            let numbers = keys.flat_map(|key| tally.cut_off(index, key));
            numbers.map(|x| x.pow(2) as u64).sum()
        });
        squares.collect()
    };
    let declared: Vec<u64> = public
        .bounds
        .iter()
        .map(|bounds| bounds.l2_squared(&public.kinds[bounds.kind]))
        .collect();
    // Within all bounds, and far beyond each of the first two kinds.
    let little = vec![(0, [1, 1], 1), (1, [1, 1], 1)];
    let nothing = number(0, 1);
    assert_eq!(nothing, -65_536);
    assert_eq!(moved(little), declared);
    let most = (0..5).map(|key| (key, [500, 500], 1)).collect();
    assert_eq!(moved(most)[..2], declared[..2]);
}

#[test]
fn the_declared_sensitivity_is_reached() {
    // Two keys, both amounts at their clips or within the flags' bounds.
    let rows = vec![(0, [90, 60], 1), (1, [90, 60], 1)];
    let tally = count_rich(&[(1, (3, 1, rows))]);
    let public = rich();
    let cells = public.kinds[1].cells();
    let squares = |cohort: usize| tally.numbers(2, cohort).iter().map(|x| x.pow(2) as u64);
    let moved: u64 = (3 * cells..4 * cells).flat_map(squares).sum();
    // All but the excess, whose part is two thirds of the whole here.
    let short = 2 * 2 * (14_u64.pow(2) - 5_u64.pow(2));
    assert_eq!(moved, public.l2_squared(2) - short);
}

#[test]
fn the_declared_sensitivity_of_keyed_cohorts_is_reached() {
    // Two cohort keys and `(all)`, with and without the value: six cohorts, in
    // each of the former one key of the block, in `(all)` two.
    let rows = vec![(0, [90, 60], 1), (1, [90, 60], 1), (2, [90, 60], 1)];
    let tally = count_rich(&[(1, (3, 1, rows))]);
    let public = rich();
    let kind = &public.kinds[2];
    let cells = kind.cells();
    assert_eq!((cells, kind.cohorts_a_person()), (12, 6));
    let sizes = (3 * cells..4 * cells).map(|cohort| tally.size(2, cohort));
    assert_eq!(sizes.sum::<i64>(), 6);
    let entries = (3 * cells..4 * cells).map(|cohort| {
        // The first coordinate is `Has`, of factor 9.
        let has = tally.numbers(3, cohort).chunks(6).map(|key| key[0]);
        has.sum::<i64>() / 9
    });
    assert_eq!(entries.sum::<i64>(), 2 * 2 + 2 * 2);
}

#[test]
fn of_more_keys_than_a_person_may_have_the_same_are_kept_at_every_level() {
    let person = |id: u128| (id, (3, 0, (0..3).map(|key| (key, [1, 1], 1)).collect()));
    let people: Vec<(u128, Rich)> = (0..3000).map(person).collect();
    let tally = count_rich(&people);
    let public = rich();
    let cells = public.kinds[2].cells();
    let sizes = |unit: usize| {
        let key = |key: usize| tally.size(2, unit * cells + key * 3);
        [key(0), key(1), key(2), key(3)]
    };
    assert_eq!(sizes(3), sizes(0));
    assert_eq!(sizes(3)[3], 3000);
    assert_eq!(sizes(3)[..3].iter().sum::<i64>(), 6000);
    // 2,000 each, σ = √(3000 · 2/9) ≈ 26.
    let even = |n: &i64| (2000 - 130..=2000 + 130).contains(n);
    assert!(sizes(3)[..3].iter().all(even), "{:?}", sizes(3));
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
        let refused = example::tally(&people).unwrap_err();
        assert_eq!(refused, TallyError::Undeclared);
    }
}

#[test]
fn a_key_that_is_not_declared_is_refused_even_if_it_would_not_be_kept() {
    for id in 0..20 {
        let someone = Someone {
            leaf: 3,
            keys: vec![0, 1, 2, 3, 4, 5],
            coaches: vec![],
        };
        let refused = example::tally(&[(id, someone)]).unwrap_err();
        assert_eq!(refused, TallyError::Undeclared);
    }
}

#[test]
fn somebody_where_nobody_can_be_is_refused() {
    let mut public = example::public();
    public.kinds[0].keys.vacant = [(3, 0)].into();
    let count = |leaf| {
        let someone = Someone {
            leaf,
            keys: vec![0],
            coaches: vec![],
        };
        example::tally_of(&public, &[(1, someone)]).map(|_| ())
    };
    assert_eq!(count(3), Err(TallyError::Undeclared));
    assert_eq!(count(4), Ok(()));
}

/// Whoever tells could put one that was told elsewhere in somebody's place.
#[test]
fn a_person_is_bounded_as_this_release_declares_wherever_they_come_from() {
    let seed = crate::bound::Seed::derive(&crate::Secret::new([3; 32]), "2024-Q1", 0);
    let narrow = example::public();
    let mut wide = example::public();
    wide.blocks[0].max_cells = 5;
    let tell = |person: &mut Person| {
        person.join(0, 3, 0);
        (0..5).for_each(|key| person.touch(0, 0, key, &[]));
    };
    let once = |part: &Part<'_>| part.number() == 0;
    let outer = |outer: &mut Part<'_>| -> Result<(), TallyError> {
        if !once(outer) {
            return Ok(());
        }
        outer.person(1, |mine| {
            tell(mine);
            let mine = std::sync::Mutex::new(mine);
            let inner = |inner: &mut Part<'_>| {
                if !once(inner) {
                    return Ok(());
                }
                inner.person(1, |theirs| {
                    std::mem::swap(theirs, *mine.lock().unwrap());
                })
            };
            let tally: Result<Tally, TallyError> = Tally::count(narrow.clone(), &seed, inner);
            let tally = tally.unwrap();
            assert_eq!(tally.size(0, 3), 1);
            assert_eq!(tally.numbers(0, 3).iter().sum::<i64>(), 2, "max_cells");
        })
    };
    Tally::count(wide, &seed, outer).unwrap();
}

#[test]
fn nobody_is_told_of_twice_or_in_another_part() {
    let seed = crate::bound::Seed::derive(&crate::Secret::new([3; 32]), "2024-Q1", 0);
    let count = |people: &[u128]| {
        let tell = |part: &mut Part<'_>| {
            let number = part.number();
            let mut all = people.iter().filter(|_| number == 1);
            all.try_for_each(|id| part.person(*id, |person| person.join(0, 3, 0)))
        };
        Tally::count(example::public(), &seed, tell).map(|tally| tally.size(0, 3))
    };
    let first = 1 << 122;
    assert_eq!(part_of(first), 1);
    assert_eq!(count(&[first, first + 1, 2 * first - 1]), Ok(3));
    for people in [
        &[first, first][..],
        &[first + 1, first],
        &[0],
        &[2 * first],
        &[u128::MAX],
    ] {
        assert_eq!(count(people), Err(TallyError::Disorder), "{people:?}");
    }
}

#[test]
fn parts_are_counted_alike_by_any_number_of_threads() {
    let someone = |id: u128| Someone {
        leaf: 3 + (id % 4) as u32,
        keys: vec![(id % 5) as u32],
        coaches: vec![id as u64 % 7],
    };
    let people: Vec<_> = (0..640_u128)
        .map(|id| (id << 118 | id, someone(id)))
        .collect();
    let totals = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let tally = pool.build().unwrap().install(|| count(&people));
        let units = 0..example::tree().units().len();
        let of = |unit| (tally.outsiders(0, unit), tally.numbers(0, unit).to_vec());
        units.map(of).collect::<Vec<_>>()
    };
    let alone = totals(1);
    assert_eq!(alone[0].1.iter().sum::<i64>(), 640);
    assert!([2, 3, 8].iter().all(|&threads| totals(threads) == alone));
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
