use super::*;
use statrs::distribution::{ChiSquared, ContinuousCDF, Normal};

/// One false alarm in a million.
const ALPHA: f64 = 1e-6;

fn draws(sigma: f64, n: usize) -> Vec<i64> {
    let noise = Noise {
        rho_micro: 1,
        sensitivity: 1.0,
        sigma,
    };
    add_noise(&vec![0; n], &noise).unwrap()
}

/// Whether the draws look like a discrete Gaussian: variance within its
/// chi-squared bounds, and a goodness-of-fit test of the whole distribution.
fn looks_like(draws: &[i64], sigma: f64) -> bool {
    let n = draws.len() as f64;
    let squares: f64 = draws.iter().map(|&x| (x * x) as f64).sum();
    let chi = ChiSquared::new(n).unwrap();
    let (low, high) = (
        chi.inverse_cdf(ALPHA / 4.0),
        chi.inverse_cdf(1.0 - ALPHA / 4.0),
    );
    let variance = (low..=high).contains(&(squares / (sigma * sigma)));
    let weight = |x: i64| (-(x as f64).powi(2) / (2.0 * sigma * sigma)).exp();
    let reach = (12.0 * sigma) as i64 + 1;
    let total: f64 = (-reach..=reach).map(weight).sum();
    let edge = (2.5 * sigma) as i64;
    let bin = |x: i64| (x.clamp(-edge, edge) + edge) as usize;
    let mut expected = vec![0.0; bin(edge) + 1];
    (-reach..=reach).for_each(|x| expected[bin(x)] += n * weight(x) / total);
    let mut seen = vec![0.0; expected.len()];
    for &x in draws {
        seen[bin(x)] += 1.0;
    }
    let statistic: f64 = seen
        .iter()
        .zip(&expected)
        .map(|(s, e)| (s - e).powi(2) / e)
        .sum();
    let fit = ChiSquared::new(expected.len() as f64 - 1.0).unwrap();
    variance && statistic < fit.inverse_cdf(1.0 - ALPHA / 2.0)
}

#[test]
fn noise_is_a_discrete_gaussian_and_the_test_would_see_a_wrong_one() {
    for sigma in [0.8, 6.0] {
        let drawn = draws(sigma, 4000);
        assert!(looks_like(&drawn, sigma));
        assert!(!looks_like(&drawn, sigma * 1.3), "30 % too small is seen");
        assert!(!looks_like(&drawn, sigma * 0.7), "30 % too large is seen");
        let shifted: Vec<i64> = drawn.iter().map(|x| x + 1).collect();
        assert!(!looks_like(&shifted, sigma), "a shift is seen");
    }
    let constant = vec![3; 4000];
    assert!(!looks_like(&constant, 3.0), "constant noise is seen");
}

#[test]
fn draws_are_independent_within_and_between_tasks() {
    let n = 3 * DRAWS_A_TASK;
    let (a, b) = (draws(50.0, n), draws(50.0, n));
    let bound = Normal::standard().inverse_cdf(1.0 - ALPHA / 4.0) / (n as f64).sqrt();
    for lag in [0, 1, DRAWS_A_TASK] {
        let other: &[i64] = if lag == 0 { &b } else { &a[lag..] };
        let product: f64 = a
            .iter()
            .zip(other)
            .map(|(x, y)| (x * y) as f64 / 2500.0)
            .sum();
        assert!((product / n as f64).abs() < bound, "lag {lag}");
    }
}

#[test]
fn sigma_is_the_smallest_that_the_map_accepts() {
    for (l2_squared, rho_micro) in [(1, 1), (4, 56_000), (12, 333), (1000, 20_000_000)] {
        let noise = calibrate(l2_squared, rho_micro).unwrap();
        let cost = |sigma: f64| vector(sigma).unwrap().map(&noise.sensitivity).unwrap();
        let rho = rho_micro as f64 / 1e6;
        assert!(cost(noise.sigma) <= rho);
        assert!(cost(noise.sigma * (1.0 - 1e-12)) > rho * (1.0 - 1e-11));
        let exact = (l2_squared as f64).sqrt() / (2.0 * rho).sqrt();
        assert!((noise.sigma / exact - 1.0).abs() < 1e-9);
    }
    assert!(calibrate(1, 0).is_err());
    assert!(calibrate(1 << 53, 1000).is_err());
}

