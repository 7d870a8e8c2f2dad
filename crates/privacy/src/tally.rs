//! The kernel: bounded people → exact integer totals, in parallel.
//!
//! Totals never leave this crate but through [`crate::release::release`]. A
//! person is in one leaf, so an inner unit's totals are the sums of its
//! leaves': only leaves are counted, the rest is added up the tree.
//!
//! Cohorts of a kind are numbered unit × cells + cell.

use std::collections::HashMap;

use rayon::prelude::*;

use crate::bound::{Person, Place, Sketch};
use crate::public::{Public, number};

/// Exact totals of one release, with the declaration that bounds them.
pub struct Tally {
    public: Public,
    /// By kind.
    kinds: Vec<KindTotals>,
    /// By block: cohort × width.
    blocks: Vec<Vec<i64>>,
    /// By [`Public::bounds`], of the organisation: key × bound.
    bounds: Vec<Vec<i64>>,
}

impl std::fmt::Debug for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tally(..)")
    }
}

/// A sketch that does not fit its declaration.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TallyError {
    /// A row was coded with a unit, key or kind that is not declared, or with a
    /// key that nobody can have in its unit.
    #[error("rows were coded against another declaration than the release's")]
    Undeclared,
}

impl Tally {
    /// Counts the people. `public` is declared before any row is read, and is
    /// what the release will be made with.
    ///
    /// # Proof
    /// Let x and x′ differ by one person, and fix a kind and a level. The person
    /// is in one leaf, hence in one unit of the level, and there, for each of
    /// the keys that they keep ([`crate::bound`]: at most `most`, and `(all)`),
    /// in the cohorts of the generalisations of one cell: in all at most g =
    /// [`CohortKind::cohorts_a_person`](crate::public::CohortKind::cohorts_a_person).
    ///
    /// *Sizes*: g coordinates differ, by one each: L2 ≤ √g.
    ///
    /// *Blocks*: in each of those cohorts the person adds, for each of at most
    /// `max_cells` keys, one vector of coordinates, of which coordinate j is an
    /// integer in ±factor(j) ([`Coordinate::of`](crate::public::Coordinate)). So
    /// L2² ≤ g · `max_cells` · Σ factor(j)². The bound is reached by a person
    /// with `max_cells` keys, all of whose amounts lie at a clip.
    ///
    /// *What bounds cut off*: [`Bounds::l2_squared`](crate::public::Bounds::l2_squared).
    ///
    /// *Outsiders*: in each of those cohorts n differs by one, and the largest
    /// caseload by none or one, in the same direction; so s = n − the largest
    /// caseload differs by none or one, however many coaches the person has.
    pub fn count(public: Public, sketch: Sketch) -> Result<Self, TallyError> {
        if !sketch.is_bounded_as(&public) {
            return Err(TallyError::Undeclared);
        }
        let people = sketch.into_people();
        let cells = public.kinds.iter().map(|kind| {
            let cells = 0..kind.cells();
            cells.map(|cell| kind.generalisations(cell)).collect()
        });
        let cells: Vec<Generalisations> = cells.collect();
        let empty = || Totals::new(&public, &cells);
        let mut totals = people
            .par_chunks(4096)
            .try_fold(empty, |totals, part| {
                part.iter().try_fold(totals, Totals::add)
            })
            .try_reduce(empty, |a, b| Ok(a.merge(b)))?;
        totals.roll_up();
        let Totals {
            kinds,
            blocks,
            bounds,
            ..
        } = totals;
        Ok(Self {
            public,
            kinds,
            blocks,
            bounds,
        })
    }

    pub(crate) fn public(&self) -> &Public {
        &self.public
    }

    /// n: the members of a cohort.
    pub(crate) fn size(&self, kind: usize, cohort: usize) -> i64 {
        self.kinds[kind].members[cohort]
    }

    /// s = n − the largest caseload; without the coach rule, n.
    pub(crate) fn outsiders(&self, kind: usize, cohort: usize) -> i64 {
        let caseloads = self.kinds[kind].caseloads.get(cohort);
        let largest = caseloads.and_then(|loads| loads.values().max());
        self.size(kind, cohort) - largest.copied().unwrap_or(0)
    }

