//! Rows that break a rule, one by one, and rows that do not.

use super::*;
use crate::ingest::PeriodFacts;

const GOOD: &str = "s0,ana,c1,2025-02-03,60,courage,doubt,coaching,proactive,2025-02-04\n";

#[test]
fn every_bad_session_has_its_reason() {
    let long = "x".repeat(257);
    let cases = [
        (",ana,c1,2025-02-03,60,courage,,,,", "session_id", "missing"),
        ("s1,,c1,2025-02-03,60,courage,,,,", "coachee_id", "missing"),
        ("s1,ana,,2025-02-03,60,courage,,,,", "coach_id", "missing"),
        (
            &format!("s1,ana,{long},2025-02-03,60,courage,,,,"),
            "coach_id",
            "id",
        ),
        (
            "s1,\"an\na\",c1,2025-02-03,60,courage,,,,",
            "coachee_id",
            "id",
        ),
        ("s1,ana,c1,,60,courage,,,,", "held_on", "missing"),
        ("s1,ana,c1,03/02/2025,60,courage,,,,", "held_on", "date"),
        ("s1,ana,c1,2025-02-30,60,courage,,,,", "held_on", "date"),
        ("s1,ana,c1,1899-12-31,60,courage,,,,", "held_on", "range"),
        ("s1,ana,c1,2025-02-03,,courage,,,,", "minutes", "missing"),
        (
            "s1,ana,c1,2025-02-03,\"6,0\",courage,,,,",
            "minutes",
            "number",
        ),
        ("s1,ana,c1,2025-02-03,NaN,courage,,,,", "minutes", "number"),
        ("s1,ana,c1,2025-02-03,inf,courage,,,,", "minutes", "number"),
        (
            "s1,ana,c1,2025-02-03,1e999,courage,,,,",
            "minutes",
            "number",
        ),
        ("s1,ana,c1,2025-02-03,0,courage,,,,", "minutes", "range"),
        ("s1,ana,c1,2025-02-03,-5,courage,,,,", "minutes", "range"),
        (
            "s1,ana,c1,2025-02-03,1440.1,courage,,,,",
            "minutes",
            "range",
        ),
        ("s1,ana,c1,2025-02-03,60,,,,,", "competency", "missing"),
        ("s1,ana,c1,2025-02-03,60,;,,,,", "competency", "missing"),
        (
            "s1,ana,c1,2025-02-03,60,courage;luck,,,,",
            "competency",
            "undeclared",
        ),
        (
            "s1,ana,c1,2025-02-03,60,courage,,teaching,,",
            "mode",
            "value",
        ),
        (
            "s1,ana,c1,2025-02-03,60,courage,,,often,",
            "trigger",
            "value",
        ),
        (
            "s1,ana,c1,2025-02-03,60,courage,,,,today",
            "updated_at",
            "date",
        ),
        (
            "s1,zoe,c1,2025-02-03,60,courage,,,,",
            "coachee_id",
            "no_person",
        ),
        ("s1,ana,c1,2025-02-03,60,courage", "", "field_count"),
        ("s1,ana,c1,2025-02-03,60,courage,,,,,", "", "field_count"),
    ];
    let fixture = Fixture::new();
    for (row, column, reason) in cases {
        fixture.put(
            "sessions.csv",
            format!("{HEAD}{GOOD}{row}\n{}", GOOD.replace("s0", "s2")),
        );
        let intake = fixture.read(&["2025-Q1"]);
        assert_eq!(faults(&intake, "sessions"), [(2, column, reason)], "{row}");
        assert_eq!(totals(&intake, "sessions"), [3, 2, 0, 1], "{row}");
    }
    // All at once: no fault hides another row's.
    let all = cases.map(|(row, ..)| row).join("\n");
    fixture.put("sessions.csv", format!("{HEAD}{all}\n"));
    let intake = fixture.read(&[]);
    let found = faults(&intake, "sessions");
    let expected: Vec<_> = (1..)
        .zip(cases)
        .map(|(row, (_, column, reason))| (row, column, reason))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn every_bad_person_and_unit_has_its_reason() {
    let mut fixture = Fixture::new();
    fixture.project.dimensions = vec![dimension("job_level", &["staff", "senior"])];
    fixture.put("sessions.csv", HEAD);
    fixture.put(
        "people.csv",
        "person_id,org_unit,job_level,valid_from,valid_to\n\
         ,north,,,\nana,,,,\nana,east,,,\nana,sales,,,\nana,Acme,,,\nana,north,boss,,\n\
         ana,north,staff,2025-02-01,2025-01-31\nana,north,,soon,\nana,north,,,0000-01-01\n\
         ana,north\nana,north,senior,,\nana,north,,,\n",
    );
    let intake = fixture.read(&[]);
    let expected = [
        (1, "person_id", "missing"),
        (2, "org_unit", "missing"),
        (3, "org_unit", "undeclared"),
        (4, "org_unit", "inner_unit"),
        (5, "org_unit", "inner_unit"),
        (6, "job_level", "undeclared"),
        (7, "valid_to", "range"),
        (8, "valid_from", "date"),
        (9, "valid_to", "range"),
        (10, "", "field_count"),
        (12, "job_level", "missing"),
    ];
    assert_eq!(faults(&intake, "people"), expected);
    assert_eq!(totals(&intake, "people"), [12, 1, 0, 11]);

    fixture.project.dimensions.clear();
    fixture.put("people.csv", PEOPLE);
    fixture.put(
        "org.csv",
        format!("{ORG},Lost,Acme\neast,,Acme\nwest,West,\nAcme,A,sales\nnorth,North,sales\n"),
    );
    let intake = fixture.read(&[]);
    let expected = [
        (4, "org_unit", "missing"),
        (5, "label", "missing"),
        (6, "parent", "parent_missing"),
        (7, "parent", "value"),
    ];
    assert_eq!(faults(&intake, "org"), expected);
    assert_eq!(totals(&intake, "org"), [8, 3, 1, 4]);
}

#[test]
fn facts_are_coded() {
    let mut fixture = Fixture::new();
    fixture
        .project
        .sources
        .sessions
        .defaults
        .insert("mode".to_owned(), "coaching".to_owned());
    fixture.put(
        "sessions.csv",
        format!(
            "\u{feff}{}{}{}",
            HEAD.replace('\n', "\r\n").replace("minutes", "\"minutes\""),
            "s1,ana,c1,2025-02-03T23:30-01:00,45.5,focus; courage;focus,change;luck;pluck;change,,reactive,\r\n",
            "\"s\"\"2\",\"bob\",c2,2025-03-31,60,courage,,mentoring,,2025-04-01"
        ),
    );
    let intake = fixture.read(&["2025-Q1", "2025-Q2"]);
    assert_eq!(totals(&intake, "sessions"), [2, 2, 0, 0]);
    assert_eq!(intake.unknown_themes, 2);
    assert_eq!(intake.first_session, Some(jiff::civil::date(2025, 2, 4)));
    assert_eq!(intake.last_session, Some(jiff::civil::date(2025, 3, 31)));
    let facts = &intake.periods[0];
    let tree = fixture.org().tree(&quarter("2025-Q1")).expect("a tree");
    let ana = facts
        .sessions
        .iter()
        .find(|s| s.minutes == 4550)
        .expect("ana's");
    assert_eq!(facts.competencies(ana), [1, 0]);
    assert_eq!(facts.themes(ana).coach, [Some(1), None]);
    assert_eq!(
        (ana.mode, ana.trigger),
        (
            Some(super::super::Mode::Coaching),
            Some(super::super::Trigger::Reactive)
        )
    );
    let unit = facts.members[ana.member as usize].unit as usize;
    assert_eq!(tree.unit(unit).id, "north");
    assert_eq!(facts.members.len(), 2);
    assert_eq!(facts.coaches.len(), 2);
    assert!(facts.members.iter().all(|member| member.coached));
    let later = &intake.periods[1];
    assert!(later.members.iter().all(|member| !member.coached));
    assert!(later.members.len() == 2 && later.sessions.is_empty());
}

#[test]
fn duplicates_are_resolved_within_one_person() {
    let fixture = Fixture::new();
    let minutes = |rows: &str| {
        fixture.put("sessions.csv", format!("{HEAD}{rows}"));
        let intake = fixture.read(&["2025-Q1"]);
        let kept: Vec<u32> = intake.periods[0]
            .sessions
            .iter()
            .map(|s| s.minutes / 100)
            .collect();
        (totals(&intake, "sessions"), kept)
    };
    // One id for two people is two sessions; identical rows are one.
    let (counts, _) = minutes(
        "s1,ana,c1,2025-02-03,60,courage,,,,\ns1,bob,c1,2025-02-03,60,courage,,,,\n\
         s1,ana,c1,2025-02-03,60.0,courage,,,,\n",
    );
    assert_eq!(counts, [3, 2, 1, 0]);
    // The last update wins, whatever the order; no update is the earliest.
    let rows = [
        "s1,ana,c1,2025-02-03,30,courage,,,,2025-02-04\n",
        "s1,ana,c1,2025-02-03,40,courage,,,,2025-02-04T10:00Z\n",
        "s1,ana,c1,2025-02-03,50,courage,,,,\n",
    ];
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
        let text: String = order.iter().map(|at| rows[*at]).collect();
        assert_eq!(minutes(&text), ([3, 1, 2, 0], vec![40]));
    }
    // Without one, the choice still does not follow the order.
    let (a, b) = (rows[2], "s1,ana,c1,2025-02-03,55,courage,,,,\n");
    assert_eq!(minutes(&format!("{a}{b}")), minutes(&format!("{b}{a}")));
    // A quarantined row does not compete.
    let bad = "s1,ana,c1,2025-02-03,99,luck,,,,2025-03-01\n";
    assert_eq!(
        minutes(&format!("{bad}{}", rows[0])),
        ([2, 1, 0, 1], vec![30])
    );
}

