//! Rows that must change nothing, and coaches who must be known.

use lodestar_privacy::audit::Call;

use super::neighbours::Stage;
use super::replay::{Replayed, replay};
use super::world::{EVERYTHING, Source, World};
use super::{AuditError, Check, Options, Verdict};
use crate::synth::rng::Draws;

/// Changes an organisation in a way that may not be seen.
type Change = fn(&World, &mut Draws) -> World;

/// What is done, and how it is called.
const CHANGES: [(&str, Change); 5] = [
    ("no numbers", not_numbers),
    ("out of range", out_of_range),
    ("strangers", strangers),
    ("rows twice", |world, draws| world.doubled(draws)),
    ("order of rows", |world, draws| world.shuffled(draws)),
];

/// Compares calls, which must be the same.
pub(super) fn check(options: &Options) -> Result<Vec<Verdict>, AuditError> {
    let worlds = if options.quick { 3 } else { 100 };
    let stage = Stage::new(&EVERYTHING)?;
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
    verdicts.push(verdict("k, with coaches and raters", seen, cohorts));
    Ok(verdicts)
}

fn verdict(what: &str, seen: u64, samples: u64) -> Verdict {
    Verdict {
        check: Check::Probes,
        mechanism: what.to_owned(),
        claim: "0 seen".to_owned(),
        found: format!("{seen} seen"),
        samples,
        would_see: "1 seen".to_owned(),
        holds: seen == 0,
    }
}

fn not_numbers(world: &World, _draws: &mut Draws) -> World {
    let mut changed = world.clone();
    for person in 0..world.people {
        for value in ["NaN", "nan", "inf", "-inf", "1e999", ""] {
            let session = format!("x{value},{{p}},{{p}},2024-05-01,{value},courage,trust,,,,");
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
            let session = format!("y{value},{{p}},{{p}},2024-05-01,{value},courage,trust,,,,");
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
        let cells = format!(
            "{id},{{p}},coach,2024-05-01,60,courage,trust,,coaching,proactive,so much conflict"
        );
        changed.say(Source::Sessions, person, &cells);
        changed.say(Source::Outcomes, person, "{p},2024-05-09,absence,3");
    }
    changed
}

/// Of four units one has k outsiders. Two have one less, for the others share a coach
/// whom they met on the first day of the twelve months, or a manager who rated them then;
/// of these no cohort for which coaches are taken away may be a candidate. In how many
/// it is otherwise.
fn caseloads(stage: &Stage, options: &Options) -> Result<(u64, u64), AuditError> {
    let (public, mut world) = (stage.public(), World::default());
    let k = public.policy.k as usize;
    for (unit, outsiders, known_by) in [
        ("a1", k - 1, Some(Source::Sessions)),
        ("b2", k - 1, Some(Source::Assessments)),
        ("b1", k, Some(Source::Sessions)),
        ("a2", k + 4, None),
    ] {
        for number in 0..outsiders + 4 {
            let known_by = known_by.filter(|_| number >= outsiders);
            complete(&mut world, unit, known_by);
        }
    }
    let rehearsal = stage.count(&world)?;
    let mut draws = Draws::new(options.seed, 2_000_000);
    let pair = replay(stage, &rehearsal, &rehearsal, &mut draws)?;
    let mut selections = pair.second.1.iter().filter_map(|call| match call {
        Call::Selection { counts, .. } => Some(counts),
        Call::Noise { .. } => None,
    });
    let (mut wrong, mut looked) = (0, 0);
    for (at, kind) in public.kinds.iter().enumerate() {
        let tree = public.tree(at);
        for (level, counts) in (0..kind.levels).zip(&mut selections) {
            if level != 2 || !public.coach_rule(at) {
                continue;
            }
            let units: Vec<&str> = counts
                .keys()
                .map(|cohort| tree.unit(*cohort as usize / kind.cells()).id.as_str())
                .collect();
            let hidden = units.iter().filter(|unit| ["a1", "b2"].contains(unit));
            wrong += hidden.count() as u64;
            looked += 2;
            // Of keys people keep some alone, so there may be fewer.
            if kind.keys.is_plain() {
                let missing = ["b1", "a2"].iter().filter(|unit| !units.contains(unit));
                wrong += missing.count() as u64;
                looked += 2;
            }
        }
    }
    Ok((wrong, looked))
}

/// Somebody of whom everything is known; perhaps by a coach or a rater of others, too.
fn complete(world: &mut World, unit: &str, known_by: Option<Source>) {
    let person = world.person(unit, "staff");
    if known_by == Some(Source::Sessions) {
        let met = format!("0,{{p}},of {unit},2023-07-01,60,courage,trust,,,,");
        world.say(Source::Sessions, person, &met);
    }
    world.say(
        Source::Sessions,
        person,
        "1,{p},{p},2024-05-05,60,courage,trust,,coaching,reactive,",
    );
    for (wave, day) in [("baseline", "2023-07-01"), ("follow_up", "2024-05-05")] {
        let rater = match known_by {
            Some(Source::Assessments) => format!("of {unit}"),
            _ => "{p}".to_owned(),
        };
        for (rater, group) in [
            ("", "self"),
            (rater.as_str(), "manager"),
            ("r1", "peer"),
            ("r2", "peer"),
        ] {
            let cells = format!("{{p}},courage,leadership,3,{day},{wave},{rater},{group},");
            world.say(Source::Assessments, person, &cells);
        }
    }
    for day in ["2023-11-03", "2024-02-03", "2024-05-03"] {
        world.say(Source::Outcomes, person, &format!("{{p}},{day},absence,3"));
    }
}
