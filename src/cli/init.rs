//! `lodestar init`: a new project.

use std::path::{Path, PathBuf};

use clap::Args;
use lodestar::init::{Created, create};
use serde_json::json;

use super::{Done, Failure, output, shown};

/// Make a new project that runs at once.
///
/// It has a configuration that explains every key, a framework, a codebook, and
/// synthetic input.
///
/// Example: lodestar init coaching
/// Example: lodestar init coaching --from people.csv
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Init {
    /// A folder that is empty or does not exist.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// A people table: CSV, NDJSON or Parquet.
    #[arg(long, value_name = "PEOPLE", help = FROM)]
    from: Option<PathBuf>,
    /// Print facts as JSON.
    #[arg(long)]
    json: bool,
}

const FROM: &str = "A people table (CSV, NDJSON or Parquet) with columns person_id, org_unit and, if any, \
                    job_level: drafts what may be declared, for approval";

impl Init {
    pub(super) fn run(&self) -> Done {
        let created = create(&self.folder, self.from.as_deref())
            .map_err(|error| Failure::new(error.exit_code(), error))?;
        let config = shown(&self.folder.join("lodestar.toml"));
        if self.json {
            let drafts = created.drafts.iter().map(|draft| {
                json!({
                    "file": shown(&draft.file), "what": draft.what,
                    "entries": draft.entries, "rare": draft.rare,
                })
            });
            return output::json(&json!({
                "config": config, "people": created.people, "period": created.period,
                "drafts": drafts.collect::<Vec<_>>(),
            }));
        }
        self.print(&created, &config);
        Ok(())
    }

    fn print(&self, created: &Created, config: &str) {
        output::line(format!(
            "{config}: a project about {} synthetic people, {}",
            created.people, created.period
        ));
        output::line(format!("next: lodestar run --config {config}"));
        let Some(from) = &self.from else {
            return;
        };
        output::line(format!(
            "\nWhat is public is declared, never inferred: nothing reads what was drafted from\n\
             {}. Move to where declarations stand what may be published:",
            shown(Path::new(from))
        ));
        for draft in &created.drafts {
            let rare = if draft.rare {
                format!(
                    ", each of fewer than {} people: the name alone tells on them",
                    created.k
                )
            } else {
                String::new()
            };
            output::line(format!(
                "  {}: {}: {}{rare}",
                shown(&draft.file),
                draft.what,
                draft.entries
            ));
        }
    }
}
