//! Rows of assessments: what is wrong with them, duplicates, raters, members.

use std::collections::BTreeSet;

use super::*;
use crate::config::RaterGroup;

const ROWS: &str =
    "subject_id,competency,instrument,score,assessed_on,wave,rater_id,rater_group,item\n";

fn put(fixture: &Fixture, rows: &str) {
    fixture.put("assessments.csv", format!("{ROWS}{rows}"));
}

#[test]
fn every_fault_has_its_column_and_reason() {
    let fixture = Fixture::assessed();
    let long = "x".repeat(300);
    let cases = [
        (",focus,pulse,3,2025-02-03,,,,", "subject_id", "missing"),
        (
            "eve,focus,pulse,3,2025-02-03,,,,",
            "subject_id",
            "no_person",
        ),
        ("ana,,pulse,3,2025-02-03,,,,", "competency", "missing"),
        (
            "ana,canary,pulse,3,2025-02-03,,,,",
            "competency",
            "undeclared",
        ),
        ("ana,focus,,3,2025-02-03,,,,", "instrument", "missing"),
        (
            "ana,focus,canary,3,2025-02-03,,,,",
            "instrument",
            "undeclared",
        ),
        ("ana,focus,pulse,,2025-02-03,,,,", "score", "missing"),
        ("ana,focus,pulse,canary,2025-02-03,,,,", "score", "number"),
        ("ana,focus,pulse,0.9,2025-02-03,,,,", "score", "range"),
        ("ana,focus,pulse,5.1,2025-02-03,,,,", "score", "range"),
        ("ana,focus,pulse,3,,,,,", "assessed_on", "missing"),
        ("ana,focus,pulse,3,canary,,,,", "assessed_on", "date"),
        ("ana,focus,pulse,3,1899-12-31,,,,", "assessed_on", "range"),
        ("ana,focus,pulse,3,2025-02-03,canary,,,", "wave", "value"),
        (
            &format!("ana,focus,pulse,3,2025-02-03,,{long},,"),
            "rater_id",
            "id",
        ),
        (
            "ana,focus,pulse,3,2025-02-03,,,canary,",
            "rater_group",
            "value",
        ),
        (
            "ana,focus,pulse,3,2025-02-03,,,,canary",
            "item",
            "undeclared",
        ),
        ("ana,focus,pulse,3", "", "field_count"),
    ];
    let good = "ana,focus,pulse,3.25,2025-02-03,midpoint,r1,peer,q2\n";
    let rows = cases
        .iter()
        .map(|(row, ..)| *row)
        .collect::<Vec<_>>()
        .join("\n");
    put(&fixture, &format!("{rows}\n{good}"));
    let intake = fixture.read(&["2025-Q1"]);
    let expected: Vec<_> = (1..)
        .zip(cases)
        .map(|(n, (_, column, reason))| (n, column, reason))
        .collect();
    assert_eq!(faults(&intake, "assessments"), expected);
    assert_eq!(totals(&intake, "assessments"), [19, 1, 0, 18]);
    let refusal = intake.refusal(&fixture.project).expect("too many");
    let text = format!("{refusal} {refusal:?} {intake:?}");
    assert!(text.contains("assessments: 18 of 19 rows"), "{text}");
    assert!(!text.contains("canary"));
    let state = fixture.dir.path().join("state");
    crate::ingest::write_quarantine(&intake, &state).expect("written");
    let listing = fs::read(state.join("quarantine/assessments.parquet")).expect("there");
    assert!(!String::from_utf8_lossy(&listing).contains("canary"));
}

#[test]
fn an_instrument_without_items_has_none() {
    let mut fixture = Fixture::assessed();
    fixture.project.instruments[0].items.clear();
    put(
        &fixture,
        "ana,focus,pulse,3,2025-02-03,,,,q1\nana,focus,pulse,3,2025-02-03,,,,\n",
    );
    let intake = fixture.read(&[]);
    assert_eq!(faults(&intake, "assessments"), [(1, "item", "undeclared")]);
}

