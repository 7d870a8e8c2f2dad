//! Is a published folder whole, unchanged, and true to what it claims?
//!
//! Whatever the bytes are, the answer is a report, never a panic. It cannot
//! notice a folder in which everything was forged consistently: for that,
//! compare [`VerifyReport::manifest_sha256`] with the ledger.

mod bounds;
mod content;
mod noise;
mod rows;

use std::collections::HashSet;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use lodestar_privacy::public::WHOLE;

use super::folder::{self, Above};
use super::manifest::{self, Manifest, v1};
use super::page::{self, PAGE};
use super::{ENGINE_VERSION, MANIFEST};
use crate::text::printable;

/// Findings listed for one file; a destroyed table would have one a row.
const MOST_FINDINGS_PER_FILE: usize = 20;

/// Something that should not be so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Plain name of the file in the folder.
    pub file: String,
    /// What is wrong with it.
    pub text: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Names in a manifest or a table from elsewhere may hold anything.
        write!(f, "{}: {}", printable(&self.file), printable(&self.text))
    }
}

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub struct VerifyReport {
    /// SHA-256 of `manifest.json`: the ledger remembers it for each release.
    pub manifest_sha256: [u8; 32],
    /// The manifest, if it could be read.
    pub manifest: Option<Manifest>,
    /// Number of Parquet files that were listed.
    pub files: usize,
    /// Number of rows in them, as listed.
    pub rows: u64,
    /// What is wrong; empty: the folder passed.
    pub findings: Vec<Finding>,
}

impl VerifyReport {
    /// Nothing is wrong.
    pub fn passed(&self) -> bool {
        self.findings.is_empty()
    }

    /// The findings for people: what holds of several files is said once.
    pub fn told(&self) -> Vec<String> {
        let mut said: Vec<(&str, Vec<&str>)> = Vec::new();
        for Finding { file, text } in &self.findings {
            match said.iter_mut().find(|(known, _)| known == text) {
                Some((_, files)) => files.push(file),
                None => said.push((text, vec![file])),
            }
        }
        let finding = |(text, mut files): (&str, Vec<&str>)| {
            files.dedup();
            let file = match files[..] {
                [one, two, .., last] => format!("{} files ({one}, {two}, …, {last})", files.len()),
                _ => files.join(", "),
            };
            let text = text.to_owned();
            Finding { file, text }.to_string()
        };
        said.into_iter().map(finding).collect()
    }
}

/// Why a folder cannot even be looked at.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// No folder to verify.
    #[error(
        "{}: is not a folder; name one that was published: `current`, or a release such as \
         `releases/2025-Q3`", .0.display()
    )]
    NoFolder(PathBuf),
    /// The folder above `current` and the releases.
    #[error(
        "{}: holds everything that is published; name one folder of it: {}, or a release in {}",
        folder.display(), current.display(), releases.display()
    )]
    Everything {
        /// What was named.
        folder: PathBuf,
        /// Its `current`.
        current: PathBuf,
        /// Its `releases/`.
        releases: PathBuf,
    },
    /// The folder above the releases.
    #[error("{}: holds releases; name one of them, such as {}", folder.display(), release.display())]
    Releases {
        /// What was named.
        folder: PathBuf,
        /// One of them.
        release: PathBuf,
    },
    /// The folder of all that `current` led to lately.
    #[error("{}: holds what `current` led to lately; name {}", folder.display(), current.display())]
    Generations {
        /// What was named.
        folder: PathBuf,
        /// The `current` beside it.
        current: PathBuf,
    },
    /// Neither a manifest nor a table.
    #[error(
        "{}: is no published folder: it has no manifest.json and no table; name `current`, or a \
         release such as `releases/2025-Q3`", .0.display()
    )]
    NotPublished(PathBuf),
    /// Tables, and nothing that vouches for them.
    #[error(
        "{}: has tables but no manifest.json, so nothing says what they must be; copy the whole \
         folder", .0.display()
    )]
    NoManifest(PathBuf),
    /// The folder, or its manifest, cannot be read.
    #[error("{}: cannot be read as a published folder: {source}", path.display())]
    Unreadable {
        /// What could not be read.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl VerifyError {
    /// 2: it is no published folder; 8: it is one that can't be verified.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::NoManifest(_) | Self::Unreadable { .. } => 8,
            _ => 2,
        }
    }

    /// Of a folder without a manifest: what it is.
    fn without_manifest(folder: &Path, names: &[String]) -> Self {
        let folder = folder.to_owned();
        match folder::above(&folder) {
            Some(Above::Everything { current, releases }) => Self::Everything {
                folder,
                current,
                releases,
            },
            Some(Above::Releases { release, .. }) => Self::Releases { folder, release },
            Some(Above::Generations { current }) => Self::Generations { folder, current },
            None if names.iter().any(|name| name.ends_with(".parquet")) => Self::NoManifest(folder),
            None => Self::NotPublished(folder),
        }
    }
}

