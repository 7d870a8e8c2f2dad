//! Refusals of files, keys, types, periods and privacy, with line and column.

use super::*;

/// What stands in for a text of [`MINIMAL`] (empty: is added at its end,
/// line 12), and the one problem that this makes.
pub(super) struct Case<'a>(
    pub(super) &'a str,
    pub(super) &'a str,
    pub(super) (usize, usize),
    pub(super) &'a str,
    pub(super) &'a str,
);

/// Loads each and compares.
pub(super) fn refused(cases: &[Case<'_>]) {
    for Case(from, to, position, message, expected) in cases {
        let text = if from.is_empty() {
            format!("{MINIMAL}{to}")
        } else {
            assert!(MINIMAL.contains(from), "{from}");
            MINIMAL.replacen(from, to, 1)
        };
        let errors = load_text(&text).expect_err(to);
        let [problem] = errors.problems() else {
            panic!("{to}: {errors}")
        };
        assert_eq!(problem.position, Some(*position), "{to}: {errors}");
        assert!(problem.message.contains(message), "{to}: {errors}");
        assert!(problem.expected.contains(expected), "{to}: {errors}");
        let shown = errors.to_string();
        let arrow = format!("lodestar.toml:{}:{}", position.0, position.1);
        assert!(shown.contains(&arrow) && shown.contains('^'), "{shown}");
        // A path is as long as it is.
        let wide = |line: &&str| line.chars().count() > 80 && !line.contains('/');
        assert_eq!(shown.lines().find(wide), None, "{shown}");
    }
}

#[test]
fn syntax_and_keys() {
    refused(&[
        Case(
            "[periods]",
            "[periods",
            (3, 9),
            "not TOML",
            "unclosed table",
        ),
        Case("\"Acme\"", "Acme\"", (2, 16), "not TOML", ""),
        Case(
            "",
            "[project]\n",
            (12, 2),
            "`project` is given twice",
            "once",
        ),
        Case(
            "path",
            "path = \"x\"\npath",
            (7, 1),
            "`path` is given twice",
            "once",
        ),
        Case(
            "",
            "[perods]\n",
            (12, 2),
            "unknown key `perods`",
            "did you mean `periods`?",
        ),
        Case(
            "",
            "[budget]\n",
            (12, 2),
            "unknown key `budget`",
            "expected one of `include`",
        ),
        Case(
            "first",
            "evry = 1\nfirst",
            (4, 1),
            "`periods.evry`",
            "did you mean `every`?",
        ),
        Case(
            "path",
            "paht = 1\npath",
            (6, 1),
            "`sources.sessions.paht`",
            "mean `path`?",
        ),
    ]);
}

#[test]
fn what_is_missing() {
    refused(&[
        Case(
            "organisation = \"Acme\"",
            "",
            (1, 1),
            "`project.organisation` is missing",
            "root",
        ),
        Case(
            "first = \"2025-Q3\"",
            "",
            (3, 1),
            "`periods.first` is missing",
            "2025-Q3",
        ),
        Case(
            "path = \"sessions.csv\"",
            "",
            (5, 1),
            "`sources.sessions.path` is missing",
            "glob",
        ),
        Case(
            "id = \"adaptability\"",
            "id = \"adaptability\"\n[[competencies]]",
            (9, 1),
            "`competencies[2].id` is missing",
            "an id",
        ),
        Case(
            "competencies = [\"adaptability\"]",
            "",
            (9, 1),
            "`themes[1].competencies` is missing",
            "ids",
        ),
        Case(
            "",
            "[[measures]]\nweight = 1\n",
            (12, 1),
            "neither `use` nor `name` is given",
            "`name`",
        ),
    ]);
    let bare = load_text("[periods]\nfirst = \"2025-Q3\"\n").expect_err("bare");
    let found: Vec<_> = bare
        .problems()
        .iter()
        .map(|p| (p.position, p.message.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            (Some((1, 1)), "`project.organisation` is missing"),
            (Some((1, 1)), "`sources.sessions.path` is missing"),
            (Some((1, 1)), "no competency is declared"),
        ]
    );
    assert_eq!(load_text("").expect_err("empty").problems().len(), 4);
}

#[test]
fn wrong_types() {
    refused(&[
        Case(
            "\"Acme\"",
            "7",
            (2, 16),
            "`project.organisation` is a whole number",
            "name",
        ),
        Case(
            "first",
            "settle_days = \"7\"\nfirst",
            (4, 15),
            "`periods.settle_days` is text",
            "0 to 366",
        ),
        Case(
            "",
            "[privacy]\nk = 1.5\n",
            (13, 5),
            "`privacy.k` is a number",
            "whole number",
        ),
        Case(
            "",
            "[privacy]\nepsilon = \"8\"\n",
            (13, 11),
            "`privacy.epsilon` is text",
            "above 0",
        ),
        Case(
            "path",
            "synthetic = 1\npath",
            (6, 13),
            "`sources.sessions.synthetic` is a whole",
            "true",
        ),
        Case(
            "\"sessions.csv\"",
            "{}",
            (6, 8),
            "`sources.sessions.path` is a table",
            "list",
        ),
        Case(
            "[\"adaptability\"]",
            "\"adaptability\"",
            (11, 16),
            "`themes[1].competencies` is text",
            "ids",
        ),
        Case(
            "[[competencies]]\nid = \"adaptability\"\n",
            "[competencies]\nid = \"adaptability\"\n",
            (7, 1),
            "`competencies` is a table",
            "[[competencies]]",
        ),
        Case("", "[[project]]\n", (12, 3), "", "once"),
        Case(
            "",
            "[north_star]\nwhere = 2027-01-01\n",
            (13, 9),
            "`north_star.where` is a date",
            "text",
        ),
        Case(
            "",
            "[[measures]]\nuse = \"theme_prevalence\"\nlevels = 2\n",
            (14, 10),
            "`measures[1].levels` is a whole number",
            "levels",
        ),
    ]);
}

#[test]
fn project_and_periods() {
    refused(&[
        Case("\"Acme\"", "\" \"", (2, 16), "is empty", "root"),
        Case(
            "\"Acme\"",
            "\"A\\u0007\"",
            (2, 16),
            "control character",
            "plain",
        ),
        Case(
            "\"Acme\"",
            "\"Acme\"\npublish = \"state\"",
            (3, 11),
            "overlap",
            "neither inside",
        ),
        Case(
            "\"Acme\"",
            "\"Acme\"\npublish = \"state/x/../out\"",
            (3, 11),
            "overlap",
            "neither",
        ),
        Case(
            "\"Acme\"",
            "\"Acme\"\nstate = \"published/state\"",
            (3, 9),
            "overlap",
            "neither",
        ),
        Case(
            "\"Acme\"",
            "\"Acme\"\npublish = \".\"",
            (3, 11),
            "overlap",
            "neither",
        ),
        Case(
            "first",
            "every = \"quartr\"\nfirst",
            (4, 9),
            "`periods.every` cannot be \"quartr\"",
            "`quarter`?",
        ),
        Case(
            "first",
            "every = \"week\"\nfirst",
            (4, 9),
            "cannot be \"week\"",
            "one of `month`, `quarter`",
        ),
        Case(
            "2025-Q3",
            "2025-Q5",
            (4, 9),
            "`periods.first` cannot be \"2025-Q5\"",
            "a quarter such as",
        ),
        Case(
            "2025-Q3",
            "2025-07",
            (4, 9),
            "cannot be",
            "a quarter such as",
        ),
        Case(
            "first",
            "last = \"2025-Q2\"\nfirst",
            (4, 8),
            "`periods.last` comes before",
            "later",
        ),
        Case(
            "first",
            "year_starts = 13\nfirst",
            (4, 15),
            "cannot be 13",
            "1 to 12",
        ),
        Case(
            "first",
            "settle_days = -1\nfirst",
            (4, 15),
            "cannot be -1",
            "0 to 366",
        ),
    ]);
}

#[test]
fn privacy() {
    refused(&[
        Case(
            "",
            "[privacy]\nk = 0\n",
            (13, 5),
            "`privacy.k` cannot be 0",
            "1 to",
        ),
        Case(
            "",
            "[privacy]\nk = 99999999999999999999\n",
            (13, 5),
            "`privacy.k` cannot be",
            "1 to",
        ),
        Case(
            "",
            "[privacy]\ncoalition = 2\n",
            (13, 13),
            "cannot be 2",
            "0 to 1",
        ),
        Case(
            "",
            "[privacy]\nepsilon = 0\n",
            (13, 11),
            "`privacy.epsilon` cannot be 0",
            "above 0",
        ),
        Case(
            "",
            "[privacy]\nepsilon = -1.0\n",
            (13, 11),
            "cannot be -1",
            "above 0",
        ),
        Case(
            "",
            "[privacy]\nepsilon = nan\n",
            (13, 11),
            "cannot be NaN",
            "above 0",
        ),
        Case(
            "",
            "[privacy]\nepsilon = inf\n",
            (13, 11),
            "cannot be inf",
            "above 0",
        ),
        Case(
            "",
            "[privacy]\nepsilon = 50\n",
            (13, 11),
            "`privacy.epsilon` 50 does not protect",
            "at most 20, unless every source says `synthetic = true`; not said by: sessions",
        ),
        Case(
            "path = \"sessions.csv\"",
            "path = \"s\"\nsynthetic = true\n[sources.org]\npath = \"o\"\n[privacy]\nepsilon = 21",
            (11, 11),
            "does not protect",
            "not said by: org",
        ),
        Case(
            "",
            "[privacy]\ndelta = 0\n",
            (13, 9),
            "cannot be 0",
            "above 0 and below 1",
        ),
        Case(
            "",
            "[privacy]\ndelta = 1.0\n",
            (13, 9),
            "cannot be 1",
            "below 1",
        ),
        Case(
            "",
            "[privacy]\nwindow = \"month\"\n",
            (13, 10),
            "`privacy.window` is shorter",
            "whole periods",
        ),
        Case(
            "",
            "[privacy]\nunit = \"persons\"\n",
            (13, 8),
            "cannot be \"persons\"",
            "`person`?",
        ),
    ]);
}

/// A table given in another form than asked for is one problem.
#[test]
fn what_follows_from_a_problem_is_not_said_again() {
    for (text, count) in [
        (MINIMAL.replace("[[competencies]]", "[competencies]"), 1),
        (MINIMAL.replace("sources.sessions", "sources.session"), 2),
        (
            MINIMAL.replace("first = \"2025-Q3\"", "every = 1\nfirst = \"2025\""),
            1,
        ),
        (MINIMAL.replace("[periods]\nfirst", "[[periods]]\nfirst"), 1),
    ] {
        let errors = load_text(&text).expect_err(&text);
        assert_eq!(errors.problems().len(), count, "{errors}");
    }
}

/// A line that was pasted again and again, of which each copy is wrong in its own right.
#[test]
fn of_very_many_problems_the_first_are_shown() {
    let slip = "x = 3.5cy = \"courage\", level = 3.5cy = \"courage\"\n";
    let errors = load_text(&format!("{MINIMAL}{}", slip.repeat(200))).expect_err("wrong");
    let all = errors.problems().len();
    assert!(all > 200, "{all}");
    let shown = errors.to_string();
    assert_eq!(shown.matches("error:").count(), 51, "{shown}");
    let last = format!(
        "error: {} further problems, not shown: mend these first",
        all - 50
    );
    assert!(shown.ends_with(&last), "{shown}");
}
