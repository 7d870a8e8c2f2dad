//! Org charts of any depth and width.

use super::super::org::{ORGANISATION, Org, Unit, apportion, weights};
use super::super::rng::Draws;

/// A tree of units that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Number of units, the root included.
    pub units: u32,
    /// Number of levels, the root's included.
    pub levels: u32,
}

/// An org chart, and how it is listed.
pub(super) struct Chart {
    /// Its first level, and the units that people are in.
    pub(super) org: Org,
    /// Id, label and parent of every unit but the root, level by level.
    pub(super) rows: Vec<[String; 3]>,
    /// Number of levels.
    pub(super) levels: u32,
}

impl Chart {
    /// The usual chart for so many people, or one of the shape that is asked for.
    pub(super) fn new(people: u32, shape: Option<Shape>, draws: &mut Draws) -> Self {
        match shape {
            None => Self::usual(Org::new(people, draws)),
            Some(shape) => Self::grown(people, shape, draws),
        }
    }

    fn usual(org: Org) -> Self {
        let row =
            |unit: &Unit, parent: &str| [unit.id.clone(), unit.label.clone(), parent.to_owned()];
        let divisions = org.divisions.iter().map(|unit| row(unit, ORGANISATION));
        let departments = org.departments.iter();
        let departments =
            departments.map(|(division, unit, _)| row(unit, &org.divisions[*division].id));
        let rows = divisions.chain(departments).collect();
        Self {
            org,
            rows,
            levels: 3,
        }
    }

    /// Level by level, each unit of a level has as many children as any other,
    /// or one more; their sizes differ by up to a factor of two.
    fn grown(people: u32, shape: Shape, draws: &mut Draws) -> Self {
        let root = Grown {
            id: String::new(),
            label: String::new(),
            division: 0,
            people,
        };
        let (mut level, mut rows) = (vec![root], Vec::new());
        let mut divisions = Vec::new();
        for count in &widths(shape)[1..] {
            let parents = level.len();
            let mut next = Vec::with_capacity(*count);
            for (place, parent) in level.iter().enumerate() {
                let children = count * (place + 1) / parents - count * place / parents;
                let sizes = apportion(parent.people, &weights(children, 70, 130, draws));
                for (child, people) in sizes.into_iter().enumerate() {
                    let mut unit = parent.child(child + 1, people);
                    if divisions.len() < *count && parents == 1 {
                        unit.division = divisions.len();
                        divisions.push(unit.unit());
                    }
                    let parent = match parents {
                        1 => ORGANISATION.to_owned(),
                        _ => parent.unit().id,
                    };
                    let Unit { id, label } = unit.unit();
                    rows.push([id, label, parent]);
                    next.push(unit);
                }
            }
            level = next;
        }
        let leaf = |unit: Grown| (unit.division, unit.unit(), unit.people);
        let departments = level.into_iter().map(leaf).collect();
        Self {
            org: Org {
                divisions,
                departments,
            },
            rows,
            levels: shape.levels,
        }
    }

    /// Number of units, the root included.
    pub(super) fn units(&self) -> u32 {
        self.rows.len() as u32 + 1
    }
}

/// A unit whose children are still to come.
struct Grown {
    /// Numbers on the way from the root, such as `3-07`, and `3.7`.
    id: String,
    label: String,
    division: usize,
    people: u32,
}

impl Grown {
    fn child(&self, number: usize, people: u32) -> Self {
        let (id, label) = match self.id.as_str() {
            "" => (format!("{number:02}"), number.to_string()),
            id => (
                format!("{id}-{number:02}"),
                format!("{}.{number}", self.label),
            ),
        };
        Self {
            id,
            label,
            division: self.division,
            people,
        }
    }

    fn unit(&self) -> Unit {
        Unit {
            id: format!("u{}", self.id),
            label: format!("Unit {}", self.label),
        }
    }
}

/// How many units each level has: each as many times those of the level above,
/// as nearly as whole numbers can, and all of them together as asked for.
fn widths(shape: Shape) -> Vec<usize> {
    let level = |ratio: f64, level: u32| (0..level).fold(1.0, |width, _| width * ratio);
    let sum = |ratio: f64| (0..shape.levels).map(|one| level(ratio, one)).sum::<f64>();
    let (mut low, mut high) = (1.0, f64::from(shape.units));
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if sum(middle) < f64::from(shape.units) {
            low = middle;
        } else {
            high = middle;
        }
    }
    let mut widths: Vec<usize> = (0..shape.levels - 1)
        .map(|one| level(low, one).round() as usize)
        .collect();
    widths.push(shape.units as usize - widths.iter().sum::<usize>());
    widths
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    #[test]
    fn a_tree_has_the_units_and_levels_that_are_asked_for() {
        for (people, units, levels) in [
            (1_000_000, 2000, 4),
            (500, 9, 2),
            (200, 7, 3),
            (5000, 300, 8),
            (60_000, 50_000, 3),
        ] {
            let shape = Shape { units, levels };
            let chart = Chart::new(people, Some(shape), &mut Draws::new(3, 0));
            assert_eq!(chart.units(), units);
            let parents: BTreeMap<_, _> = chart
                .rows
                .iter()
                .map(|[id, _, parent]| (id.as_str(), parent.as_str()))
                .collect();
            assert_eq!(parents.len(), chart.rows.len(), "ids are unique");
            let inner: BTreeSet<&str> = parents.values().copied().collect();
            let depth = |id: &str| {
                let way = std::iter::successors(Some(id), |id| parents.get(id).copied());
                way.count() as u32
            };
            let leaves: Vec<&str> = parents
                .keys()
                .copied()
                .filter(|id| !inner.contains(id))
                .collect();
            assert!(leaves.iter().all(|leaf| depth(leaf) == levels));
            assert_eq!(leaves.len(), chart.org.departments.len());
            assert_eq!(chart.org.people(), u64::from(people));
            for (division, unit, _) in &chart.org.departments {
                let way =
                    std::iter::successors(Some(unit.id.as_str()), |id| parents.get(id).copied());
                let way: Vec<&str> = way.collect();
                assert_eq!(way[way.len() - 2], chart.org.divisions[*division].id);
            }
        }
    }

    #[test]
    fn levels_widen_evenly() {
        let shape = |units, levels| Shape { units, levels };
        assert_eq!(widths(shape(2000, 4)), [1, 12, 150, 1837]);
        assert_eq!(widths(shape(7, 3)), [1, 2, 4]);
        assert_eq!(widths(shape(9, 2)), [1, 8]);
    }
}
