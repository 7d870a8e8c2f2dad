//! Order, partition and threads change nothing; nor does anybody else.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::ingest::Member;

const COLUMNS: [&str; 12] = [
    "session_id",
    "coachee_id",
    "coach_id",
    "day",
    "minutes",
    "competency",
    "themes",
    "type",
    "coaching_minutes",
    "format",
    "cost",
    "updated_at",
];

type Cells = [String; COLUMNS.len()];

/// Few ids and days, so that rows collide; some rows are bad. Days are counted
/// from 2025-01-01; `2025-02-03` is what stands in where none is said, and is
/// none in the file.
fn row() -> impl Strategy<Value = Cells> {
    fn one(texts: &'static [&'static str]) -> impl Strategy<Value = String> {
        prop::sample::select(texts).prop_map(str::to_owned)
    }
    [
        one(&["s0", "s1", "s2", "s3"]),
        one(&["p0", "p1", "p2", "p3", "p4", "p5"]),
        one(&["c0", "c1", "c2"]),
        one(&["-185", "33", "34", "124", "", "2025-02-03"]),
        one(&["10", "20", ""]),
        one(&["courage", "focus;C", "luck", ""]),
        one(&["", "doubt", "doubt;luck", "change;doubt"]),
        one(&["", "C", "mentoring", "teaching"]),
        one(&["", "", "5", "15"]),
        one(&["", "online", "by post"]),
        one(&["", "1", "2.5"]),
        one(&["", "2025-01-01", "2025-01-02"]),
    ]
}

/// p5 is nobody.
fn people() -> impl Strategy<Value = Vec<String>> {
    let one = (0..5_u8, prop::bool::ANY, 0..3_u8, 0..3_usize);
    let one = one.prop_map(|(person, north, history, level)| {
        let unit = if north { "north" } else { "south" };
        let days = [",", "2025-01-01,2025-03-01", ",2025-02-01"][history as usize];
        let level = ["staff", "senior", ""][level];
        format!("p{person},{unit},{days},{level}\n")
    });
    prop::collection::vec(one, 0..10)
}

/// A project in which much is mapped.
fn project(unit: PrivacyUnit) -> Fixture {
    let mut fixture = Fixture::new();
    let project = &mut fixture.project;
    project.privacy.unit = unit;
    project.dimensions = vec![dimension("job_level", &["staff", "senior"])];
    project.formats = vec![label("online")];
    let sessions = &mut project.sources.sessions;
    let texts = |pairs: &[(&str, &str)]| {
        let pairs = pairs.iter();
        pairs
            .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
            .collect()
    };
    let mut day = Mapping::of("day");
    day.origin_date = Some(jiff::civil::date(2025, 1, 1));
    let mut mode = Mapping::of("type");
    mode.map = texts(&[("C", "coaching")]);
    let mut competency = Mapping::of("competency");
    competency.map = texts(&[("C", "courage")]);
    let mut minutes = Mapping::of("minutes");
    minutes.scale = 0.5;
    for (name, mapping) in [
        ("held_on", day),
        ("mode", mode),
        ("competency", competency),
        ("minutes", minutes),
    ] {
        sessions.columns.insert(name.to_owned(), mapping);
    }
    sessions.defaults = texts(&[("held_on", "2025-02-03"), ("minutes", "10")]);
    fixture
}

/// A file of rows, as CSV or NDJSON.
fn put(fixture: &Fixture, at: usize, rows: &[&Cells], json: bool) {
    if json {
        let line = |row: &&Cells| {
            let cells = COLUMNS.iter().zip(row.iter());
            let said: BTreeMap<_, _> = cells.filter(|(_, cell)| !cell.is_empty()).collect();
            serde_json::to_string(&said).expect("JSON") + "\n"
        };
        let text: String = rows.iter().map(line).collect();
        fixture.put(&format!("sessions-{at}.ndjson"), text);
    } else {
        let lines: String = rows.iter().map(|row| row.join(",") + "\n").collect();
        let head = COLUMNS.join(",");
        fixture.put(&format!("sessions-{at}.csv"), format!("{head}\n{lines}"));
    }
}

