//! Released bytes → the published folder: the only writer of the published side.
//!
//! ```text
//! publish_dir/
//!   releases/2024-Q1/      one release, renamed into place whole, never changed
//!   current                link to the newest generation, swapped by rename
//!   .generations/<digest>/ all periods in one set of tables, and their page
//! ```
//!
//! A kill at any point leaves the old state or the new one, each whole:
//! everything is written and flushed under a name that no reader looks at, and
//! becomes visible by one rename.

use std::fs;
use std::path::{Path, PathBuf};

use lodestar_privacy::Released;

use super::current::{self, CurrentError};
use super::disk::{self, DiskError};
use super::manifest::sha256_hex;

pub(super) const RELEASES: &str = "releases";
pub(super) const CURRENT: &str = "current";
pub(super) const GENERATIONS: &str = ".generations";
const STAGING: &str = ".staging-";
const NEW_LINK: &str = ".current-new";

/// Why nothing, or not everything, was published. What was published before is
/// intact; the next run publishes the same bytes.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The file system refused.
    #[error("{0}; what was published before is intact, and the next run publishes the same bytes")]
    Disk(#[from] DiskError),
    /// A folder of this release holds something else.
    #[error(
        "{}: holds other bytes than the release that the ledger has committed; move the folder \
         away, and the next run publishes the committed bytes", .0.display()
    )]
    Differs(PathBuf),
    /// `current` is not the link that this program makes.
    #[error("{}: is not a link made by lodestar; move it away and run again", .0.display())]
    NotALink(PathBuf),
    /// A name that could leave the published folder.
    #[error("a committed release has an unusable name for a folder or file")]
    Name,
    /// Committed releases that `current` cannot be made of.
    #[error("current/: {0}")]
    Current(#[from] CurrentError),
}

impl PublishError {
    /// 7: storage failed.
    pub fn exit_code(&self) -> u8 {
        7
    }
}

/// One release as stored bytes: what [`Released`] is, for tests that cannot
/// make one.
#[derive(Clone, Copy)]
pub(super) struct Stored<'a> {
    pub(super) id: &'a str,
    pub(super) files: &'a [(String, Vec<u8>)],
}

impl<'a> From<&'a Released> for Stored<'a> {
    fn from(released: &'a Released) -> Self {
        Self {
            id: released.release_id(),
            files: released.files(),
        }
    }
}

/// Publishes one release, then rebuilds `current` from `all` releases that the
/// ledger holds (`released` counts as one of them, listed or not). Idempotent:
/// after a crash, call it again. Only one process may call it at a time: hold
/// the run's lock. Returns the release's folder.
pub fn publish(
    released: &Released,
    all: &[Released],
    publish_dir: &Path,
) -> Result<PathBuf, PublishError> {
    let all: Vec<Stored<'_>> = all.iter().map(Stored::from).collect();
    publish_stored(released.into(), &all, publish_dir)
}

/// Publishes all releases that the ledger holds, and makes `current` of them, as
/// [`publish`] does one by one.
pub fn publish_all(all: &[Released], publish_dir: &Path) -> Result<(), PublishError> {
    if all.is_empty() {
        return Ok(());
    }
    let all: Vec<Stored<'_>> = all.iter().map(Stored::from).collect();
    for release in &all {
        publish_release(*release, publish_dir)?;
    }
    publish_current(&current::build(&all)?, publish_dir)
}

/// Whether a folder holds exactly what `current` is, made of these releases.
pub fn is_current(folder: &Path, all: &[Released]) -> Result<bool, PublishError> {
    let all: Vec<Stored<'_>> = all.iter().map(Stored::from).collect();
    Ok(disk::holds_exactly(folder, &current::build(&all)?)?)
}

