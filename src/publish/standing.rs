//! What stands on the published side, told from its manifests.

use std::collections::BTreeMap;
use std::path::Path;

use lodestar_privacy::ledger::Charge;
use sha2::{Digest as _, Sha256};

use super::manifest::{self, Manifest};
use super::write::{CURRENT, RELEASES};
use super::{MANIFEST, PublishError, disk};

/// The published releases: id, and SHA-256 of the manifest (zeros where it is
/// missing).
pub fn published(publish_dir: &Path) -> Result<Vec<(String, [u8; 32])>, PublishError> {
    let releases = publish_dir.join(RELEASES);
    if !releases.exists() {
        return Ok(Vec::new());
    }
    let names = disk::names(&releases)?
        .into_iter()
        .filter(|name| !name.starts_with('.'));
    Ok(names
        .map(|name| {
            (
                name.clone(),
                digest(&releases.join(name)).unwrap_or_default(),
            )
        })
        .collect())
}

/// Whether the published side holds every release that was charged, and
/// `current` the newest revision of each period.
pub fn holds(publish_dir: &Path, charges: &[Charge]) -> bool {
    let releases = publish_dir.join(RELEASES);
    let all = charges
        .iter()
        .all(|charge| digest(&releases.join(charge.release_id())) == Some(charge.manifest_sha256));
    let newest: BTreeMap<&str, String> = charges
        .iter()
        .map(|charge| (charge.period.as_str(), charge.release_id()))
        .collect();
    let current = std::fs::read(publish_dir.join(CURRENT).join(MANIFEST)).unwrap_or_default();
    let listed = match manifest::parse(&current) {
        Ok(Manifest::Current(current)) => current.releases,
        _ => Vec::new(),
    };
    let mut listed: Vec<_> = listed
        .into_iter()
        .map(|release| release.release_id)
        .collect();
    let mut newest: Vec<_> = newest.into_values().collect();
    listed.sort_unstable();
    newest.sort_unstable();
    all && listed == newest
}

fn digest(folder: &Path) -> Option<[u8; 32]> {
    Some(Sha256::digest(std::fs::read(folder.join(MANIFEST)).ok()?).into())
}
