//! Tally + Grant → Pending → Finished: the only way out of exact totals.

use sha2::{Digest, Sha256};

use crate::budget::{Allotment, Design, Purse};
use crate::mechanism::{MechanismError, Mechanisms, Shipped};
use crate::noisy::{
    Cohort, Cost, CutOff, Files, Found, Noise, Noisy, NoisyBlock, NoisyBounds, NoisyCells,
    NoisyKind, NoisyLevel, Selection, Value,
};
use crate::public::{Public, Search};
use crate::resolve::{Shown, resolve};
use crate::tally::Tally;
use crate::{search, select};

/// The right to draw one release, once. Made by [`crate::ledger::Ledger::grant`].
///
/// It can't be made elsewhere:
/// ```compile_fail
/// use lodestar_privacy::{release::Grant, Public};
/// fn forge(mine: Grant, public: Public) -> Grant {
///     Grant { public, ..mine }
/// }
/// ```
/// nor used twice:
/// ```compile_fail
/// use lodestar_privacy::{release::{release, Grant}, tally::Tally};
/// fn twice(a: Tally, b: Tally, grant: Grant) {
///     let _ = release(a, grant);
///     let _ = release(b, grant);
/// }
/// ```
/// nor cloned:
/// ```compile_fail
/// fn copy(grant: &lodestar_privacy::release::Grant) -> lodestar_privacy::release::Grant {
///     grant.clone()
/// }
/// ```
#[must_use = "a grant that is not used draws nothing"]
#[derive(Debug)]
pub struct Grant {
    pub(crate) public: Public,
    pub(crate) allotment: Allotment,
    pub(crate) design: Design,
    pub(crate) purse: Purse,
}

impl Grant {
    /// The parameters of the mechanisms that it pays for.
    pub fn design(&self) -> &Design {
        &self.design
    }
}

/// Why nothing was released. Nothing was seen, so nothing is charged.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    /// The tally was declared otherwise than the grant.
    #[error("the grant is for another release than the one that was counted")]
    Mismatch,
    /// See [`MechanismError`].
    #[error(transparent)]
    Mechanism(#[from] MechanismError),
}

/// A release that was drawn, and that nobody has seen.
///
/// The numbers can be finished only through a plain function pointer, which
/// captures nothing:
/// ```compile_fail
/// use lodestar_privacy::{noisy::Files, release::Pending};
/// fn smuggle(pending: Pending, row: String) {
///     let _ = pending.finish(|_, _| Files { manifest: row.into_bytes(), tables: vec![] });
/// }
/// ```
#[must_use = "a pending release costs nothing and shows nothing until it is committed"]
#[derive(Debug)]
pub struct Pending {
    grant: Grant,
    noisy: Noisy,
}

/// Selects, measures, adds noise. Everything that a run publishes is drawn
/// here, once.
///
/// # Proof
/// The release is an adaptive composition of the mechanisms of the grant's
/// [`Design`]: per kind and level one selection ([`crate::select`]), one noisy
/// size, per block and level one noisy vector, and per kind at most one of what
/// its bounds cut off. Their ρ and δ were fixed
/// beforehand; which cohorts they cover depends on earlier outputs alone. Of
/// the cohorts and groups that show at a level, a person is in at most as many
/// as of the declared ones ([`crate::resolve`]), so the sensitivities of
/// [`Tally::count`] hold. Where keys are looked for, the rounds of the search
/// ([`crate::search`]) and one noisy vector of what they found. ρ and δ add up (zCDP composes, adaptively: Bun &
/// Steinke 2016, Lemma 2.3; δ of approximate zCDP: Lemma 8.2).
#[expect(clippy::needless_pass_by_value, reason = "a tally is measured once")]
pub fn release(tally: Tally, grant: Grant) -> Result<Pending, ReleaseError> {
    if *tally.public() != grant.public {
        return Err(ReleaseError::Mismatch);
    }
    #[cfg(flawed)]
    if !grant.public.synthetic {
        return Err(ReleaseError::Mismatch);
    }
    let noisy = draw(
        &tally,
        &grant.public,
        &grant.design,
        cost(&grant.allotment, &grant.purse)?,
        &mut Shipped,
    )?;
    Ok(Pending { grant, noisy })
}

