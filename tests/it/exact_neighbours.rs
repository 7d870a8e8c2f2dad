//! Neighbours through the whole pipeline: take any one person away, with every
//! row about them, and what is drawn moves by no more than is declared.

use std::collections::BTreeMap;

use lodestar::config::Project;
use lodestar::ingest::{Reason, SourceReport, Totals};
use lodestar::pipeline;
use lodestar_privacy::Public;

use crate::exact_support::draws::{self, Drawn};
use crate::exact_support::everything::{FRAMEWORK, MORE};
use crate::exact_support::project::BEYOND;
use crate::exact_support::truth::cohorts;
use crate::exact_support::{Dice, Sample, Settings, Table};

const PERIODS: &str = r#"
[periods]
first = "2024-Q1"
last = "2024-Q2"
"#;

/// Units with people enough to stay visible whoever is taken away, and of each
/// job level: the threshold is 2, so at least three.
const LEAVES: [&str; 4] = ["a", "b1", "b2", "c"];
const JOB_LEVELS: [&str; 3] = ["staff", "manager", "executive"];

/// A property that tells nobody apart, so that no cohort is too small by two: it
/// doubles the cohorts that a person is in all the same.
const SITE: &str = "[dimensions]\nsite = [\"here\"]";
const BY_TWO: &str = r#"
[[measures]]
use = "coverage"
name = "coverage_by_two"
dimensions = ["job_level", "site"]
"#;

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
        let mut people = Table::new(&[
            "person_id",
            "org_unit",
            "job_level",
            "site",
            "valid_from",
            "valid_to",
        ]);
        let mut sessions = Table::new(&COLUMNS);
        // Each of these has a coach of their own: no caseload hides a cohort.
        for leaf in LEAVES {
            for (number, job_level) in (0..12).zip(JOB_LEVELS.iter().cycle()) {
                let person = format!("{leaf} {number}");
                people.push(&[&person, leaf, job_level, "here", "", ""]);
                for (id, day) in [("0", "2024-01-10"), ("00", "2024-05-10")] {
                    let mut row = [""; 12];
                    (row[0], row[1], row[2], row[3]) = (id, &person, &person, day);
                    (row[4], row[5], row[8]) = ("60", "courage", "coaching");
                    sessions.push(&row);
                }
            }
        }
        let mut ids: Vec<String> = people.rows.iter().map(|row| row[0].clone()).collect();
        for number in 0..6 {
            let person = format!("p{number}");
            for _ in 0..dice.roll(3) {
                let unit = *dice.pick(&["a", "b1", "b2", "c", "b", "nowhere"]);
                let from = *dice.pick(&["", "2023-06-01", "2024-02-01", "someday"]);
                let to = *dice.pick(&["", "", "2024-01-31", "2024-12-31"]);
                let job_level = *dice.pick(&["staff", "manager", "executive", "emperor"]);
                people.push(&[&person, unit, job_level, "here", from, to]);
            }
            ids.push(person);
        }
        // One person reaches every clip, in both quarters.
        people.push(&[GREEDY, "b2", "manager", "here", "", ""]);
        for number in 0..24 {
            let id = format!("g{number}");
            let day = if number % 2 == 0 {
                "2024-02-01"
            } else {
                "2024-06-01"
            };
            let mut row = [""; 12];
            (row[0], row[1], row[2], row[3]) = (&id, GREEDY, "coach", day);
            (row[4], row[5], row[6]) = ("600", "courage;delegation", "trust;conflict");
            (row[8], row[9], row[10], row[11]) = ("coaching", "proactive", "team", "5000");
            sessions.push(&row);
        }
        for _ in 0..dice.roll(90) + 60 {
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
        let framework = FRAMEWORK.replace("[dimensions]", SITE);
        let declared = format!("{PERIODS}{framework}{BY_TWO}");
        Sample::by_hand(&declared, settings, &self.org, &self.people, &self.sessions)
    }
}

/// Pairs of neighbours.
const CASES: u64 = 30;

/// Who reaches every clip.
const GREEDY: &str = "greedy";

const COLUMNS: [&str; 12] = [
    "session_id",
    "coachee_id",
    "coach_id",
    "held_on",
    "minutes",
    "competency",
    "themes",
    "updated_at",
    "mode",
    "trigger",
    "format",
    "cost",
];

