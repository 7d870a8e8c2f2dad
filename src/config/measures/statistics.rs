//! `statistics`, `clip` and `tolerated_error` of a measure.

use std::collections::BTreeMap;

use lodestar_privacy::public::AMOUNT_MOST;

use super::super::names;
use super::super::reader::{Field, Table};
use super::super::tree::Value;
use super::filter::{self, Declared};
use super::values;
use crate::measure::{Cohort, Condition, Filter, Kind, Measure, Quantity, Statistic};

/// The error that is tolerated where nothing is said: a share of the range.
const TOLERATED: f64 = 0.025;

/// The same of an effect size, in standard deviations, …
const TOLERATED_EFFECT: f64 = 0.1;

/// … and of a lift.
const TOLERATED_LIFT: f64 = 0.25;

/// How a measure's rows are told apart.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    pub(super) cohort: Cohort,
    /// By keys within its cohorts.
    pub(super) keyed: bool,
    pub(super) by_theme: bool,
    /// By what is looked for in notes.
    pub(super) by_term: bool,
}

/// What is fixed, and what the measure's other keys must add.
struct Draft<'a> {
    name: String,
    kind: Half,
    only: Filter,
    of_other: bool,
    field: Field<'a>,
}

/// A kind, its clip still to come.
enum Half {
    Whole(Kind),
    Mean(Quantity),
    Ratio(Quantity, Quantity),
}

impl Half {
    /// Whether it tells more than who has a row.
    fn tells_amounts(&self) -> bool {
        !matches!(
            self,
            Self::Whole(Kind::Count(Condition::Row) | Kind::Share(Condition::Row))
        )
    }
}

/// Reads the statistics; what `base` has need not be said again.
pub(super) fn read(
    table: &mut Table<'_>,
    base: Option<&Measure>,
    shape: Shape,
    declared: &Declared<'_>,
) -> Option<Vec<Statistic>> {
    let given = table.get("statistics");
    let clips = table.get("clip");
    let errors = table.get("tolerated_error");
    let names: Vec<String>;
    let mut statistics = match (given, base) {
        (Some(field), _) => {
            let drafts = drafts(&field, shape, declared)?;
            names = drafts.iter().map(|draft| draft.name.clone()).collect();
            let mut clips = clips.map_or(Some(BTreeMap::new()), |field| by_name(&field, &names))?;
            let finished = drafts
                .into_iter()
                .map(|draft| finish(draft, &mut clips, shape));
            finished.collect::<Option<Vec<_>>>()?
        }
        (None, Some(base)) => {
            let mut statistics = base.statistics.clone();
            names = statistics.iter().map(|one| one.name.clone()).collect();
            let clips = clips.map_or(Some(BTreeMap::new()), |field| by_name(&field, &names))?;
            for (name, field) in clips {
                let one = statistics.iter_mut().find(|one| one.name == name)?;
                one.kind = clipped(one.kind, &field, shape)?;
            }
            statistics
        }
        (None, None) => {
            table.refuse(
                "`statistics` is missing",
                "expected a list, such as [{ name = \"n\", kind = \"count\" }]",
            );
            return None;
        }
    };
    if let Some(field) = errors {
        tolerated(&field, &names, &mut statistics)?;
    }
    Some(statistics)
}

fn drafts<'a>(field: &Field<'a>, shape: Shape, declared: &Declared<'_>) -> Option<Vec<Draft<'a>>> {
    let expected = "expected a list of tables, such as [{ name = \"n\", kind = \"count\" }]";
    let items = field.items(expected)?;
    if items.is_empty() {
        field.refuse(format!("`{}` is empty", field.name()), expected);
        return None;
    }
    let mut drafts: Vec<Draft<'_>> = Vec::new();
    for item in items {
        let draft = draft(item, shape, declared)?;
        if drafts.iter().any(|known| known.name == draft.name) {
            let message = format!("the statistic `{}` is given twice", draft.name);
            draft.field.refuse(message, "expected it once");
            return None;
        }
        drafts.push(draft);
    }
    Some(drafts)
}

