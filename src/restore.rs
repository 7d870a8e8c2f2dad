//! What a lost ledger is rebuilt from: the folders of its releases, and what
//! `current` says of those whose folder is lost, too.
//!
//! In doubt a release counts as made. What nothing tells the cost of costs all
//! that is left of its window: what is known of others tells nothing, as it may
//! have published more than they.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use lodestar_privacy::budget::femto;
use lodestar_privacy::ledger::{Found, Terms, Told};

use crate::calendar::Period;
use crate::config::Project;
use crate::declare;
use crate::publish::manifest::v1::{Privacy, Release};
use crate::publish::manifest::{self, Manifest};
use crate::publish::{self, MANIFEST, PublishError, VerifyError, verify};

/// Why a ledger was not rebuilt. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// It is not a folder of releases.
    #[error("{}: cannot be read as a folder of releases: {source}", path.display())]
    Unreadable {
        /// What was given.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It has no release in it.
    #[error("{}: holds no release; give the folder `releases` of what was published", .0.display())]
    Empty(PathBuf),
    /// See [`PublishError`].
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// A folder is not a release.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// A release is not what it claims.
    #[error("{}: is not the release that it claims to be; find a whole copy of it:\n  {}",
        path.display(), findings.join("\n  "))]
    Unverified {
        /// Its folder.
        path: PathBuf,
        /// What is wrong.
        findings: Vec<String>,
    },
    /// What is published does not agree with itself or with the configuration.
    #[error("the ledger can't be rebuilt: {0}")]
    Refused(String),
}

impl RestoreError {
    /// The program's exit code.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Unreadable { .. } | Self::Empty(_) => 2,
            Self::Refused(_) => 6,
            Self::Publish(error) => error.exit_code(),
            Self::Verify(_) | Self::Unverified { .. } => 8,
        }
    }
}

fn refused<T>(text: String) -> Result<T, RestoreError> {
    Err(RestoreError::Refused(text))
}

/// Everything that was released, oldest first, as far as it can be told.
type Known = BTreeMap<(Period, u32), Found>;

/// Tells from published folders what a project has released and what it cost.
/// `releases` holds a folder for each release; each must verify. Nothing was
/// released before `started`, if that is said.
pub fn found(
    project: &Project,
    terms: &Terms,
    releases: &Path,
    started: Option<Period>,
) -> Result<Vec<Found>, RestoreError> {
    let unreadable = |source| RestoreError::Unreadable {
        path: releases.to_owned(),
        source,
    };
    let real = releases.canonicalize().map_err(unreadable)?;
    let names = publish::visible(&real)?;
    if names.is_empty() {
        return Err(RestoreError::Empty(releases.to_owned()));
    }
    let mut known = Known::new();
    for name in names {
        let (key, found) = folder(project, terms, &releases.join(&name), &name)?;
        known.insert(key, found);
    }
    let beside = real.parent().map(publish::in_current).transpose()?;
    let here = publish::in_current(&project.publish)?;
    for listed in beside.into_iter().flatten().chain(here) {
        let (id, privacy) = (&listed.release_id, &listed.privacy);
        let period = agreed(
            project,
            terms,
            id,
            &listed.period,
            listed.synthetic,
            privacy,
        )?;
        let hash = manifest::from_hex(&listed.manifest_sha256);
        let key = (period, listed.revision);
        let mine = known
            .entry(key)
            .or_insert_with(|| told(key, privacy, hash, Vec::new()));
        if mine.told.as_ref().map(|told| told.manifest_sha256) != hash {
            return refused(format!(
                "`current` was made of another {id} than the one that its folder, or another \
                 generation of `current`, has; find out which is true"
            ));
        }
    }
    published_elsewhere(project, releases, &known)?;
    one_policy_a_window(&known)?;
    if let Some(started) = started {
        nothing_before(started, &known)?;
    }
    let lost = lost(project, &known, started);
    known.extend(lost);
    Ok(known.into_values().collect())
}

/// One release from its folder.
fn folder(
    project: &Project,
    terms: &Terms,
    path: &Path,
    name: &str,
) -> Result<((Period, u32), Found), RestoreError> {
    let report = verify(path)?;
    let mut findings: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
    let release = match report.manifest {
        Some(Manifest::Release(release)) if release.release_id == name => Some(release),
        _ => {
            findings.push(format!("{MANIFEST}: is not that of a release {name:?}"));
            None
        }
    };
    let Some(release) = release.filter(|_| findings.is_empty()) else {
        let path = path.to_owned();
        return Err(RestoreError::Unverified { path, findings });
    };
    if release.organisation != terms.organisation {
        return refused(format!(
            "release {name} is of {:?}, the configuration says `organisation` {:?}",
            release.organisation, terms.organisation
        ));
    }
    let privacy = &release.privacy;
    let period = agreed(
        project,
        terms,
        name,
        &release.period,
        release.synthetic,
        privacy,
    )?;
    let span = (period.start().to_string(), period.end().to_string());
    if span != (release.period_start.clone(), release.period_end.clone()) {
        return refused(format!(
            "release {name} is of {} to {}, by the configuration's `year_starts` it would be of \
             {} to {}",
            release.period_start, release.period_end, span.0, span.1
        ));
    }
    let key = (period, release.revision);
    let files = files(&release, report.manifest_sha256);
    Ok((key, told(key, privacy, Some(report.manifest_sha256), files)))
}

