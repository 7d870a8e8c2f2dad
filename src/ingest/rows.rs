//! Everything that was accepted → the facts of a period, part by part.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::assessments::Assessed;
use super::chunk::{Columns, Small, of_coaching, of_day, of_modes};
use super::context::Context;
use super::error::IngestError;
use super::facts::{Member, OutcomeFact, PastOutcome, PeriodFacts, SessionFact};
use super::outcomes::Outcomes;
use super::parts::of_part;
use super::people::{People, Place, Standing};
use super::sessions::Pools;
use super::settle::Part;
use super::shelf::Room;
use crate::calendar::Period;
use crate::config::{Instrument, PrivacyUnit};

/// No number yet.
const NONE: u32 = u32::MAX;

/// What a period asks.
struct Wanted {
    period: Period,
    standing: Standing,
    /// By unit, its code in the period's tree.
    codes: Vec<Option<u32>>,
    /// Whose coaches.
    window: usize,
}

/// All accepted rows, and what periods ask of them.
pub(super) struct Accepted {
    pub(super) asked: Asked,
    pub(super) people: People,
    pub(super) assessed: Assessed,
    /// Pseudonyms of coaches by number, from 1.
    pub(super) coaches: Vec<u64>,
    pub(super) lists: Arc<Pools>,
    pub(super) parts: Vec<Part>,
    pub(super) room: Room,
}

/// Says nothing of anybody.
impl std::fmt::Debug for Accepted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Accepted(..)")
    }
}

/// What periods ask of everybody's rows, but for the people.
pub(super) struct Asked {
    wanted: Vec<Wanted>,
    /// By wanted period: by person and metric.
    outcomes: BTreeMap<Period, Vec<PastOutcome>>,
    unit: PrivacyUnit,
    instruments: Vec<Instrument>,
}

impl Asked {
    pub(super) fn new(
        context: &Context<'_>,
        outcomes: &Outcomes,
        periods: &[Period],
    ) -> Result<Self, IngestError> {
        let org = context.org;
        let wanted = |period: &Period| {
            Ok(Wanted {
                period: *period,
                standing: Standing::of(org, *period),
                codes: org.codes_in(&org.tree(period)?),
                window: context.window(*period),
            })
        };
        let values = |period: &Period| (*period, outcomes.values(*period));
        Ok(Self {
            wanted: periods
                .iter()
                .map(wanted)
                .collect::<Result<_, IngestError>>()?,
            outcomes: periods.iter().map(values).collect(),
            unit: context.unit(),
            instruments: context.project.instruments.clone(),
        })
    }
}

impl Accepted {
    /// The facts of a part of the people in a period that was wanted, in an order
    /// that depends on the facts alone; `None`: it was not.
    pub(super) fn facts(
        &self,
        number: usize,
        period: Period,
    ) -> Result<Option<PeriodFacts>, IngestError> {
        let mut all = self.asked.wanted.iter();
        let Some(wanted) = all.find(|wanted| wanted.period == period) else {
            return Ok(None);
        };
        let part = &self.parts[number];
        let mut facts = PeriodFacts::new(period, &self.lists, self.people.all_values());
        let outcomes = self
            .asked
            .outcomes
            .get(&period)
            .map_or(&[][..], Vec::as_slice);
        let outcomes = &outcomes[of_part(outcomes, number, |one| one.person)];
        let positions = self.join(number, wanted, outcomes, &mut facts)?;
        self.sessions(part, wanted, &positions, &mut facts)?;
        facts.coaches = self.coaches(part, wanted, &positions);
        let outcome = |outcome: &PastOutcome| {
            Some(OutcomeFact {
                member: facts.position(outcome.person)?,
                metric: outcome.metric,
                value: outcome.value,
                beyond: outcome.beyond,
            })
        };
        facts.outcomes = outcomes.iter().filter_map(outcome).collect();
        let assessed = self.assessed.of_part(number);
        assessed.add_to(&mut facts, self.asked.unit, &self.asked.instruments);
        Ok(Some(facts))
    }

