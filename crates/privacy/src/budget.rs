//! The window's budget and how releases share it, in exact integers.
//!
//! ρ is counted in 1e-6 (micro), δ in 1e-15 (femto). Allotments round down,
//! so the sum of the parts never exceeds the whole. Everything here follows
//! from declarations and the ledger; no row is ever looked at.

use crate::levels::{Expected, Split, Splits};
use crate::mechanism::{self, MechanismError};
use crate::noisy::{Moved, Noise, Selection};
use crate::public::{Bounds, CohortKind, Coordinate, Policy, Public, Round, Search};

/// Of a release's ρ: what the selections of cohorts take, in percent.
const SELECTION_PERCENT: u64 = 10;
/// Of a release's ρ: what the sizes of cohorts take, in percent.
const SIZE_PERCENT: u64 = 5;
/// Of a block whose keys are looked for: what counts of the found ones take of its ρ, in
/// percent; the rounds have the rest ([`Round`]).
const COUNTS_PERCENT: u64 = 20;
/// As many keys as a search is reckoned to find, when ρ is shared out.
const SOUGHT: usize = 100;
/// Of a release's ρ: what it takes to tell what bounds cut off, in percent; nothing
/// where no bound is declared to cut off anything.
const BOUNDS_PERCENT: u64 = 1;

/// Why there is no budget.
#[derive(Debug, thiserror::Error)]
pub enum BudgetError {
    /// The window's purse cannot pay every part of the release.
    #[error(
        "the budget of window {window} cannot pay for this release: {left_rho_micro} µρ (ρ in \
         millionths) are left, and {need}; wait for the next window, publish fewer measures and \
         levels in it or, before its first release, raise `epsilon`"
    )]
    Exhausted {
        /// Name of the window.
        window: String,
        /// What is left.
        left_rho_micro: u64,
        /// What is missing, in words.
        need: String,
    },
    /// A further revision, for which nothing was kept aside.
    #[error(
        "window {window} cannot pay for another revision: its spare is used, and of the \
         {left_rho_micro} µρ (ρ in millionths) that are left {need}; what is published stands as it \
         is, and a later window pays for its own periods alone"
    )]
    SpareUsed {
        /// Name of the window.
        window: String,
        /// What is left.
        left_rho_micro: u64,
        /// What is missing, in words.
        need: String,
    },
    /// What the window has spent is not known.
    #[error(
        "window {window} is closed since the ledger was rebuilt without {missing}: nothing tells \
         what that cost, so all that was left of the window counts as spent; find a copy of it \
         and rebuild the ledger with it, or let `first` be in a later window"
    )]
    Closed {
        /// Name of the window.
        window: String,
        /// The releases of which nothing tells what they cost, in words.
        missing: String,
    },
    /// See [`MechanismError`].
    #[error(transparent)]
    Mechanism(#[from] MechanismError),
}

impl BudgetError {
    /// That a release can't be paid; `further`: a revision after the first.
    fn unpaid(further: bool, window: &str, left_rho_micro: u64, need: &str) -> Self {
        let (window, need) = (window.to_owned(), need.to_owned());
        if further {
            return Self::SpareUsed {
                window,
                left_rho_micro,
                need,
            };
        }
        Self::Exhausted {
            window,
            left_rho_micro,
            need,
        }
    }
}

/// What a window may spend.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Purse {
    /// ε of the window.
    pub epsilon: f64,
    /// δ of the window, in 1e-15.
    pub delta_femto: u64,
    /// δ for selections: half.
    pub selection_femto: u64,
    /// The largest ρ, in 1e-6, with δ(ρ → ε) ≤ δ − δ of the selections.
    pub rho_micro: u64,
}

impl Purse {
    /// Converts (ε, δ): half of δ is for selections, the other half for the
    /// conversion of ρ.
    pub fn new(policy: &Policy) -> Result<Self, BudgetError> {
        Self::of(policy.epsilon, femto(policy.delta))
    }

