//! One cause, one problem.

use super::{MINIMAL, load_text};

const SOURCES: &str = r#"
[sources.assessments]
path = "assessments.csv"
defaults = { instrument = "stress", item = "q1" }
[sources.outcomes]
path = "outcomes.csv"
defaults = { metric = "days" }
"#;
const STAR: &str = "[north_star]\ntargets = [{ competency = \"adaptability\", level = 4 }]\n";
const PULSE: &str = "[[instruments]]\nid = \"pulse\"\nmin = 10\nmax = 20\n";
const STRESS: &str = "[[instruments]]\nid = \"stress\"\nmin = 1\nmax = 5\nitems = [\"q1\"]\n";
const DAYS: &str = "[[metrics]]\nid = \"days\"\nrange = [0, 9]\n";
const MEASURES: &str = r#"
[[measures]]
use = "skill_gap"
instrument = "stress"
[[measures]]
use = "survey_items"
[[measures]]
use = "north_star"
instrument = "stress"
[[measures]]
use = "strength_shift"
instrument = "stress"
bands = [2, 4]
[[measures]]
use = "business_outcomes"
filter = { metric = "days" }
"#;

/// Everything, with one thing changed.
fn text(from: &str, to: &str) -> String {
    let all = [MINIMAL, SOURCES, STAR, PULSE, STRESS, DAYS, MEASURES].concat();
    assert!(all.contains(from), "{from}");
    all.replacen(from, to, 1)
}

#[test]
fn what_names_something_wrong_is_not_refused_for_it() {
    load_text(&text("", "")).expect("as it stands");
    for (from, to, problem) in [
        ("max = 5", "max = \"5\"", "`instruments[2].max` is text"),
        ("max = 5", "max = 0", "`instruments[2].max` cannot be 0"),
        ("max = 5", "", "`instruments[2].max` is missing"),
        (
            "max = 5",
            "max = 5\ntop_box = 9",
            "`instruments[2].top_box` cannot be 9",
        ),
        (
            "max = 5",
            "max = 5\nmin_raters = 0",
            "`instruments[2].min_raters` cannot be 0",
        ),
        (
            "items = [\"q1\"]",
            "items = [\"q1\", \"q1\"]",
            "`q1` is declared twice",
        ),
        (
            "range = [0, 9]",
            "range = [9, 0]",
            "`metrics[1].range` cannot be [9, 0]",
        ),
        ("range = [0, 9]", "", "`metrics[1].range` is missing"),
        (
            "level = 4",
            "level = 40",
            "`north_star.targets[1].level` cannot be 40",
        ),
    ] {
        let errors = load_text(&text(from, to)).expect_err(to);
        let [only] = errors.problems() else {
            panic!("{to}: {errors}")
        };
        assert!(only.message.contains(problem), "{to}: {errors}");
    }
}

#[test]
fn a_clip_where_there_is_none_is_sent_to_where_it_is() {
    let own = |cohort: &str, by: &str, of: &str| {
        format!(
            "{MINIMAL}{SOURCES}{STRESS}{DAYS}[[measures]]\nname = \"own\"\ncohort = \"{cohort}\"\n\
             dimensions = [\"{by}\"]\nclip = {{ m = [0, 1] }}\n\
             statistics = [{{ name = \"m\", kind = \"mean\", of = \"{of}\" }}]\n"
        )
    };
    for (text, expected) in [
        (
            own("outcome", "metric", "outcome"),
            "`clip` of its `[[metrics]]`",
        ),
        (
            own("assessed", "competency", "level"),
            "the scale of their `[[instruments]]`",
        ),
    ] {
        let errors = load_text(&text).expect_err(expected);
        let [only] = errors.problems() else {
            panic!("{errors}")
        };
        assert!(only.expected.contains(expected), "{errors}");
    }
}
