//! Where runs of stems lead, in one table: a stem that thousands of terms begin with
//! takes no longer to look beyond than any other. Whether there is a way at all is told
//! by a few bits of each, which stay in a core's cache where the table does not: most
//! words of a note begin nothing.

use crate::tagger::Code;

/// Where a run of stems leads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Arm {
    /// What is known of the run by whoever goes on; 0: no term is longer.
    pub(crate) node: u32,
    /// 1 more than the last entry that ends here; 0: none does.
    pub(crate) entry: u32,
}

/// A node, the stem that follows, and where that leads; node 0: nothing is here.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    from: u32,
    stem: Code,
    arm: Arm,
}

/// Nodes and stems → arms.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    /// A power of two of them, at most three quarters of them taken.
    slots: Vec<Slot>,
    taken: usize,
    /// Eight bits a slot, one of them set for each that is taken.
    bits: Vec<u64>,
}

/// Fewest slots.
const LEAST: usize = 64;

impl Tree {
    /// Whether a stem may lead on from a node; if not, it does not.
    #[inline]
    pub(crate) fn may_lead(&self, from: u32, stem: Code) -> bool {
        let bit = self.bit(hash(from, stem));
        let bits = self.bits.get(bit / 64);
        bits.is_some_and(|bits| bits >> (bit % 64) & 1 == 1)
    }

    /// Where a stem leads from a node.
    #[inline]
    pub(crate) fn arm(&self, from: u32, stem: Code) -> Option<Arm> {
        if !self.may_lead(from, stem) {
            return None;
        }
        let slot = self.slots[self.slot(from, stem)];
        (slot.from != 0).then_some(slot.arm)
    }

    /// The same, to be changed; made if need be.
    pub(crate) fn make(&mut self, from: u32, stem: Code) -> &mut Arm {
        if 4 * (self.taken + 1) > 3 * self.slots.len() {
            self.grow();
        }
        let at = self.slot(from, stem);
        if self.slots[at].from == 0 {
            self.taken += 1;
            self.put(
                at,
                Slot {
                    from,
                    stem,
                    arm: Arm::default(),
                },
            );
        }
        &mut self.slots[at].arm
    }

    fn put(&mut self, at: usize, slot: Slot) {
        self.slots[at] = slot;
        let bit = self.bit(hash(slot.from, slot.stem));
        self.bits[bit / 64] |= 1 << (bit % 64);
    }

    fn grow(&mut self) {
        let size = (2 * self.slots.len()).max(LEAST);
        self.bits = vec![0; size / 8];
        let before = std::mem::replace(&mut self.slots, vec![Slot::default(); size]);
        for slot in before.into_iter().filter(|slot| slot.from != 0) {
            let at = self.slot(slot.from, slot.stem);
            self.put(at, slot);
        }
    }

    /// Where a node and a stem are, or would be.
    fn slot(&self, from: u32, stem: Code) -> usize {
        let last = self.slots.len() - 1;
        let mut at = hash(from, stem) as usize & last;
        loop {
            let slot = &self.slots[at];
            if slot.from == 0 || (slot.from, slot.stem) == (from, stem) {
                return at;
            }
            at = (at + 1) & last;
        }
    }

    fn bit(&self, hash: u64) -> usize {
        // Of other digits than a slot's place.
        (hash >> 24) as usize & (64 * self.bits.len()).wrapping_sub(1)
    }
}

fn hash(from: u32, stem: Code) -> u64 {
    let both = u64::from(from) << 32 | u64::from(stem);
    let product = u128::from(both ^ 0x243f_6a88_85a3_08d3) * 0x9e37_79b9_7f4a_7c15;
    (product >> 64) as u64 ^ product as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arms_lead_where_they_were_made_to() {
        let mut tree = Tree::default();
        assert_eq!(tree.arm(1, 1), None);
        let keys = || (1..60).flat_map(|from| (1..40).map(move |stem| (from, stem * from)));
        for (from, stem) in keys() {
            tree.make(from, stem).node = from ^ stem;
            tree.make(from, stem).entry = stem;
        }
        for (from, stem) in keys() {
            let (node, entry) = (from ^ stem, stem);
            assert_eq!(tree.arm(from, stem), Some(Arm { node, entry }));
        }
        let others = (60..600).map(|from| (from, from));
        let let_through = others
            .clone()
            .filter(|(from, stem)| tree.may_lead(*from, *stem));
        assert!(let_through.count() < 100);
        assert!(
            others
                .clone()
                .all(|(from, stem)| tree.arm(from, stem).is_none())
        );
    }
}
