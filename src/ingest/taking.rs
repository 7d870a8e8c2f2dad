//! Fields of a block → columns. Texts stay where they are.

use std::sync::Arc;

use super::batch::{Coded, Column, Span, Spans, Texts};

/// Texts that are looked for in a block, by the first bits of their hash.
const SLOTS: usize = 1 << BITS;
const BITS: u32 = 12;

/// Slots in which a text may be.
const NEAR: usize = 4;

/// Odd, and half of its bits are set.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// Takes the texts of a column one by one.
pub(super) enum Taking {
    /// Each as it is.
    Texts(Vec<Span>),
    /// Those that repeat as numbers.
    Coded(Coding),
}

/// Numbers texts in the order in which they come. A text has a second number if
/// too many others came in between: so looking for one takes a few steps at most,
/// whatever the texts are.
pub(super) struct Coding {
    codes: Vec<u32>,
    texts: Vec<Span>,
    /// By a text's hash: more of it, and its number, from 1; 0: none.
    slots: Vec<(u32, u32)>,
}

impl Taking {
    pub(super) fn new(repeats: bool) -> Self {
        if repeats {
            Self::Coded(Coding {
                codes: Vec::new(),
                texts: Vec::new(),
                slots: vec![(0, 0); SLOTS],
            })
        } else {
            Self::Texts(Vec::new())
        }
    }

    /// Takes a part of the text, which is the same each time but for its end.
    pub(super) fn push(&mut self, text: &str, span: Span) {
        match self {
            Self::Texts(spans) => spans.push(span),
            Self::Coded(coding) => coding.push(text.as_bytes(), span),
        }
    }

    /// The column, of that text.
    pub(super) fn finish(self, text: &Arc<String>) -> Column {
        let texts = |spans| {
            let text = Arc::clone(text);
            Texts::Spans(Arc::new(Spans { text, spans }))
        };
        match self {
            Self::Texts(spans) => Column::Texts(texts(spans)),
            Self::Coded(Coding {
                codes,
                texts: spans,
                ..
            }) => Column::Coded(Coded {
                codes,
                texts: texts(spans),
            }),
        }
    }
}

impl Coding {
    fn push(&mut self, text: &[u8], span: Span) {
        let part = |(start, end): Span| &text[start as usize..end as usize];
        let said = part(span);
        let hash = hash(said);
        // The first bits of a product depend on all that was multiplied.
        let (first, mark) = ((hash >> (64 - BITS)) as usize, hash as u32);
        let mut place = first % SLOTS;
        for at in first..first + NEAR {
            let (marked, number) = self.slots[at % SLOTS];
            if number == 0 {
                place = at % SLOTS;
                break;
            }
            if marked == mark && part(self.texts[number as usize - 1]) == said {
                self.codes.push(number - 1);
                return;
            }
        }
        self.codes.push(self.texts.len() as u32);
        self.texts.push(span);
        self.slots[place] = (mark, self.texts.len() as u32);
    }
}

/// Tells most texts apart, by its first bits too.
fn hash(text: &[u8]) -> u64 {
    let mixed = |hash: u64, word: u64| {
        let product = (hash ^ word).wrapping_mul(SPREAD);
        product ^ product >> 32
    };
    let (words, short) = text.as_chunks::<8>();
    let words = words.iter().map(|word| u64::from_le_bytes(*word));
    let hash = words.fold(text.len() as u64, mixed);
    let last = match text.last_chunk::<8>() {
        Some(last) => u64::from_le_bytes(*last),
        None => short
            .iter()
            .fold(0, |word, byte| word << 8 | u64::from(*byte)),
    };
    mixed(hash, last)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The texts' numbers, and the texts that they stand for.
    fn numbered(said: impl Iterator<Item = String>) -> (Vec<u32>, Vec<String>) {
        let mut text = String::new();
        let mut spans = Vec::new();
        for said in said {
            spans.push((text.len() as u32, (text.len() + said.len()) as u32));
            text.push_str(&said);
        }
        let mut taking = Taking::new(true);
        for span in &spans {
            taking.push(&text, *span);
        }
        let Column::Coded(Coded { codes, texts }) = taking.finish(&Arc::new(text.clone())) else {
            panic!("texts that repeat are numbered");
        };
        let Texts::Spans(texts) = texts else {
            panic!("texts stay in their block");
        };
        let part = |(start, end): &Span| text[*start as usize..*end as usize].to_owned();
        (codes, texts.spans.iter().map(part).collect())
    }

    /// Also of more texts than are looked for, and of texts that are alike.
    #[test]
    fn numbers_stand_for_their_texts() {
        let said = |number: usize| {
            let some = ["often".to_owned(), "a".repeat(number % 40)];
            [format!("c{number}")].into_iter().chain(some)
        };
        let all = || (0..3 * SLOTS).flat_map(said);
        let (codes, texts) = numbered(all());
        assert_eq!(codes.len(), 9 * SLOTS);
        for (code, said) in codes.iter().zip(all()) {
            assert_eq!(texts[*code as usize], said);
        }
    }

    #[test]
    fn texts_that_differ_in_any_place_are_known_again() {
        let day = |day: usize| format!("2025-{:02}-{:02}", day % 12, day % 31);
        let kinds: [(&dyn Fn(usize) -> String, usize); 4] = [
            (&day, 372),
            (&|number| format!("competency-{:02}", number % 60), 60),
            (&|number| format!("{:03}-a-unit-of-many", number % 200), 200),
            (&|number| format!("c{:03}", number % 200), 200),
        ];
        for (said, distinct) in kinds {
            let (_, texts) = numbered((0..20_000).map(said));
            assert!(texts.len() <= distinct + distinct / 50, "{}", texts.len());
        }
    }
}
