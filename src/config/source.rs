//! The files of a configuration, places in them, and the problems found there.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::problem::{ConfigErrors, Problem};

/// Some bytes of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// Index in [`Report::files`].
    pub(super) file: usize,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// One file of a configuration.
#[derive(Debug)]
pub(super) struct File {
    pub(super) path: PathBuf,
    pub(super) text: Arc<str>,
}

/// Collects problems, so that all of them can be shown at once.
#[derive(Debug, Default)]
pub(super) struct Report {
    files: Vec<File>,
    found: RefCell<Vec<(Place, String, String)>>,
}

impl Report {
    /// Adds a file and gives its index.
    pub(super) fn add(&mut self, path: PathBuf, text: &str) -> usize {
        self.files.push(File {
            path,
            text: Arc::from(text),
        });
        self.files.len() - 1
    }

    /// The files, in order of reading.
    pub(super) fn files(&self) -> &[File] {
        &self.files
    }

    /// The folder that paths written at `place` are relative to.
    pub(super) fn base(&self, place: Place) -> PathBuf {
        self.files[place.file]
            .path
            .parent()
            .unwrap_or(Path::new(""))
            .to_path_buf()
    }

    /// `lodestar.toml, line 3`.
    pub(super) fn describe(&self, place: Place) -> String {
        let file = &self.files[place.file];
        let (line, _) = position(&file.text, place.start);
        format!("{}, line {line}", file.path.display())
    }

    /// Notes a problem.
    pub(super) fn refuse(
        &self,
        place: Place,
        message: impl Into<String>,
        expected: impl Into<String>,
    ) {
        self.found
            .borrow_mut()
            .push((place, message.into(), expected.into()));
    }

    /// Nothing is wrong so far.
    pub(super) fn is_clean(&self) -> bool {
        self.found.borrow().is_empty()
    }

    /// All problems, in order of place.
    pub(super) fn into_errors(self) -> ConfigErrors {
        let mut found = self.found.into_inner();
        found.sort_by_key(|&(place, ..)| place);
        let problems = found.into_iter().map(|(place, message, expected)| {
            let File { path, text } = &self.files[place.file];
            // The parser may point into a character, or at the end. A value may
            // run over many lines; its first says enough.
            let start = text.floor_char_boundary(place.start);
            let end = text.ceil_char_boundary(place.end).max(start);
            let first = text[start..end].lines().next().unwrap_or("");
            Problem {
                file: path.clone(),
                position: Some(position(text, start)),
                message,
                expected,
                text: text.clone(),
                span: start..start + first.len(),
            }
        });
        ConfigErrors::new(problems.collect())
    }
}

/// Line and column of a byte, both from 1, the column in characters.
fn position(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or("");
    // A byte order mark is no column.
    let column = line.trim_start_matches('\u{feff}').chars().count() + 1;
    (before.matches('\n').count() + 1, column)
}
