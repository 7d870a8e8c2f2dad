//! Neighbours through the whole pipeline: take any one person away, with every
//! row about them, and what is published moves by no more than is declared.

use std::collections::BTreeMap;

use lodestar::config::Project;
use lodestar::ingest::{Reason, SourceReport, Totals};
use lodestar::pipeline;

use crate::exact_support::project::run;
use crate::exact_support::{Dice, Sample, Settings, Table, facts};

const DECLARED: &str = r#"
[periods]
first = "2024-Q1"
last = "2024-Q1"
[[competencies]]
id = "courage"
[[competencies]]
id = "delegation"
[[themes]]
id = "conflict"
competencies = ["courage"]
[[themes]]
id = "trust"
competencies = ["delegation", "courage"]
[[themes]]
id = "workload"
competencies = ["delegation"]
"#;

/// Units with people enough to stay visible whoever is taken away: at least
/// three, for the threshold is 2.
const LEAVES: [&str; 4] = ["a", "b1", "b2", "c"];

struct Inputs {
    org: Table,
    people: Table,
    sessions: Table,
}

impl Inputs {
    fn random(dice: &mut Dice) -> Self {
        let mut org = Table::new(&["org_unit", "label", "parent"]);
        for (unit, parent) in [
            ("a", "Acme"),
            ("b", "Acme"),
            ("c", "Acme"),
            ("b1", "b"),
            ("b2", "b"),
        ] {
            org.push(&[unit, unit, parent]);
        }
        let mut people = Table::new(&["person_id", "org_unit", "valid_from", "valid_to"]);
        let mut sessions = Table::new(&[
            "session_id",
            "coachee_id",
            "coach_id",
            "held_on",
            "minutes",
            "competency",
            "themes",
            "updated_at",
        ]);
        for leaf in LEAVES {
            for number in 0..4 {
                let person = format!("{leaf} {number}");
                people.push(&[&person, leaf, "", ""]);
                sessions.push(&["0", &person, "coach", "2024-01-10", "60", "courage", "", ""]);
            }
        }
        let mut ids: Vec<String> = people.rows.iter().map(|row| row[0].clone()).collect();
        for number in 0..6 {
            let person = format!("p{number}");
            for _ in 0..dice.roll(3) {
                let unit = *dice.pick(&["a", "b1", "b2", "c", "b", "nowhere"]);
                let from = *dice.pick(&["", "2023-06-01", "2024-02-01", "someday"]);
                let to = *dice.pick(&["", "", "2024-01-31", "2024-12-31"]);
                people.push(&[&person, unit, from, to]);
            }
            ids.push(person);
        }
        for _ in 0..dice.roll(90) + 30 {
            sessions.push(&random_session(&ids, dice));
        }
        dice.shuffle(&mut sessions.rows);
        Self {
            org,
            people,
            sessions,
        }
    }

    /// These inputs with only the rows of some subjects.
    fn only(&self, keep: impl Fn(&str) -> bool) -> Self {
        Self {
            org: self.org.clone(),
            people: self.people.only(|row| keep(&row[0])),
            sessions: self.sessions.only(|row| keep(&row[1])),
        }
    }

    fn sample(&self, settings: &Settings) -> Sample {
        Sample::by_hand(DECLARED, settings, &self.org, &self.people, &self.sessions)
    }
}

fn random_session<'a>(ids: &'a [String], dice: &mut Dice) -> [&'a str; 8] {
    [
        *dice.pick(&["1", "2", "3", ""]),
        dice.pick(ids).as_str(),
        *dice.pick(&["coach", "another", ""]),
        *dice.pick(&[
            "2024-01-10",
            "2024-02-10",
            "2024-03-31",
            "2024-04-01",
            "2023-11-30",
        ]),
        *dice.pick(&["60", "60", "60", "61", "-1"]),
        *dice.pick(&["courage", "delegation", "delegation;courage", "juggling"]),
        *dice.pick(&[
            "",
            "conflict",
            "trust",
            "workload;trust",
            "weather;conflict;trust",
        ]),
        *dice.pick(&["", "2024-03-01", "2024-03-02", "soon"]),
    ]
}

