//! What a published interval was made around.

use crate::insight::Estimate;

/// Rounds after which a middle stands still: the width changes by less than half
/// of what the middle does.
const ROUNDS: usize = 60;

/// The middle of the interval that a published one was, before it was cut off at
/// its bounds and made to hold its number, which the fit may have moved. `around`:
/// the interval around a middle. An end that is at a bound, or at the number, may
/// have been moved there: the middle then follows from the other one; of neither
/// nothing can be told.
pub(super) fn centre(
    shown: Estimate,
    (least, most): (f64, f64),
    around: impl Fn(f64) -> Option<Estimate>,
) -> Option<f64> {
    let is_end =
        |end: f64, bound: f64| !is_near(end, bound, shown) && !is_near(end, shown.value, shown);
    let middle = f64::midpoint(shown.low, shown.high);
    match [is_end(shown.low, least), is_end(shown.high, most)] {
        [true, true] => Some(middle),
        [false, false] => None,
        [low, _] => (0..ROUNDS).try_fold(middle, |centre, _| {
            let one = around(centre)?;
            Some(if low {
                shown.low + (centre - one.low)
            } else {
                shown.high - (one.high - centre)
            })
        }),
    }
}

/// But for the last digits, which a manifest's text may lose.
pub(super) fn is_near(a: f64, b: f64, shown: Estimate) -> bool {
    (a - b).abs() <= 1e-9 * (1.0 + shown.value.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Wider the further up it is, and cut off between 0 and 1.
    fn around(middle: f64) -> Option<Estimate> {
        let half = 0.1 + 0.2 * middle.abs();
        Some(Estimate {
            value: middle,
            low: (middle - half).max(0.0),
            high: (middle + half).min(1.0),
        })
    }

    fn shown(middle: f64, value: f64) -> Estimate {
        let one = around(middle).unwrap();
        Estimate {
            value,
            low: one.low.min(value),
            high: one.high.max(value),
        }
    }

    #[test]
    fn the_middle_follows_from_an_end_that_was_not_moved() {
        // Neither end, the lower, the upper, and one that was made to hold the number.
        for (middle, value) in [(0.4, 0.45), (0.05, 0.02), (0.9, 0.95), (0.5, 0.25)] {
            let found = centre(shown(middle, value), (0.0, 1.0), around).unwrap();
            assert!((found - middle).abs() < 1e-9, "{middle} {value} {found}");
        }
        let both = Estimate {
            value: 0.4,
            low: 0.0,
            high: 1.0,
        };
        assert_eq!(centre(both, (0.0, 1.0), around), None);
    }
}
