//! `lodestar budget`: windows, spent, left; verifies the ledger's chain, and
//! rebuilds one that was lost.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use lodestar::night::windows;
use lodestar::pipeline;
use lodestar::state::WindowStatus;
use lodestar_privacy::ledger::{Charge, Evidence, Records};
use serde_json::json;

use super::output::{self, rho, short};
use super::{Done, Failure, ProjectArgs};

/// Show what every window has spent and has left, and verify the ledger.
///
/// ρ is what is counted: the ρ of releases add up to that of their window. ε is
/// what the sum of ρ means for one person, at the window's δ: it grows ever
/// slower, so ε of single releases do not add up, and half of ρ is more than
/// half of ε.
///
/// Example: lodestar budget --config lodestar.toml
/// Example: lodestar budget restore --from published/releases
#[derive(Debug, Args)]
#[command(verbatim_doc_comment, args_conflicts_with_subcommands = true)]
pub(super) struct Budget {
    #[command(flatten)]
    project: ProjectArgs,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Restore(Restore),
}

/// Rebuild a ledger that was lost from the releases that are published.
///
/// A window of which a release is missing is closed, unless `current` tells its
/// cost.
///
/// Example: lodestar budget restore --from published/releases
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
struct Restore {
    /// The folder `releases` of what was published, or a copy of it.
    #[arg(long, value_name = "RELEASES")]
    from: PathBuf,
    /// The first period that was ever released, where that was not the first of
    /// its window. The ledger notes that you say so.
    #[arg(long, value_name = "PERIOD")]
    started: Option<String>,
    #[command(flatten)]
    project: ProjectArgs,
}

impl Restore {
    fn run(&self) -> Done {
        let project = self.project.load()?;
        let restored = pipeline::restore(&project, &self.from, self.started.as_deref())
            .map_err(|error| Failure::new(error.exit_code(), error))?;
        if self.project.json {
            return output::json(&json!({
                "charges": restored.charges.iter().map(facts).collect::<Vec<_>>(),
                "started": restored.started, "entries": restored.entries,
            }));
        }
        for charge in &restored.charges {
            output::line(format!("{}: {}", charge.release_id(), told_by(charge)));
        }
        if notes(&restored) {
            output::wrapped(
                "if copies of what is missing are found, move the ledger away and rebuild it with \
                 them; if nothing was released before some period, say so with `--started`",
            );
        }
        output::line(match restored.charges.len() {
            1 => "1 release is charged; see `lodestar budget`".to_owned(),
            many => format!("{many} releases are charged; see `lodestar budget`"),
        });
        Ok(())
    }
}

fn told_by(charge: &Charge) -> &'static str {
    match charge.evidence {
        Evidence::Drawn(_) => "drawn and paid for",
        Evidence::Restored(_) => "restored from its folder",
        Evidence::Listed(_) => "lost; charged what a copy of `current` says that it cost",
        Evidence::Lost => "lost; charged all that is left of its window",
    }
}

/// What a rebuilt ledger was told, and what it does not know: then `true`.
fn notes(records: &Records) -> bool {
    if let Some(period) = &records.started {
        output::wrapped(&format!(
            "rebuilt with `--started {period}`: nothing was released before, it is said"
        ));
    }
    let windows = records.charges.iter().map(|charge| charge.window.as_str());
    let windows: BTreeSet<&str> = windows.collect();
    let closed = windows
        .into_iter()
        .filter_map(|window| Some((window, records.closed(window)?)));
    let closed: Vec<(&str, String)> = closed.collect();
    for (window, missing) in &closed {
        output::wrapped(&format!(
            "window {window} is closed: nothing tells what {missing} cost, so all that was left \
             of it counts as spent"
        ));
    }
    !closed.is_empty()
}

fn spare(window: &WindowStatus) -> &'static str {
    match window {
        WindowStatus { closed: true, .. } => "closed",
        WindowStatus {
            spare_used: true, ..
        } => "used",
        _ => "free",
    }
}

fn facts(charge: &Charge) -> serde_json::Value {
    json!({
        "release": charge.release_id(), "window": charge.window,
        "rho_micro": charge.rho_micro, "delta_femto": charge.delta_femto,
        "spare": charge.took_spare, "evidence": charge.evidence.name(),
    })
}

impl Budget {
    pub(super) fn run(&self) -> Done {
        match &self.command {
            Some(Command::Restore(restore)) => restore.run(),
            None => self.show(),
        }
    }

    fn show(&self) -> Done {
        let project = self.project.load()?;
        let records = Records::inspect(&project.state).map_err(|error| Failure::new(6, error))?;
        let published = lodestar::publish::published(&project.publish)
            .map_err(|error| Failure::new(error.exit_code(), error))?;
        records
            .know_all(&published)
            .map_err(|error| Failure::new(6, error))?;
        let windows = windows(&records).map_err(|error| Failure::new(6, error))?;
        if self.project.json {
            return output::json(&json!({
                "windows": windows,
                "charges": records.charges.iter().map(facts).collect::<Vec<_>>(),
                "started": records.started, "entries": records.entries, "chain": "valid",
            }));
        }
        if windows.is_empty() {
            output::line("nothing was released yet, nothing is spent");
            return Ok(());
        }
        let rows: Vec<Vec<String>> = windows
            .iter()
            .map(|window| {
                vec![
                    window.window.clone(),
                    short(window.epsilon),
                    format!("{:.1e}", window.delta),
                    short(window.spent_epsilon),
                    short(window.left_epsilon),
                    rho(window.spent_rho_micro),
                    rho(window.left_rho_micro),
                    window.releases.to_string(),
                    spare(window).to_owned(),
                ]
            })
            .collect();
        let head = [
            "window", "ε", "δ", "spent ε", "left ε", "spent ρ", "left ρ", "releases", "spare",
        ];
        output::table(&head, &rows);
        output::line("");
        let rows: Vec<Vec<String>> = records
            .charges
            .iter()
            .map(|charge| {
                vec![
                    charge.release_id(),
                    charge.window.clone(),
                    rho(charge.rho_micro),
                    format!("{:.1e}", charge.delta_femto as f64 / 1e15),
                    charge.evidence.name().to_owned(),
                ]
            })
            .collect();
        let head = ["release", "window", "ρ", "δ of selections", "known by"];
        output::table(&head, &rows);
        notes(&records);
        output::line(match records.entries {
            1 => "1 entry, chain valid".to_owned(),
            many => format!("{many} entries, chain valid"),
        });
        Ok(())
    }
}
