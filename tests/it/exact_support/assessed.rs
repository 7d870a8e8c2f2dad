//! Assessments and outcomes by brute force: which rows count, and what they say
//! of a person in a span.
//!
//! Waves, pairs, levels and answers are found as the documentation says. Of rows
//! that contradict each other the one with the smallest keyed content counts.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use lodestar::config::{Instrument, Source};

use super::SECRET;
use super::brute::{Brute, Days, Leaves, is_id, quarter_of, rows};
use super::sums::key;

/// An accepted assessment; texts are empty where nothing is said.
#[derive(Clone, Debug)]
pub(super) struct Assessment {
    pub(super) day: Date,
    pub(super) competency: String,
    pub(super) instrument: String,
    pub(super) group: String,
    wave: String,
    rater: String,
    pub(super) item: String,
    pub(super) score: f64,
}

/// An accepted outcome: its day and where its value lies on the clip, 0 to 1
/// if within.
pub(super) type Measured = (Date, f64);

/// What a row is about: of one natural key one row counts.
type About = (String, Vec<String>, Date);

/// Keyed content, then what the row says.
type Candidate<T> = (u64, T);

/// The rows that count: of each natural key the one of smallest keyed content.
fn settled<T>(rows: Vec<Option<(About, Candidate<T>)>>) -> Vec<(About, T)> {
    let mut best: BTreeMap<About, Candidate<T>> = BTreeMap::new();
    for (about, candidate) in rows.into_iter().flatten() {
        let known = best.get(&about);
        if known.is_none_or(|known| candidate.0 < known.0) {
            best.insert(about, candidate);
        }
    }
    let all = best.into_iter();
    all.map(|(about, (_, row))| (about, row)).collect()
}

/// The lower half of SipHash-2-4 with 128 bits of a rater's id.
fn pseudonym(rater: &str) -> u64 {
    let hasher = siphasher::sip128::SipHasher24::new_with_key(&key(&SECRET, 3));
    hasher.hash(rater.as_bytes()).as_u128() as u64
}

/// SipHash-1-3 of what a row says.
fn content(said: &[u8]) -> u64 {
    siphasher::sip::SipHasher13::new_with_key(&key(&SECRET, 4)).hash(said)
}

/// Days since 1970.
fn number(day: Date) -> i32 {
    let first = jiff::civil::date(1970, 1, 1);
    first.until(day).unwrap().get_days()
}

impl Brute {
    /// All accepted assessments, by person.
    pub(super) fn assessed(
        &self,
        source: &Source,
        leaves: &mut HashMap<Days, Leaves>,
    ) -> BTreeMap<String, Vec<Assessment>> {
        let all = rows(source, |cell| {
            let (person, row) = self.assessment(cell, leaves)?;
            let said = [
                &row.competency,
                &row.instrument,
                &row.group,
                &row.wave,
                &row.rater,
                &row.item,
            ];
            let said = said.map(Clone::clone).to_vec();
            let content = self.content(&row);
            Some(((person, said, row.day), (content, row)))
        });
        let mut by_person: BTreeMap<String, Vec<Assessment>> = BTreeMap::new();
        for ((person, ..), row) in settled(all) {
            by_person.entry(person).or_default().push(row);
        }
        by_person
    }

    fn assessment(
        &self,
        cell: &dyn Fn(&str) -> String,
        leaves: &mut HashMap<Days, Leaves>,
    ) -> Option<(String, Assessment)> {
        let person = cell("subject_id");
        let or_self = |group: String| match group.as_str() {
            "" => "self".to_owned(),
            _ => group,
        };
        let row = Assessment {
            day: cell("assessed_on").parse().ok()?,
            competency: cell("competency"),
            instrument: cell("instrument"),
            group: or_self(cell("rater_group")),
            wave: cell("wave"),
            rater: cell("rater_id"),
            item: cell("item"),
            score: cell("score").parse().ok()?,
        };
        let instrument = self.instrument(&row.instrument)?;
        let sound = is_id(&person)
            && self
                .framework
                .competencies
                .iter()
                .any(|one| one.id == row.competency)
            && (instrument.min..=instrument.max).contains(&row.score)
            && ["", "baseline", "midpoint", "follow_up"].contains(&row.wave.as_str())
            && GROUPS.contains(&row.group.as_str())
            && (row.rater.is_empty() || is_id(&row.rater))
            && (row.item.is_empty() || instrument.items.iter().any(|item| item.id == row.item))
            && self.is_somewhere(&person, quarter_of(row.day), leaves);
        sound.then_some((person, row))
    }

