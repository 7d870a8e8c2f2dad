//! Effects of programmes: how much more the people of a programme changed than
//! those of its comparison (difference-in-differences).
//!
//! Times are counted in spans of the measure. People who start a programme in one
//! span are one start cohort; what they are compared with before is the span
//! before that one, their base. With S the span that is released:
//!
//! | who | is in the cohort if a metric is known of them in |
//! |---|---|
//! | a pilot or rollout that started in g ≤ S | S and the base of g |
//! | the comparison of a programme | S and the bases of all its starts up to S |
//!
//! so there is one comparison a programme and metric, for all its start cohorts.
//! Of every start there are two coordinates: with d the change of the metric since
//! its base, from −1 to 1 of twice the width of its scale, d and 2d² − 1. Of a
//! start that somebody has no part in they count the middle, which is 0.
//!
//! Units that were assigned as a whole share what happens to them. A second
//! vector tells what its people add to each unit: 1, and the changes.
//!
//! # Proof
//! *Claim*: each of the two vectors moves by at most √(g·Σf²) in L2 when a person
//! is added or removed, with f its factors and g the number of cohorts of a level
//! a person.
//!
//! 1. The part that somebody has in a programme follows from declared rows, their
//!    own unit and their own values of declared dimensions; whether they count,
//!    from their own outcomes. So the vectors are sums of people's own.
//! 2. A person has at most one part in a programme, so of each programme and
//!    metric at most one key. At most `max_cells` of all keys count, bounded as
//!    any other keys are.
//! 3. In each of these cohorts there is one entry. Changes are values as of
//!    [`super::paired`]: each coordinate lies within ±1.
//! 4. The key of an entry of the second vector is the one unit whose row assigned
//!    the person to that programme, or the one of those who were assigned one by
//!    one. Its coordinates are 1 and changes. ∎
//!
//! A unit's numbers are drawn for the interval alone, and never published. All
//! units together weigh as one number.

use jiff::civil::Date;
use lodestar_privacy::public::{AssignedUnits, Effect, Label, Rule, Side, Spread, StatisticKind};

use super::keys::Keys;
use super::value::Amount;
use super::vector::Vectors;
use super::{Dimension, Measure, Value, paired};
use crate::calendar::Period;
use crate::config::Project;
use crate::ingest::{Assigned, Programmes};

/// How much larger an error is tolerated in the numbers of units: the interval
/// alone needs them.
const OF_UNITS: f64 = 2.0;

/// Whose numbers are those of people who were assigned one by one.
const ONE_BY_ONE: &str = "(individually)";

/// What of each programme has started by a span. Programmes without a comparison
/// have no part.
#[derive(Clone, Debug, PartialEq)]
pub struct Starts {
    span: Period,
    /// The spans in which something starts, ascending.
    spans: Vec<Period>,
    /// By code: those with rows, then the comparisons.
    parts: Vec<Part>,
    /// How many have rows.
    started: usize,
    /// The units that were assigned, and to what.
    units: Vec<Unit>,
    /// What people are assigned to one by one.
    people: Vec<Assigned>,
}

/// A start cohort of a programme, or its comparison.
#[derive(Clone, Debug, PartialEq)]
struct Part {
    programme: u16,
    label: Label,
    /// Place of the start among the spans; `None`: the comparison.
    start: Option<usize>,
}

#[derive(Clone, Debug, PartialEq)]
struct Unit {
    id: String,
    /// Place among [`Programmes::units`].
    place: u32,
    parts: Vec<Assigned>,
}

