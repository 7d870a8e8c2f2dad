//! The exact rows of a synthetic cohort, and what bounding took from them.

use std::collections::HashMap;

use lodestar_privacy::noisy::{Group, Noisy, Value};
use lodestar_privacy::public::{Public, Statistic, StatisticKind, Table};
use lodestar_privacy::rehearsal::{Rehearsal, RehearsalError};
use serde::Serialize;

use super::parts::Parts;
use crate::insight::{self, Row, Status};

/// A noise that changes nothing. Estimates weigh by precision, so that none at
/// all would divide by zero.
const NEXT_TO_NONE: f64 = 1e-6;

/// Level, unit, keys of the cohort and of the block, values of people.
type Whom = (u32, usize, usize, usize, Vec<Value>);

/// Whom a row is about; `None`: a group of hidden ones, who are others in every
/// draw.
fn whom(row: &Row) -> Option<Whom> {
    let Group::Unit(unit) = row.group else {
        return None;
    };
    let is_told = !row.values.contains(&Value::Other);
    is_told.then(|| (row.level, unit, row.cohort, row.key, row.values.clone()))
}

/// The exact rows of every table.
pub(super) struct Truth {
    /// By index of [`Public::tables`].
    pub(super) tables: Vec<Exact>,
}

/// The exact rows of a table.
pub(super) struct Exact {
    /// Level by level, cohort by cohort, key by key.
    pub(super) rows: Vec<Row>,
    places: HashMap<Whom, usize>,
    /// By statistic: by what it is judged, if it is.
    judged: Vec<Option<StatisticKind>>,
    /// What of it is told apart.
    pub(super) parts: Parts,
}

impl Truth {
    /// Of every cohort with people, by the code that makes released rows.
    pub(super) fn new(rehearsal: &Rehearsal, public: &Public) -> Result<Self, RehearsalError> {
        let exact = all_but_exact(rehearsal.exact(public)?);
        let mut public = public.clone();
        // Nobody is too few to be true.
        public.policy.k = 1;
        let tables = public.tables.iter().enumerate().map(|(index, table)| {
            let rows = insight::rows(&exact, &public, index);
            let places = rows.iter().enumerate();
            let places = places.filter_map(|(place, row)| Some((whom(row)?, place)));
            Exact {
                places: places.collect(),
                judged: table.statistics.iter().map(judged).collect(),
                parts: Parts::new(&public, table),
                rows,
            }
        });
        Ok(Self {
            tables: tables.collect(),
        })
    }
}

fn all_but_exact(mut exact: Noisy) -> Noisy {
    for level in exact.kinds.iter_mut().flat_map(|kind| &mut kind.levels) {
        level.size.sigma = NEXT_TO_NONE;
    }
    for level in exact.blocks.iter_mut().flat_map(|block| &mut block.levels) {
        level.noise.sigma = NEXT_TO_NONE;
    }
    exact
}

/// By what a statistic is judged. What needs earlier releases, is a word, or has
/// no interval, is not.
fn judged(statistic: &Statistic) -> Option<StatisticKind> {
    let kind = statistic.kind.representative();
    let is_judged = !matches!(
        kind,
        StatisticKind::LogOdds { .. }
            | StatisticKind::Rise { .. }
            | StatisticKind::Trend { .. }
            | StatisticKind::Tipping { .. }
            | StatisticKind::Pace { .. }
            | StatisticKind::ReachedBy { .. }
            | StatisticKind::Absent
    );
    is_judged.then(|| kind.clone())
}

impl Exact {
    /// The exact row of whom a released one is about.
    pub(super) fn row(&self, released: &Row) -> Option<&Row> {
        let place = self.places.get(&whom(released)?)?;
        Some(&self.rows[*place])
    }

    /// What a statistic is judged by.
    pub(super) fn kind(&self, statistic: usize) -> Option<&StatisticKind> {
        self.judged[statistic].as_ref()
    }

