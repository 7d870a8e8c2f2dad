//! What notes say beside the codebook's terms, kept while terms are looked for in it.

use std::collections::HashMap;
use std::fmt;

use lodestar_privacy::said::{Word, Words};

/// Passages, numbered as they come, each after the hash of all it says, and the texts of
/// their words.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Heard {
    words: Vec<Word>,
    /// Where each passage ends.
    ends: Vec<usize>,
    texts: HashMap<Word, Box<str>>,
}

/// Says how much there is, not what.
impl fmt::Debug for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Heard")
            .field("passages", &self.ends.len())
            .finish_non_exhaustive()
    }
}

impl Heard {
    /// One more passage; its number. `hash`: of all that it says, whether or not it is kept.
    pub(super) fn add(&mut self, hash: u64, words: &[Word]) -> u32 {
        self.words.push(hash);
        self.words.extend_from_slice(words);
        self.ends.push(self.words.len());
        self.ends.len() as u32 - 1
    }

    /// The text of a word.
    pub(super) fn text(&mut self, word: Word, text: Box<str>) {
        self.texts.entry(word).or_insert(text);
    }

    /// The passage of a number.
    pub(super) fn passage(&self, number: u32) -> &[Word] {
        &self.all(number)[1..]
    }

    /// The hash of all that it says.
    pub(super) fn hash(&self, number: u32) -> u64 {
        self.all(number)[0]
    }

    fn all(&self, number: u32) -> &[u64] {
        let number = number as usize;
        let start = match number.checked_sub(1) {
            Some(before) => self.ends[before],
            None => 0,
        };
        &self.words[start..self.ends[number]]
    }

    /// All texts.
    pub(super) fn words(&self) -> Words {
        Words::new(self.texts.clone())
    }
}
