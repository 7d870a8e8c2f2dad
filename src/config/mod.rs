//! `lodestar.toml` → [`Project`].

mod project;

pub use project::*;
