//! Terms that many people's rows say, found without a list of what to look for:
//! private set union over people, round by round.
//!
//! Each person puts the words of their own rows into a round, at most so many, and the
//! more they put in the less each weighs (Gopi, Gulhane, Kulkarni, Shen, Shokouhi,
//! Yekhanin 2020, “Differentially private set union”, weighted Gaussian). What has
//! enough weight, beyond that of k − 1 people and after any coach took away those whom
//! they know, is selected by a Gaussian threshold. The next round is of what was not
//! found, with all weight (Swanberg, Desfontaines, Haney 2023, “DP-SIPS”); phrases are
//! put in only where all that is shorter in them was found (Kim, Gopi, Kulkarni,
//! Yekhanin 2021, “Differentially private n-gram extraction”).

use std::collections::{BTreeSet, HashMap, HashSet};

use rayon::prelude::*;

use crate::bound::{Seed, cap};
use crate::mechanism::{MechanismError, Mechanisms};
use crate::noisy::{Found, Selection, Term};
use crate::public::{Public, Round, Search, WHOLE};
use crate::said::{BREAK, Passage, Speaker, Word};
use crate::tally::Tally;

/// Most words of a term.
const WORDS: usize = 3;

/// Entries of a round that are looked at together.
const TOGETHER: usize = 1 << 24;

/// A term's words, those that it does not have being [`BREAK`].
type Words = [Word; WORDS];

/// What is put into a round: a term, in a section or anywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Element {
    section: Option<u64>,
    words: Words,
}

/// One person's part in an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    /// Of the element.
    key: u64,
    weight: u32,
    /// Place among the speakers.
    speaker: u32,
}

/// What was found, and the elements behind it, in the same order.
pub(crate) struct Sought {
    pub(crate) found: Found,
    elements: Vec<Element>,
    /// By term, the order in which they were found: the most frequent first, and words
    /// before phrases.
    order: HashMap<Words, usize>,
}

/// Looks for the terms of a block, in the rounds of its search.
///
/// # Proof
/// A round is a Gaussian threshold on the values of elements ([`value`]). What a
/// person puts in follows from what their own rows say, their id, the seed and what
/// earlier rounds found, which is released: so, given that, a person who comes moves
/// the values of c ≤ `entries` elements, each by 0 to their weight there, and no others:
/// [`Search::moved`] bounds that. Elements of value 0 are not told of; one that has a
/// value with the person and none without has at most the person's weight, at most
/// `each`, which is what the threshold's δ bounds for `entries` of them at once. So
/// OpenDP's map at (`entries`, √`l2_squared`, `each`) holds, and rounds compose
/// adaptively ([`crate::release::release`]).
///
/// *k*: an element with a value has, beside whomever any one coach knows, at least k
/// people who put it in, and so at least k who said it.
///
/// Which of those that are selected are kept (the strongest), and in which order,
/// follows from noisy values, and from texts that are released with them.
pub(crate) fn search(
    tally: &Tally,
    public: &Public,
    (block, search): (usize, &Search),
    rounds: &[Selection],
    mechanisms: &mut impl Mechanisms,
) -> Result<Sought, MechanismError> {
    let mut look = Look::new(tally, block, search.entries);
    let (mut elements, mut order) = (Vec::new(), HashMap::new());
    for (place, ((round, _), selection)) in Round::of(search).zip(rounds).enumerate() {
        (look.place, look.round) = (place as u32, round);
        let values = look.values(public);
        let mut selected = mechanisms.select(values, selection)?;
        selected.sort_unstable_by_key(|(key, noisy)| (std::cmp::Reverse(*noisy), *key));
        if round != Round::Sections {
            selected.truncate(search.most as usize);
        }
        let found = look.elements_of(&selected);
        for element in &found {
            let next = order.len();
            order.entry(element.words).or_insert(next);
            look.known.insert(element.words);
        }
        elements.extend(found);
    }
    let term = |element: Element| {
        let words = element.words.into_iter().filter(|word| *word != BREAK);
        let term = Term {
            section: element.section.map(|section| section as usize),
            words: tally.words().text(words)?,
        };
        Some((term, element))
    };
    let mut found: Vec<(Term, Element)> = elements.into_iter().filter_map(term).collect();
    found.sort_unstable();
    let (terms, elements) = found.into_iter().unzip();
    let rounds = rounds.to_vec();
    Ok(Sought {
        found: Found { rounds, terms },
        elements,
        order,
    })
}

