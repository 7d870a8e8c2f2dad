use proptest::prelude::*;

use super::*;

fn cell(estimate: f64, variance: f64, bounds: (i64, i64), column: Option<usize>) -> Cell {
    let (least, most) = bounds;
    Cell {
        claim: Claim {
            estimate,
            variance,
            least,
            most,
        },
        column,
    }
}

fn sums(rows: &[Row], cells: &[Vec<i64>], columns: usize) -> Vec<i64> {
    let mut sums = vec![0; columns];
    for (row, cells) in rows.iter().zip(cells) {
        for (cell, x) in row.cells.iter().zip(cells) {
            if let Some(column) = cell.column {
                sums[column] += x;
            }
        }
    }
    sums
}

fn cost(rows: &[Row], cells: &[Vec<i64>]) -> f64 {
    let rows = rows.iter().zip(cells);
    let of_row = |(row, cells): (&Row, &Vec<i64>)| -> f64 {
        let all = row.cells.iter().zip(cells);
        let square = |c: &Claim, x: i64| (x as f64 - c.estimate).powi(2) / c.variance;
        all.map(|(cell, x)| square(&cell.claim, *x)).sum()
    };
    rows.map(of_row).sum()
}

#[test]
fn by_hand() {
    let row = |total, estimates: [f64; 2]| Row {
        total,
        cells: (0..2)
            .map(|at| cell(estimates[at], 4.0, (0, 100), Some(at)))
            .collect(),
    };
    // Rows add up; two of the first column move to the second, one a row.
    let rows = [row(30, [10.0, 20.0]), row(70, [40.0, 30.0])];
    let got = allot_table(&rows, &[48, 52]);
    assert_eq!(got, [[9, 21], [39, 31]]);
    // One is at its bound.
    let mut rows = rows.to_vec();
    rows[0].cells[1].claim.most = 20;
    assert_eq!(allot_table(&rows, &[48, 52]), [[10, 20], [38, 32]]);
    // No column: rows alone.
    let cells = rows.iter_mut().flat_map(|row| &mut row.cells);
    cells.for_each(|cell| cell.column = None);
    assert_eq!(allot_table(&rows, &[]), [[10, 20], [40, 30]]);
    assert_eq!(allot_table(&[], &[]), [[0; 0]; 0]);
}

/// What a free cell is takes up what columns leave.
#[test]
fn free_cells_give_and_take() {
    let row = |total, estimates: [f64; 3]| Row {
        total,
        cells: vec![
            cell(estimates[0], 1.0, (0, 100), Some(0)),
            cell(estimates[1], 1.0, (0, 100), None),
            cell(estimates[2], 1.0, (0, 100), None),
        ],
    };
    let rows = [row(30, [10.0; 3]), row(60, [20.0; 3])];
    let got = allot_table(&rows, &[36]);
    assert_eq!(got, [[13, 9, 8], [23, 19, 18]]);
}

/// Where there is no room rows win, and columns are as near as can be.
#[test]
fn rows_win() {
    let row = |total, most: [i64; 2]| Row {
        total,
        cells: (0..2)
            .map(|at| cell(5.0, 1.0, (0, most[at]), Some(at)))
            .collect(),
    };
    let rows = [row(10, [5, 5]), row(0, [5, 5])];
    assert_eq!(allot_table(&rows, &[10, 0]), [[5, 5], [0, 0]]);
    let rows = [row(8, [8, 2]), row(4, [2, 4])];
    assert_eq!(allot_table(&rows, &[12, 0]), [[8, 0], [2, 2]]);
    // Not even a row has room, and nothing adds up.
    assert_eq!(allot_table(&[row(50, [5, 5])], &[7, 9]), [[5, 5]]);
    let huge = [row(i64::from(u32::MAX), [1 << 50, 1 << 50])];
    let got = allot_table(&huge, &[1 << 40, 7]);
    assert_eq!(got[0].iter().sum::<i64>(), i64::from(u32::MAX));
}

