//! A table, allotted to its cells: rows and columns have totals of their own.
//!
//! Minimises Σ (x − estimate)²/variance over whole x within their bounds, where each
//! row adds up to its total and each column to its own. Cells of no column are free:
//! together they are one more column, for what the others leave.
//!
//! # How
//! Columns get prices: with μ for a column, a row is allotted as if each of its
//! estimates were higher by variance · μ. Prices at which the columns add up, too,
//! are those of the optimum (Lagrange); Newton's method finds them, nearly, as the
//! dual is concave and made of parabolas. Then rows are rounded at these prices, and
//! what a column has too much is moved, one by one, to one that has too little, by
//! the cheapest chain of exchanges within rows.
//!
//! # Proof
//! A row that is at its optimum for some prices has no exchange that gains by them,
//! so no chain that ends where it starts does. Moving one along a cheapest chain
//! keeps that so (successive shortest paths with convex costs: Ahuja, Magnanti and
//! Orlin 1993, section 14.5), so where the columns add up, no change is left that
//! would gain: it is the optimum of whole numbers. It ends, as every move makes the
//! columns' distance from their totals less.

use crate::allot::{Claim, allot, within};

/// One cell of a row.
#[derive(Clone, Copy, Debug)]
pub struct Cell {
    /// What is known of it.
    pub claim: Claim,
    /// Which column it is of, if any.
    pub column: Option<usize>,
}

/// One row of a table.
#[derive(Clone, Debug)]
pub struct Row {
    /// What its cells add up to.
    pub total: i64,
    /// Any number; of a column one at most.
    pub cells: Vec<Cell>,
}

/// The cells of a table, in whole numbers: rows add up to their totals, and columns
/// to `columns`.
///
/// If the bounds leave no room for both, rows do, and columns are as near as can be
/// (what the free cells are left counts as one of them).
pub fn allot_table(rows: &[Row], columns: &[i64]) -> Vec<Vec<i64>> {
    let table = Table::new(rows, columns);
    let prices = if columns.is_empty() {
        vec![0.0]
    } else {
        table.prices()
    };
    let mut whole = Whole::new(&table, prices);
    if !columns.is_empty() {
        whole.settle();
        whole.balance();
    }
    whole.cells
}

/// Least variance: what is exact is known very well.
const EXACT: f64 = 1e-6;

/// Rounds of Newton's method, and of halving its steps.
const ROUNDS: usize = 50;

/// How far columns may be off when rounding begins.
const NEAR: f64 = 0.5;

/// Part of a column's variance that its price always answers to, so that a column
/// whose cells are all at a bound has one.
const STIFFNESS: f64 = 1e-3;

/// A row's cells: claims, and the column of each; the free cells' is the last.
struct Line {
    total: i64,
    claims: Vec<Claim>,
    columns: Vec<usize>,
}

struct Table {
    rows: Vec<Line>,
    /// By column, the free cells' last.
    totals: Vec<i64>,
    /// The column whose price is 0: prices differ, no more.
    pinned: usize,
}

impl Table {
    fn new(rows: &[Row], columns: &[i64]) -> Self {
        let free = columns.len();
        let line = |row: &Row| {
            let claims = row.cells.iter().map(|cell| Claim {
                variance: cell.claim.variance.max(EXACT),
                ..cell.claim
            });
            let columns = row.cells.iter().map(|cell| cell.column.unwrap_or(free));
            Line {
                total: row.total,
                claims: claims.collect(),
                columns: columns.collect(),
            }
        };
        let rows: Vec<Line> = rows.iter().map(line).collect();
        let possible = rows.iter().map(|row| {
            let bound = |of: fn(&Claim) -> i64| row.claims.iter().map(of).sum::<i64>();
            row.total.min(bound(|c| c.most)).max(bound(|c| c.least))
        });
        let left = possible.sum::<i64>() - columns.iter().sum::<i64>();
        let last = rows.iter().flat_map(|row| row.columns.iter().copied());
        Self {
            totals: columns.iter().copied().chain([left]).collect(),
            pinned: last.max().unwrap_or(0),
            rows,
        }
    }

    /// Prices at which the columns add up, nearly.
    fn prices(&self) -> Vec<f64> {
        let mut prices = vec![0.0; self.totals.len()];
        let mut dual = self.dual(&prices);
        for _ in 0..ROUNDS {
            if dual.missing.iter().all(|missing| missing.abs() < NEAR) {
                break;
            }
            let step = solve(dual.slopes.clone(), dual.missing.clone());
            let nearer = (0..ROUNDS).find_map(|halvings| {
                let part = 0.5_f64.powi(halvings as i32);
                let all = prices.iter().zip(&step);
                let tried: Vec<f64> = all.map(|(price, step)| price + part * step).collect();
                let there = self.dual(&tried);
                (there.value > dual.value).then_some((tried, there))
            });
            let Some(nearer) = nearer else { break };
            (prices, dual) = nearer;
        }
        prices
    }

