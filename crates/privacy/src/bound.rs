//! Bounding: what one person can move.
//!
//! A [`Person`] is told everything that the rows of one person say, in any order:
//! their place in the cohorts of each kind, the keys there, the coaches, and of
//! each block and cohort key the keys that they touch, with the sums of their
//! amounts. When all is told, the keys of smallest keyed hash are kept.

use std::ops::Range;

use sha2::{Digest, Sha256};
use siphasher::sip::SipHasher24;

use crate::public::{AMOUNT_MOST, Bound, Keys, Public};
use crate::said::{Said, Speaker, Word};
use crate::secret::Secret;
use crate::tally::TallyError;

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
        let mut said = [0; 25];
        said[..16].copy_from_slice(&person.to_le_bytes());
        said[16..20].copy_from_slice(&(index as u32).to_le_bytes());
        said[20..24].copy_from_slice(&key.to_le_bytes());
        said[24] = domain;
        SipHasher24::new_with_key(self.0.expose_private()).hash(&said)
    }

    /// The same of what somebody says; of nobody, where `person` is 0.
    pub(crate) fn of_said(&self, person: u128, what: [u64; 5]) -> u64 {
        let mut said = [0; 57];
        said[..16].copy_from_slice(&person.to_le_bytes());
        for (place, part) in said[16..56].chunks_exact_mut(8).zip(what) {
            place.copy_from_slice(&part.to_le_bytes());
        }
        said[56] = 2;
        SipHasher24::new_with_key(self.0.expose_private()).hash(&said)
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

/// A key that a person has, within a key of cohorts (or kind of them).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    within: u32,
    key: u32,
    /// Where its amounts start.
    amounts: u32,
    /// Whether it is among those that count.
    kept: bool,
}

/// The keys that a person has, each with the sums of its amounts. When all is
/// told they are sorted.
#[derive(Clone, Debug)]
struct Keyed {
    entries: Vec<Entry>,
    amounts: Vec<i64>,
    /// Where the places of each key of cohorts start, and the end.
    starts: Vec<usize>,
    /// By key of cohorts and declared key: 1 more than the place of the entry; 0:
    /// none.
    places: Vec<u32>,
    /// Whether a key came that is not declared.
    undeclared: bool,
}

impl Keyed {
    /// Of so many keys within each key of cohorts.
    fn new(keys: impl Iterator<Item = usize>) -> Self {
        let mut starts = vec![0];
        starts.extend(keys.scan(0, |end, keys| {
            *end += keys;
            Some(*end)
        }));
        Self {
            entries: Vec::new(),
            amounts: Vec::new(),
            places: vec![0; starts[starts.len() - 1]],
            starts,
            undeclared: false,
        }
    }

    /// The place of a key, if it is declared.
    fn place(&self, (within, key): (u32, u32)) -> Option<usize> {
        let within = within as usize;
        let (start, end) = (*self.starts.get(within)?, *self.starts.get(within + 1)?);
        Some(start + key as usize).filter(|place| *place < end)
    }

    fn clear(&mut self) {
        while let Some(entry) = self.entries.pop() {
            if let Some(place) = self.place((entry.within, entry.key)) {
                self.places[place] = 0;
            }
        }
        self.amounts.clear();
        self.undeclared = false;
    }

    /// Adds to a key's amounts: so many, those that are not given being 0.
    fn add(&mut self, (within, key): (u32, u32), inputs: usize, amounts: &[i64]) {
        let Some(at) = self.place((within, key)) else {
            self.undeclared = true;
            return;
        };
        let first = if let Some(known) = self.places[at].checked_sub(1) {
            self.entries[known as usize].amounts as usize
        } else {
            let first = self.amounts.len();
            self.amounts.resize(first + inputs, 0);
            self.entries.push(Entry {
                within,
                key,
                amounts: first as u32,
                kept: false,
            });
            self.places[at] = self.entries.len() as u32;
            first
        };
        let sums = &mut self.amounts[first..first + inputs];
        for (sum, amount) in sums.iter_mut().zip(amounts) {
            *sum = bounded(*sum + bounded(*amount));
        }
    }

    /// All is told: sorts the entries, unless a key came that is not declared.
    fn sort(&mut self) -> Result<(), TallyError> {
        self.entries
            .sort_unstable_by_key(|entry| (entry.within, entry.key));
        if self.undeclared {
            return Err(TallyError::Undeclared);
        }
        Ok(())
    }

