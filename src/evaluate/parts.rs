//! What of a table is told apart: metrics, which have units of their own.

use lodestar_privacy::public::{Public, Table};

use crate::insight::Row;

/// The metrics of a table, or all of it as one part.
pub(super) struct Parts {
    /// By part: the metric's id.
    pub(super) metrics: Vec<Option<String>>,
    /// By part: keys of its cohorts.
    cohorts: Vec<Vec<usize>>,
}

impl Parts {
    pub(super) fn new(public: &Public, table: &Table) -> Self {
        let parts = public.metrics(table).into_iter().map(|(metric, places)| {
            let cohorts = places.into_iter().map(|place| table.rows[place]);
            (Some(metric), cohorts.collect())
        });
        let mut parts: Vec<(Option<String>, Vec<usize>)> = parts.collect();
        if parts.is_empty() {
            parts.push((None, table.rows.clone()));
        }
        let (metrics, cohorts) = parts.into_iter().unzip();
        Self { metrics, cohorts }
    }

    /// The part that a row is in.
    pub(super) fn of(&self, row: &Row) -> usize {
        let mut parts = self.cohorts.iter();
        let part = parts.position(|cohorts| cohorts.contains(&row.cohort));
        part.unwrap_or(0)
    }
}
