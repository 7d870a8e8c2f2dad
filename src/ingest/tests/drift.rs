//! Files whose shape has changed since yesterday: columns renamed, retyped, put in
//! another order, gone, added. Each is refused or quarantined with a code, or says
//! what it said before. None is read with holes where values were.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Decimal128Array, Float64Array, Int64Array, ListBuilder, StringArray,
    StringBuilder, StructArray,
};
use arrow::datatypes::{DataType, Field};

use super::parquet::{columns, encode};
use super::shapes::gzip;
use super::*;

/// What becomes of a file.
#[derive(Clone, Copy, Debug)]
enum Fate {
    /// It is no input; the message says so much.
    Refused(&'static str),
    /// All of its rows are quarantined, with this column and code.
    Coded(&'static str, &'static str),
    /// It says what it said.
    Same,
}
use Fate::{Coded, Refused, Same};

const ROWS: [&str; 3] = [
    "s1,ana,canary1,2025-02-03,60,courage;focus,doubt,coaching,reactive,2025-03-01",
    "s2,bob,canary2,2025-02-04,45,courage,change,mentoring,proactive,2025-03-01",
    "s3,ana,canary1,2025-02-05,30,focus,doubt;change,coaching,proactive,2025-03-02",
];

/// The file as it was, cell by cell, its header first.
fn table() -> Vec<Vec<String>> {
    let lines = std::iter::once(HEAD.trim_end()).chain(ROWS);
    let cells = |line: &str| line.split(',').map(str::to_owned).collect();
    lines.map(cells).collect()
}

fn text(table: &[Vec<String>], delimiter: &str) -> String {
    let lines = table.iter().map(|cells| cells.join(delimiter) + "\n");
    lines.collect()
}

/// The file with its cells changed, given number of row (0: header) and column.
fn cells(change: impl Fn(usize, usize, &str) -> String) -> Vec<u8> {
    let mut table = table();
    for (row, cells) in table.iter_mut().enumerate() {
        for (column, cell) in cells.iter_mut().enumerate() {
            *cell = change(row, column, cell);
        }
    }
    text(&table, ",").into_bytes()
}

/// A column under another name.
fn renamed(column: usize, to: &str) -> Vec<u8> {
    cells(|row, at, cell| if (row, at) == (0, column) { to } else { cell }.to_owned())
}

/// A column whose values are others.
fn retyped(column: usize, value: impl Fn(usize) -> String) -> Vec<u8> {
    cells(|row, at, cell| {
        if row > 0 && at == column {
            value(row)
        } else {
            cell.to_owned()
        }
    })
}

/// Columns in this order, some of them gone.
fn kept(order: &[usize]) -> Vec<u8> {
    let table = table();
    let line = |cells: &Vec<String>| order.iter().map(|at| cells[*at].clone()).collect();
    text(&table.iter().map(line).collect::<Vec<_>>(), ",").into_bytes()
}

fn changed_columns() -> Vec<(&'static str, Vec<u8>, Fate)> {
    let without = |column: usize| kept(&(0..10).filter(|at| *at != column).collect::<Vec<_>>());
    vec![
        (
            "session_id renamed",
            renamed(0, "id"),
            Refused("\"session_id\""),
        ),
        (
            "coachee_id renamed",
            renamed(1, "client"),
            Refused("\"coachee_id\""),
        ),
        (
            "coach_id renamed",
            renamed(2, "coach"),
            Refused("\"coach_id\""),
        ),
        (
            "held_on renamed",
            renamed(3, "held_at"),
            Refused("\"held_at\""),
        ),
        (
            "minutes renamed",
            renamed(4, "duration"),
            Refused("\"minutes\""),
        ),
        (
            "competency renamed",
            renamed(5, "skill"),
            Refused("\"competency\""),
        ),
        (
            "a name in capitals",
            renamed(3, "HELD_ON"),
            Refused("\"held_on\""),
        ),
        (
            "a name with a space",
            renamed(3, " held_on"),
            Refused("\"held_on\""),
        ),
        ("session_id gone", without(0), Refused("\"session_id\"")),
        ("coachee_id gone", without(1), Refused("\"coachee_id\"")),
        ("coach_id gone", without(2), Refused("\"coach_id\"")),
        ("held_on gone", without(3), Refused("\"held_on\"")),
        ("minutes gone", without(4), Refused("\"minutes\"")),
        ("competency gone", without(5), Refused("\"competency\"")),
        ("another order", kept(&[9, 3, 1, 0, 2, 8, 7, 6, 5, 4]), Same),
        (
            "columns added",
            {
                let added = |cells: &Vec<String>| {
                    [&["canary".to_owned()], &cells[..], &["canary".to_owned()]].concat()
                };
                let mut more: Vec<_> = table().iter().map(added).collect();
                more[0][0] = "room".to_owned();
                more[0][11] = "region".to_owned();
                text(&more, ",").into_bytes()
            },
            Same,
        ),
        (
            "a column twice",
            kept(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 4]),
            Refused("same name"),
        ),
        (
            "no header",
            text(&table()[1..], ",").into_bytes(),
            Refused("header"),
        ),
    ]
}

