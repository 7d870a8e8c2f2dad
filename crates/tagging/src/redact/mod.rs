//! Notes → notes without what tells who somebody is.
//!
//! What is found is taken out and leaves a mark, which is a word of no term: nothing
//! is found in it, across it, or in what it hid. Patterns come first (a file a
//! kind), then names in what they leave. Each takes time in proportion to the note.

mod account;
mod common;
mod date;
mod id;
mod left;
mod mail;
mod names;
mod number;
mod phone;
mod seek;
mod spelling;
#[cfg(test)]
mod tests;
mod url;

use std::borrow::Cow;

use crate::normal::composed;
use crate::words::{self, Chunk};
use left::Left;
pub use names::Names;
use number::Numbers;
pub use seek::Own;
use seek::Seeker;

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
    /// A name, with its titles, initials and particles.
    Name,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Mail,
        Self::Url,
        Self::Account,
        Self::Date,
        Self::Phone,
        Self::Id,
        Self::Name,
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
            Self::Name => "name",
        }
    }
}

/// Takes out of notes what tells who somebody is, one note after the other: memory
/// that is used again.
pub struct Redactor<'a> {
    names: &'a Names<'a>,
    numbers: Numbers,
    seeker: Seeker,
    left: Left,
    /// The note as it will be read, where it is written otherwise.
    composed: String,
    /// Of what is left.
    chunks: Vec<Chunk>,
}

/// A note without what tells who somebody is. There is no other way to one, and
/// nothing is looked for in anything else.
///
/// It says nothing of what it holds.
pub struct Redacted<'a> {
    text: &'a str,
    chunks: Cow<'a, [Chunk]>,
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
        let mut chunks = Vec::new();
        words::chunks_into(text, &mut chunks);
        Self {
            text,
            chunks: Cow::Owned(chunks),
            found: &[],
        }
    }

    /// What stands between spaces, in order, each with whether a clause ended before it.
    pub(crate) fn chunks(&self) -> impl Iterator<Item = (&str, bool)> {
        let chunks = self.chunks.iter();
        chunks.map(|chunk| (&self.text[chunk.range.clone()], chunk.after_end))
    }
}

impl<'a> Redactor<'a> {
    /// Whoever takes these names out of notes, beside all that is told by its shape.
    pub fn new(names: &'a Names<'a>) -> Self {
        Self {
            names,
            numbers: Numbers::default(),
            seeker: Seeker::default(),
            left: Left::default(),
            composed: String::new(),
            chunks: Vec::new(),
        }
    }

    /// Takes out of a note what tells who somebody is; `own`: what its row tells of that.
    ///
    /// It is looked for in the text as it will be read, in compatibility form: what a
    /// reader takes for a word is a word here.
    pub fn redact<'n>(&'n mut self, note: &'n str, own: Own<'_>) -> Redacted<'n> {
        let Self {
            names,
            numbers,
            seeker,
            left,
            composed: room,
            chunks,
        } = self;
        let note = match composed(note) {
            Cow::Borrowed(note) => note,
            Cow::Owned(note) => {
                *room = note;
                room
            }
        };
        left.begin();
        seeker.know(own);
        let is_settled = (0..PASSES).any(|_| {
            let known = left.found.len();
            left.step(note, |text, spans| {
                mail::find(text, spans);
                url::find(text, spans);
            });
            left.step(note, |text, spans| numbers.find(text, spans));
            left.step(note, |text, spans| {
                words::chunks_into(text, chunks);
                seeker.find(names, (text, chunks), spans);
            });
            left.found.len() == known
        });
        if !is_settled {
            words::chunks_into(left.text(note), chunks);
        }
        Redacted {
            text: left.text(note),
            chunks: Cow::Borrowed(chunks),
            found: &left.found,
        }
    }
}

/// The end of a text that is made of such characters.
fn ending(text: &str, is: impl Fn(char) -> bool) -> &str {
    &text[text.trim_end_matches(is).len()..]
}

/// The beginning of a text that is made of such characters.
fn beginning(text: &str, is: impl Fn(char) -> bool) -> &str {
    &text[..text.len() - text.trim_start_matches(is).len()]
}
