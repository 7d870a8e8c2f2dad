//! Exit 6, 7 and 8: a ledger that can't be trusted, a disk that fails, a
//! release that is not what it claims.

use std::fmt::Write as _;
use std::fs;

use crate::support::Project;

/// A project that has released 2024-Q1.
fn released() -> Project {
    let project = Project::until("2024-Q2");
    project.lodestar("run --as-of 2024-04-08").ok();
    project
}

/// A run is refused with this code and these words, and publishes nothing.
#[track_caller]
fn refused(project: &Project, code: i32, words: &[&str]) {
    let before = project.published();
    project.lodestar("run").refused(code, words);
    assert!(project.published() == before, "something was published");
}

fn drop_ledger(project: &Project) {
    for suffix in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(project.path(&format!("state/ledger.sqlite{suffix}")));
    }
}

/// Changes the byte that follows a text, wherever the text stands.
#[track_caller]
fn flip_after(bytes: &mut [u8], text: &[u8]) {
    let found = bytes.windows(text.len()).enumerate();
    let found: Vec<usize> = found
        .filter(|(_, at)| *at == text)
        .map(|(at, _)| at)
        .collect();
    assert!(!found.is_empty(), "the text is stored as it is");
    for at in found {
        bytes[at + text.len()] ^= 1;
    }
}

#[test]
fn a_ledger_that_was_deleted_is_missed() {
    let project = released();
    drop_ledger(&project);
    let words = [
        "release 2024-Q1 is published",
        "deleted",
        "restore the newest copy",
    ];
    for _ in 0..2 {
        refused(&project, 6, &words);
        project.lodestar("budget").refused(6, &words);
    }
    // The whole state folder, too.
    fs::remove_dir_all(project.path("state")).unwrap();
    refused(&project, 6, &words);
}

#[test]
fn a_ledger_that_was_rolled_back_is_noticed() {
    let project = released();
    let old = project.read("state/ledger.sqlite");
    project.lodestar("run").ok();
    let new = project.read("state/ledger.sqlite");
    drop_ledger(&project);
    project.write("state/ledger.sqlite", old);
    let words = [
        "release 2024-Q2 is published",
        "rolled back",
        "restore the newest copy",
    ];
    refused(&project, 6, &words);
    project.lodestar("budget").refused(6, &words);
    drop_ledger(&project);
    project.write("state/ledger.sqlite", new);
    assert_eq!(project.lodestar("run").ok().stdout, "up to date\n");
}

#[test]
fn a_ledger_that_was_changed_is_noticed() {
    let project = released();
    let whole = project.read("state/ledger.sqlite");
    let words = ["the ledger is refused", "restore the newest copy"];
    // A cheaper charge; then no ledger at all.
    let mut cheaper = whole.clone();
    flip_after(&mut cheaper, b"\nrho_micro=");
    for (changed, word) in [
        (cheaper, "chain is broken at entry 2"),
        (vec![b'x'; whole.len()], "NotADatabase"),
        (whole[..whole.len() / 2].to_vec(), ""),
    ] {
        drop_ledger(&project);
        project.write("state/ledger.sqlite", changed);
        refused(&project, 6, &words);
        refused(&project, 6, &[word]);
        project.lodestar("budget").refused(6, &words);
    }
}

#[test]
fn stored_bytes_that_were_changed_are_never_published() {
    let project = released();
    let name = "published/releases/2024-Q1/manifest.json";
    let manifest = project.read(name);
    let mut bytes = project.read("state/ledger.sqlite");
    flip_after(&mut bytes, &manifest[..40]);
    drop_ledger(&project);
    project.write("state/ledger.sqlite", bytes);
    fs::remove_dir_all(project.path("published")).unwrap();
    let words = [
        "the stored bytes of release 2024-Q1",
        "restore the newest copy",
    ];
    refused(&project, 6, &words);
    assert!(project.releases().is_empty());
}