#[test]
fn coaches_of_twelve_months_count_whatever_else_is_wrong() {
    let fixture = Fixture::new();
    fixture.put(
        "sessions.csv",
        format!(
            "{HEAD}s1,ana,c1,2025-02-03,60,courage,,,,\ns1,ana,c2,2025-02-03,60,courage,,,,\n\
             s2,ana,c3,2024-04-01,60,luck,,,,\ns3,ana,c4,2024-03-31,60,courage,,,,\n\
             ,ana,c5,2025-03-31,,,,,,\ns4,ana,c6,2025-04-01,60,courage,,,,\n\
             s5,bob,c7,2024-12-31,60,courage,,,,\ns6,zoe,c8,2025-02-03,60,courage,,,,\n"
        ),
    );
    let intake = fixture.read(&["2025-Q1"]);
    let coaches = |period: &PeriodFacts, coached: bool| {
        let is = |member: u32| period.members[member as usize].coached == coached;
        period
            .coaches
            .iter()
            .filter(|(member, _)| is(*member))
            .count()
    };
    // Ana's are c1, c2 (one of them a duplicate), c3, c5; bob was not coached then.
    assert_eq!(coaches(&intake.periods[0], true), 4);
    assert_eq!(coaches(&intake.periods[0], false), 1);
    assert_eq!(intake.periods[0].members.len(), 2);
}

