use std::cmp::Reverse;

use proptest::prelude::*;

use super::*;
use crate::budget::{Allotment, Design, Owed, Purpose, Purse, Spent};
use crate::example;
use crate::mechanism::Shipped;
use crate::noisy::Noise;
use crate::parts::part_of;
use crate::public::{Label, Search};
use crate::said::Words as Texts;
use crate::secret::Secret;

/// Somebody: who knows them, and passages with their sections.
type Someone = (Vec<u64>, Vec<(Vec<u16>, Vec<Word>)>);

/// A block of one level whose keys are looked for, in two sections.
fn public(entries: u32, max_cells: u32, k: u32) -> Public {
    let mut public = example::public();
    public.policy.k = k;
    let block = &mut public.blocks[0];
    block.levels = vec![0];
    block.keys = Vec::new();
    block.max_cells = max_cells;
    block.search = Some(Search {
        entries,
        most: 50,
        sections: ["courage", "trust"].map(Label::plain).to_vec(),
    });
    public
}

/// Ids whose parts ascend with them.
fn id(number: usize) -> u128 {
    (number as u128) << 100
}

fn tally(public: &Public, people: &[(u128, Someone)]) -> Tally {
    let seed = Seed::derive(&Secret::new([1; 32]), "2024-Q1", 0);
    let tally = Tally::count(public.clone(), &seed, |part| {
        let number = part.number();
        let mut mine = people.iter().filter(|(id, _)| part_of(*id) == number);
        mine.try_for_each(|(id, (coaches, passages))| {
            part.person(*id, |person| {
                person.join(0, 3, 0);
                for coach in coaches {
                    person.coached_by(*coach);
                }
                for (sections, words) in passages {
                    person.say(0, sections, words);
                }
            })
        })
    });
    let text = |word: Word| (word, format!("w{word}").into());
    let texts = Texts::new((1..2_000).map(text).collect());
    tally
        .map_err(|error: crate::tally::TallyError| error)
        .unwrap()
        .with_words(texts)
}

/// Selects by chance, but the same again; and remembers what it was given.
struct Chosen {
    seed: u64,
    again: Option<Vec<Vec<u64>>>,
    selected: Vec<Vec<u64>>,
    values: Vec<HashMap<u64, i64>>,
}

impl Mechanisms for Chosen {
    fn add_noise(&mut self, values: Vec<i64>, _: &Noise) -> Result<Vec<i64>, MechanismError> {
        Ok(values)
    }

    fn select(
        &mut self,
        counts: HashMap<u64, i64>,
        _: &Selection,
    ) -> Result<Vec<(u64, i64)>, MechanismError> {
        let round = self.values.len();
        let chance = |key: &u64| !(key ^ self.seed).is_multiple_of(3);
        let mut mine: Vec<u64> = match &self.again {
            Some(again) => again[round].clone(),
            None => counts.keys().copied().filter(chance).collect(),
        };
        mine.sort_unstable();
        self.values.push(counts);
        self.selected.push(mine.clone());
        Ok(mine.into_iter().map(|key| (key, 9)).collect())
    }
}

fn rounds(public: &Public) -> Vec<Selection> {
    let owed = Owed::new(&[(public, true)]).unwrap();
    let purse = Purse::new(&public.policy).unwrap();
    let spent = Spent::default();
    let allotment = Allotment::new(public, &purse, &spent, &owed, Purpose::Planned).unwrap();
    let parts = allotment.searches[0]
        .iter()
        .map(|(rho, _)| rho)
        .sum::<u64>();
    assert!(parts + allotment.cells[0][0] <= allotment.rho_micro());
    Design::new(public, &allotment).unwrap().searches[0].clone()
}

fn sought(tally: &Tally, public: &Public, mechanisms: &mut impl Mechanisms) -> Sought {
    let search = public.blocks[0].search.as_ref().unwrap();
    super::search(tally, public, (0, search), &rounds(public), mechanisms).unwrap()
}

fn someone() -> impl Strategy<Value = Someone> {
    let sections = prop::collection::vec(0..2_u16, 0..3);
    let words = prop::collection::vec(0..7_u64, 0..9);
    let passages = prop::collection::vec((sections, words), 0..4);
    (prop::collection::vec(0..4_u64, 0..3), passages)
}

fn people() -> impl Strategy<Value = Vec<Someone>> {
    prop::collection::vec(someone(), 1..14)
}

fn numbered(people: &[Someone]) -> Vec<(u128, Someone)> {
    let people = people.iter().cloned().enumerate();
    people.map(|(number, one)| (id(number), one)).collect()
}