/// Verifies a release's folder, or `current/`.
pub fn verify(folder: &Path) -> Result<VerifyReport, VerifyError> {
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        move |source| VerifyError::Unreadable { path, source }
    };
    if !folder.is_dir() {
        return Err(VerifyError::NoFolder(folder.to_owned()));
    }
    let names = list(folder).map_err(unreadable(folder))?;
    if !names.iter().any(|name| name == MANIFEST) {
        return Err(VerifyError::without_manifest(folder, &names));
    }
    let path = folder.join(MANIFEST);
    let bytes = fs::read(&path).map_err(unreadable(&path))?;
    let mut report = VerifyReport {
        manifest_sha256: manifest::sha256(&bytes),
        manifest: None,
        files: 0,
        rows: 0,
        findings: Vec::new(),
    };
    match manifest::parse(&bytes) {
        Ok(manifest) => {
            verify_files(folder, &names, &manifest, &mut report);
            report.manifest = Some(manifest);
        }
        Err(error) => note(&mut report.findings, MANIFEST, error.to_string()),
    }
    Ok(report)
}

fn list(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

fn note(findings: &mut Vec<Finding>, file: &str, text: impl Into<String>) {
    let before = findings
        .iter()
        .filter(|finding| finding.file == file)
        .count();
    let text = match before {
        MOST_FINDINGS_PER_FILE => "has further findings, not listed".to_owned(),
        n if n > MOST_FINDINGS_PER_FILE => return,
        _ => text.into(),
    };
    findings.push(Finding {
        file: file.to_owned(),
        text,
    });
}

/// A listed file's facts; tables of facts and of labels alike.
struct Listed<'a> {
    name: &'a str,
    file: &'a str,
    rows: u64,
    bytes: u64,
    sha256: &'a str,
    table: Option<&'a v1::Table>,
}

fn listed(manifest: &Manifest) -> Vec<Listed<'_>> {
    let (tables, dimensions) = match manifest {
        Manifest::Release(release) => (&release.tables, &release.dimensions),
        Manifest::Current(current) => (&current.tables, &current.dimensions),
    };
    let tables = tables.iter().map(|t| Listed {
        name: &t.name,
        file: &t.file,
        rows: t.rows,
        bytes: t.bytes,
        sha256: &t.sha256,
        table: Some(t),
    });
    let dimensions = dimensions.iter().map(|d| Listed {
        name: &d.name,
        file: &d.file,
        rows: d.rows,
        bytes: d.bytes,
        sha256: &d.sha256,
        table: None,
    });
    tables.chain(dimensions).collect()
}

