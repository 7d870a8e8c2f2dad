//! One integration binary.

mod docs;
mod late;
mod real;
