//! What happened in a night, for people, machines and the next night.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use jiff::civil::Date;
use lodestar_privacy::budget::{Design, Purse};
use lodestar_privacy::ledger::{LedgerError, Records};
use lodestar_privacy::public::Public;
use lodestar_privacy::release::{Drawn, Released};
use serde::Serialize;

use crate::calendar::Period;
use crate::config::Project;
use crate::ingest::{self, IngestError, Intake, SourceReport};
use crate::schedule;
use crate::state::{Fingerprint, NextRelease, Seen, SourceStatus, State, Status, WindowStatus};

/// How a night ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing was due.
    #[default]
    UpToDate,
    /// Releases were published.
    Released,
    /// Nothing was drawn, as asked.
    DryRun,
    /// It ended early, for this reason.
    Failed(String),
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::UpToDate => "up to date",
            Self::Released => "released",
            Self::DryRun => "dry run: nothing was drawn",
            Self::Failed(reason) => reason,
        })
    }
}

/// What one release published. Holds nothing that the release itself doesn't.
#[derive(Clone, Debug, Serialize)]
pub struct ReleaseReport {
    /// `2024-Q1`.
    pub release_id: String,
    /// Where it is.
    pub folder: Option<PathBuf>,
    /// ε of the release, at its δ.
    pub epsilon: f64,
    /// δ of the release.
    pub delta: f64,
    /// Table by table.
    pub tables: Vec<TableReport>,
}

/// What one table published.
#[derive(Clone, Debug, Serialize)]
pub struct TableReport {
    /// `theme_prevalence`.
    pub table: String,
    /// Rows.
    pub rows: usize,
    /// Rows with status ok.
    pub shown: usize,
    /// By level: people beyond the largest caseload at which a cohort appears
    /// with probability one half.
    pub smallest_cohort: Vec<(u32, i64)>,
}

impl ReleaseReport {
    /// Of a release that this run paid for.
    pub fn new(drawn: &Drawn) -> Self {
        let Drawn {
            noisy,
            public,
            design,
        } = drawn;
        let public = &public.found(noisy);
        let tables = public.tables.iter().enumerate().map(|(index, table)| {
            let rows = crate::insight::rows(noisy, public, index);
            let shown = rows.iter().filter(|row| row.figures[0].shown().is_some());
            let block = &public.blocks[table.block];
            let smallest = smallest_cohorts(design, public, block.kind);
            let smallest = (0..).zip(smallest);
            TableReport {
                table: table.name.clone(),
                rows: rows.len(),
                shown: shown.count(),
                smallest_cohort: smallest
                    .filter(|(level, _)| block.levels.contains(level))
                    .collect(),
            }
        });
        Self {
            release_id: public.release_id(),
            folder: None,
            epsilon: noisy.cost.epsilon,
            delta: noisy.cost.delta,
            tables: tables.collect(),
        }
    }
}

/// The smallest number of people beyond the largest caseload at which a cohort
/// of each level appears with probability one half: its shifted count is then
/// one above the threshold.
pub fn smallest_cohorts(design: &Design, public: &Public, kind: usize) -> Vec<i64> {
    let selections = design.selections[kind].iter();
    selections
        .map(|selection| selection.threshold + i64::from(public.policy.k))
        .collect()
}

/// A night, as it goes on.
#[derive(Debug, Default)]
pub struct Night {
    /// How it ended.
    pub outcome: Outcome,
    /// Releases that were paid for on an earlier night, and published on this.
    pub caught_up: Vec<String>,
    /// What was published.
    pub releases: Vec<ReleaseReport>,
    /// Releases that a dry run would have made.
    pub planned: Vec<String>,
    /// The window whose spare a revision takes.
    pub spare_of: Option<String>,
    /// What was read.
    pub sources: Vec<SourceReport>,
    pub(crate) seen: Seen,
    /// Nothing is new or changed.
    pub(crate) quiet: bool,
    /// The files of rows about a day that are new, where nothing else has changed.
    pub(crate) only_new: Option<BTreeSet<PathBuf>>,
    /// All input files as they stood before they were read.
    before: Vec<(PathBuf, Option<Fingerprint>)>,
}

impl Night {
    /// Accepted rows of released periods that came after their release.
    pub fn late_rows(&self) -> u64 {
        self.seen.late_rows
    }

    /// Whether it ended early.
    pub fn failed(&self) -> bool {
        matches!(self.outcome, Outcome::Failed(_))
    }

    /// Looks which inputs are new, without reading them.
    pub(crate) fn look(&mut self, state: &State, project: &Project) -> Result<(), IngestError> {
        self.seen = Seen::load(state);
        let mut all = project.files.clone();
        for source in project.sources.all() {
            all.extend(ingest::files(source)?);
        }
        let mut events = BTreeSet::new();
        for source in project.sources.events() {
            events.extend(ingest::files(source)?);
        }
        let changed = self.seen.changed(&all);
        self.quiet = changed.is_empty();
        // The configuration, org, programmes or people may change what any other
        // row is; a file that has grown holds rows that were counted before.
        let is_new = |path: &PathBuf| events.contains(path) && !self.seen.knows(path);
        self.only_new = changed.iter().all(is_new).then_some(changed);
        let print = |path: PathBuf| (Fingerprint::of(&path), path);
        self.before = all
            .into_iter()
            .map(print)
            .map(|(print, path)| (path, print))
            .collect();
        Ok(())
    }

