//! Durable changes of folders: each operation that can fail, and nothing else.
//!
//! A failing fsync is an error like any other here, and never retried: the
//! kernel may have dropped the pages, so a second call could lie.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

/// What failed, where, and why.
#[derive(Debug, thiserror::Error)]
#[error("{}: cannot {action}: {source}", path.display())]
pub struct DiskError {
    /// Where.
    pub path: PathBuf,
    /// What was tried.
    pub action: &'static str,
    /// Why it failed.
    pub source: io::Error,
}

/// Result of an operation on disk.
pub(super) type Result<T> = std::result::Result<T, DiskError>;

fn at<T>(path: &Path, action: &'static str, run: impl FnOnce() -> io::Result<T>) -> Result<T> {
    #[cfg(test)]
    fault::step().map_err(|source| DiskError {
        path: path.to_owned(),
        action,
        source,
    })?;
    run().map_err(|source| DiskError {
        path: path.to_owned(),
        action,
        source,
    })
}

/// Makes a folder (0755) with its parents, if it is not there, durably.
pub(super) fn make_folder(path: &Path) -> Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
    {
        make_folder(parent)?;
    }
    at(path, "make the folder", || {
        fs::create_dir(path)?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o755))
    })?;
    sync_folder(parent_of(path))
}

/// The folder that holds a path; `.` for a bare name.
pub(super) fn parent_of(path: &Path) -> &Path {
    path.parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// Writes a new file (0644) down to the disk.
pub(super) fn write_file(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = at(path, "create the file", || {
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o644)
            .open(path)?;
        // The process may run under a mask that keeps readers out.
        file.set_permissions(fs::Permissions::from_mode(0o644))?;
        Ok(file)
    })?;
    at(path, "write the file", || file.write_all(bytes))?;
    at(path, "flush the file to disk", || file.sync_all())
}

/// Reads a file.
pub(super) fn read(path: &Path) -> Result<Vec<u8>> {
    at(path, "read the file", || fs::read(path))
}

/// Makes a folder's entries durable.
pub(super) fn sync_folder(path: &Path) -> Result<()> {
    at(path, "flush the folder to disk", || {
        File::open(path)?.sync_all()
    })
}

/// Renames within one file system: atomic.
pub(super) fn rename(from: &Path, to: &Path) -> Result<()> {
    at(to, "rename into place", || fs::rename(from, to))
}

/// Makes a symbolic link.
pub(super) fn link(target: &Path, path: &Path) -> Result<()> {
    at(path, "make the link", || symlink(target, path))
}

/// Removes a file, link or whole folder; fine if it is not there.
pub(super) fn remove(path: &Path) -> Result<()> {
    at(path, "remove", || match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(entry) if entry.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
    })
}

/// Names in a folder, sorted; none if the folder is not there.
pub(super) fn names(path: &Path) -> Result<Vec<String>> {
    at(path, "list the folder", || {
        let entries = match fs::read_dir(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other?,
        };
        let mut names = Vec::new();
        for entry in entries {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        Ok(names)
    })
}

/// Whether a folder holds exactly these files with exactly these bytes.
pub(super) fn holds_exactly(path: &Path, files: &[(String, Vec<u8>)]) -> Result<bool> {
    let mut expected: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    expected.sort_unstable();
    if names(path)? != expected {
        return Ok(false);
    }
    for (name, bytes) in files {
        let file = path.join(name);
        let entry = at(&file, "look at the file", || fs::symlink_metadata(&file))?;
        if !entry.is_file() || entry.len() != bytes.len() as u64 {
            return Ok(false);
        }
        if read(&file)? != *bytes {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Lets tests stop the writer before any single operation, as a kill would.
#[cfg(test)]
pub(super) mod fault {
    use std::cell::Cell;
    use std::io;

    thread_local! {
        static LEFT: Cell<Option<u32>> = const { Cell::new(None) };
    }

    /// Lets `operations` succeed on this thread; every later one fails. `None`:
    /// all succeed.
    pub(crate) fn after(operations: Option<u32>) {
        LEFT.set(operations);
    }

    pub(super) fn step() -> io::Result<()> {
        match LEFT.get() {
            Some(0) => Err(io::Error::other("stopped by the test")),
            Some(left) => {
                LEFT.set(Some(left - 1));
                Ok(())
            }
            None => Ok(()),
        }
    }
}
