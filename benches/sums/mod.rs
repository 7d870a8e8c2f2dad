//! Noisy numbers of an organisation of four levels, that should add up.

use lodestar_consistency::{Claim, Forest};

/// Numbers of each unit.
pub(crate) const WIDTH: usize = 72;
/// Units below each unit, by level.
const BELOW: [usize; 3] = [12, 12, 13];
/// Variance of the noise, by level.
const VARIANCES: [f64; 4] = [900.0, 400.0, 100.0, 60.0];

/// A tree of units, and the variance that each is measured with.
pub(crate) fn organisation() -> (Forest, Vec<f64>) {
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

pub(crate) fn numbers(units: usize) -> Vec<f64> {
    (0..units * WIDTH).map(|at| noisy(at, 100)).collect()
}

/// Of parts of a total that are some 40 each.
pub(crate) fn claims(count: usize) -> Vec<Claim> {
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
