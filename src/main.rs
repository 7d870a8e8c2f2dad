//! The `lodestar` program: parse, run, exit code.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::harden();
    let outcome = std::panic::catch_unwind(cli::run);
    ExitCode::from(outcome.unwrap_or_else(|_| cli::unexpected()))
}
