//! Measures → vectors: which coordinates a person has, and who reads them.
//!
//! Measures without keys on the same cohorts, levels and rows share one vector,
//! so that nobody pays twice for the same numbers; a measure with keys has one
//! of its own. Everything here follows from the configuration.
//!
//! # Proof
//! A vector's coordinates are of the kinds [`super::share`], [`super::mean`],
//! [`super::ratio`] and [`super::paired`], each an integer of at most its factor in size, in at most g
//! cohorts and c keys a person. So its L2 sensitivity is at most
//! √(g·c·Σ factor²), which is what
//! [`Public::l2_squared`](lodestar_privacy::Public::l2_squared) declares; the
//! core clips every coordinate to its factor itself
//! ([`Coordinate`](lodestar_privacy::public::Coordinate)). For the session
//! vector it is tight: a person with as many sessions and minutes as the clips
//! allow, all of them coaching and proactive, reaches every coordinate's bound.

use lodestar_privacy::public::{
    Block, Classes, Coordinate, FACTOR_MOST, Other, Rule, Scale, Spread, Statistic as Published,
    StatisticKind, Table,
};

use super::effect::Starts;
use super::family::{CohortKeys, Family};
use super::input::Inputs;
use super::keys::Keys;
use super::{Cohort, Condition, Dimension, Filter, Kind, Measure, Statistic, ThemeSource, Value};
use super::{comparison, effect, mean, north_star, paired, ratio, share};
use crate::calendar::Every;
use crate::config::{Instrument, Project};

/// One vector: a block of the release, and how rows are coded in it.
#[derive(Clone, Debug)]
pub struct Vector {
    /// Index of its family.
    pub family: usize,
    /// Which rows count at all.
    pub rows: Filter,
    /// Its keys.
    pub keys: Keys,
    /// What rows add.
    pub inputs: Inputs,
    /// Levels asked for; `None`: all.
    pub levels: Option<Vec<u32>>,
    /// Where the middle band of the scale begins and ends; `None`: thirds.
    pub bands: Option<(f64, f64)>,
    max_cells: u32,
    coordinates: Vec<Coordinate>,
}

impl Vector {
    /// The block of a release, but for the levels that the tree has.
    pub fn block(&self, name: String, levels: Vec<u32>) -> Block {
        Block {
            name,
            kind: self.family,
            levels,
            keys: self.keys.labels().to_vec(),
            max_cells: self.max_cells,
            inputs: self.inputs.0.len(),
            coordinates: self.coordinates.clone(),
            search: self.keys.search(),
            classes: self.classes(),
        }
    }

    /// Which of its numbers tell people apart.
    fn classes(&self) -> Classes {
        let exclusive = share::exclusive(&self.coordinates, &self.inputs);
        if self.keys.tell_apart() {
            Classes::Keys
        } else if exclusive.len() > 1 {
            Classes::Coordinates(exclusive)
        } else {
            Classes::None
        }
    }

    pub(super) fn coordinate(&mut self, rule: Rule, weight: f64, tolerated_error: f64) -> usize {
        let new = Coordinate {
            rule,
            factor: 1,
            weight,
            tolerated_error,
        };
        let known = self.coordinates.iter().position(|one| one.rule == rule);
        let Some(place) = known else {
            self.coordinates.push(new);
            return self.coordinates.len() - 1;
        };
        // Of several readers, the one that asks for most is served.
        if new.appetite() > self.coordinates[place].appetite() {
            self.coordinates[place] = new;
        }
        place
    }

