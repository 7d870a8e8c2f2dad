//! Terms, as a tree of stems.

use crate::language::Language;
use crate::normal::normalise_into;
use crate::redact::MARK;
use crate::stems::Stems;
use crate::tree::{Arm, Tree};
use crate::words;

/// Most words of a term.
const MOST_WORDS: usize = 10;

/// A word as the reader sees it, in one language: the number of its stem among those of
/// terms of all languages, 0 where no term has it, and what else is to be known of it.
pub(crate) type Code = u32;

pub(crate) const NEGATES: Code = 1 << 31;
pub(crate) const SOFTENS: Code = 1 << 30;
pub(crate) const TURNS: Code = 1 << 29;

/// Some entry is of this word alone.
pub(crate) const ENDS: Code = 1 << 28;

/// The number of the stem; also the node of the entries that begin with it.
pub(crate) const STEM: Code = ENDS - 1;

/// A term of a theme, or an exception to its terms.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// Number of the theme.
    pub theme: u16,
    /// The term's language: it is looked for in notes of this language, and in
    /// those that do not say theirs. [`Language::ANY`]: in all notes, as it stands.
    pub language: Language,
    /// One to ten words.
    pub text: &'a str,
    /// Whether terms of the theme do not count within it.
    pub excepted: bool,
}

/// Why a text can be no term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TermError {
    /// Nothing in it is a word.
    #[error("it has no word in it")]
    NoWords,
    /// It is too long for a term.
    #[error("it has more than {MOST_WORDS} words")]
    TooLong,
}

/// A codebook that can be looked for in notes.
#[derive(Clone, Debug)]
pub struct Tagger {
    pub(crate) languages: Vec<Vocabulary>,
    /// By stem: 1 more than the last entry that is of it alone; 0: none is.
    words: Vec<u32>,
    pub(crate) tree: Tree,
    /// How many runs of two and more stems go on.
    nodes: u32,
    pub(crate) entries: Vec<Kept>,
    /// By entry: what nobody who reads needs.
    given: Vec<(Language, Box<str>)>,
    pub(crate) negation: bool,
}

/// What is kept of an entry for whoever reads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kept {
    pub(crate) theme: u16,
    pub(crate) excepted: bool,
    /// 1 more than the entry before it of the same stems; 0: there is none.
    also: u32,
}

/// The stems of the terms of a language.
#[derive(Clone, Debug)]
pub(crate) struct Vocabulary {
    pub(crate) language: Language,
    stems: Stems,
}

impl Vocabulary {
    /// The code of the stem of a term's word, to be changed; `new`, if it had none.
    fn put(&mut self, word: &str, new: Code) -> &mut Code {
        let stem = self.language.stem(self.language.unelided(word));
        self.stems.put(&stem, new)
    }

    /// A note's word, normalised.
    pub(crate) fn code(&self, word: &str) -> Code {
        let stem = self.language.stem(self.language.unelided(word));
        let role = self.language.role(word);
        let flag = |is: bool, flag: Code| if is { flag } else { 0 };
        self.stems.get(&stem)
            | flag(role.negates, NEGATES)
            | flag(role.softens, SOFTENS)
            | flag(role.turns, TURNS)
    }
}

/// Of no terms.
impl Default for Tagger {
    fn default() -> Self {
        Self::new(true)
    }
}

impl Tagger {
    /// A codebook without terms. `negation`: whether negated terms do not count.
    pub fn new(negation: bool) -> Self {
        Self {
            languages: Vec::new(),
            // The first stands for none.
            words: vec![0],
            tree: Tree::default(),
            nodes: 0,
            entries: Vec::new(),
            given: Vec::new(),
            negation,
        }
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// All entries, in the order of their numbers.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = Entry<'_>> {
        let entries = self.entries.iter().zip(&self.given);
        entries.map(|(kept, (language, text))| Entry {
            theme: kept.theme,
            language: *language,
            text,
            excepted: kept.excepted,
        })
    }

