//! Bytes of the page: numbers of any size, DEFLATE, base64.

use std::io::Write as _;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as STANDARD;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use rayon::prelude::*;

/// Bytes that are packed at a time. Pieces are packed on all threads, and follow
/// from the bytes alone.
const PIECE: usize = 1 << 20;

/// Appends a number, 7 bits a byte, the least first (unsigned LEB128).
pub(super) fn varint(mut value: u64, into: &mut Vec<u8>) {
    while value >= 0x80 {
        into.push(value as u8 | 0x80);
        value >>= 7;
    }
    into.push(value as u8);
}

/// Numbers of either sign, the small ones first: 0, −1, 1, −2, …
pub(super) fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

/// The parts, one after another, as text: raw DEFLATE in base64.
pub(super) fn packed(parts: &[Vec<u8>]) -> String {
    let mut pieces: Vec<Vec<&[u8]>> = vec![Vec::new()];
    let mut filled = 0;
    for part in parts {
        if filled >= PIECE {
            pieces.push(Vec::new());
            filled = 0;
        }
        filled += part.len();
        if let Some(piece) = pieces.last_mut() {
            piece.push(part);
        }
    }
    let last = pieces.len() - 1;
    let pieces = pieces.par_iter().enumerate();
    let pieces: Vec<Vec<u8>> = pieces
        .map(|(at, piece)| deflated(piece, at == last))
        .collect();
    STANDARD.encode(pieces.concat())
}

/// How hard to pack. On noise, where nothing repeats, the best level takes twenty
/// times as long as this one, for a page that is smaller by a hundredth.
const LEVEL: Compression = Compression::new(6);

/// A piece of a stream of raw DEFLATE. All but the last end at a whole byte, so
/// that the next can follow.
fn deflated(parts: &[&[u8]], last: bool) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), LEVEL);
    let mut deflate = || {
        for part in parts {
            encoder.write_all(part)?;
        }
        if last {
            encoder.try_finish()?;
        } else {
            encoder.flush()?;
        }
        Ok::<_, std::io::Error>(std::mem::take(encoder.get_mut()))
    };
    deflate().expect("a Vec takes every byte")
}

/// A text as it may stand in HTML, within an element or a quoted attribute.
pub(super) fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_take_as_many_bytes_as_they_need() {
        let bytes = |value| {
            let mut bytes = Vec::new();
            varint(value, &mut bytes);
            bytes
        };
        assert_eq!(bytes(0), [0]);
        assert_eq!(bytes(127), [127]);
        assert_eq!(bytes(128), [0x80, 1]);
        assert_eq!(bytes(624_485), [0xe5, 0x8e, 0x26]);
        assert_eq!(bytes(u64::MAX).len(), 10);
        assert_eq!([0, -1, 1, -2, 2].map(zigzag), [0, 1, 2, 3, 4]);
        assert_eq!(zigzag(i64::MIN), u64::MAX);
    }

    #[test]
    fn pieces_are_one_stream() {
        let noise = |n: usize| ((n * n * 7919) >> 5) as u8;
        let parts: Vec<Vec<u8>> = (0..5)
            .map(|part| (0..700_000).map(|n| noise(n + part * 31)).collect())
            .collect();
        for parts in [&parts[..], &parts[..1], &[]] {
            let pieces = super::super::tests::inflated(&packed(parts));
            assert!(pieces == parts.concat(), "{} parts", parts.len());
        }
    }

    #[test]
    fn what_html_reads_is_escaped() {
        assert_eq!(
            escaped("<a href='x' title=\"y\">&amp;"),
            "&lt;a href=&#39;x&#39; title=&quot;y&quot;&gt;&amp;amp;"
        );
    }
}
