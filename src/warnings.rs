//! What is allowed, but probably not meant.

use std::collections::BTreeMap;

use jiff::civil::Date;
use lodestar_privacy::ledger::Records;

use crate::calendar::Period;
use crate::config::{PrivacyUnit, Project};
use crate::ingest::{Assigned, Intake, Org};
use crate::measure::filter::Column;
use crate::measure::{Cohort, Condition, Dimension, Kind, Measure, Quantity, ThemeSource};
use crate::plan::{self, Basis, PlanError, ReleasePlan};
use crate::text::count;

/// All that a check warns of.
pub fn warnings(project: &Project, intake: &Intake) -> Vec<String> {
    let mut warnings = Vec::new();
    if project.privacy.k < 5 && !project.synthetic() {
        warnings.push(format!(
            "k = {} is small: surveys commonly ask for 10, never below 5",
            project.privacy.k
        ));
    }
    if project.hears_notes() && project.sources.names.is_none() {
        warnings.push(
            "terms are looked for in notes, and there is no `[sources.names]`: names of people whom \
             many notes speak of may be published"
                .to_owned(),
        );
    }
    // Whatever is wrong with org units `run` says.
    let org = Org::load(project).ok();
    let twelve_months = project.calendar.first.twelve_months_start();
    let asks_for_them = project.privacy.unit == PrivacyUnit::Person;
    let late = |first: &Date| asks_for_them && *first > twelve_months;
    if let Some(first) = intake.first_session.filter(late) {
        warnings.push(format!(
            "sessions begin on {first}, later than twelve months before the end of {}: coaches of \
             earlier sessions are not known to the coach rule",
            project.calendar.first.name()
        ));
    }
    if intake
        .reports
        .iter()
        .any(|report| report.source == "sessions" && report.totals().accepted == 0)
    {
        warnings.push("no session was accepted: nothing can appear".to_owned());
    } else {
        warnings.extend(org.iter().flat_map(|org| planned(project, org, intake)));
        warnings.extend(unsaid(project, intake));
    }
    warnings.extend(unread(project, intake));
    warnings.extend(unused(project, intake));
    warnings.extend(left_out(project));
    warnings.extend(org.iter().flat_map(|org| lone_arms(project, org)));
    let measures = project.measures.iter();
    warnings.extend(measures.clone().filter_map(|one| aimless(project, one)));
    warnings.extend(measures.flat_map(|one| unknown(project, one)));
    warnings
}

/// Measures of sources of which no row is accepted: they will have no numbers
/// either.
fn unread(project: &Project, intake: &Intake) -> Vec<String> {
    let empty = |source: &&&str| {
        let mut reports = intake.reports.iter();
        reports.any(|report| report.source == **source && report.totals().accepted == 0)
    };
    let measures = project.measures.iter();
    measures
        .filter_map(|measure| {
            let source = measure.cohort.sources().iter().find(empty)?;
            Some(format!(
                "no row of {source} was accepted: `{}` will have no numbers and cost its share of \
                 the budget; deliver them, or list the `[[measures]]` without it",
                measure.name
            ))
        })
        .collect()
}

/// Instruments of which no row is accepted, where others have some.
fn unused(project: &Project, intake: &Intake) -> Vec<String> {
    let rows = &intake.assessed_by_instrument;
    if rows.iter().all(|rows| *rows == 0) {
        return Vec::new();
    }
    let all = project.instruments.iter().enumerate().zip(rows);
    let empty = all.filter(|(_, rows)| **rows == 0);
    empty
        .map(|((at, instrument), _)| {
            let reads = |measure: &&Measure| {
                let asks_all = measure.cohort == Cohort::Asked && measure.instrument.is_none();
                measure.instrument == Some(at) || asks_all && !instrument.items.is_empty()
            };
            let names = quoted(project.measures.iter().filter(reads).map(|one| &one.name));
            let cost = match names.as_str() {
                "" => String::new(),
                names => format!(": {names} will have no numbers of it, and cost as much"),
            };
            format!(
                "no row of assessments is of the instrument `{}`{cost}; deliver its rows, or take \
                 it out of `[[instruments]]`",
                instrument.label.id
            )
        })
        .collect()
}

/// What the default set has, and a release that reads one period cannot tell.
fn left_out(project: &Project) -> Option<String> {
    let names = quoted(project.left_out.iter());
    (!names.is_empty()).then(|| {
        format!(
            "left out: {names}, which read rows of several periods; under `unit = \
             \"person-period\"` a release reads one"
        )
    })
}

