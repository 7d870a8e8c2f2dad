//! The kernel: bounded people → exact integer totals, in parallel.
//!
//! Totals never leave this crate but through [`crate::release::release`]. A
//! person is in one leaf, so an inner unit's totals are the sums of its
//! leaves': only leaves are counted, the rest is added up the tree.

use std::collections::HashMap;

use rayon::prelude::*;

use crate::bound::{Person, Sketch};
use crate::public::Public;

/// Exact totals of one release, with the declaration that bounds them.
pub struct Tally {
    public: Public,
    /// `[kind][unit]`: members.
    members: Vec<Vec<i64>>,
    /// `[kind][unit]`: coach → members that the coach worked with.
    caseloads: Vec<Vec<HashMap<u64, i64>>>,
    /// `[block][unit × keys]`: members who touch a key.
    cells: Vec<Vec<i64>>,
}

impl std::fmt::Debug for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tally(..)")
    }
}

/// A sketch that does not fit its declaration.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TallyError {
    /// A row was coded with a unit, key or kind that is not declared.
    #[error("rows were coded against another declaration than the release's")]
    Undeclared,
}

impl Tally {
    /// Counts the people. `public` is declared before any row is read, and is
    /// what the release will be made with.
    ///
    /// # Proof
    /// Let x and x′ differ by one person. The person is in one leaf, hence in
    /// one unit a level, and in a block has at most `max_cells` keys, of value
    /// one each. So at each level one coordinate of `members` differs, by at
    /// most one (L2 ≤ 1), and at most `max_cells` coordinates of a block's
    /// `cells` differ, by one each (L2 ≤ √`max_cells`). n falls by at most one,
    /// and the largest caseload by none or one, so s = n − the largest caseload
    /// changes by none or one, however many coaches the person has.
    pub fn count(public: Public, sketch: Sketch) -> Result<Self, TallyError> {
        if !sketch.is_bounded_as(&public) {
            return Err(TallyError::Undeclared);
        }
        let people = sketch.into_people();
        let empty = || Totals::new(&public);
        let mut totals = people
            .par_chunks(4096)
            .try_fold(empty, |totals, part| {
                part.iter().try_fold(totals, Totals::add)
            })
            .try_reduce(empty, |a, b| Ok(a.merge(b)))?;
        totals.roll_up(&public);
        let Totals {
            members,
            caseloads,
            cells,
            ..
        } = totals;
        Ok(Self {
            public,
            members,
            caseloads,
            cells,
        })
    }

    pub(crate) fn public(&self) -> &Public {
        &self.public
    }

    /// n: the members of a unit.
    pub(crate) fn size(&self, kind: usize, unit: usize) -> i64 {
        self.members[kind][unit]
    }

    /// s = n − the largest caseload; without the coach rule, n.
    pub(crate) fn outsiders(&self, kind: usize, unit: usize) -> i64 {
        let largest = if self.public.coach_rule(kind) {
            self.caseloads[kind][unit]
                .values()
                .copied()
                .max()
                .unwrap_or(0)
        } else {
            0
        };
        self.size(kind, unit) - largest
    }

    /// The cells of a unit, in order of key.
    pub(crate) fn cells(&self, block: usize, unit: usize) -> &[i64] {
        let keys = self.public.blocks[block].keys.len();
        &self.cells[block][unit * keys..(unit + 1) * keys]
    }
}

/// Mergeable totals: counts add, so any partition gives the same.
struct Totals {
    kinds_of_blocks: Vec<usize>,
    units: usize,
    leaves: Vec<bool>,
    members: Vec<Vec<i64>>,
    caseloads: Vec<Vec<HashMap<u64, i64>>>,
    cells: Vec<Vec<i64>>,
}

impl Totals {
    fn new(public: &Public) -> Self {
        let units = public.tree.units().len();
        let kinds = public.kinds.len();
        Self {
            kinds_of_blocks: public.blocks.iter().map(|block| block.kind).collect(),
            units,
            leaves: (0..units).map(|unit| public.tree.is_leaf(unit)).collect(),
            members: vec![vec![0; units]; kinds],
            caseloads: vec![vec![HashMap::new(); units]; kinds],
            cells: public
                .blocks
                .iter()
                .map(|block| vec![0; units * block.keys.len()])
                .collect(),
        }
    }

    fn add(mut self, person: &Person) -> Result<Self, TallyError> {
        let unit = person.unit as usize;
        for kind in (0..self.members.len()).filter(|&kind| person.is_in(kind)) {
            if !self.leaves.get(unit).is_some_and(|leaf| *leaf) {
                return Err(TallyError::Undeclared);
            }
            self.members[kind][unit] += 1;
            for coach in &person.coaches {
                *self.caseloads[kind][unit].entry(*coach).or_insert(0) += 1;
            }
        }
        for (block, kind) in self.kinds_of_blocks.iter().enumerate() {
            // Rows of somebody outside the cohort say nothing about it.
            if person.is_in(*kind) {
                let keys = self.cells[block].len() / self.units;
                for key in person.keys(block).map(|key| key as usize) {
                    if key >= keys {
                        return Err(TallyError::Undeclared);
                    }
                    self.cells[block][unit * keys + key] += 1;
                }
            }
        }
        Ok(self)
    }

    fn merge(mut self, other: Self) -> Self {
        let sum = |mine: &mut Vec<i64>, theirs: Vec<i64>| {
            mine.iter_mut().zip(theirs).for_each(|(a, b)| *a += b);
        };
        self.members
            .iter_mut()
            .zip(other.members)
            .for_each(|(a, b)| sum(a, b));
        self.cells
            .iter_mut()
            .zip(other.cells)
            .for_each(|(a, b)| sum(a, b));
        for (mine, theirs) in self.caseloads.iter_mut().zip(other.caseloads) {
            for (mine, theirs) in mine.iter_mut().zip(theirs) {
                add_caseloads(mine, theirs);
            }
        }
        self
    }

    /// Adds every unit to its parent, children first.
    fn roll_up(&mut self, public: &Public) {
        for (unit, parent) in (0..self.units)
            .rev()
            .filter_map(|unit| Some((unit, public.tree.unit(unit).parent?)))
        {
            for kind in 0..self.members.len() {
                self.members[kind][parent] += self.members[kind][unit];
                let theirs = self.caseloads[kind][unit].clone();
                add_caseloads(&mut self.caseloads[kind][parent], theirs);
            }
            for cells in &mut self.cells {
                let keys = cells.len() / self.units;
                // A parent's code is smaller than its children's.
                let (before, after) = cells.split_at_mut(unit * keys);
                let target = &mut before[parent * keys..(parent + 1) * keys];
                target
                    .iter_mut()
                    .zip(&after[..keys])
                    .for_each(|(a, b)| *a += b);
            }
        }
    }
}

fn add_caseloads(mine: &mut HashMap<u64, i64>, theirs: HashMap<u64, i64>) {
    for (coach, people) in theirs {
        *mine.entry(coach).or_insert(0) += people;
    }
}

#[cfg(test)]
mod tests;
