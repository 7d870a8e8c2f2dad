//! What a period's accepted rows say of a part of the people, in codes.
//!
//! Scores and outcomes are kept as positions on their scale, in the core's
//! [`VALUE_STEPS`](lodestar_privacy::public::VALUE_STEPS): 0 is its lower end.

use std::fmt;
use std::sync::Arc;

use lodestar_privacy::said::Word;

use super::batch::Pool;
use super::sessions::{Mode, Pools, Trigger};
use crate::calendar::Period;
use crate::config::RaterGroup;

/// The facts of one period, of the people of one part. Equal inputs give equal
/// facts, in equal order, however rows are ordered, split over files and read.
#[derive(Clone, PartialEq, Eq)]
pub struct PeriodFacts {
    /// Which.
    pub period: Period,
    /// The head-count: everybody with a people row valid in the period whose
    /// unit is a leaf then, by pseudonym. Without people, those alone of whom
    /// accepted rows of the period tell something.
    pub members: Vec<Member>,
    /// Accepted sessions of members, member by member.
    pub sessions: Vec<SessionFact>,
    /// (member, pseudonym of a coach) in the twelve months up to the period's
    /// end, each pair once: in accepted rows and in others. Where each person's
    /// rows of one period are protected, in the period alone.
    pub coaches: Vec<(u32, u64)>,
    /// Baselines with their follow-ups, sorted: one per member, competency,
    /// instrument and rater group.
    pub pairs: Vec<PairFact>,
    /// The last level in the period, sorted: one per member, competency,
    /// instrument and rater group.
    pub levels: Vec<LevelFact>,
    /// What members answered about themselves, sorted: one per member,
    /// instrument and item.
    pub answers: Vec<AnswerFact>,
    /// How members see themselves beside how others do, sorted: one per member,
    /// competency and instrument.
    pub ratings: Vec<RatedFact>,
    /// Outcomes of members, by member and metric.
    pub outcomes: Vec<OutcomeFact>,
    pub(super) pools: Arc<Pools>,
    /// Values of members.
    pub(super) values: Arc<Pool<u16>>,
}

/// A person in a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// Keyed pseudonym, the same in every period.
    pub person: u128,
    /// Code of the unit in the period's tree: a leaf; without people the root.
    pub unit: u32,
    /// Number of the values.
    pub(super) values: u32,
    /// Whether an accepted session was held in the period.
    pub coached: bool,
}

/// An accepted session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionFact {
    /// Index of the coachee in [`PeriodFacts::members`].
    pub member: u32,
    /// Length in 1/100 minute: 1 to 144 000.
    pub minutes: u32,
    /// How much of it was coaching, in 1/100 minute, if known: at most all.
    pub coaching_minutes: Option<u32>,
    /// How it was led, if known.
    pub mode: Option<Mode>,
    /// What brought it about, if known.
    pub trigger: Option<Trigger>,
    /// Index of the declared format, if there is one.
    pub format: Option<u16>,
    /// In 1/100 of the currency's unit, if known: at most 1,000,000,000.
    pub cost: Option<u32>,
    pub(super) competencies: u32,
    pub(super) themes: u32,
    /// 1 more than the number of the list; 0: there is no note.
    pub(super) tagged: u32,
    /// 1 more than the number of what its note says; 0: it is not listened to.
    pub(super) heard: u32,
}

/// The themes of a session, by index in the framework.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SessionThemes<'a> {
    /// Those that the coach listed, each once, in the order of the row; `None` stands
    /// for one or several that the codebook lacks.
    pub coach: &'a [Option<u16>],
    /// Those that the codebook's terms find in the note, ascending.
    pub note: &'a [u16],
}

/// A person's scores in two waves; the follow-up is in the period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PairFact {
    /// Index in [`PeriodFacts::members`].
    pub member: u32,
    /// Index in the framework.
    pub competency: u16,
    /// Index of the declared instrument.
    pub instrument: u16,
    /// Who rated.
    pub group: RaterGroup,
    /// 0 to `VALUE_STEPS`.
    pub baseline: u32,
    /// 0 to `VALUE_STEPS`.
    pub follow_up: u32,
}

/// A person's score in the last wave of the period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LevelFact {
    /// Index in [`PeriodFacts::members`].
    pub member: u32,
    /// Index in the framework.
    pub competency: u16,
    /// Index of the declared instrument.
    pub instrument: u16,
    /// Who rated.
    pub group: RaterGroup,
    /// 0 to `VALUE_STEPS`.
    pub level: u32,
}

/// What a person answered to an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AnswerFact {
    /// Index in [`PeriodFacts::members`].
    pub member: u32,
    /// Index of the declared instrument.
    pub instrument: u16,
    /// Index in the instrument's items.
    pub item: u16,
    /// 0 to `VALUE_STEPS`.
    pub score: u32,
}

/// How a person sees themselves beside how others see them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RatedFact {
    /// Index in [`PeriodFacts::members`].
    pub member: u32,
    /// Index in the framework.
    pub competency: u16,
    /// Index of the declared instrument.
    pub instrument: u16,
    /// Their own score less the mean of the others': within ± `VALUE_STEPS`.
    pub gap: i32,
    /// Agreement of the others, if they are at least two: 0 to `VALUE_STEPS`,
    /// which stands for 1.
    pub r_wg: Option<u32>,
}

