//! Head-counts and `[expected]` that a plan can make nothing of, and why.

use super::WindowPlan;
use crate::calendar::Period;
use crate::config::{Expected, Project};
use crate::ingest::{IngestError, Org};
use crate::text::count;

/// Why what is said of people tells a plan nothing of which cohorts will show; none
/// where it does, or nothing is said.
pub fn unheeded(
    project: &Project,
    org: &Org,
    plans: &[WindowPlan],
) -> Result<Option<String>, IngestError> {
    let Some(first) = plans.first() else {
        return Ok(None);
    };
    let mut tables = first.releases.iter().flat_map(|release| &release.tables);
    // Head-counts of made-up units came with them: nobody waits for their effect.
    let made_up = project.sources.org.iter().all(|org| org.synthetic);
    let what = match (
        project.expected != Expected::default(),
        org.says_headcounts(),
    ) {
        _ if tables.any(|table| table.expects.is_some()) => return Ok(None),
        (false, false) => return Ok(None),
        (false, true) if made_up => return Ok(None),
        (true, false) => "`[expected]` has",
        (false, true) => "head-counts have",
        (true, true) => "head-counts and `[expected]` have",
    };
    let calendar = &project.calendar;
    let due = first.due.first();
    let due = due.and_then(|name| Period::parse(name, calendar.every, calendar.year_starts).ok());
    let Some(period) = due else {
        return Ok(None);
    };
    let (all, silent) = org.without_headcount(&period)?;
    let all = count(all as u64, "unit");
    let why = match silent.as_slice() {
        [] => "`[expected]` does not say which share of all people cohorts have, such as \
               `coachees = 0.4`"
            .to_owned(),
        [only] => format!("of {all} that people belong to `{only}` says no `headcount`"),
        [first, ..] => format!(
            "of {all} that people belong to {} say no `headcount`, `{first}` among them",
            silent.len()
        ),
    };
    Ok(Some(format!(
        "{what} no effect: {why}; all cohorts are taken to show"
    )))
}

#[cfg(test)]
mod tests {
    use lodestar_privacy::ledger::Records;

    use super::super::{Basis, plan, sample};
    use super::*;

    fn said(project: &Project, org: &Org) -> Option<String> {
        let basis = Basis::new(org, Records::default(), &[]).unwrap();
        let plans = plan(project, &basis).unwrap();
        unheeded(project, org, &plans).unwrap()
    }

    #[test]
    fn what_has_no_effect_is_told() {
        let (mut project, org) = sample();
        assert_eq!(said(&project, &org), None);
        project.expected = Expected::default();
        // A fresh project on synthetic units has asked for nothing.
        assert_eq!(said(&project, &org), None);
        project.sources.org.as_mut().unwrap().synthetic = false;
        let counts = said(&project, &org).unwrap();
        assert!(counts.contains("head-counts have no effect") && counts.contains("coachees = 0.4"));
    }

    #[test]
    fn one_unit_that_says_nothing_is_named() {
        let (mut project, _) = sample();
        let folder = tempfile::tempdir().unwrap();
        let org = project.sources.org.as_mut().unwrap();
        let file = org.base.join(&org.paths[0]);
        let rows = std::fs::read_to_string(file).unwrap();
        let row = rows
            .lines()
            .find(|row| row.starts_with("ops-safety,"))
            .unwrap();
        let (silent, _) = row.rsplit_once(',').unwrap();
        let rows = rows.replace(row, &format!("{silent},"));
        std::fs::write(folder.path().join("org.csv"), rows).unwrap();
        org.paths = vec![folder.path().join("org.csv").display().to_string()];
        let org = Org::load(&project).unwrap();
        let one = said(&project, &org).unwrap();
        assert!(
            one.starts_with("head-counts and `[expected]` have no effect"),
            "{one}"
        );
        assert!(one.contains("`ops-safety` says no `headcount`"), "{one}");
        // Without units, the root alone.
        project.sources.org = None;
        let org = Org::load(&project).unwrap();
        let none = said(&project, &org).unwrap();
        assert!(
            none.starts_with("`[expected]` has") && none.contains("of 1 unit that"),
            "{none}"
        );
    }
}
