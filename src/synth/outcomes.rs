//! Business outcomes of everyone: absence, staying, performance.

use super::SynthError;
use super::half::{HalfYear, Worked};
use super::org::Org;
use super::people::Person;
use super::programme::{Arm, Programme};
use super::rng::Draws;
use super::rows::{OutcomeWriter, since_1970};
use super::spread::Spread;
use super::teams::Traits;
use crate::calendar::{Every, Period};

/// The metrics.
pub(super) const METRICS: [&str; 3] = ["absence_rate", "retained", "performance"];

// Absence in thousandths. All that is added and taken away leaves it at 0 or
// above, and below its clip: so what is planted shows as it is.

/// Absence of those who are neither coached nor in a pilot.
pub(super) const ABSENCE: i32 = 80;
/// How people differ, whenever they are measured.
pub(super) const HABIT: Spread = Spread::new(3, 13);
/// How a quarter differs from a person's usual.
pub(super) const QUARTER: Spread = Spread::new(3, 9);
/// What a half-year adds for all people of a department alike.
pub(super) const SHOCK: Spread = Spread::new(3, 5);
/// What coaching adds in the half-year.
pub(super) const COACHED_ABSENCE: i32 = -10;
/// What the programme adds in the half-year of its start, and again in the next.
pub(super) const PROGRAMME_ABSENCE: i32 = -15;
pub(super) const PROGRAMME_STEPS: u32 = 2;

/// Of 100 coached, and of 100 others, how many stay.
pub(super) const STAY: (u64, u64) = (93, 88);
/// Of 100 people with ratings 1, 2, … of performance.
pub(super) const PERFORMANCE: [u64; 5] = [5, 15, 45, 27, 8];

/// Values are counted in so many parts of 1.
pub(super) const PARTS: i64 = 2000;

/// People of a department's kind, and the sum of their values in [`PARTS`].
#[derive(Clone, Copy, Default)]
pub(super) struct Sum {
    pub(super) people: u64,
    pub(super) parts: i64,
}

impl Sum {
    pub(super) fn add(&mut self, other: Self) {
        self.people += other.people;
        self.parts += other.parts;
    }

    /// The mean, if it is one of anybody.
    pub(super) fn mean(self) -> Option<f64> {
        (self.people > 0).then(|| self.parts as f64 / (PARTS * self.people as i64) as f64)
    }
}

/// Sums of a division: by arm (none is the last), metric, and coached or not.
pub(super) type Sums = [[[Sum; 2]; METRICS.len()]; Arm::ALL.len() + 1];

/// What the programme adds to absence in a half-year, in thousandths; half-years
/// before the first have numbers below 0.
pub(super) fn programme_effect(arm: Option<Arm>, half: i64) -> i32 {
    let since = arm
        .and_then(Arm::starts)
        .map(|start| half - i64::from(start));
    let steps = since.map_or(0, |since| (since + 1).clamp(0, i64::from(PROGRAMME_STEPS)));
    PROGRAMME_ABSENCE * steps as i32
}

/// A half-year of outcomes.
pub(super) struct Outcomes<'a> {
    pub(super) org: &'a Org,
    pub(super) programme: &'a Programme,
    pub(super) period: Period,
    /// Counts from the first half-year with sessions, 0.
    pub(super) number: i64,
    /// Last day that is measured.
    pub(super) until: jiff::civil::Date,
}

impl<'a> Outcomes<'a> {
    /// Those of the half-year before all sessions.
    pub(super) fn before(org: &'a Org, programme: &'a Programme, first: &HalfYear) -> Self {
        let period = first.before();
        Self {
            org,
            programme,
            period,
            number: -1,
            until: period.end(),
        }
    }

    pub(super) fn of(org: &'a Org, programme: &'a Programme, half: &HalfYear) -> Self {
        Self {
            org,
            programme,
            period: half.period,
            number: i64::from(half.number),
            until: half.last().1.end(),
        }
    }

    /// Writes the outcomes person by person; gives the sums of each division, if
    /// the half-year is measured to its end.
    pub(super) fn write<'p>(
        &self,
        people: impl Iterator<Item = (&'p Person, Traits)>,
        worked: &[Worked],
        into: &mut OutcomeWriter,
        draws: &mut Draws,
    ) -> Result<Option<Vec<Sums>>, SynthError> {
        let departments = self.org.departments.iter();
        let shocks: Vec<i32> = departments.map(|_| SHOCK.draw(draws)).collect();
        let first = Period::containing(self.period.start(), Every::Quarter, 1);
        let days: Vec<i32> = [first, first.next()]
            .iter()
            .map(Period::end)
            .filter(|day| *day <= self.until)
            .map(since_1970)
            .collect();
        let closed = self.until == self.period.end();
        let mut sums = vec![Sums::default(); self.org.divisions.len()];
        for (number, ((person, traits), worked)) in people.zip(worked).enumerate() {
            let coached = worked.sessions > 0;
            let department = usize::from(person.department);
            let arm = self.programme.arms[department];
            let usual = ABSENCE
                + traits.habit
                + shocks[department]
                + programme_effect(arm, self.number)
                + if coached { COACHED_ABSENCE } else { 0 };
            let mut absence = 0;
            for &day in &days {
                let rate = usual + QUARTER.draw(draws);
                absence += rate;
                into.add(number, day, METRICS[0], f64::from(rate) / 1000.0)?;
            }
            let (with, without) = STAY;
            let stays = i32::from(draws.chance(if coached { with } else { without }, 100));
            let performs = 1 + draws.weighted(&PERFORMANCE) as i32;
            if closed && let Some(&day) = days.last() {
                into.add(number, day, METRICS[1], f64::from(stays))?;
                into.add(number, day, METRICS[2], f64::from(performs))?;
            }
            let (division, ..) = self.org.departments[department];
            let arm = arm.map_or(Arm::ALL.len(), |arm| arm as usize);
            // The mean of two quarters in thousandths is their sum in PARTS.
            let parts = [
                i64::from(absence),
                i64::from(stays) * PARTS,
                i64::from(performs) * PARTS,
            ];
            for (of, parts) in sums[division][arm].iter_mut().zip(parts) {
                of[usize::from(coached)].add(Sum { people: 1, parts });
            }
        }
        Ok(closed.then_some(sums))
    }
}

const _: () = assert!(
    ABSENCE + COACHED_ABSENCE + PROGRAMME_ABSENCE * PROGRAMME_STEPS as i32
        >= HABIT.reach() + QUARTER.reach() + SHOCK.reach()
);
