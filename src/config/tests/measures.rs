//! Measures of one's own: what can be said, and what is refused where.

use super::refusals::{Case, refused};
use super::{MINIMAL, accepted};
use crate::calendar::Every;
use crate::measure::filter::Column;
use crate::measure::{Cohort, Condition, Dimension, Kind, Quantity};

/// [`MINIMAL`] with people and dimensions, and one measure.
fn measure(text: &str) -> crate::measure::Measure {
    let sources = "[sources.people]\npath = \"people.csv\"\n[dimensions]\n\
                   job_level = [\"staff\", \"manager\"]\nformat = [\"single\", \"team\"]\n";
    let project = accepted(&format!("{MINIMAL}{sources}[[measures]]\n{text}\n"));
    let [measure] = project.measures.as_slice() else {
        panic!("one measure")
    };
    measure.clone()
}

#[test]
fn a_measure_of_ones_own_says_what_it_needs_and_gets_the_rest() {
    let journeys = measure(
        "name = \"journeys\"\ncohort = \"coachees\"\ndimensions = [\"format\"]\n\
         statistics = [{ name = \"n\", kind = \"count\" }, { name = \"minutes_each\", kind = \
         \"mean\", of = \"minutes\" }]\nclip = { minutes_each = [0, 300] }\n\
         filter = { job_level = [\"staff\", \"manager\"], mode = \"coaching\" }",
    );
    assert_eq!(journeys.dimensions, [Dimension::Format]);
    assert_eq!((journeys.max_cells, journeys.cohort), (4, Cohort::Coachees));
    assert_eq!(journeys.statistics[0].kind, Kind::Count(Condition::Row));
    let (of, clip) = (Quantity::Minutes, (0.0, 300.0));
    assert_eq!(journeys.statistics[1].kind, Kind::Mean { of, clip });
    assert!((journeys.statistics[1].tolerated_error - 7.5).abs() < 1e-9);
    let columns: Vec<_> = journeys
        .filter
        .clauses
        .iter()
        .map(|c| (c.column, c.values.clone()))
        .collect();
    assert_eq!(
        columns,
        [(Column::Mode, vec![0]), (Column::People(0), vec![0, 1])]
    );
    assert_eq!(
        journeys.filter.text(),
        "mode: coaching, job_level: staff or manager"
    );
}

#[test]
fn a_built_in_measure_can_be_adapted_and_given_another_name() {
    let reach = measure(
        "use = \"coverage\"\nname = \"reach\"\ndimensions = []\nevery = \"half\"\nweight = 2\n\
         tolerated_error = 0.05",
    );
    assert_eq!(
        (reach.name.as_str(), reach.every),
        ("reach", Some(Every::Half))
    );
    assert_eq!(
        (reach.cohort, reach.dimensions.len(), reach.max_cells),
        (Cohort::Headcount, 0, 1)
    );
    assert!(
        reach
            .statistics
            .iter()
            .all(|one| (one.tolerated_error - 0.05).abs() < 1e-12)
    );
    let engagement = measure("use = \"engagement\"\nclip = { minutes_per_coachee = [0, 1200] }");
    let (of, clip) = (Quantity::Minutes, (0.0, 1200.0));
    assert_eq!(engagement.statistics[1].kind, Kind::Mean { of, clip });
    assert_eq!(engagement.statistics.len(), 3);
}

/// A measure with one statistic.
fn of(statistic: &str) -> String {
    format!("[[measures]]\nname = \"mine\"\nstatistics = [{{ {statistic} }}]\n")
}

/// Each must be refused once, with these words, at a place.
fn refused_with(texts: &[(String, &str, &str)]) {
    for (text, message, expected) in texts {
        let errors = super::load_text(&format!("{MINIMAL}{text}")).expect_err(text);
        let found = errors
            .problems()
            .iter()
            .find(|p| p.message.contains(message));
        let found = found.unwrap_or_else(|| panic!("{text}: {errors}"));
        assert!(
            found.position.is_some() && found.expected.contains(expected),
            "{text}: {errors}"
        );
    }
}

