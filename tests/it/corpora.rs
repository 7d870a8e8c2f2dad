//! Broken inputs that others collected, where their files are at hand.
//!
//! The corpora are no part of the project. Where they are absent the test says so.

use std::fs;
use std::path::PathBuf;

use lodestar::config;
use lodestar::ingest::{self, IngestError, Key, Org, Request, Totals};

use crate::support::Project;

/// The files of a corpus, by name; none if it is absent.
fn corpus(name: &str) -> Vec<(String, Vec<u8>)> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let Ok(entries) = fs::read_dir(root.join("../shared/data/corpora").join(name)) else {
        eprintln!("skipped: ../shared/data/corpora/{name} is absent");
        return Vec::new();
    };
    let file = |entry: std::io::Result<fs::DirEntry>| {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        (name, fs::read(entry.path()).unwrap())
    };
    entries.map(file).collect()
}

/// What becomes of the rows of one file of sessions.
fn read(project: &Project, name: &str, bytes: &[u8]) -> Result<Totals, IngestError> {
    let name = format!("input/{name}");
    project.write(&name, bytes);
    let mut configured = config::load(&project.config()).unwrap();
    configured.sources.sessions.paths = vec![name];
    let org = Org::load(&configured).unwrap();
    let key = Key::new([7; 16]);
    let intake = ingest::read(&configured, &org, &key, &Request::default())?;
    let totals = intake.reports.last().unwrap().totals();
    let parts = totals.accepted + totals.duplicate + totals.quarantined;
    assert_eq!(totals.read, parts, "{configured:?}");
    Ok(totals)
}

#[test]
fn json_that_must_or_must_not_be_read() {
    const ROW: &str = "\"session_id\":\"s\",\"coachee_id\":\"p01\",\"coach_id\":\"c\",\
                       \"held_on\":\"2025-02-01\",\"minutes\":60,\"competency\":\"adaptability\"";
    let project = Project::tiny();
    let (mut good, mut bad) = (0, 0);
    for (name, case) in corpus("json_test_suite") {
        // As it is, no case is a session.
        match read(&project, "whole.ndjson", &case) {
            Ok(totals) => assert_eq!(totals.accepted, 0, "{name}"),
            Err(error) => assert!(error.to_string().contains("whole.ndjson"), "{name}"),
        }
        // As a value that nobody reads it is none of a row's business, if it is JSON;
        // as one of ours it never is a person.
        if case.contains(&b'\n') {
            continue;
        }
        let row = |column: &str| {
            let rest = ROW.replace("\"coachee_id\":\"p01\"", &format!("\"{column}\":\"p01\""));
            [
                b"{\"coachee_id\":",
                &case[..],
                b",",
                rest.as_bytes(),
                b"}\n",
            ]
            .concat()
        };
        let ours = read(&project, "ours.ndjson", &row("other"));
        assert!(
            ours.is_err() || ours.is_ok_and(|totals| totals.accepted == 0),
            "{name}"
        );
        let unread = [b"{\"note\":", &case[..], b",", ROW.as_bytes(), b"}\n"].concat();
        let accepted = read(&project, "unread.ndjson", &unread).map_or(0, |totals| totals.accepted);
        match &name[..2] {
            "y_" => assert_eq!(accepted, 1, "{name}"),
            "n_" => assert_eq!(accepted, 0, "{name}"),
            _ => {}
        }
        good += u32::from(name.starts_with("y_"));
        bad += u32::from(name.starts_with("n_"));
    }
    assert!(
        (good, bad) == (0, 0) || (good > 80 && bad > 150),
        "{good}, {bad}"
    );
}

#[test]
fn parquet_that_is_damaged_is_refused_by_name() {
    let project = Project::tiny();
    for (name, bytes) in corpus("parquet_bad") {
        let error = read(&project, &name, &bytes).expect_err(&name);
        assert_eq!(error.exit_code(), 3);
        assert!(error.to_string().contains(&name), "{error}");
    }
}
