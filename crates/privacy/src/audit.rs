//! What an audit looks at: every call of a mechanism, with outcomes that it chooses
//! itself; and the mechanisms themselves, on numbers that are nobody's.
//!
//! Both are of no use to look at real people: a [`Rehearsal`] is of synthetic ones
//! alone, and the mechanisms are given what the auditor has already.

use std::collections::{BTreeMap, HashMap};

use crate::mechanism::{self, MechanismError, Mechanisms};
use crate::noisy::{Moved, Noise, Noisy, Selection};
use crate::rehearsal::{Rehearsal, RehearsalError, Script};

/// One call of a mechanism, with the exact numbers that it was given.
#[derive(Clone, Debug, PartialEq)]
pub enum Call {
    /// Noise was added to a vector.
    Noise {
        /// The vector.
        values: Vec<i64>,
        /// The parameters.
        noise: Noise,
    },
    /// Cohorts were selected.
    Selection {
        /// Shifted counts by cohort.
        counts: BTreeMap<u64, i64>,
        /// The parameters.
        selection: Selection,
    },
}

/// Outcomes that an auditor chooses in the place of drawn ones.
pub trait Outcomes {
    /// Of so many numbers with noise: their noisy values.
    fn noisy(&mut self, numbers: usize) -> Vec<i64>;

    /// Which of some counts are selected, each with a noisy value above the
    /// threshold.
    fn selected(&mut self, counts: &BTreeMap<u64, i64>, threshold: i64) -> Vec<(u64, i64)>;
}

/// Mechanisms that draw nothing: they write down what they are given.
struct Recorded<'a> {
    outcomes: &'a mut dyn Outcomes,
    calls: Vec<Call>,
}

impl Mechanisms for Recorded<'_> {
    fn add_noise(&mut self, values: Vec<i64>, noise: &Noise) -> Result<Vec<i64>, MechanismError> {
        let noisy = self.outcomes.noisy(values.len());
        let noise = *noise;
        self.calls.push(Call::Noise { values, noise });
        Ok(noisy)
    }

    fn select(
        &mut self,
        counts: HashMap<u64, i64>,
        selection: &Selection,
    ) -> Result<Vec<(u64, i64)>, MechanismError> {
        let counts: BTreeMap<u64, i64> = counts.into_iter().collect();
        let selected = self.outcomes.selected(&counts, selection.threshold);
        let selection = *selection;
        self.calls.push(Call::Selection { counts, selection });
        Ok(selected)
    }
}

impl Rehearsal {
    /// A release by the script, by the code that [`release`](crate::release::release)
    /// runs, with outcomes that are given; what it is, and every call in its order.
    pub fn replay(
        &self,
        script: &Script,
        outcomes: &mut dyn Outcomes,
    ) -> Result<(Noisy, Vec<Call>), RehearsalError> {
        let mut recorded = Recorded {
            outcomes,
            calls: Vec::new(),
        };
        let noisy = self.draw_from(script, &mut recorded)?;
        Ok((noisy, recorded.calls))
    }
}

/// The noise that ρ (in 1e-6) buys for the square of an L2 sensitivity, as a release's
/// is calibrated.
pub fn calibrate(l2_squared: u64, rho_micro: u64) -> Result<Noise, MechanismError> {
    mechanism::calibrate(l2_squared, rho_micro)
}

/// The selection that ρ (in 1e-6) and δ (in 1e-15) buy where a person is in at most
/// `l0` cohorts, as a release's is calibrated.
pub fn selection(l0: u32, rho_micro: u64, delta_femto: u64) -> Result<Selection, MechanismError> {
    mechanism::selection(Moved::counts(l0), rho_micro, delta_femto)
}

/// Draws noise on some numbers, as a release does.
pub fn add_noise(values: &[i64], noise: &Noise) -> Result<Vec<i64>, MechanismError> {
    mechanism::add_noise(values, noise)
}

/// Selects among some shifted counts, as a release does.
pub fn select(
    counts: &BTreeMap<u64, i64>,
    selection: &Selection,
) -> Result<Vec<(u64, i64)>, MechanismError> {
    let counts = counts
        .iter()
        .map(|(cohort, count)| (*cohort, *count))
        .collect();
    mechanism::above_threshold(&counts, &selection.noise, selection.threshold)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Owed;
    use crate::example::{Someone, public, tally};

    /// Everybody is selected, and every number is its place.
    struct Places;

    impl Outcomes for Places {
        fn noisy(&mut self, numbers: usize) -> Vec<i64> {
            (0..numbers as i64).collect()
        }

        fn selected(&mut self, counts: &BTreeMap<u64, i64>, threshold: i64) -> Vec<(u64, i64)> {
            counts.keys().map(|key| (*key, threshold + 1)).collect()
        }
    }

    #[test]
    fn a_replay_tells_every_call_and_draws_nothing() {
        let public = public();
        let someone = |id: u128| Someone {
            leaf: 3 + id as u32 % 4,
            keys: vec![id as u32 % 5],
            coaches: vec![id as u64],
        };
        let people: Vec<_> = (0..40).map(|id| (id, someone(id))).collect();
        let rehearsal = Rehearsal::new(tally(&people).unwrap()).unwrap();
        let owed = Owed::new(&[(&public, true)]).unwrap();
        let script = Script::new(public, &owed).unwrap();
        let (noisy, calls) = rehearsal.replay(&script, &mut Places).unwrap();
        assert_eq!(rehearsal.replay(&script, &mut Places).unwrap().0, noisy);
        // Three levels: selections, sizes, vectors.
        let selections = calls.iter().filter_map(|call| match call {
            Call::Selection { counts, selection } => Some((counts, selection)),
            Call::Noise { .. } => None,
        });
        let design = script.design();
        assert!(selections.map(|(_, one)| one).eq(&design.selections[0]));
        let noises = calls.iter().filter_map(|call| match call {
            Call::Noise { values, noise } => Some((values, noise)),
            Call::Selection { .. } => None,
        });
        let noises: Vec<_> = noises.collect();
        let expected = design.sizes[0].iter().chain(&design.cells[0]);
        assert!(noises.iter().map(|(_, noise)| *noise).eq(expected));
        // The root; a and b; a1, a2, b1 and b2.
        assert_eq!(*noises[0].0, [40]);
        assert_eq!(*noises[2].0, [10; 4]);
        assert_eq!(noises[5].0.len(), 20);
        assert_eq!(noises[3].0.iter().sum::<i64>(), 40);
        assert_eq!(noisy.kinds[0].levels[2].cohorts[1].size, 1);
        assert_eq!(calls.len(), 9);
    }
}
