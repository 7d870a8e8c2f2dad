//! A brute force: what is told of people, word by word, and what it adds up to.

use std::collections::{BTreeMap, BTreeSet};

use lodestar_privacy::Public;
use lodestar_privacy::public::{Bound, CohortKind, Coordinate, FACTOR_MOST, Rule};

use super::super::Codes;

/// What is told of everybody.
#[derive(Clone, Default, PartialEq)]
pub(super) struct Record(pub(super) BTreeMap<u128, Told>);

/// What is told of one person.
#[derive(Clone, Default, PartialEq)]
pub(super) struct Told {
    /// By kind: leaf and cell.
    places: BTreeMap<usize, (u32, u32)>,
    /// Of each kind.
    keys: BTreeSet<(usize, u32)>,
    /// By block, cohort key and key.
    rows: BTreeMap<(usize, u32, u32), Vec<i64>>,
    coaches: BTreeSet<u64>,
}

impl Told {
    fn row(&mut self, of: (usize, u32, u32), amounts: &[i64]) {
        let sums = self.rows.entry(of).or_default();
        sums.resize(sums.len().max(amounts.len()), 0);
        sums.iter_mut().zip(amounts).for_each(|(a, b)| *a += b);
    }
}

impl Record {
    pub(super) fn person(&mut self, person: u128) -> &mut Told {
        self.0.entry(person).or_default()
    }
}

impl Codes for Told {
    fn join(&mut self, kind: usize, unit: u32, cell: u32) {
        let place = (unit, cell);
        let known = self.places.insert(kind, place);
        assert!(known.is_none_or(|known| known == place), "a person moves");
    }

    fn enter(&mut self, kind: usize, key: u32) {
        self.keys.insert((kind, key));
    }

    fn touch(&mut self, block: usize, within: u32, key: u32, amounts: &[i64]) {
        self.row((block, within, key), amounts);
    }

    fn say(&mut self, _: usize, _: &[u16], _: &[u64]) {}

    fn coached_by(&mut self, coach: u64) {
        self.coaches.insert(coach);
    }
}

/// Kind, level, unit and cell.
type Cohort = (usize, usize, usize, usize);

/// What everybody adds up to.
#[derive(Default)]
pub(super) struct Sums {
    pub(super) members: BTreeMap<Cohort, i64>,
    caseloads: BTreeMap<Cohort, BTreeMap<u64, i64>>,
    /// By cohort, block and key: its coordinates.
    pub(super) numbers: BTreeMap<(Cohort, usize, u32), Vec<i64>>,
    /// By kind's bounds and key of cohorts: what they cut off.
    pub(super) cut_off: BTreeMap<(usize, u32), Vec<i64>>,
}

impl Sums {
    /// Of more keys than count the first do: which is chosen is the core's affair.
    pub(super) fn of(public: &Public, record: &Record) -> Self {
        let mut sums = Self::default();
        for told in record.0.values() {
            for (&kind, &(unit, cell)) in &told.places {
                let declared = &public.kinds[kind];
                for key in kept(declared, kind, told) {
                    for cohort in cohorts(public, kind, (unit, cell), key as usize) {
                        sums.add(public, told, cohort, key);
                    }
                    if declared.keys.all() != Some(key) {
                        sums.add_cut_off(public, told, kind, key);
                    }
                }
            }
        }
        sums
    }

    fn add(&mut self, public: &Public, told: &Told, cohort: Cohort, within: u32) {
        *self.members.entry(cohort).or_default() += 1;
        let loads = self.caseloads.entry(cohort).or_default();
        for coach in &told.coaches {
            *loads.entry(*coach).or_default() += 1;
        }
        let blocks = public.blocks.iter().enumerate();
        for (block, declared) in blocks.filter(|(_, block)| block.kind == cohort.0) {
            let mine = told
                .rows
                .range((block, within, 0)..=(block, within, u32::MAX));
            for (&(_, _, key), amounts) in mine.take(declared.max_cells as usize) {
                assert!((key as usize) < declared.keys.len(), "an undeclared key");
                assert!(amounts.len() <= declared.inputs, "an undeclared amount");
                let numbers = self.numbers.entry((cohort, block, key)).or_default();
                numbers.resize(declared.coordinates.len(), 0);
                for (number, coordinate) in numbers.iter_mut().zip(&declared.coordinates) {
                    *number += number_of(coordinate, amounts);
                }
            }
        }
    }

    fn add_cut_off(&mut self, public: &Public, told: &Told, kind: usize, key: u32) {
        let all = public.bounds.iter().enumerate();
        for (index, declared) in all.filter(|(_, bounds)| bounds.kind == kind) {
            let numbers = self.cut_off.entry((index, key)).or_default();
            numbers.resize(declared.bounds.len(), 0);
            for (number, bound) in numbers.iter_mut().zip(&declared.bounds) {
                let part = cut_off(public, told, kind, bound, key);
                *number += ((2.0 * part - 1.0) * f64::from(FACTOR_MOST)).round() as i64;
            }
        }
    }

