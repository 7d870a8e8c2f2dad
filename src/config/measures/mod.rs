//! `[[measures]]`: which measures are published, and the reader of the measure
//! language, which the built-in set is written in.

mod filter;
mod fit;
mod statistics;
mod values;

use std::path::PathBuf;

use super::periods::{LENGTHS, or};
use super::reader::{Field, Table};
use super::source::Report;
use super::{ConfigErrors, PrivacyUnit, names, tree};
use crate::calendar::Every;
use crate::config::{Framework, Instrument, item_ids};
use crate::measure::filter::Column;
use crate::measure::{Cohort, Definition, Dimension, Filter, Kind, Measure, ThemeSource, builtin};
pub(super) use filter::Declared;

/// Most keys that one person may be allowed to touch.
const MAX_CELLS_MOST: u32 = 1000;

/// What a person may touch where a measure with keys does not say.
const MAX_CELLS: u32 = 4;

/// The same of a measure by term: who says a term that few say says many others.
const MAX_TERMS: u32 = 64;

/// Deepest level that a measure can ask for.
const LEVEL_MOST: u32 = 99;

/// Most cohorts of a unit.
const COHORTS_MOST: usize = 1000;

/// What the rest of the configuration says that measures must fit.
pub(super) struct Context<'a> {
    pub(super) every: Option<Every>,
    pub(super) unit: Option<PrivacyUnit>,
    /// The names of the sources.
    pub(super) sources: Vec<&'static str>,
    pub(super) declared: Declared<'a>,
}

/// Reads `[[measures]]`; none given: the default set. In order of name. Then the
/// names of the default set's that a release of one period cannot have.
pub(super) fn read(root: &mut Table<'_>, context: &Context<'_>) -> (Vec<Measure>, Vec<String>) {
    let given = root.get("measures").is_some();
    let mut measures: Vec<Measure> = Vec::new();
    let mut left_out = Vec::new();
    for table in root.sections("measures") {
        if let Some(measure) = one(table, context, &measures) {
            measures.push(measure);
        }
    }
    if !given {
        let defaults = builtin().iter().filter(|definition| definition.default);
        let defaults = defaults.map(|definition| resolved(definition.measure.clone(), context));
        let declared = defaults.filter(|measure| lacks(measure, context).is_none());
        let (beyond, mine): (Vec<_>, Vec<_>) =
            declared.partition(|measure| reads_beyond(measure, context));
        measures.extend(mine);
        left_out.extend(beyond.into_iter().map(|measure| measure.name));
    }
    measures.sort_by(|a, b| a.name.cmp(&b.name));
    let by_competency = |measure: &&Measure| measure.dimensions.contains(&Dimension::Competency);
    if let Some(measure) = measures.iter().find(by_competency)
        && context.declared.framework.competencies.is_empty()
        && root.get("competencies").is_none()
    {
        let expected = format!(
            "expected `[[competencies]]`: `{}` is by competency",
            measure.name
        );
        root.refuse("no competency is declared", expected);
    }
    (measures, left_out)
}

/// A measure of a project: a built-in one, adapted, or one of its own. `known`
/// are those given before.
fn one(mut table: Table<'_>, context: &Context<'_>, known: &[Measure]) -> Option<Measure> {
    let names: Vec<(&str, &Measure)> = builtin()
        .iter()
        .map(|definition| (definition.measure.name.as_str(), &definition.measure))
        .collect();
    let used = table.get("use");
    let base = used.as_ref().map(|field| field.choice(&names));
    // Of what measure it is can't be said, so nothing else is judged.
    let base = match base {
        Some(None) => return None,
        Some(some) => some,
        None => None,
    };
    let named = table.get("name");
    if used.is_none() && named.is_none() {
        table.refuse(
            "neither `use` nor `name` is given",
            "expected `use`, with a built-in measure, or `name`, for one of your own",
        );
        return None;
    }
    let measure = measure(table, named.as_ref(), base, Some(context))?;
    let measure = resolved(measure, context);
    if known.iter().any(|known| known.name == measure.name) {
        let report = named.or(used)?;
        report.refuse(
            format!("`{}` is given twice", measure.name),
            "expected it once; a further one needs a `name` of its own",
        );
        return None;
    }
    fits(&measure, context, used.as_ref().or(named.as_ref())?).then_some(measure)
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
    let definition = |mut table: Table<'_>| {
        let default = or(table.get("default"), false, Field::boolean);
        let named = table.require("name", "expected a name");
        let measure = measure(table, named.as_ref(), None, None);
        Some(Definition {
            measure: measure?,
            default: default?,
        })
    };
    let definitions = root.sections("measures").into_iter().filter_map(definition);
    let definitions = definitions.collect();
    root.finish();
    if report.is_clean() {
        Ok(definitions)
    } else {
        Err(report.into_errors())
    }
}

