//! `lodestar plan`: what the window will publish, before anything is spent.

use clap::Args;
use lodestar::ingest::Org;
use lodestar::plan::{COHORT_SIZES, WindowPlan, plan};
use lodestar_privacy::ledger::Records;

use super::output::{self, rho, short};
use super::{Done, Failure, ProjectArgs};

/// Show what each window will publish and how accurate it will be. Reads the
/// configuration, public files and the ledger; no private data.
///
/// Example: lodestar plan --config lodestar.toml
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Plan {
    #[command(flatten)]
    project: ProjectArgs,
}

impl Plan {
    pub(super) fn run(&self) -> Done {
        let project = self.project.load()?;
        let org = Org::load(&project).map_err(|error| Failure::new(error.exit_code(), error))?;
        let records = Records::inspect(&project.state).map_err(|error| Failure::new(6, error))?;
        let plans = plan(&project, &org, &records)
            .map_err(|error| Failure::new(error.exit_code(), error))?;
        if self.project.json {
            return output::json(&plans);
        }
        if plans.is_empty() {
            output::line("everything from `first` to `last` has been released");
        }
        for (index, plan) in plans.iter().enumerate() {
            if index > 0 {
                output::line("");
            }
            print(plan, project.privacy.k);
        }
        Ok(())
    }
}

fn print(plan: &WindowPlan, k: u32) {
    let next = &plan.next;
    output::line(format!(
        "window {}: ε {} δ {:e}, ρ {} of which {} spent",
        plan.window,
        plan.epsilon,
        plan.delta,
        rho(plan.rho_micro),
        rho(plan.spent_rho_micro)
    ));
    output::line(format!(
        "to be released: {}{}",
        plan.due.join(", "),
        if plan.spare {
            ", and a spare for one revision"
        } else {
            ""
        }
    ));
    output::line(format!(
        "{}: ρ {} (alone ε {}), as each of the others if nothing changes",
        next.period,
        rho(next.rho_micro),
        short(next.epsilon)
    ));
    output::line("");
    let rows: Vec<Vec<String>> = next
        .tables
        .iter()
        .map(|level| {
            let mut row = vec![
                level.table.clone(),
                level.level.to_string(),
                level.units.to_string(),
            ];
            row.extend([
                rho(level.rho_micro),
                short(level.sigma),
                level.smallest_cohort.to_string(),
            ]);
            row.extend(
                level
                    .half_widths
                    .map(|width| format!("{:.1}", width * 100.0)),
            );
            row
        })
        .collect();
    let sizes = COHORT_SIZES.map(|size| format!("±{size}"));
    let mut head = vec!["table", "level", "units", "ρ", "σ", "from"];
    head.extend(sizes.iter().map(String::as_str));
    output::table(&head, &rows);
    output::line(format!(
        "σ: noise on a count. from: people beyond the largest caseload at which a\n\
         cohort appears with probability ½ (never below {k}). ±N: 95 % half-width, in\n\
         points, of a share of one half in a cohort of N; above 10 it is not shown."
    ));
}
