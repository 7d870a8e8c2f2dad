//! All parts of all files, put together; then duplicates, then facts.

use std::cmp::Reverse;
use std::collections::HashMap;

use rayon::prelude::*;

use super::Said;
use super::assessments::{Assessed, Rated};
use super::context::{Context, coach_days};
use super::dates::{day_of, month_of};
use super::error::IngestError;
use super::facts::{Member, OutcomeFact, PastOutcome, PeriodFacts, SessionFact};
use super::people::{Place, Standing};
use super::report::SourceReport;
use super::sessions::{Met, Part, Pools, Session, known};
use crate::calendar::Period;
use crate::config::PrivacyUnit;

/// Sorting out repeated meetings starts at so many of them.
const MET: usize = 1 << 20;

/// The sound sessions of all files.
pub(super) struct Collected {
    sessions: Vec<Session>,
    met: Vec<Met>,
    /// `met` is sorted out when it has grown to this.
    met_limit: usize,
    persons: Vec<u128>,
    numbers: HashMap<u128, u32>,
    pools: Pools,
    /// Days whose lists are wanted.
    wanted: Vec<(i32, i32)>,
    unit: PrivacyUnit,
}

impl Collected {
    pub(super) fn new(unit: PrivacyUnit, periods: &[Period]) -> Self {
        let days = |period: &Period| (day_of(period.start()), day_of(period.end()));
        Self {
            sessions: Vec::new(),
            met: Vec::new(),
            met_limit: MET,
            persons: Vec::new(),
            numbers: HashMap::new(),
            pools: Pools::new(),
            wanted: periods.iter().map(days).collect(),
            unit,
        }
    }

    /// Adds a part, renumbering its persons and lists.
    pub(super) fn add(&mut self, part: Part) {
        let persons = part.persons.iter();
        let persons: Vec<u32> = persons.map(|person| self.number(*person)).collect();
        for session in part.sessions {
            let person = persons[session.person as usize];
            let wanted = self
                .wanted
                .iter()
                .any(|days| (days.0..=days.1).contains(&session.held));
            let (mut competencies, mut themes) = (0, 0);
            if wanted {
                let list = part.pools.competencies.list(session.competencies);
                competencies = self.pools.competencies.number(list);
                themes = self
                    .pools
                    .themes
                    .number(part.pools.themes.list(session.themes));
            }
            self.sessions.push(Session {
                person,
                competencies,
                themes,
                ..session
            });
        }
        let renumbered = |met: Met| Met {
            person: persons[met.person as usize],
            ..met
        };
        self.met.extend(part.met.into_iter().map(renumbered));
        if self.met.len() >= self.met_limit {
            self.sort_met();
            self.met_limit = (self.met.len() * 2).max(MET);
        }
    }

    fn number(&mut self, person: u128) -> u32 {
        *self.numbers.entry(person).or_insert_with(|| {
            self.persons.push(person);
            self.persons.len() as u32 - 1
        })
    }

    /// Adds coaches and managers who rated: they know whom, as those do who
    /// held a session.
    pub(super) fn add_raters(&mut self, raters: impl IntoIterator<Item = Rated>) {
        for (person, coach, month) in raters {
            let person = self.number(person);
            self.met.push(Met {
                coach,
                person,
                month,
            });
        }
    }

    fn sort_met(&mut self) {
        self.met.par_sort_unstable();
        self.met.dedup();
    }

    /// Keeps one row per person and session id: of identical rows one, of
    /// conflicting ones the last updated, else the smallest content hash. Only
    /// rows of one person are ever compared.
    pub(super) fn resolve(&mut self, report: &mut SourceReport) {
        self.sessions
            .par_sort_unstable_by_key(|s| (s.person, s.id, Reverse(s.updated), s.content, s.file));
        report.settle(
            &mut self.sessions,
            |session| session.file,
            |a, b| (a.person, a.id) == (b.person, b.id),
        );
        self.sort_met();
    }

    /// The days of all accepted sessions.
    pub(super) fn days(&self) -> impl Iterator<Item = i32> {
        self.sessions.iter().map(|session| session.held)
    }

