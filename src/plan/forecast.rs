//! How accurate every release of a window will be: what its share of the budget
//! buys, and what levels tell of each other.

use std::collections::BTreeSet;

use lodestar_privacy::Released;
use lodestar_privacy::budget::{Allotment, Appetite, Design, Owed, Purpose, Purse, Spent};
use lodestar_privacy::ledger::{Records, purse};
use lodestar_privacy::levels::Splits;
use lodestar_privacy::public::{FACTOR_MOST, Public, Statistic, Table};
use serde::Serialize;

use super::combined::{Combined, Earlier};
use super::guess::guesses;
use super::{BoundsPlan, PlanError};
use crate::calendar::Period;
use crate::config::Project;
use crate::ingest::Org;
use crate::insight::figure::{expected_half_width, noise_of, widest};
use crate::night::smallest_cohorts;
use crate::publish;
use crate::schedule::{self, Window};

/// What plans are made from, beside the configuration.
#[derive(Debug)]
pub struct Basis<'a> {
    org: &'a Org,
    records: Records,
    earlier: Earlier,
    splits: Splits,
}

impl<'a> Basis<'a> {
    /// Of the declared units, a ledger's records, and what its releases published.
    pub fn new(org: &'a Org, records: Records, released: &[Released]) -> Result<Self, PlanError> {
        Ok(Self {
            org,
            records,
            earlier: publish::shown(released)?,
            splits: Splits::default(),
        })
    }

    /// The same, if nothing had been spent yet.
    #[must_use]
    pub fn unspent(self) -> Self {
        Self {
            records: Records::default(),
            ..self
        }
    }
}

/// One window as its nights will go.
pub(super) struct Course {
    pub(super) window: Window,
    pub(super) purse: Purse,
    pub(super) spent: Spent,
    /// Oldest first; those that publish the same are one.
    pub(super) releases: Vec<Forecast>,
}

/// What a release publishes, or several that publish the same: of the first of
/// them.
pub(super) struct Forecast {
    pub(super) periods: Vec<String>,
    pub(super) rho_micro: u64,
    pub(super) tables: Vec<LevelPlan>,
    pub(super) bounds: Vec<BoundsPlan>,
}

/// What one table publishes at one level.
#[derive(Clone, Debug, Serialize)]
pub struct LevelPlan {
    /// `theme_prevalence`.
    pub table: String,
    /// Level of the org tree.
    pub level: u32,
    /// Standing units there.
    pub units: usize,
    /// What an earlier release lets expect to show of it, or head-counts do; `None`:
    /// nothing is known, and all of its units are taken to show.
    pub expects: Option<Expects>,
    /// Rows a unit.
    pub cells: usize,
    /// ρ for the vectors that it reads, in 1e-6: tables that read the same pay
    /// it once.
    pub rho_micro: u64,
    /// Standard deviation of the noise on a cohort's size, all levels combined.
    pub sigma_size: f64,
    /// A cohort appears with probability one half at this many people, beyond
    /// the largest caseload where the coach rule holds.
    pub smallest_cohort: i64,
    /// One a statistic.
    pub statistics: Vec<StatisticPlan>,
}

/// Where what is expected comes from, if not from a release: from the people that
/// units say to have.
pub const HEADCOUNTS: &str = "headcount";

/// What is expected to show of a level.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Expects {
    /// The period of the release that lets expect it, or [`HEADCOUNTS`].
    pub from: String,
    /// Units, be it in part, and not only in a group.
    pub units: usize,
}

/// How accurate one statistic will be at one level.
#[derive(Clone, Debug, Serialize)]
pub struct StatisticPlan {
    /// `share`.
    pub statistic: String,
    /// Id of the metric that it is of, whose range its error depends on; `None`
    /// of tables that are not by metric.
    pub metric: Option<String>,
    /// `share`, `minutes`.
    pub unit: String,
    /// Standard deviation of the noise on what is summed over a cohort, all levels
    /// combined: people, or a mean's unit; of a ratio the bound of one person.
    pub sigma: f64,
    /// Half-width of the 95 % interval at cohorts of [`COHORT_SIZES`] people, or of
    /// those that were asked for, in
    /// the statistic's unit.
    pub half_widths: Vec<f64>,
    /// Above this it is not shown; `None` of a count, which its share decides.
    pub widest: Option<f64>,
}