/// Every mechanism of a design, once. `public` is what the tally was declared
/// with, but perhaps for k, ε, δ and levels in a rehearsal.
pub(crate) fn draw(
    tally: &Tally,
    public: &Public,
    design: &Design,
    cost: Cost,
    mechanisms: &mut impl Mechanisms,
) -> Result<Noisy, MechanismError> {
    let mut kinds = Vec::with_capacity(public.kinds.len());
    let mut shown = Vec::with_capacity(public.kinds.len());
    for kind in 0..public.kinds.len() {
        let (noisy, groups) = cohorts(tally, public, design, kind, mechanisms)?;
        kinds.push(noisy);
        shown.push(groups);
    }
    let mut blocks = Vec::with_capacity(public.blocks.len());
    for (index, block) in public.blocks.iter().enumerate() {
        if let Some(search) = &block.search {
            let shown = &shown[block.kind];
            blocks.push(sought(
                tally,
                public,
                (index, search),
                shown,
                design,
                mechanisms,
            )?);
            continue;
        }
        let levels = block.levels.iter().zip(&design.cells[index]);
        let levels = levels.map(|(&level, noise)| {
            let exact = numbers(tally, index, &shown[block.kind][level as usize]);
            let drawn = mechanisms.add_noise(exact, noise)?;
            Ok(NoisyCells::new(level, *noise, &drawn, block.width()))
        });
        blocks.push(NoisyBlock {
            found: None,
            levels: levels.collect::<Result<_, MechanismError>>()?,
        });
    }
    let bounds = public.bounds.iter().zip(&design.bounds).enumerate();
    let bounds = bounds.map(|(index, (declared, noise))| {
        let keys = keys_shown(public, declared.kind, &shown[declared.kind]);
        let exact: Vec<i64> = cut_off(tally, index, &keys).concat();
        let drawn = mechanisms.add_noise(exact, noise)?;
        let width = declared.bounds.len();
        Ok(NoisyBounds::new(*noise, &keys, drawn.chunks(width)))
    });
    Ok(Noisy {
        kinds,
        blocks,
        bounds: bounds.collect::<Result<_, MechanismError>>()?,
        cost,
    })
}

/// A block whose keys are looked for, if the whole organisation shows: nothing is said
/// of people who don't.
fn sought(
    tally: &Tally,
    public: &Public,
    (index, search): (usize, &Search),
    shown: &[Vec<Shown>],
    design: &Design,
    mechanisms: &mut impl Mechanisms,
) -> Result<NoisyBlock, MechanismError> {
    let whole = shown.first().is_some_and(|cohorts| !cohorts.is_empty());
    let rounds = &design.searches[index];
    let mut found = Found {
        rounds: rounds.clone(),
        terms: Vec::new(),
    };
    let mut levels = Vec::new();
    for (&level, noise) in public.blocks[index].levels.iter().zip(&design.cells[index]) {
        let mut exact = Vec::new();
        if whole {
            let sought = search::search(tally, public, (index, search), rounds, mechanisms)?;
            exact = search::count(tally, public, index, &sought);
            found = sought.found;
        }
        let drawn = mechanisms.add_noise(exact, noise)?;
        levels.push(NoisyCells {
            level,
            noise: *noise,
            cells: if whole { vec![drawn] } else { Vec::new() },
        });
    }
    Ok(NoisyBlock {
        found: Some(found),
        levels,
    })
}

