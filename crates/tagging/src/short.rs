//! Short texts as three numbers: nearly all words of a note, and their stems. So what
//! is known of them stands beside them, and nothing else needs to be looked at to find it.

/// Longest of them, in bytes.
const LONGEST: usize = 11;

/// A short text, which no other has the numbers of; they are not all 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Short(pub(crate) [u32; 3]);

impl Short {
    /// `None`: it is none, or empty.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let text = text.as_bytes();
        let length = text.len();
        let number = |at: usize| Some(u32::from_le_bytes(*text[at..].first_chunk()?));
        // Its first letters and its last, which overlap where there are few.
        let [first, second, last] = match length {
            8..=LONGEST => [number(0)?, number(4)?, number(length - 4)? >> 8],
            4..8 => [number(0)?, number(length - 4)?, 0],
            1..4 => {
                let letters = [0, length / 2, length - 1].map(|at| u32::from(text[at]));
                [letters[0] | letters[1] << 8 | letters[2] << 16, 0, 0]
            }
            _ => return None,
        };
        Some(Self([first, second, last | (length as u32) << 24]))
    }

    /// Digits that look random, the last ones too.
    pub(crate) fn hash(self) -> u64 {
        let [first, second, last] = self.0.map(u64::from);
        let left = (first | second << 32) ^ 0x243f_6a88_85a3_08d3;
        let right = (last | last << 32) ^ 0x1319_8a2e_0370_7344;
        let product = u128::from(left) * u128::from(right);
        (product >> 64) as u64 ^ product as u64
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn long_texts_are_none() {
        let is_short = |text| Short::of(text).is_some();
        assert!(is_short("a") && is_short("priorities-"));
        assert!(!is_short("") && !is_short("disagreement"));
    }

    proptest! {
        #[test]
        fn no_two_texts_have_the_same_numbers(
            a in "[ab\0]{1,11}|\\PC{1,6}",
            b in "[ab\0]{1,11}|\\PC{1,6}",
        ) {
            if let (Some(one), Some(other)) = (Short::of(&a), Short::of(&b)) {
                prop_assert_eq!(one == other, a == b);
                prop_assert_ne!(one.0, [0; 3]);
            }
        }
    }
}