fn draft<'a>(item: Field<'a>, shape: Shape, declared: &Declared<'_>) -> Option<Draft<'a>> {
    let mut table = item.table("expected a table, such as { name = \"n\", kind = \"count\" }")?;
    let name = table
        .require("name", names::COLUMN)
        .and_then(|field| name(&field));
    if !shape.cohort.is_of_sessions() {
        let kind = values::kind(&mut table, shape);
        table.finish();
        let (kind, of_other) = kind?;
        return Some(Draft {
            name: name?,
            kind: Half::Whole(kind),
            only: Filter::default(),
            of_other,
            field: item,
        });
    }
    let mut kinds = vec![("count", 0), ("share", 1), ("mean", 2), ("ratio", 3)];
    if shape.by_theme {
        kinds.extend([("lift", 4), ("rise", 5), ("log_odds", 6), ("trend", 7)]);
    } else if shape.by_term {
        kinds.push(("lift", 4));
    }
    let kind = table.require("kind", &names::one_of(kinds.iter().map(|kind| kind.0)));
    let kind = kind.and_then(|field| field.choice(&kinds));
    let only = table.get("where");
    let only = only.map_or(Some(Filter::default()), |field| {
        filter::read(&field, declared)
    });
    let half = match kind? {
        0 => Some(Half::Whole(Kind::Count(condition(&mut table, shape)?))),
        1 => Some(Half::Whole(Kind::Share(condition(&mut table, shape)?))),
        2 => quantity(&mut table, "of").map(Half::Mean),
        4 => Some(Half::Whole(Kind::Lift)),
        5 => Some(Half::Whole(Kind::Rise)),
        6 => Some(Half::Whole(Kind::LogOdds)),
        7 => Some(Half::Whole(Kind::Trend)),
        _ => ratio(&mut table, only.as_ref()?),
    };
    table.finish();
    let (half, only) = (half?, only?);
    let counts = matches!(half, Half::Whole(_));
    let problem = if (shape.by_theme || shape.by_term) && !counts {
        Some((
            "statistics by theme or term are counts and shares",
            "a session's minutes are of no one of them",
        ))
    } else if shape.cohort == Cohort::Headcount && half.tells_amounts() {
        Some((
            "of a head-count there are counts and shares of people who have a session",
            "expected `cohort = \"coachees\"`: amounts tell of coaching, which coaches know",
        ))
    } else if shape.keyed && counts && !only.is_empty() {
        Some((
            "`where` is not for counts and shares by key",
            "expected `filter`, of the measure",
        ))
    } else {
        None
    };
    if let Some((message, expected)) = problem {
        item.refuse(message, expected);
        return None;
    }
    Some(Draft {
        name: name?,
        kind: half,
        only,
        of_other: false,
        field: item,
    })
}

/// The name of a column, of which others are made.
fn name(field: &Field<'_>) -> Option<String> {
    let name = field.line(names::COLUMN)?;
    if !names::is_column(name) || names::is_taken(name) {
        field.refuse(
            format!("`{}` cannot be {name:?}", field.name()),
            names::COLUMN,
        );
        return None;
    }
    Some(name.to_owned())
}

fn quantity(table: &mut Table<'_>, key: &'static str) -> Option<Quantity> {
    let options: Vec<_> = Quantity::ALL.iter().map(|one| (one.name(), *one)).collect();
    let expected = names::one_of(options.iter().map(|one| one.0));
    table.require(key, &expected)?.choice(&options)
}

/// A part and its whole.
fn pair(table: &mut Table<'_>, filtered: bool) -> Option<(Quantity, Quantity)> {
    let (of, per) = (quantity(table, "of")?, quantity(table, "per")?);
    let is_part = matches!(
        (of, per),
        (Quantity::CoachingMinutes, Quantity::Minutes)
            | (Quantity::ProactiveSessions, Quantity::Sessions)
    );
    let of_itself = of == per && filtered;
    if !is_part && !of_itself {
        table.refuse(
            format!("`{}` is no part of `{}`", of.name(), per.name()),
            "expected coaching_minutes per minutes, proactive_sessions per sessions, or a \
             quantity per itself with `where`",
        );
        return None;
    }
    Some((of, per))
}

