//! How many people cohorts will have before anything was released, as far as the
//! org units' public head-counts and the configuration's `[expected]` tell.
//!
//! Cohorts are taken to have the same shares of everybody in every unit, and
//! properties of people to have nothing to do with each other.

use lodestar_privacy::public::{CohortKind, Public};

use super::again::Size;
use crate::calendar::Period;
use crate::config::{Expected, Project};
use crate::declare::{due_vectors, span};
use crate::ingest::Org;
use crate::measure::Cohort;
use crate::measure::family::Family;

/// What is expected of a release, by kind of cohorts: of each cohort (unit × cells +
/// cell) its size. `None`: not enough is said of the kind.
pub(super) type Guesses = Vec<Option<Vec<Size>>>;

pub(super) fn guesses(project: &Project, org: &Org, period: Period, public: &Public) -> Guesses {
    let families = due_vectors(project, org.programmes(), &period).families;
    let kinds = families.iter().zip(&public.kinds).enumerate();
    let guess = |(at, (family, kind))| {
        let share = of_family(&project.expected, family)?;
        let span = span(project, family.every, &period);
        let people = org.headcounts(&span, public.tree(at))?;
        let shares = shares(project, public, kind, share)?;
        let units = people.iter();
        let sizes =
            units.flat_map(|people| shares.iter().map(|share| Size::drawn(*people, *share)));
        Some(sizes.collect())
    };
    kinds.map(guess).collect()
}

/// The share of all people that one cohort of a family has. Filters leave out
/// nobody knows how many.
fn of_family(expected: &Expected, family: &Family) -> Option<f64> {
    let mut said = expected.cohorts.iter();
    let share = match family.cohort {
        Cohort::Headcount => Some(1.0),
        cohort => said.find(|(of, _)| *of == cohort).map(|(_, share)| *share),
    };
    share.filter(|_| family.filter.is_empty())
}

/// The share of all people that each cell has; under the coach rule without those of
/// its busiest coach.
fn shares(project: &Project, public: &Public, kind: &CohortKind, share: f64) -> Option<Vec<f64>> {
    let outside = match (kind.coach_rule, public.policy.coalition) {
        (true, 1..) => 1.0 - project.expected.busiest_coach,
        _ => 1.0,
    };
    let all = kind.keys.all();
    // Whoever has a key with a target, as if each was drawn anew.
    let any = 1.0 - (1.0 - share).powi(project.targets().len() as i32);
    let values = kind.dimensions.iter();
    let values = values.map(|dimension| project.expected.values.get(&dimension.name));
    let values: Vec<&Vec<f64>> = values.collect::<Option<_>>()?;
    let cell = |cell: usize| {
        let key = kind.key(cell);
        let of_key = if all == Some(key as u32) { any } else { share };
        let digits = kind.digits(cell).into_iter().zip(&values);
        let of_values = digits.map(|(digit, shares)| match digit {
            0 => 1.0,
            digit => shares[digit - 1],
        });
        outside * of_key * of_values.product::<f64>()
    };
    Some((0..kind.cells()).map(cell).collect())
}

#[cfg(test)]
mod tests {
    use lodestar_privacy::ledger::Records;

    use super::super::sample;
    use super::*;
    use crate::schedule::Window;

    /// By name of a kind of the release of the second quarter: what is expected of the
    /// cells of a unit.
    fn of(project: &Project, org: &Org, kind: &str, unit: &str) -> Option<Vec<i64>> {
        let first = &project.calendar.first;
        let window = Window::of(project, org, &Records::default(), first).unwrap();
        let (period, public, _) = &window.periods[1];
        let kinds = public.kinds.iter();
        let at = kinds.clone().position(|one| one.name.starts_with(kind))?;
        let sizes = guesses(project, org, *period, public).swap_remove(at)?;
        let (cells, unit) = (public.kinds[at].cells(), public.tree(at).code(unit)?);
        let sizes = &sizes[unit * cells..(unit + 1) * cells];
        Some(
            sizes
                .iter()
                .map(|size| size.people().round() as i64)
                .collect(),
        )
    }

    #[test]
    fn cohorts_have_their_shares_of_what_units_say_to_have() {
        let (mut project, org) = sample();
        // 12,000, each department's in tens.
        let of_levels = of(&project, &org, "headcount by job_level", "Acme");
        assert_eq!(of_levels.unwrap(), [12_070, 9_415, 1_931, 604, 121]);
        // Of 40 in 100 the busiest coach has 8 in 100.
        assert_eq!(of(&project, &org, "coachees", "ops-safety").unwrap(), [52]);
        project.privacy.coalition = 0;
        assert_eq!(of(&project, &org, "coachees", "ops-safety").unwrap(), [56]);
        // Twelve competencies, and whoever was assessed in one of the three with a target.
        let assessed = of(&project, &org, "assessed", "Acme").unwrap();
        assert_eq!(assessed.len(), 13);
        assert_eq!((assessed[0], assessed[12]), (1_569, 4_122));
    }

    #[test]
    fn nothing_is_expected_of_what_nobody_tells() {
        let (mut project, org) = sample();
        // Coached or not: two sides.
        assert_eq!(of(&project, &org, "outcome", "Acme"), None);
        assert_eq!(of(&project, &org, "paired", "Acme"), None);
        project.expected = Expected::default();
        assert_eq!(of(&project, &org, "coachees", "Acme"), None);
        assert_eq!(of(&project, &org, "headcount by job_level", "Acme"), None);
        let (mut project, _) = sample();
        project.sources.org = None;
        let org = Org::load(&project).unwrap();
        assert_eq!(of(&project, &org, "coachees", "Acme"), None);
    }
}
