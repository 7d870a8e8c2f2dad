//! The same rows in other shapes: NDJSON, gzip, mapped columns, several files.

use std::io::Write as _;

use super::*;
use crate::ingest::PeriodFacts;

const JSON: &str = r#"{"session_id":"s1","coachee_id":"ana","coach_id":"c1","held_on":"2025-02-03","minutes":60,"competency":["courage","focus"],"themes":"doubt;change","mode":"coaching"}"#;
const CSV: &str = "s1,ana,c1,2025-02-03,60,courage;focus,doubt;change,coaching,,\n";

pub(super) fn gzip(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(bytes.as_ref()).expect("packed");
    packed.finish().expect("packed")
}

/// The facts of one file of sessions.
fn facts(fixture: &Fixture, name: &str, bytes: impl AsRef<[u8]>) -> PeriodFacts {
    for entry in fs::read_dir(fixture.dir.path()).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.to_string_lossy().contains("sessions") {
            fs::remove_file(path).expect("removed");
        }
    }
    fixture.put(name, bytes);
    let intake = fixture.read(&["2025-Q1"]);
    assert_eq!(totals(&intake, "sessions"), [1, 1, 0, 0], "{name}");
    intake.periods[0].clone()
}

#[test]
fn every_format_says_the_same() {
    let fixture = Fixture::new();
    let expected = facts(&fixture, "sessions.csv", format!("{HEAD}{CSV}"));
    let csv = format!("{HEAD}{CSV}");
    let spread = [gzip(HEAD), gzip(CSV)].concat();
    for (name, bytes) in [
        ("sessions.csv", format!("{HEAD}{CSV}\n\r\n\n").into_bytes()),
        (
            "sessions.csv",
            format!(
                "\n{}{}",
                HEAD.replace('\n', "\r\n"),
                CSV.replace(",,", ",\"\",")
            )
            .into_bytes(),
        ),
        ("sessions.csv.gz", gzip(&csv)),
        ("sessions.CSV.GZ", gzip(format!("\u{feff}{csv}"))),
        ("sessions.csv.gz", spread),
        ("sessions.ndjson", JSON.into()),
        ("sessions.jsonl", format!("{JSON}\n").into()),
        (
            "sessions.ndjson",
            format!("\u{feff}\r\n \t\n{JSON}\r\n\r\n").into(),
        ),
        ("sessions.ndjson.gz", gzip(JSON)),
        ("sessions.jsonl.gz", gzip(JSON)),
    ] {
        assert!(facts(&fixture, name, &bytes) == expected, "{name}");
    }
}

