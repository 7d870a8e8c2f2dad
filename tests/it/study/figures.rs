//! What the study counts.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use lodestar::insight;
use lodestar_privacy::Public;
use lodestar_privacy::noisy::Noisy;

use crate::exact_support::truth::id;
use crate::exact_support::{Row, Truth};

/// How many of how many.
#[derive(Clone, Copy, Default)]
struct Part {
    of: u64,
    hits: u64,
}

impl Part {
    fn add(&mut self, hit: bool) {
        self.of += 1;
        self.hits += u64::from(hit);
    }

    fn merge(&mut self, other: Self) {
        self.of += other.of;
        self.hits += other.hits;
    }

    fn share(self) -> f64 {
        self.hits as f64 / self.of as f64
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2} % of {}", self.share() * 100.0, self.of)
    }
}

/// What is counted for each (name, level, period).
type Parts = BTreeMap<(&'static str, i32, String), Part>;

/// The figures of some runs.
#[derive(Default)]
pub(super) struct Figures {
    pub(super) releases: usize,
    /// Releases that show all cohorts at levels 0 and 1.
    complete: usize,
    parts: Parts,
    /// Half-widths of shown shares, by level and period.
    half_widths: BTreeMap<(i32, String), Vec<f64>>,
}

/// Rows of the codebook's pairs with status ok.
const OK: &str = "status ok";
/// Intervals of all measured cells, before `below_k`.
const ALL_N: &str = "n, all cells";
const ALL_SHARES: &str = "share, all cells";
/// … of those with nobody in them, which a clip at 0 helps.
const NOBODY: &str = "n, cells of 0";
/// Intervals of published rows.
const SHOWN_N: &str = "n, shown rows";
const SHOWN_SHARES: &str = "share, shown rows";
const COHORTS: &str = "cohort";

fn holds(interval: Option<(f64, f64)>, truth: f64) -> bool {
    let (low, high) = interval.expect("a shown row has its intervals");
    low <= truth && truth <= high
}

impl Figures {
    fn part(&mut self, name: &'static str, level: i32, period: &str, hit: bool) {
        let key = (name, level, period.to_owned());
        self.parts.entry(key).or_default().add(hit);
    }

    /// A release as it was published.
    pub(super) fn add_published(&mut self, rows: &[Row], truth: &Truth) {
        self.releases += 1;
        let shown: BTreeSet<String> = rows.iter().map(|row| row.unit.clone()).collect();
        let period = rows[0].period.as_str();
        let top = rows.iter().filter(|row| row.level <= 1);
        let top: BTreeSet<&str> = top.map(|row| row.unit.as_str()).collect();
        self.complete += usize::from(top == truth.top(period));
        let mut exact = BTreeMap::new();
        for row in rows {
            let of = || truth.cells(period, &row.unit, &shown);
            let first = !exact.contains_key(&row.unit);
            let (people, cells) = exact.entry(row.unit.clone()).or_insert_with(of);
            let people = *people as f64;
            if first {
                self.part(
                    COHORTS,
                    row.level,
                    period,
                    holds(Some(row.cohort_interval), people),
                );
            }
            if row.theme != "other" {
                self.part(OK, row.level, period, row.status == "ok");
            }
            if row.status == "ok" {
                let n = cells[truth.key(period, &row.competency, &row.theme)] as f64;
                self.part(SHOWN_N, row.level, period, holds(row.n_interval, n));
                let share = holds(row.share_interval, n / people);
                self.part(SHOWN_SHARES, row.level, period, share);
                let (low, high) = row.share_interval.expect("shown");
                let key = (row.level, period.to_owned());
                self.half_widths
                    .entry(key)
                    .or_default()
                    .push((high - low) / 2.0);
            }
        }
    }

    /// A release as it was drawn, before anything is masked.
    pub(super) fn add_drawn(&mut self, noisy: &Noisy, public: &Public, truth: &Truth) {
        let cohorts = noisy.kinds[0]
            .levels
            .iter()
            .flat_map(|level| &level.cohorts);
        let shown: BTreeSet<String> = cohorts.map(|cohort| id(public, cohort.group)).collect();
        let period = public.period.name.as_str();
        let mut exact = BTreeMap::new();
        for cell in insight::rows(noisy, public, 0) {
            let of = || truth.cells(period, &id(public, cell.group), &shown);
            let (people, cells) = exact.entry(cell.group).or_insert_with(of);
            let (people, n) = (*people as f64, cells[cell.key] as f64);
            let [count, share] = [0, 1].map(|at: usize| cell.figures[at].unmasked);
            let level = cell.level as i32;
            self.part(ALL_N, level, period, count.holds(n));
            self.part(ALL_SHARES, level, period, share.holds(n / people));
            if cells[cell.key] == 0 {
                self.part(NOBODY, level, period, count.holds(n));
            }
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.releases += other.releases;
        self.complete += other.complete;
        for (key, part) in other.parts {
            self.parts.entry(key).or_default().merge(part);
        }
        for (key, widths) in other.half_widths {
            self.half_widths.entry(key).or_default().extend(widths);
        }
    }

    /// Over some levels (`None`: all) and periods (`None`: all).
    fn sum(&self, name: &str, level: Option<i32>, period: Option<&str>) -> Part {
        let mut sum = Part::default();
        for ((mine, at, when), part) in &self.parts {
            let here = level.is_none_or(|level| level == *at);
            if *mine == name && here && period.is_none_or(|period| period == when) {
                sum.merge(*part);
            }
        }
        sum
    }

    /// The median half-width of shown shares, in points.
    fn half_width(&self, level: i32, period: Option<&str>) -> f64 {
        let mine = self
            .half_widths
            .iter()
            .filter(|((at, when), _)| *at == level && period.is_none_or(|period| period == when));
        let mut all: Vec<f64> = mine.flat_map(|(_, widths)| widths).copied().collect();
        all.sort_by(f64::total_cmp);
        all.get(all.len() / 2)
            .map_or(f64::NAN, |width| width * 100.0)
    }

    fn periods(&self) -> BTreeSet<&str> {
        let keys = self.half_widths.keys();
        keys.map(|(_, period)| period.as_str()).collect()
    }

    /// The bars. With few runs they hold just as well: the cells are many
    /// (18,000 a run), their noise is independent but for the size that a
    /// cohort's shares have in common, and that is a hundredth of a share's
    /// variance.
    pub(super) fn assert_worth_reading(&self) {
        assert_eq!(
            self.complete, self.releases,
            "hidden cohorts at levels 0 or 1"
        );
        assert!(self.sum(OK, Some(0), None).share() >= 0.95);
        assert!(self.sum(OK, Some(1), None).share() >= 0.75);
        assert!(self.half_width(0, None) <= 0.7);
        assert!(self.half_width(1, None) <= 2.0);
        for name in [ALL_N, ALL_SHARES] {
            let held = self.sum(name, None, None).share();
            assert!((0.93..=0.97).contains(&held), "{name}: {held}");
        }
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (complete, all) = (self.complete, self.releases);
        writeln!(
            f,
            "releases with all cohorts at levels 0 and 1: {complete} of {all}"
        )?;
        let periods = self.periods().into_iter().map(Some);
        let periods: Vec<Option<&str>> = periods.chain([None]).collect();
        for level in 0..=2 {
            for period in &periods {
                let (ok, width) = (
                    self.sum(OK, Some(level), *period),
                    self.half_width(level, *period),
                );
                let period = period.unwrap_or("all");
                writeln!(
                    f,
                    "level {level}, {period}: ok {ok}, half-width {width:.2} points"
                )?;
            }
        }
        for name in [ALL_N, ALL_SHARES, NOBODY, SHOWN_N, SHOWN_SHARES, COHORTS] {
            let all = self.sum(name, None, None);
            writeln!(f, "intervals, {name}: {all}")?;
            for level in 0..=2 {
                let part = self.sum(name, Some(level), None);
                writeln!(f, "    level {level}: {part}")?;
            }
        }
        Ok(())
    }
}