    /// Adds what a statistic of this vector alone reads.
    fn add(&mut self, statistic: &Statistic, weight: f64, scale: Scale) -> StatisticKind {
        let keyed = self.keys.is_keyed();
        let (only, error) = (&statistic.only, statistic.tolerated_error);
        match statistic.kind {
            Kind::Count(condition) => StatisticKind::Count {
                of: self.condition(condition, only, weight, error),
            },
            Kind::Share(condition) => StatisticKind::Share {
                of: self.condition(condition, only, weight, error),
            },
            Kind::Mean { of, clip } => {
                let rule = mean::rule(of, clip, keyed, only, &mut self.inputs);
                // In units of the factor, half of the range without keys.
                let range = if keyed {
                    clip.1
                } else {
                    (clip.1 - clip.0) / 2.0
                };
                StatisticKind::Mean {
                    of: self.coordinate(rule, weight, error / range),
                    scale: of.steps() as f64,
                    counts: of.counts(),
                }
            }
            Kind::Ratio { of, per, clip } => {
                let (excess, whole) = ratio::rules(of, per, clip, keyed, only, &mut self.inputs);
                // Where people's wholes are at half of the clip, an error of the
                // excess is one of the ratio, and one of the whole half of it.
                StatisticKind::Ratio {
                    excess: self.coordinate(excess, weight, error),
                    whole: self.coordinate(whole, weight, error * 2.0),
                    scale: per.steps() as f64,
                    counts: of.counts(),
                }
            }
            Kind::MeanOf(value) => StatisticKind::Level {
                of: paired::mean(self, value, weight, error),
                scale,
            },
            Kind::Change => StatisticKind::Change(paired::paired(self, scale, weight, error)),
            // Standard deviations are taken to be a quarter of the scale.
            Kind::EffectSize => {
                StatisticKind::EffectSize(paired::paired(self, scale, weight, error / 4.0))
            }
            Kind::Difference(value) => comparison::difference(self, value, scale, weight, error),
            Kind::Lift => StatisticKind::Lift {
                of: self.condition(Condition::Row, only, weight, TOLERATED),
            },
            Kind::LogOdds => StatisticKind::LogOdds {
                of: self.condition(Condition::Row, only, weight, TOLERATED),
            },
            // The rest is of several vectors, or of none.
            _ => StatisticKind::Absent,
        }
    }

    fn condition(&mut self, condition: Condition, only: &Filter, weight: f64, error: f64) -> usize {
        let rule = share::rule(condition, self.keys.is_keyed(), only, &mut self.inputs);
        // From −1 to 1 is a share from 0 to 1.
        let error = if rule == Rule::Has {
            error
        } else {
            error * 2.0
        };
        self.coordinate(rule, weight, error)
    }

    /// Sets the factors, in proportion to the root of what each coordinate is
    /// due; a single one is 1 unless it needs fractions.
    fn balance(&mut self) {
        let most = self.coordinates.iter().map(Coordinate::appetite);
        let most = most.fold(0.0, f64::max);
        let whole =
            |rule: Rule| !matches!(rule, Rule::Has | Rule::AtLeast { .. } | Rule::Within { .. });
        let fractions =
            self.coordinates.len() > 1 || self.coordinates.iter().any(|c| whole(c.rule));
        for coordinate in self.coordinates.iter_mut().filter(|_| fractions) {
            let root = (coordinate.appetite() / most).sqrt();
            coordinate.factor = ((f64::from(FACTOR_MOST) * root).round() as u32).max(1);
        }
    }
}

/// The error that is tolerated in a share which only others are made of.
const TOLERATED: f64 = 0.025;

/// All that the measures of a release declare.
#[derive(Clone, Debug)]
pub struct Vectors {
    /// Each once.
    pub families: Vec<Family>,
    /// By family: the keys of its cohorts.
    pub keys: Vec<CohortKeys>,
    /// In order of the first measure that reads each.
    pub vectors: Vec<Vector>,
    /// One a measure, in their order.
    pub tables: Vec<Table>,
}

/// The vectors of some measures of a project. `starts` tells what of the
/// programmes has started by a span of a length.
pub fn vectors<'a>(
    project: &Project,
    starts: impl Fn(Option<Every>) -> Starts,
    measures: impl Iterator<Item = &'a Measure> + Clone,
) -> Vectors {
    let mut all = Vectors {
        families: Vec::new(),
        keys: Vec::new(),
        vectors: Vec::new(),
        tables: Vec::new(),
    };
    // All families first: whether one has `(all)` is known when all are.
    for measure in measures.clone() {
        let family = Family::of(measure, project.calendar.every);
        all.family(&family);
        for cohort in beside(project, measure) {
            all.family(&family.beside(cohort));
        }
    }
    let keys = all
        .families
        .iter()
        .map(|family| family.keys(project, &starts));
    all.keys = keys.collect();
    for measure in measures {
        let table = Reader::new(project, measure, &mut all).table();
        all.tables.push(table);
    }
    all.vectors.iter_mut().for_each(Vector::balance);
    all
}