impl Starts {
    /// Those up to the end of a span.
    pub fn of(programmes: &Programmes, span: Period) -> Self {
        let all = (0..).zip(programmes.all());
        let compared = all.filter(|(_, programme)| programme.has_comparison);
        // Of each: the spans in which it starts, each once, ascending.
        let starts = |days: &[Date]| {
            let started = days.iter().filter(|day| **day <= span.end());
            let mut spans: Vec<Period> = started.map(|day| span.around(*day)).collect();
            spans.dedup();
            spans
        };
        let mine: Vec<(u16, &Label, Vec<Period>)> = compared
            .map(|(code, programme)| (code, &programme.label, starts(&programme.starts)))
            .filter(|(_, _, starts)| !starts.is_empty())
            .collect();
        let mut spans: Vec<Period> = mine.iter().flat_map(|one| one.2.clone()).collect();
        spans.sort_unstable();
        spans.dedup();
        let part = |programme, label: &Label, start: Option<&Period>| Part {
            programme,
            label: label.clone(),
            start: start.and_then(|start| spans.iter().position(|span| span == start)),
        };
        let mut parts = Vec::new();
        for (programme, label, starts) in &mine {
            let all = starts.iter();
            parts.extend(all.map(|start| part(*programme, label, Some(start))));
        }
        let started = parts.len();
        let comparisons = mine.iter();
        parts.extend(comparisons.map(|(programme, label, _)| part(*programme, label, None)));
        let is_mine = |one: &Assigned| mine.iter().any(|(code, ..)| *code == one.programme);
        let units = (0..).zip(programmes.units().zip(programmes.of_units()));
        let units = units.map(|(place, (id, parts))| Unit {
            id: id.to_owned(),
            place,
            parts: parts.iter().copied().filter(is_mine).collect(),
        });
        let people = programmes.of_people().into_iter();
        Self {
            span,
            units: units.filter(|unit| !unit.parts.is_empty()).collect(),
            people: people.filter(is_mine).collect(),
            spans,
            parts,
            started,
        }
    }

    /// Whether nothing has started.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// The span before each start, in order of the starts.
    pub fn bases(&self) -> impl Iterator<Item = Period> + '_ {
        self.spans.iter().map(Period::previous)
    }

    /// The codes of those with rows, and of the comparisons.
    pub(super) fn codes(&self) -> [std::ops::Range<u16>; 2] {
        let (started, all) = (self.started as u16, self.parts.len() as u16);
        [0..started, started..all]
    }

    /// The code of somebody's part; `None`: it has not started, or there is
    /// nothing to compare it with.
    pub(super) fn code(&self, assigned: &Assigned) -> Option<u16> {
        let start = assigned.starts_on.map(|day| self.span.around(day));
        let place = start.map(|start| self.spans.iter().position(|span| *span == start));
        let same = |part: &Part| {
            part.programme == assigned.programme && place.is_none_or(|place| place == part.start)
        };
        let [started, comparisons] = self.codes();
        let mut codes = match place {
            Some(None) => 0..0,
            Some(Some(_)) => started,
            None => comparisons,
        };
        codes.find(|code| same(&self.parts[usize::from(*code)]))
    }

    /// The code of what a part is compared with.
    pub(super) fn comparison(&self, code: u16) -> Option<u16> {
        let programme = self.parts.get(usize::from(code))?.programme;
        let [_, mut comparisons] = self.codes();
        comparisons.find(|other| self.parts[usize::from(*other)].programme == programme)
    }

    /// The places of the starts since which the changes of a part count.
    pub(super) fn since(&self, code: u16) -> Vec<usize> {
        let part = &self.parts[usize::from(code)];
        let parts = self.parts[..self.started].iter();
        let own = parts.filter(|one| one.programme == part.programme);
        let starts = own.filter_map(|one| one.start);
        starts
            .filter(|start| part.start.is_none_or(|own| own == *start))
            .collect()
    }

    /// How many starts there are.
    pub(super) fn len(&self) -> usize {
        self.spans.len()
    }

    /// The labels of a part's key, one a dimension.
    pub(super) fn labels(&self, code: u16, metric: &Label, by: &[Dimension]) -> Vec<Label> {
        let part = &self.parts[usize::from(code)];
        let start = part.start.map(|place| self.spans[place]);
        let one = |dimension: &Dimension| match dimension {
            Dimension::Programme => Some(part.label.clone()),
            Dimension::Metric => Some(metric.clone()),
            Dimension::StartCohort => Some(start.map_or_else(
                || Label::plain(COMPARISON),
                |start| Label::plain(&start.name()),
            )),
            Dimension::PeriodsSinceStart => Some(start.map_or_else(
                || Label::plain(""),
                |start| Label::plain(&self.since_start(start).to_string()),
            )),
            _ => None,
        };
        by.iter().filter_map(one).collect()
    }

    /// How many spans after its start the released one is.
    fn since_start(&self, start: Period) -> usize {
        let spans = std::iter::successors(Some(start), |span| Some(span.next()));
        spans.take_while(|span| *span < self.span).count()
    }

    /// The key of those who were assigned with somebody.
    pub(super) fn unit(&self, assigned: &Assigned) -> Option<u32> {
        let mut units = self.units.iter();
        let key = match assigned.unit {
            Some(place) => units.position(|unit| unit.place == place),
            None => self.one_by_one(),
        };
        key.map(|key| key as u32)
    }

    /// The key of those who were assigned one by one.
    fn one_by_one(&self) -> Option<usize> {
        (!self.people.is_empty()).then_some(self.units.len())
    }

    /// The keys of units, if any was assigned.
    fn keys(&self) -> Option<Keys> {
        let units = self.units.iter().map(|unit| Label::plain(&unit.id));
        let people = self.one_by_one().map(|_| Label::plain(ONE_BY_ONE));
        (!self.units.is_empty()).then(|| Keys::units(units.chain(people)))
    }

    /// By key of units: on which side it is for a part.
    fn sides(&self, code: u16) -> Vec<Option<Side>> {
        let programme = self.parts[usize::from(code)].programme;
        let side = |parts: &[Assigned]| {
            let mine = parts.iter().find(|one| one.programme == programme)?;
            Some(match self.code(mine) {
                Some(one) if one == code => Side::Own,
                Some(one) if Some(one) == self.comparison(code) => Side::Other,
                _ => Side::Neither,
            })
        };
        let units = self.units.iter().map(|unit| side(&unit.parts));
        let people = self.one_by_one().map(|_| side(&self.people));
        units.chain(people).collect()
    }
}

