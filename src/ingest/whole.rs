//! The facts of all parts as one, for tests.

use std::ops::Deref;
use std::sync::Arc;

use lodestar_privacy::parts::PARTS;

use super::batch::Pool;
use super::facts::PeriodFacts;
use super::sessions::Pools;
use super::{IngestError, Intake, Key, Member, Org, Request};
use crate::calendar::Period;
use crate::config::Project;

/// What the input holds, with everybody's facts in each period that was wanted.
#[derive(Debug)]
pub(crate) struct Whole {
    pub(crate) intake: Intake,
    pub(crate) periods: Vec<PeriodFacts>,
}

impl Deref for Whole {
    type Target = Intake;

    fn deref(&self) -> &Intake {
        &self.intake
    }
}

/// See [`super::read`].
pub(crate) fn read(
    project: &Project,
    org: &Org,
    key: &Key,
    request: &Request<'_>,
) -> Result<Whole, IngestError> {
    let intake = super::read(project, org, key, request)?;
    let facts = |period: &Period| {
        let mut all = PeriodFacts::new(*period, &Arc::new(Pools::new()), &Arc::new(Pool::new()));
        for part in 0..PARTS {
            if let Some(facts) = intake.facts(part, period)? {
                all.add(&facts);
            }
        }
        Ok(all)
    };
    let periods = request
        .periods
        .iter()
        .map(facts)
        .collect::<Result<_, IngestError>>()?;
    Ok(Whole { intake, periods })
}

impl PeriodFacts {
    /// Adds the facts of the people who come next.
    fn add(&mut self, next: &Self) {
        let first = self.members.len() as u32;
        for member in &next.members {
            let values = Arc::make_mut(&mut self.values).number(next.values(member));
            self.members.push(Member { values, ..*member });
        }
        for session in &next.sessions {
            let mut session = *session;
            let pools = Arc::make_mut(&mut self.pools);
            let (competencies, themes) = (next.competencies(&session), next.themes(&session));
            session.competencies = pools.competencies.number(competencies);
            session.themes = pools.themes.number(themes.coach);
            if session.tagged > 0 {
                session.tagged = 1 + pools.tagged.number(themes.note);
            }
            if session.heard > 0 {
                session.heard = 1 + pools.heard.add(0, next.words(&session));
            }
            session.member += first;
            self.sessions.push(session);
        }
        moved(&mut self.coaches, &next.coaches, |one| one.0 += first);
        moved(&mut self.pairs, &next.pairs, |one| one.member += first);
        moved(&mut self.levels, &next.levels, |one| one.member += first);
        moved(&mut self.answers, &next.answers, |one| one.member += first);
        moved(&mut self.ratings, &next.ratings, |one| one.member += first);
        moved(&mut self.outcomes, &next.outcomes, |one| {
            one.member += first;
        });
    }
}

/// Adds what comes next, moved.
fn moved<T: Copy>(mine: &mut Vec<T>, next: &[T], mut moved: impl FnMut(&mut T)) {
    for mut one in next.iter().copied() {
        moved(&mut one);
        mine.push(one);
    }
}