    /// The same, with δ in 1e-15.
    pub fn of(epsilon: f64, delta_femto: u64) -> Result<Self, BudgetError> {
        let selection_femto = delta_femto / 2;
        let mut purse = Self {
            epsilon,
            delta_femto,
            selection_femto,
            rho_micro: 0,
        };
        let mut high = 1;
        while purse.covers(high, selection_femto)? {
            // ε is at most 1e6, so ρ is far from the end of u64.
            high *= 2;
        }
        let mut low = high / 2;
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if purse.covers(middle, selection_femto)? {
                low = middle;
            } else {
                high = middle;
            }
        }
        purse.rho_micro = low;
        Ok(purse)
    }

    /// The window rule: Σρ, converted with the δ that selections left over,
    /// is within ε.
    pub fn covers(&self, rho_micro: u64, spent_femto: u64) -> Result<bool, MechanismError> {
        if spent_femto > self.selection_femto {
            return Ok(false);
        }
        let conversion = ((self.delta_femto - spent_femto) as f64 / 1e15).next_down();
        Ok(mechanism::delta(rho_micro, self.epsilon)? <= conversion)
    }

    /// The ε of a part of the purse, at the δ that is kept for conversion.
    pub fn epsilon_of(&self, rho_micro: u64) -> Result<f64, MechanismError> {
        let conversion = ((self.delta_femto - self.selection_femto) as f64 / 1e15).next_down();
        mechanism::epsilon(rho_micro, conversion)
    }
}

/// δ in 1e-15: the largest number of them that is not above `delta`. What is
/// converted back to `f64` and in again stays the same.
pub fn femto(delta: f64) -> u64 {
    let nearest = (delta * 1e15).round();
    nearest as u64 - u64::from(nearest / 1e15 > delta)
}

/// What a window has spent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// ρ in 1e-6.
    pub rho_micro: u64,
    /// δ of selections in 1e-15.
    pub delta_femto: u64,
    /// A revision has taken the spare.
    pub spare_used: bool,
}

/// What a release wants, relative to others.
#[derive(Clone, Debug, PartialEq)]
pub struct Appetite {
    /// a of every block and level, as declared.
    cells: Vec<Vec<f64>>,
    /// Selections: kinds × levels.
    selections: u64,
    /// Rounds of searches.
    rounds: u64,
}

impl Appetite {
    /// a = Σ (Δ/τ)·√(weight × cells of one unit)·√C over the coordinates of every
    /// block, shared by its levels as [`Splits`] say, of which C is the cost: with
    /// ρ in proportion to a, the sum of the weighted variances of all levels (in
    /// units of the tolerated error τ), as they are after all that is known was
    /// combined, is least. Proof: of a block with ρ the best split leaves Σ
    /// w·c·Δ²·C/(2ρτ²); under Σρ = R the Lagrange condition is ρ ∝ (Δ/τ)·√(w·c·C).
    /// Where levels tell nothing of each other, √C is their number. Coordinates
    /// of one vector count as measured apart, see [`Coordinate::appetite`].
    pub fn of(public: &Public) -> Self {
        Self::with(public, &Splits::default())
    }

    /// The same, with splits that may be known already.
    pub fn with(public: &Public, splits: &Splits) -> Self {
        let expected = (0..public.kinds.len()).map(|kind| Expected::new(public, kind));
        let expected: Vec<Expected> = expected.collect();
        let cells = public.blocks.iter().enumerate().map(|(index, block)| {
            let cohorts = f64::from(public.kinds[block.kind].cohorts_a_person());
            let delta = (cohorts * f64::from(block.max_cells)).sqrt();
            let cells = match block.search {
                Some(_) => SOUGHT as f64,
                None => public.cells_a_unit(index) as f64,
            };
            let each = block.coordinates.iter().map(Coordinate::appetite);
            let Split { shares, cost } = splits.of(&expected[block.kind], &block.levels);
            let all = delta * cells.sqrt() * each.sum::<f64>() * cost.sqrt();
            shares.iter().map(|share| all * share).collect()
        });
        let selections = public.kinds.iter().map(|kind| u64::from(kind.levels)).sum();
        let rounds = public.blocks.iter().flat_map(|block| &block.search);
        Self {
            cells: cells.collect(),
            selections,
            rounds: rounds.map(|search| Round::of(search).count() as u64).sum(),
        }
    }

