//! The kind `ratio`: what one quantity adds up to over what another does, over
//! all people of a cohort; of rows in which the part is known.
//!
//! Two coordinates feed it: the whole, as a mean would have it, and the excess
//! of the part over half of the whole. The ratio is ½ + excess/whole: measured
//! so, the noise of the whole hardly matters near ½, and the excess needs half
//! the range of the part.
//!
//! # Proof
//! *Claim*: one level's vector of a measure whose only coordinates are of this
//! kind, with factors f (excess) and w (whole), moves by at most
//! √(g·c·(f² + w²)) in L2 when a person is added or removed (g cohorts a person,
//! c = `max_cells` keys).
//!
//! 1. As for [`super::share`], the vector is the sum of people's own vectors,
//!    with entries in at most g cohorts and c keys.
//! 2. The whole is a coordinate of [`super::mean`]: at most w in size.
//! 3. A person's part p is clipped to 0 ..= their whole v, and v to the declared
//!    bound h, p with it in proportion (their own ratio stays). So the excess
//!    |p − v/2| ≤ v/2 ≤ h/2; times 2f/h, and rounded, it is at most f in size.
//!
//! Both are reached at once by a person whose whole is at the bound and all of
//! it part, so the squares add up without loss. ∎

use lodestar_privacy::public::Rule;

use super::input::Inputs;
use super::{Filter, Quantity};

/// The rules of the excess and of the whole.
pub(super) fn rules(
    of: Quantity,
    per: Quantity,
    clip: f64,
    keyed: bool,
    only: &Filter,
    inputs: &mut Inputs,
) -> (Rule, Rule) {
    let (part, whole) = inputs.pair(of, per, only);
    let high = per.in_steps(clip);
    let excess = Rule::Excess { part, whole, high };
    let whole = if keyed {
        Rule::Amount { input: whole, high }
    } else {
        Rule::Centred {
            input: whole,
            low: 0,
            high,
        }
    };
    (excess, whole)
}
