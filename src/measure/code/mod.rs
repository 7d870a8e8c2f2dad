//! Accepted rows → the core's integer codes.

mod arms;
mod people;

use std::collections::BTreeMap;

use lodestar_privacy::bound::Person;
use lodestar_privacy::said::Word;

use super::Cohort;
use super::family::Family;
use super::input::{Input, What};
use super::vector::{Vector, Vectors};
use crate::calendar::Period;
use crate::config::Project;
use crate::ingest::{Arms, Mine, PastOutcome, SessionFact};

/// What is declared beside people's rows, for one span.
#[derive(Clone)]
pub struct Beside<'a> {
    /// Outcomes of earlier spans, by person and metric.
    pub before: &'a BTreeMap<Period, Vec<PastOutcome>>,
    /// What people of the span take part in.
    pub arms: &'a Arms<'a>,
}

/// What takes the codes of one person: a [`Person`] of the core, whose methods
/// these are.
pub trait Codes {
    /// [`Person::join`].
    fn join(&mut self, kind: usize, unit: u32, cell: u32);
    /// [`Person::enter`].
    fn enter(&mut self, kind: usize, key: u32);
    /// [`Person::touch`].
    fn touch(&mut self, block: usize, within: u32, key: u32, amounts: &[i64]);
    /// [`Person::say`].
    fn say(&mut self, block: usize, sections: &[u16], words: &[Word]);
    /// [`Person::coached_by`].
    fn coached_by(&mut self, coach: u64);
}

impl Codes for Person {
    fn join(&mut self, kind: usize, unit: u32, cell: u32) {
        self.join(kind, unit, cell);
    }

    fn enter(&mut self, kind: usize, key: u32) {
        self.enter(kind, key);
    }

    fn touch(&mut self, block: usize, within: u32, key: u32, amounts: &[i64]) {
        self.touch(block, within, key, amounts);
    }

    fn say(&mut self, block: usize, sections: &[u16], words: &[Word]) {
        self.say(block, sections, words);
    }

    fn coached_by(&mut self, coach: u64) {
        self.coached_by(coach);
    }
}

/// What all people of one span are coded with. It sees the facts of one person at
/// a time, so that what is told of somebody follows from their own.
pub struct Coder<'a> {
    project: &'a Project,
    beside: Beside<'a>,
    vectors: &'a Vectors,
    /// Indices of the span's families, each with the places of its dimensions
    /// among the project's and how many values each has.
    families: Vec<(usize, Vec<(usize, u32)>)>,
    /// Indices of their vectors.
    mine: Vec<usize>,
}

/// Lists that are used again for every row.
#[derive(Debug, Default)]
pub struct Scratch {
    codes: Vec<u32>,
    amounts: Vec<i64>,
}

impl<'a> Coder<'a> {
    /// `mine` tells which of the families are of the span.
    pub fn new(
        project: &'a Project,
        beside: Beside<'a>,
        vectors: &'a Vectors,
        mine: impl Fn(&Family) -> bool,
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
            beside,
            vectors,
            mine: (0..vectors.vectors.len())
                .filter(|&vector| of_mine(vectors.vectors[vector].family))
                .collect(),
            families,
        }
    }

    /// Tells all that is known of a person.
    pub fn tell(&self, of: &Mine<'_>, person: &mut impl Codes, scratch: &mut Scratch) {
        self.member(of, person);
        for session in of.sessions {
            self.session(of, session, person, scratch);
        }
        self.people(of, person);
        for (_, coach) in of.coaches {
            person.coached_by(*coach);
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
    fn member(&self, of: &Mine<'_>, person: &mut impl Codes) {
        let (member, values) = (of.member, of.values());
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
                person.join(*index, member.unit, Self::cell(dimensions, values));
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
                person.touch(block, 0, 0, &amounts);
            }
        }
    }

    /// What a row adds to every vector.
    fn session(
        &self,
        of: &Mine<'_>,
        session: &SessionFact,
        person: &mut impl Codes,
        scratch: &mut Scratch,
    ) {
        let Scratch { codes, amounts } = scratch;
        let values = of.values();
        let (competencies, themes) = (of.competencies(session), of.themes(session));
        for (block, vector, family) in self.of_sessions() {
            if !family.filter.admits(values, true) || !vector.rows.passes(session, competencies) {
                continue;
            }
            if family.cohort == Cohort::Coachees && family.filter.asks_rows() {
                let mut families = self.families.iter();
                let dimensions = families.find(|(index, _)| *index == vector.family);
                let cell = dimensions.map_or(0, |(_, dimensions)| Self::cell(dimensions, values));
                person.join(vector.family, of.member.unit, cell);
            }
            if vector.keys.are_found() {
                person.say(block, competencies, of.words(session));
                continue;
            }
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
                person.touch(block, 0, key, amounts);
            }
        }
    }
}

#[cfg(test)]
mod tests;
