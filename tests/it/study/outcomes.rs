//! How often what is planted is found, how often something is claimed that is
//! not there, and how often intervals hold the truth: of every statistic.
//!
//! ```text
//! LODESTAR_STUDY_RUNS=200 cargo test --test it study::outcomes::the -- --nocapture
//! LODESTAR_STUDY_ORGANISATIONS=10 cargo test --test it other_organ -- --nocapture
//! LODESTAR_STUDY_PEOPLE=60000 LODESTAR_STUDY_RUNS=40 \
//!     cargo test --test it other_organ -- --nocapture
//! ```
//!
//! The truth of descriptive statistics is the same release with next to no
//! noise, of which nothing is masked; that of comparative ones is what the
//! synthetic organisation was set to. Sampling is another in every
//! organisation, so the second study is of many.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use lodestar::config::Project;
use lodestar::insight::{self, Row, Status, value_label};
use lodestar_privacy::noisy::{Group, Value};
use lodestar_privacy::public::{Statistic, StatisticKind};

use super::figures::{Counts, Part, median};
use super::planted::{Claim, ORGANISATION, Place, Planted, THEMES, place};
use super::worlds::{ACME, Another, World, everything, sample};
use super::{THREADS, number, runs};
use crate::exact_support::draws::{self, Drawn, fresh};

/// Beyond so many standard deviations something is claimed.
const CLAIMED: f64 = 1.96;

/// What a release shows of a table.
pub(super) struct Seen {
    statistics: Vec<Statistic>,
    levels: Vec<u32>,
    /// Of units; groups of hidden siblings are other people every time.
    rows: BTreeMap<Place, Row>,
}

/// By table and span.
pub(super) type Tables = BTreeMap<(String, String), Seen>;

pub(super) fn seen(drawn: &Drawn) -> Tables {
    let public = &drawn.public;
    let mut all = Tables::new();
    for (index, table) in public.tables.iter().enumerate() {
        let block = &public.blocks[table.block];
        let kind = &public.kinds[block.kind];
        let tree = public.tree(block.kind);
        let named = |row: Row| {
            let Group::Unit(unit) = row.group else {
                return None;
            };
            // Which values are small differs, and so who the others are.
            if row.values.contains(&Value::Other) {
                return None;
            }
            let people = row.values.iter().zip(&kind.dimensions);
            let people = people.map(|(value, dimension)| value_label(*value, dimension).id);
            let labels = public.labels(table, row.cohort, row.key);
            let ids = people.chain(labels.into_iter().map(|label| label.id));
            Some((place(&tree.unit(unit).id, ids), row))
        };
        let rows = insight::rows(&drawn.noisy, public, index);
        let seen = Seen {
            statistics: table.statistics.clone(),
            levels: block.levels.clone(),
            rows: rows.into_iter().filter_map(named).collect(),
        };
        let span = public.spans[kind.span].name.clone();
        all.insert((table.name.clone(), span), seen);
    }
    all
}

/// A statistic of a table at a level.
type At = (String, String, u32);

/// A planted effect, as far as it is found.
#[derive(Clone, Default)]
struct Found {
    part: Part,
    expected: Vec<f64>,
    /// Half-widths, and those that there would be without noise.
    widths: Vec<f64>,
    without_noise: Vec<f64>,
}

/// The figures of some runs.
#[derive(Default)]
pub(super) struct Outcomes {
    releases: usize,
    counts: BTreeMap<At, Counts>,
    /// Claims where there is no effect.
    claims: BTreeMap<At, Part>,
    found: BTreeMap<(At, String), Found>,
}

/// Whether a shown figure says that there is an effect, and on this side.
fn claims(statistic: &Statistic, row: &Row, at: usize) -> Option<bool> {
    let figure = row.figures[at].shown()?;
    let neutral = match statistic.kind.representative() {
        StatisticKind::LogOdds { .. } => {
            return (figure.value.abs() > CLAIMED).then_some(figure.value > 0.0);
        }
        StatisticKind::Trend { .. } | StatisticKind::Tipping { .. } => {
            let word = row.words[at]?;
            let sides = [
                ("rising", true),
                ("falling", false),
                ("reached", true),
                ("below", false),
            ];
            return sides.iter().find(|side| side.0 == word).map(|side| side.1);
        }
        StatisticKind::Lift { .. } => 1.0,
        _ => 0.0,
    };
    (!figure.holds(neutral)).then_some(figure.value > neutral)
}

/// Whether a statistic has an interval.
fn is_estimated(statistic: &Statistic) -> bool {
    !matches!(
        statistic.kind.representative(),
        StatisticKind::LogOdds { .. } | StatisticKind::Trend { .. } | StatisticKind::Tipping { .. }
    )
}

