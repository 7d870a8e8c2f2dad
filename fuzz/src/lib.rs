//! What the fuzzers call.

pub mod cases;
