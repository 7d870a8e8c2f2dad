//! Which cohorts show where noise is nil.

use std::collections::{BTreeMap, BTreeSet};

use super::sums::{ALL, Cohort, Counted, Totals, choices};

const OTHER: &str = "(other)";

/// Cohorts that together are another one.
struct Line {
    total: Cohort,
    members: Vec<Cohort>,
}

impl Counted {
    /// The published cohorts, by unit and values as they are published, each
    /// with its level and what it is made of.
    pub(crate) fn visible(&self, k: u32, thresholds: &[i64]) -> BTreeMap<Cohort, (i32, Totals)> {
        let appears = |cohort: &Cohort| {
            let unit = &self.units[&cohort.0];
            let threshold = thresholds.get(unit.level as usize);
            let above = self.outsiders[cohort] - i64::from(k) + 1;
            unit.standing
                && self.outsiders[cohort] >= i64::from(k)
                && threshold.is_some_and(|t| above > *t)
        };
        let mut shown: BTreeSet<Cohort> = BTreeSet::new();
        for level in 0..thresholds.len() as i32 {
            let here = |cohort: &&Cohort| self.units[&cohort.0].level == level;
            let able = self.outsiders.keys().filter(here);
            shown.extend(able.filter(|cohort| appears(cohort)).cloned());
            let lines = self.lines(level);
            while lines
                .iter()
                .filter(|line| self.settle(line, &mut shown, &appears))
                .count()
                > 0
            {}
        }
        self.published(&shown, appears)
    }

    /// Unit by unit along every dimension, then along the tree; values in
    /// declared order.
    fn lines(&self, level: i32) -> Vec<Line> {
        let at = |level| {
            let mine = self.units.iter().filter(move |(_, one)| one.level == level);
            let cohorts = |id: &String| {
                let values = choices(&self.values).into_iter();
                let cohorts = values.map(|values| (id.clone(), values));
                cohorts.collect::<Vec<_>>()
            };
            mine.flat_map(move |(id, _)| cohorts(id))
        };
        let mut lines = Vec::new();
        for total in at(level) {
            for (dimension, values) in self.values.iter().enumerate() {
                if total.1[dimension] == ALL && !values.is_empty() {
                    let members = values.iter();
                    let members = members.map(|value| replaced(&total, dimension, value));
                    lines.push(Line {
                        members: members.collect(),
                        total: total.clone(),
                    });
                }
            }
        }
        for total in at(level - 1) {
            let children = self.children(&total.0).into_iter();
            let members: Vec<Cohort> = children.map(|unit| (unit, total.1.clone())).collect();
            if !members.is_empty() {
                lines.push(Line { total, members });
            }
        }
        lines
    }

    /// Makes a line sound; whether that hid anything.
    fn settle(
        &self,
        line: &Line,
        shown: &mut BTreeSet<Cohort>,
        appears: &impl Fn(&Cohort) -> bool,
    ) -> bool {
        let before = shown.len();
        // A part of what is hidden is hidden.
        if !shown.contains(&line.total) {
            line.members.iter().for_each(|member| {
                shown.remove(member);
            });
            return shown.len() < before;
        }
        // One that is hidden must not be what is left of the total: two are, and
        // one of these could have been shown. First in declared order of equals.
        loop {
            let hidden: Vec<&Cohort> = line
                .members
                .iter()
                .filter(|m| !shown.contains(*m))
                .collect();
            let safe = hidden.len() >= 2 && hidden.iter().any(|member| appears(member));
            let kept = line.members.iter().filter(|m| shown.contains(*m));
            let joins = kept.min_by_key(|member| self.outsiders[*member]);
            match joins {
                Some(joins) if !hidden.is_empty() && !safe => shown.remove(joins),
                _ => return shown.len() < before,
            };
        }
    }

    /// What shows as itself; and of what is hidden, what shows together: along
    /// the first dimension with a value, else along the tree.
    fn published(
        &self,
        shown: &BTreeSet<Cohort>,
        appears: impl Fn(&Cohort) -> bool,
    ) -> BTreeMap<Cohort, (i32, Totals)> {
        let mut groups: BTreeMap<Cohort, Vec<&Cohort>> = BTreeMap::new();
        for cohort in self
            .outsiders
            .keys()
            .filter(|cohort| !shown.contains(*cohort))
        {
            let parent = self.units[&cohort.0].parent.clone();
            let (total, name) = match (cohort.1.iter().position(|value| value != ALL), parent) {
                (Some(at), _) => (replaced(cohort, at, ALL), replaced(cohort, at, OTHER)),
                (None, Some(parent)) => {
                    let name = format!("(other units) {parent}");
                    ((parent, cohort.1.clone()), (name, cohort.1.clone()))
                }
                (None, None) => continue,
            };
            if shown.contains(&total) {
                groups.entry(name).or_default().push(cohort);
            }
        }
        groups.retain(|_, parts| parts.iter().any(|part| appears(part)));
        groups.extend(shown.iter().map(|cohort| (cohort.clone(), vec![cohort])));
        let total = |parts: &[&Cohort]| {
            let mut all = parts.iter().map(|part| self.totals[*part].clone());
            let first = all.next().unwrap();
            let sum = all.fold(first, |sum, part| sum.and(&part));
            (self.units[&parts[0].0].level, sum)
        };
        groups
            .into_iter()
            .map(|(name, parts)| (name, total(&parts)))
            .collect()
    }

    /// What a published cohort is made of, in a release that shows `shown`.
    pub(crate) fn made_of(&self, cohort: &Cohort, shown: &BTreeSet<Cohort>) -> Totals {
        let parts = self.parts(cohort, shown);
        let mut parts = parts.iter().map(|part| &self.totals[part]);
        let first = parts.next().unwrap().clone();
        parts.fold(first, Totals::and)
    }

    /// The cohorts that a published one is made of: itself, or of a group
    /// whatever of its total does not show as itself.
    pub(crate) fn parts(&self, cohort: &Cohort, shown: &BTreeSet<Cohort>) -> Vec<Cohort> {
        let parts: Vec<Cohort> = if let Some(parent) = cohort.0.strip_prefix("(other units) ") {
            let children = self.children(parent).into_iter();
            children.map(|unit| (unit, cohort.1.clone())).collect()
        } else if let Some(at) = cohort.1.iter().position(|value| value == OTHER) {
            self.values[at]
                .iter()
                .map(|value| replaced(cohort, at, value))
                .collect()
        } else {
            return vec![cohort.clone()];
        };
        let hidden = parts.into_iter().filter(|part| !shown.contains(part));
        hidden.collect()
    }

    /// The children of a unit, in order of id.
    fn children(&self, parent: &str) -> Vec<String> {
        let mine = self
            .units
            .iter()
            .filter(|(_, unit)| unit.parent.as_deref() == Some(parent));
        mine.map(|(id, _)| id.clone()).collect()
    }
}

/// A cohort with another value in one dimension.
fn replaced(cohort: &Cohort, at: usize, value: &str) -> Cohort {
    let mut cohort = cohort.clone();
    value.clone_into(&mut cohort.1[at]);
    cohort
}
