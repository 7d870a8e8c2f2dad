//! Names of people, taken apart into the words that notes know them by.

use std::collections::HashMap;

use foldhash::fast::FixedState;
use unicode_segmentation::UnicodeSegmentation;

use super::common::{BEFORE_NAMES, COMMON, ELIDED, NOUNS, PARTICLES, TITLES};
use super::spelling::{self, Hash};
use crate::language::Language;
use crate::normal::{composed, plain_apostrophe};
use crate::tagger::Tagger;

/// Longest word of a name, in bytes.
const LONGEST: usize = 64;

/// What a word may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Word {
    /// A title after which somebody's name stands.
    Title,
    /// A name that is a German noun too, so that a capital tells nothing.
    Noun,
    /// A name that is another word too.
    Common,
    /// A name.
    Name,
}

/// Names of people, such as a list of coaches: public, and the same for every note.
///
/// Of a name each word is known alone (but initials, titles, and particles such as
/// *van der*), in any case, with accents or without, umlauts also as two letters,
/// with *'s* or *s* after it.
#[derive(Clone)]
pub struct Names<'a> {
    tagger: &'a Tagger,
    /// Those that are words of a language.
    common: HashMap<&'static str, Word, FixedState>,
    words: HashMap<Box<str>, Word, FixedState>,
    /// By bit of a word's hash: whether one is known that has it.
    bits: Vec<u64>,
    count: usize,
}

impl std::fmt::Debug for Names<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Names(..)")
    }
}

/// Fewest bits of hashes, as a power of two.
const FEWEST_BITS: u32 = 12;

/// Bits for each word that is known, as a power of two.
const BITS_EACH: u32 = 4;

impl<'a> Names<'a> {
    /// Nobody's. A name that is a word of the tagger's terms is taken for a name only
    /// where it can't be the word.
    pub fn new(tagger: &'a Tagger) -> Self {
        let common = COMMON.split_whitespace().map(|word| (word, Word::Common));
        let nouns = NOUNS.split_whitespace().map(|word| (word, Word::Noun));
        let mut names = Self {
            tagger,
            common: common.chain(nouns).collect(),
            words: HashMap::default(),
            bits: vec![0; 1 << (FEWEST_BITS - 6)],
            count: 0,
        };
        for title in BEFORE_NAMES {
            let mut plain = String::new();
            spelling::plain_into(title, &mut plain);
            names.put(&plain, Word::Title);
        }
        names
    }

    /// How many names were added.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether none was.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Adds somebody's name, as lists have it: `Anna Smith`, `Smith, Anna`,
    /// `Dr. Anna-Maria van der Berg`. Whether anything in it can be looked for.
    pub fn add(&mut self, name: &str) -> bool {
        let mut any = false;
        each_base(name, |base| {
            any = true;
            self.put(base, self.what(base));
        });
        self.count += usize::from(any);
        any
    }

    fn put(&mut self, base: &str, what: Word) {
        let known = self.words.entry(base.into()).or_insert(what);
        *known = what.max(*known);
        if (self.bits.len() << 6) < self.words.len() << BITS_EACH {
            self.bits = vec![0; self.bits.len() * 2];
            for word in self.words.keys() {
                Hash::of(word.as_bytes()).mark(&mut self.bits);
            }
        }
        Hash::of(base.as_bytes()).mark(&mut self.bits);
    }

    /// Whether a word of this hash may be known.
    #[inline]
    pub(super) fn may_know(&self, hash: Hash) -> bool {
        hash.is_marked(&self.bits)
    }

    /// What a word is, plainly spelt.
    pub(super) fn word(&self, plain: &str) -> Option<Word> {
        without_endings(plain).find_map(|base| self.words.get(base).copied())
    }

    /// What a word of a name is, plainly spelt.
    pub(super) fn what(&self, base: &str) -> Word {
        // Two letters are a word of some language, mostly.
        let short = base.chars().nth(2).is_none().then_some(Word::Common);
        let listed = self.common.get(base).copied();
        listed
            .or_else(|| self.term(base))
            .or(short)
            .unwrap_or(Word::Name)
    }

