//! Neighbours through the whole pipeline: take any one person away, with every
//! row about them, and what is drawn moves by no more than is declared.

use std::collections::{BTreeMap, BTreeSet};

use lodestar::config::{PrivacyUnit, Project};
use lodestar::ingest::{Reason, SourceReport, Totals};
use lodestar::pipeline;
use lodestar::progress::Silent;
use lodestar_privacy::Public;
use lodestar_privacy::noisy::NoisyLevel;

use crate::exact_support::draws::{self, Drawn};
use crate::exact_support::everything::{FRAMEWORK, MORE};
use crate::exact_support::measured::{self, DECLARED};
use crate::exact_support::project::BEYOND;
use crate::exact_support::sums::Cohort;
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
    assessments: Table,
    outcomes: Table,
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
                    if number % 2 == 0 {
                        row[5] = "courage;adaptability;delegation";
                        row[6] = "ambiguity;conflict;trust";
                    }
                    sessions.push(&row);
                }
            }
            for number in 0..5 {
                let person = format!("{leaf} uncoached {number}");
                people.push(&[&person, leaf, "staff", "here", "", ""]);
            }
        }
        let (mut assessments, mut outcomes) = known(&people, dice);
        let mut ids: Vec<String> = people.rows.iter().map(|row| row[0].clone()).collect();
        let mut unsteady = Table::new(&["person_id", "org_unit"]);
        for number in 0..6 {
            let person = format!("p{number}");
            unsteady.push(&[&person, ""]);
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
        let seed = dice.roll(1 << 20) as u64;
        let more = measured::assessments(&unsteady, seed).rows;
        assessments.rows.extend(more);
        let more = measured::outcomes(&unsteady, seed).rows;
        outcomes.rows.extend(more);
        greedy(&mut assessments, &mut outcomes);
        for table in [&mut sessions, &mut assessments, &mut outcomes] {
            dice.shuffle(&mut table.rows);
        }
        Self {
            org,
            people,
            sessions,
            assessments,
            outcomes,
        }
    }

    /// These inputs with only the rows of some subjects.
    fn only(&self, keep: impl Fn(&str) -> bool) -> Self {
        Self {
            org: self.org.clone(),
            people: self.people.only(|row| keep(&row[0])),
            sessions: self.sessions.only(|row| keep(&row[1])),
            assessments: self.assessments.only(|row| keep(&row[0])),
            outcomes: self.outcomes.only(|row| keep(&row[0])),
        }
    }

    /// These inputs without somebody's rows of a period, the day after which is given;
    /// rows that are valid beyond it are cut.
    fn but_for(&self, whom: &str, (start, after): (&str, &str)) -> Self {
        let is_other = |day: &str| day < start || day >= after;
        let dated = |table: &Table, id: usize, date: usize| {
            table.only(|row| row[id] != whom || is_other(&row[date]))
        };
        let mut people = self.people.only(|row| row[0] != whom);
        for row in self.people.rows.iter().filter(|row| row[0] == whom) {
            let (from, to) = (row[4].as_str(), row[5].as_str());
            if from < start {
                let mut before = row.clone();
                if to.is_empty() || to >= start {
                    before[5] = yesterday(start);
                }
                people.rows.push(before);
            }
            if to.is_empty() || to >= after {
                let mut later = row.clone();
                from.max(after).clone_into(&mut later[4]);
                people.rows.push(later);
            }
        }
        Self {
            org: self.org.clone(),
            people,
            sessions: dated(&self.sessions, 1, 3),
            assessments: dated(&self.assessments, 0, 4),
            outcomes: dated(&self.outcomes, 0, 1),
        }
    }

    fn sample(&self, settings: &Settings) -> Sample {
        let framework = FRAMEWORK.replace("[dimensions]", SITE);
        let declared = format!("{PERIODS}{framework}{DECLARED}{BY_TWO}");
        Sample::by_hand(&declared, settings, &self.org, &self.people, &self.sessions)
            .with("assessments", &self.assessments)
            .with("outcomes", &self.outcomes)
    }
}

/// The day before.
fn yesterday(day: &str) -> String {
    let day: jiff::civil::Date = day.parse().unwrap();
    day.yesterday().unwrap().to_string()
}

