//! Releases of neighbours, drawn again and again, and told apart as well as can be
//! learnt: an event is chosen on some of the draws and tested on the others.

use std::collections::BTreeMap;

use lodestar_privacy::Public;
use lodestar_privacy::noisy::{Group, Noisy};
use lodestar_privacy::rehearsal::Rehearsal;
use rayon::prelude::*;

use super::bounds::{at_least, at_most, least};
use super::neighbours::Stage;
use super::world::{Declared, Source, World};
use super::{ALPHA, AuditError, Check, Options, Verdict};

/// Themes alone, of two units that can only be hidden together.
const DECLARED: Declared = Declared {
    project: include_str!("themes.toml"),
    org: "org_unit,label,parent\na1,A1,Acme\na2,A2,Acme\n",
    programmes: "",
};
/// Of the project.
const K: usize = 3;

/// People of a unit that always shows.
const MANY: usize = 120;

/// As many themes as one person's count.
const THEMES: &str = "conflict;trust";

/// Of the draws, one in so many is learnt from; the others are tested.
const LEARNT: usize = 4;

/// An organisation; and, where it is the one before and a person more, what is then
/// looked at. So both are drawn once, though most are compared with two others.
struct Step {
    world: World,
    scene: Option<String>,
}

/// What is claimed of a release, and the chance of an alarm.
#[derive(Clone, Copy)]
struct Claim {
    epsilon: f64,
    delta: f64,
    alpha: f64,
}

/// Draws every organisation, and compares it with the one before.
pub(super) fn check(options: &Options) -> Result<Vec<Verdict>, AuditError> {
    let samples = if options.quick { 800 } else { 40_000 };
    let stage = Stage::new(&DECLARED)?;
    let steps = steps(&stage);
    let scenes = steps.iter().filter(|step| step.scene.is_some()).count();
    let (mut verdicts, mut before) = (Vec::new(), Vec::new());
    for step in steps {
        let rehearsal = stage.count(&step.world)?;
        let drawn = drawn(&stage, &rehearsal, samples)?;
        if let Some(scene) = step.scene {
            let cost = rehearsal.draw(&stage.script)?.cost;
            let claim = Claim {
                epsilon: cost.epsilon,
                delta: cost.delta,
                // Each is tested both ways.
                alpha: ALPHA / 4.0 / (2.0 * scenes as f64),
            };
            let scene = format!("{scene}, {}", shown(&stage, [&drawn, &before]));
            verdicts.push(claim.verdict(scene, &drawn, &before));
        }
        before = drawn;
    }
    Ok(verdicts)
}

/// How often the unit shows in which somebody is more.
fn shown(stage: &Stage, sides: [&[Seen]; 2]) -> String {
    let tree = stage.public().tree(0);
    let place = (0..tree.units().len()).find(|unit| tree.unit(*unit).id == "a1");
    let at = place.unwrap_or_default() * width(stage.public());
    let all = sides.iter().flat_map(|side| side.iter());
    let shows = all.filter(|seen| seen[at] > 0.0).count();
    let share = shows as f64 / (sides[0].len() + sides[1].len()) as f64;
    format!("shows {:.0} %", share * 100.0)
}

impl Claim {
    fn verdict(self, scene: String, with: &[Seen], without: &[Seen]) -> Verdict {
        let bound = self.shown(with, without).max(self.shown(without, with));
        let tested = (with.len() - with.len() / LEARNT) as u64;
        Verdict {
            check: Check::Tell,
            mechanism: scene,
            claim: format!("ε {:.2}", self.epsilon),
            found: format!("ε {bound:.2}"),
            samples: tested,
            would_see: self.sees(tested),
            holds: bound <= self.epsilon,
        }
    }

    /// The ε that the other draws show for the event that the first ones tell apart
    /// best.
    fn shown(self, a: &[Seen], b: &[Seen]) -> f64 {
        let learnt = a.len() / LEARNT;
        let (weights, least) = self.learnt(&a[..learnt], &b[..learnt]);
        let hits = |draws: &[Seen]| {
            let above = draws.iter().filter(|seen| score(&weights, seen) >= least);
            above.count() as u64
        };
        let tested = (a.len() - learnt) as u64;
        self.bound(hits(&a[learnt..]), hits(&b[learnt..]), tested)
    }

