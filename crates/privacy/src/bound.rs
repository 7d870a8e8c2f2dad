//! Bounding: what one person can move.
//!
//! A [`Sketch`] holds, per person, their place in the cohorts of each kind and
//! the keys of smallest keyed hash there, the coaches, and of each block and
//! cohort key the `max_cells` keys of smallest keyed hash, with the sums of their
//! amounts.
//! It is built row by row, in any order, and merges: any split of the rows over
//! threads or files gives the same sketch.

use std::collections::HashMap;
use std::hash::Hasher;
use std::ops::Range;

use sha2::{Digest, Sha256};
use siphasher::sip::SipHasher24;

use crate::public::{AMOUNT_MOST, Bound, Keys, Public};
use crate::secret::Secret;

/// The seed of one release's choice of cells.
#[derive(Clone, Debug)]
pub struct Seed(Secret<[u8; 16]>);

impl Seed {
    /// Derives the seed from the project's secret, the period and revision:
    /// the same on a re-run, unrelated for any other release.
    pub fn derive(secret: &Secret<[u8; 32]>, period: &str, revision: u32) -> Self {
        let mut digest = Sha256::new();
        digest.update(b"lodestar cells v1\0");
        digest.update(secret.expose_private());
        digest.update(revision.to_le_bytes());
        digest.update(period.as_bytes());
        let mut seed = [0; 16];
        seed.copy_from_slice(&digest.finalize()[..16]);
        Self(Secret::new(seed))
    }

    /// H(seed, block, person, key): a keyed pseudo-random function, so the
    /// order of a person's keys is uniform and unrelated between people.
    fn hash(&self, of: Of, person: u128, key: u32) -> u64 {
        let (domain, index) = match of {
            Of::Block(block) => (0, block),
            Of::Kind(kind) => (1, kind),
        };
        let mut hasher = SipHasher24::new_with_key(self.0.expose_private());
        hasher.write_u128(person);
        hasher.write_usize(index);
        hasher.write_u32(key);
        hasher.write_u8(domain);
        hasher.finish()
    }
}

/// Whose keys.
#[derive(Clone, Copy)]
enum Of {
    /// A block's, within a cohort.
    Block(usize),
    /// A kind's: of cohorts.
    Kind(usize),
}

/// A key that a person keeps, and what the person's rows add up to in it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    /// The key's place in the person's order, within a key of cohorts.
    rank: Rank,
    amounts: Box<[i64]>,
}

/// What it is bounded within (a key of cohorts), then hash and key.
type Rank = (u32, u64, u32);

/// Within each key of cohorts (or kind of them), the `cap` keys of smallest
/// (hash, key) seen so far.
///
/// # Proof
/// The kept keys are the bottom-`cap` of the set of all keys offered: taking
/// the bottom of a union of bottoms is the bottom of the union, and a repeated
/// key is one element of a set. So neither order nor partition matters, and no
/// other person enters. A key that was dropped never returns, for the `cap`
/// smaller ones only give way to smaller ones still; so a key that is kept at
/// the end was kept from its first row on, and its sums are complete. Amounts
/// are at least 0 and saturate at a common bound, so sums of sums are the same
/// in any order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct BottomK(Vec<Entry>);

impl BottomK {
    fn offer(&mut self, cap: usize, rank: Rank, amounts: &[i64]) {
        match self.0.binary_search_by_key(&rank, |entry| entry.rank) {
            Ok(place) => {
                let mine = self.0[place].amounts.iter_mut().zip(amounts);
                mine.for_each(|(sum, amount)| *sum = bounded(*sum + bounded(*amount)));
            }
            Err(place) => {
                let Range { start, end } = self.within(rank.0);
                if place - start < cap {
                    let amounts = amounts.iter().copied().map(bounded).collect();
                    self.0.insert(place, Entry { rank, amounts });
                    if end + 1 - start > cap {
                        self.0.remove(end);
                    }
                }
            }
        }
    }

    /// Where the entries of a key of cohorts are.
    fn within(&self, key: u32) -> Range<usize> {
        let start = self.0.partition_point(|entry| entry.rank.0 < key);
        let mine = self.0[start..].partition_point(|entry| entry.rank.0 == key);
        start..start + mine
    }
}

fn bounded(amount: i64) -> i64 {
    amount.clamp(0, AMOUNT_MOST)
}