/// Assessments and outcomes of people who have all that there is: every
/// competency, instrument and group of raters, twice, and every metric.
fn known(people: &Table, dice: &mut Dice) -> (Table, Table) {
    let mut assessments = Table::new(&measured::ASSESSED);
    let mut outcomes = Table::new(&measured::MEASURED);
    for person in people.rows.iter().map(|row| row[0].as_str()) {
        for metric in ["absence", "growth", "stayed"] {
            outcomes.push(&[person, "2024-02-03", metric, *dice.pick(&["0", "1", "0.5"])]);
        }
        let mut score = || *dice.pick(&["1", "2", "3", "4.5", "5"]);
        // By people whom they alone know, as they do their coaches.
        twice(&mut assessments, person, |_, _, _| score());
    }
    (assessments, outcomes)
}

/// Two waves of everything about a person; a score by instrument, group and wave.
fn twice<'a>(
    assessments: &mut Table,
    person: &str,
    mut score: impl FnMut(&str, &str, &str) -> &'a str,
) {
    let raters = [
        ("", "self", "asks"),
        ("", "self", "listens"),
        (person, "manager", ""),
        ("p1", "peer", ""),
        ("p2", "peer", ""),
    ];
    for competency in ["courage", "adaptability", "delegation"] {
        for instrument in ["leadership", "stress"] {
            for (wave, day) in [("baseline", "2023-10-05"), ("follow_up", "2024-05-05")] {
                for (rater, group, item) in raters {
                    let item = if instrument == "stress" { "" } else { item };
                    let score = score(instrument, group, wave);
                    assessments.push(&[
                        person, competency, instrument, score, day, wave, rater, group, item,
                    ]);
                }
            }
        }
    }
}

/// Somebody at the ends of all scales, who sees themselves as nobody does.
fn greedy(assessments: &mut Table, outcomes: &mut Table) {
    twice(assessments, GREEDY, |instrument, group, wave| {
        let high = (group == "self") == (wave == "follow_up");
        match (instrument, high) {
            ("stress", true) => "10",
            (_, true) => "5",
            ("stress", false) => "0",
            (_, false) => "1",
        }
    });
    for (metric, value) in [("absence", "92"), ("growth", "5"), ("stayed", "1")] {
        outcomes.push(&[GREEDY, "2024-03-03", metric, value]);
    }
}

/// Random organisations: a few in the suite, or enough for as many pairs as the
/// environment asks for.
fn cases() -> u64 {
    let asked = std::env::var("LODESTAR_NEIGHBOUR_PAIRS");
    let pairs = asked.map_or(CASES * PEOPLE, |pairs| pairs.parse().unwrap());
    pairs.div_ceil(PEOPLE)
}

const CASES: u64 = 6;

/// So many people are taken out of each, one at a time.
const PEOPLE: u64 = 6;

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

/// Whom a cohort is of: its key, then unit and values.
type Whom = (usize, Cohort);

/// Where the cohorts of each level of a kind stand.
fn places(drawn: &Drawn, kind: usize) -> Vec<BTreeMap<Whom, usize>> {
    let names = cohorts(&drawn.noisy, &drawn.public, kind).into_iter();
    let levels = names.zip(&drawn.noisy.kinds[kind].levels);
    let level = |(names, level): (Vec<Cohort>, &NoisyLevel)| {
        let keys = level.cohorts.iter().map(|cohort| cohort.key);
        let whom = keys.zip(names).enumerate();
        whom.map(|(at, whom)| (whom, at)).collect()
    };
    levels.map(level).collect()
}

/// The places of cohorts that both show: of groups where both show the same of
/// their key, so that they are of the same units and values.
fn common(with: &BTreeMap<Whom, usize>, without: &BTreeMap<Whom, usize>) -> Vec<(usize, usize)> {
    let shown = |all: &BTreeMap<Whom, usize>, key: usize| -> BTreeSet<Whom> {
        let mine = all.keys().filter(|whom| whom.0 == key);
        mine.cloned().collect()
    };
    let is_group = |(_, (unit, values)): &Whom| {
        let mut parts = values.iter().chain([unit]);
        parts.any(|part| part.starts_with("(other"))
    };
    let both = with.iter().filter_map(|(whom, at)| {
        let same = !is_group(whom) || shown(with, whom.0) == shown(without, whom.0);
        Some((*at, *without.get(whom)?)).filter(|_| same)
    });
    both.collect()
}