#[test]
fn a_row_is_told_by_its_natural_key() {
    let fixture = Fixture::assessed();
    let row = |cells: &str| format!("ana,{cells}\n");
    let one = "focus,pulse,3,2025-02-03,,r1,peer,q1";
    let others = [
        "courage,pulse,3,2025-02-03,,r1,peer,q1",
        "focus,pulse,3,2025-02-04,,r1,peer,q1",
        "focus,pulse,3,2025-02-03,baseline,r1,peer,q1",
        "focus,pulse,3,2025-02-03,,r2,peer,q1",
        "focus,pulse,3,2025-02-03,,,peer,q1",
        "focus,pulse,3,2025-02-03,,r1,report,q1",
        "focus,pulse,3,2025-02-03,,r1,peer,q2",
        "focus,pulse,3,2025-02-03,,r1,peer,",
    ];
    let rows: String = others.map(row).concat();
    put(&fixture, &format!("{}{rows}bob,{one}\n", row(one)));
    assert_eq!(totals(&fixture.read(&[]), "assessments"), [10, 10, 0, 0]);
    let same = [one, "focus,pulse,3.0,2025-02-03T10:00Z,,r1,peer,q1"];
    put(&fixture, &same.map(row).concat());
    assert_eq!(totals(&fixture.read(&[]), "assessments"), [2, 1, 1, 0]);
    // No group is self.
    let same = [
        "focus,pulse,3,2025-02-03,,,,",
        "focus,pulse,3,2025-02-03,,,self,",
    ];
    put(&fixture, &same.map(row).concat());
    assert_eq!(totals(&fixture.read(&[]), "assessments"), [2, 1, 1, 0]);
}

#[test]
fn of_conflicting_scores_one_counts_whatever_the_order() {
    let mut fixture = Fixture::assessed();
    let scores = ["1", "2", "3", "4", "5"];
    let rows = |scores: &[&str]| {
        let row = |score: &&str| format!("ana,focus,pulse,{score},2025-02-03,,,,\n");
        scores.iter().map(row).collect::<Vec<_>>().concat()
    };
    let level = |fixture: &Fixture, text: &str| {
        put(fixture, text);
        let intake = fixture.read(&["2025-Q1"]);
        assert_eq!(totals(&intake, "assessments"), [5, 1, 4, 0]);
        intake.periods[0].levels[0].level
    };
    let first = level(&fixture, &rows(&scores));
    let mut turned = scores;
    turned.reverse();
    assert_eq!(level(&fixture, &rows(&turned)), first);
    fixture.project.privacy.unit = PrivacyUnit::PersonPeriod;
    assert_eq!(level(&fixture, &rows(&turned)), first);
}

#[test]
fn managers_and_coaches_who_rate_know_whom() {
    let mut fixture = Fixture::assessed();
    fixture.put(
        "sessions.csv",
        format!("{HEAD}s1,ana,kim,2025-02-03,60,focus,,,,\n"),
    );
    // The last two rows are faulty, and name a rater all the same.
    put(
        &fixture,
        "ana,focus,pulse,3,2025-02-03,,kim,coach,\nana,focus,pulse,3,2024-04-01,,lee,manager,\n\
         ana,focus,pulse,3,2024-03-31,,too-early,manager,\nana,focus,pulse,3,2025-02-03,,p,peer,\n\
         ana,focus,pulse,3,2025-02-03,,,manager,\nana,focus,pulse,9,2025-03-03,,mia,manager,\n\
         bob,canary,pulse,3,2025-03-03,,kim,coach,\n",
    );
    let coaches = |fixture: &Fixture| {
        let intake = fixture.read(&["2025-Q1"]);
        let facts = &intake.periods[0];
        let key = Key::new([7; 16]);
        let names = ["kim", "lee", "mia", "p", "too-early"];
        let name = |coach: u64| {
            let is = |name: &&str| {
                let domain = crate::ingest::key::Domain::Coach;
                key.pseudonym(domain, name) as u64 == coach
            };
            names.into_iter().find(is).expect("known")
        };
        let ana = facts
            .members
            .iter()
            .position(|member| member.coached)
            .expect("Ana");
        let pairs = facts.coaches.iter();
        pairs
            .map(|(member, coach)| (*member as usize == ana, name(*coach)))
            .collect::<BTreeSet<_>>()
    };
    let expected = [(true, "kim"), (true, "lee"), (true, "mia"), (false, "kim")];
    assert_eq!(coaches(&fixture), BTreeSet::from(expected));
    fixture.project.privacy.unit = PrivacyUnit::PersonPeriod;
    let expected = [(true, "kim"), (true, "mia"), (false, "kim")];
    assert_eq!(coaches(&fixture), BTreeSet::from(expected));
}

