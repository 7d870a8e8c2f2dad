//! Which changes of a table stand out, of all that one release shows.

use lodestar_privacy::public::{StatisticKind, Table};

use super::figure::Figure;
use super::highlight::{FALSE_HIGHLIGHTS, benjamini_hochberg, two_sided};
use super::interval::Estimate;
use super::rows::Row;
use super::status::Status;

/// Says of every row whose rise is shown whether it rises, falls or neither.
pub(super) fn mark(table: &Table, rows: &mut [Row]) {
    let trends = table.statistics.iter().enumerate();
    for (at, statistic) in trends {
        let StatisticKind::Trend { rise } = statistic.kind else {
            continue;
        };
        let shown: Vec<(usize, f64)> = rows
            .iter()
            .enumerate()
            .filter_map(|(row, one)| Some((row, one.rise_z?)))
            .collect();
        let p_values: Vec<f64> = shown.iter().map(|(_, z)| two_sided(*z)).collect();
        let marked = benjamini_hochberg(&p_values, FALSE_HIGHLIGHTS);
        for row in rows.iter_mut() {
            row.figures[at] = Figure::absent(row.figures[rise].status);
        }
        for ((row, z), marked) in shown.into_iter().zip(marked) {
            let word = match (marked, z > 0.0) {
                (false, _) => "steady",
                (true, true) => "rising",
                (true, false) => "falling",
            };
            rows[row].words[at] = Some(word);
            rows[row].figures[at] = Figure {
                unmasked: Estimate::around(0.0, 0.0, 0.0, 0.0),
                status: Status::Ok,
            };
        }
    }
}
