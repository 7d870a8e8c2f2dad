//! Outcomes: rows that break a rule, what counts of several, and values.

use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, Float64Array, Int64Array, StringArray};
use proptest::prelude::*;

use super::parquet::encode;
use super::*;
use crate::config::Metric;
use crate::ingest::{PastOutcome, PeriodFacts};

const HEAD: &str = "person_id,measured_on,metric,value\n";
const SESSION: &str = "s0,ana,c1,2025-02-03,60,courage,,,,\n";

/// Days absent, at most 92, of which 0 to 16 count; and whether somebody stays.
fn metrics() -> Vec<Metric> {
    let metric = |id: &str, range, clip| Metric {
        label: label(id),
        unit: String::new(),
        range,
        clip,
        higher_is_better: false,
    };
    vec![
        metric("absence", (-1.0, 92.0), (0.0, 16.0)),
        metric("stays", (0.0, 1.0), (0.0, 1.0)),
    ]
}

/// A project with outcomes, and one session.
fn project() -> Fixture {
    let mut fixture = Fixture::new();
    let base = fixture.dir.path().to_owned();
    fixture.project.sources.outcomes = Some(source("outcomes", "outcomes*", base));
    fixture.project.metrics = metrics();
    fixture.put("sessions.csv", format!("{}{SESSION}", super::HEAD));
    fixture
}

fn person(id: &str) -> u128 {
    Key::new([7; 16]).pseudonym(crate::ingest::key::Domain::Person, id)
}

/// `ana absence 4096 bob stays 65536`, for some people and the metrics.
fn shown(found: &[PastOutcome]) -> String {
    let ids = ["ana", "bob", "zoe", "eve"];
    let mut texts: Vec<String> = found
        .iter()
        .map(|one| {
            let id = ids.iter().find(|id| person(id) == one.person);
            let metric = &metrics()[usize::from(one.metric)].label.id;
            format!("{} {metric} {}", id.expect("somebody"), one.value)
        })
        .collect();
    assert!(found.is_sorted());
    texts.sort();
    texts.join(" ")
}

/// The outcomes of a period's members.
fn of_members(facts: &PeriodFacts) -> String {
    let whose = |fact: &super::super::OutcomeFact| PastOutcome {
        person: facts.members[fact.member as usize].person,
        metric: fact.metric,
        value: fact.value,
        beyond: fact.beyond,
    };
    let all: Vec<PastOutcome> = facts.outcomes.iter().map(whose).collect();
    shown(&all)
}

#[test]
fn every_bad_outcome_has_its_reason() {
    let long = "x".repeat(257);
    let cases = [
        (",2025-02-03,absence,1", "person_id", "missing"),
        (&format!("{long},2025-02-03,absence,1"), "person_id", "id"),
        ("ana,,absence,1", "measured_on", "missing"),
        ("ana,03/02/2025,absence,1", "measured_on", "date"),
        ("ana,1899-12-31,absence,1", "measured_on", "range"),
        ("ana,2025-02-03,,1", "metric", "missing"),
        ("ana,2025-02-03,luck,1", "metric", "undeclared"),
        ("ana,2025-02-03,absence,", "value", "missing"),
        ("ana,2025-02-03,absence,many", "value", "number"),
        ("ana,2025-02-03,absence,NaN", "value", "number"),
        ("ana,2025-02-03,absence,inf", "value", "number"),
        ("ana,2025-02-03,absence,1e999", "value", "number"),
        ("ana,2025-02-03,absence,-1.01", "value", "range"),
        ("ana,2025-02-03,absence,92.5", "value", "range"),
        ("canary,2025-02-03,absence,1", "person_id", "no_person"),
        ("ana,2025-02-03,absence", "", "field_count"),
    ];
    let fixture = project();
    let good = "bob,2025-02-03,absence,92\n";
    let all: String = cases.map(|(row, ..)| format!("{row}\n")).concat();
    fixture.put("outcomes.csv", format!("{HEAD}{good}{all}"));
    let intake = fixture.read(&["2025-Q1"]);
    let expected: Vec<_> = (2..)
        .zip(cases)
        .map(|(row, (_, column, reason))| (row, column, reason))
        .collect();
    assert_eq!(faults(&intake, "outcomes"), expected);
    assert_eq!(totals(&intake, "outcomes"), [17, 1, 0, 16]);
    assert_eq!(of_members(&intake.periods[0]), "bob absence 65536");
    let refusal = intake.refusal(&fixture.project).expect("too many");
    let refusal = refusal.to_string();
    assert!(
        refusal.starts_with("outcomes: 16 of 17 rows are"),
        "{refusal}"
    );
    assert!(
        refusal.contains("[sources.outcomes]") && !refusal.contains("canary"),
        "{refusal}"
    );
}

