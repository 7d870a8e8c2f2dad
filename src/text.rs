//! Text for people: lines that fit a terminal, and numbers of things.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Columns of a terminal.
pub const COLUMNS: usize = 80;

/// Lines of at most 80 columns, broken between words; those after the first are
/// indented by two more.
pub fn lines(text: &str) -> Vec<String> {
    let words = text.trim_start_matches(' ');
    let indent = text.len() - words.len();
    let (first, rest) = (
        COLUMNS.saturating_sub(indent),
        COLUMNS.saturating_sub(indent + 2),
    );
    let parts = parts(words, first, rest).into_iter().enumerate();
    let line = |(at, part): (usize, String)| {
        let indent = if at == 0 { indent } else { indent + 2 };
        format!("{}{part}", " ".repeat(indent))
    };
    parts.map(line).collect()
}

/// A text in lines of at most as many columns.
pub fn block(text: &str, columns: usize) -> String {
    parts(text, columns, columns).join("\n")
}

/// A text that can be shown whatever it is: what would move a terminal's cursor,
/// colour it, or turn its direction is escaped as in JSON, line breaks too.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(moves) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::new();
    for letter in text.chars() {
        if moves(letter) {
            // Writing to a string can't fail.
            let _ = write!(shown, "\\u{:04x}", u32::from(letter));
        } else {
            shown.push(letter);
        }
    }
    Cow::Owned(shown)
}

/// Control characters, line and paragraph separators, marks of direction.
fn moves(letter: char) -> bool {
    let turns = ['\u{61c}', '\u{200e}', '\u{200f}', '\u{2028}', '\u{2029}'];
    letter.is_control()
        || turns.contains(&letter)
        || ('\u{202a}'..='\u{202e}').contains(&letter)
        || ('\u{2066}'..='\u{2069}').contains(&letter)
}

/// Breaks a text between words: the first part has so many columns, and each of the
/// rest. What has no space is not broken.
fn parts(text: &str, first: usize, rest: usize) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for word in text.split(' ') {
        let room = if parts.len() > 1 { rest } else { first };
        match parts.last_mut() {
            Some(last) if width(last) + 1 + width(word) <= room => {
                last.push(' ');
                last.push_str(word);
            }
            _ => parts.push(word.to_owned()),
        }
    }
    parts
}

/// Columns of a text, without what colours it.
fn width(text: &str) -> usize {
    let mut coloured = false;
    let seen = text.chars().filter(|letter| {
        let starts = *letter == '\u{1b}';
        let hidden = coloured || starts;
        coloured = hidden && *letter != 'm';
        !hidden
    });
    seen.count()
}

/// `1 row`, `2 rows`.
pub fn count(number: u64, thing: &str) -> String {
    match number {
        1 => format!("1 {thing}"),
        _ => format!("{number} {thing}s"),
    }
}

/// `1234567` as `1,234,567`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let parts = digits.as_bytes().rchunks(3).rev();
    let parts: Vec<String> = parts
        .map(|part| String::from_utf8_lossy(part).into_owned())
        .collect();
    parts.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped_by_three() {
        let said = [0, 999, 1000, 12_345, 1_234_567].map(grouped);
        assert_eq!(said, ["0", "999", "1,000", "12,345", "1,234,567"]);
    }

    #[test]
    fn lines_break_between_words_and_stay_within_80_columns() {
        let text = format!("  help: {}", "wörter ".repeat(40));
        let all = lines(text.trim_end());
        assert!(all.iter().all(|line| line.chars().count() <= 80), "{all:?}");
        assert!(all[0].starts_with("  help: wörter") && all[0].chars().count() > 72);
        assert!(all[1..].iter().all(|line| line.starts_with("    wörter")));
        let words: Vec<&str> = all
            .iter()
            .flat_map(|line| line.split_whitespace())
            .collect();
        assert_eq!(words.join(" "), text.trim());
        // What has no space is not broken.
        let path = "x".repeat(90);
        assert_eq!(
            lines(&format!("in {path}")),
            ["in".to_owned(), format!("  {path}")]
        );
    }

    #[test]
    fn colours_take_no_room() {
        let word = "\u{1b}[1m\u{1b}[31mred\u{1b}[0m";
        let coloured = lines(&vec![word; 40].join(" "));
        let plain = lines(&vec!["red"; 40].join(" "));
        let words = |lines: &[String]| -> Vec<usize> {
            lines
                .iter()
                .map(|line| line.split_whitespace().count())
                .collect()
        };
        assert_eq!(words(&coloured), words(&plain));
        assert_eq!(words(&plain), [20, 19, 1]);
    }

    #[test]
    fn what_would_move_a_cursor_is_escaped() {
        assert_eq!(printable("Größe: 3 µ"), "Größe: 3 µ");
        let shown = printable("\u{1b}[2J\u{9b}31m\n\u{202e}x");
        assert_eq!(shown, "\\u001b[2J\\u009b31m\\u000a\\u202ex");
    }

    #[test]
    fn one_of_a_thing_is_no_plural() {
        let said = [0, 1, 2].map(|number| count(number, "row"));
        assert_eq!(said, ["0 rows", "1 row", "2 rows"]);
    }
}
