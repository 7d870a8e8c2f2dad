//! Difference-in-differences: how much more the people of a programme changed
//! than those of its comparison.
//!
//! Of each arm everybody with a value before and after counts with their change
//! d. Values are from −1 to 1, so d' = d/2 is, and the changes of an arm are a
//! group of [`moments`](super::moments) with [`Bounds::of_changes`]. With Δ an
//! arm's mean change:
//!
//! ```text
//! effect  Δ_T − Δ_C ± t·√(S_T + S_C + V_T + V_C)
//! ```
//!
//! V is the variance of the noise, S that of the sampling of people: s²/n where
//! people were assigned one by one. Where whole units were, people of one unit
//! share what happens to it: then, from the noisy size `n_u` and sum `S_u` of each
//! of the arm's C clusters, n and m the size and the mean of all,
//!
//! ```text
//! S  C/(C − 1)·Σ(S_u − m·n_u)²/n²  less what the noise of S_u and n_u adds to it
//! ```
//!
//! (Liang and Zeger 1986; the factor of Cameron and Miller 2015), raised by half of
//! the standard deviation that the noise gives to what is found, and no less than
//! s²/n. Fewer than two clusters tell nothing of what units share: no effect.
//! t has Welch's and Satterthwaite's degrees of freedom, C − 1 of an arm's
//! clusters: in arms alike, without noise, `C_T` + `C_C` − 2.
//!
//! An effect over several start cohorts is the weighted mean of theirs (Callaway
//! and Sant'Anna 2021). The pilots are different people, so their variances
//! add. They may share the comparison: how far its changes go together is not
//! known, so its standard deviations add, the most that there can be.
//!
//! Comparative; the clip to what is possible comes after the interval.

use super::figure::{Drawn, Figure};
use super::interval::{Estimate, Sampled, z};
use super::moments::{Bounds, CAUTION, Group};
use super::size::Size;
use super::status::{Status, is_sure};

impl Bounds {
    /// Those of a change from one value to another.
    #[must_use]
    pub fn of_changes(self) -> Self {
        let range = self.high - self.low;
        Self {
            low: -range,
            high: range,
            step: self.step,
        }
    }
}

/// What is released of an arm's people in one unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cluster {
    /// People with both values.
    pub size: Size,
    /// Sum of their centred changes.
    pub sum: Drawn,
}

/// The mean change of an arm, and how sure it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arm {
    group: Group,
    sampled: Sampled,
}

impl Arm {
    /// Of people who were assigned one by one.
    #[must_use]
    pub fn of_people(changes: &Group) -> Self {
        Self {
            group: *changes,
            sampled: changes.sampling(),
        }
    }

    /// Of units that were assigned as a whole; `None` of fewer than two.
    #[must_use]
    pub fn of_units(changes: &Group, clusters: &[Cluster]) -> Option<Self> {
        if clusters.len() < 2 {
            return None;
        }
        let between = Between::of(clusters);
        let degrees = (clusters.len() - 1) as f64;
        let raised = CAUTION * (between.of_noise() / degrees).sqrt();
        let variance = between.found - between.noise + raised;
        let half = changes.bounds.half();
        let of_people = changes.sampling();
        let variance = (half.powi(2) * variance).max(of_people.variance);
        Some(Self {
            group: *changes,
            sampled: Sampled { variance, degrees },
        })
    }
}

/// Variance of an arm's mean as its clusters show it, centred.
struct Between {
    /// As found.
    found: f64,
    /// What the noise adds to it in expectation.
    noise: f64,
}

impl Between {
    /// Variance of what is found times its degrees of freedom, 2·found², less
    /// that part of it which there would be without noise.
    fn of_noise(&self) -> f64 {
        2.0 * self.noise * (2.0 * self.found - self.noise).max(0.0)
    }

    fn of(clusters: &[Cluster]) -> Self {
        let people = |cluster: &Cluster| cluster.size.people as f64;
        let n: f64 = clusters.iter().map(people).sum();
        let mean = clusters
            .iter()
            .map(|cluster| cluster.sum.value)
            .sum::<f64>()
            / n;
        let own = |cluster: &Cluster| {
            let size = mean * cluster.size.sigma;
            cluster.sum.sigma.powi(2) + size.powi(2)
        };
        let all: f64 = clusters.iter().map(own).sum();
        let count = clusters.len() as f64;
        let scale = count / (count - 1.0) / n.powi(2);
        // A cluster's noise moves its own residual, and through the mean all.
        let (mut squares, mut noise) = (0.0, 0.0);
        for cluster in clusters {
            let weight = people(cluster) / n;
            squares += (cluster.sum.value - mean * people(cluster)).powi(2);
            noise += own(cluster) * (1.0 - 2.0 * weight) + weight.powi(2) * all;
        }
        Self {
            found: scale * squares,
            noise: scale * noise,
        }
    }
}

/// One effect of several: a start cohort and a time since its start.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cell {
    /// Its part in the mean, above 0.
    pub weight: f64,
    /// Those of the programme.
    pub pilot: Arm,
    /// Those they are compared with.
    pub comparison: Arm,
}