/// All tables with these margins.
fn tables(rows: &[Row], columns: &[i64]) -> Vec<Vec<Vec<i64>>> {
    fn of_row(cells: &[Cell], total: i64) -> Vec<Vec<i64>> {
        let Some((last, rest)) = cells.split_last() else {
            return if total == 0 { vec![vec![]] } else { vec![] };
        };
        let all = (last.claim.least..=last.claim.most).flat_map(|x| {
            let rest = of_row(rest, total - x).into_iter();
            rest.map(move |cells| [cells, vec![x]].concat())
        });
        all.collect()
    }
    let mut all: Vec<Vec<Vec<i64>>> = vec![vec![]];
    for row in rows {
        let mine = of_row(&row.cells, row.total);
        let longer = all.iter().flat_map(|table| {
            mine.iter()
                .map(|cells| [table.clone(), vec![cells.clone()]].concat())
        });
        all = longer.collect();
    }
    all.retain(|table| sums(rows, table, columns.len()) == columns);
    all
}

/// Rows with cells of columns 0 and 1, and free ones, and a table within them.
fn small() -> impl Strategy<Value = (Vec<Row>, Vec<i64>)> {
    let one = (-6.0..12.0, 0.1..20.0, 0_i64..3, 0_i64..4, 0.0..=1.0_f64);
    let row = (proptest::collection::vec(one, 3), 0_usize..4);
    proptest::collection::vec(row, 1..4).prop_map(|rows| {
        let mut columns = vec![0; 2];
        let rows = rows.into_iter().map(|(cells, width)| {
            let mut total = 0;
            let cells = cells.into_iter().take(width).enumerate();
            let cells = cells.map(|(at, (estimate, variance, least, more, part))| {
                let x = least + (more as f64 * part).round() as i64;
                total += x;
                let column = (at < 2).then(|| {
                    columns[at] += x;
                    at
                });
                cell(estimate, variance, (least, least + more), column)
            });
            let cells = cells.collect();
            Row { total, cells }
        });
        (rows.collect(), columns)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// Of all whole tables within the bounds that add up, it is the best.
    #[test]
    fn it_is_the_least_squares_of_whole_numbers((rows, columns) in small()) {
        let got = allot_table(&rows, &columns);
        let all = tables(&rows, &columns);
        prop_assert!(all.contains(&got), "{rows:?} {columns:?} {got:?}");
        let best = all.iter().map(|table| cost(&rows, table)).fold(f64::INFINITY, f64::min);
        let mine = cost(&rows, &got);
        prop_assert!(mine <= best * (1.0 + 1e-9) + 1e-9, "{rows:?} {got:?} {mine} {best}");
    }

    /// Whatever is asked, rows add up where they can, within their bounds.
    #[test]
    fn it_never_panics_and_rows_add_up(
        (rows, columns) in small(),
        wrong in (any::<i32>(), any::<i32>()),
        totals in proptest::collection::vec(-20_i64..40, 3),
    ) {
        let columns = [columns[0] + i64::from(wrong.0), columns[1] + i64::from(wrong.1)];
        let mut rows = rows;
        rows.iter_mut().zip(totals).for_each(|(row, total)| row.total += total);
        let got = allot_table(&rows, &columns);
        for (row, cells) in rows.iter().zip(&got) {
            let bound = |of: fn(&Claim) -> i64| row.cells.iter().map(|c| of(&c.claim)).sum::<i64>();
            let total = row.total.min(bound(|c| c.most)).max(bound(|c| c.least));
            prop_assert_eq!(cells.iter().sum::<i64>(), total);
            for (x, cell) in cells.iter().zip(&row.cells) {
                prop_assert!((cell.claim.least..=cell.claim.most).contains(x));
            }
        }
    }
}

/// A wide table, with bounds that bite: 2,000 units by 9 values.
#[test]
fn large_tables_add_up() {
    let mut seed = 7_u64;
    let mut next = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 33) % below
    };
    let mut columns = vec![0; 9];
    let rows = (0..2_000).map(|_| {
        let mut total = 0;
        let cells = (0..9).map(|at| {
            let (truth, noise) = (next(40) as i64, next(2_000) as f64 / 50.0 - 20.0);
            total += truth;
            columns[at] += truth;
            let variance = 50.0 + next(200) as f64;
            cell(truth as f64 + noise, variance, (0, 60), Some(at))
        });
        let cells = cells.collect();
        Row { total, cells }
    });
    let rows: Vec<Row> = rows.collect();
    let got = allot_table(&rows, &columns);
    assert_eq!(sums(&rows, &got, 9), columns);
    for (row, cells) in rows.iter().zip(&got) {
        assert_eq!(cells.iter().sum::<i64>(), row.total);
    }
}