pub(super) fn publish_stored(
    release: Stored<'_>,
    all: &[Stored<'_>],
    publish_dir: &Path,
) -> Result<PathBuf, PublishError> {
    let folder = publish_release(release, publish_dir)?;
    let mut all = all.to_vec();
    if !all.iter().any(|other| other.id == release.id) {
        all.push(release);
    }
    publish_current(&current::build(&all)?, publish_dir)?;
    Ok(folder)
}

/// Writes `releases/<id>/`.
fn publish_release(release: Stored<'_>, publish_dir: &Path) -> Result<PathBuf, PublishError> {
    if !is_plain(release.id) || !release.files.iter().all(|(name, _)| is_plain(name)) {
        return Err(PublishError::Name);
    }
    let releases = publish_dir.join(RELEASES);
    disk::make_folder(&releases)?;
    remove_staging(&releases)?;
    let folder = releases.join(release.id);
    if exists(&folder) {
        if !disk::holds_exactly(&folder, release.files)? {
            return Err(PublishError::Differs(folder));
        }
        // A crash may have come between the rename and its flush.
        disk::sync_folder(&releases)?;
        return Ok(folder);
    }
    place(&releases, release.id, release.files)?;
    Ok(folder)
}

/// Makes `current` lead to these files.
pub(super) fn publish_current(
    files: &[(String, Vec<u8>)],
    publish_dir: &Path,
) -> Result<(), PublishError> {
    let generations = publish_dir.join(GENERATIONS);
    let link = publish_dir.join(CURRENT);
    disk::make_folder(&generations)?;
    remove_staging(&generations)?;
    disk::remove(&publish_dir.join(NEW_LINK))?;
    let before = linked(&link)?;
    let name = generation(&generations, files)?;
    let target = Path::new(GENERATIONS).join(&name);
    if before.as_deref() == Some(target.as_path()) {
        disk::sync_folder(publish_dir)?;
        return Ok(());
    }
    disk::link(&target, &publish_dir.join(NEW_LINK))?;
    may_fail!(before_the_swap);
    disk::rename(&publish_dir.join(NEW_LINK), &link)?;
    may_fail!(after_the_swap);
    disk::sync_folder(publish_dir)?;
    // A reader may have the generation before open: it goes with the next swap.
    let kept = [Some(name), before.as_deref().and_then(file_name)];
    for old in disk::names(&generations)? {
        if !kept.contains(&Some(old.clone())) {
            disk::remove(&generations.join(old))?;
            may_fail!(old_removed);
        }
    }
    Ok(())
}

/// Finds or writes the generation with these files, and returns its name: the
/// start of its manifest's digest. A folder of that name with other bytes (it
/// was tampered with) is passed over, so that a damaged copy repairs itself.
fn generation(generations: &Path, files: &[(String, Vec<u8>)]) -> Result<String, PublishError> {
    let manifest = files.iter().find(|(name, _)| name == super::MANIFEST);
    let digest = sha256_hex(manifest.map_or(&[], |(_, bytes)| bytes));
    let mut attempt = 0_u32;
    loop {
        let name = match attempt {
            0 => digest[..16].to_owned(),
            n => format!("{}-{n}", &digest[..16]),
        };
        let folder = generations.join(&name);
        if !exists(&folder) {
            place(generations, &name, files)?;
            return Ok(name);
        }
        if folder.is_dir() && disk::holds_exactly(&folder, files)? {
            disk::sync_folder(generations)?;
            return Ok(name);
        }
        attempt += 1;
    }
}

/// Writes a folder `name` in `parent`: staged, flushed, renamed once.
fn place(parent: &Path, name: &str, files: &[(String, Vec<u8>)]) -> Result<(), PublishError> {
    let staging = parent.join(format!("{STAGING}{name}"));
    disk::make_folder(&staging)?;
    may_fail!(staging_made);
    for (file, bytes) in files {
        disk::write_file(&staging.join(file), bytes)?;
        may_fail!(file_written);
    }
    disk::sync_folder(&staging)?;
    may_fail!(before_the_rename);
    disk::rename(&staging, &parent.join(name))?;
    may_fail!(after_the_rename);
    disk::sync_folder(parent)?;
    may_fail!(placed);
    Ok(())
}

/// Puts a file where none is, or another: staged, flushed, renamed once.
pub(super) fn place_file(path: &Path, bytes: &[u8]) -> disk::Result<()> {
    let parent = disk::parent_of(path);
    let name = file_name(path).unwrap_or_default();
    let staging = parent.join(format!("{STAGING}{name}"));
    disk::remove(&staging)?;
    disk::write_file(&staging, bytes)?;
    disk::rename(&staging, path)?;
    disk::sync_folder(parent)
}

/// What a run that was killed left behind.
fn remove_staging(folder: &Path) -> Result<(), PublishError> {
    for name in disk::names(folder)? {
        if name.starts_with(STAGING) {
            disk::remove(&folder.join(name))?;
        }
    }
    Ok(())
}

/// Where `current` leads; `None` if there is none yet.
fn linked(link: &Path) -> Result<Option<PathBuf>, PublishError> {
    if !exists(link) {
        return Ok(None);
    }
    let target = fs::read_link(link).map_err(|_| PublishError::NotALink(link.to_owned()))?;
    Ok(Some(target))
}

fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

fn file_name(path: &Path) -> Option<String> {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
}

/// A name that stays in its folder and that readers see.
pub(super) fn is_plain(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !name.is_empty() && !name.starts_with('.') && name.chars().all(allowed)
}

#[cfg(test)]
#[path = "write_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "polling_tests.rs"]
mod polling;
