//! The kind `mean`: the mean over a cohort's people of what each one's rows add
//! up to, clipped to declared bounds.
//!
//! # Proof
//! *Claim*: one level's vector of a measure whose only coordinates are of this
//! kind, with factors f, moves by at most √(g·c·Σf²) in L2 when a person is
//! added or removed (g cohorts a person, c = `max_cells` keys).
//!
//! 1. As for [`super::share`], the vector is the sum of people's own vectors,
//!    each a function of the person's own rows and of public data, with entries
//!    in at most g cohorts and c keys.
//! 2. A person's sum is an integer number of steps: every row's amount is one,
//!    and sums saturate. It is clipped to `low..=high`, which the configuration
//!    declares, then mapped affinely: without keys, so that `low` becomes −f and
//!    `high` f (it is centred, and everybody of the cohort has an entry); with
//!    keys, so that 0 becomes 0 and `high` f (who has no row with the key adds
//!    0, and has no entry). It is rounded to an integer, and f is one: so it is
//!    at most f in size.
//!
//! So each of at most g·c entries adds at most Σf² to the square. The bound is
//! reached at a clip. ∎
//!
//! Totals are integers of at most f·people in size, far within 64 bits: f is at
//! most 2¹⁶. Rounding moves one person's value by at most (high − low)/4f.

use lodestar_privacy::public::Rule;

use super::input::Inputs;
use super::{Filter, Quantity};

/// The rule of a mean's coordinate.
pub(super) fn rule(
    of: Quantity,
    clip: (f64, f64),
    keyed: bool,
    only: &Filter,
    inputs: &mut Inputs,
) -> Rule {
    let input = inputs.amount(of, only);
    let (low, high) = (of.in_steps(clip.0), of.in_steps(clip.1));
    if keyed {
        Rule::Amount { input, high }
    } else {
        Rule::Centred { input, low, high }
    }
}
