//! Measures → vectors: which coordinates a person has, and who reads them.
//!
//! Measures without keys on the same cohorts, levels and rows share one vector,
//! so that nobody pays twice for the same numbers; a measure with keys has one
//! of its own. Everything here follows from the configuration.
//!
//! # Proof
//! A vector's coordinates are of the kinds [`super::share`], [`super::mean`] and
//! [`super::ratio`], each an integer of at most its factor in size, in at most g
//! cohorts and c keys a person. So its L2 sensitivity is at most
//! √(g·c·Σ factor²), which is what
//! [`Public::l2_squared`](lodestar_privacy::Public::l2_squared) declares; the
//! core clips every coordinate to its factor itself
//! ([`Coordinate`](lodestar_privacy::public::Coordinate)). For the session
//! vector it is tight: a person with as many sessions and minutes as the clips
//! allow, all of them coaching and proactive, reaches every coordinate's bound.

use lodestar_privacy::public::{
    Block, Coordinate, FACTOR_MOST, Rule, Statistic as Published, StatisticKind, Table,
};

use super::keys::Keys;
use super::{Cohort, Condition, Dimension, Filter, Kind, Measure, Quantity, Statistic};
use super::{mean, ratio, share};
use crate::calendar::Every;
use crate::config::Project;
use crate::ingest::SessionFact;

/// What a family of cohorts is told apart from others by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Family {
    /// Whom it describes.
    pub cohort: Cohort,
    /// The rows and people that count; of a head-count the people alone.
    pub filter: Filter,
    /// Dimensions of people, by name.
    pub people: Vec<String>,
    /// Its span; `None`: the period.
    pub every: Option<Every>,
}

impl Family {
    /// The family that a measure describes.
    fn of(measure: &Measure, periods: Every) -> Self {
        let filter = match measure.cohort {
            Cohort::Coachees => measure.filter.clone(),
            Cohort::Headcount => measure.filter.part(true),
        };
        Self {
            cohort: measure.cohort,
            filter,
            people: measure.people().map(str::to_owned).collect(),
            every: measure.every.filter(|every| *every != periods),
        }
    }

    /// `coachees`, `headcount by job_level`, `coachees (format: team), half`.
    pub fn name(&self) -> String {
        let mut name = self.cohort.name().to_owned();
        if !self.filter.is_empty() {
            name += &format!(" ({})", self.filter.text());
        }
        if !self.people.is_empty() {
            name += &format!(" by {}", self.people.join(" and "));
        }
        if let Some(every) = self.every {
            name += &format!(", {}", every.name());
        }
        name
    }
}

/// What an amount counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The person, once.
    Person,
    /// What every row says.
    Rows(Quantity),
}

/// One amount that people's rows add to a vector.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// What is added.
    pub what: What,
    /// Only of rows in which this is known.
    pub known: Option<Quantity>,
    /// Only of rows that pass, of people who do.
    pub only: Filter,
}

impl Input {
    /// What a row adds, in whole steps.
    pub fn of_row(&self, session: &SessionFact, competencies: &[u16], values: &[u16]) -> i64 {
        let What::Rows(quantity) = self.what else {
            return 0;
        };
        let known = self.known.is_none_or(|known| known.of(session).is_some());
        let counts = known && self.only.admits(values) && self.only.passes(session, competencies);
        quantity.of(session).filter(|_| counts).unwrap_or(0)
    }

    /// Whether it is shared out over several competencies.
    pub fn is_split(&self) -> bool {
        matches!(self.what, What::Rows(quantity) if quantity.is_split())
    }
}

/// The amounts of a vector, each once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inputs(pub Vec<Input>);

impl Inputs {
    fn place(&mut self, input: Input) -> usize {
        place_of(&mut self.0, input)
    }

    /// 1 for a person who passes.
    pub(super) fn person(&mut self, only: &Filter) -> usize {
        self.place(Input {
            what: What::Person,
            known: None,
            only: only.clone(),
        })
    }

    /// A quantity of the rows that pass.
    pub(super) fn amount(&mut self, of: Quantity, only: &Filter) -> usize {
        self.place(Input {
            what: What::Rows(of),
            known: None,
            only: only.clone(),
        })
    }

