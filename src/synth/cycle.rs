//! A round of the 360 assessment: scores before a half-year, and after it.

use super::SynthError;
use super::codebook::COMPETENCIES;
use super::growth::{
    COMPARISON, DUE, ERROR, Group, Growth, LENIENCY, SELF_BIAS, SKILLS, TAKE_PART, rated,
};
use super::half::{HalfYear, Worked};
use super::org::Org;
use super::people::Person;
use super::rng::Draws;
use super::rows::{AssessmentWriter, Rater, Rating, working_days};
use super::scores::{Counts, ThemePair};
use super::teams::{Teams, Traits};
use super::world::{Mix, World};

/// The instrument.
pub(super) const INSTRUMENT: &str = "leadership360";
/// Of 100 people who take part, how many are rated by peers afterwards, and by
/// how many.
const WITH_PEERS: u64 = 10;
const PEERS: (u64, u64) = (3, 4);
/// Working days at the end of a half-year in which the round ends.
pub(super) const LAST_DAYS: usize = 15;

/// A round about a half-year.
pub(super) struct Cycle<'a> {
    pub(super) org: &'a Org,
    pub(super) world: &'a World,
    pub(super) growth: &'a Growth,
    pub(super) teams: &'a Teams,
    pub(super) half: &'a HalfYear,
    /// What divisions' people bring to coaching in its last quarter.
    mixes: Vec<Mix>,
    /// Days of the first scores, and of the last.
    before: Vec<i32>,
    after: Vec<i32>,
}

/// Where a round's rows and counts go: the half-year before has the first scores.
pub(super) struct Into<'a> {
    pub(super) before: &'a mut AssessmentWriter,
    pub(super) after: &'a mut AssessmentWriter,
    pub(super) counts_before: &'a mut [Counts],
    pub(super) counts: &'a mut [Counts],
    pub(super) theme_pairs: &'a mut Vec<ThemePair>,
}

/// Somebody who takes part.
struct Subject<'a> {
    number: usize,
    division: usize,
    worked: Worked,
    traits: &'a Traits,
    before: i32,
    after: i32,
    peers: Vec<usize>,
}

impl<'a> Cycle<'a> {
    pub(super) fn new(
        (org, world, growth, teams): (&'a Org, &'a World, &'a Growth, &'a Teams),
        half: &'a HalfYear,
    ) -> Self {
        let divisions = 0..org.divisions.len();
        // Last but one month of the half-year before: more than 18 months before
        // the scores that end the next round about the same competencies.
        let end = half.before().end();
        let month = end.first_of_month().yesterday().unwrap_or(end);
        let mut after = working_days(half.period.start(), half.period.end());
        after.drain(..after.len() - LAST_DAYS);
        Self {
            org,
            world,
            growth,
            teams,
            half,
            mixes: divisions
                .map(|division| world.mix(division, half.last().0))
                .collect(),
            before: working_days(month.first_of_month(), month),
            after,
        }
    }

    /// Writes the round, person by person.
    pub(super) fn write<'p>(
        &self,
        people: impl Iterator<Item = (&'p Person, Traits)>,
        worked: &[Worked],
        mut into: Into<'_>,
        draws: &mut Draws,
    ) -> Result<(), SynthError> {
        for (number, ((person, traits), worked)) in people.zip(worked).enumerate() {
            let coached = worked.sessions > 0;
            if !draws.chance(if coached { TAKE_PART } else { COMPARISON }, 100) {
                continue;
            }
            let (division, ..) = self.org.departments[usize::from(person.department)];
            let competencies = self.competencies(person, division, coached, traits.odd, draws);
            let day =
                |days: &[i32], draws: &mut Draws| days[draws.below(days.len() as u64) as usize];
            let subject = Subject {
                number,
                division,
                worked: *worked,
                traits: &traits,
                before: day(&self.before, draws),
                after: day(&self.after, draws),
                peers: self.peers(number, draws),
            };
            for competency in competencies {
                self.assess(&subject, competency, &mut into, draws)?;
            }
        }
        Ok(())
    }