/// Reads all keys but `use` and `default`. What `base` says need not be said
/// again; without a context nothing declared can be named.
fn measure(
    mut table: Table<'_>,
    named: Option<&Field<'_>>,
    base: Option<&Measure>,
    context: Option<&Context<'_>>,
) -> Option<Measure> {
    let name = named.map_or(base.map(|base| base.name.clone()), |field| name(field));
    let question = or(
        table.get("question"),
        base.map_or_else(String::new, |base| base.question.clone()),
        |field| Some(field.line("expected a question, in one line")?.to_owned()),
    );
    let cohort = or(
        table.get("cohort"),
        base.map_or(Cohort::Coachees, |base| base.cohort),
        cohort_named,
    );
    let dimensions = or(
        table.get("dimensions"),
        base.map_or_else(Vec::new, |base| base.dimensions.clone()),
        |field| dimensions(field, cohort?, context),
    );
    let nothing = Framework::default();
    let nothing = Declared::nothing(&nothing);
    let declared = context.map_or(&nothing, |context| &context.declared);
    let whom = cohort.unwrap_or(Cohort::Coachees);
    let filter = or(
        table.get("filter"),
        base.zip(dimensions.as_ref())
            .map_or_else(Filter::default, |(base, dimensions)| {
                fit::inherited(&base.filter, whom, dimensions)
            }),
        |field| filter::read(field, declared),
    );
    let within = |one: &Dimension| match one {
        Dimension::People(_) => false,
        Dimension::FromBand | Dimension::ToBand => true,
        _ => whom.is_of_sessions(),
    };
    let keyed = dimensions
        .as_ref()
        .is_some_and(|all| all.iter().any(within));
    let by_theme = dimensions
        .as_ref()
        .is_some_and(|all| all.contains(&Dimension::Theme));
    let by_term = dimensions
        .as_ref()
        .is_some_and(|all| all.contains(&Dimension::Term));
    let shape = statistics::Shape {
        cohort: whom,
        keyed,
        by_theme,
        by_term,
    };
    let statistics = statistics::read(&mut table, base, shape, declared);
    let levels = or(
        table.get("levels"),
        base.and_then(|base| base.levels.clone()),
        |field| levels(field).map(Some),
    );
    let has_cells = keyed || !whom.is_of_sessions();
    let most = if by_term { MAX_TERMS } else { MAX_CELLS };
    let max_cells = max_cells(table.get("max_cells"), has_cells, base, most);
    let instrument = or(table.get("instrument"), None, |field| {
        instrument(field, whom, context).map(Some)
    });
    let bands = or(
        table.get("bands"),
        base.and_then(|base| base.bands),
        |field| values::bands(field).map(Some),
    );
    let theme_source = or(
        table.get("theme_source"),
        base.map_or(ThemeSource::Either, |base| base.theme_source),
        |field| field.choice(&ThemeSource::ALL.map(|one| (one.name(), one))),
    );
    let weight = or(
        table.get("weight"),
        base.map_or(1.0, |base| base.weight),
        weight,
    );
    let every = or(
        table.get("every"),
        base.and_then(|base| base.every),
        |field| every(field, context).map(Some),
    );
    let whole = || {
        Some(Measure {
            name: name?,
            question: question?,
            cohort: cohort?,
            dimensions: dimensions?,
            filter: filter?,
            statistics: statistics?,
            levels: levels?,
            max_cells: max_cells?,
            weight: weight?,
            every: every?,
            instrument: instrument?,
            bands: bands?,
            theme_source: theme_source?,
        })
    };
    let measure = whole().filter(|measure| fit::check(&mut table, measure, shape, context));
    table.finish();
    measure
}

fn cohort_named(field: &Field<'_>) -> Option<Cohort> {
    let all = Cohort::ALL.iter().map(|one| (one.name(), *one));
    field.choice(&all.collect::<Vec<_>>())
}

fn weight(field: &Field<'_>) -> Option<f64> {
    let possible = |weight| (0.001..=1000.0).contains(&weight);
    field.number("expected a number from 0.001 to 1000", possible)
}

