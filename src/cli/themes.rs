//! `lodestar themes`: the codebook beside the notes.

use std::collections::BTreeMap;

use clap::{Args, Subcommand};
use lodestar::config::Project;
use lodestar::publish::{self, ReleasedTerm};
use lodestar::suggest::{self, Proposal};
use lodestar::text::count;
use lodestar::themes::{self, Checked, LEAST, Limits, share};
use lodestar_tagging::Entry;
use serde_json::{Value, json};

use super::bars::BARS;
use super::{Done, Failure, ProjectArgs, Threads, output, values};

/// From which share of its notes on a term is told to be negated.
const NEGATED: f64 = 0.5;

/// How many terms of a theme that are in no note are named, unless all terms are told.
const NAMED: usize = 3;

/// What is said last.
const PRIVATE: &str = "These are exact counts of private notes: keep them on the private side. \
                       Terms that are chosen by looking at the notes, or the counts, of the \
                       people whom they then count are outside of ε: tune them on notes of \
                       another time or of other people.";

/// Hold the codebook against the notes, on the private side.
///
/// Example: lodestar themes check --config lodestar.toml
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Themes {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(Check),
    Suggest(Suggest),
}

impl Themes {
    pub(super) fn run(&self) -> Done {
        match &self.command {
            Command::Check(check) => check.run(),
            Command::Suggest(suggest) => suggest.run(),
        }
    }
}

/// Count how many notes each term is in, and name those to look at.
///
/// Terms that find nothing, too much, or what others find; that never count, or
/// are mostly negated; themes that come together. Exact counts, for the private
/// side alone. Nothing is written or spent.
///
/// Example: lodestar themes check --terms
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
struct Check {
    /// Print the counts of every term, too, and name all that are in no note.
    #[arg(long)]
    terms: bool,
    /// From which share of the notes on a term or theme is too broad.
    #[arg(long, value_name = "SHARE", default_value_t = 0.2,
          value_parser = values::number(0.001, 1.0))]
    broad: f64,
    /// From which share of a theme's notes on another theme comes with it.
    #[arg(long, value_name = "SHARE", default_value_t = 0.8,
          value_parser = values::number(0.001, 1.0))]
    together: f64,
    #[command(flatten)]
    project: ProjectArgs,
    #[command(flatten)]
    threads: Threads,
}

impl Check {
    fn run(&self) -> Done {
        let project = self.project.load()?;
        self.threads.apply()?;
        if project.framework.tagger.is_empty() {
            let text = "no theme of the codebook has `terms`: give at least one what its notes say";
            return Err(Failure::new(2, text));
        }
        let limits = Limits {
            broad: self.broad,
            together: self.together,
            negated: NEGATED,
        };
        let checked = themes::check(&project, &limits, &BARS)
            .map_err(|error| Failure::new(error.exit_code(), error))?;
        let told = Told {
            entries: project.framework.tagger.entries().collect(),
            project: &project,
            checked: &checked,
            limits,
        };
        if self.project.json {
            return output::json(&told.facts());
        }
        told.print(self.terms);
        Ok(())
    }
}

/// Propose terms for the codebook, from what was released of notes.
///
/// Reads the latest period of `emerging_terms` in published/current and nothing
/// private: whatever comes of it is inside ε. Nothing is written or spent.
///
/// Example: lodestar themes suggest --config lodestar.toml
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
struct Suggest {
    #[command(flatten)]
    project: ProjectArgs,
}