fn changed_values() -> Vec<(&'static str, Vec<u8>, Fate)> {
    let fixed = |column: usize, value: &'static str| retyped(column, move |_| value.to_owned());
    vec![
        (
            "days first",
            fixed(3, "03/02/2025"),
            Coded("held_on", "date"),
        ),
        (
            "months by name",
            fixed(3, "3 Feb 2025"),
            Coded("held_on", "date"),
        ),
        (
            "days since 1970",
            fixed(3, "20122"),
            Coded("held_on", "date"),
        ),
        (
            "seconds since 1970",
            fixed(3, "1738540800"),
            Coded("held_on", "date"),
        ),
        (
            "hours and minutes",
            fixed(4, "1:00"),
            Coded("minutes", "number"),
        ),
        (
            "minutes with a unit",
            fixed(4, "60 min"),
            Coded("minutes", "number"),
        ),
        (
            "decimal commas",
            fixed(4, "\"60,5\""),
            Coded("minutes", "number"),
        ),
        ("seconds", fixed(4, "3600"), Coded("minutes", "range")),
        ("no minutes", fixed(4, ""), Coded("minutes", "missing")),
        ("NULL as text", fixed(4, "NULL"), Coded("minutes", "number")),
        (
            "another framework",
            fixed(5, "bravery"),
            Coded("competency", "undeclared"),
        ),
        (
            "labels for codes",
            fixed(5, "Courage"),
            Coded("competency", "undeclared"),
        ),
        (
            "another mark in lists",
            fixed(5, "courage|focus"),
            Coded("competency", "undeclared"),
        ),
        ("other modes", fixed(7, "Coaching"), Coded("mode", "value")),
        ("other triggers", fixed(8, "1"), Coded("trigger", "value")),
        (
            "other ids of people",
            fixed(1, "ana@acme"),
            Coded("coachee_id", "no_person"),
        ),
        (
            "no ids of coaches",
            fixed(2, ""),
            Coded("coach_id", "missing"),
        ),
        (
            "updated_at in words",
            fixed(9, "yesterday"),
            Coded("updated_at", "date"),
        ),
    ]
}