/// With what follows from the rest of the configuration: the first instrument,
/// where none is named, and spans of a period, where periods are longer.
fn resolved(mut measure: Measure, context: &Context<'_>) -> Measure {
    let has_one = measure.cohort.has_instrument() && !context.declared.instruments.is_empty();
    if has_one && measure.instrument.is_none() {
        measure.instrument = Some(0);
    }
    // Where each person's rows of one period are protected, a release reads one.
    let one_period = context.unit == Some(PrivacyUnit::PersonPeriod);
    let misfits = |(asked, periods): (Every, Every)| asked.months() % periods.months() != 0;
    if one_period || measure.every.zip(context.every).is_some_and(misfits) {
        measure.every = None;
    }
    measure
}

/// What a measure needs that the configuration does not have.
fn lacks(measure: &Measure, context: &Context<'_>) -> Option<(String, &'static str)> {
    let name = &measure.name;
    let has = |source: &str| context.sources.contains(&source);
    let of_people = measure.people().next().is_some() || !measure.filter.part(true).is_empty();
    let mut sources = measure.cohort.sources().iter().copied();
    let source = sources.find(|source| !has(source));
    let source = source.or_else(|| Some("people").filter(|people| of_people && !has(people)));
    if let Some(source) = source {
        let message = format!("`{name}` asks for {source}, and there is no `[sources.{source}]`");
        return Some((message, "expected that source, or another measure"));
    }
    let to_targets = |kind: &Kind| matches!(kind, Kind::Tipping | Kind::ShareOfPeople);
    if measure.asks(to_targets) && !context.declared.has_targets {
        return Some((
            format!("`{name}` asks for targets, and there are none"),
            "expected `targets` in `[north_star]`",
        ));
    }
    if measure.cohort == Cohort::Asked && !has_items(measure, context.declared.instruments) {
        return Some((
            format!("`{name}` asks for items, and no instrument that it reads has one"),
            "expected `items` in `[[instruments]]`, and among them those of `filter`",
        ));
    }
    None
}

/// Whether an instrument that a measure reads has an item that it asks for.
fn has_items(measure: &Measure, instruments: &[Instrument]) -> bool {
    let ids = item_ids(instruments);
    let asked = measure.filter.values(Column::Item);
    let wanted =
        |id: &str| asked.is_none_or(|codes| codes.iter().any(|code| ids[usize::from(*code)] == id));
    let read = instruments.iter().enumerate();
    let read = read.filter(|(at, _)| measure.instrument.is_none_or(|one| one == *at));
    read.flat_map(|(_, one)| &one.items)
        .any(|item| wanted(&item.id))
}

/// Whether a measure reads rows of several periods where a release reads one.
fn reads_beyond(measure: &Measure, context: &Context<'_>) -> bool {
    measure.cohort.is_of_several_periods() && context.unit == Some(PrivacyUnit::PersonPeriod)
}

/// The index of an instrument.
fn instrument(field: &Field<'_>, cohort: Cohort, context: Option<&Context<'_>>) -> Option<usize> {
    if !cohort.may_name_instrument() {
        field.refuse(
            format!(
                "`{}` is not for cohorts of `{}`",
                field.name(),
                cohort.name()
            ),
            "take it out",
        );
        return None;
    }
    let declared = context.map_or(&[][..], |context| context.declared.instruments);
    let known: Vec<_> = declared
        .iter()
        .map(|one| one.label.id.as_str())
        .zip(0..)
        .collect();
    field.choice(&known)
}

/// Whether a measure fits the project; says so where not.
fn fits(measure: &Measure, context: &Context<'_>, field: &Field<'_>) -> bool {
    let beyond = reads_beyond(measure, context).then(|| {
        (
            format!("`{}` reads rows of several periods", measure.name),
            "expected `unit = \"person\"`: under `person-period` a release reads one period",
        )
    });
    let lacks = lacks(measure, context).or(beyond);
    let without = lacks.is_some();
    if let Some((message, expected)) = lacks {
        field.refuse(message, expected);
    }
    let values = |name: &str| {
        let declared = context
            .declared
            .dimensions
            .iter()
            .find(|one| one.name == name);
        declared.map_or(0, |dimension| dimension.values.len())
    };
    let cohorts: usize = measure.people().map(|name| values(name) + 1).product();
    if cohorts > COHORTS_MOST {
        field.refuse(
            format!("`{}` tells {cohorts} cohorts of a unit apart", measure.name),
            format!("expected at most {COHORTS_MOST}"),
        );
    }
    let named = |dimension: &&Dimension| {
        let mut statistics = measure.statistics.iter();
        statistics.any(|statistic| statistic.name == dimension.name())
    };
    let twice = measure.dimensions.iter().find(named);
    if let Some(dimension) = twice {
        field.refuse(
            format!(
                "`{}` is a statistic and a dimension of one table",
                dimension.name()
            ),
            "expected another name for the statistic",
        );
    }
    !without && cohorts <= COHORTS_MOST && twice.is_none()
}

