//! What is declared before a row is read: the only thing, beside the noisy
//! numbers, that an encoder may look at.

mod bounds;
mod cohorts;
mod coordinate;
mod effect;
mod glossary;
mod search;
mod table;

pub use bounds::{Bound, Bounds};
pub use cohorts::{CohortKind, Dimension, Keys};
pub use coordinate::{AMOUNT_MOST, Block, Classes, Coordinate, FACTOR_MOST, Rule};
pub use effect::{AssignedUnits, Effect, Side};
pub use glossary::{Glossary, InstrumentFacts, MetricFacts, ProgrammeFacts, TargetFacts};
pub use search::{ANYWHERE, Round, Search, WHOLE};
pub use table::{Other, Paired, Past, Scale, Spread, Statistic, StatisticKind, Table, VALUE_STEPS};

use crate::tree::Tree;

/// Everything public about one release. It is moved into the [`crate::tally`]
/// before the first row is, and handed back to the encoder with the noisy
/// numbers: nothing learnt from rows can enter it.
#[derive(Clone, Debug, PartialEq)]
pub struct Public {
    /// The organisation's name, as declared.
    pub organisation: String,
    /// The period that is released.
    pub period: PeriodText,
    /// 0 for the first release of the period; n for its n-th revision.
    pub revision: u32,
    /// Every source is declared synthetic.
    pub synthetic: bool,
    /// k, coalition, ε, δ.
    pub policy: Policy,
    /// What cohorts are judged in: the period itself first, then longer spans
    /// that end with it.
    pub spans: Vec<Span>,
    /// Who is described: one selection and one noisy size each.
    pub kinds: Vec<CohortKind>,
    /// What is measured of them: one noisy vector a level each.
    pub blocks: Vec<Block>,
    /// What the bounds of kinds and blocks cut off, once for each kind at most.
    pub bounds: Vec<Bounds>,
    /// What is published.
    pub tables: Vec<Table>,
    /// What earlier releases published, as far as tables compare with it.
    pub past: Vec<Past>,
    /// What tables of labels say beside labels.
    pub glossary: Glossary,
    /// Further declared texts, by name (North Star, version, …).
    pub texts: std::collections::BTreeMap<String, String>,
}

impl Public {
    /// `2024-Q1`, or `2024-Q1-r1` for the first revision.
    pub fn release_id(&self) -> String {
        match self.revision {
            0 => self.period.name.clone(),
            n => format!("{}-r{n}", self.period.name),
        }
    }

    /// Whether the largest caseload is taken away from cohorts of a kind.
    pub fn coach_rule(&self, kind: usize) -> bool {
        self.policy.coalition > 0 && self.kinds[kind].coach_rule
    }

    /// The org tree that a kind's cohorts hang in.
    pub fn tree(&self, kind: usize) -> &Tree {
        &self.spans[self.kinds[kind].span].tree
    }

    /// The square of the L2 sensitivity of one level's vector of a block, for
    /// adding or removing a person. Proof: [`crate::tally::Tally::count`].
    pub fn l2_squared(&self, block: usize) -> u64 {
        let block = &self.blocks[block];
        let cohorts = u64::from(self.kinds[block.kind].cohorts_a_person());
        cohorts
            .saturating_mul(u64::from(block.max_cells))
            .saturating_mul(block.entry_squared())
    }

    /// The most of one person that a bound is told to cut off: see [`Bound::most`].
    pub fn most_cut_off(&self, bound: &Bound) -> i64 {
        let max_cells = match *bound {
            Bound::CohortKeys { .. } => 1,
            Bound::Keys { block, .. } | Bound::Clip { block, .. } => self.blocks[block].max_cells,
        };
        bound.most(max_cells)
    }

    /// The block whose coordinates a statistic of a table reads.
    pub fn reads(&self, table: &Table, statistic: &Statistic) -> usize {
        let other = statistic.from.checked_sub(1);
        let other = other.and_then(|at| table.others.get(at)?.block);
        match statistic.kind {
            // Its own, beside the size of another.
            StatisticKind::ShareOfOther { .. } => table.block,
            _ => other.unwrap_or(table.block),
        }
    }

