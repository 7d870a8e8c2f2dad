//! Whole numbers of people within bounds that add up, totals first.

use lodestar_consistency::{Cell, Claim, Forest, Row, Weights, allot, allot_table};

use super::crosses::Cross;

/// What a number adds up to, as it is fitted.
pub(super) type Total = (usize, i64);

/// Published cohorts, and what adds up to what.
#[derive(Clone, Copy)]
pub(super) struct Shape<'a> {
    pub(super) forest: &'a Forest,
    /// By cohort.
    pub(super) crosses: &'a [Vec<Cross>],
    pub(super) weights: &'a Weights,
}

impl Shape<'_> {
    /// What is allotted, from what is known of each, if it adds up to something
    /// beside that. Of numbers that count some of a cohort's people, `sizes` are how
    /// many those are.
    pub(super) fn downwards(
        &self,
        sizes: Option<&[i64]>,
        claim: impl Fn(usize, Option<Total>) -> Claim,
    ) -> Vec<i64> {
        let mut all: Vec<Option<i64>> = vec![None; self.forest.len()];
        for at in self.forest.downwards() {
            let total = *all[at].get_or_insert_with(|| alone(&claim(at, None)));
            for line in self.whole_lines(at) {
                // What is on a table was allotted with it.
                if line.iter().any(|&one| all[one].is_none()) {
                    let claims = line.iter().map(|&one| claim(one, Some((at, total))));
                    let claims: Vec<Claim> = claims.collect();
                    for (&one, share) in line.iter().zip(allot(total, &claims)) {
                        all[one] = Some(share);
                    }
                }
            }
            for (place, cross) in self.crosses[at].iter().enumerate() {
                // Of several dimensions the first may move the parts.
                let sizes = sizes.filter(|_| place == 0);
                self.cross(cross, sizes, &claim, &mut all);
            }
        }
        all.into_iter().map(Option::unwrap_or_default).collect()
    }

    /// The lines of a total whose numbers are all known.
    pub(super) fn whole_lines(&self, at: usize) -> impl Iterator<Item = &Vec<usize>> {
        let lines = self.forest.lines(at).iter();
        lines.filter(|line| self.weights.is_whole(line))
    }

    /// Allots all of a table, if its margins are. Where they leave no room (a value of
    /// the total has more people than the parts have, with whom the value's people
    /// could be), what the parts come to is allotted once more, together with it.
    fn cross(
        &self,
        cross: &Cross,
        sizes: Option<&[i64]>,
        claim: &impl Fn(usize, Option<Total>) -> Claim,
        all: &mut [Option<i64>],
    ) {
        let columns = cross.columns.iter().map(|column| all[column.total]);
        let totals = cross.rows.iter().map(|row| all[row.whole]);
        let margins: (Option<Vec<i64>>, Option<Vec<i64>>) = (columns.collect(), totals.collect());
        let mut values = cross.rows.iter().flat_map(|row| &row.values);
        let is_known = values.all(|(one, _)| self.weights.below(*one).is_finite());
        let (Some(mut columns), Some(totals), true) = (margins.0, margins.1, is_known) else {
            return;
        };
        let rows = cross.rows.iter().zip(totals).map(|(row, total)| {
            let cells = row.values.iter().map(|&(one, column)| Cell {
                claim: claim(one, Some((row.whole, total))),
                column,
            });
            let cells = cells.collect();
            Row { total, cells }
        });
        let mut rows: Vec<Row> = rows.collect();
        let mut table = allot_table(&rows, &columns);
        if let Some(sizes) = sizes.filter(|_| !adds_up(cross, &table, &columns)) {
            let mut others = 0;
            for (row, part) in rows.iter_mut().zip(&cross.rows) {
                others += sizes[part.whole] - row.total;
                row.cells.push(Cell {
                    claim: Claim {
                        estimate: (sizes[part.whole] - row.total) as f64,
                        ..claim(part.whole, None)
                    },
                    column: Some(columns.len()),
                });
                row.total = sizes[part.whole];
            }
            columns.push(others);
            table = allot_table(&rows, &columns);
            for (part, cells) in cross.rows.iter().zip(&mut table) {
                let others = cells.pop().unwrap_or_default();
                all[part.whole] = Some(sizes[part.whole] - others);
            }
        }
        for (part, cells) in cross.rows.iter().zip(table) {
            for ((one, _), x) in part.values.iter().zip(cells) {
                all[*one] = Some(x);
            }
        }
    }
}

