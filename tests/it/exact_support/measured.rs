//! Assessments and outcomes with everything in them that can be right or wrong:
//! all groups of raters, waves with and without a name, raters who rate again,
//! values beyond a clip, conflicting rows, dirt.

use std::collections::BTreeSet;

use super::{Dice, Table};

/// What they need to be declared.
pub(crate) const DECLARED: &str = r#"
[[instruments]]
id = "leadership"
min = 1
max = 5
step = 0.5
reliability = 0.85
norm_sd = 0.7
min_raters = 2
items = ["asks", "listens"]
top_box = 4
[[instruments]]
id = "stress"
min = 0
max = 10
reliability = 0.8
norm_sd = 2
higher_is_better = false
[[metrics]]
id = "absence"
range = [0, 92]
clip = [0, 30]
higher_is_better = false
[[metrics]]
id = "growth"
range = [-5, 5]
clip = [-2, 3]
[[metrics]]
id = "stayed"
range = [0, 1]
[north_star]
targets = [
    { competency = "delegation", level = 2.75 },
    { competency = "courage", level = 3.5, weight = 2 },
]
"#;

/// Every measure of assessments and outcomes, at most so many keys a person.
pub(crate) fn measures(max_cells: u32) -> &'static str {
    let all = r#"
[[measures]]
use = "competency_progress"
filter = { rater_group = ["self", "manager", "peer"] }
levels = [0, 1, 2, 3]
max_cells = CELLS
[[measures]]
use = "competency_progress"
levels = [0, 1]
name = "progress_in_stress"
instrument = "stress"
filter = { rater_group = "self" }
max_cells = CELLS
[[measures]]
use = "skill_gap"
levels = [0, 1, 2]
max_cells = CELLS
[[measures]]
use = "skill_gap"
name = "stress_gap"
instrument = "stress"
max_cells = CELLS
[[measures]]
use = "north_star"
max_cells = CELLS
[[measures]]
use = "business_outcomes"
levels = [0, 1, 2]
max_cells = CELLS
[[measures]]
use = "survey_items"
max_cells = CELLS
[[measures]]
use = "rater_agreement"
max_cells = CELLS
[[measures]]
use = "strength_shift"
max_cells = CELLS
[[measures]]
use = "strength_shift"
name = "shift_of_stress"
instrument = "stress"
bands = [2.5, 6]
max_cells = CELLS
[[measures]]
use = "theme_outcome"
levels = [0, 1]
max_cells = CELLS
"#;
    all.replace("CELLS", &max_cells.to_string()).leak()
}

pub(crate) const ASSESSED: [&str; 9] = [
    "subject_id",
    "competency",
    "instrument",
    "score",
    "assessed_on",
    "wave",
    "rater_id",
    "rater_group",
    "item",
];

pub(crate) const MEASURED: [&str; 4] = ["person_id", "measured_on", "metric", "value"];

/// Months, and how a wave in them is called. Some follow each other so closely
/// that they are one.
const WAVES: [(&str, &str); 14] = [
    ("2022-09", "baseline"),
    ("2022-12", ""),
    ("2023-02", "baseline"),
    ("2023-06", "baseline"),
    ("2023-07", "baseline"),
    ("2023-10", ""),
    ("2024-01", ""),
    ("2024-02", "baseline"),
    ("2024-04", "midpoint"),
    ("2024-05", "follow_up"),
    ("2024-06", "follow_up"),
    ("2024-09", ""),
    ("2024-10", "midpoint"),
    ("2024-12", "follow_up"),
];

/// Waves of different names never end on one day, so that the last is one.
fn day(month: &str, wave: &str, dice: &mut Dice) -> String {
    let first = match wave {
        "" => 1,
        "baseline" => 8,
        "midpoint" => 15,
        _ => 22,
    };
    format!("{month}-{:02}", first + dice.roll(7))
}

/// Everybody who is named, each once.
fn everybody(people: &Table) -> BTreeSet<(&str, &str)> {
    let mut seen = BTreeSet::new();
    let rows = people.rows.iter();
    let new = rows.filter(|row| seen.insert(row[0].clone()));
    new.map(|row| (row[0].as_str(), row[1].as_str())).collect()
}

