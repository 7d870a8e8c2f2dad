//! The kinds `count` and `share`: how many people of a cohort a condition
//! holds for, and which share of the cohort that is.
//!
//! A condition holds for a person if they have a row (with the key, where the
//! measure has keys), if their rows add up to at least a bar, if the ratio of two
//! sums of theirs lies within bounds, or if a flag of theirs is up: their answer
//! is in the top box, their level at the target, their change reliable. Flags
//! that exclude each other (improved, declined) are both ±1 for everybody, so
//! one of them more costs no more than the other.
//!
//! # Proof
//! *Claim*: one level's vector of a measure whose only coordinates are of this
//! kind moves by at most √(g·c·m) in L2 when a person is added or removed, with
//! all rows of which they are the subject: g cohorts of a level a person, c =
//! `max_cells` keys, m coordinates of factor 1.
//!
//! 1. The vector is the sum over people of each person's own vector, and a
//!    person's own vector is a function of their own rows and of public data:
//!    the unit and the values come from their own people rows, the keys and the
//!    amounts from their own facts, and which keys are kept from a hash of
//!    (secret, person, key). So adding or removing a person adds or takes away
//!    exactly their own vector.
//! 2. A person belongs to at most one unit of a level, and there to their value
//!    and to `(all)` of each of the kind's dimensions: g cohorts. The
//!    coordinates of all other cohorts are 0 in their vector.
//! 3. Within each of those cohorts at most c keys are kept.
//! 4. With keys, the coordinate of a kept key is 1, whatever else the person
//!    did, and any other 0. Without keys, it is +1 where the condition holds and
//!    −1 where it does not: never more than 1 in size.
//!
//! So at most g·c·m coordinates are other than 0, each of size at most 1. The
//! bound is tight: a person with c or more keys reaches it. ∎
//!
//! Without keys the coordinate is centred (+1, −1 rather than 1, 0): the noise
//! on the number is then half as large at the same sensitivity, since the
//! number is (n + sum)/2 and n is known from the cohort's own noisy size.
//!
//! Together with other kinds in one vector the squares add up, see
//! [`super::vector`]. Groups of hidden siblings hold whole cohorts, each in one
//! group at most, so 2 holds for shown cohorts and groups together. A property
//! test in the core removes people from random inputs.

use lodestar_privacy::public::{Coordinate, Rule};

use super::input::{Inputs, What};
use super::value::Amount;
use super::{Condition, Filter, Quantity, Value};

/// The rule of a condition's coordinate.
pub(super) fn rule(condition: Condition, keyed: bool, only: &Filter, inputs: &mut Inputs) -> Rule {
    match condition {
        Condition::Row if keyed => Rule::Has,
        Condition::Flag(value) => Rule::AtLeast {
            input: inputs.value(Amount::Of(value)),
            least: 1,
        },
        // What is said of people alone holds whatever their rows are.
        Condition::Row if !only.is_empty() && !only.asks_rows() => Rule::AtLeast {
            input: inputs.person(only),
            least: 1,
        },
        Condition::Row => Rule::AtLeast {
            input: inputs.amount(Quantity::Sessions, only),
            least: 1,
        },
        Condition::AtLeast { of, least } => Rule::AtLeast {
            input: inputs.amount(of, only),
            least: of.in_steps(least),
        },
        Condition::Within { of, per, low, high } => {
            let (part, whole) = inputs.pair(of, per, only);
            // Parts and wholes are compared in steps of their own.
            let micro = |bound: f64| {
                let steps = of.steps() as f64 / per.steps() as f64;
                (bound * steps * 1e6).round() as i64
            };
            Rule::Within {
                part,
                whole,
                low_micro: micro(low),
                high_micro: micro(high),
            }
        }
    }
}

/// The coordinates, by index, that are flags which exclude each other: nobody is
/// reliably better and reliably worse.
pub(super) fn exclusive(coordinates: &[Coordinate], inputs: &Inputs) -> Vec<usize> {
    let flags = [Value::Improved, Value::Declined].map(|flag| What::Value(Amount::Of(flag)));
    let is_one = |coordinate: &Coordinate| match coordinate.rule {
        Rule::AtLeast { input, .. } => flags.contains(&inputs.0[input].what),
        _ => false,
    };
    let all = coordinates.iter().enumerate();
    all.filter(|(_, one)| is_one(one))
        .map(|(at, _)| at)
        .collect()
}
