//! What earlier nights have read, so that a quiet night reads nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use super::{State, StateError, file};

/// Name of the file.
pub(super) const SEEN: &str = "seen.json";

/// What tells a changed file from an unchanged one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    bytes: u64,
    modified_nanos: u128,
}

impl Fingerprint {
    /// Of a file as it stands; `None` where it can't be told, which counts as
    /// changed.
    pub fn of(path: &Path) -> Option<Self> {
        let metadata = path.metadata().ok()?;
        let modified = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        Some(Self {
            bytes: metadata.len(),
            modified_nanos: modified.as_nanos(),
        })
    }
}

/// Files that were read and found good, and rows of released periods.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    files: BTreeMap<PathBuf, Fingerprint>,
    /// Accepted rows about a day by period, when the period was released.
    pub released_rows: BTreeMap<String, u64>,
    /// Those of released periods that came later.
    pub late_rows: u64,
}

impl Seen {
    /// What is remembered; a file that can't be read is as good as none: all
    /// inputs are then read again.
    pub fn load(state: &State) -> Self {
        std::fs::read(state.folder().join(SEEN))
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default()
    }

    /// Remembers.
    pub fn store(&self, state: &State) -> Result<(), StateError> {
        let path = state.folder().join(SEEN);
        let text = serde_json::to_vec_pretty(self)
            .map_err(|error| StateError::new(&path, error.to_string()))?;
        file::write(&path, &text)
    }

    /// The files that are new or changed.
    pub fn changed(&self, files: &[PathBuf]) -> BTreeSet<PathBuf> {
        let changed = files.iter().filter(|path| {
            Fingerprint::of(path).is_none_or(|now| self.files.get(&real(path)) != Some(&now))
        });
        changed.cloned().collect()
    }

    /// Whether the file was read before, as it stands or otherwise.
    pub fn knows(&self, path: &Path) -> bool {
        self.files.contains_key(&real(path))
    }

    /// Remembers files as they stood before they were read.
    pub fn remember(&mut self, fingerprints: Vec<(PathBuf, Option<Fingerprint>)>) {
        let known = fingerprints.into_iter();
        self.files = known
            .filter_map(|(path, print)| Some((real(&path), print?)))
            .collect();
    }
}

/// One name of a file, wherever the program is started.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_counts_as_changed_until_it_is_remembered_as_it_stands() {
        let folder = tempfile::tempdir().unwrap();
        let state = State::open(&folder.path().join("state")).unwrap();
        let [a, b] = ["a.csv", "b.csv"].map(|name| folder.path().join(name));
        for path in [&a, &b] {
            std::fs::write(path, "x").unwrap();
        }
        let files = vec![a.clone(), b.clone()];
        let prints = |files: &[PathBuf]| {
            files
                .iter()
                .map(|path| (path.clone(), Fingerprint::of(path)))
                .collect()
        };
        let mut seen = Seen::load(&state);
        assert_eq!(seen.changed(&files).len(), 2);
        seen.remember(prints(&files));
        seen.store(&state).unwrap();
        let seen = Seen::load(&state);
        assert!(seen.changed(&files).is_empty());
        std::fs::write(&a, "longer").unwrap();
        assert_eq!(seen.changed(&files), BTreeSet::from([a.clone()]));
        assert!(seen.knows(&a) && !seen.knows(&folder.path().join("c.csv")));
        std::fs::write(state.folder().join(SEEN), "{").unwrap();
        assert_eq!(Seen::load(&state), Seen::default());
    }
}
