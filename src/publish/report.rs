//! The page made anew, of published tables alone: of a project's `current`, or of
//! a copy that somebody was given.

use std::fs;
use std::path::{Path, PathBuf};

use super::MANIFEST;
use super::disk::{self, DiskError};
use super::folder::{self, Above};
use super::manifest::{self, Manifest, v1};
use super::page::{self, PAGE, PageError};
use super::write::{self, CURRENT, PublishError, is_plain};
use crate::text::printable;

/// Why no page was made. What was published before is intact.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// No folder to make a page of.
    #[error("{}: is not a folder; expected one that holds the tables of a `current/`", .0.display())]
    NoFolder(PathBuf),
    /// A folder of one release, or one above published folders.
    #[error(
        "{}: {what}; a page is made of all periods together: name {}", folder.display(),
        current.display()
    )]
    Elsewhere {
        /// What was named.
        folder: PathBuf,
        /// What it is.
        what: &'static str,
        /// What to name instead.
        current: PathBuf,
    },
    /// `current` without a manifest.
    #[error(
        "{}: is not there, or has no manifest.json of a `current/`; `lodestar run` publishes one",
        .0.display()
    )]
    NotCurrent(PathBuf),
    /// A table other than its manifest says.
    #[error(
        "{}: is missing, or not what manifest.json says; move `current` away, and the next run \
         makes it again of the releases", .0.display()
    )]
    Changed(PathBuf),
    /// Tables of which no page can be made.
    #[error("{}: {}", folder.display(), printable(&error.to_string()))]
    Page {
        /// Where the tables are.
        folder: PathBuf,
        /// What is wrong with them.
        error: PageError,
    },
    /// Something else stands where the page is to go.
    #[error("{}: is not a plain file; name a file for the page", .0.display())]
    NotAFile(PathBuf),
    /// The file would stand among published ones.
    #[error(
        "{}: is in a published folder, where only `run` and `report --config` write; name a file \
         elsewhere", .0.display()
    )]
    Published(PathBuf),
    /// The folder of the file to write is not there.
    #[error("{}: its folder is not there; make it first", .0.display())]
    NoParent(PathBuf),
    /// The file system refused.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// See [`PublishError`].
    #[error(transparent)]
    Publish(#[from] PublishError),
}

impl ReportError {
    /// The program's exit code.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::NoFolder(_)
            | Self::Elsewhere { .. }
            | Self::NotAFile(_)
            | Self::Published(_)
            | Self::NoParent(_) => 2,
            Self::Disk(_) => 7,
            Self::Publish(error) => error.exit_code(),
            Self::NotCurrent(_) | Self::Changed(_) | Self::Page { .. } => 8,
        }
    }
}

/// Where a project's page is.
pub fn current_page(publish_dir: &Path) -> PathBuf {
    publish_dir.join(CURRENT).join(PAGE)
}

/// Makes the page of `current` anew, from its tables alone. Where it is another,
/// `current` is replaced by a generation with the same tables; then `true`. Only one
/// process may call it at a time: hold the run's lock.
pub fn refresh(publish_dir: &Path) -> Result<bool, ReportError> {
    let folder = publish_dir.join(CURRENT);
    let (stated, manifest) = stated(&folder)?;
    let mut files = tables(&folder, &manifest)?;
    let page = made(&folder, &files)?;
    let entry = page::entry(&page);
    let stands = || fs::read(folder.join(PAGE)).is_ok_and(|bytes| bytes == page);
    if manifest.page.as_ref() == Some(&entry) && stands() {
        return Ok(false);
    }
    let stated = manifest::with_page(&stated, &entry);
    let stated = stated.ok_or_else(|| ReportError::NotCurrent(folder.clone()))?;
    files.push((PAGE.to_owned(), page));
    files.push((MANIFEST.to_owned(), stated));
    write::publish_current(&files, publish_dir)?;
    Ok(true)
}

/// The manifest of a `current`, as it is and as it is read.
pub(super) fn stated(folder: &Path) -> Result<(Vec<u8>, v1::Current), ReportError> {
    let not_current = || ReportError::NotCurrent(folder.to_owned());
    let stated = fs::read(folder.join(MANIFEST)).map_err(|_| not_current())?;
    match manifest::parse(&stated) {
        Ok(Manifest::Current(manifest)) => Ok((stated, *manifest)),
        _ => Err(not_current()),
    }
}

/// A file that a manifest lists, if it is as that says.
pub(super) fn listed(folder: &Path, file: &str, sha256: &str) -> Result<Vec<u8>, ReportError> {
    let path = folder.join(file);
    let plain = is_plain(file) && path.is_file();
    let bytes = plain.then(|| fs::read(&path).ok()).flatten();
    let bytes = bytes.filter(|bytes| manifest::sha256_hex(bytes) == sha256);
    bytes.ok_or(ReportError::Changed(path))
}

/// The tables that a manifest lists, as it says that they are.
fn tables(folder: &Path, manifest: &v1::Current) -> Result<Vec<(String, Vec<u8>)>, ReportError> {
    let tables = manifest.tables.iter();
    let tables = tables.map(|table| (&table.file, &table.sha256));
    let dimensions = manifest.dimensions.iter();
    let dimensions = dimensions.map(|dimension| (&dimension.file, &dimension.sha256));
    let read =
        |(file, sha256): (&String, &String)| Ok((file.clone(), listed(folder, file, sha256)?));
    tables.chain(dimensions).map(read).collect()
}

/// Makes a page of the tables in a folder, and writes it to a file.
pub fn write_page(folder: &Path, file: &Path) -> Result<(), ReportError> {
    if !folder.is_dir() {
        return Err(ReportError::NoFolder(folder.to_owned()));
    }
    if let Some(elsewhere) = elsewhere(folder) {
        return Err(elsewhere);
    }
    if fs::symlink_metadata(file).is_ok_and(|entry| !entry.is_file()) || file.file_name().is_none()
    {
        return Err(ReportError::NotAFile(file.to_owned()));
    }
    if disk::parent_of(file).join(MANIFEST).exists() {
        return Err(ReportError::Published(file.to_owned()));
    }
    if !disk::parent_of(file).is_dir() {
        return Err(ReportError::NoParent(file.to_owned()));
    }
    let names = disk::names(folder)?.into_iter();
    let tables = names.filter(|name| name.ends_with(".parquet") && folder.join(name).is_file());
    let tables = tables.map(|name| {
        let bytes = disk::read(&folder.join(&name))?;
        Ok((name, bytes))
    });
    let tables = tables.collect::<Result<Vec<_>, DiskError>>()?;
    write::place_file(file, &made(folder, &tables)?)?;
    Ok(())
}

/// Of a folder above published ones: which was meant.
fn elsewhere(folder: &Path) -> Option<ReportError> {
    let (what, current) = match folder::above(folder)? {
        Above::Everything { current, .. } => ("holds everything that is published", current),
        Above::Releases { current, .. } => ("holds releases", current),
        Above::Generations { current } => ("holds what `current` led to lately", current),
    };
    Some(ReportError::Elsewhere {
        folder: folder.to_owned(),
        what,
        current,
    })
}

fn made(folder: &Path, files: &[(String, Vec<u8>)]) -> Result<Vec<u8>, ReportError> {
    let files = files.iter();
    let files: Vec<_> = files
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
        .collect();
    page::page(&files).map_err(|error| match error {
        PageError::Release => ReportError::Elsewhere {
            folder: folder.to_owned(),
            what: "holds one release",
            current: folder::beside(folder.parent().unwrap_or(folder)),
        },
        error => ReportError::Page {
            folder: folder.to_owned(),
            error,
        },
    })
}