    /// s = n − the largest caseload.
    pub(super) fn outsiders(&self, cohort: &Cohort) -> i64 {
        let loads = self.caseloads.get(cohort).into_iter().flatten();
        let largest = loads.map(|(_, people)| *people).max().unwrap_or(0);
        self.members.get(cohort).copied().unwrap_or(0) - largest
    }
}

/// The cohort keys that a person counts in.
fn kept(declared: &CohortKind, kind: usize, told: &Told) -> Vec<u32> {
    if declared.keys.is_plain() {
        return vec![0];
    }
    let mine = told.keys.range((kind, 0)..=(kind, u32::MAX));
    let (all, mine): (Vec<u32>, Vec<u32>) = mine
        .map(|(_, key)| *key)
        .partition(|key| declared.keys.all() == Some(*key));
    let mine = mine.into_iter().take(declared.keys.most as usize);
    mine.chain(all).collect()
}

/// What a bound cuts off of a person, as a part of all that is told apart.
fn cut_off(public: &Public, told: &Told, kind: usize, bound: &Bound, within: u32) -> f64 {
    let keys = told.keys.range((kind, 0)..=(kind, u32::MAX));
    let all = public.kinds[kind].keys.all();
    let keys = keys.filter(|(_, key)| all != Some(*key)).count();
    let of_block = |block: usize| {
        let rows = told
            .rows
            .range((block, within, 0)..=(block, within, u32::MAX));
        rows.map(|(_, amounts)| amounts)
    };
    let (beyond, more) = match *bound {
        Bound::CohortKeys { more } => (
            keys as f64 - f64::from(public.kinds[kind].keys.most),
            more.into(),
        ),
        Bound::Keys { block, more } => {
            let most = f64::from(public.blocks[block].max_cells);
            (of_block(block).count() as f64 - most, more.into())
        }
        Bound::Clip {
            block,
            input,
            high,
            more,
        } => {
            let kept = public.blocks[block].max_cells;
            let over = of_block(block).take(kept as usize).map(|amounts| {
                let amount = amounts.get(input).copied().unwrap_or(0);
                (amount.max(high) - high).min(more) as f64
            });
            (over.sum(), more as f64 * f64::from(kept))
        }
    };
    f64::max(beyond, 0.0).min(more) / more
}

/// The cohorts of all levels that a leaf's cell of a key counts in.
fn cohorts(public: &Public, kind: usize, (leaf, cell): (u32, u32), key: usize) -> Vec<Cohort> {
    let (declared, tree) = (&public.kinds[kind], public.tree(kind));
    assert!(tree.is_leaf(leaf as usize), "people are in leaves");
    assert!(
        (cell as usize) < declared.cells_a_key(),
        "an undeclared cell"
    );
    let mut digits = vec![vec![]];
    for digit in declared.digits(cell as usize) {
        let either = BTreeSet::from([0, digit]);
        digits = digits
            .iter()
            .flat_map(|first: &Vec<usize>| {
                either.iter().map(|last| [&first[..], &[*last]].concat())
            })
            .collect();
    }
    let up: Vec<usize> =
        std::iter::successors(Some(leaf as usize), |&unit| tree.unit(unit).parent).collect();
    let units = up.into_iter().rev().enumerate();
    let cells: Vec<usize> = digits.iter().map(|d| declared.cell(key, d)).collect();
    units
        .flat_map(|(level, unit)| cells.iter().map(move |cell| (kind, level, unit, *cell)))
        .collect()
}

/// A coordinate, from its description.
fn number_of(coordinate: &Coordinate, amounts: &[i64]) -> i64 {
    let amount = |input: usize| amounts.get(input).map_or(0.0, |amount| *amount as f64);
    let flag = |yes: bool| if yes { 1.0 } else { -1.0 };
    let share = match coordinate.rule {
        Rule::Has => 1.0,
        Rule::Centred { input, low, high } => {
            let (low, high) = (low as f64, high as f64);
            2.0 * (amount(input).clamp(low, high) - low) / (high - low) - 1.0
        }
        Rule::Amount { input, high } => amount(input).clamp(0.0, high as f64) / high as f64,
        Rule::AtLeast { input, least } => flag(amount(input) >= least as f64),
        Rule::Within {
            part,
            whole,
            low_micro,
            high_micro,
        } => {
            let (part, whole) = (1e6 * amount(part), amount(whole));
            let range = whole * low_micro as f64..=whole * high_micro as f64;
            flag(whole > 0.0 && range.contains(&part))
        }
        Rule::Excess { part, whole, high } => {
            let (whole, high) = (amount(whole), high as f64);
            let excess = 2.0 * amount(part).clamp(0.0, whole) - whole;
            let scaled = if whole > high { high / whole } else { 1.0 };
            excess * scaled / high
        }
    };
    (share * f64::from(coordinate.factor)).round() as i64
}
