//! Checks on the bytes of a CSV file what a lenient parser lets pass.

use std::io::{self, Read};

use super::bytes::Defect;

/// Where in a record the last byte was (RFC 4180).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    FieldStart,
    Bare,
    Quoted,
    /// A quote within a quoted field: its end, or the first of a pair.
    Closing,
}

/// What is not UTF-8 text.
pub(super) const NOT_TEXT: &str = "not UTF-8 text; save the file as UTF-8";

/// Passes bytes on, as long as they are RFC 4180.
pub(super) struct Strict<R> {
    inner: R,
    delimiter: u8,
    state: State,
    /// Whether the record has a byte yet: empty lines are no records.
    begun: bool,
    /// Records that are complete, the header included.
    records: u64,
}

impl<R: Read> Strict<R> {
    pub(super) fn new(inner: R, delimiter: u8) -> Self {
        Self {
            inner,
            delimiter,
            state: State::FieldStart,
            begun: false,
            records: 0,
        }
    }

    /// After the end of the file: whether it ended with a line break.
    pub(super) fn ended_with_line_break(&self) -> bool {
        !self.begun
    }

    fn step(&mut self, byte: u8) -> Result<(), Defect> {
        let problem = |problem| {
            Err(Defect {
                problem,
                row: Some(self.records),
            })
        };
        self.state = match (self.state, byte) {
            (_, 0) => return problem(NOT_TEXT),
            (State::Quoted, b'"') => State::Closing,
            (State::Quoted, _) | (State::FieldStart | State::Closing, b'"') => State::Quoted,
            (_, b'\r' | b'\n') => {
                self.records += u64::from(self.begun);
                self.begun = false;
                self.state = State::FieldStart;
                return Ok(());
            }
            (_, byte) if byte == self.delimiter => State::FieldStart,
            (State::Bare, b'"') => {
                return problem("a quote within an unquoted field; quote the field, and double it");
            }
            (State::Closing, _) => {
                return problem("text after a closing quote; double the quotes within a field");
            }
            (State::FieldStart | State::Bare, _) => State::Bare,
        };
        self.begun = true;
        Ok(())
    }
}

impl<R: Read> Read for Strict<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        if length == 0 && !buffer.is_empty() && self.state == State::Quoted {
            let problem = "the file ends within a quoted field: it is truncated";
            let row = Some(self.records);
            return Err(Defect { problem, row }.into());
        }
        for byte in &buffer[..length] {
            self.step(*byte)?;
        }
        Ok(length)
    }
}
