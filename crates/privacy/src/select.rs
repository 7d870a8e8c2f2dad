//! Which cohorts may appear: k, coaches and δ together.

use std::collections::HashMap;

use crate::mechanism::{MechanismError, Mechanisms};
use crate::noisy::Selection;
use crate::public::Public;
use crate::tally::Tally;

/// The noisy shifted counts of a level's selected cohorts, by number
/// (unit × cells + cell).
pub(crate) type Selected = HashMap<usize, i64>;

/// Selects among the cohorts of the standing units of one level, by the k of
/// `public`, of which the tally is.
///
/// # Proof
/// Let s be the outsiders of a cohort. A person is in at most l0 =
/// [`CohortKind::cohorts_a_person`](crate::public::CohortKind::cohorts_a_person)
/// cohorts of a level and changes the s of each by at most 1 ([`Tally::count`]).
/// *k*: cohorts with s < k never reach the mechanism.
/// *δ*: the others enter with s − (k−1) ≥ 1. On neighbours, a cohort that is
/// present in one input and absent from the other has shifted count 1; it
/// shows with the probability that 1 + noise exceeds T, which is what the
/// threshold's δ bounds, for l0 of them at once. Cohorts present in both move
/// by at most 1 each, √l0 together, which ρ bounds. Hence the map of OpenDP's
/// Gaussian threshold at (l0, √l0, 1) holds. Which units stand at the level is
/// declared, and so is every parameter.
pub(crate) fn select(
    tally: &Tally,
    public: &Public,
    kind: usize,
    level: u32,
    selection: &Selection,
    mechanisms: &mut impl Mechanisms,
) -> Result<Selected, MechanismError> {
    let k = i64::from(public.policy.k);
    let cohorts = standing(public, kind, level);
    let shifted: HashMap<u64, i64> = cohorts
        .filter_map(|cohort| {
            let s = tally.outsiders(kind, cohort);
            let shifted = flaw!(unshifted: s; s - (k - 1));
            let least = flaw!(k_less_one: k - 1; k);
            (s >= least).then_some((cohort as u64, shifted))
        })
        .collect();
    flaw!(exact_k => return Ok(all_of(shifted)));
    let kept = mechanisms.select(shifted, selection)?;
    Ok(kept
        .into_iter()
        .map(|(cohort, noisy)| (cohort as usize, noisy))
        .collect())
}

/// Whoever is not too small, as if that told nothing.
#[cfg(flawed)]
fn all_of(shifted: HashMap<u64, i64>) -> Selected {
    let all = shifted.into_iter();
    all.map(|(cohort, count)| (cohort as usize, count))
        .collect()
}

/// The cohorts of the standing units of one level.
fn standing(public: &Public, kind: usize, level: u32) -> impl Iterator<Item = usize> + '_ {
    let (tree, cells) = (public.tree(kind), public.kinds[kind].cells());
    let units = tree
        .at_level(level)
        .filter(|&unit| tree.unit(unit).standing);
    units.flat_map(move |unit| unit * cells..(unit + 1) * cells)
}

#[cfg(test)]
mod tests;
