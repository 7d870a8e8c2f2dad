//! With a budget so large that noise rounds to nothing, every published number
//! is the brute force's.

use std::collections::BTreeMap;

use crate::exact_support::project::run;
use crate::exact_support::published::{manifest, thresholds};
use crate::exact_support::{Brute, Dice, Row, SECRET, Sample, Settings, Table, facts};

const PERIODS: &str = r#"
[periods]
first = "2024-Q1"
last = "2024-Q2"
"#;

const FRAMEWORK: &str = r#"
[dimensions]
job_level = ["staff", "manager"]
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

/// (period, unit, competency, theme).
type Key = (String, String, String, String);

/// Runs the project; every row that it publishes is one of the brute force's,
/// and the other way round.
fn assert_exact(sample: &Sample, settings: &Settings) -> Vec<Row> {
    let project = sample.project();
    run(&project).unwrap();
    let rows = facts(&project.publish.join("current"));
    let mut left: BTreeMap<Key, (i32, i64, i64)> = BTreeMap::new();
    let brute = Brute::read(&project);
    let mut period = project.calendar.first;
    while project.calendar.last.is_some_and(|last| period <= last) {
        let counted = brute.count(&period.name(), &SECRET, settings.max_cells);
        let release = project.publish.join("releases").join(period.name());
        let thresholds = thresholds(&manifest(&release));
        assert!(thresholds.iter().all(|threshold| *threshold <= 2));
        for (id, level, units) in counted.visible(settings.k, settings.coalition, &thresholds) {
            let (people, cells) = counted.cells(&units);
            for ((competency, theme), n) in counted.keys.iter().cloned().zip(cells) {
                let key = (period.name(), id.clone(), competency, theme);
                left.insert(key, (level, people, n));
            }
        }
        period = period.next();
    }
    for row in &rows {
        let key = (
            row.period.clone(),
            row.unit.clone(),
            row.competency.clone(),
            row.theme.clone(),
        );
        let truth = left.remove(&key);
        let (level, people, n) = truth.unwrap_or_else(|| panic!("{row:?} should not be there"));
        assert_eq!((row.level, row.cohort), (level, people), "{row:?}");
        let (low, high) = row.cohort_interval;
        assert!(low <= people as f64 && people as f64 <= high && high - low < 1.0);
        if n < i64::from(settings.k) {
            assert_eq!(row.status, "below_k", "{row:?}, truth {n}");
            assert_eq!((row.n, row.share), (None, None));
            assert_eq!((row.n_interval, row.share_interval), (None, None));
        } else {
            assert_eq!((row.status.as_str(), row.n), ("ok", Some(n)), "{row:?}");
            let share = row.share.unwrap();
            assert!((share - n as f64 / people as f64).abs() < 1e-12, "{row:?}");
        }
    }
    assert!(left.is_empty(), "not published: {left:?}");
    rows
}

#[test]
fn a_synthetic_organisation_is_counted_exactly() {
    for (k, coalition, max_cells) in [(10, 1, 4), (3, 0, 4), (10, 1, 1000)] {
        let settings = Settings::exact(k, coalition, max_cells);
        let rows = assert_exact(&Sample::synthetic(1_500, &settings), &settings);
        let shown = rows.iter().filter(|row| row.status == "ok").count();
        assert!(shown > 300, "only {shown} of {} rows are shown", rows.len());
    }
}

/// Four levels, hidden units of every sort, a unit that closes in the first
/// quarter and one that moves in the second.
fn org() -> Table {
    let mut org = Table::new(&["org_unit", "label", "parent", "valid_from", "valid_to"]);
    for (unit, parent) in [
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
fn people() -> Table {
    let mut people = Table::new(&[
        "person_id",
        "org_unit",
        "job_level",
        "valid_from",
        "valid_to",
    ]);
    for (unit, size) in [
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
            let level = if number % 3 == 0 { "manager" } else { "staff" };
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

const COLUMNS: [&str; 10] = [
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
];

/// Sessions of everybody, with everything that can be right or wrong. The ids
/// 1, 2, … are the same for all people.
fn sessions(people: &Table, seed: u64) -> Table {
    let mut dice = Dice::new(seed);
    let mut sessions = Table::new(&COLUMNS);
    // By person, who is given the unit of their first row.
    let mut everybody: BTreeMap<&str, &str> = BTreeMap::new();
    for row in &people.rows {
        everybody.entry(&row[0]).or_insert(&row[1]);
    }
    for (person, unit) in everybody {
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
                "45",
                competency,
                themes,
                "coaching",
                "proactive",
                "",
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
    ]);
    dice.shuffle(&mut sessions.rows);
    sessions
}

/// The same session, later updated, but with one value that is quarantined.
fn broken<'a>(mut row: [&'a str; 10], dice: &mut Dice) -> [&'a str; 10] {
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
    ];
    let (column, value) = *dice.pick(&faults);
    row[column] = value;
    row
}

#[test]
fn a_small_organisation_with_everything_in_it_is_counted_exactly() {
    let (org, people) = (org(), people());
    let mut groups: Vec<String> = Vec::new();
    let mut deepest = 0;
    for (seed, k, coalition, max_cells) in [
        (1, 3, 1, 2),
        (2, 3, 1, 4),
        (3, 3, 1, 1000),
        (4, 4, 0, 1),
        (5, 5, 1, 4),
        (6, 2, 0, 1000),
    ] {
        let settings = Settings::exact(k, coalition, max_cells);
        let sessions = sessions(&people, seed);
        let declared = format!("{PERIODS}{FRAMEWORK}");
        let sample = Sample::by_hand(&declared, &settings, &org, &people, &sessions);
        let rows = assert_exact(&sample, &settings);
        deepest = rows.iter().map(|row| row.level).max().unwrap().max(deepest);
        let units = rows.into_iter().map(|row| row.unit);
        groups.extend(units.filter(|unit| unit.starts_with('(')));
    }
    groups.sort();
    groups.dedup();
    let all = [
        "(other units) Acme",
        "(other units) north",
        "(other units) south",
    ];
    assert_eq!(groups, all, "the sample does not try every rule");
    assert_eq!(deepest, 3);
}