    fn dual(&self, prices: &[f64]) -> Dual {
        let count = prices.len();
        let mut missing: Vec<f64> = self.totals.iter().map(|total| *total as f64).collect();
        let (mut slopes, mut value) = (vec![vec![0.0; count]; count], 0.0);
        for row in &self.rows {
            let cells = within(row.total as f64, &row.priced(prices));
            let all = || row.claims.iter().zip(&row.columns).zip(&cells);
            let is_open = |c: &Claim, x: f64| x > c.least as f64 && x < c.most as f64;
            let open = all().filter(|((claim, _), x)| is_open(claim, **x));
            let open: Vec<(usize, f64)> = open.map(|((c, at), _)| (*at, c.variance)).collect();
            let spread: f64 = open.iter().map(|(_, variance)| variance).sum();
            for &(a, of_a) in &open {
                slopes[a][a] += of_a;
                for &(b, of_b) in &open {
                    slopes[a][b] -= of_a * of_b / spread;
                }
            }
            for ((claim, &at), x) in all() {
                slopes[at][at] += STIFFNESS * claim.variance;
                value += (x - claim.estimate).powi(2) / (2.0 * claim.variance);
                missing[at] -= x;
            }
        }
        value += prices.iter().zip(&missing).map(|(a, b)| a * b).sum::<f64>();
        // Its price stays.
        missing[self.pinned] = 0.0;
        for at in 0..count {
            slopes[self.pinned][at] = 0.0;
            slopes[at][self.pinned] = 0.0;
            if slopes[at][at] <= 0.0 {
                slopes[at][at] = 1.0;
                missing[at] = 0.0;
            }
        }
        Dual {
            value,
            missing,
            slopes,
        }
    }
}

/// The dual at some prices.
struct Dual {
    value: f64,
    /// By column: what it has too little.
    missing: Vec<f64>,
    /// How fast what a column has grows with each price.
    slopes: Vec<Vec<f64>>,
}

impl Line {
    /// Its claims as prices have them.
    fn priced(&self, prices: &[f64]) -> Vec<Claim> {
        let all = self.claims.iter().zip(&self.columns);
        let priced = all.map(|(claim, &at)| Claim {
            estimate: claim.estimate + claim.variance * prices[at],
            ..*claim
        });
        priced.collect()
    }
}

/// Solves a·x = b by elimination, for a that is symmetric and positive definite.
fn solve(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Vec<f64> {
    let count = b.len();
    for at in 0..count {
        let pivot = a[at].clone();
        for row in at + 1..count {
            let times = a[row][at] / pivot[at];
            a[row]
                .iter_mut()
                .zip(&pivot)
                .for_each(|(x, y)| *x -= times * y);
            b[row] -= times * b[at];
        }
    }
    for at in (0..count).rev() {
        let known: f64 = (at + 1..count).map(|other| a[at][other] * b[other]).sum();
        b[at] = (b[at] - known) / a[at][at];
    }
    b
}

/// A table in whole numbers, rows at their optimum for the prices.
struct Whole<'a> {
    table: &'a Table,
    prices: Vec<f64>,
    cells: Vec<Vec<i64>>,
    /// By column: what it has too much.
    excess: Vec<i64>,
}

/// One that moves within a row, from a cell to another, and what that costs.
#[derive(Clone, Copy, Debug)]
struct Exchange {
    cost: f64,
    row: usize,
    from: usize,
    to: usize,
}

impl<'a> Whole<'a> {
    fn new(table: &'a Table, prices: Vec<f64>) -> Self {
        let rows = table.rows.iter();
        Self {
            cells: rows
                .map(|row| allot(row.total, &row.priced(&prices)))
                .collect(),
            excess: Vec::new(),
            prices,
            table,
        }
    }

    /// What it costs to make a cell one more, or one less.
    fn cost(&self, row: usize, at: usize, step: i64) -> f64 {
        let line = &self.table.rows[row];
        let (claim, x) = (&line.claims[at], self.cells[row][at]);
        if !(claim.least..=claim.most).contains(&(x + step)) {
            return f64::INFINITY;
        }
        let distance = (x as f64 - claim.estimate) * step as f64 + 0.5;
        distance / claim.variance - self.prices[line.columns[at]] * step as f64
    }

