//! Our columns of each source, and how they are mapped and defaulted.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use lodestar_privacy::public::Label;

use super::project::SEPARATOR;
use super::reader::{Field, Table};
use super::sources::Declared;
use super::tree::Value;
use super::{Mapping, RaterGroup, Wave, names};

/// How a session may have been led, as files say it.
pub(crate) const MODES: [&str; 2] = ["coaching", "mentoring"];
/// What may have brought a session about, as files say it.
pub(crate) const TRIGGERS: [&str; 2] = ["proactive", "reactive"];
/// The arms of programmes, as files say them.
pub(crate) const ARMS: [&str; 3] = ["pilot", "rollout", "comparison"];

/// A column of an input table.
#[derive(Clone, Copy)]
pub(super) struct Column<'a> {
    pub(super) name: &'a str,
    pub(super) holds: Holds<'a>,
}

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds<'a> {
    /// An id that tells rows or people apart: it has no default, or several
    /// would be taken for one.
    Key,
    /// A pseudonym is made of it, and it is not kept. It has no default either.
    PrivateKey,
    /// The same, of somebody who may be unknown.
    PrivateId,
    Text,
    Date,
    /// A number, at least 0.
    Number,
    /// A number that may be below 0.
    Signed,
    /// A declared value of a dimension.
    Declared(&'a [Label]),
    /// A list of declared competencies.
    Competencies,
    /// A list of themes.
    Themes,
    /// A declared competency.
    Competency,
    /// A declared instrument.
    Instrument,
    /// An item of an instrument.
    Item,
    Wave,
    RaterGroup,
    /// A declared metric.
    Metric,
    Mode,
    Trigger,
    Arm,
}

impl Holds<'_> {
    fn is_list(self) -> bool {
        matches!(self, Self::Competencies | Self::Themes)
    }

    fn is_number(self) -> bool {
        matches!(self, Self::Number | Self::Signed)
    }

    fn is_key(self) -> bool {
        matches!(self, Self::Key | Self::PrivateKey)
    }

    fn is_private(self) -> bool {
        matches!(self, Self::PrivateKey | Self::PrivateId)
    }
}

/// Reads `columns` and `defaults` of a source.
pub(super) fn read(
    source: &mut Table<'_>,
    columns: &[Column<'_>],
    declared: &Declared<'_>,
) -> (BTreeMap<String, Mapping>, BTreeMap<String, String>) {
    let mut mappings = BTreeMap::new();
    for (column, field) in known(source.get("columns"), columns) {
        if let Some(mapping) = mapping(column, &field) {
            mappings.insert(column.name.to_owned(), mapping);
        }
    }
    let mut defaults = BTreeMap::new();
    for (column, field) in known(source.get("defaults"), columns) {
        let Some(text) = default(column, &field) else {
            continue;
        };
        let mapping = mappings.get(column.name);
        match wrong(column.holds, &text, mapping, declared) {
            Some(expected) => {
                field.refuse(format!("`{}` cannot be {text:?}", field.name()), expected);
            }
            None => {
                defaults.insert(column.name.to_owned(), text);
            }
        }
    }
    (mappings, defaults)
}

/// The fields of a table by column, those of no column refused.
fn known<'a, 'b>(
    table: Option<Field<'a>>,
    columns: &'b [Column<'b>],
) -> Vec<(&'b Column<'b>, Field<'a>)> {
    let Some(table) = table else {
        return Vec::new();
    };
    let Some(fields) = table
        .table("expected a table, by column")
        .map(|table| table.fields())
    else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (key, place, field) in fields {
        if let Some(column) = columns.iter().find(|column| column.name == key) {
            found.push((column, field));
        } else {
            let expected = names::expected(key, columns.iter().map(|column| column.name));
            field.refuse_at(
                place,
                format!("unknown column `{}`", field.name()),
                expected,
            );
        }
    }
    found
}

