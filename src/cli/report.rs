//! `lodestar report`: the page, from published tables alone.

use std::path::{Path, PathBuf};

use clap::Args;
use lodestar::{pipeline, publish};
use serde_json::json;

use super::output;
use super::{Done, Failure, ProjectArgs, shown, tell_replaced};

/// Make the page of what is published anew, from its Parquet files alone.
///
/// `run` makes it with every release; this is for a new version of the program.
/// With a folder, such as a copy of `published/current`, no project is needed.
///
/// Example: lodestar report --config lodestar.toml
/// Example: lodestar report copy/current --out page.html
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Report {
    /// A folder that holds the tables of a `current/`.
    #[arg(requires = "out", conflicts_with = "config")]
    folder: Option<PathBuf>,
    /// The file to write the folder's page to; one that is there is replaced.
    #[arg(long, value_name = "FILE", requires = "folder")]
    out: Option<PathBuf>,
    #[command(flatten)]
    project: ProjectArgs,
}

impl Report {
    pub(super) fn run(&self) -> Done {
        if let (Some(folder), Some(file)) = (&self.folder, &self.out) {
            publish::write_page(folder, file)
                .map_err(|error| Failure::new(error.exit_code(), error))?;
            self.say(file, true, "written")?;
            if !self.project.json {
                tell_replaced(folder);
            }
            return Ok(());
        }
        if self.out.is_some() {
            let text = "--out is for the page of a folder: name the folder instead of --config";
            return Err(Failure::new(2, text));
        }
        let project = self.project.load()?;
        let rebuilt =
            pipeline::report(&project).map_err(|error| Failure::new(error.exit_code(), error))?;
        let said = if rebuilt { "rebuilt" } else { "up to date" };
        self.say(&publish::current_page(&project.publish), rebuilt, said)
    }

    fn say(&self, page: &Path, written: bool, said: &str) -> Done {
        if self.project.json {
            return output::json(&json!({ "page": page, "written": written }));
        }
        output::line(format!("{}: {said}", shown(page)));
        Ok(())
    }
}
