//! Assessments → waves → levels, pairs, answers and how people are seen.
//!
//! Everything follows from one person's accepted rows, in whatever order, and
//! from declared instruments. Values are summed in order of size, so that no
//! order of rows or raters shows in a rounding.

use std::collections::BTreeMap;

use jiff::ToSpan;

use super::assessments::Assessment;
use super::dates::{date_of, day_of};
use super::facts::{AnswerFact, LevelFact, PairFact, RatedFact};
use crate::config::{Instrument, RaterGroup, Wave};
use lodestar_privacy::public::VALUE_STEPS;

/// Days that a wave lasts, and days from a baseline to its follow-up.
const APART: i32 = 60;

/// Months before a follow-up in which its baseline is looked for.
const BACK: i32 = 18;

/// What the rows of one person say of a span.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Scores {
    pub(super) pairs: Vec<PairFact>,
    pub(super) levels: Vec<LevelFact>,
    pub(super) answers: Vec<AnswerFact>,
    pub(super) ratings: Vec<RatedFact>,
}

/// Rows that belong together, and enough of them to give a score.
struct Scored {
    label: Option<Wave>,
    /// The latest day.
    day: i32,
    raters: Vec<Rater>,
    /// Mean of the raters.
    mean: f64,
}

/// What one rater says in a wave.
struct Rater {
    /// Mean of the answers.
    mean: f64,
    /// By item.
    answers: BTreeMap<Option<u16>, f64>,
}

/// All that a person's rows say of the days from `span.0` to `span.1`.
pub(super) fn scores(
    member: u32,
    rows: &[Assessment],
    span: (i32, i32),
    instruments: &[Instrument],
) -> Scores {
    let mut groups: BTreeMap<(u16, u16, RaterGroup), Vec<&Assessment>> = BTreeMap::new();
    for row in rows {
        let key = (row.competency, row.instrument, row.group);
        groups.entry(key).or_default().push(row);
    }
    let mut scores = Scores::default();
    let mut seen: BTreeMap<(u16, u16), Vec<(RaterGroup, Scored)>> = BTreeMap::new();
    for ((competency, instrument, group), rows) in groups {
        let scale = &instruments[usize::from(instrument)];
        let waves = waves(rows, least(group, scale));
        if let Some((baseline, follow_up)) = pair(&waves, span) {
            scores.pairs.push(PairFact {
                member,
                competency,
                instrument,
                group,
                baseline: position(baseline.mean, scale),
                follow_up: position(follow_up.mean, scale),
            });
        }
        if let Some(last) = last(waves, span) {
            scores.levels.push(LevelFact {
                member,
                competency,
                instrument,
                group,
                level: position(last.mean, scale),
            });
            let seen = seen.entry((competency, instrument)).or_default();
            seen.push((group, last));
        }
    }
    for ((competency, instrument), groups) in seen {
        let scale = &instruments[usize::from(instrument)];
        if let Some((gap, r_wg)) = rated(&groups, scale) {
            scores.ratings.push(RatedFact {
                member,
                competency,
                instrument,
                gap,
                r_wg,
            });
        }
    }
    scores.answers = answers(member, rows, span, instruments);
    scores
}

/// Raters from which a group has a score.
fn least(group: RaterGroup, instrument: &Instrument) -> usize {
    match group {
        RaterGroup::SelfRated | RaterGroup::Manager => 1,
        RaterGroup::Peer | RaterGroup::Report | RaterGroup::Coach => instrument.min_raters as usize,
    }
}

/// The waves that have a score. A wave starts with its first day and takes the
/// rows of its label of less than [`APART`] days after it.
fn waves(mut rows: Vec<&Assessment>, least: usize) -> Vec<Scored> {
    rows.sort_by_key(|row| (row.wave, row.day));
    let mut waves = Vec::new();
    for labelled in rows.chunk_by(|a, b| a.wave == b.wave) {
        let mut rest = labelled;
        while let Some(first) = rest.first() {
            let length = rest.partition_point(|row| row.day - first.day < APART);
            let (wave, later) = rest.split_at(length);
            waves.extend(scored(wave, least));
            rest = later;
        }
    }
    waves
}

/// The score of the rows of one wave, sorted by day; `None`: too few raters.
fn scored(rows: &[&Assessment], least: usize) -> Option<Scored> {
    let last = rows.last()?;
    let mut raters: BTreeMap<Option<u64>, BTreeMap<Option<u16>, f64>> = BTreeMap::new();
    for row in rows {
        // Rows of one rater and item are of different days: the latest stays.
        let answers = raters.entry(row.rater).or_default();
        answers.insert(row.item, row.score);
    }
    let raters: Vec<Rater> = raters
        .into_values()
        .map(|answers| Rater {
            mean: mean(answers.values().copied()),
            answers,
        })
        .collect();
    (raters.len() >= least).then(|| Scored {
        label: last.wave,
        day: last.day,
        mean: mean(raters.iter().map(|rater| rater.mean)),
        raters,
    })
}

