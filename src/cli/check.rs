//! `lodestar check`: configuration and inputs.

use clap::Args;
use lodestar::config::Project;
use lodestar::ingest::{Intake, SourceReport, remedy};
use lodestar::night::source_status;
use lodestar::text::count;
use lodestar::{pipeline, warnings};
use serde_json::json;

use super::bars::BARS;
use super::{Done, Failure, ProjectArgs, Resources, output, shown};

/// Check the configuration and read all input; release nothing, spend nothing.
///
/// Example: lodestar check --config lodestar.toml
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Check {
    #[command(flatten)]
    project: ProjectArgs,
    #[command(flatten)]
    resources: Resources,
}

impl Check {
    pub(super) fn run(&self) -> Done {
        let project = self.project.load()?;
        self.resources.threads.apply()?;
        let intake = pipeline::check(&project, self.resources.memory, &BARS)
            .map_err(|error| Failure::new(error.exit_code(), error))?;
        let sources: Vec<_> = intake.reports.iter().map(source_status).collect();
        let warnings = warnings::warnings(&project, &intake);
        if self.project.json {
            let facts = json!({
                "sources": sources, "unknown_themes": intake.unknown_themes, "warnings": warnings,
            });
            output::json(&facts)?;
        } else {
            print(&project, &intake, &warnings);
        }
        refuse(&project, &intake)
    }
}

fn print(project: &Project, intake: &Intake, warnings: &[String]) {
    let rows: Vec<Vec<String>> = intake
        .reports
        .iter()
        .map(source_status)
        .map(|source| {
            let counts = [
                source.read,
                source.accepted,
                source.duplicate,
                source.quarantined,
            ];
            std::iter::once(source.source.to_owned())
                .chain(counts.map(|n| n.to_string()))
                .collect()
        })
        .collect();
    output::table(
        &["source", "read", "accepted", "duplicate", "quarantined"],
        &rows,
    );
    for report in &intake.reports {
        print_quarantined(project, report);
    }
    if intake
        .reports
        .iter()
        .any(|report| report.totals().quarantined > 0)
    {
        let folder = shown(&project.state.join("quarantine"));
        output::wrapped(&format!("every quarantined row is listed in {folder}"));
    }
    if intake.unknown_themes > 0 {
        let (mentions, count_as) = match intake.unknown_themes {
            1 => ("1 mention".to_owned(), "counts"),
            many => (format!("{many} mentions"), "count"),
        };
        output::wrapped(&format!(
            "{mentions} of themes that the codebook lacks {count_as} as `other`"
        ));
    }
    for warning in warnings {
        output::wrapped(&format!("warning: {warning}"));
    }
}

/// Why rows of a source are quarantined, and where the first of them are.
fn print_quarantined(project: &Project, report: &SourceReport) {
    for ((column, reason), rows) in report.reasons() {
        let first = report.first(&column, reason, None).unwrap_or_default();
        let whose = match column.as_str() {
            "" => report.source.to_owned(),
            column => format!("{}: {column}", report.source),
        };
        output::wrapped(&format!(
            "  {whose}: {reason}: {}, the first {first}: {}",
            count(rows, "row"),
            remedy(project, report.source, &column, reason)
        ));
    }
}

fn refuse(project: &Project, intake: &Intake) -> Done {
    match intake.refusal(project) {
        Some(refusal) => Err(Failure::new(refusal.exit_code(), refusal)),
        None => Ok(()),
    }
}
