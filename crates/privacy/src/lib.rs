//! The trusted core of Lodestar: integer-coded rows in, released numbers out.
//!
//! An auditor who has read this crate knows what can leave the private side:
//! nothing else turns private rows into publishable bytes. The way is one-way
//! and its types say so:
//!
//! ```text
//! Public (declared, before any row) ─┐
//! rows ─ Person ─ Tally ─────────────┴─ release(Tally, Grant) ─ Pending
//!        Pending::finish(fn(&Noisy, &Public)) ─ Finished
//!        Ledger::commit(Finished) ─ Released (the only publishable bytes)
//! ```
//!
//! Of a cohort that is declared synthetic, a [`rehearsal`] shows numbers beside
//! that way; nothing of it can be paid for or published.
//!
//! What is guaranteed, and what is not, is in `docs/guarantee.md`.

#[macro_use]
mod flaw;

pub mod audit;
pub mod bound;
pub mod budget;
pub mod ledger;
pub mod levels;
mod lock;
mod mechanism;
pub mod noisy;
pub mod parts;
pub mod public;
pub mod rehearsal;
pub mod release;
mod resolve;
pub mod said;
mod search;
pub mod secret;
mod select;
pub mod tally;
pub mod tree;

pub use lock::{Lock, LockError};
pub use mechanism::MechanismError;
pub use noisy::{Files, Noisy};
pub use public::Public;
pub use release::Released;
pub use secret::Secret;
pub use tree::Tree;

#[cfg(test)]
mod example;