/// The nearest whole number within bounds.
pub(super) fn alone(claim: &Claim) -> i64 {
    // Saturates, and is never not a number.
    let nearest = claim.estimate.round() as i64;
    nearest.max(claim.least).min(claim.most)
}

/// Whether all columns do.
fn adds_up(cross: &Cross, table: &[Vec<i64>], columns: &[i64]) -> bool {
    let mut sums = vec![0; columns.len()];
    for (part, cells) in cross.rows.iter().zip(table) {
        for ((_, column), x) in part.values.iter().zip(cells) {
            if let Some(column) = column {
                sums[*column] += x;
            }
        }
    }
    sums == columns
}

#[cfg(test)]
mod tests {
    use lodestar_privacy::noisy::Value;
    use proptest::prelude::*;

    use super::super::crosses::crosses;
    use super::super::fixture::levels;
    use super::*;

    const VALUES: [Value; 4] = [Value::All, Value::One(0), Value::One(1), Value::Other];

    /// Root and two units, each with its people, of every value, as they are known
    /// and as they are.
    fn fitted(sizes: &[i64; 12], known: &[f64; 12], shown: [&[Value]; 3]) -> Vec<i64> {
        let (forest, levels) = levels(shown, false);
        let crosses = crosses(&forest, &levels);
        let weights = Weights::new(&forest, &[9.0; 12]);
        let shape = Shape {
            forest: &forest,
            crosses: &crosses,
            weights: &weights,
        };
        shape.downwards(Some(sizes), |at, _| Claim {
            estimate: known[at],
            variance: weights.below(at),
            least: 0,
            most: sizes[at],
        })
    }

    /// (all), two values and (other) of the root, then of both units.
    fn sizes(units: [[i64; 3]; 2]) -> [i64; 12] {
        let [a, b] = units;
        let root = [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
        let all = [root, a, b].map(|[x, y, z]| [x + y + z, x, y, z]);
        let mut sizes = all.into_iter().flatten();
        std::array::from_fn(|_| sizes.next().unwrap_or_default())
    }

    fn assert_adds_up(fitted: &[i64]) {
        for whole in [0, 4, 8] {
            let values = &fitted[whole + 1..whole + 4];
            assert_eq!(values.iter().sum::<i64>(), fitted[whole], "{fitted:?}");
        }
        for value in 0..3 {
            assert_eq!(
                fitted[4 + value] + fitted[8 + value],
                fitted[value],
                "{fitted:?}"
            );
        }
    }

    /// Ten people are all of the root's first value, and, as a and b know it, all of
    /// a: half of a has the value, so five of them are of b.
    #[test]
    fn parts_give_way_where_values_have_no_room() {
        let sizes = sizes([[5, 5, 0], [5, 5, 0]]);
        let mut known = [0.0; 12];
        for (at, x) in [(0, 10.0), (1, 10.0), (4, 10.0), (5, 5.0), (6, 5.0)] {
            known[at] = x;
        }
        let got = fitted(&sizes, &known, [&VALUES; 3]);
        assert_eq!(got, [10, 10, 0, 0, 5, 5, 0, 0, 5, 5, 0, 0]);
    }

    proptest! {
        #[test]
        fn counts_add_up_both_ways_whatever_is_known(
            units in proptest::array::uniform2(proptest::array::uniform3(0_i64..40)),
            known in proptest::array::uniform12(-60.0..120.0),
        ) {
            let sizes = sizes(units);
            let got = fitted(&sizes, &known, [&VALUES; 3]);
            assert_adds_up(&got);
            prop_assert!(got.iter().zip(sizes).all(|(x, size)| (0..=size).contains(x)));
        }
    }
}
