use super::*;
use crate::example::{self, unit};
use crate::public::{Dimension, Label};
use crate::tree::Tree;

/// Eight divisions of ten departments each.
fn public(dimension: Option<usize>) -> Public {
    let mut units = vec![unit("r", None)];
    for division in 0..8 {
        let id = format!("d{division}");
        units.push(unit(&id, Some("r")));
        let below = (0..10).map(|at| unit(&format!("{id}-{at}"), Some(&id)));
        units.extend(below);
    }
    let mut public = example::public();
    public.spans[0].tree = Tree::new(units).unwrap();
    public.kinds[0].levels = 3;
    public.kinds[0].dimensions = dimension
        .map(|values| Dimension {
            name: "job_level".to_owned(),
            values: (0..values)
                .map(|at| Label::plain(&at.to_string()))
                .collect(),
        })
        .into_iter()
        .collect();
    public
}

/// Up: z₂ = 1, z₁ = 1/(1 + 1/10) = 10/11, z₀ = 1/(1 + 11/80) = 80/91. Down: V₁ = z₁ −
/// z₁/8 + V₀/64, V₂ = 1 − 1/10 + V₁/100.
#[test]
fn levels_by_hand() {
    let expected = Expected::new(&public(None), 0);
    let got = expected.variances(|_| 1.0);
    let (root, division) = (80.0 / 91.0, 10.0 / 11.0);
    let division = division - division / 8.0 + root / 64.0;
    let department = 0.9 + division / 100.0;
    for (got, by_hand) in got.iter().zip([root, division, department]) {
        assert!((got - by_hand).abs() < 1e-12, "{got} {by_hand}");
    }
    // Without departments divisions are what they were, less an eighth of it.
    let got = expected.variances(|level| if level < 2 { 1.0 } else { f64::INFINITY });
    assert!((got[0] - 8.0 / 9.0).abs() < 1e-12 && (got[1] - 8.0 / 9.0).abs() < 1e-12);
    // A unit's values tell of the unit: 1/(1 + 1/4) of the root alone.
    let of_values = Expected::new(&public(Some(4)), 0);
    let alone = of_values.variances(|level| if level == 0 { 1.0 } else { f64::INFINITY });
    let (all, each) = (0.8, 1.0 - 0.25 + 0.8 / 16.0);
    assert!((alone[0] - (all + 4.0 * each) / 5.0).abs() < 1e-12);
}

#[test]
fn the_split_is_the_least_of_all_splits() {
    let expected = Expected::new(&public(None), 0);
    let cost = |shares: &[f64]| -> f64 {
        let variances = expected.variances(|level| 1.0 / shares[level as usize]);
        variances.iter().sum()
    };
    let best = split(&expected, &[0, 1, 2]);
    assert!((best.shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    assert!((best.cost - cost(&best.shares)).abs() < 1e-9);
    // A search of the simplex finds nothing better.
    let mut least = f64::INFINITY;
    for one in 1..199 {
        for two in 1..200 - one {
            let shares = [one, two, 200 - one - two].map(|part| f64::from(part) / 200.0);
            least = least.min(cost(&shares));
        }
    }
    assert!(best.cost <= least * (1.0 + 1e-6), "{} {least}", best.cost);
    assert!(best.cost < cost(&[1.0 / 3.0; 3]) * 0.998);
    // Departments, of whom nothing else tells as much, get the most.
    assert!(best.shares[2] > best.shares[1] && best.shares[2] > best.shares[0]);
}

#[test]
fn a_level_alone_gets_all_and_strangers_share_alike() {
    let expected = Expected::new(&public(None), 0);
    let one = split(&expected, &[1]);
    assert_eq!((one.shares, one.cost), (vec![1.0], 1.0));
    // A unit without others: its number is the root's, known twice.
    let mut single = public(None);
    single.spans[0].tree = Tree::new(vec![unit("r", None), unit("d", Some("r"))]).unwrap();
    let twice = split(&Expected::new(&single, 0), &[0, 1]);
    assert!((twice.cost - 2.0).abs() < 1e-9, "{}", twice.cost);
    // Levels that nobody is in are not divided by.
    let deep = split(&Expected::new(&single, 0), &[0, 2]);
    assert!(deep.cost.is_finite() && deep.shares.iter().all(|share| *share > 0.1));
}

/// Of three children one is selected: with the others it is a group, which is all of
/// the root once more.
#[test]
fn what_shows_of_selected_cohorts_adds_up() {
    let units = ["a", "b", "c"].map(|id| unit(id, Some("r")));
    let mut public = public(None);
    let all = std::iter::once(unit("r", None)).chain(units);
    public.spans[0].tree = Tree::new(all.collect()).unwrap();
    public.kinds[0].levels = 2;
    let cells = public.kinds[0].cells();
    let first = |unit: usize| (unit * cells, 100);
    let shows = showing(&public, 0, &[vec![first(0)], vec![first(1)]]);
    let groups: Vec<_> = shows.iter().map(|one| (one.level, one.group)).collect();
    assert_eq!(groups, [(0, Group::Unit(0)), (1, Group::Others(0))]);
    // Known twice, each with variance 1.
    let expected = Expected::of(&public, 0, &shows);
    let got = expected.variances(|_| 1.0);
    assert!(
        (got[0] - 0.5).abs() < 1e-12 && (got[1] - 0.5).abs() < 1e-12,
        "{got:?}"
    );
    let all = showing(&public, 0, &[vec![first(0)], (1..4).map(first).collect()]);
    assert_eq!(all.len(), 4);
}
