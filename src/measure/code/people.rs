//! What assessments and outcomes say of people → keys of cohorts, and amounts.
//!
//! Everything about a person here follows from that person's own facts and from
//! declarations.

use std::collections::HashSet;

use lodestar_privacy::public::VALUE_STEPS;

use super::super::family::{CohortKeys, Family};
use super::super::input::What;
use super::super::{Cohort, Dimension, ThemeSource, Value, north_star};
use super::{Coder, Codes, arms};
use crate::config::{Instrument, Project, RaterGroup};
use crate::ingest::{AnswerFact, LevelFact, Mine, OutcomeFact, PairFact, RatedFact};

/// Beyond this a change is reliable, in standard errors of a difference.
const RELIABLE: f64 = 1.96;

/// What one person has of one key.
pub(super) struct Entry {
    pub(super) key: u32,
    /// Of each value that is known, its place on its scale; a flag 0 or 1.
    pub(super) values: Vec<(Value, u32)>,
    /// The key of the unit that was assigned with them, if any was.
    pub(super) unit: Option<u32>,
}

impl Coder<'_> {
    /// Tells of all families of assessments and outcomes.
    pub(super) fn people(&self, of: &Mine<'_>, person: &mut impl Codes) {
        let (member, values) = (of.member, of.values());
        for (index, dimensions) in &self.families {
            let family = &self.vectors.families[*index];
            if family.cohort.is_of_sessions() || !family.filter.admits(values, member.coached) {
                continue;
            }
            let keys = &self.vectors.keys[*index];
            let entries = match keys.starts() {
                Some(starts) => arms::entries(of, &self.beside, starts, keys),
                None => entries(self.project, of, family, keys),
            };
            for entry in entries {
                person.join(*index, member.unit, Self::cell(dimensions, values));
                person.enter(*index, entry.key);
                self.touch(person, *index, &entry);
            }
        }
    }

    /// What an entry adds to the vectors of its family.
    fn touch(&self, person: &mut impl Codes, family: usize, entry: &Entry) {
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
            person.touch(block, entry.key, key, &amounts);
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

/// Everything that is known of a person in a family.
fn entries(project: &Project, of: &Mine<'_>, family: &Family, keys: &CohortKeys) -> Vec<Entry> {
    let instrument = family.instrument;
    let declared = instrument.and_then(|at| Some((at as u16, project.instruments.get(at)?)));
    match (family.cohort, declared) {
        (Cohort::Paired, Some((code, declared))) => pairs(of, family, keys, code, declared),
        (Cohort::Assessed, Some((code, declared))) => levels(project, of, keys, code, declared),
        (Cohort::Rated, Some((code, _))) => ratings(of, keys, code),
        (Cohort::Themed, Some((code, _))) => themed(project, of, keys, (code, family.theme_source)),
        (Cohort::Outcome, _) => outcomes(of, keys),
        (Cohort::Asked, _) => answers(project, of, keys),
        _ => Vec::new(),
    }
}

/// Of facts of one person and competency, the manager's, else their own.
fn preferred<T>(facts: &[T], group: impl Fn(&T) -> RaterGroup) -> Option<&T> {
    let of = |wanted: RaterGroup| facts.iter().find(|fact| group(fact) == wanted);
    of(RaterGroup::Manager).or_else(|| of(RaterGroup::SelfRated))
}

/// The pairs of one instrument, as rated by the manager, else oneself.
fn preferred_pairs<'a>(of: &Mine<'a>, instrument: u16) -> impl Iterator<Item = &'a PairFact> {
    let same =
        |a: &PairFact, b: &PairFact| (a.competency, a.instrument) == (b.competency, b.instrument);
    let mine = of.pairs.chunk_by(same);
    mine.filter(move |pairs| pairs[0].instrument == instrument)
        .filter_map(|pairs| preferred(pairs, |pair| pair.group))
}

fn pairs(
    of: &Mine<'_>,
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
        let mine = of.pairs.iter().filter(|pair| pair.instrument == code);
        mine.filter_map(entry).collect()
    } else {
        preferred_pairs(of, code).filter_map(entry).collect()
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
    of: &Mine<'_>,
    keys: &CohortKeys,
    code: u16,
    instrument: &Instrument,
) -> Vec<Entry> {
    let same =
        |a: &LevelFact, b: &LevelFact| (a.competency, a.instrument) == (b.competency, b.instrument);
    let of_competency = of.levels.chunk_by(same);
    let of_competency = of_competency.filter(|levels| levels[0].instrument == code);
    let levels: Vec<(u16, u32)> = of_competency
        .filter_map(|levels| preferred(levels, |level| level.group))
        .map(|level| (level.competency, level.level))
        .collect();
    let entry = |key, level, at_target| Entry {
        key,
        values: vec![
            (Value::Level, level),
            (Value::AtTarget, u32::from(at_target)),
        ],
        unit: None,
    };
    let of_key = |&(competency, level): &(u16, u32)| {
        let key = keys.code((competency, 0), false)?;
        let target = project.target(competency);
        let at = target.is_some_and(|t| north_star::is_at(instrument, t.level, level));
        Some(entry(key, level, at))
    };
    let mut entries: Vec<Entry> = levels.iter().filter_map(of_key).collect();
    let at_all = north_star::is_at_all(project, instrument, levels.into_iter());
    let all = keys.all().zip(at_all);
    entries.extend(all.map(|(key, at)| entry(key, VALUE_STEPS as u32 / 2, at)));
    entries
}

fn ratings(of: &Mine<'_>, keys: &CohortKeys, code: u16) -> Vec<Entry> {
    let mine = of.ratings.iter().filter(|one| one.instrument == code);
    let entry = |one: &RatedFact| {
        Some(Entry {
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

fn themed(
    project: &Project,
    of: &Mine<'_>,
    keys: &CohortKeys,
    (code, source): (u16, ThemeSource),
) -> Vec<Entry> {
    let mut has: HashSet<(u16, u16)> = HashSet::new();
    for session in of.sessions {
        for competency in of.competencies(session) {
            let themes = source.of(of.themes(session)).flatten();
            has.extend(themes.map(|theme| (*competency, theme)));
        }
    }
    let mut entries = Vec::new();
    for pair in preferred_pairs(of, code) {
        let gain = halved(pair.follow_up as i32 - pair.baseline as i32);
        for theme in 0..project.framework.themes.len() as u16 {
            let with = has.contains(&(pair.competency, theme));
            if let Some(key) = keys.code((pair.competency, theme), !with) {
                entries.push(Entry {
                    key,
                    values: vec![(Value::Gain, gain)],
                    unit: None,
                });
            }
        }
    }
    entries
}

fn outcomes(of: &Mine<'_>, keys: &CohortKeys) -> Vec<Entry> {
    let entry = |one: &OutcomeFact| {
        Some(Entry {
            key: keys.code((one.metric, 0), !of.member.coached)?,
            values: vec![(Value::Outcome, one.value), (Value::Beyond, one.beyond)],
            unit: None,
        })
    };
    of.outcomes.iter().filter_map(entry).collect()
}

fn answers(project: &Project, of: &Mine<'_>, keys: &CohortKeys) -> Vec<Entry> {
    let entry = |one: &AnswerFact| {
        let instrument = project.instruments.get(usize::from(one.instrument))?;
        let top = f64::from(one.score) >= instrument.position(instrument.top_box);
        Some(Entry {
            key: keys.code((one.instrument, one.item), false)?,
            values: vec![(Value::Answer, one.score), (Value::TopBox, u32::from(top))],
            unit: None,
        })
    };
    of.answers.iter().filter_map(entry).collect()
}
