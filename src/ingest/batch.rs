//! Columns of some rows, whatever format they came from.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{
    Array, ArrowPrimitiveType, Float64Array, Int64Array, PrimitiveArray, StringArray,
    StringViewArray,
};

use super::report::{Fault, Reason, Reject};
use crate::config::{Mapping, Source, Unpivot};

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
    /// Whether few texts are to be expected, each in many rows.
    pub(super) repeats: bool,
}

impl<'a> Declared<'a> {
    /// A column that every file must have.
    pub(super) const fn required(name: &'a str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            required: true,
            repeats: false,
        }
    }

    /// A column that files may lack.
    pub(super) const fn optional(name: &'a str, kind: Kind) -> Self {
        Self {
            required: false,
            ..Self::required(name, kind)
        }
    }

    /// The same, of few texts in many rows.
    pub(super) const fn repeats(self) -> Self {
        Self {
            repeats: true,
            ..self
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
    /// See [`Declared::repeats`].
    pub(super) repeats: bool,
    /// Its name in the file, and how it is read.
    pub(super) mapping: Mapping,
    /// Stands in for missing cells.
    pub(super) default: Option<String>,
    pub(super) role: Role,
}

/// What a column is where rows are made of wide ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// One of the file, the same for all rows that are made of one.
    Own,
    /// Says what the row's wide column stands for; no column of the file.
    Into,
    /// The cell of the row's wide column; no column of the file.
    Cells,
    /// A wide column, and what it stands for.
    Wide(String),
}

/// Joins our columns with the source's mapping. A default makes a column
/// optional; naming an optional one in `columns` makes it required. The columns
/// that are taken apart follow.
pub(super) fn fields(declared: &[Declared<'_>], source: &Source) -> Vec<Field> {
    let wide = source.unpivot.as_ref();
    let wide = wide.map_or([].as_slice(), |unpivot| &unpivot.columns);
    let one = |column: &Declared<'_>| {
        let mapping = source.columns.get(column.name);
        let default = source
            .defaults
            .get(column.name)
            .filter(|text| !text.is_empty())
            .cloned();
        let required = (column.required || mapping.is_some()) && default.is_none();
        let role = match &source.unpivot {
            Some(unpivot) if unpivot.into == column.name => Role::Into,
            Some(_) if column.name == Unpivot::CELLS => Role::Cells,
            _ => Role::Own,
        };
        let wide = wide.first().filter(|_| role == Role::Cells);
        let mapping = mapping.or(wide.map(|(mapping, _)| mapping));
        let mapping = mapping.cloned().unwrap_or_else(|| Mapping::of(column.name));
        let kind = match mapping.origin_date {
            Some(_) => Kind::Days,
            None => column.kind,
        };
        Field {
            name: column.name.to_owned(),
            kind,
            required: required && role == Role::Own,
            repeats: column.repeats,
            mapping,
            default,
            role,
        }
    };
    let wide_column = |(mapping, value): &(Mapping, String)| Field {
        name: mapping.from.clone(),
        kind: Kind::Number,
        required: true,
        repeats: false,
        mapping: mapping.clone(),
        default: None,
        role: Role::Wide(value.clone()),
    };
    let ours = declared.iter().map(one);
    ours.chain(wide.iter().map(wide_column)).collect()
}

/// Some rows of a file.
#[derive(Debug)]
pub(super) struct Batch {
    /// Data row of the first, from 1.
    first_row: u64,
    pub(super) rows: usize,
    /// Rows of the file that are none, ascending, and why; their cells are
    /// missing.
    pub(super) broken: Vec<(usize, Reason)>,
    /// By index of the fields.
    pub(super) columns: Vec<Column>,
    /// Of rows that are made of wide ones: which of the file's each is made of,
    /// and the index of its wide column; none: the row is broken.
    made: Option<Vec<(u32, Option<u16>)>>,
}

impl Batch {
    /// Rows of a file from `first_row` on.
    pub(super) fn new(first_row: u64, columns: Vec<Column>) -> Self {
        Self {
            first_row,
            rows: 0,
            broken: Vec::new(),
            columns,
            made: None,
        }
    }