fn changed_files() -> Vec<(&'static str, &'static str, Vec<u8>, Fate)> {
    let whole = text(&table(), ",");
    let lines = |change: fn(&str) -> String| {
        let rows = ROWS.map(|row| change(row) + "\n").concat();
        format!("{HEAD}{rows}").into_bytes()
    };
    let name = "sessions.csv";
    let latin: Vec<u8> = [&whole.as_bytes()[..whole.len() - 1], b"\xe9\n"].concat();
    let utf16 = whole.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let json = r#"{"session_id":"s1","coachee_id":"ana","coach_id":"canary1","held_on":"2025-02-03","minutes":60,"competency":["courage","focus"]}"#;
    let ndjson = |from: &str, to: &str| {
        assert!(json.contains(from));
        json.replace(from, to).into_bytes()
    };
    let lines_of = "sessions.ndjson";
    vec![
        (
            "semicolons",
            name,
            text(&table(), ";").into_bytes(),
            Refused("delimiter"),
        ),
        (
            "tabs",
            name,
            text(&table(), "\t").into_bytes(),
            Refused("delimiter"),
        ),
        (
            "a cell too many",
            name,
            lines(|row| format!("{row},")),
            Coded("", "field_count"),
        ),
        (
            "a cell too few",
            name,
            lines(|row| row.rsplit_once(',').expect("cells").0.to_owned()),
            Coded("", "field_count"),
        ),
        (
            "rows in quotes",
            name,
            lines(|row| format!("\"{row}\"")),
            Coded("", "field_count"),
        ),
        ("Latin-1", name, latin, Refused("UTF-8")),
        ("UTF-16", name, utf16, Refused("UTF-16")),
        ("gzip without its name", name, gzip(&whole), Refused(".gz")),
        (
            "Parquet without its name",
            name,
            encode(columns()),
            Refused(".parquet"),
        ),
        (
            "an array, not lines",
            lines_of,
            format!("[{json}]").into_bytes(),
            Coded("", "json"),
        ),
        (
            "a key renamed",
            lines_of,
            ndjson("\"minutes\"", "\"duration\""),
            Coded("minutes", "missing"),
        ),
        (
            "a key in an object",
            lines_of,
            ndjson("60", "{\"value\":60}"),
            Coded("minutes", "number"),
        ),
        (
            "a list for a text",
            lines_of,
            ndjson("\"ana\"", "[\"ana\"]"),
            Coded("coachee_id", "id"),
        ),
        (
            "a truth for a number",
            lines_of,
            ndjson("60", "true"),
            Coded("minutes", "number"),
        ),
        (
            "a number for a date",
            lines_of,
            ndjson("\"2025-02-03\"", "20250203"),
            Coded("held_on", "date"),
        ),
        (
            "CSV in NDJSON",
            lines_of,
            whole.into_bytes(),
            Coded("", "json"),
        ),
    ]
}

fn changed_types() -> Vec<(&'static str, Vec<u8>, Fate)> {
    let with = |name: &'static str, column: ArrayRef| {
        let mut columns = columns();
        columns.retain(|(known, _)| *known != name);
        columns.push((name, column));
        encode(columns)
    };
    let called = |from: &str, to: &'static str| {
        let columns = columns().into_iter();
        encode(
            columns
                .map(|(name, column)| (if name == from { to } else { name }, column))
                .collect(),
        )
    };
    let object = || -> ArrayRef {
        let field = Arc::new(Field::new("id", DataType::Utf8, false));
        let ids: ArrayRef = Arc::new(StringArray::from(vec!["ana"; 3]));
        Arc::new(StructArray::from(vec![(field, ids)]))
    };
    let list = || -> ArrayRef {
        let mut builder = ListBuilder::new(StringBuilder::new());
        for _ in 0..3 {
            builder.values().append_value("ana");
            builder.append(true);
        }
        Arc::new(builder.finish())
    };
    let texts = |text: &str| -> ArrayRef { Arc::new(StringArray::from(vec![text; 3])) };
    vec![
        (
            "flags for minutes",
            with("minutes", Arc::new(BooleanArray::from(vec![true; 3]))),
            Refused("of type"),
        ),
        (
            "decimals for minutes",
            with("minutes", Arc::new(Decimal128Array::from(vec![1, 2, 3]))),
            Refused("of type"),
        ),
        (
            "whole numbers for dates",
            with("held_on", Arc::new(Int64Array::from(vec![1; 3]))),
            Refused("of type"),
        ),
        (
            "fractions for ids",
            with("coachee_id", Arc::new(Float64Array::from(vec![1.0; 3]))),
            Refused("of type"),
        ),
        (
            "an object for an id",
            with("coachee_id", object()),
            Refused("coachee_id"),
        ),
        (
            "a list for an id",
            with("coachee_id", list()),
            Refused("coachee_id"),
        ),
        (
            "texts that are no dates",
            with("held_on", texts("canary")),
            Coded("held_on", "date"),
        ),
        (
            "texts that are no numbers",
            with("minutes", texts("an hour")),
            Coded("minutes", "number"),
        ),
        (
            "NaN",
            with("minutes", Arc::new(Float64Array::from(vec![f64::NAN; 3]))),
            Coded("minutes", "number"),
        ),
        (
            "minutes renamed",
            called("minutes", "duration"),
            Refused("\"minutes\""),
        ),
        (
            "competency renamed",
            called("competency", "skills"),
            Refused("\"competency\""),
        ),
    ]
}

