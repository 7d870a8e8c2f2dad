//! Noisy numbers that add up: all that is known of each, combined.
//!
//! Where a total and its parts are measured apart, each is known twice. Generalised
//! least squares combines all of it; among unbiased linear estimates it has the
//! least variance (for trees of equal variances and degrees Hay, Rastogi, Miklau and
//! Suciu 2010; for any Ghazi et al. 2026, arXiv 2603.10099). On a [`Forest`] it
//! takes two passes: [`Weights`]. Numbers of people are then allotted within bounds,
//! in whole numbers: [`allot`], and, where they add up along two lines, [`allot_table`].
//!
//! Nothing here is private: it knows numbers with their variances, and what adds
//! up to what.

mod allot;
mod forest;
mod table;
mod weights;

pub use allot::{Claim, allot};
pub use forest::Forest;
pub use table::{Cell, Row, allot_table};
pub use weights::Weights;

#[cfg(test)]
mod tests;