/// Every window that has a period to be released, up to the one that holds the
/// next; with errors in cohorts of some sizes.
pub(super) fn courses(
    project: &Project,
    basis: &Basis<'_>,
    sizes: &[u32],
) -> Result<Vec<Course>, PlanError> {
    let Some(mut period) = schedule::next(project, &basis.records) else {
        return Ok(Vec::new());
    };
    let mut courses = Vec::new();
    loop {
        let window = Window::of(project, basis.org, &basis.records, &period)?;
        let first = window.window.next().start();
        courses.extend(course(project, basis, window, sizes)?);
        let calendar = &project.calendar;
        let after = Period::containing(first, calendar.every, calendar.year_starts);
        // Without a last period the plan ends with the window at hand.
        match calendar.last {
            Some(last) if after <= last => period = after,
            _ => return Ok(courses),
        }
    }
}

fn course(
    project: &Project,
    basis: &Basis<'_>,
    window: Window,
    sizes: &[u32],
) -> Result<Option<Course>, PlanError> {
    let Some((_, public, _)) = window.periods.iter().find(|(.., due)| *due) else {
        return Ok(None);
    };
    let purse = purse(&basis.records, public)?;
    let spent = basis.records.spent(&window.window.name());
    let mut so_far = spent;
    let periods = window.periods.iter();
    let mut left: Vec<(Appetite, bool)> = periods
        .map(|(_, public, due)| (Appetite::with(public, &basis.splits), *due))
        .collect();
    let mut releases: Vec<Forecast> = Vec::new();
    // As the nights will go, one due period after the other.
    for (at, (period, public, due)) in window.periods.iter().enumerate() {
        let (true, Some(owed)) = (*due, Owed::of(&left)) else {
            continue;
        };
        if let Some(problem) = crate::declare::unmeasured(public) {
            return Err(PlanError::Unmeasured(problem));
        }
        let mine = (public, &left[at].0);
        let allotment = Allotment::of(mine, &purse, &so_far, &owed, Purpose::Planned)?;
        so_far.rho_micro += allotment.rho_micro();
        so_far.delta_femto += allotment.delta_femto();
        left[at].1 = false;
        let name = public.period.name.clone();
        let alike = releases.iter_mut().find(|known| known.publishes(public));
        if let Some(known) = alike {
            known.periods.push(name);
            continue;
        }
        let design = Design::new(public, &allotment)?;
        let guesses = guesses(project, basis.org, *period, public);
        let combined = Combined::new(public, &design, &basis.earlier, &guesses);
        releases.push(Forecast {
            periods: vec![name],
            rho_micro: allotment.rho_micro(),
            tables: levels(public, &design, &combined, sizes),
            bounds: bounds(public, &design),
        });
    }
    Ok(Some(Course {
        window,
        purse,
        spent,
        releases,
    }))
}

impl Forecast {
    /// Whether a release has the same tables, levels and rows.
    fn publishes(&self, public: &Public) -> bool {
        let mine = self.tables.iter();
        let mine = mine.map(|level| (level.table.as_str(), level.level, level.cells));
        let tables = public.tables.iter().flat_map(|table| {
            let cells = public.rows_a_unit(table);
            let levels = public.blocks[table.block].levels.iter();
            levels.map(move |level| (table.name.as_str(), *level, cells))
        });
        mine.eq(tables)
    }
}