fn random_session<'a>(ids: &'a [String], dice: &mut Dice) -> [&'a str; 12] {
    let person = dice.pick(ids).as_str();
    let alone = person.contains(' ');
    let coach = if alone {
        person
    } else {
        *dice.pick(&["coach", "another", ""])
    };
    [
        *dice.pick(&["1", "2", "3", ""]),
        person,
        coach,
        *dice.pick(&[
            "2024-01-10",
            "2024-02-10",
            "2024-03-31",
            "2024-04-01",
            "2024-06-30",
            "2023-11-30",
        ]),
        *dice.pick(&["60", "60", "600", "61.5", "-1"]),
        *dice.pick(&["courage", "delegation", "delegation;courage", "juggling"]),
        *dice.pick(&[
            "",
            "conflict",
            "trust",
            "ambiguity;trust",
            "weather;conflict;trust",
        ]),
        *dice.pick(&["", "2024-03-01", "2024-03-02", "soon"]),
        *dice.pick(&["coaching", "mentoring", ""]),
        *dice.pick(&["proactive", "reactive", ""]),
        *dice.pick(&["single", "team", "", "choir"]),
        *dice.pick(&["", "99.5", "5000"]),
    ]
}

/// The releases of some inputs, as they are drawn.
fn released(inputs: &Inputs, settings: &Settings) -> Vec<Drawn> {
    let sample = inputs.sample(settings);
    let mut project: Project = sample.project();
    project.privacy.epsilon = BEYOND;
    draws::releases(&project, &draws::Inputs::read(&project))
}

/// By how much one release's sizes and vectors differ from another's, by name
/// and level, in units of what is declared.
fn moved(with: &Drawn, without: &Drawn) -> BTreeMap<(String, i32), f64> {
    // What was published before differs by what was drawn then; it is public.
    let declared = |drawn: &Drawn| Public {
        past: Vec::new(),
        ..drawn.public.clone()
    };
    assert_eq!(declared(with), declared(without));
    let declared = with.manifest.sensitivities();
    assert_eq!(declared, without.manifest.sensitivities());
    let (public, mut all) = (&with.public, BTreeMap::new());
    for (index, kind) in public.kinds.iter().enumerate() {
        let shown = cohorts(&with.noisy, public, index);
        assert_eq!(shown, cohorts(&without.noisy, public, index));
        let levels = with.noisy.kinds[index].levels.iter();
        let levels = levels.zip(&without.noisy.kinds[index].levels);
        for (level, (with, without)) in (0..).zip(levels) {
            let pairs = with.cohorts.iter().zip(&without.cohorts);
            let moved: Vec<i64> = pairs.map(|(a, b)| a.size - b.size).collect();
            assert!(moved.iter().all(|by| [0, 1].contains(by)), "{moved:?}");
            let people = moved.iter().sum::<i64>() as f64;
            let place = (kind.name.clone(), level);
            all.insert(place.clone(), people.sqrt() / declared[&place]);
        }
    }
    for (index, block) in public.blocks.iter().enumerate() {
        let levels = with.noisy.blocks[index].levels.iter();
        for (with, without) in levels.zip(&without.noisy.blocks[index].levels) {
            let (a, b) = (with.cells.iter().flatten(), without.cells.iter().flatten());
            let squares = a.zip(b).map(|(a, b)| ((a - b) as f64).powi(2));
            let place = (block.name.clone(), with.level as i32);
            // The noise that there is: two draws in each of the numbers.
            let count = with.cells.iter().flatten().count() as f64;
            let noise = with.noise.sigma * (2.0 * count).sqrt();
            let bound = declared[&place];
            assert!(noise < bound * 1e-3, "{place:?}: {noise} of {bound}");
            let by = (squares.sum::<f64>().sqrt() - 2.0 * noise).max(0.0);
            all.insert(place.clone(), by / bound);
        }
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
    let mut largest: BTreeMap<(String, i32), f64> = BTreeMap::new();
    for case in 0..CASES {
        let mut dice = Dice::new(case);
        let coalition = (case % 2) as u32;
        let settings = Settings::exact(1, coalition, 1 + (case % 3) as u32).and(MORE);
        let all = Inputs::random(&mut dice);
        let with = released(&all, &settings);
        let ids: Vec<&String> = all.people.rows.iter().map(|row| &row[0]).collect();
        let person = if case < 3 { GREEDY } else { dice.pick(&ids) };
        let without = released(&all.only(|id| id != person), &settings);
        for (with, without) in with.iter().zip(&without) {
            for (place, by) in moved(with, without) {
                assert!(
                    by <= 1.0,
                    "case {case}: {place:?} moves {by} of what is declared"
                );
                let most = largest.entry(place).or_default();
                *most = most.max(by);
            }
        }
    }
    for (place, most) in largest {
        assert!(
            most > 0.6,
            "no case comes near the bound of {place:?}: {most}"
        );
    }
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
