//! Metrics, and the sources of outcomes and programmes.

use super::refusals::{Case, refused};
use super::{MINIMAL, accepted, load_text};

const SOURCE: &str = "[sources.outcomes]\npath = \"o.csv\"\n";

#[test]
fn metrics_are_read_with_their_defaults() {
    let project = accepted(&format!(
        "{MINIMAL}{SOURCE}synthetic = true
defaults = {{ value = -1.5, metric = \"days\", measured_on = 2025-01-01 }}
columns = {{ value = {{ from = \"v\", scale = 0.5 }}, person_id = {{ from = \"p\", hash = true }} }}
[sources.programmes]
path = \"p.csv\"
defaults = {{ arm = \"pilot\", starts_on = 2025-01-01, org_unit = \"Acme\" }}
[[metrics]]
id = \"days\"
range = [-10, 1e12]
clip = [-5.5, 5e6]
label = \"Days away\"
unit = \"days\"
higher_is_better = false
[[metrics]]
id = \"stays\"
range = [0, 1]
unit = \"\"
"
    ));
    let [days, stays] = project.metrics.as_slice() else {
        panic!("two metrics")
    };
    let texts = (days.label.label.as_str(), days.unit.as_str());
    assert_eq!(texts, ("Days away", "days"));
    assert_eq!((days.range, days.clip), ((-10.0, 1e12), (-5.5, 5e6)));
    assert!(!days.higher_is_better && stays.higher_is_better);
    let texts = (stays.label.label.as_str(), stays.unit.as_str());
    assert_eq!(texts, ("stays", ""));
    assert_eq!((stays.range, stays.clip), ((0.0, 1.0), (0.0, 1.0)));
    let outcomes = project.sources.outcomes.as_ref().expect("outcomes");
    assert_eq!(outcomes.defaults["value"], "-1.5");
    assert!(outcomes.synthetic && (outcomes.tolerance - 0.01).abs() < f64::EPSILON);
    let programmes = project.sources.programmes.as_ref().expect("programmes");
    assert!(programmes.tolerance.abs() < f64::EPSILON);
    let names: Vec<_> = project.sources.all().map(|source| source.name).collect();
    assert_eq!(names, ["programmes", "sessions", "outcomes"]);
}

#[test]
fn what_a_metric_cannot_be() {
    let text = |keys: &str| format!("[[metrics]]\nid = \"days\"\n{keys}\n");
    let cases = [
        ("label = \"\"\nrange = [0, 1]", (14, 9), "is empty", "label"),
        (
            "unit = 1\nrange = [0, 1]",
            (14, 8),
            "is a whole number",
            "text",
        ),
        (
            "unit = \"a\\nb\"\nrange = [0, 1]",
            (14, 8),
            "control",
            "one line",
        ),
        ("range = 1", (14, 9), "is a whole number", "[low, high]"),
        (
            "range = [0, 1, 2]",
            (14, 9),
            "has 3 elements",
            "two numbers",
        ),
        (
            "range = [1, 1]",
            (14, 9),
            "cannot be [1, 1]",
            "the lower first",
        ),
        ("range = [0, inf]", (14, 13), "cannot be inf", "1e12"),
        ("range = [nan, 1]", (14, 10), "cannot be NaN", "1e12"),
        (
            "range = [0, 2e12]",
            (14, 13),
            "cannot be 2000000000000",
            "1e12",
        ),
        (
            "range = [0, 1]\nclip = [0, 2]",
            (15, 8),
            "cannot be [0, 2]",
            "within the range [0, 1]",
        ),
        (
            "range = [0, 1]\nclip = [0, 1e-7]",
            (15, 8),
            "cannot be",
            "at least 0.000001 apart",
        ),
        (
            "range = [0, 1]\nhigher_is_better = 1",
            (15, 20),
            "is a whole number",
            "true or false",
        ),
        (
            "range = [0, 1]\nmost = 1",
            (15, 1),
            "unknown key `metrics[1].most`",
            "one of",
        ),
    ];
    for (keys, at, message, expected) in cases {
        let text = text(keys);
        let errors = load_text(&format!("{MINIMAL}{text}")).expect_err(keys);
        let [problem] = errors.problems() else {
            panic!("{keys}: {errors}")
        };
        assert_eq!(problem.position, Some(at), "{errors}");
        assert!(problem.message.contains(message), "{errors}");
        assert!(problem.expected.contains(expected), "{errors}");
    }
    let twice = format!("{0}{0}", text("range = [0, 1]"));
    let cases = [
        (
            text(""),
            (12, 1),
            "`metrics[1].range` is missing",
            "[low, high]",
        ),
        (twice, (16, 6), "`days` is declared twice", "its own"),
    ];
    for (text, at, message, expected) in cases {
        let text: &'static str = text.leak();
        refused(&[Case("", text, at, message, expected)]);
    }
}

#[test]
fn what_sources_of_outcomes_and_programmes_cannot_say() {
    let case = |text, at, message, expected| Case("", text, at, message, expected);
    refused(&[
        case(
            "[sources.outcomes]\npath = \"o.csv\"\n",
            (12, 1),
            "`sources.outcomes` is declared without metrics",
            "`[[metrics]]`",
        ),
        case(
            "[[metrics]]\nid = \"days\"\nrange = [0, 1]\n[sources.outcomes]\npath = \"o.csv\"\n\
             defaults = { metric = \"day\" }\n",
            (17, 23),
            "cannot be \"day\"",
            "did you mean `days`?",
        ),
        case(
            "[[metrics]]\nid = \"days\"\nrange = [0, 1]\n[sources.outcomes]\npath = \"o.csv\"\n\
             defaults = { person_id = \"ana\" }\n",
            (17, 26),
            "has no default",
            "taken for one",
        ),
        case(
            "[[metrics]]\nid = \"days\"\nrange = [0, 1]\n[sources.outcomes]\npath = \"o.csv\"\n\
             defaults = { value = \"many\" }\n",
            (17, 22),
            "cannot be \"many\"",
            "a finite number",
        ),
        case(
            "[sources.programmes]\npath = \"p.csv\"\ndefaults = { arm = \"pilots\" }\n",
            (14, 20),
            "cannot be \"pilots\"",
            "did you mean `pilot`?",
        ),
        case(
            "[sources.programmes]\npath = \"p.csv\"\ndefaults = { programme = \"lead\" }\n",
            (14, 26),
            "has no default",
            "taken for one",
        ),
        case(
            "[sources.programmes]\npath = \"p.csv\"\n[privacy]\nepsilon = 30\n",
            (15, 11),
            "30 does not protect",
            "programmes, sessions",
        ),
    ]);
}

#[test]
fn outcomes_do_not_lie_among_what_is_published() {
    let metric = "[[metrics]]\nid = \"days\"\nrange = [0, 1]\n";
    let errors = load_text(&format!(
        "{MINIMAL}{metric}[sources.outcomes]\npath = \"published/o.csv\"\n"
    ))
    .expect_err("public");
    assert!(
        errors
            .to_string()
            .contains("published/o.csv lies in the public"),
        "{errors}"
    );
    // Programmes are public themselves.
    accepted(&format!(
        "{MINIMAL}[sources.programmes]\npath = \"published/p.csv\"\n"
    ));
}
