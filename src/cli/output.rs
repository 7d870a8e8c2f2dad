//! Results on stdout: aligned columns for people, JSON for machines.

use std::io::{ErrorKind, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};

use lodestar::text::{self, COLUMNS};
use serde::Serialize;

use super::{Done, Failure};

/// Prints lines, with nothing in them that a terminal would act on.
pub(super) fn line(text: impl std::fmt::Display) {
    for line in text.to_string().split('\n') {
        raw(&text::printable(line));
    }
}

/// Whether something could not be printed.
static LOST: AtomicBool = AtomicBool::new(false);

/// Prints a text as it is. A reader that has gone away is not an error; a disk that
/// takes no more is one, when the command is done.
pub(super) fn raw(text: &str) {
    if let Err(error) = writeln!(std::io::stdout(), "{text}")
        && error.kind() != ErrorKind::BrokenPipe
    {
        LOST.store(true, Ordering::Relaxed);
    }
}

/// Refuses to call it done where results were lost.
pub(super) fn complete() -> Done {
    if LOST.load(Ordering::Relaxed) {
        let text = "not all results could be written to stdout; what the command did is done";
        return Err(Failure::new(7, text));
    }
    Ok(())
}

/// Prints a text in lines that fit a terminal.
pub(super) fn wrapped(text: &str) {
    for part in text::lines(text) {
        line(part);
    }
}

/// Prints facts as JSON.
pub(super) fn json(facts: &impl Serialize) -> Done {
    let text = serde_json::to_string_pretty(facts).map_err(|error| Failure::new(1, error))?;
    line(text);
    Ok(())
}

/// Prints rows as columns, the first to the left, the others to the right. A first
/// one that leaves them no room has a line of its own.
pub(super) fn table(head: &[&str], rows: &[Vec<String>]) {
    let head: Vec<String> = head.iter().map(ToString::to_string).collect();
    let all = || std::iter::once(&head).chain(rows);
    let width = |column: usize| {
        all()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    let mut widths: Vec<usize> = (0..head.len()).map(width).collect();
    let others: usize = widths[1..].iter().map(|width| width + 2).sum();
    widths[0] = widths[0].min(COLUMNS.saturating_sub(others));
    for row in all() {
        let (first, others) = (fitting(&row[0], widths[0]), row[1..].iter());
        let others = others.zip(&widths[1..]);
        let cells = others.map(|(cell, &width)| format!("  {cell:>width$}"));
        line(format!("{first}{}", cells.collect::<String>()).trim_end());
    }
}

/// A name in so many columns: where it has more, in a line above them.
pub(super) fn fitting(name: &str, width: usize) -> String {
    let above = name.chars().count() > width;
    if above {
        format!("{name}\n{:width$}", "")
    } else {
        format!("{name:<width$}")
    }
}

/// A number with three significant digits or so, in at most six letters.
pub(super) fn short(value: f64) -> String {
    match value.abs() {
        size if size >= 999_999.5 && size.is_finite() => format!("{value:.1e}"),
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
