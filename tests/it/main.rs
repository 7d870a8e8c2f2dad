//! The engine as a whole, from input files to what is published.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod exact;
mod exact_identity;
mod exact_neighbours;
mod exact_noise;
mod exact_support;
mod study;
