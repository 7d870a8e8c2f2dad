//! The kinds of people's values: means, and of two values of one person their
//! change and its effect size.
//!
//! A value is one number a person and key on a declared scale. With x on −1 to 1
//! of the scale for a baseline, and y for the follow-up, four coordinates feed
//! all: x, y, x² + y² − 1 and x·y. Their sums give both means, the change y − x,
//! the standard deviations of both (averaged) and that of the change, so nothing
//! more is measured for an interval or an effect size. Whether somebody has
//! improved reliably is a flag of that person alone (see [`super::share`]).
//!
//! # Proof
//! *Claim*: one level's vector of coordinates of these kinds, with factors f,
//! moves by at most √(g·Σf²) in L2 when a person is added or removed, where g is
//! the number of cohorts of a level that a person is in.
//!
//! 1. A person's values are functions of their own rows and of declared scales:
//!    both waves, the pair, the level, the answer, and which of several rater
//!    groups is read are found within one subject. So the vector is the sum of
//!    people's own vectors.
//! 2. A person has at most `max_cells` of a kind's keys (and `(all)`), one entry
//!    in each of g cohorts.
//! 3. x and y lie within ±1: a position on the scale is one of its steps, from
//!    none to all, mapped affinely. So x² + y² − 1 and x·y lie within ±1 too.
//!    The core clips each amount to its bounds once more and rounds to an
//!    integer of at most f.
//!
//! All four are at their bounds at once for somebody who is at an end of the
//! scale twice, so the squares add up without loss. ∎
//!
//! Centring matters: of x from 0 to 1 instead, noise would be twice as large,
//! and its squares would tell least where people are.

use lodestar_privacy::public::{Paired, Rule, Scale, Spread, VALUE_STEPS};

use super::Value;
use super::input::Inputs;
use super::value::Amount;
use super::vector::Vector;

/// The error that is tolerated in a mean square, of its range from −1 to 1:
/// intervals need it, and nothing is published of it.
const SQUARE_ERROR: f64 = 0.1;

/// The rule of an amount of people's values, centred.
pub(super) fn rule(of: Amount, inputs: &mut Inputs) -> Rule {
    Rule::Centred {
        input: inputs.value(of),
        low: 0,
        high: of.most(),
    }
}

/// The coordinate of a value; the tolerated error is a share of the scale.
pub(super) fn mean(vector: &mut Vector, of: Value, weight: f64, error: f64) -> usize {
    // Above its clip a metric is known, too, and clipped by the rule.
    let amount = match of {
        Value::Outcome => Amount::Whole(Value::Outcome, Value::Beyond),
        of => Amount::Of(of),
    };
    let rule = Rule::Centred {
        input: vector.inputs.value(amount),
        low: 0,
        high: VALUE_STEPS,
    };
    // In units of the factor: of half the scale.
    vector.coordinate(rule, weight, 2.0 * error)
}

/// A value with what its standard deviation needs.
pub(super) fn spread(
    vector: &mut Vector,
    of: Value,
    scale: Scale,
    weight: f64,
    error: f64,
) -> Spread {
    let square = rule(Amount::Square(of), &mut vector.inputs);
    Spread {
        of: mean(vector, of, weight, error),
        square: vector.coordinate(square, weight, SQUARE_ERROR),
        scale,
    }
}

/// Baseline and follow-up with what the standard deviation of their difference
/// needs.
pub(super) fn paired(vector: &mut Vector, scale: Scale, weight: f64, error: f64) -> Paired {
    let (x, y) = (Value::Baseline, Value::FollowUp);
    let square = rule(Amount::MeanSquare(x, y), &mut vector.inputs);
    let product = rule(Amount::Product(x, y), &mut vector.inputs);
    Paired {
        baseline: mean(vector, x, weight, error),
        follow_up: mean(vector, y, weight, error),
        square: vector.coordinate(square, weight, SQUARE_ERROR),
        product: vector.coordinate(product, weight, SQUARE_ERROR),
        scale,
        norm_sd: None,
    }
}
