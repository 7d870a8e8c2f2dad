//! The audit of what ships. That it notices defects is shown in `crates/flawed`.

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