#[test]
fn people_count_in_the_periods_in_which_they_have_a_row() {
    let fixture = project();
    fixture.put(
        "people.csv",
        "person_id,org_unit,valid_from,valid_to\nana,north,2025-04-01,\nbob,south,,2025-05-01\n",
    );
    fixture.put(
        "outcomes.csv",
        format!(
            "{HEAD}ana,2025-03-31,stays,1\nana,2025-04-01,stays,1\nbob,2025-06-30,stays,1\n\
             bob,2025-07-01,stays,1\n"
        ),
    );
    let intake = fixture.read(&["2025-Q1", "2025-Q2", "2025-Q3"]);
    let expected = [1, 4].map(|row| (row, "person_id", "no_person"));
    assert_eq!(faults(&intake, "outcomes"), expected);
    let found: Vec<String> = intake.periods.iter().map(of_members).collect();
    assert_eq!(found, ["", "ana stays 65536 bob stays 65536", ""]);
}

#[test]
fn of_rows_about_the_same_one_counts() {
    let fixture = project();
    let rows = [
        "ana,2025-02-03,absence,4\n",
        "ana,2025-02-03T10:00,absence,4.0\n",
        "ana,2025-02-03,stays,1\n",
        "ana,2025-02-04,absence,4\n",
        "bob,2025-02-03,absence,4\n",
        "bob,2025-02-03,absence,8\n",
        "bob,2025-02-03,absence,12\n",
    ];
    fixture.put("outcomes.csv", format!("{HEAD}{}", rows.concat()));
    let intake = fixture.read(&["2025-Q1"]);
    assert_eq!(totals(&intake, "outcomes"), [7, 4, 3, 0]);
    let first = of_members(&intake.periods[0]);
    let [one, other] = ["ana absence 16384 ana stays 65536 bob absence ", ""];
    assert!(first.starts_with(one) && first.ends_with(other), "{first}");
    let value: u32 = first[one.len()..].parse().expect("a number");
    // One of the three, and no mean of them.
    assert!([16_384, 32_768, 49_152].contains(&value), "{first}");
    let turned: String = rows.iter().rev().copied().collect();
    fixture.put("outcomes.csv", format!("{HEAD}{turned}"));
    assert_eq!(of_members(&fixture.read(&["2025-Q1"]).periods[0]), first);
}

#[test]
fn a_span_has_the_mean_of_its_own_rows() {
    let fixture = project();
    fixture.put(
        "outcomes.csv",
        format!(
            "{HEAD}ana,2024-12-31,absence,92\nana,2025-01-01,absence,0\nana,2025-03-31,absence,1\n\
             ana,2025-04-01,absence,5\nbob,2025-02-01,stays,0\nana,2025-06-30,absence,92\n\
             bob,2024-02-01,absence,-1\n"
        ),
    );
    let half = Period::parse("2025-H1", Every::Half, 1).expect("a half");
    let before = Period::parse("2024", Every::Year, 1).expect("a year");
    let request = Request {
        periods: &[half, quarter("2025-Q1")],
        outcome_spans: &[before, quarter("2024-Q3")],
        ..Request::default()
    };
    let key = Key::new([7; 16]);
    let intake = read(&fixture.project, &fixture.org(), &key, &request).expect("readable");
    reconcile(&intake);
    let found: Vec<String> = intake.periods.iter().map(of_members).collect();
    // (0 + 1 + 5 + 92) / 4 is beyond the clip; 1 / 2 is 1/32 of it.
    assert_eq!(
        found,
        [
            "ana absence 65536 bob stays 0",
            "ana absence 2048 bob stays 0"
        ]
    );
    assert_eq!(
        shown(&intake.outcomes_before[&before]),
        "ana absence 65536 bob absence 0"
    );
    assert!(intake.outcomes_before[&quarter("2024-Q3")].is_empty());
    let by_period: Vec<_> = intake.accepted_by_period.iter().collect();
    let counted = [
        ("2024-Q1", 1),
        ("2024-Q4", 1),
        ("2025-Q1", 4),
        ("2025-Q2", 2),
    ];
    let counted = counted.map(|(name, rows)| (quarter(name), rows));
    assert_eq!(
        by_period,
        counted.each_ref().map(|(period, rows)| (period, rows))
    );
}

