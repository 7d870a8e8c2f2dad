//! The `lodestar` program: parse, run, exit code.

mod cli;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    cli::harden();
    let outcome = std::panic::catch_unwind(|| cli::Cli::parse().run());
    ExitCode::from(outcome.unwrap_or_else(|_| cli::unexpected()))
}