    fn total(&self) -> f64 {
        self.cells.iter().flatten().sum()
    }

    /// What shares δ: selections of cohorts and of terms.
    fn thresholds(&self) -> u64 {
        self.selections + self.rounds
    }
}

/// What a release is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The first release of a period.
    Planned,
    /// A revision of a released period: takes the spare, once.
    Revision,
}

/// The releases that a window still owes.
#[derive(Clone, Debug)]
pub struct Owed {
    /// Unreleased periods, the one to be released included if it is planned.
    pub due: Vec<Appetite>,
    /// The dearest period of the whole window: what the spare is kept for.
    pub dearest: Appetite,
}

impl Owed {
    /// What a window owes: `periods` are all of its periods, with whether each
    /// is still unreleased. `None` when it has none.
    pub fn new(periods: &[(&Public, bool)]) -> Option<Self> {
        let periods = periods.iter();
        let appetites: Vec<_> = periods
            .map(|(public, due)| (Appetite::of(public), *due))
            .collect();
        Self::of(&appetites)
    }

    /// The same, of what the periods want.
    pub fn of(periods: &[(Appetite, bool)]) -> Option<Self> {
        let all = periods.iter().map(|(appetite, _)| appetite);
        let dearest = all.max_by(|a, b| a.total().total_cmp(&b.total()))?;
        let due = periods.iter().filter(|(_, due)| *due);
        Some(Self {
            due: due.map(|(appetite, _)| appetite.clone()).collect(),
            dearest: dearest.clone(),
        })
    }
}

/// ρ and δ of every part of one release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allotment {
    /// `[kind][level]`: ρ in 1e-6 and δ in 1e-15.
    pub selections: Vec<Vec<(u64, u64)>>,
    /// `[kind][level]`: ρ in 1e-6.
    pub sizes: Vec<Vec<u64>>,
    /// `[block][measured level]`: ρ in 1e-6.
    pub cells: Vec<Vec<u64>>,
    /// `[block][round]`, where keys are looked for: ρ in 1e-6 and δ in 1e-15.
    pub searches: Vec<Vec<(u64, u64)>>,
    /// By index of [`Public::bounds`]: ρ in 1e-6, in proportion to their number.
    pub bounds: Vec<u64>,
    /// It takes the window's spare.
    pub takes_spare: bool,
}

impl Allotment {
    /// Shares what is left among everything still owed.
    pub fn new(
        public: &Public,
        purse: &Purse,
        spent: &Spent,
        owed: &Owed,
        purpose: Purpose,
    ) -> Result<Self, BudgetError> {
        Self::of((public, &Appetite::of(public)), purse, spent, owed, purpose)
    }

