//! Lodestar: connected-coaching analytics with k-anonymity, differential
//! privacy and a budget ledger.

pub mod calendar;
pub mod config;
pub mod ingest;
pub mod measure;
