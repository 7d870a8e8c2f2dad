//! The claims of `dim_bound`, and of how it was measured.

use arrow::array::{Array, Float64Array, RecordBatch, StringArray};

use lodestar_privacy::public::{FACTOR_MOST, VALUE_STEPS};

use super::super::bounds::{CLIP, MAX_CELLS, NAME};
use super::super::manifest::v1;
use super::{Finding, MANIFEST, covers, note};
use crate::insight::Status;

/// What is charged for them, in 1e-6.
pub(super) fn rho_micro(release: &v1::Release) -> impl Iterator<Item = u64> + '_ {
    release.bounds.iter().map(|one| one.rho_micro)
}

/// Whether the noise on what bounds cut off is what its ρ and its bounds ask for.
pub(super) fn verify_noise(release: &v1::Release, findings: &mut Vec<Finding>) {
    let is_sound = |one: &v1::Bounds| {
        let numbers = f64::from(one.keys_a_person) * one.bounds.len() as f64;
        // Text may have rounded the last digit.
        let least = numbers.sqrt() * f64::from(FACTOR_MOST) * (1.0 - 1e-9);
        let mut kinds = release.cohorts.iter();
        let kind = kinds.find(|kind| kind.name == one.cohort);
        kind.is_some_and(|kind| fits(one.keys_a_person, kind.cohorts_a_person))
            && one.sensitivity >= least
            && covers(one.rho_micro, one.sensitivity, one.sigma)
            && one.bounds.iter().all(|bound| is_known(release, one, bound))
    };
    for one in release.bounds.iter().filter(|one| !is_sound(one)) {
        let text = format!(
            "the noise on what bounds of {} cut off is not what its ρ and its bounds ask for",
            one.cohort
        );
        note(findings, MANIFEST, text);
    }
}

/// Whether a person with so many keys is in so many cohorts: in those of each key,
/// and of `(all)` of them if there is one, by value and over all of every dimension.
fn fits(keys: u32, cohorts: u32) -> bool {
    let keys = u64::from(keys);
    let by_value =
        |of_all: u64| (0..32).any(|dimensions| of_all << dimensions == u64::from(cohorts));
    keys > 0 && (by_value(keys) || by_value(keys + 1))
}

/// Whether a bound is that of a vector of the cohorts, or of their keys.
fn is_known(release: &v1::Release, of: &v1::Bounds, bound: &v1::Bound) -> bool {
    let vector = bound.vector.as_ref().map(|name| {
        let mut vectors = release.vectors.iter();
        vectors.find(|vector| vector.name == *name && vector.cohort == of.cohort)
    });
    let fits = match (bound.bound.as_str(), vector) {
        (MAX_CELLS, None) => bound.most == i64::from(of.keys_a_person),
        (MAX_CELLS, Some(Some(vector))) => bound.most == i64::from(vector.max_cells),
        (CLIP, Some(Some(vector))) => {
            let mut coordinates = vector.coordinates.iter();
            coordinates.any(|one| one.bounds.last() == Some(&bound.most))
        }
        _ => false,
    };
    fits && bound.most > 0 && bound.more > 0
}

/// Whether each row is of a bound that was measured, and its share is one.
pub(super) fn verify_rows(release: &v1::Release, batch: &RecordBatch, findings: &mut Vec<Finding>) {
    let file = format!("{NAME}.parquet");
    match rows(batch) {
        None => note(findings, &file, "holds something else than bounds"),
        Some(rows) => {
            if !rows.iter().all(|row| row.release_id == release.release_id) {
                note(findings, &file, "has a row of another release");
            }
            if !rows.iter().all(|row| row.is_measured(release)) {
                note(findings, &file, "has a bound that was not measured");
            }
            if !rows.iter().all(Row::is_possible) {
                note(
                    findings,
                    &file,
                    "has a share that is none, or not as its status says",
                );
            }
        }
    }
}

/// A row of the table.
struct Row<'a> {
    release_id: &'a str,
    measure: &'a str,
    bound: &'a str,
    statistic: Option<&'a str>,
    metric: Option<&'a str>,
    limit: f64,
    /// The lower end, the share, and the upper end.
    share: [Option<f64>; 3],
    status: &'a str,
}

fn rows(batch: &RecordBatch) -> Option<Vec<Row<'_>>> {
    let text =
        |name| -> Option<&StringArray> { batch.column_by_name(name)?.as_any().downcast_ref() };
    let number =
        |name| -> Option<&Float64Array> { batch.column_by_name(name)?.as_any().downcast_ref() };
    let (release_ids, measures, bounds) = (text("release_id")?, text("measure")?, text("bound")?);
    let (statistics, metrics) = (text("statistic")?, text("metric")?);
    let statuses = text("status")?;
    let limits = number("limit")?;
    let shares = [
        number("lost_share_low")?,
        number("lost_share")?,
        number("lost_share_high")?,
    ];
    let row = |at: usize| Row {
        release_id: release_ids.value(at),
        measure: measures.value(at),
        bound: bounds.value(at),
        statistic: (!statistics.is_null(at)).then(|| statistics.value(at)),
        metric: (!metrics.is_null(at)).then(|| metrics.value(at)),
        limit: limits.value(at),
        share: shares.map(|share| (!share.is_null(at)).then(|| share.value(at))),
        status: statuses.value(at),
    };
    Some((0..batch.num_rows()).map(row).collect())
}

impl Row<'_> {
    /// Whether the release measured what is cut off at this limit.
    fn is_measured(&self, release: &v1::Release) -> bool {
        let mut tables = release.tables.iter();
        let Some(table) = tables.find(|table| table.name == self.measure) else {
            return false;
        };
        let parameters = table.parameters.as_ref();
        let mut statistics = parameters.iter().flat_map(|one| &one.statistics);
        // Saturates, and is then no bound of any release.
        let in_steps = |steps: f64| (self.limit * steps).round() as i64;
        let most = match (self.bound, self.statistic, self.metric) {
            (MAX_CELLS, None, None) => Some(in_steps(1.0)),
            (CLIP, Some(name), None) => {
                let clipped = statistics.find(|one| one.name == name);
                clipped.map(|one| in_steps(one.steps))
            }
            // Its values are places on the clip.
            (CLIP, None, Some(_)) => Some(VALUE_STEPS),
            _ => None,
        };
        let mut bounds = release.bounds.iter().flat_map(|one| &one.bounds);
        bounds.any(|one| one.bound == self.bound && Some(one.most) == most)
    }

    /// Whether there is a share where the status says so, within its interval.
    fn is_possible(&self) -> bool {
        match self.share {
            [Some(low), Some(share), Some(high)] => {
                // There is noise on every share, but what is cut off.
                let is_wide = low < high || low <= 0.0 || high >= 1.0;
                let is_held = 0.0 <= low && low <= share && share <= high && high <= 1.0;
                is_held && is_wide && self.status == Status::Ok.text()
            }
            [None, None, None] => self.status == Status::TooUncertain.text(),
            _ => false,
        }
    }
}
