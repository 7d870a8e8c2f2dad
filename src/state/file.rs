//! Private files: whole or absent, 0600.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use super::StateError;

/// Ends the name of a file that is not whole yet.
const UNFINISHED: &str = "new";

/// Removes what of a file was begun and never finished.
pub(super) fn remove_unfinished(path: &Path) -> Result<(), StateError> {
    match std::fs::remove_file(path.with_extension(UNFINISHED)) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(StateError::io(path, &error)),
        _ => Ok(()),
    }
}

/// Writes a private file through a temporary one and a rename.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), StateError> {
    let staged = path.with_extension(UNFINISHED);
    let write = || {
        let mut options = OpenOptions::new();
        let mut file = options
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&staged)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&staged, path)?;
        path.parent()
            .map_or(Ok(()), |folder| File::open(folder)?.sync_all())
    };
    write().map_err(|error: std::io::Error| StateError::io(path, &error))
}