impl Suggest {
    fn run(&self) -> Done {
        let project = self.project.load()?;
        let released = publish::released_terms(&project.publish)
            .map_err(|error| Failure::new(error.exit_code(), error))?;
        let proposals = suggest::proposals(&project, &released);
        if self.project.json {
            let one = |one: &Proposal| {
                let competencies = one.competencies.iter();
                let competencies: Vec<Value> = competencies
                    .map(|(id, lift)| json!({ "competency": id, "lift": lift }))
                    .collect();
                let ReleasedTerm {
                    term, n, low, high, ..
                } = &one.term;
                json!({ "term": term, "n": n, "n_low": low, "n_high": high,
                        "competencies": competencies, "themes": one.themes })
            };
            let terms: Vec<Value> = proposals.iter().map(one).collect();
            let period = proposals.first().map(|one| one.term.period.clone());
            return output::json(&json!({ "period": period, "terms": terms }));
        }
        let Some(first) = proposals.first() else {
            output::wrapped(
                "no released period has terms: `[[measures]]` with `use = \"emerging_terms\"` looks \
                 for them in notes",
            );
            return Ok(());
        };
        output::wrapped(&format!(
            "Terms of {}, which no theme of the codebook has; each with the first theme that \
             shares a word with it, and the competency whose sessions it is most peculiar to: all \
             of them with `--json`.",
            first.term.period
        ));
        let row = |one: &Proposal| {
            let most = one.competencies.first();
            vec![
                one.term.term.clone(),
                one.term.n.to_string(),
                one.themes.first().cloned().unwrap_or_default(),
                most.map_or_else(String::new, |(id, lift)| format!("{id} ×{lift:.1}")),
            ]
        };
        let rows: Vec<Vec<String>> = proposals.iter().map(row).collect();
        output::table(&["term", "people", "alike", "peculiar to"], &rows);
        Ok(())
    }
}

/// What is told.
struct Told<'a> {
    project: &'a Project,
    entries: Vec<Entry<'a>>,
    checked: &'a Checked,
    limits: Limits,
}

