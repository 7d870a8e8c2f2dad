use std::collections::BTreeSet;

use super::*;
use proptest::prelude::*;

fn kind(values: &[usize]) -> CohortKind {
    let dimension = |values: &usize| Dimension {
        name: String::new(),
        values: (0..*values).map(|v| Label::plain(&v.to_string())).collect(),
    };
    CohortKind {
        name: String::new(),
        span: 0,
        levels: 1,
        coach_rule: false,
        keys: Keys::none(),
        dimensions: values.iter().map(dimension).collect(),
    }
}

#[test]
fn cells_number_all_values_and_generalise_to_all() {
    let kind = kind(&[2, 0, 3]);
    assert_eq!((kind.cells(), kind.cohorts_a_person()), (12, 4));
    for cell in 0..kind.cells() {
        assert_eq!(kind.cell(0, &kind.digits(cell)), cell);
    }
    let mut cells = kind.generalisations(kind.cell(0, &[2, 0, 3]));
    cells.sort_unstable();
    let expected = [[0, 0, 0], [0, 0, 3], [2, 0, 0], [2, 0, 3]];
    assert_eq!(cells, expected.map(|digits| kind.cell(0, &digits)));
    // Somebody without a value counts in `(all)` alone.
    assert_eq!(kind.generalisations(kind.cell(0, &[0, 0, 3])).len(), 2);
    assert_eq!(kind.generalisations(0), [0]);
}

fn one(rule: Rule, amounts: &[i64]) -> i64 {
    let coordinate = Coordinate {
        rule,
        factor: 1000,
        weight: 1.0,
        tolerated_error: 1.0,
    };
    coordinate.of(amounts)
}

#[test]
fn rules_by_hand() {
    let centred = Rule::Centred {
        input: 0,
        low: 20,
        high: 120,
    };
    for (amount, expected) in [
        (0, -1000),
        (20, -1000),
        (45, -500),
        (70, 0),
        (120, 1000),
        (999, 1000),
    ] {
        assert_eq!(one(centred, &[amount]), expected);
    }
    let amount = Rule::Amount { input: 1, high: 3 };
    assert_eq!(
        [0, 1, 2, 3, 9].map(|x| one(amount, &[7, x])),
        [0, 333, 667, 1000, 1000]
    );
    let least = Rule::AtLeast { input: 0, least: 3 };
    assert_eq!([2, 3].map(|x| one(least, &[x])), [-1000, 1000]);
    let near = Rule::Within {
        part: 0,
        whole: 1,
        low_micro: 700_000,
        high_micro: 900_000,
    };
    let shares = [[69, 100], [7, 10], [9, 10], [91, 100], [0, 0]];
    assert_eq!(
        shares.map(|x| one(near, &x)),
        [-1000, 1000, 1000, -1000, -1000]
    );
    let excess = Rule::Excess {
        part: 0,
        whole: 1,
        high: 100,
    };
    // All of 100; half of it; three quarters of 40; all of 200 counts as of 100.
    let amounts = [
        [100, 100],
        [50, 100],
        [30, 40],
        [200, 200],
        [0, 200],
        [5, 0],
    ];
    assert_eq!(
        amounts.map(|x| one(excess, &x)),
        [1000, 0, 200, 1000, -1000, 0]
    );
    assert_eq!(one(Rule::Has, &[]), 1000);
}

fn rule() -> impl Strategy<Value = Rule> {
    let high = 1..=AMOUNT_MOST;
    prop_oneof![
        Just(Rule::Has),
        (0..AMOUNT_MOST, high.clone()).prop_map(|(low, high)| Rule::Centred {
            input: 0,
            low,
            high
        }),
        high.clone()
            .prop_map(|high| Rule::Amount { input: 0, high }),
        any::<i64>().prop_map(|least| Rule::AtLeast { input: 0, least }),
        (0..=1_000_000i64, 0..=1_000_000i64).prop_map(|(low_micro, high_micro)| Rule::Within {
            part: 0,
            whole: 1,
            low_micro,
            high_micro
        }),
        high.prop_map(|high| Rule::Excess {
            part: 0,
            whole: 1,
            high
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    /// Adding or removing a person changes a coordinate by what the person has
    /// there, so this is the neighbour test of every rule.
    #[test]
    fn no_amounts_move_a_coordinate_by_more_than_its_factor(
        rule in rule(), factor in 1..=FACTOR_MOST, amounts in [0..=AMOUNT_MOST, 0..=AMOUNT_MOST]
    ) {
        let coordinate = Coordinate { rule, factor, weight: 1.0, tolerated_error: 1.0 };
        prop_assert!(coordinate.of(&amounts).abs() <= i64::from(factor));
    }
}

#[test]
fn nobody_can_be_in_an_inner_unit_if_in_none_below() {
    let tree = crate::example::tree();
    let mut keys = Keys {
        labels: vec![vec![]; 2],
        ..Keys::none()
    };
    assert_eq!(keys.vacant(&tree), BTreeSet::new());
    keys.vacant = [(3, 0), (4, 0), (5, 0), (5, 1), (6, 1)].into();
    let mut expected = keys.vacant.clone();
    expected.extend([(1, 0), (2, 1)]);
    assert_eq!(keys.vacant(&tree), expected);
    keys.vacant.insert((6, 0));
    expected.extend([(6, 0), (2, 0), (0, 0)]);
    assert_eq!(keys.vacant(&tree), expected);
}
