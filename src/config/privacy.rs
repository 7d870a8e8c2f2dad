//! `[privacy]`: how private.

use super::periods::{LENGTHS, or};
use super::reader::{Field, Table};
use super::{Privacy, PrivacyUnit};
use crate::calendar::Every;

/// The largest ε that is accepted for real people.
pub(crate) const EPSILON_MOST: f64 = 20.0;

/// Reads `[privacy]`. `every` is the length of a period, if that is known;
/// `exposed` names the sources that are not declared synthetic.
pub(super) fn read(
    root: &mut Table<'_>,
    every: Option<Every>,
    exposed: &[&str],
) -> Option<Privacy> {
    let mut table = root.section("privacy")?;
    let unit = or(table.get("unit"), PrivacyUnit::Person, |field| {
        let units = [PrivacyUnit::Person, PrivacyUnit::PersonPeriod];
        field.choice(&units.map(|unit| (unit.name(), unit)))
    });
    let k = or(table.get("k"), 10, |field| field.whole(1..=1_000_000));
    let coalition = or(table.get("coalition"), 1, |field| field.whole(0..=1));
    let window = window(table.get("window"), unit, every);
    let epsilon = or(table.get("epsilon"), 8.0, |field| {
        let epsilon = field.number("expected a number above 0, at most 1e6", |epsilon| {
            epsilon > 0.0 && epsilon <= 1e6
        })?;
        if epsilon > EPSILON_MOST && !exposed.is_empty() {
            let message = format!("`privacy.epsilon` {epsilon} does not protect real people");
            let expected = format!(
                "expected at most {EPSILON_MOST}, unless every source says `synthetic = true`; \
                 not said by: {}",
                exposed.join(", ")
            );
            field.refuse(message, expected);
        }
        Some(epsilon)
    });
    let delta = or(table.get("delta"), 1e-6, |field| {
        let expected = "expected a number above 0 and below 1";
        field.number(expected, |delta| delta > 0.0 && delta < 1.0)
    });
    table.finish();
    Some(Privacy {
        unit: unit?,
        k: k?,
        coalition: coalition?,
        window: window?,
        epsilon: epsilon?,
        delta: delta?,
    })
}

/// The time over which the budget composes.
fn window(
    field: Option<Field<'_>>,
    unit: Option<PrivacyUnit>,
    every: Option<Every>,
) -> Option<Every> {
    let one_period = unit == Some(PrivacyUnit::PersonPeriod);
    let default = if one_period { every? } else { Every::Year };
    or(field, default, |field| {
        let window = field.choice(&LENGTHS)?;
        let every = every.unwrap_or(window);
        if one_period && window != every {
            let message = "`privacy.window` is longer or shorter than a period";
            let expected = format!(
                "expected `{}`, or none: under `unit = \"person-period\"` the budget composes \
                 over one period",
                every.name()
            );
            field.refuse(message, expected);
        } else if window.months() % every.months() != 0 {
            let message = "`privacy.window` is shorter than a period";
            field.refuse(
                message,
                "expected a window of whole periods, see `periods.every`",
            );
        }
        Some(window)
    })
}
