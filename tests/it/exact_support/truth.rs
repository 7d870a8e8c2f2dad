//! Bounded truth, cohort by cohort, for what a release happens to show.

use std::collections::{BTreeMap, BTreeSet};

use lodestar::config::Project;
use lodestar_privacy::Public;
use lodestar_privacy::noisy::Group;

use super::{Brute, Counted, SECRET};

/// People, and how many of them have each key.
pub(crate) type Cells = (i64, Vec<i64>);

/// Every period of a project, counted with the tests' secret.
pub(crate) struct Truth {
    counted: BTreeMap<String, Counted>,
    /// By period and unit.
    units: BTreeMap<(String, String), Cells>,
}

impl Truth {
    pub(crate) fn new(project: &Project) -> Self {
        let brute = Brute::read(project);
        let max_cells = project.measures[0].max_cells;
        let mut truth = Self {
            counted: BTreeMap::new(),
            units: BTreeMap::new(),
        };
        for period in super::draws::periods(project) {
            let name = period.name();
            let counted = brute.count(&name, &SECRET, max_cells);
            for unit in counted.units.keys() {
                let cells = counted.cells(std::slice::from_ref(unit));
                truth.units.insert((name.clone(), unit.clone()), cells);
            }
            truth.counted.insert(name, counted);
        }
        truth
    }

    /// The cells of a cohort by its published id, in a release that shows the
    /// units `shown`: a group is its parent's other children.
    pub(crate) fn cells(&self, period: &str, id: &str, shown: &BTreeSet<String>) -> Cells {
        let Some(parent) = id.strip_prefix("(other units) ") else {
            return self.units[&(period.to_owned(), id.to_owned())].clone();
        };
        let counted = &self.counted[period];
        let children = counted.children(parent).into_iter();
        let mut sum = (0, vec![0; counted.keys.len()]);
        for child in children.filter(|child| !shown.contains(child)) {
            let (people, cells) = &self.units[&(period.to_owned(), child)];
            sum.0 += people;
            sum.1.iter_mut().zip(cells).for_each(|(a, b)| *a += b);
        }
        sum
    }

    /// The standing units at levels 0 and 1.
    pub(crate) fn top(&self, period: &str) -> BTreeSet<&str> {
        let units = self.counted[period].units.iter();
        let top = units.filter(|(_, unit)| unit.standing && unit.level <= 1);
        top.map(|(id, _)| id.as_str()).collect()
    }

    /// The number of a key.
    pub(crate) fn key(&self, period: &str, competency: &str, theme: &str) -> usize {
        let keys = &self.counted[period].keys;
        let found = keys.iter().position(|(c, t)| c == competency && t == theme);
        found.unwrap()
    }

    /// The share of all (person, key) pairs that the cap loses.
    pub(crate) fn lost(&self) -> f64 {
        let members = || self.counted.values().flat_map(|counted| &counted.members);
        let all: usize = members().map(|member| member.keys).sum();
        let kept: usize = members().map(|member| member.kept.len()).sum();
        1.0 - kept as f64 / all as f64
    }
}

/// The id that a cohort is published under.
pub(crate) fn id(public: &Public, group: Group) -> String {
    match group {
        Group::Unit(code) => public.tree(0).unit(code).id.clone(),
        Group::Others(code) => format!("(other units) {}", public.tree(0).unit(code).id),
    }
}
