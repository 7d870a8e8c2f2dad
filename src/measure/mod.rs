//! The measure language: what is published is data, not code.

pub mod bounds;
mod builtin;
pub mod code;
mod cohort;
mod comparison;
mod definition;
pub mod effect;
pub mod family;
pub mod filter;
mod input;
pub mod keys;
mod mean;
mod north_star;
mod paired;
pub mod quantity;
mod ratio;
mod share;
mod value;
pub mod vector;

use crate::calendar::Every;
use crate::ingest::SessionThemes;

pub use builtin::{Definition, builtin};
pub use cohort::Cohort;
pub use filter::Filter;
pub use quantity::Quantity;
pub use value::Value;

/// One measure: named statistics of a family of cohorts.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    /// Table name.
    pub name: String,
    /// The question that it answers.
    pub question: String,
    /// Whom it describes.
    pub cohort: Cohort,
    /// Dimensions beside the org unit, in published order.
    pub dimensions: Vec<Dimension>,
    /// The rows and people that count; empty: all.
    pub filter: Filter,
    /// What is published, in order; at least one.
    pub statistics: Vec<Statistic>,
    /// Levels of the org tree; `None`: all.
    pub levels: Option<Vec<u32>>,
    /// Most keys that one person may touch; at least 1.
    pub max_cells: u32,
    /// Relative importance; above 0.
    pub weight: f64,
    /// How often; `None`: every period of the project.
    pub every: Option<Every>,
    /// Index of the instrument that it reads; `None`: it reads none, or all.
    pub instrument: Option<usize>,
    /// Where the middle band of its scale begins and ends; `None`: thirds.
    pub bands: Option<(f64, f64)>,
    /// Which themes of a session count.
    pub theme_source: ThemeSource,
}

/// Who found the themes of a session that count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ThemeSource {
    /// The coach or the codebook's terms.
    #[default]
    Either,
    /// The coach, who listed them.
    Coach,
    /// The codebook's terms, in the note.
    Codebook,
}

impl ThemeSource {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Either, Self::Coach, Self::Codebook];

    /// The name in configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Either => "either",
            Self::Coach => "coach",
            Self::Codebook => "codebook",
        }
    }

    /// Those of a session's themes that count, some of them twice; `None` stands for
    /// what the codebook lacks.
    pub fn of(self, themes: SessionThemes<'_>) -> impl Iterator<Item = Option<u16>> {
        let coach = match self {
            Self::Either | Self::Coach => themes.coach,
            Self::Codebook => &[],
        };
        let note = match self {
            Self::Either | Self::Codebook => themes.note,
            Self::Coach => &[],
        };
        coach.iter().copied().chain(note.iter().copied().map(Some))
    }
}

impl Measure {
    /// Its dimensions of people, by name.
    pub fn people(&self) -> impl Iterator<Item = &str> {
        self.dimensions
            .iter()
            .filter_map(|dimension| match dimension {
                Dimension::People(name) => Some(name.as_str()),
                _ => None,
            })
    }

    /// Whether its numbers are told apart by keys within its cohorts.
    pub fn is_keyed(&self) -> bool {
        self.keys().next().is_some()
    }

    /// Its dimensions that are keys within its cohorts.
    pub fn keys(&self) -> impl Iterator<Item = &Dimension> {
        let of_sessions = self.cohort.is_of_sessions();
        self.dimensions
            .iter()
            .filter(move |dimension| match dimension {
                Dimension::People(_) => false,
                Dimension::FromBand | Dimension::ToBand => true,
                _ => of_sessions,
            })
    }

    /// Whether its keys are looked for in notes.
    pub fn is_by_term(&self) -> bool {
        self.dimensions.contains(&Dimension::Term)
    }

    /// Its dimensions that are keys of its cohorts.
    pub fn cohort_keys(&self) -> impl Iterator<Item = &Dimension> {
        let of_sessions = self.cohort.is_of_sessions();
        self.dimensions
            .iter()
            .filter(move |dimension| match dimension {
                Dimension::People(_) | Dimension::FromBand | Dimension::ToBand => false,
                _ => !of_sessions,
            })
    }

    /// Whether a person can touch several of its keys, so that `max_cells` bounds
    /// them.
    pub fn has_cells(&self) -> bool {
        self.is_keyed() || !self.cohort.is_of_sessions()
    }

