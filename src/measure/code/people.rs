//! What assessments and outcomes say of people → keys of cohorts, and amounts.
//!
//! Everything about a person here follows from that person's own facts and from
//! declarations.

use std::collections::HashSet;

use lodestar_privacy::public::VALUE_STEPS;

use super::super::family::{CohortKeys, Family};
use super::super::input::What;
use super::super::{Cohort, Dimension, Value, north_star};
use super::{Coder, Codes, Facts, arms};
use crate::config::{Instrument, Project, RaterGroup};
use crate::ingest::{AnswerFact, OutcomeFact, PairFact, PeriodFacts, RatedFact};

/// Beyond this a change is reliable, in standard errors of a difference.
const RELIABLE: f64 = 1.96;

/// What one person has of one key.
pub(super) struct Entry {
    /// Index of the member.
    pub(super) member: u32,
    pub(super) key: u32,
    /// Of each value that is known, its place on its scale; a flag 0 or 1.
    pub(super) values: Vec<(Value, u32)>,
    /// The key of the unit that was assigned with them, if any was.
    pub(super) unit: Option<u32>,
}

impl Coder<'_> {
    /// Adds all families of assessments and outcomes.
    pub(super) fn people<C: Codes>(&self, mut sketch: C, facts: Facts<'_>) -> C {
        for (index, dimensions) in &self.families {
            let family = &self.vectors.families[*index];
            if family.cohort.is_of_sessions() {
                continue;
            }
            let keys = &self.vectors.keys[*index];
            let entries = match keys.starts() {
                Some(starts) => arms::entries(facts, starts, keys),
                None => entries(self.project, self.facts, family, keys),
            };
            for entry in entries {
                let member = &self.facts.members[entry.member as usize];
                let values = self.facts.values(member);
                if !family.filter.admits(values, member.coached) {
                    continue;
                }
                let cell = Self::cell(dimensions, values);
                sketch.join(member.person, *index, member.unit, cell);
                sketch.enter(member.person, *index, entry.key);
                self.touch(&mut sketch, *index, member.person, &entry);
            }
        }
        sketch
    }

    /// What an entry adds to the vectors of its family.
    fn touch(&self, sketch: &mut impl Codes, family: usize, person: u128, entry: &Entry) {
        let value = |of: Value| {
            let mut known = entry.values.iter();
            known.find(|(known, _)| *known == of).map(|known| known.1)
        };
        let instrument = self.vectors.families[family].instrument;
        for &block in &self.mine {
            let vector = &self.vectors.vectors[block];
            if vector.family != family {
                continue;
            }
            let band = |of: Value| {
                let instrument = instrument.and_then(|at| self.project.instruments.get(at));
                let bands = vector.bands.zip(instrument);
                band(bands, value(of).unwrap_or_default())
            };
            let key = if vector.keys.is_of_units() {
                entry.unit
            } else {
                let of_bands = [Value::Baseline, Value::FollowUp].map(band);
                Some(vector.keys.of_bands(of_bands[0], of_bands[1]))
            };
            let Some(key) = key else {
                continue;
            };
            let amounts = vector.inputs.0.iter().map(|input| match input.what {
                What::Value(amount) => amount.of(value),
                What::Person | What::Rows(_) => 0,
            });
            let amounts: Vec<i64> = amounts.collect();
            sketch.touch(person, block, entry.key, key, &amounts);
        }
    }
}

/// Which band a place on the scale is in: below, within or above the middle
/// one, which includes its lower end.
fn band(bands: Option<((f64, f64), &Instrument)>, place: u32) -> usize {
    let third = VALUE_STEPS as f64 / 3.0;
    let (low, high) = bands.map_or((third, 2.0 * third), |((low, high), instrument)| {
        (instrument.position(low), instrument.position(high))
    });
    let place = f64::from(place);
    let upwards = bands.is_none_or(|(_, instrument)| instrument.higher_is_better);
    match (place < low, place < high, upwards) {
        (true, _, true) | (false, false, false) => 0,
        (false, true, _) => 1,
        (true, _, false) | (false, false, true) => 2,
    }
}