/// The families that a measure's are compared with, whatever their keys.
fn beside(project: &Project, measure: &Measure) -> Vec<Cohort> {
    let mut cohorts = Vec::new();
    if measure.asks(|kind| matches!(kind, Kind::Focus { .. })) {
        cohorts.push(Cohort::Coachees);
    }
    let of_people = measure.asks(|kind| *kind == Kind::ShareOfPeople);
    if of_people && project.sources.people.is_some() {
        cohorts.push(Cohort::Headcount);
    }
    cohorts
}

/// What a measure's table reads.
struct Reader<'a> {
    project: &'a Project,
    measure: &'a Measure,
    all: &'a mut Vectors,
    /// Indices of the family and the vector.
    family: usize,
    vector: usize,
    rows: Vec<usize>,
    others: Vec<Other>,
}

impl<'a> Reader<'a> {
    fn new(project: &'a Project, measure: &'a Measure, all: &'a mut Vectors) -> Self {
        let family = Family::of(measure, project.calendar.every);
        let place = all.family(&family);
        let vector = all.vector(project, measure, place);
        let keys = &all.keys[place];
        let to_targets = family.with_all;
        let rows = if to_targets {
            north_star::rows(project, keys)
        } else {
            keys.rows().collect()
        };
        let mut others = comparison::others(measure.cohort, vector, place, keys);
        for cohort in beside(project, measure) {
            let family = family.beside(cohort);
            let kind = all.family(&family);
            let block = (cohort == Cohort::Coachees).then(|| all.unkeyed(project, measure, kind));
            others.push(north_star::beside(&family, kind, block, &all.keys[place]));
        }
        Self {
            project,
            measure,
            all,
            family: place,
            vector,
            rows,
            others,
        }
    }

    fn table(mut self) -> Table {
        let measure = self.measure;
        let statistics: Vec<Published> = measure
            .statistics
            .iter()
            .map(|statistic| Published {
                name: statistic.name.clone(),
                kind: self.kind(statistic),
                from: self.from(statistic),
                definition: super::definition::text(self.project, measure, statistic),
                unit: super::definition::unit(self.project, measure, statistic),
                tolerated_error: statistic.tolerated_error,
            })
            .collect();
        Table {
            name: measure.name.clone(),
            question: measure.question.clone(),
            block: self.vector,
            rows: self.rows,
            dimensions: measure
                .cohort_keys()
                .chain(measure.keys())
                .map(|dimension| dimension.name().to_owned())
                .collect(),
            others: self.others,
            statistics,
            weight: measure.weight,
        }
    }

    /// Whose coordinates a statistic reads, or is compared with.
    fn from(&self, statistic: &Statistic) -> usize {
        let named = |cohort: Cohort| {
            let mut others = self.others.iter();
            others
                .position(|other| other.name == cohort.name())
                .map_or(0, |at| at + 1)
        };
        match statistic.kind {
            Kind::Difference(_) | Kind::Effect => 1,
            Kind::Focus { .. } => named(Cohort::Coachees),
            Kind::ShareOfPeople => named(Cohort::Headcount),
            _ => usize::from(statistic.of_other),
        }
    }

