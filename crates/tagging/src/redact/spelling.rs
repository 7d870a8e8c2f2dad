//! Words → how names are compared: in small letters, without accents.

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

use crate::eight::{EACH, TOP, within};
use crate::normal::is_unseen;

/// The word folded, in compatibility form, without accents and what is not seen, put
/// into `plain` in place of what it held: Müller and Muller are the same, and so are
/// ＡＮＮＡ and Anna.
pub(super) fn plain_into(word: &str, plain: &mut String) {
    plain.clear();
    for c in word.chars() {
        push(c, plain);
    }
    // Some that are none in the word itself are apostrophes only now.
    if plain.starts_with('\'') || plain.ends_with('\'') || plain.contains("''") {
        let parts = plain.split('\'').filter(|part| !part.is_empty());
        *plain = parts.collect::<Vec<_>>().join("'");
    }
}

/// The same where umlauts and the like are written as two letters; `false`: the word
/// has none, and nothing was put.
pub(super) fn spelt_out_into(word: &str, plain: &mut String) -> bool {
    if word.is_ascii() || !word.contains(|c| spelt_out(c).is_some()) {
        return false;
    }
    plain.clear();
    for c in word.chars() {
        match spelt_out(c) {
            Some(letters) => plain.push_str(letters),
            None => push(c, plain),
        }
    }
    true
}

fn spelt_out(c: char) -> Option<&'static str> {
    Some(match c {
        'ä' | 'Ä' | 'æ' | 'Æ' => "ae",
        'ö' | 'Ö' | 'ø' | 'Ø' | 'œ' | 'Œ' => "oe",
        'ü' | 'Ü' => "ue",
        'å' | 'Å' => "aa",
        _ => return None,
    })
}

fn push(c: char, plain: &mut String) {
    match c {
        _ if c.is_ascii() => plain.push(c.to_ascii_lowercase()),
        // The most frequent, at hand.
        'ä' | 'Ä' | 'à' | 'á' | 'â' | 'å' => plain.push('a'),
        'ö' | 'Ö' | 'ó' | 'ô' | 'ø' | 'Ø' => plain.push('o'),
        'ü' | 'Ü' | 'ú' => plain.push('u'),
        'é' | 'è' | 'ê' | 'É' => plain.push('e'),
        '\u{2019}' | '\u{2018}' | '\u{2bc}' => plain.push('\''),
        'ß' | 'ẞ' => plain.push_str("ss"),
        'ł' | 'Ł' => plain.push('l'),
        'đ' | 'Đ' | 'ð' | 'Ð' => plain.push('d'),
        'þ' | 'Þ' => plain.push_str("th"),
        'æ' | 'Æ' => plain.push_str("ae"),
        'œ' | 'Œ' => plain.push_str("oe"),
        'ı' => plain.push('i'),
        // As the others of its kind, wherever in the word it stands.
        'ς' => plain.push('σ'),
        _ if is_unseen(c) => {}
        _ => decompose_compatible(c, |part| {
            if !is_combining_mark(part) {
                plain.extend(part.to_lowercase().filter(|c| !is_combining_mark(*c)));
            }
        }),
    }
}

/// A number that a word is told by, quickly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hash(u64);

impl Hash {
    /// Of a word, plainly spelt.
    pub(super) fn of(plain: &[u8]) -> Self {
        let mut hash = Self(plain.len() as u64);
        each_eight(plain, |eight| {
            hash = hash.and(eight);
            true
        });
        hash
    }

    /// Of a word that has ASCII's letters and digits alone, in any case: the same as of
    /// what it is in small letters. `None`: it has others.
    #[inline]
    pub(super) fn of_any_case(word: &[u8]) -> Option<Self> {
        let mut hash = Self(word.len() as u64);
        let is_one = each_eight(word, |eight| match in_small_letters(eight) {
            Some(small) => {
                hash = hash.and(small);
                true
            }
            None => false,
        });
        is_one.then_some(hash)
    }

