//! What short chunks of notes were found to say, so that each is looked into once.
//!
//! As many as have room: a chunk takes the place of whichever other was there. It
//! holds words of notes, so it lives no longer than the reading of them.

/// Places; a power of two.
const PLACES: usize = 1 << 15;

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

#[derive(Clone, Copy)]
struct Place {
    text: [u8; LONGEST],
    /// 0: nothing is here.
    length: u8,
    shape: Shape,
}

pub(crate) struct Memo {
    places: Vec<Place>,
    /// By place, word and language.
    codes: Vec<u32>,
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
            places: vec![nothing; PLACES],
            codes: vec![0; PLACES * WORDS * languages],
            languages,
        }
    }

    /// What is known of a chunk: its shape, and its words' codes by language.
    pub(crate) fn get(&self, key: &Key) -> Option<(Shape, &[u32])> {
        let place = &self.places[key.place];
        if place.length != key.length || place.text != key.text {
            return None;
        }
        let start = key.place * WORDS * self.languages;
        let codes = usize::from(place.shape.words) * self.languages;
        Some((place.shape, &self.codes[start..start + codes]))
    }

    /// Remembers a chunk.
    pub(crate) fn put(&mut self, key: &Key, shape: Shape, codes: &[u32]) {
        self.places[key.place] = Place {
            text: key.text,
            length: key.length,
            shape,
        };
        let start = key.place * WORDS * self.languages;
        self.codes[start..start + codes.len()].copy_from_slice(codes);
    }
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
        memo.put(&key, shape, &[1, 2, 3, 4]);
        assert_eq!(memo.get(&key), Some((shape, &[1, 2, 3, 4][..])));
        let other = Key {
            text: [1; LONGEST],
            length: 28,
            ..key
        };
        assert!(memo.get(&other).is_none());
        memo.put(&other, Shape::default(), &[]);
        assert!(memo.get(&key).is_none());
        assert!(Key::of(&"x".repeat(29)).is_none());
    }
}
