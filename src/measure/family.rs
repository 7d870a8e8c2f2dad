//! Families of cohorts: who is described, and by which keys they are told
//! apart.

use std::collections::{BTreeSet, HashMap};

use lodestar_privacy::public::{Keys, Label};

use super::effect::Starts;
use super::filter::Column;
use super::{Cohort, Dimension, Filter, Kind, Measure, ThemeSource};
use crate::calendar::Every;
use crate::config::{Metric, Project, RaterGroup, item_ids};
use crate::ingest::Arms;

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
    /// Dimensions of its keys.
    pub by: Vec<Dimension>,
    /// Index of the instrument that is read.
    pub instrument: Option<usize>,
    /// Most keys that a person counts in.
    pub most: u32,
    /// Whether there is `(all)` beside the keys.
    pub with_all: bool,
    /// Which themes its keys are of.
    pub theme_source: ThemeSource,
}

impl Family {
    /// The family that a measure describes.
    pub(super) fn of(measure: &Measure, periods: Every) -> Self {
        let filter = match measure.cohort {
            Cohort::Headcount => measure.filter.part(true),
            _ => measure.filter.clone(),
        };
        Self {
            cohort: measure.cohort,
            filter,
            people: measure.people().map(str::to_owned).collect(),
            every: measure.every.filter(|every| *every != periods),
            by: measure.cohort_keys().cloned().collect(),
            instrument: measure.instrument,
            most: if measure.cohort.is_of_sessions() {
                1
            } else {
                measure.max_cells
            },
            theme_source: measure
                .cohort_keys()
                .find(|key| **key == Dimension::Theme)
                .map_or(ThemeSource::Either, |_| measure.theme_source),
            with_all: measure.asks(|kind| matches!(kind, Kind::Tipping | Kind::ShareOfPeople)),
        }
    }

    /// Coachees, or everybody, of the same people and span.
    pub(super) fn beside(&self, cohort: Cohort) -> Self {
        Self {
            cohort,
            filter: self.filter.part(true),
            by: Vec::new(),
            instrument: None,
            most: 1,
            with_all: false,
            theme_source: ThemeSource::Either,
            ..self.clone()
        }
    }

    /// Whether another one is the same, but for `(all)`.
    pub(super) fn is_alike(&self, other: &Self) -> bool {
        let with_all = self.with_all;
        *self
            == Self {
                with_all,
                ..other.clone()
            }
    }

    /// `coachees`, `headcount by job_level`, `coachees (format: team), half`,
    /// `paired by competency and rater_group`.
    pub fn name(&self, project: &Project) -> String {
        let filter = match self.filter.text() {
            text if text.is_empty() => text,
            text => format!(" ({text})"),
        };
        let by = self.by.iter().map(Dimension::name);
        let by: Vec<&str> = by.chain(self.people.iter().map(String::as_str)).collect();
        let by = match by.join(" and ") {
            names if names.is_empty() => names,
            names => format!(" by {names}"),
        };
        let instrument = self.instrument.and_then(|at| project.instruments.get(at));
        let instrument = instrument.map_or_else(String::new, |one| format!(", {}", one.label.id));
        let most = match self.by.len() {
            0 => String::new(),
            _ => format!(", at most {} each", self.most),
        };
        let themes = match self.theme_source {
            ThemeSource::Either => String::new(),
            one => format!(", themes of {}", one.name()),
        };
        let every = self
            .every
            .map_or_else(String::new, |every| format!(", {}", every.name()));
        format!(
            "{}{filter}{by}{themes}{instrument}{most}{every}",
            self.cohort.name()
        )
    }