/// The period of a release, if it can be one of this project's.
fn agreed(
    project: &Project,
    terms: &Terms,
    id: &str,
    period: &str,
    synthetic: bool,
    privacy: &Privacy,
) -> Result<Period, RestoreError> {
    let calendar = &project.calendar;
    let Ok(period) = Period::parse(period, calendar.every, calendar.year_starts) else {
        return refused(format!(
            "release {id} is not of a {}, as the configuration's `every` says",
            calendar.every.name()
        ));
    };
    let window = declare::window(project, &period).name();
    let checks = [
        ("unit", privacy.unit.clone(), terms.unit.clone()),
        ("window", privacy.window.clone(), window),
        (
            "synthetic",
            synthetic.to_string(),
            terms.synthetic.to_string(),
        ),
    ];
    match checks.iter().find(|(_, theirs, ours)| theirs != ours) {
        Some((setting, theirs, ours)) => refused(format!(
            "release {id} has {setting} {theirs}, by the configuration it would be {ours}"
        )),
        None => Ok(period),
    }
}

fn told(
    (period, revision): (Period, u32),
    privacy: &Privacy,
    manifest_sha256: Option<[u8; 32]>,
    files: Vec<(String, [u8; 32])>,
) -> Found {
    Found {
        period: period.name(),
        revision,
        window: privacy.window.clone(),
        window_epsilon: privacy.epsilon_window,
        window_delta_femto: femto(privacy.delta_window),
        told: manifest_sha256.map(|manifest_sha256| Told {
            rho_micro: privacy.rho_release_micro,
            delta_femto: privacy.delta_selection_release_femto,
            manifest_sha256,
        }),
        files,
    }
}

/// All files of a release that has passed, with what they must be.
fn files(release: &Release, manifest_sha256: [u8; 32]) -> Vec<(String, [u8; 32])> {
    let tables = release
        .tables
        .iter()
        .map(|table| (&table.file, &table.sha256));
    let dimensions = release
        .dimensions
        .iter()
        .map(|dim| (&dim.file, &dim.sha256));
    let listed = tables.chain(dimensions);
    let digests = listed.map(|(file, sha)| (file.clone(), manifest::from_hex(sha)));
    digests
        .map(|(file, sha)| (file, sha.unwrap_or_default()))
        .chain([(MANIFEST.to_owned(), manifest_sha256)])
        .collect()
}

/// What stands in the project's own published folder must be known, too.
fn published_elsewhere(
    project: &Project,
    releases: &Path,
    known: &Known,
) -> Result<(), RestoreError> {
    for (id, hash) in publish::published(&project.publish)? {
        let told = known.values().filter_map(|found| found.told.as_ref());
        if !told.map(|told| told.manifest_sha256).any(|sha| sha == hash) {
            return refused(format!(
                "release {id} is published in {}, but {} does not hold it as it is there",
                project.publish.display(),
                releases.display()
            ));
        }
    }
    Ok(())
}

/// A window's first charge fixed its ε and δ: all its releases name the same.
fn one_policy_a_window(known: &Known) -> Result<(), RestoreError> {
    let mut first: BTreeMap<&str, &Found> = BTreeMap::new();
    for found in known.values() {
        let first = *first.entry(&found.window).or_insert(found);
        let policy = |found: &Found| (found.window_epsilon.to_bits(), found.window_delta_femto);
        if policy(first) != policy(found) {
            return refused(format!(
                "releases of {} and {} name different ε or δ for their window {}",
                first.period, found.period, found.window
            ));
        }
    }
    Ok(())
}

/// What is known does not contradict what is said of the start.
fn nothing_before(started: Period, known: &Known) -> Result<(), RestoreError> {
    match known.keys().next() {
        Some((oldest, _)) if *oldest < started => refused(format!(
            "a release of {} is there, so {} is not the first period that was released, as \
             `--started` says",
            oldest.name(),
            started.name()
        )),
        _ => Ok(()),
    }
}

/// What must count as released, though nothing tells what it cost: revisions
/// before a known one; and periods before a known one in all windows of which a
/// release is known, be it that they are not to be released any more (`first`).
fn lost(project: &Project, known: &Known, started: Option<Period>) -> Known {
    let calendar = &project.calendar;
    let windows: BTreeMap<String, &Found> = known
        .values()
        .map(|found| (found.window.clone(), found))
        .collect();
    let periods = || known.keys().map(|(period, _)| *period);
    let Some((oldest, newest)) = periods().min().zip(periods().max()) else {
        return Known::new();
    };
    let window = declare::window(project, &oldest).start();
    let first = Period::containing(window, calendar.every, calendar.year_starts);
    let all = std::iter::successors(started.or(Some(first)), |period| Some(period.next()));
    let mut lost = Known::new();
    for period in all.take_while(|period| *period <= newest) {
        let Some(like) = windows.get(&declare::window(project, &period).name()) else {
            continue;
        };
        let mine = known.range((period, 0)..=(period, u32::MAX));
        let newest = mine.map(|((_, revision), _)| *revision).max().unwrap_or(0);
        for revision in (0..=newest).filter(|revision| !known.contains_key(&(period, *revision))) {
            let found = Found {
                period: period.name(),
                revision,
                told: None,
                files: Vec::new(),
                ..(*like).clone()
            };
            lost.insert((period, revision), found);
        }
    }
    lost
}
