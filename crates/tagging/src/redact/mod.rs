//! Notes → notes without what tells who somebody is.
//!
//! What is found is taken out and leaves a mark, which is a word of no term: nothing
//! is found in it, across it, or in what it hid. Patterns come first (a file a
//! kind), then names in what they leave. Each takes time in proportion to the note.

mod account;
mod date;
mod id;
mod mail;
mod number;
mod phone;
#[cfg(test)]
mod tests;
mod url;

use std::ops::Range;

use number::Numbers;

/// What stands in a note for what was taken out: Unicode's own mark for an object
/// that is not there.
pub(crate) const MARK: char = '\u{fffc}';

/// How often a note is looked at, at most: what was taken out may show what was glued to
/// it. Nearly always the second look finds nothing.
const PASSES: usize = 8;

/// What is taken out of notes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// An e-mail address, or a handle such as `@somebody`.
    Mail,
    /// A web address.
    Url,
    /// A number of an account (IBAN) or card.
    Account,
    /// A day with its year, and a day or year of birth.
    Date,
    /// A telephone number.
    Phone,
    /// An id: of a person, a file, a ticket, whatever has one.
    Id,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Mail,
        Self::Url,
        Self::Account,
        Self::Date,
        Self::Phone,
        Self::Id,
    ];

    /// A short name, for counts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Url => "url",
            Self::Account => "account",
            Self::Date => "date",
            Self::Phone => "phone",
            Self::Id => "id",
        }
    }
}

/// A part of a note, in bytes, that is taken out.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Span {
    range: Range<usize>,
    kind: Kind,
}

/// Takes out of notes what tells who somebody is, one note after the other: memory
/// that is used again.
#[derive(Default)]
pub struct Redactor {
    /// What was found last.
    spans: Vec<Span>,
    numbers: Numbers,
    found: Vec<Kind>,
    /// What is left, unless that is the note; and room for what a step leaves.
    text: String,
    next: String,
    is_changed: bool,
}

/// A note without what tells who somebody is. There is no other way to one, and
/// nothing is looked for in anything else.
///
/// It says nothing of what it holds.
#[derive(Clone, Copy)]
pub struct Redacted<'a> {
    text: &'a str,
    found: &'a [Kind],
}

impl std::fmt::Debug for Redacted<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Redacted(..)")
    }
}

impl<'a> Redacted<'a> {
    /// What is left of the note. It is as private as the note was.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// The kind of each that was taken out.
    pub fn found(&self) -> &'a [Kind] {
        self.found
    }

    /// Public text, such as a term of a codebook, of which nothing is taken out. Notes are
    /// for a [`Redactor`].
    pub fn of_nobody(text: &'a str) -> Self {
        Self { text, found: &[] }
    }
}

impl Redactor {
    /// Whoever takes out patterns.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes out of a note what tells who somebody is.
    pub fn redact<'n>(&'n mut self, note: &'n str) -> Redacted<'n> {
        self.found.clear();
        self.is_changed = false;
        for _ in 0..PASSES {
            let known = self.found.len();
            self.step(note, |text, spans, _| {
                mail::find(text, spans);
                url::find(text, spans);
            });
            self.step(note, |text, spans, numbers| numbers.find(text, spans));
            if self.found.len() == known {
                break;
            }
        }
        Redacted {
            text: if self.is_changed { &self.text } else { note },
            found: &self.found,
        }
    }

    /// Takes out what is found in what is left of a note.
    fn step(&mut self, note: &str, find: impl FnOnce(&str, &mut Vec<Span>, &mut Numbers)) {
        let text = if self.is_changed { &self.text } else { note };
        self.spans.clear();
        find(text, &mut self.spans, &mut self.numbers);
        if self.spans.is_empty() {
            return;
        }
        merge(&mut self.spans);
        self.next.clear();
        let mut done = 0;
        for Span { range, kind } in &self.spans {
            self.found.push(*kind);
            self.next.push_str(&text[done..range.start]);
            self.next.push(MARK);
            done = range.end;
        }
        self.next.push_str(&text[done..]);
        std::mem::swap(&mut self.text, &mut self.next);
        self.is_changed = true;
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

/// The end of a text that is made of such characters.
fn ending(text: &str, is: impl Fn(char) -> bool) -> &str {
    &text[text.trim_end_matches(is).len()..]
}

/// The beginning of a text that is made of such characters.
fn beginning(text: &str, is: impl Fn(char) -> bool) -> &str {
    &text[..text.len() - text.trim_start_matches(is).len()]
}
