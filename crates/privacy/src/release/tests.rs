use super::*;
use crate::budget::{Owed, Purpose, Spent};
use crate::example::{self, Someone};
use crate::noisy::Group;
use crate::public::{Bound, Bounds, FACTOR_MOST};
use statrs::distribution::{ChiSquared, ContinuousCDF};

/// One false alarm in a million.
const ALPHA: f64 = 1e-6;
/// People of every leaf: all are selected but in b2, where nobody is.
const PEOPLE: [i64; 3] = [2000, 1200, 1500];
const RELEASES: usize = 120;

fn granted(public: &Public) -> Grant {
    let purse = Purse::new(&public.policy).unwrap();
    let owed = Owed::new(&[(public, true)]).unwrap();
    let spent = Spent::default();
    let allotment = Allotment::new(public, &purse, &spent, &owed, Purpose::Planned).unwrap();
    let design = Design::new(public, &allotment).unwrap();
    Grant {
        public: public.clone(),
        allotment,
        design,
        purse,
    }
}

/// Everyone touches key 0, every second person key 1.
fn tally_of(public: &Public) -> Tally {
    let leaves = (3u32..).zip(PEOPLE);
    let people = leaves.flat_map(|(leaf, people)| {
        (0..people as u128).map(move |p| {
            let keys = (0..=(p % 2) as u32).collect();
            let id = u128::from(leaf) << 64 | p;
            (
                id,
                Someone {
                    leaf,
                    keys,
                    coaches: vec![],
                },
            )
        })
    });
    example::tally_of(public, &people.collect::<Vec<_>>()).unwrap()
}

fn tally() -> Tally {
    tally_of(&example::public())
}

/// What is measured of a group: its size, and its five cells.
fn exact(group: Group) -> [i64; 6] {
    let [a1, a2, b1] = PEOPLE;
    let people = match group {
        // b2 is empty, so b1 joins it.
        Group::Unit(2) | Group::Others(2) => b1,
        Group::Unit(0) => a1 + a2 + b1,
        Group::Unit(1) => a1 + a2,
        Group::Unit(3) => a1,
        Group::Unit(4) => a2,
        other => panic!("{other:?} is not published"),
    };
    [people, people, people / 2, 0, 0, 0]
}

fn variance_fits(errors: &[f64], sigma: f64) -> bool {
    let law = ChiSquared::new(errors.len() as f64).unwrap();
    let statistic: f64 = errors.iter().map(|error| (error / sigma).powi(2)).sum();
    (law.inverse_cdf(ALPHA / 2.0)..=law.inverse_cdf(1.0 - ALPHA / 2.0)).contains(&statistic)
}

#[test]
fn every_size_and_cell_of_units_and_groups_has_the_noise_that_was_paid_for() {
    let public = example::public();
    let design = granted(&public).design;
    let (mut sizes, mut cells) = (vec![Vec::new(); 3], vec![Vec::new(); 3]);
    let mut groups = 0;
    for _ in 0..RELEASES {
        let pending = release(tally(), granted(&public)).unwrap();
        let noisy = pending.noisy().unwrap();
        for (level, cohorts) in noisy.kinds[0].levels.iter().enumerate() {
            for (cohort, row) in cohorts
                .cohorts
                .iter()
                .zip(&noisy.blocks[0].levels[level].cells)
            {
                groups += usize::from(matches!(cohort.group, Group::Others(_)));
                let [size, counts @ ..] = exact(cohort.group);
                sizes[level].push((cohort.size - size) as f64);
                cells[level].extend(row.iter().zip(counts).map(|(a, b)| (a - b) as f64));
            }
        }
    }
    assert_eq!(groups, RELEASES, "b1 and b2 are one group");
    for level in 0..3 {
        let (size, cell) = (design.sizes[0][level].sigma, design.cells[0][level].sigma);
        for (errors, sigma) in [(&sizes[level], size), (&cells[level], cell)] {
            assert!(variance_fits(errors, sigma), "level {level}, σ {sigma}");
            assert!(
                !variance_fits(errors, 1.8 * sigma),
                "too little noise would be seen"
            );
            assert!(
                !variance_fits(errors, sigma / 1.8),
                "too much noise would be seen"
            );
        }
    }
}

