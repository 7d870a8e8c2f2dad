//! A new project: one that runs at once, and drafts of what it may declare.
//!
//! What is public is declared, never inferred from rows about people. So what a
//! people table names is written to files that nothing reads: their owner
//! approves a name by moving it to where declarations stand.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::config::{self, ConfigErrors};
use crate::ingest::{IngestError, groups};
use crate::synth::{Options, SynthError, generate};

/// What was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// Synthetic people.
    pub people: u32,
    /// Name of the period that the first run releases.
    pub period: String,
    /// k of the configuration.
    pub k: u32,
    /// The drafts, if a people table was given.
    pub drafts: Vec<Draft>,
}

/// A file for approval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Its path.
    pub file: PathBuf,
    /// What its entries are.
    pub what: &'static str,
    /// How many of them.
    pub entries: usize,
    /// They name fewer than k people each.
    pub rare: bool,
}

/// Why nothing, or not everything, was made.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// See [`SynthError`].
    #[error(transparent)]
    Synth(#[from] SynthError),
    /// The people table can't be read.
    #[error(transparent)]
    Ingest(#[from] IngestError),
    /// The configuration that was written can't be read back.
    #[error(transparent)]
    Config(#[from] ConfigErrors),
    /// A draft can't be written.
    #[error("{}: {source}; nothing in this folder is complete, delete it", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl InitError {
    /// The program's exit code.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Synth(error) => error.exit_code(),
            Self::Ingest(error) => error.exit_code(),
            Self::Config(_) => 1,
            Self::Io { .. } => 7,
        }
    }
}

/// Makes a project in a new or empty folder; with a people table, also drafts
/// of the org units and job levels that it names.
pub fn create(folder: &Path, people: Option<&Path>) -> Result<Created, InitError> {
    let named = people.map(groups).transpose()?;
    let summary = generate(&Options::starter(folder.to_owned()))?;
    let project = config::load(&folder.join("lodestar.toml"))?;
    let (k, mut drafts) = (project.privacy.k, Vec::new());
    if let Some(named) = named {
        let (units, rare) = split(&named.org_units, k);
        let units = [
            (units, "org.draft.csv", false),
            (rare, "org.rare.csv", true),
        ];
        for (units, name, rare) in units {
            let text = org(&units, &project.organisation);
            let what = "org units";
            let path = folder.join("input").join(name);
            drafts.extend(draft(path, &text, what, units.len(), rare)?);
        }
        let (levels, rare) = split(&named.job_levels, k);
        let levels = [
            (levels, "dimensions.draft.toml", false),
            (rare, "dimensions.rare.toml", true),
        ];
        for (levels, name, rare) in levels {
            let text = dimensions(&levels, rare);
            let path = folder.join(name);
            drafts.extend(draft(path, &text, "job levels", levels.len(), rare)?);
        }
    }
    Ok(Created {
        people: summary.people,
        period: project.calendar.first.name(),
        k,
        drafts,
    })
}

/// The names of at least k people, and those of fewer.
fn split(named: &BTreeMap<String, usize>, k: u32) -> (Vec<&str>, Vec<&str>) {
    let all = named.iter().map(|(name, people)| (name.as_str(), *people));
    let (common, rare): (Vec<_>, Vec<_>) = all.partition(|(_, people)| *people >= k as usize);
    let names = |some: Vec<(_, _)>| some.into_iter().map(|(name, _)| name).collect();
    (names(common), names(rare))
}

/// Writes a file, unless it would have no entry.
fn draft(
    file: PathBuf,
    text: &str,
    what: &'static str,
    entries: usize,
    rare: bool,
) -> Result<Option<Draft>, InitError> {
    if entries == 0 {
        return Ok(None);
    }
    if let Err(source) = fs::write(&file, text) {
        return Err(InitError::Io { path: file, source });
    }
    Ok(Some(Draft {
        file,
        what,
        entries,
        rare,
    }))
}

/// Units as a flat tree: all of them under the root.
fn org(units: &[&str], root: &str) -> String {
    let mut csv = csv::Writer::from_writer(Vec::new());
    let parent = |unit: &str| if unit == root { "" } else { root }.to_owned();
    let rows = units
        .iter()
        .map(|unit| [(*unit).to_owned(), (*unit).to_owned(), parent(unit)]);
    let head = ["org_unit", "label", "parent"].map(str::to_owned);
    for row in std::iter::once(head).chain(rows) {
        csv.write_record(row).expect("three fields each, in memory");
    }
    let bytes = csv.into_inner().expect("written in memory");
    String::from_utf8(bytes).expect("made of texts")
}

fn dimensions(levels: &[&str], rare: bool) -> String {
    let why = if rare {
        "# Each names few people: to declare it tells that somebody has it.\n"
    } else {
        ""
    };
    // A JSON string is a TOML string.
    let list = serde_json::Value::from(levels.to_vec());
    format!(
        "# Job levels that the people table names. Nothing reads this file: move what\n\
         # may be public to [dimensions] of lodestar.toml, in the order of the levels.\n{why}\
         [dimensions]\njob_level = {list}\n"
    )
}
