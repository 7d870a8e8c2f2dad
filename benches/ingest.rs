//! Files to bounded, counted rows: a run that reads and checks everything that a
//! release needs, and draws nothing.
//!
//! ```text
//! cargo bench --bench ingest
//! ```
//!
//! 100,000 sessions of 5,000 people in 200 departments, in each format.

mod project;

use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use divan::Bencher;
use divan::counter::ItemsCount;
use jiff::civil::date;
use lodestar::night::Night;
use lodestar::pipeline::{self, Options};
use lodestar::progress::Silent;
use parquet::arrow::ArrowWriter;
use project::{COMPETENCIES, THEMES, department};

const SESSIONS: usize = 100_000;
const PEOPLE: usize = 5_000;
const COACHES: usize = 200;
const COLUMNS: [&str; 7] = [
    "session_id",
    "coachee_id",
    "coach_id",
    "held_on",
    "minutes",
    "competency",
    "themes",
];

fn main() {
    divan::main();
}

#[divan::bench(sample_count = 5, args = ["csv", "ndjson", "parquet"])]
fn dry_run(bencher: Bencher, format: &str) {
    let name = format!("sessions.{format}");
    let (folder, project) = project::make(&name);
    people(&folder.path().join("people.csv"));
    sessions(&folder.path().join(name), format);
    let options = Options {
        as_of: date(2026, 2, 1),
        period: None,
        revise: false,
        dry_run: true,
        memory: None,
        progress: &Silent,
    };
    bencher
        .counter(ItemsCount::new(SESSIONS))
        .with_inputs(Night::default)
        .bench_refs(|night| pipeline::run(&project, &options, night).expect("good rows"));
}

fn people(path: &Path) {
    let mut text = "person_id,org_unit\n".to_owned();
    for person in 0..PEOPLE {
        writeln!(text, "p{person:05},{}", department(person)).expect("memory");
    }
    fs::write(path, text).expect("the folder takes files");
}

fn sessions(path: &Path, format: &str) {
    match format {
        "parquet" => return parquet(path),
        "csv" => fs::write(path, csv()),
        _ => fs::write(path, ndjson()),
    }
    .expect("the folder takes files");
}

/// A session's cells, the same every time.
fn session(number: usize) -> [String; 7] {
    // Far apart from one row to the next, as rows of an export are.
    let step = number.wrapping_mul(2_654_435_761);
    let person = step % PEOPLE;
    let of = step / PEOPLE % COMPETENCIES;
    let theme = step / 7 % THEMES;
    [
        format!("s{number:07}"),
        format!("p{person:05}"),
        format!("c{:03}", person % COACHES),
        format!("2025-{:02}-{:02}", 1 + step % 12, 1 + step % 28),
        "60".to_owned(),
        format!("competency-{of}"),
        format!("theme-{of}-{theme};theme-{of}-{}", (theme + 1) % THEMES),
    ]
}

fn csv() -> String {
    let mut text = COLUMNS.join(",");
    for number in 0..SESSIONS {
        write!(text, "\n{}", session(number).join(",")).expect("memory");
    }
    text.push('\n');
    text
}

fn ndjson() -> String {
    let mut text = String::new();
    for number in 0..SESSIONS {
        let cells = COLUMNS.iter().zip(session(number));
        let pairs: Vec<String> = cells
            .map(|(column, cell)| format!("\"{column}\":\"{cell}\""))
            .collect();
        writeln!(text, "{{{}}}", pairs.join(",")).expect("memory");
    }
    text
}

fn parquet(path: &Path) {
    let rows: Vec<[String; 7]> = (0..SESSIONS).map(session).collect();
    let column = |at: usize| {
        let cells = rows.iter().map(|row| row[at].as_str());
        Arc::new(StringArray::from_iter_values(cells)) as ArrayRef
    };
    let columns = COLUMNS.iter().enumerate();
    let batch = RecordBatch::try_from_iter(columns.map(|(at, name)| (*name, column(at))));
    let batch = batch.expect("columns of one length");
    let file = File::create(path).expect("the folder takes files");
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).expect("a schema");
    writer.write(&batch).expect("a batch");
    writer.close().expect("a footer");
}
