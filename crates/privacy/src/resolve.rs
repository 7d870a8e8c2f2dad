//! What shows of the selected cohorts, so that no single hidden one is what the
//! shown ones of its line leave of their total. Uses noisy counts and
//! declarations alone: free.
//!
//! Of each key of the kind apart (keys overlap, so they add up to nothing), a
//! cohort lies on several *lines*, each of which adds up to another cohort,
//! its *total*: a unit's value among the unit's values (the total is the unit's
//! `(all)`), and, for the same values, a unit among its parent's children (the
//! total is the parent). Two rules, to a fixed point:
//!
//! 1. A cohort whose total on some line is hidden is hidden.
//! 2. Where a line has a hidden cohort, at least two of it are hidden, and one
//!    of those at least was selected: the shown cohort of smallest noisy count
//!    (ties: first in declared order) joins the hidden ones, while there is a
//!    shown one. A closed unit counts as hidden.
//!
//! Cohorts that are *vacant* (nobody can be in them, as declarations say) are on
//! no line: neither hidden nor shown.
//!
//! Sums over *several* lines may still leave a single hidden cohort (rows less
//! columns): differences have no minimum, and (ε, δ) alone protects there.
//!
//! The hidden cohorts of one line of each cohort are then *measured* as a group,
//! if one of them was selected: along the first dimension in which the cohort
//! has a value, `(other)`; without any value, along the org tree, `(other
//! units)`.
//!
//! # Proof
//! *At least k*: a group holds a selected cohort, whose s is at least k, and s
//! of a disjoint union is at least the sum of its parts' (the largest caseload
//! of a union is at most the sum of the largest).
//!
//! *Sensitivity*: fix a level, one of the person's keys, and which dimensions are
//! at `(all)`. A person's cohorts then form one cell of one unit, which shows as
//! itself or is hidden; hidden, it is on exactly one measured line, and in the
//! group of that line alone. So a person is in at most one published cohort for
//! each of their keys and each choice of dimensions at `(all)`: in at most
//! [`CohortKind::cohorts_a_person`](crate::public::CohortKind::cohorts_a_person)
//! a level, as [`Tally::count`](crate::tally::Tally::count) has it.
//!
//! *Vacant cohorts*: which they are is declared. Whatever the rows, nobody is in
//! one: [`Tally::count`](crate::tally::Tally::count) refuses a person who would
//! be, before anything is drawn. So none is selected, as s = 0 < k, and a line
//! without them has the same people and adds up to the same total: what rule 2
//! does for its hidden cohorts it does for all hidden people of the line. A
//! person's cohorts are never among them, so the bound above stands.

use std::collections::{BTreeMap, BTreeSet};

use crate::noisy::{Group, Value};
use crate::public::{CohortKind, Public};
use crate::select::Selected;
use crate::tree::Tree;

/// A published cohort: whom it describes, and the cohorts that it is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) group: Group,
    pub(crate) key: usize,
    pub(crate) values: Vec<Value>,
    pub(crate) parts: Vec<usize>,
}

impl Shown {
    /// A cohort that shows as itself.
    pub(crate) fn itself(kind: &CohortKind, cohort: usize) -> Self {
        let (unit, cell) = (cohort / kind.cells(), cohort % kind.cells());
        Self {
            group: Group::Unit(unit),
            key: kind.key(cell),
            values: values(&kind.digits(cell), None),
            parts: vec![cohort],
        }
    }
}

/// The values of a cell's digits; the hidden ones of a dimension if it is
/// `other`.
pub(crate) fn values(digits: &[usize], other: Option<usize>) -> Vec<Value> {
    let value = |(dimension, digit): (usize, &usize)| match digit {
        _ if other == Some(dimension) => Value::Other,
        0 => Value::All,
        digit => Value::One(digit - 1),
    };
    digits.iter().enumerate().map(value).collect()
}

/// One line: the cohorts that add up to a total.
struct Line {
    total: usize,
    members: Vec<usize>,
}

/// What shows at each level, cohorts in order of unit and cell, then groups in
/// order of unit and values.
pub(crate) fn resolve(public: &Public, kind: usize, levels: &[Selected]) -> Vec<Vec<Shown>> {
    let (declared, tree) = (&public.kinds[kind], public.tree(kind));
    let mut all: Vec<Vec<Shown>> = Vec::new();
    let mut above: BTreeSet<usize> = BTreeSet::new();
    let vacant = vacant(declared, tree);
    for (level, selected) in levels.iter().enumerate() {
        let lines = lines(declared, tree, level as u32, &vacant);
        let shown = suppress(declared, tree, level, selected, &above, &lines);
        let hidden = hidden(declared, tree, &shown, &above, &vacant);
        all.push(publish(declared, tree, selected, &shown, &above, hidden));
        above = shown;
    }
    all
}

/// The cohorts that nobody can be in.
fn vacant(kind: &CohortKind, tree: &Tree) -> BTreeSet<usize> {
    let (cells, of_key) = (kind.cells(), kind.cells_a_key());
    let vacant = kind.keys.vacant(tree).into_iter();
    vacant
        .map(|(unit, key)| unit as usize * cells + key as usize * of_key)
        .flat_map(|first| first..first + of_key)
        .collect()
}

