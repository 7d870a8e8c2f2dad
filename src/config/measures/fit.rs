//! Whether the parts of a measure go together: what one key may say depends on
//! what others do.

use super::super::reader::Table;
use super::statistics::{self, Shape};
use super::{Context, Declared, values};
use crate::config::Framework;
use crate::measure::filter::Column;
use crate::measure::{Cohort, Condition, Dimension, Filter, Kind, Measure, ThemeSource, Value};

/// What does not go together, and what is expected.
type Problem = (String, String);

/// Says of a measure what does not go together; where the key is not written,
/// of the table as a whole.
pub(super) fn check(
    table: &mut Table<'_>,
    measure: &Measure,
    shape: Shape,
    context: Option<&Context<'_>>,
) -> bool {
    let given = table.has("statistics");
    let all = [
        ("dimensions", lacking(measure).or_else(|| sought(measure))),
        ("levels", sought_below(measure)),
        ("dimensions", unsuited(measure, shape).filter(|_| !given)),
        ("statistics", alone(measure).or_else(|| narrowed(measure))),
        ("filter", filtered(measure)),
        (
            "theme_source",
            sourced(measure, context.map(|context| context.declared.framework)),
        ),
        (
            "bands",
            banded(measure, context.map(|context| &context.declared)),
        ),
    ];
    let mut fits = true;
    for (key, problem) in all {
        let Some((message, expected)) = problem else {
            continue;
        };
        fits = false;
        match table.get(key) {
            Some(field) => field.refuse(message, expected),
            None => table.refuse(message, expected),
        }
    }
    fits
}

/// What a measure has of another one's filter: the columns that it can look at.
pub(super) fn inherited(filter: &Filter, cohort: Cohort, dimensions: &[Dimension]) -> Filter {
    let clauses = filter.clauses.iter();
    let clauses = clauses.filter(|clause| applies(clause.column, cohort, dimensions).is_none());
    Filter {
        clauses: clauses.cloned().collect(),
    }
}

/// The dimensions that the cohorts have and the measure has not.
fn lacking(measure: &Measure) -> Option<Problem> {
    let keys = measure.cohort.keys();
    let lacking = keys.iter().find(|key| !measure.dimensions.contains(key))?;
    let expected: Vec<String> = keys
        .iter()
        .map(|key| format!("\"{}\"", key.name()))
        .collect();
    Some((
        format!("the dimension `{}` is missing", lacking.name()),
        format!(
            "expected {}: cohorts of `{}` are by it",
            expected.join(", "),
            measure.cohort.name()
        ),
    ))
}

/// What terms of notes do not go with.
fn sought(measure: &Measure) -> Option<Problem> {
    let alone = [Dimension::Competency, Dimension::Term];
    (measure.is_by_term() && measure.dimensions != alone).then(|| {
        (
            "terms are looked for by competency alone".to_owned(),
            "expected [\"competency\", \"term\"]".to_owned(),
        )
    })
}

/// Levels at which terms are not looked for.
fn sought_below(measure: &Measure) -> Option<Problem> {
    (measure.is_by_term() && measure.levels.as_deref() != Some(&[0])).then(|| {
        (
            "terms are looked for in the whole organisation".to_owned(),
            "expected `levels = [0]`".to_owned(),
        )
    })
}

/// A built-in measure's statistic that other cohorts or dimensions do not have.
fn unsuited(measure: &Measure, shape: Shape) -> Option<Problem> {
    let suits = |kind: Kind, of_other: bool| {
        if shape.cohort.is_of_sessions() {
            statistics::suits(kind, shape)
        } else {
            values::suits(kind, of_other, shape)
        }
    };
    let mut all = measure.statistics.iter();
    let one = all.find(|one| !suits(one.kind, one.of_other))?;
    Some((
        format!(
            "`{}`, which comes with the built-in measure, is no statistic of such cohorts and \
             dimensions",
            one.name
        ),
        "expected `statistics`, or the built-in measure's own cohort and dimensions".to_owned(),
    ))
}

/// A statistic that is made of another one, which the measure does not have.
fn alone(measure: &Measure) -> Option<Problem> {
    let share = Kind::Share(Condition::Row);
    let at_target = Kind::Share(Condition::Flag(Value::AtTarget));
    let needs = |kind: Kind| match kind {
        Kind::Rise => Some((share, "{ name = \"share\", kind = \"share\" }")),
        Kind::Trend => Some((Kind::Rise, "{ name = \"change\", kind = \"rise\" }")),
        Kind::Pace | Kind::ReachedBy => Some((
            at_target,
            "{ name = \"share\", kind = \"share\", of = \"at_target\" }",
        )),
        _ => None,
    };
    measure.statistics.iter().find_map(|one| {
        let (needed, example) = needs(one.kind)?;
        let found = measure.asks(|kind| *kind == needed);
        (!found).then(|| {
            (
                format!("`{}` follows from a statistic that is not there", one.name),
                format!("expected one more, such as {example}"),
            )
        })
    })
}

