//! Files that end too early: cut at every byte where they are small, anywhere where
//! they are larger. A thousand cuts of each, not some:
//!
//! ```text
//! LODESTAR_TESTS=full cargo test --lib cuts
//! ```

use std::fmt::Write as _;
use std::ops::Range;

use super::parquet::{columns, encode};
use super::shapes::gzip;
use super::*;

/// What a cut file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    /// No file: the run ends with exit code 3.
    Refused,
    /// A shorter file, with so many rows.
    Rows(u64),
}

/// Reads the beginning of a file: whatever is read is accounted for, and no error
/// tells what it says.
fn cut(fixture: &Fixture, name: &str, bytes: &[u8]) -> Cut {
    fixture.put(name, bytes);
    match fixture.try_read(&["2025-Q1"]) {
        Ok(intake) => {
            reconcile(&intake);
            Cut::Rows(totals(&intake, "sessions")[0])
        }
        Err(error) => {
            assert_eq!(error.exit_code(), 3);
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains("canary"), "{shown}");
            assert!(shown.contains(name), "{shown}");
            Cut::Refused
        }
    }
}

/// Lengths to cut a file at: so many, spread over it without a pattern; always the
/// same.
fn lengths(whole: usize, cuts: usize) -> impl Iterator<Item = usize> {
    let cuts = match std::env::var("LODESTAR_TESTS") {
        Ok(asked) if asked == "full" => 1000,
        _ => cuts,
    };
    let place = |at: usize| (at as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
    (1..=cuts).map(move |at| (place(at) % whole as u64) as usize)
}

/// Rows as CSV, and where their last fields are: a text that ends within one looks
/// whole, as RFC 4180 lets the last line do without a line break.
fn csv(rows: usize) -> (String, Vec<Range<usize>>) {
    let (mut text, mut last) = (HEAD.to_owned(), Vec::new());
    for row in 0..rows {
        let who = if row % 2 == 0 { "ana" } else { "bob" };
        let note = if row % 5 == 0 {
            "\"canary, \"\"ü\"\"\""
        } else {
            "canary"
        };
        let _ = write!(
            text,
            "s{row},{who},{note},2025-02-03,60,courage;focus,doubt,,reactive,"
        );
        last.push(text.len()..text.len() + "2025-03-01".len());
        let end = if row % 3 == 0 { "\r\n" } else { "\n" };
        let _ = write!(text, "2025-03-01{end}");
    }
    (text, last)
}

/// What the beginning of a [`csv`] is, if it holds the names of all columns that are
/// needed.
fn expected(start: &[u8], last: &[Range<usize>]) -> Cut {
    let rows = last.partition_point(|field| field.start <= start.len());
    let within_last = rows > 0 && start.len() <= last[rows - 1].end;
    let at_end = matches!(start, [.., b'\n' | b'\r']);
    if within_last || at_end || start.len() <= HEAD.len() {
        Cut::Rows(rows as u64)
    } else {
        Cut::Refused
    }
}

/// Where the names of columns that are needed end.
fn needed() -> usize {
    HEAD.find(",themes").expect("a column")
}

fn csv_cut(fixture: &Fixture, (text, last): &(String, Vec<Range<usize>>), length: usize) {
    let start = &text.as_bytes()[..length];
    let found = cut(fixture, "sessions.csv", start);
    let is = if length < needed() {
        Cut::Refused
    } else {
        expected(start, last)
    };
    assert_eq!(found, is, "{length}");
}

#[test]
fn csv_that_ends_within_a_row_is_refused() {
    let fixture = Fixture::new();
    let file = csv(4);
    for length in 0..=file.0.len() {
        csv_cut(&fixture, &file, length);
    }
}

#[test]
fn larger_csv_cut_anywhere_is_refused_within_a_row() {
    let fixture = Fixture::new();
    let file = csv(2000);
    for length in lengths(file.0.len(), 40) {
        csv_cut(&fixture, &file, length);
    }
}

/// Rows as NDJSON.
fn ndjson(rows: usize) -> String {
    let row = |row: usize| {
        let who = if row.is_multiple_of(2) { "ana" } else { "bob" };
        format!(
            "{{\"session_id\":\"s{row}\",\"coachee_id\":\"{who}\",\"coach_id\":\"canary {{ü}}\",\
             \"held_on\":\"2025-02-03\",\"minutes\":45.5,\"competency\":[\"courage\"]}}\n"
        )
    };
    (0..rows).map(row).collect()
}

/// A cut of [`ndjson`] is whole at the end of an object alone.
fn ndjson_cut(fixture: &Fixture, text: &str, length: usize) {
    let start = &text.as_bytes()[..length];
    let found = cut(fixture, "sessions.ndjson", start);
    let rows = start.split(|byte| *byte == b'\n').count() as u64 - 1;
    let is = match start {
        [] | [.., b'\n'] => Cut::Rows(rows),
        [.., b']', b'}'] => Cut::Rows(rows + 1),
        _ => Cut::Refused,
    };
    assert_eq!(found, is, "{length}");
}

#[test]
fn ndjson_that_ends_within_a_line_is_refused() {
    let fixture = Fixture::new();
    let text = ndjson(3);
    for length in 0..=text.len() {
        ndjson_cut(&fixture, &text, length);
    }
}

#[test]
fn larger_ndjson_cut_anywhere_is_refused_within_a_line() {
    let fixture = Fixture::new();
    let text = ndjson(2000);
    for length in lengths(text.len(), 40) {
        ndjson_cut(&fixture, &text, length);
    }
}

#[test]
fn parquet_and_gzip_are_refused_wherever_they_are_cut() {
    let whole = [
        ("sessions.parquet", encode(columns())),
        ("sessions.csv.gz", gzip(csv(4).0)),
        ("sessions.ndjson.gz", gzip(ndjson(3))),
    ];
    for (name, whole) in whole {
        let fixture = Fixture::new();
        for length in 0..whole.len() {
            assert_eq!(
                cut(&fixture, name, &whole[..length]),
                Cut::Refused,
                "{name}: {length}"
            );
        }
        assert_ne!(cut(&fixture, name, &whole), Cut::Refused, "{name}");
    }
}

#[test]
fn larger_parquet_and_gzip_are_refused_wherever_they_are_cut() {
    let texts = |of: fn(usize) -> String| -> arrow::array::ArrayRef {
        std::sync::Arc::new(
            (0..5000)
                .map(|row| Some(of(row)))
                .collect::<arrow::array::StringArray>(),
        )
    };
    let parquet = encode(vec![
        ("session_id", texts(|row| format!("s{row}"))),
        (
            "coachee_id",
            texts(|row| if row % 2 == 0 { "ana" } else { "bob" }.to_owned()),
        ),
        ("coach_id", texts(|row| format!("canary-{row}"))),
        ("held_on", texts(|_| "2025-02-03".to_owned())),
        ("minutes", texts(|row| format!("{}", 30 + row % 60))),
        ("competency", texts(|_| "courage".to_owned())),
    ]);
    let whole = [
        ("sessions.parquet", parquet),
        ("sessions.csv.gz", gzip(csv(5000).0)),
        ("sessions.ndjson.gz", gzip(ndjson(5000))),
    ];
    for (name, whole) in whole {
        let fixture = Fixture::new();
        for length in lengths(whole.len(), 40) {
            assert_eq!(
                cut(&fixture, name, &whole[..length]),
                Cut::Refused,
                "{name}: {length}"
            );
        }
        assert_ne!(cut(&fixture, name, &whole), Cut::Refused, "{name}");
    }
}
