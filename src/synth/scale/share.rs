//! Shares, in whole millionths.

use std::str::FromStr;

use super::super::rng::Draws;

/// What a whole has.
const WHOLE: u32 = 1_000_000;

/// A share from 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share(u32);

impl Share {
    /// Nothing.
    pub const NONE: Self = Self(0);

    /// So many of a number of things, rounded up.
    pub(super) fn of(self, things: u64) -> u64 {
        (u128::from(things) * u128::from(self.0)).div_ceil(u128::from(WHOLE)) as u64
    }

    /// True with this chance. Draws nothing where there is none.
    pub(super) fn drawn(self, draws: &mut Draws) -> bool {
        self != Self::NONE && draws.chance(u64::from(self.0), u64::from(WHOLE))
    }

    /// As a number.
    pub(super) fn number(self) -> f64 {
        f64::from(self.0) / f64::from(WHOLE)
    }
}

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let share = text.parse::<f64>().ok();
        let share = share.filter(|share| (0.0..=1.0).contains(share));
        let share = share.ok_or("expected a share from 0 to 1, such as 0.01")?;
        Ok(Self((share * f64::from(WHOLE)).round() as u32))
    }
}