    /// Makes rows of wide ones, where columns are to be taken apart: one of
    /// every cell that is there.
    pub(super) fn unpivot(&mut self, fields: &[Field]) {
        let is_wide = |at: &usize| matches!(fields[*at].role, Role::Wide(_));
        let wide: Vec<usize> = (0..fields.len()).filter(is_wide).collect();
        if wide.is_empty() {
            return;
        }
        let mut made = Vec::new();
        for row in 0..self.rows {
            if self.whole(row).is_err() {
                made.push((row as u32, None));
                continue;
            }
            let there = |at: &&usize| !matches!(self.cell(fields, **at, row), Cell::Missing);
            let cells = wide.iter().filter(there);
            made.extend(cells.map(|at| (row as u32, Some(*at as u16))));
        }
        self.rows = made.len();
        self.made = Some(made);
    }

    /// The file's row that a row is or is made of, and the index of its wide
    /// column.
    fn origin(&self, row: usize) -> (usize, Option<usize>) {
        let Some(made) = &self.made else {
            return (row, None);
        };
        let (row, wide) = made[row];
        (row as usize, wide.map(usize::from))
    }

    /// The row's number in its file: data rows, from 1.
    pub(super) fn number(&self, row: usize) -> u64 {
        self.first_row + self.origin(row).0 as u64
    }

    /// A row that is quarantined: where it is, and what is wrong with it.
    pub(super) fn reject(&self, fields: &[Field], file: usize, row: usize, fault: Fault) -> Reject {
        let at = fault.field.map(usize::from);
        let own = at.is_none_or(|at| fields[at].role == Role::Own);
        let wide = self.origin(row).1.filter(|_| !own);
        Reject {
            file: file as u32,
            row: self.number(row),
            fault: wide.map_or(fault, |wide| Fault::at(wide, fault.reason)),
        }
    }

    /// The row's cell, as the file has it but for the mapped texts.
    pub(super) fn cell<'a>(&'a self, fields: &'a [Field], at: usize, row: usize) -> Cell<'a> {
        let (row, wide) = self.origin(row);
        let wide = wide.map(|wide| (wide, &fields[wide].role));
        let at = match (&fields[at].role, wide) {
            (Role::Into, Some((_, Role::Wide(value)))) => return Cell::Text(value),
            (Role::Cells, Some((wide, _))) => wide,
            _ => at,
        };
        let field = &fields[at];
        match self.columns[at].cell(row) {
            Cell::Text(text) if field.kind != Kind::List => match field.mapped(text) {
                "" => Cell::Missing,
                text => Cell::Text(text),
            },
            cell => cell,
        }
    }

    /// The column that a cell is of, where it says what the file does.
    #[inline]
    fn plain(&self, fields: &[Field], at: usize) -> Option<&Column> {
        let plain = self.made.is_none() && fields[at].mapping.map.is_empty();
        plain.then(|| &self.columns[at])
    }

    /// What most cells say, without the way round by [`cell`](Self::cell), which
    /// takes as long as all else: the text, if the cell plainly is one.
    #[inline]
    pub(super) fn text(&self, fields: &[Field], at: usize, row: usize) -> Option<&str> {
        match self.plain(fields, at)? {
            Column::Texts(texts) => texts.get(row),
            Column::Coded(coded) => coded.texts.get(coded.codes[row] as usize),
            _ => None,
        }
    }

    /// The same of a moment.
    #[inline]
    pub(super) fn moment(&self, fields: &[Field], at: usize, row: usize) -> Option<i64> {
        match self.plain(fields, at)? {
            Column::Moments(moments) => of(moments, row),
            _ => None,
        }
    }

    /// The same of a number.
    #[inline]
    pub(super) fn numeral(&self, fields: &[Field], at: usize, row: usize) -> Option<f64> {
        match self.plain(fields, at)? {
            Column::Numbers(numbers) => of(numbers, row),
            _ => None,
        }
    }

    /// The number of the cell's text among those of its column, where texts are
    /// numbered: equal numbers, equal cells. A text may have several.
    pub(super) fn code(&self, at: usize, row: usize) -> Option<usize> {
        match (&self.columns[at], &self.made) {
            (Column::Coded(coded), None) => Some(coded.codes[row] as usize),
            _ => None,
        }
    }

    /// Whether the file has a column for a field.
    pub(super) fn has(&self, at: usize) -> bool {
        self.made.is_some() || !matches!(self.columns[at], Column::Absent)
    }

    /// The texts that numbers of a column stand for, if they are numbered.
    pub(super) fn texts(&self, at: usize) -> Option<&Texts> {
        match &self.columns[at] {
            Column::Coded(coded) => Some(&coded.texts),
            _ => None,
        }
    }