    /// ln((p − δ) ÷ q), p and q each bounded with confidence.
    fn bound(self, a: u64, b: u64, trials: u64) -> f64 {
        let p = at_least(a, trials, self.alpha / 2.0) - self.delta;
        if p <= 0.0 {
            return 0.0;
        }
        (p / at_most(b, trials, self.alpha / 2.0)).ln().max(0.0)
    }

    /// The least ε that would be seen in nineteen of twenty audits, of an event that
    /// one side has half of the time.
    fn sees(self, trials: u64) -> String {
        let n = trials as f64;
        let hits = (0.5 * n - 1.645 * (0.25 * n).sqrt()).max(0.0) as u64;
        let sees = |epsilon: f64| {
            let other = (0.5 - self.delta) * (-epsilon).exp();
            self.bound(hits, (other * n) as u64, trials) > self.epsilon
        };
        let found = least((self.epsilon, 8.0), sees);
        found.map_or_else(|| "more".to_owned(), |epsilon| format!("ε {epsilon:.2}"))
    }

    /// Weights and a bar: of each number alone, and of all by their difference in units
    /// of their variance, the bar at which the odds look largest.
    fn learnt(self, a: &[Seen], b: &[Seen]) -> (Vec<f64>, f64) {
        let mut best = (f64::NEG_INFINITY, (Vec::new(), f64::INFINITY));
        for weights in directions(a, b) {
            let (odds, bar) = self.best_bar(&weights, a, b);
            if odds > best.0 {
                best = (odds, (weights, bar));
            }
        }
        best.1
    }

    /// The bar above which the first side's draws are most often of the two, by a rough
    /// bound, which spares thousands of exact ones.
    fn best_bar(self, weights: &[f64], a: &[Seen], b: &[Seen]) -> (f64, f64) {
        let mut scores: BTreeMap<i64, (u64, u64)> = BTreeMap::new();
        let step = |seen: &Seen| (score(weights, seen) * STEPS).floor() as i64;
        for seen in a {
            scores.entry(step(seen)).or_default().0 += 1;
        }
        for seen in b {
            scores.entry(step(seen)).or_default().1 += 1;
        }
        let (mut above, mut best) = ((0, 0), (f64::NEG_INFINITY, f64::INFINITY));
        for (step, here) in scores.into_iter().rev() {
            above = (above.0 + here.0, above.1 + here.1);
            let (p, q) = (above.0 as f64, above.1 as f64);
            let low = p - 3.0 * p.sqrt() - self.delta * a.len() as f64;
            let odds = (low.max(0.0) / (q + 3.0 * q.sqrt() + 8.0)).ln();
            if odds > best.0 {
                best = (odds, step as f64 / STEPS);
            }
        }
        best
    }
}

/// Scores are told apart to so much of 1.
const STEPS: f64 = 64.0;

/// Cohorts around k, of which little may show; one that shows now and then; a coach's
/// caseload; somebody with more than counts, in one that always shows.
fn steps(stage: &Stage) -> Vec<Step> {
    let of = |others: usize| format!("s = {others}, k = {K}");
    let around_k = (0..=K + 2).map(|people| Step {
        world: organisation(people, &[]),
        scene: people.checked_sub(1).map(of),
    });
    let mut steps: Vec<Step> = around_k.collect();
    let leaves = stage.script.design().selections[0].last();
    // Where a cohort of so many outsiders shows in half of all releases.
    let threshold = leaves.map_or(0, |leaves| leaves.threshold as usize) + K - 1;
    let at_threshold = organisation(threshold - 1, &[]);
    let coached = organisation(K - 1, &["busy"; 4]);
    for (scene, without, themes) in [
        (of(threshold - 1), at_threshold, THEMES),
        ("a coach's four".to_owned(), coached, THEMES),
        (
            "all themes".to_owned(),
            organisation(MANY, &[]),
            "conflict;trust;weather",
        ),
    ] {
        let mut with = without.clone();
        person(&mut with, "a1", "{p}", themes);
        let before = Step {
            world: without,
            scene: None,
        };
        let after = Step {
            world: with,
            scene: Some(scene),
        };
        steps.extend([before, after]);
    }
    steps
}