    /// Within each key of cohorts, keeps the `most(within)` keys of smallest (hash,
    /// key).
    ///
    /// # Proof
    /// Which keys are kept follows from the set of the person's keys, which no
    /// order of their rows and no other person enters. Amounts are at least 0 and
    /// saturate at a common bound, so their sums are the same in any order; and
    /// those of a key that is kept are complete.
    fn keep(
        &mut self,
        most: impl Fn(u32) -> usize,
        hash: impl Fn(u32, u32) -> u64,
        ranks: &mut Vec<(u64, u32)>,
    ) {
        for group in self.entries.chunk_by_mut(|a, b| a.within == b.within) {
            let within = group[0].within;
            let most = most(within);
            let all = group.len() <= most;
            for entry in group.iter_mut() {
                entry.kept = all;
            }
            if all {
                continue;
            }
            ranks.clear();
            for entry in group.iter() {
                let rank = (hash(within, entry.key), entry.key);
                if ranks.len() == most && ranks.last() < Some(&rank) {
                    continue;
                }
                ranks.truncate(most.saturating_sub(1));
                ranks.insert(ranks.partition_point(|known| *known < rank), rank);
            }
            for (_, key) in ranks.iter().take(most) {
                if let Ok(at) = group.binary_search_by_key(key, |entry| entry.key) {
                    group[at].kept = true;
                }
            }
        }
    }

    /// Where the entries of a key of cohorts are.
    fn within(&self, key: u32) -> Range<usize> {
        let start = self.entries.partition_point(|entry| entry.within < key);
        let mine = self.entries[start..].partition_point(|entry| entry.within == key);
        start..start + mine
    }

    fn kept(&self, within: u32) -> impl Iterator<Item = &Entry> {
        let mine = self.entries[self.within(within)].iter();
        mine.filter(|entry| entry.kept)
    }
}

/// How many keys count.
pub(crate) fn cap(declared: u32) -> usize {
    flaw!(no_cap: usize::MAX; declared as usize)
}

fn bounded(amount: i64) -> i64 {
    amount.clamp(0, AMOUNT_MOST)
}

/// A person's place in the cohorts of a kind: leaf unit, and cell of their
/// values.
pub(crate) type Place = (u32, u32);

/// In no cohort of a kind.
const NOWHERE: Place = (u32::MAX, u32::MAX);

/// One person: what their rows say. How it is bounded is not theirs to say: that
/// follows from the declaration and who they are ([`end`](Self::end)).
pub struct Person {
    /// Whose rows they are, once all is told.
    id: u128,
    /// By kind: the key of everybody.
    all: Box<[Option<u32>]>,
    /// By kind.
    places: Box<[Place]>,
    /// The keys of all kinds, each within its [`group`].
    keys: Keyed,
    /// By block: its number of amounts, and what is touched.
    touched: Box<[(usize, Keyed)]>,
    /// By block: how many sections it has, and what is said; nothing where its keys are
    /// declared.
    said: Box<[(Option<usize>, Said)]>,
    /// Whether something was said that is not looked for, or in no declared section.
    said_elsewhere: bool,
    /// Distinct, ascending.
    pub(crate) coaches: Vec<u64>,
}

/// Says nothing of anybody.
impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Person(..)")
    }
}

/// Keys of a kind are bounded among themselves, and `(all)` apart from them.
fn group(kind: usize, all: bool) -> u32 {
    2 * kind as u32 + u32::from(all)
}

impl Person {
    /// Nobody yet.
    pub(crate) fn new(public: &Public) -> Self {
        let keys = |kind: usize| public.kinds[kind].keys.labels.len();
        let touched = public.blocks.iter();
        let touched = touched.map(|block| {
            let within = std::iter::repeat_n(block.keys.len(), keys(block.kind));
            (block.inputs, Keyed::new(within))
        });
        let said = public.blocks.iter().map(|block| {
            let sections = block.search.as_ref().map(|search| search.sections.len());
            (sections, Said::default())
        });
        let groups = (0..public.kinds.len()).flat_map(|kind| [keys(kind); 2]);
        Self {
            id: 0,
            said: said.collect(),
            said_elsewhere: false,
            all: public.kinds.iter().map(|kind| kind.keys.all()).collect(),
            places: vec![NOWHERE; public.kinds.len()].into(),
            keys: Keyed::new(groups),
            touched: touched.collect(),
            coaches: Vec::new(),
        }
    }

    /// Another person, of whom nothing is told yet.
    pub(crate) fn begin(&mut self) {
        self.places.fill(NOWHERE);
        self.keys.clear();
        self.touched.iter_mut().for_each(|(_, keyed)| keyed.clear());
        self.said.iter_mut().for_each(|(_, said)| said.clear());
        self.said_elsewhere = false;
        self.coaches.clear();
    }

