//! What is known of a person from their assessments and outcomes: one number a
//! person and key, in whole steps of a declared scale.

use lodestar_privacy::public::VALUE_STEPS;

/// A number of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Value {
    /// The score of the first wave of a pair.
    Baseline,
    /// The score of its last wave.
    FollowUp,
    /// Follow-up − baseline.
    Gain,
    /// 1: reliably better (Jacobson & Truax 1991).
    Improved,
    /// 1: reliably worse.
    Declined,
    /// The score of the last wave.
    Level,
    /// 1: the level is at the target, or beyond.
    AtTarget,
    /// The mean of a metric, moved into its clip.
    Outcome,
    /// How far above its clip that mean is, as far again at most.
    Beyond,
    /// An answer to an item.
    Answer,
    /// 1: the answer is in the top box.
    TopBox,
    /// The own score less the mean of the others'.
    SelfOtherGap,
    /// How far the others agree, `r_wg`.
    Agreement,
    /// The change of a metric since the span before a start, by the place of the
    /// start among those of [`Starts`](super::effect::Starts).
    Since(u16),
}

impl Value {
    /// The name in configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::FollowUp => "follow_up",
            Self::Gain => "gain",
            Self::Improved => "improved",
            Self::Declined => "declined",
            Self::Level => "level",
            Self::AtTarget => "at_target",
            Self::Outcome => "outcome",
            Self::Beyond => "beyond",
            Self::Answer => "answer",
            Self::TopBox => "top_box",
            Self::SelfOtherGap => "self_other_gap",
            Self::Agreement => "r_wg",
            Self::Since(_) => "change",
        }
    }

    /// Whether it either holds or does not.
    pub fn is_flag(self) -> bool {
        matches!(
            self,
            Self::Improved | Self::Declined | Self::AtTarget | Self::TopBox
        )
    }
}

/// An amount that follows from one person's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// The value itself: 0 ..= [`VALUE_STEPS`]; a flag 0 or 1.
    Of(Value),
    /// x + y: of a value and how far it is beyond its bounds, 0 ..= 2·steps.
    Whole(Value, Value),
    /// With x on −1 to 1 of its scale: x², on 0 ..= steps².
    Square(Value),
    /// With x and y on −1 to 1 of one scale: (x² + y²)/2, on 0 ..= steps².
    MeanSquare(Value, Value),
    /// x·y, from −1 to 1, on 0 ..= 2·steps².
    Product(Value, Value),
}

impl Amount {
    /// The largest that it can be.
    pub fn most(self) -> i64 {
        match self {
            Self::Of(_) => VALUE_STEPS,
            Self::Whole(..) => 2 * VALUE_STEPS,
            Self::Square(_) | Self::MeanSquare(..) => VALUE_STEPS * VALUE_STEPS,
            Self::Product(..) => 2 * VALUE_STEPS * VALUE_STEPS,
        }
    }

    /// The amount of a person with some values. What they lack counts as 0.
    pub fn of(self, value: impl Fn(Value) -> Option<u32>) -> i64 {
        let known = |of: Value| value(of).map_or(0, i64::from).min(VALUE_STEPS);
        // From the middle of the scale, in half steps.
        let centred = |of: Value| 2 * known(of) - VALUE_STEPS;
        match self {
            Self::Of(of) => known(of),
            Self::Whole(of, beyond) => known(of) + known(beyond),
            Self::Square(of) => centred(of).pow(2),
            Self::MeanSquare(a, b) => i64::midpoint(centred(a).pow(2), centred(b).pow(2)),
            Self::Product(a, b) => centred(a) * centred(b) + VALUE_STEPS.pow(2),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_stay_within_their_bounds_and_reach_them() {
        use Value::{Baseline as B, FollowUp as F};
        let ends = [0, 1, 32_768, 65_535, 65_536, u32::MAX];
        for amount in [
            Amount::Of(B),
            Amount::Whole(B, F),
            Amount::Square(B),
            Amount::MeanSquare(B, F),
            Amount::Product(B, F),
        ] {
            let of = |x: u32, y: u32| amount.of(|value| Some(if value == B { x } else { y }));
            let all = ends.iter().flat_map(|x| ends.iter().map(|y| of(*x, *y)));
            let all: Vec<i64> = all.collect();
            assert!(
                all.iter().all(|x| (0..=amount.most()).contains(x)),
                "{amount:?}"
            );
            assert!(all.contains(&amount.most()), "{amount:?}");
        }
        // A quarter and three quarters of the scale: −½ and ½.
        let of = |amount: Amount| amount.of(|value| Some(if value == B { 16_384 } else { 49_152 }));
        let steps = VALUE_STEPS * VALUE_STEPS;
        assert_eq!(of(Amount::MeanSquare(B, F)), steps / 4);
        assert_eq!(of(Amount::Product(B, F)), steps - steps / 4);
    }
}
