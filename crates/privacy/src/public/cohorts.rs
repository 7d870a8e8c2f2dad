//! Families of cohorts: their keys, and what people are told apart by.

use std::collections::BTreeSet;

use super::Label;
use crate::tree::Tree;

/// A family of cohorts: the people of a unit with each key of the kind, and
/// those of them with each value of its dimensions.
///
/// A person has several keys (competencies in which they were assessed), at most
/// [`max_keys`](Self::max_keys) of which count, and one value of a dimension.
///
/// A cohort's *cell* numbers its key and its values, key slowest, then first
/// dimension slowest: digit 0 of a dimension is `(all)`, digit i the (i−1)-th
/// value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CohortKind {
    /// `coachees`.
    pub name: String,
    /// Index in [`Public::spans`].
    pub span: usize,
    /// Levels `0..levels` are selected (a unit shows only under a shown parent).
    pub levels: u32,
    /// Whether one coach's caseload is taken away before k is asked for.
    pub coach_rule: bool,
    /// Keys of cohorts; without any there is one cohort of all, with an empty
    /// key.
    pub keys: Keys,
    /// What the people are further told apart by.
    pub dimensions: Vec<Dimension>,
}

/// The keys that cohorts of a kind have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// One label a dimension of the keys; at least one key, which may be empty.
    pub labels: Vec<Vec<Label>>,
    /// Most keys that one person counts in; at least 1.
    pub most: u32,
    /// The last key is `(all)`: a person who has it counts in it beside the
    /// `most`.
    pub with_all: bool,
    /// (unit, key): leaves in which nobody can have a key, whatever the rows,
    /// as declarations say. [`Tally::count`](crate::tally::Tally::count) refuses
    /// rows that say otherwise.
    pub vacant: BTreeSet<(u32, u32)>,
}

impl Keys {
    /// One cohort of all.
    pub fn none() -> Self {
        Self {
            labels: vec![vec![]],
            most: 1,
            with_all: false,
            vacant: BTreeSet::new(),
        }
    }

    /// Whether there is one cohort of all.
    pub fn is_plain(&self) -> bool {
        self.labels.len() == 1 && self.labels[0].is_empty()
    }

    /// The key of everybody, who need not choose it.
    pub fn all(&self) -> Option<u32> {
        self.with_all.then(|| self.labels.len() as u32 - 1)
    }

    /// (unit, key): all units in which nobody can have a key. An inner unit is
    /// one of them if all that is below it is.
    pub fn vacant(&self, tree: &Tree) -> BTreeSet<(u32, u32)> {
        let mut vacant = self.vacant.clone();
        // A parent's code is smaller than its children's.
        for unit in (0..tree.units().len()).rev().filter(|&u| !tree.is_leaf(u)) {
            let children = &tree.unit(unit).children;
            let none = |key: u32| children.iter().all(|&c| vacant.contains(&(c as u32, key)));
            let keys: Vec<u32> = (0..self.labels.len() as u32).filter(|k| none(*k)).collect();
            vacant.extend(keys.into_iter().map(|key| (unit as u32, key)));
        }
        vacant
    }

    /// In how many a person counts at most, `(all)` left out.
    pub fn chosen(&self) -> u32 {
        let all = u32::from(self.with_all);
        self.most.min(self.labels.len() as u32 - all)
    }

    /// In how many a person counts at most.
    fn a_person(&self) -> u32 {
        self.chosen() + u32::from(self.with_all)
    }
}

/// A declared property of people, with `(all)` beside its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dimension {
    /// `job_level`.
    pub name: String,
    /// Its values in declared order; without any there is `(all)` alone.
    pub values: Vec<Label>,
}

impl CohortKind {
    /// Cohorts of one unit.
    pub fn cells(&self) -> usize {
        self.keys.labels.len() * self.cells_a_key()
    }

    /// Cohorts of one unit and key.
    pub fn cells_a_key(&self) -> usize {
        self.dimensions.iter().map(|d| d.values.len() + 1).product()
    }

    /// In how many cohorts of a level a person is at most: of each of their
    /// keys, each dimension has the person's value and `(all)`.
    pub fn cohorts_a_person(&self) -> u32 {
        let told_apart = self.dimensions.iter().filter(|d| !d.values.is_empty());
        self.keys.a_person() << told_apart.count()
    }

    /// The key of a cell.
    pub fn key(&self, cell: usize) -> usize {
        cell / self.cells_a_key()
    }

    /// The digits of a cell's values.
    pub fn digits(&self, cell: usize) -> Vec<usize> {
        let mut rest = cell % self.cells_a_key();
        let digits = self.dimensions.iter().rev().map(|dimension| {
            let radix = dimension.values.len() + 1;
            let digit = rest % radix;
            rest /= radix;
            digit
        });
        let mut digits: Vec<usize> = digits.collect();
        digits.reverse();
        digits
    }

    /// The cell of a key and some digits, each in its range.
    pub fn cell(&self, key: usize, digits: &[usize]) -> usize {
        let dimensions = self.dimensions.iter().zip(digits);
        dimensions.fold(key, |cell, (dimension, digit)| {
            cell * (dimension.values.len() + 1) + digit
        })
    }

    /// The cells that a person of a cell counts in: of the same key, each digit
    /// its own or 0.
    pub(crate) fn generalisations(&self, cell: usize) -> Vec<usize> {
        let mut all = vec![Vec::new()];
        for digit in self.digits(cell) {
            let own = all
                .clone()
                .into_iter()
                .map(|digits| [digits, vec![digit]].concat());
            let own: Vec<Vec<usize>> = own.collect();
            if digit > 0 {
                for digits in &mut all {
                    digits.push(0);
                }
                all.extend(own);
            } else {
                all = own;
            }
        }
        let key = self.key(cell);
        all.iter().map(|digits| self.cell(key, digits)).collect()
    }
}