    /// All is told of the person: chooses the keys that count, as is declared.
    /// `ranks` is used again for every choice. Refuses who has a key that is not
    /// declared.
    pub(crate) fn end(
        &mut self,
        id: u128,
        seed: &Seed,
        public: &Public,
        ranks: &mut Vec<(u64, u32)>,
    ) -> Result<(), TallyError> {
        self.id = id;
        self.coaches.sort_unstable();
        self.coaches.dedup();
        if self.said_elsewhere {
            return Err(TallyError::Undeclared);
        }
        let kind = |group: u32| group as usize / 2;
        let most = |group: u32| cap(public.kinds[kind(group)].keys.most);
        let hash = |group: u32, key| seed.hash(Of::Kind(kind(group)), id, key);
        self.keys.sort()?;
        self.keys.keep(most, hash, ranks);
        let touched = self.touched.iter_mut().zip(&public.blocks).enumerate();
        for (block, ((_, keyed), declared)) in touched {
            let hash = |_, key| seed.hash(Of::Block(block), id, key);
            keyed.sort()?;
            keyed.keep(|_| cap(declared.max_cells), hash, ranks);
        }
        Ok(())
    }

    /// The person belongs to a kind's cohorts: to a leaf unit, and there to a
    /// cell of values (of the first key), whose digits are the person's values
    /// (0: none). Should rows of one person name several places, the smallest
    /// holds: a person is in one, whatever the rows say.
    pub fn join(&mut self, kind: usize, unit: u32, cell: u32) {
        let place = &mut self.places[kind];
        *place = (*place).min((unit, cell));
    }

    /// The person has a key of a kind's cohorts. A kind without keys has one,
    /// which need not be entered.
    pub fn enter(&mut self, kind: usize, key: u32) {
        let group = group(kind, self.all[kind] == Some(key));
        self.keys.add((group, key), 0, &[]);
    }

    /// A row of the person touches a key of a block within a key of the kind's
    /// cohorts (0 where it has none), and adds to its amounts. Amounts that the
    /// block does not declare are ignored, missing ones are 0. It counts only if
    /// the cohort key is one that the person keeps.
    pub fn touch(&mut self, block: usize, within: u32, key: u32, amounts: &[i64]) {
        let (inputs, keyed) = &mut self.touched[block];
        keyed.add((within, key), *inputs, amounts);
    }

    /// A row of the person says something, in some sections of what is looked for. Words
    /// are keyed hashes, in their order.
    pub fn say(&mut self, block: usize, sections: &[u16], words: &[Word]) {
        let (declared, said) = &mut self.said[block];
        let known = |section: &u16| declared.is_some_and(|all| usize::from(*section) < all);
        if declared.is_some() && sections.iter().all(known) {
            said.add(sections, words);
        } else {
            self.said_elsewhere = true;
        }
    }

    /// What the person says of a block, if anything.
    pub(crate) fn speaker(&self, block: usize) -> Option<Speaker> {
        let (_, said) = &self.said[block];
        (!said.is_empty()).then(|| Speaker {
            id: self.id,
            coaches: self.coaches.as_slice().into(),
            said: said.clone(),
        })
    }

    /// A coach worked with the person.
    pub fn coached_by(&mut self, coach: u64) {
        self.coaches.push(coach);
    }

    /// Where the person is in the cohorts of a kind, if anywhere.
    pub(crate) fn place(&self, kind: usize) -> Option<Place> {
        Some(self.places[kind]).filter(|place| *place != NOWHERE)
    }