    /// The same of a release whose appetite is known.
    pub fn of(
        (public, mine): (&Public, &Appetite),
        purse: &Purse,
        spent: &Spent,
        owed: &Owed,
        purpose: Purpose,
    ) -> Result<Self, BudgetError> {
        let left = purse.rho_micro.saturating_sub(spent.rho_micro);
        let left_delta = purse.selection_femto.saturating_sub(spent.delta_femto);
        let kept = !spent.spare_used;
        let further = purpose == Purpose::Revision && !kept;
        let exhausted =
            |need: &str| BudgetError::unpaid(further, &public.period.window, left, need);
        let planned: f64 = owed.due.iter().map(Appetite::total).sum();
        let planned_selections: u64 = owed.due.iter().map(Appetite::thresholds).sum();
        // A revision may have more selections than the dearest period has.
        let spare_selections = match purpose {
            Purpose::Planned => owed.dearest.thresholds(),
            Purpose::Revision => owed.dearest.thresholds().max(mine.thresholds()),
        };
        let spare = owed.dearest.total();
        let (share, selections) = match purpose {
            Purpose::Planned if kept => (
                mine.total() / (planned + spare),
                planned_selections + spare_selections,
            ),
            Purpose::Planned => (mine.total() / planned, planned_selections),
            Purpose::Revision if kept => (
                spare / (planned + spare),
                planned_selections + spare_selections,
            ),
            Purpose::Revision if owed.due.is_empty() => (1.0, mine.thresholds()),
            Purpose::Revision => {
                return Err(exhausted(
                    "planned releases need all (it is free only if `last` gives them up)",
                ));
            }
        };
        // The product may round up by an ulp; it never exceeds what is left.
        let rho = ((left as f64 * share).floor() as u64).min(left);
        let delta = left_delta / selections.max(1);
        let allotment = Self::split(
            public,
            mine,
            rho,
            delta,
            purpose == Purpose::Revision && kept,
        );
        let parts = allotment.thresholds().map(|(rho, _)| rho);
        let parts = parts.chain(allotment.sizes.iter().flatten());
        let parts = parts.chain(&allotment.bounds);
        if parts
            .chain(allotment.cells.iter().flatten())
            .any(|rho| *rho == 0)
            || delta == 0
        {
            return Err(exhausted("a part of the release would get none"));
        }
        Ok(allotment)
    }

    fn split(public: &Public, mine: &Appetite, rho: u64, delta: u64, takes_spare: bool) -> Self {
        let selections = mine.selections.max(1);
        let selection = rho * SELECTION_PERCENT / 100 / selections;
        let size = rho * SIZE_PERCENT / 100 / selections;
        let bounds = |one: &Bounds| one.bounds.len() as u64;
        let all_bounds: u64 = public.bounds.iter().map(bounds).sum();
        let rest = rho - (selection + size) * mine.selections;
        // What bounds cut off is worth telling, but refuses no release that can pay
        // for all else: then it gets the least that there is.
        let bound = (rho * BOUNDS_PERCENT / 100 / all_bounds.max(1)).max(1);
        let bound = if bound * all_bounds < rest { bound } else { 0 };
        let rest = rest - bound * all_bounds;
        let each_level = |kind: &CohortKind| kind.levels as usize;
        let cells = mine.cells.iter().map(|levels| {
            levels
                .iter()
                .map(|a| (rest as f64 * (a / mine.total())).floor() as u64)
                .collect()
        });
        let mut cells: Vec<Vec<u64>> = cells.collect();
        let searches = public.blocks.iter().zip(&mut cells);
        let searches = searches.map(|(block, cells)| {
            let rounds = block.search.iter().flat_map(Round::of);
            let all: u64 = cells.iter().sum();
            let rounds = rounds.map(|(_, percent)| (all * percent / 100, delta));
            let rounds: Vec<(u64, u64)> = rounds.collect();
            if block.search.is_some() {
                for cell in cells.iter_mut() {
                    *cell = *cell * COUNTS_PERCENT / 100;
                }
            }
            rounds
        });
        let searches = searches.collect();
        let mut allotment = Self {
            selections: public
                .kinds
                .iter()
                .map(|k| vec![(selection, delta); each_level(k)])
                .collect(),
            sizes: public
                .kinds
                .iter()
                .map(|k| vec![size; each_level(k)])
                .collect(),
            cells,
            searches,
            bounds: public
                .bounds
                .iter()
                .map(|one| bound * bounds(one))
                .collect(),
            takes_spare,
        };
        // Shares that add up to one may add up to a µρ too much when rounded.
        while allotment.rho_micro() > rho {
            let largest = allotment.cells.iter_mut().flatten().max();
            *largest.expect("cells alone can exceed what selections and sizes left") -= 1;
        }
        allotment
    }

