//! Which numbers add up to which.

use std::collections::HashMap;

/// Numbers in order of their levels, and the *lines* on which some of them add up
/// to one of a level above, or of the same level: its *total*. A number adds up to
/// one total at most; a total may have several lines, each of which adds up to it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Forest {
    /// By number, ascending.
    levels: Vec<u32>,
    /// By total: its lines, each with its numbers.
    lines: Vec<Vec<Vec<usize>>>,
    /// Every number after its total.
    downwards: Vec<usize>,
    /// By number: whether it adds up to none.
    roots: Vec<bool>,
}

impl Forest {
    /// Of numbers in order of their levels: for each its total, if it has one, and
    /// on which of the total's lines it is, by any name.
    pub fn new(
        levels: impl Iterator<Item = u32>,
        totals: impl Iterator<Item = Option<(usize, usize)>>,
    ) -> Self {
        let levels: Vec<u32> = levels.collect();
        let mut lines = vec![Vec::new(); levels.len()];
        let mut roots = vec![true; levels.len()];
        let mut open: HashMap<(usize, usize), usize> = HashMap::new();
        for (at, total) in totals.enumerate() {
            let Some((total, line)) = total else {
                continue;
            };
            let of_total: &mut Vec<Vec<usize>> = &mut lines[total];
            let place = *open.entry((total, line)).or_insert_with(|| {
                of_total.push(Vec::new());
                of_total.len() - 1
            });
            of_total[place].push(at);
            roots[at] = false;
        }
        Self {
            levels,
            downwards: downwards(&lines, &roots),
            lines,
            roots,
        }
    }

    /// How many numbers there are.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Those of a level.
    pub fn of_level(&self, level: u32) -> std::ops::Range<usize> {
        let first = |level: u32| self.levels.partition_point(|known| *known < level);
        first(level)..first(level + 1)
    }

    /// The level of a number.
    pub fn level(&self, number: usize) -> u32 {
        self.levels[number]
    }

    /// The lines that add up to a total.
    pub fn lines(&self, total: usize) -> &[Vec<usize>] {
        &self.lines[total]
    }

    /// Every number after its total.
    pub fn downwards(&self) -> impl DoubleEndedIterator<Item = usize> + '_ {
        self.downwards.iter().copied()
    }

    /// Whether a number adds up to none.
    pub fn is_root(&self, number: usize) -> bool {
        self.roots[number]
    }
}

fn downwards(lines: &[Vec<Vec<usize>>], roots: &[bool]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..lines.len()).filter(|&at| roots[at]).collect();
    let mut next = 0;
    while let Some(&at) = order.get(next) {
        order.extend(lines[at].iter().flatten());
        next += 1;
    }
    order
}
