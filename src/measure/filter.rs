//! Which rows and people count.

use crate::ingest::{Mode, SessionFact, Trigger};

/// Conditions that must all hold; none: everything counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Filter {
    /// In order of column.
    pub clauses: Vec<Clause>,
}

/// A column must have one of some declared values.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Clause {
    /// Which column.
    pub column: Column,
    /// Codes of the values, ascending.
    pub values: Vec<u16>,
    /// As configured, for people: `format: team`.
    pub text: String,
}

/// What a clause looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Column {
    /// 0: coaching, 1: mentoring.
    Mode,
    /// 0: proactive, 1: reactive.
    Trigger,
    /// By index of the declared formats.
    Format,
    /// By index of the declared competencies; any of the session's.
    Competency,
    /// By index of the rater groups.
    RaterGroup,
    /// By index of the declared metrics.
    Metric,
    /// By index of the ids that instruments' items have, see
    /// [`item_ids`](crate::config::item_ids).
    Item,
    /// 0: without an accepted session in the span, 1: with one.
    Coached,
    /// By index of the declared dimensions of people, and of its values.
    People(usize),
}

impl Column {
    /// Whether it is said of people, not of rows.
    pub fn is_of_people(self) -> bool {
        matches!(self, Self::People(_) | Self::Coached)
    }
}

impl Filter {
    /// The clauses about people, or those about rows.
    #[must_use]
    pub fn part(&self, of_people: bool) -> Self {
        let clauses = self.clauses.iter();
        Self {
            clauses: clauses
                .filter(|clause| clause.column.is_of_people() == of_people)
                .cloned()
                .collect(),
        }
    }

    /// Both filters together.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let mut clauses = [self.clauses.clone(), other.clauses.clone()].concat();
        clauses.sort();
        clauses.dedup();
        Self { clauses }
    }

    /// Whether anything counts.
    pub fn is_empty(&self) -> bool {
        self.clauses.is_empty()
    }

    /// Whether it looks at rows.
    pub fn asks_rows(&self) -> bool {
        self.clauses
            .iter()
            .any(|clause| !clause.column.is_of_people())
    }

    /// The codes of a column that count; `None`: all.
    pub fn values(&self, column: Column) -> Option<&[u16]> {
        let mut clauses = self.clauses.iter();
        let clause = clauses.find(|clause| clause.column == column)?;
        Some(&clause.values)
    }

    /// Whether a person with these values may count.
    pub fn admits(&self, values: &[u16], coached: bool) -> bool {
        self.clauses.iter().all(|clause| match clause.column {
            Column::Coached => clause.values.contains(&u16::from(coached)),
            Column::People(dimension) => {
                let value = values.get(dimension);
                value.is_some_and(|value| clause.values.contains(value))
            }
            _ => true,
        })
    }

    /// Whether a row counts.
    pub fn passes(&self, session: &SessionFact, competencies: &[u16]) -> bool {
        self.clauses.iter().all(|clause| {
            let has = |value: Option<u16>| value.is_some_and(|v| clause.values.contains(&v));
            match clause.column {
                Column::Mode => has(session.mode.map(|mode| u16::from(mode == Mode::Mentoring))),
                Column::Trigger => {
                    let reactive = |trigger| u16::from(trigger == Trigger::Reactive);
                    has(session.trigger.map(reactive))
                }
                Column::Format => has(session.format),
                Column::Competency => competencies.iter().any(|&code| has(Some(code))),
                Column::People(_)
                | Column::Coached
                | Column::RaterGroup
                | Column::Metric
                | Column::Item => true,
            }
        })
    }

    /// As configured: `format: team, job_level: manager or senior`.
    pub fn text(&self) -> String {
        let texts: Vec<&str> = self
            .clauses
            .iter()
            .map(|clause| clause.text.as_str())
            .collect();
        texts.join(", ")
    }
}