    /// The clip of what a statistic sums over people, if it has one: what is beyond
    /// it is told apart up to as much again.
    pub fn clip(&self, table: &Table, statistic: &Statistic) -> Option<Bound> {
        let (StatisticKind::Mean { of: place, .. }
        | StatisticKind::Ratio { whole: place, .. }
        | StatisticKind::Level { of: place, .. }) = statistic.kind.representative()
        else {
            return None;
        };
        let block = self.reads(table, statistic);
        match self.blocks[block].coordinates[*place].rule {
            Rule::Centred { input, high, .. } | Rule::Amount { input, high } => Some(Bound::Clip {
                block,
                input,
                high,
                more: high,
            }),
            _ => None,
        }
    }

    /// The labels of a table's dimensions: of a key of its cohorts, and of one of
    /// its block.
    pub fn labels(&self, table: &Table, cohort: usize, key: usize) -> Vec<Label> {
        let block = &self.blocks[table.block];
        let of_cohort = self.kinds[block.kind].keys.labels.get(cohort);
        let of_block = block.keys.get(key);
        let both = of_cohort.into_iter().chain(of_block);
        both.flatten().cloned().collect()
    }

    /// The metrics of a table by metric, each with its places in the table's rows; of
    /// others none.
    pub fn metrics(&self, table: &Table) -> Vec<(String, Vec<usize>)> {
        let mut metrics: Vec<(String, Vec<usize>)> = Vec::new();
        let Some(dimension) = table.dimensions.iter().position(|name| name == "metric") else {
            return metrics;
        };
        for (place, &cohort) in table.rows.iter().enumerate() {
            let metric = self.labels(table, cohort, 0)[dimension].id.clone();
            match metrics.iter_mut().find(|(known, _)| *known == metric) {
                Some((_, places)) => places.push(place),
                None => metrics.push((metric, vec![place])),
            }
        }
        metrics
    }

    /// The labels of all rows that a unit can have in a table.
    pub fn all_labels<'a>(&'a self, table: &'a Table) -> impl Iterator<Item = Vec<Label>> + 'a {
        let keys = self.blocks[table.block].keys.len();
        let cohorts = table.rows.iter();
        cohorts.flat_map(move |&cohort| (0..keys).map(move |key| self.labels(table, cohort, key)))
    }

    /// How many rows of a table one unit has at most.
    pub fn rows_a_unit(&self, table: &Table) -> usize {
        let block = &self.blocks[table.block];
        table.rows.len() * self.kinds[block.kind].cells_a_key() * block.keys.len()
    }

    /// How many keys of a block all cohorts of one unit have.
    pub fn cells_a_unit(&self, block: usize) -> usize {
        let block = &self.blocks[block];
        block.keys.len() * self.kinds[block.kind].cells()
    }
}

/// A period as text; dates are ISO 8601, `end` is inclusive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeriodText {
    /// `2024-Q1`.
    pub name: String,
    /// First day.
    pub start: String,
    /// Last day.
    pub end: String,
    /// Name of the budget window that it charges.
    pub window: String,
}

/// A stretch of time that ends with the period, and the org tree in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    /// `2024-Q2`, `2024-H1`.
    pub name: String,
    /// First day, ISO 8601.
    pub start: String,
    /// Last day, ISO 8601, inclusive.
    pub end: String,
    /// The units as they stand at the end, and those that closed within.
    pub tree: Tree,
}

/// The privacy parameters of a window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Policy {
    /// Least number of people that a published number describes; at least 1.
    pub k: u32,
    /// How many coaches may pool what they know: 0 or 1.
    pub coalition: u32,
    /// ε of the window; finite, above 0.
    pub epsilon: f64,
    /// δ of the window; above 0, below 1.
    pub delta: f64,
}

/// An id with its text for people.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Label {
    /// Opaque id.
    pub id: String,
    /// Text for people.
    pub label: String,
}

impl Label {
    /// A label whose text is its id.
    pub fn plain(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            label: id.to_owned(),
        }
    }
}

pub(crate) use bounds::number;

#[cfg(test)]
mod tests;
