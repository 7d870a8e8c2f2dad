//! What short chunks of notes were found to say, so that each is looked into once.
//!
//! As many as have room: a chunk takes the place of whichever other was there. It
//! holds words of notes, so it lives no longer than the reading of them. Most chunks
//! are single short words: they have places of their own, small ones, and so many that
//! the words of a language seldom push each other out.

use crate::short::Short;
use crate::tagger::Code;

/// Places of short words, and of other chunks; powers of two.
const WORD_PLACES: usize = 1 << 17;
const PLACES: usize = 1 << 13;

/// Longest chunk that is remembered, in bytes.
pub(crate) const LONGEST: usize = 28;

/// Most words of a chunk that is remembered.
pub(crate) const WORDS: usize = 2;

/// What is known of a chunk beside its words' codes.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(crate) struct Shape {
    /// How many words it has, at most [`WORDS`].
    pub(crate) words: u8,
    /// Bit by word: a clause ended before it; the bit after the last word's: one
    /// ended after it.
    pub(crate) ends: u8,
}

impl Shape {
    /// Of a word alone.
    const WORD: Self = Self { words: 1, ends: 0 };
}

#[derive(Clone, Copy)]
struct Place {
    text: [u8; LONGEST],
    /// 0: nothing is here.
    length: u8,
    shape: Shape,
}

pub(crate) struct Memo {
    /// By place of a short word: its text, which is not 0, and its code in each
    /// language.
    words: Vec<u32>,
    places: Vec<Place>,
    /// By place, word and language.
    codes: Vec<Code>,
    languages: usize,
}

/// A chunk that may be remembered, and its place.
#[derive(Clone, Copy)]
pub(crate) struct Key {
    text: [u8; LONGEST],
    length: u8,
    place: usize,
}

impl Key {
    /// `None`: it is too long.
    pub(crate) fn of(chunk: &str) -> Option<Self> {
        let mut text = [0; LONGEST];
        text.get_mut(..chunk.len())?
            .copy_from_slice(chunk.as_bytes());
        let length = chunk.len() as u8;
        let mut hash = u64::from(length);
        for part in text
            .chunks_exact(4)
            .map(|part| u32::from_le_bytes([part[0], part[1], part[2], part[3]]))
        {
            hash = (hash.rotate_left(5) ^ u64::from(part)).wrapping_mul(0x517c_c1b7_2722_0a95);
        }
        Some(Self {
            text,
            length,
            place: (hash >> (64 - PLACES.trailing_zeros())) as usize,
        })
    }
}

impl Memo {
    pub(crate) fn new(languages: usize) -> Self {
        let nothing = Place {
            text: [0; LONGEST],
            length: 0,
            shape: Shape::default(),
        };
        Self {
            words: vec![0; WORD_PLACES * (3 + languages)],
            places: vec![nothing; PLACES],
            codes: vec![0; PLACES * WORDS * languages],
            languages,
        }
    }

    /// Has the places of short words brought near: each is looked at, whatever is there.
    pub(crate) fn fetch(&self, words: impl Iterator<Item = Short>) {
        let size = 3 + self.languages;
        let first = words.map(|short| self.words[word_place(short) * size]);
        std::hint::black_box(first.fold(0, |all, one| all ^ one));
    }

    /// A short word's code by language; `None`: it is not known, or no word alone.
    #[inline]
    pub(crate) fn word(&self, short: Short) -> Option<&[Code]> {
        let size = 3 + self.languages;
        let start = word_place(short) * size;
        let (text, codes) = self.words[start..start + size].split_at(3);
        (*text == short.0).then_some(codes)
    }

    /// What is known of another chunk: its shape, and its words' codes by language.
    pub(crate) fn get(&self, key: &Key) -> Option<(Shape, &[Code])> {
        let place = &self.places[key.place];
        if place.length != key.length || place.text != key.text {
            return None;
        }
        let start = key.place * WORDS * self.languages;
        let codes = usize::from(place.shape.words) * self.languages;
        Some((place.shape, &self.codes[start..start + codes]))
    }

    /// Remembers a chunk.
    pub(crate) fn put(&mut self, short: Option<Short>, key: &Key, shape: Shape, codes: &[Code]) {
        if let Some(short) = short.filter(|_| shape == Shape::WORD) {
            let start = word_place(short) * (3 + self.languages);
            let place = &mut self.words[start..start + 3 + self.languages];
            let (text, known) = place.split_at_mut(3);
            text.copy_from_slice(&short.0);
            known.copy_from_slice(codes);
            return;
        }
        self.places[key.place] = Place {
            text: key.text,
            length: key.length,
            shape,
        };
        let start = key.place * WORDS * self.languages;
        self.codes[start..start + codes.len()].copy_from_slice(codes);
    }
}

fn word_place(short: Short) -> usize {
    short.hash() as usize & (WORD_PLACES - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_is_known_until_another_takes_its_place() {
        let mut memo = Memo::new(2);
        let shape = Shape { words: 2, ends: 4 };
        let key = Key::of("well-being,").expect("short");
        assert!(memo.get(&key).is_none());
        let short = Short::of("well-being,");
        memo.put(short, &key, shape, &[1, 2, 3, 4]);
        assert_eq!(memo.get(&key), Some((shape, &[1, 2, 3, 4][..])));
        // It is no word alone.
        assert!(short.is_some_and(|short| memo.word(short).is_none()));
        let other = Key {
            text: [1; LONGEST],
            length: 28,
            ..key
        };
        assert!(memo.get(&other).is_none());
        memo.put(None, &other, Shape::default(), &[]);
        assert!(memo.get(&key).is_none());
        assert!(Key::of(&"x".repeat(29)).is_none());
    }

    #[test]
    fn short_words_have_places_of_their_own() {
        let mut memo = Memo::new(2);
        let words = [
            "a",
            "to",
            "the",
            "note",
            "priority",
            "unclear",
            "priorities",
        ];
        for (code, word) in (1..).zip(words) {
            let (short, key) = (Short::of(word), Key::of(word).expect("short"));
            let short = short.expect("short");
            assert_eq!(memo.word(short), None);
            memo.put(Some(short), &key, Shape::WORD, &[code, 0]);
            assert_eq!(memo.word(short), Some(&[code, 0][..]));
            assert!(memo.get(&key).is_none());
        }
    }
}
