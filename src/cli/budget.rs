//! `lodestar budget`: windows, spent, left; verifies the ledger's chain.

use clap::Args;
use lodestar::night::windows;
use lodestar_privacy::ledger::Records;
use serde_json::json;

use super::output::{self, rho, short};
use super::{Done, Failure, ProjectArgs};

/// Show what every window has spent and has left, and verify the ledger.
///
/// Example: lodestar budget --config lodestar.toml
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Budget {
    #[command(flatten)]
    project: ProjectArgs,
}

impl Budget {
    pub(super) fn run(&self) -> Done {
        let project = self.project.load()?;
        let records = Records::inspect(&project.state).map_err(|error| Failure::new(6, error))?;
        let published = lodestar::publish::published(&project.publish)
            .map_err(|error| Failure::new(error.exit_code(), error))?;
        records
            .know_all(&published)
            .map_err(|error| Failure::new(6, error))?;
        let windows = windows(&records).map_err(|error| Failure::new(6, error))?;
        if self.project.json {
            let charges = records.charges.iter().map(|charge| {
                json!({
                    "release": charge.release_id(), "window": charge.window,
                    "rho_micro": charge.rho_micro, "delta_femto": charge.delta_femto,
                    "spare": charge.took_spare,
                })
            });
            return output::json(&json!({
                "windows": windows, "charges": charges.collect::<Vec<_>>(),
                "entries": records.entries, "chain": "valid",
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
                    rho(window.spent_rho_micro),
                    rho(window.left_rho_micro),
                    window.releases.to_string(),
                    if window.spare_used { "used" } else { "free" }.to_owned(),
                ]
            })
            .collect();
        let head = [
            "window", "ε", "δ", "spent ε", "spent ρ", "left ρ", "releases", "spare",
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
                ]
            })
            .collect();
        output::table(&["release", "window", "ρ", "δ of selections"], &rows);
        output::line(format!("{} entries, chain valid", records.entries));
        Ok(())
    }
}
