//! Refusals of what is declared: framework, measures, sources, and what this
//! version does not have.

use super::refusals::{Case, refused};
use super::{MINIMAL, load_text};
use crate::calendar::Every;
use crate::config::PrivacyUnit;
use crate::measure::Cohort;

#[test]
fn framework() {
    refused(&[
        Case(
            "\"adaptability\"",
            "\"adaptability\"\n[[competencies]]\nid = \"adaptability\"",
            (10, 6),
            "`adaptability` is declared twice",
            "its own",
        ),
        Case(
            "\"adaptability\"",
            "\"adaptability\"\nlabel = \"\"",
            (9, 9),
            "is empty",
            "label",
        ),
        Case(
            "\"ambiguity\"",
            "\"other\"",
            (9, 1),
            "`other` is reserved",
            "another id",
        ),
        Case(
            "\"ambiguity\"",
            "\"(all)\"",
            (10, 6),
            "`(all)` is reserved",
            "another",
        ),
        Case(
            "[\"adaptability\"]",
            "[]",
            (11, 16),
            "is empty",
            "one or more",
        ),
        Case(
            "[\"adaptability\"]",
            "[\"adaptabilty\"]",
            (11, 17),
            "`adaptabilty` is not declared",
            "did you mean `adaptability`?",
        ),
        Case(
            "[\"adaptability\"]",
            "[\"adaptability\", \"adaptability\"]",
            (11, 33),
            "listed twice",
            "once",
        ),
        Case(
            "",
            "[dimensions]\nformat = [\"a\", \"a\"]\n",
            (13, 16),
            "`a` is declared twice",
            "once",
        ),
    ]);
}

#[test]
fn expected() {
    let case = |to, at, message, expected| Case("", to, at, message, expected);
    refused(&[
        case(
            "[expected]\ncoachees = 1.5\n",
            (13, 12),
            "cannot be 1.5",
            "from 0 to 1",
        ),
        case(
            "[expected]\nbusiest_coach = -1\n",
            (13, 17),
            "cannot be -1",
            "from 0 to 1",
        ),
        // It has two sides, which differ.
        case(
            "[expected]\noutcome = 0.5\n",
            (13, 1),
            "unknown key",
            "`coachees`",
        ),
        case(
            "[expected.dimensions]\nsite = { a = 1 }\n",
            (13, 1),
            "no declared dimension",
            "none is declared",
        ),
        case(
            "[dimensions]\nsite = [\"a\", \"b\"]\n[expected.dimensions]\nsite = { a = 1, c = 0 }\n[sources.people]\npath = \"p.csv\"\n",
            (15, 17),
            "no declared value",
            "did you mean `a`?",
        ),
        case(
            "[dimensions]\nsite = [\"a\", \"b\"]\n[expected.dimensions]\nsite = { a = 1 }\n[sources.people]\npath = \"p.csv\"\n",
            (15, 8),
            "lacks `b`",
            "each value",
        ),
        case(
            "[dimensions]\nsite = [\"a\", \"b\"]\n[expected.dimensions]\nsite = { a = 0.5, b = 0.4 }\n[sources.people]\npath = \"p.csv\"\n",
            (15, 8),
            "add up to 0.90",
            "add up to 1",
        ),
    ]);
    let said = load_text(&format!(
        "{MINIMAL}[dimensions]\nsite = [\"a\", \"b\"]\n[expected]\ncoachees = 0.4\nrated = 0.1\n\
         busiest_coach = 0.08\n[expected.dimensions]\nsite = {{ b = 0.2, a = 0.8 }}\n[sources.people]\npath = \"p.csv\"\n"
    ));
    let said = said.expect("sound").expected;
    assert_eq!(
        said.cohorts,
        [(Cohort::Coachees, 0.4), (Cohort::Rated, 0.1)]
    );
    assert_eq!(said.values["site"], [0.8, 0.2]);
    assert!((said.busiest_coach - 0.08).abs() < 1e-12);
}