    /// The sum of all ρ.
    pub fn rho_micro(&self) -> u64 {
        let selections: u64 = self.thresholds().map(|(rho, _)| rho).sum();
        let sizes = flaw!(sizes_for_free: &[]; &self.sizes[..]);
        let others = sizes.iter().chain(&self.cells).flatten();
        let others = others.chain(&self.bounds);
        selections + others.sum::<u64>()
    }

    /// The sum of all δ.
    pub fn delta_femto(&self) -> u64 {
        self.thresholds().map(|(_, delta)| delta).sum()
    }

    /// ρ and δ of the selections of cohorts and of terms.
    fn thresholds(&self) -> impl Iterator<Item = &(u64, u64)> {
        self.selections.iter().chain(&self.searches).flatten()
    }
}

/// The noise that an allotment buys: all parameters of a release, before any
/// data is read.
#[derive(Clone, Debug, PartialEq)]
pub struct Design {
    /// `[kind][level]`.
    pub selections: Vec<Vec<Selection>>,
    /// `[kind][level]`.
    pub sizes: Vec<Vec<Noise>>,
    /// `[block][measured level]`.
    pub cells: Vec<Vec<Noise>>,
    /// `[block][round]`, where keys are looked for.
    pub searches: Vec<Vec<Selection>>,
    /// By index of [`Public::bounds`].
    pub bounds: Vec<Noise>,
}

impl Design {
    /// Calibrates every mechanism. Sensitivities are those proved at
    /// [`crate::tally::Tally::count`], [`crate::select`] and [`Search::moved`].
    pub fn new(public: &Public, allotment: &Allotment) -> Result<Self, BudgetError> {
        if let Some(block) = public.blocks.iter().find(|block| !block.is_sound(public)) {
            return Err(MechanismError::unsound(&block.name).into());
        }
        let cohorts = public.kinds.iter().map(CohortKind::cohorts_a_person);
        let cohorts: Vec<u32> = cohorts.collect();
        let selection = |moved: Moved, (rho, delta): (u64, u64)| {
            Ok::<_, BudgetError>(mechanism::selection(moved, rho, delta)?)
        };
        let each = |l2_squared: u64, rhos: &[u64]| {
            let rhos = rhos.iter();
            rhos.map(|rho| mechanism::calibrate(l2_squared, *rho))
                .collect::<Result<Vec<_>, MechanismError>>()
        };
        let selections = allotment.selections.iter().zip(&cohorts);
        let selections = selections.map(|(kind, &l0)| {
            let levels = kind.iter();
            levels
                .map(|part| selection(Moved::counts(l0), *part))
                .collect()
        });
        let searches = public.blocks.iter().zip(&allotment.searches);
        let searches = searches.map(|(block, rounds)| {
            let moved = block.search.iter().map(Search::moved).cycle();
            let rounds = moved.zip(rounds);
            rounds
                .map(|(moved, part)| selection(moved, *part))
                .collect()
        });
        let sizes = allotment.sizes.iter().zip(&cohorts);
        let blocks = allotment.cells.iter().enumerate();
        let bounds = public.bounds.iter().zip(&allotment.bounds);
        Ok(Self {
            selections: selections.collect::<Result<_, BudgetError>>()?,
            searches: searches.collect::<Result<_, BudgetError>>()?,
            sizes: sizes
                .map(|(rhos, &l0)| each(u64::from(l0), rhos))
                .collect::<Result<_, _>>()?,
            cells: blocks
                .map(|(block, rhos)| each(public.l2_squared(block), rhos))
                .collect::<Result<_, _>>()?,
            bounds: bounds
                .map(|(one, rho)| {
                    mechanism::calibrate(one.l2_squared(&public.kinds[one.kind]), *rho)
                })
                .collect::<Result<_, _>>()?,
        })
    }
}

#[cfg(test)]
mod tests;