/// The name of a table: a file is called so.
fn name(field: &Field<'_>) -> Option<String> {
    let name = field.line(names::COLUMN)?;
    let reserved = name.starts_with("dim_") || name == "manifest" || name == "index";
    if !names::is_column(name) || reserved {
        field.refuse(
            format!("`{}` cannot be {name:?}", field.name()),
            names::COLUMN,
        );
        return None;
    }
    Some(name.to_owned())
}

/// What a cohort's measures can be by, beside properties of people.
fn possible(cohort: Cohort) -> Vec<Dimension> {
    use Dimension::{Competency, Format, FromBand, RaterGroup, Term, Theme, ToBand};
    match cohort {
        Cohort::Coachees => vec![Competency, Theme, Term, Format],
        Cohort::Headcount => vec![Competency, Theme, Format],
        Cohort::Paired => vec![Competency, RaterGroup, FromBand, ToBand],
        _ => cohort.keys().to_vec(),
    }
}

/// Distinct dimensions, in the order of the table's columns.
fn dimensions(
    field: &Field<'_>,
    cohort: Cohort,
    context: Option<&Context<'_>>,
) -> Option<Vec<Dimension>> {
    let fits = possible(cohort);
    let expected = "expected a list of dimensions";
    let mut all: Vec<Dimension> = Vec::new();
    for item in field.items(expected)? {
        let name = item.line("expected the name of a dimension")?;
        let own = fits.iter().find(|one| one.name() == name).cloned();
        let dimension = own.unwrap_or_else(|| Dimension::named(name));
        let problem = match (&dimension, context) {
            _ if all.contains(&dimension) => Some("is listed twice"),
            (Dimension::People(name), Some(context)) if !context.declared.knows(name) => {
                Some("is not declared")
            }
            (Dimension::People(_), _) => None,
            (other, _) if !fits.contains(other) => Some("is not one of such cohorts"),
            (Dimension::Theme, _) if !all.contains(&Dimension::Competency) => {
                item.refuse(
                    "the dimension `theme` comes after `competency`",
                    "expected [\"competency\", \"theme\"]",
                );
                return None;
            }
            (Dimension::Format, Some(context)) if context.declared.formats.is_empty() => {
                item.refuse(
                    "the dimension `format` is not declared",
                    "expected its values, `format = […]`, in `[dimensions]`",
                );
                return None;
            }
            _ => None,
        };
        if let Some(problem) = problem {
            let known = context.map_or_else(Vec::new, |context| context.declared.names());
            item.refuse(
                format!("the dimension `{name}` {problem}"),
                names::expected(name, known.iter().map(String::as_str)),
            );
            return None;
        }
        all.push(dimension);
    }
    Some(all)
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

/// Without keys a person has one entry.
fn max_cells(
    field: Option<Field<'_>>,
    keyed: bool,
    base: Option<&Measure>,
    most: u32,
) -> Option<u32> {
    let Some(field) = field else {
        let default = base
            .filter(|base| base.has_cells())
            .map_or(most, |base| base.max_cells);
        return Some(if keyed { default } else { 1 });
    };
    if !keyed {
        field.refuse(
            format!(
                "`{}` is for measures by competency, theme, format or the like",
                field.name()
            ),
            "take it out: here a person has one entry",
        );
        return None;
    }
    field.whole(1..=MAX_CELLS_MOST)
}

/// How often a measure is published: spans of whole periods.
fn every(field: &Field<'_>, context: Option<&Context<'_>>) -> Option<Every> {
    let asked = field.choice(&LENGTHS)?;
    let Some((periods, unit)) = context.and_then(|context| context.every.zip(context.unit)) else {
        return Some(asked);
    };
    if asked.months() % periods.months() != 0 {
        field.refuse(
            format!("`{}` is shorter than a period", field.name()),
            "expected whole periods, see `periods.every`",
        );
        return None;
    }
    if unit == PrivacyUnit::PersonPeriod && asked != periods {
        field.refuse(
            format!("`{}` reads rows of several periods", field.name()),
            format!(
                "expected `{}`: under `unit = \"person-period\"` a release reads one period",
                periods.name()
            ),
        );
        return None;
    }
    Some(asked)
}
