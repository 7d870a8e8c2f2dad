//! What `synth` writes is what its own configuration declares.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::{Output, Project, run};

#[test]
fn every_row_of_a_synthetic_organisation_is_accepted() {
    let project = Project::synthetic();
    let report = project.lodestar("check --json").ok().json();
    let sources = report["sources"].as_array().unwrap();
    let names: Vec<_> = sources.iter().map(|source| &source["source"]).collect();
    let expected = [
        "org",
        "programmes",
        "people",
        "sessions",
        "assessments",
        "outcomes",
    ];
    assert_eq!(names, expected);
    for source in sources {
        assert!(source["read"].as_u64().unwrap() > 0, "{source}");
        assert_eq!(source["read"], source["accepted"], "{source}");
    }
}

/// `lodestar synth` of 600 people with 6,000 sessions, and more options.
fn synth(project: &Project, options: &str) -> Output {
    let out = project.path("large");
    let usual = ["synth", "--people", "600", "--sessions", "6000", "--json"];
    let usual = usual.into_iter().chain(["--seed", "5", "--out"]);
    let args = usual.chain([out.to_str().unwrap()]);
    run(args.chain(options.split_whitespace())).ok()
}

/// What a command says about what `synth` made.
fn of_large(project: &Project, command: &str) -> Value {
    let config = project.path("large/lodestar.toml");
    let args = command.split_whitespace().chain(["--json", "--config"]);
    run(args.chain([config.to_str().unwrap()])).ok().json()
}

#[test]
fn every_row_of_a_clean_organisation_of_any_size_is_accepted() {
    for options in [
        "--units 40 --levels 4",
        "--careers 0.1 --groups 0.3 --late 0.1 --every year",
        "--careers 0.1 --late 0.01 --format csv --years 2",
        "--groups 0.1 --format ndjson",
    ] {
        let project = Project::empty();
        let facts = synth(&project, options).json();
        assert_eq!(
            (&facts["people"], &facts["sessions"]),
            (&600.into(), &6000.into())
        );
        let report = of_large(&project, "check");
        let sources = report["sources"].as_array().unwrap();
        assert_eq!(sources.len(), 3, "{options}");
        for source in sources {
            assert_eq!(source["read"], source["accepted"], "{options}: {source}");
        }
        assert_eq!(report["unknown_themes"], 0);
        let due = of_large(&project, "run --dry-run")["would_release"].clone();
        let years = options.contains("--every year");
        assert_eq!(due.as_array().unwrap().len() == 1, years, "{due}");
        assert_eq!(sources[0]["read"].as_u64(), facts["units"].as_u64());
        assert_eq!(sources[2]["read"], 6000);
    }
}

#[test]
fn dirt_ends_up_as_what_it_was_made_for() {
    let mut reasons_seen = std::collections::BTreeSet::new();
    for format in ["parquet", "csv", "ndjson"] {
        let project = Project::empty();
        let options = format!("--dirt 0.01 --late 0.1 --groups 0.1 --format {format}");
        let facts = synth(&project, &options).json();
        let report = of_large(&project, "check");
        let mut sources = BTreeMap::new();
        for source in report["sources"].as_array().unwrap() {
            sources.insert(source["source"].as_str().unwrap(), source);
        }
        let mut expected: BTreeMap<&str, (BTreeMap<String, u64>, u64)> = BTreeMap::new();
        for copies in facts["dirt"].as_array().unwrap() {
            let word = |name: &str| copies[name].as_str().unwrap();
            let rows = copies["rows"].as_u64().unwrap();
            assert!(rows > 0, "{copies}");
            let (reasons, duplicates) = expected.entry(word("table")).or_default();
            let at = match word("column") {
                "" => word("kind").to_owned(),
                column => format!("{column}: {}", word("kind")),
            };
            if word("becomes") == "duplicate" {
                *duplicates += rows;
            } else {
                reasons.insert(at, rows);
            }
            reasons_seen.insert(word("kind").to_owned());
        }
        assert_eq!(
            expected["sessions"].0.values().next(),
            Some(&60),
            "a hundredth each"
        );
        for (table, (reasons, duplicates)) in expected {
            let source = sources[table];
            let found: BTreeMap<String, u64> =
                serde_json::from_value(source["reasons"].clone()).unwrap();
            assert_eq!(found, reasons, "{format}: {table}");
            assert_eq!(source["duplicate"], duplicates, "{format}: {table}");
        }
        assert_eq!(sources["sessions"]["accepted"], 6000);
        assert_eq!(sources["people"]["accepted"], 600);
    }
    assert_eq!(reasons_seen.len(), 14, "{reasons_seen:?}");
}