    /// The keys of a kind's cohorts that the person counts in: the `most` of
    /// smallest hash among those entered, and `(all)`; a kind without keys has
    /// one, of everybody in it.
    pub(crate) fn keys(&self, kind: usize, declared: &Keys) -> impl Iterator<Item = u32> + '_ {
        let plain = declared.is_plain();
        let most = cap(declared.most);
        let groups = [false, true].map(|all| self.keys.kept(group(kind, all)).take(most));
        let mine = groups.into_iter().flatten().map(|entry| entry.key);
        let mine = mine.filter(move |_| !plain);
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
        let (inputs, keyed) = &self.touched[block];
        let kept = keyed.kept(within).take(cap(max_cells));
        kept.map(move |entry| {
            let first = entry.amounts as usize;
            (entry.key, &keyed.amounts[first..first + inputs])
        })
    }

    /// How much a bound cuts off of the person within a key of a kind's cohorts.
    ///
    /// # Proof
    /// It follows from the person's own keys and amounts.
    pub(crate) fn cut_off(&self, public: &Public, kind: usize, bound: &Bound, within: u32) -> i64 {
        let beyond = |known: Range<usize>, most: u32| known.len() as i64 - i64::from(most);
        match *bound {
            Bound::CohortKeys { .. } => {
                let known = self.keys.within(group(kind, false));
                beyond(known, public.kinds[kind].keys.most)
            }
            Bound::Keys { block, .. } => {
                let known = self.touched[block].1.within(within);
                beyond(known, public.blocks[block].max_cells)
            }
            Bound::Clip {
                block,
                input,
                high,
                more,
            } => {
                let amounts = self.entries(block, within, public.blocks[block].max_cells);
                let amounts = amounts.map(|(_, amounts)| amounts.get(input).copied().unwrap_or(0));
                amounts
                    .map(|amount| amount.saturating_sub(high).clamp(0, more))
                    .fold(0, i64::saturating_add)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::hash::Hasher;

    use super::*;
    use crate::public::Label;
    use proptest::prelude::*;

    #[derive(Clone, Debug)]
    enum Row {
        Join(u32),
        Touch(u32, i64),
        Coach(u64),
    }

    fn seed() -> Seed {
        Seed::derive(&Secret::new([7; 32]), "2024-Q1", 0)
    }

    fn person(id: u128, rows: &[Row]) -> Person {
        let mut public = crate::example::public();
        public.blocks[0].inputs = 1;
        let key = |key: u32| vec![Label::plain(&key.to_string())];
        public.blocks[0].keys = (0..8).map(key).collect();
        let (mut person, mut ranks) = (Person::new(&public), Vec::new());
        // Whoever came before leaves nothing behind.
        person.begin();
        person.touch(0, 0, 7, &[5]);
        person.coached_by(9);
        let before = person.end(id + 1, &seed(), &public, &mut ranks);
        assert_eq!(before, Ok(()));
        person.begin();
        for row in rows {
            match *row {
                Row::Join(unit) => person.join(0, unit, 0),
                Row::Touch(key, minutes) => person.touch(0, 0, key, &[minutes]),
                Row::Coach(coach) => person.coached_by(coach),
            }
        }
        let end = person.end(id, &seed(), &public, &mut ranks);
        assert_eq!(end, Ok(()));
        person
    }

    /// All that counts of a person.
    type Counts = (Option<Place>, Vec<u64>, Vec<(u32, i64)>);

    fn counts(person: &Person) -> Counts {
        let kept = person.entries(0, 0, 2).map(|(key, sums)| (key, sums[0]));
        (person.place(0), person.coaches.clone(), kept.collect())
    }

    fn rows() -> impl Strategy<Value = Vec<Row>> {
        let row = prop_oneof![
            (0..3u32).prop_map(Row::Join),
            (0..8u32, -9..99i64).prop_map(|(k, m)| Row::Touch(k, m)),
            (0..4u64).prop_map(Row::Coach),
        ];
        prop::collection::vec(row, 0..30)
    }

    proptest! {
        #[test]
        fn the_order_of_rows_does_not_matter(rows in rows(), shuffle in any::<u64>()) {
            let mut other = rows.clone();
            other.sort_by_key(|row| {
                let mut hasher = SipHasher24::new_with_keys(shuffle, 1);
                hasher.write(format!("{row:?}").as_bytes());
                hasher.finish()
            });
            prop_assert_eq!(counts(&person(5, &rows)), counts(&person(5, &other)));
        }

        #[test]
        fn a_person_keeps_the_keys_of_smallest_hash_with_all_of_their_sums(
            rows in rows(), id in 0..6u128
        ) {
            let mut sums = std::collections::BTreeMap::<u32, i64>::new();
            for row in &rows {
                if let Row::Touch(key, minutes) = row {
                    *sums.entry(*key).or_default() += (*minutes).max(0);
                }
            }
            let mut sums: Vec<(u32, i64)> = sums.into_iter().collect();
            sums.sort_by_key(|(key, _)| seed().hash(Of::Block(0), id, *key));
            sums.truncate(2);
            sums.sort_unstable();
            prop_assert_eq!(counts(&person(id, &rows)).2, sums);
        }
    }

    #[test]
    fn the_choice_is_uniform_and_changes_with_the_release() {
        let mut kept = [0u32; 5];
        for id in 0..4000u128 {
            let rows: Vec<Row> = (0..5).map(|key| Row::Touch(key, 1)).collect();
            for (key, _) in person(id, &rows).entries(0, 0, 2) {
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
