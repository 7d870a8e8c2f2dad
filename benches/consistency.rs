//! What makes noisy numbers add up: weights, their use, and people allotted in
//! whole numbers.
//!
//! ```text
//! cargo bench -p lodestar-consistency --bench consistency
//! ```
//!
//! An organisation of 2,029 units at four levels, with 72 numbers each.

use divan::Bencher;
use divan::counter::ItemsCount;
use lodestar_consistency::{Cell, Claim, Forest, Row, Weights, allot, allot_table};

/// Units below each unit, by level.
const BELOW: [usize; 3] = [12, 12, 13];
/// Variance of the noise, by level.
const VARIANCES: [f64; 4] = [900.0, 400.0, 100.0, 60.0];
const WIDTH: usize = 72;

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
    let numbers: Vec<f64> = (0..forest.len() * WIDTH).map(|at| noisy(at, 100)).collect();
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

/// A tree of units, and the variance that each is measured with.
fn organisation() -> (Forest, Vec<f64>) {
    let mut levels = vec![0];
    let mut totals = vec![None];
    let mut above = 0..1;
    for (level, below) in (1..).zip(BELOW) {
        let first = levels.len();
        for total in above {
            for _ in 0..below {
                levels.push(level);
                totals.push(Some((total, 0)));
            }
        }
        above = first..levels.len();
    }
    let variances = levels.iter().map(|&level| VARIANCES[level as usize]);
    let variances = variances.collect();
    (
        Forest::new(levels.into_iter(), totals.into_iter()),
        variances,
    )
}

fn claims(count: usize) -> Vec<Claim> {
    let claim = |at| Claim {
        estimate: noisy(at, 40),
        variance: 60.0,
        least: 10,
        most: 120,
    };
    (0..count).map(claim).collect()
}

/// A number around another, the same every time.
fn noisy(at: usize, around: i64) -> f64 {
    let step = at.wrapping_mul(2_654_435_761) % 61;
    (around + step as i64 - 30) as f64
}
