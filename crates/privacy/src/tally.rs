//! The kernel: bounded people → exact integer totals, in parallel.
//!
//! Totals never leave this crate but through [`crate::release::release`]. A
//! person is in one leaf, so an inner unit's totals are the sums of its
//! leaves': only leaves are counted, the rest is added up the tree.
//!
//! Cohorts of a kind are numbered unit × cells + cell.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use crate::bound::{Person, Place, Seed};
use crate::parts::{PARTS, part_of};
use crate::public::{Public, number};
use crate::said::{Speaker, Words};

/// Exact totals of one release, with the declaration that bounds them.
pub struct Tally {
    public: Public,
    /// By kind.
    kinds: Vec<KindTotals>,
    /// By block: cohort × width.
    blocks: Vec<Vec<i64>>,
    /// By [`Public::bounds`], of the organisation: key × bound.
    bounds: Vec<Vec<i64>>,
    /// By block: who said what, if its keys are looked for.
    speakers: Vec<Vec<Speaker>>,
    words: Words,
    seed: Seed,
}

impl std::fmt::Debug for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tally(..)")
    }
}

/// People who can't be counted.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TallyError {
    /// A row was coded with a unit, key or kind that is not declared, whether or
    /// not it would have counted, or with a key that nobody can have in its unit.
    #[error("rows were coded against another declaration than the release's")]
    Undeclared,
    /// Somebody was told of twice, or in a part that is not theirs.
    #[error("people were not told one by one")]
    Disorder,
}

impl Tally {
    /// Counts the people. `public` is declared before any row is read, and is
    /// what the release will be made with.
    ///
    /// `tell` is called once for each of [`PARTS`], on several threads, and tells
    /// of all people of the part.
    ///
    /// # Proof
    /// Let x and x′ differ by one person, and fix a kind and a level. The person
    /// is counted once: in one part alone, which is told once, and there once, for
    /// the people of a part ascend ([`Part::person`]). They are in one leaf, hence in one unit of the level, and there, for each of
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
    pub fn count<E: From<TallyError> + Send>(
        public: Public,
        seed: &Seed,
        tell: impl Fn(&mut Part<'_>) -> Result<(), E> + Sync,
    ) -> Result<Self, E> {
        let plan = Plan::new(&public);
        let next = AtomicUsize::new(0);
        let some_parts = |_| -> Result<Option<Totals>, E> {
            let mut mine: Option<Part<'_>> = None;
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= PARTS {
                    return Ok(mine.map(|part| part.totals));
                }
                let part = mine.get_or_insert_with(|| Part::new(&public, &plan, seed));
                part.number = number;
                tell(part)?;
            }
        };
        let threads = (0..rayon::current_num_threads()).into_par_iter();
        let totals = threads.with_max_len(1).map(some_parts);
        let totals = totals.try_reduce(|| None, |a, b| Ok(Totals::merged(a, b)))?;
        let mut totals = totals.unwrap_or_else(|| Totals::new(&public));
        totals.roll_up(&public);
        let Totals {
            kinds,
            blocks,
            bounds,
            speakers,
        } = totals;
        Ok(Self {
            public,
            kinds,
            blocks,
            bounds,
            speakers,
            words: Words::default(),
            seed: seed.clone(),
        })
    }

    /// With the texts of the words that people said.
    #[must_use]
    pub fn with_words(self, words: Words) -> Self {
        Self { words, ..self }
    }

    /// Who said what, of a block whose keys are looked for.
    pub(crate) fn speakers(&self, block: usize) -> &[Speaker] {
        &self.speakers[block]
    }

    pub(crate) fn words(&self) -> &Words {
        &self.words
    }

