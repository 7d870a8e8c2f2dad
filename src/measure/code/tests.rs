//! Neighbours: whoever is taken away, what is told of others stays as it is, and
//! every vector and size moves by no more than is declared.
//!
//! What one release is made of is counted here by brute force: the core shows no
//! exact total.

mod population;
mod record;

use std::collections::{BTreeMap, BTreeSet};

use lodestar_privacy::Public;

use super::*;
use crate::config;
use crate::declare;
use crate::ingest::whole::{self, Whole};
use crate::ingest::{Key, Org, PeriodFacts, Request};
use population::Dice;
use record::{Record, Sums};

/// So many in the suite.
const PAIRS: usize = 200;

/// What is known of everybody, and what is declared.
struct World {
    project: Project,
    org: Org,
    intake: Whole,
    /// The facts of no one.
    nobody: PeriodFacts,
    vectors: Vectors,
    public: Public,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let declared = [
            ("lodestar.toml", population::config()),
            ("org.csv", population::ORG.to_owned()),
            ("programmes.csv", population::PROGRAMMES.to_owned()),
        ];
        for (name, text) in declared.into_iter().chain(population::files()) {
            std::fs::write(folder.path().join(name), text).expect("a file");
        }
        let project = config::load(&folder.path().join("lodestar.toml")).expect("a project");
        let org = Org::load(&project).expect("an organisation");
        let period = project.calendar.first.next();
        let vectors = declare::due_vectors(&project, org.programmes(), &period);
        let bases: Vec<Period> = declare::bases(&vectors).collect();
        let request = Request {
            periods: &[period],
            outcome_spans: &bases,
            ..Request::default()
        };
        let intake = whole::read(&project, &org, &Key::new([7; 16]), &request);
        let policy = declare::policy(&project);
        let tree = |span: &Period| org.tree(span);
        let public = declare::declare(&project, org.programmes(), &period, 0, policy, tree);
        let (intake, public) = (intake.expect("an input"), public.expect("a declaration"));
        let mut nobody = intake.periods[0].clone();
        nobody.members.clear();
        nobody.sessions.clear();
        nobody.pairs.clear();
        nobody.levels.clear();
        nobody.answers.clear();
        nobody.ratings.clear();
        nobody.outcomes.clear();
        nobody.coaches.clear();
        Self {
            project,
            org,
            intake,
            nobody,
            vectors,
            public,
        }
    }

    /// What is told if there are only some of the members, by place.
    fn told(&self, some: &BTreeSet<u32>) -> Record {
        let (all, mut facts) = (&self.intake.periods[0], self.nobody.clone());
        facts.members = some.iter().map(|at| all.members[*at as usize]).collect();
        facts.sessions = of(&all.sessions, some, |one| &mut one.member);
        facts.pairs = of(&all.pairs, some, |one| &mut one.member);
        facts.levels = of(&all.levels, some, |one| &mut one.member);
        facts.answers = of(&all.answers, some, |one| &mut one.member);
        facts.ratings = of(&all.ratings, some, |one| &mut one.member);
        facts.outcomes = of(&all.outcomes, some, |one| &mut one.member);
        facts.coaches = of(&all.coaches, some, |one| &mut one.0);
        let mut before = BTreeMap::new();
        for (span, known) in &self.intake.outcomes_before {
            let mine = facts.members.iter().flat_map(|member| {
                let start = known.partition_point(|one| one.person < member.person);
                let theirs = known[start..].iter();
                theirs.take_while(|one| one.person == member.person)
            });
            before.insert(*span, mine.copied().collect());
        }
        let tree = &self.public.spans[0].tree;
        let arms = self.org.programmes().arms(tree);
        let beside = Beside {
            before: &before,
            arms: &arms,
        };
        let coder = Coder::new(&self.project, beside, &self.vectors, |_| true);
        let mut record = Record::default();
        let mut scratch = Scratch::default();
        for mine in facts.people() {
            coder.tell(&mine, record.person(mine.member.person), &mut scratch);
        }
        record
    }
}

/// The facts of some members, whose places are new ones.
fn of<T: Copy>(all: &[T], some: &BTreeSet<u32>, whose: impl Fn(&mut T) -> &mut u32) -> Vec<T> {
    let member = |one: &T| *whose(&mut one.clone());
    let mut mine = Vec::new();
    for (place, &at) in (0..).zip(some) {
        let start = all.partition_point(|one| member(one) < at);
        let theirs = all[start..].iter().take_while(|one| member(one) == at);
        mine.extend(theirs.copied().map(|mut one| {
            *whose(&mut one) = place;
            one
        }));
    }
    mine
}

