//! How far a long work is, for whoever waits for it.

use std::fmt::Debug;

/// Is told of works, one after the other. Nothing private is told: names of tables,
/// and how much of them has been read.
pub trait Progress: Debug + Sync {
    /// A work begins, of so many steps: bytes of files, or parts of the people.
    fn begin(&self, work: &'static str, steps: u64);
    /// So many more are done.
    fn add(&self, steps: u64);
    /// It is over.
    fn end(&self);
}

/// Nobody waits.
#[derive(Debug)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _: &'static str, _: u64) {}
    fn add(&self, _: u64) {}
    fn end(&self) {}
}
