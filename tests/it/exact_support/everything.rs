//! A small organisation with everything in it that can be right or wrong:
//! four levels, moves, units that close, conflicting rows, dirt.

use std::collections::BTreeMap;

use super::{Dice, Table};

/// What it declares beside its periods.
pub(crate) const FRAMEWORK: &str = r#"
[dimensions]
job_level = ["staff", "manager", "executive"]
format = ["single", "team"]
[[competencies]]
id = "courage"
[[competencies]]
id = "adaptability"
[[competencies]]
id = "delegation"
[[themes]]
id = "ambiguity"
competencies = ["adaptability", "courage"]
[[themes]]
id = "conflict"
competencies = ["courage"]
[[themes]]
id = "trust"
competencies = ["delegation", "adaptability"]
"#;

/// A half-yearly measure, filters, keys of every sort, every quantity, and the
/// default set.
pub(crate) const MORE: &str = r#"
[[measures]]
use = "coaching_mix"
[[measures]]
use = "coverage"
[[measures]]
use = "engagement"
[[measures]]
use = "trigger_mix"
[[measures]]
use = "engagement"
name = "engagement_of_a_half"
every = "half"
clip = { sessions_per_coachee = [0, 24], minutes_per_coachee = [0, 1200] }
[[measures]]
use = "coverage"
name = "coverage_of_a_half"
every = "half"
levels = [0, 2]
[[measures]]
name = "managers_in_coaching"
filter = { job_level = ["manager", "executive"], mode = "coaching" }
statistics = [
    { name = "n_long", kind = "count", of = "minutes", at_least = 90 },
    { name = "minutes_each", kind = "mean", of = "minutes" },
    { name = "cost_each", kind = "mean", of = "cost" },
    { name = "proactive", kind = "ratio", of = "proactive_sessions", per = "sessions" },
]
clip = { minutes_each = [40, 200], cost_each = [0, 2000], proactive = [0, 2] }
[[measures]]
name = "minutes_by_competency"
dimensions = ["competency"]
max_cells = 2
statistics = [
    { name = "minutes_each", kind = "mean", of = "minutes" },
    { name = "n", kind = "count" },
    { name = "coaching", kind = "ratio", of = "coaching_minutes", per = "minutes" },
    { name = "sessions_each", kind = "mean", of = "sessions" },
]
clip = { minutes_each = [0, 120], coaching = [0, 100], sessions_each = [0, 2] }
[[measures]]
name = "formats"
dimensions = ["competency", "format"]
max_cells = 3
statistics = [
    { name = "n", kind = "count" },
    { name = "share", kind = "share" },
    { name = "cost_each", kind = "mean", of = "cost" },
]
clip = { cost_each = [0, 500] }
[[measures]]
name = "reach"
cohort = "headcount"
dimensions = ["job_level"]
filter = { trigger = "proactive", competency = ["courage", "delegation"] }
statistics = [
    { name = "share", kind = "share" },
    { name = "in_teams", kind = "share", where = { format = "team" } },
]
[[measures]]
name = "teams"
statistics = [
    { name = "of_time", kind = "ratio", of = "minutes", per = "minutes", where = { format = "team" } },
    { name = "of_managers", kind = "share", where = { job_level = "manager" } },
    { name = "of_team_members", kind = "share", where = { format = "team", trigger = ["proactive", "reactive"] } },
]
clip = { of_time = [0, 90] }
"#;

/// Four levels, hidden units of every sort, a unit that closes in the first
/// quarter and one that moves in the second.
pub(crate) fn org() -> Table {
    let mut org = Table::new(&["org_unit", "label", "parent", "valid_from", "valid_to"]);
    for (unit, parent) in [
        ("abroad", "Acme"),
        ("east", "Acme"),
        ("north", "Acme"),
        ("south", "Acme"),
        ("tiny", "Acme"),
        ("tiny one", "tiny"),
        ("north 1", "north"),
        ("north 1a", "north 1"),
        ("north 1b", "north 1"),
        ("north 3", "north"),
        ("south 1", "south"),
        ("south 2", "south"),
        ("south 3", "south"),
        ("south 4", "south"),
    ] {
        org.push(&[unit, unit, parent, "", ""]);
    }
    org.push(&["west", "West", "Acme", "", "2024-02-15"]);
    org.push(&["north 2", "North 2", "north", "", "2024-03-31"]);
    org.push(&["north 2", "South 5", "south", "2024-04-01", ""]);
    org
}

