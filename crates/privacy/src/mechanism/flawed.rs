//! Noise that must not be: see [`crate::flaw`].

use std::sync::OnceLock;

use super::{MechanismError, vector};

/// Noise of floats, rounded: what is lost of large numbers tells of them.
pub(super) fn of_floats(values: &[i64], sigma: f64) -> Vec<i64> {
    let drawn = vector(1e9).and_then(|wide| Ok(wide.invoke(&vec![0; values.len()])?));
    let drawn = drawn.unwrap_or_default();
    let noise = drawn.iter().map(|unit| *unit as f64 / 1e9 * sigma);
    let sums = values
        .iter()
        .zip(noise)
        .map(|(value, noise)| *value as f64 + noise);
    sums.map(|sum| sum as i64).collect()
}

/// The same noise on everything that is asked.
pub(super) fn constant(values: &[i64], sigma: f64) -> Result<Vec<i64>, MechanismError> {
    static UNITS: OnceLock<Vec<i64>> = OnceLock::new();
    if UNITS.get().is_none() {
        let _ = UNITS.set(vector(1e9)?.invoke(&vec![0; 64])?);
    }
    let units = UNITS.get().into_iter().flatten().cycle();
    let noise = units.map(|unit| (*unit as f64 / 1e9 * sigma).round() as i64);
    Ok(values.iter().zip(noise).map(|(a, b)| a + b).collect())
}
