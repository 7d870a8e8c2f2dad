//! What is planted in assessments and outcomes, and where it shows.

use serde::Serialize;

use super::super::cycle;
use super::super::growth::{
    COMPARISON, DRIFT, ERROR, Expected, Group, LENIENCY, MEAN_DOSE, SELF_BIAS, SKILL, SKILLS,
    TAKE_PART, THEME_GAIN,
};
use super::super::half::HalfYear;
use super::super::org::ORGANISATION;
use super::super::outcomes::{
    ABSENCE, HABIT, METRICS, PROGRAMME_STEPS, QUARTER, SHOCK, STAY, programme_effect,
};
use super::super::programme::{Arm, PROGRAMME};
use super::super::pulse;
use super::super::study::Exact;
use super::outcomes::coached_effect;
use super::ratio;

/// The part of `truth.json` about assessments and outcomes.
#[derive(Serialize)]
pub(super) struct Planted<'a> {
    assessments: Assessments,
    outcomes: Outcomes,
    programme: Programme<'a>,
    effects: Vec<Effect<'a>>,
}

/// Scores in points of the instrument.
#[derive(Serialize)]
struct Assessments {
    instrument: &'static str,
    mean_skill: f64,
    skill_sd: f64,
    error_sd: f64,
    rater_leniency_sd: f64,
    /// Of the coached, and of others, who take part.
    coached_share: f64,
    comparison_share: f64,
    mean_sessions: f64,
    /// Of the planted gain, for each session.
    gain_share_per_session: f64,
    survey: &'static str,
    survey_share: f64,
}

#[derive(Serialize)]
struct Outcomes {
    absence_rate: f64,
    absence_sd_between_people: f64,
    absence_sd_between_quarters: f64,
    /// Of a half-year of a department.
    absence_sd_between_departments: f64,
    retained_not_coached: f64,
}

#[derive(Serialize)]
struct Programme<'a> {
    id: &'static str,
    cohorts: Vec<Cohort<'a>>,
    comparison: Vec<&'a str>,
}

#[derive(Serialize)]
struct Cohort<'a> {
    start_cohort: String,
    org_units: Vec<&'a str>,
}

/// One planted effect.
#[derive(Default, Serialize)]
struct Effect<'a> {
    what: &'static str,
    /// The published table and statistic on which it shows.
    table: &'static str,
    statistic: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    competency: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    theme: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metric: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rater_group: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    periods_since_start: Option<u32>,
    /// Where it is planted.
    org_units: Vec<&'a str>,
    size: f64,
    /// What the statistic is expected to be in the organisation.
    expected_organisation: Option<f64>,
    /// And in a division, the mean of those in which it is planted.
    expected_division: Option<f64>,
}

impl<'a> Planted<'a> {
    pub(super) fn new(exact: &'a Exact<'a>, expected: &Expected<'_>) -> Self {
        let mut effects = outcome_effects();
        effects.extend(programme_effects(exact));
        // The last half-year of which both quarters are there.
        if let Some(half) = exact.halves.iter().rfind(|half| half.whole()) {
            effects.extend(gains(exact, expected, half));
            effects.extend(theme(exact, expected, half));
            effects.push(bias(exact, expected));
            effects.extend(drift(exact, expected, half));
        }
        effects.push(climate(exact));
        Self {
            assessments: Assessments::new(),
            outcomes: Outcomes::new(),
            programme: Programme::new(exact),
            effects,
        }
    }
}

/// A number with six decimals.
fn rounded(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}

/// Hundredths as a number.
fn points(hundredths: i32) -> f64 {
    f64::from(hundredths) / 100.0
}

impl Assessments {
    fn new() -> Self {
        Self {
            instrument: cycle::INSTRUMENT,
            mean_skill: points(SKILL),
            skill_sd: rounded(SKILLS.deviation() / 100.0),
            error_sd: rounded(ERROR.deviation() / 100.0),
            rater_leniency_sd: rounded(LENIENCY.deviation() / 100.0),
            coached_share: TAKE_PART as f64 / 100.0,
            comparison_share: COMPARISON as f64 / 100.0,
            mean_sessions: points(MEAN_DOSE),
            gain_share_per_session: rounded(1.0 / points(MEAN_DOSE)),
            survey: pulse::INSTRUMENT,
            survey_share: pulse::ASKED as f64 / 100.0,
        }
    }
}

