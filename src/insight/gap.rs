//! How far a cohort's mean level is from a declared target.
//!
//! ```text
//! gap  target − mean, where more is better; mean − target, where less is
//! ```
//!
//! Above 0 where the cohort falls short. Descriptive: the interval is that of
//! the [`mean`](super::mean), mirrored. The clip of the mean comes before, for a
//! target is exact.

use super::figure::Figure;
use super::interval::Estimate;

/// The gap of a mean.
pub(super) fn gap(mean: &Figure, target: f64, upwards: bool) -> Figure {
    let Estimate { value, low, high } = mean.unmasked;
    let unmasked = if upwards {
        Estimate {
            value: target - value,
            low: target - high,
            high: target - low,
        }
    } else {
        Estimate {
            value: value - target,
            low: low - target,
            high: high - target,
        }
    };
    Figure {
        unmasked,
        status: mean.status,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insight::Status;

    #[test]
    fn a_gap_is_what_is_missing() {
        let mean = Figure {
            unmasked: Estimate {
                value: 3.2,
                low: 3.0,
                high: 3.5,
            },
            status: Status::Ok,
        };
        let up = gap(&mean, 4.0, true).unmasked;
        assert!((up.value - 0.8).abs() < 1e-12 && (up.low - 0.5).abs() < 1e-12);
        let down = gap(&mean, 3.0, false).unmasked;
        assert!((down.value - 0.2).abs() < 1e-12 && (down.high - 0.5).abs() < 1e-12);
        assert!(up.holds(up.value) && down.holds(down.value));
    }
}
