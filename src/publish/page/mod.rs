//! `current/index.html`: the tables of `current/` for people to look at, made of
//! their Parquet files alone. Same files, same bytes.
//!
//! The template is built from `web/`; it holds the code that draws. What is put
//! into it are blocks of packed bytes, so no label ever stands in the HTML as
//! text, but for the escaped name of the organisation. How the blocks are made up:
//! `docs/tables.md`.

mod cells;
mod codec;
mod columns;
mod head;
mod labels;
mod sheet;
mod words;

use std::collections::BTreeSet;

use arrow::array::{RecordBatch, StringArray};
use rayon::prelude::*;

use super::manifest::{self, v1};
use super::parquet_file::{self, Content};
use super::past::column;
use super::{bounds, dims, noise};
use head::Head;
use labels::Labels;

/// Name of the page in `current/`.
pub(super) const PAGE: &str = "index.html";

const TEMPLATE: &str = include_str!("../../../web/dist/page.html");
const TITLE: &str = "{{title}}";
const DATA: &str = "{{data}}";

/// Why no page can be made of some files. Holds no value of a table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    /// A table is not there.
    #[error("{0} is missing: a page is made of all tables of one `current/`")]
    Missing(String),
    /// No Parquet, or damaged.
    #[error("{0}: is not a readable Parquet file")]
    Unreadable(String),
    /// Of something else than `current/`.
    #[error(
        "{file}: is not a table of a `current/` that this version knows: its metadata {key} says otherwise"
    )]
    Metadata {
        /// Which file.
        file: String,
        /// What is missing in its metadata, or something else.
        key: String,
    },
    /// Of one release.
    #[error("the tables are those of one release; a page is made of those of a `current/`")]
    Release,
    /// Tables of several `current/`.
    #[error("{0}: is of another `current/` than the other tables; copy all of them at once")]
    Mixed(String),
    /// Columns, or cells, that no release makes.
    #[error("{file}: column {column} {problem}")]
    Column {
        /// Which file.
        file: String,
        /// Which column.
        column: String,
        /// What is wrong with it.
        problem: &'static str,
    },
}

/// A file of Parquet, read.
struct Read {
    file: String,
    content: Content,
}

impl Read {
    /// A table by its name.
    fn table(files: &[(&str, &[u8])], name: &str) -> Result<Self, PageError> {
        let file = format!("{name}.parquet");
        let Some((_, bytes)) = files.iter().find(|(listed, _)| *listed == file) else {
            return Err(PageError::Missing(file));
        };
        match parquet_file::read(bytes) {
            Ok(content) => Ok(Self { file, content }),
            Err(_) => Err(PageError::Unreadable(file)),
        }
    }

    fn batch(&self) -> &RecordBatch {
        &self.content.batch
    }

    /// A claim of the metadata.
    fn claim(&self, key: &str) -> Result<&str, PageError> {
        let mut claims = self.content.metadata.iter();
        let claim = claims.find(|(stated, _)| stated.strip_prefix("lodestar.") == Some(key));
        claim
            .map(|(_, text)| text.as_str())
            .ok_or_else(|| self.metadata(key))
    }

    /// A claim that is JSON.
    fn json<T: serde::de::DeserializeOwned>(&self, key: &str) -> Result<T, PageError> {
        serde_json::from_str(self.claim(key)?).map_err(|_| self.metadata(key))
    }

    /// The same of a list that is left out where it is empty.
    fn json_or_none<T: serde::de::DeserializeOwned>(&self, key: &str) -> Result<Vec<T>, PageError> {
        match self.claim(key) {
            Ok(_) => self.json(key),
            Err(_) => Ok(Vec::new()),
        }
    }

    fn metadata(&self, key: &str) -> PageError {
        PageError::Metadata {
            file: self.file.clone(),
            key: format!("lodestar.{key}"),
        }
    }

