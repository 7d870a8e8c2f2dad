//! Measures of assessments and outcomes: what can be said, and what is refused.

use super::MINIMAL;
use super::{accepted, load_text};
use crate::ingest::Programmes;
use crate::measure::effect::Starts;
use crate::measure::filter::Column;
use crate::measure::vector::vectors;
use crate::measure::{Condition, Kind, Measure, Value};

/// [`MINIMAL`] with all that outcome measures need.
const DECLARED: &str = r#"[sources.people]
path = "people.csv"
[sources.assessments]
path = "assessments.csv"
[sources.outcomes]
path = "outcomes.csv"
[[instruments]]
id = "360"
min = 1
max = 5
[[instruments]]
id = "pulse"
min = 0
max = 10
items = ["q1"]
[[metrics]]
id = "stayed"
range = [0, 1]
[north_star]
targets = [{ competency = "adaptability", level = 4 }]
"#;

fn measure(text: &str) -> Measure {
    let project = accepted(&format!("{MINIMAL}{DECLARED}[[measures]]\n{text}\n"));
    project.measures[0].clone()
}

#[test]
fn measures_of_values_get_what_they_do_not_say() {
    let progress = measure("use = \"competency_progress\"");
    assert_eq!((progress.instrument, progress.max_cells), (Some(0), 4));
    let pulse = measure("use = \"survey_items\"");
    assert_eq!(pulse.instrument, None);
    let pulse = measure("use = \"survey_items\"\ninstrument = \"pulse\"");
    assert_eq!(pulse.instrument, Some(1));
    let moved = measure(
        "name = \"moves\"\ncohort = \"outcome\"\ndimensions = [\"metric\"]\n\
         statistics = [{ name = \"mean\", kind = \"mean\" }]\nfilter = { metric = \"stayed\" }",
    );
    assert_eq!(moved.statistics[0].kind, Kind::MeanOf(Value::Outcome));
    let improvers = measure(
        "name = \"improvers\"\ncohort = \"paired\"\ndimensions = [\"competency\"]\n\
         filter = { coached = \"yes\" }\n\
         statistics = [{ name = \"improvers\", kind = \"count\", of = \"improved\" }]",
    );
    let improved = Condition::Flag(Value::Improved);
    assert_eq!(improvers.statistics[0].kind, Kind::Count(improved));
    let styles = measure(
        "use = \"strength_shift\"\ninstrument = \"pulse\"\nbands = [0, 10]\n\
         filter = { competency = \"adaptability\" }",
    );
    assert_eq!(styles.bands, Some((0.0, 10.0)));
}

#[test]
fn a_filter_that_comes_with_a_measure_gives_way_to_other_dimensions() {
    let built_in = measure("use = \"competency_progress\"");
    assert!(built_in.filter.values(Column::RaterGroup).is_some());
    let together = measure("use = \"competency_progress\"\ndimensions = [\"competency\"]");
    assert!(together.filter.is_empty());
}

/// A measure of one statistic by competency.
fn of(cohort: &str, statistic: &str) -> String {
    format!(
        "name = \"x\"\ncohort = \"{cohort}\"\ndimensions = [\"competency\"]\nstatistics = [{{ name = \
         \"s\", {statistic} }}]\n"
    )
}

/// Each must be refused once, with these words, at a place.
fn refused_with(cases: &[(String, &str, &str)]) {
    for (text, message, expected) in cases {
        let errors = load_text(&format!("{MINIMAL}{DECLARED}[[measures]]\n{text}\n"));
        let errors = errors.expect_err(text);
        let [problem] = errors.problems() else {
            panic!("{text}: {errors}")
        };
        assert!(
            problem.message.contains(message)
                && problem.expected.contains(expected)
                && problem.position.is_some(),
            "{text}: {errors}"
        );
    }
}

#[test]
fn statistics_that_do_not_go_with_the_cohorts_are_refused() {
    let cases = [
        (
            "name = \"x\"\ncohort = \"outcome\"\nstatistics = [{ name = \"m\", kind = \"mean\" }]"
                .to_owned(),
            "the dimension `metric` is missing",
            "cohorts of `outcome`",
        ),
        (
            "use = \"skill_gap\"\ncohort = \"paired\"".to_owned(),
            "`mean_level`, which comes with the built-in measure",
            "expected `statistics`",
        ),
        (
            "use = \"engagement\"\ndimensions = [\"competency\"]".to_owned(),
            "`share_three_or_more`, which comes",
            "own cohort and dimensions",
        ),
        (
            "use = \"engagement\"\ncohort = \"headcount\"".to_owned(),
            "`sessions_per_coachee`, which comes",
            "`statistics`",
        ),
        (
            of("assessed", "kind = \"pace\""),
            "`s` follows from a statistic that is not there",
            "of = \"at_target\"",
        ),
        (
            "name = \"x\"\ndimensions = [\"competency\", \"theme\"]\nstatistics = [{ name = \"t\", kind \
             = \"trend\" }]"
                .to_owned(),
            "`t` follows from a statistic that is not there",
            "kind = \"rise\"",
        ),
    ];
    refused_with(&cases);
}

