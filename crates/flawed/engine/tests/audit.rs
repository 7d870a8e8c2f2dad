//! Does the audit notice what it is there to notice? One defect after the other is on.
//!
//! ```text
//! LODESTAR_AUDIT_SEEDS=20 cargo test -p lodestar-flawed --test audit -- --nocapture
//! ```

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

use std::process::Command;

/// Each defect, and the part of the audit that must notice it.
const FLAWS: [(&str, &str); 12] = [
    ("noise_scale", "noise"),
    ("float_noise", "noise"),
    ("constant_noise", "noise"),
    ("exact_k", "tell"),
    ("unshifted", "replay"),
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