fn ratio(table: &mut Table<'_>, only: &Filter) -> Option<Half> {
    let (of, per) = pair(table, !only.is_empty())?;
    Some(Half::Ratio(of, per))
}

/// What a count or share is of.
fn condition(table: &mut Table<'_>, shape: Shape) -> Option<Condition> {
    let given = [
        table.has("of"),
        table.has("per"),
        table.has("within"),
        table.has("at_least"),
    ];
    if given == [false; 4] {
        return Some(Condition::Row);
    }
    if shape.keyed {
        table.refuse(
            "counts and shares by key are of people who have the key",
            "take out `of`, `per`, `at_least` and `within`",
        );
        return None;
    }
    if given[2] || given[1] {
        let (of, per) = pair(table, false)?;
        let (low, high) =
            bounds(&table.require("within", "expected two shares, such as [0.7, 0.9]")?)?;
        return Some(Condition::Within { of, per, low, high });
    }
    let of = quantity(table, "of")?;
    let expected =
        "expected a number above 0: of sessions a whole one, else of at most two decimals";
    let least = table.require("at_least", expected)?;
    let least = least.number(expected, |least| {
        least > 0.0 && is_whole(of, least) && least * of.steps() as f64 <= AMOUNT_MOST as f64
    })?;
    Some(Condition::AtLeast { of, least })
}

/// Whether cohorts of sessions have a statistic of a kind.
pub(super) fn suits(kind: Kind, shape: Shape) -> bool {
    let of_amounts = shape.cohort == Cohort::Coachees && !shape.by_theme && !shape.by_term;
    match kind {
        Kind::Count(Condition::Row) | Kind::Share(Condition::Row) => true,
        Kind::Count(Condition::AtLeast { .. } | Condition::Within { .. })
        | Kind::Share(Condition::AtLeast { .. } | Condition::Within { .. }) => {
            of_amounts && !shape.keyed
        }
        Kind::Mean { .. } | Kind::Ratio { .. } => of_amounts,
        Kind::Lift if shape.by_term => true,
        Kind::Lift | Kind::Rise | Kind::LogOdds | Kind::Trend => shape.by_theme,
        _ => false,
    }
}

/// Whether a number is one of the quantity's steps.
fn is_whole(of: Quantity, value: f64) -> bool {
    let steps = value * of.steps() as f64;
    (steps - steps.round()).abs() < 1e-6
}

/// Two numbers in order.
fn bounds(field: &Field<'_>) -> Option<(f64, f64)> {
    let expected = "expected two numbers from 0 on, the smaller first";
    let items = field.items(expected)?;
    let numbers = items
        .iter()
        .map(|item| item.number(expected, |x| (0.0..=1e9).contains(&x)));
    match numbers.collect::<Option<Vec<_>>>()?.as_slice() {
        [low, high] if low < high => Some((*low, *high)),
        _ => {
            field.refuse(format!("`{}` is no pair of bounds", field.name()), expected);
            None
        }
    }
}

/// A table by statistic.
fn by_name<'a>(field: &Field<'a>, known: &[String]) -> Option<BTreeMap<String, Field<'a>>> {
    let table = field.table("expected a table, by statistic")?;
    let mut all = BTreeMap::new();
    for (name, place, field) in table.fields() {
        if known.iter().all(|known| known != name) {
            let expected = names::expected(name, known.iter().map(String::as_str));
            field.refuse_at(
                place,
                format!("unknown statistic `{}`", field.name()),
                expected,
            );
            return None;
        }
        all.insert(name.to_owned(), field);
    }
    Some(all)
}

fn refuse_clip(field: &Field<'_>, cohort: Cohort) {
    let expected = match cohort {
        Cohort::Coachees | Cohort::Headcount => {
            "take it out: of sessions, clips are for means and ratios"
        }
        Cohort::Outcome | Cohort::Arms => {
            "take it out: a person's outcome is moved into the `clip` of its `[[metrics]]`"
        }
        _ => "take it out: scores are bounded by the scale of their `[[instruments]]`",
    };
    field.refuse(
        format!(
            "`{}` is of a statistic without a clip of its own",
            field.name()
        ),
        expected,
    );
}

