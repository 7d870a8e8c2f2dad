//! The policies that are tried.

use std::fmt;

use serde::Serialize;

use crate::config::Project;

/// What is varied; an empty list leaves what is configured.
#[derive(Clone, Debug, Default)]
pub struct Grid {
    /// ε of the window.
    pub epsilon: Vec<f64>,
    /// Least number of people that a number describes.
    pub k: Vec<u32>,
    /// Most keys that one person may touch, of every measure that has keys.
    pub max_cells: Vec<u32>,
    /// What the configured clips of all measures are multiplied by.
    pub clip: Vec<f64>,
    /// Levels of the org tree, of every measure.
    pub levels: Vec<Vec<u32>>,
}

/// One policy. What is `None` is as each measure has it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Point {
    /// ε of the window.
    pub epsilon: f64,
    /// Least number of people.
    pub k: u32,
    /// Most keys that one person may touch.
    pub max_cells: Option<u32>,
    /// What clips are multiplied by.
    pub clip: f64,
    /// Levels of the org tree.
    pub levels: Option<Vec<u32>>,
}

impl Grid {
    /// Every combination, once; those that need the same aggregation follow each
    /// other.
    pub fn points(&self, project: &Project) -> Vec<Point> {
        let privacy = &project.privacy;
        let mut points = vec![Point {
            epsilon: privacy.epsilon,
            k: privacy.k,
            max_cells: None,
            clip: 1.0,
            levels: None,
        }];
        vary(&mut points, &self.max_cells, |point, most| {
            point.max_cells = Some(*most);
        });
        vary(&mut points, &self.clip, |point, clip| point.clip = *clip);
        vary(&mut points, &self.levels, |point, levels| {
            point.levels = Some(levels.clone());
        });
        vary(&mut points, &self.k, |point, k| point.k = *k);
        vary(&mut points, &self.epsilon, |point, epsilon| {
            point.epsilon = *epsilon;
        });
        let mut once: Vec<Point> = Vec::with_capacity(points.len());
        for point in points {
            if !once.contains(&point) {
                once.push(point);
            }
        }
        once
    }
}

/// Every point with each of the values, if there are any.
fn vary<T>(points: &mut Vec<Point>, values: &[T], set: impl Fn(&mut Point, &T)) {
    if values.is_empty() {
        return;
    }
    let all = points.iter().flat_map(|point| {
        values.iter().map(|value| {
            let mut point = point.clone();
            set(&mut point, value);
            point
        })
    });
    *points = all.collect();
}

impl Point {
    /// The project as this policy has it.
    #[must_use]
    pub fn applied(&self, project: &Project) -> Project {
        let mut project = project.clone();
        project.privacy.epsilon = self.epsilon;
        project.privacy.k = self.k;
        for measure in &mut project.measures {
            if let Some(most) = self.max_cells.filter(|_| measure.has_cells()) {
                measure.max_cells = most;
            }
            if let Some(levels) = &self.levels {
                measure.levels = Some(levels.clone());
            }
            for statistic in &mut measure.statistics {
                let moved = |(low, high): (f64, f64)| (low, low + (high - low) * self.clip);
                statistic.kind = statistic.kind.clipped(moved);
            }
        }
        project
    }

    /// The same levels, and bounds as they are configured.
    #[must_use]
    pub(super) fn unbounded(&self) -> Self {
        Self {
            max_cells: None,
            clip: 1.0,
            ..self.clone()
        }
    }

    /// The levels as text: `0,1,2`.
    pub fn levels_text(&self) -> Option<String> {
        let levels = self.levels.as_ref()?.iter().map(ToString::to_string);
        Some(levels.collect::<Vec<_>>().join(","))
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ε {}, k {}", self.epsilon, self.k)?;
        if let Some(most) = self.max_cells {
            write!(f, ", max_cells {most}")?;
        }
        write!(f, ", clips × {}", self.clip)?;
        match self.levels_text() {
            Some(levels) => write!(f, ", levels {levels}"),
            None => Ok(()),
        }
    }
}
