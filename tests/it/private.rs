//! What the private side keeps to itself: its key, its rows in memory and on disk.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::canary::{planted, silent};
use crate::support::{Project, lodestar};

/// A configuration that is never written to keeps the program waiting for it.
#[test]
fn a_process_that_crashes_leaves_no_core() {
    let project = Project::empty();
    let fifo = project.path("lodestar.toml");
    let made = Command::new("mkfifo").arg(&fifo).status();
    if !made.is_ok_and(|it| it.success()) || !cfg!(target_os = "linux") {
        return eprintln!("skipped: no mkfifo, or no /proc");
    }
    let mut command = lodestar(["check".as_ref(), "--config".as_ref(), fifo.as_os_str()]);
    let mut child = command.stderr(Stdio::null()).spawn().unwrap();
    let limits = format!("/proc/{}/limits", child.id());
    let is_off = || {
        let text = fs::read_to_string(&limits).unwrap();
        let line = text
            .lines()
            .find(|line| line.starts_with("Max core file size"));
        let words: Vec<&str> = line.unwrap().split_whitespace().collect();
        words[4..6] == ["0", "0"]
    };
    let off = (0..200).any(|_| {
        thread::sleep(Duration::from_millis(20));
        is_off()
    });
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(off, "core dumps are off within four seconds");
}

#[test]
fn a_key_that_was_lost_or_is_changed_on_purpose_is_drawn_anew() {
    let project = Project::until("2024-Q1");
    project.lodestar("run").ok();
    let (published, first) = (project.published(), project.read("state/secret"));
    fs::remove_file(project.path("state/secret")).unwrap();
    // A quiet night needs one, too.
    project.lodestar("run").ok();
    let second = project.read("state/secret");
    assert!(second.len() == 32 && second != first);
    let mode = fs::metadata(project.path("state/secret"))
        .unwrap()
        .permissions();
    assert_eq!(mode.mode() & 0o777, 0o600);
    assert!(project.published() == published);
    // Revisions go on, with the other one.
    project.lodestar("run --revise --period 2024-Q1").ok();
    assert_eq!(project.charges(), ["2024-Q1", "2024-Q1-r1"]);
    project.verify("current").ok();
    project.write("state/secret", "short");
    let words = ["state/secret", "remove it"];
    project.lodestar("run").refused(7, &words);
    fs::remove_file(project.path("state/secret")).unwrap();
    project.lodestar("run").ok();
}

/// How many bytes a process has in files of a folder that have no name there.
fn waits_on_disk(process: u32, folder: &Path) -> u64 {
    let open = fs::read_dir(format!("/proc/{process}/fd"));
    let open = open.into_iter().flatten().flatten().map(|it| it.path());
    let nameless = open.filter(|it| {
        let at = fs::read_link(it).unwrap_or_default();
        at.starts_with(folder) && at.to_string_lossy().ends_with(" (deleted)")
    });
    let files = nameless.filter_map(|it| fs::metadata(it).ok());
    files.map(|file| file.len()).sum()
}

/// Delivers a project's sessions so many times over, with other ids each time: so many
/// rows that some of them wait while others are read.
fn deliver_again(project: &Project, times: usize) {
    let text = String::from_utf8(project.read("input/sessions.csv")).unwrap();
    let (header, rows) = text.split_once('\n').unwrap();
    let copy = |n| rows.replace("CANARY-session-", &format!("CANARY-session-{n}-"));
    let copies: String = (0..times).map(copy).collect();
    project.write("input/sessions.csv", format!("{header}\n{copies}"));
}

/// Rows that wait on disk have no name there, and go with the process.
#[test]
fn no_planted_text_waits_on_disk_where_it_could_be_found() {
    let project = planted();
    deliver_again(&project, 20);
    for folder in ["temp", "state"] {
        fs::create_dir_all(project.path(folder)).unwrap();
    }
    let state = project.path("state").canonicalize().unwrap();
    let mut most = 0;
    for kill_after in [5, 10, 20, 40, 80, 160, 320, 30_000] {
        let mut command = project.command("check --memory 0B");
        command.env("TMPDIR", project.path("temp"));
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let ended = (0..kill_after).any(|_| {
            thread::sleep(Duration::from_millis(1));
            most = most.max(waits_on_disk(child.id(), &state));
            child.try_wait().unwrap().is_some()
        });
        if !ended {
            child.kill().unwrap();
            child.wait().unwrap();
        }
        silent(&project, &[]);
    }
    if cfg!(target_os = "linux") {
        // Else nothing would have been looked at.
        assert!(most > 50_000, "{most} bytes waited on disk");
    }
}