#[test]
fn columns_are_renamed_and_defaults_stand_in() {
    let mut fixture = Fixture::new();
    fixture.map("sessions", "coachee_id", "client", None);
    fixture.map("sessions", "held_on", "date", Some("%d/%m/%Y"));
    fixture.map("sessions", "competency", "skill", None);
    let mapping = fixture
        .project
        .sources
        .sessions
        .columns
        .get_mut("competency")
        .expect("mapped");
    mapping.separator = '|';
    fixture
        .project
        .sources
        .sessions
        .defaults
        .insert("minutes".to_owned(), "50".to_owned());
    fixture.put(
        "sessions.csv",
        "note,session_id,client,coach_id,date,skill\n\"a, \"\"b\"\"\nc\",s1,ana,c1,03/02/2025,focus|courage\n",
    );
    let intake = fixture.read(&["2025-Q1"]);
    assert_eq!(totals(&intake, "sessions"), [1, 1, 0, 0]);
    assert_eq!(intake.periods[0].sessions[0].minutes, 5000);
    fixture.put("sessions.csv", "session_id,clients,coach_id,date,skill\n");
    let refusal = fixture.refusal();
    assert!(
        refusal.contains("coachee_id") && refusal.contains("\"clients\""),
        "{refusal}"
    );
}

