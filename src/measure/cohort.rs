//! Whom a measure describes.

use super::{Dimension, Value};

/// Families of cohorts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cohort {
    /// People with an accepted session in the span.
    Coachees,
    /// Everybody of a unit.
    Headcount,
    /// By competency (and rater group): people with a baseline and a follow-up.
    Paired,
    /// By competency: people whose level is known.
    Assessed,
    /// By metric: people with an outcome; the coached, and those who are not.
    Outcome,
    /// By instrument and item: people who answered it.
    Asked,
    /// By competency: people whom they and at least two others have rated.
    Rated,
    /// By competency and theme: people with a baseline and a follow-up; those
    /// with the theme, and those without.
    Themed,
    /// By programme, metric and start: people of a programme with an outcome now
    /// and one before it started; those who take part, and the comparison.
    Arms,
}

impl Cohort {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::Coachees,
        Self::Headcount,
        Self::Paired,
        Self::Assessed,
        Self::Outcome,
        Self::Asked,
        Self::Rated,
        Self::Themed,
        Self::Arms,
    ];

    /// The name in configuration and in what is published.
    pub fn name(self) -> &'static str {
        match self {
            Self::Coachees => "coachees",
            Self::Headcount => "headcount",
            Self::Paired => "paired",
            Self::Assessed => "assessed",
            Self::Outcome => "outcome",
            Self::Asked => "asked",
            Self::Rated => "rated",
            Self::Themed => "themed",
            Self::Arms => "arms",
        }
    }

    /// Whether a coach knows its members as such: the largest caseload is then
    /// taken away before k is asked for.
    pub fn has_coach_rule(self) -> bool {
        self != Self::Headcount
    }

    /// Whether sessions' rows are what is counted.
    pub fn is_of_sessions(self) -> bool {
        matches!(self, Self::Coachees | Self::Headcount)
    }

    /// The sources that it needs beside sessions.
    pub fn sources(self) -> &'static [&'static str] {
        match self {
            Self::Coachees => &[],
            Self::Headcount => &["people"],
            Self::Outcome => &["outcomes"],
            Self::Arms => &["programmes", "outcomes"],
            Self::Paired | Self::Assessed | Self::Asked | Self::Rated | Self::Themed => {
                &["assessments"]
            }
        }
    }

    /// Whether it is of rows of several periods.
    pub fn is_of_several_periods(self) -> bool {
        matches!(self, Self::Paired | Self::Themed | Self::Arms)
    }

    /// Whether it reads one instrument.
    pub fn has_instrument(self) -> bool {
        self.may_name_instrument() && self != Self::Asked
    }

    /// Whether it may be of one instrument alone.
    pub fn may_name_instrument(self) -> bool {
        self.sources().contains(&"assessments")
    }

    /// The dimensions that tell its cohorts apart, by which a measure must be.
    pub fn keys(self) -> &'static [Dimension] {
        use Dimension::{
            Competency, Instrument, Item, Metric, PeriodsSinceStart, Programme, StartCohort, Theme,
        };
        match self {
            Self::Coachees | Self::Headcount => &[],
            Self::Paired | Self::Assessed | Self::Rated => &[Competency],
            Self::Outcome => &[Metric],
            Self::Asked => &[Instrument, Item],
            Self::Themed => &[Competency, Theme],
            Self::Arms => &[Programme, Metric, StartCohort, PeriodsSinceStart],
        }
    }

    /// The cohorts beside those that have rows, if they come in pairs.
    pub fn other(self) -> Option<&'static str> {
        match self {
            Self::Outcome => Some("not_coached"),
            Self::Themed => Some("without"),
            Self::Arms => Some("comparison"),
            _ => None,
        }
    }

    /// What is known of its people.
    pub fn values(self) -> &'static [Value] {
        use Value::{
            Agreement, Answer, AtTarget, Baseline, Declined, FollowUp, Gain, Improved, Level,
            Outcome, SelfOtherGap, TopBox,
        };
        match self {
            Self::Coachees | Self::Headcount | Self::Arms => &[],
            Self::Paired => &[Baseline, FollowUp, Improved, Declined],
            Self::Assessed => &[Level, AtTarget],
            Self::Outcome => &[Outcome],
            Self::Asked => &[Answer, TopBox],
            Self::Rated => &[SelfOtherGap, Agreement],
            Self::Themed => &[Gain],
        }
    }
}
