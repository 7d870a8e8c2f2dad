//! Instruments, and the targets of the North Star.

use super::refusals::{Case, refused};
use super::{MINIMAL, accepted, load_text};
use crate::config::RaterGroup;

#[test]
fn an_instrument_has_the_documented_defaults() {
    let project = accepted(&format!(
        "{MINIMAL}[[instruments]]\nid = \"pulse\"\nmin = 1\nmax = 5\n"
    ));
    let [pulse] = project.instruments.as_slice() else {
        panic!("one instrument")
    };
    assert_eq!(
        (pulse.label.id.as_str(), pulse.label.label.as_str()),
        ("pulse", "pulse")
    );
    let scale = [pulse.min, pulse.max, pulse.step, pulse.top_box];
    assert_eq!(format!("{scale:?}"), "[1.0, 5.0, 1.0, 5.0]");
    assert!(pulse.reliability.is_none() && pulse.norm_sd.is_none());
    assert!(pulse.higher_is_better && pulse.min_raters == 3 && pulse.items.is_empty());
    assert!(accepted(MINIMAL).instruments.is_empty());
}

#[test]
fn all_of_an_instrument_is_read() {
    let project = accepted(&format!(
        "{MINIMAL}[[instruments]]\nid = \"stress\"\nlabel = \"Stress\"\nmin = -0.3\nmax = 0.6\n\
         step = 0.1\nreliability = 0.85\nnorm_sd = 0.7\nhigher_is_better = false\nmin_raters = 5\n\
         items = [\"q1\", {{ id = \"q2\", label = \"I sleep well\" }}]\ntop_box = 0.5\n\
         [[instruments]]\nid = \"other\"\nmin = 0\nmax = 1000\n"
    ));
    let stress = &project.instruments[0];
    assert_eq!(stress.label.label, "Stress");
    let numbers = [stress.min, stress.max, stress.step, stress.top_box];
    assert_eq!(format!("{numbers:?}"), "[-0.3, 0.6, 0.1, 0.5]");
    assert_eq!(
        format!("{:?} {:?}", stress.reliability, stress.norm_sd),
        "Some(0.85) Some(0.7)"
    );
    assert!(!stress.higher_is_better && stress.min_raters == 5);
    let items = stress.items.iter();
    let items: Vec<_> = items.map(|item| (&*item.id, &*item.label)).collect();
    assert_eq!(items, [("q1", "q1"), ("q2", "I sleep well")]);
    assert_eq!(project.instruments[1].label.id, "other");
    let names = RaterGroup::ALL.map(RaterGroup::name);
    assert_eq!(names, ["self", "manager", "peer", "report", "coach"]);
}

#[test]
fn instruments_that_cannot_be_meant_are_refused() {
    let cases: [(&str, (usize, usize), &str, &str); 17] = [
        (
            "max = 5",
            (12, 1),
            "`instruments[1].min` is missing",
            "lowest",
        ),
        (
            "min = 1",
            (12, 1),
            "`instruments[1].max` is missing",
            "highest",
        ),
        ("min = 5\nmax = 5", (15, 7), "cannot be 5", "above `min`"),
        ("min = nan\nmax = 5", (14, 7), "cannot be NaN", "lowest"),
        ("min = 1\nmax = inf", (15, 7), "cannot be inf", "highest"),
        (
            "min = 1\nmax = 5\nstep = 0",
            (16, 8),
            "cannot be 0",
            "whole number",
        ),
        (
            "min = 1\nmax = 5\nstep = 0.3",
            (16, 8),
            "cannot be 0.3",
            "whole",
        ),
        (
            "min = 1\nmax = 5\nstep = 8",
            (16, 8),
            "cannot be 8",
            "whole",
        ),
        ("min = 0\nmax = 1001", (12, 1), "steps of 1", "at most 1000"),
        ("min = 0\nmax = 0.5", (12, 1), "steps of 1", "`max`"),
        (
            "min = 1\nmax = 5\nreliability = 1",
            (16, 15),
            "cannot be 1",
            "below 1",
        ),
        (
            "min = 1\nmax = 5\nnorm_sd = 0",
            (16, 11),
            "cannot be 0",
            "above 0",
        ),
        (
            "min = 1\nmax = 5\nmin_raters = 0",
            (16, 14),
            "cannot be 0",
            "1 to 100",
        ),
        (
            "min = 1\nmax = 5\nitems = []",
            (16, 9),
            "has 0 items",
            "1 to 1000",
        ),
        (
            "min = 1\nmax = 5\nitems = [\"a\", \"a\"]",
            (16, 15),
            "twice",
            "once",
        ),
        (
            "min = 1\nmax = 5\nitems = [{ label = \"a\" }]",
            (16, 10),
            "id` is missing",
            "id",
        ),
        (
            "min = 1\nmax = 5\ntop_box = 1",
            (16, 11),
            "cannot be 1",
            "above 1, at most 5",
        ),
    ];
    for (keys, at, message, expected) in cases {
        let text = format!("[[instruments]]\nid = \"x\"\n{keys}\n");
        refused(&[Case("", &text, at, message, expected)]);
    }
    let twice = "[[instruments]]\nid = \"x\"\nmin = 1\nmax = 5\n".repeat(2);
    refused(&[Case("", &twice, (17, 6), "declared twice", "its own")]);
}

#[test]
fn targets_are_read_and_refused() {
    let project = accepted(&format!(
        "{MINIMAL}[north_star]\ntargets = [{{ competency = \"adaptability\", level = 4 }}]\n"
    ));
    let star = project.north_star.expect("a North Star");
    assert!((star.tipping_share - 0.25).abs() < f64::EPSILON);
    let [target] = star.targets.as_slice() else {
        panic!("one target")
    };
    assert_eq!(
        (target.competency, target.level, target.weight),
        (0, 4.0, 1.0)
    );
    let cases: [(&str, (usize, usize), &str, &str); 8] = [
        ("tipping_share = 1", (13, 17), "cannot be 1", "below 1"),
        ("tipping_share = 0", (13, 17), "cannot be 0", "above 0"),
        ("targets = 4", (13, 11), "is a whole number", "a list"),
        (
            "targets = [{ level = 4 }]",
            (13, 12),
            "competency` is missing",
            "id",
        ),
        (
            "targets = [{ competency = \"adaptabilty\", level = 4 }]",
            (13, 27),
            "`adaptabilty` is not declared",
            "did you mean `adaptability`?",
        ),
        (
            "targets = [{ competency = \"adaptability\" }]",
            (13, 12),
            "level` is missing",
            "unit of the instrument",
        ),
        (
            "targets = [{ competency = \"adaptability\", level = 4, weight = 0 }]",
            (13, 63),
            "cannot be 0",
            "above 0",
        ),
        (
            "targets = [{ competency = \"adaptability\", level = 4 }, { competency = \"adaptability\", level = 3 }]",
            (13, 71),
            "has a target already",
            "one",
        ),
    ];
    for (keys, at, message, expected) in cases {
        refused(&[Case(
            "",
            &format!("[north_star]\n{keys}\n"),
            at,
            message,
            expected,
        )]);
    }
    assert!(load_text(&format!("{MINIMAL}[north_star]\ntargets = []\n")).is_ok());
}