/// The keys of a kind, but for `(all)`, whose cohort of the whole organisation
/// shows: with whatever values.
pub(crate) fn keys_shown(public: &Public, kind: usize, levels: &[Vec<Shown>]) -> Vec<usize> {
    let all = public.kinds[kind].keys.all();
    let of_all = |cohort: &&Shown| cohort.values.iter().all(|value| *value == Value::All);
    let cohorts = levels.first().into_iter().flatten().filter(of_all);
    let keys = cohorts.map(|cohort| cohort.key);
    keys.filter(|&key| all != Some(key as u32)).collect()
}

/// What bounds cut off, key by key.
pub(crate) fn cut_off<'a>(tally: &'a Tally, bounds: usize, keys: &[usize]) -> Vec<&'a [i64]> {
    let keys = keys.iter();
    keys.map(|&key| tally.cut_off(bounds, key)).collect()
}

fn cohorts(
    tally: &Tally,
    public: &Public,
    design: &Design,
    kind: usize,
    mechanisms: &mut impl Mechanisms,
) -> Result<(NoisyKind, Vec<Vec<Shown>>), MechanismError> {
    let selections = &design.selections[kind];
    let selected = selections.iter().enumerate();
    let selected: Vec<select::Selected> = selected
        .map(|(level, selection)| {
            select::select(tally, public, kind, level as u32, selection, mechanisms)
        })
        .collect::<Result<_, _>>()?;
    let shown = resolve(public, kind, &selected);
    let levels = shown.iter().zip(selections).zip(&design.sizes[kind]);
    let levels = levels.map(|((shown, selection), size)| {
        let drawn = mechanisms.add_noise(sizes(tally, kind, shown), size)?;
        Ok(NoisyLevel::new(*selection, *size, shown, drawn))
    });
    let levels = levels.collect::<Result<_, MechanismError>>()?;
    Ok((NoisyKind { levels }, shown))
}

/// How many people are in each of some cohorts and groups.
pub(crate) fn sizes(tally: &Tally, kind: usize, shown: &[Shown]) -> Vec<i64> {
    let of = |cohort: &Shown| {
        let parts = cohort.parts.iter();
        parts.map(|&part| tally.size(kind, part)).sum()
    };
    shown.iter().map(of).collect()
}

/// The numbers of some cohorts and groups, one after the other.
pub(crate) fn numbers(tally: &Tally, block: usize, shown: &[Shown]) -> Vec<i64> {
    let width = tally.public().blocks[block].width();
    let mut exact = vec![0; shown.len() * width];
    for (row, cohort) in exact.chunks_mut(width).zip(shown) {
        for part in &cohort.parts {
            row.iter_mut()
                .zip(tally.numbers(block, *part))
                .for_each(|(a, b)| *a += b);
        }
    }
    exact
}

impl NoisyLevel {
    /// Some cohorts and groups with their sizes, one each.
    pub(crate) fn new(selection: Selection, size: Noise, shown: &[Shown], sizes: Vec<i64>) -> Self {
        let cohorts = shown.iter().zip(sizes).map(|(cohort, size)| Cohort {
            group: cohort.group,
            key: cohort.key,
            values: cohort.values.clone(),
            size,
        });
        Self {
            selection,
            size,
            cohorts: cohorts.collect(),
        }
    }
}

impl NoisyBounds {
    /// The numbers of some keys, each with those of its bounds.
    pub(crate) fn new<'a>(
        noise: Noise,
        keys: &[usize],
        numbers: impl Iterator<Item = &'a [i64]>,
    ) -> Self {
        let keys = keys.iter().zip(numbers).map(|(&key, numbers)| CutOff {
            key,
            numbers: numbers.to_vec(),
        });
        Self {
            noise,
            keys: keys.collect(),
        }
    }
}

impl NoisyCells {
    /// The numbers of all cohorts of a level, one cohort after the other.
    pub(crate) fn new(level: u32, noise: Noise, numbers: &[i64], width: usize) -> Self {
        let cells = numbers.chunks(width).map(<[i64]>::to_vec);
        Self {
            level,
            noise,
            cells: cells.collect(),
        }
    }
}