    pub(crate) fn seed(&self) -> &Seed {
        &self.seed
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
    caseloads: Vec<Caseload>,
}

/// Members by coach.
type Caseload = HashMap<u64, i64, BuildHasherDefault<Pseudonym>>;

/// The hash of a pseudonym, which is one already.
#[derive(Default)]
struct Pseudonym(u64);

impl Hasher for Pseudonym {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, pseudonym: u64) {
        self.0 = pseudonym;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// By cell of a kind: the cells that its people count in.
type Generalisations = Vec<Vec<usize>>;

/// What is the same for all people: what belongs to each kind.
struct Plan(Vec<OfKind>);

struct OfKind {
    cells: Generalisations,
    /// Indices of the kind's blocks, and of its bounds.
    blocks: Vec<usize>,
    bounds: Vec<usize>,
}

impl Plan {
    fn new(public: &Public) -> Self {
        let of_kind = |(kind, declared): (usize, &crate::public::CohortKind)| {
            let blocks = 0..public.blocks.len();
            let bounds = 0..public.bounds.len();
            OfKind {
                cells: (0..declared.cells())
                    .map(|cell| declared.generalisations(cell))
                    .collect(),
                blocks: blocks
                    .filter(|&at| public.blocks[at].kind == kind)
                    .collect(),
                bounds: bounds
                    .filter(|&at| public.bounds[at].kind == kind)
                    .collect(),
            }
        };
        Self(public.kinds.iter().enumerate().map(of_kind).collect())
    }
}

/// A part of the people, told one by one.
pub struct Part<'a> {
    public: &'a Public,
    plan: &'a Plan,
    number: usize,
    /// Who was told of last.
    last: Option<u128>,
    seed: &'a Seed,
    person: Person,
    ranks: Vec<(u64, u32)>,
    totals: Totals,
}

/// Says nothing of anybody.
impl std::fmt::Debug for Part<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Part(..)")
    }
}

impl<'a> Part<'a> {
    fn new(public: &'a Public, plan: &'a Plan, seed: &'a Seed) -> Self {
        Self {
            public,
            plan,
            number: 0,
            last: None,
            seed,
            person: Person::new(public),
            ranks: Vec::new(),
            totals: Totals::new(public),
        }
    }

    /// Which: below [`PARTS`].
    pub fn number(&self) -> usize {
        self.number
    }

    /// A person: `tell` says all that their rows say. People of a part come in
    /// the order of their pseudonyms, each once.
    ///
    /// # Proof
    /// Who is not of this part is refused, and so is whoever does not come after
    /// the one before. A thread's parts ascend too, and with them the people: the
    /// part is the first digits of the pseudonym. So nobody is told of twice. What
    /// bounds a person is the declaration, their id and the seed, none of which
    /// `tell` has a hand in.
    pub fn person(&mut self, id: u128, tell: impl FnOnce(&mut Person)) -> Result<(), TallyError> {
        if part_of(id) != self.number || self.last.is_some_and(|last| id <= last) {
            return Err(TallyError::Disorder);
        }
        self.last = Some(id);
        self.person.begin();
        tell(&mut self.person);
        self.person
            .end(id, self.seed, self.public, &mut self.ranks)?;
        self.totals.add(self.public, self.plan, &self.person)
    }
}

/// Mergeable totals: counts add, so any partition gives the same.
struct Totals {
    kinds: Vec<KindTotals>,
    blocks: Vec<Vec<i64>>,
    bounds: Vec<Vec<i64>>,
    speakers: Vec<Vec<Speaker>>,
}

