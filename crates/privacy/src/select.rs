//! Which cohorts may appear: k, coaches and δ together.

use std::collections::HashMap;

use crate::mechanism::{self, MechanismError};
use crate::noisy::{Group, Selection};
use crate::public::Public;
use crate::tally::Tally;

/// The noisy shifted counts of a level's selected units, by code.
pub(crate) type Selected = HashMap<usize, i64>;

/// Selects among the standing units of one level.
///
/// # Proof
/// Let s be the outsiders of a cohort. A person is in one cohort of a level
/// (l0 = 1) and changes its s by at most 1 ([`Tally::count`]).
/// *k*: cohorts with s < k never reach the mechanism.
/// *δ*: the others enter with s − (k−1) ≥ 1. On neighbours, a cohort that is
/// present in one input and absent from the other has shifted count 1; it
/// shows with the probability that 1 + noise exceeds T, which is what the
/// threshold's δ bounds. A cohort present in both moves by at most 1, which ρ
/// bounds. Hence the map of OpenDP's Gaussian threshold at (1, 1, 1) holds.
/// Which units stand at the level is declared, and so is every parameter.
pub(crate) fn select(
    tally: &Tally,
    kind: usize,
    level: u32,
    selection: &Selection,
) -> Result<Selected, MechanismError> {
    let k = i64::from(tally.public().policy.k);
    let tree = &tally.public().tree;
    let shifted: HashMap<u32, i64> = tree
        .at_level(level)
        .filter(|&unit| tree.unit(unit).standing)
        .filter_map(|unit| {
            let s = tally.outsiders(kind, unit);
            (s >= k).then_some((unit as u32, s - (k - 1)))
        })
        .collect();
    let kept = mechanism::above_threshold(&shifted, &selection.noise, selection.threshold)?;
    Ok(kept
        .into_iter()
        .map(|(unit, noisy)| (unit as usize, noisy))
        .collect())
}

/// The groups that show at each level, and the units that each is made of.
///
/// Uses noisy counts and the declared tree alone, so it costs nothing. From
/// the root down: children of a unit that doesn't show are withheld. Where any
/// child is hidden, the shown sibling of smallest noisy count (ties: first in
/// order of id) joins the hidden ones as one group, so that no single hidden
/// unit is its parent minus its siblings; without a shown sibling there is no
/// group. A child that closed within the period counts as hidden.
///
/// The group's s is at least that of the sibling that joined, for s of a
/// disjoint union is at least the sum of its parts' (the largest caseload of a
/// union is at most the sum of the largest), so it holds at least k outsiders.
pub(crate) fn resolve(public: &Public, levels: &[Selected]) -> Vec<Vec<(Group, Vec<usize>)>> {
    let tree = &public.tree;
    let mut shown: Vec<Vec<(Group, Vec<usize>)>> = vec![Vec::new(); levels.len()];
    let mut parents: Vec<usize> = Vec::new();
    if let Some(top) = levels.first()
        && top.contains_key(&0)
    {
        shown[0].push((Group::Unit(0), vec![0]));
        parents.push(0);
    }
    for level in 1..levels.len() {
        let mut next = Vec::new();
        let mut groups = Vec::new();
        for parent in parents {
            let children = &tree.unit(parent).children;
            let (mut kept, mut hidden): (Vec<usize>, Vec<usize>) = children
                .iter()
                .partition(|child| levels[level].contains_key(child));
            if !hidden.is_empty()
                && let Some(joins) = kept
                    .iter()
                    .copied()
                    .min_by_key(|unit| (levels[level][unit], *unit))
            {
                kept.retain(|&unit| unit != joins);
                hidden.push(joins);
                hidden.sort_unstable();
                groups.push((Group::Others(parent), hidden));
            }
            next.extend(kept);
        }
        next.sort_unstable();
        shown[level].extend(next.iter().map(|&unit| (Group::Unit(unit), vec![unit])));
        shown[level].extend(groups);
        parents = next;
    }
    shown
}

#[cfg(test)]
mod tests;
