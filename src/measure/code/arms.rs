//! What somebody's part in programmes and their outcomes say → keys of cohorts,
//! and changes.

use lodestar_privacy::public::VALUE_STEPS;

use super::super::Value;
use super::super::effect::Starts;
use super::super::family::CohortKeys;
use super::Facts;
use super::people::{Entry, halved};
use crate::calendar::Period;

/// No change, on the scale of changes.
const NONE: u32 = VALUE_STEPS as u32 / 2;

/// Of everybody with a part in a programme and what it needs of a metric: the
/// changes since the starts that concern them.
pub(super) fn entries(facts: Facts<'_>, starts: &Starts, keys: &CohortKeys) -> Vec<Entry> {
    let bases: Vec<Period> = starts.bases().collect();
    let before = |place: usize, person: u128, metric: u16| {
        let known = facts.before.get(&bases[place])?;
        let whose = known.binary_search_by_key(&(person, metric), |one| (one.person, one.metric));
        Some(known[whose.ok()?].value)
    };
    let mut entries = Vec::new();
    for outcome in &facts.of_span.outcomes {
        let member = &facts.of_span.members[outcome.member as usize];
        let values = facts.of_span.values(member);
        for assigned in facts.arms.of(member.unit, values) {
            let Some(code) = starts.code(&assigned) else {
                continue;
            };
            let Some(key) = keys.code((code, outcome.metric), false) else {
                continue;
            };
            let change = |place: usize| {
                let before = before(place, member.person, outcome.metric)?;
                Some((place, halved(outcome.value as i32 - before as i32)))
            };
            let changes = starts.since(code).into_iter().map(change);
            let Some(changes) = changes.collect::<Option<Vec<_>>>() else {
                continue;
            };
            let mut all = vec![NONE; starts.len()];
            for (place, change) in changes {
                all[place] = change;
            }
            entries.push(Entry {
                member: outcome.member,
                key,
                values: (0..).map(Value::Since).zip(all).collect(),
                unit: starts.unit(&assigned),
            });
        }
    }
    entries
}