    /// Counts rows of released periods that came after their release. A full
    /// reading knows them exactly; a reading of new files alone adds theirs. Of
    /// a period whose count was lost, in a crash or with its file, what is there
    /// now counts as known.
    pub(crate) fn took_in(&mut self, intake: &Intake, records: &Records, only_new: bool) {
        self.sources.clone_from(&intake.reports);
        let released = records.released_periods();
        let mut late = 0;
        for (period, &rows) in &intake.accepted_by_period {
            let name = period.name();
            if !released.contains(name.as_str()) {
                continue;
            }
            late += if only_new {
                rows
            } else {
                let known = self.seen.released_rows.entry(name).or_insert(rows);
                rows.saturating_sub(*known)
            };
        }
        self.seen.late_rows = if only_new {
            self.seen.late_rows + late
        } else {
            late
        };
    }

    /// The inputs were read and are good.
    pub(crate) fn accept(&mut self) {
        self.seen.remember(std::mem::take(&mut self.before));
    }

    /// A period was paid for: its rows are no longer late.
    pub(crate) fn paid(&mut self, intake: &Intake, period: Period) {
        let rows = intake.accepted_by_period.get(&period).copied().unwrap_or(0);
        let before = self.seen.released_rows.insert(period.name(), rows);
        self.seen.late_rows = self
            .seen
            .late_rows
            .saturating_sub(before.map_or(0, |known| rows.saturating_sub(known)));
    }

    /// A release is published.
    pub(crate) fn released(&mut self, released: &Released, folder: PathBuf) {
        let report = released.drawn().map(ReleaseReport::new);
        self.releases.extend(report.map(|report| ReleaseReport {
            folder: Some(folder),
            ..report
        }));
    }

    /// A dry run stops here.
    pub(crate) fn would_release(&mut self, period: Period) {
        self.planned.push(period.name());
    }

    /// The night ends.
    pub(crate) fn end<E: std::fmt::Display>(&mut self, done: &Result<(), E>) {
        self.outcome = match done {
            Err(error) => Outcome::Failed(error.to_string()),
            Ok(()) if !self.planned.is_empty() => Outcome::DryRun,
            Ok(()) if !self.releases.is_empty() => Outcome::Released,
            Ok(()) => Outcome::UpToDate,
        };
    }

    /// How the project stands now; without records where the ledger is refused.
    pub fn status(
        &self,
        project: &Project,
        records: Option<&Records>,
        as_of: Date,
    ) -> Result<Status, LedgerError> {
        let next = records.and_then(|records| schedule::next(project, records));
        Ok(Status {
            as_of: as_of.to_string(),
            outcome: self.outcome.to_string(),
            next_release: next.map(|period| NextRelease {
                on: schedule::released_from(project, &period).to_string(),
                period: period.name(),
            }),
            sources: self.sources.iter().map(source_status).collect(),
            late_rows: self.seen.late_rows,
            budget: records.map_or(Ok(Vec::new()), windows)?,
        })
    }
}

/// The rows of one source, as counts.
pub fn source_status(report: &SourceReport) -> SourceStatus {
    let totals = report.totals();
    let mut reasons = BTreeMap::new();
    for ((column, reason), rows) in report.reasons() {
        let name = match column.as_str() {
            // The row as a whole is at fault.
            "" => reason.to_string(),
            _ => format!("{column}: {reason}"),
        };
        // Some reasons are told apart for people alone.
        *reasons.entry(name).or_default() += rows;
    }
    SourceStatus {
        source: report.source,
        read: totals.read,
        accepted: totals.accepted,
        duplicate: totals.duplicate,
        quarantined: totals.quarantined,
        reasons,
    }
}

/// Every window that has been charged, oldest first.
pub fn windows(records: &Records) -> Result<Vec<WindowStatus>, LedgerError> {
    let mut by_name: BTreeMap<&str, usize> = BTreeMap::new();
    for charge in &records.charges {
        *by_name.entry(&charge.window).or_default() += 1;
    }
    by_name
        .into_iter()
        .map(|(name, releases)| window_status(records, name, releases))
        .collect()
}

fn window_status(
    records: &Records,
    name: &str,
    releases: usize,
) -> Result<WindowStatus, LedgerError> {
    let (epsilon, delta_femto) = records.window_policy(name).unwrap_or_default();
    let delta = delta_femto as f64 / 1e15;
    let purse = Purse::of(epsilon, delta_femto)?;
    let spent = records.spent(name);
    let spent_epsilon = purse
        .epsilon_of(spent.rho_micro)
        .map_err(lodestar_privacy::budget::BudgetError::from)?;
    Ok(WindowStatus {
        window: name.to_owned(),
        epsilon,
        delta,
        releases,
        spent_rho_micro: spent.rho_micro,
        left_rho_micro: purse.rho_micro.saturating_sub(spent.rho_micro),
        spent_epsilon,
        left_epsilon: (epsilon - spent_epsilon).max(0.0),
        spare_used: spent.spare_used,
        closed: records.closed(name).is_some(),
    })
}