#[test]
fn measures_that_make_no_sense_are_refused_where_they_are() {
    let own = |rest: &str| of("name = \"n\", kind = \"count\"") + rest;
    let texts = [
        (
            own("cohort = \"headcount\"\n"),
            "there is no `[sources.people]`",
            "another measure",
        ),
        (
            own("dimensions = [\"job_level\"]\n"),
            "there is no `[sources.people]`",
            "source",
        ),
        (
            own("dimensions = [\"format\"]\n"),
            "`format` is not declared",
            "[dimensions]",
        ),
        (
            own("dimensions = [\"theme\"]\n"),
            "`theme` comes after `competency`",
            "theme",
        ),
        (
            own("dimensions = [\"job_levle\"]\n"),
            "is not declared",
            "did you mean `job_level`?",
        ),
        (
            own("max_cells = 2\n"),
            "is for measures by competency",
            "take it out",
        ),
        (
            of("name = \"competency\", kind = \"count\"") + "dimensions = [\"competency\"]\n",
            "`competency` is a statistic and a dimension",
            "another name",
        ),
        (
            own("every = \"month\"\n"),
            "is shorter than a period",
            "whole periods",
        ),
        (
            own("clip = { n = [0, 1] }\n"),
            "without a clip",
            "take it out",
        ),
        (own("clip = { m = [0, 1] }\n"), "unknown statistic", "`n`"),
        (
            own("filter = { mods = \"good\" }\n"),
            "nothing that rows",
            "did you mean `mode`?",
        ),
        (
            own("filter = { mode = \"coachin\" }\n"),
            "no declared mode",
            "did you mean `coaching`?",
        ),
        (own("tolerated_error = 0\n"), "cannot be 0", "above 0"),
    ];
    refused_with(&texts);
    refused(&[Case(
        "",
        "[privacy]\nunit = \"person-period\"\n[[measures]]\nuse = \"theme_prevalence\"\nevery = \"half\"\n",
        (16, 9),
        "reads rows of several periods",
        "`quarter`",
    )]);
}

#[test]
fn statistics_that_make_no_sense_are_refused_where_they_are() {
    let by_key = |statistic: &str| of(statistic) + "dimensions = [\"competency\"]\n";
    let texts = [
        (
            of("name = \"n_low\", kind = \"count\""),
            "cannot be \"n_low\"",
            "a name of its own",
        ),
        (
            of("name = \"x\", kind = \"median\""),
            "cannot be \"median\"",
            "`mean`",
        ),
        (
            of("name = \"x\", kind = \"mean\", of = \"minutes\""),
            "the clip of `x` is missing",
            "[0",
        ),
        (
            of("name = \"x\", kind = \"ratio\", of = \"cost\", per = \"minutes\""),
            "is no part",
            "`where`",
        ),
        (
            of("name = \"x\", kind = \"share\", of = \"minutes\", at_least = 0"),
            "cannot be 0",
            "above 0",
        ),
        (
            of(
                "name = \"x\", kind = \"share\", of = \"coaching_minutes\", per = \"minutes\", within = [0.9, 0.7]",
            ),
            "is no pair of bounds",
            "smaller first",
        ),
        (
            of("name = \"x\", kind = \"share\", of = \"sessions\", at_least = 0.4"),
            "cannot be 0.4",
            "a whole one",
        ),
        (
            of("name = \"x\", kind = \"mean\", of = \"sessions\"") + "clip = { x = [0.6, 1.4] }\n",
            "is finer than sessions are counted",
            "whole sessions",
        ),
        (
            of("name = \"x\", kind = \"share\", of = \"sessions\", at_least = 3")
                + "cohort = \"headcount\"\n",
            "of a head-count there are counts and shares",
            "`cohort = \"coachees\"`",
        ),
        (
            by_key("name = \"x\", kind = \"share\", of = \"minutes\", at_least = 5"),
            "by key",
            "take out",
        ),
        (
            by_key("name = \"x\", kind = \"share\", where = { mode = \"coaching\" }"),
            "`where` is not for counts and shares by key",
            "`filter`",
        ),
        (
            "[[measures]]\nname = \"dim_x\"\nstatistics = []\n".to_owned(),
            "cannot be \"dim_x\"",
            "name",
        ),
    ];
    refused_with(&texts);
}