fn finish(
    draft: Draft<'_>,
    clips: &mut BTreeMap<String, Field<'_>>,
    shape: Shape,
) -> Option<Statistic> {
    let nothing = (0.0, 1.0);
    let kind = match draft.kind {
        Half::Whole(kind) => kind,
        Half::Mean(of) => Kind::Mean { of, clip: nothing },
        Half::Ratio(of, per) => Kind::Ratio { of, per, clip: 1.0 },
    };
    let has_clip = matches!(
        kind,
        Kind::Mean { .. } | Kind::Ratio { .. } | Kind::Focus { .. }
    );
    let kind = match (kind, clips.remove(&draft.name)) {
        (_, None) if !has_clip => kind,
        (_, Some(field)) => clipped(kind, &field, shape)?,
        (_, None) => {
            draft.field.refuse(
                format!("the clip of `{}` is missing", draft.name),
                format!(
                    "expected `clip = {{ {} = [0, …] }}` in the measure",
                    draft.name
                ),
            );
            return None;
        }
    };
    Some(Statistic {
        name: draft.name,
        kind,
        only: draft.only,
        of_other: draft.of_other,
        tolerated_error: match kind {
            Kind::Mean { clip, .. } => TOLERATED * (clip.1 - clip.0),
            Kind::EffectSize => TOLERATED_EFFECT,
            Kind::Lift => TOLERATED_LIFT,
            _ => TOLERATED,
        },
    })
}

/// A kind with another clip.
fn clipped(kind: Kind, field: &Field<'_>, shape: Shape) -> Option<Kind> {
    let in_steps = |of: Quantity| {
        let clip = bounds(field)?;
        let whole = is_whole(of, clip.0) && is_whole(of, clip.1);
        if !whole {
            field.refuse(
                format!("`{}` is finer than {} are counted", field.name(), of.unit()),
                "expected whole sessions, or at most two decimals of minutes and cost",
            );
        }
        whole.then_some(clip)
    };
    let from_zero = |clip: (f64, f64)| {
        if clip.0 > 0.0 {
            field.refuse(
                format!("`{}` does not begin at 0", field.name()),
                "expected [0, …]: somebody without such sessions has 0",
            );
        }
        (clip.0 <= 0.0).then_some(clip)
    };
    match kind {
        Kind::Mean { of, .. } if shape.keyed => {
            from_zero(in_steps(of)?).map(|clip| Kind::Mean { of, clip })
        }
        Kind::Mean { of, .. } => in_steps(of).map(|clip| Kind::Mean { of, clip }),
        Kind::Ratio { of, per, .. } => {
            let clip = from_zero(in_steps(per)?)?.1;
            Some(Kind::Ratio { of, per, clip })
        }
        Kind::Focus { .. } => {
            let clip = from_zero(in_steps(Quantity::Minutes)?)?.1;
            Some(Kind::Focus { clip })
        }
        _ => {
            refuse_clip(field, shape.cohort);
            None
        }
    }
}

/// `0.025`, for statistics that are shares; or by statistic, in its unit.
fn tolerated(field: &Field<'_>, names: &[String], statistics: &mut [Statistic]) -> Option<()> {
    let expected =
        "expected a number above 0: of means of sessions in their unit, else a share, at most 1";
    let set = |field: &Field<'_>, statistic: &mut Statistic| {
        let most = match statistic.kind {
            Kind::Mean { clip, .. } => clip.1 - clip.0,
            Kind::EffectSize | Kind::Lift => 10.0,
            _ => 1.0,
        };
        let error = field.number(expected, |error| error > 0.0 && error <= most)?;
        statistic.tolerated_error = error;
        Some(())
    };
    if !matches!(field.value(), Value::Table(_)) {
        if statistics
            .iter()
            .any(|one| matches!(one.kind, Kind::Mean { .. }))
        {
            field.refuse(
                format!(
                    "`{}` is one number, and the statistics have several units",
                    field.name()
                ),
                "expected a table, by statistic",
            );
            return None;
        }
        return statistics.iter_mut().try_for_each(|one| set(field, one));
    }
    for (name, field) in by_name(field, names)? {
        let statistic = statistics.iter_mut().find(|one| one.name == name)?;
        set(&field, statistic)?;
    }
    Some(())
}
