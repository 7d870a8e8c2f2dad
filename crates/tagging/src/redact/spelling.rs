//! Words → how names are compared: in small letters, without accents.

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

use crate::normal::is_unseen;

/// The word folded, in compatibility form, without accents and what is not seen, put
/// into `plain` in place of what it held: Müller and Muller are the same, and so are
/// ＡＮＮＡ and Anna.
pub(super) fn plain_into(word: &str, plain: &mut String) {
    plain.clear();
    for c in word.chars() {
        push(c, plain);
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
        _ if is_unseen(c) => {}
        _ => decompose_compatible(c, |part| {
            if !is_combining_mark(part) {
                plain.extend(part.to_lowercase().filter(|c| !is_combining_mark(*c)));
            }
        }),
    }
}

/// A number that a word is told by, quickly.
#[derive(Clone, Copy)]
pub(super) struct Hash(u64);

impl Hash {
    /// Of no letter.
    const NOTHING: Self = Self(0xcbf2_9ce4_8422_2325);

    pub(super) fn of(plain: &str) -> Self {
        plain.bytes().fold(Self::NOTHING, Self::and)
    }

    fn and(self, byte: u8) -> Self {
        Self((self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }

    /// Its bit among so many, which are a power of two: the upper bits are the most
    /// mixed.
    fn bit(self, words: usize) -> (usize, u64) {
        let bit = self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (58 - words.trailing_zeros());
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

/// The hashes of a word as it may be known: as it stands, and without the endings of
/// a genitive.
#[derive(Clone, Copy)]
pub(super) struct Hashes([Hash; 3]);

impl Hashes {
    /// Of a word, plainly spelt.
    pub(super) fn of(plain: &str) -> Self {
        let mut hashes = Self([Hash::NOTHING; 3]);
        plain.bytes().for_each(|byte| hashes.add(byte));
        hashes
    }

    /// Of a word that has ASCII's letters, digits and apostrophes alone, in any case;
    /// `None`: it has others.
    #[inline]
    pub(super) fn of_ascii(word: &str) -> Option<Self> {
        let mut hashes = Self([Hash::NOTHING; 3]);
        for byte in word.bytes() {
            if !byte.is_ascii_alphanumeric() && byte != b'\'' {
                return None;
            }
            hashes.add(byte.to_ascii_lowercase());
        }
        Some(hashes)
    }

    #[inline]
    fn add(&mut self, byte: u8) {
        let [all, but_one, _] = self.0;
        self.0 = [all.and(byte), all, but_one];
    }

    /// Those of a word whose last letter is known.
    #[inline]
    pub(super) fn any(&self, word: &str, is: impl Fn(Hash) -> bool) -> bool {
        let [all, but_one, but_two] = self.0;
        is(all) || matches!(word.as_bytes(), [.., b's' | b'S']) && (is(but_one) || is(but_two))
    }
}

#[cfg(test)]
mod tests {
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
}
