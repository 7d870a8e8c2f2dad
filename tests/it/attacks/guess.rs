//! Which of two organisations is it? How well releases may tell.

/// So many standard errors are exceeded by luck less than once in a million times.
const LUCK: f64 = 5.0;

/// How far releases of two organisations lie apart, as one attack looks at them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Apart {
    /// Difference of the scores' means, in standard deviations.
    by: f64,
    /// Scores on each side.
    each: f64,
}

impl Apart {
    /// Of scores of either organisation, larger where somebody more seems to be there.
    pub(super) fn of(with: &[f64], without: &[f64]) -> Self {
        let mean = |scores: &[f64]| scores.iter().sum::<f64>() / scores.len() as f64;
        let squares = |scores: &[f64]| -> f64 {
            let mean = mean(scores);
            scores.iter().map(|score| (score - mean).powi(2)).sum()
        };
        let freedom = (with.len() + without.len()) as f64 - 2.0;
        let deviation = ((squares(with) + squares(without)) / freedom).sqrt();
        Self {
            by: (mean(with) - mean(without)) / deviation,
            each: with.len() as f64,
        }
    }

    pub(super) fn by(self) -> f64 {
        self.by
    }

    /// Standard error of a distance.
    fn error(self, by: f64) -> f64 {
        (2.0 / self.each + by * by / (4.0 * self.each)).sqrt()
    }

    /// It is not shown to be further than ρ allows: outcomes of Gaussian noise at ρ lie
    /// at most √(2ρ) standard deviations apart, whatever is made of them, so a guess is
    /// right with a chance of Φ(√(ρ/2)) at most.
    #[track_caller]
    #[expect(clippy::print_stdout, reason = "the figures of docs/reliability.md")]
    pub(super) fn is_within(self, rho: f64, what: &str) {
        let most = (2.0 * rho).sqrt();
        let luck = LUCK * self.error(most);
        println!(
            "{what}: {:.2} apart, {most:.2} allowed, {:.2} would be seen, {} draws a side",
            self.by,
            most + 2.0 * luck,
            self.each
        );
        assert!(self.by <= most + luck, "{what}: {self:?}, {most} + {luck}");
    }
}
