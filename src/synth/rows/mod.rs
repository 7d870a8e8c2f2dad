//! The rows of the input tables, written in batches.

mod assessments;
mod outcomes;
mod sessions;

use jiff::ToSpan as _;
use jiff::civil::Date;

pub(super) use self::assessments::{AssessmentWriter, Rater, Rating};
pub(super) use self::outcomes::OutcomeWriter;
pub(super) use self::sessions::SessionWriter;

/// Mondays to Fridays between two days, inclusive, in days since 1970.
pub(super) fn working_days(first: Date, last: Date) -> Vec<i32> {
    let days = first.series(1.day()).take_while(|day| *day <= last);
    days.filter(|day| day.weekday().to_monday_zero_offset() < 5)
        .map(since_1970)
        .collect()
}

/// Number of days since 1970.
pub(super) fn since_1970(day: Date) -> i32 {
    (day - jiff::civil::date(1970, 1, 1)).get_days()
}
