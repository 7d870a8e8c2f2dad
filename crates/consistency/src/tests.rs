use proptest::prelude::*;

use super::{Forest, Weights};

/// 0 is 1 + 2, and 3 + 4; 3 is 5 + 6.
fn forest() -> Forest {
    let levels = [0, 0, 0, 1, 1, 2, 2];
    let totals = [None, Some((0, 0)), Some((0, 0)), Some((0, 1)), Some((0, 1))];
    let below = [Some((3, 1)), Some((3, 1))];
    Forest::new(levels.into_iter(), totals.into_iter().chain(below))
}

#[test]
fn lines_are_told_apart() {
    let forest = forest();
    assert_eq!(forest.len(), 7);
    assert_eq!(forest.lines(0), [vec![1, 2], vec![3, 4]]);
    assert_eq!(forest.lines(3), [vec![5, 6]]);
    assert_eq!((0..7).filter(|&at| forest.is_root(at)).count(), 1);
    assert_eq!(
        [0, 2, 3].map(|level| forest.of_level(level)),
        [0..3, 5..7, 7..7]
    );
}

/// Solves a·x = b by elimination.
fn solve(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Vec<f64> {
    let n = b.len();
    for at in 0..n {
        let pivot = (at..n)
            .max_by(|&i, &j| a[i][at].abs().total_cmp(&a[j][at].abs()))
            .unwrap();
        a.swap(at, pivot);
        b.swap(at, pivot);
        for row in 0..n {
            if row != at {
                let times = a[row][at] / a[at][at];
                let pivot = a[at].clone();
                let mine = a[row].iter_mut().zip(pivot);
                mine.for_each(|(x, y)| *x -= times * y);
                b[row] -= times * b[at];
            }
        }
    }
    (0..n).map(|at| b[at] / a[at][at]).collect()
}

/// Generalised least squares by the normal equations of its constraints: x = y −
/// V·Aᵀ·(A·V·Aᵀ)⁻¹·A·y, where a row of A is a line: its total less its cohorts.
struct Dense {
    rows: Vec<Vec<f64>>,
    variances: Vec<f64>,
}

impl Dense {
    fn new(forest: &Forest, variances: &[f64]) -> Self {
        let lines = (0..forest.len()).flat_map(|at| forest.lines(at).iter().map(move |l| (at, l)));
        let rows = lines.map(|(at, line)| {
            let mut row = vec![0.0; forest.len()];
            row[at] = 1.0;
            for &one in line {
                row[one] = -1.0;
            }
            row
        });
        Self {
            rows: rows.collect(),
            variances: variances.to_vec(),
        }
    }

    fn combine(&self, y: &[f64]) -> Vec<f64> {
        let weighted = |a: &[f64], b: &[f64]| -> f64 {
            let all = a.iter().zip(b).zip(&self.variances);
            all.map(|((a, b), v)| a * b * v).sum()
        };
        let dot = |a: &[f64]| -> f64 { a.iter().zip(y).map(|(a, y)| a * y).sum() };
        let each = |a: &Vec<f64>| self.rows.iter().map(|b| weighted(a, b)).collect();
        let lambda = solve(
            self.rows.iter().map(each).collect(),
            self.rows.iter().map(|a| dot(a)).collect(),
        );
        let moved = |at: usize| -> f64 {
            let rows = self.rows.iter().zip(&lambda);
            self.variances[at] * rows.map(|(row, l)| row[at] * l).sum::<f64>()
        };
        (0..y.len()).map(|at| y[at] - moved(at)).collect()
    }

    /// Σ over what was measured of (what it moves x by)² · variance.
    fn variance(&self, at: usize) -> f64 {
        let unit = |one: usize| -> Vec<f64> {
            (0..self.variances.len())
                .map(|other| f64::from(u8::from(one == other)))
                .collect()
        };
        let all = (0..self.variances.len()).map(|one| {
            let moved = self.combine(&unit(one))[at];
            moved * moved * self.variances[one]
        });
        all.sum()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn it_is_generalised_least_squares(
        variances in proptest::collection::vec(0.5..50.0, 7),
        measured in proptest::collection::vec(-100.0..100.0, 7),
    ) {
        let forest = forest();
        let weights = Weights::new(&forest, &variances);
        let mut got = measured.clone();
        weights.combine(&forest, &mut got, 1);
        let dense = Dense::new(&forest, &variances);
        let expected = dense.combine(&measured);
        for at in 0..7 {
            prop_assert!((got[at] - expected[at]).abs() < 1e-8, "{got:?} {expected:?}");
            let variance = dense.variance(at);
            prop_assert!((weights.variance(at) - variance).abs() < 1e-8 * variance.max(1.0));
            prop_assert!(weights.variance(at) <= variances[at] * (1.0 + 1e-12));
        }
    }

    /// What was not measured follows from what was: as if it had been with no
    /// end of noise.
    #[test]
    fn levels_that_are_not_measured_are_passed_through(
        variances in proptest::collection::vec(0.5..50.0, 7),
        measured in proptest::collection::vec(-100.0..100.0, 7),
    ) {
        let forest = forest();
        let with = |unknown: f64, y: f64| {
            let (mut variances, mut measured) = (variances.clone(), measured.clone());
            variances[3] = unknown;
            measured[3] = y;
            let weights = Weights::new(&forest, &variances);
            weights.combine(&forest, &mut measured, 1);
            let variances: Vec<f64> = (0..7).map(|at| weights.variance(at)).collect();
            (measured, variances)
        };
        let (got, wide) = (with(f64::INFINITY, f64::NAN), with(1e12, 0.0));
        for at in 0..7 {
            prop_assert!((got.0[at] - wide.0[at]).abs() < 1e-5);
            prop_assert!((got.1[at] - wide.1[at]).abs() < 1e-5);
        }
    }
}

/// Where a part of a line is not known at all, what is known of the others stays.
#[test]
fn what_is_not_known_tells_nothing() {
    let forest = forest();
    let mut variances = [4.0; 7];
    variances[4] = f64::INFINITY;
    let weights = Weights::new(&forest, &variances);
    let mut got = [10.0, 4.0, 6.0, 7.0, f64::NAN, 1.0, 2.0];
    weights.combine(&forest, &mut got, 1);
    assert!(weights.variance(4).is_infinite());
    assert!((got[0] - 10.0).abs() < 1e-12 && (got[5] + got[6] - got[3]).abs() < 1e-12);
    assert!((weights.variance(0) - 4.0 * 2.0 / 3.0).abs() < 1e-12);
    assert!((weights.variance(3) - 4.0 * 2.0 / 3.0).abs() < 1e-12);
}
