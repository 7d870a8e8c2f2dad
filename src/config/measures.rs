//! `[[measures]]`: which measures are published, and the reader of measure
//! definitions, which the built-in set is written in.

use std::path::PathBuf;

use super::periods::{LENGTHS, or};
use super::reader::{Field, Table};
use super::source::Report;
use super::{ConfigErrors, Framework, tree};
use crate::calendar::Every;
use crate::measure::{Cohort, Definition, Dimension, Facts, Kind, Measure, builtin};

/// Most keys that one person may be allowed to touch.
const MAX_CELLS_MOST: u32 = 1000;

/// Deepest level that a measure can ask for.
const LEVEL_MOST: u32 = 99;

/// Reads `[[measures]]`; none given: the default set. In order of name.
pub(super) fn read(
    root: &mut Table<'_>,
    every: Option<Every>,
    framework: &Framework,
) -> Vec<Measure> {
    let given = root.get("measures").is_some();
    let mut measures: Vec<Measure> = Vec::new();
    for table in root.sections("measures") {
        if let Some(measure) = adapted(table, every, &measures) {
            measures.push(measure);
        }
    }
    if !given {
        let defaults = builtin().iter().filter(|definition| definition.default);
        measures.extend(defaults.map(|definition| definition.measure.clone()));
    }
    measures.sort_by(|a, b| a.name.cmp(&b.name));
    let needs = measures
        .iter()
        .find(|measure| measure.dimensions.contains(&Dimension::Competency));
    if let Some(measure) = needs
        && framework.competencies.is_empty()
        && root.get("competencies").is_none()
    {
        let expected = format!(
            "expected `[[competencies]]`: `{}` is by competency",
            measure.name
        );
        root.refuse("no competency is declared", expected);
    }
    measures
}

/// A built-in measure, adapted; `known` are those given before.
fn adapted(mut table: Table<'_>, every: Option<Every>, known: &[Measure]) -> Option<Measure> {
    let names: Vec<(&str, &Measure)> = builtin()
        .iter()
        .map(|definition| (definition.measure.name.as_str(), &definition.measure))
        .collect();
    let field = table.require("use", "expected the name of a built-in measure");
    let used = field.as_ref().and_then(|field| field.choice(&names));
    if let (Some(field), Some(measure)) = (&field, used)
        && known.iter().any(|known| known.name == measure.name)
    {
        field.refuse(
            format!("`{}` is given twice", measure.name),
            "expected it once",
        );
    }
    let defaults = used.unwrap_or(&builtin()[0].measure);
    let levels = or(table.get("levels"), None, |field| levels(field).map(Some));
    let max_cells = max_cells(table.get("max_cells"), Some(defaults.max_cells));
    let weight = weight(table.get("weight"), Some(defaults.weight));
    let error = tolerated_error(table.get("tolerated_error"), Some(defaults.tolerated_error));
    let asked = or(table.get("every"), None, |field| {
        let asked = field.choice(&LENGTHS)?;
        if every.is_some_and(|every| asked != every) {
            let message = "a measure with periods of its own is not available in this version";
            field.refuse(message, "expected the same as `periods.every`");
        }
        Some(Some(asked))
    });
    table.not_yet(&[
        "name",
        "question",
        "facts",
        "cohort",
        "kind",
        "statistics",
        "dimensions",
        "filter",
        "range",
        "clip",
    ]);
    table.finish();
    Some(Measure {
        levels: levels?,
        max_cells: max_cells?,
        weight: weight?,
        every: asked?,
        tolerated_error: error?,
        ..used?.clone()
    })
}

/// Reads a file of definitions.
///
/// # Errors
/// Everything that is wrong with it.
pub(crate) fn definitions(file: &str, text: &str) -> Result<Vec<Definition>, ConfigErrors> {
    let mut report = Report::default();
    let file = report.add(PathBuf::from(file), text);
    let Some(entries) = tree::parse(&report, file) else {
        return Err(report.into_errors());
    };
    let mut root = Table::root(&report, &entries);
    let definitions = root
        .sections("measures")
        .into_iter()
        .filter_map(definition)
        .collect();
    root.finish();
    if report.is_clean() {
        Ok(definitions)
    } else {
        Err(report.into_errors())
    }
}

/// One definition.
fn definition(mut table: Table<'_>) -> Option<Definition> {
    let mut line = |key| {
        let expected = "expected one line of text";
        Some(table.require(key, expected)?.line(expected)?.to_owned())
    };
    let (name, question) = (line("name"), line("question"));
    let facts = named(&mut table, "facts", Facts::ALL, Facts::name);
    let cohort = named(&mut table, "cohort", Cohort::ALL, Cohort::name);
    let kind = named(&mut table, "kind", Kind::ALL, Kind::name);
    let expected = "expected a list of dimensions";
    let dimensions = table.require("dimensions", expected).and_then(|field| {
        let options = options(Dimension::ALL, Dimension::name);
        field
            .items(expected)?
            .iter()
            .map(|item| item.choice(&options))
            .collect::<Option<Vec<_>>>()
    });
    let default = or(table.get("default"), false, Field::boolean);
    let max_cells = max_cells(table.require("max_cells", "expected a whole number"), None);
    let weight = weight(table.require("weight", "expected a number"), None);
    let error = table.require("tolerated_error", "expected a share");
    let error = tolerated_error(error, None);
    table.finish();
    let measure = Measure {
        name: name?,
        question: question?,
        facts: facts?,
        cohort: cohort?,
        kind: kind?,
        dimensions: dimensions?,
        levels: None,
        max_cells: max_cells?,
        weight: weight?,
        every: None,
        tolerated_error: error?,
    };
    Some(Definition {
        measure,
        default: default?,
    })
}

fn options<T: Copy>(all: &[T], name: fn(T) -> &'static str) -> Vec<(&'static str, T)> {
    all.iter().map(|&value| (name(value), value)).collect()
}

fn named<T: Copy>(
    table: &mut Table<'_>,
    key: &'static str,
    all: &[T],
    name: fn(T) -> &'static str,
) -> Option<T> {
    table
        .require(key, "expected a name")?
        .choice(&options(all, name))
}

/// Distinct levels, put in order.
fn levels(field: &Field<'_>) -> Option<Vec<u32>> {
    let expected = "expected one or more levels of the org tree, such as [0, 1]";
    let items = field.items(expected)?;
    if items.is_empty() {
        field.refuse(format!("`{}` is empty", field.name()), expected);
    }
    let mut levels = Vec::new();
    for item in &items {
        let level = item.whole(0..=LEVEL_MOST)?;
        if levels.contains(&level) {
            item.refuse(format!("level {level} is listed twice"), "expected it once");
        }
        levels.push(level);
    }
    levels.sort_unstable();
    Some(levels)
}

fn max_cells(field: Option<Field<'_>>, default: Option<u32>) -> Option<u32> {
    field.map_or(default, |field| field.whole(1..=MAX_CELLS_MOST))
}

fn weight(field: Option<Field<'_>>, default: Option<f64>) -> Option<f64> {
    let read = |field: Field<'_>| {
        let possible = |weight| (0.001..=1000.0).contains(&weight);
        field.number("expected a number from 0.001 to 1000", possible)
    };
    field.map_or(default, read)
}

fn tolerated_error(field: Option<Field<'_>>, default: Option<f64>) -> Option<f64> {
    let expected = "expected a share above 0, at most 1";
    field.map_or(default, |field| {
        field.number(expected, |error| error > 0.0 && error <= 1.0)
    })
}
