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
    use crate::measure::{Cohort, Dimension, Kind, Quantity};

    #[test]
    fn the_built_in_set_holds_what_is_documented() {
        let names: Vec<&str> = builtin()
            .iter()
            .map(|one| one.measure.name.as_str())
            .collect();
        let documented = [
            "coaching_mix",
            "coverage",
            "engagement",
            "theme_prevalence",
            "trigger_mix",
        ];
        assert_eq!(names, documented);
        let measure = |name: &str| {
            let found = builtin().iter().find(|one| one.measure.name == name);
            assert!(found.is_some_and(|one| one.default), "{name}");
            &found.unwrap().measure
        };
        let themes = measure("theme_prevalence");
        assert_eq!(themes.dimensions, [Dimension::Competency, Dimension::Theme]);
        assert_eq!(
            (themes.levels.as_ref(), themes.max_cells, themes.every),
            (None, 4, None)
        );
        assert!((themes.weight - 1.0).abs() < f64::EPSILON);
        let coverage = measure("coverage");
        assert_eq!(coverage.cohort, Cohort::Headcount);
        assert_eq!(
            coverage.dimensions,
            [Dimension::People("job_level".to_owned())]
        );
        let engagement = &measure("engagement").statistics;
        let (minutes, error) = (engagement[1].kind, engagement[1].tolerated_error);
        let clip = (0.0, 600.0);
        assert_eq!(
            minutes,
            Kind::Mean {
                of: Quantity::Minutes,
                clip
            }
        );
        assert!((error - 15.0).abs() < f64::EPSILON);
    }

    #[test]
    fn a_wrong_definition_is_refused_where_it_is_wrong() {
        let text = include_str!("builtin.toml").replace("kind = \"mean\"", "kind = \"means\"");
        let errors = definitions("set.toml", &text).expect_err("no such kind");
        let problem = &errors.problems()[0];
        assert_eq!(problem.expected, "did you mean `mean`?");
        assert!(problem.position.is_some());
        let errors = definitions("set.toml", "[[measures]]\nweight = 1").expect_err("bare");
        assert_eq!(errors.problems().len(), 2, "{errors}");
    }
}
