//! What people's rows say in words, kept person by person until terms are looked for
//! in it.

use std::collections::HashMap;

use crate::secret::Secret;

/// Keyed hash of a word; [`BREAK`] is none.
pub type Word = u64;

/// Stands between words that do not follow each other.
pub const BREAK: Word = 0;

/// The texts of words, by their hash.
#[derive(Clone)]
pub struct Words(Secret<HashMap<Word, Box<str>>>);

/// Of rows that say nothing.
impl Default for Words {
    fn default() -> Self {
        Self::new(HashMap::new())
    }
}

/// Says nothing of anybody.
impl std::fmt::Debug for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Words(..)")
    }
}

impl Words {
    /// Of what all rows say.
    pub fn new(texts: HashMap<Word, Box<str>>) -> Self {
        Self(Secret::new(texts))
    }

    /// The text of a term; `None` where one of its words is not known.
    pub(crate) fn text(&self, words: impl Iterator<Item = Word>) -> Option<String> {
        let texts = self.0.expose_private();
        let words = words.map(|word| texts.get(&word).map(AsRef::as_ref));
        Some(words.collect::<Option<Vec<&str>>>()?.join(" "))
    }
}

/// A passage: its sections, and its words in their order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Passage<'a> {
    pub(crate) sections: &'a [u64],
    pub(crate) words: &'a [Word],
}

/// Passages, one after the other: of each how many sections, which, how many words,
/// which.
#[derive(Clone, Debug, Default)]
pub(crate) struct Said(Vec<u64>);

impl Said {
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One more passage.
    pub(crate) fn add(&mut self, sections: &[u16], words: &[Word]) {
        self.0.push(sections.len() as u64);
        self.0
            .extend(sections.iter().map(|section| u64::from(*section)));
        self.0.push(words.len() as u64);
        self.0.extend(words);
    }

    pub(crate) fn passages(&self) -> impl Iterator<Item = Passage<'_>> {
        let mut rest = &self.0[..];
        std::iter::from_fn(move || {
            let mut some = || {
                let (length, all) = rest.split_first()?;
                let (some, after) = all.split_at(*length as usize);
                rest = after;
                Some(some)
            };
            Some(Passage {
                sections: some()?,
                words: some()?,
            })
        })
    }
}

/// Somebody who said something.
#[derive(Clone, Debug)]
pub(crate) struct Speaker {
    pub(crate) id: u128,
    /// Distinct, ascending.
    pub(crate) coaches: Box<[u64]>,
    pub(crate) said: Said,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passages_come_back_as_they_were_said() {
        let mut said = Said::default();
        said.add(&[2, 0], &[7, BREAK, 9]);
        said.add(&[], &[]);
        said.add(&[1], &[8]);
        let back = said.passages();
        let back: Vec<(Vec<u64>, Vec<u64>)> = back
            .map(|passage| (passage.sections.to_vec(), passage.words.to_vec()))
            .collect();
        let expected = [
            (vec![2, 0], vec![7, 0, 9]),
            (vec![], vec![]),
            (vec![1], vec![8]),
        ];
        assert_eq!(back, expected);
        said.clear();
        assert!(said.is_empty() && said.passages().next().is_none());
    }

    #[test]
    fn a_term_with_a_word_that_nobody_knows_has_no_text() {
        let texts = [(1, "red"), (2, "tape")].map(|(word, text)| (word, text.into()));
        let words = Words::new(HashMap::from(texts));
        assert_eq!(words.text([1, 2].into_iter()), Some("red tape".to_owned()));
        assert_eq!(words.text([1, 3].into_iter()), None);
        assert_eq!(format!("{words:?}"), "Words(..)");
    }
}
