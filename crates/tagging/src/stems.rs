//! Stems of terms, and the codes of those words of notes that have them. Most words of
//! notes are looked up here once, and what is looked up is seldom in a core's cache: so
//! a short stem stands beside its code.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::short::Short;
use crate::tagger::Code;

/// A short stem and its code; code 0: nothing is here.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    stem: [u32; 3],
    code: Code,
}

/// Stems → codes, which are not 0.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stems {
    /// A power of two of them, at most three quarters of them taken.
    slots: Vec<Slot>,
    taken: usize,
    /// They are public, and nobody chooses them to collide.
    long: HashMap<Box<str>, Code, FixedState>,
}

/// Fewest slots.
const LEAST: usize = 16;

impl Stems {
    /// The code of a stem; 0: it is of no term.
    pub(crate) fn get(&self, stem: &str) -> Code {
        match Short::of(stem) {
            Some(_) if self.slots.is_empty() => 0,
            Some(short) => self.slots[self.slot(short)].code,
            None => self.long.get(stem).copied().unwrap_or(0),
        }
    }

    /// The code of a stem, to be changed; `new`, if it had none.
    pub(crate) fn put(&mut self, stem: &str, new: Code) -> &mut Code {
        let Some(short) = Short::of(stem) else {
            return self.long.entry(stem.into()).or_insert(new);
        };
        if 4 * (self.taken + 1) > 3 * self.slots.len() {
            self.grow();
        }
        let at = self.slot(short);
        let slot = &mut self.slots[at];
        if slot.code == 0 {
            self.taken += 1;
            (slot.stem, slot.code) = (short.0, new);
        }
        &mut slot.code
    }

    fn grow(&mut self) {
        let size = (2 * self.slots.len()).max(LEAST);
        let before = std::mem::replace(&mut self.slots, vec![Slot::default(); size]);
        for slot in before.into_iter().filter(|slot| slot.code != 0) {
            let at = self.slot(Short(slot.stem));
            self.slots[at] = slot;
        }
    }

    /// Where a stem is, or would be.
    fn slot(&self, stem: Short) -> usize {
        let last = self.slots.len() - 1;
        let mut at = stem.hash() as usize & last;
        loop {
            let slot = &self.slots[at];
            if slot.code == 0 || slot.stem == stem.0 {
                return at;
            }
            at = (at + 1) & last;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stems_keep_their_codes() {
        let mut stems = Stems::default();
        assert_eq!((stems.get("a"), stems.get("disagreement")), (0, 0));
        let texts: Vec<String> = (0..1000)
            .map(|n| format!("stem{:0n$}", n, n = n % 20))
            .collect();
        for (code, text) in (1..).zip(&texts) {
            *stems.put(text, code) |= 1 << 20;
            assert_eq!(*stems.put(text, 7), code | 1 << 20);
        }
        for (code, text) in (1..).zip(&texts) {
            assert_eq!(stems.get(text), code | 1 << 20);
        }
        assert_eq!((stems.get("stem"), stems.get("")), (0, 0));
    }
}
