//! Has a share tipped: is it above the part of people from which a convention
//! is said to turn?
//!
//! About 25 % in the experiments of Centola, Becker, Brackbill and Baronchelli
//! (2018): a parameter, not a law. The share's interval is the comparative one of
//! [`Part::comparative`](super::share::Part::comparative), so it covers the
//! sampling of people as well as the noise.

use super::interval::Estimate;

/// Where a share stands against the tipping share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tipping {
    /// The whole interval is below.
    Below,
    /// The whole interval is above.
    Reached,
    /// It is on both sides.
    Uncertain,
}

impl Tipping {
    /// As published.
    pub fn text(self) -> &'static str {
        match self {
            Self::Below => "below",
            Self::Reached => "reached",
            Self::Uncertain => "uncertain",
        }
    }

    /// What an interval of the share says.
    #[must_use]
    pub fn of(share: &Estimate, tipping_share: f64) -> Self {
        if share.low > tipping_share {
            Self::Reached
        } else if share.high < tipping_share {
            Self::Below
        } else {
            Self::Uncertain
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insight::share::{Counted, Part};
    use crate::insight::trial::Draws;

    #[test]
    fn an_end_on_the_share_is_uncertain() {
        let tipping = |low, high| {
            let value = f64::midpoint(low, high);
            Tipping::of(&Estimate { value, low, high }, 0.25)
        };
        assert_eq!(tipping(0.1, 0.24), Tipping::Below);
        assert_eq!(tipping(0.1, 0.25), Tipping::Uncertain);
        assert_eq!(tipping(0.25, 0.5), Tipping::Uncertain);
        assert_eq!(tipping(0.26, 0.5), Tipping::Reached);
        assert_eq!(tipping(0.0, 1.0).text(), "uncertain");
    }

    /// At the tipping share itself, each side is claimed in 2 or 3 of 100 cases.
    #[test]
    fn false_claims_are_rare() {
        let mut draws = Draws::new(13);
        let (mut below, mut reached) = (0, 0);
        for _ in 0..2000 {
            let count = (0..200).filter(|_| draws.uniform() < 0.25).count();
            // +1 for them, −1 for the others.
            let part = Part {
                drawn: draws.drawn(2.0 * count as f64 - 200.0, 8.0),
                counted: Counted::ByFlags,
                size: draws.size(200),
            };
            match Tipping::of(&part.comparative(), 0.25) {
                Tipping::Below => below += 1,
                Tipping::Reached => reached += 1,
                Tipping::Uncertain => {}
            }
        }
        assert!((10..80).contains(&below) && (10..80).contains(&reached));
        assert!((60..140).contains(&(below + reached)), "{below} {reached}");
    }
}