/// Assessments of most people.
pub(crate) fn assessments(people: &Table, seed: u64) -> Table {
    let mut dice = Dice::new(seed);
    let mut all = Table::new(&ASSESSED);
    for (person, unit) in everybody(people) {
        if dice.one_in(8) {
            continue;
        }
        for competency in ["courage", "adaptability", "delegation"] {
            for instrument in ["leadership", "leadership", "stress"] {
                if dice.one_in(3) {
                    continue;
                }
                for _ in 0..=dice.roll(4) {
                    let wave = *dice.pick(&WAVES);
                    let about = [person, competency, instrument];
                    rated(&mut all, about, unit, wave, &mut dice);
                }
            }
        }
    }
    // Too short, and of nobody.
    all.push(&["east 2", "courage", "leadership", "3"]);
    let mut nobody = [""; 9];
    nobody[1..5].copy_from_slice(&["courage", "leadership", "3", "2024-05-05"]);
    all.push(&nobody);
    dice.shuffle(&mut all.rows);
    all
}

/// A wave: everybody who rates in it.
fn rated(
    all: &mut Table,
    [person, competency, instrument]: [&str; 3],
    unit: &str,
    (month, wave): (&str, &str),
    dice: &mut Dice,
) {
    let known = format!("coach {}", dice.roll(9));
    let known = if unit == "south 3" {
        "the only coach"
    } else {
        &known
    };
    let mut raters = vec![("", "self"), (known, "manager"), ("", "manager")];
    raters.extend(["p1", "p2", "p3"].map(|rater| (rater, "peer")));
    raters.extend(["r1", "r2"].map(|rater| (rater, "report")));
    raters.extend([("coach 2", "coach"), ("coach 3", "coach")]);
    for (rater, group) in raters {
        let rates = match group {
            "self" => !dice.one_in(8),
            "manager" => dice.one_in(3),
            _ => dice.one_in(2),
        };
        let items: &[&str] = match (rates, instrument, dice.roll(3)) {
            (false, ..) => &[],
            (true, "stress", _) | (true, _, 0) => &[""],
            (true, _, 1) => &["asks", "listens"],
            (true, ..) => &["asks"],
        };
        for item in items {
            let day = day(month, wave, dice);
            let mut row = [""; 9];
            (row[0], row[1], row[2], row[4]) = (person, competency, instrument, &day);
            (row[5], row[6], row[7], row[8]) = (wave, rater, group, item);
            row[3] = score(instrument, dice);
            all.push(&row);
            if dice.one_in(8) {
                all.push(&row);
            }
            if dice.one_in(8) {
                row[3] = score(instrument, dice);
                all.push(&row);
            }
            if dice.one_in(20) {
                all.push(&broken(row, dice));
            }
        }
    }
}

fn score(instrument: &str, dice: &mut Dice) -> &'static str {
    let of_stress = ["0", "2", "2.5", "4", "6", "6", "9", "10"];
    let of_leadership = ["1", "2", "2.5", "3", "3.5", "3.5", "4", "4.5", "5", "3.3"];
    match instrument {
        "stress" => dice.pick::<&'static str>(&of_stress),
        _ => dice.pick::<&'static str>(&of_leadership),
    }
}

/// The same row, with one value that is quarantined.
fn broken<'a>(mut row: [&'a str; 9], dice: &mut Dice) -> [&'a str; 9] {
    let faults = [
        (0, "nobody"),
        (1, "juggling"),
        (2, "stars"),
        (3, "10.5"),
        (3, "-0.5"),
        (3, ""),
        (3, "good"),
        (4, "2024-02-30"),
        (5, "second"),
        (7, "boss"),
        (8, "sings"),
    ];
    let (column, value) = *dice.pick(&faults);
    row[column] = value;
    row
}

/// Outcomes of most people.
pub(crate) fn outcomes(people: &Table, seed: u64) -> Table {
    let mut dice = Dice::new(seed + 1000);
    let mut all = Table::new(&MEASURED);
    for (person, _) in everybody(people) {
        for metric in ["absence", "growth", "stayed"] {
            if dice.one_in(4) {
                continue;
            }
            for _ in 0..=dice.roll(4) {
                let day = format!("2024-{:02}-{:02}", dice.roll(12) + 1, dice.roll(28) + 1);
                let value = |dice: &mut Dice| match metric {
                    "absence" => *dice.pick(&["0", "2.5", "7", "30", "31", "92"]),
                    "growth" => *dice.pick(&["-5", "-2", "-0.3", "0", "1.1", "3", "4.7"]),
                    _ => *dice.pick(&["0", "1", "1"]),
                };
                let row = [person, &day, metric, value(&mut dice)];
                all.push(&row);
                if dice.one_in(6) {
                    all.push(&row);
                }
                if dice.one_in(6) {
                    all.push(&[person, &day, metric, value(&mut dice)]);
                }
                if dice.one_in(12) {
                    let fault = *dice.pick(&[(0, "nobody"), (1, "soon"), (2, "luck"), (3, "93")]);
                    let mut row = row;
                    row[fault.0] = fault.1;
                    all.push(&row);
                }
            }
        }
    }
    dice.shuffle(&mut all.rows);
    all
}
