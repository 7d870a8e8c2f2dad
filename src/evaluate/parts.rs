//! What of a table is told apart: metrics, which have units of their own.

use lodestar_privacy::public::{Public, Table};

use crate::insight::Row;

/// The metrics of a table, or all of it as one part.
pub(super) struct Parts {
    /// By part: the metric's id.
    pub(super) metrics: Vec<Option<String>>,
    /// Key of cohorts → part.
    of: Vec<(usize, usize)>,
}

impl Parts {
    pub(super) fn new(public: &Public, table: &Table) -> Self {
        let place = table.dimensions.iter().position(|name| name == "metric");
        let mut parts = Self {
            metrics: Vec::new(),
            of: Vec::new(),
        };
        for &cohort in &table.rows {
            let labels = public.labels(table, cohort, 0);
            let metric = place.and_then(|place| Some(labels.get(place)?.id.clone()));
            let known = parts.metrics.iter().position(|known| *known == metric);
            let part = known.unwrap_or(parts.metrics.len());
            if known.is_none() {
                parts.metrics.push(metric);
            }
            parts.of.push((cohort, part));
        }
        parts
    }

    /// The part that a row is in.
    pub(super) fn of(&self, row: &Row) -> usize {
        let found = self.of.iter().find(|(cohort, _)| *cohort == row.cohort);
        found.map_or(0, |(_, part)| *part)
    }
}
