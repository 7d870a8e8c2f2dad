//! An attack that can't succeed would prove nothing: each is made on a build with the
//! defect that it looks for, and must find what it finds nowhere else. The attacks are
//! those of `tests/it/attacks`, compiled with the flawed engine; a process has one
//! defect, so each is a process of its own.
//!
//! Three defects let no attack succeed that reads as few releases as these: noise that
//! is a tenth too small, that is drawn as floats, and sizes that are drawn and not
//! charged. The audit sees them, as it sees calls of mechanisms.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

use std::process::Command;

extern crate lodestar_flawed as lodestar;

/// The program that is attacked.
const PROGRAM: &str = env!("CARGO_BIN_EXE_lodestar-flawed");

#[path = "../../../../tests/it/attacks"]
mod attacks {
    mod averaging;
    mod caseloads;
    mod guess;
    mod leaving;
    mod membership;
    mod office;
    mod probes;
    mod stand;
}
#[expect(dead_code, unused_imports, reason = "attacks need some of it")]
#[path = "../../../../tests/it/exact_support/mod.rs"]
mod exact_support;
#[expect(dead_code, reason = "attacks need some of it")]
#[path = "../../../../tests/it/support.rs"]
mod support;

/// Each defect, and the attacks that it lets succeed.
const DEFECTS: [(&str, &str); 11] = [
    (
        "hidden_alone",
        "caseloads::no_hidden_unit_is_its_parent_less_its_siblings",
    ),
    (
        "constant_noise",
        "membership::nobody_is_found_by_how_long_they_talk",
    ),
    ("exact_k", "leaving::the_last_one_who_leaves_is_not_missed"),
    ("unshifted", "leaving::nor_is_the_last_one_of_many"),
    (
        "k_less_one",
        "caseloads::no_noise_shows_a_unit_of_fewer_than_k_outsiders",
    ),
    (
        "no_cap",
        "membership::nobody_is_found_by_how_many_themes_they_name",
    ),
    (
        "no_clip",
        "membership::nobody_is_found_by_how_long_they_talk",
    ),
    ("ids_of_all", "probes::nor_do_those_of_all_others"),
    (
        "not_a_number",
        "probes::no_score_of_ones_own_spoils_what_is_said_of_others",
    ),
    (
        "coaches_of_period",
        "caseloads::nobody_who_coaches_or_rates_is_left_with_fewer_than_k_others",
    ),
    ("drawn_anew", "averaging::running_again_draws_nothing_again"),
];

/// What became of an attack on a build with a defect, or without.
fn attacked(flaw: Option<&str>, attack: &str) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--ignored", "--exact"]);
    command.arg(format!("attacks::{attack}"));
    command
        .env_remove("LODESTAR_TESTS")
        .env_remove("LODESTAR_FLAW");
    command.envs(flaw.map(|flaw| ("LODESTAR_FLAW", flaw)));
    let output = command.output().unwrap();
    String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
}

#[test]
fn each_attack_succeeds_where_its_defect_is() {
    for (flaw, attack) in DEFECTS {
        let said = attacked(Some(flaw), attack);
        assert!(said.contains("0 passed; 1 failed;"), "{flaw}: {said}");
        // It found something; it is not that it could not go on.
        let (file, _) = attack.split_once("::").unwrap();
        let found = said.contains(&format!("/attacks/{file}.rs:"));
        assert!(found, "{flaw}: {said}");
    }
}

/// That it is the defect that lets them succeed, not the build: of attacks that take
/// little time.
#[test]
fn without_a_defect_none_succeeds() {
    for (_, attack) in DEFECTS {
        if ["probes", "caseloads"]
            .iter()
            .any(|file| attack.starts_with(file))
        {
            let said = attacked(None, attack);
            assert!(said.contains("1 passed; 0 failed;"), "{said}");
        }
    }
}