impl Totals {
    fn new(public: &Public) -> Self {
        let cohorts = |kind: usize| public.tree(kind).units().len() * public.kinds[kind].cells();
        let kinds = (0..public.kinds.len()).map(|kind| KindTotals {
            members: vec![0; cohorts(kind)],
            caseloads: if public.coach_rule(kind) {
                vec![Caseload::default(); cohorts(kind)]
            } else {
                Vec::new()
            },
        });
        let blocks = public.blocks.iter();
        Self {
            speakers: vec![Vec::new(); public.blocks.len()],
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

    fn add(&mut self, public: &Public, plan: &Plan, person: &Person) -> Result<(), TallyError> {
        for (kind, of_kind) in plan.0.iter().enumerate() {
            let Some(place) = person.place(kind) else {
                // Rows of somebody outside the cohorts say nothing about them.
                continue;
            };
            for key in person.keys(kind, &public.kinds[kind].keys) {
                let (first, cells) = cohorts(public, of_kind, kind, place, key)?;
                for cohort in cells.iter().map(|cell| first + cell) {
                    let totals = &mut self.kinds[kind];
                    totals.members[cohort] += 1;
                    if let Some(loads) = totals.caseloads.get_mut(cohort) {
                        for coach in &person.coaches {
                            *loads.entry(*coach).or_insert(0) += 1;
                        }
                    }
                    for &block in &of_kind.blocks {
                        self.add_numbers(public, person, block, cohort, key)?;
                    }
                }
                self.add_cut_off(public, of_kind, person, kind, key);
            }
            for &block in &of_kind.blocks {
                self.speakers[block].extend(person.speaker(block));
            }
        }
        Ok(())
    }

    /// What a person adds to a block in a cohort of theirs, of a key of theirs.
    fn add_numbers(
        &mut self,
        public: &Public,
        person: &Person,
        block: usize,
        cohort: usize,
        within: u32,
    ) -> Result<(), TallyError> {
        let (declared, numbers) = (&public.blocks[block], &mut self.blocks[block]);
        let first = cohort * declared.width();
        for (key, amounts) in person.entries(block, within, declared.max_cells) {
            let key = key as usize;
            if key >= declared.keys.len() {
                return Err(TallyError::Undeclared);
            }
            let first = first + key * declared.coordinates.len();
            let mine = numbers[first..].iter_mut().zip(&declared.coordinates);
            mine.for_each(|(number, coordinate)| *number += coordinate.of(amounts));
        }
        Ok(())
    }

    /// What the bounds of a kind cut off of a person, within a key of theirs.
    fn add_cut_off(
        &mut self,
        public: &Public,
        of_kind: &OfKind,
        person: &Person,
        kind: usize,
        within: u32,
    ) {
        if public.kinds[kind].keys.all() == Some(within) {
            return;
        }
        for &at in &of_kind.bounds {
            let (declared, numbers) = (&public.bounds[at], &mut self.bounds[at]);
            let first = within as usize * declared.bounds.len();
            for (sum, bound) in numbers[first..].iter_mut().zip(&declared.bounds) {
                let part = person.cut_off(public, kind, bound, within);
                *sum += number(part, public.most_cut_off(bound));
            }
        }
    }

    fn merged(a: Option<Self>, b: Option<Self>) -> Option<Self> {
        match (a, b) {
            (Some(a), Some(b)) => Some(a.merge(b)),
            (a, b) => a.or(b),
        }
    }

    fn merge(mut self, other: Self) -> Self {
        for (mine, theirs) in self.kinds.iter_mut().zip(other.kinds) {
            add(&mut mine.members, &theirs.members);
            for (mine, theirs) in mine.caseloads.iter_mut().zip(&theirs.caseloads) {
                add_caseloads(mine, theirs);
            }
        }
        for (mine, theirs) in self.speakers.iter_mut().zip(other.speakers) {
            mine.extend(theirs);
        }
        let mine = self.blocks.iter_mut().chain(&mut self.bounds);
        for (mine, theirs) in mine.zip(other.blocks.iter().chain(&other.bounds)) {
            add(mine, theirs);
        }
        self
    }

    /// Adds every unit to its parent, children first.
    fn roll_up(&mut self, public: &Public) {
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

/// The cohorts of a leaf that a person counts in with one of their keys: where
/// the unit's start, and the cells.
fn cohorts<'a>(
    public: &Public,
    of_kind: &'a OfKind,
    kind: usize,
    (unit, cell): Place,
    key: u32,
) -> Result<(usize, &'a [usize]), TallyError> {
    let (tree, declared) = (public.tree(kind), &public.kinds[kind]);
    let known = (unit as usize) < tree.units().len()
        && tree.is_leaf(unit as usize)
        && (cell as usize) < declared.cells_a_key()
        && !declared.keys.vacant.contains(&(unit, key));
    let cell = key as usize * declared.cells_a_key() + cell as usize;
    let mine = of_kind.cells.get(cell).filter(|_| known);
    let mine = mine.ok_or(TallyError::Undeclared)?;
    Ok((unit as usize * of_kind.cells.len(), mine))
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

fn add_caseloads(mine: &mut Caseload, theirs: &Caseload) {
    for (coach, people) in theirs {
        *mine.entry(*coach).or_insert(0) += people;
    }
}

#[cfg(test)]
mod tests;