/// All lines of a level, without vacant cohorts: along every dimension, and along
/// the org tree.
fn lines(kind: &CohortKind, tree: &Tree, level: u32, vacant: &BTreeSet<usize>) -> Vec<Line> {
    let cells = kind.cells();
    let mut lines = Vec::new();
    for unit in tree.at_level(level) {
        for cell in 0..cells {
            let digits = kind.digits(cell);
            let totals = (0..digits.len()).filter(|&d| digits[d] == 0);
            for dimension in totals.filter(|&d| !kind.dimensions[d].values.is_empty()) {
                let members = (1..=kind.dimensions[dimension].values.len()).map(|digit| {
                    let mut digits = digits.clone();
                    digits[dimension] = digit;
                    unit * cells + kind.cell(kind.key(cell), &digits)
                });
                lines.push(Line {
                    total: unit * cells + cell,
                    members: members.collect(),
                });
            }
        }
    }
    lines.extend(tree_lines(kind, tree, level));
    for line in &mut lines {
        line.members.retain(|member| !vacant.contains(member));
    }
    lines
}

/// The children of every unit above, cell by cell.
fn tree_lines(kind: &CohortKind, tree: &Tree, level: u32) -> Vec<Line> {
    let cells = kind.cells();
    let parents = level
        .checked_sub(1)
        .into_iter()
        .flat_map(|above| tree.at_level(above));
    let parents = parents.filter(|&unit| !tree.unit(unit).children.is_empty());
    let line = |parent: usize, cell: usize| Line {
        total: parent * cells + cell,
        members: tree
            .unit(parent)
            .children
            .iter()
            .map(|unit| unit * cells + cell)
            .collect(),
    };
    parents
        .flat_map(|parent| (0..cells).map(move |cell| (parent, cell)))
        .map(|(parent, cell)| line(parent, cell))
        .collect()
}

/// The cohorts of a level that show as themselves.
fn suppress(
    kind: &CohortKind,
    tree: &Tree,
    level: usize,
    selected: &Selected,
    above: &BTreeSet<usize>,
    lines: &[Line],
) -> BTreeSet<usize> {
    let of_level = |cohort: usize| tree.unit(cohort / kind.cells()).level as usize == level;
    let mut shown: BTreeSet<usize> = selected.keys().copied().collect();
    loop {
        let before = shown.len();
        for line in lines {
            let total_shows = if of_level(line.total) {
                shown.contains(&line.total)
            } else {
                above.contains(&line.total)
            };
            if total_shows {
                join(line, selected, &mut shown);
            } else {
                line.members.iter().for_each(|member| {
                    shown.remove(member);
                });
            }
        }
        if shown.len() == before {
            return shown;
        }
    }
}

/// Rule 2 on one line.
fn join(line: &Line, selected: &Selected, shown: &mut BTreeSet<usize>) {
    flaw!(hidden_alone => return);
    loop {
        let (kept, hidden): (Vec<usize>, Vec<usize>) = line
            .members
            .iter()
            .partition(|member| shown.contains(member));
        let safe = hidden.len() >= 2 && hidden.iter().any(|member| selected.contains_key(member));
        if hidden.is_empty() || safe {
            return;
        }
        let joins = kept
            .into_iter()
            .min_by_key(|member| (selected[member], *member));
        let Some(joins) = joins else { return };
        shown.remove(&joins);
    }
}

/// The shown cohorts, then the groups of hidden ones.
fn publish(
    kind: &CohortKind,
    tree: &Tree,
    selected: &Selected,
    shown: &BTreeSet<usize>,
    above: &BTreeSet<usize>,
    hidden: BTreeSet<usize>,
) -> Vec<Shown> {
    let cells = kind.cells();
    let shows_itself = shown.iter().map(|&cohort| Shown::itself(kind, cohort));
    let mut all: Vec<Shown> = shows_itself.collect();
    // By the total of its measured line: the hidden cohorts there.
    let mut groups: BTreeMap<(Group, usize, Vec<Value>), Vec<usize>> = BTreeMap::new();
    let shows = |cohort: usize| shown.contains(&cohort) || above.contains(&cohort);
    for cohort in hidden {
        let (unit, cell) = (cohort / cells, cohort % cells);
        let (key, digits) = (kind.key(cell), kind.digits(cell));
        let first = digits.iter().position(|digit| *digit > 0);
        let (total, group) = match (first, tree.unit(unit).parent) {
            (Some(first), _) => {
                let mut total = digits.clone();
                total[first] = 0;
                (unit * cells + kind.cell(key, &total), Group::Unit(unit))
            }
            (None, Some(parent)) => (parent * cells + cell, Group::Others(parent)),
            (None, None) => continue,
        };
        if shows(total) {
            let group = (group, key, values(&digits, first));
            groups.entry(group).or_default().push(cohort);
        }
    }
    let groups = groups
        .into_iter()
        .map(|((group, key, values), parts)| Shown {
            group,
            key,
            values,
            parts,
        });
    all.extend(groups.filter(|group| group.parts.iter().any(|part| selected.contains_key(part))));
    all
}

/// The hidden cohorts whose line may be measured: those of shown units, and of
/// the children of shown units.
fn hidden(
    kind: &CohortKind,
    tree: &Tree,
    shown: &BTreeSet<usize>,
    above: &BTreeSet<usize>,
    vacant: &BTreeSet<usize>,
) -> BTreeSet<usize> {
    let cells = kind.cells();
    let inside = shown.iter().map(|cohort| cohort / cells);
    let everybody = |cohort: usize| cohort.is_multiple_of(kind.cells_a_key());
    let below = above.iter().filter(|&&cohort| everybody(cohort));
    let below = below.flat_map(|cohort| tree.unit(cohort / cells).children.iter().copied());
    let units: BTreeSet<usize> = inside.chain(below).collect();
    let cohorts = units
        .into_iter()
        .flat_map(|unit| unit * cells..(unit + 1) * cells);
    cohorts
        .filter(|cohort| !shown.contains(cohort) && !vacant.contains(cohort))
        .collect()
}

#[cfg(test)]
mod tests;
