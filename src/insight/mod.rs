//! Statistics from released numbers only: nothing here sees a private row, so
//! nothing here costs budget. Formulas and sources: `docs/statistics.md`.

pub mod interval;
pub mod share;

pub use interval::Estimate;
