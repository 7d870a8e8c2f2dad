//! What a statistic is, in words: published beside the numbers.

use super::{Condition, Kind, Measure, Quantity, Statistic};

/// The definition of a statistic.
pub(super) fn text(measure: &Measure, statistic: &Statistic) -> String {
    let only = if statistic.only.is_empty() {
        String::new()
    } else {
        format!(" ({})", statistic.only.text())
    };
    let of_key = if measure.is_keyed() {
        " with the row's key (without one 0)"
    } else {
        ""
    };
    match statistic.kind {
        Kind::Count(condition) => {
            let keys = if measure.is_keyed() {
                let most = measure.max_cells;
                format!("; each person counts under at most {most} keys")
            } else {
                String::new()
            };
            format!(
                "People of the cohort {}{only}{keys}.",
                holds(measure, condition)
            )
        }
        Kind::Share(condition) => {
            format!(
                "Share of the cohort's people {}{only}.",
                holds(measure, condition)
            )
        }
        Kind::Mean { of, clip } => format!(
            "Mean over all people of the cohort of their {}{of_key}{only}, each person's clipped to {} \
             to {}.",
            words(of),
            clip.0,
            clip.1
        ),
        Kind::Ratio { of, per, clip } => format!(
            "{}{of_key}{only} of all people of the cohort ÷ their {}, of sessions in which the former \
             {} known; a person with more than {clip} {} counts as with {clip}.",
            capitalised(words(of)),
            words(per),
            if of == per { "are" } else { "is" },
            per.unit()
        ),
    }
}

fn holds(measure: &Measure, condition: Condition) -> String {
    match condition {
        Condition::Row if measure.is_keyed() => "with the row's key".to_owned(),
        Condition::Row => "with a session".to_owned(),
        Condition::AtLeast { of, least } => format!("with at least {least} {}", words(of)),
        Condition::Within { of, per, low, high } => format!(
            "whose {} are {low} to {high} of their {}, both inclusive",
            words(of),
            words(per)
        ),
    }
}

fn words(quantity: Quantity) -> &'static str {
    match quantity {
        Quantity::Sessions => "sessions",
        Quantity::Minutes => "minutes",
        Quantity::CoachingMinutes => "minutes of coaching",
        Quantity::ProactiveSessions => "proactive sessions",
        Quantity::Cost => "cost of sessions",
    }
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().into_iter().flat_map(char::to_uppercase);
    first.chain(chars).collect()
}

/// The unit of a statistic.
pub(super) fn unit(statistic: &Statistic) -> &'static str {
    match statistic.kind {
        Kind::Count(_) => "people",
        Kind::Share(_) | Kind::Ratio { .. } => "share",
        Kind::Mean { of, .. } => of.unit(),
    }
}
