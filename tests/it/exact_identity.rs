//! The same rows give the same numbers, however they come.

use std::fs;
use std::process::Command;

use crate::exact_support::project::run;
use crate::exact_support::{Dice, Row, Sample, Settings, Table, facts};

/// Beside themes, numbers that the noise of so large a budget leaves whole: a
/// head-count's, and one that people's sums decide.
const MORE: &str = r#"
[[measures]]
use = "coverage"
[[measures]]
name = "long"
statistics = [{ name = "n", kind = "count", of = "minutes", at_least = 120 }]
"#;

/// Five quarters of a small synthetic organisation, two quarters of which are released.
fn sample() -> Sample {
    let sample = Sample::synthetic(600, &Settings::exact(5, 1, 2).and(MORE));
    let text = fs::read_to_string(sample.config()).unwrap();
    let text = text.replace(r#"last = "2025-Q1""#, r#"last = "2024-Q2""#);
    fs::write(sample.config(), text).unwrap();
    sample
}

/// All rows of all tables.
fn published(sample: &Sample) -> Vec<Row> {
    let project = sample.project();
    let current = project.publish.join("current");
    let tables = project.measures.iter();
    tables
        .flat_map(|measure| facts(&current, measure))
        .collect()
}

fn released(sample: &Sample) -> Vec<Row> {
    sample.start_anew();
    run(&sample.project()).unwrap();
    published(sample)
}

/// Deals rows out to so many files, CSV and Parquet in turn.
fn deal(sessions: &Table, folder: &std::path::Path, files: usize) {
    fs::remove_dir_all(folder).unwrap();
    fs::create_dir(folder).unwrap();
    let of = |file: usize| Table {
        names: sessions.names.clone(),
        rows: sessions
            .rows
            .iter()
            .skip(file)
            .step_by(files)
            .cloned()
            .collect(),
    };
    for file in 0..files {
        if file % 2 == 0 {
            of(file).write_csv(&folder.join(format!("{file}.csv")));
        } else {
            of(file).write_parquet(&folder.join(format!("{file}.parquet")));
        }
    }
}

#[test]
fn order_partition_format_and_repetition_of_rows_do_not_matter() {
    let sample = sample();
    let first = released(&sample);
    assert!(
        first
            .iter()
            .any(|row| row.statuses[0] == "ok" && row.level > 0)
    );
    let folder = sample.path().join("input/sessions");
    let text = fs::read_to_string(sample.config()).unwrap();
    fs::write(
        sample.config(),
        text.replace("sessions/*.parquet", "sessions"),
    )
    .unwrap();
    let files = fs::read_dir(&folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    let mut sessions = Table::read_all(&files.collect::<Vec<_>>());
    let mut dice = Dice::new(1);
    for (files, again) in [(1, 0), (2, 0), (7, 0), (3, 500)] {
        dice.shuffle(&mut sessions.rows);
        let delivered_again = sessions.rows[..again].to_vec();
        sessions.rows.extend(delivered_again);
        dice.shuffle(&mut sessions.rows);
        deal(&sessions, &folder, files);
        assert_eq!(
            released(&sample),
            first,
            "{files} files, {again} rows twice"
        );
    }
    let people = sample.path().join("input/people.csv");
    let mut table = Table::read_all(&[&people]);
    table.rows.reverse();
    table.write_csv(&people);
    assert_eq!(released(&sample), first, "people in another order");
}

#[test]
fn the_number_of_threads_does_not_matter() {
    let sample = sample();
    let mut all = Vec::new();
    for threads in ["1", "2", "5"] {
        sample.start_anew();
        let mut command = Command::new(env!("CARGO_BIN_EXE_lodestar"));
        let command = command.arg("run").arg("--config").arg(sample.config());
        let done = command.args(["--threads", threads]).output().unwrap();
        assert!(
            done.status.success(),
            "{}",
            String::from_utf8_lossy(&done.stderr)
        );
        all.push(published(&sample));
    }
    assert!(all[0].len() > 500);
    assert!(all.iter().all(|rows| *rows == all[0]));
}