#[test]
fn the_assessed_are_members_coached_or_not() {
    let mut fixture = Fixture::assessed();
    put(
        &fixture,
        "ana,focus,pulse,3,2025-02-03,,,,\neve,focus,pulse,3,2025-02-03,,,,\n\
         dan,focus,pulse,3,2025-04-03,,,,\n",
    );
    fixture.put(
        "sessions.csv",
        format!("{HEAD}s1,bob,c1,2025-02-03,60,focus,,,,\n"),
    );
    let members = |fixture: &Fixture, period: &str| {
        let intake = fixture.read(&[period]);
        let facts = &intake.periods[0];
        let coached = facts.members.iter().filter(|member| member.coached).count();
        assert!(facts.members.is_sorted_by_key(|member| member.person));
        (facts.members.len(), coached, facts.levels.len())
    };
    // Eve and Dan have no people row, and so no accepted row.
    assert_eq!(members(&fixture, "2025-Q1"), (2, 1, 1));
    fixture.project.sources.people = None;
    assert_eq!(members(&fixture, "2025-Q1"), (3, 1, 2));
    assert_eq!(members(&fixture, "2025-Q2"), (1, 0, 1));
    assert_eq!(fixture.read(&[]).accepted_by_period[&quarter("2025-Q1")], 3);
}

#[test]
fn rows_of_other_periods_say_nothing_where_they_are_not_protected_together() {
    let mut fixture = Fixture::assessed();
    put(
        &fixture,
        "ana,focus,pulse,2,2024-11-03,,,,\nana,focus,pulse,4,2025-02-03,,,,\n",
    );
    let half = Period::parse("2025-H1", Every::Half, 1).expect("a half");
    let pairs = |fixture: &Fixture| {
        let request = Request {
            periods: &[quarter("2025-Q1"), half],
            ..Request::default()
        };
        let key = Key::new([7; 16]);
        let intake = read(&fixture.project, &fixture.org(), &key, &request).expect("readable");
        let facts = intake.periods.iter();
        facts
            .map(|facts| (facts.pairs.clone(), facts.levels.len()))
            .collect::<Vec<_>>()
    };
    let found = pairs(&fixture);
    let [(quarterly, 1), (halfyearly, 1)] = &found[..] else {
        panic!("two spans")
    };
    assert_eq!(quarterly, halfyearly);
    let [pair] = quarterly[..] else {
        panic!("one pair")
    };
    assert_eq!(
        (pair.group, pair.baseline, pair.follow_up),
        (RaterGroup::SelfRated, 16_384, 49_152)
    );
    fixture.project.privacy.unit = PrivacyUnit::PersonPeriod;
    assert_eq!(pairs(&fixture), [(Vec::new(), 1), (Vec::new(), 1)]);
}

#[test]
fn only_the_files_asked_for_are_read() {
    let fixture = Fixture::assessed();
    let rows = format!("{ROWS}ana,focus,pulse,2,2024-11-03,,,,\n");
    fixture.put("assessments-1.csv", &rows);
    fixture.put("assessments-2.csv", "not read");
    let only = [fixture.dir.path().join("assessments-1.csv")].into();
    let request = Request {
        only: Some(&only),
        ..Request::default()
    };
    let key = Key::new([7; 16]);
    let intake = read(&fixture.project, &fixture.org(), &key, &request).expect("read");
    assert_eq!(totals(&intake, "assessments"), [1, 1, 0, 0]);
    let mut sources = intake.reports.iter().map(|report| report.source);
    assert!(!sources.any(|source| source == "sessions"));
}