/// Many people in one unit; in `a1` some with coaches of their own, and some with these.
fn organisation(alone: usize, coaches: &[&str]) -> World {
    let mut world = World::default();
    for number in 0..MANY {
        let themes = ["conflict", "trust"][number % 2];
        person(&mut world, "a2", "{p}", themes);
    }
    for coach in coaches.iter().chain(&vec!["{p}"; alone]) {
        person(&mut world, "a1", coach, THEMES);
    }
    world
}

/// One more person, with a session.
fn person(world: &mut World, unit: &str, coach: &str, themes: &str) {
    let person = world.person(unit, "staff");
    let cells = format!("0,{{p}},{coach},2024-05-05,60,courage,{themes},,,,");
    world.say(Source::Sessions, person, &cells);
}

/// One release as numbers: of each cohort whether it shows, its size and its themes.
type Seen = Vec<f64>;

fn drawn(stage: &Stage, rehearsal: &Rehearsal, samples: usize) -> Result<Vec<Seen>, AuditError> {
    let public = stage.public();
    let one =
        |_| -> Result<Seen, AuditError> { Ok(seen_of(public, &rehearsal.draw(&stage.script)?)) };
    (0..samples).into_par_iter().map(one).collect()
}

/// Of every unit, and of the hidden children of every unit, in the order of their codes;
/// and what bounds cut off.
fn seen_of(public: &Public, noisy: &Noisy) -> Seen {
    let (units, width) = (public.tree(0).units().len(), width(public));
    let mut seen = vec![0.0; 2 * units * width];
    for (level, cells) in noisy.kinds[0].levels.iter().zip(&noisy.blocks[0].levels) {
        for (cohort, cells) in level.cohorts.iter().zip(&cells.cells) {
            let at = match cohort.group {
                Group::Unit(unit) => unit,
                Group::Others(unit) => units + unit,
            };
            let mine = &mut seen[at * width..(at + 1) * width];
            mine[0] = 1.0;
            mine[1] = cohort.size as f64;
            mine[2..]
                .iter_mut()
                .zip(cells)
                .for_each(|(a, b)| *a = *b as f64);
        }
    }
    let bounds = noisy.bounds.iter().zip(&public.bounds);
    for (drawn, declared) in bounds {
        // Of one key, if the organisation shows.
        let numbers = drawn.keys.iter().flat_map(|key| &key.numbers);
        let numbers = numbers
            .map(|number| *number as f64)
            .chain(std::iter::repeat(0.0));
        seen.extend(numbers.take(declared.bounds.len()));
    }
    seen
}

/// Numbers of a cohort: whether it shows, its size, its themes.
fn width(public: &Public) -> usize {
    2 + public.blocks[0].keys.len() * public.blocks[0].coordinates.len()
}

/// A sum of what is seen, with weights.
fn score(weights: &[f64], seen: &Seen) -> f64 {
    weights.iter().zip(seen).map(|(weight, x)| weight * x).sum()
}

/// Weights to try: all numbers by the difference of their means in units of their
/// variance (Fisher's discriminant, as if they knew nothing of each other), and those
/// alone that tell most.
fn directions(a: &[Seen], b: &[Seen]) -> Vec<Vec<f64>> {
    let numbers = a[0].len();
    let mean = |draws: &[Seen], at: usize| -> f64 {
        draws.iter().map(|seen| seen[at]).sum::<f64>() / draws.len() as f64
    };
    let means: Vec<(f64, f64)> = (0..numbers).map(|at| (mean(a, at), mean(b, at))).collect();
    let spread = |at: usize| {
        let both = a.iter().map(|seen| seen[at] - means[at].0);
        let both = both.chain(b.iter().map(|seen| seen[at] - means[at].1));
        both.map(|x| x * x).sum::<f64>() / (a.len() + b.len()) as f64
    };
    let spreads: Vec<f64> = (0..numbers).map(spread).collect();
    let fisher = |at: usize| (means[at].0 - means[at].1) / (spreads[at] + 1e-9);
    let together: Vec<f64> = (0..numbers).map(fisher).collect();
    let mut telling: Vec<usize> = (0..numbers).collect();
    let tells = |at: usize| together[at].abs() * spreads[at].sqrt();
    telling.sort_by(|x, y| tells(*y).total_cmp(&tells(*x)));
    let alone = telling.into_iter().take(8).map(|at| {
        let mut alone = vec![0.0; numbers];
        alone[at] = together[at].signum();
        alone
    });
    let alone: Vec<Vec<f64>> = alone.collect();
    [vec![together], alone].concat()
}
