use super::*;
use crate::example;
use crate::levels::split;
use crate::public::{Bound, Dimension, Label};
use proptest::prelude::*;

fn purse() -> Purse {
    Purse::new(&example::public().policy).unwrap()
}

/// Four equal periods, of which the first `released` are out.
fn owed(released: usize) -> Owed {
    let public = example::public();
    let periods: Vec<_> = (0..4).map(|period| (&public, period >= released)).collect();
    Owed::new(&periods).unwrap()
}

fn pay(spent: &mut Spent, allotment: &Allotment) {
    spent.rho_micro += allotment.rho_micro();
    spent.delta_femto += allotment.delta_femto();
    spent.spare_used |= allotment.takes_spare;
}

#[test]
fn the_purse_is_the_largest_within_epsilon() {
    let purse = purse();
    assert!(
        purse
            .covers(purse.rho_micro, purse.selection_femto)
            .unwrap()
    );
    assert!(
        !purse
            .covers(purse.rho_micro + 1, purse.selection_femto)
            .unwrap()
    );
    assert!(!purse.covers(1, purse.selection_femto + 1).unwrap());
    assert_eq!(purse.selection_femto, purse.delta_femto / 2);
    // ε = 8, half of δ = 1e-6: a little above what the closed form would give.
    assert!(
        (900_000..1_200_000).contains(&purse.rho_micro),
        "{}",
        purse.rho_micro
    );
}

/// A million spends, not some:
///
/// ```text
/// LODESTAR_TESTS=full cargo test -p lodestar-privacy --lib a_purse_is_spent
/// ```
#[test]
fn a_purse_is_spent_to_the_last_unit_and_not_one_more() {
    let purse = purse();
    let many = match std::env::var("LODESTAR_TESTS") {
        Ok(asked) if asked == "full" => 1_000_000,
        _ => 2_000,
    };
    let (rho, delta) = (purse.rho_micro / many + 1, purse.selection_femto / many + 1);
    let (mut spent, mut refused) = (Spent::default(), 0_u64);
    for at in 0..many + many / 4 {
        // From nothing to twice as much as would be even, without a pattern.
        let part = at.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        let next = Spent {
            rho_micro: spent.rho_micro + part % (2 * rho + 1),
            delta_femto: spent.delta_femto + part % (2 * delta + 1),
            ..spent
        };
        if purse.covers(next.rho_micro, next.delta_femto).unwrap() {
            spent = next;
        } else {
            refused += 1;
        }
        assert!(spent.delta_femto <= purse.selection_femto);
    }
    assert!(refused > 0);
    // What is left is spent unit by unit.
    while purse
        .covers(spent.rho_micro + 1, spent.delta_femto)
        .unwrap()
    {
        spent.rho_micro += 1;
    }
    assert!(spent.rho_micro >= purse.rho_micro);
    let epsilon = mechanism::epsilon(
        spent.rho_micro,
        ((purse.delta_femto - spent.delta_femto) as f64 / 1e15).next_down(),
    );
    assert!(epsilon.unwrap() <= purse.epsilon * (1.0 + 1e-9));
    let over = Spent {
        rho_micro: purse.rho_micro + 1,
        ..spent
    };
    assert!(!purse.covers(over.rho_micro, purse.selection_femto).unwrap());
}

#[test]
fn a_year_of_releases_and_the_spare_share_the_purse_evenly_and_never_exceed_it() {
    let (public, purse) = (example::public(), purse());
    let mut spent = Spent::default();
    for released in 0..4 {
        let allotment =
            Allotment::new(&public, &purse, &spent, &owed(released), Purpose::Planned).unwrap();
        let fifth = purse.rho_micro / 5;
        assert!(
            allotment.rho_micro().abs_diff(fifth) < 12,
            "{} {fifth}",
            allotment.rho_micro()
        );
        let sum = |parts: &[Vec<u64>]| parts.iter().flatten().sum::<u64>() as f64;
        let rho = allotment.rho_micro() as f64;
        let selections: u64 = allotment.selections[0].iter().map(|(rho, _)| rho).sum();
        assert!((selections as f64 / rho - 0.10).abs() < 1e-3);
        assert!((sum(&allotment.sizes) / rho - 0.05).abs() < 1e-3);
        assert!((sum(&allotment.cells) / rho - 0.85).abs() < 1e-3);
        pay(&mut spent, &allotment);
    }
    let revision = Allotment::new(&public, &purse, &spent, &owed(4), Purpose::Revision).unwrap();
    assert!(revision.takes_spare);
    pay(&mut spent, &revision);
    assert!(purse.covers(spent.rho_micro, spent.delta_femto).unwrap());
    assert!(
        purse.rho_micro - spent.rho_micro < 60,
        "nothing much is left over"
    );
    let again = Allotment::new(&public, &purse, &spent, &owed(4), Purpose::Revision);
    assert!(matches!(again, Err(BudgetError::SpareUsed { .. })));
}

