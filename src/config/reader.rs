//! Reads typed values out of the tree, noting every problem where it is.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use super::names;
use super::source::{Place, Report};
use super::tree::{Entry, Node, Value};

/// A table that remembers which keys were asked for.
pub(super) struct Table<'a> {
    report: &'a Report,
    /// Dotted name, empty for the root.
    name: String,
    /// Where it is written; for a table that is absent, the one around it.
    place: Place,
    entries: &'a [Entry],
    known: Vec<&'static str>,
}

impl<'a> Table<'a> {
    /// The root of the first file's tree.
    pub(super) fn root(report: &'a Report, entries: &'a [Entry]) -> Self {
        Self::new(
            report,
            String::new(),
            Place {
                file: 0,
                start: 0,
                end: 0,
            },
            entries,
        )
    }

    fn new(report: &'a Report, name: String, place: Place, entries: &'a [Entry]) -> Self {
        Self {
            report,
            name,
            place,
            entries,
            known: Vec::new(),
        }
    }

    /// Whether a key is there.
    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|entry| entry.key == key)
    }

    /// Folder of the file that the table is written in.
    pub(super) fn base(&self) -> PathBuf {
        self.report.base(self.place)
    }

    /// Notes a problem of the table as a whole.
    pub(super) fn refuse(&self, message: impl Into<String>, expected: impl Into<String>) {
        self.report.refuse(self.place, message, expected);
    }

    /// The value of a key, if it is there.
    pub(super) fn get(&mut self, key: &'static str) -> Option<Field<'a>> {
        self.known.push(key);
        let entry = self.entries.iter().find(|entry| entry.key == key)?;
        Some(self.field(entry))
    }

    /// The value of a key that must be there.
    pub(super) fn require(&mut self, key: &'static str, expected: &str) -> Option<Field<'a>> {
        let field = self.get(key);
        if field.is_none() {
            self.refuse(format!("`{}` is missing", self.path(key)), expected);
        }
        field
    }

    /// A table within; absent, it is empty. `None`: it is no table.
    pub(super) fn section(&mut self, key: &'static str) -> Option<Table<'a>> {
        match self.get(key) {
            Some(field) => field.table("expected a table"),
            None => Some(Self::new(self.report, self.path(key), self.place, &[])),
        }
    }

    /// An array of tables; absent, it is empty.
    pub(super) fn sections(&mut self, key: &'static str) -> Vec<Table<'a>> {
        let expected = format!("expected tables, each headed `[[{key}]]`");
        let items = self
            .get(key)
            .and_then(|field| field.items(&expected))
            .unwrap_or_default();
        items
            .into_iter()
            .filter_map(|item| item.table(&expected))
            .collect()
    }

    /// All keys with their values, where the keys are the user's to choose.
    pub(super) fn fields(&self) -> Vec<(&'a str, Place, Field<'a>)> {
        let field = |entry: &'a Entry| (entry.key.as_str(), entry.place, self.field(entry));
        self.entries.iter().map(field).collect()
    }

    /// Refuses every key that was not asked for.
    pub(super) fn finish(self) {
        for entry in self.entries {
            let key = entry.key.as_str();
            if !self.known.contains(&key) {
                let message = format!("unknown key `{}`", self.path(key));
                let expected = names::expected(key, self.known.iter().copied());
                self.report.refuse(entry.place, message, expected);
            }
        }
    }

    fn path(&self, key: &str) -> String {
        if self.name.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.name)
        }
    }

    fn field(&self, entry: &'a Entry) -> Field<'a> {
        Field {
            report: self.report,
            name: self.path(&entry.key),
            node: &entry.node,
        }
    }
}

/// A value with its name.
pub(super) struct Field<'a> {
    report: &'a Report,
    name: String,
    node: &'a Node,
}

impl<'a> Field<'a> {
    /// A value outside of any table.
    pub(super) fn new(report: &'a Report, name: &str, node: &'a Node) -> Self {
        Self {
            report,
            name: name.to_owned(),
            node,
        }
    }

    /// Where the value is written.
    pub(super) fn place(&self) -> Place {
        self.node.place
    }

    /// Folder of the file that the value is written in.
    pub(super) fn base(&self) -> PathBuf {
        self.report.base(self.node.place)
    }

    /// Dotted name, for messages.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The value itself, where several types will do.
    pub(super) fn value(&self) -> &'a Value {
        &self.node.value
    }

    /// Notes a problem of this value.
    pub(super) fn refuse(&self, message: impl Into<String>, expected: impl Into<String>) {
        self.report.refuse(self.node.place, message, expected);
    }

    /// Notes a problem of this value's key, written at `place`.
    pub(super) fn refuse_at(&self, place: Place, message: String, expected: String) {
        self.report.refuse(place, message, expected);
    }

    /// Notes that the value is of another type than asked for.
    pub(super) fn refuse_type(&self, expected: &str) {
        self.refuse(
            format!("`{}` is {}", self.name, self.node.value.what()),
            expected,
        );
    }

    fn refuse_value(&self, value: impl std::fmt::Display, expected: &str) {
        self.refuse(format!("`{}` cannot be {value}", self.name), expected);
    }

    /// Any text.
    pub(super) fn text(&self, expected: &str) -> Option<&'a str> {
        match &self.node.value {
            Value::Text(text) => return Some(text),
            _ => self.refuse_type(expected),
        }
        None
    }

    /// One line of text that is not blank.
    pub(super) fn line(&self, expected: &str) -> Option<&'a str> {
        let text = self.text(expected)?;
        if text.trim().is_empty() {
            self.refuse(format!("`{}` is empty", self.name), expected);
        } else if text.chars().any(char::is_control) {
            let message = format!("`{}` holds a control character", self.name);
            self.refuse(message, "expected one line of plain text");
        } else {
            return Some(text);
        }
        None
    }

    /// A whole number within a range.
    pub(super) fn whole(&self, range: RangeInclusive<u32>) -> Option<u32> {
        let expected = format!(
            "expected a whole number from {} to {}",
            range.start(),
            range.end()
        );
        let Value::Integer(number) = self.node.value else {
            self.refuse_type(&expected);
            return None;
        };
        let fits = u32::try_from(number)
            .ok()
            .filter(|number| range.contains(number));
        if fits.is_none() {
            self.refuse_value(number, &expected);
        }
        fits
    }

    /// A finite number that `fits`.
    pub(super) fn number(&self, expected: &str, fits: impl Fn(f64) -> bool) -> Option<f64> {
        let number = match self.node.value {
            Value::Integer(number) => number as f64,
            Value::Float(number) => number,
            _ => {
                self.refuse_type(expected);
                return None;
            }
        };
        let fits = number.is_finite() && fits(number);
        if !fits {
            self.refuse_value(number, expected);
        }
        fits.then_some(number)
    }

    /// True or false.
    pub(super) fn boolean(&self) -> Option<bool> {
        match self.node.value {
            Value::Boolean(boolean) => return Some(boolean),
            _ => self.refuse_type("expected true or false"),
        }
        None
    }

    /// One of several names.
    pub(super) fn choice<T: Copy>(&self, options: &[(&str, T)]) -> Option<T> {
        let names = || options.iter().map(|(name, _)| *name);
        let text = self.text(&names::one_of(names()))?;
        let chosen = options
            .iter()
            .find(|(name, _)| *name == text)
            .map(|(_, value)| *value);
        if chosen.is_none() {
            self.refuse_value(format!("{text:?}"), &names::expected(text, names()));
        }
        chosen
    }

    /// The elements of a list.
    pub(super) fn items(&self, expected: &str) -> Option<Vec<Field<'a>>> {
        let Value::Array(nodes) = &self.node.value else {
            self.refuse_type(expected);
            return None;
        };
        let item = |(at, node)| Self {
            report: self.report,
            name: format!("{}[{}]", self.name, at + 1),
            node,
        };
        Some(nodes.iter().enumerate().map(item).collect())
    }

    /// The table that the value is.
    pub(super) fn table(&self, expected: &str) -> Option<Table<'a>> {
        let Value::Table(entries) = &self.node.value else {
            self.refuse_type(expected);
            return None;
        };
        Some(Table::new(
            self.report,
            self.name.clone(),
            self.node.place,
            entries,
        ))
    }
}