/// The baseline and the follow-up of a span.
fn pair(waves: &[Scored], span: (i32, i32)) -> Option<(&Scored, &Scored)> {
    let within = |first: i32, last: i32, label: Option<Wave>| {
        let fits = move |wave: &&Scored| wave.label == label && (first..=last).contains(&wave.day);
        waves.iter().filter(fits)
    };
    let follow_up = [Some(Wave::FollowUp), Some(Wave::Midpoint), None]
        .into_iter()
        .find_map(|label| within(span.0, span.1, label).max_by_key(|wave| wave.day))?;
    let earliest = day_of(date_of(follow_up.day).saturating_sub(BACK.months()));
    let baseline = [Some(Wave::Baseline), None].into_iter().find_map(|label| {
        within(earliest, follow_up.day - APART, label).min_by_key(|wave| wave.day)
    })?;
    Some((baseline, follow_up))
}

/// The last wave whose day lies in the span.
fn last(waves: Vec<Scored>, span: (i32, i32)) -> Option<Scored> {
    let inside = |wave: &Scored| (span.0..=span.1).contains(&wave.day);
    let inside = waves.into_iter().filter(inside);
    inside.max_by_key(|wave| (wave.day, wave.label))
}

/// Self less others, and how far the others agree.
fn rated(groups: &[(RaterGroup, Scored)], instrument: &Instrument) -> Option<(i32, Option<u32>)> {
    let is_self = |(group, _): &&(RaterGroup, Scored)| *group == RaterGroup::SelfRated;
    let (_, own) = groups.iter().find(is_self)?;
    let others = groups.iter().filter(|group| !is_self(group));
    let others: Vec<&Rater> = others.flat_map(|(_, wave)| &wave.raters).collect();
    if others.is_empty() {
        return None;
    }
    let theirs = mean(others.iter().map(|rater| rater.mean));
    let gap = steps((own.mean - theirs) / (instrument.max - instrument.min));
    Some((gap, agreement(&others, instrument)))
}

/// `r_wg`, of several items `r_wg(J)` (James, Demaree & Wolf 1984): agreement
/// beyond that of raters who pick any step alike. `None`: no item has two
/// raters.
fn agreement(raters: &[&Rater], instrument: &Instrument) -> Option<u32> {
    let mut items: BTreeMap<Option<u16>, Vec<f64>> = BTreeMap::new();
    for (item, score) in raters.iter().flat_map(|rater| &rater.answers) {
        let scores = items.entry(*item).or_default();
        scores.push(score / instrument.step);
    }
    let shared = items.into_values().filter(|scores| scores.len() >= 2);
    let variances: Vec<f64> = shared.map(|scores| variance(&scores)).collect();
    if variances.is_empty() {
        return None;
    }
    let number = variances.len() as f64;
    let categories = ((instrument.max - instrument.min) / instrument.step).round() + 1.0;
    let by_chance = (categories * categories - 1.0) / 12.0;
    let q = 1.0 - mean(variances.into_iter()) / by_chance;
    // Below 0 they agree less than by chance, and the fraction has no meaning.
    let agreement = if q <= 0.0 {
        0.0
    } else {
        number * q / (number * q + 1.0 - q)
    };
    Some(steps(agreement.clamp(0.0, 1.0)) as u32)
}

/// What a person says of themselves, item by item: the latest row in the span,
/// and, where several competencies have one, their mean.
fn answers(
    member: u32,
    rows: &[Assessment],
    span: (i32, i32),
    instruments: &[Instrument],
) -> Vec<AnswerFact> {
    let mut latest: BTreeMap<(u16, u16, u16), &Assessment> = BTreeMap::new();
    let inside = |row: &&Assessment| {
        row.group == RaterGroup::SelfRated && (span.0..=span.1).contains(&row.day)
    };
    for row in rows.iter().filter(inside) {
        let Some(item) = row.item else { continue };
        let known = latest
            .entry((row.instrument, item, row.competency))
            .or_insert(row);
        let order = |row: &Assessment| (row.day, row.wave, row.rater);
        if order(row) > order(known) {
            *known = row;
        }
    }
    let mut items: BTreeMap<(u16, u16), Vec<f64>> = BTreeMap::new();
    for ((instrument, item, _), row) in latest {
        items.entry((instrument, item)).or_default().push(row.score);
    }
    items
        .into_iter()
        .map(|((instrument, item), scores)| AnswerFact {
            member,
            instrument,
            item,
            score: position(
                mean(scores.into_iter()),
                &instruments[usize::from(instrument)],
            ),
        })
        .collect()
}

/// Summed in order of size; of at least one value.
fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.iter().sum::<f64>() / values.len() as f64
}

/// Of a sample of at least two values.
fn variance(values: &[f64]) -> f64 {
    let freedom = (values.len() - 1) as f64;
    let centre = mean(values.iter().copied());
    let squares = values.iter().map(|value| (value - centre).powi(2));
    mean(squares) * values.len() as f64 / freedom
}

/// Where on its scale a score is.
fn position(score: f64, instrument: &Instrument) -> u32 {
    instrument.position(score.clamp(instrument.min, instrument.max)) as u32
}

/// A share of a scale in [`VALUE_STEPS`]; below 0 for a difference.
fn steps(share: f64) -> i32 {
    (share * VALUE_STEPS as f64).round() as i32
}
