//! One case: bytes in the place of a file that was published. Fuzzers and a test of
//! the suite call the same.
//!
//! A case passes if nothing panics, changed bytes are noticed, and what is refused is
//! refused with an exit code of its kind. Each is tried twice: as it is, and with the
//! manifest beside it made to fit, so that what it says is looked at, too.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use jiff::civil::date;
use lodestar::config::{self, Project};
use lodestar::night::Night;
use lodestar::pipeline::{self, Options};
use lodestar::progress::Silent;
use lodestar::publish::{self, MANIFEST};
use tempfile::TempDir;

use super::cases::{ASSESSMENTS, CONFIGURATION, ORG, OUTCOMES, PEOPLE, PROGRAMMES, SESSIONS};
use super::signing;

/// People of the project: so many that most tables have rows.
const SUBJECTS: usize = 40;

/// The folders that cases are tried in: what a project has published, and a copy of its
/// releases, of which no `current` knows.
const FOLDERS: [&str; 3] = [
    "published/current",
    "published/releases/2024-Q2",
    "apart/releases/2024-Q2",
];

/// A small project with two releases.
pub struct Published {
    folder: TempDir,
    project: Project,
    /// Files of [`FOLDERS`], with what is in them.
    files: Vec<(PathBuf, Vec<u8>)>,
}

/// A folder while a case is in it.
#[derive(Clone, Copy)]
struct Tried<'a> {
    folder: &'a Path,
    /// It is other than it was.
    changed: bool,
    /// Its manifest was made to fit.
    fits: bool,
}

impl Published {
    /// Sets the project up, and releases it.
    ///
    /// # Panics
    /// Where there is no temporary folder, or the project is no longer valid.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let project = project(folder.path());
        let options = Options {
            as_of: date(2024, 7, 8),
            period: None,
            revise: false,
            dry_run: false,
            memory: None,
            progress: &Silent,
        };
        pipeline::run(&project, &options, &mut Night::default()).expect("released");
        for release in ["2024-Q1", "2024-Q2"] {
            let copy = folder.path().join("apart/releases").join(release);
            fs::create_dir_all(&copy).expect("a folder");
            for (path, bytes) in files(&project.publish.join("releases").join(release)) {
                let name = path.file_name().expect("a file");
                fs::write(copy.join(name), bytes).expect("written");
            }
        }
        let all = FOLDERS.map(|it| files(&folder.path().join(it))).concat();
        assert!(all.len() < 256, "a byte tells which file it is");
        Self {
            folder,
            project,
            files: all,
        }
    }

    /// Every file as a case: the byte that tells which it is, then its own.
    pub fn seeds(&self) -> Vec<Vec<u8>> {
        let files = (0_u8..).zip(&self.files);
        let seeds = files.map(|(at, (_, bytes))| [&[at], &bytes[..]].concat());
        seeds.collect()
    }

    /// `verify` on the folder of the file.
    pub fn verify(&self, case: &[u8]) {
        self.tried(case, |tried| match publish::verify(tried.folder) {
            Ok(report) => {
                let noticed = !report.passed();
                assert!(
                    noticed || tried.fits || !tried.changed,
                    "a change is noticed"
                );
                assert_eq!(noticed, !report.told().is_empty());
            }
            Err(error) => assert_eq!(error.exit_code(), 8, "{error}"),
        });
    }

    /// `report`, on a project and on a folder.
    pub fn report(&self, case: &[u8]) {
        let page = self.folder.path().join("page.html");
        let current = self.project.publish.join("current");
        self.tried(case, |tried| {
            if let Err(error) = publish::write_page(&current, &page) {
                assert!(tried.changed && error.exit_code() == 8, "{error}");
            }
            let before = fs::read_link(&current).expect("a link");
            match publish::refresh(&self.project.publish) {
                Ok(_) => put_back(&current, &before),
                Err(error) => assert!(tried.changed && error.exit_code() == 8, "{error}"),
            }
        });
    }

    /// `budget restore`, of all releases, into a state of its own.
    pub fn restore(&self, case: &[u8]) {
        let other = tempfile::tempdir().expect("a folder");
        self.tried(case, |tried| {
            let mut project = Project {
                state: other.path().join("state"),
                ..self.project.clone()
            };
            let mut releases = project.publish.join("releases");
            let apart = self.folder.path().join("apart");
            if tried.folder.starts_with(&apart) {
                releases = apart.join("releases");
                project.publish = other.path().join("published");
            }
            match pipeline::restore(&project, &releases, None) {
                Ok(records) => {
                    assert!(records.charges.len() > 1, "what was published was paid for");
                    fs::remove_dir_all(&project.state).expect("removed");
                }
                Err(error) => {
                    let expected = [6, 8].contains(&error.exit_code());
                    assert!(tried.changed && expected, "{error}");
                }
            }
        });
    }

    /// Looks at a folder while a case is in it, then while the manifest fits it, too.
    fn tried(&self, case: &[u8], look: impl Fn(Tried<'_>)) {
        let Some((which, bytes)) = case.split_first() else {
            return;
        };
        let (path, before) = &self.files[usize::from(*which) % self.files.len()];
        let folder = path.parent().expect("in a folder");
        let manifest = folder.join(MANIFEST);
        fs::write(path, bytes).expect("written");
        let stated = fs::read(&manifest).expect("read");
        let tried = Tried {
            folder,
            changed: bytes != before,
            fits: false,
        };
        look(tried);
        let fits = std::str::from_utf8(&stated).ok();
        let fits = fits.and_then(|text| {
            if *path == manifest {
                Some(signing::signed(text))
            } else {
                signing::listing(text, before, bytes)
            }
        });
        if let Some(text) = fits {
            fs::write(&manifest, text).expect("written");
            look(Tried {
                fits: true,
                ..tried
            });
        }
        fs::write(&manifest, stated).expect("written");
        fs::write(path, before).expect("written");
    }
}

