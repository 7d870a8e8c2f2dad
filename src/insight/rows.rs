//! Noisy numbers → the rows of a table.

use lodestar_privacy::Public;
use lodestar_privacy::noisy::{Cohort, Group, Noisy, Value};

use super::figure::{self, Figure};
use super::size::Size;

/// One row of a table: a cohort and a key.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Level in the org tree.
    pub level: u32,
    /// Which people of the tree.
    pub group: Group,
    /// Which of them, one a dimension of the kind.
    pub values: Vec<Value>,
    /// Index of the key in the block's keys.
    pub key: usize,
    /// Size of the cohort.
    pub size: Size,
    /// One a statistic of the table.
    pub figures: Vec<Figure>,
}

/// Every row of one table, level by level, cohort by cohort, key by key. What
/// the noisy numbers do not hold has no rows.
pub fn rows(noisy: &Noisy, public: &Public, table: usize) -> Vec<Row> {
    let Some(table) = public.tables.get(table) else {
        return Vec::new();
    };
    let (Some(block), Some(measured)) = (
        public.blocks.get(table.block),
        noisy.blocks.get(table.block),
    ) else {
        return Vec::new();
    };
    let Some(kind) = noisy.kinds.get(block.kind) else {
        return Vec::new();
    };
    let (k, width) = (public.policy.k, block.coordinates.len());
    let mut rows = Vec::new();
    for cells in &measured.levels {
        let Some(level) = kind.levels.get(cells.level as usize) else {
            continue;
        };
        for (cohort, numbers) in level.cohorts.iter().zip(&cells.cells) {
            let Cohort {
                group,
                values,
                size,
            } = cohort;
            let size = Size::new(*size, level.size.sigma, k);
            for (key, coordinates) in numbers.chunks(width).enumerate().take(block.keys.len()) {
                let sigma = cells.noise.sigma;
                let figures = table.statistics.iter().map(|statistic| {
                    figure::figure(statistic, block, coordinates, sigma, &size, k)
                });
                rows.push(Row {
                    level: cells.level,
                    group: *group,
                    values: values.clone(),
                    key,
                    size,
                    figures: figures.collect(),
                });
            }
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use lodestar_privacy::public::{Block, Coordinate, Rule, Statistic, StatisticKind};
    use proptest::prelude::*;

    use super::super::Estimate;
    use super::*;

    fn block() -> Block {
        let rules = [
            Rule::Has,
            Rule::AtLeast { input: 0, least: 1 },
            Rule::Centred {
                input: 0,
                low: 10,
                high: 90,
            },
            Rule::Amount { input: 0, high: 90 },
            Rule::Excess {
                part: 1,
                whole: 0,
                high: 90,
            },
        ];
        let coordinate = |rule| Coordinate {
            rule,
            factor: 100,
            weight: 1.0,
            tolerated_error: 0.1,
        };
        Block {
            name: String::new(),
            kind: 0,
            levels: vec![0],
            keys: vec![vec![]],
            max_cells: 1,
            inputs: 2,
            coordinates: rules.map(coordinate).to_vec(),
        }
    }

    fn statistics() -> Vec<Statistic> {
        let one = |kind| Statistic {
            name: String::new(),
            kind,
            definition: String::new(),
            unit: String::new(),
            tolerated_error: 0.1,
        };
        let of = [0, 1];
        of.map(|of| one(StatisticKind::Count { of }))
            .into_iter()
            .chain(of.map(|of| one(StatisticKind::Share { of })))
            .chain([2, 3].map(|of| one(StatisticKind::Mean { of, scale: 10.0 })))
            .chain([2, 3].map(|whole| one(StatisticKind::Ratio { excess: 4, whole })))
            .collect()
    }

    proptest! {
        #[test]
        fn nothing_is_ever_not_a_number(
            coordinates in [any::<i64>(), any::<i64>(), any::<i64>(), any::<i64>(), any::<i64>()],
            noisy_size: i64,
            k in 0_u32..,
            sigma in proptest::num::f64::ANY,
            sigma_size in proptest::num::f64::ANY,
        ) {
            let size = Size::new(noisy_size, sigma_size, k);
            prop_assert!(size.people >= i64::from(k));
            let block = block();
            for statistic in statistics() {
                let got = figure::figure(&statistic, &block, &coordinates, sigma, &size, k);
                let Estimate { value, low, high } = got.unmasked;
                prop_assert!(value.is_finite() && low.is_finite() && high.is_finite());
                if !matches!(statistic.kind, StatisticKind::Count { .. }) {
                    prop_assert!((0.0..=9.0).contains(&low) && (0.0..=9.0).contains(&high));
                }
            }
        }

        #[test]
        fn an_interval_holds_its_value(
            coordinates in [-9_000_000..9_000_000_i64, -9_000_000..9_000_000_i64,
                -9_000_000..9_000_000_i64, -9_000_000..9_000_000_i64, -9_000_000..9_000_000_i64],
            noisy_size in -1_000_000_i64..1_000_000,
            sigma in 0.0..1e6,
            sigma_size in 0.0..1e6,
        ) {
            let size = Size::new(noisy_size, sigma_size, 10);
            prop_assert!(size.estimate.holds(size.estimate.value));
            let block = block();
            for statistic in statistics() {
                let got = figure::figure(&statistic, &block, &coordinates, sigma, &size, 10);
                prop_assert!(got.unmasked.holds(got.unmasked.value), "{:?}", statistic.kind);
            }
        }
    }
}