    /// The numbers of a cohort: key by key, coordinate by coordinate.
    pub(crate) fn numbers(&self, block: usize, cohort: usize) -> &[i64] {
        let width = self.public.blocks[block].width();
        &self.blocks[block][cohort * width..(cohort + 1) * width]
    }

    /// What bounds cut off of the organisation's people with a key, bound by bound.
    pub(crate) fn cut_off(&self, bounds: usize, key: usize) -> &[i64] {
        let width = self.public.bounds[bounds].bounds.len();
        &self.bounds[bounds][key * width..(key + 1) * width]
    }
}

/// The people of one kind's cohorts.
struct KindTotals {
    members: Vec<i64>,
    /// By cohort: coach → members that the coach worked with. Empty without the
    /// coach rule.
    caseloads: Vec<HashMap<u64, i64>>,
}

/// By cell of a kind: the cells that its people count in.
type Generalisations = Vec<Vec<usize>>;

/// Mergeable totals: counts add, so any partition gives the same.
struct Totals<'a> {
    public: &'a Public,
    /// By kind.
    cells: &'a [Generalisations],
    kinds: Vec<KindTotals>,
    blocks: Vec<Vec<i64>>,
    bounds: Vec<Vec<i64>>,
}

impl<'a> Totals<'a> {
    fn new(public: &'a Public, cells: &'a [Generalisations]) -> Self {
        let cohorts = |kind: usize| public.tree(kind).units().len() * public.kinds[kind].cells();
        let kinds = (0..public.kinds.len()).map(|kind| KindTotals {
            members: vec![0; cohorts(kind)],
            caseloads: if public.coach_rule(kind) {
                vec![HashMap::new(); cohorts(kind)]
            } else {
                Vec::new()
            },
        });
        let blocks = public.blocks.iter();
        Self {
            public,
            cells,
            kinds: kinds.collect(),
            blocks: blocks
                .map(|block| vec![0; cohorts(block.kind) * block.width()])
                .collect(),
            bounds: public
                .bounds
                .iter()
                .map(|one| vec![0; public.kinds[one.kind].keys.labels.len() * one.bounds.len()])
                .collect(),
        }
    }

