//! What stands on the published side, told from its manifests.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use lodestar_privacy::ledger::Charge;
use sha2::{Digest as _, Sha256};

use super::manifest::v1::{self, ReleaseRef};
use super::manifest::{self, Manifest};
use super::write::{CURRENT, GENERATIONS, RELEASES};
use super::{MANIFEST, PublishError, disk};

/// The releases of which anything is published, be it in `releases` or in a
/// generation of `current`: id, and SHA-256 of the manifest (zeros where it is
/// missing).
pub fn published(publish_dir: &Path) -> Result<Vec<(String, [u8; 32])>, PublishError> {
    let releases = publish_dir.join(RELEASES);
    let mut all: Vec<_> = visible(&releases)?
        .into_iter()
        .map(|name| {
            (
                name.clone(),
                digest(&releases.join(name)).unwrap_or_default(),
            )
        })
        .collect();
    all.extend(in_current(publish_dir)?.into_iter().map(|release| {
        let sha256 = manifest::from_hex(&release.manifest_sha256);
        (release.release_id, sha256.unwrap_or_default())
    }));
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

/// The releases that `current`, or a generation of it, was made of, and those that it
/// lists as superseded.
pub fn in_current(publish_dir: &Path) -> Result<Vec<ReleaseRef>, PublishError> {
    let generations = publish_dir.join(GENERATIONS);
    let folders = visible(&generations)?
        .into_iter()
        .map(|name| generations.join(name));
    let folders = folders.chain([publish_dir.join(CURRENT)]);
    let manifests = folders.filter_map(|folder| current(&folder));
    let listed = manifests.flat_map(|one| one.releases.into_iter().chain(one.superseded));
    Ok(listed.collect())
}

/// Names of the folders in `releases`, or of generations: all that readers see.
pub fn visible(folder: &Path) -> Result<Vec<String>, PublishError> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let names = disk::names(folder)?.into_iter();
    Ok(names.filter(|name| !name.starts_with('.')).collect())
}

/// The manifest of a folder such as `current`.
fn current(folder: &Path) -> Option<v1::Current> {
    let bytes = std::fs::read(folder.join(MANIFEST)).ok()?;
    match manifest::parse(&bytes) {
        Ok(Manifest::Current(current)) => Some(*current),
        _ => None,
    }
}

/// Ids of the releases that were charged, are not lost, and do not stand in
/// `releases` as they were paid for.
pub fn missing(publish_dir: &Path, charges: &[Charge]) -> Vec<String> {
    let releases = publish_dir.join(RELEASES);
    let stands =
        |charge: &&Charge| digest(&releases.join(charge.release_id())) == charge.manifest_sha256();
    let missing = stored(charges).filter(|charge| !stands(charge));
    missing.map(Charge::release_id).collect()
}

/// Whether `current` holds the newest revision of each period, lists those before as
/// superseded, and has a page. That the page is the one that this version makes is not
/// asked: it would take all tables.
pub fn current_holds(publish_dir: &Path, charges: &[Charge]) -> bool {
    let mut newest: BTreeMap<&str, &Charge> = BTreeMap::new();
    for charge in stored(charges) {
        let mine = newest.entry(&charge.period).or_insert(charge);
        if charge.revision > mine.revision {
            *mine = charge;
        }
    }
    if newest.is_empty() {
        return true;
    }
    let Some(current) = current(&publish_dir.join(CURRENT)) else {
        return false;
    };
    let of = |listed: Vec<ReleaseRef>| -> BTreeSet<String> {
        listed.into_iter().map(|one| one.release_id).collect()
    };
    let (newest, superseded): (Vec<&Charge>, Vec<&Charge>) =
        stored(charges).partition(|charge| newest[&*charge.period].revision == charge.revision);
    let ids = |charges: Vec<&Charge>| charges.into_iter().map(Charge::release_id).collect();
    of(current.releases) == ids(newest)
        && of(current.superseded) == ids(superseded)
        && current.page.is_some()
}

/// The charges of releases whose bytes the ledger has.
fn stored(charges: &[Charge]) -> impl Iterator<Item = &Charge> {
    let all = charges.iter();
    all.filter(|charge| charge.evidence.digests().is_some())
}

fn digest(folder: &Path) -> Option<[u8; 32]> {
    Some(Sha256::digest(std::fs::read(folder.join(MANIFEST)).ok()?).into())
}