fn verify_files(folder: &Path, names: &[String], manifest: &Manifest, report: &mut VerifyReport) {
    let listed = listed(manifest);
    report.files = listed.len();
    report.rows = listed
        .iter()
        .map(|file| file.rows)
        .fold(0, u64::saturating_add);
    let findings = &mut report.findings;
    let page = match manifest {
        Manifest::Release(_) => None,
        Manifest::Current(current) => current.page.as_ref(),
    };
    let beside = page.map(|page| page.file.as_str());
    let beside = beside.into_iter().chain([MANIFEST]);
    let known: HashSet<&str> = listed
        .iter()
        .map(|file| file.file)
        .chain(beside.clone())
        .collect();
    if known.len() != listed.len() + beside.count() {
        note(findings, MANIFEST, "lists a file twice");
    }
    for name in names.iter().filter(|name| !known.contains(name.as_str())) {
        note(findings, name, "is not listed in manifest.json");
    }
    match manifest {
        Manifest::Release(release) => {
            verify_sums(release, findings);
            bounds::verify_noise(release, findings);
        }
        Manifest::Current(current) => verify_least(current, findings),
    }
    let mut contents = Vec::new();
    for file in &listed {
        if let Some(bytes) = unchanged(folder, names, file, findings) {
            contents.push((file, bytes));
        }
    }
    content::verify(manifest, &contents, findings);
    if let (Manifest::Current(current), Some(page)) = (manifest, page) {
        let file = Listed {
            name: "page",
            file: &page.file,
            rows: 0,
            bytes: page.bytes,
            sha256: &page.sha256,
            table: None,
        };
        let bytes = unchanged(folder, names, &file, findings);
        // What another version makes of tables this one can't tell. Of tables that
        // were changed nothing is made.
        if let Some(bytes) = bytes.filter(|_| current.engine_version == ENGINE_VERSION)
            && contents.len() == listed.len()
        {
            verify_page(page, &bytes, &contents, findings);
        }
    }
}

