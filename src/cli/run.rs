//! `lodestar run`: the nightly job.

use std::path::Path;

use clap::Args;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use lodestar::night::{Night, ReleaseReport, TableReport, source_status};
use lodestar::pipeline::{self, Options};
use lodestar::publish;
use lodestar::text::count;
use serde_json::json;

use super::bars::BARS;
use super::output::{self, short};
use super::{Done, Failure, ProjectArgs, Resources, shown};

/// The nightly job: validate what is new, release every period that is due.
///
/// Example: lodestar run --config lodestar.toml
/// Example: lodestar run --config lodestar.toml --period 2025-Q3 --revise
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Run {
    #[command(flatten)]
    project: ProjectArgs,
    #[command(flatten)]
    resources: Resources,
    /// The day the run takes place on, not after today (UTC).
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = super::values::day)]
    as_of: Option<Date>,
    /// Release this period only.
    #[arg(long)]
    period: Option<String>,
    /// Release a released period again; takes the window's spare budget.
    #[arg(long, requires = "period")]
    revise: bool,
    /// Read and check everything that a release needs, and draw nothing.
    #[arg(long)]
    #[expect(clippy::struct_field_names, reason = "the name of the option")]
    dry_run: bool,
}

impl Run {
    pub(super) fn run(&self) -> Done {
        let today = jiff::Timestamp::now().to_zoned(TimeZone::UTC).date();
        let as_of = self.as_of.unwrap_or(today);
        if as_of > today {
            return Err(Failure::new(
                2,
                format!("--as-of {as_of} is after today, {today} (UTC)"),
            ));
        }
        let project = self.project.load()?;
        self.resources.threads.apply()?;
        let options = Options {
            as_of,
            period: self.period.clone(),
            revise: self.revise,
            dry_run: self.dry_run,
            memory: self.resources.memory,
            progress: &BARS,
        };
        let mut night = Night::default();
        let done = pipeline::run(&project, &options, &mut night);
        let page = publish::current_page(&project.publish);
        if self.project.json {
            output::json(&json!({
                "outcome": night.outcome.to_string(), "published_again": night.caught_up,
                "releases": night.releases, "page": page.exists().then_some(page),
                "would_release": night.planned, "spare": night.spare_of,
                "late_rows": night.late_rows(),
                "sources": night.sources.iter().map(source_status).collect::<Vec<_>>(),
            }))?;
        } else {
            print(&night, &page);
        }
        done.map_err(|error| Failure::new(error.exit_code(), error))
    }
}

fn print(night: &Night, page: &Path) {
    for release in &night.caught_up {
        output::line(format!(
            "{release}: published from the ledger, as it was paid for before"
        ));
    }
    night.releases.iter().for_each(print_release);
    if !night.releases.is_empty() {
        output::line(
            "  (cohorts from N people: of so many, beyond the largest caseload where the\n  \
             coach rule holds, one appears with probability ½)",
        );
    }
    for period in &night.planned {
        output::line(format!("{period} would be released; nothing was drawn"));
    }
    if let Some(window) = night.spare_of.as_ref().filter(|_| !night.failed()) {
        let takes = match night.planned.as_slice() {
            [] => "took",
            _ => "would take",
        };
        output::wrapped(&format!(
            "the revision {takes} the whole spare of window {window}; there is no other"
        ));
    }
    if night.releases.is_empty() && night.planned.is_empty() && !night.failed() {
        output::line("up to date");
    }
    if night.late_rows() > 0 {
        output::wrapped(&format!(
            "{} of released periods came late; only a revision takes them in \
             (run --period P --revise)",
            count(night.late_rows(), "row")
        ));
    }
    if !night.releases.is_empty() || !night.caught_up.is_empty() {
        output::line(format!("page: {}", shown(page)));
    }
}

fn print_release(release: &ReleaseReport) {
    let folder = release.folder.as_deref().map(shown).unwrap_or_default();
    let ReleaseReport {
        release_id,
        epsilon,
        delta,
        ..
    } = release;
    output::line(format!(
        "{release_id}: {folder} (ε {}, δ {delta:.1e})",
        short(*epsilon)
    ));
    if release.tables.is_empty() {
        output::line("  no measure's span ends here: no table, and no cost");
    }
    for table in &release.tables {
        let TableReport {
            table,
            rows,
            shown,
            smallest_cohort,
        } = table;
        let mut sizes: Vec<i64> = smallest_cohort.iter().map(|(_, people)| *people).collect();
        sizes.sort_unstable();
        sizes.dedup();
        let from = match sizes.as_slice() {
            [] => String::new(),
            [all] => format!("; cohorts from {all} people"),
            [least, .., most] => format!("; cohorts from {least} to {most} people, by level"),
        };
        let rows = count(*rows as u64, "row");
        output::wrapped(&format!("  {table}: {rows}, {shown} with status ok{from}"));
    }
}