    /// What a word is for being in terms; `None`: in none.
    fn term(&self, base: &str) -> Option<Word> {
        let languages = self.tagger.knowing(base);
        let word = |language| match language {
            Language::GERMAN => Word::Noun,
            _ => Word::Common,
        };
        languages.map(word).min()
    }
}

/// What may follow a name in a word: the genitive.
const ENDINGS: [&str; 3] = ["", "'s", "s"];

/// The word, and what it is without a genitive's ending.
///
/// [`super::seek`] asks for their hashes, in any case.
pub(super) fn without_endings(plain: &str) -> impl Iterator<Item = &str> {
    let bases = ENDINGS.iter();
    bases.filter_map(move |ending| plain.strip_suffix(ending))
}

/// The parts of a word with apostrophes that may be words of a name: what an elision
/// stands before (*d'Anna*), and what something stands after (*Anna'll*) that makes no
/// other word of it (*don't*). Each with where it begins; none of a word without.
pub(super) fn each_elided<'a>(word: &'a str, mut part: impl FnMut(usize, &'a str)) {
    let is_apostrophe = |c: char| plain_apostrophe(c) == '\'';
    if !word.contains(is_apostrophe) {
        return;
    }
    let mut parts = word.split(is_apostrophe).peekable();
    let mut before = "";
    while let Some(one) = parts.next() {
        let is_negated = parts
            .peek()
            .is_some_and(|next| next.eq_ignore_ascii_case("t"));
        if is_elided(before) && !is_negated && !one.is_empty() {
            part(one.as_ptr() as usize - word.as_ptr() as usize, one);
        }
        before = one;
    }
}

/// Whether what stands before an apostrophe is no word, or an article or the like.
fn is_elided(before: &str) -> bool {
    !before.contains(char::is_alphanumeric)
        || Language::any_elides(before)
        || ELIDED.iter().any(|word| before.eq_ignore_ascii_case(word))
}

/// Hands over the words of a name as they are looked for, plainly spelt, but those that
/// tell of nobody.
pub(super) fn each_base(name: &str, mut base: impl FnMut(&str)) {
    let mut plain = String::new();
    each_word(&composed(name), |_, word| {
        spelling::plain_into(word, &mut plain);
        let is_one = plain.chars().nth(1).is_some()
            && plain.len() <= LONGEST
            && plain.contains(char::is_alphabetic)
            && !TITLES.contains(&plain.as_str())
            && !PARTICLES.contains(&plain.as_str());
        if !is_one {
            return;
        }
        base(&plain);
        if plain.contains('\'') {
            base(&plain.replace('\'', ""));
        }
        if spelling::spelt_out_into(word, &mut plain) {
            base(&plain);
        }
    });
}

/// Hands over the words of a text, each with where it begins: those of Unicode, taken
/// apart at points, colons and underscores too.
pub(super) fn each_word<'a>(text: &'a str, mut word: impl FnMut(usize, &'a str)) {
    if text.is_ascii() {
        let is_between = |c: char| !c.is_ascii_alphanumeric() && c != '\'';
        return each_part(text, 0, is_between, &mut word);
    }
    for (start, segment) in text.split_word_bound_indices() {
        each_part(segment, start, |c| matches!(c, '.' | ':' | '_'), &mut word);
    }
}

/// The same of a text that begins somewhere, by what parts words.
fn each_part<'a>(
    text: &'a str,
    mut start: usize,
    is_between: impl Fn(char) -> bool,
    word: &mut impl FnMut(usize, &'a str),
) {
    for part in text.split(is_between) {
        let inner = part.trim_start_matches('\'');
        let trimmed = inner.trim_end_matches('\'');
        if trimmed.contains(char::is_alphanumeric) {
            word(start + part.len() - inner.len(), trimmed);
        }
        // What parts them is one byte each.
        start += part.len() + 1;
    }
}
