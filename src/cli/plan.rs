//! `lodestar plan`: what the window will publish, before anything is spent.

use clap::Args;
use lodestar::ingest::Org;
use lodestar::plan::{COHORT_SIZES, LevelPlan, StatisticPlan, WindowPlan, plan};
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
    let text = |level: &LevelPlan| {
        vec![
            level.table.clone(),
            level.level.to_string(),
            level.units.to_string(),
            level.cells.to_string(),
            rho(level.rho_micro),
            short(level.sigma_size),
            level.smallest_cohort.to_string(),
        ]
    };
    let rows: Vec<_> = next.tables.iter().map(text).collect();
    output::table(
        &["table", "level", "units", "rows", "ρ", "σ size", "from"],
        &rows,
    );
    output::line("");
    let statistics = next
        .tables
        .iter()
        .flat_map(|level| level.statistics.iter().map(move |one| (level.level, one)));
    let text = |(level, one): (u32, &StatisticPlan)| {
        let share = one.unit == "share";
        let width = |width: f64| match width {
            width if !width.is_finite() => "—".to_owned(),
            width if share => format!("{:.1}", width * 100.0),
            width => short(width),
        };
        let unit = if share { "points" } else { &one.unit };
        let mut row = vec![one.statistic.clone(), level.to_string(), short(one.sigma)];
        row.extend(one.half_widths.map(width));
        row.extend([width(one.widest), unit.to_owned()]);
        row
    };
    let rows: Vec<_> = statistics.map(text).collect();
    let sizes = COHORT_SIZES.map(|size| format!("±{size}"));
    let mut head = vec!["statistic", "level", "σ"];
    head.extend(sizes.iter().map(String::as_str));
    head.extend(["most", "in"]);
    output::table(&head, &rows);
    output::line(format!(
        "rows: of a unit. ρ: tables that read the same numbers share it. σ size: noise\n\
         on the number of people of a cohort. from: people, beyond the largest caseload\n\
         where the coach rule holds, at which a cohort appears with probability ½ (never\n\
         below {k}). σ: noise on what is summed over a cohort. ±N: 95 % half-width in a\n\
         cohort of N, of a share of one half or the widest; above `most` it is not shown."
    ));
}
