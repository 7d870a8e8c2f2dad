//! The claims of `dim_noise`: it follows from the noise of each level, and from
//! which cohorts show.

use std::collections::HashMap;

use lodestar_consistency::{Forest, Weights};

use super::super::manifest::v1;
use super::super::noise::{Noise, SIZE};
use super::{Finding, note};

/// Works all of it out again. `parents` are those of `dim_org_unit`.
pub(super) fn verify(
    release: &v1::Release,
    rows: &[Noise],
    parents: &HashMap<String, Option<String>>,
    file: &str,
    findings: &mut Vec<Finding>,
) {
    let mut stated = 0;
    for kind in &release.cohorts {
        let of_kind = rows.iter().filter(|row| row.cohorts == kind.name);
        let (sizes, vectors): (Vec<&Noise>, Vec<&Noise>) =
            of_kind.partition(|row| row.measured == SIZE);
        let forest = forest(kind, &sizes, parents);
        stated += sizes.len();
        let size = |level: u32| {
            let mut levels = kind.levels.iter();
            levels
                .find(|one| one.level == level)
                .map(|one| one.size_sigma)
        };
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
    }
    if stated != rows.len() {
        note(findings, file, "states the noise of what was not measured");
    }
}

/// Which cohorts of a family add up to which.
fn forest(
    kind: &v1::CohortKind,
    sizes: &[&Noise],
    parents: &HashMap<String, Option<String>>,
) -> Forest {
    let mut places: HashMap<(&str, Vec<String>, &str), usize> = HashMap::new();
    for (at, row) in sizes.iter().enumerate() {
        places.insert((&row.unit, row.within.clone(), &row.compared), at);
    }
    let total = |row: &&Noise| {
        let mut values = row.within.iter().take(kind.dimensions.len());
        let (unit, within, dimension) = match values.position(|id| id != ALL) {
            Some(dimension) => {
                let mut within = row.within.clone();
                ALL.clone_into(&mut within[dimension]);
                (&*row.unit, within, dimension)
            }
            None => {
                let above = parents.get(&row.unit)?.as_deref()?;
                (above, row.within.clone(), kind.dimensions.len())
            }
        };
        Some((*places.get(&(unit, within, &*row.compared))?, dimension))
    };
    let levels = sizes.iter().map(|row| row.level);
    Forest::new(levels, sizes.iter().map(total))
}

/// Everybody, whatever their value.
const ALL: &str = "(all)";

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
        let sigma = weights.variance(*at).sqrt();
        (&cohort.unit, &cohort.within, &cohort.compared) == (&row.unit, &row.within, &row.compared)
            && (sigma - row.sigma).abs() <= 1e-9 * sigma
    };
    measured.len() == drawn.len() && measured.iter().zip(drawn).all(same)
}