    /// The keys of its cohorts, from declarations alone. `starts` tells what of
    /// the programmes has started by the family's span.
    pub(super) fn keys(
        &self,
        project: &Project,
        starts: &impl Fn(Option<Every>) -> Starts,
    ) -> CohortKeys {
        let named = |column| self.filter.values(column);
        let keeps = |column, code: u16| named(column).is_none_or(|some| some.contains(&code));
        let framework = &project.framework;
        let competencies = (0..).zip(&framework.competencies);
        let competencies: Vec<(u16, &Label)> = competencies
            .filter(|(code, _)| keeps(Column::Competency, *code))
            .collect();
        let mut all = CohortKeys::default();
        match self.cohort {
            Cohort::Coachees | Cohort::Headcount => {}
            Cohort::Paired if self.by.contains(&Dimension::RaterGroup) => {
                for (competency, label) in competencies {
                    for group in RaterGroup::ALL {
                        if keeps(Column::RaterGroup, group as u16) {
                            let group_label = Label::plain(group.name());
                            all.add((competency, group as u16), vec![label.clone(), group_label]);
                        }
                    }
                }
            }
            Cohort::Paired | Cohort::Assessed | Cohort::Rated => {
                for (competency, label) in competencies {
                    all.add((competency, 0), vec![label.clone()]);
                }
            }
            Cohort::Outcome => {
                for (metric, declared) in (0..).zip(&project.metrics) {
                    if keeps(Column::Metric, metric) {
                        all.add((metric, 0), vec![declared.label.clone()]);
                    }
                }
            }
            Cohort::Asked => {
                let items = item_ids(&project.instruments);
                let mine = |code: usize| self.instrument.is_none_or(|one| one == code);
                let instruments = (0..).zip(&project.instruments);
                for (code, instrument) in instruments.filter(|one| mine(usize::from(one.0))) {
                    for (item, label) in (0..).zip(&instrument.items) {
                        let place = items.iter().position(|id| *id == label.id);
                        if place.is_some_and(|place| keeps(Column::Item, place as u16)) {
                            all.add((code, item), vec![instrument.label.clone(), label.clone()]);
                        }
                    }
                }
            }
            Cohort::Themed => {
                for (competency, label) in competencies {
                    for (code, theme) in (0..).zip(&framework.themes) {
                        if theme.competencies.contains(&usize::from(competency)) {
                            all.add((competency, code), vec![label.clone(), theme.label.clone()]);
                        }
                    }
                }
            }
            Cohort::Arms => {
                let mut metrics = (0..).zip(&project.metrics).collect::<Vec<_>>();
                metrics.retain(|(metric, _)| keeps(Column::Metric, *metric));
                all.add_parts(starts(self.every), &metrics, &self.by);
            }
        }
        all.finish(self)
    }
}

/// The keys of a family's cohorts, and how people are coded in them.
#[derive(Clone, Debug, Default)]
pub struct CohortKeys {
    labels: Vec<Vec<Label>>,
    codes: HashMap<(u16, u16), u32>,
    /// By key, of those with rows.
    of: Vec<(u16, u16)>,
    most: u32,
    with_all: bool,
    /// How many keys have cohorts of one side; those of the other follow.
    one_side: usize,
    /// What the parts of programmes are, if keys are of them.
    starts: Option<Starts>,
}

impl CohortKeys {
    fn add(&mut self, of: (u16, u16), label: Vec<Label>) {
        self.codes.insert(of, self.labels.len() as u32);
        self.labels.push(label);
        self.of.push(of);
    }

    /// Adds every part of a programme with each metric: those with rows, then the
    /// comparisons.
    fn add_parts(&mut self, starts: Starts, metrics: &[(u16, &Metric)], by: &[Dimension]) {
        for parts in starts.codes() {
            self.one_side = self.labels.len();
            for part in parts {
                for (metric, declared) in metrics {
                    self.add((part, *metric), starts.labels(part, &declared.label, by));
                }
            }
        }
        self.starts = Some(starts);
    }

    /// Puts labels in the order of a family's dimensions.
    fn order(&mut self, family: &Family) {
        let mut made = family.cohort.keys().to_vec();
        if family.cohort == Cohort::Paired && family.by.contains(&Dimension::RaterGroup) {
            made.push(Dimension::RaterGroup);
        }
        for labels in &mut self.labels {
            let place = |wanted: &Dimension| made.iter().position(|one| one == wanted);
            let places = family.by.iter().filter_map(place);
            *labels = places.map(|place| labels[place].clone()).collect();
        }
    }