/// The effect. Too uncertain where the noise alone could make the half-width
/// wider than `widest`; without one of the arms there is nothing to compare.
#[must_use]
pub fn effect(pilot: Option<Arm>, comparison: Option<Arm>, widest: f64) -> Figure {
    match (pilot, comparison) {
        (Some(pilot), Some(comparison)) => {
            let cell = Cell {
                weight: 1.0,
                pilot,
                comparison,
            };
            average(&[cell], widest)
        }
        _ => Figure::absent(Status::CohortMissing),
    }
}

/// The weighted mean of the effects of several cells, whose pilots share nobody
/// and whose comparisons may.
#[must_use]
pub fn average(cells: &[Cell], widest: f64) -> Figure {
    let weights: f64 = cells.iter().map(|cell| cell.weight).sum();
    if !(weights > 0.0 && weights.is_finite()) {
        return Figure::absent(Status::CohortMissing);
    }
    let mean = |of: &dyn Fn(&Cell) -> f64| -> f64 {
        let parts = cells.iter().map(|cell| cell.weight / weights * of(cell));
        parts.sum()
    };
    // Of pilots, variances add; of comparisons, standard deviations.
    let variance = |of: fn(&Arm) -> f64| {
        let pilots = cells.iter().map(|cell| {
            let weight = cell.weight / weights;
            weight.powi(2) * of(&cell.pilot)
        });
        pilots.sum::<f64>() + mean(&|cell| of(&cell.comparison).sqrt()).powi(2)
    };
    let mut sampled: Vec<Sampled> = cells
        .iter()
        .map(|cell| Sampled {
            variance: (cell.weight / weights).powi(2) * cell.pilot.sampled.variance,
            ..cell.pilot.sampled
        })
        .collect();
    let comparisons = cells.iter().map(|cell| cell.comparison.sampled);
    sampled.push(Sampled {
        variance: mean(&|cell| cell.comparison.sampled.variance.sqrt()).powi(2),
        degrees: comparisons.fold(f64::INFINITY, |least, part| least.min(part.degrees)),
    });
    let ranges = cells
        .iter()
        .map(|cell| 2.0 * cell.pilot.group.bounds.half());
    let most = ranges.fold(0.0, f64::max);
    let half_width = z() * variance(|arm| arm.group.widest_noise()).sqrt();
    let sure = |arm: &Arm| is_sure(half_width, widest, &arm.group.size);
    let sure = cells
        .iter()
        .all(|cell| sure(&cell.pilot) && sure(&cell.comparison));
    Figure {
        unmasked: Estimate::comparative(
            mean(&|cell| cell.pilot.group.mean() - cell.comparison.group.mean()),
            variance(|arm| arm.group.noise()),
            &sampled,
            -most,
            most,
        ),
        status: Status::of(sure, None, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insight::difference::difference;
    use crate::insight::moments::tests::released;
    use crate::insight::trial::{Draws, covered};

    const CHANGES: Bounds = Bounds {
        low: -4.0,
        high: 4.0,
        step: 0.0,
    };

    fn exact(values: &[f64]) -> Group {
        let mut group = released(&mut Draws::new(1), CHANGES, values, 0.0);
        group.size = Size::new(values.len() as i64, 0.0, 1);
        group
    }

    fn cluster(values: &[f64]) -> Cluster {
        let group = exact(values);
        Cluster {
            size: group.size,
            sum: group.sum,
        }
    }

    #[test]
    fn changes_have_twice_the_range() {
        let grades = Bounds {
            low: 1.0,
            high: 5.0,
            step: 0.5,
        };
        let changes = grades.of_changes();
        assert_eq!((changes.low, changes.high, changes.step), (-4.0, 4.0, 0.5));
    }

    #[test]
    fn of_people_it_is_a_difference_of_changes() {
        let pilot = exact(&[1.0, 0.5, 0.0, 1.5]);
        let comparison = exact(&[0.0, 0.5, -0.5]);
        let arms = [&pilot, &comparison].map(|group| Some(Arm::of_people(group)));
        let got = effect(arms[0], arms[1], 1.0);
        let expected = difference(Some(&pilot), Some(&comparison), 1.0);
        assert_eq!(got.status, expected.status);
        let (got, expected) = (got.unmasked, expected.unmasked);
        assert!((got.value - 0.75).abs() < 1e-12);
        assert!((got.high - expected.high).abs() < 1e-12);
        for (one, other) in [(arms[0], None), (None, arms[1])] {
            assert_eq!(effect(one, other, 1.0).status, Status::CohortMissing);
        }
        assert_eq!(average(&[], 1.0).status, Status::CohortMissing);
    }

    #[test]
    fn clusters_by_hand() {
        let (one, other, third) = ([1.0, 1.2, 0.8, 1.0], [0.2, 0.0], [0.6, 0.4, 0.5]);
        let all = [&one[..], &other[..], &third[..]].concat();
        let changes = exact(&all);
        let clusters = [&one[..], &other[..], &third[..]].map(cluster);
        let arm = Arm::of_units(&changes, &clusters).unwrap();
        // Mean 5.7/9; residuals of the sums 4, 0.2 and 1.5.
        let mean = 5.7 / 9.0;
        let squares: f64 = [(4.0, 4.0), (0.2, 2.0), (1.5, 3.0)]
            .map(|(sum, n): (f64, f64)| (sum - mean * n).powi(2))
            .iter()
            .sum();
        assert!((arm.sampled.variance - 1.5 * squares / 81.0).abs() < 1e-12);
        assert!((arm.sampled.degrees - 2.0).abs() < 1e-9);
        assert_eq!(Arm::of_units(&changes, &clusters[..1]), None);
        // Units that are alike say no less than their people do.
        let alike = [cluster(&[0.0, 1.0]), cluster(&[1.0, 0.0])];
        let changes = exact(&[0.0, 1.0, 1.0, 0.0]);
        let arm = Arm::of_units(&changes, &alike).unwrap();
        let least = changes.sampling().variance;
        assert!((arm.sampled.variance - least).abs() < 1e-12);
    }

    /// What the noise adds to what is found is what is taken off.
    #[test]
    fn the_noise_between_clusters_is_taken_off() {
        let mut draws = Draws::new(5);
        let sizes = [30_usize, 50, 120, 20];
        let (mut found, mut noise) = (0.0, 0.0);
        for _ in 0..4000 {
            let clusters = sizes.map(|people| Cluster {
                size: draws.size(people),
                sum: draws.drawn(0.4 * people as f64, 3.0),
            });
            let between = Between::of(&clusters);
            found += between.found;
            noise += between.noise;
        }
        assert!((found / noise - 1.0).abs() < 0.05, "{found} {noise}");
    }

    #[test]
    fn averages_by_hand() {
        let arm = |values: &[f64]| Arm::of_people(&exact(values));
        let cells = [
            Cell {
                weight: 1.0,
                pilot: arm(&[1.0, 2.0, 1.5]),
                comparison: arm(&[0.0, 0.5, 1.0]),
            },
            Cell {
                weight: 3.0,
                pilot: arm(&[0.5, 1.0, 0.0, 0.5]),
                comparison: arm(&[0.5, 0.0, 0.25]),
            },
        ];
        let got = average(&cells, 1e9).unmasked;
        assert!((got.value - (1.0 + 3.0 * 0.25) / 4.0).abs() < 1e-12);
        // Of the means: 0.25/3 of the first pilots and their comparison, (1/6)/4
        // of the other pilots, 0.0625/3 of theirs.
        let pilots = [0.25 / 3.0 / 16.0, 9.0 / 16.0 / 24.0];
        let shared = ((0.25_f64 / 3.0).sqrt() / 4.0 + (0.0625_f64 / 3.0).sqrt() * 0.75).powi(2);
        let all = pilots[0] + pilots[1] + shared;
        let parts = pilots[0].powi(2) / 2.0 + pilots[1].powi(2) / 3.0 + shared.powi(2) / 2.0;
        let half = crate::insight::interval::t(all * all / parts) * all.sqrt();
        assert!((got.high - got.value - half).abs() < 1e-9);
    }

    /// Units differ by chance, people within them too: 93 to 98 of 100 intervals
    /// hold the effect (the least variance makes those of few units a little
    /// wide); clearly fewer where units are overlooked.
    #[test]
    fn intervals_hold_the_truth() {
        for (units, people, between, sigma) in [
            (12, 30, 0.3, 1.0),
            (20, 60, 0.15, 3.0),
            (6, 100, 0.2, 4.0),
            (3, 60, 0.3, 1.0),
        ] {
            let trial = |draws: &mut Draws, as_units: bool| {
                let [pilot, comparison] = [0.5, 0.1].map(|mean| {
                    let mut clusters = Vec::new();
                    let mut all = Vec::new();
                    for _ in 0..units {
                        let centre = mean + between * draws.normal();
                        let values = (0..people).map(|_| centre + 0.6 * draws.normal());
                        let values: Vec<f64> = values.collect();
                        let group = released(draws, CHANGES, &values, sigma);
                        clusters.push(Cluster {
                            size: group.size,
                            sum: group.sum,
                        });
                        all.extend(values);
                    }
                    let changes = released(draws, CHANGES, &all, sigma);
                    if as_units {
                        Arm::of_units(&changes, &clusters)
                    } else {
                        Some(Arm::of_people(&changes))
                    }
                });
                effect(pilot, comparison, 1e9).unmasked
            };
            let held = |as_units| covered(1000, 1.0, 0.4, |draws| trial(draws, as_units));
            let (right, wrong) = (held(true), held(false));
            assert!((0.93..=0.98).contains(&right), "{units} {people} {right}");
            assert!(wrong < 0.90, "{units} {people} {wrong}");
        }
    }
}
