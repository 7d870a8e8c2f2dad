//! Programmes: rows, trees, contradictions.

use super::*;
use crate::ingest::{Arm, Assigned};

const HEAD: &str = "programme,label,arm,starts_on,org_unit\n";
const TREE: &str = "org_unit,label,parent\nsales,Sales,Acme\nnorth,North,sales\n\
                    south,South,sales\nlegal,Legal,Acme\n";

/// A project with programmes; people may take part in `lead`.
fn project(rows: &str) -> Fixture {
    let mut fixture = Fixture::new();
    let base = fixture.dir.path().to_owned();
    let programmes = source("programmes", "programmes.csv", base);
    fixture.project.sources.programmes = Some(Source {
        tolerance: 0.0,
        ..programmes
    });
    fixture.project.dimensions = vec![
        dimension("job_level", &["staff"]),
        dimension("programme", &["none", "lead"]),
    ];
    fixture.put("org.csv", TREE);
    fixture.put("people.csv", "person_id,org_unit,job_level,programme\n");
    fixture.put("sessions.csv", super::HEAD);
    fixture.put("programmes.csv", format!("{HEAD}{rows}"));
    fixture
}

/// What somebody of a unit takes part in: `lead Pilot 2025-02-01`.
fn parts(org: &Org, period: &str, unit: &str, programme: u16) -> Vec<String> {
    let tree = org.tree(&quarter(period)).expect("a tree");
    let code = tree.code(unit).expect("a unit") as u32;
    let programmes = org.programmes();
    let one = |assigned: Assigned| {
        let id = &programmes.all()[usize::from(assigned.programme)].label.id;
        let starts = assigned
            .starts_on
            .map_or("never".to_owned(), |date| date.to_string());
        format!("{id} {:?} {starts}", assigned.arm)
    };
    let arms = programmes.arms(&tree);
    let mut texts: Vec<String> = arms.of(code, &[0, programme]).map(one).collect();
    texts.sort();
    texts
}

#[test]
fn the_nearest_row_of_a_programme_counts() {
    let fixture = project(
        "sell,Selling,pilot,2025-04-01,sales\nsell,,rollout,2025-02-01,north\n\
         sell,Selling,comparison,,Acme\nlead,,pilot,2025-02-01,\nlead,,pilot,2024-01-01,legal\n\
         lead,,comparison,,sales\nsell,,rollout,2025-04-01,legal\n",
    );
    let org = fixture.org();
    let names: Vec<_> = org
        .programmes()
        .all()
        .iter()
        .map(|one| {
            (
                one.label.id.as_str(),
                one.label.label.as_str(),
                one.has_comparison,
            )
        })
        .collect();
    assert_eq!(names, [("lead", "lead", true), ("sell", "Selling", true)]);
    let starts = |at: usize| -> Vec<String> {
        let starts = org.programmes().all()[at].starts.iter();
        starts.map(ToString::to_string).collect()
    };
    assert_eq!(starts(0), ["2024-01-01", "2025-02-01"]);
    assert_eq!(starts(1), ["2025-02-01", "2025-04-01"]);
    let units: Vec<_> = org.programmes().units().collect();
    assert_eq!(units, ["Acme", "legal", "north", "sales"]);
    let of = |unit, programme| parts(&org, "2025-Q1", unit, programme);
    assert_eq!(
        of("north", 0),
        ["lead Comparison never", "sell Rollout 2025-02-01"]
    );
    assert_eq!(
        of("south", 0),
        ["lead Comparison never", "sell Pilot 2025-04-01"]
    );
    assert_eq!(
        of("legal", 0),
        ["lead Pilot 2024-01-01", "sell Rollout 2025-04-01"]
    );
    assert_eq!(of("Acme", 0), ["sell Comparison never"]);
    // Individually, whatever the unit does.
    assert_eq!(
        of("north", 1),
        ["lead Pilot 2025-02-01", "sell Rollout 2025-02-01"]
    );
    assert_eq!(
        of("Acme", 1),
        ["lead Pilot 2025-02-01", "sell Comparison never"]
    );
    let intake = fixture.read(&[]);
    assert_eq!(totals(&intake, "programmes"), [7, 7, 0, 0]);
    let sources: Vec<_> = intake.reports.iter().map(|report| report.source).collect();
    assert_eq!(sources, ["org", "programmes", "people", "sessions"]);
}

#[test]
fn parts_follow_the_tree_of_the_span() {
    let fixture = project("sell,,pilot,2025-01-01,sales\n");
    fixture.put(
        "org.csv",
        "org_unit,label,parent,valid_from,valid_to\nsales,Sales,Acme,,2025-03-31\n\
         north,North,sales,,2025-03-31\nnorth,North,Acme,2025-04-01,\n",
    );
    let org = fixture.org();
    assert_eq!(
        parts(&org, "2025-Q1", "north", 0),
        ["sell Pilot 2025-01-01"]
    );
    assert!(parts(&org, "2025-Q2", "north", 0).is_empty());
}