/// Reads a file of sessions that replaces the others.
fn judge(what: &str, name: &str, bytes: &[u8], fate: Fate, before: &Whole) {
    let fixture = Fixture::new();
    fixture.put(name, bytes);
    match (fate, fixture.try_read(&["2025-Q1"])) {
        (Refused(word), Err(error)) => {
            let said = error.to_string();
            assert_eq!(error.exit_code(), 3, "{what}");
            assert!(said.contains(word) && said.contains(name), "{what}: {said}");
            assert!(
                !format!("{error} {error:?}").contains("canary"),
                "{what}: {error:?}"
            );
        }
        (Coded(column, reason), Ok(intake)) => {
            reconcile(&intake);
            let [read, accepted, ..] = totals(&intake, "sessions");
            assert!(read > 0 && accepted == 0, "{what}: {read}, {accepted}");
            let found = faults(&intake, "sessions");
            assert!(
                found
                    .iter()
                    .any(|(_, at, code)| (*at, *code) == (column, reason)),
                "{what}: {found:?}"
            );
            assert_eq!(found.len() as u64, read, "{what}");
            let refusal = intake.refusal(&fixture.project).expect(what);
            assert_eq!(refusal.exit_code(), 3);
        }
        (Same, Ok(intake)) => {
            reconcile(&intake);
            assert!(intake.periods == before.periods, "{what}");
        }
        (_, found) => panic!(
            "{what}: {fate:?}: {:?}",
            found.map(|intake| faults(&intake, "sessions").len())
        ),
    }
}

#[test]
fn sessions_that_drift_are_refused_or_quarantined_with_a_code() {
    let fixture = Fixture::new();
    fixture.put("sessions.csv", text(&table(), ","));
    let before = fixture.read(&["2025-Q1"]);
    assert_eq!(totals(&before, "sessions"), [3, 3, 0, 0]);
    let mut drifts = 0;
    for (what, bytes, fate) in changed_columns().into_iter().chain(changed_values()) {
        judge(what, "sessions.csv", &bytes, fate, &before);
        drifts += 1;
    }
    for (what, name, bytes, fate) in changed_files() {
        judge(what, name, &bytes, fate, &before);
        drifts += 1;
    }
    for (what, bytes, fate) in changed_types() {
        judge(what, "sessions.parquet", &bytes, fate, &before);
        drifts += 1;
    }
    assert!(drifts >= 60, "{drifts}");
}

/// Optional columns may be absent; whoever needs one names it, and then it may not.
#[test]
fn an_optional_column_that_is_named_may_not_disappear() {
    for (column, name) in [
        (6, "themes"),
        (7, "mode"),
        (8, "trigger"),
        (9, "updated_at"),
    ] {
        let mut fixture = Fixture::new();
        fixture.map("sessions", name, name, None);
        for bytes in [
            renamed(column, "canary"),
            kept(&(0..10).filter(|at| *at != column).collect::<Vec<_>>()),
        ] {
            fixture.put("sessions.csv", bytes);
            let refusal = fixture.refusal();
            assert!(refusal.contains(&format!("{name:?}")), "{refusal}");
        }
    }
}
