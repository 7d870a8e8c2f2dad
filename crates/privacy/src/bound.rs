//! Bounding: what one person can move.
//!
//! A [`Sketch`] holds, per person, the unit, the cohorts, the coaches, and of
//! each block the `max_cells` keys of smallest keyed hash. It is built row by
//! row, in any order, and merges: any split of the rows over threads or files
//! gives the same sketch.

use std::collections::HashMap;
use std::hash::Hasher;

use sha2::{Digest, Sha256};
use siphasher::sip::SipHasher24;

use crate::public::Public;
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
    fn hash(&self, block: usize, person: u128, key: u32) -> u64 {
        let mut hasher = SipHasher24::new_with_key(self.0.expose_private());
        hasher.write_u128(person);
        hasher.write_usize(block);
        hasher.write_u32(key);
        hasher.finish()
    }
}

/// The `cap` keys of smallest (hash, key) seen so far.
///
/// # Proof
/// The kept set is the bottom-`cap` of the set of all pairs offered: taking
/// the bottom of a union of bottoms is the bottom of the union, and duplicates
/// are one element of a set. So neither order, nor repetition, nor partition
/// matters, and no other person enters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct BottomK(Vec<(u64, u32)>);

impl BottomK {
    fn offer(&mut self, cap: usize, entry: (u64, u32)) {
        if let Err(place) = self.0.binary_search(&entry)
            && place < cap
        {
            self.0.insert(place, entry);
            self.0.truncate(cap);
        }
    }
}

/// What is kept of one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Person {
    /// Code of the leaf unit.
    pub(crate) unit: u32,
    /// Bit i: in cohorts of kind i.
    kinds: u32,
    /// By block.
    kept: Vec<BottomK>,
    /// Distinct, ascending.
    pub(crate) coaches: Vec<u64>,
}

impl Person {
    fn new(blocks: usize) -> Self {
        Self {
            unit: u32::MAX,
            kinds: 0,
            kept: vec![BottomK::default(); blocks],
            coaches: vec![],
        }
    }

    pub(crate) fn is_in(&self, kind: usize) -> bool {
        self.kinds >> kind & 1 == 1
    }

    /// The bounded keys of a block.
    pub(crate) fn keys(&self, block: usize) -> impl Iterator<Item = u32> + '_ {
        self.kept[block].0.iter().map(|&(_, key)| key)
    }

    fn add_coach(&mut self, coach: u64) {
        if let Err(place) = self.coaches.binary_search(&coach) {
            self.coaches.insert(place, coach);
        }
    }
}

/// Bounded rows of any part of the input.
#[derive(Clone, Debug)]
pub struct Sketch {
    seed: Seed,
    /// `max_cells` by block.
    caps: Vec<usize>,
    people: HashMap<u128, Person>,
}

impl Sketch {
    /// An empty sketch, bounded as the release declares.
    pub fn new(seed: &Seed, public: &Public) -> Self {
        let caps = public.blocks.iter().map(|block| block.max_cells as usize);
        let caps = caps.collect();
        Self {
            seed: seed.clone(),
            caps,
            people: HashMap::new(),
        }
    }

    fn person(&mut self, person: u128) -> &mut Person {
        let blocks = self.caps.len();
        self.people
            .entry(person)
            .or_insert_with(|| Person::new(blocks))
    }

    /// The person belongs to a leaf unit and to a kind's cohorts there. Should
    /// rows of one person name several units, the smallest code holds: a
    /// person is in one unit, whatever the rows say.
    pub fn join(&mut self, person: u128, kind: usize, unit: u32) {
        let person = self.person(person);
        person.kinds |= 1 << kind;
        person.unit = person.unit.min(unit);
    }

    /// A row of the person touches a key of a block.
    pub fn touch(&mut self, person: u128, block: usize, key: u32) {
        let entry = (self.seed.hash(block, person, key), key);
        let cap = self.caps[block];
        self.person(person).kept[block].offer(cap, entry);
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
        for (id, theirs) in other.people {
            let caps = self.caps.clone();
            let ours = self.person(id);
            ours.kinds |= theirs.kinds;
            ours.unit = ours.unit.min(theirs.unit);
            for ((mine, entries), cap) in ours.kept.iter_mut().zip(theirs.kept).zip(caps) {
                entries
                    .0
                    .into_iter()
                    .for_each(|entry| mine.offer(cap, entry));
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
        let declared = public.blocks.iter().map(|block| block.max_cells as usize);
        declared.eq(self.caps.iter().copied())
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
        Touch(u128, u32),
        Coach(u128, u64),
    }

    fn seed() -> Seed {
        Seed::derive(&Secret::new([7; 32]), "2024-Q1", 0)
    }

    fn sketch(rows: &[Row]) -> Sketch {
        let mut sketch = Sketch::new(&seed(), &crate::example::public());
        for row in rows {
            match *row {
                Row::Join(person, unit) => sketch.join(person, 0, unit),
                Row::Touch(person, key) => sketch.touch(person, 0, key),
                Row::Coach(person, coach) => sketch.coached_by(person, coach),
            }
        }
        sketch
    }

    fn rows() -> impl Strategy<Value = Vec<Row>> {
        let row = prop_oneof![
            (0..6u128, 0..3u32).prop_map(|(p, u)| Row::Join(p, u)),
            (0..6u128, 0..8u32).prop_map(|(p, k)| Row::Touch(p, k)),
            (0..6u128, 0..4u64).prop_map(|(p, c)| Row::Coach(p, c)),
        ];
        prop::collection::vec(row, 0..60)
    }

    proptest! {
        #[test]
        fn order_repetition_and_partition_do_not_matter(
            rows in rows(), shuffle in any::<u64>(), cut in any::<prop::sample::Index>()
        ) {
            let whole = sketch(&rows).people;
            let mut other = rows.clone();
            let half = rows.len() / 2;
            other.extend_from_slice(&rows[..half]);
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
                    **row, Row::Join(p, _) | Row::Touch(p, _) | Row::Coach(p, _) if p == id
                )).cloned().collect();
                let alone = sketch(&own).people;
                prop_assert_eq!(alone.get(&id), all.get(&id));
                let mut keys: Vec<u32> = own.iter().filter_map(|row| match row {
                    Row::Touch(_, key) => Some(*key),
                    _ => None,
                }).collect();
                keys.sort_by_key(|&key| seed().hash(0, id, key));
                keys.dedup();
                keys.truncate(2);
                let kept: Vec<u32> = all.get(&id).into_iter().flat_map(|p| p.keys(0)).collect();
                prop_assert_eq!(kept, keys);
            }
        }
    }

    #[test]
    fn the_choice_is_uniform_and_changes_with_the_release() {
        let mut kept = [0u32; 5];
        for person in 0..4000u128 {
            let rows: Vec<Row> = (0..5).map(|key| Row::Touch(person, key)).collect();
            for key in sketch(&rows).people[&person].keys(0) {
                kept[key as usize] += 1;
            }
        }
        // 8,000 of 20,000 kept: 1,600 a key, σ = √(4000·0.4·0.6) ≈ 31.
        assert!(
            kept.iter().all(|&n| (1600 - 155..=1600 + 155).contains(&n)),
            "{kept:?}"
        );
        let other = Seed::derive(&Secret::new([7; 32]), "2024-Q1", 1);
        assert_ne!(seed().hash(0, 1, 1), other.hash(0, 1, 1));
    }
}
