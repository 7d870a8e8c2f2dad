//! `lodestar audit`: whether the mechanisms keep what is claimed of them.

use std::io::IsTerminal as _;

use clap::{Args, ValueEnum};
use lodestar::audit::{AuditError, Check, Options, Verdict, audit};
use lodestar::publish::ENGINE_VERSION;
use lodestar::text::{count, grouped};
use serde_json::json;

use super::output;
use super::values::{Word, whole};
use super::{Done, Failure, Threads};

/// Audit the mechanisms: try to show that what is claimed is wrong.
///
/// Draws as a run draws, from synthetic people of its own. Reads no project,
/// charges and publishes nothing. Ends with 8 if a claim is shown to be wrong.
///
/// Example: lodestar audit --only retry
/// Example: lodestar audit --quick --json
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Audit {
    /// Fewer samples: some seconds.
    #[arg(long)]
    quick: bool,
    /// These parts alone.
    #[arg(long, value_name = "PART,…", value_delimiter = ',', value_parser = Word::<Part>::new())]
    only: Vec<Part>,
    /// Seed of the people who are made; noise has none.
    #[arg(long, default_value_t = 1, value_parser = whole(0, u64::MAX))]
    seed: u64,
    #[command(flatten)]
    threads: Threads,
    /// Print facts as JSON.
    #[arg(long)]
    json: bool,
}

/// A part of the audit.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Part {
    /// Noise as it is drawn: its size, its lowest bit, that it is new.
    Noise,
    /// The δ of selections, drawn and summed.
    Delta,
    /// Calls of mechanisms on neighbours: inputs, distances, charges.
    Replay,
    /// Rows that must change nothing, coaches who must be known.
    Probes,
    /// Releases of neighbours, told apart.
    Tell,
    /// A release that is tried again.
    Retry,
}

impl Part {
    fn check(self) -> Check {
        match self {
            Self::Noise => Check::Noise,
            Self::Delta => Check::Delta,
            Self::Replay => Check::Replay,
            Self::Probes => Check::Probes,
            Self::Tell => Check::Tell,
            Self::Retry => Check::Retry,
        }
    }
}

impl Audit {
    pub(super) fn run(&self) -> Done {
        self.threads.apply()?;
        let options = Options {
            quick: self.quick,
            seed: self.seed,
            checks: match &self.only[..] {
                [] => Check::ALL.to_vec(),
                only => only.iter().map(|part| part.check()).collect(),
            },
        };
        let told = std::io::stderr().is_terminal();
        let begins = |check: Check| {
            if told {
                eprintln!("{check}");
            }
        };
        let failed = |error: AuditError| Failure::new(error.exit_code(), error);
        let verdicts = audit(&options, begins).map_err(failed)?;
        let broken: Vec<&str> = verdicts
            .iter()
            .filter(|verdict| !verdict.holds)
            .map(|verdict| verdict.mechanism.as_str())
            .collect();
        if self.json {
            output::json(&json!({
                "engine_version": ENGINE_VERSION, "quick": self.quick, "seed": self.seed,
                "claims": verdicts,
            }))?;
        } else {
            table(&verdicts);
            self.summary(verdicts.len(), broken.len());
        }
        if broken.is_empty() {
            return Ok(());
        }
        let text = format!(
            "claims that were shown to be wrong:\n  {}",
            broken.join("\n  ")
        );
        Err(Failure::new(8, text))
    }

    /// What it comes to, and what it does not.
    fn summary(&self, claims: usize, broken: usize) {
        let how = if self.quick { "quick" } else { "full" };
        output::line("");
        output::wrapped(&format!(
            "lodestar {ENGINE_VERSION}, {how} audit, seed {}: {} of its mechanisms, {broken} shown to \
             be wrong. What is not shown to be wrong need not be right: the last column but one says \
             what would have been seen. It is about the program, with people of its own, and no \
             project's figures.",
            self.seed,
            count(claims as u64, "claim"),
        ));
    }
}

fn table(verdicts: &[Verdict]) {
    let head = [
        "part: mechanism",
        "claimed",
        "found",
        "N",
        "would see",
        "wrong",
    ];
    let row = |verdict: &Verdict| {
        vec![
            format!("{}: {}", verdict.check, verdict.mechanism),
            verdict.claim.clone(),
            verdict.found.clone(),
            grouped(verdict.samples),
            verdict.would_see.clone(),
            if verdict.holds { "no" } else { "YES" }.to_owned(),
        ]
    };
    let rows: Vec<Vec<String>> = verdicts.iter().map(row).collect();
    output::table(&head, &rows);
}