/// Everything that is known of the people of a family.
fn entries(
    project: &Project,
    facts: &PeriodFacts,
    family: &Family,
    keys: &CohortKeys,
) -> Vec<Entry> {
    let instrument = family.instrument;
    let declared = instrument.and_then(|at| Some((at as u16, project.instruments.get(at)?)));
    match (family.cohort, declared) {
        (Cohort::Paired, Some((code, declared))) => pairs(facts, family, keys, code, declared),
        (Cohort::Assessed, Some((code, declared))) => levels(project, facts, keys, code, declared),
        (Cohort::Rated, Some((code, _))) => ratings(facts, keys, code),
        (Cohort::Themed, Some((code, _))) => themed(project, facts, keys, code),
        (Cohort::Outcome, _) => outcomes(facts, keys),
        (Cohort::Asked, _) => answers(project, facts, keys),
        _ => Vec::new(),
    }
}

/// Of facts of one person and competency, the manager's, else their own.
fn preferred<T>(facts: &[T], group: impl Fn(&T) -> RaterGroup) -> Option<&T> {
    let of = |wanted: RaterGroup| facts.iter().find(|fact| group(fact) == wanted);
    of(RaterGroup::Manager).or_else(|| of(RaterGroup::SelfRated))
}

/// The pairs of one instrument, as rated by the manager, else oneself.
fn preferred_pairs(facts: &PeriodFacts, instrument: u16) -> impl Iterator<Item = &PairFact> {
    let mine = facts.pairs.chunk_by(|a, b| {
        (a.member, a.competency, a.instrument) == (b.member, b.competency, b.instrument)
    });
    mine.filter(move |pairs| pairs[0].instrument == instrument)
        .filter_map(|pairs| preferred(pairs, |pair| pair.group))
}

fn pairs(
    facts: &PeriodFacts,
    family: &Family,
    keys: &CohortKeys,
    code: u16,
    instrument: &Instrument,
) -> Vec<Entry> {
    let by_group = family.by.contains(&Dimension::RaterGroup);
    let entry = |pair: &PairFact| {
        let group = if by_group { pair.group as u16 } else { 0 };
        let (improved, declined) = reliable(instrument, pair);
        Some(Entry {
            member: pair.member,
            key: keys.code((pair.competency, group), false)?,
            values: vec![
                (Value::Baseline, pair.baseline),
                (Value::FollowUp, pair.follow_up),
                (Value::Improved, u32::from(improved)),
                (Value::Declined, u32::from(declined)),
            ],
            unit: None,
        })
    };
    if by_group {
        let mine = facts.pairs.iter().filter(|pair| pair.instrument == code);
        mine.filter_map(entry).collect()
    } else {
        preferred_pairs(facts, code).filter_map(entry).collect()
    }
}

/// Whether a person is reliably better, or worse (Jacobson & Truax 1991).
/// Without published norms nobody is.
fn reliable(instrument: &Instrument, pair: &PairFact) -> (bool, bool) {
    let Some(error) = instrument.error_of_difference() else {
        return (false, false);
    };
    let steps = f64::from(pair.follow_up) - f64::from(pair.baseline);
    let change = steps / VALUE_STEPS as f64 * (instrument.max - instrument.min);
    let index = change / error;
    let better = if instrument.higher_is_better {
        index
    } else {
        -index
    };
    (better > RELIABLE, better < -RELIABLE)
}

