//! Bounded truth, cohort by cohort, for what a release happens to show.

use std::collections::{BTreeMap, BTreeSet};

use lodestar::config::Project;
use lodestar::declare;
use lodestar::measure::Measure;
use lodestar_privacy::Public;
use lodestar_privacy::noisy::{Group, Noisy, Value};

use super::sums::{ALL, Cohort, Counted, Question, Totals, vectors};
use super::{Brute, SECRET};

/// Every measure of every release of a project, counted with the tests' secret.
pub(crate) struct Truth {
    measures: Vec<Measure>,
    /// By period of the release and table.
    counted: BTreeMap<(String, String), Counted>,
}

impl Truth {
    pub(crate) fn new(project: &Project) -> Self {
        Self::of(&Brute::read(project), project)
    }

    /// The same, of inputs that were read before.
    pub(crate) fn of(brute: &Brute, project: &Project) -> Self {
        let (mut counted, mut standing) = (BTreeMap::new(), BTreeMap::new());
        for period in super::draws::periods(project) {
            let release = period.name();
            // Which spans close with a period is the calendar's to say; what is
            // published tells the name of each, and is compared.
            let span = |every| declare::span(project, every, &period);
            let due = project.measures.iter().filter(|measure| {
                let span = span(measure.every);
                span.end() == period.end() && span.start() >= project.calendar.first.start()
            });
            let due: Vec<_> = due.collect();
            for (measure, vector) in due.iter().zip(vectors(&due)) {
                let question = Question {
                    measure,
                    vector,
                    release: &release,
                    secret: &SECRET,
                    coalition: project.privacy.coalition,
                };
                let name = span(measure.every).name();
                let standing = standing.entry(name.clone());
                let standing = standing.or_insert_with(|| brute.standing(&name));
                let key = (release.clone(), measure.name.clone());
                counted.insert(key, brute.count(standing, &question));
            }
        }
        Self {
            measures: project.measures.clone(),
            counted,
        }
    }

    pub(crate) fn measure(&self, table: &str) -> &Measure {
        let mut measures = self.measures.iter();
        measures.find(|measure| measure.name == table).unwrap()
    }

    /// A table of a release; `None`: it has none.
    pub(crate) fn table(&self, release: &str, table: &str) -> Option<&Counted> {
        self.counted.get(&(release.to_owned(), table.to_owned()))
    }

    /// What the cohorts of a table are made of that a release shows.
    pub(crate) fn shown(&self, release: &str, table: &str, cohorts: &[Cohort]) -> Vec<Totals> {
        let counted = self.table(release, table).unwrap();
        let shown: BTreeSet<Cohort> = cohorts.iter().cloned().collect();
        let of = |cohort| counted.made_of(cohort, &shown);
        cohorts.iter().map(of).collect()
    }

    /// The share of all (person, key) pairs of a table that the cap loses.
    pub(crate) fn lost(&self, table: &str) -> f64 {
        let mine = self.counted.iter().filter(|((_, name), _)| name == table);
        let pairs = mine.map(|(_, counted)| counted.pairs);
        let (all, kept) = pairs.fold((0, 0), |sum, pair| (sum.0 + pair.0, sum.1 + pair.1));
        1.0 - kept as f64 / all as f64
    }
}

/// The cohorts that a level of a kind shows, as they are published.
pub(crate) fn cohorts(noisy: &Noisy, public: &Public, kind: usize) -> Vec<Vec<Cohort>> {
    let (tree, dimensions) = (public.tree(kind), &public.kinds[kind].dimensions);
    let cohort = |drawn: &lodestar_privacy::noisy::Cohort| {
        let unit = match drawn.group {
            Group::Unit(code) => tree.unit(code).id.clone(),
            Group::Others(code) => format!("(other units) {}", tree.unit(code).id),
        };
        let values = dimensions.iter().zip(&drawn.values);
        let values = values.map(|(dimension, value)| match value {
            Value::All => ALL.to_owned(),
            Value::One(at) => dimension.values[*at].id.clone(),
            Value::Other => "(other)".to_owned(),
        });
        (unit, values.collect())
    };
    let levels = noisy.kinds[kind].levels.iter();
    levels
        .map(|level| level.cohorts.iter().map(cohort).collect())
        .collect()
}
