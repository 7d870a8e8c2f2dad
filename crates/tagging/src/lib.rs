//! Finds the terms of a codebook in notes.
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
//! Whoever reads notes holds no more of them than single words, and those only
//! while it reads.
//!
//! ```
//! use lodestar_tagging::{Entry, Language, Reader, Tagger};
//!
//! let mut tagger = Tagger::new(true);
//! let english = Language::ENGLISH;
//! for (theme, text) in [(0, "priority"), (1, "clear priority"), (2, "feedback")] {
//!     tagger.add(&Entry { theme, text, language: english, excepted: false })?;
//! }
//! let mut reader = Reader::new(&tagger);
//! let note = "Not much feedback so far. Wants CLEARER,\nclear priorities.";
//! assert_eq!(reader.tag(note, None), [1]);
//! # Ok::<(), lodestar_tagging::TermError>(())
//! ```

mod language;
mod memo;
mod normal;
mod reader;
#[cfg(test)]
mod reference;
mod short;
mod stems;
mod tagger;
mod tree;
mod words;

pub use language::Language;
pub use reader::{Fate, Reader};
pub use tagger::{Entry, Tagger, TermError};