    /// Whether the row could be taken apart.
    pub(super) fn whole(&self, row: usize) -> Result<(), Fault> {
        let (row, _) = self.origin(row);
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
    /// Whether it is the file's column of this name.
    pub(super) fn is_called(&self, name: &str) -> bool {
        !matches!(self.role, Role::Into | Role::Cells) && self.mapping.from == name
    }

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
    Coded(Coded),
    /// Microseconds since 1970-01-01, UTC.
    Moments(Int64Array),
    Numbers(Float64Array),
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
        match self {
            Self::Absent => Cell::Missing,
            Self::Texts(texts) => texts.get(row).map_or(Cell::Missing, Cell::Text),
            Self::Coded(Coded { codes, texts }) => texts
                .get(codes[row] as usize)
                .map_or(Cell::Missing, Cell::Text),
            Self::Moments(moments) => of(moments, row).map_or(Cell::Missing, Cell::Moment),
            Self::Numbers(numbers) => of(numbers, row).map_or(Cell::Missing, Cell::Number),
            Self::Lists(lists) if lists.items(row).next().is_none() => Cell::Missing,
            Self::Lists(lists) => Cell::List(lists, row),
            Self::Values(values) => values[row].cell(),
        }
    }
}

fn of<T: ArrowPrimitiveType>(array: &PrimitiveArray<T>, row: usize) -> Option<T::Native> {
    array.is_valid(row).then(|| array.value(row))
}

impl Value {
    fn cell(&self) -> Cell<'_> {
        match self {
            Self::Missing => Cell::Missing,
            Self::Text(text) if text.is_empty() => Cell::Missing,
            Self::Text(text) => Cell::Text(text),
            Self::Number(number) => Cell::Number(*number),
            Self::Texts(texts) if texts.is_empty() => Cell::Missing,
            Self::Texts(texts) => Cell::Items(texts),
            Self::Odd => Cell::Odd,
        }
    }
}

/// Texts; an empty one is a missing one.
#[derive(Clone, Debug)]
pub(super) enum Texts {
    /// End to end.
    Plain(StringArray),
    /// Wherever they lie in the file's pages.
    Views(StringViewArray),
    /// Wherever they lie in a block of the file.
    Spans(Arc<Spans>),
}

/// Parts of a text.
pub(super) struct Spans {
    pub(super) text: Arc<String>,
    pub(super) spans: Vec<Span>,
}

/// Says nothing of what they hold.
impl std::fmt::Debug for Spans {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Spans(..)")
    }
}

/// Where a part begins and ends, in bytes.
pub(super) type Span = (u32, u32);

impl Spans {
    fn get(&self, index: usize) -> &str {
        let (start, end) = self.spans[index];
        &self.text[start as usize..end as usize]
    }
}

impl Texts {
    fn get(&self, index: usize) -> Option<&str> {
        let (text, valid) = match self {
            Self::Plain(texts) => (texts.value(index), texts.is_valid(index)),
            Self::Views(texts) => (texts.value(index), texts.is_valid(index)),
            Self::Spans(texts) => (texts.get(index), true),
        };
        Some(text).filter(|text| valid && !text.is_empty())
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Plain(texts) => texts.len(),
            Self::Views(texts) => texts.len(),
            Self::Spans(texts) => texts.spans.len(),
        }
    }

    /// Whether they are the same memory: then they are the same texts.
    pub(super) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Plain(a), Self::Plain(b)) => {
                a.values().ptr_eq(b.values()) && a.offsets().ptr_eq(b.offsets())
            }
            (Self::Spans(a), Self::Spans(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

/// Numbers of texts that repeat.
#[derive(Debug)]
pub(super) struct Coded {
    /// By row.
    pub(super) codes: Vec<u32>,
    pub(super) texts: Texts,
}

/// Lists of texts; an empty list is a missing one, and empty texts are left out.
#[derive(Debug)]
pub(super) struct Lists {
    items: Texts,
    /// By row: its first item, and where they end.
    spans: Vec<(u32, u32)>,
}

impl Lists {
    /// `spans` lie within the items.
    pub(super) fn new(items: StringArray, spans: Vec<(u32, u32)>) -> Self {
        Self {
            items: Texts::Plain(items),
            spans,
        }
    }

    /// The texts of one list.
    pub(super) fn items(&self, index: usize) -> impl Iterator<Item = &str> {
        let (start, end) = self.spans[index];
        (start..end).filter_map(|item| self.items.get(item as usize))
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

    /// All lists in the order of their numbers.
    pub(super) fn lists(&self) -> impl Iterator<Item = &[T]> {
        (0..self.ends.len() as u32).map(|number| self.list(number))
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
