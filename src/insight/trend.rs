//! Which changes of a table stand out, of all that a release shows of a unit's
//! people: what is looked at together.

use lodestar_privacy::noisy::{Group, Value};
use lodestar_privacy::public::{StatisticKind, Table};

use super::figure::Figure;
use super::highlight::{FALSE_HIGHLIGHTS, benjamini_hochberg, two_sided};
use super::interval::Estimate;
use super::rows::Row;
use super::status::Status;

/// Whose row it is; rows of the same people follow one another.
fn whom(row: &Row) -> (u32, Group, &[Value]) {
    (row.level, row.group, &row.values)
}

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
        let marked: Vec<bool> = shown
            .chunk_by(|(a, _), (b, _)| whom(&rows[*a]) == whom(&rows[*b]))
            .flat_map(|page| {
                let p_values: Vec<f64> = page.iter().map(|(_, z)| two_sided(*z)).collect();
                benjamini_hochberg(&p_values, FALSE_HIGHLIGHTS)
            })
            .collect();
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