    fn kind(&mut self, statistic: &Statistic) -> StatisticKind {
        let (project, measure) = (self.project, self.measure);
        let (weight, error) = (measure.weight, statistic.tolerated_error);
        if statistic.kind == Kind::Effect {
            let own = (self.family, self.vector);
            return effect::kinds(self.all, project, measure, own, &self.rows, error);
        }
        let tipping = project.north_star.as_ref().map_or(1.0, |s| s.tipping_share);
        let keys = &self.all.keys[self.family];
        let instrument = instrument(project, measure);
        let scale = scale(project, measure, &statistic.kind);
        let vector = &mut self.all.vectors[self.vector];
        let mut at_target = || {
            let flag = Condition::Flag(Value::AtTarget);
            vector.condition(flag, &Filter::default(), weight, error)
        };
        let before = name_of(measure, &Kind::Share(Condition::Flag(Value::AtTarget)));
        let targeted =
            |kind: &StatisticKind| north_star::where_targeted(project, keys, &self.rows, kind);
        match statistic.kind {
            Kind::Gap => {
                let of = paired::mean(vector, Value::Level, weight, error);
                let upwards = instrument.is_none_or(|one| one.higher_is_better);
                north_star::by_target(project, keys, &self.rows, |target| StatisticKind::Gap {
                    of,
                    scale,
                    target: target.level,
                    upwards,
                })
            }
            Kind::Share(Condition::Flag(Value::AtTarget)) => {
                targeted(&StatisticKind::Share { of: at_target() })
            }
            Kind::Count(Condition::Flag(Value::AtTarget)) => {
                targeted(&StatisticKind::Count { of: at_target() })
            }
            Kind::ShareOfPeople => StatisticKind::ShareOfOther { of: at_target() },
            Kind::Tipping => StatisticKind::Tipping {
                of: at_target(),
                share: tipping,
            },
            Kind::Pace => StatisticKind::Pace {
                of: at_target(),
                before,
            },
            Kind::ReachedBy => StatisticKind::ReachedBy {
                of: at_target(),
                share: tipping,
                before,
            },
            Kind::Focus { clip } => {
                let from = self.others.iter().find_map(|other| other.block);
                let from = from.unwrap_or(self.vector);
                let coachees = &mut self.all.vectors[from];
                let keys = &self.all.keys[self.family];
                north_star::focus(project, keys, &self.rows, coachees, (weight, error, clip))
            }
            Kind::Rise => StatisticKind::Rise {
                of: vector.condition(Condition::Row, &Filter::default(), weight, error),
                before: name_of(measure, &Kind::Share(Condition::Row)),
            },
            Kind::Trend => StatisticKind::Trend {
                rise: position(measure, |kind| *kind == Kind::Rise),
            },
            _ => {
                let mut kind = vector.add(statistic, weight, scale);
                if let StatisticKind::EffectSize(paired) = &mut kind {
                    paired.norm_sd = instrument.and_then(|one| one.norm_sd);
                }
                let norms = instrument.and_then(Instrument::error_of_difference);
                if statistic.kind.is_of_reliable_change() && norms.is_none() {
                    // Nobody can be said to have changed, or not.
                    return StatisticKind::Absent;
                }
                self.by_scale(&kind)
            }
        }
    }

    /// The kind with the scale of each key, where keys have scales of their own.
    fn by_scale(&self, kind: &StatisticKind) -> StatisticKind {
        let keys = &self.all.keys[self.family];
        let scale = |key: &usize| {
            let (first, _) = keys.of(*key)?;
            match self.measure.cohort {
                Cohort::Outcome => Some(self.project.metrics[usize::from(first)].scale()),
                Cohort::Asked => Some(self.project.instruments[usize::from(first)].scale()),
                _ => None,
            }
        };
        let scales: Option<Vec<Scale>> = self.rows.iter().map(scale).collect();
        let of = |scale: Scale| match *kind {
            StatisticKind::Level { of, .. } => Some(StatisticKind::Level { of, scale }),
            StatisticKind::Difference(spread) => {
                Some(StatisticKind::Difference(Spread { scale, ..spread }))
            }
            _ => None,
        };
        let kinds = scales.and_then(|scales| scales.into_iter().map(of).collect());
        kinds.map_or_else(|| kind.clone(), StatisticKind::ByKey)
    }
}

/// The name of the statistic of a kind, whose earlier values are compared with.
fn name_of(measure: &Measure, kind: &Kind) -> String {
    let mut statistics = measure.statistics.iter();
    let found = statistics.find(|statistic| statistic.kind == *kind);
    found.map_or_else(String::new, |statistic| statistic.name.clone())
}

fn position(measure: &Measure, is: impl Fn(&Kind) -> bool) -> usize {
    let mut statistics = measure.statistics.iter();
    let place = statistics.position(|statistic| is(&statistic.kind));
    place.unwrap_or_default()
}

