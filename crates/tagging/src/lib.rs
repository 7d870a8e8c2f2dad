//! Finds the terms of a codebook in notes, of which it first takes out what tells who
//! somebody is.
//!
//! A term is one or more words. It is found in a note wherever its words stand one
//! after the other, whatever stands between them that is no word: punctuation, line
//! breaks. Words are whole ones, and are compared by their stems in the term's
//! language, in compatibility form, folded ([`Tagger::add`] has the rules). What is
//! found counts unless one of three things is so ([`Fate`]):
//!
//! 1. it stands within a longer term that is found there, of whichever theme;
//! 2. it stands within an exception of its theme;
//! 3. it is negated: one of the three words before it is a negation of the term's
//!    language, and nothing that ends a clause stands between.
//!
//! Nothing is looked for but in what a [`Redactor`] leaves of a note. Whoever reads
//! notes holds no more of them than single words, and those only while it reads.
//!
//! ```
//! use lodestar_tagging::{Entry, Language, Names, Own, Reader, Redactor, Tagger};
//!
//! let mut tagger = Tagger::new(true);
//! let english = Language::ENGLISH;
//! for (theme, text) in [(0, "priority"), (1, "clear priority"), (2, "feedback")] {
//!     tagger.add(&Entry { theme, text, language: english, excepted: false })?;
//! }
//! let mut names = Names::new(&tagger);
//! names.add("Feedback, Anna");
//! let (mut redactor, mut reader) = (Redactor::new(&names), Reader::new(&tagger));
//! let note = "Not much feedback so far. Wants CLEARER,\nclear priorities. T 0171/1234567";
//! assert_eq!(reader.tag(&redactor.redact(note, Own::default()), None), [1]);
//! let note = "Spoke with Anna Feedback.";
//! assert_eq!(redactor.redact(note, Own::default()).text(), "Spoke with \u{fffc} \u{fffc}.");
//! # Ok::<(), lodestar_tagging::TermError>(())
//! ```

mod eight;
mod language;
mod memo;
mod normal;
mod reader;
mod redact;
#[cfg(test)]
mod reference;
mod short;
mod stems;
mod stop;
mod tagger;
mod tree;
mod words;

pub use language::Language;
pub use reader::{Fate, Reader};
pub use redact::{Kind, Names, Own, Redacted, Redactor};
pub use tagger::{Entry, Tagger, TermError};
