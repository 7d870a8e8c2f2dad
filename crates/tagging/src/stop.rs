//! Words that no term is made of: articles, pronouns and the like.

use std::collections::HashSet;

use foldhash::fast::FixedState;

use crate::language::Language;
use crate::normal::normalise_into;

/// Fewest letters of a word that may be part of a term that is found.
const SHORTEST: usize = 3;

/// Most.
const LONGEST: usize = 30;

/// The words of some languages that say nothing alone.
#[derive(Clone, Debug)]
pub(crate) struct Stop(HashSet<Box<str>, FixedState>);

impl Stop {
    /// Of the languages of a codebook, and of English.
    pub(crate) fn of(languages: impl Iterator<Item = Language>) -> Self {
        let mut all = HashSet::default();
        let mut normal = String::new();
        for language in languages.chain([Language::ENGLISH]) {
            for word in stop_words::lookup(language.code()).unwrap_or_default() {
                normalise_into(word, language.is_turkic(), &mut normal);
                all.insert(normal.as_str().into());
            }
        }
        Self(all)
    }

    /// Whether a normalised word may be part of a term that is found: of letters, neither
    /// very short nor very long, and not one of these. Scripts that put no space
    /// between words have no such words.
    pub(crate) fn lets(&self, word: &str) -> bool {
        let is_letter = |c: char| c.is_alphabetic() || c == '\'';
        word.chars().all(is_letter)
            && (SHORTEST..=LONGEST).contains(&word.chars().count())
            && !self.0.contains(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn articles_numbers_and_letters_are_no_terms() {
        let german = Language::of_tag("de");
        let stop = Stop::of([german].into_iter());
        for word in ["the", "nicht", "don't", "ok", "covid19", "2024", "a", "变"] {
            assert!(!stop.lets(word), "{word}");
        }
        for word in ["burnout", "rückkehr", "change", "o'clock"] {
            assert!(stop.lets(word), "{word}");
        }
        assert!(!stop.lets(&"x".repeat(31)));
        assert!(Stop::of(std::iter::empty()).lets("nicht"));
    }
}
