//! `lodestar verify`: a published folder against its own claims.

use std::path::{Path, PathBuf};

use clap::Args;
use lodestar::config;
use lodestar::publish::VerifyReport;
use lodestar::publish::manifest::{self, Manifest};
use lodestar::publish::{is_current, replaced, verify};
use lodestar::text::{count, printable};
use lodestar_privacy::ledger::{Records, stored};
use serde_json::json;

use super::{Done, Failure, output, tell_replaced};

/// Verify a release: checksums, schemas, metadata, claims.
///
/// With --config also against the ledger.
///
/// Example: lodestar verify published/releases/2025-Q3 --config lodestar.toml
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Verify {
    /// The release's folder, or `published/current`.
    release: PathBuf,
    /// The project whose ledger must know the release.
    #[arg(long)]
    config: Option<PathBuf>,
    /// Print facts as JSON.
    #[arg(long)]
    json: bool,
}

impl Verify {
    pub(super) fn run(&self) -> Done {
        let ledger = self.config.as_deref().map(ledger).transpose()?;
        let report = verify(&self.release).map_err(|error| match &ledger {
            Some((_, records)) if error.exit_code() == 2 && paid(records, &self.release) => {
                Failure::new(8, gone(&self.release))
            }
            _ => Failure::new(error.exit_code(), error),
        })?;
        let mut by_ledger = Vec::new();
        if let Some((state, records)) = &ledger {
            by_ledger = against(records, report.manifest.as_ref(), report.manifest_sha256);
            by_ledger.extend(remade(state, &self.release, report.manifest.as_ref())?);
        }
        if self.json {
            let findings = report.findings.iter().map(ToString::to_string);
            let findings: Vec<String> = findings.chain(by_ledger.clone()).collect();
            let replaced_by = replaced(&self.release).map(|path| path.display().to_string());
            output::json(&json!({
                "files": report.files, "rows": report.rows, "findings": findings,
                "ledger": self.config.is_some(), "replaced_by": replaced_by,
            }))?;
        }
        let told = [report.told(), by_ledger].concat();
        if !told.is_empty() {
            let text = format!("verification failed:\n  {}", told.join("\n  "));
            return Err(Failure::new(8, text));
        }
        if !self.json {
            self.verified(&report);
        }
        Ok(())
    }

    fn verified(&self, report: &VerifyReport) {
        let ledger = match self.config {
            Some(_) => ", known to the ledger",
            None => "",
        };
        output::line(format!(
            "verified: {}, {}{ledger}",
            count(report.files as u64, "file"),
            count(report.rows, "row")
        ));
        tell_replaced(&self.release);
    }
}

/// The project's folder of state, and what its ledger holds.
fn ledger(config: &Path) -> Result<(PathBuf, Records), Failure> {
    let project = config::load(config).map_err(|errors| Failure::of_config(&errors))?;
    let records = Records::inspect(&project.state).map_err(|error| Failure::new(6, error))?;
    Ok((project.state, records))
}

/// The folder is named as one that the ledger's releases make.
fn paid(records: &Records, folder: &Path) -> bool {
    let name = folder.file_name().and_then(|name| name.to_str());
    let mut charges = records.charges.iter();
    charges.any(|charge| name.is_some_and(|name| name == "current" || name == charge.release_id()))
}

fn gone(folder: &Path) -> String {
    format!(
        "{}: the ledger has paid for it, and nothing of it is here; `lodestar run` \
         writes it again",
        folder.display()
    )
}

/// Compares `current` with what the stored bytes of its releases make. A
/// `current` that can't be read for one is compared with that of all.
fn remade(
    state: &Path,
    folder: &Path,
    manifest: Option<&Manifest>,
) -> Result<Option<String>, Failure> {
    let mut all = stored(state).map_err(|error| Failure::new(6, error))?;
    match manifest {
        Some(Manifest::Release(_)) => return Ok(None),
        // It may lack what was paid for a moment ago.
        Some(Manifest::Current(current)) => {
            let listed = |id: &str| current.listed().any(|mine| mine.release_id == id);
            all.retain(|release| listed(release.release_id()));
        }
        None if folder.file_name().is_none_or(|name| name != "current") => return Ok(None),
        None => {}
    }
    let same = is_current(folder, &all).map_err(|error| Failure::new(error.exit_code(), error))?;
    let finding = "its files are not those that the ledger's releases make";
    Ok((!same).then(|| finding.to_owned()))
}

/// Compares with what was paid for.
fn against(records: &Records, manifest: Option<&Manifest>, sha256: [u8; 32]) -> Vec<String> {
    let releases: Vec<(String, Option<[u8; 32]>)> = match manifest {
        Some(Manifest::Release(release)) => vec![(release.release_id.clone(), Some(sha256))],
        Some(Manifest::Current(current)) => {
            let all = current.listed();
            all.map(|release| {
                (
                    release.release_id.clone(),
                    manifest::from_hex(&release.manifest_sha256),
                )
            })
            .collect()
        }
        None => Vec::new(),
    };
    let unknown = releases.into_iter().filter(|(id, sha256)| {
        let mut charges = records.charges.iter();
        !charges.any(|charge| {
            charge.release_id() == *id && sha256.is_some() && charge.manifest_sha256() == *sha256
        })
    });
    unknown
        .map(|(id, _)| format!("the ledger has not paid for this {}", printable(&id)))
        .collect()
}