/// The start of a comparison, which has none.
const COMPARISON: &str = "(comparison)";

/// The kind of each row, with the coordinates that it reads.
pub(super) fn kinds(
    all: &mut Vectors,
    project: &Project,
    measure: &Measure,
    (family, vector): (usize, usize),
    rows: &[usize],
    error: f64,
) -> StatisticKind {
    let Some(starts) = all.keys[family].starts().cloned() else {
        return StatisticKind::Absent;
    };
    let units = starts.keys().map(|keys| {
        // All of them together weigh as one.
        let weight = measure.weight / keys.labels().len() as f64;
        (all.push(measure, family, keys), weight)
    });
    let mut kind = |key: &usize| {
        let (code, metric) = all.keys[family].of(*key)?;
        let scale = project.metrics[usize::from(metric)].scale();
        let scale = scale.of_differences();
        let start = *starts.since(code).first()?;
        let change = Value::Since(start as u16);
        let vectors = &mut all.vectors;
        let spread: Spread =
            paired::spread(&mut vectors[vector], change, scale, measure.weight, error);
        let units = units.map(|(block, weight)| {
            let vector = &mut vectors[block];
            let rule = paired::rule(Amount::Of(change), &mut vector.inputs);
            AssignedUnits {
                block,
                people: vector.coordinate(Rule::Has, weight, OF_UNITS * error),
                change: vector.coordinate(rule, weight, OF_UNITS * 2.0 * error),
                sides: starts.sides(code),
                one_by_one: starts.one_by_one(),
            }
        });
        Some(StatisticKind::Effect(Effect {
            change: spread,
            units,
        }))
    };
    let kinds = rows
        .iter()
        .map(|key| kind(key).unwrap_or(StatisticKind::Absent));
    StatisticKind::ByKey(kinds.collect())
}
