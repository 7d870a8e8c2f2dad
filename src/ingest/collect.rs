//! All parts of all files, put together; then duplicates, then facts.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;

use super::dates::{date_of, day_of, month_of};
use super::error::IngestError;
use super::facts::{Member, PeriodFacts, SessionFact};
use super::org::Org;
use super::people::{People, Standing};
use super::report::SourceReport;
use super::sessions::{Met, Part, Pools, Session};
use crate::calendar::Period;
use crate::config::Calendar;

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
}

impl Collected {
    pub(super) fn new(periods: &[Period]) -> Self {
        let days = |period: &Period| (day_of(period.start()), day_of(period.end()));
        Self {
            sessions: Vec::new(),
            met: Vec::new(),
            met_limit: MET,
            persons: Vec::new(),
            numbers: HashMap::new(),
            pools: Pools::new(),
            wanted: periods.iter().map(days).collect(),
        }
    }

    /// Adds a part, renumbering its persons and lists.
    pub(super) fn add(&mut self, part: Part) {
        let mut number = |person: &u128| {
            *self.numbers.entry(*person).or_insert_with(|| {
                self.persons.push(*person);
                self.persons.len() as u32 - 1
            })
        };
        let persons: Vec<u32> = part.persons.iter().map(&mut number).collect();
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
        let mut last = None;
        self.sessions.retain(|session| {
            let duplicate = last == Some((session.person, session.id));
            last = Some((session.person, session.id));
            report.settle(session.file, duplicate);
            !duplicate
        });
        self.sort_met();
    }

    /// Accepted sessions of every period.
    pub(super) fn by_period(&self, calendar: &Calendar) -> BTreeMap<Period, u64> {
        let mut days: HashMap<i32, u64> = HashMap::new();
        for session in &self.sessions {
            *days.entry(session.held).or_default() += 1;
        }
        let mut periods = BTreeMap::new();
        for (day, count) in days {
            let date = date_of(day);
            let period = Period::containing(date, calendar.every, calendar.year_starts);
            *periods.entry(period).or_default() += count;
        }
        periods
    }

    /// First and last day with an accepted session.
    pub(super) fn span(&self) -> Option<(i32, i32)> {
        let days = || self.sessions.iter().map(|session| session.held);
        Some((days().min()?, days().max()?))
    }

    /// Mentions of unknown themes in accepted sessions.
    pub(super) fn unknown_themes(&self) -> u64 {
        self.sessions
            .iter()
            .map(|session| u64::from(session.unknown))
            .sum()
    }

    /// The facts of one period, in an order that depends on the facts alone.
    pub(super) fn facts(
        &self,
        org: &Org,
        people: &People,
        period: Period,
    ) -> Result<PeriodFacts, IngestError> {
        let codes = org.codes_in(&org.tree(&period)?);
        let (start, end) = (day_of(period.start()), day_of(period.end()));
        let standing = Standing {
            start,
            end,
            leaves: org.leaves(start, end),
        };
        let mut sessions: Vec<&Session> = self
            .sessions
            .iter()
            .filter(|s| (start..=end).contains(&s.held))
            .collect();
        sessions.par_sort_unstable_by_key(|s| (self.persons[s.person as usize], s.id));
        let mut facts = PeriodFacts::new(period);
        // Per person: 1 + their position among the members.
        let mut position = vec![0_u32; self.persons.len()];
        for session in sessions {
            let person = self.persons[session.person as usize];
            let place = &mut position[session.person as usize];
            if *place == 0 {
                // Without a unit the session would not have been accepted.
                let unit = people
                    .unit(person, &standing)
                    .and_then(|unit| codes[unit as usize]);
                let Some(unit) = unit else { continue };
                facts.members.push(Member { person, unit });
                *place = facts.members.len() as u32;
            }
            facts.sessions.push(SessionFact {
                member: *place - 1,
                minutes: session.minutes,
                mode: session.mode,
                trigger: session.trigger,
                competencies: facts
                    .pools
                    .competencies
                    .number(self.pools.competencies.list(session.competencies)),
                themes: facts
                    .pools
                    .themes
                    .number(self.pools.themes.list(session.themes)),
            });
        }
        let months = month_of(day_of(period.twelve_months_start()))..=month_of(end);
        let met = self.met.iter().filter(|met| months.contains(&met.month));
        facts.coaches = met
            .filter_map(|met| Some((position[met.person as usize].checked_sub(1)?, met.coach)))
            .collect();
        facts.coaches.par_sort_unstable();
        facts.coaches.dedup();
        Ok(facts)
    }
}
