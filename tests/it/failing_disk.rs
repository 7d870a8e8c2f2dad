//! A disk that is full or fails, at any one of the calls that change it: the run
//! says so and ends with exit code 7, what was published stays as it is, and the
//! next run does what is left to do and pays once.
//!
//! `tests/crash/failing_disk.c` makes calls of the binary fail. Where there is no C
//! compiler, or no `LD_PRELOAD`, the tests say so. Every call, not one of many:
//!
//! ```text
//! LODESTAR_TESTS=full cargo test --test it failing_disk -- --nocapture
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use lodestar::publish;
use lodestar_privacy::ledger::{Charge, Records, stored};
use rustix::io::Errno;
use tempfile::TempDir;

use crate::support::{Output, Project, copy, names, output, short_or_full, tiny_sessions};

/// The library; `None`: it can't be built or used here, and why is said.
fn library() -> Option<&'static Path> {
    static BUILT: OnceLock<Option<TempDir>> = OnceLock::new();
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    const NAME: &str = "failing_disk.so";
    let build = || {
        let folder = tempfile::tempdir().unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/crash/failing_disk.c");
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-O1", "-o"]);
        compiler
            .arg(folder.path().join(NAME))
            .arg(source)
            .arg("-ldl");
        let built = cfg!(target_os = "linux") && compiler.status().is_ok_and(|it| it.success());
        built.then_some(folder)
    };
    let folder = BUILT.get_or_init(build).as_ref();
    if folder.is_none() {
        // Past the test harness, which shows nothing of a test that passes.
        let _ = writeln!(std::io::stderr(), "skipped: no cc, or no LD_PRELOAD");
        return None;
    }
    folder.map(|folder| PATH.get_or_init(|| folder.path().join(NAME)).as_path())
}

/// Which calls fail: from `first` to `last`, counted from 1, on paths that hold
/// `name`.
struct Fault {
    error: Errno,
    first: usize,
    last: usize,
    name: &'static str,
}

/// A run on a failing disk, and the first call that failed.
fn faulted(project: &Project, library: &Path, fault: &Fault) -> (Output, Option<String>) {
    let log = tempfile::NamedTempFile::new().unwrap();
    let mut command = project.command("run");
    command
        .env("LD_PRELOAD", library)
        .env("FAILING_DISK_UNDER", project.path(""))
        .env("FAILING_DISK_NAME", fault.name)
        .env("FAILING_DISK_ERROR", fault.error.raw_os_error().to_string())
        .env("FAILING_DISK_AT", fault.first.to_string())
        .env("FAILING_DISK_LAST", fault.last.to_string())
        .env("FAILING_DISK_LOG", log.path());
    let ended = output(command.output().unwrap());
    let calls = fs::read_to_string(log.path()).unwrap();
    let failed = calls.lines().find_map(|call| call.strip_suffix(" FAILS"));
    (ended, failed.map(str::to_owned))
}

