//! Half-years: when people are assessed, and what was done in them.

use super::people::{CONTINUE, LEVELS};
use crate::calendar::{Every, Period};

/// A half-year that sessions are held in.
pub(super) struct HalfYear {
    pub(super) period: Period,
    /// Counts from the first, 0.
    pub(super) number: u32,
    /// Its quarters in which sessions are held, with their numbers: one or both.
    pub(super) quarters: Vec<(u32, Period)>,
}

impl HalfYear {
    /// The half-years of so many quarters.
    pub(super) fn of(quarters: &[Period]) -> Vec<Self> {
        let mut halves: Vec<Self> = Vec::new();
        for (number, quarter) in quarters.iter().enumerate() {
            let quarter = (number as u32, *quarter);
            match halves.last_mut() {
                Some(last) if last.period.contains(quarter.1.start()) => {
                    last.quarters.push(quarter);
                }
                _ => halves.push(Self {
                    period: Period::containing(quarter.1.start(), Every::Half, 1),
                    number: halves.len() as u32,
                    quarters: vec![quarter],
                }),
            }
        }
        halves
    }

    /// The half-year before this one.
    pub(super) fn before(&self) -> Period {
        let eve = self.period.start().yesterday();
        Period::containing(eve.unwrap_or(self.period.start()), Every::Half, 1)
    }

    /// Sessions are held in both of its quarters.
    pub(super) fn whole(&self) -> bool {
        self.quarters.len() == 2
    }

    /// Number and period of the last quarter with sessions.
    pub(super) fn last(&self) -> (u32, Period) {
        self.quarters[self.quarters.len() - 1]
    }

    /// Share of all people who are expected to be coached in it.
    ///
    /// Of those coached in one quarter all but [`CONTINUE`] stop, and as many
    /// start, at every level.
    pub(super) fn coached(&self) -> f64 {
        let a_quarter: u64 = LEVELS
            .iter()
            .map(|(_, share, coached)| share * coached)
            .sum();
        let starts = if self.whole() { 1000 - CONTINUE } else { 0 };
        (a_quarter * (1000 + starts)) as f64 / 1e9
    }
}

/// What was done with a person: kept for everyone, so small on purpose.
#[derive(Clone, Copy, Default)]
pub(super) struct Worked {
    /// Sessions in the half-year.
    pub(super) sessions: u8,
    /// They were about the theme that goes with progress.
    pub(super) theme: bool,
    /// So were sessions of the calendar year.
    pub(super) theme_in_year: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quarters_make_half_years() {
        let first = Period::containing(jiff::civil::date(2024, 4, 1), Every::Quarter, 1);
        let quarters: Vec<_> = std::iter::successors(Some(first), |q| Some(q.next()))
            .take(4)
            .collect();
        let halves = HalfYear::of(&quarters);
        let names: Vec<_> = halves.iter().map(|half| half.period.name()).collect();
        assert_eq!(names, ["2024-H1", "2024-H2", "2025-H1"]);
        let whole: Vec<_> = halves.iter().map(HalfYear::whole).collect();
        assert_eq!(whole, [false, true, false]);
        assert_eq!(halves[0].before().name(), "2023-H2");
        assert_eq!(halves[1].last().0, 2);
        assert!((halves[1].coached() - 0.48252).abs() < 1e-9);
    }
}
