//! What the assessments of a half-year exactly say.

use super::codebook::COMPETENCIES;
use super::growth::{Group, TARGET};
use super::pulse::ITEMS;

/// A change of so many hundredths is more than error, by Jacobson and Truax: the
/// first step above 1.96 × 0.7 × √(2 × (1 − 0.85)).
const RELIABLE: i32 = 100;

/// Pairs of a competency and rater group; scores in hundredths.
#[derive(Clone, Copy, Default)]
pub(super) struct PairCounts {
    pub(super) pairs: u64,
    pub(super) before: i64,
    pub(super) after: i64,
    pub(super) improved: u64,
    pub(super) declined: u64,
}

/// Managers' latest scores of a competency.
#[derive(Clone, Copy, Default)]
pub(super) struct LevelCounts {
    pub(super) assessed: u64,
    pub(super) sum: i64,
    pub(super) at_target: u64,
}

/// Answers to an item of the survey.
#[derive(Clone, Copy, Default)]
pub(super) struct AnswerCounts {
    pub(super) asked: u64,
    pub(super) sum: u64,
    pub(super) top: u64,
}

/// Counts of one division, or of the sum of some.
#[derive(Clone, Default)]
pub(super) struct Counts {
    pub(super) pairs: [[PairCounts; 2]; COMPETENCIES],
    pub(super) levels: [LevelCounts; COMPETENCIES],
    pub(super) answers: [AnswerCounts; ITEMS.len()],
}

impl Counts {
    pub(super) fn pair(&mut self, competency: usize, group: Group, before: i32, after: i32) {
        let counts = &mut self.pairs[competency][group as usize];
        counts.pairs += 1;
        counts.before += i64::from(before);
        counts.after += i64::from(after);
        counts.improved += u64::from(after - before >= RELIABLE);
        counts.declined += u64::from(before - after >= RELIABLE);
    }

    pub(super) fn level(&mut self, competency: usize, score: i32) {
        let counts = &mut self.levels[competency];
        counts.assessed += 1;
        counts.sum += i64::from(score);
        counts.at_target += u64::from(score >= TARGET);
    }

    pub(super) fn answer(&mut self, item: usize, answer: usize, top: bool) {
        let counts = &mut self.answers[item];
        counts.asked += 1;
        counts.sum += answer as u64;
        counts.top += u64::from(top);
    }

    /// The counts of some divisions together.
    pub(super) fn sum(divisions: &[Self]) -> Self {
        let mut sum = Self::default();
        for one in divisions {
            for (to, from) in sum
                .pairs
                .as_flattened_mut()
                .iter_mut()
                .zip(one.pairs.as_flattened())
            {
                to.pairs += from.pairs;
                to.before += from.before;
                to.after += from.after;
                to.improved += from.improved;
                to.declined += from.declined;
            }
            for (to, from) in sum.levels.iter_mut().zip(&one.levels) {
                to.assessed += from.assessed;
                to.sum += from.sum;
                to.at_target += from.at_target;
            }
            for (to, from) in sum.answers.iter_mut().zip(&one.answers) {
                to.asked += from.asked;
                to.sum += from.sum;
                to.top += from.top;
            }
        }
        sum
    }
}

/// A pair in the competency of the theme that goes with progress.
pub(super) struct ThemePair {
    /// Number of the person.
    pub(super) person: u32,
    pub(super) division: u16,
    /// Of the manager's score, in hundredths.
    pub(super) change: i16,
    /// The person worked on the theme in the pair's half-year.
    pub(super) theme: bool,
}
