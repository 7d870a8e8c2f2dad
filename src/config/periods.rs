//! `[periods]`: when is released.

use super::Calendar;
use super::reader::{Field, Table};
use crate::calendar::{Every, Period};

/// Names of the lengths of periods.
pub(super) const LENGTHS: [(&str, Every); 4] = [
    ("month", Every::Month),
    ("quarter", Every::Quarter),
    ("half", Every::Half),
    ("year", Every::Year),
];

/// Reads `[periods]`.
pub(super) fn read(root: &mut Table<'_>) -> Option<Calendar> {
    let mut table = root.section("periods")?;
    let every = or(table.get("every"), Every::Quarter, |field| {
        field.choice(&LENGTHS)
    });
    let year_starts = or(table.get("year_starts"), 1, |field| field.whole(1..=12));
    let settle_days = or(table.get("settle_days"), 7, |field| field.whole(0..=366));
    let expected = "expected the first period to release, such as \"2025-Q3\"";
    let first = table.require("first", expected);
    let last = table.get("last");
    table.finish();
    let (every, year_starts) = (every?, i8::try_from(year_starts?).ok()?);
    let period = |field: &Field<'_>| {
        let name = field.text("expected the name of a period")?;
        let period = Period::parse(name, every, year_starts);
        period
            .map_err(|error| {
                let message = format!("`{}` cannot be {:?}", field.name(), error.name);
                field.refuse(message, format!("expected {}", error.expected));
            })
            .ok()
    };
    let first = first.as_ref().and_then(period);
    let last = match &last {
        None => None,
        Some(field) => {
            let last = period(field)?;
            if first.is_some_and(|first| last < first) {
                let message = "`periods.last` comes before `periods.first`";
                field.refuse(message, "expected the same period or a later one");
            }
            Some(last)
        }
    };
    Some(Calendar {
        every,
        year_starts,
        settle_days: settle_days?,
        first: first?,
        last,
    })
}

/// What a field says, or its default; `None`: it says something wrong.
pub(super) fn or<'a, T>(
    field: Option<Field<'a>>,
    default: T,
    read: impl FnOnce(&Field<'a>) -> Option<T>,
) -> Option<T> {
    field.map_or(Some(default), |field| read(&field))
}
