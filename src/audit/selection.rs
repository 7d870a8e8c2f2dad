//! The δ of selections: the chance that a cohort shows that nobody knew to exist.

use std::collections::BTreeMap;

use lodestar_privacy::audit::{select, selection};
use lodestar_privacy::noisy::Selection;

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
    let kinds = stage.public().kinds.iter();
    let selections = kinds.zip(&stage.script.design().selections);
    let shares = selections.flat_map(|(kind, levels)| {
        let l0 = kind.cohorts_a_person();
        levels.iter().map(move |one| exact(one, l0) / claimed(one))
    });
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

/// The chance that one of `l0` counts of 1 shows, summed over the distribution of
/// the noise: P(1 + X > T), P(X = x) ∝ exp(−x² ÷ 2σ²) on whole numbers (Canonne,
/// Kamath, Steinke 2020, definition 1).
pub(super) fn exact(selection: &Selection, l0: u32) -> f64 {
    let sigma = selection.noise.sigma;
    let mass = |x: i64| (-0.5 * (x as f64 / sigma).powi(2)).exp();
    let reach = (60.0 * sigma).ceil() as i64;
    let all = 1.0 + 2.0 * (1..=reach).map(mass).sum::<f64>();
    let tail: f64 = (selection.threshold..=reach.max(selection.threshold))
        .rev()
        .map(mass)
        .sum();
    let one = tail / all;
    // 1 − (1 − p)^l0, without losing small p.
    -(f64::from(l0) * (-one).ln_1p()).exp_m1()
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
                exact(&one, l0) / claimed(&selection)
            };
            let threshold = selection.threshold;
            assert!(at(threshold) <= 1.0, "{}", at(threshold));
            assert!(at(threshold - 2) > 1.0, "{}", at(threshold - 2));
        }
    }
}
