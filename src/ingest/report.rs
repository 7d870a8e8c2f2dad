//! What became of the rows: counts, reasons, tolerance.

use std::collections::BTreeMap;
use std::fmt;

use super::batch::Field;
use super::error::{IngestError, numbered};
use super::paths::InputFile;
use super::remedy::remedy;
use crate::config::{Project, Source};

/// Why a row is quarantined. The codes are stable, and listed in
/// `docs/inputs.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// The record has more or fewer fields than the header.
    FieldCount,
    /// The line is no JSON object, or has two values of one name.
    Json,
    /// A required cell is empty.
    Missing,
    /// An id that is too long, or holds control characters.
    Id,
    /// Not a date, or not in the declared format.
    Date,
    /// Not a number.
    Number,
    /// The same, with a comma in it: told apart for people, and under one code.
    Comma,
    /// Outside of what is possible.
    Range,
    /// Not one of the fixed values.
    Value,
    /// Names what is not declared.
    Undeclared,
    /// People belong to units without child units.
    InnerUnit,
    /// Only the root has no parent.
    ParentMissing,
    /// The person has no people row in the period of the row's day.
    NoPerson,
}

impl Reason {
    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::FieldCount => "field_count",
            Self::Json => "json",
            Self::Missing => "missing",
            Self::Id => "id",
            Self::Date => "date",
            Self::Number | Self::Comma => "number",
            Self::Range => "range",
            Self::Value => "value",
            Self::Undeclared => "undeclared",
            Self::InnerUnit => "inner_unit",
            Self::ParentMissing => "parent_missing",
            Self::NoPerson => "no_person",
        }
    }

    /// What is wrong, and what to do, in short; [`remedy`] says more of some columns.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::FieldCount => "more or fewer fields than the header: are quotes missing?",
            Self::Json => "no JSON object, or a name twice",
            Self::Missing => "empty: fill it in, or say what stands in for it (`defaults`)",
            Self::Id => "longer than 256 bytes, or with control characters",
            Self::Date => "no date such as 2025-10-31; written otherwise, it needs a `format`",
            Self::Number => "no number such as 45.5",
            Self::Comma => {
                "a number with a comma: write a point, as in 45.5, and no thousands mark"
            }
            Self::Range => "outside of what is possible, or an end before its beginning",
            Self::Value => "none of the fixed values; other words for them need a `map`",
            Self::Undeclared => "not declared: declare it, or `map` it to what is",
            Self::InnerUnit => "a unit with child units: declare a child unit for its people",
            Self::ParentMissing => "a unit without a parent, which the root alone has not",
            Self::NoPerson => "nobody in people, in the period of the row's day",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// What is wrong with a row: the first fault, in the order of the columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// Index of the field; `None`: the row as a whole.
    pub(super) field: Option<u16>,
    pub(super) reason: Reason,
}

impl Fault {
    /// What is wrong with a cell, by index of the fields.
    pub(super) fn at(field: usize, reason: Reason) -> Self {
        Self {
            field: Some(field as u16),
            reason,
        }
    }
}

/// A quarantined row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reject {
    /// Index of the file.
    pub(super) file: u32,
    /// Data row in it, from 1.
    pub(super) row: u64,
    pub(super) fault: Fault,
}

/// Rows of a file or source; `read` = `accepted` + `duplicate` + `quarantined`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Rows in the file.
    pub read: u64,
    /// Rows that count.
    pub accepted: u64,
    /// Identical and superseded rows.
    pub duplicate: u64,
    /// Rows that break a rule.
    pub quarantined: u64,
}

/// What became of the rows of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileReport {
    /// Relative to the configuration's folder.
    pub path: String,
    /// How many rows.
    pub totals: Totals,
    /// (column, reason) → rows; they add up to `quarantined`.
    pub reasons: BTreeMap<(String, Reason), u64>,
}

/// What became of the rows of one source. Rows without a single fault of their
/// own are attributed to files in the order of the files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceReport {
    /// The name of its table, such as `sessions`.
    pub source: &'static str,
    /// File by file.
    pub files: Vec<FileReport>,
    pub(super) rejects: Vec<Reject>,
    /// Names of the fields.
    columns: Vec<String>,
}

impl SourceReport {
    /// Nothing read yet.
    pub(super) fn new(source: &Source, files: &[InputFile], fields: &[Field]) -> Self {
        let files = files.iter().map(|file| FileReport {
            path: file.shown.clone(),
            totals: Totals::default(),
            reasons: BTreeMap::new(),
        });
        Self {
            source: source.name,
            files: files.collect(),
            rejects: Vec::new(),
            columns: fields.iter().map(|field| field.name.clone()).collect(),
        }
    }

    /// The column that is at fault; empty: the row as a whole.
    pub(super) fn column(&self, fault: Fault) -> &str {
        fault.field.map_or("", |at| &self.columns[usize::from(at)])
    }

    /// Counts rows that were read, by file, and those that are quarantined.
    pub(super) fn add(&mut self, read: &[usize], rejects: Vec<Reject>) {
        for (file, rows) in self.files.iter_mut().zip(read) {
            file.totals.read += *rows as u64;
        }
        for Reject { file, fault, .. } in &rejects {
            let key = (self.column(*fault).to_owned(), fault.reason);
            let file = &mut self.files[*file as usize];
            file.totals.quarantined += 1;
            *file.reasons.entry(key).or_default() += 1;
        }
        self.rejects.extend(rejects);
    }

