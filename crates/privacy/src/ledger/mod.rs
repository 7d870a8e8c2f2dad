//! The ledger: visible ⇒ charged, exactly once.
//!
//! An outbox in SQLite. One transaction stores the charge, the finished
//! files' bytes and the manifest's hash; only then can anyone have seen
//! anything, and what they see is those bytes, for ever. Entries form a chain
//! of hashes: an entry that was changed, dropped or reordered is noticed.

mod entry;
mod restore;
mod store;

use std::collections::BTreeSet;
use std::path::Path;

pub use entry::{Charge, Digests, Evidence, Terms};
pub use restore::{Found, Told};
pub use store::LedgerError;

use crate::budget::{Allotment, BudgetError, Design, Owed, Purpose, Purse, Spent, femto};
use crate::lock::Lock;
use crate::public::Public;
use crate::release::{Drawn, Finished, Grant, Released, sha256};
use store::Store;

/// Name of the manifest among a release's files.
const MANIFEST: &str = "manifest.json";

/// What helps where a ledger is not what it was.
const RESTORE_THE_STATE: &str = "restore the newest copy of the state folder; if there is none, \
     move the ledger's files away and rebuild it with `lodestar budget restore`";

/// A ledger that is open for a run; nobody else can write to it meanwhile.
#[derive(Debug)]
pub struct Ledger {
    store: Store,
    records: Records,
    _lock: Lock,
}

/// What a ledger says, its chain verified.
#[derive(Clone, Debug, Default)]
pub struct Records {
    /// What was fixed by the first entry; absent in an empty ledger.
    pub terms: Option<Terms>,
    /// The period before which nothing was released, on the word of whoever
    /// rebuilt the ledger.
    pub started: Option<String>,
    /// All charges, oldest first.
    pub charges: Vec<Charge>,
    /// Number of entries in the chain.
    pub entries: i64,
    /// Hash of the last entry; zeros in an empty ledger.
    pub head: [u8; 32],
}

impl Records {
    /// Reads a ledger without holding the run's lock; an absent one is empty.
    pub fn inspect(state: &Path) -> Result<Self, LedgerError> {
        match Store::existing(state)? {
            Some(store) => store.records(),
            None => Ok(Self::default()),
        }
    }

    /// What a window has spent.
    pub fn spent(&self, window: &str) -> Spent {
        let mine = self.charges.iter().filter(|charge| charge.window == window);
        mine.fold(Spent::default(), |spent, charge| Spent {
            rho_micro: spent.rho_micro.saturating_add(charge.rho_micro),
            delta_femto: spent.delta_femto.saturating_add(charge.delta_femto),
            spare_used: spent.spare_used || charge.took_spare,
        })
    }

    /// ε and δ (in 1e-15) of a window that has been charged: its first charge
    /// fixed them.
    pub fn window_policy(&self, window: &str) -> Option<(f64, u64)> {
        let first = self.charges.iter().find(|charge| charge.window == window)?;
        Some((first.window_epsilon, first.window_delta_femto))
    }

    /// Names of the released periods.
    pub fn released_periods(&self) -> BTreeSet<&str> {
        self.charges
            .iter()
            .map(|charge| charge.period.as_str())
            .collect()
    }

    /// The revision that a further release of the period would be; 0 if it was
    /// never released.
    pub fn next_revision(&self, period: &str) -> u32 {
        let mine = self.charges.iter().filter(|charge| charge.period == period);
        mine.map(|charge| charge.revision + 1).max().unwrap_or(0)
    }

    /// Refuses a ledger that does not know every published release, by id and
    /// hash of its manifest: it was deleted, rolled back, or is another's.
    pub fn know_all(&self, published: &[(String, [u8; 32])]) -> Result<(), LedgerError> {
        let known = |id: &str| self.charges.iter().find(|charge| charge.release_id() == id);
        for (id, hash) in published {
            let why = match known(id) {
                None => format!(
                    "this ledger does not know it: the ledger was deleted, rolled back, or \
                     belongs to another project; {RESTORE_THE_STATE}"
                ),
                Some(charge) if charge.manifest_sha256() == Some(*hash) => continue,
                Some(charge) if charge.evidence.digests().is_none() => {
                    "this ledger was rebuilt without it; move its folder away, or rebuild the \
                     ledger with it"
                        .to_owned()
                }
                Some(_) => "its manifest is not the one that was paid for; move its folder away, \
                            and the next run publishes the paid bytes again"
                    .to_owned(),
            };
            return Err(LedgerError::Refused(format!(
                "release {id} is published, but {why}"
            )));
        }
        Ok(())
    }
}

/// The purse of a window: what its first charge fixed, else what is declared.
///
/// # Errors
/// A window that is closed has none.
pub fn purse(records: &Records, public: &Public) -> Result<Purse, BudgetError> {
    let window = &public.period.window;
    if let Some(missing) = records.closed(window) {
        return Err(BudgetError::Closed {
            window: window.clone(),
            missing,
        });
    }
    match records.window_policy(window) {
        Some((epsilon, delta_femto)) => Purse::of(epsilon, delta_femto),
        None => Purse::new(&public.policy),
    }
}

