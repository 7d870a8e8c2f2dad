//! Statistics from released numbers only: nothing here sees a private row, so
//! nothing here costs budget. Formulas and sources: `docs/statistics.md`.

pub mod agreement;
mod alike;
mod arms;
pub mod bounds;
pub mod change;
pub mod difference;
pub mod effect;
pub mod figure;
mod gap;
pub mod highlight;
pub mod interval;
pub mod lift;
pub mod log_odds;
pub mod mean;
pub mod moments;
mod over_time;
pub mod pace;
pub mod paired;
mod ratio;
pub mod rows;
pub mod share;
pub mod size;
pub mod status;
mod terms;
pub mod tipping;
mod trend;
#[cfg(test)]
pub(crate) mod trial;
mod view;

pub use bounds::{Loss, Of, losses};
pub use figure::{Drawn, Figure};
pub use interval::Estimate;
pub use rows::{Row, rows, value_label};
pub use size::Size;
pub use status::Status;
