//! Noise as it is drawn: its size, what it hides, and that it is drawn anew.

use lodestar_privacy::audit::{add_noise, calibrate};
use lodestar_privacy::noisy::Noise;

use super::bounds::{at_least, at_most, least, phi, probit, quantile_of_chi_squared};
use super::{ALPHA, AuditError, Check, Options, Verdict};

/// How far apart two inputs are that are told apart, in σ.
const APART: f64 = 3.0;

/// Sensitivities, squared, and ρ in 1e-6: noises of some σ to some ten thousand.
const NOISES: [(u64, u64); 4] = [(1, 50_000), (2, 2_000), (12, 400), (9 << 32, 250_000)];

/// Comparisons of one noise.
const COMPARISONS: f64 = 2.0 + 2.0 + 2.0 + 3.0;

/// As large as totals are, and larger than what a float tells apart; even.
const LARGE: i64 = 1 << 60;

/// How far apart the draws of two tasks are: each has a mechanism of its own.
const TASK: usize = 512;

/// Draws at some noises, and compares.
pub(super) fn check(options: &Options) -> Result<Vec<Verdict>, AuditError> {
    let samples = if options.quick { 7_500 } else { 1_000_000 };
    let alpha = ALPHA / 4.0 / (COMPARISONS * NOISES.len() as f64);
    let mut verdicts = Vec::new();
    for (l2_squared, rho) in NOISES {
        let noise = calibrate(l2_squared, rho)?;
        let at = |value: i64| add_noise(&vec![value; samples], &noise);
        let (low, high) = (at(0)?, at((APART * noise.sigma).ceil() as i64)?);
        let large: Vec<i64> = at(LARGE)?.iter().map(|draw| draw - LARGE).collect();
        verdicts.push(separation(&noise, &low, &high, alpha));
        verdicts.push(variance(&noise, &low, alpha));
        verdicts.push(lowest_bit(&noise, &large, alpha));
        verdicts.push(independence(&noise, &low, &large, alpha));
    }
    Ok(verdicts)
}

/// Four digits or so.
fn short(sigma: f64) -> String {
    if sigma < 100.0 {
        format!("{sigma:.2}")
    } else {
        format!("{sigma:.0}")
    }
}

fn verdict(noise: &Noise, what: &str, claim: &str, samples: usize) -> Verdict {
    Verdict {
        check: Check::Noise,
        mechanism: format!("σ {}, {what}", short(noise.sigma)),
        claim: claim.to_owned(),
        found: String::new(),
        samples: samples as u64,
        would_see: String::new(),
        holds: false,
    }
}

/// How well draws at two inputs can be told apart: by the event that the draw is above
/// the middle. Of Gaussian noise Φ⁻¹ of its chances differ by the distance in σ.
fn separation(noise: &Noise, low: &[i64], high: &[i64], alpha: f64) -> Verdict {
    let distance = (APART * noise.sigma).ceil();
    let middle = (distance / 2.0).round() as i64;
    let above = |draws: &[i64]| draws.iter().filter(|draw| **draw >= middle).count() as u64;
    let trials = low.len() as u64;
    let shown = |hits: (u64, u64)| {
        probit(at_least(hits.0, trials, alpha)) - probit(at_most(hits.1, trials, alpha))
    };
    let (claim, bound) = (distance / noise.sigma, shown((above(high), above(low))));
    // Expected hits at so much less noise, less what chance takes of them.
    let seen = |factor: f64| {
        let p = phi(distance / 2.0 / (noise.sigma * factor));
        let unlucky = 1.645 * (p * (1.0 - p) * trials as f64).sqrt();
        let hits = (p * trials as f64 - unlucky).max(0.0) as u64;
        shown((hits, trials - hits)) > claim
    };
    let factor = least((0.0, 0.9), |less| seen(1.0 - less));
    Verdict {
        found: format!("{bound:.2} σ"),
        would_see: sees(factor.map(|less| 1.0 - less)),
        holds: bound <= claim,
        ..verdict(noise, "told apart", &format!("{claim:.2} σ"), low.len())
    }
}

/// A noise that is so many times as large.
fn sees(factor: Option<f64>) -> String {
    factor.map_or("nothing".to_owned(), |factor| format!("σ × {factor:.3}"))
}

/// The mean square of the draws, in σ²: neither too small nor, as intervals follow from
/// it, too large.
fn variance(noise: &Noise, draws: &[i64], alpha: f64) -> Verdict {
    let n = draws.len() as f64;
    let squares: f64 = draws.iter().map(|draw| (*draw as f64).powi(2)).sum();
    let squares = squares / noise.sigma.powi(2);
    let range = [alpha, 1.0 - alpha].map(|p| quantile_of_chi_squared(n, p));
    let least_seen = (range[0] / quantile_of_chi_squared(n, 0.95)).sqrt();
    Verdict {
        found: format!("{:.3} σ²", squares / n),
        would_see: sees(Some(least_seen)),
        holds: (range[0]..=range[1]).contains(&squares),
        ..verdict(noise, "variance", "1.000 σ²", draws.len())
    }
}

/// Whether the lowest bit of a large number is noise, too: a float would lose it, and
/// with what is left tell of the number.
fn lowest_bit(noise: &Noise, draws: &[i64], alpha: f64) -> Verdict {
    let trials = draws.len() as u64;
    let odd = draws.iter().filter(|draw| **draw % 2 != 0).count() as u64;
    let range = (at_least(odd, trials, alpha), at_most(odd, trials, alpha));
    let off = least((0.0, 0.5), |off| {
        let unlucky = 1.645 * (0.25 * trials as f64).sqrt();
        let hits = ((0.5 + off) * trials as f64 - unlucky) as u64;
        at_least(hits, trials, alpha) > 0.5
    });
    Verdict {
        found: format!("{:.1} %", odd as f64 / trials as f64 * 100.0),
        would_see: off.map_or_else(String::new, |off| format!("± {:.1} %", off * 100.0)),
        holds: (range.0..=range.1).contains(&0.5),
        ..verdict(noise, "odd numbers", "50 %", draws.len())
    }
}

/// Whether draws know of each other: of one call and the next, of neighbours in a
/// call, of two tasks of a call.
fn independence(noise: &Noise, first: &[i64], second: &[i64], alpha: f64) -> Verdict {
    let units = |draws: &[i64]| -> Vec<f64> {
        draws
            .iter()
            .map(|draw| *draw as f64 / noise.sigma)
            .collect()
    };
    let (first, second) = (units(first), units(second));
    let correlation = |a: &[f64], b: &[f64]| {
        let products: f64 = a.iter().zip(b).map(|(a, b)| a * b).sum();
        products / a.len() as f64
    };
    let pairs = [
        correlation(&first, &second),
        correlation(&first[1..], &first[..first.len() - 1]),
        correlation(&first[TASK..], &first[..first.len() - TASK]),
    ];
    let largest = pairs
        .into_iter()
        .fold(0.0, |most: f64, one| most.max(one.abs()));
    let most = -probit(alpha / 2.0) / ((first.len() - TASK) as f64).sqrt();
    Verdict {
        found: format!("{largest:.3}"),
        would_see: format!("{:.3}", most + 1.645 / (first.len() as f64).sqrt()),
        holds: largest <= most,
        ..verdict(noise, "correlation", "0", first.len())
    }
}
