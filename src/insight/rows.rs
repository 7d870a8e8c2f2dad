//! Noisy numbers → the rows of a table.

use std::collections::HashMap;

use lodestar_privacy::Public;
use lodestar_privacy::noisy::{Cohort, Group, Noisy, NoisyLevel, Value};
use lodestar_privacy::public::{Block, Classes, Dimension, Label, Past, Table};
use rayon::prelude::*;

use crate::fit::{self, Fitted};

use super::alike::are_alike;
use super::arms::Units;
use super::figure::{self, Context, Figure};
use super::size::Size;
use super::terms::Terms;
use super::view::View;
use super::{over_time, trend};

/// One row of a table: a cohort and a key.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Level in the org tree.
    pub level: u32,
    /// Which people of the tree.
    pub group: Group,
    /// Which of them, one a dimension of the kind.
    pub values: Vec<Value>,
    /// Index of the cohort's key in the kind's keys.
    pub cohort: usize,
    /// Index of the key in the block's keys.
    pub key: usize,
    /// Size of the cohort.
    pub size: Size,
    /// Sizes of the cohorts that it is compared with, where they are published.
    pub others: Vec<Option<Size>>,
    /// One a statistic of the table; of a word its status alone.
    pub figures: Vec<Figure>,
    /// One a statistic of the table: what is said where it is no number.
    pub words: Vec<Option<&'static str>>,
    /// How far the change from the period before is from none, if it is shown.
    pub(super) rise_z: Option<f64>,
}

/// All cohorts that a table looks at, each fitted once.
struct Seen<'a>(HashMap<(usize, Option<usize>), Cohorts<'a>>);

impl<'a> Seen<'a> {
    /// `units`: the block whose keys are units, if it reads one.
    fn new(noisy: &'a Noisy, public: &'a Public, table: &'a Table, units: Option<usize>) -> Self {
        let own = public.blocks[table.block].kind;
        let others = table.others.iter().map(|other| (other.kind, other.block));
        let all = [Some(table.block), units].into_iter().flatten();
        let all = all.map(|block| (own, Some(block))).chain(others);
        let mut seen = HashMap::new();
        for (kind, block) in all {
            let new = || Cohorts::new(noisy, public, kind, block);
            seen.entry((kind, block)).or_insert_with(new);
        }
        Self(seen)
    }

    /// Of a kind and block that the table names.
    fn get(&self, kind: usize, block: Option<usize>) -> &Cohorts<'a> {
        &self.0[&(kind, block)]
    }
}

/// Level, people of the tree, key of cohorts, and values.
type Whom<'a> = (u32, Group, usize, &'a [Value]);

/// The published cohorts of a kind, with the numbers of a block if it has any:
/// fitted, so that they add up.
pub(super) struct Cohorts<'a> {
    block: Option<&'a Block>,
    /// By whom they are: number, and size with its σ.
    places: HashMap<Whom<'a>, (usize, Size)>,
    fitted: Option<Fitted>,
}

impl<'a> Cohorts<'a> {
    pub(super) fn new(
        noisy: &'a Noisy,
        public: &'a Public,
        kind: usize,
        block: Option<usize>,
    ) -> Self {
        let sizes = fit::sizes(noisy, public, kind);
        let mut places = HashMap::new();
        let levels = noisy.kinds.get(kind).map_or(&[][..], |kind| &kind.levels);
        for (level, drawn) in (0..).zip(levels) {
            let numbers = sizes.forest().of_level(level);
            for (number, cohort) in numbers.zip(&drawn.cohorts) {
                let (combined, sigma) = sizes.combined(number);
                let people = sizes.people(number);
                let size = Size::fitted(people, combined, sigma, public.policy.k);
                let whom = (level, cohort.group, cohort.key, cohort.values.as_slice());
                places.insert(whom, (number, size));
            }
        }
        Self {
            block: block.map(|block| &public.blocks[block]),
            places,
            fitted: block.map(|block| fit::fit(noisy, public, block, &sizes)),
        }
    }

    /// Whether a cohort is published.
    pub(super) fn is_shown(&self, whom: Whom<'a>) -> bool {
        self.places.contains_key(&whom)
    }

    /// The ids of the block's keys, of their first dimension.
    pub(super) fn ids(&self) -> Vec<&'a str> {
        let keys = self.block.iter().flat_map(|block| &block.keys);
        keys.filter_map(|labels| Some(labels.first()?.id.as_str()))
            .collect()
    }

    /// What was drawn of a cohort, for a key of the block; of a kind without a
    /// block its size alone.
    pub(super) fn view(&self, whom: Whom<'a>, key: usize) -> Option<View<'_>> {
        let (number, size) = *self.places.get(&whom)?;
        let (Some(block), Some(fitted)) = (self.block, &self.fitted) else {
            return Some(View {
                block: &NOTHING,
                coordinates: &[],
                counts: &[],
                sigma: 0.0,
                size,
            });
        };
        let is_measured = block.levels.contains(&whom.0) && key < block.keys.len();
        is_measured.then(|| View {
            block,
            coordinates: fitted.combined(number, key),
            counts: fitted.counts(number, key),
            sigma: fitted.sigma(number),
            size,
        })
    }
}

