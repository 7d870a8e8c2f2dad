//! What is told of a statistic at a level, under one policy.

use lodestar_privacy::public::{Public, Statistic, Table};
use serde::Serialize;

use super::grid::Point;
use super::sums::{OfPart, OfStatistic, Sums};
use super::truth::{Bounding, Exact, Truth, bounding};

/// How accurate one statistic is at one level, of one metric where there are
/// several, under one policy. Shares are of
/// 1; what there is nothing to tell of is `None`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Accuracy {
    /// The policy.
    #[serde(flatten)]
    pub point: Point,
    /// The measure.
    pub measure: String,
    /// Id of the metric, of tables by metric.
    pub metric: Option<String>,
    /// Of its cohorts.
    #[serde(flatten)]
    pub published: Published,
    /// Its statistic.
    pub statistic: String,
    /// The statistic's unit.
    pub unit: String,
    /// Its interval covers the sampling of people too, so that it holds the
    /// exact value more often than 95 times in 100.
    pub comparative: bool,
    /// Published rows with an exact value, of all draws.
    pub rows: u64,
    /// The share of those in which the statistic is shown.
    pub ok: Option<f64>,
    /// Of shown ones: the share whose 95 % interval holds the exact value.
    pub coverage: Option<f64>,
    /// Of all rows with an estimate, be it shown or not: the same share.
    pub coverage_unmasked: Option<f64>,
    /// Of shown ones: the mean half-width of the interval.
    pub half_width: Option<f64>,
    /// Of shown ones: the root of the mean squared error.
    pub rmse: Option<f64>,
    /// That, over the root of the mean squared exact value.
    pub relative_error: Option<f64>,
    /// Kendall's τ-b of what is shown with the exact values, over the ten keys
    /// that are most frequent in a cohort; the mean over cohorts.
    pub rank_agreement: Option<f64>,
    /// What bounding did to the exact values.
    #[serde(flatten)]
    pub bounding: Bounding,
}

/// How much of a measure's cohorts appears at a level.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Published {
    /// Level of the org tree.
    pub level: u32,
    /// Cohorts with people in them.
    pub cohorts: u64,
    /// Their people; who is in several is counted in each.
    pub people: i64,
    /// The share of the cohorts that were published as themselves, over all
    /// draws.
    pub cohorts_published: Option<f64>,
    /// The share of their people.
    pub people_published: Option<f64>,
}

/// All that is told under one policy, of so many draws.
pub(super) fn report(
    point: &Point,
    public: &Public,
    (truth, unbounded): (&Truth, &Truth),
    (sums, releases): (&Sums, u32),
) -> Vec<Accuracy> {
    let mut all = Vec::new();
    for (index, table) in public.tables.iter().enumerate() {
        let (exact, free) = (&truth.tables[index], &unbounded.tables[index]);
        let levels = &public.blocks[table.block].levels;
        for (&level, drawn) in levels.iter().zip(&sums.0[index]) {
            for (part, (metric, drawn)) in exact.parts.metrics.iter().zip(drawn).enumerate() {
                let published = Published::new(exact, (level, part), drawn, releases);
                for (at, statistic) in table.statistics.iter().enumerate() {
                    if exact.has_value((level, part), at) {
                        let place = ((level, part), at);
                        let bounding = bounding((exact, free), place, public.policy.k);
                        let whose = (point.clone(), published.clone(), bounding);
                        let of = (table, metric, statistic);
                        all.push(accuracy(whose, of, &drawn.statistics[at]));
                    }
                }
            }
        }
    }
    all
}

fn accuracy(
    (point, published, bounding): (Point, Published, Bounding),
    (table, metric, statistic): (&Table, &Option<String>, &Statistic),
    drawn: &OfStatistic,
) -> Accuracy {
    let shown = drawn.shown as f64;
    Accuracy {
        point,
        measure: table.name.clone(),
        metric: metric.clone(),
        published,
        statistic: statistic.name.clone(),
        unit: statistic.unit.clone(),
        comparative: statistic.kind.is_comparative(),
        rows: drawn.rows,
        ok: share(shown, drawn.rows as f64),
        coverage: share(drawn.held as f64, shown),
        coverage_unmasked: share(drawn.estimates_held as f64, drawn.estimated as f64),
        half_width: share(drawn.half_widths, shown),
        rmse: share(drawn.squared_errors, shown).map(f64::sqrt),
        relative_error: share(drawn.squared_errors, drawn.squared_truths).map(f64::sqrt),
        rank_agreement: share(drawn.agreement, drawn.ranked as f64),
        bounding,
    }
}

impl Published {
    fn new(exact: &Exact, at: (u32, usize), drawn: &OfPart, releases: u32) -> Self {
        // Every cohort has a row for the first key.
        let mine = exact.at(at).filter(|row| row.key == 0);
        let (cohorts, people) = mine.fold((0_u64, 0_i64), |(cohorts, people), row| {
            (cohorts + 1, people + row.size.people)
        });
        let of = |part: f64, whole: f64| share(part, whole * f64::from(releases));
        Self {
            level: at.0,
            cohorts,
            people,
            cohorts_published: of(drawn.cohorts as f64, cohorts as f64),
            people_published: of(drawn.people as f64, people as f64),
        }
    }
}

fn share(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}
