//! What accepted rows become: the head-count and its values, sessions and their
//! numbers, spans of any length, and each person's rows of one period.

use super::*;
use crate::ingest::{Member, PeriodFacts, SessionFact};

const WIDE: &str = "session_id,coachee_id,coach_id,held_on,minutes,competency,mode,coaching_minutes,format,cost,updated_at\n";

/// Unit, values and whether coached, of every member, sorted.
fn shown(fixture: &Fixture, facts: &PeriodFacts) -> Vec<String> {
    let tree = fixture.org().tree(&facts.period).expect("a tree");
    let text = |member: &Member| {
        let values: Vec<&str> = fixture
            .project
            .dimensions
            .iter()
            .zip(facts.values(member))
            .map(|(dimension, value)| dimension.values[usize::from(*value)].id.as_str())
            .collect();
        assert_eq!(values.len(), fixture.project.dimensions.len());
        let coached = if member.coached { "*" } else { "" };
        let unit = &tree.unit(member.unit as usize).id;
        format!("{unit} {}{coached}", values.join(" "))
    };
    let mut all: Vec<String> = facts.members.iter().map(text).collect();
    all.sort();
    all
}

#[test]
fn the_head_count_is_everybody_with_a_place_in_the_period() {
    let mut fixture = Fixture::new();
    let dimensions = vec![
        dimension("job_level", &["staff", "senior"]),
        dimension("location", &["berlin", "paris"]),
    ];
    fixture.project.dimensions = dimensions;
    let people = fixture.project.sources.people.as_mut().expect("people");
    people
        .defaults
        .insert("location".to_owned(), "paris".to_owned());
    fixture.put(
        "people.csv",
        "location,person_id,org_unit,valid_from,valid_to,job_level\n\
         berlin,ana,north,,,staff\n,bob,south,,,senior\nberlin,cid,north,2025-01-01,2025-02-15,staff\n\
         paris,cid,south,2025-02-16,,senior\nparis,dan,north,2025-04-01,,staff\n\
         rome,eve,north,,,staff\nberlin,fay,north,,,boss\nberlin,gus,north,,,\n",
    );
    fixture.put(
        "sessions.csv",
        format!("{HEAD}s1,ana,c1,2025-02-03,60,courage,,,,\ns1,cid,c1,2025-05-03,60,courage,,,,\n"),
    );
    let intake = fixture.read(&["2025-Q1", "2025-Q2"]);
    let expected = [
        (6, "location", "undeclared"),
        (7, "job_level", "undeclared"),
        (8, "job_level", "missing"),
    ];
    assert_eq!(faults(&intake, "people"), expected);
    let [first, second] = intake.periods.as_slice() else {
        panic!("two periods")
    };
    let expected = [
        "north staff berlin*",
        "south senior paris",
        "south senior paris",
    ];
    assert_eq!(shown(&fixture, first), expected);
    let expected = [
        "north staff berlin",
        "north staff paris",
        "south senior paris",
        "south senior paris*",
    ];
    assert_eq!(shown(&fixture, second), expected);
    for facts in &intake.periods {
        assert!(facts.members.is_sorted_by_key(|member| member.person));
    }
    // Without people, there is nobody but the coachees.
    fixture.project.sources.people = None;
    fixture.project.dimensions.clear();
    let intake = fixture.read(&["2025-Q1"]);
    assert_eq!(shown(&fixture, &intake.periods[0]), ["Acme *"]);
}

#[test]
fn a_file_without_a_declared_column_is_refused() {
    let mut fixture = Fixture::new();
    fixture.project.dimensions = vec![dimension("location", &["berlin"])];
    fixture.put("sessions.csv", HEAD);
    let refusal = fixture.refusal();
    assert!(
        refusal.contains("column \"location\": is missing"),
        "{refusal}"
    );
}

fn sessions(fixture: &Fixture, rows: &str) -> (Vec<SessionFact>, Vec<(u64, String, String)>) {
    fixture.put("sessions.csv", format!("{WIDE}{rows}"));
    let intake = fixture.read(&["2025-Q1"]);
    let faults = faults(&intake, "sessions").into_iter();
    let faults = faults.map(|(row, column, reason)| (row, column.to_owned(), reason.to_owned()));
    (intake.periods[0].sessions.clone(), faults.collect())
}

#[test]
fn coaching_minutes_cost_and_format() {
    let mut fixture = Fixture::new();
    fixture.project.formats = vec![label("online"), label("in person")];
    for (cells, coaching, format, cost) in [
        (",,,", None, None, None),
        ("coaching,,,", Some(6000), None, None),
        ("mentoring,,,", Some(0), None, None),
        ("mentoring,20.5,in person,", Some(2050), Some(1), None),
        (",60,online,99.999", Some(6000), Some(0), Some(10_000)),
        ("coaching,0,,0", Some(0), None, Some(0)),
        (",,,10000000", None, None, Some(1_000_000_000)),
    ] {
        let row = format!("s1,ana,c1,2025-02-03,60,courage,{cells},\n");
        let (found, faults) = sessions(&fixture, &row);
        assert!(faults.is_empty(), "{cells}: {faults:?}");
        let [session] = found.as_slice() else {
            panic!("one session")
        };
        assert_eq!(session.coaching_minutes, coaching, "{cells}");
        assert_eq!((session.format, session.cost), (format, cost), "{cells}");
    }
    for (cells, column, reason) in [
        (",60.01,,", "coaching_minutes", "range"),
        ("coaching,-0.001,,", "coaching_minutes", "range"),
        (",all,,", "coaching_minutes", "number"),
        (",,,-1", "cost", "range"),
        (",,,10000000.01", "cost", "range"),
        (",,,free", "cost", "number"),
        (",,by post,", "format", "undeclared"),
    ] {
        let row = format!("s1,ana,c1,2025-02-03,60,courage,{cells},\n");
        let (found, faults) = sessions(&fixture, &row);
        assert!(found.is_empty());
        assert_eq!(
            faults,
            [(1, column.to_owned(), reason.to_owned())],
            "{cells}"
        );
    }
    // Formats that nobody declared are not read.
    fixture.project.formats.clear();
    let (found, _) = sessions(&fixture, "s1,ana,c1,2025-02-03,60,courage,,,by post,,\n");
    assert_eq!(found[0].format, None);
}

