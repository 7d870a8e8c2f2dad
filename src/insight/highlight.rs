//! Which of several comparisons stand out.
//!
//! A page shows many changes, and highlights those that rise or fall. Of those
//! that it highlights, at most a share q is chance (Benjamini and Hochberg
//! 1995): of m p-values in order, the largest p₍ᵢ₎ ≤ q·i/m, and all below it.
//! The p-value of a z is two-sided, from the normal distribution.

use statrs::distribution::{ContinuousCDF, Normal};

/// The share of highlights that may be chance.
pub const FALSE_HIGHLIGHTS: f64 = 0.05;

/// How likely a standard normal value is at least as far from 0; 1 of what is no
/// number.
#[must_use]
pub fn two_sided(z: f64) -> f64 {
    let z = if z.is_nan() { 0.0 } else { z.abs() };
    (2.0 * Normal::standard().sf(z)).min(1.0)
}

/// Which p-values stand out, so that of those that do at most a share `q` is
/// chance. Every comparison that was looked at belongs in.
#[must_use]
pub fn benjamini_hochberg(p_values: &[f64], q: f64) -> Vec<bool> {
    let mut sorted = p_values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let count = sorted.len() as f64;
    let ranked = sorted.iter().enumerate();
    let below = ranked.filter(|&(rank, &p)| p <= q * (rank as f64 + 1.0) / count);
    let limit = below.map(|(_, &p)| p).next_back();
    let stands_out = |&p: &f64| limit.is_some_and(|limit| p <= limit);
    p_values.iter().map(stands_out).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insight::trial::Draws;

    #[test]
    fn p_values_of_printed_tables() {
        for (z, p) in [(0.0, 1.0), (1.959_964, 0.05), (-2.575_829, 0.01)] {
            assert!((two_sided(z) - p).abs() < 1e-6, "{z}");
        }
        assert!((two_sided(f64::NAN) - 1.0).abs() < 1e-12);
        assert!(two_sided(f64::INFINITY).abs() < 1e-12);
    }

    /// The example of the article, section 3.2: four of fifteen.
    #[test]
    fn the_example_of_benjamini_and_hochberg() {
        let p = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
            0.5719, 0.6528, 0.7590, 1.0,
        ];
        let mut turned = p;
        turned.reverse();
        let got = benjamini_hochberg(&turned, FALSE_HIGHLIGHTS);
        let expected: Vec<bool> = (0..15).map(|at| at >= 11).collect();
        assert_eq!(got, expected);
        // One that is too large by itself comes with a larger one that is not.
        assert_eq!(benjamini_hochberg(&[0.04, 0.03], 0.05), [true, true]);
        assert_eq!(benjamini_hochberg(&[0.04, 0.2], 0.05), [false, false]);
        assert!(benjamini_hochberg(&[], 0.05).is_empty());
    }

    /// Where nothing changes, a page has a highlight in at most 5 of 100 cases.
    #[test]
    fn nothing_stands_out_of_chance() {
        let mut draws = Draws::new(11);
        let pages = 2000;
        let wrong = (0..pages).filter(|_| {
            let p: Vec<f64> = (0..12).map(|_| two_sided(draws.normal())).collect();
            benjamini_hochberg(&p, FALSE_HIGHLIGHTS).contains(&true)
        });
        let share = wrong.count() as f64 / f64::from(pages);
        assert!((0.03..0.07).contains(&share), "{share}");
    }
}