/// Programmes that will have no effect: without a comparison, or with but one
/// unit in an arm, which may have changed for reasons of its own.
fn lone_arms(project: &Project, org: &Org) -> Vec<String> {
    let mut measures = project.measures.iter();
    let Some(measure) = measures.find(|one| one.cohort == Cohort::Arms) else {
        return Vec::new();
    };
    let every = measure.every.unwrap_or(project.calendar.every);
    let span = |day: Date| Period::containing(day, every, project.calendar.year_starts);
    let programmes = org.programmes();
    let all = (0..).zip(programmes.all());
    let warning = |(code, programme): (u16, &crate::ingest::Programme)| {
        let id = &programme.label.id;
        if !programme.has_comparison {
            return Some(format!(
                "the programme `{id}` has no comparison: `{}` will have no row of it; declare \
                 units that it does not reach as `comparison`",
                measure.name
            ));
        }
        // By start, the comparison first: how many units, and whether there are others.
        let mut arms: BTreeMap<Option<Period>, (usize, bool)> = BTreeMap::new();
        let mine = |one: &&Assigned| one.programme == code;
        for one in programmes.of_units().flatten().filter(mine) {
            arms.entry(one.starts_on.map(span)).or_default().0 += 1;
        }
        for one in programmes.of_people().iter().filter(mine) {
            arms.entry(one.starts_on.map(span)).or_default().1 = true;
        }
        let lone = arms.iter().filter(|(_, arm)| **arm == (1, false));
        let lone = lone.map(|(start, _)| match start {
            None => "in its comparison".to_owned(),
            Some(start) => format!("that starts in {}", start.name()),
        });
        let lone: Vec<String> = lone.collect();
        (!lone.is_empty()).then(|| {
            format!(
                "the programme `{id}` has one unit {}: an effect needs two units of each arm, or \
                 people who take part individually, and will be null, `cohort_missing`",
                lone.join(", and one ")
            )
        })
    };
    all.filter_map(warning).collect()
}

/// `a`, `b` and `c`.
fn quoted<'a>(names: impl Iterator<Item = &'a String>) -> String {
    let mut names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    let last = names.pop().unwrap_or_default();
    match names.len() {
        0 => last,
        _ => format!("{} and {last}", names.join(", ")),
    }
}

/// Measures that tell how far people are from targets, of competencies without one.
fn aimless(project: &Project, measure: &Measure) -> Option<String> {
    let asked = measure.filter.values(Column::Competency);
    let mut targets = project.targets().iter();
    let has_some = targets.any(|target| asked.is_none_or(|some| some.contains(&target.competency)));
    let statistics = measure.statistics.iter();
    let mine = statistics.filter(|one| one.kind.is_of_targets());
    let names = quoted(mine.map(|one| &one.name));
    (!has_some && !names.is_empty()).then(|| {
        format!(
            "`{}` tells how far people are from targets, and `[north_star]` has no `targets` for \
             what it is about: {names} will be null, `not_declared`; declare them there, with the \
             level to reach of each competency, or define the measure without these statistics",
            measure.name
        )
    })
}

/// What the instrument of a measure cannot tell: whether a change is reliable,
/// without norms; how far people are from a target that is not on its scale.
fn unknown(project: &Project, measure: &Measure) -> Vec<String> {
    let instrument = measure
        .instrument
        .and_then(|at| project.instruments.get(at));
    let Some(instrument) = instrument else {
        return Vec::new();
    };
    let (name, id) = (&measure.name, &instrument.label.id);
    let mut warnings = Vec::new();
    let asks_norms = measure.asks(|kind| kind.is_of_reliable_change());
    if asks_norms && instrument.error_of_difference().is_none() {
        warnings.push(format!(
            "`{name}` asks who changed reliably, and the instrument `{id}` has no `norm_sd` or no \
             `reliability`: these statistics will be null, `not_declared`"
        ));
    }
    let asked = measure.filter.values(Column::Competency);
    let beyond = project.targets().iter().filter(|target| {
        let on_scale = (instrument.min..=instrument.max).contains(&target.level);
        asked.is_none_or(|some| some.contains(&target.competency)) && !on_scale
    });
    if measure.asks(|kind| kind.is_of_targets()) {
        let competency = |code: u16| &project.framework.competencies[usize::from(code)].id;
        warnings.extend(beyond.map(|target| {
            format!(
                "the target of `{}` is {}, and `{id}`, which `{name}` reads, goes from {} to {}: \
                 everybody or nobody is there; name another `instrument`, or leave the competency \
                 out with `filter`",
                competency(target.competency),
                target.level,
                instrument.min,
                instrument.max
            )
        }));
    }
    warnings
}

