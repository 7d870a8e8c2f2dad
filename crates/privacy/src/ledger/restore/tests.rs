use super::*;
use crate::ledger::entry::Entry;
use std::fs;

fn terms() -> Terms {
    Terms {
        organisation: "Acme".to_owned(),
        unit: "person".to_owned(),
        every: "quarter".to_owned(),
        year_starts: 1,
        window: "year".to_owned(),
        synthetic: true,
    }
}

const FILES: [(&str, &[u8]); 2] = [("manifest.json", b"{}"), ("t.parquet", b"PAR1")];

fn told(manifest_sha256: [u8; 32]) -> Told {
    Told {
        rho_micro: 1000,
        delta_femto: 10,
        manifest_sha256,
    }
}

/// A release whose folder is lost, and which `current` lists.
fn listed(period: &str, manifest_sha256: [u8; 32]) -> Found {
    Found {
        told: Some(told(manifest_sha256)),
        ..found(period, 0, &[])
    }
}

fn found(period: &str, revision: u32, files: &[(&str, &[u8])]) -> Found {
    let digest = |(name, bytes): &(&str, &[u8])| ((*name).to_owned(), sha256(bytes));
    Found {
        period: period.to_owned(),
        revision,
        window: "2024".to_owned(),
        window_epsilon: 8.0,
        window_delta_femto: 1_000_000_000,
        told: files.first().map(|(_, bytes)| told(sha256(bytes))),
        files: files.iter().map(digest).collect(),
    }
}

/// A state folder and a folder of releases, with one release in it.
fn folders() -> (tempfile::TempDir, std::path::PathBuf, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let [state, releases] = ["state", "releases"].map(|name| folder.path().join(name));
    fs::create_dir(&state).unwrap();
    fs::create_dir_all(releases.join("2024-Q1-r1")).unwrap();
    for (name, bytes) in FILES {
        fs::write(releases.join("2024-Q1-r1").join(name), bytes).unwrap();
    }
    (folder, state, releases)
}

fn restore(state: &Path, releases: &Path, found: Vec<Found>) -> Result<Ledger, LedgerError> {
    let lock = Lock::take(state).unwrap();
    Ledger::restore(state, &terms(), lock, releases, found, None)
}

#[test]
fn what_was_found_is_charged_and_its_bytes_are_stored() {
    let (_folder, state, releases) = folders();
    let all = vec![listed("2024-Q1", [7; 32]), found("2024-Q1", 1, &FILES)];
    let ledger = restore(&state, &releases, all).unwrap();
    let records = ledger.records().clone();
    let [released] = &ledger.released().unwrap()[..] else {
        panic!("one has bytes");
    };
    let files = FILES.map(|(name, bytes)| (name.to_owned(), bytes.to_vec()));
    assert_eq!(released.release_id(), "2024-Q1-r1");
    assert_eq!(released.files(), files);
    let spent = records.spent("2024");
    assert_eq!((spent.rho_micro, spent.delta_femto), (2000, 20));
    assert!(spent.spare_used && records.next_revision("2024-Q1") == 2);
    assert!(records.closed("2024").is_none());
    assert_eq!(records.charges[0].evidence.name(), "listed");
    assert_eq!(records.charges[1].evidence.name(), "restored");
    drop(ledger);
    // Read back from disk, and never rebuilt over.
    assert_eq!(Records::inspect(&state).unwrap().charges, records.charges);
    let again = restore(&state, &releases, vec![found("2024-Q1", 0, &[])]);
    assert!(matches!(again, Err(LedgerError::Refused(_))));
    assert_eq!(Records::inspect(&state).unwrap().charges, records.charges);
}

#[test]
fn all_or_nothing_is_restored() {
    let (_folder, state, releases) = folders();
    let changed = ("t.parquet", b"PAR2".as_slice());
    let bad = [
        vec![
            found("2024-Q1", 0, &[]),
            found("2024-Q1", 1, &[FILES[0], changed]),
        ],
        vec![found("2024-Q1", 1, &FILES), found("2024-Q2", 0, &FILES)],
        // Without a manifest, and one release twice.
        vec![found("2024-Q1", 1, &FILES[1..])],
        vec![found("2024-Q1", 1, &FILES), found("2024-Q1", 1, &FILES)],
    ];
    for bad in bad {
        let refused = restore(&state, &releases, bad);
        assert!(matches!(refused, Err(LedgerError::Refused(_))));
        assert!(Records::inspect(&state).unwrap().charges.is_empty());
    }
    restore(&state, &releases, vec![found("2024-Q1", 1, &FILES)]).unwrap();
}