    /// Adds the members; the position of each person of the part among them.
    fn join(
        &self,
        number: usize,
        wanted: &Wanted,
        outcomes: &[PastOutcome],
        facts: &mut PeriodFacts,
    ) -> Result<Vec<u32>, IngestError> {
        let mut join = |person: u128, place: Option<Place>| {
            let unit = place.and_then(|place| Some((wanted.codes[place.unit as usize]?, place)));
            let Some((unit, place)) = unit else {
                return NONE;
            };
            facts.members.push(Member {
                person,
                unit,
                values: place.values,
                coached: false,
            });
            facts.members.len() as u32 - 1
        };
        if let Some((first, persons)) = self.people.of_part(number) {
            let place = |at| self.people.place_of(at, &wanted.standing);
            let all = (first..).zip(persons);
            return Ok(all.map(|(at, person)| join(*person, place(at))).collect());
        }
        // Nobody knows who is there but of whom rows tell.
        let persons = &self.parts[number].persons;
        let mut known = Vec::new();
        self.rows(&self.parts[number], wanted, |rows, at| {
            known.push(persons[rows.small(Small::Person)[at] as usize]);
        })?;
        let assessed = self.assessed.of_part(number);
        known.extend(assessed.persons(wanted.standing.start, wanted.standing.end));
        known.extend(outcomes.iter().map(|outcome| outcome.person));
        known.sort_unstable();
        known.dedup();
        for &person in &known {
            join(person, self.people.place(person, &wanted.standing));
        }
        let position = |person: &u128| facts.position(*person).unwrap_or(NONE);
        Ok(persons.iter().map(position).collect())
    }

    /// The rows of a part that a period holds: each in some columns, by its place
    /// there.
    fn rows(
        &self,
        part: &Part,
        wanted: &Wanted,
        mut row: impl FnMut(&Columns, usize),
    ) -> Result<(), IngestError> {
        let days = wanted.standing.start..=wanted.standing.end;
        let mut rows = Columns::default();
        part.rows.each(&self.room, |chunk| {
            rows.clear();
            rows.add(chunk);
            for (at, held) in rows.small(Small::Held).iter().enumerate() {
                if days.contains(&of_day(*held)) {
                    row(&rows, at);
                }
            }
        })
    }

    /// Adds the sessions of members.
    fn sessions(
        &self,
        part: &Part,
        wanted: &Wanted,
        positions: &[u32],
        facts: &mut PeriodFacts,
    ) -> Result<(), IngestError> {
        facts.sessions.reserve(part.rows.rows());
        self.rows(part, wanted, |rows, at| {
            let small = |column: Small| rows.small(column)[at];
            let member = positions[small(Small::Person) as usize];
            // Whose unit is no leaf in a longer period than the project's is no member.
            if member == NONE {
                return;
            }
            facts.members[member as usize].coached = true;
            let (mode, trigger) = of_modes(small(Small::Modes));
            let minutes = small(Small::Minutes);
            facts.sessions.push(SessionFact {
                member,
                minutes,
                coaching_minutes: of_coaching(minutes, small(Small::Coaching)),
                mode,
                trigger,
                format: small(Small::Format).checked_sub(1).map(|code| code as u16),
                cost: small(Small::Cost).checked_sub(1),
                competencies: small(Small::Competencies),
                themes: small(Small::Themes),
                tagged: small(Small::Tagged),
                heard: small(Small::Heard),
            });
        })
    }

    /// Who coached which member, as far as a period asks.
    fn coaches(&self, part: &Part, wanted: &Wanted, positions: &[u32]) -> Vec<(u32, u64)> {
        let pseudonym = |coach: u32| self.coaches[coach as usize - 1];
        let met = part.coaches[wanted.window].iter();
        let met = met.map(|(person, coach)| (positions[*person as usize], pseudonym(*coach)));
        let mut coaches: Vec<(u32, u64)> = met.filter(|(member, _)| *member != NONE).collect();
        coaches.sort_unstable();
        coaches
    }
}
