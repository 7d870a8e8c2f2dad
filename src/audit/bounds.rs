//! What can be said of a chance with confidence.

use statrs::distribution::{ContinuousCDF as _, Normal};
use statrs::function::beta::beta_reg;

/// The least chance that `hits` of `trials` leave possible with confidence 1 − α:
/// Clopper and Pearson 1934.
pub(super) fn at_least(hits: u64, trials: u64, alpha: f64) -> f64 {
    if hits == 0 {
        return 0.0;
    }
    let (a, b) = (hits as f64, (trials - hits) as f64 + 1.0);
    quantile_of_beta(a, b, alpha)
}

/// The greatest chance, likewise.
pub(super) fn at_most(hits: u64, trials: u64, alpha: f64) -> f64 {
    1.0 - at_least(trials - hits, trials, alpha)
}

/// The p-quantile of Beta(a, b), by halving.
fn quantile_of_beta(a: f64, b: f64, p: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if beta_reg(a, b, middle) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

/// Φ.
pub(super) fn phi(z: f64) -> f64 {
    Normal::standard().cdf(z)
}

/// Φ⁻¹; of a chance of 0 or 1, −∞ or ∞.
pub(super) fn probit(p: f64) -> f64 {
    match p {
        p if p <= 0.0 => f64::NEG_INFINITY,
        p if p >= 1.0 => f64::INFINITY,
        p => Normal::standard().inverse_cdf(p),
    }
}

/// The p-quantile of χ² with n degrees of freedom: Wilson and Hilferty 1931, good to
/// a thousandth of it from a hundred degrees on.
pub(super) fn quantile_of_chi_squared(n: f64, p: f64) -> f64 {
    let spread = 2.0 / (9.0 * n);
    n * (1.0 - spread + probit(p) * spread.sqrt()).powi(3)
}

/// The least x of `range` from which on `seen` is true, where it is from some x on;
/// to a thousandth of the range. Nothing, if it is never.
pub(super) fn least(range: (f64, f64), seen: impl Fn(f64) -> bool) -> Option<f64> {
    let (mut low, mut high) = range;
    if !seen(high) {
        return None;
    }
    for _ in 0..40 {
        let middle = f64::midpoint(low, high);
        if seen(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    Some(high)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Clopper, Pearson: of 10 trials with 2 hits, 95 % two-sided: 0.0252 to 0.5561.
    #[test]
    fn chances_are_bounded_as_in_the_books() {
        assert!((at_least(2, 10, 0.025) - 0.025_21).abs() < 1e-5);
        assert!((at_most(2, 10, 0.025) - 0.556_10).abs() < 1e-5);
        // None of n: 1 − α^(1/n).
        let none = 1.0 - 0.01_f64.powf(0.01);
        assert!((at_most(0, 100, 0.01) - none).abs() < 1e-9);
        assert!(at_least(0, 100, 0.01).abs() < 1e-12 && (at_most(9, 9, 0.01) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn quantiles_are_those_of_tables() {
        // χ² of 1,000 degrees of freedom: 0.1 % and 99.9 %.
        assert!((quantile_of_chi_squared(1000.0, 0.001) / 867.48 - 1.0).abs() < 1e-3);
        assert!((quantile_of_chi_squared(1000.0, 0.999) / 1143.92 - 1.0).abs() < 1e-3);
        assert!((phi(probit(0.2)) - 0.2).abs() < 1e-9);
        assert_eq!(least((0.0, 8.0), |x| x >= 3.0).map(f64::round), Some(3.0));
        assert_eq!(least((0.0, 8.0), |_| false), None);
    }
}
