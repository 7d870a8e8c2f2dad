//! Results on stdout: aligned columns for people, JSON for machines.

use std::io::Write as _;

use serde::Serialize;

use super::{Done, Failure};

/// Prints one line. A reader that has gone away is not an error.
pub(super) fn line(text: impl std::fmt::Display) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Columns of a terminal.
pub(super) const COLUMNS: usize = 80;

/// Prints a text in [`lines`].
pub(super) fn wrapped(text: &str) {
    for part in lines(text) {
        line(part);
    }
}

/// Lines of at most 80 columns, broken between words; those after the first are
/// indented by two more.
pub(super) fn lines(text: &str) -> Vec<String> {
    let words = text.trim_start();
    let indent = " ".repeat(text.len() - words.len());
    let mut lines: Vec<String> = Vec::new();
    for word in words.split(' ') {
        match lines.last_mut() {
            Some(last) if last.chars().count() + 1 + word.chars().count() <= COLUMNS => {
                last.push(' ');
                last.push_str(word);
            }
            Some(_) => lines.push(format!("{indent}  {word}")),
            None => lines.push(format!("{indent}{word}")),
        }
    }
    lines
}

/// Prints facts as JSON.
pub(super) fn json(facts: &impl Serialize) -> Done {
    let text = serde_json::to_string_pretty(facts).map_err(|error| Failure::new(1, error))?;
    line(text);
    Ok(())
}

/// Prints rows as columns, the first to the left, the others to the right.
pub(super) fn table(head: &[&str], rows: &[Vec<String>]) {
    let head: Vec<String> = head.iter().map(ToString::to_string).collect();
    let all = || std::iter::once(&head).chain(rows);
    let width = |column: usize| {
        all()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    for row in all() {
        let cells = row
            .iter()
            .zip(&widths)
            .enumerate()
            .map(|(column, (cell, &width))| {
                if column == 0 {
                    format!("{cell:<width$}")
                } else {
                    format!("{cell:>width$}")
                }
            });
        line(cells.collect::<Vec<_>>().join("  ").trim_end());
    }
}

/// A number with three significant digits or so.
pub(super) fn short(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// ρ, which is counted in 1e-6.
pub(super) fn rho(micro: u64) -> String {
    format!("{:.6}", micro as f64 / 1e6)
}

/// A unit in at most nine letters.
pub(super) fn short_unit(unit: &str) -> &str {
    match unit {
        "share" => "points",
        "standard deviations" => "SDs",
        "the metric's" => "metric's",
        unit if unit.starts_with("points") => "score",
        unit => unit,
    }
}

#[cfg(test)]
mod tests {
    use super::lines;

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
}
