//! A ledger of which any one byte is another. Every byte, not one of many:
//!
//! ```text
//! LODESTAR_TESTS=full cargo test -p lodestar-privacy --lib damage -- --nocapture
//! ```

use super::*;

/// What a ledger says, stored bytes included.
type Said = (Records, Vec<(String, Vec<(String, Vec<u8>)>)>);

/// Ids of releases, with the digests of their manifests.
type Published = Vec<(String, [u8; 32])>;

fn said(state: &Path) -> Result<Said, LedgerError> {
    let ledger = open(state)?;
    let released = ledger.released()?.into_iter();
    let released = released.map(|one| (one.release_id().to_owned(), one.files().to_vec()));
    Ok((ledger.records().clone(), released.collect()))
}

fn same((mine, files): &Said, (other, others): &Said) -> bool {
    mine.charges == other.charges
        && mine.terms == other.terms
        && (mine.entries, mine.head) == (other.entries, other.head)
        && files == others
}

fn every(short: usize) -> usize {
    match std::env::var("LODESTAR_TESTS") {
        Ok(asked) if asked == "full" => 1,
        _ => short,
    }
}

/// The files of a ledger in a state folder, put there instead of what is there.
fn put(state: &Path, files: &[(&str, &[u8])]) {
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(state.join(format!("ledger.sqlite{suffix}")));
    }
    for (suffix, bytes) in files {
        std::fs::write(state.join(format!("ledger.sqlite{suffix}")), bytes).unwrap();
    }
}

/// Two releases, the second of which is in the log alone if the ledger's process was
/// killed: the files of both kinds, and what is published.
fn paid(state: &Path) -> (Vec<u8>, Vec<u8>, Published) {
    let mut ledger = open(state).unwrap();
    let first = commit(&mut ledger, "2024-Q1");
    drop(ledger);
    let whole = std::fs::read(state.join("ledger.sqlite")).unwrap();
    let mut ledger = open(state).unwrap();
    let second = commit(&mut ledger, "2024-Q2");
    // Not closed, so not yet moved from the log to the file.
    let log = std::fs::read(state.join("ledger.sqlite-wal")).unwrap();
    assert!(!log.is_empty());
    assert_eq!(std::fs::read(state.join("ledger.sqlite")).unwrap(), whole);
    let published = [first, second].map(|one| (one.release_id().to_owned(), one.manifest_sha256()));
    (whole, log, published.to_vec())
}

#[test]
fn any_byte_of_a_ledger_that_is_another_is_noticed_or_says_nothing() {
    let (_folder, folder) = state();
    let (whole, ..) = paid(&folder);
    put(&folder, &[("", &whole)]);
    let before = said(&folder).unwrap();
    let (mut refused, mut mute) = (0, 0);
    for at in (0..whole.len()).step_by(every(61)) {
        let mut bytes = whole.clone();
        // One bit, or all of them.
        bytes[at] ^= if at % 2 == 0 { 1 << (at / 2 % 8) } else { 0xff };
        put(&folder, &[("", &bytes)]);
        match said(&folder) {
            Err(LedgerError::Refused(_) | LedgerError::Storage(_)) => refused += 1,
            Err(error) => panic!("{at}: {error}"),
            // Space that nothing uses, and what SQLite knows otherwise.
            Ok(now) => {
                assert!(
                    same(&now, &before),
                    "byte {at} changes what the ledger says"
                );
                mute += 1;
            }
        }
    }
    eprintln!(
        "{} bytes: {refused} refused, {mute} say nothing",
        whole.len()
    );
    assert!(refused > 0);
}

/// SQLite takes a log up to the first frame whose checksum is wrong: what follows is
/// lost. A release that can be seen is missed then.
#[test]
fn any_byte_of_a_log_that_is_another_is_noticed_or_says_nothing() {
    let (_folder, folder) = state();
    let (whole, log, published) = paid(&folder);
    let files: [(&str, &[u8]); 2] = [("", &whole), ("-wal", &log)];
    put(&folder, &files);
    let before = said(&folder).unwrap();
    assert_eq!(before.0.charges.len(), 2);
    let (mut refused, mut missed, mut mute) = (0, 0, 0);
    for at in (0..log.len()).step_by(every(61)) {
        let mut bytes = log.clone();
        bytes[at] ^= if at % 2 == 0 { 1 << (at / 2 % 8) } else { 0xff };
        put(&folder, &[("", &whole), ("-wal", &bytes)]);
        match said(&folder) {
            Err(LedgerError::Refused(_) | LedgerError::Storage(_)) => refused += 1,
            Err(error) => panic!("{at}: {error}"),
            Ok(now) if same(&now, &before) => mute += 1,
            Ok((records, _)) => {
                let unknown = records.know_all(&published);
                assert!(matches!(unknown, Err(LedgerError::Refused(_))), "{at}");
                missed += 1;
            }
        }
    }
    eprintln!(
        "{} bytes: {refused} refused, {missed} missed by what is published, {mute} say nothing",
        log.len()
    );
    assert!(missed > 0);
}

#[test]
fn a_ledger_that_was_cut_is_noticed() {
    let (_folder, folder) = state();
    let (whole, _, published) = paid(&folder);
    for length in (0..whole.len()).step_by(every(251)) {
        put(&folder, &[("", &whole[..length])]);
        if let Ok((records, _)) = said(&folder) {
            // An empty file is an empty ledger, which knows nothing of what is published.
            assert!(
                matches!(records.know_all(&published), Err(LedgerError::Refused(_))),
                "{length}"
            );
        }
    }
}
