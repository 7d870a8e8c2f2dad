//! What would appear of so many people, and what would help: from
//! configuration, public files and the ledger alone.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::calendar::{Every, Period};
use crate::config::{EPSILON_MOST, Project};
use crate::measure::Cohort;
use crate::plan::{Basis, LevelPlan, PlanError, plan};

/// What would appear of some people in the releases of the next window.
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
    /// The least that one of the tables needs.
    pub needed: i64,
    /// Whether any of the tables may appear.
    pub appears: bool,
    /// Table by table, those first that need the fewest people.
    pub tables: Vec<TableOutlook>,
}

/// What would appear of one table at one level.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TableOutlook {
    /// `theme_prevalence`.
    pub table: String,
    /// With so many, beyond the largest caseload where the coach rule holds, a
    /// cohort of it appears with probability one half.
    pub needed: i64,
    /// Whether a unit has so many.
    pub appears: bool,
}

/// A change of the configuration.
#[derive(Clone, Debug, Serialize)]
pub struct Help {
    /// In words.
    pub change: String,
    /// Level by level: the tables that would not appear, and need fewer people
    /// with it.
    pub levels: Vec<LevelOutlook>,
}

/// What would appear of so many people; `None`: nothing is left to be released.
pub fn outlook(
    project: &Project,
    basis: &Basis<'_>,
    people: u32,
) -> Result<Option<Outlook>, PlanError> {
    let Some(next) = next(project, basis)? else {
        return Ok(None);
    };
    let levels = levels(&next, people);
    let mut helps = Vec::new();
    let lacking = |level: &LevelOutlook| level.tables.iter().any(|table| !table.appears);
    if levels.iter().any(lacking) {
        for (change, changed) in changes(project, levels.len() as u32) {
            // A change that can't be paid for, or gains nothing, is no help.
            if let Ok(Some(next)) = self::next(&changed, basis) {
                let levels = gains(&levels, self::levels(&next, people));
                if !levels.is_empty() {
                    helps.push(Help { change, levels });
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

/// What the next window has still to publish, each table and level once: as in
/// the release in which it needs the most people.
fn next(project: &Project, basis: &Basis<'_>) -> Result<Option<Vec<LevelPlan>>, PlanError> {
    let Some(window) = plan(project, basis)?.into_iter().next() else {
        return Ok(None);
    };
    let mut tables: BTreeMap<(String, u32), LevelPlan> = BTreeMap::new();
    for table in window.releases.into_iter().flat_map(|one| one.tables) {
        let key = (table.table.clone(), table.level);
        let known = tables.get(&key);
        if known.is_none_or(|known| known.smallest_cohort < table.smallest_cohort) {
            tables.insert(key, table);
        }
    }
    Ok(Some(tables.into_values().collect()))
}

/// Level by level what tables need.
fn levels(next: &[LevelPlan], people: u32) -> Vec<LevelOutlook> {
    let mut levels: BTreeMap<u32, (u32, Vec<TableOutlook>)> = BTreeMap::new();
    for table in next {
        let people_a_unit = people / (table.units.max(1) as u32);
        let one = TableOutlook {
            table: table.table.clone(),
            needed: table.smallest_cohort,
            appears: i64::from(people_a_unit) >= table.smallest_cohort,
        };
        let level = levels.entry(table.level);
        let (_, tables) = level.or_insert((people_a_unit, Vec::new()));
        tables.push(one);
    }
    let levels = levels.into_iter();
    let all = levels.filter_map(|(level, (people, tables))| of_level(level, people, tables));
    all.collect()
}

/// `None`: without a table there is nothing to tell.
fn of_level(level: u32, people: u32, mut tables: Vec<TableOutlook>) -> Option<LevelOutlook> {
    tables.sort_by(|a, b| (a.needed, &a.table).cmp(&(b.needed, &b.table)));
    let first = tables.first()?;
    Some(LevelOutlook {
        level,
        people_a_unit: people,
        needed: first.needed,
        appears: first.appears,
        tables,
    })
}

/// Of what would not appear, what needs fewer people after a change.
fn gains(before: &[LevelOutlook], after: Vec<LevelOutlook>) -> Vec<LevelOutlook> {
    let gained = |level: LevelOutlook| {
        let old = before.iter().find(|old| old.level == level.level)?;
        let gains = |new: &TableOutlook| {
            let mut same = old.tables.iter().filter(|old| old.table == new.table);
            same.any(|old| !old.appears && new.needed < old.needed)
        };
        let tables = level.tables.into_iter().filter(gains).collect();
        of_level(level.level, level.people_a_unit, tables)
    };
    after.into_iter().filter_map(gained).collect()
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
        changes.push((format!("without {}", names.join(", ")), changed));
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
