//! Everything that was accepted → the facts of a period, part by part.

use std::collections::BTreeMap;

use super::assessments::Assessed;
use super::chunk::unpack;
use super::context::Context;
use super::error::IngestError;
use super::facts::{Member, OutcomeFact, PastOutcome, PeriodFacts, SessionFact};
use super::outcomes::Outcomes;
use super::parts::of_part;
use super::people::{People, Place, Standing};
use super::sessions::{Names, Session, known};
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
    pub(super) names: Names,
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
        let days = wanted.standing.start..=wanted.standing.end;
        let mut rows: Vec<Session> = Vec::new();
        part.rows.each(&self.room, |chunk| {
            let start = rows.len();
            unpack(chunk, &mut rows);
            let mut end = start;
            for at in start..rows.len() {
                if days.contains(&rows[at].held) {
                    rows[end] = rows[at];
                    end += 1;
                }
            }
            rows.truncate(end);
        })?;
        let outcomes = self
            .asked
            .outcomes
            .get(&period)
            .map_or(&[][..], Vec::as_slice);
        let outcomes = &outcomes[of_part(outcomes, number, |one| one.person)];
        let mut facts = PeriodFacts::new(period);
        let positions = self.join(number, wanted, &rows, outcomes, &mut facts);
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
        self.sessions(&rows, &positions, &mut facts);
        let assessed = self.assessed.of_part(number);
        assessed.add_to(&mut facts, self.asked.unit, &self.asked.instruments);
        Ok(Some(facts))
    }

    /// Adds the members; the position of each person of the part among them.
    fn join(
        &self,
        number: usize,
        wanted: &Wanted,
        rows: &[Session],
        outcomes: &[PastOutcome],
        facts: &mut PeriodFacts,
    ) -> Vec<u32> {
        let (mut positions, mut values) = (Vec::new(), Renumbered::default());
        let mut join = |person: u128, place: Option<Place>| {
            let unit = place.and_then(|place| Some((wanted.codes[place.unit as usize]?, place)));
            let Some((unit, place)) = unit else {
                return NONE;
            };
            facts.members.push(Member {
                person,
                unit,
                values: values.number(place.values, || {
                    facts.values.number(self.people.values(place))
                }),
                coached: false,
            });
            facts.members.len() as u32 - 1
        };
        if let Some((first, persons)) = self.people.of_part(number) {
            for (at, person) in (first..).zip(persons) {
                positions.push(join(*person, self.people.place_of(at, &wanted.standing)));
            }
            return positions;
        }
        // Nobody knows who is there but of whom rows tell.
        let persons = &self.parts[number].persons;
        let coachees = rows.iter().map(|row| persons[row.person as usize]);
        let (start, end) = (wanted.standing.start, wanted.standing.end);
        let assessed = self.assessed.of_part(number);
        let measured = outcomes.iter().map(|outcome| outcome.person);
        let mut known: Vec<u128> = coachees
            .chain(assessed.persons(start, end))
            .chain(measured)
            .collect();
        known.sort_unstable();
        known.dedup();
        for &person in &known {
            join(person, self.people.place(person, &wanted.standing));
        }
        let position = |person: &u128| facts.position(*person).unwrap_or(NONE);
        persons.iter().map(position).collect()
    }

    /// Adds the sessions of members.
    fn sessions(&self, rows: &[Session], positions: &[u32], facts: &mut PeriodFacts) {
        let [mut competencies, mut themes] = [Renumbered::default(), Renumbered::default()];
        facts.sessions.reserve(rows.len());
        for row in rows {
            let member = positions[row.person as usize];
            // Whose unit is no leaf in a longer period than the project's is no member.
            if member == NONE {
                continue;
            }
            facts.members[member as usize].coached = true;
            let pools = &mut facts.pools;
            facts.sessions.push(SessionFact {
                member,
                minutes: row.minutes,
                coaching_minutes: known(row.coaching),
                mode: row.mode,
                trigger: row.trigger,
                format: row.format,
                cost: known(row.cost),
                competencies: competencies.number(row.competencies, || {
                    let list = self.names.lists.competencies.list(row.competencies);
                    pools.competencies.number(list)
                }),
                themes: themes.number(row.themes, || {
                    pools
                        .themes
                        .number(self.names.lists.themes.list(row.themes))
                }),
            });
        }
    }

    /// Who coached which member, as far as a period asks.
    fn coaches(&self, part: &Part, wanted: &Wanted, positions: &[u32]) -> Vec<(u32, u64)> {
        let pseudonym = |coach: u32| self.names.coaches[coach as usize - 1];
        let met = part.coaches[wanted.window].iter();
        let met = met.map(|(person, coach)| (positions[*person as usize], pseudonym(*coach)));
        let mut coaches: Vec<(u32, u64)> = met.filter(|(member, _)| *member != NONE).collect();
        coaches.sort_unstable();
        coaches
    }
}

/// Numbers that are given anew, in the order in which they come.
#[derive(Default)]
struct Renumbered(Vec<u32>);

impl Renumbered {
    fn number(&mut self, old: u32, new: impl FnOnce() -> u32) -> u32 {
        let old = old as usize;
        if self.0.len() <= old {
            self.0.resize(old + 1, NONE);
        }
        if self.0[old] == NONE {
            self.0[old] = new();
        }
        self.0[old]
    }
}
