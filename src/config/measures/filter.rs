//! Filters: `{ format = "team", job_level = ["manager", "senior"] }`.

use lodestar_privacy::public::Label;

use super::super::names;
use super::super::reader::Field;
use super::super::tree::Value;
use super::super::{
    Dimension, Framework, Instrument, MODES, Metric, RaterGroup, TRIGGERS, item_ids,
};
use crate::measure::Filter;
use crate::measure::filter::{Clause, Column};

/// What is declared that a measure can name.
pub(in super::super) struct Declared<'a> {
    pub(in super::super) framework: &'a Framework,
    pub(in super::super) dimensions: &'a [Dimension],
    pub(in super::super) formats: &'a [Label],
    pub(in super::super) instruments: &'a [Instrument],
    pub(in super::super) metrics: &'a [Metric],
    /// There are levels to reach.
    pub(in super::super) has_targets: bool,
}

impl<'a> Declared<'a> {
    /// What the built-in set can name: nothing that people declare.
    pub(super) fn nothing(framework: &'a Framework) -> Self {
        Self {
            framework,
            dimensions: &[],
            formats: &[],
            instruments: &[],
            metrics: &[],
            has_targets: false,
        }
    }

    /// Whether people can be told apart by it. Job levels need not be declared:
    /// there is `(all)` then.
    pub(super) fn knows(&self, dimension: &str) -> bool {
        dimension == "job_level" || self.dimensions.iter().any(|one| one.name == dimension)
    }

    /// The names of all dimensions.
    pub(super) fn names(&self) -> Vec<String> {
        let fixed = [
            "competency",
            "theme",
            "format",
            "job_level",
            "rater_group",
            "metric",
            "instrument",
            "item",
            "from_band",
            "to_band",
        ]
        .map(str::to_owned);
        let people = self.dimensions.iter().map(|one| one.name.clone());
        let mut names: Vec<String> = fixed.into_iter().chain(people).collect();
        names.sort();
        names.dedup();
        names
    }

    /// A column that a filter can look at, with its values in order of code.
    fn column(&self, name: &str) -> Option<(Column, Vec<&str>)> {
        let ids = |labels: &'static [&'static str]| labels.to_vec();
        Some(match name {
            "mode" => (Column::Mode, ids(&MODES)),
            "coached" => (Column::Coached, ids(&["no", "yes"])),
            "rater_group" => (
                Column::RaterGroup,
                RaterGroup::ALL.iter().map(|group| group.name()).collect(),
            ),
            "metric" => (
                Column::Metric,
                self.metrics
                    .iter()
                    .map(|one| one.label.id.as_str())
                    .collect(),
            ),
            "item" => (Column::Item, item_ids(self.instruments)),
            "trigger" => (Column::Trigger, ids(&TRIGGERS)),
            "format" => {
                let formats = self.formats.iter().map(|label| label.id.as_str());
                (Column::Format, formats.collect())
            }
            "competency" => {
                let all = self.framework.competencies.iter();
                (
                    Column::Competency,
                    all.map(|label| label.id.as_str()).collect(),
                )
            }
            other => {
                let place = self.dimensions.iter().position(|one| one.name == other)?;
                let values = self.dimensions[place].values.iter();
                (
                    Column::People(place),
                    values.map(|label| label.id.as_str()).collect(),
                )
            }
        })
    }
}

/// Reads a filter. What is not declared can't be named.
pub(super) fn read(field: &Field<'_>, declared: &Declared<'_>) -> Option<Filter> {
    let expected = "expected a table, such as { format = \"team\" }";
    let table = field.table(expected)?;
    let mut clauses = Vec::new();
    for (name, place, field) in table.fields() {
        let Some((column, values)) = declared.column(name) else {
            let mut known = declared.names();
            let none = ["theme", "instrument", "from_band", "to_band"];
            known.retain(|name| !none.contains(&name.as_str()));
            known.extend(["mode", "trigger", "coached"].map(str::to_owned));
            field.refuse_at(
                place,
                format!(
                    "`{}` is nothing that rows can be told apart by",
                    field.name()
                ),
                names::expected(name, known.iter().map(String::as_str)),
            );
            return None;
        };
        clauses.push(clause(name, column, &values, &field)?);
    }
    clauses.sort();
    Some(Filter { clauses })
}

fn clause(name: &str, column: Column, known: &[&str], field: &Field<'_>) -> Option<Clause> {
    let one = |item: &Field<'_>| {
        let text = item.line("expected a declared value")?;
        let code = known.iter().position(|value| *value == text);
        if code.is_none() {
            item.refuse(
                format!("`{text}` is no declared {name}"),
                names::expected(text, known.iter().copied()),
            );
        }
        Some((code? as u16, text.to_owned()))
    };
    let mut values = if matches!(field.value(), Value::Text(_)) {
        vec![one(field)?]
    } else {
        let items = field.items("expected a declared value, or a list of them")?;
        items.iter().map(one).collect::<Option<Vec<_>>>()?
    };
    if values.is_empty() {
        field.refuse(
            format!("`{}` is empty", field.name()),
            "expected a declared value",
        );
        return None;
    }
    values.sort();
    values.dedup();
    let texts: Vec<&str> = values.iter().map(|(_, text)| text.as_str()).collect();
    Some(Clause {
        column,
        text: format!("{name}: {}", texts.join(" or ")),
        values: values.iter().map(|(code, _)| *code).collect(),
    })
}