/// Measures of what no session says: they will have no numbers, and cost their
/// share of the budget all the same.
fn unsaid(project: &Project, intake: &Intake) -> Vec<String> {
    let needs = |quantity: Quantity| match quantity {
        Quantity::CoachingMinutes if intake.said.coaching == 0 => {
            Some("`mode` or `coaching_minutes`")
        }
        Quantity::ProactiveSessions if intake.said.trigger == 0 => Some("`trigger`"),
        Quantity::Cost if intake.said.cost == 0 => Some("`cost`"),
        _ => None,
    };
    let of = |kind: &Kind| match *kind {
        Kind::Mean { of, .. } | Kind::Ratio { of, .. } => Some(of),
        Kind::Count(condition) | Kind::Share(condition) => match condition {
            Condition::Row | Condition::Flag(_) => None,
            Condition::AtLeast { of, .. } | Condition::Within { of, .. } => Some(of),
        },
        _ => None,
    };
    let missing = |measure: &Measure| {
        let format = measure.dimensions.contains(&Dimension::Format) && intake.said.format == 0;
        let statistics = measure.statistics.iter();
        let mut columns = statistics.filter_map(|one| needs(of(&one.kind)?));
        let of_notes = measure.is_by_term() || measure.theme_source == ThemeSource::Codebook;
        let note = (of_notes && intake.said.note == 0).then_some("`note`");
        columns.next().or(format.then_some("`format`")).or(note)
    };
    let measures = project.measures.iter();
    measures
        .filter_map(|measure| {
            let column = missing(measure)?;
            Some(format!(
                "no accepted session has {column}: `{}` will have no numbers and cost its share of \
                 the budget; map the column, or list the `[[measures]]` without it",
                measure.name
            ))
        })
        .collect()
}

/// What the next window's releases will probably lack.
fn planned(project: &Project, org: &Org, intake: &Intake) -> Vec<String> {
    // Whatever is wrong with ledger or budget, `run` says.
    let Ok(records) = Records::inspect(&project.state) else {
        return Vec::new();
    };
    // What showed before makes no difference to what may appear.
    let plans = Basis::new(org, records, &[]).and_then(|basis| plan::plan(project, &basis));
    let releases = match plans {
        Err(PlanError::Unmeasured(problem)) => return vec![problem],
        Ok(plans) => plans.into_iter().next().map(|window| window.releases),
        Err(_) => None,
    };
    let releases = releases.unwrap_or_default();
    let empty = releases.iter().find(|release| release.tables.is_empty());
    let empty = empty.map(|release| {
        format!(
            "no measure's span ends in {}: released without a table, at no cost; where that is \
             not meant, let a measure be of every period, or `every` in [periods] be longer",
            release.periods.join(", ")
        )
    });
    empty
        .into_iter()
        .chain(too_few(project, intake, &releases))
        .collect()
}

/// Whether all people together are fewer than a cohort of the next release with a
/// table needs to appear with probability one half. Every person has a row, so
/// rows are enough to say so.
fn too_few(project: &Project, intake: &Intake, releases: &[ReleasePlan]) -> Option<String> {
    let next = releases.iter().find(|release| !release.tables.is_empty())?;
    let smallest = next
        .tables
        .iter()
        .map(|level| level.smallest_cohort)
        .min()?;
    let source = project
        .sources
        .people
        .as_ref()
        .unwrap_or(&project.sources.sessions);
    let report = intake
        .reports
        .iter()
        .find(|report| report.source == source.name)?;
    let rows = report.totals().accepted;
    (i64::try_from(rows).ok()? < smallest).then(|| {
        format!(
            "{} will cost its share of the budget and probably show nothing: a cohort appears with \
             probability ½ from {smallest} people beyond its largest caseload, and {} has {}; \
             longer periods, fewer levels, fewer keys a person or a larger ε help (`lodestar \
             plan`)",
            next.periods[0],
            source.name,
            count(rows, "row")
        )
    })
}
