//! The ledger's tables in SQLite.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior, params};

use super::entry::{Charge, Entry, Terms, files_sha256};
use super::{MANIFEST, RESTORE_THE_STATE, Records};
use crate::budget::BudgetError;
use crate::release::{Released, sha256};

/// Why the ledger could not be used.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// It is damaged, someone else's, rolled back, or can't be written.
    #[error("the ledger is refused: {0}")]
    Refused(String),
    /// The disk is full, or failed.
    #[error(
        "the ledger could not be stored: {0}; free some space or mend the disk, then run again"
    )]
    Storage(String),
    /// The charge would break the window rule. Nothing was charged.
    #[error("the release would overspend its window; nothing was charged")]
    Overspent,
    /// See [`BudgetError`].
    #[error(transparent)]
    Budget(#[from] BudgetError),
}

impl From<rusqlite::Error> for LedgerError {
    fn from(error: rusqlite::Error) -> Self {
        // SQLite's own words name tables and codes, never values.
        let text = error
            .sqlite_error_code()
            .map_or_else(|| "not a ledger".to_owned(), |code| format!("{code:?}"));
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure) => Self::Storage(text),
            _ => Self::Refused(format!("{text}; {RESTORE_THE_STATE}")),
        }
    }
}

/// One transaction: a run that is killed leaves all of it, or an empty file.
const SCHEMA: &str = "
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS entries (
    seq INTEGER PRIMARY KEY, text TEXT NOT NULL, hash BLOB NOT NULL UNIQUE
) STRICT;
CREATE TABLE IF NOT EXISTS charges (
    period TEXT NOT NULL, revision INTEGER NOT NULL, seq INTEGER NOT NULL UNIQUE,
    UNIQUE (period, revision)
) STRICT;
CREATE TABLE IF NOT EXISTS files (
    period TEXT NOT NULL, revision INTEGER NOT NULL, name TEXT NOT NULL, bytes BLOB NOT NULL,
    UNIQUE (period, revision, name)
) STRICT;
CREATE TRIGGER IF NOT EXISTS entries_stay BEFORE UPDATE ON entries
    BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER IF NOT EXISTS entries_remain BEFORE DELETE ON entries
    BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER IF NOT EXISTS charges_stay BEFORE UPDATE ON charges
    BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER IF NOT EXISTS charges_remain BEFORE DELETE ON charges
    BEGIN SELECT RAISE(ABORT, 'append-only'); END;
COMMIT;
";

/// Names and bytes of a release's files.
pub(super) type Stored = Vec<(String, Vec<u8>)>;

/// The database, and the folder that it is in.
#[derive(Debug)]
pub(super) struct Store(Connection, PathBuf);

fn file(state: &Path) -> PathBuf {
    state.join("ledger.sqlite")
}

/// Why the ledger's file can't be opened for writing: it may not be, or the disk is
/// full or failed.
fn unwritable(error: &io::Error) -> LedgerError {
    let why = format!("its file can't be opened for writing ({})", error.kind());
    match error.kind() {
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem | ErrorKind::IsADirectory => {
            LedgerError::Refused(why)
        }
        _ => LedgerError::Storage(why),
    }
}

/// Why SQLite can't open the ledger, or the log beside it, for writing. It does not say
/// whether it may not or the disk is at fault: so it is tried.
fn unopened(path: &Path) -> LedgerError {
    match OpenOptions::new().write(true).open(path) {
        Err(error) => unwritable(&error),
        Ok(_) => LedgerError::Storage("its files can't be opened in the state folder".to_owned()),
    }
}