/// The block of cohorts of which the size alone is read.
static NOTHING: Block = Block {
    name: String::new(),
    kind: 0,
    levels: Vec::new(),
    keys: Vec::new(),
    max_cells: 0,
    inputs: 0,
    coordinates: Vec::new(),
    search: None,
    classes: Classes::None,
};

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
    let units = table.statistics.iter().find_map(|one| one.kind.units());
    let seen = Seen::new(noisy, public, table, units);
    let own = seen.get(block.kind, Some(table.block));
    let units = units.map(|units| seen.get(block.kind, Some(units)));
    let compared = |key: usize| table.others.first()?.keys.get(key).copied().flatten();
    let past = Pasts::new(public, table);
    let span = &public.spans[public.kinds[block.kind].span];
    let cohorts = measured.levels.iter().filter_map(|cells| {
        let drawn = kind.levels.get(cells.level as usize)?;
        let cohorts = drawn.cohorts.iter();
        Some(cohorts.map(move |cohort| (cells.level, drawn, cohort)))
    });
    let cohorts: Vec<_> = cohorts.flatten().collect();
    // Terms are looked for in the whole organisation alone.
    let first = cohorts.first().filter(|_| block.search.is_some());
    let terms = first.map(|(level, _, cohort)| {
        let whom = (*level, cohort.group, cohort.key, cohort.values.as_slice());
        Terms::new(block, public.policy.k, |key| own.view(whom, key))
    });
    let of_cohort = |&(level, drawn, cohort): &(u32, &NoisyLevel, &Cohort)| {
        let place = table.rows.iter().position(|key| *key == cohort.key);
        let whom = |key: usize| (level, cohort.group, key, cohort.values.as_slice());
        let of_key = |key: usize, place: usize| {
            let view = own.view(whom(cohort.key), key)?;
            let beside = table.others.iter().map(|other| {
                let theirs = other.keys.get(cohort.key).copied().flatten()?;
                let drawn_there = &noisy.kinds.get(other.kind)?.levels.get(level as usize)?;
                let (here, there) = (&drawn.cohorts, &drawn_there.cohorts);
                if !are_alike(&span.tree, cohort, here, there, theirs) {
                    return None;
                }
                let shared = if other.block == Some(table.block) {
                    key
                } else {
                    0
                };
                seen.get(other.kind, other.block).view(whom(theirs), shared)
            });
            let root = (0, Group::Unit(0), cohort.key, cohort.values.as_slice());
            // `(other)` values are not the same everywhere.
            let is_told_apart = !cohort.values.contains(&Value::Other);
            let context = Context {
                own: view,
                others: beside.collect(),
                terms: terms.as_ref().map(|terms| (terms, key)),
                whole: own.view(root, key).filter(|_| level > 0 && is_told_apart),
                units: units.map(|cohorts| Units {
                    cohorts,
                    tree: &span.tree,
                    level,
                    row: cohort,
                    other: compared(cohort.key),
                    k: public.policy.k,
                }),
                place,
                start: &span.start,
                end: &span.end,
                past: past.of(cohort, key),
                k: public.policy.k,
            };
            Some(row(table, level, cohort, key, &context))
        };
        let keys = 0..place.map_or(0, |_| block.keys.len());
        let rows = keys.filter_map(|key| of_key(key, place?));
        rows.collect::<Vec<Row>>()
    };
    let mut rows: Vec<Row> = cohorts.par_iter().flat_map_iter(of_cohort).collect();
    trend::mark(table, &mut rows);
    rows
}

fn row(table: &Table, level: u32, cohort: &Cohort, key: usize, context: &Context<'_>) -> Row {
    let statistics = || table.statistics.iter();
    let figures: Vec<Figure> = statistics()
        .map(|statistic| figure::figure(statistic, context))
        .collect();
    let words = statistics().map(|statistic| over_time::word(statistic, context));
    Row {
        level,
        group: cohort.group,
        values: cohort.values.clone(),
        cohort: cohort.key,
        key,
        size: context.own.size,
        others: context
            .others
            .iter()
            .map(|other| other.map(|view| view.size))
            .collect(),
        words: words.collect(),
        rise_z: statistics().find_map(|statistic| over_time::rise_z(statistic, context)),
        figures,
    }
}

/// What earlier releases published of a table, row by row.
struct Pasts<'a> {
    public: &'a Public,
    table: &'a Table,
    by_row: HashMap<(&'a str, &'a [String]), Vec<&'a Past>>,
}

impl<'a> Pasts<'a> {
    fn new(public: &'a Public, table: &'a Table) -> Self {
        let mut by_row: HashMap<(&str, &[String]), Vec<&Past>> = HashMap::new();
        for past in public.past.iter().filter(|past| past.table == table.name) {
            let row = (past.unit.as_str(), past.ids.as_slice());
            by_row.entry(row).or_default().push(past);
        }
        Self {
            public,
            table,
            by_row,
        }
    }

