//! What is wrong with quarantined rows, and what to do about it, by what the
//! configuration says of their column. Never tells a cell.

use super::report::Reason;
use crate::config::{ARMS, MODES, Mapping, Project, RaterGroup, Source, TRIGGERS, Wave};

/// What is wrong with rows of a source, and what to do.
pub fn remedy(project: &Project, source: &str, column: &str, reason: Reason) -> String {
    let source = project.sources.all().find(|one| one.name == source);
    let mapping = source.and_then(|source| source.columns.get(column));
    let told = match reason {
        Reason::Date => mapping.and_then(date),
        Reason::Value => source.and_then(|source| value(source, column, mapping)),
        Reason::Undeclared if column == "metric" => Some(metric(project)),
        _ => None,
    };
    told.unwrap_or_else(|| reason.meaning().to_owned())
}

/// A date that is not written as is configured.
fn date(mapping: &Mapping) -> Option<String> {
    let from = &mapping.from;
    if let Some(format) = &mapping.format {
        return Some(format!(
            "no date by the configured `format = {format:?}` of column {from:?}: correct the cell, or \
             the `format`"
        ));
    }
    let origin = mapping.origin_date?;
    Some(format!(
        "no whole number of days since the configured `origin_date = {origin}` of column {from:?}: \
         take `origin_date` out if its cells are dates"
    ))
}

/// A word that is none of those that the column may have; none of a column where
/// other things may be wrong.
fn value(source: &Source, column: &str, mapping: Option<&Mapping>) -> Option<String> {
    let words: Vec<&str> = match (source.name, column) {
        ("org", "parent") => return Some("the root has no parent: leave it empty".to_owned()),
        ("programmes", "starts_on") => {
            return Some("a comparison never starts: leave it empty".to_owned());
        }
        ("programmes", "arm") => ARMS.to_vec(),
        ("sessions", "mode") => MODES.to_vec(),
        ("sessions", "trigger") => TRIGGERS.to_vec(),
        ("assessments", "wave") => Wave::ALL.map(Wave::name).to_vec(),
        ("assessments", "rater_group") => RaterGroup::ALL.map(RaterGroup::name).to_vec(),
        _ => return None,
    };
    let needed = match mapping {
        Some(mapping) if !mapping.map.is_empty() => "an entry in its `map`",
        _ => "a `map`",
    };
    Some(format!(
        "none of {}; other words for them need {needed}",
        quoted(&words)
    ))
}

/// A metric that nobody declared, with those that are.
fn metric(project: &Project) -> String {
    let metrics = project.metrics.iter();
    let metrics: Vec<&str> = metrics.map(|one| one.label.id.as_str()).collect();
    let meaning = Reason::Undeclared.meaning();
    format!("{meaning} (declared: {})", quoted(&metrics))
}

fn quoted(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}
