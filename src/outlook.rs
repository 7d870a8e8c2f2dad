//! What would appear of so many people, and what would help: from
//! configuration, public files and the ledger alone.

use lodestar_privacy::ledger::Records;
use serde::Serialize;

use crate::calendar::{Every, Period};
use crate::config::{EPSILON_MOST, Project};
use crate::ingest::Org;
use crate::measure::Cohort;
use crate::plan::{PlanError, ReleasePlan, plan};

/// What would appear of some people in the next release.
#[derive(Clone, Debug, Serialize)]
pub struct Outlook {
    /// So many, spread evenly over the units of a level.
    pub people: u32,
    /// Level by level.
    pub levels: Vec<LevelOutlook>,
    /// Changes under which smaller cohorts appear.
    pub helps: Vec<Help>,
}

/// What would appear at one level.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LevelOutlook {
    /// Level of the org tree.
    pub level: u32,
    /// People of one unit.
    pub people_a_unit: u32,
    /// With so many, beyond the largest caseload where the coach rule holds, a
    /// cohort of some table appears with probability one half.
    pub needed: i64,
    /// Whether there are so many.
    pub appears: bool,
}

/// A change of the configuration.
#[derive(Clone, Debug, Serialize)]
pub struct Help {
    /// In words.
    pub change: String,
    /// Level by level, of those that are left.
    pub levels: Vec<LevelOutlook>,
}

/// What would appear of so many people; `None`: nothing is left to be released.
pub fn outlook(
    project: &Project,
    org: &Org,
    records: &Records,
    people: u32,
) -> Result<Option<Outlook>, PlanError> {
    let Some(next) = next(project, org, records)? else {
        return Ok(None);
    };
    let levels = levels(&next, people);
    let mut helps = Vec::new();
    if levels.iter().any(|level| !level.appears) {
        for (change, changed) in changes(project, levels.len() as u32) {
            // A change that can't be paid for, or gains nothing, is no help.
            if let Ok(Some(next)) = self::next(&changed, org, records) {
                let better = self::levels(&next, people);
                let gains = |new: &LevelOutlook| {
                    let mut old = levels.iter().filter(|old| old.level == new.level);
                    old.any(|old| new.needed < old.needed)
                };
                if better.iter().any(gains) {
                    helps.push(Help {
                        change,
                        levels: better,
                    });
                }
            }
        }
    }
    Ok(Some(Outlook {
        people,
        levels,
        helps,
    }))
}

/// The next release.
fn next(project: &Project, org: &Org, records: &Records) -> Result<Option<ReleasePlan>, PlanError> {
    let next = plan(project, org, records)?.into_iter().next();
    Ok(next.and_then(|plan| plan.releases.into_iter().next()))
}

/// Per level the table whose cohorts appear first.
fn levels(next: &ReleasePlan, people: u32) -> Vec<LevelOutlook> {
    let mut levels: Vec<LevelOutlook> = Vec::new();
    for table in &next.tables {
        let people_a_unit = people / (table.units.max(1) as u32);
        let one = LevelOutlook {
            level: table.level,
            people_a_unit,
            needed: table.smallest_cohort,
            appears: i64::from(people_a_unit) >= table.smallest_cohort,
        };
        match levels.iter_mut().find(|level| level.level == table.level) {
            None => levels.push(one),
            Some(known) if one.needed < known.needed => *known = one,
            Some(_) => {}
        }
    }
    levels.sort_by_key(|level| level.level);
    levels
}

/// What could be configured otherwise.
fn changes(project: &Project, depth: u32) -> Vec<(String, Project)> {
    let mut changes = Vec::new();
    if depth > 1 {
        let mut changed = project.clone();
        for measure in &mut changed.measures {
            measure.levels = Some(vec![0]);
        }
        changes.push(("`levels = [0]` in every measure".to_owned(), changed));
    }
    let of_coachees = |cohort| cohort == Cohort::Coachees;
    let some = project
        .measures
        .iter()
        .filter(|m| of_coachees(m.cohort))
        .count();
    if some > 0 && some < project.measures.len() {
        let mut changed = project.clone();
        changed
            .measures
            .retain(|measure| of_coachees(measure.cohort));
        let others = project.measures.iter().filter(|m| !of_coachees(m.cohort));
        let names: Vec<String> = others.map(|one| format!("`{}`", one.name)).collect();
        changes.push((format!("without {}", names.join(" and ")), changed));
    }
    let every = project.calendar.every;
    let longer = [Every::Quarter, Every::Half, Every::Year];
    let fits = |one: &&Every| {
        one.months() > every.months()
            && project.privacy.window.months() % one.months() == 0
            && project.measures.iter().all(|measure| {
                // Spans of whole periods stay such, or become the period.
                let every = measure.every.map_or(0, Every::months);
                every % one.months() == 0
            })
    };
    if let Some(longer) = longer.iter().find(fits) {
        changes.push((
            format!("`every = \"{}\"` in [periods]", longer.name()),
            with_periods(project, *longer),
        ));
    }
    let epsilon = (project.privacy.epsilon * 2.0).min(EPSILON_MOST);
    if epsilon > project.privacy.epsilon {
        let mut changed = project.clone();
        changed.privacy.epsilon = epsilon;
        changes.push((
            format!("`epsilon = {epsilon:.1}`, which protects less"),
            changed,
        ));
    }
    changes
}

/// The same with longer periods.
fn with_periods(project: &Project, every: Every) -> Project {
    let mut changed = project.clone();
    let longer = |date| Period::containing(date, every, project.calendar.year_starts);
    changed.calendar.every = every;
    changed.calendar.first = longer(project.calendar.first.start());
    changed.calendar.last = project.calendar.last.map(|last| longer(last.end()));
    changed
}