    fn finish(mut self, family: &Family) -> Self {
        // Programmes' labels are in order already.
        if self.starts.is_none() {
            self.order(family);
        }
        if family.cohort.is_of_sessions() {
            self.labels.push(Vec::new());
        }
        // Programmes' comparisons have keys of their own already.
        if self.starts.is_none() {
            self.one_side = self.labels.len();
            if family.cohort.other().is_some() {
                self.labels.extend_from_within(..);
            }
        }
        // Of two sides a person is on one: there are no more keys to have than on
        // the side that all others are compared with.
        let beside = self.labels.len() - self.one_side;
        self.most = match family.cohort.other() {
            Some(_) if beside > 0 => family.most.min(beside as u32),
            _ => family.most,
        };
        self.with_all = family.with_all;
        if family.with_all {
            let width = family.by.len();
            self.labels.push(vec![Label::plain(ALL); width]);
        }
        self
    }

    /// As the core knows them.
    ///
    /// `arms` tells what people of the units of the kind's tree take part in. In a
    /// leaf nobody has the key of a part that neither its people have nor anybody
    /// takes one by one: [`super::code`] gives people no other part, whatever
    /// their rows.
    pub fn declared(&self, arms: &Arms<'_>) -> Keys {
        let mut vacant = BTreeSet::new();
        if let Some(starts) = &self.starts {
            for leaf in arms.leaves() {
                let parts = arms.possible(leaf).filter_map(|one| starts.code(&one));
                let parts: BTreeSet<u16> = parts.collect();
                let nobodys = (0..).zip(&self.of);
                let nobodys = nobodys.filter(|(_, (part, _))| !parts.contains(part));
                vacant.extend(nobodys.map(|(key, _)| (leaf, key)));
            }
        }
        Keys {
            labels: self.labels.clone(),
            most: self.most,
            with_all: self.with_all,
            vacant,
        }
    }

    /// The key of two codes, of those with rows or of those beside them.
    pub fn code(&self, of: (u16, u16), other: bool) -> Option<u32> {
        let beside = if other { self.one_side as u32 } else { 0 };
        self.codes.get(&of).map(|code| code + beside)
    }

    /// The two codes of a key that has rows.
    pub(super) fn of(&self, key: usize) -> Option<(u16, u16)> {
        self.of.get(key).copied()
    }

    /// What the parts of programmes are, if keys are of them.
    pub fn starts(&self) -> Option<&Starts> {
        self.starts.as_ref()
    }

    /// The key of everybody.
    pub fn all(&self) -> Option<u32> {
        self.with_all.then(|| self.labels.len() as u32 - 1)
    }

    /// How many a person can have at most, however many count: of two sides they
    /// are on one.
    pub(super) fn most_of_a_person(&self) -> usize {
        let all = usize::from(self.with_all);
        let beside = self.labels.len() - all - self.one_side;
        if beside > 0 { beside } else { self.one_side }
    }

    /// The keys that have rows, without `(all)`.
    pub(super) fn rows(&self) -> std::ops::Range<usize> {
        0..self.one_side
    }

    /// By key: the key of the cohort beside it.
    pub(super) fn beside(&self) -> Vec<Option<usize>> {
        let rows = self.one_side;
        if let Some(starts) = &self.starts {
            let compared = |key: usize| {
                let (part, metric) = self.of(key).filter(|_| key < rows)?;
                let code = self.code((starts.comparison(part)?, metric), false)?;
                Some(code as usize)
            };
            return (0..self.labels.len()).map(compared).collect();
        }
        (0..self.labels.len())
            .map(|key| (key < rows && key + rows < self.labels.len()).then_some(key + rows))
            .collect()
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.labels.len()
    }
}

/// Everybody, whatever their key.
const ALL: &str = "(all)";