/// A person's place in the cohorts of a kind: leaf unit, and cell of their
/// values.
pub(crate) type Place = (u32, u32);

/// In no cohort of a kind.
const NOWHERE: Place = (u32::MAX, u32::MAX);

/// What is kept of one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Person {
    /// By kind.
    places: Box<[Place]>,
    /// The keys of all kinds, each within its [`group`].
    keys: BottomK,
    /// By block.
    kept: Box<[BottomK]>,
    /// Distinct, ascending.
    pub(crate) coaches: Vec<u64>,
}

impl Person {
    fn new(kinds: usize, blocks: usize) -> Self {
        Self {
            places: vec![NOWHERE; kinds].into(),
            keys: BottomK::default(),
            kept: vec![BottomK::default(); blocks].into(),
            coaches: vec![],
        }
    }

    /// Where the person is in the cohorts of a kind, if anywhere.
    pub(crate) fn place(&self, kind: usize) -> Option<Place> {
        Some(self.places[kind]).filter(|place| *place != NOWHERE)
    }

    /// The keys of a kind's cohorts that the person counts in.
    ///
    /// # Proof
    /// The `most` of smallest hash among those entered, and `(all)`: as in
    /// [`BottomK`], of which they are the bottom where more were kept to be
    /// counted; a kind without keys has one, of everybody in it.
    pub(crate) fn keys(&self, kind: usize, declared: &Keys) -> impl Iterator<Item = u32> + '_ {
        let plain = declared.is_plain();
        let groups = [false, true].map(|all| self.keys.within(group(kind, all)));
        let most = declared.most as usize;
        let mine = groups
            .into_iter()
            .flat_map(move |group| self.keys.0[group].iter().take(most));
        let mine = mine.map(|entry| entry.rank.2).filter(move |_| !plain);
        plain.then_some(0).into_iter().chain(mine)
    }

    /// The keys of a block within a key of cohorts, at most `max_cells`, each with
    /// its amounts.
    pub(crate) fn entries(
        &self,
        block: usize,
        within: u32,
        max_cells: u32,
    ) -> impl Iterator<Item = (u32, &[i64])> + '_ {
        let kept = &self.kept[block];
        let mine = kept.0[kept.within(within)].iter();
        mine.take(max_cells as usize)
            .map(|entry| (entry.rank.2, &*entry.amounts))
    }

    /// How much a bound cuts off of the person within a key of a kind's cohorts.
    ///
    /// # Proof
    /// It follows from the person's own keys and amounts: of keys as many were
    /// kept, beyond those that count, as are told apart, so their number is that
    /// of all of them or the most that is told apart.
    pub(crate) fn cut_off(&self, public: &Public, kind: usize, bound: &Bound, within: u32) -> i64 {
        let beyond = |known: usize, most: u32| known as i64 - i64::from(most);
        match *bound {
            Bound::CohortKeys { .. } => {
                let known = self.keys.within(group(kind, false)).len();
                beyond(known, public.kinds[kind].keys.most)
            }
            Bound::Keys { block, .. } => {
                let known = self.kept[block].within(within).len();
                beyond(known, public.blocks[block].max_cells)
            }
            Bound::Clip {
                block,
                input,
                high,
                more,
            } => {
                let entries = self.entries(block, within, public.blocks[block].max_cells);
                let amounts = entries.map(|(_, amounts)| amounts.get(input).copied().unwrap_or(0));
                amounts
                    .map(|amount| amount.saturating_sub(high).clamp(0, more))
                    .fold(0, i64::saturating_add)
            }
        }
    }

    fn add_coach(&mut self, coach: u64) {
        if let Err(place) = self.coaches.binary_search(&coach) {
            self.coaches.insert(place, coach);
        }
    }
}

/// Bounded rows of any part of the input.
#[derive(Clone)]
pub struct Sketch {
    seed: Seed,
    shape: Shape,
    people: HashMap<u128, Person>,
}

/// What bounds a sketch.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Shape {
    kinds: Vec<KeyBounds>,
    /// How many keys are kept, and the number of amounts, by block.
    blocks: Vec<(usize, usize)>,
}

/// What bounds the keys of a kind that a person counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct KeyBounds {
    /// How many are kept: those that count, and those beyond that are counted.
    kept: usize,
    all: Option<u32>,
}

/// Keys of a kind are bounded among themselves, and `(all)` apart from them.
fn group(kind: usize, all: bool) -> u32 {
    2 * kind as u32 + u32::from(all)
}