/// How many people say each of the terms that were found, of each person as many as the
/// block's `max_cells`, those that were found last, which are the rarest, and a term with
/// all of its sections or not at all: key by key, coordinate by coordinate.
///
/// # Proof
/// Given what was found, and in which order, each person adds their coordinates for at
/// most `max_cells` keys, each in ±factor: so L2² ≤ `max_cells` · Σ factor², as
/// [`Public::l2_squared`] declares where a person is in one cohort.
pub(crate) fn count(tally: &Tally, public: &Public, block: usize, sought: &Sought) -> Vec<i64> {
    let declared = &public.blocks[block];
    let width = declared.coordinates.len();
    let elements = sought.elements.iter().copied();
    let mut look = Look::new(tally, block, declared.max_cells);
    look.known = elements.clone().map(|element| element.words).collect();
    let places: HashMap<Element, usize> = elements.zip(0..).collect();
    let one = |mut totals: Vec<i64>, speaker: &Speaker| {
        let mut said = look.known(speaker);
        said.retain(|element| places.contains_key(element));
        said.sort_by_key(|element| std::cmp::Reverse(sought.order[&element.words]));
        // A term with all of its sections, or not at all: they are compared.
        let mut room = look.entries;
        let terms = said.chunk_by(|a, b| a.words == b.words);
        let kept = terms.take_while(|term| {
            let fits = term.len() <= room;
            room = room.saturating_sub(if fits { term.len() } else { room });
            fits
        });
        for element in kept.flatten() {
            let mine = totals[places[element] * width..].iter_mut();
            mine.zip(&declared.coordinates)
                .for_each(|(total, coordinate)| *total += coordinate.of(&[]));
        }
        totals
    };
    let none = || vec![0; places.len() * width];
    let add = |mut a: Vec<i64>, b: Vec<i64>| {
        a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
        a
    };
    look.speakers.par_iter().fold(none, one).reduce(none, add)
}

/// What a round looks at.
struct Look<'a> {
    seed: &'a Seed,
    speakers: &'a [Speaker],
    block: usize,
    /// Most elements of a person.
    entries: usize,
    /// Of the round among all.
    place: u32,
    round: Round,
    /// Terms that were found before.
    known: HashSet<Words>,
}

impl<'a> Look<'a> {
    /// Before the first round.
    fn new(tally: &'a Tally, block: usize, entries: u32) -> Self {
        Self {
            seed: tally.seed(),
            speakers: tally.speakers(block),
            block,
            entries: cap(entries),
            place: 0,
            round: Round::Words(0),
            known: HashSet::new(),
        }
    }

    /// What somebody could put in, each once.
    fn elements(&self, speaker: &Speaker) -> Vec<Element> {
        match self.round {
            Round::Words(_) => anywhere(speaker, 1, |words| !self.known.contains(words)),
            Round::Phrases(length) => anywhere(speaker, length as usize, |words| {
                let length = length as usize;
                let shorter = [&words[..length - 1], &words[1..length]];
                let is_known = |words: &[Word]| self.known.contains(&padded(words));
                shorter.into_iter().all(is_known)
            }),
            Round::Sections => {
                let mut known = self.known(speaker);
                known.retain(|element| element.section.is_some());
                known
            }
        }
    }

    /// The terms that are known and somebody says, each anywhere, and in the sections
    /// where they say it; each once.
    fn known(&self, speaker: &Speaker) -> Vec<Element> {
        let mut known = Vec::new();
        for passage in speaker.said.passages() {
            let terms = (1..=WORDS).flat_map(|length| terms(passage, length));
            for words in terms.filter(|words| self.known.contains(words)) {
                let sections = passage.sections.iter().copied().map(Some);
                let sections = sections.chain([None]);
                known.extend(sections.map(|section| Element { section, words }));
            }
        }
        distinct(known)
    }

    /// Keeps as many as somebody may put in.
    fn keep(&self, speaker: &Speaker, elements: &mut Vec<Element>) {
        if elements.len() > self.entries {
            elements.sort_by_cached_key(|element| self.hash(speaker.id, element));
            elements.truncate(self.entries);
        }
    }

    /// What stands for an element.
    fn key(&self, element: &Element) -> u64 {
        self.hash(0, element)
    }

    fn hash(&self, person: u128, element: &Element) -> u64 {
        let section = element.section.map_or(0, |section| section + 1);
        let [first, second, third] = element.words;
        let place = u64::from(self.place) << 32 | self.block as u64;
        self.seed
            .of_said(person, [place, section, first, second, third])
    }

    /// What somebody puts in, with the weight of each.
    fn entries(&self, (place, speaker): (usize, &Speaker)) -> Vec<Entry> {
        let mut elements = self.elements(speaker);
        self.keep(speaker, &mut elements);
        let weight = weight(elements.len());
        let entry = |element: &Element| Entry {
            key: self.key(element),
            weight,
            speaker: place as u32,
        };
        elements.iter().map(entry).collect()
    }

    /// Of the elements that have one, their values.
    fn values(&self, public: &Public) -> HashMap<u64, i64> {
        let speakers = || self.speakers.par_iter().enumerate();
        let number = |(_, one)| self.elements(one).len().min(self.entries);
        let all: usize = speakers().map(number).sum();
        let passes = all.div_ceil(TOGETHER).max(1) as u64;
        let rule = public.coach_rule(public.blocks[self.block].kind);
        let coaches = |place: u32| match &self.speakers[place as usize].coaches {
            coaches if rule => &coaches[..],
            _ => &[],
        };
        let mut values = HashMap::new();
        for pass in 0..passes {
            let mine = |entry: &Entry| entry.key % passes == pass;
            let entries = speakers().flat_map_iter(|one| self.entries(one));
            let mut entries: Vec<Entry> = entries.filter(mine).collect();
            // Of each element the heaviest first.
            entries.par_sort_unstable_by_key(|entry| {
                (entry.key, std::cmp::Reverse(entry.weight), entry.speaker)
            });
            let elements = entries.par_chunk_by(|a, b| a.key == b.key);
            let value = |entries: &[Entry]| {
                let value = value(entries, public.policy.k, coaches);
                (value > 0).then_some((entries[0].key, value))
            };
            values.par_extend(elements.filter_map(value));
        }
        values
    }