/// Sizes are such that each rule hides something: `tiny one`, `south 1` and
/// `north 3` are small, one coach has all of `south 3`, and of `south 4` if
/// rows that are quarantined count.
pub(crate) fn people() -> Table {
    let mut people = Table::new(&[
        "person_id",
        "org_unit",
        "job_level",
        "valid_from",
        "valid_to",
    ]);
    for (unit, size) in [
        ("abroad", 8),
        ("east", 10),
        ("tiny one", 2),
        ("north 1a", 14),
        ("north 1b", 12),
        ("north 2", 7),
        ("north 3", 2),
        ("south 1", 1),
        ("south 2", 13),
        ("south 3", 9),
        ("south 4", 12),
    ] {
        for number in 0..size {
            // One executive in the smaller units, so that a value is hidden, too.
            let level = match number {
                4 | 8 => "executive",
                _ if number % 3 == 0 => "manager",
                _ => "staff",
            };
            people.push(&[&format!("{unit} {number}"), unit, level, "", ""]);
        }
    }
    // Moved within the first quarter; moved on the first day of the second.
    for (person, day_before, day) in [
        ("moved early", "2024-02-10", "2024-02-11"),
        ("moved late", "2024-03-31", "2024-04-01"),
    ] {
        people.push(&[person, "north 1a", "staff", "", day_before]);
        people.push(&[person, "south 2", "staff", day, ""]);
    }
    // Left with their unit, left alone, came late, twice the same.
    people.push(&["closed", "west", "staff", "", "2024-02-15"]);
    people.push(&["left", "north 1b", "staff", "", "2024-01-31"]);
    people.push(&["came", "north 1b", "staff", "2024-05-01", ""]);
    people.push(&["came", "north 1b", "staff", "2024-05-01", ""]);
    // Quarantined: inner unit, unknown unit, unknown level, ends before it begins.
    people.push(&["inner", "north", "staff", "", ""]);
    people.push(&["nowhere", "atlantis", "staff", "", ""]);
    people.push(&["east 0", "south 2", "emperor", "2024-01-01", ""]);
    people.push(&["east 1", "south 2", "staff", "2024-03-01", "2024-02-01"]);
    people
}

const COLUMNS: [&str; 13] = [
    "session_id",
    "coachee_id",
    "coach_id",
    "held_on",
    "minutes",
    "competency",
    "themes",
    "mode",
    "trigger",
    "updated_at",
    "coaching_minutes",
    "format",
    "cost",
];

/// Sessions of everybody, with everything that can be right or wrong. The ids
/// 1, 2, … are the same for all people.
pub(crate) fn sessions(people: &Table, seed: u64) -> Table {
    let mut dice = Dice::new(seed);
    let mut sessions = Table::new(&COLUMNS);
    // By person, who is given the unit of their first row.
    let mut everybody: BTreeMap<&str, &str> = BTreeMap::new();
    for row in &people.rows {
        everybody.entry(&row[0]).or_insert(&row[1]);
    }
    for (person, unit) in everybody {
        // Nobody is coached in `east`; elsewhere one in eight is not.
        if unit == "east" || dice.one_in(8) {
            continue;
        }
        for number in 0..dice.roll(4) + 2 {
            let coach = match unit {
                "south 3" => "the only coach".to_owned(),
                _ => format!("coach {}", dice.roll(9)),
            };
            // Every third month is the quarter after the last that is due.
            let held = format!("2024-0{}-{:02}", dice.roll(8) + 1, dice.roll(28) + 1);
            let competency = *dice.pick(&[
                "courage",
                "adaptability",
                "delegation",
                "courage;delegation",
                "delegation; adaptability",
                "adaptability;courage;delegation",
            ]);
            let themes = *dice.pick(&[
                "",
                "ambiguity",
                "conflict",
                "trust",
                "ambiguity;trust",
                "weather",
                "weather;conflict",
                "conflict;ambiguity;trust;weather",
            ]);
            let id = format!("{number}");
            let row = [
                &id,
                person,
                &coach,
                &held,
                *dice.pick(&["30", "45", "60.5", "240"]),
                competency,
                themes,
                *dice.pick(&["coaching", "coaching", "mentoring", ""]),
                *dice.pick(&["proactive", "reactive", ""]),
                "",
                *dice.pick(&["", "", "20.25"]),
                *dice.pick(&["single", "team", "team", ""]),
                *dice.pick(&["", "100", "99.5", "2500"]),
            ];
            sessions.push(&row);
            if dice.one_in(4) {
                sessions.push(&row);
            }
            if dice.one_in(4) {
                // Corrected: it was later, and about something else.
                let mut other = row;
                (other[3], other[5], other[6]) = ("2024-05-05", "delegation", "trust");
                other[9] = "2024-06-01T10:00";
                sessions.push(&other);
            }
            if dice.one_in(5) {
                sessions.push(&broken(row, &mut dice));
            }
        }
        if unit == "south 4" {
            // Quarantined for its minutes; who met whom is known all the same.
            sessions.push(&[
                "90",
                person,
                "a shadow",
                "2024-01-20",
                "0",
                "courage",
                "conflict",
                "",
                "",
                "",
                "",
                "",
                "",
            ]);
        }
    }
    sessions.push(&["1", "east 2", "coach 1", "2024-02-02", "45"]);
    sessions.push(&[
        "1",
        "",
        "coach 1",
        "2024-02-02",
        "45",
        "courage",
        "trust",
        "",
        "",
        "",
        "",
        "",
        "",
    ]);
    dice.shuffle(&mut sessions.rows);
    sessions
}

/// The same session, later updated, but with one value that is quarantined.
fn broken<'a>(mut row: [&'a str; 13], dice: &mut Dice) -> [&'a str; 13] {
    row[9] = "2024-07-01";
    let faults = [
        (1, "nobody"),
        (2, ""),
        (3, "2024-02-30"),
        (3, ""),
        (4, "0"),
        (4, "much"),
        (4, "1441"),
        (5, "juggling"),
        (5, "courage;juggling"),
        (5, ""),
        (7, "shouting"),
        (8, "none"),
        (9, "yesterday"),
        (10, "241"),
        (10, "-1"),
        (11, "choir"),
        (12, "10000001"),
    ];
    let (column, value) = *dice.pick(&faults);
    row[column] = value;
    row
}
