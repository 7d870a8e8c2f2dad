//! The engine as a whole, as its users meet it: from input files to what is
//! published, most of it through the real binary.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

/// The program that is tried.
const PROGRAM: &str = env!("CARGO_BIN_EXE_lodestar");

mod altered;
mod architecture;
mod attacks;
mod audit;
mod budget;
mod canary;
mod cli;
mod corpora;
mod crash;
mod docs;
mod evaluate;
mod exact;
mod exact_bounds;
mod exact_identity;
mod exact_neighbours;
mod exact_noise;
mod exact_people;
mod exact_support;
mod failing_disk;
mod fuzz;
mod init;
mod inputs;
mod late;
mod ledger;
mod measures;
mod nights;
mod nights_two_years;
mod notes;
mod oracles;
mod page;
mod plan;
mod private;
mod programmes;
mod promises;
mod readers;
mod real;
mod redaction;
mod report;
mod restore;
mod shell;
mod study;
mod support;
mod synthetic;
mod tagging_truth;
mod terms;
mod themes;
mod together;
mod usage;