/// `"client"` or `{ from = "client", … }`.
fn mapping(column: &Column<'_>, field: &Field<'_>) -> Option<Mapping> {
    let expected = "expected a column of the file, or { from = … }";
    if matches!(field.value(), Value::Text(_)) {
        return Some(Mapping::of(field.line(expected)?));
    }
    let mut table = field.table(expected)?;
    let from = table
        .require("from", expected)
        .and_then(|from| from.line(expected));
    let mut mapping = Mapping::of(from.unwrap_or_default());
    reading(&mut table, column.holds, &mut mapping);
    table.finish();
    from.map(|_| mapping)
}

/// How the cells of a column are read.
pub(super) fn reading(table: &mut Table<'_>, holds: Holds<'_>, mapping: &mut Mapping) {
    mapping.format = fitting(table, "format", "dates", holds == Holds::Date, format);
    let origin = |field: &Field<'_>| origin_date(field, mapping.format.is_some());
    mapping.origin_date = fitting(table, "origin_date", "dates", holds == Holds::Date, origin);
    let list = holds.is_list();
    if let Some(separator) = fitting(table, "separator", "lists", list, separator) {
        mapping.separator = separator;
    }
    if let Some(scale) = fitting(table, "scale", "numbers", holds.is_number(), scale) {
        mapping.scale = scale;
    }
    let id = holds.is_private();
    if let Some(hash) = fitting(table, "hash", "ids of people", id, Field::boolean) {
        mapping.hash = hash;
    }
    if let Some(texts) = table.get("map").and_then(|field| map(&field)) {
        mapping.map = texts;
    }
}

/// What a key of a mapping says, if it is there and its column is of the kind
/// that the key is for.
fn fitting<'a, T>(
    table: &mut Table<'a>,
    key: &'static str,
    kind: &str,
    fits: bool,
    read: impl FnOnce(&Field<'a>) -> Option<T>,
) -> Option<T> {
    let field = table.get(key)?;
    if fits {
        return read(&field);
    }
    field.refuse(format!("`{}` is for {kind}", field.name()), "take it out");
    None
}

/// Text → text.
fn map(field: &Field<'_>) -> Option<BTreeMap<String, String>> {
    let expected = "expected a table, text by text";
    let mut map = BTreeMap::new();
    for (from, _, to) in field.table(expected)?.fields() {
        map.insert(from.to_owned(), to.text("expected text")?.to_owned());
    }
    Some(map)
}

fn scale(field: &Field<'_>) -> Option<f64> {
    field.number("expected a number above 0, at most 1e9", |scale| {
        scale > 0.0 && scale <= 1e9
    })
}

/// The day that days are counted from.
fn origin_date(field: &Field<'_>, has_format: bool) -> Option<Date> {
    let expected = "expected a date, such as 2013-10-01";
    let text = match field.value() {
        Value::Date(text) => text,
        _ => field.line(expected)?,
    };
    let date = text.parse::<Date>().ok();
    match date.filter(|date| date.to_string() == text) {
        None => field.refuse(format!("`{}` cannot be {text:?}", field.name()), expected),
        Some(_) if has_format => {
            let message = format!("`{}` is given beside `format`", field.name());
            field.refuse(message, "expected one of them: days have no format");
        }
        date => return date,
    }
    None
}

/// A strftime format that a whole date can be read with.
fn format(field: &Field<'_>) -> Option<String> {
    let expected = "expected a strftime format of a whole date, such as \"%d/%m/%Y\"";
    let format = field.line(expected)?;
    if SAMPLES.iter().all(|&sample| reads_back(format, sample)) {
        return Some(format.to_owned());
    }
    field.refuse(format!("`{}` cannot be {format:?}", field.name()), expected);
    None
}

/// Days on which every part of a date differs.
const SAMPLES: [Date; 2] = [Date::constant(2024, 11, 23), Date::constant(1999, 2, 3)];

/// Whether a date that is written in a format can be read again.
fn reads_back(format: &str, date: Date) -> bool {
    let Ok(noon) = date.at(13, 45, 56, 0).to_zoned(TimeZone::UTC) else {
        return false;
    };
    strtime::format(format, &noon).is_ok_and(|text| formatted(format, &text) == Some(date))
}

