//! The core's costs: bounding and counting people, selecting cohorts, drawing
//! noise.
//!
//! ```text
//! cargo bench -p lodestar-privacy --bench release
//! ```
//!
//! 100,000 people in 80 departments touch 1,000,000 keys (10 each, of 72, of
//! which 4 are kept); a release draws a vector of 72 cells for each of 89 units.
//! Selection is timed on 2,009 units, of which nothing else is published but
//! their sizes, and one number of the organisation.

mod declared;
mod people;

use declared::{DIVISIONS, public};
use divan::Bencher;
use divan::counter::ItemsCount;

const PEOPLE: u32 = 100_000;
const DEPARTMENTS: u32 = 80;
const MANY_DEPARTMENTS: u32 = 2_000;
const KEYS: u32 = 72;

fn main() {
    divan::main();
}

/// Coded people to exact totals: bounding, and counting.
#[divan::bench(sample_count = 11)]
fn tally(bencher: Bencher) {
    let public = public(DEPARTMENTS, &[0, 1, 2], KEYS);
    bencher
        .counter(ItemsCount::new(PEOPLE * people::TOUCHES))
        .bench(|| people::tally(public.clone(), PEOPLE));
}

/// Exact totals to noisy cells: the vectors, beside few selections and sizes.
#[divan::bench(sample_count = 11)]
fn noise(bencher: Bencher) {
    let public = public(DEPARTMENTS, &[0, 1, 2], KEYS);
    let (rehearsal, script) = people::rehearsal(&public, PEOPLE);
    bencher
        .counter(ItemsCount::new((1 + DIVISIONS + DEPARTMENTS) * KEYS))
        .bench(|| rehearsal.draw(&script));
}

/// Exact totals to cohorts: the rule of k, coaches and δ, and noisy sizes.
#[divan::bench(sample_count = 11)]
fn selection(bencher: Bencher) {
    let public = public(MANY_DEPARTMENTS, &[0], 1);
    let (rehearsal, script) = people::rehearsal(&public, PEOPLE);
    bencher
        .counter(ItemsCount::new(1 + DIVISIONS + MANY_DEPARTMENTS))
        .bench(|| rehearsal.draw(&script));
}
