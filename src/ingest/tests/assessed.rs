//! What holds for assessments of any kind: nothing depends on the order of
//! rows, files or threads, or on what others' rows say.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::ingest::PeriodFacts;

const HEAD: &str =
    "subject_id,competency,instrument,score,assessed_on,wave,rater_id,rater_group,item";

/// The cells of a row, the subject's first; some are faulty.
fn row() -> impl Strategy<Value = Vec<String>> {
    let pick = |options: &[&'static str]| prop::sample::select(options.to_vec());
    let days = [
        "2024-02-10",
        "2024-08-01",
        "2024-11-30",
        "2025-01-15",
        "2025-02-20",
        "2025-05-05",
    ];
    (
        0..5_u8,
        pick(&["focus", "focus", "courage", "luck"]),
        pick(&["1", "2", "2.0", "4.5", "9"]),
        pick(&days),
        pick(&["", "", "baseline", "midpoint", "follow_up"]),
        pick(&["", "r1", "r2", "r3"]),
        pick(&["", "self", "manager", "peer", "coach"]),
        pick(&["", "", "q1", "q2", "q3"]),
    )
        .prop_map(
            |(person, competency, score, day, wave, rater, group, item)| {
                let person = format!("p{person}");
                let cells = [
                    &person, competency, "pulse", score, day, wave, rater, group, item,
                ];
                cells.map(str::to_owned).to_vec()
            },
        )
}

/// Reads rows that are split over files, every other one NDJSON.
fn read_split(
    unit: PrivacyUnit,
    people: bool,
    files: &[Vec<&Vec<String>>],
    threads: usize,
) -> Whole {
    let mut fixture = Fixture::assessed();
    fixture.project.privacy.unit = unit;
    if people {
        let rows = "p0,north\np1,south\np2,north\np4,south\n";
        fixture.put("people.csv", format!("person_id,org_unit\n{rows}"));
    } else {
        fixture.project.sources.people = None;
    }
    for (at, rows) in files.iter().enumerate() {
        if at % 2 == 0 {
            let rows: Vec<String> = rows.iter().map(|row| row.join(",")).collect();
            fixture.put(
                &format!("assessments-{at}.csv"),
                format!("{HEAD}\n{}\n", rows.join("\n")),
            );
        } else {
            let line = |row: &&Vec<String>| {
                let cells: BTreeMap<_, _> = HEAD.split(',').zip(row.iter()).collect();
                serde_json::to_string(&cells).expect("JSON")
            };
            let lines: Vec<String> = rows.iter().map(line).collect();
            fixture.put(&format!("assessments-{at}.ndjson"), lines.join("\n"));
        }
    }
    let half = Period::parse("2025-H1", Every::Half, 1).expect("a half");
    let request = Request {
        periods: &[quarter("2024-Q4"), quarter("2025-Q1"), half],
        ..Request::default()
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
    let pool = pool.build().expect("threads");
    let key = Key::new([7; 16]);
    let intake = pool.install(|| read(&fixture.project, &fixture.org(), &key, &request));
    let intake = intake.expect("readable");
    reconcile(&intake);
    intake
}

/// What is known of each person, by pseudonym.
fn by_person(facts: &PeriodFacts) -> BTreeMap<u128, BTreeSet<String>> {
    let mut known: BTreeMap<u128, BTreeSet<String>> = BTreeMap::new();
    for member in &facts.members {
        known
            .entry(member.person)
            .or_default()
            .insert(format!("unit {}", member.unit));
    }
    let mut add = |member: u32, text: String| {
        let person = facts.members[member as usize].person;
        known.entry(person).or_default().insert(text);
    };
    for (member, coach) in &facts.coaches {
        add(*member, format!("coach {coach}"));
    }
    // Numbers of members are not the person's own.
    for fact in facts.pairs.iter().copied() {
        add(
            fact.member,
            format!("{:?}", crate::ingest::PairFact { member: 0, ..fact }),
        );
    }
    for fact in facts.levels.iter().copied() {
        add(
            fact.member,
            format!("{:?}", crate::ingest::LevelFact { member: 0, ..fact }),
        );
    }
    for fact in facts.answers.iter().copied() {
        add(
            fact.member,
            format!("{:?}", crate::ingest::AnswerFact { member: 0, ..fact }),
        );
    }
    for fact in facts.ratings.iter().copied() {
        add(
            fact.member,
            format!("{:?}", crate::ingest::RatedFact { member: 0, ..fact }),
        );
    }
    known
}

fn units() -> impl Strategy<Value = PrivacyUnit> {
    prop::sample::select(vec![PrivacyUnit::Person, PrivacyUnit::PersonPeriod])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn order_partition_and_threads_change_nothing(
        unit in units(),
        people in any::<bool>(),
        rows in prop::collection::vec((row(), any::<u32>(), 0..3_usize), 0..60),
        threads in 1..4_usize,
    ) {
        let mut shuffled: Vec<_> = rows.iter().collect();
        shuffled.sort_by_key(|(_, order, _)| *order);
        let mut files = vec![Vec::new(); 3];
        for (row, _, file) in shuffled {
            files[*file].push(row);
        }
        let a = read_split(unit, people, &[rows.iter().map(|(row, ..)| row).collect()], 1);
        let b = read_split(unit, people, &files, threads);
        prop_assert!(a.periods == b.periods);
        prop_assert_eq!(totals(&a, "assessments"), totals(&b, "assessments"));
        prop_assert_eq!(&a.accepted_by_period, &b.accepted_by_period);
        for facts in &a.periods {
            prop_assert!(facts.pairs.is_sorted() && facts.levels.is_sorted());
            prop_assert!(facts.answers.is_sorted() && facts.ratings.is_sorted());
        }
    }

    #[test]
    fn nobody_changes_what_is_known_of_others(
        unit in units(),
        people in any::<bool>(),
        rows in prop::collection::vec(row(), 0..60),
        gone in 0..5_u8,
    ) {
        let gone = format!("p{gone}");
        let all = read_split(unit, people, &[rows.iter().collect()], 2);
        let others = rows.iter().filter(|row| row[0] != gone).collect();
        let without = read_split(unit, people, &[others], 2);
        let key = Key::new([7; 16]);
        let person = key.pseudonym(crate::ingest::key::Domain::Person, &gone);
        for (all, without) in all.periods.iter().zip(&without.periods) {
            let [mut all, mut without] = [all, without].map(by_person);
            all.remove(&person);
            without.remove(&person);
            prop_assert_eq!(all, without);
        }
    }
}
