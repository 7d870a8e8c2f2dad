//! Which folder was meant, where somebody named one that holds published folders.

use std::fs;
use std::path::{Path, PathBuf};

use super::MANIFEST;
use super::write::{CURRENT, RELEASES};

/// A folder above the published ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Above {
    /// Everything that is published: `releases/` and `current`.
    Everything {
        /// Its `current`.
        current: PathBuf,
        /// Its `releases/`.
        releases: PathBuf,
    },
    /// The folder of releases.
    Releases {
        /// The last of them by name.
        release: PathBuf,
        /// The `current` beside it.
        current: PathBuf,
    },
}

/// What a folder above published ones is; `None`: it is something else.
pub(super) fn above(folder: &Path) -> Option<Above> {
    let (current, releases) = (folder.join(CURRENT), folder.join(RELEASES));
    if current.is_dir() || releases.is_dir() {
        return Some(Above::Everything { current, releases });
    }
    let entries = fs::read_dir(folder).ok()?.flatten();
    let folders = entries.map(|entry| entry.path());
    let release = folders.filter(|path| path.join(MANIFEST).is_file()).max()?;
    let current = beside(folder);
    Some(Above::Releases { release, current })
}

/// The `current` beside `releases/`.
pub(super) fn beside(releases: &Path) -> PathBuf {
    match releases.parent() {
        Some(parent) if releases.file_name().is_some() => parent.join(CURRENT),
        // `.` and `..` have no name.
        _ => releases.join("..").join(CURRENT),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_above_published_ones_is_known_by_what_it_holds() {
        let all = tempfile::tempdir().expect("a folder");
        let all = all.path();
        assert_eq!(above(all), None);
        let releases = all.join(RELEASES);
        for name in ["2024-Q1", "2024-Q2", "notes"] {
            fs::create_dir_all(releases.join(name)).expect("made");
        }
        assert_eq!(above(&releases), None);
        for name in ["2024-Q1", "2024-Q2"] {
            fs::write(releases.join(name).join(MANIFEST), "{}").expect("written");
        }
        let (release, current) = (releases.join("2024-Q2"), all.join(CURRENT));
        let found = Above::Releases {
            release,
            current: current.clone(),
        };
        assert_eq!(above(&releases), Some(found));
        assert_eq!(above(all), Some(Above::Everything { current, releases }));
        assert_eq!(above(&all.join("none")), None);
    }

    #[test]
    fn a_relative_path_has_a_current_beside_it_too() {
        for (releases, current) in [
            ("published/releases", "published/current"),
            ("releases", "current"),
            (".", "./../current"),
            ("..", "../../current"),
        ] {
            assert_eq!(beside(Path::new(releases)), Path::new(current));
        }
    }
}
