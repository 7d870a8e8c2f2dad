//! Terms, as a tree of stems.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::language::Language;
use crate::normal::normalise_into;
use crate::redact::MARK;
use crate::words;

/// Most words of a term.
const MOST_WORDS: usize = 10;

/// A word as the reader sees it, in one language: the number of its stem among
/// those of terms, 0 where no term has it, and what it does to what follows.
pub(crate) type Code = u32;

pub(crate) const NEGATES: Code = 1 << 31;
pub(crate) const SOFTENS: Code = 1 << 30;
pub(crate) const TURNS: Code = 1 << 29;

/// The number of the stem.
pub(crate) const STEM: Code = TURNS - 1;

/// Marks the number of a node where entries end: most have none, and are far apart in
/// memory, so they need not be looked at.
pub(crate) const ENDS: u32 = 1 << 31;

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
    /// By number: the entries that end there.
    nodes: Vec<Vec<u32>>,
    /// Node and stem: the node that follows, marked as in [`Vocabulary::first`]. One table
    /// for all, for a word that is first in thousands of terms takes no longer to look
    /// beyond than any other.
    next: HashMap<(u32, Code), u32, FixedState>,
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
}

/// The stems of the terms of a language.
#[derive(Clone, Debug)]
pub(crate) struct Vocabulary {
    pub(crate) language: Language,
    /// They are public, and nobody chooses them to collide.
    stems: HashMap<Box<str>, Code, FixedState>,
    /// By stem: the node of the terms that begin with it, marked by [`ENDS`] if one ends
    /// there; 0: there are none.
    pub(crate) first: Vec<u32>,
}

impl Vocabulary {
    fn new(language: Language) -> Self {
        Self {
            language,
            stems: HashMap::default(),
            first: vec![0],
        }
    }

    /// The number of a stem of a term.
    fn number(&mut self, word: &str) -> Code {
        let stem = self.language.stem(self.language.unelided(word));
        let next = self.first.len() as Code;
        let number = *self.stems.entry(stem.into()).or_insert(next);
        if number == next {
            self.first.push(0);
        }
        number
    }

    /// A note's word, normalised.
    pub(crate) fn code(&self, word: &str) -> Code {
        let stem = self.language.stem(self.language.unelided(word));
        let role = self.language.role(word);
        let flag = |is: bool, flag: Code| if is { flag } else { 0 };
        self.stems.get(stem.as_ref()).copied().unwrap_or(0)
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
            nodes: vec![Vec::new()],
            next: HashMap::default(),
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
        let vocabulary = &mut self.languages[place];
        let stems: Vec<Code> = words.iter().map(|word| vocabulary.number(word)).collect();
        let node = self.node(place, &stems);
        self.nodes[node].push(self.entries.len() as u32);
        self.entries.push(Kept {
            theme: entry.theme,
            excepted: entry.excepted,
        });
        self.given.push((entry.language, entry.text.into()));
        Ok(())
    }

    /// The place of a language, which is made if need be.
    fn language(&mut self, language: Language) -> usize {
        let mut known = self.languages.iter();
        let place = known.position(|known| known.language == language);
        place.unwrap_or_else(|| {
            self.languages.push(Vocabulary::new(language));
            self.languages.len() - 1
        })
    }

    /// The node that a stem leads to, marked as in [`Vocabulary::first`]; 0: there is
    /// none.
    #[inline]
    pub(crate) fn after(&self, node: u32, stem: Code) -> u32 {
        if stem == 0 {
            return 0;
        }
        let next = self.next.get(&(node & !ENDS, stem));
        next.copied().unwrap_or(0)
    }

    /// The entries that end at a node.
    #[inline]
    pub(crate) fn ends(&self, node: u32) -> &[u32] {
        if node & ENDS == 0 {
            return &[];
        }
        &self.nodes[(node & !ENDS) as usize]
    }

    /// The node at the end of some stems, made if need be, and marked.
    fn node(&mut self, language: usize, stems: &[Code]) -> usize {
        let mut at = 0;
        for (place, stem) in stems.iter().enumerate() {
            let new = self.nodes.len() as u32;
            let next = if place == 0 {
                &mut self.languages[language].first[*stem as usize]
            } else {
                self.next.entry((at, *stem)).or_default()
            };
            if *next == 0 {
                *next = new;
                self.nodes.push(Vec::new());
            }
            at = *next & !ENDS;
            if place + 1 == stems.len() {
                *next |= ENDS;
            }
        }
        at as usize
    }
}