#[test]
fn without_people_those_with_outcomes_are_members_too() {
    let mut fixture = project();
    fixture.project.sources.people = None;
    fixture.put(
        "outcomes.csv",
        format!("{HEAD}ana,2025-02-03,stays,1\nzoe,2025-02-03,stays,0\neve,2025-04-03,stays,0\n"),
    );
    let intake = fixture.read(&["2025-Q1"]);
    let facts = &intake.periods[0];
    assert_eq!(of_members(facts), "ana stays 65536 zoe stays 0");
    let coached: Vec<_> = facts
        .members
        .iter()
        .filter(|member| member.coached)
        .collect();
    assert_eq!((facts.members.len(), coached.len()), (2, 1));
    assert_eq!(coached[0].person, person("ana"));
    assert!(facts.members.is_sorted_by_key(|member| member.person));
}

#[test]
fn all_formats_say_the_same() {
    let mut fixture = project();
    let outcomes = fixture.project.sources.outcomes.as_mut().expect("outcomes");
    let mut value = Mapping::of("share");
    value.scale = 16.0;
    let mut metric = Mapping::of("kind");
    metric.map = BTreeMap::from([("away".to_owned(), "absence".to_owned())]);
    let mut day = Mapping::of("day");
    day.origin_date = Some(jiff::civil::date(2025, 1, 1));
    for (name, mapping) in [("value", value), ("metric", metric), ("measured_on", day)] {
        outcomes.columns.insert(name.to_owned(), mapping);
    }
    outcomes.defaults = BTreeMap::from([("metric".to_owned(), "absence".to_owned())]);
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("person_id", Arc::new(StringArray::from(vec!["ana", "bob"]))),
        ("day", Arc::new(Int64Array::from(vec![31, 32]))),
        (
            "kind",
            Arc::new(StringArray::from(vec![Some("away"), None])),
        ),
        ("share", Arc::new(Float64Array::from(vec![0.25, 0.75]))),
    ];
    let files = [
        (
            "csv",
            b"person_id,day,kind,share\nana,31,away,0.25\nbob,32,,0.75\n".to_vec(),
        ),
        (
            "ndjson",
            b"{\"person_id\":\"ana\",\"day\":31,\"kind\":\"away\",\"share\":0.25}\n\
              {\"person_id\":\"bob\",\"day\":32,\"share\":\"0.75\"}\n"
                .to_vec(),
        ),
        ("parquet", encode(columns)),
    ];
    for (format, bytes) in files {
        let name = format!("outcomes.{format}");
        fixture.put(&name, bytes);
        let intake = fixture.read(&["2025-Q1"]);
        assert_eq!(totals(&intake, "outcomes"), [2, 2, 0, 0], "{format}");
        let found = of_members(&intake.periods[0]);
        assert_eq!(found, "ana absence 16384 bob absence 49152", "{format}");
        fs::remove_file(fixture.dir.path().join(name)).expect("removed");
    }
    // A column of days that are dates, and a table without a column.
    let dates: ArrayRef = Arc::new(Date32Array::from(vec![20_122]));
    fixture.put("outcomes.parquet", encode(vec![("canary", dates)]));
    let refusal = fixture.refusal();
    assert!(
        refusal.contains("outcomes: outcomes.parquet: column \"person_id\""),
        "{refusal}"
    );
}