    /// Largest remainders are nearly a row's optimum: the rest is exchanged.
    fn settle(&mut self) {
        for row in 0..self.cells.len() {
            let count = self.cells[row].len();
            // More than it takes, whatever floats have lost.
            for _ in 0..count * count {
                let cheapest = |step| {
                    let all = (0..count).map(|at| (self.cost(row, at, step), at));
                    all.min_by(|a, b| a.0.total_cmp(&b.0))
                };
                let (Some(more), Some(less)) = (cheapest(1), cheapest(-1)) else {
                    break;
                };
                if more.0 + less.0 >= 0.0 || more.1 == less.1 {
                    break;
                }
                self.cells[row][more.1] += 1;
                self.cells[row][less.1] -= 1;
            }
        }
        self.excess = self.table.totals.iter().map(|total| -total).collect();
        for (row, cells) in self.table.rows.iter().zip(&self.cells) {
            for (&column, x) in row.columns.iter().zip(cells) {
                self.excess[column] += x;
            }
        }
    }

    /// Moves what columns have too much to those that have too little.
    fn balance(&mut self) {
        let size: usize = self.cells.iter().map(Vec::len).sum();
        for column in 0..self.excess.len() {
            while self.excess[column] > 0 {
                let Some(chain) = self.chain(column) else {
                    break;
                };
                // One at a time, unless floats have lost the optimum anyway.
                let far = self.excess.iter().map(|x| x.abs()).sum::<i64>() / 4;
                let most = self.room(&chain).min((far / size.max(1) as i64).max(1));
                let last = &chain[0];
                let end = self.table.rows[last.row].columns[last.to];
                let step = most.min(self.excess[column]).min(-self.excess[end]);
                for exchange in chain {
                    self.cells[exchange.row][exchange.from] -= step;
                    self.cells[exchange.row][exchange.to] += step;
                }
                self.excess[column] -= step;
                self.excess[end] += step;
            }
        }
    }

    /// How often a chain of exchanges can be made.
    fn room(&self, chain: &[Exchange]) -> i64 {
        let room = chain.iter().map(|one| {
            let (claims, cells) = (&self.table.rows[one.row].claims, &self.cells[one.row]);
            let less = cells[one.from] - claims[one.from].least;
            less.min(claims[one.to].most - cells[one.to])
        });
        room.min().unwrap_or(0)
    }

    /// The cheapest chain of exchanges from a column to one that has too little, last
    /// one first (Dijkstra); prices follow, so that no exchange gains by them.
    fn chain(&mut self, from: usize) -> Option<Vec<Exchange>> {
        let count = self.prices.len();
        let exchanges = self.exchanges();
        let mut distance = vec![f64::INFINITY; count];
        let mut before: Vec<Option<Exchange>> = vec![None; count];
        let mut done = vec![false; count];
        distance[from] = 0.0;
        let end = loop {
            let open = (0..count).filter(|&at| !done[at] && distance[at].is_finite());
            let at = open.min_by(|&a, &b| distance[a].total_cmp(&distance[b]))?;
            if self.excess[at] < 0 {
                break at;
            }
            done[at] = true;
            for (to, exchange) in exchanges[at].iter().enumerate() {
                let Some(exchange) = exchange else { continue };
                let there = distance[at] + exchange.cost.max(0.0);
                if there < distance[to] && !done[to] {
                    distance[to] = there;
                    before[to] = Some(*exchange);
                }
            }
        };
        let prices = self.prices.iter_mut().zip(&distance);
        prices.for_each(|(price, there)| *price += there.min(distance[end]));
        let mut chain = Vec::new();
        let mut at = end;
        while let Some(exchange) = before[at] {
            chain.push(exchange);
            at = self.table.rows[exchange.row].columns[exchange.from];
        }
        Some(chain)
    }

    /// Between any two columns, the cheapest exchange of all rows.
    fn exchanges(&self) -> Vec<Vec<Option<Exchange>>> {
        let count = self.prices.len();
        let mut all: Vec<Vec<Option<Exchange>>> = vec![vec![None; count]; count];
        for (row, line) in self.table.rows.iter().enumerate() {
            let cells = 0..line.columns.len();
            let costs = |step| cells.clone().map(|at| self.cost(row, at, step)).collect();
            let (more, less): (Vec<f64>, Vec<f64>) = (costs(1), costs(-1));
            for from in cells.clone().filter(|&at| less[at].is_finite()) {
                for to in cells.clone().filter(|&at| more[at].is_finite()) {
                    let cost = less[from] + more[to];
                    let known = &mut all[line.columns[from]][line.columns[to]];
                    if known.is_none_or(|known| cost < known.cost) {
                        *known = Some(Exchange {
                            cost,
                            row,
                            from,
                            to,
                        });
                    }
                }
            }
        }
        all
    }
}

#[cfg(test)]
mod tests;
