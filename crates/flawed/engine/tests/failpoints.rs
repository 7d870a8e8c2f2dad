//! A power cut at every place at which one could matter, at every pass of it: what is
//! visible is whole and paid for, and the next run mends the rest.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// All places, as `may_fail!` names them in the sources.
const PLACES: [&str; 15] = [
    "after_the_charge",
    "after_the_rename",
    "after_the_swap",
    "before_the_charge",
    "before_the_rename",
    "before_the_swap",
    "bytes_stored",
    "file_written",
    "ledger_beginning",
    "ledger_begun",
    "old_removed",
    "paid",
    "placed",
    "published",
    "staging_made",
];

const CONFIG: &str = r#"
[project]
organisation = "Acme"
[periods]
first = "2024-Q1"
last = "2024-Q3"
[privacy]
k = 3
[[competencies]]
id = "courage"
[[themes]]
id = "trust"
competencies = ["courage"]
[sources.sessions]
path = "sessions.csv"
synthetic = true
[[measures]]
use = "theme_prevalence"
"#;

/// All periods are due.
const LAST: &str = "2025-01-01";
const PERIODS: [&str; 3] = ["2024-Q1", "2024-Q2", "2024-Q3"];

fn project() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut rows = "session_id,coachee_id,coach_id,held_on,minutes,competency,themes\n".to_owned();
    for person in 0..40 {
        for day in ["2024-02-01", "2024-05-01", "2024-08-01"] {
            writeln!(
                rows,
                "{day}-{person},p{person},c{person},{day},60,courage,trust"
            )
            .unwrap();
        }
    }
    fs::write(folder.path().join("lodestar.toml"), CONFIG).unwrap();
    fs::write(folder.path().join("sessions.csv"), rows).unwrap();
    folder
}

fn run(project: &Path, as_of: &str, fail_at: Option<&str>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lodestar-flawed"));
    command.envs(fail_at.map(|place| ("LODESTAR_FAIL_AT", place)));
    command
        .arg("run")
        .arg("--config")
        .arg(project.join("lodestar.toml"));
    command.args(["--as-of", as_of]).output().unwrap()
}

/// Every file that a reader can see, with its bytes.
fn visible(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let Ok(releases) = fs::read_dir(folder.join("published/releases")) else {
        return found;
    };
    for release in releases.map(|entry| entry.unwrap().path()) {
        let name = release.file_name().unwrap().to_str().unwrap();
        if name.starts_with('.') {
            continue;
        }
        for file in fs::read_dir(&release).unwrap() {
            let path = file.unwrap().path();
            found.insert(path.clone(), fs::read(path).unwrap());
        }
    }
    found
}

/// What the ledger says, read by SQLite alone: files by release.
fn paid(folder: &Path) -> BTreeMap<String, BTreeMap<String, Vec<u8>>> {
    let path = folder.join("state/ledger.sqlite");
    let mut all: BTreeMap<String, BTreeMap<String, Vec<u8>>> = BTreeMap::new();
    let Ok(ledger) = rusqlite::Connection::open(path) else {
        return all;
    };
    let Ok(mut charges) = ledger.prepare("SELECT period, revision FROM charges") else {
        return all;
    };
    let names = charges
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    for charge in names {
        let (period, revision): (String, u32) = charge.unwrap();
        assert_eq!(revision, 0, "a period is paid for once");
        let mut files = ledger
            .prepare("SELECT name, bytes FROM files WHERE period = ?1")
            .unwrap();
        let files = files
            .query_map([&period], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap();
        let files: BTreeMap<String, Vec<u8>> = files.map(Result::unwrap).collect();
        assert!(
            all.insert(period, files).is_none(),
            "a period is paid for once"
        );
    }
    all
}

/// Whatever is visible is whole, and paid for with these bytes.
fn whole(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let (visible, paid) = (visible(folder), paid(folder));
    let releases: Vec<&Path> = visible.keys().filter_map(|path| path.parent()).collect();
    for release in releases {
        let name = release.file_name().unwrap().to_str().unwrap();
        let files = paid
            .get(name)
            .unwrap_or_else(|| panic!("{name} is not paid for"));
        let seen: BTreeMap<String, Vec<u8>> = visible
            .iter()
            .filter(|(path, _)| path.parent() == Some(release))
            .map(|(path, bytes)| {
                let name = path.file_name().unwrap().to_str().unwrap();
                (name.to_owned(), bytes.clone())
            })
            .collect();
        assert!(seen == *files, "{name} is not whole");
    }
    visible
}

/// Cuts the power at one pass of a place, and mends; `false`: the run had no such pass.
fn cut(folder: &Path, place: &str) -> bool {
    let cut = run(folder, LAST, Some(place));
    if cut.status.success() {
        return false;
    }
    assert_eq!(cut.status.code(), None, "{place}: {cut:?}");
    let before = whole(folder);
    let mended = run(folder, LAST, None);
    assert!(mended.status.success(), "{place}: {mended:?}");
    let after = whole(folder);
    let unchanged = |(path, bytes): (&PathBuf, &Vec<u8>)| after.get(path) == Some(bytes);
    assert!(before.iter().all(unchanged), "{place}: bytes have changed");
    let paid = paid(folder);
    assert!(paid.keys().eq(PERIODS), "{place}");
    let files: usize = paid.values().map(BTreeMap::len).sum();
    assert_eq!(after.len(), files, "{place}: what is paid for is visible");
    let left = fs::read_dir(folder.join("published/releases")).unwrap();
    assert_eq!(
        left.count(),
        PERIODS.len(),
        "{place}: nothing is left behind"
    );
    true
}

#[test]
fn a_power_cut_anywhere_leaves_all_or_nothing() {
    for place in PLACES {
        let mut passes = 0;
        // Of a project that begins, and of one that has run on other nights.
        for nights in [&[][..], &["2024-04-20", "2024-07-20"]] {
            // Two are enough where every file is a pass.
            for pass in 1..=2 {
                let folder = project();
                for night in nights {
                    assert!(run(folder.path(), night, None).status.success());
                }
                if !cut(folder.path(), &format!("{place}:{pass}")) {
                    break;
                }
                passes += 1;
            }
        }
        assert!(passes > 0, "no run passes {place}");
    }
}

/// The list above is that of the sources.
#[test]
fn all_places_are_tried() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let mut found = std::collections::BTreeSet::new();
    let mut folders = vec![root.join("src"), root.join("crates/privacy/src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs")
                && !path.ends_with("flaw.rs")
            {
                let text = fs::read_to_string(path).unwrap();
                let places = text.split("may_fail!(").skip(1);
                found.extend(places.map(|rest| rest.split(')').next().unwrap().to_owned()));
            }
        }
    }
    assert!(found.iter().eq(PLACES.iter()), "{found:?}");
}
