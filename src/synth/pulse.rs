//! A short survey of the coached.

use super::SynthError;
use super::half::{HalfYear, Worked};
use super::org::Org;
use super::people::Person;
use super::rng::Draws;
use super::rows::{AssessmentWriter, Rater, Rating, working_days};
use super::scores::Counts;

/// The instrument.
pub(super) const INSTRUMENT: &str = "pulse";
/// The competency that its answers are filed under.
const COMPETENCY: &str = "self_management";
/// Of 100 coached, how many are asked in a half-year.
pub(super) const ASKED: u64 = 40;
/// Items, and the shares in percent of the answers 1 to 10.
pub(super) const ITEMS: [(&str, [u64; 10]); 4] = [
    ("helps_me", [0, 0, 0, 1, 2, 4, 8, 18, 30, 37]),
    (CLIMATE, [1, 1, 2, 4, 8, 12, 20, 24, 18, 10]),
    ("workload_bearable", [2, 4, 7, 10, 14, 17, 18, 15, 9, 4]),
    ("well_being", [1, 2, 3, 6, 10, 16, 22, 21, 13, 6]),
];
/// The item to which one division answers lower, and by how much.
pub(super) const CLIMATE: &str = "safe_climate";
pub(super) const LOWER: usize = 2;
/// Working days in which answers come in.
const LAST_DAYS: usize = 15;

/// Mean answer about the climate where answers are lower.
pub(super) fn lower_mean() -> f64 {
    let climate = ITEMS.iter().find(|(item, _)| *item == CLIMATE);
    let shares = climate.iter().flat_map(|(_, shares)| (1..).zip(shares));
    let sum: u64 = shares
        .map(|(answer, share)| lowered(answer) as u64 * share)
        .sum();
    sum as f64 / 100.0
}

/// What is answered where answers are lower.
fn lowered(answer: usize) -> usize {
    answer.saturating_sub(LOWER).max(1)
}

/// Writes the answers of a half-year; `lower` is the division that answers lower.
pub(super) fn write(
    (org, half, lower): (&Org, &HalfYear, usize),
    people: &[Person],
    worked: &[Worked],
    (into, counts): (&mut AssessmentWriter, &mut [Counts]),
    draws: &mut Draws,
) -> Result<(), SynthError> {
    let (_, last) = half.last();
    let mut days = working_days(last.start(), last.end());
    days.drain(..days.len() - LAST_DAYS);
    for (number, (person, worked)) in people.iter().zip(worked).enumerate() {
        if worked.sessions == 0 || !draws.chance(ASKED, 100) {
            continue;
        }
        let (division, ..) = org.departments[usize::from(person.department)];
        let day = days[draws.below(LAST_DAYS as u64) as usize];
        for (place, (item, shares)) in ITEMS.iter().enumerate() {
            let mut answer = 1 + draws.weighted(shares);
            if *item == CLIMATE && division == lower {
                answer = lowered(answer);
            }
            counts[division].answer(place, answer, answer == shares.len());
            into.add(&Rating {
                subject: number,
                competency: COMPETENCY,
                instrument: INSTRUMENT,
                score: 100 * answer as i32,
                day,
                wave: None,
                rater: Rater::Oneself,
                item: Some(item),
            })?;
        }
    }
    Ok(())
}
