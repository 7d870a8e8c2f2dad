//! `lodestar synth`: a synthetic organisation with its truth.

use std::path::PathBuf;

use clap::Args;
use lodestar::synth::{Options, generate};
use serde_json::json;

use super::{Done, Failure, output, shown};

/// Make a synthetic organisation with its truth, ready to `run`.
///
/// Example: lodestar synth --people 12000 --seed 2024 --out acme
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Synth {
    /// Number of people.
    #[arg(long)]
    people: u32,
    /// The same seed makes the same files.
    #[arg(long)]
    seed: u64,
    /// A folder that is empty or does not exist.
    #[arg(long)]
    out: PathBuf,
    /// Print facts as JSON.
    #[arg(long)]
    json: bool,
}

impl Synth {
    pub(super) fn run(&self) -> Done {
        let options = Options::new(self.people, self.seed, self.out.clone());
        let summary = generate(&options).map_err(|error| Failure::new(error.exit_code(), error))?;
        let config = shown(&self.out.join("lodestar.toml"));
        if self.json {
            return output::json(&json!({
                "people": summary.people, "divisions": summary.divisions,
                "departments": summary.departments, "coaches": summary.coaches,
                "sessions": summary.sessions, "config": config,
            }));
        }
        output::line(format!(
            "{} people in {} divisions and {} departments, {} coaches, {} sessions",
            summary.people,
            summary.divisions,
            summary.departments,
            summary.coaches,
            summary.sessions
        ));
        output::line(format!("next: lodestar run --config {config}"));
        Ok(())
    }
}
