//! Normalised text → words, and where what is said of one ends before the next.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use crate::eight::{TOP, within};
use crate::redact::MARK;

/// What ends a clause wherever it stands.
const ENDS: [char; 18] = [
    '.', ',', ';', ':', '!', '?', '(', ')', '[', ']', '{', '}', '—', '。', '、', '،', '؛', '।',
];

/// What ends one where it stands alone: dashes, and bullets of lists.
const ALONE: [&str; 8] = ["-", "–", "*", "•", "·", "‣", "/", ">"];

/// Hands over the words of a normalised text in order, each with whether a clause
/// ended before it, and returns whether one ended after the last. Words are those
/// of the Unicode Standard (UAX 29) that have a letter or a digit; in scripts that
/// put no space between words each character is one. So is what was taken out.
pub(crate) fn each(normal: &str, mut word: impl FnMut(&str, bool)) -> bool {
    let (mut ended, mut after_space) = (false, true);
    let mut segments = normal.split_word_bounds().peekable();
    while let Some(segment) = segments.next() {
        if segment.starts_with(MARK) || segment.chars().any(char::is_alphanumeric) {
            word(segment, ended);
            ended = false;
        } else if ends(segment) {
            ended = true;
        } else if after_space && ALONE.contains(&segment) {
            let next = segments.peek();
            ended |= next.is_none_or(|next| next.starts_with(char::is_whitespace));
        }
        after_space = segment.ends_with(char::is_whitespace);
    }
    ended
}

/// Whether a clause ends within what has no word.
pub(crate) fn ends(between: &str) -> bool {
    !between.is_empty() && between.contains(ENDS)
}

/// A part of a note without ASCII's white space, and without ASCII's punctuation around
/// it where letters or digits are told by it: what is around words differs more than they
/// do, and is no part of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chunk {
    /// Where it stands, in bytes.
    pub(crate) range: Range<usize>,
    /// Whether a clause ended, or a line was empty, between the chunk before and this one.
    pub(crate) after_end: bool,
}

/// Reads a note's chunks, in order, in place of what was there.
pub(crate) fn chunks_into(note: &str, chunks: &mut Vec<Chunk>) {
    chunks.clear();
    let (bytes, mut at, mut after_end) = (note.as_bytes(), 0, false);
    loop {
        let mut lines = 0;
        let white = bytes[at..].iter().position(|byte| {
            lines += usize::from(*byte == b'\n');
            !is_white(*byte)
        });
        let Some(white) = white else { return };
        let start = at + white;
        at = start + before_white(&bytes[start..]);
        let inner = inner(&note[start..at]);
        let range = start + inner.start..start + inner.end;
        after_end |= lines > 1 || ends(&note[start..range.start]);
        let ended = ends(&note[range.end..at]);
        chunks.push(Chunk { range, after_end });
        after_end = ended;
    }
}

const fn is_white(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

/// How many bytes stand before white space or the end.
fn before_white(bytes: &[u8]) -> usize {
    let mut eights = bytes.chunks_exact(8);
    let is_white_by_eight = |eight: &[u8]| {
        let eight = eight.try_into().map_or(0, u64::from_le_bytes);
        // Of what is no ASCII the first bit is set.
        (within(eight & !TOP, b'\t', b'\r') | within(eight & !TOP, b' ', b' ')) & TOP & !eight
    };
    let mut length = 0;
    for eight in &mut eights {
        let white = is_white_by_eight(eight);
        if white != 0 {
            return length + white.trailing_zeros() as usize / 8;
        }
        length += 8;
    }
    let rest = eights.remainder();
    length
        + rest
            .iter()
            .copied()
            .position(is_white)
            .unwrap_or(rest.len())
}

/// What of a chunk is within ASCII's punctuation; all of it where that is not between
/// letters or digits.
fn inner(chunk: &str) -> Range<usize> {
    let is_inner = |byte: &u8| !byte.is_ascii_punctuation() || *byte == b'_';
    let bytes = chunk.as_bytes();
    let all = 0..bytes.len();
    if let [first, .., last] = bytes
        && first.is_ascii_alphanumeric()
        && last.is_ascii_alphanumeric()
    {
        return all;
    }
    let (Some(first), Some(last)) = (
        bytes.iter().position(is_inner),
        bytes.iter().rposition(is_inner),
    ) else {
        return all;
    };
    let inner = &chunk[first..=last];
    // Most begin and end with a letter of ASCII, which need not be decoded.
    let is_word = |byte: u8, letter: fn(&str) -> Option<char>| {
        let is_other = || !byte.is_ascii() && letter(inner).is_some_and(char::is_alphanumeric);
        byte.is_ascii_alphanumeric() || is_other()
    };
    let begins = is_word(bytes[first], |inner| inner.chars().next());
    if begins && is_word(bytes[last], |inner| inner.chars().next_back()) {
        first..last + 1
    } else {
        all
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(normal: &str) -> (Vec<String>, bool) {
        let mut words = Vec::new();
        let ended = each(normal, |word, ended| {
            words.push(format!("{}{word}", if ended { "|" } else { "" }));
        });
        (words, ended)
    }

    #[test]
    fn words_are_whole_in_every_script() {
        for (text, words) in [
            (
                "don't half-time 3.5 e.g. x_y",
                "don't half time 3.5 e.g |x_y",
            ),
            ("l'équipe; so", "l'équipe |so"),
            ("变化 カタカナ", "变 化 カタカナ"),
            ("שלום עולם مرحبا", "שלום עולם مرحبا"),
            ("go 🔥👩\u{200d}🚀 on", "go on"),
            ("a - b -c d/e", "a |b c d e"),
            ("(no) \"yes\" 'so'", "|no |yes so"),
        ] {
            assert_eq!(told(text).0.join(" "), words);
        }
        assert!(told("so.").1 && !told("so").1 && told("-").1 && !told("&").1);
    }

    #[test]
    fn chunks_are_what_spaces_part() {
        let told = |text: &str| {
            let mut chunks = Vec::new();
            chunks_into(text, &mut chunks);
            let chunks = chunks.into_iter();
            chunks
                .map(|chunk| (text[chunk.range].to_owned(), chunk.after_end))
                .collect::<Vec<_>>()
        };
        let chunk = |text: &str, after_end| (text.to_owned(), after_end);
        assert_eq!(
            told(" a\n b\r\n\r\nc,d\u{a0}e\t"),
            [
                chunk("a", false),
                chunk("b", false),
                chunk("c,d\u{a0}e", true)
            ]
        );
        assert_eq!(
            told("\"so,\" (é) _x_. -- :) y"),
            [
                chunk("so", false),
                chunk("é", true),
                chunk("_x_.", true),
                chunk("--", false),
                chunk(":)", false),
                chunk("y", false)
            ]
        );
        assert_eq!(told(" \n"), []);
    }

    proptest! {
        #[test]
        fn white_space_is_found_wherever_it_is(bytes in "[a-c\\x00-\\x20\\x7fé\u{a0}\u{fffc}]{0,20}|.{0,30}") {
            let bytes = bytes.as_bytes();
            let white = bytes.iter().copied().position(is_white).unwrap_or(bytes.len());
            prop_assert_eq!(before_white(bytes), white);
        }
    }
}