/// The page is what the tables make.
fn verify_page(
    page: &v1::Page,
    bytes: &[u8],
    tables: &[(&Listed<'_>, Vec<u8>)],
    findings: &mut Vec<Finding>,
) {
    let tables = tables.iter();
    let tables: Vec<_> = tables
        .map(|(listed, bytes)| (listed.file, bytes.as_slice()))
        .collect();
    match page::page(&tables) {
        Ok(made) if made == bytes && page.file == PAGE => {}
        Ok(_) => note(findings, &page.file, "is not the page that the tables make"),
        Err(error) => note(findings, &page.file, format!("can't be made: {error}")),
    }
}

/// The file's bytes, if they are those that the manifest vouches for.
fn unchanged(
    folder: &Path,
    names: &[String],
    file: &Listed<'_>,
    findings: &mut Vec<Finding>,
) -> Option<Vec<u8>> {
    // A name that is not in the folder's own list could lead out of it.
    if !names.iter().any(|name| name == file.file) {
        note(
            findings,
            file.file,
            "is listed in manifest.json, but missing",
        );
        return None;
    }
    let path = folder.join(file.file);
    if !fs::symlink_metadata(&path).is_ok_and(|entry| entry.is_file()) {
        note(findings, file.file, "is not a plain file");
        return None;
    }
    let Ok(bytes) = fs::read(&path) else {
        note(findings, file.file, "cannot be read");
        return None;
    };
    if bytes.len() as u64 != file.bytes {
        note(
            findings,
            file.file,
            "has another length than manifest.json says",
        );
        return None;
    }
    if manifest::sha256_hex(&bytes) != file.sha256 {
        note(
            findings,
            file.file,
            "was changed: its SHA-256 is not the one in manifest.json",
        );
        return None;
    }
    Some(bytes)
}

/// The manifest's own numbers must add up and be possible.
fn verify_sums(release: &v1::Release, findings: &mut Vec<Finding>) {
    let levels = || release.cohorts.iter().flat_map(|kind| &kind.levels);
    let searches = release.vectors.iter().flat_map(|vector| &vector.search);
    let rounds = || searches.clone().flat_map(|search| &search.rounds);
    let kind = |name: &str| release.cohorts.iter().find(|kind| kind.name == name);
    let rho: u128 = levels()
        .flat_map(|level| [level.selection_rho_micro, level.size_rho_micro])
        .chain(
            release
                .vectors
                .iter()
                .flat_map(|vector| &vector.levels)
                .map(|level| level.rho_micro),
        )
        .chain(bounds::rho_micro(release))
        .chain(rounds().map(|round| round.rho_micro))
        .map(u128::from)
        .sum();
    let deltas = levels().map(|level| level.selection_delta_femto);
    let deltas = deltas.chain(rounds().map(|round| round.delta_femto));
    let delta: u128 = deltas.map(u128::from).sum();
    let privacy = &release.privacy;
    let id = match release.revision {
        0 => release.period.clone(),
        n => format!("{}-r{n}", release.period),
    };
    let checks = [
        (
            rho == u128::from(privacy.rho_release_micro),
            "ρ of its parts is not the release's ρ",
        ),
        (
            delta == u128::from(privacy.delta_selection_release_femto),
            "δ of its selections is not the release's",
        ),
        (
            ["person", "person-period"].contains(&privacy.unit.as_str()),
            "names an unknown privacy unit",
        ),
        (privacy.k >= 1, "k is below 1"),
        (privacy.coalition <= 1, "the coalition is above 1"),
        (
            privacy.epsilon_window > 0.0 && privacy.epsilon_release >= 0.0,
            "an ε is impossible",
        ),
        (
            privacy.delta_window > 0.0
                && privacy.delta_window < 1.0
                && (0.0..1.0).contains(&privacy.delta_release),
            "a δ is impossible",
        ),
        (
            levels().all(|level| {
                covers(
                    level.selection_rho_micro,
                    level.selection_sensitivity,
                    level.selection_sigma,
                ) && covers(
                    level.size_rho_micro,
                    level.size_sensitivity,
                    level.size_sigma,
                )
            }) && rounds().all(|round| {
                // The whole of a person's weight, whatever they put in.
                round.sensitivity >= f64::from(WHOLE)
                    && covers(round.rho_micro, round.sensitivity, round.sigma)
            }) && release.vectors.iter().all(|vector| {
                let squares = vector
                    .coordinates
                    .iter()
                    .map(|c| f64::from(c.factor).powi(2));
                let cohorts =
                    kind(&vector.cohort).map_or(f64::NAN, |k| f64::from(k.cohorts_a_person));
                let least = squares.sum::<f64>() * f64::from(vector.max_cells) * cohorts;
                // Text may have rounded the last digit.
                let least = least.sqrt() * (1.0 - 1e-9);
                vector.levels.iter().all(|level| {
                    level.sensitivity >= least
                        && covers(level.rho_micro, level.sensitivity, level.sigma)
                })
            }),
            "a σ is smaller than its ρ and sensitivity ask for",
        ),
        (
            privacy.epsilon_release <= privacy.epsilon_window
                && privacy.delta_release <= privacy.delta_window,
            "ε or δ of the release is above the window's",
        ),
        (
            id == release.release_id,
            "release_id does not follow from period and revision",
        ),
        (
            release
                .tables
                .iter()
                .all(|table| table.parameters.is_some()),
            "a table has no parameters",
        ),
    ];
    for (_, text) in checks.iter().filter(|(holds, _)| !holds) {
        note(findings, MANIFEST, *text);
    }
}

/// Whether noise of this σ costs no more than ρ (zCDP: Δ²/2σ²), but for a last
/// digit.
fn covers(rho_micro: u64, sensitivity: f64, sigma: f64) -> bool {
    let least = sensitivity / (2.0 * rho_micro as f64 / 1e6).sqrt();
    sensitivity >= 1.0 && sigma >= least * (1.0 - 1e-9)
}

/// What `current/` claims for all its releases is the weakest of them, and the newest
/// of each period is in it.
fn verify_least(current: &v1::Current, findings: &mut Vec<Finding>) {
    let least = |of: fn(&v1::Privacy) -> u32| current.releases.iter().map(|r| of(&r.privacy)).min();
    if least(|privacy| privacy.k) != Some(current.k)
        || least(|privacy| privacy.coalition) != Some(current.coalition)
    {
        note(
            findings,
            MANIFEST,
            "k or coalition is not the least of its releases",
        );
    }
    let is_newer = |old: &v1::ReleaseRef| {
        let mut all = current.releases.iter();
        all.any(|new| new.period == old.period && new.revision > old.revision)
    };
    if !current.superseded.iter().all(is_newer) {
        let text = "lists a superseded release of whose period nothing newer is in here";
        note(findings, MANIFEST, text);
    }
}

#[cfg(test)]
mod sums_tests;
#[cfg(test)]
mod tests;
