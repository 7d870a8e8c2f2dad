//! What is asked of the days of rows.

use std::sync::Arc;

use super::context::Context;
use super::people::Standing;

/// Slots of days that were met lately; more than days of a year.
const DAYS: usize = 1024;

/// What is asked of a day.
pub(super) struct Day {
    number: i32,
    /// Of the project's period that holds it.
    pub(super) standing: Arc<Standing>,
    /// Whether a period that is wanted holds it.
    pub(super) wanted: bool,
    /// Whether it is asked who coached whom.
    pub(super) coaches: bool,
}

/// What is asked of each day.
pub(super) struct Days<'a> {
    context: &'a Context<'a>,
    known: Vec<Option<Day>>,
}

impl<'a> Days<'a> {
    pub(super) fn new(context: &'a Context<'a>) -> Self {
        Self {
            context,
            known: (0..DAYS).map(|_| None).collect(),
        }
    }

    /// Of one of them.
    pub(super) fn of(&mut self, day: i32) -> &Day {
        let context = self.context;
        let asked = || Day {
            number: day,
            standing: context.standing(day),
            wanted: context.wants(day),
            coaches: context.wants_coaches_of(day),
        };
        let known = &mut self.known[day.rem_euclid(DAYS as i32) as usize];
        if known.as_ref().is_some_and(|known| known.number != day) {
            *known = None;
        }
        known.get_or_insert_with(asked)
    }
}
