//! Exit 5: another run holds the lock. However many start, a period is paid
//! for once. Fifty at once, a hundred times:
//!
//! ```text
//! LODESTAR_TESTS=full cargo test --test it together
//! ```

use std::fs::{self, File};
use std::process::Stdio;

use crate::support::{Project, output, short_or_full};

#[test]
fn a_run_does_not_wait_for_another() {
    let project = Project::until("2024-Q1");
    fs::create_dir(project.path("state")).unwrap();
    let lock = File::create(project.path("state/lock")).unwrap();
    lock.lock().unwrap();
    for command in ["run", "check", "run --dry-run"] {
        project
            .lodestar(command)
            .refused(5, &["another run holds the lock", "try again"]);
    }
    assert!(project.releases().is_empty());
    // Looking is always possible.
    project.lodestar("budget").ok();
    project.lodestar("plan").ok();
    // A lock that nobody holds is no obstacle, though its file is there.
    drop(lock);
    project.lodestar("run").ok();
}

#[test]
fn of_many_that_start_at_once_one_pays() {
    let (starts, rounds) = (short_or_full(8, 50), short_or_full(2, 100));
    for _ in 0..rounds {
        let project = Project::until("2024-Q2");
        let start = || {
            let mut command = project.command("run");
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
            command.spawn().unwrap()
        };
        let started: Vec<_> = (0..starts).map(|_| start()).collect();
        let mut done = 0;
        for child in started {
            let ended = output(child.wait_with_output().unwrap());
            match ended.code {
                Some(0) => done += 1,
                _ => drop(ended.refused(5, &["another run holds the lock"])),
            }
        }
        assert!(done > 0);
        // Its lock is gone with whoever held it.
        let lock = File::open(project.path("state/lock")).unwrap();
        lock.try_lock().unwrap();
        drop(lock);
        assert_eq!(project.charges(), ["2024-Q1", "2024-Q2"]);
        assert_eq!(project.releases(), ["2024-Q1", "2024-Q2"]);
        for release in ["releases/2024-Q1", "releases/2024-Q2", "current"] {
            project.verify(release).ok();
        }
        assert_eq!(project.lodestar("run").ok().stdout, "up to date\n");
    }
}
