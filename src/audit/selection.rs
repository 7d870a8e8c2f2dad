//! The δ of selections: the chance that a cohort shows that nobody knew to exist.

use std::collections::BTreeMap;
use std::f64::consts::{SQRT_2, TAU};

use lodestar_privacy::audit::{select, selection};
use lodestar_privacy::noisy::Selection;
use statrs::function::erf::erfc;

use super::bounds::{at_least, least};
use super::neighbours::Stage;
use super::world::EVERYTHING;
use super::{ALPHA, AuditError, Check, Options, Verdict};

/// δ that can be seen, in 1e-15, each with the samples that it takes: few, and many.
const SEEN: [(u64, u32, u32); 2] = [
    (10_000_000_000_000, 20_000, 200_000),
    (1_000_000_000_000, 50_000, 1_000_000),
];
/// ρ of those selections, in 1e-6.
const RHO: u64 = 100_000;

/// Draws where δ can be seen, and sums the distribution where it can't.
pub(super) fn check(options: &Options) -> Result<Vec<Verdict>, AuditError> {
    let alpha = ALPHA / 4.0 / SEEN.len() as f64;
    let mut verdicts = Vec::new();
    for (femto, few, many) in SEEN {
        let samples = if options.quick { few } else { many };
        verdicts.push(drawn(&selection(1, RHO, femto)?, samples, alpha)?);
    }
    let stage = Stage::new(&EVERYTHING)?;
    let design = stage.script.design();
    let selections = design.selections.iter().chain(&design.searches).flatten();
    let shares = selections.map(|one| exact(one) / claimed(one));
    let shares: Vec<f64> = shares.collect();
    let most = shares.iter().copied().fold(0.0, f64::max);
    verdicts.push(Verdict {
        check: Check::Delta,
        mechanism: "of a release, summed".to_owned(),
        claim: "100 %".to_owned(),
        found: format!("{:.1} %", most * 100.0),
        samples: shares.len() as u64,
        would_see: "100.1 %".to_owned(),
        holds: most <= 1.0,
    });
    Ok(verdicts)
}

fn claimed(selection: &Selection) -> f64 {
    selection.delta_femto as f64 / 1e15
}

/// How often a shifted count of 1, the most that one person makes of nothing, shows.
fn drawn(selection: &Selection, samples: u32, alpha: f64) -> Result<Verdict, AuditError> {
    let counts: BTreeMap<u64, i64> = (0..u64::from(samples)).map(|cohort| (cohort, 1)).collect();
    let shown = select(&counts, selection)?.len() as u64;
    let (trials, delta) = (u64::from(samples), claimed(selection));
    let bound = at_least(shown, trials, alpha);
    let sees = least((delta, 100.0 * delta), |delta_seen| {
        let hits = delta_seen * trials as f64;
        at_least((hits - 1.645 * hits.sqrt()).max(0.0) as u64, trials, alpha) > delta
    });
    Ok(Verdict {
        check: Check::Delta,
        mechanism: format!("1 person, T = {}", selection.threshold),
        claim: format!("{delta}"),
        found: format!("{bound:.5}"),
        samples: trials,
        would_see: sees.map_or_else(String::new, |delta| format!("{delta:.5}")),
        holds: bound <= delta,
    })
}

/// Beyond this σ sums over whole numbers are bounded by integrals.
const WIDE: f64 = 500.0;

/// The chance that one of as many numbers as a person moves shows, each being what the
/// person adds to it at most, w: P(w + X > T), P(X = x) ∝ exp(−x² ÷ 2σ²) on whole numbers
/// (Canonne, Kamath, Steinke 2020, definition 1), summed over the distribution. Of a wide
/// one it is bounded from above: a falling sum by its first term and the integral, the
/// whole by √(2π)·σ, which is never more.
pub(super) fn exact(selection: &Selection) -> f64 {
    let (sigma, l0) = (selection.noise.sigma, selection.moved.numbers);
    let least = selection.threshold - i64::from(selection.moved.each) + 1;
    let mass = |x: i64| (-0.5 * (x as f64 / sigma).powi(2)).exp();
    // 1 − (1 − p)^l0, without losing small p.
    let any = |one: f64| -(f64::from(l0) * (-one).ln_1p()).exp_m1();
    if sigma > WIDE && least >= 0 {
        let beyond = erfc(least as f64 / (sigma * SQRT_2)) / 2.0;
        return any(mass(least) / (sigma * TAU.sqrt()) + beyond);
    }
    let reach = (60.0 * sigma).ceil() as i64;
    let all = 1.0 + 2.0 * (1..=reach).map(mass).sum::<f64>();
    let tail: f64 = (least..=reach.max(least)).rev().map(mass).sum();
    let one = tail / all;
    any(one)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OpenDP's bound is a little above the sum: a threshold lower by two would not do.
    #[test]
    fn the_sum_agrees_with_what_opendp_bounds() {
        for (l0, rho, femto) in [(1, 100_000, 1_000_000_000), (6, 500, 25_000_000)] {
            let selection = selection(l0, rho, femto).unwrap();
            let at = |threshold: i64| {
                let one = Selection {
                    threshold,
                    ..selection
                };
                exact(&one) / claimed(&selection)
            };
            let threshold = selection.threshold;
            assert!(at(threshold) <= 1.0, "{}", at(threshold));
            assert!(at(threshold - 2) > 1.0, "{}", at(threshold - 2));
        }
    }
}
