//! `verify` on a release that was altered: every table, every value of its
//! manifest, even where all digests were made to fit. The ledger holds the
//! manifest's hash, so it notices what nothing else can.

use std::path::Path;

use serde_json::Value;

use crate::fuzz::signing::{listing, signed};
use crate::support::{Project, names, short_or_full};

const FOLDER: &str = "published/releases/2025-Q1";

/// A released project, its manifest, and the manifest's text.
fn released() -> (Project, Value, String) {
    let project = Project::tiny();
    project.lodestar("run").ok();
    let text = String::from_utf8(project.read(&format!("{FOLDER}/manifest.json"))).unwrap();
    assert_eq!(signed(&text), text);
    let manifest = serde_json::from_str(&text).unwrap();
    (project, manifest, text)
}

/// JSON pointers to all plain values below a place.
fn leaves(value: &Value, place: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                leaves(value, &format!("{place}/{name}"), found);
            }
        }
        Value::Array(list) => {
            for (at, value) in list.iter().enumerate() {
                leaves(value, &format!("{place}/{at}"), found);
            }
        }
        _ => found.push(place.to_owned()),
    }
}

/// Another value of the same kind.
fn other(value: &Value) -> Value {
    match value {
        Value::Bool(flag) => (!flag).into(),
        Value::Number(number) if number.is_f64() => (number.as_f64().unwrap() / 2.0 + 0.1).into(),
        Value::Number(number) => (number.as_i64().unwrap() + 1).into(),
        Value::String(text) => format!("{text}x").into(),
        _ => "x".into(),
    }
}

/// `verify` says that the ledger has not paid for it, or that it is no release.
#[track_caller]
fn noticed(project: &Project, what: &str) {
    let output = project.verify("releases/2025-Q1");
    assert_eq!(output.code, Some(8), "{what}: {output:?}");
}

#[test]
fn every_value_of_a_manifest_is_vouched_for() {
    let (project, manifest, text) = released();
    let mut places = Vec::new();
    leaves(&manifest, "", &mut places);
    assert!(places.len() > 200, "{}", places.len());
    let budget = [
        "/privacy/k",
        "/privacy/epsilon_release",
        "/privacy/epsilon_window",
    ];
    for place in budget {
        assert!(
            places.iter().any(|at| at == place),
            "{place} is not among {places:#?}"
        );
    }
    let every = short_or_full(23, 1);
    let some = places.iter().enumerate();
    let some = some.filter(|(at, place)| at % every == 0 || place.starts_with("/privacy/"));
    for (_, place) in some.filter(|(_, place)| *place != "/self_sha256") {
        let mut altered = manifest.clone();
        let value = altered.pointer_mut(place).unwrap();
        *value = other(value);
        let altered = signed(&serde_json::to_string_pretty(&altered).unwrap());
        assert_ne!(altered, text, "{place}");
        project.write(&format!("{FOLDER}/manifest.json"), altered);
        noticed(&project, place);
    }
    project.write(&format!("{FOLDER}/manifest.json"), text);
    project.verify("releases/2025-Q1").ok();
}

/// Each table is replaced by that of another run, which is sound, and listed with its
/// own digest and length.
#[test]
fn every_table_is_vouched_for() {
    let (project, _, text) = released();
    let (others, ..) = released();
    let tables = names(&project.path(FOLDER)).into_iter();
    let is_table = |name: &String| {
        Path::new(name)
            .extension()
            .is_some_and(|end| end == "parquet")
    };
    let mut swapped = 0;
    for name in tables.filter(is_table) {
        let path = format!("{FOLDER}/{name}");
        let (mine, theirs) = (project.read(&path), others.read(&path));
        let mut replaced = theirs.clone();
        if mine == theirs {
            // What is declared alone is the same in both: a byte of it is not.
            let middle = replaced.len() / 2;
            replaced[middle] ^= 1;
        }
        project.write(&path, &replaced);
        noticed(&project, &name);
        let listed = listing(&text, &mine, &replaced).unwrap();
        project.write(&format!("{FOLDER}/manifest.json"), listed);
        noticed(&project, &format!("{name}, listed"));
        project.write(&format!("{FOLDER}/manifest.json"), &text);
        project.write(&path, &mine);
        swapped += 1;
    }
    assert!(swapped > 5, "{swapped}");
    project.verify("releases/2025-Q1").ok();
}
