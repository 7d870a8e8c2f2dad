//! Lodestar: connected-coaching analytics with k-anonymity, differential
//! privacy and a budget ledger.

#[macro_use]
#[path = "../crates/privacy/src/flaw.rs"]
mod flaw;

pub mod audit;
pub mod calendar;
pub mod config;
pub mod declare;
pub mod evaluate;
pub mod fit;
pub mod ingest;
pub mod init;
pub mod insight;
pub mod measure;
pub mod memory;
pub mod night;
pub mod outlook;
pub mod pipeline;
pub mod plan;
pub mod progress;
pub mod publish;
mod rehearse;
pub mod restore;
pub mod schedule;
pub mod state;
pub mod suggest;
pub mod synth;
pub mod target;
pub mod text;
pub mod themes;
pub mod warnings;