proptest! {
    /// With the same outcomes, the same rounds follow, and in each somebody moves at
    /// most `entries` values, by so much each and all together as is declared.
    #[test]
    fn a_person_moves_values_by_no_more_than_is_declared(
        people in people(), out in any::<prop::sample::Index>(), seed in any::<u64>(),
        entries in 1..6_u32, k in 1..4_u32,
    ) {
        let public = public(entries, 2, k);
        let with = numbered(&people);
        let mut without = with.clone();
        without.remove(out.index(without.len()));
        let (with, without) = (tally(&public, &with), tally(&public, &without));
        let mut first = Chosen { seed, again: None, selected: vec![], values: vec![] };
        let a = sought(&without, &public, &mut first);
        let again = Some(first.selected.clone());
        let mut second = Chosen { seed, again, selected: vec![], values: vec![] };
        let b = sought(&with, &public, &mut second);
        prop_assert_eq!(&a.found, &b.found);
        let moved = public.blocks[0].search.as_ref().unwrap().moved();
        for (without, with) in first.values.iter().zip(&second.values) {
            let value = |all: &HashMap<u64, i64>, key: &u64| all.get(key).copied().unwrap_or(0);
            let keys: HashSet<&u64> = without.keys().chain(with.keys()).collect();
            let by = keys.iter().map(|key| value(with, key) - value(without, key));
            let by: Vec<i64> = by.filter(|by| *by != 0).collect();
            prop_assert!(by.iter().all(|by| (1..=i64::from(moved.each)).contains(by)));
            prop_assert!(by.len() <= moved.numbers as usize);
            prop_assert!(by.iter().map(|by| by * by).sum::<i64>() <= moved.l2_squared as i64);
        }
        let numbers = |tally: &Tally, sought: &Sought| count(tally, &public, 0, sought);
        let counts = numbers(&with, &b).into_iter().zip(numbers(&without, &a));
        let by: Vec<i64> = counts.map(|(with, without)| with - without).collect();
        prop_assert!(by.iter().all(|by| (0..=1).contains(by)));
        prop_assert!(by.iter().sum::<i64>() <= public.l2_squared(0) as i64);
    }

    /// What has a value has k people outside of any caseload.
    #[test]
    fn a_value_needs_k_people_whom_no_one_coach_knows(
        members in prop::collection::vec((1..9_u32, prop::collection::btree_set(0..4_u64, 0..3)),
            0..12),
        k in 1..5_u32,
    ) {
        let mut members: Vec<(u32, Vec<u64>)> = members
            .into_iter()
            .map(|(weight, coaches)| (weight, coaches.into_iter().collect()))
            .collect();
        members.sort_by_key(|(weight, _)| Reverse(*weight));
        let entries = members.iter().zip(0..);
        let entries = entries.map(|((weight, _), speaker)| Entry { key: 0, weight: *weight, speaker });
        let entries: Vec<Entry> = entries.collect();
        let value = value(&entries, k, |speaker| &members[speaker as usize].1);
        // Every caseload, and nobody's, in so many words.
        let beyond = |coach: Option<u64>| {
            let knows = |coaches: &[u64]| coach.is_some_and(|coach| coaches.contains(&coach));
            let others = members.iter().filter(|(_, coaches)| !knows(coaches));
            others.skip(k as usize - 1).map(|(weight, _)| i64::from(*weight)).sum::<i64>()
        };
        let coaches = (0..4).map(Some).chain([None]);
        prop_assert_eq!(value, coaches.map(beyond).min().unwrap());
    }

    #[test]
    fn nobody_s_order_matters(people in people(), seed in any::<u64>()) {
        let public = public(3, 2, 1);
        let with = numbered(&people);
        let mut other = with.clone();
        for (_, (_, passages)) in &mut other {
            passages.reverse();
        }
        let find = |people: &[(u128, Someone)]| {
            let tally = tally(&public, people);
            let mut chosen = Chosen { seed, again: None, selected: vec![], values: vec![] };
            let sought = sought(&tally, &public, &mut chosen);
            let counts = count(&tally, &public, 0, &sought);
            (sought.found, counts, chosen.values)
        };
        prop_assert_eq!(find(&with), find(&other));
    }
}

/// `many` people of `all` say 1500 1501 1502 together, about courage; everybody says some
/// of `vocabulary` words.
fn crowd(all: usize, many: usize, vocabulary: u64) -> Vec<(u128, Someone)> {
    let one = |number: usize| {
        let mut state = number as u64 + 1;
        let mut words: Vec<Word> = (0..40)
            .map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                1 + (state >> 33) % vocabulary
            })
            .collect();
        let mut passages = vec![(vec![1], words.split_off(20)), (vec![], words)];
        if number < many {
            passages.push((vec![0], vec![BREAK, 1500, 1501, 1502]));
        }
        (id(number), (vec![number as u64 % 97], passages))
    };
    (0..all).map(one).collect()
}

#[test]
fn what_many_say_is_found_with_its_phrases_and_sections() {
    let mut public = public(256, 32, 5);
    public.policy.epsilon = 20.0;
    let people = crowd(4_000, 400, 1_400);
    let tally = tally(&public, &people);
    let sought = sought(&tally, &public, &mut Shipped);
    let has = |section: Option<usize>, words: &str| {
        let term = Term {
            section,
            words: words.to_owned(),
        };
        sought.found.terms.binary_search(&term).is_ok()
    };
    assert!(has(None, "w1500") && has(None, "w1501 w1502") && has(None, "w1500 w1501 w1502"));
    assert!(has(Some(0), "w1500 w1501 w1502") && !has(Some(1), "w1500"));
    let counts = count(&tally, &public, 0, &sought);
    let of = |section, words: &str| {
        let term = Term {
            section,
            words: words.to_owned(),
        };
        counts[sought.found.terms.binary_search(&term).unwrap()]
    };
    assert!(
        (300..=400).contains(&of(None, "w1500 w1501 w1502")),
        "{counts:?}"
    );
}

#[test]
fn what_fewer_than_k_say_is_never_found() {
    // Even without noise: nothing else is in the way of what has a value.
    let public = public(256, 32, 5);
    let mut people = crowd(300, 5, 40);
    // One of the five is known by everybody's coach: four are left.
    people[0].1.0 = vec![7];
    people[1].1.0 = vec![7];
    let tally = tally(&public, &people);
    let mut chosen = Chosen {
        seed: 1,
        again: None,
        selected: vec![],
        values: vec![],
    };
    let values = |chosen: &Chosen| chosen.values.iter().map(HashMap::len).sum::<usize>();
    let sought = sought(&tally, &public, &mut chosen);
    assert!(values(&chosen) > 20);
    let said = |term: &Term| {
        term.words.contains("w1500") || term.words.contains("w1501") || term.words.contains("w1502")
    };
    assert!(!sought.found.terms.iter().any(said));
}
