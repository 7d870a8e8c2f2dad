//! A reader who looks all the time while releases are published. A thousand times:
//!
//! ```text
//! LODESTAR_TESTS=full cargo test --lib polling
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::publish::fixture;

type Files = BTreeMap<String, Vec<u8>>;

/// A release, and all that `current` is made of it.
struct State {
    release: Vec<(String, Vec<u8>)>,
    current: Vec<(String, Vec<u8>)>,
}

fn state(revision: u32) -> State {
    let release = fixture::files(|_, public| fixture::quarter(public, 1, revision));
    let id = format!("2024-Q1-r{revision}");
    let stored = Stored {
        id: &id,
        files: &release,
    };
    let current = current::build(&[stored]).expect("built");
    State { release, current }
}

/// Every file of a folder; `None`: one was gone before it was read.
fn read(folder: &Path) -> Option<Files> {
    let entries = fs::read_dir(folder).ok()?;
    let file = |entry: std::io::Result<fs::DirEntry>| {
        let entry = entry.ok()?;
        let name = entry.file_name().into_string().expect("UTF-8");
        Some((name, fs::read(entry.path()).ok()?))
    };
    entries.map(file).collect()
}

/// What a reader saw.
#[derive(Default)]
struct Seen {
    whole: usize,
    /// Folders that were two generations old before all of them was read.
    overtaken: usize,
    releases: usize,
}

/// Looks at what is published, `published` times so far, until it was so often.
fn look(
    publish: &Path,
    [states, releases]: [&[Files]; 2],
    published: &AtomicUsize,
    rounds: usize,
) -> Seen {
    let mut seen = Seen::default();
    let mut known = 0;
    loop {
        let before = published.load(Ordering::Acquire);
        if before == rounds {
            return seen;
        }
        // A folder is found once, and its files in it: the link may move meanwhile.
        let folder = publish.join(fs::read_link(publish.join("current")).expect("a link"));
        match read(&folder) {
            Some(files) if states.contains(&files) => seen.whole += 1,
            found => {
                // It goes with the second swap after it came.
                let names = found.map(|files| files.into_keys().collect::<Vec<_>>());
                let after = published.load(Ordering::Acquire);
                assert!(
                    after > before,
                    "{names:?} can be seen in {}",
                    folder.display()
                );
                seen.overtaken += 1;
            }
        }
        let visible = disk::names(&publish.join(RELEASES)).expect("names");
        let visible: Vec<_> = visible
            .iter()
            .filter(|name| !name.starts_with('.'))
            .collect();
        assert!(visible.len() >= known, "a release is gone");
        known = visible.len();
        if let Some(newest) = visible.last() {
            let files = read(&publish.join(RELEASES).join(newest)).expect("releases stay");
            assert!(releases.contains(&files), "half of {newest} can be seen");
            seen.releases += 1;
        }
    }
}

#[test]
fn a_reader_sees_a_whole_release_at_any_moment() {
    let rounds = match std::env::var("LODESTAR_TESTS") {
        Ok(asked) if asked == "full" => 1000,
        _ => 50,
    };
    let dir = tempfile::tempdir().expect("a folder");
    let all: Vec<State> = (0..4).map(state).collect();
    let map = |files: &Vec<(String, Vec<u8>)>| files.iter().cloned().collect::<Files>();
    let states: Vec<Files> = all.iter().map(|one| map(&one.current)).collect();
    let releases: Vec<Files> = all.iter().map(|one| map(&one.release)).collect();
    publish_current(&all[3].current, dir.path()).expect("published");
    let published = AtomicUsize::new(0);
    let seen = std::thread::scope(|scope| {
        let reader = scope.spawn(|| look(dir.path(), [&states, &releases], &published, rounds));
        for round in 0..rounds {
            let one = &all[round % all.len()];
            let id = format!("2024-Q1-r{round:04}");
            let stored = Stored {
                id: &id,
                files: &one.release,
            };
            publish_release(stored, dir.path()).expect("published");
            publish_current(&one.current, dir.path()).expect("published");
            published.fetch_add(1, Ordering::AcqRel);
        }
        reader.join().expect("what was seen is whole")
    });
    eprintln!(
        "{rounds} publishes: {} looks at current, {} overtaken; {} at releases",
        seen.whole, seen.overtaken, seen.releases
    );
    assert!(seen.whole > rounds / 10 && seen.releases > rounds / 10);
}
