//! Attacks on what is published. Who attacks reads the files as anybody does, and
//! brings knowledge from elsewhere: at most all rows about everybody but one person,
//! and the program itself, to try guesses on. Each test says what is known, makes the
//! best guess that follows, over and over, and holds the guesses to the guarantee.
//! Beside each stands the same attack on numbers that are not protected: it succeeds,
//! or the test would show nothing. So do attacks on builds with defects in them
//! (`crates/flawed/engine/tests/attacks.rs`).
//!
//! More guesses, and a finer bar:
//!
//! ```text
//! LODESTAR_TESTS=full cargo test --test it attacks -- --nocapture
//! ```

mod averaging;
mod caseloads;
mod guess;
mod labels;
mod leaving;
mod membership;
mod office;
mod probes;
mod quiet;
mod stand;
