//! What a window will publish, and how accurate it will be, before anything
//! is spent or read: from configuration, public files and the ledger alone.

use std::collections::BTreeSet;

use lodestar_privacy::budget::{Allotment, BudgetError, Design, Owed, Purpose, Purse};
use lodestar_privacy::ledger::{LedgerError, Records, purse};
use lodestar_privacy::levels::Expected;
use lodestar_privacy::public::{FACTOR_MOST, Public, Statistic, Table};
use serde::Serialize;

use crate::config::Project;
use crate::ingest::{IngestError, Org};
use crate::insight::figure::{expected_half_width, noise_of, widest};
use crate::night::smallest_cohorts;
use crate::schedule::{self, Window};

/// Sizes of cohorts at which errors are predicted.
pub const COHORT_SIZES: [u32; 4] = [30, 100, 300, 1000];

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// A measure without a level.
    #[error("{0}")]
    Unmeasured(String),
    /// See [`IngestError`]: public files only.
    #[error(transparent)]
    Ingest(#[from] IngestError),
    /// See [`BudgetError`].
    #[error(transparent)]
    Budget(#[from] BudgetError),
    /// See [`LedgerError`].
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl PlanError {
    /// The program's exit code.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Unmeasured(_) => 2,
            Self::Ingest(error) => error.exit_code(),
            Self::Budget(BudgetError::Exhausted { .. } | BudgetError::Closed { .. }) => 4,
            Self::Budget(_) => 1,
            Self::Ledger(_) => 6,
        }
    }
}

/// The plan of one window.
#[derive(Clone, Debug, Serialize)]
pub struct WindowPlan {
    /// `2025`.
    pub window: String,
    /// ε of the window.
    pub epsilon: f64,
    /// δ of the window.
    pub delta: f64,
    /// ρ of the window, in 1e-6.
    pub rho_micro: u64,
    /// ρ spent, in 1e-6.
    pub spent_rho_micro: u64,
    /// Periods still to be released, oldest first.
    pub due: Vec<String>,
    /// A revision can still take the spare.
    pub spare: bool,
    /// The releases to come, oldest first; those that publish the same are one.
    pub releases: Vec<ReleasePlan>,
}

/// The plan of one release, or of several that publish the same.
#[derive(Clone, Debug, Serialize)]
pub struct ReleasePlan {
    /// `2025-Q3`; the numbers are the first one's, and the others get as much if
    /// nothing changes.
    pub periods: Vec<String>,
    /// ρ, in 1e-6.
    pub rho_micro: u64,
    /// ε that it converts to alone.
    pub epsilon: f64,
    /// Table by table, level by level.
    pub tables: Vec<LevelPlan>,
    /// Family by family.
    pub bounds: Vec<BoundsPlan>,
}

