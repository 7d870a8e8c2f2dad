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
//!
//! The core counts so, and takes its sensitivity from
//! [`Block::l2_squared`](lodestar_privacy::public::Block::l2_squared); a
//! property test there removes people from random inputs.

use lodestar_privacy::bound::Sketch;

/// A fact of the person has these keys of a block.
pub(super) fn touch(sketch: &mut Sketch, block: usize, person: u128, keys: &[u32]) {
    for &key in keys {
        sketch.touch(person, block, key);
    }
}