#[test]
fn a_second_revision_gets_nothing_that_a_planned_release_needs() {
    let (public, purse) = (example::public(), purse());
    let mut spent = Spent::default();
    let first = Allotment::new(&public, &purse, &spent, &owed(1), Purpose::Revision).unwrap();
    pay(&mut spent, &first);
    let second = Allotment::new(&public, &purse, &spent, &owed(1), Purpose::Revision);
    assert!(matches!(second, Err(BudgetError::SpareUsed { .. })));
    let planned = Allotment::new(&public, &purse, &spent, &owed(1), Purpose::Planned).unwrap();
    assert!(
        planned
            .rho_micro()
            .abs_diff((purse.rho_micro - spent.rho_micro) / 3)
            < 12
    );
}

#[test]
fn a_revision_with_more_selections_than_the_dearest_period_gets_no_more_delta_than_is_left() {
    let broad = example::public();
    let mut dear = example::public();
    dear.kinds[0].levels = 1;
    dear.blocks[0].levels = vec![0];
    dear.blocks[0].coordinates[0].tolerated_error = 1e-4;
    let owed = Owed::new(&[(&dear, false), (&broad, false)]).unwrap();
    let purse = purse();
    let spent = Spent {
        rho_micro: purse.rho_micro / 2,
        delta_femto: purse.selection_femto / 2,
        spare_used: false,
    };
    let revision = Allotment::new(&broad, &purse, &spent, &owed, Purpose::Revision).unwrap();
    let (rho, delta) = (revision.rho_micro(), revision.delta_femto());
    assert!(
        purse
            .covers(spent.rho_micro + rho, spent.delta_femto + delta)
            .unwrap()
    );
    assert!(delta > 0);
}

#[test]
fn a_budget_too_small_to_pay_every_part_is_exhausted() {
    let mut public = example::public();
    public.policy.epsilon = 1e-4;
    let purse = Purse::new(&public.policy).unwrap();
    let refused = Allotment::new(
        &public,
        &purse,
        &Spent::default(),
        &owed(0),
        Purpose::Planned,
    );
    assert!(matches!(refused, Err(BudgetError::Exhausted { .. })));
}

#[test]
fn appetite_follows_weight_bounds_and_tolerance() {
    let base = example::public();
    let total = |change: fn(&mut crate::public::Block)| {
        let mut public = base.clone();
        change(&mut public.blocks[0]);
        Appetite::of(&public).total()
    };
    let one = total(|_| {});
    let near = |a: f64, b: f64| (a / b - 1.0).abs() < 1e-12;
    assert!(near(total(|b| b.coordinates[0].weight = 4.0), 2.0 * one));
    assert!(near(total(|b| b.max_cells *= 4), 2.0 * one));
    assert!(near(
        total(|b| b.coordinates[0].tolerated_error /= 2.0),
        2.0 * one
    ));
    assert!(near(
        total(|b| b.keys = [
            b.keys.clone(),
            b.keys.clone(),
            b.keys.clone(),
            b.keys.clone()
        ]
        .concat()),
        2.0 * one
    ));
    // Three levels cost less than three times one: they tell of each other.
    let three = split(&Expected::new(&base, 0), &[0, 1, 2]).cost.sqrt();
    assert!(near(total(|b| b.levels = vec![0]), one / three));
    assert!((2.0..3.0).contains(&three));
    let again = |b: &mut crate::public::Block| b.coordinates.push(b.coordinates[0].clone());
    assert!(near(total(again), 2.0 * one));
}

/// Two keys, three bounds among them: of coachees two, of others one.
fn bounded() -> Public {
    let mut public = example::public();
    let other = CohortKind {
        name: "others".to_owned(),
        ..public.kinds[0].clone()
    };
    public.kinds.push(other);
    let keys = Bound::Keys { block: 0, more: 2 };
    let of_kind = |(kind, bounds)| Bounds { kind, bounds };
    let all = [vec![keys, keys], vec![Bound::CohortKeys { more: 1 }]];
    public.bounds = (0..).zip(all).map(of_kind).collect();
    public
}

#[test]
fn what_bounds_cut_off_takes_one_percent_in_equal_parts_and_changes_no_other_share() {
    let (public, purse) = (bounded(), purse());
    let free = Public {
        bounds: vec![],
        ..public.clone()
    };
    let allotment = |public: &Public| {
        let owed = Owed::new(&[(public, true)]).unwrap();
        Allotment::new(public, &purse, &Spent::default(), &owed, Purpose::Planned).unwrap()
    };
    let (with, without) = (allotment(&public), allotment(&free));
    assert_eq!(without.bounds, []);
    assert_eq!(with.bounds[0], 2 * with.bounds[1]);
    let rho = with.rho_micro() as f64;
    let share = with.bounds.iter().sum::<u64>() as f64 / rho;
    assert!((share - 0.01).abs() < 1e-4, "{share}");
    assert_eq!(
        (&with.selections, &with.sizes),
        (&without.selections, &without.sizes)
    );
    // Selections and sizes take 15 %: of the rest, a hundredth of all is missing.
    let cells = |of: &Allotment| of.cells.iter().flatten().sum::<u64>() as f64;
    assert!((cells(&with) / cells(&without) - 84.0 / 85.0).abs() < 1e-3);
    assert!(with.rho_micro() <= without.rho_micro());
    let design = Design::new(&public, &with).unwrap();
    for (noise, bounds) in design.bounds.iter().zip(&public.bounds) {
        let l2_squared = bounds.l2_squared(&public.kinds[bounds.kind]);
        assert!(noise.sensitivity.powi(2) >= l2_squared as f64);
        let rho = l2_squared as f64 / (2.0 * noise.sigma.powi(2));
        assert!(rho <= noise.rho_micro as f64 / 1e6);
    }
    // Of each bound the noise is the same.
    let [a, b] = [0, 1].map(|at| design.bounds[at].sigma);
    assert!((a / b - 1.0).abs() < 1e-3, "{a} {b}");
}