    /// What was published of a row, for all values of people alike.
    fn of(&self, cohort: &Cohort, key: usize) -> Vec<&'a Past> {
        let Group::Unit(unit) = cohort.group else {
            // A group of hidden siblings is not the same people every time …
            return Vec::new();
        };
        // … nor are the people with hidden values.
        if cohort.values.contains(&Value::Other) {
            return Vec::new();
        }
        let block = &self.public.blocks[self.table.block];
        let unit = &self.public.tree(block.kind).unit(unit).id;
        let of_people = cohort
            .values
            .iter()
            .zip(&self.public.kinds[block.kind].dimensions);
        let of_people = of_people.map(|(value, dimension)| value_id(*value, dimension));
        let labels = self.public.labels(self.table, cohort.key, key).into_iter();
        let ids: Vec<String> = of_people.chain(labels.map(|label| label.id)).collect();
        let found = self.by_row.get(&(unit.as_str(), ids.as_slice()));
        found.cloned().unwrap_or_default()
    }
}

/// How a value of people is named in what is published.
pub fn value_label(value: Value, dimension: &Dimension) -> Label {
    match value {
        Value::All => Label::plain(ALL),
        Value::Other => Label::plain(OTHER),
        Value::One(place) => dimension.values[place].clone(),
    }
}

fn value_id(value: Value, dimension: &Dimension) -> String {
    value_label(value, dimension).id
}

/// Everybody, whatever their value.
const ALL: &str = "(all)";
/// Those with a hidden value.
const OTHER: &str = "(other)";

#[cfg(test)]
mod tests {
    use lodestar_privacy::public::{Block, Classes, Coordinate, Rule, Statistic, StatisticKind};
    use proptest::prelude::*;

    use super::super::{Estimate, Status};
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
            search: None,
            classes: Classes::None,
        }
    }

    fn statistics() -> Vec<Statistic> {
        let one = |kind| Statistic {
            name: String::new(),
            kind,
            from: 0,
            definition: String::new(),
            unit: String::new(),
            tolerated_error: 0.1,
        };
        let of = [0, 1];
        of.map(|of| one(StatisticKind::Count { of }))
            .into_iter()
            .chain(of.map(|of| one(StatisticKind::Share { of })))
            .chain([2, 3].map(|of| {
                one(StatisticKind::Mean {
                    of,
                    scale: 10.0,
                    counts: of == 2,
                })
            }))
            .chain([2, 3].map(|whole| {
                one(StatisticKind::Ratio {
                    excess: 4,
                    whole,
                    scale: 10.0,
                    counts: whole == 2,
                })
            }))
            .collect()
    }

    /// A statistic of a row that stands alone.
    fn of(
        statistic: &Statistic,
        block: &Block,
        coordinates: &[i64],
        sigma: f64,
        size: Size,
        k: u32,
    ) -> Figure {
        let numbers: Vec<f64> = coordinates.iter().map(|x| *x as f64).collect();
        let part = |place: usize| {
            let drawn = numbers[place] / f64::from(block.coordinates[place].factor);
            match block.coordinates[place].rule {
                Rule::Has => drawn.round() as i64,
                _ => f64::midpoint(size.people as f64, drawn).round() as i64,
            }
        };
        let counts: Vec<i64> = (0..numbers.len()).map(part).collect();
        let own = View {
            block,
            coordinates: &numbers,
            counts: &counts,
            sigma,
            size,
        };
        let context = Context {
            own,
            others: vec![],
            whole: None,
            terms: None,
            units: None,
            place: 0,
            start: "2024-04-01",
            end: "2024-06-30",
            past: vec![],
            k,
        };
        figure::figure(statistic, &context)
    }

    #[test]
    fn a_mean_of_two_values_is_a_share_of_at_least_k() {
        let scale = |counts| lodestar_privacy::public::Scale {
            low: 0.0,
            high: 1.0,
            step: 0.0,
            counts,
        };
        let status = |people: i64, counts| {
            let level = StatisticKind::Level {
                of: 2,
                scale: scale(counts),
            };
            let statistic = Statistic {
                kind: level,
                ..statistics()[0].clone()
            };
            // +1 of so many, −1 of all others of 1,000; the factor is 100.
            let sum = (2 * people - 1000) * 100;
            let size = Size::new(1000, 0.1, 10);
            of(&statistic, &block(), &[0, 0, sum, 0, 0], 0.1, size, 10).status
        };
        assert_eq!(
            (status(9, true), status(10, true)),
            (Status::BelowK, Status::Ok)
        );
        assert_eq!(status(9, false), Status::Ok);
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
                let got = of(&statistic, &block, &coordinates, sigma, size, k);
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
                let got = of(&statistic, &block, &coordinates, sigma, size, 10);
                prop_assert!(got.unmasked.holds(got.unmasked.value), "{:?}", statistic.kind);
            }
        }
    }
}
