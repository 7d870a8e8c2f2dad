//! What the study counts.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use lodestar::insight::{self, Status};
use lodestar_privacy::public::StatisticKind;

use crate::exact_support::Truth;
use crate::exact_support::draws::Drawn;
use crate::exact_support::sums::Cohort;
use crate::exact_support::truth::cohorts;

/// How many of how many.
#[derive(Clone, Copy, Default)]
pub(super) struct Part {
    pub(super) of: u64,
    hits: u64,
}

impl Part {
    pub(super) fn add(&mut self, hit: bool) {
        self.of += 1;
        self.hits += u64::from(hit);
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.of += other.of;
        self.hits += other.hits;
    }

    pub(super) fn share(self) -> f64 {
        self.hits as f64 / self.of as f64
    }

    /// Whether this may be a sample of something that happens in 93 to 97 of
    /// 100: with few runs there are few, so four standard deviations are allowed.
    pub(super) fn is_about_95(self) -> bool {
        let slack = 4.0 * (0.95 * 0.05 / self.of as f64).sqrt();
        (0.93 - slack..=0.97 + slack).contains(&self.share())
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2} % of {}", self.share() * 100.0, self.of)
    }
}

/// One statistic of some rows.
#[derive(Clone, Default)]
pub(super) struct Counts {
    /// Rows with status ok; by theme only those of the codebook's pairs.
    pub(super) ok: Part,
    /// Intervals that hold the truth, of all measured cells, before anything is
    /// masked. Of ratios only those of a whole that stands out from its noise:
    /// without, there is no estimate.
    pub(super) all: Part,
    /// … of those whose truth is 0 or a share of 1, which a clip helps.
    pub(super) edge: Part,
    /// … of shown rows.
    pub(super) shown: Part,
    /// Half-widths of shown intervals.
    pub(super) widths: Vec<f64>,
}

impl Counts {
    pub(super) fn merge(&mut self, other: &Self) {
        self.ok.merge(other.ok);
        self.all.merge(other.all);
        self.edge.merge(other.edge);
        self.shown.merge(other.shown);
        self.widths.extend(&other.widths);
    }

    /// The median half-width.
    pub(super) fn width(&self) -> f64 {
        median(&self.widths)
    }
}

pub(super) fn median(all: &[f64]) -> f64 {
    let mut all = all.to_vec();
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or(f64::NAN)
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "ok {}; half-width {:.4}; held: all {}, at an edge {}, shown {}",
            self.ok,
            self.width(),
            self.all,
            self.edge,
            self.shown
        )
    }
}

/// A statistic of a table, its level and period.
type Place = (String, String, i32, String);

/// The figures of some runs.
#[derive(Default)]
pub(super) struct Figures {
    pub(super) releases: usize,
    /// Releases that show all cohorts at levels 0 and 1, by table.
    complete: BTreeMap<String, usize>,
    counts: BTreeMap<Place, Counts>,
}

impl Figures {
    /// A release as it was drawn, with what is masked of it.
    pub(super) fn add(&mut self, drawn: &Drawn, truth: &Truth) {
        self.releases += 1;
        for (index, table) in drawn.public.tables.iter().enumerate() {
            let kind = drawn.public.blocks[table.block].kind;
            let levels = cohorts(&drawn.noisy, &drawn.public, kind);
            let shown = levels.concat();
            self.complete_top(drawn, &table.name, &shown, truth);
            let exact = truth.shown(&drawn.public.period.name, &table.name, &shown);
            let exact: BTreeMap<&Cohort, _> = shown.iter().zip(exact).collect();
            let rows = insight::rows(&drawn.noisy, &drawn.public, index);
            // Rows come level by level, cohort by cohort, key by key.
            let keys = drawn.public.blocks[table.block].keys.len();
            for (cohort, rows) in shown.iter().zip(rows.chunks(keys)) {
                let totals = &exact[cohort];
                let held = rows[0].size.estimate.holds(totals.people as f64);
                self.at(drawn, &table.name, "cohort", &rows[0])
                    .all
                    .add(held);
                for row in rows {
                    self.add_row(drawn, index, row, totals, truth);
                }
            }
        }
    }

    fn at(
        &mut self,
        drawn: &Drawn,
        table: &str,
        statistic: &str,
        row: &insight::Row,
    ) -> &mut Counts {
        let period = drawn.public.period.name.clone();
        let level = row.level as i32;
        let place = (table.to_owned(), statistic.to_owned(), level, period);
        self.counts.entry(place).or_default()
    }

