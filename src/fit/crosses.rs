//! Where published cohorts add up along two lines: the values of units that
//! together are another.

use lodestar_consistency::Forest;
use lodestar_privacy::noisy::{Cohort, Group, NoisyLevel, Value};

/// The values of one dimension, of all parts of a total.
///
/// A part's values add up to the part. A value of all parts adds up to that of the
/// total where it shows in each of them: hidden ones are measured with other values
/// of their unit, so that nothing tells what a value's shown units leave.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cross {
    pub(super) rows: Vec<Part>,
    pub(super) columns: Vec<Column>,
}

/// A part of the total.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Part {
    pub(super) whole: usize,
    /// Its values, each with its column if it has one.
    pub(super) values: Vec<(usize, Option<usize>)>,
}

/// A value of the total, and that of its parts.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Column {
    pub(super) total: usize,
    pub(super) parts: Vec<usize>,
}

/// By cohort, as a total of units: one of each dimension in which a value has a
/// column.
pub(super) fn crosses(forest: &Forest, levels: &[NoisyLevel]) -> Vec<Vec<Cross>> {
    let cohorts = levels.iter().flat_map(|level| &level.cohorts);
    let known = Known {
        forest,
        cohorts: cohorts.collect(),
    };
    (0..forest.len()).map(|total| known.of(total)).collect()
}

struct Known<'a> {
    forest: &'a Forest,
    cohorts: Vec<&'a Cohort>,
}

impl Known<'_> {
    fn of(&self, total: usize) -> Vec<Cross> {
        let level = self.forest.level(total);
        let mut lines = self.forest.lines(total).iter();
        let Some(units) = lines.find(|line| self.forest.level(line[0]) != level) else {
            return Vec::new();
        };
        let dimensions = 0..self.cohorts[total].values.len();
        dimensions
            .filter_map(|dimension| self.cross(total, units, dimension))
            .collect()
    }

    fn cross(&self, total: usize, units: &[usize], dimension: usize) -> Option<Cross> {
        let is_unit = |&unit: &usize| matches!(self.cohorts[unit].group, Group::Unit(_));
        // A group of hidden units has no values.
        if !units.iter().all(is_unit) {
            return None;
        }
        let rows: Option<Vec<(usize, &[usize])>> = units
            .iter()
            .map(|&unit| Some((unit, self.along(unit, dimension)?)))
            .collect();
        let (rows, totals) = (rows?, self.along(total, dimension)?);
        let value = |cohort: usize| self.cohorts[cohort].values[dimension];
        let columns = totals.iter().filter_map(|&total| {
            let same = |one: &&usize| value(**one) == value(total);
            let parts = rows.iter().map(|(_, line)| line.iter().find(same).copied());
            let parts: Option<Vec<usize>> = parts.collect();
            let parts = parts.filter(|_| value(total) != Value::Other)?;
            Some(Column { total, parts })
        });
        let columns: Vec<Column> = columns.collect();
        let rows = rows.into_iter().map(|(whole, line)| {
            let of = |one: usize| {
                columns
                    .iter()
                    .position(|column| column.parts.contains(&one))
            };
            let values = line.iter().map(|&one| (one, of(one)));
            Part {
                whole,
                values: values.collect(),
            }
        });
        let rows: Vec<Part> = rows.collect();
        (!columns.is_empty()).then_some(Cross { rows, columns })
    }

    /// A unit's values of a dimension, if any shows.
    fn along(&self, unit: usize, dimension: usize) -> Option<&[usize]> {
        let is_along = |line: &&Vec<usize>| {
            self.forest.level(line[0]) == self.forest.level(unit)
                && self.cohorts[line[0]].values[dimension] != Value::All
        };
        let mut lines = self.forest.lines(unit).iter();
        lines.find(is_along).map(Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::super::cohorts::forest;
    use super::super::fixture::{cohort, drawn, levels, tree};
    use super::*;

    const ALL: Value = Value::All;
    const A: Value = Value::One(0);
    const B: Value = Value::One(1);

    /// The manager of every unit add up; what one of them hides does not.
    #[test]
    fn values_that_all_parts_show_are_columns() {
        let (forest, levels) = levels([&[ALL, A, B], &[ALL, A, B], &[ALL, A, Value::Other]], false);
        let crosses = crosses(&forest, &levels);
        let part = |whole: usize| Part {
            whole,
            values: vec![(whole + 1, Some(0)), (whole + 2, None)],
        };
        let column = Column {
            total: 1,
            parts: vec![4, 7],
        };
        let cross = Cross {
            rows: vec![part(3), part(6)],
            columns: vec![column],
        };
        assert_eq!(crosses[0], [cross]);
        assert!(crosses[1..].iter().all(Vec::is_empty));
    }

    #[test]
    fn where_anything_is_hidden_there_is_no_column() {
        let of = |shown, with_group| {
            let (forest, levels) = levels(shown, with_group);
            let all = super::crosses(&forest, &levels);
            all.into_iter().flatten().count()
        };
        let both: &[Value] = &[ALL, A, B];
        assert_eq!(of([both, both, both], false), 1);
        // A unit with its values; the values of one unit; the root's.
        assert_eq!(of([both, both, both], true), 0);
        assert_eq!(of([both, both, &[ALL]], false), 0);
        assert_eq!(of([&[ALL], &[ALL], &[ALL]], false), 0);
        // Hidden ones may be others in each.
        let other: &[Value] = &[ALL, Value::Other];
        assert_eq!(of([other, other, other], false), 0);
    }

    /// Of two dimensions each has its own columns; who has both values has none.
    #[test]
    fn dimensions_have_columns_of_their_own() {
        let tree = tree(&[("r", None), ("a", Some("r")), ("b", Some("r"))]);
        let of = |id: &str| {
            let unit = Group::Unit(tree.code(id).unwrap());
            let values = [[ALL, ALL], [A, ALL], [ALL, A], [A, A]];
            values.map(|values| cohort(unit, &values)).to_vec()
        };
        let levels = drawn(vec![of("r"), [of("a"), of("b")].concat()]);
        let crosses = super::crosses(&forest(&tree, &levels), &levels);
        let columns = crosses[0].iter().flat_map(|cross| &cross.columns);
        let columns: Vec<(usize, &[usize])> = columns
            .map(|column| (column.total, column.parts.as_slice()))
            .collect();
        assert_eq!(columns, [(1, &[5, 9][..]), (2, &[6, 10])]);
        assert!(crosses[1..].iter().all(Vec::is_empty));
    }
}
