//! What can go wrong while reading. No variant holds a cell of a private table.

use std::io;
use std::path::{Path, PathBuf};

use super::paths::is_csv;

/// Why reading stopped. Paths are shown relative to the configuration's folder.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// A configured path leads to nothing that can be read.
    #[error("{table}: {path}: {problem}")]
    Path {
        /// The source.
        table: &'static str,
        /// The path or glob, as configured.
        path: String,
        /// What is wrong, and what to do.
        problem: &'static str,
    },
    /// The operating system refused to read.
    #[error("{table}: {path}: cannot be read: {error}")]
    Io {
        /// The source.
        table: &'static str,
        /// The file.
        path: String,
        /// The operating system's reason.
        error: io::Error,
    },
    /// A file that is no table, as a whole.
    #[error("{table}: {path}: {place}{problem}", place = place(path, *row))]
    File {
        /// The source.
        table: &'static str,
        /// The file.
        path: String,
        /// The data row, from 1; 0: the header; `None`: the file as a whole.
        row: Option<u64>,
        /// What is wrong, and what to do. Never holds a value.
        problem: String,
    },
    /// A column that is missing, or of a type that cannot be used.
    #[error("{table}: {path}: column {from:?}{role}: {problem}", role = role(column, from))]
    Column {
        /// The source.
        table: &'static str,
        /// The file.
        path: String,
        /// Our name of the column.
        column: String,
        /// Its name in the file, as configured.
        from: String,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// Units (public) that do not form a tree on every day.
    #[error("org: {path}: {at}: unit {unit:?} {problem}", at = numbered(path, *row))]
    Org {
        /// The file.
        path: String,
        /// The data row, from 1.
        row: u64,
        /// The declared unit.
        unit: String,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// Rows of programmes (public) that contradict each other or the
    /// configuration.
    #[error(
        "programmes: {path}: {at}: programme {programme:?} {problem}", at = numbered(path, *row)
    )]
    Programme {
        /// The file.
        path: String,
        /// The data row, from 1.
        row: u64,
        /// The declared programme.
        programme: String,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// More rows were quarantined than is tolerated.
    #[error(
        "{table}: {quarantined} of {read} rows{place} are quarantined ({share:.1} %), more than the \
         tolerated {tolerated:.1} %: {reasons}; {remedy}, \
         or raise `tolerance` of [sources.{table}]"
    )]
    Tolerance {
        /// The source.
        table: &'static str,
        /// Empty, or ` of <file>`.
        place: String,
        /// Rows quarantined.
        quarantined: u64,
        /// Rows read.
        read: u64,
        /// Quarantined ÷ read, in percent.
        share: f64,
        /// The tolerance, in percent.
        tolerated: f64,
        /// The most frequent reasons, with how often they occur.
        reasons: String,
        /// The first row of the most frequent reason and what to do against it; where
        /// all are listed.
        remedy: String,
    },
    /// The private side cannot be written.
    #[error("{path}: cannot be written: {error}", path = path.display())]
    Write {
        /// What was to be written.
        path: PathBuf,
        /// The operating system's reason.
        error: io::Error,
    },
}

impl IngestError {
    /// 3: the input is at fault; 7: the storage is.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Write { .. } => 7,
            _ => 3,
        }
    }
}

/// `row 7: `, `header: ` or nothing.
fn place(path: &str, row: Option<u64>) -> String {
    match row {
        None => String::new(),
        Some(0) => "header: ".to_owned(),
        Some(row) => format!("{}: ", numbered(path, row)),
    }
}

/// `row 7`, counted from 1; of CSV `row 7 after the header`.
pub(super) fn numbered(path: &str, row: u64) -> String {
    let from = if is_csv(Path::new(path)) {
        " after the header"
    } else {
        ""
    };
    format!("row {row}{from}")
}

/// ` (minutes)` where a column has another name in the file.
fn role(column: &str, from: &str) -> String {
    if column == from {
        String::new()
    } else {
        format!(" ({column})")
    }
}