impl Default for Published {
    fn default() -> Self {
        Self::new()
    }
}

/// Makes a link lead to where it led.
fn put_back(link: &Path, before: &Path) {
    if fs::read_link(link).expect("a link") != before {
        let now = link.canonicalize().expect("a folder");
        fs::remove_file(link).expect("removed");
        symlink(before, link).expect("linked");
        fs::remove_dir_all(now).expect("removed");
    }
}

/// The plain files of a folder, with what is in them.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let file = |path: PathBuf| {
        let bytes = fs::read(&path).expect("read");
        (path, bytes)
    };
    paths.into_iter().map(file).collect()
}

/// A project in which everything is measured, of so much ε that most of it shows.
fn project(folder: &Path) -> Project {
    let configuration = CONFIGURATION.replace("epsilon = 8.0", "epsilon = 100000.0");
    let [people, sessions, assessments, outcomes] = rows();
    for (name, text) in [
        ("lodestar.toml", configuration.as_str()),
        ("org.csv", ORG),
        ("programmes.csv", PROGRAMMES),
        ("people.csv", &people),
        ("sessions.csv", &sessions),
        ("assessments.csv", &assessments),
        ("outcomes.csv", &outcomes),
    ] {
        fs::write(folder.join(name), text).expect("written");
    }
    config::load(&folder.join("lodestar.toml")).expect("valid")
}

/// What is said of some people: people, sessions, assessments, outcomes.
fn rows() -> [String; 4] {
    let mut all = [PEOPLE, SESSIONS, ASSESSMENTS, OUTCOMES].map(|text| {
        let header = text.lines().next().unwrap_or_default();
        format!("{header}\n")
    });
    let [people, sessions, assessments, outcomes] = &mut all;
    for n in 0..SUBJECTS {
        let (unit, level) = (["a1", "b"][n % 2], ["staff", "manager"][n / 2 % 2]);
        let _ = writeln!(people, "p{n},{unit},{level},lead,,");
        for (day, themes) in [
            ("2024-02-05", "trust;conflict"),
            ("2024-05-05", "ambiguity"),
        ] {
            let _ = writeln!(
                sessions,
                "{day},p{n},c{n},{day},60,courage;delegation,{themes},,coaching,proactive,"
            );
        }
        for (wave, day) in [("baseline", "2023-12-05"), ("follow_up", "2024-05-05")] {
            for (rater, group) in [("", "self"), ("m", "manager"), ("q", "peer"), ("r", "peer")] {
                let rater = if rater.is_empty() {
                    String::new()
                } else {
                    format!("{rater}{n}")
                };
                let score = 2 + n % 3;
                let _ = writeln!(
                    assessments,
                    "p{n},courage,leadership,{score},{day},{wave},{rater},{group},"
                );
            }
        }
        for day in ["2023-11-03", "2024-02-03", "2024-05-03"] {
            let _ = writeln!(outcomes, "p{n},{day},absence,{}", n % 5);
        }
    }
    all
}