fn levels(
    project: &Project,
    facts: &PeriodFacts,
    keys: &CohortKeys,
    code: u16,
    instrument: &Instrument,
) -> Vec<Entry> {
    let mut entries = Vec::new();
    for mine in facts.levels.chunk_by(|a, b| a.member == b.member) {
        let of_competency =
            mine.chunk_by(|a, b| (a.competency, a.instrument) == (b.competency, b.instrument));
        let of_competency = of_competency.filter(|levels| levels[0].instrument == code);
        let levels: Vec<(u16, u32)> = of_competency
            .filter_map(|levels| preferred(levels, |level| level.group))
            .map(|level| (level.competency, level.level))
            .collect();
        let entry = |key, level, at_target| Entry {
            member: mine[0].member,
            key,
            values: vec![
                (Value::Level, level),
                (Value::AtTarget, u32::from(at_target)),
            ],
            unit: None,
        };
        for &(competency, level) in &levels {
            if let Some(key) = keys.code((competency, 0), false) {
                let target = project.target(competency);
                let at = target.is_some_and(|t| north_star::is_at(instrument, t.level, level));
                entries.push(entry(key, level, at));
            }
        }
        let at_all = north_star::is_at_all(project, instrument, levels.into_iter());
        if let Some((key, at)) = keys.all().zip(at_all) {
            entries.push(entry(key, VALUE_STEPS as u32 / 2, at));
        }
    }
    entries
}

fn ratings(facts: &PeriodFacts, keys: &CohortKeys, code: u16) -> Vec<Entry> {
    let mine = facts.ratings.iter().filter(|one| one.instrument == code);
    let entry = |one: &RatedFact| {
        Some(Entry {
            member: one.member,
            key: keys.code((one.competency, 0), false)?,
            values: vec![
                (Value::SelfOtherGap, halved(one.gap)),
                (Value::Agreement, one.r_wg?),
            ],
            unit: None,
        })
    };
    mine.filter_map(entry).collect()
}

/// A difference of two places, on a scale of twice the width.
pub(super) fn halved(difference: i32) -> u32 {
    let steps = VALUE_STEPS as i32;
    i32::midpoint(difference.clamp(-steps, steps), steps) as u32
}

fn themed(project: &Project, facts: &PeriodFacts, keys: &CohortKeys, code: u16) -> Vec<Entry> {
    let mut has: HashSet<(u32, u16, u16)> = HashSet::new();
    for session in &facts.sessions {
        for competency in facts.competencies(session) {
            let themes = facts.themes(session).iter().flatten();
            has.extend(themes.map(|theme| (session.member, *competency, *theme)));
        }
    }
    let mut entries = Vec::new();
    for pair in preferred_pairs(facts, code) {
        let gain = halved(pair.follow_up as i32 - pair.baseline as i32);
        for theme in 0..project.framework.themes.len() as u16 {
            let with = has.contains(&(pair.member, pair.competency, theme));
            if let Some(key) = keys.code((pair.competency, theme), !with) {
                entries.push(Entry {
                    member: pair.member,
                    key,
                    values: vec![(Value::Gain, gain)],
                    unit: None,
                });
            }
        }
    }
    entries
}

fn outcomes(facts: &PeriodFacts, keys: &CohortKeys) -> Vec<Entry> {
    let entry = |one: &OutcomeFact| {
        let coached = facts.members[one.member as usize].coached;
        Some(Entry {
            member: one.member,
            key: keys.code((one.metric, 0), !coached)?,
            values: vec![(Value::Outcome, one.value), (Value::Beyond, one.beyond)],
            unit: None,
        })
    };
    facts.outcomes.iter().filter_map(entry).collect()
}

fn answers(project: &Project, facts: &PeriodFacts, keys: &CohortKeys) -> Vec<Entry> {
    let entry = |one: &AnswerFact| {
        let instrument = project.instruments.get(usize::from(one.instrument))?;
        let top = f64::from(one.score) >= instrument.position(instrument.top_box);
        Some(Entry {
            member: one.member,
            key: keys.code((one.instrument, one.item), false)?,
            values: vec![(Value::Answer, one.score), (Value::TopBox, u32::from(top))],
            unit: None,
        })
    };
    facts.answers.iter().filter_map(entry).collect()
}
