//! Does the audit notice what it is there to notice? One defect after the other is on.
//!
//! ```text
//! LODESTAR_AUDIT_SEEDS=20 cargo test -p lodestar-flawed --test audit -- --nocapture
//! ```

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

use std::process::Command;

/// Each defect, and the part of the audit that must notice it.
const FLAWS: [(&str, &str); 13] = [
    ("noise_scale", "noise"),
    ("float_noise", "noise"),
    ("constant_noise", "noise"),
    ("exact_k", "tell"),
    ("unshifted", "replay"),
    ("k_less_one", "probes"),
    ("no_cap", "replay"),
    ("no_clip", "replay"),
    ("sizes_for_free", "replay"),
    ("ids_of_all", "replay"),
    ("not_a_number", "probes"),
    ("coaches_of_period", "probes"),
    ("drawn_anew", "retry"),
];

/// Seeds of which one may not notice, for each twenty.
fn seeds() -> u64 {
    let asked = std::env::var("LODESTAR_AUDIT_SEEDS");
    asked.map_or(1, |seeds| seeds.parse().unwrap())
}

/// The exit code of a part of the audit, and what it said.
fn audit(flaw: Option<&str>, part: &str, seed: u64) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lodestar-flawed"));
    command.env_remove("LODESTAR_FLAW");
    command.envs(flaw.map(|flaw| ("LODESTAR_FLAW", flaw)));
    let seed = seed.to_string();
    command.args(["audit", "--quick", "--only", part, "--seed", &seed]);
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).unwrap())
}

#[test]
#[expect(clippy::print_stdout, reason = "the figures of docs/reliability.md")]
fn every_defect_is_noticed() {
    let seeds = seeds();
    let mut missed = Vec::new();
    for (flaw, part) in FLAWS {
        let seen = (1..=seeds).filter(|seed| {
            let (code, said) = audit(Some(flaw), part, *seed);
            assert!(matches!(code, Some(0 | 8)), "{flaw}: {said}");
            code == Some(8)
        });
        let seen = seen.count() as u64;
        println!("{flaw}: noticed by {part} in {seen} of {seeds}");
        if seen + seeds / 20 < seeds {
            missed.push(flaw);
        }
    }
    assert!(missed.is_empty(), "{missed:?}");
}

/// That it is the defect that is noticed, not the build.
#[test]
fn without_a_defect_nothing_is_noticed() {
    for part in ["delta", "probes", "retry"] {
        let (code, said) = audit(None, part, 1);
        assert_eq!(code, Some(0), "{said}");
    }
}

/// Of real people a flawed build releases nothing.
#[test]
fn a_flawed_build_is_for_synthetic_people() {
    let folder = tempfile::tempdir().unwrap();
    let rows = (0..40).map(|n| format!("s{n},p{n},c{n},2024-02-01,60,courage\n"));
    let head = "session_id,coachee_id,coach_id,held_on,minutes,competency\n";
    let text = std::iter::once(head.to_owned()).chain(rows);
    std::fs::write(folder.path().join("sessions.csv"), text.collect::<String>()).unwrap();
    let config = folder.path().join("lodestar.toml");
    std::fs::write(&config, CONFIG).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_lodestar-flawed"));
    command.arg("run").arg("--config").arg(&config);
    let output = command.args(["--as-of", "2024-05-01"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(!folder.path().join("published/releases").exists());
}

const CONFIG: &str = r#"
[project]
organisation = "Acme"
[periods]
first = "2024-Q1"
last = "2024-Q1"
[privacy]
k = 3
[[competencies]]
id = "courage"
[sources.sessions]
path = "sessions.csv"
[[measures]]
use = "engagement"
"#;
