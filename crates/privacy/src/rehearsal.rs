//! Draws again and again from one aggregation, of synthetic people alone: what
//! a release would show of them under one policy or another, beside the exact
//! numbers.

use crate::budget::{Allotment, BudgetError, Design, Owed, Purpose, Purse, Spent};
use crate::mechanism::{MechanismError, Mechanisms, Shipped};
use crate::noisy::{
    Cost, Moved, Noise, Noisy, NoisyBlock, NoisyBounds, NoisyCells, NoisyKind, NoisyLevel,
    Selection,
};
use crate::public::Public;
use crate::release::{cost, cut_off, draw, keys_shown, numbers, sizes};
use crate::resolve::Shown;
use crate::tally::Tally;

/// What a rehearsed release is drawn with: what a grant of a window that has
/// spent nothing would hold, without the right to release.
#[derive(Clone, Debug)]
pub struct Script {
    public: Public,
    design: Design,
    cost: Cost,
}

impl Script {
    /// Shares out a whole window as [`crate::ledger::Ledger::grant`] does, by the
    /// same rules.
    pub fn new(public: Public, owed: &Owed) -> Result<Self, BudgetError> {
        let purse = Purse::new(&public.policy)?;
        let spent = Spent::default();
        let allotment = Allotment::new(&public, &purse, &spent, owed, Purpose::Planned)?;
        Ok(Self {
            design: Design::new(&public, &allotment)?,
            cost: cost(&allotment, &purse)?,
            public,
        })
    }

    /// What is declared.
    pub fn public(&self) -> &Public {
        &self.public
    }

    /// The parameters of the mechanisms.
    pub fn design(&self) -> &Design {
        &self.design
    }
}

/// Why nothing was rehearsed.
#[derive(Debug, thiserror::Error)]
pub enum RehearsalError {
    /// The tally was bounded otherwise than the script declares.
    #[error("the rehearsal is of another release than the one that was counted")]
    Mismatch,
    /// See [`MechanismError`].
    #[error(transparent)]
    Mechanism(#[from] MechanismError),
}

/// The exact totals of a synthetic cohort.
///
/// # Proof
/// *No real person is seen*: [`Rehearsal::new`] takes a tally only where
/// [`Public::synthetic`] says that every source is declared synthetic. That is
/// part of the declaration, which is made before a row is read and moved into
/// the tally with the first one: no row can change it. And it is among the terms
/// that a ledger's first entry fixes ([`crate::ledger::Terms`]): a project that
/// has released real people's numbers can't be called synthetic afterwards and
/// go on.
///
/// *Nothing of it can be published*: what comes out is a [`Noisy`], to an audit also
/// the [`Call`](crate::audit::Call)s that it was drawn by, and
/// [`crate::ledger::Ledger::commit`] takes what [`crate::release::release`] made
/// with a grant alone. The tally is used up, so what was rehearsed can't be
/// released either:
/// ```compile_fail
/// use lodestar_privacy::{rehearsal::Rehearsal, release::{release, Grant}, tally::Tally};
/// fn both(tally: Tally, grant: Grant) {
///     let _ = Rehearsal::new(tally);
///     let _ = release(tally, grant);
/// }
/// ```
/// nor does a rehearsal give the tally back, or a release:
/// ```compile_fail
/// fn back(rehearsal: lodestar_privacy::rehearsal::Rehearsal) -> lodestar_privacy::tally::Tally {
///     rehearsal.tally
/// }
/// ```
/// ```compile_fail
/// use lodestar_privacy::{ledger::Ledger, rehearsal::{Rehearsal, Script}};
/// fn pay(ledger: &mut Ledger, rehearsal: &Rehearsal, script: &Script) {
///     let _ = ledger.commit(rehearsal.draw(script).unwrap());
/// }
/// ```
pub struct Rehearsal {
    tally: Tally,
}

impl std::fmt::Debug for Rehearsal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Rehearsal(..)")
    }
}

impl Rehearsal {
    /// `None` where not every source is declared synthetic: of real people
    /// nothing is drawn without a grant, and nothing exact is ever seen.
    pub fn new(tally: Tally) -> Option<Self> {
        tally.public().synthetic.then_some(Self { tally })
    }