/// Where answers are low, and to what.
const DISCOURAGED: &str = "sales";
const LOW_ANSWERS: &str = "safe_climate";

fn half_width(row: &Row, at: usize) -> Option<f64> {
    let shown = row.figures[at].shown()?;
    Some((shown.high - shown.low) / 2.0)
}

impl Outcomes {
    fn add(&mut self, drawn: &Drawn, world: &World) {
        self.releases += 1;
        for ((table, span), seen) in seen(drawn) {
            let exact = &world.exact[&(table.clone(), span.clone())];
            // All keys of a cohort share its size.
            let first = seen.rows.iter().filter(|(_, row)| row.key == 0);
            for (place, row) in first {
                // What has nobody in the exact release may hide others there.
                if let Some(exact) = exact.rows.get(place) {
                    self.size(&table, row, exact);
                }
            }
            for (at, statistic) in seen.statistics.iter().enumerate() {
                let of = (&*table, &*span);
                if statistic.kind.is_comparative() {
                    self.compared(of, at, &seen, exact, &world.planted);
                } else {
                    self.described(of, at, &seen, exact);
                    self.told(of, at, &seen, exact);
                }
            }
        }
    }

    fn size(&mut self, table: &str, row: &Row, exact: &Row) {
        let pairs = row.others.iter().zip(&exact.others);
        let others = pairs.filter_map(|(one, exact)| Some((one.as_ref()?, exact.as_ref()?)));
        let sizes = std::iter::once((&row.size, &exact.size)).chain(others);
        for (size, exact) in sizes {
            let at = (table.to_owned(), "sizes".to_owned(), row.level);
            let held = size.estimate.holds(exact.estimate.value);
            self.counts.entry(at).or_default().all.add(held);
        }
    }

    fn described(&mut self, of: (&str, &str), at: usize, seen: &Seen, exact: &Seen) {
        let statistic = &seen.statistics[at];
        let is_ratio = matches!(statistic.kind, StatisticKind::Ratio { .. });
        for (place, row) in &seen.rows {
            let Some(exact) = exact.rows.get(place) else {
                continue;
            };
            let (figure, exact) = (row.figures[at], exact.figures[at]);
            let key = (of.0.to_owned(), statistic.name.clone(), row.level);
            let counts = self.counts.entry(key).or_default();
            let shown = figure.status == Status::Ok;
            counts.ok.add(shown);
            let has_none = |figure: insight::Figure| {
                figure.status != Status::Ok && figure.unmasked.low >= figure.unmasked.high
            };
            if has_none(exact) || has_none(figure) || (is_ratio && !shown) {
                continue;
            }
            let held = figure.unmasked.holds(exact.unmasked.value);
            counts.all.add(held);
            if shown {
                counts.shown.add(held);
                counts.widths.extend(half_width(row, at));
            }
        }
    }

    /// Effects that a descriptive statistic tells: people rate themselves higher,
    /// and a division answers lower than the organisation does.
    fn told(&mut self, of: (&str, &str), at: usize, seen: &Seen, exact: &Seen) {
        let (table, statistic) = (of.0, seen.statistics[at].name.as_str());
        let shown = |row: &Row| row.figures[at].shown();
        for (place, exact) in &exact.rows {
            let whole = (ORGANISATION.to_owned(), place.1.clone());
            let whole = seen.rows.get(&whole).and_then(shown);
            let row = seen.rows.get(place);
            let own = row.and_then(shown);
            let told = match (table, statistic, &*place.0) {
                ("rater_agreement", "self_other_gap", ORGANISATION) => own.map(|own| own.low > 0.0),
                ("survey_items", "mean", DISCOURAGED) if place.1.contains(&LOW_ANSWERS.into()) => {
                    own.zip(whole).map(|(own, whole)| own.high < whole.low)
                }
                _ => continue,
            };
            let at_level = (table.to_owned(), statistic.to_owned(), exact.level);
            let found = self
                .found
                .entry((at_level, place.1.join(", ")))
                .or_default();
            found.part.add(told == Some(true));
            found.expected.push(exact.figures[at].unmasked.value);
            found.widths.extend(row.and_then(|row| half_width(row, at)));
        }
    }

