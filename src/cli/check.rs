//! `lodestar check`: configuration and inputs.

use clap::Args;
use lodestar::config::Project;
use lodestar::ingest::{Intake, Said, SourceReport, remedy};
use lodestar::night::source_status;
use lodestar::text::count;
use lodestar::{pipeline, warnings};
use lodestar_tagging::Kind;
use serde_json::{Map, Value, json};

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
                "sources": sources, "unknown_themes": intake.unknown_themes,
                "notes": notes(&project, &intake), "warnings": warnings,
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
    print_notes(project, intake);
    for warning in warnings {
        output::wrapped(&format!("warning: {warning}"));
    }
}

/// What was found in notes, for machines; null: nothing is looked for.
fn notes(project: &Project, intake: &Intake) -> Value {
    if !project.reads_notes() {
        return Value::Null;
    }
    let themes = project.framework.themes.iter();
    let themes = themes.map(|theme| theme.label.id.clone());
    let themes: Map<String, Value> = themes
        .zip(intake.themes_in_notes.iter().map(|notes| json!(notes)))
        .collect();
    let redacted = Kind::ALL.map(|kind| {
        let times = intake
            .notes
            .redacted
            .get(&kind)
            .copied()
            .unwrap_or_default();
        (kind.name().to_owned(), json!(times))
    });
    json!({
        "read": intake.said.note, "with_theme": intake.said.theme_in_note,
        "redacted": Map::from_iter(redacted), "themes": themes,
        "no_term_of_their_language": intake.notes.unasked,
    })
}

/// The same for people.
fn print_notes(project: &Project, intake: &Intake) {
    let Said {
        note,
        theme_in_note,
        ..
    } = intake.said;
    if !project.reads_notes() || note == 0 {
        return;
    }
    let have = if theme_in_note == 1 { "has" } else { "have" };
    output::wrapped(&format!(
        "{} read: {theme_in_note} of them {have} a theme of the codebook",
        count(note as u64, "note")
    ));
    let redacted: Vec<String> = intake.notes.redacted.iter().map(redactions).collect();
    if !redacted.is_empty() {
        output::wrapped(&format!("redacted before that: {}", redacted.join(", ")));
    }
    if intake.notes.unasked > 0 {
        output::wrapped(&format!(
            "{} in a language that no term is in, says `note_language` (tags such as `en` or \
             `de-CH`)",
            count(intake.notes.unasked, "note")
        ));
    }
    let themes = project.framework.themes.iter();
    let unfound = themes.zip(&intake.themes_in_notes);
    let unfound: Vec<String> = unfound
        .filter(|(_, notes)| **notes == 0)
        .map(|(theme, _)| format!("`{}`", theme.label.id))
        .collect();
    if !unfound.is_empty() {
        output::wrapped(&format!("in no note: {}", unfound.join(", ")));
    }
}

/// What was taken out of notes, and how often.
fn redactions((kind, times): (&Kind, &u64)) -> String {
    let what = match kind {
        Kind::Mail => "e-mail address",
        Kind::Url => "web address",
        Kind::Account => "account number",
        Kind::Date => "date",
        Kind::Phone => "phone number",
        Kind::Id => "id",
        Kind::Name => "name",
    };
    let plural = match kind {
        Kind::Mail | Kind::Url => "es",
        _ => "s",
    };
    format!("{times} {what}{}", if *times == 1 { "" } else { plural })
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
