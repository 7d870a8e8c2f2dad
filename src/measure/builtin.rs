//! The built-in set, written in the measure language.

use std::sync::LazyLock;

use super::Measure;

/// A measure that the program knows by name.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    /// The measure, with its defaults.
    pub measure: Measure,
    /// Published where a configuration names no measure.
    pub default: bool,
}

/// All built-in measures; never empty.
///
/// # Panics
/// If `builtin.toml`, which is part of the program, is wrong: a test says so
/// before a user can.
pub fn builtin() -> &'static [Definition] {
    static SET: LazyLock<Vec<Definition>> = LazyLock::new(|| {
        crate::config::definitions("src/measure/builtin.toml", include_str!("builtin.toml"))
            .unwrap_or_else(|errors| panic!("{errors}"))
    });
    &SET
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::definitions;
    use crate::measure::{Cohort, Dimension, Facts, Kind};

    #[test]
    fn the_built_in_set_holds_what_is_documented() {
        let [only] = builtin() else {
            panic!("docs/measures.md lists one measure")
        };
        assert!(only.default);
        let measure = &only.measure;
        assert_eq!(measure.name, "theme_prevalence");
        assert_eq!(
            (measure.facts, measure.cohort),
            (Facts::Sessions, Cohort::Coachees)
        );
        assert_eq!(measure.kind, Kind::Share);
        assert_eq!(
            measure.dimensions,
            [Dimension::Competency, Dimension::Theme]
        );
        assert_eq!(
            (measure.levels.as_ref(), measure.max_cells, measure.every),
            (None, 4, None)
        );
        assert!((measure.weight - 1.0).abs() < f64::EPSILON);
        assert!((measure.tolerated_error - 0.025).abs() < f64::EPSILON);
    }

    #[test]
    fn a_wrong_definition_is_refused_where_it_is_wrong() {
        let text = include_str!("builtin.toml").replace("\"share\"", "\"shares\"");
        let errors = definitions("set.toml", &text).expect_err("no such kind");
        let [problem] = errors.problems() else {
            panic!("{errors}")
        };
        assert_eq!(problem.position, Some((8, 8)));
        assert_eq!(problem.expected, "did you mean `share`?");
        let errors = definitions("set.toml", "[[measures]]\nname = \"x\"").expect_err("bare");
        assert_eq!(errors.problems().len(), 8, "{errors}");
    }
}