#[test]
fn every_bad_row_has_its_reason() {
    let cases = [
        (",,pilot,2025-01-01,north", "programme", "missing"),
        ("(all),,pilot,2025-01-01,north", "programme", "id"),
        ("sell,,,2025-01-01,north", "arm", "missing"),
        ("sell,,test,2025-01-01,north", "arm", "value"),
        ("sell,,pilot,,north", "starts_on", "missing"),
        ("sell,,rollout,,north", "starts_on", "missing"),
        ("sell,,rollout,soon,north", "starts_on", "date"),
        ("sell,,comparison,2025-01-01,north", "starts_on", "value"),
        ("sell,,pilot,2025-01-01,east", "org_unit", "undeclared"),
        ("sell,,pilot,2025-01-01", "", "field_count"),
    ];
    let rows: String = cases.map(|(row, ..)| format!("{row}\n")).concat();
    let same = "sell,,pilot,2025-01-01,north\nsell,,pilot,2025-01-01T09:00,north\n";
    let fixture = project(&format!("{rows}{same}"));
    let intake = fixture.read(&[]);
    let expected: Vec<_> = (1..)
        .zip(cases)
        .map(|(row, (_, column, reason))| (row, column, reason))
        .collect();
    assert_eq!(faults(&intake, "programmes"), expected);
    assert_eq!(totals(&intake, "programmes"), [12, 1, 1, 10]);
    let refusal = intake.refusal(&fixture.project).expect("whole or wrong");
    assert!(
        refusal.to_string().starts_with("programmes: 10 of 12 rows"),
        "{refusal}"
    );
}

#[test]
fn contradictions_are_refused() {
    let pilot = "sell,,pilot,2025-01-01,north\n";
    let cases = [
        (
            "sell,,rollout,2025-01-01,north\n",
            2,
            "has two rows for the unit \"north\"",
        ),
        (
            "sell,,pilot,2025-01-02,north\n",
            2,
            "has two rows for the unit \"north\"",
        ),
        (
            "sell,Selling,pilot,2025-01-01,north\n",
            2,
            "has two rows for the unit \"north\"",
        ),
        (
            "lead,,pilot,2025-01-01,\nlead,,rollout,2025-01-01,\n",
            3,
            "has two rows for those who take part individually",
        ),
        (
            "lead,Lead,comparison,,north\nlead,Leads,comparison,,south\n",
            3,
            "has two labels",
        ),
        (
            "sell,,pilot,2025-01-01,\n",
            2,
            "has a row without `org_unit`",
        ),
    ];
    for (rows, row, problem) in cases {
        let fixture = project(&format!("{pilot}{rows}"));
        let refusal = fixture.refusal();
        let place = format!("programmes: programmes.csv: row {row} after the header: programme ");
        assert!(
            refusal.starts_with(&place) && refusal.contains(problem),
            "{refusal}"
        );
    }
    let mut fixture = project("lead,,pilot,2025-01-01,\n");
    fixture.project.dimensions.clear();
    let refusal = fixture.refusal();
    assert!(
        refusal.contains("the values of `programme` in [dimensions]"),
        "{refusal}"
    );
}

#[test]
fn without_a_source_there_are_none() {
    let fixture = Fixture::new();
    let org = fixture.org();
    assert!(org.programmes().all().is_empty() && org.programmes().report().is_none());
    assert!(parts(&org, "2025-Q1", "north", 0).is_empty());
    // Without people everybody is of the root, whatever its units do.
    let mut fixture = project("sell,,pilot,2025-01-01,north\nsell,,comparison,,Acme\n");
    fixture.project.sources.people = None;
    assert_eq!(
        parts(&fixture.org(), "2025-Q1", "Acme", 0),
        ["sell Comparison never"]
    );
    assert_eq!(fixture.org().programmes().all()[0].starts.len(), 1);
    let arms = [Arm::Pilot, Arm::Rollout, Arm::Comparison];
    assert!(arms.is_sorted());
}

#[test]
fn sessions_name_declared_programmes() {
    let fixture = project("sell,,pilot,2025-01-01,north\n");
    fixture.put(
        "people.csv",
        "person_id,org_unit,job_level,programme\nana,north,staff,none\n",
    );
    let head = "session_id,coachee_id,coach_id,held_on,minutes,competency,programme\n";
    let row =
        |id: &str, programme: &str| format!("{id},ana,c1,2025-02-03,60,courage,{programme}\n");
    let rows = [row("s1", "sell"), row("s2", ""), row("s3", "lead")].concat();
    fixture.put("sessions.csv", format!("{head}{rows}"));
    let intake = fixture.read(&[]);
    assert_eq!(
        faults(&intake, "sessions"),
        [(3, "programme", "undeclared")]
    );
    // Where none is declared, the column is not read.
    let mut fixture = fixture;
    fixture.project.sources.programmes = None;
    assert_eq!(totals(&fixture.read(&[]), "sessions"), [3, 3, 0, 0]);
}
