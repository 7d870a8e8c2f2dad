//! The audit of what ships. That it notices defects is shown in `crates/flawed`.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::support::run;

#[test]
fn the_mechanisms_that_ship_keep_what_is_claimed() {
    let said = run(["audit", "--quick", "--json"]).ok();
    let said: Value = said.json();
    assert_eq!(said["quick"], true);
    let verdicts = said["claims"].as_array().unwrap();
    let parts = ["noise", "delta", "replay", "probes", "tell", "retry"];
    for part in parts {
        let mine = verdicts.iter().filter(|verdict| verdict["check"] == part);
        assert!(mine.clone().count() > 1, "{part}");
        for verdict in mine {
            assert_eq!(verdict["holds"], true, "{verdict}");
            assert_ne!(verdict["samples"], 0, "{verdict}");
        }
    }
    assert!(
        verdicts
            .iter()
            .all(|verdict| parts.contains(&verdict["check"].as_str().unwrap()))
    );
    // It says what it could have seen, and that is less than nothing at all.
    let seen = |part: &str, word: &str| {
        let mut mine = verdicts.iter().filter(|verdict| verdict["check"] == part);
        mine.any(|verdict| verdict["would_see"].as_str().unwrap().contains(word))
    };
    assert!(seen("noise", "σ × 0.9") && seen("tell", "ε "), "{said:?}");
}

#[test]
fn its_table_fits_a_terminal() {
    let said = run(["audit", "--only", "retry"]).ok();
    let wide = said.stdout.lines().find(|line| line.chars().count() > 80);
    assert_eq!(wide, None, "{said:?}");
    assert!(said.stdout.contains("retry: charges"), "{said:?}");
}

/// What `tests/audit/clean.py` says of so many audits of a part; `None`: no Python.
fn counted(audits: usize, log: &Path) -> Option<Output> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/audit/clean.py");
    let mut python = Command::new("python3");
    python.arg(script).args(["--lodestar", crate::PROGRAM]);
    python.args(["--only", "retry", "--audits", &audits.to_string()]);
    let ended = python.arg("--log").arg(log).output();
    ended.ok()
}

#[test]
fn alarms_are_counted_and_no_audit_is_made_twice() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("clean.tsv");
    let Some(ended) = counted(2, &log) else {
        return eprintln!("skipped: no python3");
    };
    assert!(ended.status.success(), "{ended:?}");
    let said = String::from_utf8(ended.stdout).unwrap();
    assert!(said.starts_with("2 quick audits, 0 alarms;"), "{said}");
    // Four alarms, and a line that was cut off: that audit is made once more.
    let text = fs::read_to_string(&log).unwrap();
    let (head, _) = text.split_once('\n').unwrap();
    let alarms = (1..5).map(|seed| format!("{seed}\t8\t1.00\tnoise: σ 3.16, variance\n"));
    let text = format!("{head}\n{}5\t0", alarms.collect::<String>());
    fs::write(&log, &text).unwrap();
    let ended = counted(5, &log).unwrap();
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
    let said = String::from_utf8(ended.stdout).unwrap();
    assert!(
        said.contains("seed 4: noise: σ 3.16, variance\n5 quick audits, 4 alarms;"),
        "{said}"
    );
    let kept = fs::read_to_string(&log).unwrap();
    assert!(
        kept.starts_with(&text) && kept.lines().count() == 6,
        "{kept}"
    );
    // What another program did is not counted with this one.
    fs::write(&log, text.replacen("# ", "# 0", 1)).unwrap();
    assert_eq!(counted(5, &log).unwrap().status.code(), Some(2));
}
