//! A TOML document as a tree that remembers where everything was written, and
//! that can be merged from several files.

use toml::de::{DeTable, DeValue};

use super::source::{Place, Report};

/// A value and where it is written.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) value: Value,
}

/// A TOML value.
#[derive(Debug)]
pub(super) enum Value {
    Text(String),
    /// Saturates at the ends of i128, far outside of any range asked for.
    Integer(i128),
    Float(f64),
    Boolean(bool),
    /// A TOML date or time, as written.
    Date(String),
    Array(Vec<Node>),
    Table(Vec<Entry>),
}

impl Value {
    /// What it is, for messages.
    pub(super) fn what(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Integer(_) => "a whole number",
            Self::Float(_) => "a number",
            Self::Boolean(_) => "true or false",
            Self::Date(_) => "a date",
            Self::Array(_) => "a list",
            Self::Table(_) => "a table",
        }
    }
}

/// A key with its value.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) key: String,
    /// Where the key is written.
    pub(super) place: Place,
    pub(super) node: Node,
}

/// The text of a parser's error about a key given twice: the tree is whole
/// but for the second, so reading can go on.
const TWICE: &str = "duplicate key";

/// Parses one file of the report, noting what is wrong; `None`: it is too
/// broken to be read on.
pub(super) fn parse(report: &Report, file: usize) -> Option<Vec<Entry>> {
    let text = report.files()[file].text.clone();
    let (table, errors) = DeTable::parse_recoverable(&text);
    for error in &errors {
        let span = error.span().unwrap_or(text.len()..text.len());
        let place = Place {
            file,
            start: span.start,
            end: span.end,
        };
        if error.message() == TWICE {
            let key = text.get(span.clone()).unwrap_or_default();
            report.refuse(place, format!("`{key}` is given twice"), "expected it once");
        } else {
            let expected = expected(&text, &span);
            report.refuse(
                place,
                "this is not TOML",
                expected.unwrap_or(error.message()),
            );
        }
    }
    let whole = errors.iter().all(|error| error.message() == TWICE);
    whole.then(|| entries(table.into_inner(), file))
}

/// What to write instead of what people write who don't know TOML: a decimal
/// comma, a text without quotes.
fn expected(text: &str, span: &std::ops::Range<usize>) -> Option<&'static str> {
    let (before, at) = (text.get(..span.start)?, text.get(span.start..)?);
    let digit = |one: Option<char>| one.is_some_and(|one| one.is_ascii_digit());
    if let Some(after) = at.strip_prefix(',') {
        let is_decimal = digit(before.chars().next_back()) && digit(after.chars().next());
        return is_decimal.then_some("expected a decimal point: 8.5, not 8,5");
    }
    let is_value = before.trim_end_matches([' ', '\t']).ends_with('=');
    let is_word = at.chars().next().is_some_and(char::is_alphabetic);
    (is_value && is_word).then_some("expected a number in digits, or a text in \"quotes\"")
}

fn entries(table: DeTable<'_>, file: usize) -> Vec<Entry> {
    let entry = |(key, value): (toml::Spanned<_>, toml::Spanned<DeValue<'_>>)| Entry {
        place: place(file, &key.span()),
        key: std::borrow::Cow::into_owned(key.into_inner()),
        node: node(value, file),
    };
    table.into_iter().map(entry).collect()
}

fn node(spanned: toml::Spanned<DeValue<'_>>, file: usize) -> Node {
    let place = place(file, &spanned.span());
    let value = match spanned.into_inner() {
        DeValue::String(text) => Value::Text(text.into_owned()),
        DeValue::Integer(integer) => {
            let digits = integer.as_str();
            let end = if digits.starts_with('-') {
                i128::MIN
            } else {
                i128::MAX
            };
            Value::Integer(i128::from_str_radix(digits, integer.radix()).unwrap_or(end))
        }
        DeValue::Float(float) => Value::Float(float.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(boolean) => Value::Boolean(boolean),
        DeValue::Datetime(date) => Value::Date(date.to_string()),
        DeValue::Array(items) => {
            Value::Array(items.into_iter().map(|item| node(item, file)).collect())
        }
        DeValue::Table(table) => Value::Table(entries(table, file)),
    };
    Node { place, value }
}

fn place(file: usize, span: &std::ops::Range<usize>) -> Place {
    Place {
        file,
        start: span.start,
        end: span.end,
    }
}