    pub(super) fn instrument(&self, id: &str) -> Option<&Instrument> {
        self.instruments.iter().find(|one| one.label.id == id)
    }

    /// Keyed hash of all that a row says.
    fn content(&self, row: &Assessment) -> u64 {
        let at = |ids: Vec<&str>, id: &str| ids.iter().position(|known| *known == id).unwrap();
        let competencies = self.framework.competencies.iter().map(|one| &*one.id);
        let instruments = self.instruments.iter().map(|one| &*one.label.id);
        let items = self.instrument(&row.instrument).unwrap().items.iter();
        let items = [""].into_iter().chain(items.map(|item| &*item.id));
        let rater = pseudonym(&row.rater).to_le_bytes();
        let waves = vec!["", "baseline", "midpoint", "follow_up"];
        let said = [
            &(row.score + 0.0).to_bits().to_le_bytes()[..],
            &number(row.day).to_le_bytes(),
            &(at(competencies.collect(), &row.competency) as u16).to_le_bytes(),
            &(at(instruments.collect(), &row.instrument) as u16).to_le_bytes(),
            &(at(items.collect(), &row.item) as u32).to_le_bytes(),
            &[
                at(waves, &row.wave) as u8,
                at(GROUPS.to_vec(), &row.group) as u8,
            ],
            if row.rater.is_empty() { &[] } else { &rater },
        ];
        content(&said.concat())
    }

    /// All accepted outcomes, by person and metric.
    pub(super) fn measured(
        &self,
        source: &Source,
        leaves: &mut HashMap<Days, Leaves>,
    ) -> BTreeMap<(String, String), Vec<Measured>> {
        let all = rows(source, |cell| {
            let (person, metric) = (cell("person_id"), cell("metric"));
            let day: Date = cell("measured_on").parse().ok()?;
            let value: f64 = cell("value").parse().ok()?;
            let code = self.metrics.iter().position(|one| one.label.id == metric)?;
            let declared = &self.metrics[code];
            let sound = is_id(&person)
                && (declared.range.0..=declared.range.1).contains(&value)
                && self.is_somewhere(&person, quarter_of(day), leaves);
            let (low, high) = declared.clip;
            let place = (value - low) / (high - low);
            let said = [
                &super::sums::pseudonym(&SECRET, &person).to_le_bytes()[..],
                &number(day).to_le_bytes(),
                &(code as u16).to_le_bytes(),
                &((place * STEPS * STEPS).round() as i64).to_le_bytes(),
            ];
            let content = content(&said.concat());
            sound.then(|| ((person, vec![metric], day), (content, (day, place))))
        });
        let mut by_metric: BTreeMap<(String, String), Vec<Measured>> = BTreeMap::new();
        for ((person, mut metric, _), row) in settled(all) {
            let about = (person, metric.swap_remove(0));
            by_metric.entry(about).or_default().push(row);
        }
        by_metric
    }
}

/// Who may rate, as declared.
pub(super) const GROUPS: [&str; 5] = ["self", "manager", "peer", "report", "coach"];

/// So many steps has a scale.
pub(super) const STEPS: f64 = 65_536.0;

/// A place on a scale from 0 to 1, to the nearest step.
pub(super) fn to_step(place: f64) -> f64 {
    (place * STEPS).round() / STEPS
}

