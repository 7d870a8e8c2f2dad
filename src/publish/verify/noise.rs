//! The claims of `dim_noise`: it follows from the noise of each level, and from
//! which cohorts show.

use std::collections::HashMap;

use lodestar_consistency::{Forest, Weights};

use super::super::manifest::v1;
use super::super::noise::{Noise, SIZE, Whom};
use super::content::Tree;
use super::{Finding, note};
use crate::fit::with_sum_of_classes;

/// A family of cohorts: which of them add up to which.
pub(super) struct Family {
    forest: Forest,
    cohorts: Vec<Noise>,
    /// Where those with rows are.
    places: HashMap<Whom, usize>,
    /// How many ids of a cohort are of values.
    dimensions: usize,
}

/// Works all of it out again; the families, if it holds.
pub(super) fn verify(
    release: &v1::Release,
    rows: &[Noise],
    tree: &Tree,
    file: &str,
    findings: &mut Vec<Finding>,
) -> Vec<Family> {
    let (mut stated, mut families) = (0, Vec::new());
    let named = |name: &str| {
        let mut tables = release.tables.iter();
        name.is_empty() || tables.any(|table| table.measure.others.iter().any(|one| one == name))
    };
    let sound = |row: &Noise| {
        let level = tree.get(&row.unit).map(|unit| unit.level);
        level == i32::try_from(row.level).ok() && named(&row.compared)
    };
    if !rows.iter().all(sound) {
        note(
            findings,
            file,
            "has a cohort of another level, or of no table",
        );
    }
    for kind in &release.cohorts {
        let of_kind = rows.iter().filter(|row| row.cohorts == kind.name);
        let (sizes, vectors): (Vec<&Noise>, Vec<&Noise>) =
            of_kind.partition(|row| row.measured == SIZE);
        let forest = forest(kind, &sizes, tree);
        stated += sizes.len();
        let size = |level: u32| size_sigma(release, kind, level);
        let mut wrong = !follows(&forest, &sizes, &sizes, size);
        for vector in release.vectors.iter().filter(|one| one.cohort == kind.name) {
            let drawn = vectors.iter().filter(|row| row.measured == vector.name);
            let drawn: Vec<&Noise> = drawn.copied().collect();
            stated += drawn.len();
            let sigma = |level: u32| {
                let mut levels = vector.levels.iter();
                levels.find(|one| one.level == level).map(|one| one.sigma)
            };
            wrong |= !follows(&forest, &sizes, &drawn, sigma);
        }
        if wrong {
            let text = format!(
                "the noise on {} does not follow from that of its levels",
                kind.name
            );
            note(findings, file, text);
        }
        let with_rows = sizes.iter().enumerate();
        let with_rows = with_rows.filter(|(_, row)| row.compared.is_empty());
        families.push(Family {
            forest,
            places: with_rows.map(|(at, row)| (row.whom(), at)).collect(),
            cohorts: sizes.into_iter().cloned().collect(),
            dimensions: kind.dimensions.len(),
        });
    }
    if stated != rows.len() {
        note(findings, file, "states the noise of what was not measured");
    }
    families
}

/// Standard deviation of the noise on sizes of a level: as drawn, and as the classes
/// come to them that were drawn there.
fn size_sigma(release: &v1::Release, kind: &v1::CohortKind, level: u32) -> Option<f64> {
    let mut levels = kind.levels.iter();
    let size = levels.find(|one| one.level == level)?.size_sigma;
    let vectors = release.vectors.iter();
    let classes = vectors.filter(|one| one.cohort == kind.name && one.partition);
    let variance = classes.fold(size.powi(2), |variance, vector| {
        let drawn = vector.levels.iter().find(|one| one.level == level);
        let mut coordinates = vector.coordinates.iter();
        let class = coordinates.find(|one| one.rule == "has");
        let sigma = drawn.zip(class);
        let sigma = sigma.map(|(drawn, class)| drawn.sigma / f64::from(class.factor));
        sigma.map_or(variance, |sigma| {
            with_sum_of_classes(variance, vector.keys, sigma.powi(2))
        })
    });
    Some(variance.sqrt())
}