fn bounds(public: &Public, design: &Design) -> Vec<BoundsPlan> {
    let all = public.bounds.iter().zip(&design.bounds);
    let all = all.map(|(declared, noise)| BoundsPlan {
        cohorts: public.kinds[declared.kind].name.clone(),
        bounds: declared.bounds.len(),
        rho_micro: noise.rho_micro,
        // From −factor to factor is from none to the most.
        sigma: noise.sigma / f64::from(FACTOR_MOST) / 2.0,
    });
    all.collect()
}

fn levels(public: &Public, design: &Design, combined: &Combined, sizes: &[u32]) -> Vec<LevelPlan> {
    let mut plans = Vec::new();
    for table in &public.tables {
        let block = &public.blocks[table.block];
        let smallest = smallest_cohorts(design, public, block.kind);
        let tree = public.tree(block.kind);
        for &level in &block.levels {
            let units = tree
                .at_level(level)
                .filter(|&unit| tree.unit(unit).standing);
            let statistics = by_metric(public, table).into_iter();
            let statistics = statistics
                .filter_map(|one| statistic(public, combined, table, one, (level, sizes)));
            plans.push(LevelPlan {
                table: table.name.clone(),
                level,
                units: units.count(),
                expects: combined.shown[block.kind][level as usize].clone(),
                cells: public.rows_a_unit(table),
                rho_micro: rho(public, design, table, level),
                sigma_size: combined.sizes[block.kind][level as usize],
                smallest_cohort: smallest[level as usize],
                statistics: statistics.collect(),
            });
        }
    }
    plans
}

/// ρ of all vectors that a table reads at a level, and of finding their keys.
fn rho(public: &Public, design: &Design, table: &Table, level: u32) -> u64 {
    let others = table.statistics.iter().flat_map(|one| {
        let beside = one.kind.units();
        std::iter::once(public.reads(table, one)).chain(beside)
    });
    let blocks: BTreeSet<usize> = others.chain([table.block]).collect();
    let rho = |block: usize| {
        let levels = public.blocks[block].levels.iter();
        let mut noises = levels.zip(&design.cells[block]);
        let measured = noises.find(|(known, _)| **known == level)?.1.rho_micro;
        let rounds = design.searches[block].iter();
        let found: u64 = rounds.map(|round| round.noise.rho_micro).sum();
        Some(measured + found)
    };
    blocks.into_iter().filter_map(rho).sum()
}

/// The statistics of a table; by metric, each of every metric apart.
fn by_metric(public: &Public, table: &Table) -> Vec<(Option<String>, Statistic)> {
    let metrics = public.metrics(table);
    if metrics.is_empty() {
        let all = table.statistics.iter();
        return all.map(|statistic| (None, statistic.clone())).collect();
    }
    let of = |row: usize, statistic: &Statistic| Statistic {
        kind: statistic.kind.of_row(row).clone(),
        ..statistic.clone()
    };
    let all = metrics.iter().flat_map(|(metric, rows)| {
        let mine = table.statistics.iter();
        mine.map(move |one| (Some(metric.clone()), of(rows[0], one)))
    });
    all.collect()
}

/// How accurate a statistic will be at a level; `None` of what has no error of
/// its own, or whose vector is not measured there.
fn statistic(
    public: &Public,
    combined: &Combined,
    table: &Table,
    (metric, one): (Option<String>, Statistic),
    (level, sizes): (u32, &[u32]),
) -> Option<StatisticPlan> {
    let one = &one;
    let reads = public.reads(table, one);
    let block = &public.blocks[reads];
    let place = block.levels.iter().position(|known| *known == level)?;
    let sigma = combined.cells[reads][place];
    let size = *combined.sizes[block.kind].get(level as usize)?;
    let half_width = |people: u32| {
        expected_half_width(one, block, sigma, size, f64::from(people)).unwrap_or(f64::INFINITY)
    };
    Some(StatisticPlan {
        statistic: one.name.clone(),
        metric,
        unit: one.unit.clone(),
        sigma: noise_of(one, block, sigma)?,
        half_widths: sizes.iter().map(|&size| half_width(size)).collect(),
        widest: widest(one),
    })
}
