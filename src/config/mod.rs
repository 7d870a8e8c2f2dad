//! `lodestar.toml` → [`Project`].
//!
//! Files become one tree ([`document`], [`tree`]), which a reader takes apart
//! table by table ([`reader`], and one file per table of the configuration).
//! Nothing stops at the first problem: all are collected and shown at once.
//! What the keys mean is in `docs/configuration.md`.

mod columns;
mod dimensions;
mod document;
mod expected;
mod folders;
mod framework;
mod instruments;
mod measures;
mod metrics;
mod names;
mod north_star;
mod notes;
mod periods;
mod privacy;
mod problem;
mod project;
mod reader;
mod source;
mod sources;
#[cfg(test)]
mod tests;
mod tree;
mod unpivot;

use std::path::{Path, PathBuf};

pub(crate) use columns::{ARMS, MODES, TRIGGERS};
pub(crate) use dimensions::PROGRAMME;
pub(crate) use framework::OTHER;
pub use instruments::{Instrument, RaterGroup, Wave, item_ids};
pub(crate) use measures::definitions;
pub(crate) use privacy::EPSILON_MOST;
pub use problem::{ConfigErrors, Problem};
pub use project::*;
use reader::Table;
use source::Report;
use tree::Entry;

/// Reads a configuration and all that it includes.
///
/// # Errors
/// Everything that is wrong, each with its file, line and column: the files
/// themselves (missing, unreadable, not UTF-8, not TOML), unknown keys, wrong
/// types, impossible values, missing keys, and keys given twice.
pub fn load(path: &Path) -> Result<Project, ConfigErrors> {
    let (report, entries) = document::read(path)?;
    let project = read(&report, &entries);
    match project {
        Some(project) if report.is_clean() => match exposed(&project) {
            Some(input) => Err(ConfigErrors::of_file(
                path.to_path_buf(),
                format!(
                    "the input {} lies in the public `project.publish`",
                    input.display()
                ),
                "expected inputs, and this file, outside of what is published",
            )),
            None => Ok(project),
        },
        _ => Err(report.into_errors()),
    }
}

/// An input about people, or a file of the configuration, that would lie among
/// what is published.
fn exposed(project: &Project) -> Option<PathBuf> {
    let public = folders::resolve(&project.publish);
    let private = project
        .sources
        .people
        .iter()
        .chain([&project.sources.sessions])
        .chain(&project.sources.assessments)
        .chain(&project.sources.outcomes)
        .chain(&project.sources.names);
    let inputs = private.flat_map(|source| source.paths.iter().map(|path| source.base.join(path)));
    let mut all = inputs.chain(project.files.iter().cloned());
    all.find(|path| folders::resolve(path).starts_with(&public))
}

/// Reads every table; `None` (or a problem in the report): something is wrong.
fn read(report: &Report, entries: &[Entry]) -> Option<Project> {
    let mut root = Table::root(report, entries);
    root.get("include");
    let folders = folders::read(&mut root);
    let calendar = periods::read(&mut root);
    let framework = framework::read(&mut root);
    let instruments = instruments::read(&mut root);
    let north_star = north_star::read(&mut root, &framework, &instruments);
    let dimensions = dimensions::read(&mut root);
    let expected = expected::read(&mut root, &dimensions.people);
    let metrics = metrics::read(&mut root);
    let declared = sources::Declared {
        framework: &framework,
        dimensions: &dimensions,
        instruments: &instruments,
        metrics: &metrics,
    };
    let (sources, exposed) = sources::read(&mut root, &declared);
    let every = calendar.as_ref().map(|calendar| calendar.every);
    let privacy = privacy::read(&mut root, every, &exposed);
    let context = measures::Context {
        every,
        unit: privacy.as_ref().map(|privacy| privacy.unit),
        sources: sources.as_ref().map_or_else(
            // What is wrong with them is said already.
            || vec!["people", "assessments", "outcomes", "programmes"],
            |sources| sources.all().map(|source| source.name).collect(),
        ),
        declared: measures::Declared {
            framework: &framework,
            dimensions: &dimensions.people,
            formats: &dimensions.formats,
            instruments: &instruments,
            metrics: &metrics,
            // One that is refused is there.
            has_targets: north_star
                .as_ref()
                .map_or_else(|| root.has("north_star"), |star| !star.targets.is_empty()),
        },
    };
    let (measures, left_out) = measures::read(&mut root, &context);
    root.finish();
    let folders = folders?;
    Some(Project {
        files: report
            .files()
            .iter()
            .map(|file| file.path.clone())
            .collect(),
        organisation: folders.organisation,
        state: folders.state,
        publish: folders.publish,
        calendar: calendar?,
        privacy: privacy?,
        north_star,
        sources: sources?,
        dimensions: dimensions.people,
        formats: dimensions.formats,
        expected,
        framework,
        instruments,
        metrics,
        measures,
        left_out,
    })
}
