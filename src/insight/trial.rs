//! For tests: seeded people and noise, and how often an interval holds.

use super::figure::Drawn;
use super::interval::Estimate;
use super::size::Size;

/// Noise of a released size.
pub(super) const SIGMA_SIZE: f64 = 4.0;

/// Draws that are the same in every run: xorshift, which is good enough for
/// counting how often something holds, and fast without optimisation.
pub(super) struct Draws {
    state: u64,
    /// The other one of a pair of normal draws.
    spare: Option<f64>,
    /// What σ is said to be, in multiples of what it is.
    stated: f64,
}

impl Draws {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            state: 0x9E37_79B9_7F4A_7C15 ^ seed,
            spare: None,
            stated: 1.0,
        }
    }

    /// In (0, 1).
    pub(super) fn uniform(&mut self) -> f64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        ((self.state >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Standard normal, by Box and Muller.
    pub(super) fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        let (sin, cos) = (std::f64::consts::TAU * self.uniform()).sin_cos();
        self.spare = Some(radius * sin);
        radius * cos
    }

    /// A sum as it is released.
    pub(super) fn drawn(&mut self, sum: f64, sigma: f64) -> Drawn {
        Drawn {
            value: sum + sigma * self.normal(),
            sigma: sigma * self.stated,
        }
    }

    /// A size as it is released.
    pub(super) fn size(&mut self, people: usize) -> Size {
        let noisy = people as i64 + (SIGMA_SIZE * self.normal()).round() as i64;
        Size::new(noisy, SIGMA_SIZE * self.stated, 10)
    }
}

/// How often, in so many trials, the interval holds the truth, when σ is stated
/// `stated` times as large as it is.
pub(super) fn covered(
    rounds: u32,
    stated: f64,
    truth: f64,
    mut trial: impl FnMut(&mut Draws) -> Estimate,
) -> f64 {
    let mut draws = Draws::new(7);
    draws.stated = stated;
    let held = (0..rounds).filter(|_| trial(&mut draws).holds(truth));
    held.count() as f64 / f64::from(rounds)
}
