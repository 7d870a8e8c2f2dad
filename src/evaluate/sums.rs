//! What is counted of draws.

use lodestar_privacy::noisy::Noisy;
use lodestar_privacy::public::{Public, StatisticKind, Table};

use super::rank;
use super::truth::{Exact, Truth, is_other};
use crate::insight::{self, Figure, Row};

/// Of some draws: by table, by level that its block measures, by part.
#[derive(Clone, Debug)]
pub(super) struct Sums(pub(super) Vec<Vec<Vec<OfPart>>>);

/// Of a part of a table's rows at a level.
#[derive(Clone, Debug)]
pub(super) struct OfPart {
    /// Cohorts that were published as themselves, of all draws.
    pub(super) cohorts: u64,
    /// People of them, as they truly are.
    pub(super) people: i64,
    /// One a statistic.
    pub(super) statistics: Vec<OfStatistic>,
}

/// Of a statistic at a level.
#[derive(Clone, Debug, Default)]
pub(super) struct OfStatistic {
    /// Published rows that have a true value.
    pub(super) rows: u64,
    /// Of these, rows in which the statistic is shown …
    pub(super) shown: u64,
    /// … and its interval holds the truth.
    pub(super) held: u64,
    /// Rows that have an estimate, whether it is shown or not …
    pub(super) estimated: u64,
    /// … whose interval holds the truth.
    pub(super) estimates_held: u64,
    /// Over shown rows: of squared errors, …
    pub(super) squared_errors: f64,
    /// … of squared true values, …
    pub(super) squared_truths: f64,
    /// … and of half-widths.
    pub(super) half_widths: f64,
    /// Of [`rank::agreement`], over cohorts.
    pub(super) agreement: f64,
    /// Cohorts whose keys have an order.
    pub(super) ranked: u64,
}

impl Sums {
    /// Of no draw.
    pub(super) fn none(public: &Public, truth: &Truth) -> Self {
        let tables = public.tables.iter().zip(&truth.tables);
        let tables = tables.map(|(table, exact)| {
            let part = OfPart {
                cohorts: 0,
                people: 0,
                statistics: vec![OfStatistic::default(); table.statistics.len()],
            };
            let level = vec![part; exact.parts.metrics.len()];
            vec![level; public.blocks[table.block].levels.len()]
        });
        Self(tables.collect())
    }

    /// With one more draw.
    pub(super) fn add(mut self, noisy: &Noisy, public: &Public, truth: &Truth) -> Self {
        let tables = public.tables.iter().zip(&truth.tables).enumerate();
        for ((index, (table, exact)), levels) in tables.zip(&mut self.0) {
            let rows = insight::rows(noisy, public, index);
            let measured = &public.blocks[table.block].levels;
            for cohort in rows.chunk_by(is_of_one_cohort) {
                let place = measured.iter().position(|level| *level == cohort[0].level);
                if let Some(place) = place {
                    let part = exact.parts.of(&cohort[0]);
                    levels[place][part].add(cohort, public, table, exact);
                }
            }
        }
        self
    }

    /// Of the draws of both.
    pub(super) fn merge(mut self, other: &Self) -> Self {
        let parts = self.0.iter_mut().flatten().flatten();
        for (mine, theirs) in parts.zip(other.0.iter().flatten().flatten()) {
            mine.cohorts += theirs.cohorts;
            mine.people += theirs.people;
            let both = mine.statistics.iter_mut().zip(&theirs.statistics);
            both.for_each(|(mine, theirs)| mine.merge(theirs));
        }
        self
    }
}

/// Rows come cohort by cohort.
fn is_of_one_cohort(a: &Row, b: &Row) -> bool {
    (a.level, a.group, a.cohort, &a.values) == (b.level, b.group, b.cohort, &b.values)
}

impl OfPart {
    /// The rows of one published cohort, key by key.
    fn add(&mut self, cohort: &[Row], public: &Public, table: &Table, exact: &Exact) {
        let Some(true_rows) = cohort
            .iter()
            .map(|row| exact.row(row))
            .collect::<Option<Vec<&Row>>>()
        else {
            // A group of hidden ones.
            return;
        };
        self.cohorts += 1;
        self.people += true_rows[0].size.people;
        for (at, sums) in self.statistics.iter_mut().enumerate() {
            let mut ranked = Vec::new();
            for (row, true_row) in cohort.iter().zip(&true_rows) {
                let Some(truth) = exact.value(true_row, at) else {
                    continue;
                };
                sums.add(&row.figures[at], exact.is_estimated(row, at), truth);
                if !is_other(public, table, row.key) {
                    ranked.push((truth, row.figures[at].shown().map(|shown| shown.value)));
                }
            }
            let counts = matches!(
                exact.kind(at),
                Some(StatisticKind::Count { .. } | StatisticKind::Share { .. })
            );
            if let Some(agreement) = rank::agreement(&ranked).filter(|_| counts) {
                sums.agreement += agreement;
                sums.ranked += 1;
            }
        }
    }
}

impl OfStatistic {
    fn add(&mut self, figure: &Figure, is_estimated: bool, truth: f64) {
        self.rows += 1;
        if is_estimated {
            self.estimated += 1;
            self.estimates_held += u64::from(figure.unmasked.holds(truth));
        }
        if let Some(shown) = figure.shown() {
            self.shown += 1;
            self.held += u64::from(shown.holds(truth));
            self.squared_errors += (shown.value - truth).powi(2);
            self.squared_truths += truth.powi(2);
            self.half_widths += (shown.high - shown.low) / 2.0;
        }
    }

    fn merge(&mut self, other: &Self) {
        self.rows += other.rows;
        self.shown += other.shown;
        self.held += other.held;
        self.estimated += other.estimated;
        self.estimates_held += other.estimates_held;
        self.squared_errors += other.squared_errors;
        self.squared_truths += other.squared_truths;
        self.half_widths += other.half_widths;
        self.agreement += other.agreement;
        self.ranked += other.ranked;
    }
}
