//! The same rows give the same numbers, however they come.

use std::fs;
use std::process::Command;

use crate::exact_support::project::run;
use crate::exact_support::{Dice, Row, Sample, Settings, Table, facts};

fn released(sample: &Sample) -> Vec<Row> {
    sample.start_anew();
    let project = sample.project();
    run(&project).unwrap();
    facts(&project.publish.join("current"), &project.measures[0])
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
    let sample = Sample::synthetic(600, &Settings::exact(5, 1, 2));
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
    let sample = Sample::synthetic(600, &Settings::exact(5, 1, 2));
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
        all.push(facts(
            &sample.path().join("published/current"),
            &sample.project().measures[0],
        ));
    }
    assert!(all[0].len() > 1_000);
    assert!(all.iter().all(|rows| *rows == all[0]));
}
