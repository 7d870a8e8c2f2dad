//! What makes noisy numbers add up: weights, their use, and people allotted in
//! whole numbers.
//!
//! ```text
//! cargo bench -p lodestar-consistency --bench consistency
//! ```
//!
//! An organisation of 2,029 units at four levels, with 72 numbers each.

mod sums;

use divan::Bencher;
use divan::counter::ItemsCount;
use lodestar_consistency::{Cell, Row, Weights, allot, allot_table};
use sums::{WIDTH, claims, numbers, organisation};

fn main() {
    divan::main();
}

#[divan::bench]
fn weigh(bencher: Bencher) {
    let (forest, variances) = organisation();
    bencher
        .counter(ItemsCount::new(forest.len()))
        .bench(|| Weights::new(&forest, &variances));
}

#[divan::bench]
fn combine(bencher: Bencher) {
    let (forest, variances) = organisation();
    let weights = Weights::new(&forest, &variances);
    let numbers = numbers(forest.len());
    bencher
        .counter(ItemsCount::new(numbers.len()))
        .with_inputs(|| numbers.clone())
        .bench_refs(|numbers| weights.combine(&forest, numbers, WIDTH));
}

/// A total among so many.
#[divan::bench(args = [13, 144, 1872])]
fn allot_line(bencher: Bencher, parts: usize) {
    let claims = claims(parts);
    let total = 40 * parts as i64;
    bencher
        .counter(ItemsCount::new(parts))
        .bench(|| allot(total, &claims));
}

/// So many rows of five cells, each of a column.
#[divan::bench(args = [13, 144])]
fn allot_rows(bencher: Bencher, rows: usize) {
    const COLUMNS: usize = 5;
    let rows: Vec<Row> = (0..rows)
        .map(|_| Row {
            total: 200,
            cells: claims(COLUMNS)
                .into_iter()
                .enumerate()
                .map(|(column, claim)| Cell {
                    claim,
                    column: Some(column),
                })
                .collect(),
        })
        .collect();
    let columns = [40 * rows.len() as i64; COLUMNS];
    bencher
        .counter(ItemsCount::new(rows.len() * COLUMNS))
        .bench(|| allot_table(&rows, &columns));
}