/// Of rows that differ in one cell, the same one is kept in any order.
#[test]
fn every_cell_tells_conflicting_rows_apart() {
    let mut fixture = Fixture::new();
    fixture.project.formats = vec![label("online"), label("in person")];
    for cells in [
        [",10,,", ",20,,"],
        [",,online,", ",,in person,"],
        [",,,5", ",,,6"],
        ["coaching,,,", "mentoring,,,"],
    ] {
        let row = |cells: &str| format!("s1,ana,c1,2025-02-03,60,courage,{cells},\n");
        let [a, b] = cells.map(row);
        let (one, _) = sessions(&fixture, &format!("{a}{b}"));
        let (other, _) = sessions(&fixture, &format!("{b}{a}"));
        assert_eq!(one.len(), 1);
        assert!(one == other, "{cells:?}");
    }
}

/// A span that is longer than the project's periods has facts of its own.
#[test]
fn facts_of_a_half_year_in_a_project_by_quarter() {
    let fixture = Fixture::new();
    fixture.put(
        "org.csv",
        "org_unit,label,parent,valid_from,valid_to\nnorth,N,Acme,,\nsouth,S,Acme,,2025-03-31\n\
         east,E,Acme,,\ndeep,D,east,2025-05-01,\n",
    );
    fixture.put(
        "people.csv",
        "person_id,org_unit,valid_from,valid_to\nana,south,,2025-03-31\nana,north,2025-04-01,\n\
         bob,south,,2025-02-15\ncid,north,2025-06-30,\ndan,east,,2025-04-30\neve,north,2025-07-01,\n",
    );
    fixture.put(
        "sessions.csv",
        format!(
            "{HEAD}s1,ana,c1,2025-02-03,60,courage,,,,\ns2,ana,c2,2025-05-03,60,courage,,,,\n\
             s3,ana,c3,2024-07-01,60,courage,,,,\ns4,ana,c4,2024-06-30,60,courage,,,,\n\
             s5,bob,c1,2025-02-03,60,courage,,,,\ns6,dan,c1,2025-02-03,60,courage,,,,\n\
             s7,ana,c5,2025-07-01,60,courage,,,,\n"
        ),
    );
    let half = Period::parse("2025-H1", Every::Half, 1).expect("a half");
    let request = Request {
        periods: &[half, quarter("2025-Q1")],
        ..Request::default()
    };
    let intake = read(
        &fixture.project,
        &fixture.org(),
        &Key::new([7; 16]),
        &request,
    );
    let periods = intake.expect("read").periods;
    // Ana moved; bob left with his unit; dan's has become an inner one since.
    assert_eq!(
        shown(&fixture, &periods[0]),
        ["north ", "north *", "south *"]
    );
    assert_eq!(periods[0].sessions.len(), 3);
    assert_eq!(periods[0].coaches.len(), 4);
    assert_eq!(
        shown(&fixture, &periods[1]),
        ["east *", "south *", "south *"]
    );
    assert_eq!(periods[1].sessions.len(), 3);
}

#[test]
fn rows_of_different_periods_are_judged_apart_if_they_are_protected_apart() {
    let mut fixture = Fixture::new();
    fixture.put(
        "sessions.csv",
        format!(
            "{HEAD}s1,ana,c1,2025-02-03,60,courage,,,,\ns1,ana,c2,2025-04-03,50,courage,,,,2025-04-04\n\
             s1,ana,c3,2025-05-03,40,courage,,,,2025-05-04\n"
        ),
    );
    let quarters = ["2025-Q1", "2025-Q2"];
    let kept = |fixture: &Fixture| {
        let intake = fixture.read(&quarters);
        let sizes = |facts: &PeriodFacts| (facts.sessions.len(), facts.coaches.len());
        let sizes: Vec<_> = intake.periods.iter().map(sizes).collect();
        (totals(&intake, "sessions"), sizes)
    };
    assert_eq!(kept(&fixture), ([3, 1, 2, 0], vec![(0, 1), (1, 3)]));
    fixture.project.privacy.unit = PrivacyUnit::PersonPeriod;
    fixture.project.privacy.window = Every::Quarter;
    assert_eq!(kept(&fixture), ([3, 2, 1, 0], vec![(1, 1), (1, 2)]));
    let conflict = fixture.read(&quarters).periods[1].sessions[0].minutes;
    assert_eq!(conflict, 4000);
}