    /// What somebody is assessed in, of what is due: what the coached focus on,
    /// and one at random; of others two at random. Sorted.
    fn competencies(
        &self,
        person: &Person,
        division: usize,
        coached: bool,
        odd: bool,
        draws: &mut Draws,
    ) -> Vec<usize> {
        let parity = (usize::from(odd) + self.half.number as usize) % 2;
        let mut random = || 2 * draws.below(DUE as u64) as usize + parity;
        let mut chosen = vec![random()];
        if coached {
            let focus = self.world.focus(&self.mixes[division], person.focus);
            let due = focus.into_iter().map(usize::from);
            chosen.extend(due.filter(|competency| competency % 2 == parity));
        } else {
            chosen.push(random());
        }
        chosen.sort_unstable();
        chosen.dedup();
        chosen
    }

    /// Some have peers who rate them, too: anybody else.
    fn peers(&self, subject: usize, draws: &mut Draws) -> Vec<usize> {
        let others = self.org.people() - 1;
        if !draws.chance(WITH_PEERS, 100) || others < PEERS.1 {
            return Vec::new();
        }
        let count = PEERS.0 + draws.below(PEERS.1 - PEERS.0 + 1);
        let mut peers = Vec::new();
        while peers.len() < count as usize {
            let other = draws.below(others) as usize;
            let other = other + usize::from(other >= subject);
            if !peers.contains(&other) {
                peers.push(other);
            }
        }
        peers
    }

    /// The scores of a person in a competency. All of them are drawn even if the
    /// round doesn't end, so that a longer world begins like a shorter one.
    fn assess(
        &self,
        subject: &Subject<'_>,
        competency: usize,
        into: &mut Into<'_>,
        draws: &mut Draws,
    ) -> Result<(), SynthError> {
        let Worked {
            sessions, theme, ..
        } = subject.worked;
        let manager = subject.traits.manager;
        let lenient = self.teams.leniency(manager);
        let skill = self.growth.start(competency, self.half.number) + SKILLS.draw(draws);
        let gain = self
            .growth
            .gain(subject.division, competency, i32::from(sessions), theme);
        let rate = |skill: i32, draws: &mut Draws| {
            [SELF_BIAS, lenient].map(|added| rated(skill + added + ERROR.draw(draws)))
        };
        let (before, after) = (rate(skill, draws), rate(skill + gain, draws));
        let row = |score: i32, rater: Rater, wave: &'static str| Rating {
            subject: subject.number,
            competency: &self.world.codebook.competencies[competency],
            instrument: INSTRUMENT,
            score,
            day: if wave == "baseline" {
                subject.before
            } else {
                subject.after
            },
            wave: Some(wave),
            rater,
            item: None,
        };
        let raters = [Rater::Oneself, Rater::Manager(manager)];
        for (rater, score) in raters.into_iter().zip(before) {
            into.before.add(&row(score, rater, "baseline"))?;
        }
        into.counts_before[subject.division].level(competency, before[Group::Manager as usize]);
        if !self.half.whole() {
            return Ok(());
        }
        for (rater, score) in raters.into_iter().zip(after) {
            into.after.add(&row(score, rater, "follow_up"))?;
        }
        for &peer in &subject.peers {
            let seen = skill + gain + LENIENCY.draw(draws) + ERROR.draw(draws);
            into.after
                .add(&row(rated(seen), Rater::Peer(peer), "follow_up"))?;
        }
        self.count(subject, competency, (before, after), into);
        Ok(())
    }

    fn count(
        &self,
        subject: &Subject<'_>,
        competency: usize,
        (before, after): ([i32; 2], [i32; 2]),
        into: &mut Into<'_>,
    ) {
        let counts = &mut into.counts[subject.division];
        for group in Group::ALL {
            counts.pair(
                competency,
                group,
                before[group as usize],
                after[group as usize],
            );
        }
        let manager = Group::Manager as usize;
        counts.level(competency, after[manager]);
        if competency == self.growth.competency() {
            into.theme_pairs.push(ThemePair {
                person: subject.number as u32,
                division: subject.division as u16,
                change: (after[manager] - before[manager]) as i16,
                theme: subject.worked.theme,
            });
        }
    }
}

const _: () = assert!(COMPETENCIES.is_multiple_of(2), "every second one is due");