#[test]
fn dimensions() {
    let case = |to, at, message, expected| Case("", to, at, message, expected);
    refused(&[
        case("[dimensions]\nsite = []\n", (13, 8), "is empty", "list"),
        case("[dimensions]\nsite = \"a\"\n", (13, 8), "is text", "list"),
        case(
            "[dimensions]\nsite = [\"(all)\"]\n",
            (13, 9),
            "is reserved",
            "another",
        ),
        case(
            "[dimensions]\nsite = [\"(other)\"]\n",
            (13, 9),
            "is reserved",
            "another",
        ),
        case(
            "[dimensions]\nSite = [\"a\"]\n",
            (13, 1),
            "no name",
            "a to z",
        ),
        case(
            "[dimensions]\n\"1st\" = [\"a\"]\n",
            (13, 1),
            "no name",
            "a letter first",
        ),
        case(
            "[dimensions]\nperson_id = [\"a\"]\n",
            (13, 1),
            "another column",
            "another name",
        ),
        case(
            "[dimensions]\nmode = [\"a\"]\n",
            (13, 1),
            "another column",
            "another name",
        ),
        case(
            "[dimensions]\ncohort = [\"a\"]\n",
            (13, 1),
            "another column",
            "another name",
        ),
        case(
            "[dimensions]\nn_low = [\"a\"]\n",
            (13, 1),
            "another column",
            "another name",
        ),
        case(
            "[dimensions]\nsite = [\"a\"]\n",
            (5, 2),
            "`sources.people` is missing",
            "`site`",
        ),
    ]);
    refused(&[case(
        "[dimensions]\nsite = [\"a\"]\n[sources.people]\npath = \"p.csv\"\ndefaults = { site = \"b\" }\n",
        (16, 21),
        "cannot be \"b\"",
        "`a`",
    )]);
}

#[test]
fn a_persons_rows_of_one_period_compose_over_that_period() {
    let text = format!("{MINIMAL}[privacy]\nunit = \"person-period\"\n");
    let privacy = load_text(&text).expect("accepted").privacy;
    assert_eq!(privacy.unit, PrivacyUnit::PersonPeriod);
    assert_eq!(privacy.window, Every::Quarter);
    for window in ["year", "month"] {
        let text = format!("{text}window = \"{window}\"\n");
        let errors = load_text(&text).expect_err(window);
        let [problem] = errors.problems() else {
            panic!("{errors}")
        };
        assert_eq!(problem.position, Some((14, 10)));
        assert!(problem.message.contains("longer or shorter than a period"));
        assert!(problem.expected.contains("composes over one period"));
    }
    load_text(&format!("{text}window = \"quarter\"\n")).expect("one period");
}

#[test]
fn ids_that_no_row_can_hold() {
    let long = MINIMAL.replace("\"ambiguity\"", &format!("\"{}\"", "x".repeat(257)));
    let errors = load_text(&long).expect_err("long");
    assert_eq!(errors.problems()[0].expected, "expected at most 256 bytes");
}

#[test]
fn measures() {
    refused(&[
        Case(
            "",
            "[[measures]]\nuse = \"theme_prevalance\"\n",
            (13, 7),
            "cannot be",
            "`theme_prevalence`?",
        ),
        Case(
            "",
            "[[measures]]\nuse = \"theme_prevalence\"\n[[measures]]\nuse = \"theme_prevalence\"\n",
            (15, 7),
            "`theme_prevalence` is given twice",
            "once",
        ),
        Case(
            "",
            "[[measures]]\nuse = \"theme_prevalence\"\nlevels = []\n",
            (14, 10),
            "is empty",
            "levels",
        ),
        Case(
            "",
            "[[measures]]\nuse = \"theme_prevalence\"\nlevels = [1, 1]\n",
            (14, 14),
            "level 1 is listed twice",
            "once",
        ),
        Case(
            "",
            "[[measures]]\nuse = \"theme_prevalence\"\nlevels = [-1]\n",
            (14, 11),
            "cannot be -1",
            "0 to 99",
        ),
        Case(
            "",
            "[[measures]]\nuse = \"theme_prevalence\"\nmax_cells = 0\n",
            (14, 13),
            "cannot be 0",
            "1 to 1000",
        ),
        Case(
            "",
            "[[measures]]\nuse = \"theme_prevalence\"\nmax_cells = 1001\n",
            (14, 13),
            "cannot be 1001",
            "1 to 1000",
        ),
        Case(
            "",
            "[[measures]]\nuse = \"theme_prevalence\"\nweight = 0\n",
            (14, 10),
            "cannot be 0",
            "from 0.001 to 1000",
        ),
        Case(
            "",
            "[[measures]]\nuse = \"theme_prevalence\"\nweight = inf\n",
            (14, 10),
            "cannot be inf",
            "from 0.001 to 1000",
        ),
        Case(
            "",
            "[[measures]]\nuse = \"theme_prevalence\"\ntolerated_error = 1.1\n",
            (14, 19),
            "cannot be 1.1",
            "at most 1",
        ),
    ]);
}