    /// Whether its totals are those that a release so declared would count. It
    /// may differ in k, ε, δ and levels, and in how statistics follow from the
    /// numbers: none of them bounds anybody's rows.
    pub fn fits(&self, public: &Public) -> bool {
        counted(self.tally.public()) == counted(public)
    }

    /// Draws a release by the script: by the code that
    /// [`release`](crate::release::release) runs, with noise of its own each time.
    pub fn draw(&self, script: &Script) -> Result<Noisy, RehearsalError> {
        self.draw_from(script, &mut Shipped)
    }

    /// The same from other mechanisms.
    pub(crate) fn draw_from(
        &self,
        script: &Script,
        mechanisms: &mut impl Mechanisms,
    ) -> Result<Noisy, RehearsalError> {
        let Script {
            public,
            design,
            cost,
        } = script;
        if !self.fits(public) {
            return Err(RehearsalError::Mismatch);
        }
        Ok(draw(&self.tally, public, design, *cost, mechanisms)?)
    }

    /// The exact numbers of every cohort of a declared level that has somebody
    /// in it, as if they had been drawn without noise.
    pub fn exact(&self, public: &Public) -> Result<Noisy, RehearsalError> {
        if !self.fits(public) {
            return Err(RehearsalError::Mismatch);
        }
        let shown = |kind: usize, level: u32| -> Vec<Shown> {
            // Of units that closed, too: without them the others would not add up.
            let cells = public.kinds[kind].cells();
            let units = public.tree(kind).at_level(level);
            let cohorts = units.flat_map(|unit| unit * cells..(unit + 1) * cells);
            let peopled = cohorts.filter(|&cohort| self.tally.size(kind, cohort) > 0);
            peopled
                .map(|cohort| Shown::itself(&public.kinds[kind], cohort))
                .collect()
        };
        let kinds = public.kinds.iter().enumerate().map(|(kind, declared)| {
            let levels = (0..declared.levels).map(|level| {
                let shown = shown(kind, level);
                NoisyLevel::new(ALL, NONE, &shown, sizes(&self.tally, kind, &shown))
            });
            NoisyKind {
                levels: levels.collect(),
            }
        });
        let blocks = public.blocks.iter().enumerate().map(|(index, block)| {
            // What nobody declared is not known exactly.
            let declared = block.levels.iter().filter(|_| block.search.is_none());
            let levels = declared.map(|&level| {
                let exact = numbers(&self.tally, index, &shown(block.kind, level));
                NoisyCells::new(level, NONE, &exact, block.width())
            });
            NoisyBlock {
                found: None,
                levels: levels.collect(),
            }
        });
        let bounds = public.bounds.iter().enumerate().map(|(index, declared)| {
            let keys = keys_shown(public, declared.kind, &[shown(declared.kind, 0)]);
            NoisyBounds::new(NONE, &keys, cut_off(&self.tally, index, &keys).into_iter())
        });
        Ok(Noisy {
            kinds: kinds.collect(),
            blocks: blocks.collect(),
            bounds: bounds.collect(),
            cost: FREE,
        })
    }
}

/// What totals follow from, beside the rows.
fn counted(public: &Public) -> impl PartialEq + '_ {
    let kinds = public.kinds.iter();
    let kinds = kinds.map(|kind| (kind.span, kind.coach_rule, &kind.keys, &kind.dimensions));
    let blocks = public.blocks.iter().map(|block| {
        let bounds = (block.max_cells, block.inputs);
        (
            block.kind,
            &block.keys,
            &block.search,
            bounds,
            &block.coordinates,
        )
    });
    (
        (public.synthetic, public.policy.coalition),
        (&public.period, public.revision, &public.spans),
        kinds.collect::<Vec<_>>(),
        blocks.collect::<Vec<_>>(),
        &public.bounds,
    )
}

/// No noise.
const NONE: Noise = Noise {
    rho_micro: 0,
    sensitivity: 0.0,
    sigma: 0.0,
};

/// Everybody is selected.
const ALL: Selection = Selection {
    moved: Moved {
        numbers: 0,
        each: 0,
        l2_squared: 0,
    },
    noise: NONE,
    delta_femto: 0,
    threshold: 0,
};

/// Exact numbers are nothing that could be charged.
const FREE: Cost = Cost {
    rho_micro: 0,
    delta_femto: 0,
    epsilon: 0.0,
    delta: 0.0,
};

#[cfg(test)]
mod tests;