    fn column<T: 'static>(&self, name: &str) -> Result<&T, PageError> {
        column(self.batch(), name).ok_or_else(|| self.wrong(name, MISSING))
    }

    fn wrong(&self, column: &str, problem: &'static str) -> PageError {
        PageError::Column {
            file: self.file.clone(),
            // Of a file from elsewhere it may be anything.
            column: column.escape_debug().to_string(),
            problem,
        }
    }

    /// What it says of the `current/` that it is of, and not of itself.
    fn of(&self) -> BTreeSet<&(String, String)> {
        let own = ["lodestar.table", "lodestar.measure."];
        let claims = self.content.metadata.iter();
        claims
            .filter(|(key, _)| !own.iter().any(|own| key.starts_with(own)))
            .collect()
    }
}

const MISSING: &str = "is missing, or of another type";

/// The tables of labels that a page is made of. That of noise it does without, and
/// that of bounds is not in every `current/`.
fn dimensions(files: &[(&str, &[u8])]) -> Result<Vec<Read>, PageError> {
    let there = |name: &&str| {
        let file = format!("{name}.parquet");
        *name != bounds::NAME || files.iter().any(|(listed, _)| *listed == file)
    };
    let names = dims::NAMES.into_iter().filter(|name| *name != noise::NAME);
    let names: Vec<&str> = names.filter(there).collect();
    names
        .into_par_iter()
        .map(|name| Read::table(files, name))
        .collect()
}

/// The page of a `current/`, of the names and bytes of its Parquet files. Other
/// files are not looked at.
pub(super) fn page(files: &[(&str, &[u8])]) -> Result<Vec<u8>, PageError> {
    page_with(files, cells::BRIEF)
}

/// The same, with another number of rows from which a level is brief.
fn page_with(files: &[(&str, &[u8])], brief: usize) -> Result<Vec<u8>, PageError> {
    let dimensions = dimensions(files)?;
    let first = &dimensions[0];
    if first.claim("format")? == v1::RELEASE {
        return Err(PageError::Release);
    }
    let same = |read: &Read| -> Result<(), PageError> {
        if read.claim("format")? != v1::CURRENT {
            return Err(read.metadata("format"));
        }
        if read.json::<u32>("format_version")? != v1::VERSION {
            return Err(read.metadata("format_version"));
        }
        if read.of() != first.of() {
            return Err(PageError::Mixed(read.file.clone()));
        }
        Ok(())
    };
    dimensions.iter().try_for_each(same)?;
    let labels = Labels::read(&dimensions)?;
    let tables = labels.tables.par_iter().map(|name| {
        let read = Read::table(files, name)?;
        same(&read)?;
        sheet::sheet(&read, name, &labels, brief)
    });
    let tables = tables.collect::<Result<Vec<_>, PageError>>()?;
    let (tables, sheets): (Vec<_>, Vec<_>) = tables.into_iter().unzip();
    let head = Head::new(first, &dimensions, tables)?;
    let mut data = block("head", &codec::packed(&[head.json()]));
    for (name, sheet) in sheets.into_iter().flatten() {
        data.push('\n');
        data.push_str(&block(&name, &sheet));
    }
    Ok(filled(&head.organisation, &data).into_bytes())
}

/// The page's entry in the manifest.
pub(super) fn entry(page: &[u8]) -> v1::Page {
    v1::Page {
        file: PAGE.to_owned(),
        bytes: page.len() as u64,
        sha256: manifest::sha256_hex(page),
    }
}

fn block(name: &str, packed: &str) -> String {
    format!("<script type=\"text/plain\" id=\"lodestar-{name}\">{packed}</script>")
}

/// The template with both places filled; what is put in is not looked at again.
fn filled(organisation: &str, data: &str) -> String {
    let places = TEMPLATE.split_once(TITLE).and_then(|(before, rest)| {
        let (between, after) = rest.split_once(DATA)?;
        Some([before, between, after])
    });
    let [before, between, after] = places.expect("a test says that both places are there");
    [before, &codec::escaped(organisation), between, data, after].concat()
}

/// Cells of a column of texts that no row lacks.
fn texts<'a>(read: &'a Read, name: &str) -> Result<Vec<&'a str>, PageError> {
    let column: &StringArray = read.column(name)?;
    let cells: Option<Vec<&str>> = column.iter().collect();
    cells.ok_or_else(|| read.wrong(name, "has no value in some row"))
}

#[cfg(test)]
mod tests;
