//! Effects of programmes: what a project needs for them.

use super::refusals::{Case, refused};
use super::{MINIMAL, accepted};
use crate::calendar::Every;
use crate::measure::{Cohort, Dimension, Kind};

const PROGRAMMES: &str = "[sources.programmes]\npath = \"programmes.csv\"\n";
const OUTCOMES: &str =
    "[sources.outcomes]\npath = \"outcomes.csv\"\n[[metrics]]\nid = \"days\"\nrange = [0, 9]\n";
const PERIOD: &str = "[privacy]\nunit = \"person-period\"\n";

/// Whether the default set of a project has the measure.
fn is_default(more: &[&str]) -> bool {
    let project = accepted(&format!("{MINIMAL}{}", more.concat()));
    let mut measures = project.measures.iter();
    measures.any(|measure| measure.name == "programme_effect")
}

#[test]
fn it_is_a_default_where_there_are_programmes_and_outcomes() {
    assert!(is_default(&[PROGRAMMES, OUTCOMES]));
    assert!(!is_default(&[PROGRAMMES]));
    assert!(!is_default(&[OUTCOMES]));
    assert!(!is_default(&[PROGRAMMES, OUTCOMES, PERIOD]));
}

#[test]
fn a_measure_of_ones_own_tells_arms_apart_in_its_own_order() {
    let own = "[sources.people]\npath = \"people.csv\"\n[dimensions]\nprogramme = [\"none\"]\n\
               [[measures]]\nname = \"pilots\"\ncohort = \"arms\"\nevery = \"year\"\n\
               dimensions = [\"metric\", \"start_cohort\", \"programme\", \"periods_since_start\"]\n\
               statistics = [{ name = \"effect\", kind = \"effect\" }]\n";
    let project = accepted(&format!("{MINIMAL}{PROGRAMMES}{OUTCOMES}{own}"));
    let measure = &project.measures[0];
    let dimensions = [
        Dimension::Metric,
        Dimension::StartCohort,
        Dimension::Programme,
        Dimension::PeriodsSinceStart,
    ];
    assert_eq!(measure.dimensions, dimensions);
    assert_eq!(measure.people().count(), 0, "of arms, not of people");
    assert_eq!(
        (measure.cohort, measure.every, measure.statistics[0].kind),
        (Cohort::Arms, Some(Every::Year), Kind::Effect)
    );
}

#[test]
fn what_it_lacks_is_said() {
    let used = "[[measures]]\nuse = \"programme_effect\"\n";
    let with = |more: &[&str]| format!("{}{used}", more.concat());
    let dimension = format!(
        "{PROGRAMMES}{OUTCOMES}{used}dimensions = [\"programme\", \"metric\", \"start_cohort\"]\n"
    );
    let statistic =
        format!("{PROGRAMMES}{OUTCOMES}{used}statistics = [{{ name = \"x\", kind = \"mean\" }}]\n");
    let texts = [
        (
            with(&[OUTCOMES]),
            (18, 7),
            "asks for programmes",
            "that source",
        ),
        (
            with(&[PROGRAMMES]),
            (15, 7),
            "asks for outcomes",
            "that source",
        ),
        (
            with(&[PROGRAMMES, OUTCOMES, PERIOD]),
            (22, 7),
            "reads rows of several periods",
            "unit = \"person\"",
        ),
        (
            dimension,
            (21, 14),
            "`periods_since_start` is missing",
            "cohorts of `arms` are by it",
        ),
        (statistic, (21, 36), "cannot be \"mean\"", "`effect`"),
    ];
    for (text, place, message, expected) in &texts {
        refused(&[Case("", text, *place, message, expected)]);
    }
}