#[test]
fn only_the_files_asked_for_are_read_and_reported() {
    let fixture = project();
    fixture.put("outcomes-1.csv", format!("{HEAD}ana,2025-02-03,stays,1\n"));
    fixture.put("outcomes-2.csv", "not read");
    let read_only = |name: &str| {
        let only = [fixture.dir.path().join(name)].into();
        let request = Request {
            only: Some(&only),
            ..Request::default()
        };
        let key = Key::new([7; 16]);
        let intake = read(&fixture.project, &fixture.org(), &key, &request).expect("readable");
        let sources = intake.reports.iter().map(|report| report.source);
        (
            sources.collect::<Vec<_>>().join(" "),
            intake.intake.accepted_by_period,
        )
    };
    let one = BTreeMap::from([(quarter("2025-Q1"), 1)]);
    assert_eq!(
        read_only("outcomes-1.csv"),
        ("org people outcomes".to_owned(), one.clone())
    );
    assert_eq!(
        read_only("sessions.csv"),
        ("org people sessions".to_owned(), one)
    );
}

type Cells = [String; 4];

/// Few people and days, so that rows collide; some rows are bad.
fn row() -> impl Strategy<Value = Cells> {
    fn one(texts: &'static [&'static str]) -> impl Strategy<Value = String> {
        prop::sample::select(texts).prop_map(str::to_owned)
    }
    [
        one(&["ana", "bob", "zoe", "eve"]),
        one(&["2024-12-31", "2025-02-03", "2025-02-04", "2025-04-01", ""]),
        one(&["absence", "stays", "luck"]),
        one(&["0", "0.1", "0.3", "1", "1.0", "7.7", "92", "93"]),
    ]
}

fn read_rows(unit: PrivacyUnit, files: &[Vec<&Cells>], threads: usize) -> Whole {
    let mut fixture = project();
    fixture.project.privacy.unit = unit;
    fixture.put("people.csv", format!("{PEOPLE}eve,north\n"));
    for (at, rows) in files.iter().enumerate() {
        let lines: String = rows.iter().map(|row| row.join(",") + "\n").collect();
        fixture.put(&format!("outcomes-{at}.csv"), format!("{HEAD}{lines}"));
    }
    let half = Period::parse("2025-H1", Every::Half, 1).expect("a half");
    let request = Request {
        periods: &[half, quarter("2025-Q1")],
        outcome_spans: &[quarter("2024-Q4"), half],
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

fn units() -> impl Strategy<Value = PrivacyUnit> {
    prop::sample::select(vec![PrivacyUnit::Person, PrivacyUnit::PersonPeriod])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn order_partition_and_threads_change_nothing(
        unit in units(),
        rows in prop::collection::vec((row(), any::<u32>(), 0..2_usize), 0..40),
        threads in 1..4_usize,
    ) {
        let mut shuffled: Vec<_> = rows.iter().collect();
        shuffled.sort_by_key(|(_, order, _)| *order);
        let mut files = vec![Vec::new(); 2];
        for (row, _, file) in shuffled {
            files[*file].push(row);
        }
        let a = read_rows(unit, &[rows.iter().map(|(row, ..)| row).collect()], 1);
        let b = read_rows(unit, &files, threads);
        prop_assert!(a.periods == b.periods);
        prop_assert_eq!(&a.outcomes_before, &b.outcomes_before);
        prop_assert_eq!(totals(&a, "outcomes"), totals(&b, "outcomes"));
        prop_assert_eq!(&a.accepted_by_period, &b.accepted_by_period);
    }

    #[test]
    fn nobody_changes_what_is_known_of_others(
        unit in units(),
        rows in prop::collection::vec(row(), 0..40),
        gone in prop::sample::select(vec!["ana", "bob", "eve"]),
    ) {
        let others: Vec<&Cells> = rows.iter().filter(|row| row[0] != gone).collect();
        let all = read_rows(unit, &[rows.iter().collect()], 2);
        let without = read_rows(unit, &[others], 2);
        let spans = all.outcomes_before.iter().zip(&without.outcomes_before);
        for ((_, all), (_, without)) in spans {
            let kept = all.iter().filter(|one| one.person != person(gone));
            prop_assert_eq!(&kept.copied().collect::<Vec<_>>(), without);
        }
    }
}
