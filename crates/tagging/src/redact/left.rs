//! What is left of a note.

use std::ops::Range;

use super::{Kind, MARK};

/// A part of a text, in bytes, that is taken out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) range: Range<usize>,
    pub(super) kind: Kind,
}

/// What is left of a note while more and more is taken out of it: memory that is used
/// again.
#[derive(Default)]
pub(super) struct Left {
    /// The kind of each that was taken out.
    pub(super) found: Vec<Kind>,
    spans: Vec<Span>,
    /// What is left, if that is not the whole note; and room for what a step leaves.
    text: String,
    next: String,
    is_changed: bool,
}

impl Left {
    /// Begins with a note.
    pub(super) fn begin(&mut self) {
        self.found.clear();
        self.is_changed = false;
    }

    /// What is left of the note.
    pub(super) fn text<'a>(&'a self, note: &'a str) -> &'a str {
        if self.is_changed { &self.text } else { note }
    }

    /// Takes out what is found in what is left of the note.
    pub(super) fn step(&mut self, note: &str, find: impl FnOnce(&str, &mut Vec<Span>)) {
        let mut spans = std::mem::take(&mut self.spans);
        spans.clear();
        let text = if self.is_changed { &self.text } else { note };
        find(text, &mut spans);
        if !spans.is_empty() {
            merge(&mut spans);
            self.next.clear();
            let mut done = 0;
            for Span { range, kind } in &spans {
                self.found.push(*kind);
                self.next.push_str(&text[done..range.start]);
                self.next.push(MARK);
                done = range.end;
            }
            self.next.push_str(&text[done..]);
            std::mem::swap(&mut self.text, &mut self.next);
            self.is_changed = true;
        }
        self.spans = spans;
    }
}

/// Puts spans in order, and makes one of those that overlap, of the first's kind.
fn merge(spans: &mut Vec<Span>) {
    spans.sort_by_key(|span| (span.range.start, span.kind));
    spans.dedup_by(|next, kept| {
        let overlap = next.range.start < kept.range.end;
        if overlap {
            kept.range.end = next.range.end.max(kept.range.end);
        }
        overlap
    });
}
