//! Releases of neighbours, drawn again and again, and told apart as well as can be
//! learnt: an event is chosen on one half of the draws and tested on the other.

use std::collections::BTreeMap;

use lodestar_privacy::Public;
use lodestar_privacy::noisy::{Group, Noisy};
use lodestar_privacy::rehearsal::Rehearsal;
use rayon::prelude::*;

use super::bounds::{at_least, at_most, least};
use super::neighbours::Stage;
use super::world::{Source, World};
use super::{ALPHA, AuditError, Check, Options, Verdict};

/// The guarantee that is tested: small enough that exceeding it can be seen. Themes
/// alone, at all levels, of one release; the window keeps as much for a revision.
const POLICY: [(&str, &str); 3] = [
    ("epsilon = 8.0", "epsilon = 1.0"),
    ("delta = 1e-6", "delta = 0.02"),
    (
        "first = \"2024-Q1\"\nlast = \"2024-Q4\"",
        "first = \"2024-Q2\"\nlast = \"2024-Q2\"",
    ),
];
/// Of the project.
const K: usize = 3;

/// People of a unit that always shows.
const MANY: usize = 120;

/// Two organisations that differ by one person.
#[derive(Clone)]
struct Scene {
    name: String,
    with: World,
    without: World,
}

/// What is claimed of a release, and the chance of an alarm.
#[derive(Clone, Copy)]
struct Claim {
    epsilon: f64,
    delta: f64,
    alpha: f64,
}

/// Draws both sides of every scene.
pub(super) fn check(options: &Options) -> Result<Vec<Verdict>, AuditError> {
    let samples = if options.quick { 2_000 } else { 40_000 };
    let stage = Stage::themes_alone(&POLICY)?;
    let scenes = scenes(&stage);
    let mut verdicts = Vec::new();
    for scene in &scenes {
        let with = stage.count(&scene.with)?;
        let cost = with.draw(&stage.script)?.cost;
        let claim = Claim {
            epsilon: cost.epsilon,
            delta: cost.delta,
            // Each is tested both ways.
            alpha: ALPHA / 4.0 / (2.0 * scenes.len() as f64),
        };
        let with = drawn(&stage, &with, samples)?;
        let without = drawn(&stage, &stage.count(&scene.without)?, samples)?;
        let bound = claim
            .shown(&with, &without)
            .max(claim.shown(&without, &with));
        let tested = samples as u64 / 2;
        verdicts.push(Verdict {
            check: Check::Tell,
            mechanism: format!("{}, {}", scene.name, shown(&stage, [&with, &without])),
            claim: format!("ε {:.2}", claim.epsilon),
            found: format!("ε {bound:.2}"),
            samples: tested,
            would_see: claim.sees(tested),
            holds: bound <= claim.epsilon,
        });
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
    /// The ε that the second half of the draws shows for the event that the first half
    /// tells apart best.
    fn shown(self, a: &[Seen], b: &[Seen]) -> f64 {
        let half = a.len() / 2;
        let (weights, least) = self.learnt(&a[..half], &b[..half]);
        let hits = |draws: &[Seen]| {
            let above = draws.iter().filter(|seen| score(&weights, seen) >= least);
            above.count() as u64
        };
        self.bound(hits(&a[half..]), hits(&b[half..]), half as u64)
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
    /// the other side has once in ten thousand to once in three.
    fn sees(self, trials: u64) -> String {
        let n = trials as f64;
        let sees = |epsilon: f64| {
            [1e-4, 1e-3, 0.01, 0.1, 0.3].iter().any(|q| {
                let p = q * epsilon.exp() + self.delta;
                let unlucky = 1.645 * (p * (1.0 - p).max(0.0) * n).sqrt();
                let hits = (p * n - unlucky).max(0.0) as u64;
                p < 1.0 && self.bound(hits, (q * n) as u64, trials) > self.epsilon
            })
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

/// Cohorts around k, of which little may show; one that shows now and then; one that
/// always does; a coach's caseload, and somebody with more than counts.
fn scenes(stage: &Stage) -> Vec<Scene> {
    let leaves = stage.script.design().selections[0].last();
    // Where a cohort of so many outsiders shows in half of all releases.
    let threshold = leaves.map_or(0, |leaves| leaves.threshold as usize) + K - 1;
    let around_k = [0, 1, K - 1, K, K + 1, threshold - 1].map(|others| {
        let name = format!("s = {others}, k = {K}");
        Scene::of(name, organisation(others, &[]), "{p}", "trust;conflict")
    });
    let coached = organisation(K - 1, &["busy"; 4]);
    let mut scenes = around_k.to_vec();
    scenes.push(Scene::of(
        "a coach's four".to_owned(),
        coached,
        "{p}",
        "trust",
    ));
    let many = organisation(MANY, &[]);
    scenes.push(Scene::of(
        "all themes".to_owned(),
        many,
        "{p}",
        "ambiguity;conflict;trust;weather",
    ));
    scenes
}

impl Scene {
    /// Without, and with one more in `a1`.
    fn of(name: String, without: World, coach: &str, themes: &str) -> Self {
        let mut with = without.clone();
        coached(&mut with, "a1", coach, themes);
        Self {
            name,
            with,
            without,
        }
    }
}

/// Many people in each of three units; in `a1` some with coaches of their own, and some
/// with these.
fn organisation(alone: usize, coaches: &[&str]) -> World {
    let mut world = World::default();
    for unit in ["a2", "b1", "b2"] {
        for number in 0..MANY {
            let themes = if number % 3 == 0 {
                "conflict"
            } else {
                "ambiguity"
            };
            coached(&mut world, unit, "{p}", themes);
        }
    }
    for _ in 0..alone {
        coached(&mut world, "a1", "{p}", "ambiguity");
    }
    for coach in coaches {
        coached(&mut world, "a1", coach, "ambiguity");
    }
    world
}

/// One more person, with sessions about all competencies.
fn coached(world: &mut World, unit: &str, coach: &str, themes: &str) {
    let person = world.person(unit, "staff");
    for (id, competency) in ["courage", "adaptability", "delegation"].iter().enumerate() {
        let cells = format!("{id},{{p}},{coach},2024-05-05,60,{competency},{themes},,,,");
        world.say(Source::Sessions, person, &cells);
    }
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
