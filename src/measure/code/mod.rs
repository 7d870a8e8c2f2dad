//! Accepted rows → the core's integer codes.

mod arms;
mod people;

use std::collections::BTreeMap;

use lodestar_privacy::bound::Sketch;
use rayon::prelude::*;

use super::Cohort;
use super::family::Family;
use super::input::{Input, What};
use super::vector::{Vector, Vectors};
use crate::calendar::Period;
use crate::config::Project;
use crate::ingest::{Arms, Member, PastOutcome, PeriodFacts, SessionFact};

/// Sessions, or members, that a task codes.
const A_TASK: usize = 16_384;

/// What is known of the people of one span.
#[derive(Clone, Copy)]
pub struct Facts<'a> {
    /// What rows about the span say.
    pub of_span: &'a PeriodFacts,
    /// Outcomes of earlier spans, by person and metric.
    pub before: &'a BTreeMap<Period, Vec<PastOutcome>>,
    /// What people of the span take part in.
    pub arms: &'a Arms<'a>,
}

/// What takes the codes: a [`Sketch`], whose methods these are.
pub trait Codes: Clone + Send + Sync {
    /// [`Sketch::join`].
    fn join(&mut self, person: u128, kind: usize, unit: u32, cell: u32);
    /// [`Sketch::enter`].
    fn enter(&mut self, person: u128, kind: usize, key: u32);
    /// [`Sketch::touch`].
    fn touch(&mut self, person: u128, block: usize, within: u32, key: u32, amounts: &[i64]);
    /// [`Sketch::coached_by`].
    fn coached_by(&mut self, person: u128, coach: u64);
    /// [`Sketch::merge`].
    #[must_use]
    fn merge(self, other: Self) -> Self;
}

impl Codes for Sketch {
    fn join(&mut self, person: u128, kind: usize, unit: u32, cell: u32) {
        self.join(person, kind, unit, cell);
    }

    fn enter(&mut self, person: u128, kind: usize, key: u32) {
        self.enter(person, kind, key);
    }

    fn touch(&mut self, person: u128, block: usize, within: u32, key: u32, amounts: &[i64]) {
        self.touch(person, block, within, key, amounts);
    }

    fn coached_by(&mut self, person: u128, coach: u64) {
        self.coached_by(person, coach);
    }

    fn merge(self, other: Self) -> Self {
        self.merge(other)
    }
}

/// Codes the facts of one span for the families of that span. The result is
/// the same for any order of rows and number of threads, for sketches merge.
///
/// `mine` tells which of the families they are.
pub fn sketch<C: Codes>(
    project: &Project,
    beside: Facts<'_>,
    empty: &C,
    vectors: &Vectors,
    mine: impl Fn(&Family) -> bool,
) -> C {
    let facts = beside.of_span;
    let coder = Coder::new(project, facts, vectors, &mine);
    let empty = || empty.clone();
    let members = facts.members.par_chunks(A_TASK);
    let members = members.map(|part| {
        part.iter()
            .fold(empty(), |sketch, one| coder.member(sketch, one))
    });
    let sessions = facts.sessions.par_chunks(A_TASK);
    let sessions = sessions.map(|part| {
        let mut scratch = Scratch::default();
        let add = |sketch, one| coder.session(sketch, one, &mut scratch);
        part.iter().fold(empty(), add)
    });
    let of_sessions = members.chain(sessions).reduce(empty, C::merge);
    let mut all = coder.people(of_sessions, beside);
    for &(member, coach) in &facts.coaches {
        all.coached_by(facts.members[member as usize].person, coach);
    }
    all
}

/// What all rows of a span are coded with.
struct Coder<'a> {
    project: &'a Project,
    facts: &'a PeriodFacts,
    vectors: &'a Vectors,
    /// Indices of the span's families, each with the places of its dimensions
    /// among the project's and how many values each has.
    families: Vec<(usize, Vec<(usize, u32)>)>,
    /// Indices of their vectors.
    mine: Vec<usize>,
}

/// Lists that are used again for every row.
#[derive(Default)]
struct Scratch {
    codes: Vec<u32>,
    amounts: Vec<i64>,
}