impl Store {
    /// Opens the ledger, creating an empty one (0600) where there is none.
    pub(super) fn open_or_create(state: &Path) -> Result<Self, LedgerError> {
        let path = file(state);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false).mode(0o600);
        options.open(&path).map_err(|error| unwritable(&error))?;
        let store = Self::connect(&path)?;
        // What can't be opened for writing SQLite opens for reading.
        if store.0.is_readonly("main")? {
            return Err(unopened(&path));
        }
        store.0.execute_batch(SCHEMA)?;
        Ok(store)
    }

    /// Opens the ledger if there is one.
    pub(super) fn existing(state: &Path) -> Result<Option<Self>, LedgerError> {
        let path = file(state);
        if !path.exists() {
            return Ok(None);
        }
        let store = Self::connect(&path)?;
        let tables = "SELECT count(*) FROM sqlite_schema WHERE name = 'entries'";
        let begun: i64 = store.0.query_row(tables, [], |row| row.get(0))?;
        Ok((begun == 1).then_some(store))
    }

    fn connect(path: &Path) -> Result<Self, LedgerError> {
        Self::connected(path).map_err(|error| match error.sqlite_error_code() {
            Some(ErrorCode::CannotOpen) => unopened(path),
            _ => error.into(),
        })
    }

    fn connected(path: &Path) -> Result<Self, rusqlite::Error> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(std::time::Duration::from_secs(10))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        connection.pragma_update(None, "secure_delete", true)?;
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        Ok(Self(connection, folder))
    }

    /// Reads all entries and verifies the chain, and that the table of charges
    /// is what the chain says.
    pub(super) fn records(&self) -> Result<Records, LedgerError> {
        let broken = |what: &str| LedgerError::Refused(format!("{what}; {RESTORE_THE_STATE}"));
        let mut records = Records::default();
        let mut statement = self
            .0
            .prepare("SELECT seq, text, hash FROM entries ORDER BY seq")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (seq, text, hash): (i64, String, [u8; 32]) =
                (row.get(0)?, row.get(1)?, row.get(2)?);
            records.entries += 1;
            if seq != records.entries || hash != Entry::hash(&text, &records.head) {
                return Err(broken(&format!(
                    "its chain is broken at entry {}",
                    records.entries
                )));
            }
            records.head = hash;
            match Entry::from_text(&text) {
                Some(Entry::Begin(terms)) if seq == 1 => records.terms = Some(terms),
                Some(Entry::Started(period)) if seq == 2 => records.started = Some(period),
                Some(Entry::Charge(charge)) if seq > 1 => records.charges.push(charge),
                _ => return Err(broken(&format!("entry {seq} can't be read"))),
            }
        }
        let mut statement = self
            .0
            .prepare("SELECT period, revision FROM charges ORDER BY seq")?;
        let listed = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let listed: Vec<(String, u32)> = listed.collect::<Result<_, _>>()?;
        let chained = records
            .charges
            .iter()
            .map(|charge| (charge.period.clone(), charge.revision));
        if !chained.eq(listed) {
            return Err(broken("its charges are not those of its chain"));
        }
        Ok(records)
    }

    /// Writes the first entry.
    pub(super) fn begin(&self, before: &Records, terms: &Terms) -> Result<Records, LedgerError> {
        let transaction = self.transaction(before)?;
        let (seq, previous) = (before.entries + 1, before.head);
        append(&transaction, seq, &previous, &Entry::Begin(terms.clone()))?;
        may_fail!(ledger_beginning);
        self.commit(transaction)?;
        may_fail!(ledger_begun);
        self.records()
    }

    /// The outbox's one transaction: charges, bytes, hashes; of a ledger that
    /// is rebuilt first the period that it is said to have started with.
    pub(super) fn charge(
        &self,
        before: &Records,
        started: Option<&str>,
        charges: &[(Charge, Stored)],
    ) -> Result<Records, LedgerError> {
        let transaction = self.transaction(before)?;
        let (mut seq, mut head) = (before.entries, before.head);
        if let Some(period) = started {
            seq += 1;
            head = append(&transaction, seq, &head, &Entry::Started(period.to_owned()))?;
        }
        for (charge, files) in charges {
            seq += 1;
            head = append(&transaction, seq, &head, &Entry::Charge(charge.clone()))?;
            transaction.execute(
                "INSERT INTO charges (period, revision, seq) VALUES (?1, ?2, ?3)",
                params![charge.period, charge.revision, seq],
            )?;
            for (name, bytes) in files {
                transaction.execute(
                    "INSERT INTO files (period, revision, name, bytes) VALUES (?1, ?2, ?3, ?4)",
                    params![charge.period, charge.revision, name, bytes],
                )?;
                may_fail!(bytes_stored);
            }
        }
        may_fail!(before_the_charge);
        self.commit(transaction)?;
        may_fail!(after_the_charge);
        self.records()
    }

    /// Begins `IMMEDIATE`, and refuses if anyone wrote since `before` was read.
    fn transaction(&self, before: &Records) -> Result<Transaction<'_>, LedgerError> {
        let transaction = Transaction::new_unchecked(&self.0, TransactionBehavior::Immediate)?;
        let entries: i64 =
            transaction.query_row("SELECT count(*) FROM entries", [], |row| row.get(0))?;
        if entries == before.entries {
            Ok(transaction)
        } else {
            Err(LedgerError::Refused(
                "another process wrote to it meanwhile; run again".to_owned(),
            ))
        }
    }

    /// Commits down to the disk. SQLite flushes the folder when it makes its log, but
    /// does not say if that fails.
    fn commit(&self, transaction: Transaction<'_>) -> Result<(), LedgerError> {
        transaction.commit()?;
        let flushed = File::open(&self.1).and_then(|folder| folder.sync_all());
        flushed.map_err(|error| {
            LedgerError::Storage(format!("its folder can't be flushed ({})", error.kind()))
        })
    }

    /// The stored bytes of every charge that has any.
    pub(super) fn all_released(&self, records: &Records) -> Result<Vec<Released>, LedgerError> {
        let all = records.charges.iter();
        all.filter_map(|charge| self.released(charge).transpose())
            .collect()
    }

    /// The stored bytes of a charge, verified; `None` if it is of a release
    /// that was lost.
    fn released(&self, charge: &Charge) -> Result<Option<Released>, LedgerError> {
        let Some(digests) = charge.evidence.digests().copied() else {
            return Ok(None);
        };
        let mut statement = self.0.prepare(
            "SELECT name, bytes FROM files WHERE period = ?1 AND revision = ?2 ORDER BY name",
        )?;
        let files = statement.query_map(params![charge.period, charge.revision], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        let files: Vec<(String, Vec<u8>)> = files.collect::<Result<_, _>>()?;
        let manifest = files.iter().find(|(name, _)| name == MANIFEST);
        if manifest.map(|(_, bytes)| sha256(bytes)) != Some(digests.manifest_sha256)
            || files_sha256(&files) != digests.files_sha256
        {
            return Err(LedgerError::Refused(format!(
                "the stored bytes of release {} are not those that were paid for; \
                 {RESTORE_THE_STATE}",
                charge.release_id()
            )));
        }
        Ok(Some(charge.clone().into_released(digests, files)))
    }
}

/// Adds an entry to the chain; its hash.
fn append(
    transaction: &Transaction<'_>,
    seq: i64,
    previous: &[u8; 32],
    entry: &Entry,
) -> Result<[u8; 32], LedgerError> {
    let text = entry.to_text();
    let hash = Entry::hash(&text, previous);
    transaction.execute(
        "INSERT INTO entries (seq, text, hash) VALUES (?1, ?2, ?3)",
        params![seq, text, hash],
    )?;
    Ok(hash)
}