#[test]
fn filters_bands_and_instruments_that_do_not_go_with_the_cohorts_are_refused() {
    let level = of("assessed", "kind = \"mean\"");
    let change = of("paired", "kind = \"change\"");
    let n = "name = \"x\"\nstatistics = [{ name = \"n\", kind = \"count\" }]\n";
    let cases = [
        (
            format!("{change}filter = {{ rater_group = \"self\" }}"),
            "not told apart by rater groups",
            "among the dimensions",
        ),
        (
            format!("{level}filter = {{ mode = \"coaching\" }}"),
            "not told apart by a session's mode",
            "`coachees`",
        ),
        (
            format!("{level}filter = {{ metric = \"stayed\" }}"),
            "not told apart by metrics",
            "`outcome`",
        ),
        (
            format!("{level}filter = {{ item = \"q1\" }}"),
            "not told apart by items",
            "`asked`",
        ),
        (
            "use = \"survey_items\"\nfilter = { item = \"q9\" }".to_owned(),
            "`q9` is no declared item",
            "mean `q1`?",
        ),
        (
            format!("{n}filter = {{ rater_group = \"self\" }}"),
            "not told apart by rater groups",
            "`paired`",
        ),
        (
            format!("{n}cohort = \"headcount\"\nfilter = {{ coached = \"yes\" }}"),
            "who is coached, which coaches know",
            "`coachees`",
        ),
        (
            "use = \"north_star\"\nfilter = { coached = \"yes\" }".to_owned(),
            "`coached` is not for shares of all people",
            "`share_of_people`",
        ),
        (
            format!("{n}bands = [2, 3]"),
            "are for measures by `from_band`",
            "take it out",
        ),
        (
            "use = \"strength_shift\"\nbands = [2, 7]".to_owned(),
            "leave the scale of `360`",
            "from 1 to 5",
        ),
        (
            format!("{n}instrument = \"360\""),
            "not for cohorts of `coachees`",
            "take it out",
        ),
    ];
    refused_with(&cases);
}

#[test]
fn a_target_that_no_instrument_reaches_is_refused() {
    let with = |level: &str| format!("{MINIMAL}{}", DECLARED.replace("level = 4", level));
    assert!(load_text(&with("level = 10")).is_ok());
    let errors = load_text(&with("level = 11")).expect_err("beyond all scales");
    let [problem] = errors.problems() else {
        panic!("{errors}")
    };
    assert_eq!(
        problem.message,
        "`north_star.targets[1].level` cannot be 11"
    );
    assert!(problem.expected.contains("1 to 5 of `360`"), "{errors}");
    assert!(problem.position.is_some());
}

#[test]
fn under_person_period_a_release_reads_one_period() {
    let text = format!("{MINIMAL}{DECLARED}[privacy]\nunit = \"person-period\"\n");
    let project = accepted(&text);
    let names: Vec<&str> = project
        .measures
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    assert!(names.contains(&"skill_gap") && names.contains(&"business_outcomes"));
    assert!(!names.contains(&"competency_progress"), "{names:?}");
    assert_eq!(project.left_out, ["competency_progress"]);
    assert!(
        accepted(&format!("{MINIMAL}{DECLARED}"))
            .left_out
            .is_empty()
    );
    let longer = project.measures.iter().filter(|one| one.every.is_some());
    assert_eq!(longer.count(), 0);
}

const SURVEYS: &str = r#"
[sources.assessments]
path = "assessments.csv"
[[instruments]]
id = "pulse"
min = 1
max = 5
items = ["trust", "load"]
[[instruments]]
id = "climate"
min = 1
max = 5
items = ["voice", "trust"]
[[measures]]
use = "survey_items"
"#;

#[test]
fn survey_items_may_be_of_some_items() {
    let codes = |filter: &str| {
        let project = accepted(&format!("{MINIMAL}{SURVEYS}{filter}"));
        let nothing = |_| Starts::of(&Programmes::default(), project.calendar.first);
        let all = vectors(&project, nothing, project.measures.iter());
        let items = [(0, 0), (0, 1), (1, 0), (1, 1)];
        items.map(|item| all.keys[0].code(item, false))
    };
    assert_eq!(codes(""), [Some(0), Some(1), Some(2), Some(3)]);
    // An item of two instruments is one of both.
    let trust = "filter = { item = \"trust\" }\n";
    assert_eq!(codes(trust), [Some(0), None, None, Some(1)]);
    let more = "filter = { item = [\"load\", \"voice\"] }\n";
    assert_eq!(codes(more), [None, Some(0), Some(1), None]);
    let of_one = format!("{trust}instrument = \"climate\"\n");
    assert_eq!(codes(&of_one), [None, None, None, Some(0)]);
    let none =
        format!("{MINIMAL}{SURVEYS}filter = {{ item = \"load\" }}\ninstrument = \"climate\"\n");
    let errors = load_text(&none).expect_err("no such item");
    assert!(
        errors
            .to_string()
            .contains("no instrument that it reads has one"),
        "{errors}"
    );
}