    fn compared(
        &mut self,
        of: (&str, &str),
        at: usize,
        seen: &Seen,
        exact: &Seen,
        planted: &Planted,
    ) {
        let statistic = &seen.statistics[at];
        for (place, &expected) in planted.of(of.0, &statistic.name, of.1) {
            let level = u32::from(place.0 != ORGANISATION);
            if !seen.levels.contains(&level) {
                continue;
            }
            let key = (of.0.to_owned(), statistic.name.clone(), level);
            let row = seen.rows.get(place);
            let figure = row.and_then(|row| row.figures[at].shown());
            let counts = self.counts.entry(key.clone()).or_default();
            counts.ok.add(figure.is_some());
            if let Some(figure) = figure.filter(|_| is_estimated(statistic)) {
                counts.all.add(figure.holds(expected));
                counts.shown.add(figure.holds(expected));
                counts
                    .widths
                    .extend(row.and_then(|row| half_width(row, at)));
            }
            let claimed = row.and_then(|row| claims(statistic, row, at));
            match Claim::of((of.0, &statistic.name, of.1), place, expected) {
                Claim::None if figure.is_some() => {
                    let claims = self.claims.entry(key).or_default();
                    claims.add(claimed.is_some());
                }
                Claim::Effect(name, upwards) => {
                    // Where a share stands is never nowhere: the other side is wrong.
                    if statistic.name == "tipping" && figure.is_some() {
                        let claims = self.claims.entry(key.clone()).or_default();
                        claims.add(claimed == Some(!upwards));
                    }
                    let found = self.found.entry((key, name)).or_default();
                    found.part.add(claimed == Some(upwards));
                    found.expected.push(expected);
                    found.widths.extend(row.and_then(|row| half_width(row, at)));
                    let exact = exact.rows.get(place);
                    found
                        .without_noise
                        .extend(exact.and_then(|row| half_width(row, at)));
                }
                Claim::None | Claim::Slight => {}
            }
        }
    }

    fn merge(&mut self, other: Self) {
        self.releases += other.releases;
        for (at, counts) in other.counts {
            self.counts.entry(at).or_default().merge(&counts);
        }
        for (at, claims) in other.claims {
            self.claims.entry(at).or_default().merge(claims);
        }
        for (at, found) in other.found {
            let mine = self.found.entry(at).or_default();
            mine.part.merge(found.part);
            mine.expected.extend(found.expected);
            mine.widths.extend(found.widths);
            mine.without_noise.extend(found.without_noise);
        }
    }
}

impl fmt::Display for Outcomes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} releases", self.releases)?;
        for ((table, statistic, level), counts) in &self.counts {
            writeln!(f, "{table}.{statistic}, level {level}: {counts}")?;
        }
        for ((table, statistic, level), claims) in &self.claims {
            writeln!(
                f,
                "{table}.{statistic}, level {level}: false claims {claims}"
            )?;
        }
        for (((table, statistic, level), effect), found) in &self.found {
            let mean = found.expected.iter().sum::<f64>() / found.expected.len() as f64;
            writeln!(
                f,
                "{table}.{statistic}, level {level}, {effect} ({mean:.3}): found {}; half-width {:.4}, {:.4} without noise",
                found.part,
                median(&found.widths),
                median(&found.without_noise)
            )?;
        }
        Ok(())
    }
}

/// So many runs of each world, which is made when it is first needed.
#[expect(clippy::print_stdout, reason = "its figures are what a study is for")]
pub(super) fn study(
    what: &str,
    worlds: usize,
    runs: usize,
    world: impl Fn(usize) -> World + Sync,
) -> Outcomes {
    let made: Vec<OnceLock<World>> = (0..worlds).map(|_| OnceLock::new()).collect();
    let started = AtomicUsize::new(0);
    let work = || {
        let mut outcomes = Outcomes::default();
        loop {
            let at = started.fetch_add(1, Ordering::Relaxed);
            if at >= worlds * runs {
                return outcomes;
            }
            let world = made[at % worlds].get_or_init(|| world(at % worlds));
            let (_folder, project) = fresh(&world.project);
            for drawn in draws::releases_of(&project, &world.inputs, &world.coded) {
                outcomes.add(&drawn, world);
            }
        }
    };
    let mut outcomes = Outcomes::default();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        for thread in threads {
            outcomes.merge(thread.join().unwrap());
        }
    });
    println!("{what}: {worlds} organisations, {runs} runs of each");
    println!("{outcomes}");
    outcomes
}

/// An effect: table, statistic, level, a part of its name; and in what share of
/// releases it is found at least.
pub(super) type Large<'a> = (&'a str, &'a str, u32, &'a str, f64);