    /// A part, of rows that pass, and the whole that it is a part of: of all
    /// rows in which the part is known.
    pub(super) fn pair(&mut self, of: Quantity, per: Quantity, only: &Filter) -> (usize, usize) {
        let whole = Input {
            what: What::Rows(per),
            known: Some(of).filter(|of| *of != per),
            only: Filter::default(),
        };
        (self.amount(of, only), self.place(whole))
    }
}

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
        }
    }

    fn coordinate(&mut self, rule: Rule, weight: f64, tolerated_error: f64) -> usize {
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

    /// Adds what a statistic reads.
    fn add(&mut self, statistic: &Statistic, weight: f64) -> StatisticKind {
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
                }
            }
            Kind::Ratio { of, per, clip } => {
                let (excess, whole) = ratio::rules(of, per, clip, keyed, only, &mut self.inputs);
                // Where people's wholes are at half of the clip, an error of the
                // excess is one of the ratio, and one of the whole half of it.
                StatisticKind::Ratio {
                    excess: self.coordinate(excess, weight, error),
                    whole: self.coordinate(whole, weight, error * 2.0),
                }
            }
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

/// All that the measures of a release declare.
#[derive(Clone, Debug)]
pub struct Vectors {
    /// Each once.
    pub families: Vec<Family>,
    /// In order of the first measure that reads each.
    pub vectors: Vec<Vector>,
    /// One a measure, in their order.
    pub tables: Vec<Table>,
}

/// The vectors of some measures of a project.
pub fn vectors<'a>(project: &Project, measures: impl Iterator<Item = &'a Measure>) -> Vectors {
    let mut all = Vectors {
        families: Vec::new(),
        vectors: Vec::new(),
        tables: Vec::new(),
    };
    for measure in measures {
        let family = Family::of(measure, project.calendar.every);
        let family = place_of(&mut all.families, family);
        let place = all.vector(project, measure, family);
        let vector = &mut all.vectors[place];
        let statistics = measure.statistics.iter().map(|statistic| Published {
            name: statistic.name.clone(),
            kind: vector.add(statistic, measure.weight),
            definition: super::definition::text(measure, statistic),
            unit: super::definition::unit(statistic).to_owned(),
            tolerated_error: statistic.tolerated_error,
        });
        let statistics = statistics.collect();
        all.tables.push(Table {
            name: measure.name.clone(),
            question: measure.question.clone(),
            block: place,
            dimensions: measure
                .dimensions
                .iter()
                .filter(|dimension| !matches!(dimension, Dimension::People(_)))
                .map(|dimension| dimension.name().to_owned())
                .collect(),
            statistics,
            weight: measure.weight,
        });
    }
    all.vectors.iter_mut().for_each(Vector::balance);
    all
}

fn place_of<T: PartialEq>(all: &mut Vec<T>, one: T) -> usize {
    let place = all.iter().position(|known| *known == one);
    place.unwrap_or_else(|| {
        all.push(one);
        all.len() - 1
    })
}

impl Vectors {
    /// The vector that a measure reads, made if need be.
    fn vector(&mut self, project: &Project, measure: &Measure, family: usize) -> usize {
        let rows = measure.filter.part(false);
        let shared = |vector: &Vector| {
            let same = vector.family == family && vector.rows == rows;
            same && vector.levels == measure.levels && !vector.keys.is_keyed()
        };
        let known = self.vectors.iter().position(shared);
        if let Some(place) = known.filter(|_| !measure.is_keyed()) {
            return place;
        }
        self.vectors.push(Vector {
            family,
            rows,
            keys: Keys::new(&project.framework, &project.formats, &measure.dimensions),
            inputs: Inputs::default(),
            levels: measure.levels.clone(),
            max_cells: measure.max_cells,
            coordinates: Vec::new(),
        });
        self.vectors.len() - 1
    }

    /// The names of the tables that read a vector, for people: its own name.
    pub fn name(&self, vector: usize) -> String {
        let readers = self.tables.iter().filter(|table| table.block == vector);
        let names: Vec<&str> = readers.map(|table| table.name.as_str()).collect();
        names.join(" + ")
    }
}