pub(crate) fn cost(allotment: &Allotment, purse: &Purse) -> Result<Cost, MechanismError> {
    let (rho_micro, delta_femto) = (allotment.rho_micro(), allotment.delta_femto());
    // Where nothing is drawn there is nothing to convert: what is published is declared.
    let conversion = match rho_micro {
        0 => 0,
        _ => purse.delta_femto - purse.selection_femto,
    };
    Ok(Cost {
        rho_micro,
        delta_femto,
        epsilon: purse.epsilon_of(rho_micro)?,
        delta: match conversion + delta_femto {
            0 => 0.0,
            delta => (delta as f64 / 1e15).next_up(),
        },
    })
}

impl Pending {
    /// The noisy numbers, for studies on synthetic cohorts. Of real people
    /// nothing can be seen before it is paid for, so that nobody, and no
    /// program, can choose among draws.
    pub fn noisy(&self) -> Option<&Noisy> {
        self.grant.public.synthetic.then_some(&self.noisy)
    }

    /// What was declared.
    pub fn public(&self) -> &Public {
        &self.grant.public
    }

    /// Encodes the files. `encode` sees the noisy numbers and what was
    /// declared before any row was read, and nothing else.
    pub fn finish(self, encode: fn(&Noisy, &Public) -> Files) -> Finished {
        let files = encode(&self.noisy, &self.grant.public);
        Finished {
            grant: self.grant,
            noisy: self.noisy,
            files,
        }
    }
}

/// The finished files of a release, not yet paid for. Only
/// [`crate::ledger::Ledger::commit`] takes it; its bytes can't be read:
/// ```compile_fail
/// fn peek(finished: lodestar_privacy::release::Finished) -> Vec<u8> {
///     finished.files.manifest
/// }
/// ```
#[must_use = "a finished release is published only after it is committed"]
#[derive(Debug)]
pub struct Finished {
    pub(crate) grant: Grant,
    pub(crate) noisy: Noisy,
    pub(crate) files: Files,
}

/// The stored bytes of a release that is paid for: the only thing that may be
/// written to the published side. It can't be made by hand:
/// ```compile_fail
/// let forged = lodestar_privacy::release::Released {
///     release_id: "2024-Q1".to_owned(), period: "2024-Q1".to_owned(), revision: 0,
///     manifest_sha256: [0; 32], files: vec![], drawn: None,
/// };
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Released {
    pub(crate) release_id: String,
    pub(crate) period: String,
    pub(crate) revision: u32,
    pub(crate) manifest_sha256: [u8; 32],
    pub(crate) files: Vec<(String, Vec<u8>)>,
    pub(crate) drawn: Option<Box<Drawn>>,
}

/// What was drawn, as it was published: for the summary of the run that paid.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    /// The noisy numbers.
    pub noisy: Noisy,
    /// What was declared.
    pub public: Public,
    /// The parameters that they were drawn with.
    pub design: Design,
}

impl Released {
    /// What was drawn; `None` where the release was read back from the ledger.
    pub fn drawn(&self) -> Option<&Drawn> {
        self.drawn.as_deref()
    }

    /// `2024-Q1`, `2024-Q1-r1`.
    pub fn release_id(&self) -> &str {
        &self.release_id
    }

    /// `2024-Q1`.
    pub fn period(&self) -> &str {
        &self.period
    }

    /// 0 for the first release.
    pub fn revision(&self) -> u32 {
        self.revision
    }

    /// What the ledger remembers of the manifest.
    pub fn manifest_sha256(&self) -> [u8; 32] {
        self.manifest_sha256
    }

    /// Plain file names and bytes, `manifest.json` among them.
    pub fn files(&self) -> &[(String, Vec<u8>)] {
        &self.files
    }
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

#[cfg(test)]
mod tests;
