//! The bytes of a text file: unpacked, without a byte order mark.

use std::fs::File;
use std::io::{self, Chain, Cursor, Read};
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
        let file_bytes = Counted {
            file: File::open(&file.path)?,
            read: Arc::clone(read),
        };
        let bytes: Box<dyn Read + Send> = if file.gzip {
            let packed = begun(file_bytes, unpacked)?;
            Box::new(begun(Gunzip(MultiGzDecoder::new(packed)), no_text)?)
        } else {
            Box::new(begun(file_bytes, no_text)?)
        };
        Ok(Self(bytes))
    }
}

/// Bytes of which the first have been read, to see what they are.
type Begun<R> = Chain<Cursor<Vec<u8>>, R>;

/// Bytes without a byte order mark, unless the first ones tell what is wrong.
fn begun<R: Read>(mut bytes: R, wrong: fn(&[u8]) -> Option<&'static str>) -> io::Result<Begun<R>> {
    let mut head = Vec::new();
    bytes.by_ref().take(4).read_to_end(&mut head)?;
    if let Some(problem) = wrong(&head) {
        return Err(Defect { problem, row: None }.into());
    }
    if head.starts_with(b"\xef\xbb\xbf") {
        head.drain(..3);
    }
    Ok(Cursor::new(head).chain(bytes))
}

/// What else than gzip a file is by its first bytes, whose name says that it is
/// packed. One of so few bytes was cut.
fn unpacked(head: &[u8]) -> Option<&'static str> {
    let is_gzip = b"\x1f\x8b".starts_with(&head[..head.len().min(2)]);
    (!is_gzip).then_some("is not packed with gzip: let its name end without .gz, or pack it")
}

/// What else than UTF-8 text a file is by its first bytes.
fn no_text(head: &[u8]) -> Option<&'static str> {
    match *head {
        [0x1f, 0x8b, ..] => Some("is packed with gzip: let its name end in .gz, or unpack it"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [_, 0, _, 0] | [0, _, 0, _] => Some(
            "is UTF-16 text: save it as UTF-8 (a spreadsheet calls that \"CSV UTF-8\"), or convert \
             it: iconv -f UTF-16 -t UTF-8",
        ),
        [b'P', b'K', 3, 4] | [0xd0, 0xcf, 0x11, 0xe0] => {
            Some("is a workbook or an archive, not text: export the sheet as \"CSV UTF-8\"")
        }
        [b'P', b'A', b'R', b'1'] => Some("is Parquet: let its name end in .parquet"),
        _ => None,
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
struct Gunzip(MultiGzDecoder<Begun<Counted>>);

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