#[test]
fn the_terms_of_a_ledger_stay() {
    for (from, to, word) in [
        (
            r#"window = "year""#,
            r#"window = "quarter""#,
            "window quarter",
        ),
        (
            r#"organisation = "Acme""#,
            r#"organisation = "Apex""#,
            "organisation \"Apex\"",
        ),
        ("year_starts = 1", "year_starts = 2", "year_starts 2"),
    ] {
        let project = released();
        project.edit(from, to);
        let words = [
            "the ledger was begun with",
            word,
            "restore them, or start a new project",
        ];
        refused(&project, 6, &words);
        project.edit(to, from);
        project.lodestar("run").ok();
    }
    let project = released();
    project.edit(r#"every = "quarter""#, r#"every = "half""#);
    project.edit(r#"first = "2024-Q1""#, r#"first = "2024-H1""#);
    project.edit(r#"last = "2024-Q2""#, r#"last = "2024-H1""#);
    refused(
        &project,
        6,
        &["the ledger was begun with", "every quarter", "every half"],
    );
}

#[test]
fn a_changed_release_is_never_overwritten() {
    let project = released();
    let name = "published/releases/2024-Q1/manifest.json";
    let mut manifest = String::from_utf8(project.read(name)).unwrap();
    manifest = manifest.replacen("\"k\": 10", "\"k\": 99", 1);
    project.write(name, manifest);
    let words = [
        "release 2024-Q1 is published",
        "not the one that was paid for",
        "move its folder",
    ];
    refused(&project, 6, &words);
    // As told: moved away, the paid bytes come back.
    fs::rename(
        project.path("published/releases/2024-Q1"),
        project.path("moved"),
    )
    .unwrap();
    project.lodestar("run --as-of 2024-04-08").ok();
    project.verify("releases/2024-Q1").ok();
    assert_eq!(project.charges(), ["2024-Q1"]);
}

#[test]
fn a_deleted_release_comes_back_byte_by_byte() {
    let project = Project::until("2024-Q2");
    project.lodestar("run").ok();
    let before = project.published();
    fs::remove_dir_all(project.path("published/releases/2024-Q1")).unwrap();
    let said = project.lodestar("run").ok().stdout;
    let again = "2024-Q1: published from the ledger, as it was paid for before\nup to date\npage: ";
    assert!(said.starts_with(again), "{said}");
    assert!(project.published() == before);
    fs::remove_dir_all(project.path("published")).unwrap();
    project.lodestar("run").ok();
    let after = project.published();
    assert!(
        after
            .iter()
            .all(|(path, bytes)| before.get(path) == Some(bytes))
    );
    assert_eq!(project.releases(), ["2024-Q1", "2024-Q2"]);
    project.verify("current").ok();
    assert_eq!(project.charges(), ["2024-Q1", "2024-Q2"]);
}

#[test]
fn a_place_that_cannot_be_published_to_is_named() {
    let project = Project::until("2024-Q1");
    project.write("published", "a file");
    project
        .lodestar("run")
        .refused(7, &["published", "the next run publishes the same bytes"]);
    fs::remove_file(project.path("published")).unwrap();
    project.lodestar("run").ok();
    assert_eq!(project.charges(), ["2024-Q1"]);
    project.verify("releases/2024-Q1").ok();
}

#[test]
fn a_current_that_is_a_folder_is_left_alone() {
    let project = Project::until("2024-Q1");
    project.write("published/current/mine.txt", "mine");
    project
        .lodestar("run")
        .refused(7, &["published/current", "not a link", "move it away"]);
    assert_eq!(project.read("published/current/mine.txt"), b"mine");
    fs::remove_dir_all(project.path("published/current")).unwrap();
    project.lodestar("run").ok();
    assert_eq!(project.charges(), ["2024-Q1"]);
    project.verify("current").ok();
}

#[test]
fn a_state_that_cannot_be_written_is_named() {
    let project = Project::until("2024-Q1");
    project.write("state", "a file");
    project
        .lodestar("run")
        .refused(7, &["state: ", "must be writable"]);
    assert!(project.releases().is_empty());
}

#[test]
fn verify_notices_one_changed_byte_of_any_file() {
    let project = released();
    for folder in ["releases/2024-Q1", "current"] {
        project.verify(folder).ok();
        for name in crate::support::names(&project.path(&format!("published/{folder}"))) {
            let path = format!("published/{folder}/{name}");
            let whole = project.read(&path);
            let mut changed = whole.clone();
            let middle = changed.len() / 2;
            changed[middle] ^= 1;
            project.write(&path, changed);
            project
                .verify(folder)
                .refused(8, &["verification failed", &name]);
            project.write(&path, whole);
        }
        project.verify(folder).ok();
    }
}

#[test]
fn verify_notices_another_k_even_under_a_fresh_digest() {
    let project = released();
    let path = "published/releases/2024-Q1/manifest.json";
    let text = String::from_utf8(project.read(path)).unwrap();
    let changed = text.replacen("\"k\": 10", "\"k\": 5", 1);
    assert_ne!(changed, text);
    project.write(path, &changed);
    project
        .verify("releases/2024-Q1")
        .refused(8, &["verification failed", "manifest.json"]);
    // With the digest of the changed text: the tables still say otherwise, and
    // the ledger has not paid for it.
    let digest = |text: &str| {
        let start = text.find("\"self_sha256\": \"").unwrap() + "\"self_sha256\": \"".len();
        let mut bare = text.to_owned();
        bare.replace_range(start..start + 64, &"0".repeat(64));
        let sha256 = <sha2::Sha256 as sha2::Digest>::digest(bare.as_bytes());
        let mut hex = String::new();
        for byte in sha256 {
            let _ = write!(hex, "{byte:02x}");
        }
        bare.replace_range(start..start + 64, &hex);
        bare
    };
    assert_eq!(digest(&text), text);
    project.write(path, digest(&changed));
    let words = [
        "verification failed",
        "privacy.k",
        "the ledger has not paid for this 2024-Q1",
    ];
    project.verify("releases/2024-Q1").refused(8, &words);
}

#[test]
fn verify_names_what_is_missing() {
    let project = released();
    fs::remove_file(project.path("published/releases/2024-Q1/dim_theme.parquet")).unwrap();
    project
        .verify("releases/2024-Q1")
        .refused(8, &["dim_theme.parquet"]);
    let gone = project.path("published/releases/2024-Q1");
    fs::remove_dir_all(gone).unwrap();
    project
        .verify("releases/2024-Q1")
        .refused(8, &["2024-Q1", "has paid", "lodestar run"]);
    project.verify("releases/2024-Q9").refused(2, &["2024-Q9"]);
}