    /// Whether a statistic of it asks for something.
    pub fn asks(&self, what: impl Fn(&Kind) -> bool) -> bool {
        self.statistics
            .iter()
            .any(|statistic| what(&statistic.kind))
    }
}

/// What rows or people are told apart by.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dimension {
    /// The competency framework: keys.
    Competency,
    /// The codebook, and `other`: keys, with the competency.
    Theme,
    /// What notes say beside the codebook's terms, if many do: keys that are found.
    Term,
    /// The declared formats of sessions: keys.
    Format,
    /// Who rated: keys of cohorts.
    RaterGroup,
    /// The declared metrics: keys of cohorts.
    Metric,
    /// The declared instruments: keys of cohorts, with the item.
    Instrument,
    /// Their items: keys of cohorts.
    Item,
    /// The declared programmes: keys of cohorts.
    Programme,
    /// The span in which people started: keys of cohorts.
    StartCohort,
    /// How many spans ago that was: keys of cohorts, which follow from it.
    PeriodsSinceStart,
    /// The band of the scale that the baseline is in: keys.
    FromBand,
    /// The band that the follow-up is in: keys.
    ToBand,
    /// A declared property of people: cohorts of their own, and `(all)`.
    People(String),
}

impl Dimension {
    /// The dimension of a name; names of people's properties are not checked. One
    /// of them may be called as a dimension of programmes is, so those are not
    /// looked for.
    pub fn named(name: &str) -> Self {
        match name {
            "competency" => Self::Competency,
            "theme" => Self::Theme,
            "term" => Self::Term,
            "format" => Self::Format,
            "rater_group" => Self::RaterGroup,
            "metric" => Self::Metric,
            "instrument" => Self::Instrument,
            "item" => Self::Item,
            "from_band" => Self::FromBand,
            "to_band" => Self::ToBand,
            other => Self::People(other.to_owned()),
        }
    }

    /// The name in configuration and in what is published.
    pub fn name(&self) -> &str {
        match self {
            Self::Competency => "competency",
            Self::Theme => "theme",
            Self::Term => "term",
            Self::Format => "format",
            Self::RaterGroup => "rater_group",
            Self::Metric => "metric",
            Self::Instrument => "instrument",
            Self::Item => "item",
            Self::Programme => "programme",
            Self::StartCohort => "start_cohort",
            Self::PeriodsSinceStart => "periods_since_start",
            Self::FromBand => "from_band",
            Self::ToBand => "to_band",
            Self::People(name) => name,
        }
    }
}

/// One published statistic of a measure.
#[derive(Clone, Debug, PartialEq)]
pub struct Statistic {
    /// Column name.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// The rows that count for it, beside the measure's own filter.
    pub only: Filter,
    /// It is of the cohorts beside those that have rows.
    pub of_other: bool,
    /// The error that is tolerated in it, in its unit.
    pub tolerated_error: f64,
}

/// Kinds of statistics, each proved in a file of its own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Number of the cohort's people that a condition holds for.
    Count(Condition),
    /// Share of the cohort's people that a condition holds for.
    Share(Condition),
    /// Mean over the cohort's people of what their rows add up to.
    Mean {
        /// What is added up.
        of: Quantity,
        /// Bounds of one person's sum, in the quantity's unit.
        clip: (f64, f64),
    },
    /// Sum over sum, over the cohort's people.
    Ratio {
        /// The part.
        of: Quantity,
        /// The whole; of rows in which the part is known.
        per: Quantity,
        /// Upper bound of one person's whole, in its unit.
        clip: f64,
    },
    /// Mean over the cohort's people of a value of each.
    MeanOf(Value),
    /// How far the mean level is from the target.
    Gap,
    /// Mean of follow-up − baseline.
    Change,
    /// Hedges' g of the change.
    EffectSize,
    /// The mean of a value less that of the other cohorts.
    Difference(Value),
    /// The mean change of the people of a programme less that of its comparison.
    Effect,
    /// People at the target over all people of the unit.
    ShareOfPeople,
    /// Minutes of the competency over all minutes of the unit's coachees.
    Focus {
        /// Upper bound of one person's minutes.
        clip: f64,
    },
    /// Whether the share at the target has reached the tipping point.
    Tipping,
    /// How fast that share grows.
    Pace,
    /// When it will have reached the tipping point.
    ReachedBy,
    /// The share over the organisation's.
    Lift,
    /// The share less that of the period before.
    Rise,
    /// How far the odds are from the rest of the organisation's.
    LogOdds,
    /// Whether a rise stands out.
    Trend,
}