/// The UTC date that a text says in a format.
fn formatted(format: &str, text: &str) -> Option<Date> {
    let parts = strtime::parse(format, text).ok()?;
    let moment = parts
        .to_timestamp()
        .map(|moment| moment.to_zoned(TimeZone::UTC).date());
    moment.or_else(|_| parts.to_date()).ok()
}

/// The one character between the elements of a list.
fn separator(field: &Field<'_>) -> Option<char> {
    let expected = "expected one character, such as \"|\"";
    let text = field.text(expected)?;
    let mut chars = text.chars();
    if let (Some(separator), None) = (chars.next(), chars.next()) {
        return Some(separator);
    }
    field.refuse(format!("`{}` cannot be {text:?}", field.name()), expected);
    None
}

/// A default as text. Numbers and dates may be written as TOML has them.
fn default(column: &Column<'_>, field: &Field<'_>) -> Option<String> {
    if column.holds.is_key() {
        let message = format!("`{}` has no default", field.name());
        field.refuse(
            message,
            "take it out: several people or rows would be taken for one",
        );
        return None;
    }
    match (field.value(), column.holds) {
        (Value::Integer(number), holds) if holds.is_number() => Some(number.to_string()),
        (Value::Float(number), holds) if holds.is_number() => Some(number.to_string()),
        (Value::Date(date), Holds::Date) => Some(date.clone()),
        _ => Some(
            field
                .line("expected text that stands in for a missing value")?
                .to_owned(),
        ),
    }
}

/// What was expected where a default is no value of its column. A default is
/// read as if it stood in the file: dates in the column's format.
pub(super) fn wrong(
    holds: Holds<'_>,
    text: &str,
    mapping: Option<&Mapping>,
    declared: &Declared<'_>,
) -> Option<String> {
    let one_of = |text: &str, options: &[&str]| {
        let known = options.contains(&text);
        (!known).then(|| names::expected(text, options.iter().copied()))
    };
    let number = text.parse::<f64>().ok();
    let number = number.filter(|number| number.is_finite());
    match holds {
        Holds::Key | Holds::PrivateKey | Holds::PrivateId | Holds::Text | Holds::Themes => None,
        Holds::Date => {
            let format = mapping.and_then(|mapping| mapping.format.as_deref());
            let read = match format {
                None => text
                    .parse::<Date>()
                    .is_ok_and(|date| date.to_string() == text),
                Some(format) => formatted(format, text).is_some(),
            };
            let format = format.unwrap_or("%Y-%m-%d");
            (!read).then(|| format!("expected a date, written as {format}"))
        }
        Holds::Number => {
            let fits = number.is_some_and(|number| number >= 0.0);
            (!fits).then(|| "expected a number, at least 0".to_owned())
        }
        Holds::Signed => number
            .is_none()
            .then(|| "expected a finite number".to_owned()),
        Holds::Declared(values) => one_of(text, &ids(values)),
        Holds::Competencies => {
            let ids = ids(&declared.framework.competencies);
            let separator = mapping.map_or(SEPARATOR, |mapping| mapping.separator);
            text.split(separator).find_map(|id| one_of(id.trim(), &ids))
        }
        Holds::Competency => one_of(text, &ids(&declared.framework.competencies)),
        Holds::Instrument => one_of(
            text,
            &ids(declared.instruments.iter().map(|one| &one.label)),
        ),
        Holds::Item => one_of(
            text,
            &ids(declared.instruments.iter().flat_map(|one| &one.items)),
        ),
        Holds::Metric => one_of(text, &ids(declared.metrics.iter().map(|one| &one.label))),
        Holds::Wave => one_of(text, &Wave::ALL.map(Wave::name)),
        Holds::RaterGroup => one_of(text, &RaterGroup::ALL.map(RaterGroup::name)),
        Holds::Arm => one_of(text, &ARMS),
        Holds::Mode => one_of(text, &MODES),
        Holds::Trigger => one_of(text, &TRIGGERS),
    }
}

fn ids<'a>(labels: impl IntoIterator<Item = &'a Label>) -> Vec<&'a str> {
    labels.into_iter().map(|label| label.id.as_str()).collect()
}