/// Two quarters, of which the first is released and the second is due.
fn half_way() -> Project {
    let project = Project::tiny();
    let first = tiny_sessions();
    let second = first
        .iter()
        .map(|row| row.replace(",2025-02-", ",2025-05-"));
    let second: Vec<String> = second.map(|row| row.replacen('s', "t", 1)).collect();
    project.sessions(&[first, second].concat());
    project.edit(r#"last = "2025-Q1""#, r#"last = "2025-Q2""#);
    project.lodestar("run --as-of 2025-04-08").ok();
    assert_eq!(project.releases(), ["2025-Q1"]);
    project
}

/// The same project in a folder of its own, links and all.
fn twin(project: &Project) -> Project {
    let twin = Project::empty();
    let mut command = Command::new("cp");
    let copied = command.arg("-a").arg(project.path(".")).arg(twin.path("."));
    assert!(copied.status().unwrap().success());
    twin
}

/// Everything that can be seen is whole and paid for, once; returns it, by path
/// below `releases/`. The ledger is looked at in a copy: whoever opens it finishes
/// what was begun.
fn visible(project: &Project) -> BTreeMap<PathBuf, Vec<u8>> {
    let state = tempfile::tempdir().unwrap();
    copy(&project.path("state"), state.path());
    let charges = Records::inspect(state.path()).unwrap().charges;
    let ids: Vec<String> = charges.iter().map(Charge::release_id).collect();
    let paid = stored(state.path()).unwrap();
    let mut found = BTreeMap::new();
    for name in project.releases() {
        if name.starts_with('.') {
            continue;
        }
        assert_eq!(ids.iter().filter(|id| **id == name).count(), 1, "{name}");
        let released = paid.iter().find(|one| one.release_id() == name).unwrap();
        let folder = project.path("published/releases").join(&name);
        let files = released.files().iter();
        let files: BTreeMap<PathBuf, Vec<u8>> = files
            .map(|(file, bytes)| (PathBuf::from(file), bytes.clone()))
            .collect();
        assert!(crate::support::files(&folder) == files, "{name}");
        let files = files.into_iter();
        found.extend(files.map(|(file, bytes)| (Path::new(&name).join(file), bytes)));
    }
    let current = project.path("published/current");
    let report = publish::verify(&current).unwrap();
    assert!(report.passed(), "{:?}", report.findings);
    found
}

/// After a run that ended well: both quarters, and nothing else.
fn done(project: &Project, before: &BTreeMap<PathBuf, Vec<u8>>) {
    assert_eq!(project.charges(), ["2025-Q1", "2025-Q2"]);
    assert_eq!(project.releases(), ["2025-Q1", "2025-Q2"]);
    let after = visible(project);
    assert!(
        before
            .iter()
            .all(|(path, bytes)| after.get(path) == Some(bytes))
    );
    let left = |folder: &str, of: fn(&str) -> bool| {
        let names = names(&project.path(folder));
        assert!(!names.iter().any(|name| of(name)), "{folder}: {names:?}");
    };
    left("state", |name| {
        Path::new(name).extension().is_some_and(|end| end == "new")
    });
    left("published", |name| name.starts_with(".current"));
    left("published/.generations", |name| name.starts_with('.'));
    assert_eq!(project.lodestar("run").ok().stdout, "up to date\n");
}

/// Fails calls one by one, `every` so many; for good, or once.
fn at_calls(error: Errno, every: usize, for_good: bool) {
    let Some(library) = library() else { return };
    let base = half_way();
    let before = visible(&base);
    let (mut failed, mut survived) = (0, BTreeMap::<String, usize>::new());
    for first in (1..).step_by(every) {
        let project = twin(&base);
        let last = if for_good { usize::MAX >> 1 } else { first };
        let fault = Fault {
            error,
            first,
            last,
            name: "",
        };
        let (ended, call) = faulted(&project, library, &fault);
        let Some(call) = call else {
            ended.ok();
            done(&project, &before);
            eprintln!("{error:?}, for good: {for_good}: {failed} refused, harmless: {survived:?}");
            assert!(failed * every > 60, "every write counts: {failed}");
            return;
        };
        let stands = visible(&project);
        assert!(
            before
                .iter()
                .all(|(path, bytes)| stands.get(path) == Some(bytes)),
            "{call}"
        );
        if ended.code == Some(0) {
            // Nothing that was asked for is missing.
            assert!(
                project.releases() == ["2025-Q1", "2025-Q2"],
                "{call}: {ended:?}"
            );
            let what = call
                .split(' ')
                .skip(1)
                .map(|word| word.rsplit('/').next().unwrap_or(word));
            *survived
                .entry(what.collect::<Vec<_>>().join(" "))
                .or_default() += 1;
        } else {
            assert_eq!(ended.code, Some(7), "{call}: {ended:?}");
            assert!(ended.stderr.starts_with("error:"), "{call}: {ended:?}");
            failed += 1;
        }
        project.lodestar("run").ok();
        done(&project, &stands);
    }
}

#[test]
fn a_disk_without_space_ends_a_run_with_7_and_the_next_one_does_what_is_left() {
    at_calls(Errno::NOSPC, short_or_full(29, 1), true);
    at_calls(Errno::NOSPC, short_or_full(61, 1), false);
}

#[test]
fn a_disk_that_fails_ends_a_run_with_7_and_the_next_one_does_what_is_left() {
    at_calls(Errno::IO, short_or_full(37, 1), false);
    at_calls(Errno::IO, short_or_full(67, 1), true);
}

#[test]
fn a_ledger_that_cannot_be_written_is_refused() {
    let Some(library) = library() else { return };
    let project = half_way();
    let published = project.published();
    for error in [Errno::ROFS, Errno::ACCESS, Errno::PERM] {
        let last = usize::MAX >> 1;
        let fault = Fault {
            error,
            first: 1,
            last,
            name: "ledger.sqlite",
        };
        let (ended, call) = faulted(&project, library, &fault);
        assert!(call.is_some());
        ended.refused(6, &["the ledger is refused"]);
        assert!(project.published() == published);
    }
    project.lodestar("run").ok();
    assert_eq!(project.charges(), ["2025-Q1", "2025-Q2"]);
}
