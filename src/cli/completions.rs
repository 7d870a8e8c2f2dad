//! `lodestar completions`: for the shell, from the command line's own words.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use super::{Cli, Done, Failure, output};

/// Print the completions of a shell.
///
/// Example: lodestar completions bash
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Completions {
    /// Which shell.
    shell: Shell,
}

impl Completions {
    pub(super) fn run(&self) -> Done {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "lodestar", &mut script);
        let script = String::from_utf8(script).map_err(|error| Failure::new(1, error))?;
        output::raw(script.trim_end());
        Ok(())
    }
}
