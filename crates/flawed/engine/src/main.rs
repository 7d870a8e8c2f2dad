//! The program with defects in it: `LODESTAR_FLAW` names the one that is on,
//! `LODESTAR_FAIL_AT` the place at which it ends. Nobody installs it.

extern crate lodestar_flawed as lodestar;

#[path = "../../../../src/cli/mod.rs"]
mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::harden();
    let outcome = std::panic::catch_unwind(cli::run);
    ExitCode::from(outcome.unwrap_or_else(|_| cli::unexpected()))
}
