//! Rows that must change nothing, and coaches who must be known.

use lodestar_privacy::audit::Call;

use super::neighbours::Stage;
use super::replay::{Replayed, replay};
use super::world::{Source, World};
use super::{AuditError, Check, Options, Verdict};
use crate::synth::rng::Draws;

/// Changes an organisation in a way that may not be seen.
type Change = fn(&World, &mut Draws) -> World;

/// What is done, and how it is called.
const CHANGES: [(&str, Change); 5] = [
    ("no numbers", not_numbers),
    ("out of range", out_of_range),
    ("strangers", strangers),
    ("rows twice", twice),
    ("order of rows", |world, draws| world.shuffled(draws)),
];

/// Compares calls, which must be the same.
pub(super) fn check(options: &Options) -> Result<Vec<Verdict>, AuditError> {
    let worlds = if options.quick { 3 } else { 100 };
    let stage = Stage::new(&[])?;
    let mut verdicts = Vec::new();
    for (name, change) in CHANGES {
        let mut seen = 0;
        for case in 0..worlds {
            let mut draws = Draws::new(options.seed, 1_000_000 + case);
            let world = World::random(&mut draws);
            let changed = change(&world, &mut draws);
            let (before, after) = (stage.count(&world)?, stage.count(&changed)?);
            let pair: Replayed = replay(&stage, &before, &after, &mut draws)?;
            seen += u64::from(!pair.is_same());
        }
        verdicts.push(verdict(name, seen, worlds));
    }
    let (seen, cohorts) = caseloads(&stage, options)?;
    verdicts.push(verdict("a coach's caseload", seen, cohorts));
    Ok(verdicts)
}

fn verdict(what: &str, seen: u64, samples: u64) -> Verdict {
    Verdict {
        check: Check::Probes,
        mechanism: what.to_owned(),
        claim: "0 seen".to_owned(),
        bound: format!("{seen} seen"),
        samples,
        sees: "1 seen".to_owned(),
        holds: seen == 0,
    }
}

fn not_numbers(world: &World, _draws: &mut Draws) -> World {
    let mut changed = world.clone();
    for person in 0..world.people {
        for value in ["NaN", "nan", "inf", "-inf", "1e999", ""] {
            let session = format!("x{value},{{p}},{{p}},2024-05-01,{value},courage,trust,,,");
            changed.say(Source::Sessions, person, &session);
            let score = format!("{{p}},courage,leadership,{value},2024-06-05,midpoint,,self,asks");
            changed.say(Source::Assessments, person, &score);
            changed.say(
                Source::Outcomes,
                person,
                &format!("{{p}},2024-05-09,absence,{value}"),
            );
        }
    }
    changed
}

fn out_of_range(world: &World, _draws: &mut Draws) -> World {
    let mut changed = world.clone();
    for person in 0..world.people {
        for value in ["-1", "1e15", "9223372036854775808", "-9223372036854775809"] {
            let session = format!("y{value},{{p}},{{p}},2024-05-01,{value},courage,trust,,,");
            changed.say(Source::Sessions, person, &session);
            let score = format!("{{p}},courage,leadership,{value},2024-06-05,midpoint,,self,asks");
            changed.say(Source::Assessments, person, &score);
            changed.say(
                Source::Outcomes,
                person,
                &format!("{{p}},2024-05-09,absence,{value}"),
            );
        }
    }
    changed
}

fn strangers(world: &World, draws: &mut Draws) -> World {
    let mut changed = world.clone();
    for number in 0..20 {
        let id = draws.below(7);
        let person = world.people + number;
        let cells = format!("{id},{{p}},coach,2024-05-01,60,courage,trust,,coaching,proactive");
        changed.say(Source::Sessions, person, &cells);
        changed.say(Source::Outcomes, person, "{p},2024-05-09,absence,3");
    }
    changed
}

fn twice(world: &World, draws: &mut Draws) -> World {
    world.doubled(draws)
}

/// In each of four units somebody coached everybody half a year before, and nobody
/// did since: no outsiders, so none of the units may be a candidate. How many were.
fn caseloads(stage: &Stage, options: &Options) -> Result<(u64, u64), AuditError> {
    let mut world = World::default();
    for unit in ["a1", "a2", "b1", "b2"] {
        for number in 0..9 {
            let person = world.person(unit, "staff");
            let before = format!(
                "0,{{p}},coach of {unit},2023-11-{:02},60,courage,trust,,,",
                number + 1
            );
            world.say(Source::Sessions, person, &before);
            world.say(
                Source::Sessions,
                person,
                "1,{p},{p},2024-05-05,60,courage,trust,,,",
            );
        }
    }
    let rehearsal = stage.count(&world)?;
    let mut draws = Draws::new(options.seed, 2_000_000);
    let pair = replay(stage, &rehearsal, &rehearsal, &mut draws)?;
    let public = stage.public();
    let Some(kind) = public.kinds.iter().position(|kind| kind.name == "coachees") else {
        return Err(AuditError::Own("nobody is coached".to_owned()));
    };
    // The selections of kinds come in their order, level by level.
    let before: u32 = public.kinds[..kind].iter().map(|kind| kind.levels).sum();
    let selections = pair.second.1.iter().filter_map(|call| match call {
        Call::Selection { counts, .. } => Some(counts),
        Call::Noise { .. } => None,
    });
    let leaves = selections.clone().nth(before as usize + 2);
    let seen = leaves.map_or(4, std::collections::BTreeMap::len) as u64;
    Ok((seen, 4))
}