/// What was measured of a member in the period, by one metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutcomeFact {
    /// Index of the person in [`PeriodFacts::members`].
    pub member: u32,
    /// Index of the metric.
    pub metric: u16,
    /// The mean of what was measured, moved into the metric's clip: its place
    /// there, from 0 to `VALUE_STEPS`.
    pub value: u32,
    /// How far above the clip the mean is, in the same steps, and as many at most.
    pub beyond: u32,
}

/// What was measured of a person in an earlier span, by one metric.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PastOutcome {
    /// Keyed pseudonym, as of members.
    pub person: u128,
    /// Index of the metric.
    pub metric: u16,
    /// As of [`OutcomeFact`].
    pub value: u32,
    /// As of [`OutcomeFact`].
    pub beyond: u32,
}

/// Says nothing of anybody.
impl fmt::Debug for PastOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PastOutcome(..)")
    }
}

impl PeriodFacts {
    /// Of nobody yet, whose lists and values are numbered.
    pub(super) fn new(period: Period, pools: &Arc<Pools>, values: &Arc<Pool<u16>>) -> Self {
        Self {
            period,
            members: Vec::new(),
            sessions: Vec::new(),
            coaches: Vec::new(),
            pairs: Vec::new(),
            levels: Vec::new(),
            answers: Vec::new(),
            ratings: Vec::new(),
            outcomes: Vec::new(),
            pools: Arc::clone(pools),
            values: Arc::clone(values),
        }
    }

    /// Where a person is among the members.
    pub(super) fn position(&self, person: u128) -> Option<u32> {
        let found = self
            .members
            .binary_search_by_key(&person, |member| member.person);
        found.ok().map(|at| at as u32)
    }

    /// A member's value of each of the project's dimensions, by index. Without
    /// people there are no dimensions.
    pub fn values(&self, member: &Member) -> &[u16] {
        self.values.list(member.values)
    }

    /// A session's competencies by index in the framework: at least one, each
    /// once, in the order of the row.
    pub fn competencies(&self, session: &SessionFact) -> &[u16] {
        self.pools.competencies.list(session.competencies)
    }

    /// A session's themes.
    pub fn themes(&self, session: &SessionFact) -> SessionThemes<'_> {
        let tagged = session.tagged.saturating_sub(1);
        SessionThemes {
            coach: self.pools.themes.list(session.themes),
            note: self.pools.tagged.list(tagged),
        }
    }

    /// What the session's note says beside the codebook's terms.
    pub fn words(&self, session: &SessionFact) -> &[Word] {
        let heard = session.heard.checked_sub(1);
        heard.map_or(&[], |number| self.pools.heard.passage(number))
    }
}

/// All that is known of one member.
#[derive(Clone, Copy)]
pub struct Mine<'a> {
    facts: &'a PeriodFacts,
    /// Who.
    pub member: &'a Member,
    /// As of [`PeriodFacts`], of this member alone.
    pub sessions: &'a [SessionFact],
    /// As of [`PeriodFacts`].
    pub coaches: &'a [(u32, u64)],
    /// As of [`PeriodFacts`].
    pub pairs: &'a [PairFact],
    /// As of [`PeriodFacts`].
    pub levels: &'a [LevelFact],
    /// As of [`PeriodFacts`].
    pub answers: &'a [AnswerFact],
    /// As of [`PeriodFacts`].
    pub ratings: &'a [RatedFact],
    /// As of [`PeriodFacts`].
    pub outcomes: &'a [OutcomeFact],
}

impl<'a> Mine<'a> {
    /// See [`PeriodFacts::values`].
    pub fn values(&self) -> &'a [u16] {
        self.facts.values(self.member)
    }

    /// See [`PeriodFacts::competencies`].
    pub fn competencies(&self, session: &SessionFact) -> &'a [u16] {
        self.facts.competencies(session)
    }

    /// See [`PeriodFacts::themes`].
    pub fn themes(&self, session: &SessionFact) -> SessionThemes<'a> {
        self.facts.themes(session)
    }

    /// See [`PeriodFacts::words`].
    pub fn words(&self, session: &SessionFact) -> &'a [Word] {
        self.facts.words(session)
    }
}

/// Takes what is about a member from the head of a list that goes member by
/// member.
fn head<'a, T>(list: &mut &'a [T], member: u32, whose: impl Fn(&T) -> u32) -> &'a [T] {
    let length = list.iter().take_while(|one| whose(one) == member).count();
    let (mine, rest) = list.split_at(length);
    *list = rest;
    mine
}

impl PeriodFacts {
    /// The members one by one, by pseudonym, each with what is about them alone.
    pub fn people(&self) -> impl Iterator<Item = Mine<'_>> {
        let (mut sessions, mut coaches) = (&self.sessions[..], &self.coaches[..]);
        let (mut pairs, mut levels) = (&self.pairs[..], &self.levels[..]);
        let (mut answers, mut ratings) = (&self.answers[..], &self.ratings[..]);
        let mut outcomes = &self.outcomes[..];
        (0..).zip(&self.members).map(move |(at, member)| Mine {
            facts: self,
            member,
            sessions: head(&mut sessions, at, |one| one.member),
            coaches: head(&mut coaches, at, |one| one.0),
            pairs: head(&mut pairs, at, |one| one.member),
            levels: head(&mut levels, at, |one| one.member),
            answers: head(&mut answers, at, |one| one.member),
            ratings: head(&mut ratings, at, |one| one.member),
            outcomes: head(&mut outcomes, at, |one| one.member),
        })
    }
}

/// Says how much there is, not what.
impl fmt::Debug for PeriodFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PeriodFacts")
            .field("period", &self.period.name())
            .finish_non_exhaustive()
    }
}