/// The instrument that a measure reads.
pub(super) fn instrument<'a>(project: &'a Project, measure: &Measure) -> Option<&'a Instrument> {
    project.instruments.get(measure.instrument?)
}

/// The scale of what a statistic is of; by key where keys have scales of their
/// own, see [`Reader::kind`].
fn scale(project: &Project, measure: &Measure, kind: &Kind) -> Scale {
    let of = match kind {
        Kind::MeanOf(value) | Kind::Difference(value) => Some(*value),
        _ => None,
    };
    let own = instrument(project, measure).map_or(UNIT, Instrument::scale);
    match of {
        Some(Value::SelfOtherGap | Value::Gain) => own.of_differences(),
        Some(Value::Agreement) => UNIT,
        _ => own,
    }
}

/// From 0 to 1, without steps.
const UNIT: Scale = Scale {
    low: 0.0,
    high: 1.0,
    step: 0.0,
    counts: false,
};

pub(super) fn place_of<T: PartialEq>(all: &mut Vec<T>, one: T) -> usize {
    let place = all.iter().position(|known| *known == one);
    place.unwrap_or_else(|| {
        all.push(one);
        all.len() - 1
    })
}

impl Vectors {
    /// The place of a family, made if need be.
    fn family(&mut self, family: &Family) -> usize {
        let known = self
            .families
            .iter()
            .position(|known| known.is_alike(family));
        let Some(place) = known else {
            self.families.push(family.clone());
            return self.families.len() - 1;
        };
        self.families[place].with_all |= family.with_all;
        place
    }

    /// The vector that a measure reads, made if need be.
    fn vector(&mut self, project: &Project, measure: &Measure, family: usize) -> usize {
        if !measure.is_keyed() {
            return self.unkeyed(project, measure, family);
        }
        let keys: Vec<Dimension> = measure.keys().cloned().collect();
        let (framework, formats) = (&project.framework, &project.formats);
        let keys = Keys::new(framework, formats, &keys, measure.theme_source);
        self.push(measure, family, keys)
    }

    /// The vector without keys of a family, for the levels of a measure.
    fn unkeyed(&mut self, project: &Project, measure: &Measure, family: usize) -> usize {
        let rows = rows(measure);
        let known = self.vectors.iter().position(|vector| {
            let same = vector.family == family && vector.rows == rows;
            same && vector.levels == measure.levels && !vector.keys.is_keyed()
        });
        known.unwrap_or_else(|| {
            let (framework, formats) = (&project.framework, &project.formats);
            let keys = Keys::new(framework, formats, &[], ThemeSource::Either);
            self.push(measure, family, keys)
        })
    }

    pub(super) fn push(&mut self, measure: &Measure, family: usize, keys: Keys) -> usize {
        let of_rows = self.families[family].cohort.is_of_sessions() && keys.is_keyed();
        self.vectors.push(Vector {
            family,
            rows: rows(measure),
            keys,
            inputs: Inputs::default(),
            levels: measure.levels.clone(),
            bands: measure.bands,
            max_cells: if of_rows { measure.max_cells } else { 1 },
            coordinates: Vec::new(),
        });
        self.vectors.len() - 1
    }

    /// The names of the tables that read a vector, for people: its own name.
    pub fn name(&self, vector: usize) -> String {
        let of_units = |table: &Table| {
            let mut statistics = table.statistics.iter();
            statistics.any(|statistic| statistic.kind.units() == Some(vector))
        };
        let reads = |table: &&Table| {
            let mut others = table.others.iter();
            let itself = table.block == vector || others.any(|other| other.block == Some(vector));
            itself || of_units(table)
        };
        let readers = self.tables.iter().filter(reads);
        let names: Vec<&str> = readers.map(|table| table.name.as_str()).collect();
        let by = if self.vectors[vector].keys.is_of_units() {
            " by unit"
        } else {
            ""
        };
        format!("{}{by}", names.join(" + "))
    }
}

/// The rows that count for a measure's vector.
fn rows(measure: &Measure) -> Filter {
    if measure.cohort.is_of_sessions() {
        measure.filter.part(false)
    } else {
        Filter::default()
    }
}
