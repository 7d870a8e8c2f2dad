//! `dim_bound`: how much of what people do is beyond the bounds of one person, and
//! not counted.

use arrow::array::RecordBatch;
use lodestar_privacy::Public;
use lodestar_privacy::noisy::Noisy;

use super::table::Table;
use crate::insight::{Estimate, Loss, Of, losses};

/// The table's name.
pub(super) const NAME: &str = "dim_bound";

/// What `bound` says of keys.
pub(super) const MAX_CELLS: &str = "max_cells";
/// What `bound` says of sums.
pub(super) const CLIP: &str = "clip";

/// What a row is of, and sorted by: measure, bound, statistic and metric.
type Key<'a> = (&'a str, &'static str, Option<&'a str>, Option<String>);

/// Of every measure the bounds that can cut something off; in order of measure,
/// bound, statistic and metric.
pub(super) fn batch(noisy: &Noisy, public: &Public) -> RecordBatch {
    let named = |loss: Loss| {
        let table = &public.tables[loss.table];
        let statistic = |at: usize| Some(table.statistics[at].name.as_str());
        let (bound, statistic, metric) = match &loss.of {
            Of::Keys => (MAX_CELLS, None, None),
            Of::Sums(at) => (CLIP, statistic(*at), None),
            Of::Metric(id) => (CLIP, None, Some(id.clone())),
        };
        ((table.name.as_str(), bound, statistic, metric), loss)
    };
    let mut rows: Vec<(Key<'_>, Loss)> = losses(noisy, public).into_iter().map(named).collect();
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    let release_id = public.release_id();
    let shown = |part: fn(Estimate) -> f64| {
        let rows = rows.iter();
        rows.map(move |(_, loss)| loss.share.shown().map(part))
    };
    Table::default()
        .text("release_id", rows.iter().map(|_| &release_id))
        .text("measure", rows.iter().map(|row| row.0.0))
        .text("bound", rows.iter().map(|row| row.0.1))
        .optional_text("statistic", rows.iter().map(|row| row.0.2))
        .optional_text("metric", rows.iter().map(|row| row.0.3.as_ref()))
        .double("limit", rows.iter().map(|row| row.1.limit))
        .optional_double("lost_share", shown(|share| share.value))
        .optional_double("lost_share_low", shown(|share| share.low))
        .optional_double("lost_share_high", shown(|share| share.high))
        .text("status", rows.iter().map(|row| row.1.share.status.text()))
        .finish()
}
