//! The `lodestar` program.

fn main() {}
