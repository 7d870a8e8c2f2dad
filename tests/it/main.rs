//! The program as its users meet it: most tests run the real binary.

mod architecture;
mod budget;
mod canary;
mod cli;
mod crash;
mod docs;
mod inputs;
mod ledger;
mod nights;
mod real;
mod support;
mod together;
mod usage;