    /// Whether a row was given an estimate of a statistic, shown or not. What is
    /// made of several numbers has none where one of them is not shown.
    pub(super) fn is_estimated(&self, row: &Row, statistic: usize) -> bool {
        let whole = |kind: &StatisticKind| {
            !kind.is_comparative() && !matches!(kind, StatisticKind::Ratio { .. })
        };
        match row.figures[statistic].status {
            Status::Ok => true,
            Status::BelowK | Status::TooUncertain => self.kind(statistic).is_some_and(whole),
            _ => false,
        }
    }

    /// The rows of a part at a level.
    pub(super) fn at(&self, (level, part): (u32, usize)) -> impl Iterator<Item = &Row> {
        let rows = self.rows.iter().filter(move |row| row.level == level);
        rows.filter(move |row| self.parts.of(row) == part)
    }

    /// Whether a statistic has an exact value in some row of a part at a level.
    pub(super) fn has_value(&self, at: (u32, usize), statistic: usize) -> bool {
        self.at(at).any(|row| self.value(row, statistic).is_some())
    }

    /// The exact value of a statistic, if there is one.
    pub(super) fn value(&self, row: &Row, statistic: usize) -> Option<f64> {
        let (kind, figure) = (self.kind(statistic)?, &row.figures[statistic]);
        let exists = match figure.status {
            Status::Ok => true,
            // Nobody is a number too, but of what is compared with nobody.
            Status::BelowK => !kind.is_comparative(),
            _ => false,
        };
        exists.then_some(figure.unmasked.value)
    }
}

/// What bounding took from a statistic of a part at a level.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bounding {
    /// The mean of bounded less unbounded exact values, over the rows of cohorts
    /// of at least k people.
    #[serde(rename = "bounding_bias")]
    pub bias: Option<f64>,
    /// The share of all that the rows add up to that the bounds cut off; `None`
    /// of what adds up to nothing.
    #[serde(rename = "bounding_lost")]
    pub lost: Option<f64>,
}

/// Compares a table's exact rows with those of unbounded people.
pub(super) fn bounding(
    (exact, unbounded): (&Exact, &Exact),
    (at, statistic): ((u32, usize), usize),
    k: u32,
) -> Bounding {
    let (mut gap, mut rows, mut kept, mut all) = (0.0, 0_u64, 0.0, 0.0);
    let adds_up = exact.kind(statistic).and_then(weight);
    for free in unbounded.at(at) {
        let Some(most) = unbounded.value(free, statistic) else {
            continue;
        };
        // The bounds may have taken everybody out of a cohort.
        let row = exact.row(free);
        let value = row.and_then(|row| Some((row, exact.value(row, statistic)?)));
        if let Some((_, value)) = value.filter(|(row, _)| row.size.people >= i64::from(k)) {
            gap += value - most;
            rows += 1;
        }
        if let Some(weight) = adds_up {
            kept += value.map_or(0.0, |(row, value)| value * weight(row));
            all += most * weight(free);
        }
    }
    Bounding {
        bias: (rows > 0).then(|| gap / rows as f64),
        lost: (all > 0.0).then(|| 1.0 - kept / all),
    }
}

/// What a row's value is multiplied by to be what its people add up to.
fn weight(kind: &StatisticKind) -> Option<fn(&Row) -> f64> {
    match kind {
        StatisticKind::Count { .. } => Some(|_| 1.0),
        StatisticKind::Share { .. } | StatisticKind::Mean { .. } => {
            Some(|row| row.size.people as f64)
        }
        _ => None,
    }
}

/// The place of a key that is not one of the codebook's themes.
pub(super) fn is_other(public: &Public, table: &Table, key: usize) -> bool {
    let by_theme = table.dimensions.last().is_some_and(|name| name == "theme");
    let labels = &public.blocks[table.block].keys[key];
    by_theme && labels.last().is_some_and(|label| label.id == "other")
}
