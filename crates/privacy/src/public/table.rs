//! What is published: tables, and how their statistics follow from what was
//! measured.

use super::Effect;
#[cfg(doc)]
use super::{Block, Public, Rule};

/// A published table: a view of the cohorts and numbers of one block, and of
/// others that they are compared with.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// `theme_prevalence`.
    pub name: String,
    /// The question that it answers, in words.
    pub question: String,
    /// Index in [`Public::blocks`]: its cohorts have rows.
    pub block: usize,
    /// Which keys of the kind's cohorts have rows, ascending.
    pub rows: Vec<usize>,
    /// Names of the dimensions of the cohorts' keys, then of the block's:
    /// `["competency", "theme"]`.
    pub dimensions: Vec<String>,
    /// What rows are compared with.
    pub others: Vec<Other>,
    /// In published order; at least one.
    pub statistics: Vec<Statistic>,
    /// Relative importance; above 0.
    pub weight: f64,
}

/// Cohorts that those of a table's rows are compared with: of the same unit
/// and values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Other {
    /// `not_coached`: their size is published as `cohort_not_coached`.
    pub name: String,
    /// Index in [`Public::kinds`].
    pub kind: usize,
    /// Index in [`Public::blocks`]; `None`: its size alone is read.
    pub block: Option<usize>,
    /// By key of the row's cohort: that of the other, if there is one.
    pub keys: Vec<Option<usize>>,
}

/// A published statistic.
#[derive(Clone, Debug, PartialEq)]
pub struct Statistic {
    /// `share`.
    pub name: String,
    /// How it follows from coordinates.
    pub kind: StatisticKind,
    /// Whose: 0 the row's own cohort, else the table's other of the position
    /// before. Where two cohorts are compared: the one beside the row's own.
    pub from: usize,
    /// What it is, in words.
    pub definition: String,
    /// `people`, `share`, `minutes`.
    pub unit: String,
    /// The error that is tolerated in it, in its unit.
    pub tolerated_error: f64,
}

/// How a statistic follows from coordinates, by index in
/// [`Block::coordinates`].
#[derive(Clone, Debug, PartialEq)]
pub enum StatisticKind {
    /// The number of people with the key.
    Count {
        /// A [`Rule::Has`].
        of: usize,
    },
    /// The share of the cohort's people: of those with the key, or of those
    /// that a flag holds for.
    Share {
        /// A [`Rule::Has`], [`Rule::AtLeast`] or [`Rule::Within`].
        of: usize,
    },
    /// The mean over the cohort's people, in 1/`scale` of the amount's unit.
    Mean {
        /// A [`Rule::Centred`] or [`Rule::Amount`].
        of: usize,
        /// What the amount is divided by for publication.
        scale: f64,
        /// The sum is a number of sessions: below k it is not shown, for it
        /// tells of no more people.
        counts: bool,
    },
    /// The mean over the cohort's people of a value of each. The tolerated
    /// error, here and of all that follows from values, is a share of the scale.
    Level {
        /// A [`Rule::Centred`] of a value.
        of: usize,
        /// The value's scale.
        scale: Scale,
    },
    /// The ratio of two sums over the cohort's people.
    Ratio {
        /// A [`Rule::Excess`].
        excess: usize,
        /// The [`Rule::Centred`] or [`Rule::Amount`] of the whole, of the
        /// same clip.
        whole: usize,
        /// Steps of the whole's unit in which its clip is counted.
        scale: f64,
        /// The part is a number of sessions: below k it is not shown, for it
        /// tells of no more people.
        counts: bool,
    },
    /// How far the mean is from a declared target: above 0 where it falls
    /// short.
    Gap {
        /// A [`Rule::Centred`] of a value.
        of: usize,
        /// The value's scale.
        scale: Scale,
        /// In the scale's unit.
        target: f64,
        /// Whether it is reached from below.
        upwards: bool,
    },
    /// Mean of follow-up − baseline over people with both.
    Change(Paired),
    /// Hedges' g of the average standard deviation of baseline and follow-up.
    EffectSize(Paired),
    /// The mean of the row's cohort less that of the other.
    Difference(Spread),
    /// The mean change of the row's cohort less that of the other.
    Effect(Effect),
    /// The share of the *other* cohort's people that a flag of the row's own
    /// holds for.
    ShareOfOther {
        /// A flag of the row's own cohort.
        of: usize,
    },
    /// The share of the key over that in the whole organisation.
    Lift {
        /// A [`Rule::Has`].
        of: usize,
    },
    /// How far the key's odds in the unit are from those in the rest of the
    /// organisation, in standard deviations.
    LogOdds {
        /// A [`Rule::Has`].
        of: usize,
    },
    /// The share less that of the period before.
    Rise {
        /// A [`Rule::Has`].
        of: usize,
        /// The statistic of the period before, by name.
        before: String,
    },
    /// Whether a [`StatisticKind::Rise`] stands out among those of the table.
    Trend {
        /// Its place among the table's statistics.
        rise: usize,
    },
    /// Whether the share has reached a declared one.
    Tipping {
        /// A flag.
        of: usize,
        /// The declared share.
        share: f64,
    },
    /// How much the share grows a year, over all periods so far.
    Pace {
        /// A flag.
        of: usize,
        /// The statistic of earlier periods, by name.
        before: String,
    },
    /// When the share will have reached a declared one, at that pace.
    ReachedBy {
        /// A flag.
        of: usize,
        /// The declared share.
        share: f64,
        /// The statistic of earlier periods, by name.
        before: String,
    },
    /// By position in [`Table::rows`]: another kind for each key of cohorts.
    ByKey(Vec<StatisticKind>),
    /// Nothing: what it would need is not declared for the key.
    Absent,
}

