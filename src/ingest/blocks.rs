//! A text file → blocks of whole records.
//!
//! Whoever reads a file cuts it alone, so that is all that is done then; what
//! records say is found out block by block, by several threads at once.

use std::io::{self, Read};

use memchr::memchr;

use super::bytes::{Bytes, Defect};

/// What is not UTF-8 text.
pub(super) const NOT_TEXT: &str = "not UTF-8 text; save the file as UTF-8 (a spreadsheet calls \
                                   that \"CSV UTF-8\")";

/// How much is read at once, and how long a record may be, in bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    pub(super) block: usize,
    /// At least a block.
    pub(super) longest: usize,
}

/// A block's rows fit a core's cache with their columns.
pub(super) const SIZES: Sizes = Sizes {
    block: 1 << 20,
    longest: 1 << 28,
};

/// What a record is.
pub(super) trait Records {
    /// Where the last of the whole records ends, of `most` at most, and how many
    /// there are; what is no record belongs to the one before or after it.
    fn cut(&self, bytes: &[u8], most: u64) -> (usize, u64);

    /// What is wrong with bytes that begin a record, whatever follows them.
    fn begun(&self, bytes: &[u8]) -> Result<(), &'static str>;
}

/// Whole records of a file; the last may lack its line break.
pub(super) struct Block {
    /// The row of the first.
    pub(super) first_row: u64,
    pub(super) bytes: Vec<u8>,
}

/// One file, block by block. Its first error in the order of bytes is told,
/// whatever the size of blocks.
pub(super) struct Blocks<R> {
    records: R,
    sizes: Sizes,
    bytes: Bytes,
    /// What was read and not handed out.
    rest: Vec<u8>,
    /// The row of the next record.
    row: u64,
    /// Whether nothing more can be read, and why if that is no file's end.
    ended: bool,
    failed: Option<io::Error>,
}

impl<R: Records> Blocks<R> {
    /// Begins with the record that is called `row`.
    pub(super) fn new(bytes: Bytes, records: R, sizes: Sizes, row: u64) -> Self {
        Self {
            records,
            sizes,
            bytes,
            rest: Vec::new(),
            row,
            ended: false,
            failed: None,
        }
    }

    /// The next records, at most as many; `None` at the end.
    pub(super) fn next(&mut self, most: u64) -> io::Result<Option<Block>> {
        let mut bytes = std::mem::take(&mut self.rest);
        let (end, records) = loop {
            self.fill(&mut bytes);
            let (end, records) = self.records.cut(&bytes, most);
            if end > 0 {
                break (end, records);
            }
            if self.ended && self.failed.is_none() {
                break (bytes.len(), 1);
            }
            self.begun(&bytes)?;
            if let Some(error) = self.failed.take() {
                return Err(error);
            }
        };
        if bytes.is_empty() {
            return Ok(None);
        }
        self.rest = bytes.split_off(end);
        let first_row = self.row;
        self.row += records;
        Ok(Some(Block { first_row, bytes }))
    }

    /// Reads on: as much as there is already, so that a long record is not looked
    /// through often.
    fn fill(&mut self, bytes: &mut Vec<u8>) {
        let room = self.sizes.longest + 1 - bytes.len();
        let asked = room.min(bytes.len().max(self.sizes.block));
        if self.ended {
            return;
        }
        bytes.reserve(asked);
        let read = self.bytes.by_ref().take(asked as u64).read_to_end(bytes);
        self.ended = !matches!(read, Ok(length) if length == asked);
        self.failed = read.err();
    }

    /// Whether bytes that are no whole record may still become one.
    fn begun(&self, bytes: &[u8]) -> Result<(), Defect> {
        // What follows the last of these may be the rest of a character.
        let sure = bytes.iter().rposition(u8::is_ascii).map_or(0, |at| at + 1);
        let mut begun = self.records.begun(&bytes[..sure]);
        if bytes.len() > self.sizes.longest {
            let long = "a record of more than 256 MiB; is a quote or a line break missing?";
            begun = begun.and(Err(long));
        }
        let row = Some(self.row);
        begun.map_err(|problem| Defect { problem, row })
    }
}

/// What of the bytes is text, from the first on, and whether all of them are.
pub(super) fn text(mut bytes: Vec<u8>) -> (String, bool) {
    let length = bytes.len();
    bytes.truncate(memchr(0, &bytes).unwrap_or(length));
    let text = String::from_utf8(bytes).unwrap_or_else(|error| {
        let valid = error.utf8_error().valid_up_to();
        String::from_utf8_lossy(&error.as_bytes()[..valid]).into_owned()
    });
    let whole = text.len() == length;
    (text, whole)
}