impl<'a> Coder<'a> {
    fn new(
        project: &'a Project,
        facts: &'a PeriodFacts,
        vectors: &'a Vectors,
        mine: &impl Fn(&Family) -> bool,
    ) -> Self {
        let place = |name: &String| {
            let declared = project.dimensions.iter();
            let place = declared
                .clone()
                .position(|dimension| dimension.name == *name)?;
            Some((place, project.dimensions[place].values.len() as u32))
        };
        let families = vectors.families.iter().enumerate();
        let families: Vec<_> = families
            .filter(|(_, family)| mine(family))
            .map(|(index, family)| (index, family.people.iter().filter_map(place).collect()))
            .collect();
        let of_mine = |family: usize| families.iter().any(|(index, _)| *index == family);
        Self {
            project,
            facts,
            vectors,
            mine: (0..vectors.vectors.len())
                .filter(|&vector| of_mine(vectors.vectors[vector].family))
                .collect(),
            families,
        }
    }

    /// The vectors that sessions and members add to.
    fn of_sessions(&self) -> impl Iterator<Item = (usize, &'a Vector, &'a Family)> + '_ {
        let all = self.mine.iter().map(|&block| {
            let vector = &self.vectors.vectors[block];
            (block, vector, &self.vectors.families[vector.family])
        });
        all.filter(|(_, _, family)| family.cohort.is_of_sessions())
    }

    /// The cell of a member's own values.
    fn cell(dimensions: &[(usize, u32)], values: &[u16]) -> u32 {
        dimensions.iter().fold(0, |cell, (place, count)| {
            let digit = values.get(*place).map_or(0, |value| u32::from(*value) + 1);
            cell * (count + 1) + digit
        })
    }

    /// A member's cohorts, and what is said of people whatever their rows.
    fn member<C: Codes>(&self, mut sketch: C, member: &Member) -> C {
        let values = self.facts.values(member);
        for (index, dimensions) in &self.families {
            let family = &self.vectors.families[*index];
            let belongs = match family.cohort {
                Cohort::Headcount => true,
                // With a filter of rows, the first row that passes decides.
                Cohort::Coachees => member.coached && !family.filter.asks_rows(),
                // Who has a fact that says so, see `people`.
                _ => false,
            };
            if belongs && family.filter.admits(values, member.coached) {
                let cell = Self::cell(dimensions, values);
                sketch.join(member.person, *index, member.unit, cell);
            }
        }
        for (block, vector, family) in self.of_sessions() {
            let inputs = &vector.inputs.0;
            let of_people = |input: &Input| input.what == What::Person;
            let has_entry = family.cohort == Cohort::Headcount || inputs.iter().any(of_people);
            if has_entry && !vector.keys.is_keyed() && family.filter.admits(values, member.coached)
            {
                let amount = |input: &Input| {
                    i64::from(of_people(input) && input.only.admits(values, member.coached))
                };
                let amounts: Vec<i64> = inputs.iter().map(amount).collect();
                sketch.touch(member.person, block, 0, 0, &amounts);
            }
        }
        sketch
    }

    /// What a row adds to every vector.
    fn session<C: Codes>(&self, mut sketch: C, session: &SessionFact, scratch: &mut Scratch) -> C {
        let Scratch { codes, amounts } = scratch;
        let member = &self.facts.members[session.member as usize];
        let (values, person) = (self.facts.values(member), member.person);
        let competencies = self.facts.competencies(session);
        for (block, vector, family) in self.of_sessions() {
            if !family.filter.admits(values, true) || !vector.rows.passes(session, competencies) {
                continue;
            }
            if family.cohort == Cohort::Coachees && family.filter.asks_rows() {
                let dimensions = self
                    .families
                    .iter()
                    .find(|(index, _)| *index == vector.family);
                let cell = dimensions.map_or(0, |(_, dimensions)| Self::cell(dimensions, values));
                sketch.join(person, vector.family, member.unit, cell);
            }
            let themes = self.facts.themes(session);
            vector
                .keys
                .code(competencies, themes, session.format, codes);
            let parts = if vector.keys.splits() {
                codes.len() as i64
            } else {
                1
            };
            for (part, &key) in (0..).zip(codes.iter()) {
                amounts.clear();
                let inputs = vector.inputs.0.iter();
                amounts.extend(inputs.map(|input| {
                    let whole = input.of_row(session, competencies, values);
                    if input.is_split() && parts > 1 {
                        // The first parts take what does not divide.
                        whole / parts + i64::from(part < whole % parts)
                    } else {
                        whole
                    }
                }));
                sketch.touch(person, block, 0, key, amounts);
            }
        }
        sketch
    }
}

#[cfg(test)]
mod tests;