/// Its people within all bounds: the sum of what is cut off is −factor of each.
#[test]
fn what_bounds_cut_off_has_the_noise_that_was_paid_for() {
    let mut public = example::public();
    public.bounds = vec![Bounds {
        kind: 0,
        bounds: vec![Bound::Keys { block: 0, more: 3 }; 2],
    }];
    let sigma = granted(&public).design.bounds[0].sigma;
    let exact = -PEOPLE.iter().sum::<i64>() * i64::from(FACTOR_MOST);
    let mut errors = Vec::new();
    for _ in 0..RELEASES {
        let tally = tally_of(&public);
        let pending = release(tally, granted(&public)).unwrap();
        let drawn = &pending.noisy().unwrap().bounds[0];
        assert_eq!((drawn.keys.len(), drawn.keys[0].key), (1, 0));
        let numbers = drawn.keys[0].numbers.iter();
        errors.extend(numbers.map(|number| (number - exact) as f64));
    }
    assert!(variance_fits(&errors, sigma));
    assert!(!variance_fits(&errors, 1.8 * sigma) && !variance_fits(&errors, sigma / 1.8));
}

#[test]
fn where_the_organisation_is_hidden_nothing_is_told_of_its_bounds() {
    let mut public = example::public();
    public.policy.k = 1 << 20;
    public.bounds = vec![Bounds {
        kind: 0,
        bounds: vec![Bound::Keys { block: 0, more: 3 }],
    }];
    let tally = tally_of(&public);
    let pending = release(tally, granted(&public)).unwrap();
    let noisy = pending.noisy().unwrap();
    assert!(noisy.bounds[0].keys.is_empty());
    // What it costs was planned.
    assert!(noisy.bounds[0].noise.rho_micro > 0);
    assert_eq!(noisy.cost.rho_micro, granted(&public).allotment.rho_micro());
}

#[test]
fn the_noise_costs_what_was_allotted_at_the_proved_sensitivity() {
    let public = example::public();
    let Grant {
        allotment, design, ..
    } = granted(&public);
    let paid = |noise: &Noise, l2_squared: u64, rho_micro: u64| {
        assert!(noise.sensitivity.powi(2) >= l2_squared as f64);
        let rho = rho_micro as f64 / 1e6;
        // zCDP of a Gaussian: Δ²/(2σ²).
        let cost = l2_squared as f64 / (2.0 * noise.sigma.powi(2));
        assert!(cost <= rho && cost > rho * (1.0 - 1e-6), "{cost} of {rho}");
        assert_eq!(noise.rho_micro, rho_micro);
    };
    let max_cells = u64::from(public.blocks[0].max_cells);
    for level in 0..3 {
        paid(&design.sizes[0][level], 1, allotment.sizes[0][level]);
        paid(
            &design.cells[0][level],
            max_cells,
            allotment.cells[0][level],
        );
        let selection = &design.selections[0][level];
        paid(&selection.noise, 1, allotment.selections[0][level].0);
        assert_eq!(selection.delta_femto, allotment.selections[0][level].1);
    }
}

#[test]
fn a_grant_pays_for_what_was_declared_alone() {
    let mut public = example::public();
    public.policy.k = 2;
    assert!(matches!(
        release(tally(), granted(&public)),
        Err(ReleaseError::Mismatch)
    ));
}

#[test]
fn of_real_people_nothing_is_seen_before_it_is_paid_for() {
    let real = Public {
        synthetic: false,
        ..example::public()
    };
    let tally = example::tally_of(&real, &[]).unwrap();
    assert!(release(tally, granted(&real)).unwrap().noisy().is_none());
}
