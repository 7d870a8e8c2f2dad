//! Statistics of what assessments and outcomes say of people.

use super::super::names;
use super::super::reader::{Field, Table};
use super::statistics::Shape;
use crate::measure::{Cohort, Condition, Kind, Value};

/// What a kind of statistic is of, if it says so with `of`.
enum Of {
    /// Nothing.
    Nothing(Kind),
    /// A number.
    Number(fn(Value) -> Kind),
    /// A flag; of rows with a key, nothing.
    Flag(fn(Condition) -> Kind),
    /// Minutes, which have a clip.
    Minutes,
}

/// The kinds that a cohort's statistics can be of.
fn kinds(cohort: Cohort) -> Vec<(&'static str, Of)> {
    if cohort == Cohort::Arms {
        return vec![("effect", Of::Nothing(Kind::Effect))];
    }
    let mut kinds = vec![
        ("mean", Of::Number(Kind::MeanOf)),
        ("share", Of::Flag(Kind::Share)),
        ("count", Of::Flag(Kind::Count)),
    ];
    let more = match cohort {
        Cohort::Paired => vec![
            ("change", Of::Nothing(Kind::Change)),
            ("effect_size", Of::Nothing(Kind::EffectSize)),
        ],
        Cohort::Assessed => vec![
            ("gap", Of::Nothing(Kind::Gap)),
            ("share_of_people", Of::Nothing(Kind::ShareOfPeople)),
            ("focus", Of::Minutes),
            ("tipping", Of::Nothing(Kind::Tipping)),
            ("pace", Of::Nothing(Kind::Pace)),
            ("reached_by", Of::Nothing(Kind::ReachedBy)),
        ],
        Cohort::Outcome | Cohort::Themed => {
            vec![("difference", Of::Number(Kind::Difference))]
        }
        _ => Vec::new(),
    };
    kinds.extend(more);
    let flags = cohort.values().iter().any(|value| value.is_flag());
    kinds.retain(|(_, of)| flags || !matches!(of, Of::Flag(_)));
    kinds
}

/// Reads what a statistic is; the clip of [`Kind::Focus`] is still to come.
pub(super) fn kind(table: &mut Table<'_>, shape: Shape) -> Option<(Kind, bool)> {
    let mut all = kinds(shape.cohort);
    if shape.keyed {
        all.retain(|(_, of)| matches!(of, Of::Flag(_)));
    }
    let options: Vec<(&str, usize)> = all.iter().map(|(name, _)| *name).zip(0..).collect();
    let expected = names::one_of(options.iter().map(|option| option.0));
    let kind = table.require("kind", &expected)?.choice(&options);
    let of_other = side(table, shape.cohort)?;
    let kind = match all.swap_remove(kind?).1 {
        Of::Nothing(kind) => kind,
        Of::Minutes => Kind::Focus { clip: 1.0 },
        Of::Flag(make) if shape.keyed => make(Condition::Row),
        Of::Flag(make) => make(Condition::Flag(value(table, shape.cohort, true)?)),
        Of::Number(make) => make(value(table, shape.cohort, false)?),
    };
    if of_other && !matches!(kind, Kind::MeanOf(_)) {
        table.refuse(
            "`side` is for means",
            "take it out: a difference is of both sides",
        );
        return None;
    }
    Some((kind, of_other))
}

/// Whether cohorts have a statistic of a kind, or of their other side.
pub(super) fn suits(kind: Kind, of_other: bool, shape: Shape) -> bool {
    let known = |value: Value| !shape.keyed && shape.cohort.values().contains(&value);
    let is_there = match kind {
        Kind::MeanOf(value)
        | Kind::Difference(value)
        | Kind::Count(Condition::Flag(value))
        | Kind::Share(Condition::Flag(value)) => known(value),
        Kind::Count(_) | Kind::Share(_) => shape.keyed,
        _ => !shape.keyed,
    };
    let named = kinds(shape.cohort)
        .iter()
        .any(|(name, _)| *name == kind.name());
    is_there && named && (!of_other || shape.cohort.other().is_some())
}

/// Whether it is of the cohorts beside those that have rows.
fn side(table: &mut Table<'_>, cohort: Cohort) -> Option<bool> {
    let Some(field) = table.get("side") else {
        return Some(false);
    };
    let Some(other) = cohort.other() else {
        field.refuse(
            format!("cohorts of `{}` have no other side", cohort.name()),
            "take it out",
        );
        return None;
    };
    field.choice(&[(other, true)])
}

fn value(table: &mut Table<'_>, cohort: Cohort, flag: bool) -> Option<Value> {
    let known = cohort
        .values()
        .iter()
        .filter(|value| value.is_flag() == flag);
    let options: Vec<(&str, Value)> = known.map(|value| (value.name(), *value)).collect();
    let expected = names::one_of(options.iter().map(|option| option.0));
    match (table.get("of"), options.as_slice()) {
        // Where there is but one, it goes without saying.
        (None, [(_, only)]) => Some(*only),
        (None, _) => {
            table.refuse("`of` is missing", expected);
            None
        }
        (Some(field), _) => field.choice(&options),
    }
}

/// Where the middle band begins and ends.
pub(super) fn bands(field: &Field<'_>) -> Option<(f64, f64)> {
    let expected = "expected two scores, the lower first: where the middle band begins and ends";
    let items = field.items(expected)?;
    let numbers = items
        .iter()
        .map(|item| item.number(expected, f64::is_finite));
    match numbers.collect::<Option<Vec<_>>>()?.as_slice() {
        [low, high] if low < high => Some((*low, *high)),
        _ => {
            field.refuse(format!("`{}` is no band", field.name()), expected);
            None
        }
    }
}
