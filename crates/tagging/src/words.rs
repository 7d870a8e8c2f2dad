//! Normalised text → words, and where what is said of one ends before the next.

use unicode_segmentation::UnicodeSegmentation;

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
    between.contains(ENDS)
}

/// A chunk without ASCII's punctuation around it, and that: what is around words
/// differs more than they do, and is no part of them. Only between letters or digits
/// is it told here what is what.
pub(crate) fn trimmed(chunk: &str) -> (&str, &str, &str) {
    let is_core = |byte: &u8| !byte.is_ascii_punctuation() || *byte == b'_';
    let bytes = chunk.as_bytes();
    let (first, last) = (
        bytes.iter().position(is_core),
        bytes.iter().rposition(is_core),
    );
    let (Some(first), Some(last)) = (first, last) else {
        return ("", chunk, "");
    };
    let core = &chunk[first..=last];
    // Most begin and end with a letter of ASCII, which need not be decoded.
    let is_word = |byte: u8, letter: fn(&str) -> Option<char>| {
        let is_other = || !byte.is_ascii() && letter(core).is_some_and(char::is_alphanumeric);
        byte.is_ascii_alphanumeric() || is_other()
    };
    let begins = is_word(bytes[first], |core| core.chars().next());
    if begins && is_word(bytes[last], |core| core.chars().next_back()) {
        (&chunk[..first], core, &chunk[last + 1..])
    } else {
        ("", chunk, "")
    }
}

/// What stands between the spaces and line breaks of a note.
pub(crate) struct Chunks<'a> {
    rest: &'a str,
    /// Where the rest begins.
    at: usize,
}

/// A part of a note without ASCII's white space.
pub(crate) struct Chunk<'a> {
    pub(crate) text: &'a str,
    /// Where it begins, in bytes.
    pub(crate) start: usize,
    /// Whether an empty line parts it from what is before it.
    pub(crate) after_empty_line: bool,
}

impl<'a> Chunks<'a> {
    pub(crate) fn of(note: &'a str) -> Self {
        Self { rest: note, at: 0 }
    }
}

impl<'a> Iterator for Chunks<'a> {
    type Item = Chunk<'a>;

    fn next(&mut self) -> Option<Chunk<'a>> {
        let bytes = self.rest.as_bytes();
        let mut lines = 0;
        let is_white = |byte: &u8| matches!(byte, b' ' | b'\t'..=b'\r');
        let start = bytes.iter().position(|byte| {
            lines += usize::from(*byte == b'\n');
            !is_white(byte)
        })?;
        let length = bytes[start..].iter().position(is_white);
        let end = length.map_or(bytes.len(), |length| start + length);
        let text = &self.rest[start..end];
        self.rest = &self.rest[end..];
        let from = self.at;
        self.at += end;
        Some(Chunk {
            text,
            start: from + start,
            after_empty_line: lines > 1,
        })
    }
}

#[cfg(test)]
mod tests {
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
        let text = " a\n b\r\n\r\nc,d\u{a0}e\t";
        let told: Vec<_> = Chunks::of(text)
            .inspect(|chunk| assert_eq!(text[chunk.start..].find(chunk.text), Some(0)))
            .map(|chunk| (chunk.text, chunk.after_empty_line))
            .collect();
        assert_eq!(told, [("a", false), ("b", false), ("c,d\u{a0}e", true)]);
        assert_eq!(Chunks::of(" \n").count(), 0);
    }
}
