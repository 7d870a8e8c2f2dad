//! The program as its users meet it: every test runs the real binary.

mod architecture;
mod budget;
mod canary;
mod cli;
mod crash;
mod inputs;
mod ledger;
mod nights;
mod support;
mod together;
mod usage;