#[test]
fn paths_and_columns() {
    refused(&[
        Case(
            "\"sessions.csv\"",
            "\"\"",
            (6, 8),
            "is empty",
            "file, folder",
        ),
        Case("\"sessions.csv\"", "[]", (6, 8), "is empty", "list"),
        Case(
            "\"sessions.csv\"",
            "[\"a\", \"a\"]",
            (6, 14),
            "`a` is given twice",
            "once",
        ),
        Case(
            "\"sessions.csv\"",
            "[\"a\", 1]",
            (6, 14),
            "`sources.sessions.path[2]` is a whole",
            "file",
        ),
        Case(
            "\"sessions.csv\"",
            "\"a**b\"",
            (6, 8),
            "cannot be \"a**b\"",
            "glob",
        ),
        Case(
            "path",
            "tolerance = 1.5\npath",
            (6, 13),
            "cannot be 1.5",
            "0 to 1",
        ),
        Case(
            "path",
            "columns = { coachee = \"c\" }\npath",
            (6, 13),
            "unknown column `sources.sessions.columns.coachee`",
            "",
        ),
        Case(
            "path",
            "columns = { coachee_d = \"c\" }\npath",
            (6, 13),
            "unknown column",
            "mean `coachee_id`?",
        ),
        Case(
            "path",
            "columns = { note = \"\" }\npath",
            (6, 20),
            "is empty",
            "a column",
        ),
        Case(
            "path",
            "columns = { note = 1 }\npath",
            (6, 20),
            "is a whole number",
            "from",
        ),
        Case(
            "path",
            "columns = { themes = { separator = \"|\" } }\npath",
            (6, 22),
            "columns.themes.from` is missing",
            "from",
        ),
    ]);
}

#[test]
fn formats_and_separators() {
    refused(&[
        Case(
            "path",
            "columns = { note = { from = \"n\", format = \"%F\" } }\npath",
            (6, 43),
            "is for dates",
            "out",
        ),
        Case(
            "path",
            "columns = { held_on = { from = \"n\", separator = \"|\" } }\npath",
            (6, 49),
            "is for lists",
            "out",
        ),
        Case(
            "path",
            "columns = { themes = { from = \"n\", separator = \"||\" } }\npath",
            (6, 48),
            "cannot be \"||\"",
            "one character",
        ),
        Case(
            "path",
            "columns = { themes = { from = \"n\", separator = \"\" } }\npath",
            (6, 48),
            "cannot be \"\"",
            "one character",
        ),
        Case(
            "path",
            "columns = { themes = { from = \"n\", form = \"\" } }\npath",
            (6, 36),
            "unknown key",
            "`from`?",
        ),
        Case(
            "path",
            "columns = { held_on = { from = \"n\", format = \"%d/%m\" } }\npath",
            (6, 46),
            "cannot be",
            "whole date",
        ),
        Case(
            "path",
            "columns = { held_on = { from = \"n\", format = \"%H:%M\" } }\npath",
            (6, 46),
            "cannot be",
            "whole date",
        ),
        Case(
            "path",
            "columns = { held_on = { from = \"n\", format = \"DD.MM.YYYY\" } }\npath",
            (6, 46),
            "cannot be",
            "whole date",
        ),
        Case(
            "path",
            "columns = { held_on = { from = \"n\", format = \"%\" } }\npath",
            (6, 46),
            "cannot be",
            "whole date",
        ),
    ]);
}

#[test]
fn defaults() {
    refused(&[
        Case(
            "path",
            "defaults = { modes = \"coaching\" }\npath",
            (6, 14),
            "unknown column",
            "mean `mode`?",
        ),
        Case(
            "path",
            "defaults = { mode = \"coach\" }\npath",
            (6, 21),
            "cannot be \"coach\"",
            "`coaching`, `mentoring`",
        ),
        Case(
            "path",
            "defaults = { trigger = \"proactiv\" }\npath",
            (6, 24),
            "cannot be",
            "`proactive`?",
        ),
        Case(
            "path",
            "defaults = { minutes = \"long\" }\npath",
            (6, 24),
            "cannot be \"long\"",
            "number",
        ),
        Case(
            "path",
            "defaults = { minutes = -5 }\npath",
            (6, 24),
            "cannot be \"-5\"",
            "at least 0",
        ),
        Case(
            "path",
            "defaults = { held_on = \"31/12/2025\" }\npath",
            (6, 24),
            "cannot be",
            "written as %Y-%m-%d",
        ),
        Case(
            "path",
            "defaults = { competency = \"adaptabilty\" }\npath",
            (6, 27),
            "cannot be",
            "`adaptability`?",
        ),
        Case(
            "path",
            "defaults = { note = \"\" }\npath",
            (6, 21),
            "is empty",
            "missing value",
        ),
        Case(
            "path",
            "defaults = { coachee_id = \"x\" }\npath",
            (6, 27),
            "has no default",
            "taken for one",
        ),
    ]);
}