/// Effects that are large enough to be found in most releases.
const LARGE_ENOUGH: [Large<'_>; 7] = [
    ("business_outcomes", "difference", 0, "absence_rate", 0.8),
    ("business_outcomes", "difference", 0, "retained", 0.8),
    ("competency_progress", "change", 0, "adaptability", 0.8),
    ("competency_progress", "change", 0, "decision_making", 0.8),
    ("programme_effect", "effect", 0, "1, 2024-H1", 0.8),
    (THEMES, "change", 0, "what rises", 0.7),
    (THEMES, "log_odds_z", 1, "twice the weight", 0.7),
];

/// Four standard deviations of a share of so many: short studies have few.
fn slack(share: f64, of: u64) -> f64 {
    4.0 * (share * (1.0 - share) / of as f64).sqrt()
}

impl Outcomes {
    fn by_statistic(&self) -> BTreeMap<(&str, &str), Part> {
        let mut all: BTreeMap<(&str, &str), Part> = BTreeMap::new();
        for ((table, statistic, _), counts) in &self.counts {
            let part = all.entry((table, statistic)).or_default();
            part.merge(counts.all);
        }
        all.retain(|_, part| part.of > 0);
        all
    }

    /// Descriptive intervals hold the truth in 93 to 97 of 100 cases. People of
    /// one organisation are sampled once, so of what compares more may miss.
    pub(super) fn assert_holds(&self) {
        for (of, part) in self.by_statistic() {
            if COMPARED.contains(&of.1) {
                let least = 0.9 - slack(0.9, part.of);
                assert!(part.share() >= least, "{of:?}: {part}");
            } else {
                assert!(part.is_about_95(), "{of:?}: {part}");
            }
        }
    }

    /// Of what is not there at most 5 in 100 is claimed, and what is large
    /// enough is found.
    pub(super) fn assert_tells(&self, large_enough: &[Large<'_>]) {
        for (at, part) in &self.claims {
            let most = 0.06 + slack(0.06, part.of);
            assert!(part.share() <= most, "{at:?}: {part}");
        }
        for (table, statistic, level, word, share) in large_enough.iter().copied() {
            let mut all = Part::default();
            for ((at, effect), found) in &self.found {
                let here = (&*at.0, &*at.1, at.2) == (table, statistic, level);
                if here && effect.contains(word) {
                    all.merge(found.part);
                }
            }
            let least = share - slack(share, all.of);
            assert!(all.share() >= least, "{table}, {word}: {all}");
        }
    }
}

/// What compares and has an interval.
const COMPARED: [&str; 7] = [
    "change",
    "difference",
    "effect",
    "hedges_g",
    "lift",
    "pace_per_year",
    "reached_by",
];

#[test]
fn the_default_set() {
    let outcomes = study("the default set", 1, runs(), |_| {
        sample(ACME.measures.clone())
    });
    outcomes.assert_holds();
    outcomes.assert_tells(&LARGE_ENOUGH);
}

#[test]
fn every_measure() {
    let outcomes = study(
        "every built-in measure",
        1,
        runs(),
        |_| sample(everything()),
    );
    outcomes.assert_holds();
}

/// From this many people on all that is planted is large enough at some level …
const LARGER: usize = 60_000;

/// … for the default set.
const LARGE_ENOUGH_IN_LARGER: [Large<'_>; 8] = [
    ("business_outcomes", "difference", 1, "absence_rate", 0.8),
    ("business_outcomes", "difference", 1, "retained", 0.8),
    // With what a theme adds to one of the competencies.
    ("competency_progress", "change", 0, "", 0.8),
    ("programme_effect", "effect", 0, "absence_rate", 0.8),
    (THEMES, "change", 0, "what rises", 0.8),
    (THEMES, "lift", 1, "twice the weight", 0.8),
    (THEMES, "log_odds_z", 1, "half the weight", 0.8),
    (THEMES, "trend", 0, "what rises", 0.8),
];

/// The default set, and divisions in all of it.
fn measure_divisions(project: &mut Project) {
    for measure in &mut project.measures {
        if ["competency_progress", "programme_effect"].contains(&measure.name.as_str()) {
            measure.levels = Some(vec![0, 1]);
        }
    }
}

/// As many as asked for, of as many people, and as many runs of each.
#[test]
fn other_organisations() {
    let worlds = number("LODESTAR_STUDY_ORGANISATIONS", 1);
    let people = number("LODESTAR_STUDY_PEOPLE", 12_000);
    let what = format!("other organisations of {people} people");
    let outcomes = study(&what, worlds, runs(), |at| {
        Another::of(people, at + 1).world(|project| {
            if people >= LARGER {
                measure_divisions(project);
            }
        })
    });
    outcomes.assert_holds();
    outcomes.assert_tells(&LARGE_ENOUGH);
    if people >= LARGER {
        outcomes.assert_tells(&LARGE_ENOUGH_IN_LARGER);
    }
}