    /// The languages of the terms, in the order in which they came.
    pub fn languages(&self) -> impl Iterator<Item = Language> {
        self.languages.iter().map(|known| known.language)
    }

    /// The languages of the terms that a normalised word is in.
    pub(crate) fn knowing(&self, word: &str) -> impl Iterator<Item = Language> {
        let knowing = self.languages.iter();
        let knowing = knowing.filter(move |known| known.code(word) & STEM != 0);
        knowing.map(|known| known.language)
    }

    /// Adds an entry; its number is how many there were before it.
    ///
    /// # Errors
    /// The text has no word in it, or too many.
    pub fn add(&mut self, entry: &Entry<'_>) -> Result<(), TermError> {
        let mut normal = String::new();
        normalise_into(entry.text, entry.language.is_turkic(), &mut normal);
        let mut words = Vec::new();
        words::each(&normal, |word, _| {
            // No term is found where something was taken out.
            if !word.starts_with(MARK) {
                words.push(word.to_owned());
            }
        });
        match words.len() {
            0 => return Err(TermError::NoWords),
            1..=MOST_WORDS => {}
            _ => return Err(TermError::TooLong),
        }
        let place = self.language(entry.language);
        let ends = words.len() == 1;
        let stems = words.iter().map(|word| self.stem(place, word, ends));
        let stems: Vec<Code> = stems.collect();
        let also = self.put(&stems);
        self.entries.push(Kept {
            theme: entry.theme,
            excepted: entry.excepted,
            also,
        });
        self.given.push((entry.language, entry.text.into()));
        Ok(())
    }

    /// The number of a word's stem. `ends`: an entry is of this word alone.
    fn stem(&mut self, language: usize, word: &str, ends: bool) -> Code {
        let next = self.words.len() as Code;
        let code = self.languages[language].put(word, next);
        if ends {
            *code |= ENDS;
        }
        let number = *code & STEM;
        if number == next {
            self.words.push(0);
        }
        number
    }

    /// Notes that the entry that comes next is of these stems; 1 more than the last
    /// that was before, 0 if there was none.
    fn put(&mut self, stems: &[Code]) -> u32 {
        let next = self.entries.len() as u32 + 1;
        let Some((last, before)) = stems.split_last() else {
            return 0;
        };
        let mut node = 0;
        for stem in before {
            node = match node {
                0 => *stem,
                from => self.beyond(from, *stem),
            };
        }
        let first = match node {
            0 => &mut self.words[*last as usize],
            from => &mut self.tree.make(from, *last).entry,
        };
        std::mem::replace(first, next)
    }

    /// The node that a stem leads to, made if need be.
    fn beyond(&mut self, from: u32, stem: Code) -> u32 {
        let arm = self.tree.make(from, stem);
        if arm.node == 0 {
            self.nodes += 1;
            // Those below are stems.
            arm.node = STEM + self.nodes;
        }
        arm.node
    }

    /// The place of a language, which is made if need be.
    fn language(&mut self, language: Language) -> usize {
        let mut known = self.languages.iter();
        let place = known.position(|known| known.language == language);
        place.unwrap_or_else(|| {
            self.languages.push(Vocabulary {
                language,
                stems: Stems::default(),
            });
            self.languages.len() - 1
        })
    }

    /// Where a word leads that begins what is looked for.
    pub(crate) fn first(&self, code: Code) -> Arm {
        let stem = code & STEM;
        let entry = if code & ENDS == 0 {
            0
        } else {
            self.words[stem as usize]
        };
        Arm { node: stem, entry }
    }

    /// The entries at the end of an arm.
    pub(crate) fn ends(&self, arm: Arm) -> impl Iterator<Item = u32> {
        let number = |next: u32| next.checked_sub(1);
        std::iter::successors(number(arm.entry), move |entry| {
            number(self.entries[*entry as usize].also)
        })
    }
}
