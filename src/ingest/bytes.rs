//! The bytes of a text file: unpacked, without a byte order mark.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::read::MultiGzDecoder;

use super::error::IngestError;
use super::paths::InputFile;

/// Bytes that are none of the format that their file's name says.
#[derive(Debug, thiserror::Error)]
#[error("{problem}")]
pub(super) struct Defect {
    /// What is wrong; never holds a value.
    pub(super) problem: &'static str,
    /// The data row, from 1; 0: the header; `None`: the file as a whole.
    pub(super) row: Option<u64>,
}

impl From<Defect> for io::Error {
    fn from(defect: Defect) -> Self {
        Self::new(io::ErrorKind::InvalidData, defect)
    }
}

/// The text of one file.
pub(super) struct Bytes(Box<dyn Read + Send>);

impl Bytes {
    /// Opens a file, and reads its first bytes to drop a byte order mark.
    /// What is read of it, as it lies on disk, is added to `read`.
    pub(super) fn open(file: &InputFile, read: &Arc<AtomicU64>) -> io::Result<Self> {
        let packed = Counted {
            file: File::open(&file.path)?,
            read: Arc::clone(read),
        };
        let mut inner: Box<dyn Read + Send> = if file.gzip {
            Box::new(Gunzip(MultiGzDecoder::new(packed)))
        } else {
            Box::new(packed)
        };
        let mut head = Vec::new();
        inner.by_ref().take(3).read_to_end(&mut head)?;
        if head == b"\xef\xbb\xbf" {
            head.clear();
        }
        Ok(Self(Box::new(Cursor::new(head).chain(inner))))
    }
}

/// A file whose bytes are counted as they are read.
struct Counted {
    file: File,
    read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read(buffer)?;
        self.read.fetch_add(length as u64, Ordering::Relaxed);
        Ok(length)
    }
}

impl Read for Bytes {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

/// Unpacks gzip, of one member or of several end to end.
struct Gunzip(MultiGzDecoder<Counted>);

impl Read for Gunzip {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::InvalidInput
            | io::ErrorKind::InvalidData => {
                let problem = "is no whole gzip file: it is truncated or damaged";
                Defect { problem, row: None }.into()
            }
            _ => error,
        })
    }
}

/// A reader's error, as ours.
pub(super) fn broken(table: &'static str, shown: &str, error: io::Error) -> IngestError {
    let path = shown.to_owned();
    let defect = error.get_ref().and_then(|inner| inner.downcast_ref());
    match defect {
        Some(Defect { problem, row }) => IngestError::File {
            table,
            path,
            row: *row,
            problem: (*problem).to_owned(),
        },
        None => IngestError::Io { table, path, error },
    }
}