/// What is spent to tell how much the bounds of a family of cohorts cut off.
#[derive(Clone, Debug, Serialize)]
pub struct BoundsPlan {
    /// `coachees`.
    pub cohorts: String,
    /// How many there are.
    pub bounds: usize,
    /// ρ for all of them, in 1e-6.
    pub rho_micro: u64,
    /// Standard deviation of the noise on what is lost, in people who lose the
    /// most that is told apart.
    pub sigma: f64,
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

/// Plans every window that has a period to be released, up to the one that
/// holds the next.
pub fn plan(project: &Project, org: &Org, records: &Records) -> Result<Vec<WindowPlan>, PlanError> {
    plan_at(project, org, records, &COHORT_SIZES)
}

/// The same, with errors in cohorts of other sizes.
pub fn plan_at(
    project: &Project,
    org: &Org,
    records: &Records,
    sizes: &[u32],
) -> Result<Vec<WindowPlan>, PlanError> {
    let Some(mut period) = schedule::next(project, records) else {
        return Ok(Vec::new());
    };
    let mut plans = Vec::new();
    loop {
        let window = Window::of(project, org, records, &period)?;
        if let Some(plan) = window_plan(records, &window, sizes)? {
            plans.push(plan);
        }
        let after = crate::calendar::Period::containing(
            window.window.next().start(),
            project.calendar.every,
            project.calendar.year_starts,
        );
        // Without a last period the plan ends with the window at hand.
        match project.calendar.last {
            Some(last) if after <= last => period = after,
            _ => return Ok(plans),
        }
    }
}

fn window_plan(
    records: &Records,
    window: &Window,
    sizes: &[u32],
) -> Result<Option<WindowPlan>, PlanError> {
    let mut left: Vec<(&Public, bool)> = window
        .periods
        .iter()
        .map(|(_, public, due)| (public, *due))
        .collect();
    let Some((public, _)) = left.iter().find(|(_, due)| *due) else {
        return Ok(None);
    };
    let purse: Purse = purse(records, public)?;
    let due = left.iter().filter(|(_, due)| *due);
    let due = due.map(|(public, _)| public.period.name.clone()).collect();
    let spent = records.spent(&window.window.name());
    let mut so_far = spent;
    let mut releases: Vec<ReleasePlan> = Vec::new();
    // As the nights will go, one due period after the other.
    for at in 0..left.len() {
        let ((public, true), Some(owed)) = (left[at], Owed::new(&left)) else {
            continue;
        };
        if let Some(problem) = crate::declare::unmeasured(public) {
            return Err(PlanError::Unmeasured(problem));
        }
        let allotment = Allotment::new(public, &purse, &so_far, &owed, Purpose::Planned)?;
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
        releases.push(ReleasePlan {
            periods: vec![name],
            rho_micro: allotment.rho_micro(),
            epsilon: purse
                .epsilon_of(allotment.rho_micro())
                .map_err(BudgetError::from)?,
            tables: levels(public, &design, sizes),
            bounds: bounds(public, &design),
        });
    }
    Ok(Some(WindowPlan {
        window: window.window.name(),
        epsilon: purse.epsilon,
        delta: purse.delta_femto as f64 / 1e15,
        rho_micro: purse.rho_micro,
        spent_rho_micro: spent.rho_micro,
        due,
        spare: !spent.spare_used,
        releases,
    }))
}

impl ReleasePlan {
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

/// The noise that is to be expected once all levels are combined, if all units
/// show: standard deviations, of a level the root of their mean square.
struct Combined {
    /// `[kind][level]`.
    sizes: Vec<Vec<f64>>,
    /// `[block][measured level]`.
    cells: Vec<Vec<f64>>,
}

impl Combined {
    fn new(public: &Public, design: &Design) -> Self {
        let expected = (0..public.kinds.len()).map(|kind| Expected::new(public, kind));
        let expected: Vec<Expected> = expected.collect();
        let sizes = expected
            .iter()
            .zip(&design.sizes)
            .map(|(expected, levels)| {
                let drawn = |level: u32| levels[level as usize].sigma.powi(2);
                expected
                    .variances(drawn)
                    .into_iter()
                    .map(f64::sqrt)
                    .collect()
            });
        let blocks = public.blocks.iter().zip(&design.cells);
        let cells = blocks.map(|(block, noises)| {
            let drawn = |level: u32| {
                let mut levels = block.levels.iter().zip(noises);
                let known = levels.find(|(known, _)| **known == level);
                known.map_or(f64::INFINITY, |(_, noise)| noise.sigma.powi(2))
            };
            let variances = expected[block.kind].variances(drawn);
            let levels = block.levels.iter();
            levels
                .map(|&level| variances[level as usize].sqrt())
                .collect()
        });
        Self {
            sizes: sizes.collect(),
            cells: cells.collect(),
        }
    }
}

fn levels(public: &Public, design: &Design, sizes: &[u32]) -> Vec<LevelPlan> {
    let combined = Combined::new(public, design);
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
                .filter_map(|one| statistic(public, &combined, table, one, (level, sizes)));
            plans.push(LevelPlan {
                table: table.name.clone(),
                level,
                units: units.count(),
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

/// ρ of all vectors that a table reads at a level.
fn rho(public: &Public, design: &Design, table: &Table, level: u32) -> u64 {
    let others = table.statistics.iter().flat_map(|one| {
        let beside = one.kind.units();
        std::iter::once(public.reads(table, one)).chain(beside)
    });
    let blocks: BTreeSet<usize> = others.chain([table.block]).collect();
    let rho = |block: usize| {
        let levels = public.blocks[block].levels.iter();
        let mut noises = levels.zip(&design.cells[block]);
        noises.find_map(|(known, noise)| (*known == level).then_some(noise.rho_micro))
    };
    blocks.into_iter().filter_map(rho).sum()
}

/// The statistics of a table; by metric, each of every metric apart.
fn by_metric(public: &Public, table: &Table) -> Vec<(Option<String>, Statistic)> {
    let one = |statistic: &Statistic| (None, statistic.clone());
    let Some(place) = table.dimensions.iter().position(|name| name == "metric") else {
        return table.statistics.iter().map(one).collect();
    };
    let mut metrics: Vec<(String, usize)> = Vec::new();
    for (row, &key) in table.rows.iter().enumerate() {
        let metric = public.labels(table, key, 0)[place].id.clone();
        if metrics.iter().all(|(known, _)| *known != metric) {
            metrics.push((metric, row));
        }
    }
    let of = |(_, row): &(String, usize), statistic: &Statistic| Statistic {
        kind: statistic.kind.of_row(*row).clone(),
        ..statistic.clone()
    };
    let all = metrics.iter().flat_map(|metric| {
        let mine = table.statistics.iter();
        mine.map(move |one| (Some(metric.0.clone()), of(metric, one)))
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