#[test]
fn tolerance_holds_per_source_and_per_file() {
    let mut fixture = Fixture::new();
    let row = |n: usize, id: &str| format!("s{n},{id},c1,2025-02-03,60,courage,,,,\n");
    let good: String = (0..200).map(|n| row(n, "ana")).collect();
    fixture.put("sessions-1.csv", format!("{HEAD}{good}"));
    fixture.put(
        "sessions-2.csv",
        format!("{HEAD}{}{}", row(900, "bob"), row(901, "canary")),
    );
    let error = fixture
        .read(&[])
        .refusal(&fixture.project)
        .expect("one of two in a file");
    let text = format!("{error} {error:?}");
    assert!(
        text.contains("sessions-2.csv") && text.contains("coachee_id no_person 1"),
        "{text}"
    );
    assert!(
        text.contains("50.0 %") && text.contains("sessions.parquet"),
        "{text}"
    );
    assert!(!text.contains("canary"));
    fixture.project.sources.sessions.tolerance = 0.5;
    assert!(fixture.read(&[]).refusal(&fixture.project).is_none());
    fixture.project.sources.sessions.tolerance = 0.0;
    let error = fixture.read(&[]).refusal(&fixture.project).expect("any");
    assert!(
        error.to_string().starts_with("sessions: 1 of 202 rows are"),
        "{error}"
    );
}

#[test]
fn only_the_files_asked_for_are_read() {
    let fixture = Fixture::new();
    fixture.put("sessions-1.csv", format!("{HEAD}{GOOD}"));
    fixture.put("sessions-2.csv", "not read");
    let only = [fixture.dir.path().join("sessions-1.csv")].into();
    let request = Request {
        periods: &[],
        only: Some(&only),
        ..Request::default()
    };
    let intake = read(
        &fixture.project,
        &fixture.org(),
        &Key::new([7; 16]),
        &request,
    );
    let intake = intake.expect("read");
    assert_eq!(totals(&intake, "sessions"), [1, 1, 0, 0]);
    assert_eq!(totals(&intake, "people"), [2, 2, 0, 0]);
}

#[test]
fn the_quarantine_is_private_and_holds_no_value() {
    use std::os::unix::fs::PermissionsExt;
    let fixture = Fixture::new();
    let state = fixture.dir.path().join("state");
    fixture.put(
        "sessions.csv",
        format!("{HEAD}{GOOD}s1,canary,c1,2025-02-03,60,courage,,,,\n"),
    );
    let intake = fixture.read(&[]);
    crate::ingest::write_quarantine(&intake, &state).expect("written");
    let path = state.join("quarantine/sessions.parquet");
    let mode =
        |path: &std::path::Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(
        (mode(&path), mode(&state.join("quarantine"))),
        (0o600, 0o700)
    );
    let file = fs::File::open(&path).expect("opened");
    let reader = ::parquet::arrow::arrow_reader::ParquetRecordBatchReader::try_new(file, 10);
    let batch = reader
        .expect("a table")
        .next()
        .expect("a batch")
        .expect("decoded");
    let text = format!("{batch:?}");
    for expected in ["sessions.csv", "coachee_id", "no_person", "2"] {
        assert!(text.contains(expected), "{text}");
    }
    assert!(!String::from_utf8_lossy(&fs::read(&path).expect("read")).contains("canary"));
    // Gone when nothing is quarantined any more.
    fixture.put("sessions.csv", format!("{HEAD}{GOOD}"));
    crate::ingest::write_quarantine(&fixture.read(&[]), &state).expect("removed");
    assert!(!path.exists());
    // A state folder that cannot be written is not the input's fault.
    fixture.put("sessions.csv", format!("{HEAD}bad\n"));
    fixture.put("blocked", "a file");
    let blocked = fixture.dir.path().join("blocked");
    let error = crate::ingest::write_quarantine(&fixture.read(&[]), &blocked).expect_err("blocked");
    assert_eq!(error.exit_code(), 7);
}
