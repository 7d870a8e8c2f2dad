//! The kind `share`: how many people of a cohort have a key, and which share
//! of the cohort that is.
//!
//! A person has a key if at least one of their facts has it; how many have it
//! makes no difference. Per level of the org tree the vector has one
//! coordinate a unit and key: the number of the unit's people who have the key
//! among those that they keep (a person with more than `max_cells` keys keeps
//! `max_cells` of them). `n` is that coordinate with noise, `share` is `n`
//! over the cohort's size, which is measured apart.
//!
//! # Proof
//! *Claim*: adding or removing one person, with all rows of which they are the
//! subject, changes the vector of one level by at most √`max_cells` in L2,
//! `max_cells` in L1 and in L0, and 1 in L∞.
//!
//! 1. The vector is the sum over people of each person's own vector, and a
//!    person's own vector is a function of their own rows and of public data:
//!    the unit comes from their own people rows, the keys from their own
//!    facts, and which keys are kept from a hash of (secret, person, key). So
//!    adding or removing a person adds or takes away exactly their own vector.
//! 2. A person belongs to at most one unit at a level, so the coordinates of
//!    all other units are 0 in their vector.
//! 3. Within that unit the vector is an indicator: a kept key is 1, any other
//!    0, and at most `max_cells` keys are kept.
//!
//! A vector with at most c ones and zeros elsewhere has L∞ norm at most 1, L0
//! and L1 norms at most c, and L2 norm at most √(c·1²) = √c. The bound is
//! tight: a person with c or more keys reaches it. ∎
//!
//! A group of hidden siblings and one shown sibling is measured like a unit:
//! the shown sibling's people are in its coordinates alone if it is shown, and
//! in the group's alone if it has joined the group, so 2 holds for shown units
//! and groups together.

/// The square of the L2 sensitivity of one level's vector for adding or
/// removing a person; see the proof above.
pub fn l2_squared(max_cells: u32) -> u32 {
    max_cells
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// One person: a unit and the keys they have.
    type Person = (usize, BTreeSet<usize>);

    const UNITS: usize = 3;
    const KEYS: usize = 6;

    /// The vector by the book; which keys are kept is the person's own matter.
    fn vector(people: &[Person], max_cells: u32) -> Vec<i64> {
        let mut vector = vec![0; UNITS * KEYS];
        for (unit, keys) in people {
            for key in keys.iter().take(max_cells as usize) {
                vector[unit * KEYS + key] += 1;
            }
        }
        vector
    }

    proptest! {
        #[test]
        fn one_person_moves_the_vector_by_no_more_than_is_claimed(
            people in prop::collection::vec((0..UNITS, prop::collection::btree_set(0..KEYS, 0..KEYS)), 1..8),
            who in any::<prop::sample::Index>(),
            max_cells in 1_u32..5,
        ) {
            let with = vector(&people, max_cells);
            let mut fewer = people;
            fewer.remove(who.index(fewer.len()));
            let without = vector(&fewer, max_cells);
            let moved: Vec<i64> = with.iter().zip(&without).map(|(a, b)| a - b).collect();
            prop_assert!(moved.iter().map(|d| d * d).sum::<i64>() <= i64::from(super::l2_squared(max_cells)));
            prop_assert!(moved.iter().all(|d| d.abs() <= 1));
        }
    }

    #[test]
    fn the_bound_is_reached() {
        let person = (1, (0..KEYS).collect());
        let squares: i64 = vector(&[person], 4).iter().map(|d| d * d).sum();
        assert_eq!(squares, i64::from(super::l2_squared(4)));
    }
}