impl Ledger {
    /// Opens the ledger of a state folder, or begins one; the terms are fixed
    /// by its first entry.
    pub fn open(state: &Path, terms: &Terms, lock: Lock) -> Result<Self, LedgerError> {
        let store = Store::open_or_create(state)?;
        let mut records = store.records()?;
        match &records.terms {
            None => records = store.begin(&records, terms)?,
            Some(fixed) if fixed == terms => {}
            Some(fixed) => {
                let (fixed, asked) = fixed.differences(terms);
                return Err(LedgerError::Refused(format!(
                    "the ledger was begun with {fixed}, the configuration says {asked}; these \
                     settings can't change: restore them, or start a new project"
                )));
            }
        }
        Ok(Self {
            store,
            records,
            _lock: lock,
        })
    }

    /// What the ledger says.
    pub fn records(&self) -> &Records {
        &self.records
    }

    /// Allots ρ and δ to a release, from declarations and past charges alone.
    /// Nothing is charged before [`Ledger::commit`].
    pub fn grant(
        &self,
        public: &Public,
        owed: &Owed,
        purpose: Purpose,
    ) -> Result<Grant, GrantError> {
        let expected = self.records.next_revision(&public.period.name);
        if public.revision != expected || (public.revision > 0) != (purpose == Purpose::Revision) {
            return Err(GrantError::Revision);
        }
        let purse = purse(&self.records, public)?;
        if (public.policy.epsilon, femto(public.policy.delta)) != (purse.epsilon, purse.delta_femto)
        {
            return Err(GrantError::Policy);
        }
        let spent = self.records.spent(&public.period.window);
        let allotment = Allotment::new(public, &purse, &spent, owed, purpose)?;
        let design = Design::new(public, &allotment)?;
        Ok(Grant {
            public: public.clone(),
            allotment,
            design,
            purse,
        })
    }

    /// Pays for a release and stores its bytes, in one transaction.
    pub fn commit(&mut self, finished: Finished) -> Result<Released, LedgerError> {
        let Finished {
            grant,
            noisy,
            files,
        } = finished;
        let window = grant.public.period.window.clone();
        // Granted before another release fixed the window's ε and δ.
        if grant.purse != purse(&self.records, &grant.public)? {
            return Err(LedgerError::Overspent);
        }
        let spent = self.records.spent(&window);
        let rho_micro = grant.allotment.rho_micro();
        let delta_femto = grant.allotment.delta_femto();
        let covered = grant.purse.covers(
            spent.rho_micro.saturating_add(rho_micro),
            spent.delta_femto.saturating_add(delta_femto),
        );
        if !covered.map_err(BudgetError::from)? {
            return Err(LedgerError::Overspent);
        }
        let manifest_sha256 = sha256(&files.manifest);
        let mut stored = files.tables;
        stored.push((MANIFEST.to_owned(), files.manifest));
        stored.sort_by(|a, b| a.0.cmp(&b.0));
        let digests = Digests {
            manifest_sha256,
            files_sha256: entry::files_sha256(&stored),
        };
        let charge = Charge {
            period: grant.public.period.name.clone(),
            revision: grant.public.revision,
            window,
            window_epsilon: grant.purse.epsilon,
            window_delta_femto: grant.purse.delta_femto,
            rho_micro,
            delta_femto,
            took_spare: grant.allotment.takes_spare,
            evidence: Evidence::Drawn(digests),
        };
        let paid = [(charge, stored)];
        self.records = self.store.charge(&self.records, None, &paid)?;
        let [(charge, stored)] = paid;
        let drawn = Drawn {
            noisy,
            public: grant.public,
            design: grant.design,
        };
        Ok(Released {
            drawn: Some(Box::new(drawn)),
            ..charge.into_released(digests, stored)
        })
    }

    /// Every release that is paid for, oldest first, with its stored bytes;
    /// without those that were lost.
    pub fn released(&self) -> Result<Vec<Released>, LedgerError> {
        self.store.all_released(&self.records)
    }
}

/// Every release that a ledger has paid for, oldest first, with its stored
/// bytes, read without holding the run's lock.
pub fn stored(state: &Path) -> Result<Vec<Released>, LedgerError> {
    let Some(store) = Store::existing(state)? else {
        return Ok(Vec::new());
    };
    store.all_released(&store.records()?)
}

/// Why a release was not granted.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// See [`BudgetError`].
    #[error(transparent)]
    Budget(#[from] BudgetError),
    /// The period was released already, or was never.
    #[error("a period is released once; a further release must be its next revision")]
    Revision,
    /// ε or δ differ from what the window's first charge fixed.
    #[error("ε and δ of a window are fixed by its first charge; new values apply to later windows")]
    Policy,
}

#[cfg(test)]
mod tests;
