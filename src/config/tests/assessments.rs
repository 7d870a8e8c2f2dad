//! `[sources.assessments]`: its columns, and wide tables.

use super::refusals::{Case, refused};
use super::{MINIMAL, accepted};

const PULSE: &str = "[[instruments]]\nid = \"pulse\"\nmin = 1\nmax = 5\nitems = [\"q1\", \"q2\"]\n\
                     [sources.assessments]\npath = \"a.csv\"\n";

#[test]
fn assessments_are_read_as_the_other_sources_are() {
    let project = accepted(&format!(
        "{MINIMAL}{PULSE}synthetic = true\ndelimiter = \";\"\n\
         columns = {{ subject_id = {{ from = \"who\", hash = true }}, score = {{ from = \"s\", scale = 0.05 }} }}\n\
         defaults = {{ instrument = \"pulse\", wave = \"follow_up\", rater_group = \"peer\", item = \"q2\", \
         competency = \"adaptability\", score = -1.5, assessed_on = 2025-01-01, rater_id = \"x\" }}\n"
    ));
    let source = project.sources.assessments.expect("assessments");
    assert!(source.synthetic && source.columns["subject_id"].hash);
    assert_eq!((source.name, source.delimiter), ("assessments", b';'));
    assert_eq!(source.defaults["score"], "-1.5");
    assert!((source.tolerance - 0.01).abs() < f64::EPSILON && source.unpivot.is_none());
    assert!(accepted(MINIMAL).sources.assessments.is_none());
}

#[test]
fn wide_tables_name_their_columns() {
    let wide = |text: &str| {
        let project = accepted(&format!("{MINIMAL}{PULSE}unpivot = {text}\n"));
        let unpivot = project.sources.assessments.expect("some").unpivot;
        let unpivot = unpivot.expect("wide");
        let columns = unpivot.columns.into_iter();
        (unpivot.into, columns.collect::<Vec<_>>())
    };
    let (into, columns) =
        wide("{ into = \"item\", columns = [\"q1\", \"q2\"], scale = 2, map = { yes = \"5\" } }");
    let named: Vec<_> = columns
        .iter()
        .map(|(m, value)| (&*m.from, &**value))
        .collect();
    assert_eq!(
        (into.as_str(), named),
        ("item", vec![("q1", "q1"), ("q2", "q2")])
    );
    for (mapping, _) in &columns {
        assert!(mapping.scale > 1.9 && mapping.map["yes"] == "5");
    }
    let (_, columns) =
        wide("{ into = \"competency\", columns = { \"Adaptability score\" = \"adaptability\" } }");
    assert_eq!(columns[0].0.from, "Adaptability score");
    assert_eq!(columns[0].1, "adaptability");
    for (into, value) in [
        ("instrument", "pulse"),
        ("rater_group", "coach"),
        ("wave", "midpoint"),
    ] {
        wide(&format!(
            "{{ into = \"{into}\", columns = {{ a = \"{value}\" }} }}"
        ));
    }
}

/// Text at the end of the source (line 19), column, message, expected.
fn refused_in_pulse(cases: &[(&str, usize, &str, &str)]) {
    for (text, column, message, expected) in cases {
        let text = format!("{PULSE}{text}\n");
        refused(&[Case("", &text, (19, *column), message, expected)]);
    }
}

#[test]
fn assessments_that_cannot_be_meant_are_refused() {
    refused(&[Case(
        "",
        "[sources.assessments]\npath = \"a\"\n",
        (12, 1),
        "`sources.assessments` is declared without instruments",
        "[[instruments]]",
    )]);
    let cases = [
        (
            "defaults = { instrument = \"puls\" }",
            27,
            "cannot be \"puls\"",
            "`pulse`?",
        ),
        (
            "defaults = { wave = \"after\" }",
            21,
            "cannot be \"after\"",
            "`follow_up`",
        ),
        (
            "defaults = { rater_group = \"boss\" }",
            28,
            "cannot be \"boss\"",
            "`manager`",
        ),
        (
            "defaults = { item = \"q9\" }",
            21,
            "cannot be \"q9\"",
            "`q1`",
        ),
        (
            "defaults = { competency = \"x\" }",
            27,
            "cannot be \"x\"",
            "`adaptability`",
        ),
        (
            "defaults = { score = \"high\" }",
            22,
            "cannot be \"high\"",
            "finite",
        ),
        (
            "defaults = { subject_id = \"x\" }",
            27,
            "has no default",
            "for one",
        ),
    ];
    refused_in_pulse(&cases);
}

#[test]
fn wide_tables_that_cannot_be_meant_are_refused() {
    let cases = [
        ("unpivot = [\"q1\"]", 11, "is a list", "into"),
        (
            "unpivot = { columns = [\"q1\"] }",
            11,
            "into` is missing",
            "`item`",
        ),
        (
            "unpivot = { into = \"item\" }",
            11,
            "columns` is missing",
            "take apart",
        ),
        (
            "unpivot = { into = \"item\", columns = [] }",
            38,
            "has 0 columns",
            "1 to",
        ),
        (
            "unpivot = { into = \"score\", columns = [\"q1\"] }",
            20,
            "cannot be \"score\"",
            "`wave`",
        ),
        (
            "unpivot = { into = \"item\", columns = [\"q1\", \"q9\"] }",
            45,
            "cannot be \"q9\"",
            "`q1`",
        ),
        (
            "unpivot = { into = \"item\", columns = [\"q1\", \"q1\"] }",
            45,
            "two columns stand",
            "each",
        ),
        (
            "unpivot = { into = \"item\", columns = [\"q1\"], hash = true }",
            53,
            "is for ids",
            "out",
        ),
    ];
    refused_in_pulse(&cases);
    let twice = format!(
        "{PULSE}columns = {{ item = \"i\" }}\nunpivot = {{ into = \"item\", columns = [\"q1\"] }}\n"
    );
    refused(&[Case(
        "",
        &twice,
        (20, 11),
        "makes `item`, which is read",
        "out of `columns`",
    )]);
    refused(&[Case(
        "path",
        "unpivot = { into = \"item\", columns = [\"q1\"] }\npath",
        (6, 1),
        "unknown key `sources.sessions.unpivot`",
        "`path`",
    )]);
}