#[test]
fn people_told_apart_are_in_more_cohorts_and_cost_more() {
    let one = Appetite::of(&example::public()).total();
    let mut public = example::public();
    let values = ["x", "y", "z"].map(Label::plain).to_vec();
    let name = "job_level".to_owned();
    public.kinds[0].dimensions = vec![Dimension { name, values }];
    // Two cohorts a person, four a unit, which tell of each other.
    let two = Appetite::of(&public).total();
    let cost = |public: &Public| split(&Expected::new(public, 0), &[0, 1, 2]).cost;
    let alike = (cost(&public) / cost(&example::public())).sqrt();
    assert!((two / one / (8.0_f64.sqrt() * alike) - 1.0).abs() < 1e-12);
    assert!(cost(&public) < 9.0);
    let purse = purse();
    let owed = Owed::new(&[(&public, true)]).unwrap();
    let spent = Spent::default();
    let allotment = Allotment::new(&public, &purse, &spent, &owed, Purpose::Planned).unwrap();
    let design = Design::new(&public, &allotment).unwrap();
    let squared = |noise: &Noise| noise.sensitivity.powi(2).round() as u64;
    assert_eq!(squared(&design.selections[0][1].noise), 2);
    assert_eq!(squared(&design.sizes[0][1]), 2);
    assert_eq!(squared(&design.cells[0][1]), 4);
    public.kinds[0].dimensions[0].values.clear();
    assert!((Appetite::of(&public).total() / one - 1.0).abs() < 1e-12);
}

proptest! {
    #[test]
    fn delta_is_rounded_down_and_survives_a_round_trip(delta in 1e-14f64..0.999) {
        let once = femto(delta);
        prop_assert!(once as f64 / 1e15 <= delta);
        prop_assert!((once + 1) as f64 / 1e15 > delta * (1.0 - 1e-15));
        prop_assert_eq!(femto(once as f64 / 1e15), once);
    }

    #[test]
    fn no_sequence_of_releases_and_revisions_overspends(
        epsilon in 0.05f64..20.0, steps in prop::collection::vec(any::<bool>(), 1..12)
    ) {
        let mut public = example::public();
        public.policy.epsilon = epsilon;
        let purse = Purse::new(&public.policy).unwrap();
        let (mut spent, mut released) = (Spent::default(), 0);
        for revise in steps {
            let purpose = match (revise, released) {
                (true, 1..) => Purpose::Revision,
                (_, 0..4) => Purpose::Planned,
                _ => continue,
            };
            if let Ok(allotment) = Allotment::new(&public, &purse, &spent, &owed(released), purpose) {
                pay(&mut spent, &allotment);
                released += usize::from(purpose == Purpose::Planned);
            }
            prop_assert!(spent.rho_micro <= purse.rho_micro);
            prop_assert!(purse.covers(spent.rho_micro, spent.delta_femto).unwrap());
        }
    }
}

/// Where a hundredth is nothing, what bounds cut off gets the least that there is,
/// and a release that can pay for all else is not refused for it.
#[test]
fn bounds_refuse_no_release() {
    let mut public = example::public();
    public.bounds = Vec::new();
    let plain = |epsilon: f64, public: &Public| {
        let mut public = public.clone();
        public.policy.epsilon = epsilon;
        let purse = Purse::new(&public.policy).unwrap();
        let periods: Vec<_> = (0..4).map(|_| (&public, true)).collect();
        let owed = Owed::new(&periods).unwrap();
        Allotment::new(&public, &purse, &Spent::default(), &owed, Purpose::Planned)
    };
    let mut told = public.clone();
    let bounds = vec![Bound::Keys { block: 0, more: 1 }; 3];
    told.bounds = vec![crate::public::Bounds { kind: 0, bounds }];
    let mut least = 0;
    for step in 1..200 {
        let epsilon = f64::from(step) * 0.005;
        let (Ok(without), with) = (plain(epsilon, &public), plain(epsilon, &told)) else {
            continue;
        };
        let with = with.unwrap();
        assert!(with.bounds[0] >= 3 && with.rho_micro() <= without.rho_micro() + 12);
        least += u64::from(with.bounds[0] == 3);
    }
    assert!(least > 0, "no budget was small enough to try it");
}
