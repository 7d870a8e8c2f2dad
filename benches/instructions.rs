//! One job of the core, once, in one thread: `instructions.py` counts what it
//! executes. Jobs are small; what makes their input counts with them.
//!
//! ```text
//! python3 benches/instructions.py
//! ```

mod declared;
mod people;
mod sums;

use std::hint::black_box;
use std::process::ExitCode;

use declared::public;
use lodestar_consistency::{Weights, allot};
use sums::{WIDTH, claims, numbers, organisation};

const PEOPLE: u32 = 5_000;
const DEPARTMENTS: u32 = 80;
const KEYS: u32 = 72;

fn main() -> ExitCode {
    let job = std::env::args().nth(1).unwrap_or_default();
    match job.as_str() {
        "tally" => drop(black_box(people::tally(themes(), PEOPLE))),
        "draw" => {
            let (rehearsal, script) = people::rehearsal(&themes(), PEOPLE);
            drop(black_box(rehearsal.draw(&script)));
        }
        "combine" => {
            let (forest, variances) = organisation();
            let mut numbers = numbers(forest.len());
            Weights::new(&forest, &variances).combine(&forest, &mut numbers, WIDTH);
            drop(black_box(numbers));
        }
        "allot" => drop(black_box(allot(40 * 1872, &claims(1872)))),
        _ => {
            eprintln!("error: no job {job:?}: tally, draw, combine or allot");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

fn themes() -> lodestar_privacy::Public {
    public(DEPARTMENTS, &[0, 1, 2], KEYS)
}