/// Where a score lies on an instrument's scale, from 0 to 1.
pub(super) fn place(instrument: &Instrument, score: f64) -> f64 {
    to_step((score - instrument.min) / (instrument.max - instrument.min))
}

/// Rows that belong together.
#[derive(Clone, Debug)]
pub(super) struct Wave {
    label: String,
    day: Date,
    /// By rater and item.
    answers: BTreeMap<String, BTreeMap<String, f64>>,
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn days_between(first: Date, last: Date) -> i32 {
    number(last) - number(first)
}

impl Wave {
    /// The raters' own means.
    fn raters(&self) -> Vec<f64> {
        let answers = self.answers.values();
        answers
            .map(|items| mean(&items.values().copied().collect::<Vec<_>>()))
            .collect()
    }

    /// The group's score.
    pub(super) fn score(&self) -> f64 {
        mean(&self.raters())
    }
}

/// What a person's rows of one competency and instrument say, group by group.
pub(super) struct Said<'a> {
    instrument: &'a Instrument,
    waves: BTreeMap<&'static str, Vec<Wave>>,
    span: Days,
}

impl<'a> Said<'a> {
    pub(super) fn new(
        rows: &[Assessment],
        competency: &str,
        instrument: &'a Instrument,
        span: Days,
    ) -> Self {
        let of = |group: &&'static str| {
            let mine = rows.iter().filter(|row| {
                row.competency == competency
                    && row.instrument == instrument.label.id
                    && row.group == **group
            });
            let least = match *group {
                "self" | "manager" => 1,
                _ => instrument.min_raters as usize,
            };
            let mut waves = Vec::new();
            for label in ["", "baseline", "midpoint", "follow_up"] {
                let labelled = mine.clone().filter(|row| row.wave == label);
                waves.extend(found(labelled.collect()));
            }
            waves.retain(|wave: &Wave| wave.answers.len() >= least);
            (*group, waves)
        };
        Self {
            instrument,
            waves: GROUPS.iter().map(of).collect(),
            span,
        }
    }

    /// The last wave in the span.
    pub(super) fn level(&self, group: &str) -> Option<&Wave> {
        let inside = |wave: &&Wave| (self.span.0..=self.span.1).contains(&wave.day);
        let waves = self.waves[group].iter().filter(inside);
        waves.max_by_key(|wave| wave.day)
    }

    /// Baseline and follow-up, as places on the scale.
    pub(super) fn pair(&self, group: &str) -> Option<(f64, f64)> {
        let waves = &self.waves[group];
        let called = |label: &'static str| waves.iter().filter(move |wave| wave.label == label);
        let inside = |wave: &&Wave| self.span.0 <= wave.day && wave.day <= self.span.1;
        let last = |label| called(label).filter(inside).max_by_key(|wave| wave.day);
        let follow_up = last("follow_up").or_else(|| last("midpoint"));
        let follow_up = follow_up.or_else(|| last(""))?;
        let earliest = follow_up.day - jiff::Span::new().months(18);
        let fits =
            |wave: &&Wave| earliest <= wave.day && days_between(wave.day, follow_up.day) >= 60;
        let first = |label| called(label).filter(fits).min_by_key(|wave| wave.day);
        let baseline = first("baseline").or_else(|| first(""))?;
        let place = |wave: &Wave| place(self.instrument, wave.score());
        Some((place(baseline), place(follow_up)))
    }

    /// Of somebody seen by others: self less others, in scales, and their
    /// agreement, if two of them rated an item.
    pub(super) fn seen(&self) -> Option<(f64, Option<f64>)> {
        let own = self.level("self")?;
        let others: Vec<&Wave> = GROUPS[1..]
            .iter()
            .filter_map(|group| self.level(group))
            .collect();
        let raters: Vec<f64> = others.iter().flat_map(|wave| wave.raters()).collect();
        let range = self.instrument.max - self.instrument.min;
        let gap = (!raters.is_empty()).then(|| to_step((own.score() - mean(&raters)) / range))?;
        let mut items: BTreeMap<&String, Vec<f64>> = BTreeMap::new();
        for (item, score) in others
            .iter()
            .flat_map(|wave| wave.answers.values())
            .flatten()
        {
            items.entry(item).or_default().push(*score);
        }
        items.retain(|_, scores| scores.len() >= 2);
        if items.is_empty() {
            return Some((gap, None));
        }
        // In steps of the scale, between raters, less what chance makes.
        let variance = |scores: &Vec<f64>| {
            let centre = mean(scores);
            let squares: f64 = scores.iter().map(|score| (score - centre).powi(2)).sum();
            squares / (scores.len() - 1) as f64 / self.instrument.step.powi(2)
        };
        let variances: Vec<f64> = items.values().map(variance).collect();
        let categories = range / self.instrument.step + 1.0;
        let q = 1.0 - mean(&variances) / ((categories.powi(2) - 1.0) / 12.0);
        let j = variances.len() as f64;
        let r_wg = if q > 0.0 {
            j * q / (j * q + 1.0 - q)
        } else {
            0.0
        };
        Some((gap, Some(to_step(r_wg.min(1.0)))))
    }
}