impl Outcomes {
    fn new() -> Self {
        Self {
            absence_rate: f64::from(ABSENCE) / 1000.0,
            absence_sd_between_people: rounded(HABIT.deviation() / 1000.0),
            absence_sd_between_quarters: rounded(QUARTER.deviation() / 1000.0),
            absence_sd_between_departments: rounded(SHOCK.deviation() / 1000.0),
            retained_not_coached: STAY.1 as f64 / 100.0,
        }
    }
}

impl<'a> Programme<'a> {
    fn new(exact: &'a Exact<'a>) -> Self {
        let of = |arm: Arm| {
            let all = exact.org.departments.iter().zip(&exact.programme.arms);
            let own = all.filter(move |(_, own)| **own == Some(arm));
            own.map(|((_, unit, _), _)| unit.id.as_str()).collect()
        };
        let first = exact.halves[0].period;
        Self {
            id: PROGRAMME,
            cohorts: vec![
                Cohort {
                    start_cohort: first.name(),
                    org_units: of(Arm::First),
                },
                Cohort {
                    start_cohort: first.next().name(),
                    org_units: of(Arm::Second),
                },
            ],
            comparison: of(Arm::Comparison),
        }
    }
}

/// Gains of the coached, of different size by competency and division.
fn gains<'a>(exact: &'a Exact<'a>, expected: &Expected<'_>, half: &HalfYear) -> Vec<Effect<'a>> {
    let Exact { org, growth, .. } = exact;
    let mut effects = Vec::new();
    for (competency, id) in exact.world.codebook.competencies.iter().enumerate() {
        let with: Vec<usize> = (0..org.divisions.len())
            .filter(|&division| growth.gains[division][competency] > 0)
            .collect();
        let Some(&first) = with.first() else { continue };
        let change = |divisions| {
            let pairs = expected.pairs(divisions, competency, Group::Manager, half);
            rounded(pairs.change())
        };
        let sum: f64 = with
            .iter()
            .map(|&division| change(division..division + 1))
            .sum();
        let everywhere = with.len() == org.divisions.len();
        effects.push(Effect {
            what: "gain of the coached",
            table: "competency_progress",
            statistic: "change",
            competency: Some(id),
            rater_group: Some(Group::Manager.name()),
            org_units: if everywhere {
                vec![ORGANISATION]
            } else {
                with.iter()
                    .map(|&division| org.divisions[division].id.as_str())
                    .collect()
            },
            size: points(growth.gains[first][competency]),
            expected_organisation: Some(change(0..org.divisions.len())),
            expected_division: Some(rounded(sum / with.len() as f64)),
            ..Effect::default()
        });
    }
    effects
}

/// The theme that goes with progress: as a difference between those who worked
/// on it at the time and others, and as what it adds to all who are assessed.
fn theme<'a>(exact: &'a Exact<'a>, expected: &Expected<'_>, half: &HalfYear) -> [Effect<'a>; 2] {
    let Exact { growth, world, .. } = exact;
    let (competency, codebook) = (growth.competency(), &world.codebook);
    let start = growth.start(competency, half.number);
    let score = |skill| expected.scores(Group::Manager, skill).mean;
    let shown = score(start + THEME_GAIN) - score(start);
    let divisions = 0..exact.org.divisions.len();
    let all = expected.pairs(divisions.clone(), competency, Group::Manager, half);
    // Some had the theme in the year, but not when it would have helped.
    let [_, with] = match exact.years.last() {
        Some(year) => year.sum(divisions),
        None => Default::default(),
    };
    let at_the_time = ratio(with.at_the_time, with.people);
    let effect = |(table, statistic, shown): (_, _, Option<f64>)| Effect {
        what: "further gain of the coached who worked on a theme in the half-year",
        table,
        statistic,
        competency: Some(&codebook.competencies[competency]),
        theme: Some(&codebook.themes[codebook.pairs[growth.pair]]),
        rater_group: Some(Group::Manager.name()),
        org_units: vec![ORGANISATION],
        size: points(THEME_GAIN),
        expected_organisation: shown.map(rounded),
        ..Effect::default()
    };
    let difference = at_the_time.map(|share| share * shown);
    [
        ("theme_outcome", "difference", difference),
        ("competency_progress", "change", Some(all.change())),
    ]
    .map(effect)
}

