//! How columns are read: what is accepted, and what is refused.

use super::refusals::{Case, refused};
use super::{MINIMAL, accepted};
use crate::config::Mapping;

fn columns(text: &str) -> Vec<(String, Mapping)> {
    let project =
        accepted(&MINIMAL.replace("[[competencies]]", &format!("{text}\n[[competencies]]")));
    project.sources.sessions.columns.into_iter().collect()
}

#[test]
fn every_key_is_read() {
    let found = columns(
        "delimiter = \"\\t\"\n\
         columns.held_on = { from = \"day\", origin_date = 2013-10-01 }\n\
         columns.updated_at = { from = \"changed\", origin_date = \"2013-10-01\" }\n\
         columns.minutes = { from = \"hours\", scale = 60, map = { \"n/a\" = \"\" } }\n\
         columns.mode = { from = \"type\", map = { C = \"coaching\", M = \"mentoring\" } }\n\
         columns.coach_id = { from = \"name\", hash = true }",
    );
    let of = |name: &str| {
        let found = found.iter().find(|(column, _)| column == name);
        found.expect("mapped").1.clone()
    };
    let day = jiff::civil::date(2013, 10, 1);
    assert_eq!(of("held_on").origin_date, Some(day));
    assert_eq!(of("updated_at").origin_date, Some(day));
    assert!((of("minutes").scale - 60.0).abs() < f64::EPSILON);
    assert_eq!(of("minutes").map["n/a"], "");
    assert_eq!(of("mode").map["M"], "mentoring");
    assert!(of("coach_id").hash && !of("mode").hash);
    let plain = Mapping::of("name");
    assert_eq!(
        Mapping {
            hash: true,
            ..plain
        },
        of("coach_id")
    );
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let case = |text, at, message, expected| Case("path", text, at, message, expected);
    refused(&[
        case(
            "columns.mode = { from = \"m\", scale = 2 }\npath",
            (6, 38),
            "is for numbers",
            "out",
        ),
        case(
            "columns.cost = { from = \"c\", scale = 0 }\npath",
            (6, 38),
            "cannot be 0",
            "above 0",
        ),
        case(
            "columns.cost = { from = \"c\", scale = inf }\npath",
            (6, 38),
            "cannot be inf",
            "above",
        ),
        case(
            "columns.cost = { from = \"c\", hash = true }\npath",
            (6, 37),
            "is for ids",
            "out",
        ),
        case(
            "columns.coach_id = { from = \"c\", hash = 1 }\npath",
            (6, 41),
            "is a whole",
            "true",
        ),
        case(
            "columns.cost = { from = \"c\", map = [] }\npath",
            (6, 36),
            "is a list",
            "table",
        ),
        case(
            "columns.mode = { from = \"c\", map = { C = 1 } }\npath",
            (6, 42),
            "is a whole",
            "text",
        ),
        case(
            "columns.mode = { from = \"m\", origin_date = 2013-10-01 }\npath",
            (6, 44),
            "is for dates",
            "out",
        ),
        case(
            "columns.held_on = { from = \"d\", origin_date = \"October\" }\npath",
            (6, 47),
            "cannot be \"October\"",
            "such as 2013-10-01",
        ),
        case(
            "columns.held_on = { from = \"d\", format = \"%F\", origin_date = 2013-10-01 }\npath",
            (6, 62),
            "beside `format`",
            "one of them",
        ),
        case(
            "delimiter = \"ab\"\npath",
            (6, 13),
            "cannot be \"ab\"",
            "one character",
        ),
        case(
            "delimiter = \"a\"\npath",
            (6, 13),
            "cannot be \"a\"",
            "no letter",
        ),
        case("delimiter = \"\\\"\"\npath", (6, 13), "cannot be", "quote"),
    ]);
}