/// Reads the rows, split over files (every other one NDJSON), with some threads.
fn read_split(
    unit: PrivacyUnit,
    people: &[String],
    files: &[Vec<&Cells>],
    threads: usize,
) -> Whole {
    let fixture = project(unit);
    let head = "person_id,org_unit,valid_from,valid_to,job_level\n";
    fixture.put("people.csv", format!("{head}{}", people.concat()));
    for (at, rows) in files.iter().enumerate() {
        put(&fixture, at, rows, at % 2 == 1);
    }
    let half = Period::parse("2025-H1", Every::Half, 1).expect("a half");
    let quarters = ["2024-Q2", "2025-Q1", "2025-Q2"].map(quarter);
    let request = Request {
        periods: &[&quarters[..], &[half]].concat(),
        ..Request::default()
    };
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .expect("threads");
    let key = Key::new([7; 16]);
    let intake = pool.install(|| read(&fixture.project, &fixture.org(), &key, &request));
    let intake = intake.expect("readable");
    reconcile(&intake);
    intake
}

fn units() -> impl Strategy<Value = PrivacyUnit> {
    prop::sample::select(vec![PrivacyUnit::Person, PrivacyUnit::PersonPeriod])
}

/// What must not change: everything but which file a row is counted in.
fn outcome(intake: &Intake) -> (Vec<[u64; 4]>, BTreeMap<Period, u64>, u64, Vec<String>) {
    let counts = ["people", "sessions"]
        .map(|source| totals(intake, source))
        .to_vec();
    let reasons = intake
        .reports
        .iter()
        .map(|report| format!("{:?}", report.reasons()))
        .collect();
    (
        counts,
        intake.accepted_by_period.clone(),
        intake.unknown_themes,
        reasons,
    )
}

/// What is known of each person, by pseudonym.
fn by_person(intake: &Whole) -> Vec<BTreeMap<u128, BTreeSet<String>>> {
    let facts = |facts: &crate::ingest::PeriodFacts| {
        let mut known: BTreeMap<u128, BTreeSet<String>> = BTreeMap::new();
        let mut add = |member: u32, text: String| {
            known
                .entry(facts.members[member as usize].person)
                .or_default()
                .insert(text);
        };
        for (at, member) in facts.members.iter().enumerate() {
            let Member { unit, coached, .. } = member;
            add(
                at as u32,
                format!("unit {unit} {coached} {:?}", facts.values(member)),
            );
        }
        for (at, session) in facts.sessions.iter().enumerate() {
            let first = facts
                .sessions
                .iter()
                .position(|s| s.member == session.member);
            let (lists, themes) = (facts.competencies(session), facts.themes(session));
            let number = at - first.unwrap_or(0);
            let mut said = *session;
            // Numbers of members and lists are not the person's own.
            (said.member, said.competencies, said.themes) = (0, 0, 0);
            add(
                session.member,
                format!("{number} {said:?} {lists:?} {themes:?}"),
            );
        }
        for (member, coach) in &facts.coaches {
            add(*member, format!("coach {coach}"));
        }
        known
    };
    intake.periods.iter().map(facts).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn order_partition_and_threads_change_nothing(
        unit in units(),
        people in people(),
        rows in prop::collection::vec((row(), any::<u32>(), 0..3_usize), 0..40),
        threads in 1..4_usize,
    ) {
        let mut shuffled: Vec<_> = rows.iter().collect();
        shuffled.sort_by_key(|(_, order, _)| *order);
        let mut files = vec![Vec::new(); 3];
        for (row, _, file) in shuffled {
            files[*file].push(row);
        }
        let turned: Vec<String> = people.iter().rev().cloned().collect();
        let a = read_split(unit, &people, &[rows.iter().map(|(row, ..)| row).collect()], 1);
        let b = read_split(unit, &turned, &files, threads);
        prop_assert!(a.periods == b.periods);
        prop_assert_eq!(outcome(&a), outcome(&b));
    }

    #[test]
    fn nobody_changes_what_is_known_of_others(
        unit in units(),
        people in people(),
        rows in prop::collection::vec(row(), 0..40),
        gone in 0..6_u8,
    ) {
        let all = read_split(unit, &people, &[rows.iter().collect()], 2);
        let others = rows.iter().filter(|row| row[1] != format!("p{gone}")).collect();
        let start = format!("p{gone},");
        let remaining: Vec<String> =
            people.iter().filter(|row| !row.starts_with(&start)).cloned().collect();
        let without = read_split(unit, &remaining, &[others], 2);
        let person = Key::new([7; 16]).pseudonym(
            crate::ingest::key::Domain::Person,
            &format!("p{gone}"),
        );
        let mut expected = by_person(&all);
        for known in &mut expected {
            known.remove(&person);
        }
        prop_assert_eq!(expected, by_person(&without));
    }
}
