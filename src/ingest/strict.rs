//! RFC 4180: bytes → records and fields. What a lenient parser would let pass is
//! refused.

use memchr::{memchr, memchr_iter, memchr2_iter};

use super::blocks::{NOT_TEXT, Records, text};

/// A field's text, without the quotes around it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub(super) start: u32,
    pub(super) end: u32,
    /// Whether it holds quotes, each of them doubled.
    pub(super) doubled: bool,
}

/// What follows the bytes that are parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum After {
    /// The file ends.
    Nothing,
    /// Something that is no text.
    NoText,
    /// What has not been read yet.
    Unread,
}

/// How a record ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    LineBreak,
    File,
}

/// Takes records apart, one after the other.
pub(super) struct Parser {
    delimiter: u8,
    /// By byte: whether an unquoted field does not go on with it.
    stops: [bool; 256],
    at: usize,
    after: After,
}

impl Parser {
    pub(super) fn new(delimiter: u8, after: After) -> Self {
        let mut stops = [false; 256];
        for byte in [b'"', b'\n', b'\r', delimiter] {
            stops[usize::from(byte)] = true;
        }
        Self {
            delimiter,
            stops,
            at: 0,
            after,
        }
    }

    /// The fields of the next record of the bytes, which are the same each time
    /// and fewer than 4 GiB; `None`: there is none.
    pub(super) fn record(
        &mut self,
        bytes: &[u8],
        fields: &mut Vec<Found>,
    ) -> Result<Option<End>, &'static str> {
        fields.clear();
        while let Some(b'\n' | b'\r') = bytes.get(self.at) {
            self.at += 1;
        }
        if self.at == bytes.len() {
            return self.ended(Ok(None));
        }
        loop {
            let field = match bytes.get(self.at) {
                Some(b'"') => self.quoted(bytes)?,
                _ => Some(self.bare(bytes)?),
            };
            let Some(field) = field else {
                return self.ended(Err("the file ends within a quoted field: it is truncated"));
            };
            fields.push(field);
            let Some(byte) = bytes.get(self.at) else {
                return self.ended(Ok(Some(End::File)));
            };
            self.at += 1;
            if *byte != self.delimiter {
                return Ok(Some(End::LineBreak));
            }
        }
    }

    /// What the end of the bytes means, which is said for the file's.
    fn ended(
        &self,
        of_file: Result<Option<End>, &'static str>,
    ) -> Result<Option<End>, &'static str> {
        match self.after {
            After::Nothing => of_file,
            After::NoText => Err(NOT_TEXT),
            After::Unread => Ok(None),
        }
    }

    /// Goes to the end of a field without quotes.
    fn bare(&mut self, bytes: &[u8]) -> Result<Found, &'static str> {
        let start = self.at;
        let mut rest = bytes[start..].iter();
        let length = rest.position(|byte| self.stops[usize::from(*byte)]);
        self.at = length.map_or(bytes.len(), |length| start + length);
        if bytes.get(self.at) == Some(&b'"') {
            return Err("a quote within an unquoted field; quote the field, and double it");
        }
        Ok(Found {
            start: start as u32,
            end: self.at as u32,
            doubled: false,
        })
    }

    /// Goes behind a field's closing quote; `None`: the bytes end before it.
    fn quoted(&mut self, bytes: &[u8]) -> Result<Option<Found>, &'static str> {
        let start = self.at + 1;
        let (mut from, mut doubled) = (start, false);
        while let Some(length) = quote(&bytes[from..]) {
            let end = from + length;
            self.at = end + 1;
            match bytes.get(self.at) {
                Some(b'"') => (from, doubled) = (end + 2, true),
                Some(byte) if !self.stops[usize::from(*byte)] => {
                    return Err("text after a closing quote; double the quotes within a field");
                }
                _ => {
                    return Ok(Some(Found {
                        start: start as u32,
                        end: end as u32,
                        doubled,
                    }));
                }
            }
        }
        Ok(None)
    }
}

/// Where the first quote is. Most fields are short: words are looked through before
/// anything is called that is faster in the long run.
fn quote(bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const QUOTES: u64 = u64::from_ne_bytes([b'"'; 8]);
    let (words, _) = bytes.as_chunks::<8>();
    let near = words.len().min(4);
    for (at, word) in words[..near].iter().enumerate() {
        let other = u64::from_le_bytes(*word) ^ QUOTES;
        // The lowest bit of these is that of the first byte that is 0.
        let none = other.wrapping_sub(ONES) & !other & (ONES << 7);
        if none != 0 {
            return Some(8 * at + none.trailing_zeros() as usize / 8);
        }
    }
    let rest = memchr(b'"', &bytes[8 * near..])?;
    Some(8 * near + rest)
}

/// Records of CSV.
pub(super) struct Csv {
    pub(super) delimiter: u8,
}

impl Records for Csv {
    /// A line break ends a record if the quotes before it are pairs.
    fn cut(&self, bytes: &[u8], most: u64) -> (usize, u64) {
        let (mut end, mut records) = (0, 0);
        let (mut seen, mut quoted) = (0, false);
        for at in memchr2_iter(b'\n', b'\r', bytes) {
            quoted ^= memchr_iter(b'"', &bytes[seen..at]).count() % 2 == 1;
            seen = at + 1;
            if quoted {
                continue;
            }
            records += u64::from(at > end);
            end = at + 1;
            if records == most {
                break;
            }
        }
        (end, records)
    }

    fn begun(&self, bytes: &[u8]) -> Result<(), &'static str> {
        let (text, whole) = text(bytes.to_vec());
        let after = if whole { After::Unread } else { After::NoText };
        let mut parser = Parser::new(self.delimiter, after);
        parser.record(text.as_bytes(), &mut Vec::new()).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_quote_is_found_wherever_it_is() {
        for length in 0..80 {
            let mut bytes: Vec<u8> = (0..length).map(|at| 0x21 + 2 * (at % 2)).collect();
            assert_eq!(quote(&bytes), None);
            for at in (0..bytes.len()).rev() {
                bytes[at] = b'"';
                assert_eq!(quote(&bytes), Some(at), "{length}");
            }
        }
    }
}