#[test]
fn a_lost_release_is_known_by_its_manifest_alone() {
    let (_folder, state, releases) = folders();
    let all = vec![found("2024-Q1", 0, &[]), listed("2024-Q2", [7; 32])];
    let ledger = restore(&state, &releases, all).unwrap();
    let knows = |id: &str, hash| ledger.records().know_all(&[(id.to_owned(), hash)]).is_ok();
    assert!(knows("2024-Q2", [7; 32]) && !knows("2024-Q2", [0; 32]));
    assert!(!knows("2024-Q1", [0; 32]) && !knows("2024-Q1", sha256(b"{}")));
}

#[test]
fn every_kind_of_charge_is_read_back_as_it_was_written() {
    let (_folder, state, releases) = folders();
    let all = vec![found("2024-Q1", 0, &[]), found("2024-Q1", 1, &FILES)];
    let ledger = restore(&state, &releases, all).unwrap();
    let mut charges = ledger.records.charges.clone();
    let mut named = charges[0].clone();
    named.evidence = Evidence::Listed([9; 32]);
    let mut drawn = charges[1].clone();
    drawn.evidence = Evidence::Drawn(*drawn.evidence.digests().unwrap());
    charges.extend([named, drawn]);
    let started = Entry::Started("2024-Q1".to_owned());
    for entry in charges.into_iter().map(Entry::Charge).chain([started]) {
        let text = entry.to_text();
        assert_eq!(Entry::from_text(&text).as_ref(), Some(&entry), "{text}");
        for line in 0..text.lines().count() {
            let cut: Vec<&str> = text.lines().take(line).collect();
            assert_eq!(Entry::from_text(&cut.join("\n")), None, "{text}");
        }
    }
}

#[test]
fn what_nothing_tells_of_costs_all_that_is_left_of_its_window() {
    let (_folder, state, releases) = folders();
    let next = |period: &str, of: Found| Found {
        period: period.to_owned(),
        window: "2026".to_owned(),
        ..of
    };
    let all = vec![
        found("2024-Q1", 0, &[]),
        found("2024-Q1", 1, &FILES),
        found("2024-Q2", 0, &[]),
        next("2026-Q1", listed("2026-Q1", [7; 32])),
    ];
    let ledger = restore(&state, &releases, all).unwrap();
    let records = ledger.records();
    let purse = Purse::of(8.0, 1_000_000_000).unwrap();
    let spent = records.spent("2024");
    let all_of_it = (purse.rho_micro, purse.selection_femto);
    assert_eq!((spent.rho_micro, spent.delta_femto), all_of_it);
    assert_eq!(records.closed("2024").unwrap(), "2024-Q1, 2024-Q2");
    // What is known is charged as it was, also of another window.
    assert_eq!(records.charges[1].rho_micro, 1000);
    assert_eq!(records.spent("2026").rho_micro, 1000);
    assert_eq!(records.closed("2026"), None);
    // Of a window before the last one that is known, nothing may be assumed.
    for window in ["2023", "2025"] {
        assert_eq!(records.closed(window).unwrap(), "any release of it");
    }
    assert_eq!(records.closed("2027"), None);
    assert_eq!(Records::default().closed("2024"), None);
    let mut public = crate::example::public();
    public.period.window = "2025".to_owned();
    let refused = crate::ledger::purse(records, &public)
        .unwrap_err()
        .to_string();
    assert!(refused.contains("window 2025 is closed"), "{refused}");
}

#[test]
fn what_is_said_of_the_start_is_written_down() {
    let (_folder, state, releases) = folders();
    let lock = Lock::take(&state).unwrap();
    let all = vec![found("2024-Q1", 1, &FILES)];
    let started = Some("2024-Q1");
    let ledger = Ledger::restore(&state, &terms(), lock, &releases, all, started).unwrap();
    assert_eq!(ledger.records().started.as_deref(), started);
    drop(ledger);
    let records = Records::inspect(&state).unwrap();
    assert_eq!((records.started.as_deref(), records.entries), (started, 3));
}