    fn add_row(
        &mut self,
        drawn: &Drawn,
        table: usize,
        row: &insight::Row,
        totals: &crate::exact_support::sums::Totals,
        truth: &Truth,
    ) {
        let table = &drawn.public.tables[table];
        let block = &drawn.public.blocks[table.block];
        let other = block.keys[row.key].iter().any(|label| label.id == "other");
        let measure = truth.measure(&table.name);
        for (at, statistic) in table.statistics.iter().enumerate() {
            let exact = totals.value(measure.statistics[at].kind, row.key, at);
            let figure = row.figures[at];
            let counts = self.at(drawn, &table.name, &statistic.name, row);
            if !other {
                counts.ok.add(figure.status == Status::Ok);
            }
            // What is compared or marked has no exact value of its own.
            if exact.is_nan() {
                continue;
            }
            let held = figure.unmasked.holds(exact);
            let is_ratio = matches!(statistic.kind, StatisticKind::Ratio { .. });
            if !is_ratio || figure.status == Status::Ok {
                counts.all.add(held);
                let is_share = matches!(statistic.kind, StatisticKind::Share { .. });
                if exact == 0.0 || (is_share && (exact - 1.0).abs() < 1e-12) {
                    counts.edge.add(held);
                }
            }
            if let Some(shown) = figure.shown() {
                counts.shown.add(held);
                counts.widths.push((shown.high - shown.low) / 2.0);
            }
        }
    }

    /// Whether all that stands at levels 0 and 1 is shown for everybody.
    fn complete_top(&mut self, drawn: &Drawn, table: &str, shown: &[Cohort], truth: &Truth) {
        let counted = truth.table(&drawn.public.period.name, table).unwrap();
        let top = |cohort: &&Cohort| {
            let unit = counted.units.get(&cohort.0);
            let everybody = cohort.1.iter().all(|value| value == "(all)");
            everybody && unit.is_some_and(|unit| unit.standing && unit.level <= 1)
        };
        let all: BTreeSet<&Cohort> = counted.totals.keys().filter(top).collect();
        let these: BTreeSet<&Cohort> = shown.iter().filter(top).collect();
        *self.complete.entry(table.to_owned()).or_default() += usize::from(all == these);
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.releases += other.releases;
        for (table, complete) in other.complete {
            *self.complete.entry(table).or_default() += complete;
        }
        for (place, counts) in other.counts {
            self.counts.entry(place).or_default().merge(&counts);
        }
    }

    /// Over some levels (`None`: all) and periods (`None`: all).
    pub(super) fn sum(&self, of: (&str, &str), level: Option<i32>, period: Option<&str>) -> Counts {
        let mut sum = Counts::default();
        for ((table, statistic, at, when), counts) in &self.counts {
            let here = level.is_none_or(|level| level == *at);
            let named = (table.as_str(), statistic.as_str()) == of;
            if named && here && period.is_none_or(|period| period == when) {
                sum.merge(counts);
            }
        }
        sum
    }

    fn statistics(&self) -> BTreeSet<(&str, &str)> {
        let places = self.counts.keys();
        places
            .map(|(table, statistic, ..)| (&**table, &**statistic))
            .collect()
    }

    /// What holds whatever else is measured: all cohorts at the top show, and
    /// intervals hold the truth.
    pub(super) fn assert_sound(&self) {
        for (table, complete) in &self.complete {
            assert_eq!(*complete, self.releases, "{table}: hidden at levels 0 or 1");
        }
        for of in self.statistics() {
            let all = self.sum(of, None, None).all;
            if all.of == 0 {
                continue;
            }
            assert!(all.is_about_95(), "{of:?}: {all}");
        }
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (table, complete) in &self.complete {
            writeln!(
                f,
                "{table}: {complete} of {} show levels 0 and 1",
                self.releases
            )?;
        }
        for (table, statistic) in self.statistics() {
            let of = (table, statistic);
            writeln!(f, "{table}.{statistic}: {}", self.sum(of, None, None))?;
            for level in 0..=2 {
                writeln!(f, "    level {level}: {}", self.sum(of, Some(level), None))?;
                let mut periods: Vec<&str> = self.counts.keys().map(|place| &*place.3).collect();
                periods.sort_unstable();
                periods.dedup();
                for period in periods {
                    let counts = self.sum(of, Some(level), Some(period));
                    let (ok, width) = (counts.ok, counts.width());
                    writeln!(f, "        {period}: ok {ok}, half-width {width:.4}")?;
                }
            }
        }
        Ok(())
    }
}
