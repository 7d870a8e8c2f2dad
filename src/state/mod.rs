//! The private state folder: secret, what was seen, status. The ledger, the
//! lock and the quarantine live in it too, but are others' business.

mod file;
mod seen;
mod status;

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use lodestar_privacy::Secret;

pub use seen::{Fingerprint, Seen};
pub use status::{NextRelease, SourceStatus, Status, WindowStatus};

/// Name of the file with the project's secret.
const SECRET: &str = "secret";
const SECRET_BYTES: usize = 32;

/// Why the state folder could not be used.
#[derive(Debug, thiserror::Error)]
#[error("{}: {problem}", path.display())]
pub struct StateError {
    path: PathBuf,
    problem: String,
}

impl StateError {
    fn new(path: &Path, problem: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            problem: problem.into(),
        }
    }

    fn io(path: &Path, error: &io::Error) -> Self {
        Self::new(
            path,
            format!("{error}; the state folder must be writable by the run's user"),
        )
    }
}

/// An open state folder (0700).
#[derive(Debug)]
pub struct State {
    folder: PathBuf,
}

impl State {
    /// Opens the folder, creating it where it is absent.
    pub fn open(folder: &Path) -> Result<Self, StateError> {
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(0o700);
        builder
            .create(folder)
            .map_err(|error| StateError::io(folder, &error))?;
        let private = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(folder, private)
            .map_err(|error| StateError::io(folder, &error))?;
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    /// The folder itself.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Removes files that a run which was killed, or failed, has not finished. The
    /// run's lock must be held.
    pub fn tidy(&self) -> Result<(), StateError> {
        let mut names = [SECRET, seen::SEEN, status::STATUS].into_iter();
        names.try_for_each(|name| file::remove_unfinished(&self.folder.join(name)))
    }

    /// The project's secret, drawn on first use (0600).
    pub fn secret(&self) -> Result<Secret<[u8; SECRET_BYTES]>, StateError> {
        let path = self.folder.join(SECRET);
        match std::fs::read(&path) {
            Ok(bytes) => match bytes.try_into() {
                Ok(secret) => Ok(Secret::new(secret)),
                Err(_) => Err(StateError::new(
                    &path,
                    "is not a secret of 32 bytes; restore it from a copy, or remove it: another is \
                     drawn then, and revisions keep other cells of people with more than count",
                )),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let mut secret = [0; SECRET_BYTES];
                getrandom::fill(&mut secret)
                    .map_err(|error| StateError::new(&path, format!("no randomness: {error}")))?;
                file::write(&path, &secret)?;
                Ok(Secret::new(secret))
            }
            Err(error) => Err(StateError::io(&path, &error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_is_drawn_once_and_kept_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/state");
        let state = State::open(&path).unwrap();
        let first = *state.secret().unwrap().expose_private();
        assert_eq!(
            State::open(&path)
                .unwrap()
                .secret()
                .unwrap()
                .expose_private(),
            &first
        );
        assert_ne!(first, [0; 32]);
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(&path.join(SECRET))), (0o700, 0o600));
        std::fs::write(path.join(SECRET), b"short").unwrap();
        assert!(state.secret().unwrap_err().to_string().contains("32 bytes"));
    }
}