impl Kind {
    /// Whether it is of people who changed reliably, which an instrument's norms
    /// tell.
    pub fn is_of_reliable_change(self) -> bool {
        matches!(
            self,
            Self::Count(Condition::Flag(Value::Improved | Value::Declined))
                | Self::Share(Condition::Flag(Value::Improved | Value::Declined))
        )
    }

    /// With other bounds of what one person's rows add up to, in whole steps of
    /// the quantity and at least one apart; a kind without such stays as it is.
    #[must_use]
    pub fn clipped(self, change: impl Fn((f64, f64)) -> (f64, f64)) -> Self {
        let whole = |of: Quantity, clip: (f64, f64)| {
            let (low, high) = change(clip);
            let (low, high) = (of.in_steps(low), of.in_steps(high));
            let unit = |steps: i64| steps as f64 / of.steps() as f64;
            (unit(low), unit(high.max(low + 1)))
        };
        match self {
            Self::Mean { of, clip } => Self::Mean {
                of,
                clip: whole(of, clip),
            },
            Self::Ratio { of, per, clip } => Self::Ratio {
                of,
                per,
                clip: whole(per, (0.0, clip)).1,
            },
            Self::Focus { clip } => Self::Focus {
                clip: whole(Quantity::Minutes, (0.0, clip)).1,
            },
            kind => kind,
        }
    }

    /// Whether it is about targets.
    pub fn is_of_targets(self) -> bool {
        match self {
            Self::Count(Condition::Flag(flag)) | Self::Share(Condition::Flag(flag)) => {
                flag == Value::AtTarget
            }
            Self::Gap | Self::ShareOfPeople | Self::Tipping | Self::Pace | Self::ReachedBy => true,
            _ => false,
        }
    }

    /// The name in configuration and in the documentation.
    pub fn name(self) -> &'static str {
        match self {
            Self::Count(_) => "count",
            Self::Share(_) => "share",
            Self::Mean { .. } | Self::MeanOf(_) => "mean",
            Self::Ratio { .. } => "ratio",
            Self::Gap => "gap",
            Self::Change => "change",
            Self::EffectSize => "effect_size",
            Self::Difference(_) => "difference",
            Self::Effect => "effect",
            Self::ShareOfPeople => "share_of_people",
            Self::Focus { .. } => "focus",
            Self::Tipping => "tipping",
            Self::Pace => "pace",
            Self::ReachedBy => "reached_by",
            Self::Lift => "lift",
            Self::Rise => "rise",
            Self::LogOdds => "log_odds",
            Self::Trend => "trend",
        }
    }
}

/// What may hold for a person.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Condition {
    /// They have a row (with the key).
    Row,
    /// A flag of theirs holds.
    Flag(Value),
    /// Their rows add up to at least so much.
    AtLeast {
        /// What is added up.
        of: Quantity,
        /// The bar, in the quantity's unit.
        least: f64,
    },
    /// Part over whole lies within bounds, both inclusive.
    Within {
        /// The part.
        of: Quantity,
        /// The whole; of rows in which the part is known.
        per: Quantity,
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clips_move_by_whole_steps_and_never_close() {
        let half = |(low, high): (f64, f64)| (low, high / 2.0);
        let clipped = |of, clip| Kind::Mean { of, clip }.clipped(half);
        let mean = |of, clip| Kind::Mean { of, clip };
        let minutes = Quantity::Minutes;
        assert_eq!(clipped(minutes, (0.0, 120.25)), mean(minutes, (0.0, 60.13)));
        let sessions = Quantity::Sessions;
        assert_eq!(clipped(sessions, (0.0, 12.0)), mean(sessions, (0.0, 6.0)));
        assert_eq!(clipped(sessions, (2.0, 3.0)), mean(sessions, (2.0, 3.0)));
        let ratio = |clip| Kind::Ratio {
            of: Quantity::CoachingMinutes,
            per: minutes,
            clip,
        };
        assert_eq!(ratio(300.0).clipped(half), ratio(150.0));
        let focus = |clip| Kind::Focus { clip };
        assert_eq!(focus(300.0).clipped(half), focus(150.0));
        assert_eq!(Kind::Lift.clipped(half), Kind::Lift);
    }
}
