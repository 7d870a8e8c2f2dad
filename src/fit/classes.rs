//! Numbers of people who are told apart: classes add up to their cohort, and each
//! of them over whatever the cohort is made of.

use lodestar_consistency::{Cell, Claim, Row, allot_table};

use super::downwards::{Shape, Total};

/// How much less is known of those in no class than of all classes together.
const UNKNOWN: f64 = 1e9;

/// Classes of people, of which everybody is in one, or in one at most.
#[derive(Clone, Copy)]
pub(super) struct Classes<'a> {
    pub(super) shape: Shape<'a>,
    /// Fitted sizes.
    pub(super) sizes: &'a [i64],
    /// How many classes.
    pub(super) count: usize,
    /// Some may be in none.
    pub(super) with_rest: bool,
}

impl Classes<'_> {
    /// By class whole numbers of all cohorts, from what is known of a class of a
    /// cohort, as part of the same class of what the cohort adds up to.
    pub(super) fn allotted(
        &self,
        claim: impl Fn(usize, usize, Option<Total>) -> Claim,
    ) -> Vec<Vec<i64>> {
        let Shape {
            forest, weights, ..
        } = self.shape;
        let mut all: Vec<Option<Vec<i64>>> = vec![None; forest.len()];
        for at in forest.downwards() {
            if all[at].is_none() && weights.below(at).is_finite() {
                let row = self.row(at, false, |class| claim(class, at, None));
                all[at] = allot_table(&[row], &[]).pop();
            }
            let Some(totals) = all[at].clone() else {
                continue;
            };
            for line in self.shape.whole_lines(at) {
                let rows = line.iter().map(|&one| {
                    let known = |class: usize| claim(class, one, Some((at, totals[class])));
                    self.row(one, true, known)
                });
                let rows: Vec<Row> = rows.collect();
                let cells = allot_table(&rows, &totals[..self.count]);
                for (&one, cells) in line.iter().zip(cells) {
                    all[one] = Some(cells);
                }
            }
        }
        let of_class = |class: usize| {
            let cohorts = all.iter();
            cohorts.map(move |cells| cells.as_ref().map_or(0, |cells| cells[class]))
        };
        (0..self.count)
            .map(|class| of_class(class).collect())
            .collect()
    }

    /// A cohort's classes, and those in none; with columns they are parts of others.
    fn row(&self, at: usize, with_columns: bool, known: impl Fn(usize) -> Claim) -> Row {
        let size = self.sizes[at];
        let mut cells: Vec<Cell> = (0..self.count)
            .map(|class| Cell {
                claim: known(class),
                column: with_columns.then_some(class),
            })
            .collect();
        if self.with_rest {
            let sum = |of: fn(&Claim) -> f64| cells.iter().map(|cell| of(&cell.claim)).sum::<f64>();
            let claim = Claim {
                estimate: size as f64 - sum(|claim| claim.estimate),
                variance: UNKNOWN * sum(|claim| claim.variance).max(1.0),
                least: 0,
                most: size,
            };
            let column = None;
            cells.push(Cell { claim, column });
        }
        Row { total: size, cells }
    }
}

#[cfg(test)]
mod tests {
    use lodestar_consistency::{Forest, Weights};
    use proptest::prelude::*;

    use super::*;

    /// A total, two parts along one line and two along another, with so many classes.
    struct World {
        forest: Forest,
        weights: Weights,
        sizes: [i64; 5],
    }

    fn world(parts: [i64; 2], share: f64) -> World {
        let totals = [None, Some((0, 0)), Some((0, 0)), Some((0, 1)), Some((0, 1))];
        let forest = Forest::new([0, 0, 0, 1, 1].into_iter(), totals.into_iter());
        let all = parts[0] + parts[1];
        let some = (all as f64 * share).round() as i64;
        World {
            weights: Weights::new(&forest, &[16.0; 5]),
            sizes: [all, parts[0], parts[1], some, all - some],
            forest,
        }
    }

    impl World {
        fn allotted(&self, with_rest: bool, known: &[[f64; 5]; 3]) -> Vec<Vec<i64>> {
            let classes = Classes {
                shape: Shape {
                    forest: &self.forest,
                    crosses: &[],
                    weights: &self.weights,
                },
                sizes: &self.sizes,
                count: 3,
                with_rest,
            };
            classes.allotted(|class, at, _| Claim {
                estimate: known[class][at],
                variance: self.weights.below(at),
                least: 0,
                most: self.sizes[at],
            })
        }
    }

    #[test]
    fn by_hand() {
        let world = world([60, 40], 0.5);
        // 12 too few, 4 a class; and again below.
        let known = [
            [30.0, 20.0, 14.0, 17.0, 17.0],
            [30.0, 14.0, 20.0, 17.0, 17.0],
            [28.0, 26.0, 6.0, 16.0, 16.0],
        ];
        let expected = [
            [34, 20, 14, 17, 17],
            [34, 14, 20, 17, 17],
            [32, 26, 6, 16, 16],
        ];
        assert_eq!(world.allotted(false, &known), expected);
        // Where some may be in no class, 12 are.
        let got = world.allotted(true, &known);
        assert_eq!(
            got.iter().map(|class| class[0]).collect::<Vec<_>>(),
            [30, 30, 28]
        );
        // But nobody in two.
        let more = known.map(|class| class.map(|x| 2.0 * x));
        let got = world.allotted(true, &more);
        assert_eq!(got.iter().map(|class| class[1]).sum::<i64>(), 60);
    }

    proptest! {
        #[test]
        fn classes_add_up_both_ways_whatever_is_known(
            parts in proptest::array::uniform2(0_i64..60),
            share in 0.0..=1.0_f64,
            known in proptest::array::uniform3(proptest::array::uniform5(-60.0..120.0)),
            with_rest: bool,
        ) {
            let world = world(parts, share);
            let got = world.allotted(with_rest, &known);
            for class in &got {
                prop_assert_eq!(class[1] + class[2], class[0]);
                prop_assert_eq!(class[3] + class[4], class[0]);
                prop_assert!(class.iter().all(|x| *x >= 0));
            }
            for at in 0..5 {
                let sum: i64 = got.iter().map(|class| class[at]).sum();
                let rest = world.sizes[at] - sum;
                prop_assert!(rest == 0 || (with_rest && rest > 0), "{:?} {got:?}", world.sizes);
            }
        }
    }
}