/// By how much one release's sizes and vectors differ from another's, by name
/// and level, in units of what is declared.
fn moved(with: &Drawn, without: &Drawn) -> BTreeMap<(String, i32), f64> {
    // What was published before differs by what was drawn then; it is public.
    let public = |drawn: &Drawn| Public {
        past: Vec::new(),
        ..drawn.public.clone()
    };
    assert_eq!(public(with), public(without));
    let declared = with.manifest.sensitivities();
    assert_eq!(declared, without.manifest.sensitivities());
    let (public, mut all) = (&with.public, BTreeMap::new());
    let mut both = Vec::new();
    for (index, kind) in public.kinds.iter().enumerate() {
        let places = places(with, index).into_iter().zip(places(without, index));
        let places: Vec<_> = places.map(|(a, b)| common(&a, &b)).collect();
        let levels = with.noisy.kinds[index].levels.iter();
        let levels = levels.zip(&without.noisy.kinds[index].levels);
        for ((level, (with, without)), places) in (0..).zip(levels).zip(&places) {
            let size = |(a, b): &(usize, usize)| with.cohorts[*a].size - without.cohorts[*b].size;
            let moved: Vec<i64> = places.iter().map(size).collect();
            assert!(moved.iter().all(|by| [0, 1].contains(by)), "{moved:?}");
            let people = moved.iter().sum::<i64>() as f64;
            let place = (kind.name.clone(), level);
            all.insert(place.clone(), people.sqrt() / declared[&place]);
        }
        both.push(places);
    }
    for (index, block) in public.blocks.iter().enumerate() {
        let levels = with.noisy.blocks[index].levels.iter();
        for (with, without) in levels.zip(&without.noisy.blocks[index].levels) {
            let places = &both[block.kind][with.level as usize];
            let pairs = places.iter().flat_map(|(a, b)| {
                let (a, b) = (&with.cells[*a], &without.cells[*b]);
                a.iter().zip(b)
            });
            let squares: Vec<f64> = pairs.map(|(a, b)| ((a - b) as f64).powi(2)).collect();
            let place = (block.name.clone(), with.level as i32);
            // The noise that there is: two draws in each of the numbers.
            let noise = with.noise.sigma * (2.0 * squares.len() as f64).sqrt();
            let bound = declared[&place];
            assert!(noise < bound * 0.01, "{place:?}: {noise} of {bound}");
            let by = (squares.iter().sum::<f64>().sqrt() - 2.0 * noise).max(0.0);
            all.insert(place.clone(), by / bound);
        }
    }
    for (index, bounds) in public.bounds.iter().enumerate() {
        let by = moved_bounds(with, without, index);
        let name = format!("bounds of {}", public.kinds[bounds.kind].name);
        all.insert((name, 0), by);
    }
    all
}

/// The same of what the bounds of a kind cut off.
fn moved_bounds(with: &Drawn, without: &Drawn, index: usize) -> f64 {
    let [mine, theirs] = [with, without].map(|drawn| &drawn.noisy.bounds[index]);
    let numbers = |key: usize| theirs.keys.iter().find(|cut| cut.key == key);
    let both = mine
        .keys
        .iter()
        .filter_map(|cut| Some((cut, numbers(cut.key)?)));
    let pairs = both.flat_map(|(a, b)| a.numbers.iter().zip(&b.numbers));
    let squares: Vec<f64> = pairs.map(|(a, b)| ((a - b) as f64).powi(2)).collect();
    let noise = mine.noise.sigma * (2.0 * squares.len() as f64).sqrt();
    let bound = with.manifest.bounds_sensitivities()[index];
    assert!(noise < bound * 0.01, "{index}: {noise} of {bound}");
    (squares.iter().sum::<f64>().sqrt() - 2.0 * noise).max(0.0) / bound
}

