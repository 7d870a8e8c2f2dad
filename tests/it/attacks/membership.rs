//! Was this person coached? Differences over levels, tables and releases.
//!
//! Known: every row about everybody else, what the person would have said, the
//! program. Published: two quarters, with all tables. The attacker runs the program
//! without noise on both organisations, so knows by how much each number differs, and
//! adds up what is published with the weights that tell best: each by how much it
//! differs, in units of its interval.

use std::sync::OnceLock;

use super::guess::Apart;
use super::office::{Office, guarded};
use super::stand::{Figure, Figures, Stand, repeated};
use crate::support::short_or_full;

const QUARTERS: [&str; 2] = ["2024-Q1", "2024-Q2"];

/// People of each unit: all of them show.
const PEOPLE: usize = 150;

/// One organisation: its quarters without noise, and as released again and again.
struct Side {
    exact: Vec<Figures>,
    released: Vec<Vec<Figures>>,
    /// What each quarter is charged.
    rho: Vec<f64>,
}

/// An organisation, and the same without one person.
pub(super) struct Pair {
    with: Side,
    without: Side,
}

impl Pair {
    fn new(epsilon: f64, draws: usize) -> Self {
        let mut office = Office::empty();
        for unit in ["a1", "a2", "b1", "b2"] {
            office.crowd(unit, PEOPLE);
        }
        let side = |office: &Office| {
            let sample = office.sample(&guarded(epsilon));
            let stands = QUARTERS.map(|quarter| Stand::new(&sample, quarter));
            let figures = |stand: &Stand| stand.release().figures();
            Side {
                exact: stands.iter().map(|stand| stand.exact().figures()).collect(),
                released: repeated(draws, || stands.iter().map(figures).collect()),
                rho: stands.iter().map(|stand| stand.release().rho()).collect(),
            }
        };
        let without = side(&office);
        office.victim();
        let with = side(&office);
        Self { with, without }
    }

    /// At ε = 4 a window: drawn once for all tests.
    pub(super) fn guarded() -> &'static Self {
        static PAIR: OnceLock<Pair> = OnceLock::new();
        PAIR.get_or_init(|| Self::new(4.0, short_or_full(80, 2_000)))
    }

    /// What some quarters are charged.
    pub(super) fn rho(&self, quarters: usize) -> f64 {
        self.with.rho[..quarters].iter().sum()
    }

    /// The first quarter of the organisation with the person, without noise; and all
    /// releases of it.
    pub(super) fn first_quarter(&self) -> (&Figures, impl Iterator<Item = &Figures>) {
        let released = self.with.released.iter().map(|quarters| &quarters[0]);
        (&self.with.exact[0], released)
    }

    /// What an attack makes of releases of either side, from the first so many quarters.
    pub(super) fn scores(&self, attack: Attack, quarters: usize) -> [Vec<f64>; 2] {
        let exact = |side: &Side| -> Vec<Figures> { side.exact.iter().map(attack).collect() };
        let known = (exact(&self.with), exact(&self.without));
        [&self.with, &self.without].map(|side| {
            let one = |released: &Vec<Figures>| {
                let seen = released[..quarters].iter().enumerate();
                seen.map(|(at, seen)| score(&attack(seen), &known.0[at], &known.1[at]))
                    .sum()
            };
            side.released.iter().map(one).collect()
        })
    }
}

/// What is looked at of what is published.
type Attack = fn(&Figures) -> Figures;

/// How far what is seen lies towards the one and away from the other.
fn score(seen: &Figures, with: &Figures, without: &Figures) -> f64 {
    let told = seen.iter().filter_map(|(of, figure)| {
        let (a, b) = (with.get(of)?.value, without.get(of)?.value);
        let known = figure.half > 0.0;
        known.then(|| (a - b) * (figure.value - f64::midpoint(a, b)) / figure.half.powi(2))
    });
    told.sum()
}

/// The themes of the person's own unit.
fn own(all: &Figures) -> Figures {
    let mut mine = all.clone();
    mine.retain(|[table, unit, ..], _| table == "theme_prevalence" && unit == "a1");
    mine
}

/// The unit as its division less its sibling, and as all less everybody else: numbers
/// of people with a theme, and sizes.
fn levels(all: &Figures) -> Figures {
    let mut found = Figures::new();
    for (of, whole) in all {
        let [table, unit, key, statistic] = of;
        let rest: &[&str] = match unit.as_str() {
            "a" => &["a2"],
            "Acme" => &["a2", "b"],
            _ => continue,
        };
        if !["n", "cohort"].contains(&statistic.as_str()) {
            continue;
        }
        let part = |unit: &&str| {
            let part = [table, *unit, key, statistic].map(str::to_owned);
            all.get(&part).copied()
        };
        let Some(parts) = rest.iter().map(part).collect::<Option<Vec<Figure>>>() else {
            continue;
        };
        let value = whole.value - parts.iter().map(|part| part.value).sum::<f64>();
        let squares = parts.iter().map(|part| part.half.powi(2)).sum::<f64>();
        let half = (whole.half.powi(2) + squares).sqrt();
        found.insert(of.clone(), Figure { value, half });
    }
    found
}

/// Every table's rows of the person's own unit.
fn tables(all: &Figures) -> Figures {
    let mut mine = all.clone();
    mine.retain(|[_, unit, ..], _| unit == "a1");
    mine
}

/// Every number that is published.
pub(super) fn everything(all: &Figures) -> Figures {
    all.clone()
}

/// Each with the number of releases that it reads.
const ATTACKS: [(&str, Attack, usize); 5] = [
    ("themes of one unit", own, 1),
    ("differences over levels", levels, 1),
    ("all tables of one unit", tables, 1),
    ("all numbers of a release", everything, 1),
    ("all numbers of two releases", everything, 2),
];

#[test]
fn nobody_is_found_by_differences_over_levels_tables_and_releases() {
    let pair = Pair::guarded();
    for (what, attack, quarters) in ATTACKS {
        let [with, without] = pair.scores(attack, quarters);
        Apart::of(&with, &without).is_within(pair.rho(quarters), what);
    }
}

#[test]
fn the_same_differences_find_somebody_whom_no_guarantee_protects() {
    let pair = Pair::new(4e3, 6);
    for (what, attack, quarters) in ATTACKS {
        let [with, without] = pair.scores(attack, quarters);
        let apart = Apart::of(&with, &without);
        assert!(apart.by() > 6.0, "{what}: {apart:?}");
        let line = with
            .iter()
            .fold(f64::INFINITY, |least, score| least.min(*score));
        assert!(without.iter().all(|score| *score < line), "{what}");
    }
}
