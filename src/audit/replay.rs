//! Neighbours, call by call: with the same outcomes, the same calls follow; what goes
//! into each differs by no more than is declared; and each is paid for.

use std::collections::{BTreeMap, VecDeque};

use lodestar_privacy::audit::{Call, Outcomes};
use lodestar_privacy::noisy::{Cost, Noisy, Selection};
use lodestar_privacy::rehearsal::Rehearsal;
use rayon::prelude::*;

use super::neighbours::Stage;
use super::selection::exact;
use super::world::{EVERYTHING, Source, World};
use super::{AuditError, Check, Options, Verdict};
use crate::synth::rng::Draws;

/// Ids that somebody has whom nobody else should mind.
const IDS: usize = 600;

/// People who are taken out of each organisation, one at a time.
const REMOVED: usize = 7;

/// Outcomes that are chosen, and remembered.
pub(super) struct Choosing<'a> {
    draws: &'a mut Draws,
    chosen: VecDeque<Chosen>,
}

/// The outcome of one call.
#[derive(Clone, Debug)]
enum Chosen {
    Noisy(Vec<i64>),
    Selected(Vec<(u64, i64)>),
}

impl Outcomes for Choosing<'_> {
    fn noisy(&mut self, numbers: usize) -> Vec<i64> {
        let number = |_| self.draws.below(2_001) as i64 - 1_000;
        let noisy: Vec<i64> = (0..numbers).map(number).collect();
        self.chosen.push_back(Chosen::Noisy(noisy.clone()));
        noisy
    }

    fn selected(&mut self, counts: &BTreeMap<u64, i64>, threshold: i64) -> Vec<(u64, i64)> {
        let mut selected = Vec::new();
        for cohort in counts.keys() {
            if self.draws.chance(7, 8) {
                selected.push((*cohort, threshold + 1 + self.draws.below(50) as i64));
            }
        }
        self.chosen.push_back(Chosen::Selected(selected.clone()));
        selected
    }
}

/// The same outcomes once more, of another input.
struct Repeated {
    chosen: VecDeque<Chosen>,
    /// Calls that cannot have them.
    impossible: u32,
}

impl Outcomes for Repeated {
    fn noisy(&mut self, numbers: usize) -> Vec<i64> {
        match self.chosen.pop_front() {
            Some(Chosen::Noisy(noisy)) if noisy.len() == numbers => noisy,
            _ => {
                self.impossible += 1;
                vec![0; numbers]
            }
        }
    }

    fn selected(&mut self, counts: &BTreeMap<u64, i64>, _threshold: i64) -> Vec<(u64, i64)> {
        let Some(Chosen::Selected(selected)) = self.chosen.pop_front() else {
            self.impossible += 1;
            return Vec::new();
        };
        let (mine, others): (Vec<_>, Vec<_>) = selected
            .into_iter()
            .partition(|(cohort, _)| counts.contains_key(cohort));
        self.impossible += u32::from(!others.is_empty());
        mine
    }
}

/// What is drawn of two inputs with the same outcomes.
pub(super) struct Replayed {
    first: (Noisy, Vec<Call>),
    pub(super) second: (Noisy, Vec<Call>),
    impossible: u32,
}

/// Chooses outcomes for the first and has them once more for the second.
pub(super) fn replay(
    stage: &Stage,
    first: &Rehearsal,
    second: &Rehearsal,
    draws: &mut Draws,
) -> Result<Replayed, AuditError> {
    let mut choosing = Choosing {
        draws,
        chosen: VecDeque::new(),
    };
    let first = first.replay(&stage.script, &mut choosing)?;
    let mut repeated = Repeated {
        chosen: choosing.chosen,
        impossible: 0,
    };
    let second = second.replay(&stage.script, &mut repeated)?;
    Ok(Replayed {
        first,
        second,
        impossible: repeated.impossible,
    })
}

impl Replayed {
    /// Whether nothing differs at all.
    pub(super) fn is_same(&self) -> bool {
        self.impossible == 0 && self.first == self.second
    }
}

/// What was found, over some pairs.
#[derive(Clone, Copy, Debug, Default)]
struct Found {
    pairs: u64,
    /// Pairs whose calls or results differ otherwise than in what goes in.
    other: u64,
    /// The most of a declared distance that was reached.
    vectors: f64,
    counts: f64,
    /// The most that calls cost of what is charged: ρ and δ.
    rho: f64,
    delta: f64,
}

impl Found {
    fn and(self, other: Self) -> Self {
        Self {
            pairs: self.pairs + other.pairs,
            other: self.other + other.other,
            vectors: self.vectors.max(other.vectors),
            counts: self.counts.max(other.counts),
            rho: self.rho.max(other.rho),
            delta: self.delta.max(other.delta),
        }
    }
}

/// Takes people out of random organisations.
pub(super) fn check(options: &Options) -> Result<Vec<Verdict>, AuditError> {
    let worlds: u32 = if options.quick { 12 } else { 1_430 };
    let one = |case: u32| -> Result<Found, AuditError> {
        let stage = Stage::new(&EVERYTHING)?;
        let mut draws = Draws::new(options.seed, u64::from(case));
        let world = World::random(&mut draws);
        let with = stage.count(&world)?;
        let mut found = Found::default();
        for _ in 0..REMOVED {
            let person = draws.below(world.people as u64) as usize;
            let without = stage.count(&world.without(person))?;
            let pair = replay(&stage, &without, &with, &mut draws)?;
            found = found.and(compared(&pair));
        }
        Ok(found)
    };
    let all = (0..worlds).into_par_iter().with_max_len(1).map(one);
    let found = all.try_reduce(Found::default, |a, b| Ok(a.and(b)))?;
    Ok(verdicts(&found.and(ids_of_others(options)?)))
}

