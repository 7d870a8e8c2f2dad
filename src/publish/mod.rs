//! Released numbers → Parquet and manifest → the published folder.
//!
//! Encoding sees [`Public`](lodestar_privacy::Public) and
//! [`Noisy`](lodestar_privacy::Noisy) alone, never a row or a tally; writing
//! takes [`Released`](lodestar_privacy::Released) alone: bytes that the ledger
//! has committed and charged. Tables and columns: `docs/tables.md`.

mod bounds;
mod centre;
mod current;
mod dims;
mod disk;
mod encode;
#[cfg(test)]
mod fixture;
mod folder;
mod guarantee;
pub mod manifest;
mod noise;
mod page;
mod parquet_file;
mod past;
mod report;
mod schema;
mod shown;
mod standing;
mod table;
mod terms;
pub mod verify;
mod write;

pub use current::CurrentError;
pub use disk::DiskError;
pub use encode::encode;
pub use folder::replaced;
pub use page::PageError;
pub(crate) use parquet_file::write as parquet;
pub use past::past;
pub use report::{ReportError, current_page, refresh, write_page};
pub use shown::{Shown, shown};
pub use standing::{current_holds, in_current, missing, published, visible};
pub(crate) use table::Table;
pub use terms::{ReleasedTerm, released_terms};
pub use verify::{Finding, VerifyError, VerifyReport, verify};
pub use write::{PublishError, is_current, publish, publish_all};

/// Name of the manifest in every published folder.
pub const MANIFEST: &str = "manifest.json";

/// Version of this engine, as published.
pub const ENGINE_VERSION: &str = if cfg!(flawed) {
    concat!(env!("CARGO_PKG_VERSION"), "+flawed")
} else {
    env!("CARGO_PKG_VERSION")
};