/// The manager's, else one's own.
pub(super) fn preferred<T>(of: impl Fn(&str) -> Option<T>) -> Option<T> {
    of("manager").or_else(|| of("self"))
}

/// The waves among rows of one name: the earliest starts one, which takes all of
/// less than sixty days after it.
fn found(mut rows: Vec<&Assessment>) -> Vec<Wave> {
    rows.sort_by_key(|row| row.day);
    let mut waves: Vec<(Date, Wave)> = Vec::new();
    for row in rows {
        let starts = waves
            .last()
            .is_none_or(|(first, _)| days_between(*first, row.day) >= 60);
        if starts {
            let wave = Wave {
                label: row.wave.clone(),
                day: row.day,
                answers: BTreeMap::new(),
            };
            waves.push((row.day, wave));
        }
        let (_, wave) = waves.last_mut().unwrap();
        wave.day = row.day;
        // The latest row of a rater and item stays.
        let answers = wave.answers.entry(row.rater.clone()).or_default();
        answers.insert(row.item.clone(), row.score);
    }
    waves.into_iter().map(|(_, wave)| wave).collect()
}

/// What somebody answered about themselves, by instrument and item: the latest
/// row in the span, and of several competencies the mean.
pub(super) fn answers(
    brute: &Brute,
    rows: &[Assessment],
    span: Days,
) -> BTreeMap<(String, String), f64> {
    let mut latest: BTreeMap<(String, String, String), &Assessment> = BTreeMap::new();
    let mine = rows.iter().filter(|row| {
        let inside = span.0 <= row.day && row.day <= span.1;
        row.group == "self" && !row.item.is_empty() && inside
    });
    for row in mine {
        let about = (
            row.instrument.clone(),
            row.item.clone(),
            row.competency.clone(),
        );
        let known = latest.entry(about).or_insert(row);
        if row.day > known.day {
            *known = row;
        }
    }
    let mut scores: BTreeMap<(String, String), Vec<f64>> = BTreeMap::new();
    for ((instrument, item, _), row) in latest {
        scores
            .entry((instrument, item))
            .or_default()
            .push(row.score);
    }
    let answer = |(about, scores): ((String, String), Vec<f64>)| {
        let instrument = brute.instrument(&about.0).unwrap();
        let place = place(instrument, mean(&scores));
        (about, place)
    };
    scores.into_iter().map(answer).collect()
}

/// The mean of what was measured in a span, on the clip.
pub(super) fn outcome(measured: &[Measured], span: Days) -> Option<f64> {
    let inside = measured
        .iter()
        .filter(|(day, _)| (span.0..=span.1).contains(day));
    let places: Vec<f64> = inside.map(|(_, place)| *place).collect();
    (!places.is_empty()).then(|| to_step(mean(&places).clamp(0.0, 1.0)))
}