impl Shape {
    fn of(public: &Public) -> Self {
        let (kinds, blocks) = (public.kinds.iter(), public.blocks.iter());
        let kinds = kinds.map(|kind| KeyBounds {
            kept: kind.keys.most as usize,
            all: kind.keys.all(),
        });
        let mut shape = Self {
            kinds: kinds.collect(),
            blocks: blocks
                .map(|block| (block.max_cells as usize, block.inputs))
                .collect(),
        };
        for bounds in &public.bounds {
            for bound in &bounds.bounds {
                match *bound {
                    Bound::CohortKeys { more } => shape.kinds[bounds.kind].kept += more as usize,
                    Bound::Keys { block, more } => shape.blocks[block].0 += more as usize,
                    Bound::Clip { .. } => {}
                }
            }
        }
        shape
    }
}

/// Says nothing of anybody.
impl std::fmt::Debug for Sketch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sketch(..)")
    }
}

impl Sketch {
    /// An empty sketch, bounded as the release declares.
    pub fn new(seed: &Seed, public: &Public) -> Self {
        Self {
            seed: seed.clone(),
            shape: Shape::of(public),
            people: HashMap::new(),
        }
    }

    fn person(&mut self, person: u128) -> &mut Person {
        let Shape { kinds, blocks } = &self.shape;
        self.people
            .entry(person)
            .or_insert_with(|| Person::new(kinds.len(), blocks.len()))
    }

    /// The person belongs to a kind's cohorts: to a leaf unit, and there to a
    /// cell of values (of the first key), whose digits are the person's values
    /// (0: none). Should rows of one person name several places, the smallest
    /// holds: a person is in one, whatever the rows say.
    pub fn join(&mut self, person: u128, kind: usize, unit: u32, cell: u32) {
        let place = &mut self.person(person).places[kind];
        *place = (*place).min((unit, cell));
    }

    /// The person has a key of a kind's cohorts. A kind without keys has one,
    /// which need not be entered.
    pub fn enter(&mut self, person: u128, kind: usize, key: u32) {
        let KeyBounds { kept, all } = self.shape.kinds[kind];
        let group = group(kind, all == Some(key));
        let rank = (group, self.seed.hash(Of::Kind(kind), person, key), key);
        self.person(person).keys.offer(kept, rank, &[]);
    }

    /// A row of the person touches a key of a block within a key of the kind's
    /// cohorts (0 where it has none), and adds to its amounts. Amounts that the
    /// block does not declare are ignored, missing ones are 0. It counts only if
    /// the cohort key is one that the person keeps.
    pub fn touch(&mut self, person: u128, block: usize, within: u32, key: u32, amounts: &[i64]) {
        let rank = (within, self.seed.hash(Of::Block(block), person, key), key);
        let (cap, inputs) = self.shape.blocks[block];
        let kept = &mut self.person(person).kept[block];
        if amounts.len() == inputs {
            kept.offer(cap, rank, amounts);
        } else {
            let mut padded = amounts.to_vec();
            padded.resize(inputs, 0);
            kept.offer(cap, rank, &padded);
        }
    }

    /// A coach worked with the person.
    pub fn coached_by(&mut self, person: u128, coach: u64) {
        self.person(person).add_coach(coach);
    }

    /// The sketch of both parts together.
    #[must_use]
    pub fn merge(mut self, mut other: Self) -> Self {
        if self.people.len() < other.people.len() {
            std::mem::swap(&mut self, &mut other);
        }
        let Shape { kinds, blocks } = self.shape.clone();
        for (id, theirs) in other.people {
            let ours = self.person(id);
            let places = ours.places.iter_mut().zip(theirs.places);
            places.for_each(|(mine, theirs)| *mine = (*mine).min(theirs));
            for entry in theirs.keys.0 {
                let kept = kinds[entry.rank.0 as usize / 2].kept;
                ours.keys.offer(kept, entry.rank, &[]);
            }
            for ((mine, entries), (cap, _)) in ours.kept.iter_mut().zip(theirs.kept).zip(&blocks) {
                for entry in entries.0 {
                    mine.offer(*cap, entry.rank, &entry.amounts);
                }
            }
            theirs
                .coaches
                .into_iter()
                .for_each(|coach| ours.add_coach(coach));
        }
        self
    }

