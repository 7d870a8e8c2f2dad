//! A ledger that was lost, rebuilt from what it has published.
//!
//! The bytes that are stored are public already, and the ledger reads them
//! itself, from the folder that they are published in: nobody hands it bytes.
//! So [`Released`](crate::Released) still means *drawn here and paid for*, or
//! *published before*. What the releases cost is taken from their manifests. A
//! release of which nothing tells what it cost costs all that is left of its
//! window: a rebuilt ledger may say that more was spent than was, never less.

use std::collections::BTreeMap;
use std::path::Path;

use super::entry::files_sha256;
use super::store::Stored;
use super::{Charge, Digests, Evidence, Ledger, LedgerError, MANIFEST, Records, Terms};
use crate::budget::Purse;
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
    /// What a manifest tells of it; `None` where nothing does.
    pub told: Option<Told>,
    /// Names and SHA-256 of all its files, the manifest among them; empty if
    /// its folder is lost.
    pub files: Vec<(String, [u8; 32])>,
}

/// What a manifest tells of a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// ρ in 1e-6.
    pub rho_micro: u64,
    /// δ of the selections, in 1e-15.
    pub delta_femto: u64,
    /// SHA-256 of the release's manifest.
    pub manifest_sha256: [u8; 32],
}

impl Ledger {
    /// Rebuilds a ledger from published releases, in one transaction: all of
    /// them are charged, or none. `releases` holds a folder for each one found
    /// that has files. A revision counts as having taken its window's spare, and
    /// a release of which nothing is told costs all that is left of its window.
    /// `started` is the period before which nothing was released, if somebody
    /// says so: it is written down.
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
        started: Option<&str>,
    ) -> Result<Self, LedgerError> {
        if !Records::inspect(state)?.charges.is_empty() {
            return Err(LedgerError::Refused(
                "it holds charges, so there is nothing to rebuild; one that is too old must be \
                 moved away first"
                    .to_owned(),
            ));
        }
        let mut left = left(&found)?;
        let charges = found.into_iter().map(|found| {
            let rest = left.entry(found.window.clone()).or_default();
            found.charge(rest, releases)
        });
        let charges: Vec<(Charge, Stored)> = charges.collect::<Result<_, _>>()?;
        let mut ledger = Self::open(state, terms, lock)?;
        ledger.records = ledger.store.charge(&ledger.records, started, &charges)?;
        Ok(ledger)
    }
}

impl Records {
    /// What a rebuilt ledger lacks to know what a window has spent, in words:
    /// the window is closed. `None` if it lacks nothing.
    ///
    /// Closed is also a window of which nothing was found at all, where
    /// something was found of a later one.
    pub fn closed(&self, window: &str) -> Option<String> {
        let mut mine = self
            .charges
            .iter()
            .filter(|c| c.window == window)
            .peekable();
        if mine.peek().is_some() {
            let lost = mine.filter(|charge| charge.evidence == Evidence::Lost);
            let lost: Vec<String> = lost.map(Charge::release_id).collect();
            return (!lost.is_empty()).then(|| lost.join(", "));
        }
        let rebuilt = |charge: &&Charge| !matches!(charge.evidence, Evidence::Drawn(_));
        let mut found = self.charges.iter().filter(rebuilt);
        // Windows are of one length, so that their names sort by time.
        let later = found.any(|charge| charge.window.as_str() > window);
        later.then(|| "any release of it".to_owned())
    }
}

/// ρ and δ that each window has left, less what is told of its releases.
fn left(found: &[Found]) -> Result<BTreeMap<String, (u64, u64)>, LedgerError> {
    let mut left = BTreeMap::new();
    for found in found {
        if !left.contains_key(&found.window) {
            let purse = Purse::of(found.window_epsilon, found.window_delta_femto)?;
            left.insert(
                found.window.clone(),
                (purse.rho_micro, purse.selection_femto),
            );
        }
        if let (Some(told), Some((rho, delta))) = (&found.told, left.get_mut(&found.window)) {
            *rho = rho.saturating_sub(told.rho_micro);
            *delta = delta.saturating_sub(told.delta_femto);
        }
    }
    Ok(left)
}

impl Found {
    /// What it is charged: what is told, or else all the rest of its window.
    fn charge(
        self,
        rest: &mut (u64, u64),
        releases: &Path,
    ) -> Result<(Charge, Stored), LedgerError> {
        let (rho_micro, delta_femto, evidence) = if let Some(told) = self.told {
            let listed = Evidence::Listed(told.manifest_sha256);
            (told.rho_micro, told.delta_femto, listed)
        } else {
            let (rho_micro, delta_femto) = std::mem::take(rest);
            (rho_micro, delta_femto, Evidence::Lost)
        };
        let mut charge = Charge {
            period: self.period,
            revision: self.revision,
            window: self.window,
            window_epsilon: self.window_epsilon,
            window_delta_femto: self.window_delta_femto,
            rho_micro,
            delta_femto,
            took_spare: self.revision > 0,
            evidence,
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
