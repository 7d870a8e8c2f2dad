//! Which folder was meant, where somebody named one that holds published folders.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::MANIFEST;
use super::write::{CURRENT, GENERATIONS, RELEASES};

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
    /// The folder of all that `current` led to lately.
    Generations {
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
    Some(if named(folder).is_some_and(|name| name == GENERATIONS) {
        Above::Generations { current }
    } else {
        Above::Releases { release, current }
    })
}

/// Of a folder that `current` led to and no longer does: the `current`.
pub fn replaced(folder: &Path) -> Option<PathBuf> {
    let folder = fs::canonicalize(folder).ok()?;
    let generations = folder.parent()?;
    if generations.file_name()? != GENERATIONS {
        return None;
    }
    let current = beside(generations);
    let leads_here = fs::canonicalize(&current).is_ok_and(|target| target == folder);
    (!leads_here).then_some(current)
}

/// The name of a folder, also where it is called `.`.
fn named(folder: &Path) -> Option<OsString> {
    Some(fs::canonicalize(folder).ok()?.file_name()?.to_owned())
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
    fn what_current_led_to_is_known() {
        let all = tempfile::tempdir().expect("a folder");
        let generations = all.path().join(GENERATIONS);
        for name in ["old", "new"] {
            fs::create_dir_all(generations.join(name)).expect("made");
            fs::write(generations.join(name).join(MANIFEST), "{}").expect("written");
        }
        let current = all.path().join(CURRENT);
        std::os::unix::fs::symlink(generations.join("new"), &current).expect("linked");
        let found = Above::Generations {
            current: current.clone(),
        };
        assert_eq!(above(&generations), Some(found));
        let known = fs::canonicalize(all.path()).expect("there").join(CURRENT);
        assert_eq!(replaced(&generations.join("old")), Some(known));
        for other in [generations.join("new"), current, all.path().join("none")] {
            assert_eq!(replaced(&other), None, "{}", other.display());
        }
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