#[test]
fn a_distance_is_not_rounded_to_an_integer() {
    let sensitivity = calibrate(12, 1000).unwrap().sensitivity;
    assert!((sensitivity - 12f64.sqrt()).abs() < 1e-12 && sensitivity * sensitivity >= 12.0);
    assert_eq!(sqrt_up(4).to_bits(), 2f64.to_bits());
}

/// opendp issue 2922: values equal to T are kept, while δ counts those above.
#[test]
fn a_count_equal_to_the_threshold_is_dropped() {
    let noise = Noise {
        rho_micro: 1,
        sensitivity: 1.0,
        sigma: 1e-3,
    };
    let counts = HashMap::from([(1, 5), (2, 6)]);
    let raw = thresholded(noise.sigma, 5)
        .unwrap()
        .invoke(&counts)
        .unwrap();
    assert_eq!(
        raw.len(),
        2,
        "opendp changed: it no longer keeps values equal to the threshold"
    );
    assert_eq!(above_threshold(&counts, &noise, 5).unwrap(), [(2, 6)]);
}

/// opendp: `PrivacyProfile::epsilon` overflows at large ρ.
#[test]
fn epsilon_is_found_at_large_rho() {
    let theirs = ZeroConcentratedDivergence::convert(1e7)
        .unwrap()
        .epsilon(1e-7);
    assert!(
        theirs.as_ref().map_or(true, |epsilon| !epsilon.is_finite()),
        "opendp changed: epsilon() no longer overflows at large ρ ({theirs:?})"
    );
    let ours = epsilon(10_000_000_000_000, 1e-7).unwrap();
    assert!(delta(10_000_000_000_000, ours).unwrap() <= 1e-7);
    // OpenDP searches orders from 1.01 on, which costs one percent here.
    assert!(ours > 1e7 && ours < 1.02e7, "{ours}");
}

#[test]
fn conversion_agrees_with_the_closed_form_bound() {
    // Bun & Steinke 2016: ε = ρ + 2√(ρ ln 1/δ) is an upper bound, loose by a little.
    for rho in [0.01, 0.2, 1.0, 5.0] {
        let epsilon = epsilon((rho * 1e6) as u64, 5e-7).unwrap();
        let bound = rho + 2.0 * (rho * (1.0f64 / 5e-7).ln()).sqrt();
        assert!(
            epsilon < bound && epsilon > 0.8 * bound,
            "{epsilon} {bound}"
        );
    }
}

#[test]
fn the_threshold_is_the_least_whose_exact_tail_is_within_delta() {
    for (rho_micro, delta_femto) in [(6_000, 33_000_000), (500_000, 1_000_000_000_000), (50, 10)] {
        let selection = selection(Moved::counts(1), rho_micro, delta_femto).unwrap();
        let (noise, t) = (selection.noise, selection.threshold);
        let weight = |x: i64| (-(x as f64).powi(2) / (2.0 * noise.sigma * noise.sigma)).exp();
        let reach = (40.0 * noise.sigma) as i64 + 10;
        let total: f64 = (-reach..=reach).map(weight).sum();
        // Pr[1 + noise > t], summed over the distribution.
        let tail = |t: i64| (t..=reach).map(weight).sum::<f64>() / total;
        let delta = delta_femto as f64 / 1e15;
        assert!(tail(t) <= delta, "exact tail {} above {delta}", tail(t));
        assert!(
            tail(t - 2) > delta,
            "threshold {t} is higher than it need be"
        );
    }
}
