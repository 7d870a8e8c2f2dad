//! A run that is killed: visible ⇒ charged, exactly once, and the same bytes
//! however often it is tried again.
//!
//! `tests/crash/kill.py` judges it from outside, without the engine's code. Where
//! there is no Python the test says so. A thousand kills:
//!
//! ```text
//! LODESTAR_TESTS=full cargo test --test it crash::an_oracle -- --nocapture
//! ```

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use lodestar::ingest::{self, Org, Request};
use lodestar::pipeline::Run;
use lodestar::{config, schedule};
use lodestar_privacy::release::release;

use crate::support::{Project, files, names, short_or_full};

#[test]
fn what_was_committed_is_published_by_the_next_run() {
    let project = Project::until("2024-Q2");
    let configured = config::load(&project.config()).unwrap();
    let (name, stored) = {
        let mut run = Run::open(&configured).unwrap();
        let periods = &schedule::closed(&configured, jiff::civil::date(2024, 4, 8));
        let org = Org::load(&configured).unwrap();
        let request = Request {
            periods,
            ..Request::default()
        };
        let intake = ingest::read(&configured, &org, &run.key(), &request).unwrap();
        let (public, grant) = run.grant(&org, &periods[0], false).unwrap();
        let tally = run.tally(&org, public, &periods[0], &intake).unwrap();
        let released = run.commit(release(tally, grant).unwrap()).unwrap();
        (released.release_id().to_owned(), released.files().to_vec())
        // Here the run is dropped, as by a crash before anything was renamed.
    };
    assert_eq!(name, "2024-Q1");
    assert!(project.releases().is_empty());
    assert_eq!(project.charges(), ["2024-Q1"]);
    // On a night on which nothing is due.
    let said = project.lodestar("run --as-of 2024-04-08").ok().stdout;
    let again = "2024-Q1: published from the ledger, as it was paid for before\nup to date\npage: ";
    assert!(said.starts_with(again), "{said}");
    let published = files(&project.path("published/releases/2024-Q1"));
    let stored = stored
        .into_iter()
        .map(|(name, bytes)| (PathBuf::from(name), bytes));
    assert!(published == stored.collect());
    for release in ["releases/2024-Q1", "current"] {
        project.verify(release).ok();
    }
    assert_eq!(project.charges(), ["2024-Q1"]);
    project.lodestar("run").ok();
    assert_eq!(project.charges(), ["2024-Q1", "2024-Q2"]);
}

/// How long a run takes on this machine at this moment.
fn duration_of_a_run() -> Duration {
    let project = Project::until("2024-Q2");
    let start = Instant::now();
    project.lodestar("run").ok();
    start.elapsed()
}

/// Starts a run and kills it after a while, if it is still there.
fn kill_after(project: &Project, moment: Duration) {
    let mut command = project.command("run");
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(moment);
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Everything that can be seen is whole and paid for.
fn visible(project: &Project) -> Vec<(PathBuf, Vec<u8>)> {
    let releases = project.path("published/releases");
    let visible = names(&releases)
        .into_iter()
        .filter(|name| !name.starts_with('.'));
    let visible: Vec<String> = visible.collect();
    let charges = project.charges();
    for release in &visible {
        assert!(
            charges.contains(release),
            "{release} is visible, but not charged"
        );
        project.verify(&format!("releases/{release}")).ok();
    }
    if project.path("published/current").exists() {
        project.verify("current").ok();
    }
    let all = files(&releases).into_iter();
    all.filter(|(path, _)| visible.iter().any(|release| path.starts_with(release)))
        .collect()
}

#[test]
fn a_run_that_is_killed_at_any_moment_leaves_all_or_nothing() {
    const KILLS: u32 = 20;
    let whole = duration_of_a_run();
    for kill in 0..KILLS {
        let project = Project::until("2024-Q2");
        // The first moments are the program's start; the end is beyond it.
        kill_after(&project, whole * (kill + 1) / KILLS);
        let before = visible(&project);
        // Every third time the recovery is killed, too.
        if kill % 3 == 0 {
            kill_after(&project, whole * (kill + 1) / (2 * KILLS));
            visible(&project);
        }
        project.lodestar("run").ok();
        assert_eq!(project.charges(), ["2024-Q1", "2024-Q2"]);
        assert_eq!(
            project.releases(),
            ["2024-Q1", "2024-Q2"],
            "nothing is left behind"
        );
        let after = visible(&project);
        let unchanged = |file: &(PathBuf, Vec<u8>)| after.contains(file);
        assert!(
            before.iter().all(unchanged),
            "bytes that were visible have changed"
        );
        let leftover = |path: &&PathBuf| path.to_string_lossy().contains("staging");
        let published = project.published();
        assert_eq!(published.keys().find(leftover), None);
        assert!(
            !project
                .path("published")
                .join(Path::new(".current-new"))
                .exists()
        );
        assert_eq!(project.lodestar("run").ok().stdout, "up to date\n");
    }
}

#[test]
fn a_ledger_whose_birth_is_killed_is_none_or_whole() {
    for kill in 0..12 {
        let project = Project::tiny();
        let mut command = project.command("run");
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        while !project.path("state/ledger.sqlite").exists() {
            std::thread::sleep(Duration::from_micros(100));
        }
        std::thread::sleep(Duration::from_millis(kill));
        child.kill().unwrap();
        child.wait().unwrap();
        visible(&project);
        project.lodestar("run").ok();
        assert_eq!(project.charges(), ["2025-Q1"]);
    }
}

/// Whether there is a Python that can run the harness; if not, that is said.
fn has_python() -> bool {
    let mut python = Command::new("python3");
    let asks = "import sqlite3, sys; ok = sqlite3.sqlite_version_info >= (3, 37); sys.exit(not ok)";
    python.args(["-c", asks]).stderr(Stdio::null());
    let there = python.status().is_ok_and(|status| status.success());
    if !there {
        // Past the test harness, which shows nothing of a test that passes.
        let _ = writeln!(
            std::io::stderr(),
            "skipped: no python3 with SQLite 3.37 or newer"
        );
    }
    there
}

#[track_caller]
fn harness(arguments: &[&str]) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/crash/kill.py");
    let mut python = Command::new("python3");
    python
        .arg(script)
        .args(["--lodestar", env!("CARGO_BIN_EXE_lodestar")]);
    let ended = python.args(arguments).output().unwrap();
    let said = [ended.stdout, ended.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    eprintln!("{said}");
    assert!(ended.status.success(), "{said}");
}

#[test]
fn an_oracle_finds_nothing_wrong_after_kills_at_random() {
    if has_python() {
        let kills = short_or_full(15, 1000).to_string();
        harness(&["--kills", &kills]);
    }
}

#[test]
fn the_oracle_notices_what_is_wrong() {
    if has_python() {
        harness(&["--self-test"]);
    }
}
