//! A night with nothing due tells nothing by how long it takes: it reads no rows.
//!
//! Known: how many bytes the process read, as the kernel counts them. It is more than
//! anybody sees who does not share the machine.

use std::fmt::Write as _;
use std::process::Command;

use crate::support::{Project, tiny_sessions};

/// What a command read and was given: bytes through all calls that read, its own and its
/// threads'. `None`: this kernel does not count.
fn bytes_read(project: &Project, command: &str) -> Option<u64> {
    let mut shell = Command::new("sh");
    shell
        .arg("-c")
        .arg("\"$@\" > /dev/null 2>&1; cat /proc/$$/io")
        .arg("sh");
    shell
        .arg(env!("CARGO_BIN_EXE_lodestar"))
        .args(command.split(' '));
    shell.arg("--config").arg(project.config());
    let counted = String::from_utf8(shell.output().unwrap().stdout).unwrap();
    let line = counted
        .lines()
        .find_map(|line| line.strip_prefix("rchar: "));
    line.map(|bytes| bytes.parse().unwrap())
}

/// Released up to its last period, with so many copies of its sessions in a note each.
fn released(copies: usize) -> (Project, u64) {
    let project = Project::tiny();
    let rows = (0..copies).flat_map(|copy| {
        let rows = tiny_sessions().into_iter();
        rows.map(move |row| format!("{copy}{row}{}", "x".repeat(200)))
    });
    project.sessions(&rows.collect::<Vec<_>>());
    project.lodestar("run").ok();
    let bytes = project.read("input/sessions.csv").len() as u64;
    (project, bytes)
}

#[test]
fn a_quiet_night_reads_no_more_where_there_are_more_rows() {
    let ((small, few), (large, many)) = (released(1), released(300));
    assert!(many > few + 5_000_000);
    let mut said = String::new();
    let mut read = |project: &Project, command: &str| {
        let bytes = bytes_read(project, command);
        let _ = write!(said, "{command}: {bytes:?} bytes read; ");
        bytes
    };
    let Some(quiet) = read(&small, "run") else {
        return eprintln!("skipped: this kernel does not count what is read");
    };
    let quiet_large = read(&large, "run").unwrap();
    let loud = read(&small, "check").unwrap();
    let loud_large = read(&large, "check").unwrap();
    // Numbers of rows stand in the status with a few more digits.
    assert!(quiet_large.abs_diff(quiet) < 4_096, "{said}");
    assert!(loud_large > loud + 5_000_000, "{said}");
}