    /// Puts what is quarantined in the order of the files' rows, whoever read
    /// them.
    pub(super) fn sort(&mut self) {
        let place = |one: &Reject| (one.file, one.row, one.fault.field, one.fault.reason);
        self.rejects.sort_by_key(place);
    }

    /// Counts rows that were settled elsewhere, by file: accepted, and duplicates.
    pub(super) fn settled(&mut self, rows: &[(u64, u64)]) {
        for (file, (accepted, duplicate)) in self.files.iter_mut().zip(rows) {
            file.totals.accepted += accepted;
            file.totals.duplicate += duplicate;
        }
    }

    /// Counts sound rows: of those that are about the same, which stand side by
    /// side, the first is accepted, and the others are taken out as duplicates.
    pub(super) fn settle<T>(
        &mut self,
        rows: &mut Vec<T>,
        file: impl Fn(&T) -> u32,
        same: impl Fn(&T, &T) -> bool,
    ) {
        rows.dedup_by(|next, kept| {
            let duplicate = same(next, kept);
            if duplicate {
                self.files[file(next) as usize].totals.duplicate += 1;
            }
            duplicate
        });
        for row in rows {
            self.files[file(row) as usize].totals.accepted += 1;
        }
    }

    /// Over all files.
    pub fn totals(&self) -> Totals {
        self.files
            .iter()
            .fold(Totals::default(), |sum, file| Totals {
                read: sum.read + file.totals.read,
                accepted: sum.accepted + file.totals.accepted,
                duplicate: sum.duplicate + file.totals.duplicate,
                quarantined: sum.quarantined + file.totals.quarantined,
            })
    }

    /// Over all files: (column, reason) → rows.
    pub fn reasons(&self) -> BTreeMap<(String, Reason), u64> {
        let mut all = BTreeMap::new();
        for (key, count) in self.files.iter().flat_map(|file| &file.reasons) {
            *all.entry(key.clone()).or_default() += count;
        }
        all
    }

    /// Where the first row is that is quarantined for a reason: of all files, or of
    /// one. `in sessions.csv, row 7 after the header`.
    pub fn first(&self, column: &str, reason: Reason, file: Option<&str>) -> Option<String> {
        let path = |reject: &Reject| self.files[reject.file as usize].path.as_str();
        let mine = self.rejects.iter().filter(|reject| {
            reject.fault.reason == reason
                && self.column(reject.fault) == column
                && file.is_none_or(|file| path(reject) == file)
        });
        let first = mine.min_by_key(|reject| (reject.file, reject.row))?;
        let path = path(first);
        Some(format!("in {path}, {}", numbered(path, first.row)))
    }

    /// The source, or else its first file, of which a larger share than
    /// `tolerance` is quarantined.
    pub fn over_tolerance(&self, tolerance: f64) -> Option<Excess> {
        let over = |totals: Totals| share(totals) > tolerance;
        if over(self.totals()) {
            return Some(Excess {
                file: None,
                totals: self.totals(),
                reasons: self.reasons(),
            });
        }
        let file = self.files.iter().find(|file| over(file.totals))?;
        Some(Excess {
            file: Some(file.path.clone()),
            totals: file.totals,
            reasons: file.reasons.clone(),
        })
    }

    /// The refusal that the source's tolerance asks for, if any.
    pub(super) fn refusal(&self, project: &Project) -> Option<IngestError> {
        let mut sources = project.sources.all();
        let tolerance = sources.find(|source| source.name == self.source)?.tolerance;
        let excess = self.over_tolerance(tolerance)?;
        let mut reasons: Vec<_> = excess.reasons.iter().collect();
        reasons.sort_by_key(|(key, count)| (std::cmp::Reverse(**count), *key));
        let texts: Vec<String> = reasons
            .iter()
            .take(5)
            .map(|((column, reason), count)| match column.as_str() {
                "" => format!("{reason} {count}"),
                _ => format!("{column} {reason} {count}"),
            })
            .collect();
        let first = reasons.first().map(|((column, reason), _)| {
            let file = excess.file.as_deref();
            let place = self.first(column, *reason, file).unwrap_or_default();
            format!(
                "the first is {place}: {}. ",
                remedy(project, self.source, column, *reason)
            )
        });
        let listing = super::quarantine::path(&project.state, self.source);
        Some(IngestError::Tolerance {
            table: self.source,
            place: excess
                .file
                .map(|file| format!(" of {file}"))
                .unwrap_or_default(),
            quarantined: excess.totals.quarantined,
            read: excess.totals.read,
            share: share(excess.totals) * 100.0,
            tolerated: tolerance * 100.0,
            reasons: texts.join(", "),
            remedy: format!(
                "{}`lodestar check` lists every one of them in {}: correct them",
                first.unwrap_or_default(),
                listing.display()
            ),
        })
    }
}

/// Quarantined ÷ read; 0 of an empty file.
fn share(totals: Totals) -> f64 {
    match totals.read {
        0 => 0.0,
        read => totals.quarantined as f64 / read as f64,
    }
}

/// What exceeds a tolerance.
#[derive(Clone, Debug, PartialEq)]
pub struct Excess {
    /// `None`: the source as a whole.
    pub file: Option<String>,
    /// Its rows.
    pub totals: Totals,
    /// (column, reason) → rows.
    pub reasons: BTreeMap<(String, Reason), u64>,
}