    /// Whether it was bounded as this release declares.
    pub(crate) fn is_bounded_as(&self, public: &Public) -> bool {
        self.shape == Shape::of(public)
    }

    /// The people; their order is arbitrary and must not matter.
    pub(crate) fn into_people(self) -> Vec<Person> {
        self.people.into_values().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Clone, Debug)]
    enum Row {
        Join(u128, u32),
        Touch(u128, u32, i64),
        Coach(u128, u64),
    }

    fn seed() -> Seed {
        Seed::derive(&Secret::new([7; 32]), "2024-Q1", 0)
    }

    fn sketch(rows: &[Row]) -> Sketch {
        let mut public = crate::example::public();
        public.blocks[0].inputs = 1;
        let mut sketch = Sketch::new(&seed(), &public);
        for row in rows {
            match *row {
                Row::Join(person, unit) => sketch.join(person, 0, unit, 0),
                Row::Touch(person, key, minutes) => sketch.touch(person, 0, 0, key, &[minutes]),
                Row::Coach(person, coach) => sketch.coached_by(person, coach),
            }
        }
        sketch
    }

    fn rows() -> impl Strategy<Value = Vec<Row>> {
        let row = prop_oneof![
            (0..6u128, 0..3u32).prop_map(|(p, u)| Row::Join(p, u)),
            (0..6u128, 0..8u32, -9..99i64).prop_map(|(p, k, m)| Row::Touch(p, k, m)),
            (0..6u128, 0..4u64).prop_map(|(p, c)| Row::Coach(p, c)),
        ];
        prop::collection::vec(row, 0..60)
    }

    proptest! {
        #[test]
        fn order_and_partition_do_not_matter(
            rows in rows(), shuffle in any::<u64>(), cut in any::<prop::sample::Index>()
        ) {
            let whole = sketch(&rows).people;
            let mut other = rows.clone();
            other.sort_by_key(|row| {
                let mut hasher = SipHasher24::new_with_keys(shuffle, 1);
                hasher.write(format!("{row:?}").as_bytes());
                hasher.finish()
            });
            let cut = cut.index(other.len() + 1);
            let parts = sketch(&other[..cut]).merge(sketch(&other[cut..]));
            prop_assert_eq!(&parts.people, &whole);
        }

        #[test]
        fn a_person_keeps_the_keys_of_smallest_hash_whoever_else_is_there(rows in rows()) {
            let all = sketch(&rows).people;
            for id in 0..6u128 {
                let own: Vec<Row> = rows.iter().filter(|row| matches!(
                    **row, Row::Join(p, _) | Row::Touch(p, ..) | Row::Coach(p, _) if p == id
                )).cloned().collect();
                let alone = sketch(&own).people;
                prop_assert_eq!(alone.get(&id), all.get(&id));
                let mut sums = std::collections::BTreeMap::<u32, i64>::new();
                for row in &own {
                    if let Row::Touch(_, key, minutes) = row {
                        *sums.entry(*key).or_default() += (*minutes).max(0);
                    }
                }
                let mut sums: Vec<(u32, i64)> = sums.into_iter().collect();
                sums.sort_by_key(|(key, _)| seed().hash(Of::Block(0), id, *key));
                sums.truncate(2);
                let person = all.get(&id).into_iter();
                let kept = person.flat_map(|p| p.entries(0, 0, 2)).map(|(key, sums)| (key, sums[0]));
                prop_assert_eq!(kept.collect::<Vec<_>>(), sums);
            }
        }
    }

    #[test]
    fn the_choice_is_uniform_and_changes_with_the_release() {
        let mut kept = [0u32; 5];
        for person in 0..4000u128 {
            let rows: Vec<Row> = (0..5).map(|key| Row::Touch(person, key, 1)).collect();
            for (key, _) in sketch(&rows).people[&person].entries(0, 0, 2) {
                kept[key as usize] += 1;
            }
        }
        // 8,000 of 20,000 kept: 1,600 a key, σ = √(4000·0.4·0.6) ≈ 31.
        assert!(
            kept.iter().all(|&n| (1600 - 155..=1600 + 155).contains(&n)),
            "{kept:?}"
        );
        let other = Seed::derive(&Secret::new([7; 32]), "2024-Q1", 1);
        assert_ne!(
            seed().hash(Of::Block(0), 1, 1),
            other.hash(Of::Block(0), 1, 1)
        );
    }
}
