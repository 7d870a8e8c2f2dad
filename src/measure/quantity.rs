//! What a session's row can add: amounts in integers.

use crate::ingest::{SessionFact, Trigger};

/// A number that a row has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Quantity {
    /// 1.
    Sessions,
    /// Length.
    Minutes,
    /// The part of the length that was coaching.
    CoachingMinutes,
    /// 1 where growth brought it about, 0 where correction did.
    ProactiveSessions,
    /// What it cost, in the project's currency.
    Cost,
}

impl Quantity {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::Sessions,
        Self::Minutes,
        Self::CoachingMinutes,
        Self::ProactiveSessions,
        Self::Cost,
    ];

    /// The name in configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sessions => "sessions",
            Self::Minutes => "minutes",
            Self::CoachingMinutes => "coaching_minutes",
            Self::ProactiveSessions => "proactive_sessions",
            Self::Cost => "cost",
        }
    }

    /// The name of its unit.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Sessions | Self::ProactiveSessions => "sessions",
            Self::Minutes | Self::CoachingMinutes => "minutes",
            Self::Cost => "currency",
        }
    }

    /// How many integer steps make one unit.
    pub fn steps(self) -> i64 {
        match self {
            Self::Sessions | Self::ProactiveSessions => 1,
            Self::Minutes | Self::CoachingMinutes | Self::Cost => 100,
        }
    }

    /// Whether it is shared out where a session has several competencies.
    pub fn is_split(self) -> bool {
        matches!(self, Self::Minutes | Self::CoachingMinutes | Self::Cost)
    }

    /// In whole steps; `None`: the row does not say.
    pub fn of(self, session: &SessionFact) -> Option<i64> {
        match self {
            Self::Sessions => Some(1),
            Self::Minutes => Some(i64::from(session.minutes)),
            Self::CoachingMinutes => session.coaching_minutes.map(i64::from),
            Self::ProactiveSessions => session.trigger.map(|t| i64::from(t == Trigger::Proactive)),
            Self::Cost => session.cost.map(i64::from),
        }
    }

    /// A value of its unit in whole steps, to the nearest.
    pub fn in_steps(self, value: f64) -> i64 {
        (value * self.steps() as f64).round() as i64
    }
}
