//! Generalised least squares on a forest, in two passes.
//!
//! Of number i let y be what was measured (variance v; not measured: none), and
//! upwards, children first, let the estimate from below be
//!
//! ```text
//! z = (y/v + Σ over its lines of (Σ z of the line)/S) / (1/v + Σ 1/S),
//! w = 1 / (1/v + Σ 1/S),      S = Σ w of the line
//! ```
//!
//! with variance w. Downwards, totals first, the best estimate x of variance V is z
//! for what adds up to nothing; and for c of a line of i
//!
//! ```text
//! x = z + (w/S)·(x of i − Σ z of the line),   V = w − w²/S + (w/S)²·V of i
//! ```
//!
//! # Proof
//! Given x of i, what is below a line tells nothing of what isn't, as noises are
//! independent; so with a flat prior x is the mean of a Gaussian tree given all
//! that was measured (Lauritzen 1996, section 5.1), which is the estimate of
//! generalised least squares under the constraints. Σ x of a line is x of i.

use crate::Forest;

/// The weights by which measured numbers are combined: they follow from the
/// forest and the variances, so they are the same for all numbers of a vector.
#[derive(Clone, Debug)]
pub struct Weights {
    /// By number: the weight of what was measured of it.
    own: Vec<f64>,
    /// By number: the weight of each of its lines' sums.
    lines: Vec<Vec<f64>>,
    /// By number: w, infinite where nothing is known from below.
    below: Vec<f64>,
    /// By number: its part of what its line's total has more than the line.
    parts: Vec<f64>,
    /// By number: V.
    variances: Vec<f64>,
}

impl Weights {
    /// `variances`: of the noise that each number was measured with; infinite
    /// where it was not, above 0 or 0 where it is known exactly.
    pub fn new(forest: &Forest, variances: &[f64]) -> Self {
        let count = forest.len();
        let mut weights = Self {
            own: vec![0.0; count],
            lines: vec![Vec::new(); count],
            below: vec![f64::INFINITY; count],
            parts: vec![0.0; count],
            variances: vec![f64::INFINITY; count],
        };
        for at in forest.downwards().rev() {
            let own = precision(variances[at]);
            let sums = forest.lines(at).iter();
            let lines: Vec<f64> = sums.map(|line| precision(weights.spread(line))).collect();
            let all = own + lines.iter().sum::<f64>();
            if all > 0.0 {
                weights.own[at] = own / all;
                weights.below[at] = 1.0 / all;
            }
            let share = |line: &f64| if all > 0.0 { line / all } else { 0.0 };
            weights.lines[at] = lines.iter().map(share).collect();
        }
        for at in forest.downwards() {
            if forest.is_root(at) {
                weights.variances[at] = weights.below[at];
            }
            for line in forest.lines(at) {
                let spread = weights.spread(line);
                for &one in line {
                    let below = weights.below[one];
                    let part = if spread.is_finite() {
                        below / spread
                    } else {
                        0.0
                    };
                    weights.parts[one] = part;
                    weights.variances[one] = if part > 0.0 {
                        below - below * part + part * part * weights.variances[at]
                    } else {
                        below
                    };
                }
            }
        }
        weights
    }

    /// The variance of a line's sum from below.
    fn spread(&self, line: &[usize]) -> f64 {
        line.iter().map(|&one| self.below[one]).sum()
    }

    /// The variance of a combined number.
    pub fn variance(&self, number: usize) -> f64 {
        self.variances[number]
    }

    /// The variance of a number as it is known from what is below it, itself included:
    /// what a fit within bounds moves it by.
    pub fn below(&self, number: usize) -> f64 {
        self.below[number]
    }

    /// Whether the numbers of a line are all known, so that they are made to
    /// add up.
    pub fn is_whole(&self, line: &[usize]) -> bool {
        self.spread(line).is_finite()
    }

    /// Combines numbers, `[number × width]`: what was measured of each, anything
    /// where nothing was.
    pub fn combine(&self, forest: &Forest, numbers: &mut [f64], width: usize) {
        let mut sums = vec![0.0; width];
        for at in forest.downwards().rev() {
            let here = at * width..(at + 1) * width;
            let own = self.own[at];
            // What is no number where nothing was measured must not spread.
            numbers[here.clone()]
                .iter_mut()
                .for_each(|x| *x = if own > 0.0 { *x * own } else { 0.0 });
            for (line, weight) in forest.lines(at).iter().zip(&self.lines[at]) {
                if *weight > 0.0 {
                    add_up(line, numbers, &mut sums);
                    let mine = numbers[here.clone()].iter_mut();
                    mine.zip(&sums).for_each(|(x, sum)| *x += weight * sum);
                }
            }
        }
        for at in forest.downwards() {
            for line in forest.lines(at).iter().filter(|line| self.is_whole(line)) {
                add_up(line, numbers, &mut sums);
                let mine = &numbers[at * width..(at + 1) * width];
                sums.iter_mut()
                    .zip(mine)
                    .for_each(|(sum, x)| *sum = x - *sum);
                for &one in line {
                    let below = numbers[one * width..(one + 1) * width].iter_mut();
                    below
                        .zip(&sums)
                        .for_each(|(x, missing)| *x += self.parts[one] * missing);
                }
            }
        }
    }
}

/// 1/variance; none of what is infinite, or no number. What is known exactly is
/// known very well, so that two such may differ without a division by 0.
fn precision(variance: f64) -> f64 {
    const EXACT: f64 = 1e-12;
    if variance >= 0.0 {
        1.0 / variance.max(EXACT)
    } else {
        0.0
    }
}

fn add_up(line: &[usize], numbers: &[f64], sums: &mut [f64]) {
    let width = sums.len();
    sums.fill(0.0);
    for &one in line {
        let mine = &numbers[one * width..(one + 1) * width];
        sums.iter_mut().zip(mine).for_each(|(sum, x)| *sum += x);
    }
}
