//! Order, partition and threads change nothing; nor does anybody else.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

/// Few ids and days, so that rows collide; some rows are bad.
fn row() -> impl Strategy<Value = String> {
    let day = prop::sample::select(vec![
        "2024-06-30",
        "2025-02-03",
        "2025-02-04",
        "2025-05-05",
        "03/02/2025",
    ]);
    let list = prop::sample::select(vec!["courage", "focus;courage", "luck", ""]);
    let themes = prop::sample::select(vec!["", "doubt", "doubt;luck", "change;doubt"]);
    let updated = prop::sample::select(vec!["", "2025-01-01", "2025-01-02"]);
    (
        0..4_u8,
        0..6_u8,
        0..3_u8,
        day,
        1..3_u8,
        list,
        themes,
        updated,
    )
        .prop_map(|(id, person, coach, day, minutes, list, themes, updated)| {
            format!("s{id},p{person},c{coach},{day},{minutes}0,{list},{themes},,,{updated}\n")
        })
}

/// p5 is nobody.
fn people() -> impl Strategy<Value = Vec<String>> {
    let one = (0..5_u8, prop::bool::ANY, 0..3_u8).prop_map(|(person, north, history)| {
        let unit = if north { "north" } else { "south" };
        let days = [",", "2025-01-01,2025-03-01", ",2025-02-01"][history as usize];
        format!("p{person},{unit},{days}\n")
    });
    prop::collection::vec(one, 0..10)
}

const PERIODS: [&str; 3] = ["2024-Q2", "2025-Q1", "2025-Q2"];

/// Reads the rows, split over files, with some threads.
fn read_split(people: &[String], files: &[Vec<&String>], threads: usize) -> Intake {
    let fixture = Fixture::new();
    fixture.put(
        "people.csv",
        format!(
            "person_id,org_unit,valid_from,valid_to\n{}",
            people.concat()
        ),
    );
    for (at, rows) in files.iter().enumerate() {
        let rows: String = rows.iter().map(|row| row.as_str()).collect();
        fixture.put(&format!("sessions-{at}.csv"), format!("{HEAD}{rows}"));
    }
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .expect("threads");
    pool.install(|| fixture.read(&PERIODS))
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
fn by_person(intake: &Intake) -> Vec<BTreeMap<u128, BTreeSet<String>>> {
    let facts = |facts: &crate::ingest::PeriodFacts| {
        let mut known: BTreeMap<u128, BTreeSet<String>> = BTreeMap::new();
        let mut add = |member: u32, text: String| {
            known
                .entry(facts.members[member as usize].person)
                .or_default()
                .insert(text);
        };
        for (at, member) in facts.members.iter().enumerate() {
            add(at as u32, format!("unit {}", member.unit));
        }
        for (at, session) in facts.sessions.iter().enumerate() {
            let first = facts
                .sessions
                .iter()
                .position(|s| s.member == session.member);
            let (lists, themes) = (facts.competencies(session), facts.themes(session));
            let number = at - first.unwrap_or(0);
            add(
                session.member,
                format!("{number} {} {lists:?} {themes:?}", session.minutes),
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
        let a = read_split(&people, &[rows.iter().map(|(row, ..)| row).collect()], 1);
        let b = read_split(&turned, &files, threads);
        prop_assert!(a.periods == b.periods);
        prop_assert_eq!(outcome(&a), outcome(&b));
    }

    #[test]
    fn nobody_changes_what_is_known_of_others(
        people in people(),
        rows in prop::collection::vec(row(), 0..40),
        gone in 0..6_u8,
    ) {
        let all = read_split(&people, &[rows.iter().collect()], 2);
        let inside = format!(",p{gone},");
        let others: Vec<&String> = rows.iter().filter(|row| !row.contains(&inside)).collect();
        let start = format!("p{gone},");
        let remaining: Vec<String> =
            people.iter().filter(|row| !row.starts_with(&start)).cloned().collect();
        let without = read_split(&remaining, &[others], 2);
        let person = Key::new([7; 16]).hash(
            crate::ingest::key::Domain::Person,
            &[format!("p{gone}").as_bytes()],
        );
        let mut expected = by_person(&all);
        for known in &mut expected {
            known.remove(&person);
        }
        prop_assert_eq!(expected, by_person(&without));
    }
}
