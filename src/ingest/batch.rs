//! Columns of some rows, whatever format they came from.

use std::collections::BTreeMap;

use super::report::{Fault, Reason};
use crate::config::{Mapping, Source};

/// How the cells of a column are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Date,
    /// Whole days since a day.
    Days,
    Number,
    List,
}

/// A column of one of our tables.
#[derive(Clone, Copy, Debug)]
pub(super) struct Declared<'a> {
    pub(super) name: &'a str,
    pub(super) kind: Kind,
    /// Whether every file must have it.
    pub(super) required: bool,
}

impl<'a> Declared<'a> {
    /// A column that every file must have.
    pub(super) const fn required(name: &'a str, kind: Kind) -> Self {
        let required = true;
        Self {
            name,
            kind,
            required,
        }
    }

    /// A column that files may lack.
    pub(super) const fn optional(name: &'a str, kind: Kind) -> Self {
        let required = false;
        Self {
            name,
            kind,
            required,
        }
    }
}

/// A declared column, with what the configuration says about it.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) kind: Kind,
    /// Whether a file without it is refused.
    pub(super) required: bool,
    /// Its name in the file, and how it is read.
    pub(super) mapping: Mapping,
    /// Stands in for missing cells.
    pub(super) default: Option<String>,
}

/// Joins our columns with the source's mapping. A default makes a column
/// optional; naming an optional one in `columns` makes it required.
pub(super) fn fields(declared: &[Declared<'_>], source: &Source) -> Vec<Field> {
    let one = |column: &Declared<'_>| {
        let mapping = source.columns.get(column.name);
        let default = source
            .defaults
            .get(column.name)
            .filter(|text| !text.is_empty())
            .cloned();
        let required = (column.required || mapping.is_some()) && default.is_none();
        let mapping = mapping.cloned().unwrap_or_else(|| Mapping::of(column.name));
        let kind = match mapping.origin_date {
            Some(_) => Kind::Days,
            None => column.kind,
        };
        Field {
            name: column.name.to_owned(),
            kind,
            required,
            mapping,
            default,
        }
    };
    declared.iter().map(one).collect()
}

/// Some rows of a file.
#[derive(Debug)]
pub(super) struct Batch {
    /// Data row of the first, from 1.
    pub(super) first_row: u64,
    pub(super) rows: usize,
    /// Rows that are none, ascending, and why; their cells are missing.
    pub(super) broken: Vec<(usize, Reason)>,
    /// By index of the fields.
    pub(super) columns: Vec<Column>,
}

impl Batch {
    /// The row's cell, as the file has it but for the mapped texts.
    pub(super) fn cell<'a>(&'a self, field: &'a Field, at: usize, row: usize) -> Cell<'a> {
        match self.columns[at].cell(row) {
            Cell::Text(text) if field.kind != Kind::List => match field.mapped(text) {
                "" => Cell::Missing,
                text => Cell::Text(text),
            },
            cell => cell,
        }
    }

    /// Whether the row could be taken apart.
    pub(super) fn whole(&self, row: usize) -> Result<(), Fault> {
        match self.broken.binary_search_by_key(&row, |(row, _)| *row) {
            Ok(at) => Err(Fault {
                field: None,
                reason: self.broken[at].1,
            }),
            Err(_) => Ok(()),
        }
    }
}

impl Field {
    /// What a text stands for.
    pub(super) fn mapped<'a>(&'a self, text: &'a str) -> &'a str {
        self.mapping.map.get(text).map_or(text, String::as_str)
    }
}

/// The cells of one column.
#[derive(Debug)]
pub(super) enum Column {
    /// The file does not have it.
    Absent,
    Texts(Texts),
    /// Microseconds since 1970-01-01, UTC.
    Moments(Vec<Option<i64>>),
    Numbers(Vec<Option<f64>>),
    Lists(Lists),
    Values(Vec<Value>),
}

/// A value that says itself of what kind it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Value {
    #[default]
    Missing,
    Text(String),
    Number(f64),
    Texts(Vec<String>),
    /// What no column of ours can be.
    Odd,
}

/// One cell.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cell<'a> {
    Missing,
    Text(&'a str),
    Moment(i64),
    Number(f64),
    List(&'a Lists, usize),
    Items(&'a [String]),
    Odd,
}

impl Column {
    fn cell(&self, row: usize) -> Cell<'_> {
        let found = match self {
            Self::Absent => None,
            Self::Texts(texts) => Some(texts.get(row))
                .filter(|t| !t.is_empty())
                .map(Cell::Text),
            Self::Moments(moments) => moments[row].map(Cell::Moment),
            Self::Numbers(numbers) => numbers[row].map(Cell::Number),
            Self::Lists(lists) => {
                Some(Cell::List(lists, row)).filter(|_| lists.items(row).next().is_some())
            }
            Self::Values(values) => match &values[row] {
                Value::Text(text) if !text.is_empty() => Some(Cell::Text(text)),
                Value::Missing | Value::Text(_) => None,
                Value::Number(number) => Some(Cell::Number(*number)),
                Value::Texts(texts) => Some(Cell::Items(texts)).filter(|_| !texts.is_empty()),
                Value::Odd => Some(Cell::Odd),
            },
        };
        found.unwrap_or(Cell::Missing)
    }
}

/// Texts end to end; an empty text is a missing one.
#[derive(Debug, Default)]
pub(super) struct Texts {
    text: String,
    ends: Vec<usize>,
}

impl Texts {
    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(self.text.len());
    }

    fn get(&self, index: usize) -> &str {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.text[start..self.ends[index]]
    }
}

/// Lists of texts end to end; an empty list is a missing one.
#[derive(Debug, Default)]
pub(super) struct Lists {
    items: Texts,
    ends: Vec<usize>,
}

impl Lists {
    /// Adds a list; empty texts are left out.
    pub(super) fn push<'a>(&mut self, items: impl Iterator<Item = &'a str>) {
        for item in items.filter(|item| !item.is_empty()) {
            self.items.push(item);
        }
        self.ends.push(self.items.ends.len());
    }

    /// The texts of one list.
    pub(super) fn items(&self, index: usize) -> impl Iterator<Item = &str> {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        (start..self.ends[index]).map(|item| self.items.get(item))
    }
}

/// Distinct lists, numbered; 0 is the empty one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pool<T: Ord> {
    items: Vec<T>,
    ends: Vec<usize>,
    numbers: BTreeMap<Box<[T]>, u32>,
}

impl<T: Copy + Ord> Pool<T> {
    pub(super) fn new() -> Self {
        Self {
            items: Vec::new(),
            ends: vec![0],
            numbers: BTreeMap::from([(Box::default(), 0)]),
        }
    }

    /// The number of a list.
    pub(super) fn number(&mut self, list: &[T]) -> u32 {
        if let Some(number) = self.numbers.get(list) {
            return *number;
        }
        let number = self.ends.len() as u32;
        self.items.extend_from_slice(list);
        self.ends.push(self.items.len());
        self.numbers.insert(list.into(), number);
        number
    }

    /// The list of a number.
    pub(super) fn list(&self, number: u32) -> &[T] {
        let number = number as usize;
        let start = if number == 0 {
            0
        } else {
            self.ends[number - 1]
        };
        &self.items[start..self.ends[number]]
    }
}
