//! A ledger that was lost, rebuilt from what it has published.
//!
//! The bytes that are stored are public already, and the ledger reads them
//! itself, from the folder that they are published in: nobody hands it bytes.
//! So [`Released`](crate::Released) still means *drawn here and paid for*, or
//! *published before*. What the releases cost is taken from their manifests.

use std::path::Path;

use super::entry::files_sha256;
use super::store::Stored;
use super::{Charge, Digests, Evidence, Ledger, LedgerError, MANIFEST, Records, Terms};
use crate::lock::Lock;
use crate::release::sha256;

/// A release that is known to have been published, and what it cost.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// `2024-Q1`.
    pub period: String,
    /// 0 for the first release.
    pub revision: u32,
    /// The window that paid.
    pub window: String,
    /// ε of the window.
    pub window_epsilon: f64,
    /// δ of the window, in 1e-15.
    pub window_delta_femto: u64,
    /// ρ in 1e-6.
    pub rho_micro: u64,
    /// δ of the selections, in 1e-15.
    pub delta_femto: u64,
    /// SHA-256 of the manifest, if it is known.
    pub manifest_sha256: Option<[u8; 32]>,
    /// Names and SHA-256 of all its files, the manifest among them; empty if
    /// its folder is lost.
    pub files: Vec<(String, [u8; 32])>,
}

impl Ledger {
    /// Rebuilds a ledger from published releases, in one transaction: all of
    /// them are charged, or none. `releases` holds a folder for each one found
    /// that has files. A revision counts as having taken its window's spare.
    ///
    /// # Errors
    /// A ledger that has charges is refused, and so is a file that is not the
    /// one that was found.
    pub fn restore(
        state: &Path,
        terms: &Terms,
        lock: Lock,
        releases: &Path,
        found: Vec<Found>,
    ) -> Result<Self, LedgerError> {
        if !Records::inspect(state)?.charges.is_empty() {
            return Err(LedgerError::Refused(
                "it holds charges, so there is nothing to rebuild; one that is too old must be \
                 moved away first"
                    .to_owned(),
            ));
        }
        let charges = found.into_iter().map(|found| found.charge(releases));
        let charges: Vec<(Charge, Stored)> = charges.collect::<Result<_, _>>()?;
        let mut ledger = Self::open(state, terms, lock)?;
        ledger.records = ledger.store.charge(&ledger.records, &charges)?;
        Ok(ledger)
    }
}

impl Found {
    fn charge(self, releases: &Path) -> Result<(Charge, Stored), LedgerError> {
        let mut charge = Charge {
            period: self.period,
            revision: self.revision,
            window: self.window,
            window_epsilon: self.window_epsilon,
            window_delta_femto: self.window_delta_femto,
            rho_micro: self.rho_micro,
            delta_femto: self.delta_femto,
            took_spare: self.revision > 0,
            evidence: Evidence::Lost {
                manifest_sha256: self.manifest_sha256,
            },
        };
        if self.files.is_empty() {
            return Ok((charge, Stored::new()));
        }
        let folder = releases.join(charge.release_id());
        let mut stored = Stored::new();
        for (name, sha) in self.files {
            let bytes = std::fs::read(folder.join(&name)).unwrap_or_default();
            if sha256(&bytes) != sha {
                return Err(changed(&charge));
            }
            stored.push((name, bytes));
        }
        stored.sort_by(|a, b| a.0.cmp(&b.0));
        let manifest = stored.iter().find(|(name, _)| name == MANIFEST);
        let manifest_sha256 = manifest.map(|(_, bytes)| sha256(bytes));
        charge.evidence = Evidence::Restored(Digests {
            manifest_sha256: manifest_sha256.ok_or_else(|| changed(&charge))?,
            files_sha256: files_sha256(&stored),
        });
        Ok((charge, stored))
    }
}

fn changed(charge: &Charge) -> LedgerError {
    LedgerError::Refused(format!(
        "the folder of release {} changed while it was read; try again",
        charge.release_id()
    ))
}

#[cfg(test)]
mod tests;
