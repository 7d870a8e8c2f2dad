//! People of a declared release, as the core is told of them: coded, none of them
//! anybody. What is declared says how many units and keys there are.

use lodestar_privacy::Public;
use lodestar_privacy::Secret;
use lodestar_privacy::bound::Seed;
use lodestar_privacy::budget::Owed;
use lodestar_privacy::parts::PARTS;
use lodestar_privacy::rehearsal::{Rehearsal, Script};
use lodestar_privacy::tally::{Tally, TallyError};

/// Keys of the first block that a person touches.
pub(crate) const TOUCHES: u32 = 10;
const COACHES: u32 = 2_000;

/// The exact totals of so many people, evenly over the leaves and the keys of the
/// first block.
pub(crate) fn tally(public: Public, people: u32) -> Tally {
    let tree = public.tree(0);
    let leaves: Vec<u32> = (0..tree.units().len())
        .filter(|&unit| tree.is_leaf(unit))
        .map(|unit| unit as u32)
        .collect();
    let keys = public.blocks.first().map_or(0, |block| block.keys.len()) as u32;
    let seed = Seed::derive(&Secret::new([1; 32]), &public.period.name, 0);
    let counted = Tally::count(public, &seed, |part| -> Result<(), TallyError> {
        let first = (part.number() as u128) << (128 - PARTS.ilog2());
        for person in (part.number() as u32..people).step_by(PARTS) {
            part.person(first + u128::from(person), |told| {
                told.join(0, leaves[person as usize % leaves.len()], 0);
                // Not by department: one coach of them all would hide it.
                told.coached_by(u64::from(person / 3 % COACHES));
                for touch in 0..TOUCHES.min(keys) {
                    // Coprime steps: different keys a person, all keys alike.
                    told.touch(0, 0, (person + 7 * touch) % keys, &[]);
                }
            })?;
        }
        Ok(())
    });
    counted.expect("coded as declared")
}

/// Their exact totals, and what the only release of a window draws of them.
pub(crate) fn rehearsal(public: &Public, people: u32) -> (Rehearsal, Script) {
    let owed = Owed::new(&[(public, true)]).expect("one period is owed");
    let script = Script::new(public.clone(), &owed).expect("the whole window's budget");
    let rehearsal = Rehearsal::new(tally(public.clone(), people));
    (rehearsal.expect("nobody is real"), script)
}
