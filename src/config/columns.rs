//! Our columns of each source, and how they are mapped and defaulted.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use lodestar_privacy::public::Label;

use super::reader::{Field, Table};
use super::tree::Value;
use super::{Framework, Mapping, names};

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
    Text,
    Date,
    /// A number, at least 0.
    Number,
    /// A declared value of a dimension.
    Declared(&'a [Label]),
    /// A list of declared competencies.
    Competencies,
    /// A list of themes.
    Themes,
    Mode,
    Trigger,
}

impl Holds<'_> {
    fn is_list(self) -> bool {
        matches!(self, Self::Competencies | Self::Themes)
    }
}

/// What separates the elements of a list where nothing else is said.
const SEPARATOR: char = ';';

/// Reads `columns` and `defaults` of a source.
pub(super) fn read(
    source: &mut Table<'_>,
    columns: &[Column<'_>],
    framework: &Framework,
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
        match wrong(column.holds, &text, mapping, framework) {
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
        let from = field.line(expected)?.to_owned();
        return Some(Mapping {
            from,
            format: None,
            separator: None,
        });
    }
    let mut table = field.table(expected)?;
    let from = table
        .require("from", expected)
        .and_then(|from| from.line(expected));
    let format = table
        .get("format")
        .and_then(|field| format(column.holds, &field));
    let separator = table
        .get("separator")
        .and_then(|field| separator(column.holds, &field));
    table.not_yet(&["map", "scale", "hash", "origin_date", "unpivot"]);
    table.finish();
    Some(Mapping {
        from: from?.to_owned(),
        format,
        separator,
    })
}

/// A strftime format that a whole date can be read with.
fn format(holds: Holds<'_>, field: &Field<'_>) -> Option<String> {
    let expected = "expected a strftime format of a whole date, such as \"%d/%m/%Y\"";
    let format = field.line(expected)?;
    if holds != Holds::Date {
        field.refuse(format!("`{}` is for dates", field.name()), "take it out");
    } else if !SAMPLES.iter().all(|&sample| reads_back(format, sample)) {
        field.refuse(format!("`{}` cannot be {format:?}", field.name()), expected);
    } else {
        return Some(format.to_owned());
    }
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
fn separator(holds: Holds<'_>, field: &Field<'_>) -> Option<char> {
    let expected = "expected one character, such as \"|\"";
    let text = field.text(expected)?;
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        _ if !holds.is_list() => {
            field.refuse(format!("`{}` is for lists", field.name()), "take it out");
        }
        (Some(separator), None) => return Some(separator),
        _ => field.refuse(format!("`{}` cannot be {text:?}", field.name()), expected),
    }
    None
}

/// A default as text. Numbers and dates may be written as TOML has them.
fn default(column: &Column<'_>, field: &Field<'_>) -> Option<String> {
    if column.holds == Holds::Key {
        let message = format!("`{}` has no default", field.name());
        field.refuse(
            message,
            "take it out: several people or rows would be taken for one",
        );
        return None;
    }
    match (field.value(), column.holds) {
        (Value::Integer(number), Holds::Number) => Some(number.to_string()),
        (Value::Float(number), Holds::Number) => Some(number.to_string()),
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
fn wrong(
    holds: Holds<'_>,
    text: &str,
    mapping: Option<&Mapping>,
    framework: &Framework,
) -> Option<String> {
    let one_of = |text: &str, options: &[&str]| {
        let known = options.contains(&text);
        (!known).then(|| names::expected(text, options.iter().copied()))
    };
    match holds {
        Holds::Key | Holds::Text | Holds::Themes => None,
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
            let number = text.parse::<f64>().ok();
            let fits = number.is_some_and(|number| number.is_finite() && number >= 0.0);
            (!fits).then(|| "expected a number, at least 0".to_owned())
        }
        Holds::Declared(values) => {
            let ids: Vec<&str> = values.iter().map(|label| label.id.as_str()).collect();
            one_of(text, &ids)
        }
        Holds::Competencies => {
            let ids: Vec<&str> = framework
                .competencies
                .iter()
                .map(|label| label.id.as_str())
                .collect();
            let separator = mapping
                .and_then(|mapping| mapping.separator)
                .unwrap_or(SEPARATOR);
            text.split(separator).find_map(|id| one_of(id.trim(), &ids))
        }
        Holds::Mode => one_of(text, &["coaching", "mentoring"]),
        Holds::Trigger => one_of(text, &["proactive", "reactive"]),
    }
}