/// How much better people see themselves than their managers do, who start in
/// the first half-year.
fn bias<'a>(exact: &'a Exact<'a>, expected: &Expected<'_>) -> Effect<'a> {
    let start = exact.growth.start(exact.growth.competency(), 0);
    let score = |group| expected.scores(group, start).mean;
    let shown = rounded(score(Group::Oneself) - score(Group::Manager));
    Effect {
        what: "bias of self-ratings",
        table: "rater_agreement",
        statistic: "self_other_gap",
        org_units: vec![ORGANISATION],
        size: points(SELF_BIAS),
        expected_organisation: Some(shown),
        expected_division: Some(shown),
        ..Effect::default()
    }
}

/// Skills of those who start, in competencies of the North Star: by half-year.
fn drift<'a>(exact: &'a Exact<'a>, expected: &Expected<'_>, half: &HalfYear) -> Vec<Effect<'a>> {
    let Exact { growth, org, .. } = exact;
    let next = exact.halves.get(half.number as usize + 1);
    let effect = |&competency: &usize| {
        let levels = expected.levels(0..org.divisions.len(), competency, half, next);
        Effect {
            what: "skill of those who start, a half-year later",
            table: "north_star",
            statistic: "share_at_target",
            competency: Some(&exact.world.codebook.competencies[competency]),
            org_units: vec![ORGANISATION],
            size: points(DRIFT),
            expected_organisation: Some(rounded(levels.at_target)),
            ..Effect::default()
        }
    };
    growth.targets.iter().map(effect).collect()
}

/// Where an effect is planted, unless there is none.
fn planted_in<'a>(size: f64, units: &[&'a str]) -> Vec<&'a str> {
    if size == 0.0 {
        Vec::new()
    } else {
        units.to_vec()
    }
}

/// What coaching changes, and what it doesn't.
fn outcome_effects<'a>() -> Vec<Effect<'a>> {
    let effect = |(metric, id): (usize, &&'static str)| Effect {
        what: "coached in the half-year",
        table: "business_outcomes",
        statistic: "difference",
        metric: Some(id),
        org_units: planted_in(coached_effect(metric), &[ORGANISATION]),
        size: coached_effect(metric),
        expected_organisation: Some(coached_effect(metric)),
        expected_division: Some(coached_effect(metric)),
        ..Effect::default()
    };
    METRICS.iter().enumerate().map(effect).collect()
}

/// What the programme changes, by half-years since the start.
fn programme_effects<'a>(exact: &'a Exact<'a>) -> Vec<Effect<'a>> {
    let pilots = [Arm::First, Arm::Second].map(Some);
    let departments = exact.org.departments.iter().zip(&exact.programme.arms);
    let departments = departments.filter(|(_, arm)| pilots.contains(arm));
    let units: Vec<&str> = departments
        .map(|((_, unit, _), _)| unit.id.as_str())
        .collect();
    let effect = |(metric, since): (&'static str, u32)| {
        let absence = programme_effect(Some(Arm::First), i64::from(since));
        let size = if metric == METRICS[0] {
            f64::from(absence) / 1000.0
        } else {
            0.0
        };
        Effect {
            what: "in a pilot of the programme",
            table: "programme_effect",
            statistic: "effect",
            metric: Some(metric),
            periods_since_start: Some(since),
            org_units: planted_in(size, &units),
            size,
            expected_organisation: Some(size),
            expected_division: Some(size),
            ..Effect::default()
        }
    };
    let each = METRICS.into_iter();
    let each = each.flat_map(|metric| (0..PROGRAMME_STEPS).map(move |since| (metric, since)));
    each.map(effect).collect()
}

/// A division in which people find the climate less safe.
fn climate<'a>(exact: &'a Exact<'a>) -> Effect<'a> {
    Effect {
        what: "lower answers",
        table: "survey_items",
        statistic: "mean",
        item: Some(pulse::CLIMATE),
        org_units: vec![&exact.org.divisions[exact.growth.division].id],
        size: -(pulse::LOWER as f64),
        expected_division: Some(pulse::lower_mean()),
        ..Effect::default()
    }
}