#[test]
fn values_of_json_are_read_by_their_kind() {
    let fixture = Fixture::new();
    for (from, to, fault) in [
        ("\"mode\":\"coaching\"", "\"mode\":null", None),
        ("\"mode\":\"coaching\"", "\"mode\":\"\"", None),
        (",\"mode\":\"coaching\"", "", None),
        ("\"s1\"", "17", None),
        ("\"s1\"", "18446744073709551615", None),
        ("60", "\"60.0\"", None),
        ("60", "6e1", None),
        ("\"doubt;change\"", "[\"doubt\",null,7,\"\"]", None),
        ("\"doubt;change\"", "[]", None),
        ("\"mode\"", "\"note\":{\"a\":[[[1e999]]]},\"mode\"", None),
        ("\"ana\"", "\"\\u0061na\"", None),
        ("\"s1\"", "null", Some(("session_id", "missing"))),
        (
            "\"session_id\":\"s1\",",
            "",
            Some(("session_id", "missing")),
        ),
        ("\"s1\"", "18446744073709551616", Some(("session_id", "id"))),
        ("\"s1\"", "1.5", Some(("session_id", "id"))),
        ("\"s1\"", "true", Some(("session_id", "id"))),
        ("\"s1\"", "[\"s1\"]", Some(("session_id", "id"))),
        ("\"s1\"", "{\"id\":\"s1\"}", Some(("session_id", "id"))),
        ("\"2025-02-03\"", "20250203", Some(("held_on", "date"))),
        ("60", "true", Some(("minutes", "number"))),
        ("60", "[60]", Some(("minutes", "number"))),
        ("\"coaching\"", "7", Some(("mode", "value"))),
        ("\"coaching\"", "true", Some(("mode", "value"))),
        ("\"coaching\"", "[]", None),
        ("\"doubt;change\"", "true", Some(("themes", "value"))),
        (
            "\"doubt;change\"",
            "[[\"doubt\"]]",
            Some(("themes", "value")),
        ),
        ("\"doubt;change\"", "[{\"a\":1}]", Some(("themes", "value"))),
        ("\"doubt;change\"", "[1.5]", Some(("themes", "value"))),
        ("60", "1e999", Some(("", "json"))),
        ("60", "60,\"minutes\":60", Some(("", "json"))),
        ("\"ana\"", "\"\\ud800\"", Some(("", "json"))),
        ("{", "[{", Some(("", "json"))),
        ("}", "}}", Some(("", "json"))),
        ("}", ",}", Some(("", "json"))),
        ("\"mode\"", "mode", Some(("", "json"))),
    ] {
        assert!(JSON.contains(from), "{from}");
        let line = JSON.replacen(from, to, 1);
        let second = JSON.replace("\"s1\"", "\"s2\"");
        fixture.put("sessions.ndjson", format!("{second}\n{line}\n{second}\n"));
        let intake = fixture.read(&["2025-Q1"]);
        let found = faults(&intake, "sessions");
        let expected: Vec<_> = fault
            .iter()
            .map(|(column, reason)| (2, *column, *reason))
            .collect();
        assert_eq!(found, expected, "{to}");
    }
    for line in ["7", "null", "\"text\"", "[]", "{}x", "{\"a\":1}{\"b\":2}"] {
        fixture.put("sessions.ndjson", format!("{line}\n"));
        assert_eq!(
            faults(&fixture.read(&[]), "sessions")[0].2,
            "json",
            "{line}"
        );
    }
    let deep = format!(
        "{{\"note\":{0}1{1},\"mode\":{0}1{1}}}\n",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    fixture.put("sessions.ndjson", deep);
    assert_eq!(faults(&fixture.read(&[]), "sessions").len(), 1);
}

#[test]
fn files_that_are_cut_or_no_text_are_refused_by_name() {
    let fixture = Fixture::new();
    let whole = format!("{JSON}\n{}", JSON.replace("\"s1\"", "\"canary\""));
    for cut in JSON.len() + 2..whole.len() {
        fixture.put("sessions.ndjson", &whole[..cut]);
        let refusal = fixture.refusal();
        assert!(
            refusal.contains("sessions.ndjson: row 2: the file ends within"),
            "{refusal}"
        );
    }
    for bytes in [
        [JSON.as_bytes(), b"\n\"\xff\""].concat(),
        [JSON.as_bytes(), b"\n\0"].concat(),
    ] {
        fixture.put("sessions.ndjson", bytes);
        assert!(fixture.refusal().contains("row 2: not UTF-8"));
    }
    fs::remove_file(fixture.dir.path().join("sessions.ndjson")).expect("removed");
    for (name, text) in [
        ("sessions.csv.gz", format!("{HEAD}{CSV}")),
        ("sessions.ndjson.gz", whole),
    ] {
        let packed = gzip(text);
        for cut in (0..packed.len()).step_by(7).chain([packed.len() - 1]) {
            fixture.put(name, &packed[..cut]);
            let refusal = fixture.refusal();
            assert!(
                refusal.contains(name) && refusal.contains("no whole gzip file"),
                "{refusal}"
            );
        }
        let mut damaged = packed.clone();
        let middle = packed.len() / 2;
        damaged[middle] ^= 0xff;
        fixture.put(name, damaged);
        assert!(fixture.refusal().contains(name));
        fixture.put(name, "not packed");
        assert!(fixture.refusal().contains("is not packed with gzip"));
        // What is packed is no text, either.
        fixture.put(name, gzip("PK\u{3}\u{4}"));
        assert!(fixture.refusal().contains("is a workbook or an archive"));
        fixture.put(name, [&packed[..], b"more"].concat());
        assert!(fixture.refusal().contains("no whole gzip file"));
        fs::remove_file(fixture.dir.path().join(name)).expect("removed");
    }
}

#[test]
fn other_delimiters() {
    let mut fixture = Fixture::new();
    let text = format!("{HEAD}{CSV}")
        .replace(';', "/")
        .replace(',', ";")
        .replace('/', ",");
    fixture.put("sessions.csv", &text);
    let refusal = fixture.refusal();
    assert!(
        refusal.contains("sessions.csv: header: seems to be separated by ';'")
            && refusal.contains("delimiter = \";\" in [sources.sessions]"),
        "{refusal}"
    );
    fixture.project.sources.sessions.delimiter = b';';
    for column in ["competency", "themes"] {
        fixture.map("sessions", column, column, None);
        let mapping = fixture.project.sources.sessions.columns.get_mut(column);
        mapping.expect("mapped").separator = ',';
    }
    let found = facts(&fixture, "sessions.csv", &text);
    assert_eq!(found.competencies(&found.sessions[0]), [0, 1]);
    fixture.put("sessions.csv", format!("{HEAD}{CSV}"));
    assert!(fixture.refusal().contains("separated by ','"));
}

#[test]
fn texts_are_mapped_before_anything_else() {
    let mut fixture = Fixture::new();
    let sessions = &mut fixture.project.sources.sessions;
    for (column, pairs) in [
        ("mode", vec![("M", "mentoring"), ("-", "")]),
        ("minutes", vec![("n/a", "")]),
        ("competency", vec![("C", "courage"), ("F", "focus")]),
        ("held_on", vec![("never", "2025-03-31")]),
    ] {
        let mut mapping = Mapping::of(column);
        let pairs = pairs.into_iter();
        mapping.map = pairs
            .map(|(from, to)| (from.to_owned(), to.to_owned()))
            .collect();
        sessions.columns.insert(column.to_owned(), mapping);
    }
    sessions
        .defaults
        .insert("minutes".to_owned(), "45".to_owned());
    let rows = "s1,ana,c1,never,60,C;F,,M,,\ns2,ana,c1,2025-02-03,n/a,focus;C,,-,,\n\
                s3,ana,c1,2025-02-03,60,c,,,,\ns4,ana,c1,2025-02-03,60,C,,m,,\n";
    fixture.put("sessions.csv", format!("{HEAD}{rows}"));
    let intake = fixture.read(&["2025-Q1"]);
    let expected = [(3, "competency", "undeclared"), (4, "mode", "value")];
    assert_eq!(faults(&intake, "sessions"), expected);
    let facts = &intake.periods[0];
    let find = |minutes| {
        facts
            .sessions
            .iter()
            .find(|s| s.minutes == minutes)
            .expect("there")
    };
    assert_eq!(facts.competencies(find(6000)), [0, 1]);
    assert_eq!(find(6000).mode, Some(super::super::Mode::Mentoring));
    assert_eq!(facts.competencies(find(4500)), [1, 0]);
    assert_eq!(find(4500).mode, None);
}

/// Also where the same text stands in the file and as the default.
#[test]
fn defaults_are_not_mapped() {
    let mut fixture = Fixture::new();
    let sessions = &mut fixture.project.sources.sessions;
    for (column, from, to) in [
        ("competency", "courage", "focus"),
        ("themes", "doubt", "change"),
        ("mode", "coaching", "mentoring"),
    ] {
        let mut mapping = Mapping::of(column);
        mapping.map.insert(from.to_owned(), to.to_owned());
        sessions.columns.insert(column.to_owned(), mapping);
        sessions.defaults.insert(column.to_owned(), from.to_owned());
    }
    let rows = [
        "s1,ana,c1,2025-02-03,10,courage,doubt,coaching,,\n",
        "s2,ana,c1,2025-02-03,20,,,,,\n",
    ];
    for order in [[0, 1], [1, 0]] {
        let text: String = order.iter().map(|at| rows[*at]).collect();
        fixture.put("sessions.csv", format!("{HEAD}{text}"));
        let facts = fixture.read(&["2025-Q1"]).periods.remove(0);
        for session in &facts.sessions {
            let code = u16::from(session.minutes == 1000);
            assert_eq!(facts.competencies(session), [code]);
            assert_eq!(facts.themes(session).coach, [Some(code)]);
            let mode = [super::super::Mode::Coaching, super::super::Mode::Mentoring];
            assert_eq!(session.mode, Some(mode[usize::from(code)]));
        }
        assert_eq!(facts.sessions.len(), 2);
    }
}

#[test]
fn hours_are_scaled_and_defaults_are_not() {
    let mut fixture = Fixture::new();
    let mut mapping = Mapping::of("hours");
    mapping.scale = 60.0;
    let sessions = &mut fixture.project.sources.sessions;
    sessions.columns.insert("minutes".to_owned(), mapping);
    sessions
        .defaults
        .insert("minutes".to_owned(), "45".to_owned());
    let head = HEAD.replace("minutes", "hours");
    let rows = "s1,ana,c1,2025-02-03,1.5,courage,,,,\ns2,ana,c1,2025-02-03,,courage,,,,\n\
                s3,ana,c1,2025-02-03,24.01,courage,,,,\ns4,ana,c1,2025-02-03,1e308,courage,,,,\n";
    fixture.put("sessions.csv", format!("{head}{rows}"));
    let intake = fixture.read(&["2025-Q1"]);
    let expected = [(3, "minutes", "range"), (4, "minutes", "number")];
    assert_eq!(faults(&intake, "sessions"), expected);
    let mut minutes: Vec<u32> = intake.periods[0]
        .sessions
        .iter()
        .map(|s| s.minutes)
        .collect();
    minutes.sort_unstable();
    assert_eq!(minutes, [4500, 9000]);
}

#[test]
fn days_since_a_date_are_dates_and_a_default_is_one() {
    let mut fixture = Fixture::new();
    let mut mapping = Mapping::of("day");
    mapping.origin_date = Some(jiff::civil::date(2025, 1, 31));
    let sessions = &mut fixture.project.sources.sessions;
    sessions.columns.insert("held_on".to_owned(), mapping);
    sessions
        .defaults
        .insert("held_on".to_owned(), "2025-03-31".to_owned());
    let head = HEAD.replace("held_on", "day");
    let days = [
        "0",
        "-30",
        "1",
        "12.0",
        "",
        "2025-03-31",
        "1.5",
        "x",
        "9999999",
        "-1e300",
    ];
    let row = |(n, day): (usize, &&str)| format!("s{n},ana,c1,{day},60,courage,,,,\n");
    let rows: String = days.iter().enumerate().map(row).collect();
    fixture.put("sessions.csv", format!("{head}{rows}"));
    let intake = fixture.read(&[]);
    let expected = [
        (6, "held_on", "date"),
        (7, "held_on", "date"),
        (8, "held_on", "date"),
        (9, "held_on", "range"),
        (10, "held_on", "range"),
    ];
    assert_eq!(faults(&intake, "sessions"), expected);
    assert_eq!(intake.first_session, Some(jiff::civil::date(2025, 1, 1)));
    assert_eq!(intake.last_session, Some(jiff::civil::date(2025, 3, 31)));
    let json = JSON.replace("\"held_on\":\"2025-02-03\"", "\"day\":3");
    let found = facts(&fixture, "sessions.ndjson", json);
    assert_eq!(found.sessions.len(), 1);
}

/// A name is one person, with `hash` or without, and however long it is.
#[test]
fn hashed_ids_may_be_any_text() {
    let mut fixture = Fixture::new();
    let long = format!("\"Ana\nMaría {}\"", "x".repeat(300));
    fixture.put(
        "people.csv",
        format!("person_id,org_unit\nana,north\n{long},south\n"),
    );
    fixture.put(
        "sessions.csv",
        format!("{HEAD}{CSV}s2,{long},c1,2025-02-03,60,courage,,,,\n"),
    );
    let intake = fixture.read(&[]);
    assert_eq!(faults(&intake, "people"), [(2, "person_id", "id")]);
    assert_eq!(faults(&intake, "sessions"), [(2, "coachee_id", "id")]);
    let hashed = |name: &str| {
        let mut mapping = Mapping::of(name);
        mapping.hash = true;
        (name.to_owned(), mapping)
    };
    let people = fixture.project.sources.people.as_mut().expect("people");
    people.columns.extend([hashed("person_id")]);
    fixture
        .project
        .sources
        .sessions
        .columns
        .extend([hashed("coachee_id")]);
    let all = fixture.read(&["2025-Q1"]);
    assert_eq!(all.periods[0].sessions.len(), 2);
    let ana = |intake: &Whole| {
        intake.periods[0]
            .members
            .iter()
            .map(|m| m.person)
            .collect::<Vec<_>>()
    };
    fixture.project.sources.sessions.columns.clear();
    fixture.put("sessions.csv", format!("{HEAD}{CSV}"));
    assert_eq!(ana(&fixture.read(&["2025-Q1"])), ana(&all));
}

#[test]
fn datetimes_with_time_zones_are_utc_dates() {
    let mut fixture = Fixture::new();
    let mut day = |format: Option<&str>, text: &str| {
        fixture.map("sessions", "held_on", "held_on", format);
        fixture.put(
            "sessions.csv",
            format!("{HEAD}s1,ana,c1,{text},60,courage,,,,\n"),
        );
        fixture.read(&[]).first_session.map(|day| day.to_string())
    };
    for (format, text) in [
        (None, "2025-02-03T23:30:00-02:00"),
        (Some("%Y-%m-%dT%H:%M:%S%z"), "2025-02-03T23:30:00-0200"),
        (Some("%Y-%m-%dT%H:%M:%S%:z"), "2025-02-03T23:30:00-02:00"),
        (Some("%d.%m.%Y %H:%M %z"), "04.02.2025 03:30 +0300"),
        (Some("%d.%m.%Y %H:%M"), "04.02.2025 00:00"),
        (Some("%s"), "1738627200"),
    ] {
        assert_eq!(day(format, text).as_deref(), Some("2025-02-04"), "{text}");
    }
    assert_eq!(
        day(Some("%Y-%m-%dT%H:%M:%S%z"), "2025-02-03T23:30:00"),
        None
    );
}

/// Rows that several files have are read once; a person's moves may be spread
/// over files.
#[test]
fn files_that_overlap() {
    let mut fixture = Fixture::new();
    fixture.put(
        "people.csv",
        "person_id,org_unit,valid_to\nana,north,2025-02-28\nbob,south,\n",
    );
    fixture.put(
        "moves.ndjson",
        "{\"person_id\":\"ana\",\"org_unit\":\"south\",\"valid_from\":\"2025-03-01\"}\n\
         {\"org_unit\":\"south\",\"person_id\":\"bob\"}\n",
    );
    let people = fixture.project.sources.people.as_mut().expect("people");
    people.paths = vec![
        "people*".to_owned(),
        "moves.ndjson".to_owned(),
        "p*.csv".to_owned(),
    ];
    let update = JSON
        .replace("60", "30")
        .replace("\"mode\"", "\"updated_at\":\"2025-02-04\",\"mode\"");
    fixture.put("sessions-1.csv", format!("{HEAD}{CSV}"));
    fixture.put("sessions-2.ndjson", format!("{JSON}\n{update}\n"));
    fixture.put(
        "sessions-3.csv.gz",
        gzip(format!("{HEAD}{}", CSV.replace("s1", "s2"))),
    );
    let paths = ["sessions-1.csv", "sessions-[23]*"];
    fixture.project.sources.sessions.paths = paths.map(str::to_owned).to_vec();
    let intake = fixture.read(&["2025-Q1"]);
    assert_eq!(totals(&intake, "people"), [4, 3, 1, 0]);
    assert_eq!(totals(&intake, "sessions"), [4, 2, 2, 0]);
    let facts = &intake.periods[0];
    let minutes: u32 = facts.sessions.iter().map(|session| session.minutes).sum();
    assert_eq!(minutes, 9000);
    let tree = fixture.org().tree(&quarter("2025-Q1")).expect("a tree");
    let unit = |member: &crate::ingest::Member| tree.unit(member.unit as usize).id.clone();
    let units: Vec<String> = facts.members.iter().map(unit).collect();
    assert_eq!(units, ["south", "south"]);
}