impl StatisticKind {
    /// The kind for a row, by its position in [`Table::rows`].
    pub fn of_row(&self, row: usize) -> &Self {
        match self {
            Self::ByKey(kinds) => kinds.get(row).unwrap_or(&Self::Absent),
            kind => kind,
        }
    }

    /// The block whose keys are units that it reads beside its own, if any.
    pub fn units(&self) -> Option<usize> {
        match self.representative() {
            Self::Effect(effect) => effect.units.as_ref().map(|units| units.block),
            _ => None,
        }
    }

    /// Whether it is about more than exactly these people: its interval covers
    /// the sampling of people too.
    pub fn is_comparative(&self) -> bool {
        matches!(
            self.representative(),
            Self::Change(_)
                | Self::EffectSize(_)
                | Self::Difference(_)
                | Self::Effect(_)
                | Self::Lift { .. }
                | Self::LogOdds { .. }
                | Self::Rise { .. }
                | Self::Trend { .. }
                | Self::Tipping { .. }
                | Self::Pace { .. }
                | Self::ReachedBy { .. }
        )
    }

    /// Any of the kinds that it is.
    pub fn representative(&self) -> &Self {
        match self {
            Self::ByKey(kinds) => {
                let given = kinds.iter().find(|kind| **kind != Self::Absent);
                given.unwrap_or(&Self::Absent)
            }
            kind => kind,
        }
    }
}

/// The scale of a person's value, which is an amount of 0 ..= [`VALUE_STEPS`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// What an amount of 0 stands for.
    pub low: f64,
    /// What [`VALUE_STEPS`] stands for; above `low`.
    pub high: f64,
    /// Distance of two neighbouring values that can be given; 0 if there is none.
    pub step: f64,
    /// There may be its two ends alone: a mean is then a share, and tells of a
    /// number of people.
    pub counts: bool,
}

impl Scale {
    /// The scale of differences of two of its values: twice as wide.
    #[must_use]
    pub fn of_differences(self) -> Self {
        let range = self.high - self.low;
        Self {
            low: -range,
            high: range,
            step: self.step,
            counts: false,
        }
    }
}

/// Steps in which a person's value on a declared scale is given.
pub const VALUE_STEPS: i64 = 1 << 16;

/// Coordinates of two values of one person, x and y on −1 to 1 of one scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Paired {
    /// Of x, the first.
    pub baseline: usize,
    /// Of y, the later.
    pub follow_up: usize,
    /// Of x² + y² − 1.
    pub square: usize,
    /// Of x·y.
    pub product: usize,
    /// The scale of both.
    pub scale: Scale,
    /// Published standard deviation of a norm group, if there is one.
    pub norm_sd: Option<f64>,
}

/// Coordinates of a value of one person, x on −1 to 1 of its scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Of x.
    pub of: usize,
    /// Of 2x² − 1.
    pub square: usize,
    /// Its scale.
    pub scale: Scale,
}

/// A share that an earlier release published, with its noise.
#[derive(Clone, Debug, PartialEq)]
pub struct Past {
    /// Name of its table.
    pub table: String,
    /// Last day of its span, ISO 8601.
    pub end: String,
    /// Id of its unit.
    pub unit: String,
    /// Ids of its dimensions, in published order.
    pub ids: Vec<String>,
    /// Name of the statistic.
    pub statistic: String,
    /// The share.
    pub value: f64,
    /// Standard deviation of the noise on what it was made of, in units of the
    /// coordinate's factor.
    pub sigma: f64,
    /// Size of the cohort.
    pub people: i64,
    /// Standard deviation of the noise on the size.
    pub sigma_size: f64,
}
