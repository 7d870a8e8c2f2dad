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
        assert!(names.is_sorted(), "{names:?}");
        let page = include_str!("../../docs/measures.md");
        let set = page.split_once("## The built-in set").expect("a section").1;
        let (set, proofs) = set.split_once("## Proofs and tests").expect("one more");
        for one in builtin() {
            let Measure { name, cohort, .. } = &one.measure;
            let default = if one.default { "yes" } else { "no" };
            let by = one.measure.dimensions.iter();
            let by: Vec<String> = by.map(|by| format!("`{}`", by.name())).collect();
            let row = format!(
                "| [`{name}`](#{name}) | {default} | `{}` | {}",
                cohort.name(),
                by.join(", ")
            );
            assert!(set.contains(row.trim_end()), "{row}");
            assert!(proofs.contains(&format!("\n| `{name}` | [")), "{name}");
            let section = set.split_once(&format!("### `{name}`\n")).expect(name).1;
            let section = section.split("\n### ").next().unwrap_or_default();
            assert!(section.contains(&one.measure.question), "{name}");
            for statistic in &one.measure.statistics {
                let row = format!("\n| `{}` | ", statistic.name);
                assert!(section.contains(&row), "{name}: {row}");
            }
        }
        let measure = |name: &str| {
            let found = builtin().iter().find(|one| one.measure.name == name);
            &found.unwrap_or_else(|| panic!("{name}")).measure
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