/// A statistic whose own rows are told apart by what sessions do not have.
fn narrowed(measure: &Measure) -> Option<Problem> {
    let clauses = measure.statistics.iter().flat_map(|one| &one.only.clauses);
    let mut columns = clauses.map(|clause| clause.column);
    columns.find_map(|column| match column {
        Column::RaterGroup | Column::Metric | Column::Item => applies(column, measure.cohort, &[]),
        _ => None,
    })
}

/// A filter of what the cohorts do not have.
fn filtered(measure: &Measure) -> Option<Problem> {
    let mut columns = measure.filter.clauses.iter().map(|clause| clause.column);
    let of_people = measure.asks(|kind| *kind == Kind::ShareOfPeople);
    columns.find_map(|column| match column {
        // Of all people of the unit, coaches do not know who is coached.
        Column::Coached if of_people => Some((
            "`coached` is not for shares of all people".to_owned(),
            "take it out, or the statistic of kind `share_of_people`".to_owned(),
        )),
        _ => applies(column, measure.cohort, &measure.dimensions),
    })
}

/// Why a column says nothing of a cohort's people, if so.
fn applies(column: Column, cohort: Cohort, dimensions: &[Dimension]) -> Option<Problem> {
    let expected = |text: &str| Some(text.to_owned());
    let (name, expected) = match column {
        Column::People(_) => return None,
        Column::Mode | Column::Trigger | Column::Format => (
            "a session's mode, trigger or format",
            expected("cohorts of `coachees`").filter(|_| !cohort.is_of_sessions()),
        ),
        Column::Competency => (
            "competencies",
            expected("it to be taken out")
                .filter(|_| matches!(cohort, Cohort::Outcome | Cohort::Asked | Cohort::Arms)),
        ),
        Column::Metric => (
            "metrics",
            expected("cohorts of `outcome` or `arms`")
                .filter(|_| !matches!(cohort, Cohort::Outcome | Cohort::Arms)),
        ),
        Column::Item => (
            "items",
            expected("cohorts of `asked`").filter(|_| cohort != Cohort::Asked),
        ),
        Column::RaterGroup if cohort == Cohort::Paired => (
            "rater groups",
            expected("`rater_group` among the dimensions")
                .filter(|_| !dimensions.contains(&Dimension::RaterGroup)),
        ),
        Column::RaterGroup => ("rater groups", expected("cohorts of `paired`")),
        Column::Coached => (
            "who is coached, which coaches know",
            expected("cohorts of `coachees`").filter(|_| cohort == Cohort::Headcount),
        ),
    };
    Some((
        format!(
            "cohorts of `{}` are not told apart by {name}",
            cohort.name()
        ),
        format!("expected {}", expected?),
    ))
}

/// Themes of a source that nothing is told apart by, or that finds none.
fn sourced(measure: &Measure, framework: Option<&Framework>) -> Option<Problem> {
    let source = measure.theme_source;
    if source == ThemeSource::Either {
        return None;
    }
    if !measure.dimensions.contains(&Dimension::Theme) {
        return Some((
            "`theme_source` is for measures by `theme`".to_owned(),
            "take it out".to_owned(),
        ));
    }
    let without = source == ThemeSource::Codebook && framework?.tagger.is_empty();
    without.then(|| {
        (
            "`theme_source` asks for themes in notes, and no theme has terms".to_owned(),
            "expected `terms` in `[[themes]]`".to_owned(),
        )
    })
}

/// Bands that nothing is told apart by, or that the scale does not have.
fn banded(measure: &Measure, declared: Option<&Declared<'_>>) -> Option<Problem> {
    let (low, high) = measure.bands?;
    let by_band = |one: &Dimension| matches!(one, Dimension::FromBand | Dimension::ToBand);
    if !measure.dimensions.iter().any(by_band) {
        return Some((
            "`bands` are for measures by `from_band` or `to_band`".to_owned(),
            "take it out".to_owned(),
        ));
    }
    let one = declared?
        .instruments
        .get(measure.instrument.unwrap_or_default())?;
    (low < one.min || high > one.max).then(|| {
        (
            format!(
                "`bands` leave the scale of `{}`, which its scores are on",
                one.label.id
            ),
            format!("expected scores from {} to {}", one.min, one.max),
        )
    })
}