/// Cohorts, and counts, by level and unit.
type Released = BTreeMap<(i32, String), (i64, Vec<i64>)>;

fn released(project: &Project) -> Released {
    run(project).unwrap();
    let mut all = Released::new();
    for row in facts(&project.publish.join("current")) {
        let cells = all.entry((row.level, row.unit)).or_default();
        cells.0 = row.cohort;
        // With k = 1 only counts of nobody are not shown.
        assert!(row.n.is_some() || row.status == "below_k");
        cells.1.push(row.n.unwrap_or(0));
    }
    all
}

/// What became of the rows, source by source.
fn rows_of(inputs: &Inputs, settings: &Settings) -> Vec<Totals> {
    let intake = pipeline::check(&inputs.sample(settings).project()).unwrap();
    for report in &intake.reports {
        let reasons: BTreeMap<(String, Reason), u64> = report.reasons();
        assert_eq!(reasons.values().sum::<u64>(), report.totals().quarantined);
    }
    // The tree is public, and in all of them.
    intake.reports[1..]
        .iter()
        .map(SourceReport::totals)
        .collect()
}

fn sum(a: &Totals, b: &Totals) -> Totals {
    Totals {
        read: a.read + b.read,
        accepted: a.accepted + b.accepted,
        duplicate: a.duplicate + b.duplicate,
        quarantined: a.quarantined + b.quarantined,
    }
}

#[test]
fn one_person_moves_what_is_published_by_no_more_than_is_declared() {
    let mut largest = 0;
    for case in 0..30 {
        let mut dice = Dice::new(case);
        let settings = Settings::exact(1, 0, 1 + (case % 3) as u32);
        let all = Inputs::random(&mut dice);
        let with = released(&all.sample(&settings).project());
        let ids: Vec<&String> = all.people.rows.iter().map(|row| &row[0]).collect();
        let person = dice.pick(&ids).as_str();
        let without = all.only(|id| id != person);
        let without = released(&without.sample(&settings).project());
        assert!(with.keys().eq(without.keys()), "case {case}: other cohorts");
        assert_eq!(with.len(), 1 + 3 + 2);
        for level in 0..=2 {
            let mine = with.iter().filter(|((at, _), _)| *at == level);
            let (mut people, mut squares) = (0, 0);
            for (unit, (cohort, cells)) in mine {
                let (fewer_people, fewer) = &without[unit];
                let moved = cells.iter().zip(fewer).map(|(a, b)| a - b);
                assert!(cohort >= fewer_people && moved.clone().all(|by| by >= 0));
                people += cohort - fewer_people;
                squares += moved.map(|by| by * by).sum::<i64>();
            }
            assert!(
                people <= 1,
                "case {case}, level {level}: {people} people moved"
            );
            let bound = i64::from(settings.max_cells);
            assert!(
                squares <= bound,
                "case {case}, level {level}: {squares} > {bound}"
            );
            largest = largest.max(squares);
        }
    }
    assert_eq!(largest, 3, "no case reaches the bound");
}

#[test]
fn what_becomes_of_a_row_is_nobody_elses_business() {
    let settings = Settings::exact(1, 0, 4);
    for case in 0..12 {
        let mut dice = Dice::new(100 + case);
        let all = Inputs::random(&mut dice);
        let people = all.people.rows.iter().map(|row| row[0].as_str());
        let person = *dice.pick(&people.collect::<Vec<_>>());
        let whole = rows_of(&all, &settings);
        let rest = rows_of(&all.only(|id| id != person), &settings);
        let alone = rows_of(&all.only(|id| id == person), &settings);
        assert!(alone[0].read > 0);
        for ((whole, rest), alone) in whole.iter().zip(&rest).zip(&alone) {
            assert_eq!(*whole, sum(rest, alone), "case {case}");
        }
    }
}