impl Told<'_> {
    fn theme(&self, theme: u16) -> &str {
        &self.project.framework.themes[usize::from(theme)].label.id
    }

    fn theme_of(&self, entry: usize) -> &str {
        self.theme(self.entries[entry].theme)
    }

    /// An entry as it stands in the codebook.
    fn quoted(&self, entry: usize) -> String {
        format!("{:?}", self.entries[entry].text)
    }

    fn print(&self, terms: bool) {
        let found = &self.checked.found;
        output::wrapped(&format!("{} read", count(found.notes, "note")));
        if found.unread > 0 {
            let rows = count(found.unread, "row");
            output::wrapped(&format!(
                "{rows} can't be read: `lodestar check` says which, and why"
            ));
        }
        if found.notes == 0 {
            output::wrapped(
                "no session has a note: name their column in [sources.sessions], as in \
                 `columns = { note = \"free_text\" }`",
            );
        } else {
            self.print_themes();
            if terms {
                self.print_terms();
            }
        }
        self.print_findings(if terms { usize::MAX } else { NAMED });
        output::line("");
        output::wrapped(PRIVATE);
    }

    fn print_themes(&self) {
        let found = &self.checked.found;
        let mut terms = vec![0_u64; found.themes.len()];
        for entry in self.entries.iter().filter(|entry| !entry.excepted) {
            terms[usize::from(entry.theme)] += 1;
        }
        let counts = found.themes.iter().zip(terms).enumerate();
        let counts = counts.filter(|(_, (_, terms))| *terms > 0);
        let rows: Vec<Vec<String>> = counts
            .map(|(theme, (count, terms))| {
                vec![
                    self.theme(theme as u16).to_owned(),
                    terms.to_string(),
                    count.notes.to_string(),
                    percent(share(count.notes, found.notes)),
                    count.negated.to_string(),
                ]
            })
            .collect();
        let head = ["theme", "terms", "notes", "share", "only negated"];
        output::table(&head, &rows);
    }

    fn print_terms(&self) {
        output::line("");
        let counts = self.entries.iter().zip(&self.checked.found.entries);
        let rows: Vec<Vec<String>> = counts
            .map(|(entry, count)| {
                let name = format!("{} {:?}", self.theme(entry.theme), entry.text);
                if entry.excepted {
                    let mut row = vec![format!("{name} (exception)"), count.excepts.to_string()];
                    row.resize(6, String::new());
                    return row;
                }
                let counts = [
                    count.counts,
                    count.alone,
                    count.within,
                    count.excepted,
                    count.negated,
                ];
                std::iter::once(name)
                    .chain(counts.map(|notes| notes.to_string()))
                    .collect()
            })
            .collect();
        output::table(
            &["term", "notes", "alone", "within", "excepted", "negated"],
            &rows,
        );
    }

    /// Findings, with so many terms of a theme that are in no note.
    fn print_findings(&self, unmatched: usize) {
        let findings = &self.checked.findings;
        let counts = |entry: usize| self.checked.found.entries[entry];
        let alone = |entry: usize| self.quoted(entry);
        let with_kind = |entry: usize| {
            let exception = if self.entries[entry].excepted {
                " (exception)"
            } else {
                ""
            };
            self.quoted(entry) + exception
        };
        self.group_of("in no note:", &findings.unmatched, unmatched, with_kind);
        self.group("in notes, but never counting:", &findings.idle, |entry| {
            self.quoted(entry) + &self.why_idle(entry)
        });
        self.group(
            "always beside another term of their theme, so one of them could go:",
            &findings.redundant,
            alone,
        );
        let broad = percent(self.limits.broad);
        self.group(
            &format!("in {broad} of the notes or more, so too broad perhaps:"),
            &findings.broad,
            |entry| {
                let share = share(counts(entry).counts, self.checked.found.notes);
                format!("{} ({})", self.quoted(entry), percent(share))
            },
        );
        let negated = percent(self.limits.negated);
        self.group(
            &format!("negated in {negated} of their notes or more:"),
            &findings.negated,
            |entry| {
                let count = counts(entry);
                let of = (count.negated, count.notes());
                format!("{} ({} of {})", self.quoted(entry), of.0, of.1)
            },
        );
        self.print_same();
        self.print_broad_themes(&broad);
        self.print_together();
    }

    /// Entries by theme, under a title; nothing if there are none.
    fn group(&self, title: &str, entries: &[usize], say: impl Fn(usize) -> String) {
        self.group_of(title, entries, usize::MAX, say);
    }

    /// The same, of each theme so many; of the others how many they are.
    fn group_of(&self, title: &str, entries: &[usize], most: usize, say: impl Fn(usize) -> String) {
        if entries.is_empty() {
            return;
        }
        output::line("");
        output::wrapped(title);
        let mut themes: BTreeMap<u16, Vec<usize>> = BTreeMap::new();
        for entry in entries {
            let theme = themes.entry(self.entries[*entry].theme).or_default();
            theme.push(*entry);
        }
        for (theme, entries) in themes {
            let said = entries.iter().take(most).map(|entry| say(*entry));
            let said = said.collect::<Vec<_>>().join(", ");
            let others = match entries.len().saturating_sub(most) {
                0 => String::new(),
                others => format!(" and {others} more (`--terms`)"),
            };
            output::wrapped(&format!("  {}: {said}{others}", self.theme(theme)));
        }
    }

    /// What always befalls a term, and what covers it.
    fn why_idle(&self, entry: usize) -> String {
        let count = self.checked.found.entries[entry];
        let ways = [
            (count.within, "within a longer term"),
            (count.excepted, "within an exception"),
            (count.negated, "negated"),
        ];
        let ways = ways.iter().filter(|(notes, _)| *notes > 0);
        let ways: Vec<String> = ways
            .map(|(notes, how)| format!("{how} in {notes}"))
            .collect();
        let covered_by = self.checked.beside.covered_by[entry].iter();
        let covered_by: Vec<String> = covered_by.map(|longer| self.quoted(*longer)).collect();
        if count.within + count.excepted == 0 || covered_by.is_empty() {
            return format!(" ({})", ways.join(", "));
        }
        format!(" ({}: {})", ways.join(", "), covered_by.join(", "))
    }

    fn print_same(&self) {
        let same = &self.checked.beside.same;
        if same.is_empty() {
            return;
        }
        output::line("");
        output::wrapped("the same by their stems, so each finds what the others find:");
        for entries in same {
            let named = entries.iter();
            let named =
                named.map(|entry| format!("{} {}", self.theme_of(*entry), self.quoted(*entry)));
            output::wrapped(&format!("  {}", named.collect::<Vec<_>>().join(", ")));
        }
    }

    fn print_broad_themes(&self, broad: &str) {
        let themes = &self.checked.findings.broad_themes;
        if themes.is_empty() {
            return;
        }
        output::line("");
        let named = themes
            .iter()
            .map(|theme| format!("`{}`", self.theme(*theme)));
        let named: Vec<String> = named.collect();
        output::wrapped(&format!(
            "themes of {broad} of the notes or more: {}",
            named.join(", ")
        ));
    }

    fn print_together(&self) {
        let together = &self.checked.findings.together;
        if together.is_empty() {
            return;
        }
        output::line("");
        output::wrapped(&format!(
            "themes that come with another in {} of their notes or more:",
            percent(self.limits.together)
        ));
        for pair in together {
            let share = percent(pair.share);
            let (theme, with) = (self.theme(pair.theme), self.theme(pair.with));
            output::wrapped(&format!(
                "  {theme}: {share} have {with}, too ({})",
                pair.notes
            ));
        }
    }

    /// The same for machines.
    fn facts(&self) -> Value {
        let Checked {
            found, findings, ..
        } = self.checked;
        let names = |entries: &[usize]| -> Vec<Value> {
            let names = entries.iter().map(|entry| self.name(*entry));
            names.collect()
        };
        let themes = found.themes.iter().enumerate().map(|(theme, count)| {
            json!({
                "theme": self.theme(theme as u16), "notes": count.notes,
                "share": share(count.notes, found.notes), "only_negated": count.negated,
            })
        });
        let together = findings.together.iter().map(|pair| {
            json!({
                "theme": self.theme(pair.theme), "with": self.theme(pair.with),
                "notes": pair.notes, "share": pair.share,
            })
        });
        let same = self.checked.beside.same.iter();
        let same: Vec<Vec<Value>> = same.map(|entries| names(entries)).collect();
        let broad = findings.broad_themes.iter();
        let broad: Vec<&str> = broad.map(|theme| self.theme(*theme)).collect();
        json!({
            "notes": found.notes, "unread": found.unread,
            "limits": {
                "broad": self.limits.broad, "together": self.limits.together,
                "negated": self.limits.negated, "least_notes": LEAST,
            },
            "themes": themes.collect::<Vec<_>>(), "terms": self.terms(),
            "unmatched": names(&findings.unmatched), "never_counting": names(&findings.idle),
            "redundant": names(&findings.redundant), "broad": names(&findings.broad),
            "negated": names(&findings.negated), "same": same, "broad_themes": broad,
            "together": together.collect::<Vec<_>>(),
        })
    }

    /// By entry what it is, and the notes that it is in.
    fn terms(&self) -> Vec<Value> {
        let counts = self.checked.found.entries.iter().enumerate();
        let terms = counts.map(|(number, count)| {
            let entry = &self.entries[number];
            let covered_by = self.checked.beside.covered_by[number].iter();
            let covered_by: Vec<Value> = covered_by.map(|longer| self.name(*longer)).collect();
            json!({
                "theme": self.theme(entry.theme), "term": entry.text,
                "language": entry.language.code(), "exception": entry.excepted,
                "notes": count.notes(), "counts": count.counts, "alone": count.alone,
                "within": count.within, "excepted": count.excepted, "negated": count.negated,
                "covered_by": covered_by,
            })
        });
        terms.collect()
    }

    fn name(&self, entry: usize) -> Value {
        json!({ "theme": self.theme_of(entry), "term": self.entries[entry].text })
    }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}