/// Whether the published sizes add up, on every line whose cohorts all have rows, and
/// where all units below show a value, to that of the unit.
pub(super) fn verify_sums(
    families: &[Family],
    sizes: &HashMap<Whom, i64>,
    k: u32,
    file: &str,
    findings: &mut Vec<Finding>,
) {
    for family in families {
        let size = |at: usize| {
            let whom = family.cohorts[at].whom();
            family.places.get(&whom).filter(|place| **place == at)?;
            sizes.get(&whom).copied()
        };
        let differ = |total: usize, parts: &[usize]| {
            let mut parts = parts.iter();
            let parts = parts.try_fold(0, |sum: i64, &one| Some(sum.saturating_add(size(one)?)));
            let both = parts.zip(size(total));
            both.is_some_and(|(parts, whole)| parts != whole)
        };
        let all = 0..family.forest.len();
        // Of cohorts that k holds up there may be no room for columns.
        let has_room = all.clone().all(|at| size(at) != Some(i64::from(k.max(1))));
        for total in all {
            let lines = family.forest.lines(total).iter();
            let lines = lines.filter(|line| differ(total, line)).count();
            let column = family.column(total).filter(|_| has_room);
            let columns = column.filter(|parts| differ(total, parts)).iter().count();
            for _ in 0..lines + columns {
                let Noise { unit, cohorts, .. } = &family.cohorts[total];
                let text = format!("cohorts of {cohorts} do not add up to that of {unit}");
                note(findings, file, text);
            }
        }
    }
}

impl Family {
    /// The same value of all units below, if it is one value, and shows in each.
    fn column(&self, total: usize) -> Option<Vec<usize>> {
        let whom = &self.cohorts[total];
        let values = whom.within.get(..self.dimensions)?;
        let mut given = values.iter().enumerate().filter(|(_, id)| *id != ALL);
        let (dimension, value) = given.next()?;
        if given.next().is_some() || value == OTHER {
            return None;
        }
        let mut all = whom.whom();
        ALL.clone_into(&mut all.2[dimension]);
        let unit = *self.places.get(&all)?;
        let level = self.forest.level(unit);
        let mut lines = self.forest.lines(unit).iter();
        let below = lines.find(|line| self.forest.level(line[0]) != level)?;
        let part = |unit: &usize| {
            let mut part = whom.whom();
            part.1.clone_from(&self.cohorts[*unit].unit);
            self.places.get(&part).copied()
        };
        below.iter().map(part).collect()
    }
}

/// Which cohorts of a family add up to which.
fn forest(kind: &v1::CohortKind, sizes: &[&Noise], tree: &Tree) -> Forest {
    let mut places: HashMap<(&str, Vec<String>, &str), usize> = HashMap::new();
    for (at, row) in sizes.iter().enumerate() {
        places.insert((&row.unit, row.within.clone(), &row.compared), at);
    }
    let total = |row: &&Noise| {
        let mut values = row.within.iter().take(kind.dimensions.len());
        let (unit, within, dimension) = if let Some(dimension) = values.position(|id| id != ALL) {
            let mut within = row.within.clone();
            ALL.clone_into(&mut within[dimension]);
            (&*row.unit, within, dimension)
        } else {
            let above = tree.get(&row.unit)?.parent.as_deref()?;
            (above, row.within.clone(), kind.dimensions.len())
        };
        Some((*places.get(&(unit, within, &*row.compared))?, dimension))
    };
    let levels = sizes.iter().map(|row| row.level);
    Forest::new(levels, sizes.iter().map(total))
}

/// Everybody, whatever their value.
const ALL: &str = "(all)";

/// Those with a hidden value.
const OTHER: &str = "(other)";

/// Whether what was measured at some levels, of the family's cohorts there, has
/// the noise of all levels combined.
fn follows(
    forest: &Forest,
    cohorts: &[&Noise],
    drawn: &[&Noise],
    sigma: impl Fn(u32) -> Option<f64>,
) -> bool {
    let variance = |row: &&Noise| sigma(row.level).map_or(f64::INFINITY, |sigma| sigma.powi(2));
    let weights = Weights::new(forest, &cohorts.iter().map(variance).collect::<Vec<_>>());
    let measured = (0..)
        .zip(cohorts)
        .filter(|(_, row)| sigma(row.level).is_some());
    let measured: Vec<(usize, &&Noise)> = measured.collect();
    let same = |((at, cohort), row): (&(usize, &&Noise), &&Noise)| {
        // Of what is measured, and hangs under the root, always finite.
        let sigma = weights.variance(*at).sqrt();
        (&cohort.unit, &cohort.within, &cohort.compared) == (&row.unit, &row.within, &row.compared)
            && sigma.is_finite()
            && (sigma - row.sigma).abs() <= 1e-9 * sigma
    };
    measured.len() == drawn.len() && measured.iter().zip(drawn).all(same)
}