/// What became of the rows, source by source.
fn rows_of(inputs: &Inputs, settings: &Settings) -> Vec<Totals> {
    let intake = pipeline::check(&inputs.sample(settings).project(), None, &Silent).unwrap();
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

/// What is asked of a case.
fn settings(case: u64) -> Settings {
    let most = [2, 3, 1000][case as usize % 3];
    let yearly = ["rater_agreement", "strength_shift", "theme_outcome"];
    let text = yearly
        .iter()
        .fold(measured::measures(most).to_owned(), |text, name| {
            let (said, every) = (format!("use = \"{name}\"\n"), "every = \"half\"\n");
            text.replace(&said, &format!("{said}{every}"))
        });
    let more = format!("{MORE}{text}").leak();
    Settings::exact(1, (case % 2) as u32, 1 + (case % 3) as u32).and(more)
}

#[test]
#[expect(clippy::print_stdout, reason = "the figures of docs/accuracy.md")]
fn one_person_moves_what_is_published_by_no_more_than_is_declared() {
    let mut largest: BTreeMap<(String, i32), f64> = BTreeMap::new();
    let (mut pairs, mut over) = (0, Vec::new());
    for case in 0..cases() {
        let mut dice = Dice::new(case);
        let settings = settings(case);
        let all = Inputs::random(&mut dice);
        let with = released(&all, &settings);
        let ids: Vec<&String> = all.people.rows.iter().map(|row| &row[0]).collect();
        for number in 0..PEOPLE {
            let person = if number == 0 { GREEDY } else { dice.pick(&ids) };
            let without = released(&all.only(|id| id != person), &settings);
            pairs += 1;
            for (with, without) in with.iter().zip(&without) {
                for (place, by) in moved(with, without) {
                    if by > 1.0 {
                        over.push((case, place.clone(), by));
                    }
                    let most = largest.entry(place).or_default();
                    *most = most.max(by);
                }
            }
        }
    }
    println!(
        "{pairs} pairs of neighbours, {} over what is declared",
        over.len()
    );
    let mut by_name: BTreeMap<&str, f64> = BTreeMap::new();
    for ((name, _), by) in &largest {
        let most = by_name.entry(name).or_default();
        *most = most.max(*by);
    }
    for (name, most) in by_name {
        println!("{most:.4} of what is declared: {name}");
    }
    assert!(over.is_empty(), "{over:?}");
    for (place, most) in largest {
        assert!(
            most > 0.6,
            "no case comes near the bound of {place:?}: {most}"
        );
    }
}

/// What a release reads that reads one period.
fn of_one_period(case: u64) -> Settings {
    let quarterly = MORE.replace("every = \"half\"", "every = \"quarter\"");
    let measured = ["skill_gap", "survey_items", "rater_agreement"].map(|name| {
        format!("[[measures]]\nuse = \"{name}\"\nmax_cells = 2\nevery = \"quarter\"\n")
    });
    let more = format!("{quarterly}{}", measured.concat()).leak();
    Settings::exact(1, (case % 2) as u32, 1 + (case % 3) as u32).and(more)
}

const QUARTERS: [(&str, &str); 2] = [("2024-01-01", "2024-04-01"), ("2024-04-01", "2024-07-01")];

/// Under `unit = "person-period"` a person's rows of one period are the unit: without
/// them that period's release moves by no more than is declared, and no other at all.
#[test]
fn somebodys_rows_of_a_period_move_that_periods_release_alone() {
    let drawn = |inputs: &Inputs, settings: &Settings| {
        let sample = inputs.sample(settings);
        let unit = "[privacy]\nunit = \"person-period\"\n";
        let text = std::fs::read_to_string(sample.config()).unwrap();
        std::fs::write(sample.config(), text.replace("[privacy]\n", unit)).unwrap();
        let mut project: Project = sample.project();
        assert_eq!(project.privacy.unit, PrivacyUnit::PersonPeriod);
        project.privacy.epsilon = BEYOND;
        draws::releases(&project, &draws::Inputs::read(&project))
    };
    let shown = |drawn: &Drawn| -> Vec<Vec<BTreeSet<Whom>>> {
        let kinds = 0..drawn.public.kinds.len();
        let whom = |level: BTreeMap<Whom, usize>| level.into_keys().collect();
        let levels = kinds.map(|kind| places(drawn, kind).into_iter().map(whom).collect());
        levels.collect()
    };
    let mut most: BTreeMap<String, f64> = BTreeMap::new();
    for case in 0..cases().div_ceil(2) {
        let mut dice = Dice::new(1000 + case);
        let settings = of_one_period(case);
        let all = Inputs::random(&mut dice);
        let with = drawn(&all, &settings);
        let ids: Vec<&String> = all.people.rows.iter().map(|row| &row[0]).collect();
        for number in 0..PEOPLE as usize {
            let person = if number < 2 { GREEDY } else { dice.pick(&ids) };
            let (mine, other) = (number % 2, 1 - number % 2);
            let without = drawn(&all.but_for(person, QUARTERS[mine]), &settings);
            let of = |at: usize| (&with[at], &without[at]);
            let (one, same) = of(other);
            let what = format!("case {case}: {person:?} without {}", QUARTERS[mine].0);
            assert_eq!(shown(one), shown(same), "{what}");
            let by = moved(one, same);
            // What is left of noise is far below what one person moves.
            assert!(by.values().all(|by| *by < 0.01), "{what}: {by:?}");
            let (one, less) = of(mine);
            for ((name, _), by) in moved(one, less) {
                assert!(by <= 1.0, "{what}: {name}: {by}");
                let most = most.entry(name).or_default();
                *most = most.max(by);
            }
        }
    }
    assert!(most.values().all(|by| *by > 0.6), "{most:?}");
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
