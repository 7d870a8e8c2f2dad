//! The kinds of the North Star: levels against declared targets, and how much of
//! the coaching goes to them.
//!
//! A person's level in a competency is their manager's rating, else their own,
//! in the last wave of the span. `(all)` are the people assessed in any target
//! competency; somebody is at the target there if the targets that they have
//! reached carry at least half of the weight of those they were assessed in.
//!
//! # Proof
//! *Claim*: a vector of these kinds moves by at most √(g·Σf²) in L2 when a
//! person is added or removed, g cohorts of a level a person.
//!
//! 1. The flag of a competency compares the person's own level with a declared
//!    target; that of `(all)` all of their own levels with declared targets and
//!    weights, before keys are bounded. Both are flags as of [`super::share`].
//! 2. `(all)` is one key more than the `max_cells` that a person has: g counts it.
//! 3. The mean level is a value as of [`super::paired`]; in `(all)`, where levels
//!    have no common scale, everybody adds its middle, which is 0.
//! 4. The gap is the declared target less that mean, and the share of all people
//!    the number at the target over the noisy size of another cohort: computed
//!    from noisy numbers.
//! 5. The minutes that go to a competency are a ratio as of [`super::ratio`], of
//!    the unit's coachees; each competency's excess is a coordinate of one
//!    vector with one whole. ∎

use lodestar_privacy::public::{Other, StatisticKind};

use super::family::{CohortKeys, Family};
use super::filter::{Clause, Column};
use super::vector::Vector;
use super::{Filter, Quantity, ratio};
use crate::config::{Instrument, Project, Target};

/// The keys of a measure against targets: the targets' competencies, `(all)`.
pub(super) fn rows(project: &Project, keys: &CohortKeys) -> Vec<usize> {
    let targets = project.targets().iter();
    let mut rows: Vec<usize> = targets
        .filter_map(|target| Some(keys.code((target.competency, 0), false)? as usize))
        .collect();
    rows.sort_unstable();
    rows.extend(keys.all().map(|all| all as usize));
    rows
}

/// The competency of each key that has rows; `None`: `(all)`.
fn competencies<'a>(
    keys: &'a CohortKeys,
    rows: &'a [usize],
) -> impl Iterator<Item = Option<u16>> + 'a {
    rows.iter().map(|key| keys.of(*key).map(|of| of.0))
}

/// The kind with each key's own target; none where there is no target.
pub(super) fn by_target(
    project: &Project,
    keys: &CohortKeys,
    rows: &[usize],
    kind: impl Fn(&Target) -> StatisticKind,
) -> StatisticKind {
    let of = |competency: Option<u16>| {
        let target = competency.and_then(|code| project.target(code));
        target.map_or(StatisticKind::Absent, &kind)
    };
    StatisticKind::ByKey(competencies(keys, rows).map(of).collect())
}

/// The kind for keys with a target, and for `(all)`.
pub(super) fn where_targeted(
    project: &Project,
    keys: &CohortKeys,
    rows: &[usize],
    kind: &StatisticKind,
) -> StatisticKind {
    let of = |competency: Option<u16>| match competency {
        Some(code) if project.target(code).is_none() => StatisticKind::Absent,
        _ => kind.clone(),
    };
    StatisticKind::ByKey(competencies(keys, rows).map(of).collect())
}

/// The share of minutes that goes to each key's competency, or to any target.
pub(super) fn focus(
    project: &Project,
    keys: &CohortKeys,
    rows: &[usize],
    coachees: &mut Vector,
    (weight, error, clip): (f64, f64, f64),
) -> StatisticKind {
    let targets = project.targets().iter().map(|target| target.competency);
    let targets: Vec<u16> = targets.collect();
    let kinds = competencies(keys, rows).map(|one| {
        let mut values = one.map_or_else(|| targets.clone(), |one| vec![one]);
        values.sort_unstable();
        let only = Filter {
            clauses: vec![Clause {
                column: Column::Competency,
                values,
                text: String::new(),
            }],
        };
        let of = Quantity::Minutes;
        let (excess, whole) = ratio::rules(of, of, clip, false, &only, &mut coachees.inputs);
        StatisticKind::Ratio {
            excess: coachees.coordinate(excess, weight, error),
            whole: coachees.coordinate(whole, weight, error * 2.0),
            scale: of.steps() as f64,
            counts: false,
        }
    });
    StatisticKind::ByKey(kinds.collect())
}

/// A family that every key is compared with, whatever it is.
pub(super) fn beside(
    family: &Family,
    kind: usize,
    block: Option<usize>,
    keys: &CohortKeys,
) -> Other {
    Other {
        name: family.cohort.name().to_owned(),
        kind,
        block,
        keys: vec![Some(0); keys.len()],
    }
}

/// Whether a level, in steps of the instrument's scale, is at a target.
pub(super) fn is_at(instrument: &Instrument, target: f64, level: u32) -> bool {
    let bar = instrument.position(target);
    if instrument.higher_is_better {
        f64::from(level) >= bar
    } else {
        f64::from(level) <= bar
    }
}

/// Whether somebody with these levels is at the target in `(all)`; `None`: they
/// were assessed in no target competency.
pub(super) fn is_at_all(
    project: &Project,
    instrument: &Instrument,
    levels: impl Iterator<Item = (u16, u32)>,
) -> Option<bool> {
    let targets = levels.filter_map(|(competency, level)| {
        let target = project.target(competency)?;
        Some((target.weight, is_at(instrument, target.level, level)))
    });
    let (mut reached, mut all) = (0.0, 0.0);
    for (weight, is_at) in targets {
        all += weight;
        reached += if is_at { weight } else { 0.0 };
    }
    (all > 0.0).then_some(reached * 2.0 >= all)
}