    /// Mentions of unknown themes in accepted sessions.
    pub(super) fn unknown_themes(&self) -> u64 {
        self.sessions
            .iter()
            .map(|session| u64::from(session.unknown))
            .sum()
    }

    /// How many accepted sessions say what optional columns are for.
    pub(super) fn said(&self) -> Said {
        let all = |says: fn(&&Session) -> bool| self.sessions.iter().filter(says).count();
        Said {
            coaching: all(|session| known(session.coaching).is_some()),
            trigger: all(|session| session.trigger.is_some()),
            format: all(|session| session.format.is_some()),
            cost: all(|session| known(session.cost).is_some()),
        }
    }

    /// The facts of one period, of any length, in an order that depends on the
    /// facts alone.
    pub(super) fn facts(
        &self,
        context: &Context<'_>,
        assessed: &Assessed,
        outcomes: &[PastOutcome],
        period: Period,
    ) -> Result<PeriodFacts, IngestError> {
        let (org, people) = (context.org, context.people);
        let codes = org.codes_in(&org.tree(&period)?);
        let standing = Standing::of(org, period);
        let (start, end) = (standing.start, standing.end);
        let mut sessions: Vec<&Session> = self
            .sessions
            .iter()
            .filter(|s| (start..=end).contains(&s.held))
            .collect();
        sessions.par_sort_unstable_by_key(|s| (self.persons[s.person as usize], s.id));
        let mut facts = PeriodFacts::new(period);
        let mut join = |(person, place): (u128, Place)| {
            if let Some(unit) = codes[place.unit as usize] {
                facts.members.push(Member {
                    person,
                    unit,
                    values: facts.values.number(people.values(place)),
                    coached: false,
                });
            }
        };
        if let Some(everybody) = people.everybody(&standing) {
            everybody.for_each(&mut join);
        } else {
            let coachees = sessions.iter().map(|s| self.persons[s.person as usize]);
            let measured = outcomes.iter().map(|outcome| outcome.person);
            let known = coachees.chain(assessed.persons(start, end)).chain(measured);
            let mut known: Vec<u128> = known.collect();
            known.par_sort_unstable();
            known.dedup();
            let place = |person| Some((person, people.place(person, &standing)?));
            known.into_iter().filter_map(place).for_each(&mut join);
        }
        // Per person: their position among the members.
        let positions = self.persons.par_iter();
        let positions: Vec<Option<u32>> = positions.map(|p| facts.position(*p)).collect();
        facts.coaches = self.coaches(&positions, period);
        let outcome = |outcome: &PastOutcome| {
            Some(OutcomeFact {
                member: facts.position(outcome.person)?,
                metric: outcome.metric,
                value: outcome.value,
                beyond: outcome.beyond,
            })
        };
        facts.outcomes = outcomes.iter().filter_map(outcome).collect();
        for session in sessions {
            // Whose unit is no leaf in a longer period than the project's is no member.
            if let Some(member) = positions[session.person as usize] {
                self.push(&mut facts, member, session);
            }
        }
        assessed.add_to(&mut facts, context);
        Ok(facts)
    }

    /// Adds a session of a member.
    fn push(&self, facts: &mut PeriodFacts, member: u32, session: &Session) {
        facts.members[member as usize].coached = true;
        let competencies = self.pools.competencies.list(session.competencies);
        let themes = self.pools.themes.list(session.themes);
        facts.sessions.push(SessionFact {
            member,
            minutes: session.minutes,
            coaching_minutes: known(session.coaching),
            mode: session.mode,
            trigger: session.trigger,
            format: session.format,
            cost: known(session.cost),
            competencies: facts.pools.competencies.number(competencies),
            themes: facts.pools.themes.number(themes),
        });
    }

    /// Who coached which member, as far as a period asks.
    fn coaches(&self, positions: &[Option<u32>], period: Period) -> Vec<(u32, u64)> {
        let (first, last) = coach_days(self.unit, period);
        let months = month_of(first)..=month_of(last);
        let met = self.met.iter().filter(|met| months.contains(&met.month));
        let mut coaches: Vec<(u32, u64)> = met
            .filter_map(|met| Some((positions[met.person as usize]?, met.coach)))
            .collect();
        coaches.par_sort_unstable();
        coaches.dedup();
        coaches
    }
}
