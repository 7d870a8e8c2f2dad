//! One integration binary.

mod docs;
mod real;