    /// The elements that some keys stand for, in the same order.
    fn elements_of(&self, keys: &[(u64, i64)]) -> Vec<Element> {
        let places: HashMap<u64, usize> = keys.iter().map(|(key, _)| *key).zip(0..).collect();
        let mine = |mut found: BTreeSet<(usize, Element)>, speaker: &Speaker| {
            let elements = self.elements(speaker).into_iter();
            let of_key = |element: Element| Some((*places.get(&self.key(&element))?, element));
            found.extend(elements.filter_map(of_key));
            found
        };
        let speakers = self.speakers.par_iter().fold(BTreeSet::new, mine);
        let found = speakers.reduce(BTreeSet::new, |mut a, b| {
            a.extend(b);
            a
        });
        found.into_iter().map(|(_, element)| element).collect()
    }
}

/// Terms of one length that somebody says, wherever it is; each once.
fn anywhere(speaker: &Speaker, length: usize, is_wanted: impl Fn(&Words) -> bool) -> Vec<Element> {
    let passages = speaker.said.passages();
    let terms = passages.flat_map(|passage| terms(passage, length));
    let anywhere = |words| Element {
        section: None,
        words,
    };
    distinct(terms.filter(is_wanted).map(anywhere).collect())
}

/// Each once, in order.
fn distinct(mut elements: Vec<Element>) -> Vec<Element> {
    elements.sort_unstable();
    elements.dedup();
    elements
}

/// The terms of so many words of a passage.
fn terms(passage: Passage<'_>, length: usize) -> impl Iterator<Item = Words> + '_ {
    let together = passage.words.windows(length);
    let whole = together.filter(|words| !words.contains(&BREAK));
    whole.map(padded)
}

fn padded(words: &[Word]) -> Words {
    let mut all = [BREAK; WORDS];
    all[..words.len()].copy_from_slice(words);
    all
}

/// What one of so many elements of a person weighs: ⌊W ÷ √c⌋.
fn weight(elements: usize) -> u32 {
    let whole = u64::from(WHOLE);
    (whole * whole / elements.max(1) as u64).isqrt() as u32
}

/// What the people of an element weigh, heaviest first, but for the k − 1 heaviest, and
/// for those of whichever coach it matters most.
///
/// # Proof
/// Let f(S) be the sum of the weights of S but for its k − 1 largest. A person of weight
/// w who joins S raises f by 0 ..= w: either they are not among the k − 1 largest, and f
/// rises by w; or they are, and what was the smallest of those, which is at most w, is
/// added (0 if there were fewer). The value is the least of f(S) and of f(S ∖ N) over the
/// caseloads N of coaches. A person who joins S joins S ∖ N or not, so each of these rises
/// by 0 ..= w, and so does the least; a caseload that was not there before is N = {the
/// person}, and S ∖ N the former S, whose f is at least the former value and at most the
/// new f(S). So the value moves by 0 ..= w.
///
/// It is above 0 only if every S ∖ N has at least k people, as weights are above 0.
fn value<'a>(entries: &[Entry], k: u32, coaches: impl Fn(u32) -> &'a [u64]) -> i64 {
    let spared = flaw!(unshifted: 0; k.max(1) as usize - 1);
    let least = k.max(1) as usize;
    let weights = || entries.iter().map(|entry| i64::from(entry.weight));
    let all: i64 = weights().sum();
    if entries.len() < least {
        return 0;
    }
    let mut value = all - weights().take(spared).sum::<i64>();
    let known = |(place, entry): (usize, &Entry)| {
        let coaches = coaches(entry.speaker).iter();
        coaches.map(move |coach| (*coach, place))
    };
    let mut known: Vec<(u64, usize)> = entries.iter().enumerate().flat_map(known).collect();
    known.sort_unstable();
    for caseload in known.chunk_by(|a, b| a.0 == b.0) {
        if entries.len() - caseload.len() < least {
            return 0;
        }
        let theirs = |place: usize| i64::from(entries[place].weight);
        let taken: i64 = caseload.iter().map(|(_, place)| theirs(*place)).sum();
        let mut mine = caseload.iter().map(|(_, place)| *place).peekable();
        let others = (0..entries.len()).filter(|place| mine.next_if_eq(place).is_none());
        let heaviest: i64 = others.take(spared).map(theirs).sum();
        value = value.min(all - taken - heaviest);
    }
    value
}

#[cfg(test)]
mod tests;