/// By how much two sums differ, in units of what is declared: every size and
/// vector, level by level.
fn moved(public: &Public, with: &Sums, without: &Sums) -> BTreeMap<(String, usize), f64> {
    let mut people: BTreeMap<(usize, usize), i64> = BTreeMap::new();
    let cohorts: BTreeSet<_> = with.members.keys().chain(without.members.keys()).collect();
    for cohort in cohorts {
        let size = |sums: &Sums| sums.members.get(cohort).copied().unwrap_or(0);
        let n = size(with) - size(without);
        let s = with.outsiders(cohort) - without.outsiders(cohort);
        assert!((0..=1).contains(&n) && (0..=n).contains(&s), "n {n}, s {s}");
        *people.entry((cohort.0, cohort.1)).or_default() += n;
    }
    let mut squares: BTreeMap<(usize, usize), u64> = BTreeMap::new();
    let numbers: BTreeSet<_> = with.numbers.keys().chain(without.numbers.keys()).collect();
    for of in numbers {
        let numbers = |sums: &Sums| sums.numbers.get(of).cloned().unwrap_or_default();
        let (mut mine, mut theirs) = (numbers(with), numbers(without));
        let width = public.blocks[of.1].coordinates.len();
        mine.resize(width, 0);
        theirs.resize(width, 0);
        let by = mine.iter().zip(&theirs).map(|(a, b)| a.abs_diff(*b).pow(2));
        *squares.entry((of.1, of.0.1)).or_default() += by.sum::<u64>();
    }
    let sizes = people.into_iter().map(|((kind, level), by)| {
        let declared = &public.kinds[kind];
        let most = f64::from(declared.cohorts_a_person());
        ((declared.name.clone(), level), (by as f64 / most).sqrt())
    });
    let vectors = squares.into_iter().map(|((block, level), by)| {
        let most = public.l2_squared(block) as f64;
        let name = public.blocks[block].name.clone();
        ((name, level), (by as f64 / most).sqrt())
    });
    let mut cut_off: BTreeMap<usize, u64> = BTreeMap::new();
    let keys: BTreeSet<_> = with.cut_off.keys().chain(without.cut_off.keys()).collect();
    for of in keys {
        let bounds = public.bounds[of.0].bounds.len();
        let none = vec![0; bounds];
        let numbers = |sums: &Sums| sums.cut_off.get(of).unwrap_or(&none).clone();
        let (mine, theirs) = (numbers(with), numbers(without));
        let by = mine.iter().zip(&theirs).map(|(a, b)| a.abs_diff(*b).pow(2));
        *cut_off.entry(of.0).or_default() += by.sum::<u64>();
    }
    let bounds = cut_off.into_iter().map(|(index, by)| {
        let declared = &public.bounds[index];
        let most = declared.l2_squared(&public.kinds[declared.kind]) as f64;
        ((bounds_of(public, index), 0), (by as f64 / most).sqrt())
    });
    sizes.chain(vectors).chain(bounds).collect()
}

/// What bounds are called here.
fn bounds_of(public: &Public, index: usize) -> String {
    let kind = &public.kinds[public.bounds[index].kind];
    format!("bounds of {}", kind.name)
}

/// As many as the environment asks for.
fn pairs() -> usize {
    let asked = std::env::var("LODESTAR_CODED_PAIRS");
    asked.map_or(PAIRS, |pairs| pairs.parse().expect("a number of pairs"))
}

#[test]
#[expect(clippy::print_stdout, reason = "the figures of docs/accuracy.md")]
fn whoever_is_taken_away_moves_every_kind_by_no_more_than_is_declared() {
    let world = World::new();
    let members = world.intake.periods[0].members.len();
    assert_eq!(members, population::PEOPLE);
    let mut dice = Dice::new(2);
    // Of each size and vector: in how many pairs it moved, and by how much at most.
    let mut largest: BTreeMap<(String, usize), (usize, f64)> = BTreeMap::new();
    let (mut tried, mut over) = (0, 0);
    let least = pairs();
    // Until every one of them was moved so many times.
    while tried < least || largest.values().any(|(times, _)| *times < least) {
        let mut some = BTreeSet::new();
        for _ in 0..3 + dice.roll(4) {
            some.insert(dice.roll(members) as u32);
        }
        let gone = *some.iter().nth(dice.roll(some.len())).expect("somebody");
        let with = world.told(&some);
        some.remove(&gone);
        let without = world.told(&some);
        let person = world.intake.periods[0].members[gone as usize].person;
        let mut rest = with.clone();
        rest.0.remove(&person);
        assert!(rest == without, "others are told of as they were");
        let sums = [&with, &without].map(|told| Sums::of(&world.public, told));
        for (place, by) in moved(&world.public, &sums[0], &sums[1]) {
            over += usize::from(by > 1.0);
            let (times, most) = largest.entry(place).or_default();
            *times += usize::from(by > 0.0);
            *most = most.max(by);
        }
        tried += 1;
    }
    println!("{tried} pairs of neighbours, {over} over what is declared");
    for ((name, level), (_, most)) in &largest {
        println!("{most:.4} of what is declared: {name}, level {level}");
    }
    assert_eq!(over, 0);
    let kinds = world.public.kinds.iter().map(|kind| &kind.name);
    let blocks = world.public.blocks.iter().map(|block| &block.name);
    let names = kinds.chain(blocks).cloned();
    let names = names.flat_map(|name| (0..3).map(move |level| (name.clone(), level)));
    // What bounds cut off is told of the organisation alone.
    let bounds = (0..world.public.bounds.len()).map(|at| (bounds_of(&world.public, at), 0));
    for place in names.chain(bounds) {
        let most = largest.get(&place);
        assert!(
            most.is_some_and(|(_, most)| *most > 0.7),
            "no pair comes near the bound of {place:?}"
        );
    }
}