/// Somebody comes who has the ids of everybody's rows.
fn ids_of_others(options: &Options) -> Result<Found, AuditError> {
    let stage = Stage::new(&EVERYTHING)?;
    let mut world = World::default();
    for id in 0..IDS {
        let person = world.person("b1", "staff");
        let cells = format!("{id},{{p}},{{p}},2024-05-05,60,courage,trust,,,,much conflict");
        world.say(Source::Sessions, person, &cells);
    }
    let without = stage.count(&world)?;
    let mut found = Found::default();
    for _ in 0..3 {
        // Next time it is somebody else, at another place among them.
        world.people += 1;
        let mut with = world.clone();
        let person = with.person("a1", "staff");
        for id in 0..IDS {
            let cells = format!("{id},{{p}},{{p}},2024-05-05,60,courage,trust,,,,much conflict");
            with.say(Source::Sessions, person, &cells);
        }
        let with = stage.count(&with)?;
        let mut draws = Draws::new(options.seed, person as u64);
        found = found.and(compared(&replay(&stage, &without, &with, &mut draws)?));
    }
    Ok(found)
}

fn verdicts(found: &Found) -> Vec<Verdict> {
    let verdict = |what: &str, claim: &str, bound: String, sees: &str, holds: bool| Verdict {
        check: Check::Replay,
        mechanism: what.to_owned(),
        claim: claim.to_owned(),
        found: bound,
        samples: found.pairs,
        would_see: sees.to_owned(),
        holds,
    };
    let percent = |share: f64| format!("{:.2} %", share * 100.0);
    vec![
        verdict(
            "calls not shared",
            "0 pairs",
            format!("{} pairs", found.other),
            "1 pair",
            found.other == 0,
        ),
        verdict(
            "vectors, of sensitivity",
            "100 %",
            percent(found.vectors),
            "100.01 %",
            found.vectors <= 1.0 + 1e-12,
        ),
        verdict(
            "counts, of sensitivity",
            "100 %",
            percent(found.counts),
            "100.01 %",
            found.counts <= 1.0 + 1e-12,
        ),
        verdict(
            "ρ, of the charge",
            "100 %",
            percent(found.rho),
            "100.01 %",
            found.rho <= 1.0,
        ),
        verdict(
            "δ, of the charge",
            "100 %",
            percent(found.delta),
            "100.01 %",
            found.delta <= 1.0,
        ),
    ]
}

/// Judges a pair.
fn compared(pair: &Replayed) -> Found {
    let ((noisy, first), (again, second)) = (&pair.first, &pair.second);
    let mut found = Found {
        pairs: 1,
        ..Found::default()
    };
    let mut other = pair.impossible > 0 || noisy != again || first.len() != second.len();
    for calls in first.iter().zip(second) {
        match calls {
            (
                Call::Noise { values, noise },
                Call::Noise {
                    values: theirs,
                    noise: same,
                },
            ) if noise == same && values.len() == theirs.len() => {
                let share = distance(values, theirs) / noise.sensitivity;
                found.vectors = found.vectors.max(share);
            }
            (
                Call::Selection { counts, selection },
                Call::Selection {
                    counts: theirs,
                    selection: same,
                },
            ) if selection == same => {
                found.counts = found.counts.max(moved(counts, theirs, selection));
            }
            _ => other = true,
        }
    }
    found.other = u64::from(other);
    (found.rho, found.delta) = spent(second, &again.cost);
    found
}

/// L2.
fn distance(a: &[i64], b: &[i64]) -> f64 {
    let squares = a.iter().zip(b).map(|(a, b)| i128::from(a - b).pow(2));
    (squares.sum::<i128>() as f64).sqrt()
}

/// How far counts, or values of terms, moved, of what is allowed: so many of them, by so
/// much each and in all; those that are on one side alone have so much there.
fn moved(a: &BTreeMap<u64, i64>, b: &BTreeMap<u64, i64>, selection: &Selection) -> f64 {
    let declared = selection.moved;
    let either = a.keys().chain(b.keys().filter(|key| !a.contains_key(key)));
    let count = |all: &BTreeMap<u64, i64>, key: &u64| all.get(key).copied().unwrap_or(0);
    let moved = either.map(|key| (count(a, key) - count(b, key)).abs());
    let moved: Vec<i64> = moved.filter(|by| *by > 0).collect();
    let most = moved.iter().max().copied().unwrap_or(0) as f64 / f64::from(declared.each);
    let squares = moved.iter().map(|by| by * by).sum::<i64>() as f64;
    let together = (squares / declared.l2_squared as f64).sqrt();
    let numbers = moved.len() as f64 / f64::from(declared.numbers);
    most.max(together).max(numbers)
}

/// What calls cost of a charge: ρ = Δ² ÷ 2σ² each (Bun, Steinke 2016, proposition 6),
/// and the δ of selections, summed over the distribution.
fn spent(calls: &[Call], cost: &Cost) -> (f64, f64) {
    let (mut rho, mut delta) = (0.0, 0.0);
    for call in calls {
        let noise = match call {
            Call::Noise { noise, .. } => noise,
            Call::Selection { selection, .. } => {
                delta += exact(selection);
                &selection.noise
            }
        };
        rho += noise.sensitivity.powi(2) / (2.0 * noise.sigma.powi(2));
    }
    (
        rho / (cost.rho_micro as f64 / 1e6),
        delta / (cost.delta_femto as f64 / 1e15),
    )
}
