//! What the fuzzers call.

pub mod cases;
pub mod published;
pub mod signing;