    /// The cohorts of a leaf that a person counts in with one of their keys.
    fn cohorts(
        &self,
        kind: usize,
        (unit, cell): Place,
        key: u32,
    ) -> Result<impl Iterator<Item = usize> + use<'a>, TallyError> {
        let (unit, cells) = (unit as usize, &self.cells[kind]);
        let (tree, of_key) = (
            self.public.tree(kind),
            self.public.kinds[kind].cells_a_key(),
        );
        let vacant = &self.public.kinds[kind].keys.vacant;
        let known = unit < tree.units().len()
            && tree.is_leaf(unit)
            && (cell as usize) < of_key
            && !vacant.contains(&(unit as u32, key));
        let mine = cells.get(key as usize * of_key + cell as usize);
        let mine = mine.filter(|_| known);
        let first = unit * cells.len();
        let mine = mine.ok_or(TallyError::Undeclared)?.iter();
        Ok(mine.map(move |cell| first + cell))
    }

    fn add(mut self, person: &Person) -> Result<Self, TallyError> {
        for kind in 0..self.kinds.len() {
            let Some(place) = person.place(kind) else {
                // Rows of somebody outside the cohorts say nothing about them.
                continue;
            };
            for key in person.keys(kind, &self.public.kinds[kind].keys) {
                for cohort in self.cohorts(kind, place, key)? {
                    let totals = &mut self.kinds[kind];
                    totals.members[cohort] += 1;
                    if let Some(loads) = totals.caseloads.get_mut(cohort) {
                        for coach in &person.coaches {
                            *loads.entry(*coach).or_insert(0) += 1;
                        }
                    }
                    self.add_numbers(person, kind, cohort, key)?;
                }
                self.add_cut_off(person, kind, key);
            }
        }
        Ok(self)
    }

    /// What a person adds to the blocks of a kind's cohort, of a key of theirs.
    fn add_numbers(
        &mut self,
        person: &Person,
        kind: usize,
        cohort: usize,
        within: u32,
    ) -> Result<(), TallyError> {
        let blocks = self.public.blocks.iter().zip(&mut self.blocks).enumerate();
        for (index, (block, numbers)) in blocks.filter(|(_, (block, _))| block.kind == kind) {
            for (key, amounts) in person.entries(index, within, block.max_cells) {
                let key = key as usize;
                if key >= block.keys.len() {
                    return Err(TallyError::Undeclared);
                }
                let first = cohort * block.width() + key * block.coordinates.len();
                let mine = numbers[first..].iter_mut().zip(&block.coordinates);
                mine.for_each(|(number, coordinate)| *number += coordinate.of(amounts));
            }
        }
        Ok(())
    }

    /// What the bounds of a kind cut off of a person, within a key of theirs.
    fn add_cut_off(&mut self, person: &Person, kind: usize, within: u32) {
        let public = self.public;
        if public.kinds[kind].keys.all() == Some(within) {
            return;
        }
        let all = public.bounds.iter().zip(&mut self.bounds);
        for (declared, numbers) in all.filter(|(declared, _)| declared.kind == kind) {
            let first = within as usize * declared.bounds.len();
            for (sum, bound) in numbers[first..].iter_mut().zip(&declared.bounds) {
                let part = person.cut_off(public, kind, bound, within);
                *sum += number(part, public.most_cut_off(bound));
            }
        }
    }

    fn merge(mut self, other: Self) -> Self {
        for (mine, theirs) in self.kinds.iter_mut().zip(other.kinds) {
            add(&mut mine.members, &theirs.members);
            for (mine, theirs) in mine.caseloads.iter_mut().zip(&theirs.caseloads) {
                add_caseloads(mine, theirs);
            }
        }
        let mine = self.blocks.iter_mut().chain(&mut self.bounds);
        for (mine, theirs) in mine.zip(other.blocks.iter().chain(&other.bounds)) {
            add(mine, theirs);
        }
        self
    }

    /// Adds every unit to its parent, children first.
    fn roll_up(&mut self) {
        let public = self.public;
        for (kind, totals) in self.kinds.iter_mut().enumerate() {
            let cells = public.kinds[kind].cells();
            up_the_tree(public, kind, |parent, unit| {
                let (before, after) = totals.members.split_at_mut(unit * cells);
                add(&mut before[parent * cells..], &after[..cells]);
                if !totals.caseloads.is_empty() {
                    let (before, after) = totals.caseloads.split_at_mut(unit * cells);
                    let parents = before[parent * cells..].iter_mut();
                    parents
                        .zip(&after[..cells])
                        .for_each(|(mine, theirs)| add_caseloads(mine, theirs));
                }
            });
        }
        for (block, numbers) in public.blocks.iter().zip(&mut self.blocks) {
            let width = block.width() * public.kinds[block.kind].cells();
            up_the_tree(public, block.kind, |parent, unit| {
                let (before, after) = numbers.split_at_mut(unit * width);
                add(&mut before[parent * width..], &after[..width]);
            });
        }
    }
}

/// Calls for every (parent, unit), children first. A parent's code is smaller
/// than its children's.
fn up_the_tree(public: &Public, kind: usize, mut each: impl FnMut(usize, usize)) {
    let tree = public.tree(kind);
    for unit in (0..tree.units().len()).rev() {
        if let Some(parent) = tree.unit(unit).parent {
            each(parent, unit);
        }
    }
}

fn add(mine: &mut [i64], theirs: &[i64]) {
    mine.iter_mut().zip(theirs).for_each(|(a, b)| *a += b);
}

fn add_caseloads(mine: &mut HashMap<u64, i64>, theirs: &HashMap<u64, i64>) {
    for (coach, people) in theirs {
        *mine.entry(*coach).or_insert(0) += people;
    }
}

#[cfg(test)]
mod tests;