    #[inline]
    fn and(self, eight: u64) -> Self {
        Self((self.0.rotate_left(5) ^ eight).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// Its bit among so many, which are a power of two: the upper bits are the most
    /// mixed.
    fn bit(self, words: usize) -> (usize, u64) {
        let mixed = (self.0 ^ self.0 >> 32).wrapping_mul(0xd6e8_feb8_6659_fd93);
        let bit = mixed >> (58 - words.trailing_zeros());
        ((bit >> 6) as usize, 1 << (bit & 63))
    }

    /// Notes in a set that it is there.
    pub(super) fn mark(self, bits: &mut [u64]) {
        let (word, bit) = self.bit(bits.len());
        bits[word] |= bit;
    }

    /// Whether it may be in a set.
    #[inline]
    pub(super) fn is_marked(self, bits: &[u64]) -> bool {
        let (word, bit) = self.bit(bits.len());
        bits[word] & bit != 0
    }
}

/// Hands over a word's bytes, eight at a time, until one is refused: of words that are
/// shorter some twice, and of the last eight some that were there before. Whether none
/// was refused.
#[inline]
fn each_eight(word: &[u8], mut eight: impl FnMut(u64) -> bool) -> bool {
    let four = |at: usize| {
        word[at..]
            .first_chunk()
            .map(|four| u32::from_le_bytes(*four))
    };
    match word.len() {
        0 => true,
        length @ 1..4 => {
            let [first, middle, last] = [0, length / 2, length - 1].map(|at| word[at]);
            let letters = [first, middle, last, first, middle, last, first, last];
            eight(u64::from_le_bytes(letters))
        }
        length @ 4..8 => {
            let [first, last] = [0, length - 4].map(|at| u64::from(four(at).unwrap_or_default()));
            eight(first | last << 32)
        }
        _ => {
            let mut rest = word;
            while let Some((first, others)) = rest.split_first_chunk::<8>()
                && !others.is_empty()
            {
                if !eight(u64::from_le_bytes(*first)) {
                    return false;
                }
                rest = others;
            }
            word.last_chunk()
                .is_none_or(|last| eight(u64::from_le_bytes(*last)))
        }
    }
}

/// Eight letters and digits of ASCII in small letters; `None`: there is something else.
#[inline]
fn in_small_letters(eight: u64) -> Option<u64> {
    if eight & TOP != 0 {
        return None;
    }
    let small = eight | (EACH * 0x20);
    let letters = within(small, b'a', b'z');
    let digits = within(eight, b'0', b'9');
    ((letters | digits) & TOP == TOP).then_some(eight | ((letters & TOP) >> 2))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_one_name_is_one_text() {
        for (word, plain) in [
            ("Müller", "muller"),
            ("JOSÉ", "jose"),
            ("Jose\u{301}", "jose"),
            ("O’Brien", "o'brien"),
            ("Łukasz", "lukasz"),
            ("Weiß", "weiss"),
            ("İrem", "irem"),
            ("Ａｎｎａ", "anna"),
            ("An\u{ad}na", "anna"),
            ("Мария", "мария"),
        ] {
            let mut told = String::new();
            plain_into(word, &mut told);
            assert_eq!(told, plain);
        }
        let mut told = String::new();
        assert!(spelt_out_into("Øyvind", &mut told) && told == "oeyvind");
        assert!(!spelt_out_into("José", &mut told));
    }

    #[test]
    fn words_have_hashes_of_their_own() {
        let words = (1..=40).flat_map(|length| {
            // Each differs from another of its length in one place.
            (0..length).map(move |at| {
                let letter = |place| if place == at { 'b' } else { 'a' };
                (0..length).map(letter).collect::<String>()
            })
        });
        let words: Vec<String> = words.collect();
        let mut hashes: Vec<u64> = words
            .iter()
            .map(|word| Hash::of(word.as_bytes()).0)
            .collect();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), words.len());
    }

    proptest! {
        #[test]
        fn a_word_of_ascii_has_one_hash_in_any_case(word in "[a-cA-CzZ09'@`\\[/:{&(\\x00-\\x7f]{0,20}|[xX'9]{0,40}|\\PC{0,9}") {
            let is_one = |c: char| c.is_ascii_alphanumeric();
            let small = word.to_ascii_lowercase();
            let hash = word.chars().all(is_one).then(|| Hash::of(small.as_bytes()));
            prop_assert_eq!(Hash::of_any_case(word.as_bytes()), hash);
        }
    }
}
