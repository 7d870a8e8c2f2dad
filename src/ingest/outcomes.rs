//! Outcomes: what was measured of a person on a day, by metric.

use std::collections::HashMap;

use lodestar_privacy::public::VALUE_STEPS;
use rayon::prelude::*;

use super::batch::{Declared, Kind};
use super::cells::{Row, codes};
use super::context::Context;
use super::dates::day_of;
use super::error::IngestError;
use super::facts::PastOutcome;
use super::key::Domain;
use super::report::{Fault, Reason, SourceReport};
use crate::calendar::Period;
use crate::config::{Metric, Project};

/// The columns, in the order of the constants below.
const COLUMNS: [Declared<'_>; 4] = [
    Declared::required("person_id", Kind::Text),
    Declared::required("measured_on", Kind::Date),
    Declared::required("metric", Kind::Text),
    Declared::required("value", Kind::Number),
];
const PERSON: usize = 0;
const MEASURED: usize = 1;
const METRIC: usize = 2;
const VALUE: usize = 3;

/// Places between two of [`VALUE_STEPS`]: so finely is a row's value kept.
/// Places are added up as integers, for sums of floats depend on their order.
const FINE: i64 = 1 << 16;

/// Accepted outcomes.
#[derive(Default)]
pub(super) struct Outcomes {
    /// Person by person, then metric by metric.
    rows: Vec<Outcome>,
}

/// A sound row. The order puts what is about the same side by side, identical
/// rows next to each other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Outcome {
    person: u128,
    metric: u16,
    /// Day since 1970-01-01.
    day: i32,
    /// Keyed hash of all that the row says.
    content: u64,
    /// Where the value lies on the clip, in [`FINE`] parts of a step; outside
    /// of it below 0 or above all steps.
    place: i64,
    file: u32,
}

impl Outcome {
    /// What a row is about: one of each counts.
    fn subject(&self) -> (u128, u16, i32) {
        (self.person, self.metric, self.day)
    }
}

/// What rows are read with.
struct Reader<'a> {
    context: &'a Context<'a>,
    metrics: HashMap<&'a str, u16>,
}

impl Outcomes {
    /// Reads the source, if there is one and one of its files is wanted. Of rows
    /// about the same the one with the smallest content hash counts; only rows
    /// of one person and day are ever compared.
    pub(super) fn load(context: &Context<'_>) -> Result<(Self, Option<SourceReport>), IngestError> {
        let Project {
            sources, metrics, ..
        } = context.project;
        let reader = Reader {
            context,
            metrics: codes(metrics.iter().map(|metric| &metric.label)),
        };
        let parse = |cells: Row<'_>, file, (): &mut ()| {
            let row = reader.row(cells)?;
            Ok(Outcome { file, ..row })
        };
        let read = context.rows(sources.outcomes.as_ref(), &COLUMNS, parse, |()| ())?;
        let Some((mut rows, mut report)) = read else {
            return Ok((Self::default(), None));
        };
        rows.par_sort_unstable();
        report.settle(&mut rows, |row| row.file, |a, b| a.subject() == b.subject());
        Ok((Self { rows }, Some(report)))
    }

    /// The days of all rows.
    pub(super) fn days(&self) -> impl Iterator<Item = i32> {
        self.rows.iter().map(|row| row.day)
    }

    /// The value of everybody of whom something was measured in a span, by
    /// person and metric.
    pub(super) fn values(&self, span: Period) -> Vec<PastOutcome> {
        let days = day_of(span.start())..=day_of(span.end());
        let same = |a: &Outcome, b: &Outcome| (a.person, a.metric) == (b.person, b.metric);
        let value = |rows: &[Outcome]| {
            let within = rows.iter().filter(|row| days.contains(&row.day));
            let (value, beyond) = mean(within.map(|row| row.place))?;
            Some(PastOutcome {
                person: rows[0].person,
                metric: rows[0].metric,
                value,
                beyond,
            })
        };
        self.rows.chunk_by(same).filter_map(value).collect()
    }
}

/// The mean of places, in whole steps of the clip, and how far above it the mean
/// is; `None`: there are none.
fn mean(places: impl Iterator<Item = i64>) -> Option<(u32, u32)> {
    let add = |(sum, count), place| (sum + i128::from(place), count + 1);
    let (sum, count) = places.fold((0_i128, 0_i128), add);
    if count == 0 {
        return None;
    }
    let step = count * i128::from(FINE);
    let rounded = (2 * sum + step).div_euclid(2 * step);
    let steps = |places: i128| places.clamp(0, i128::from(VALUE_STEPS)) as u32;
    Some((steps(rounded), steps(rounded - i128::from(VALUE_STEPS))))
}

/// Where a value of the metric's range lies on its clip. The clip is at least
/// a millionth of the range, so every place is a whole number that a double
/// holds.
fn place(metric: &Metric, value: f64) -> i64 {
    let (low, high) = metric.clip;
    let steps = (VALUE_STEPS * FINE) as f64;
    ((value - low) / (high - low) * steps).round() as i64
}

impl Reader<'_> {
    /// One row; its file is the caller's.
    fn row(&self, cells: Row<'_>) -> Result<Outcome, Fault> {
        cells.batch.whole(cells.at)?;
        let context = self.context;
        let person = context.person(cells, PERSON)?;
        let day = cells.event_day(MEASURED)?;
        let code = cells.code(METRIC, &self.metrics)?;
        let metric = &context.project.metrics[usize::from(code)];
        let value = cells.number(VALUE)?;
        let value = value.ok_or_else(|| Fault::at(VALUE, Reason::Missing))?;
        let (least, most) = metric.range;
        if !(least..=most).contains(&value) {
            return Err(Fault::at(VALUE, Reason::Range));
        }
        context.placed(person, &context.standing(day), PERSON)?;
        let place = place(metric, value);
        let mut said = person.to_le_bytes().to_vec();
        said.extend(day.to_le_bytes());
        said.extend(code.to_le_bytes());
        said.extend(place.to_le_bytes());
        Ok(Outcome {
            person,
            metric: code,
            day,
            content: context.hash(Domain::Content, &said),
            place,
            file: 0,
        })
    }
}

#[cfg(test)]
mod tests {
    use lodestar_privacy::public::Label;

    use super::*;

    fn metric(range: (f64, f64), clip: (f64, f64)) -> Metric {
        let id = String::from("days");
        Metric {
            label: Label {
                label: id.clone(),
                id,
            },
            unit: String::new(),
            range,
            clip,
            higher_is_better: true,
        }
    }

    /// The step of the mean of some values.
    fn step(metric: &Metric, values: &[f64]) -> Option<u32> {
        Some(steps(metric, values)?.0)
    }

    fn steps(metric: &Metric, values: &[f64]) -> Option<(u32, u32)> {
        mean(values.iter().map(|value| place(metric, *value)))
    }

    #[test]
    fn what_is_above_the_clip_is_told_up_to_its_width() {
        let days = metric((-100.0, 100.0), (-1.0, 3.0));
        for (values, expected) in [
            (&[3.0][..], (65_536, 0)),
            (&[2.0], (49_152, 0)),
            (&[-9.0], (0, 0)),
            (&[5.0], (65_536, 32_768)),
            (&[7.0], (65_536, 65_536)),
            (&[100.0], (65_536, 65_536)),
            // That of the mean, not of each value.
            (&[-1.0, 9.0], (65_536, 16_384)),
        ] {
            assert_eq!(steps(&days, values), Some(expected), "{values:?}");
        }
    }

    #[test]
    fn a_mean_is_a_place_on_the_clip() {
        let days = metric((-1e6, 1e6), (-1.0, 3.0));
        assert_eq!(step(&days, &[]), None);
        for (values, expected) in [
            (&[-1.0][..], 0),
            (&[3.0], 65_536),
            (&[0.0], 16_384),
            (&[0.0, 1.0, 2.0], 32_768),
            // The mean is moved into the clip, not each value.
            (&[-5.0, 5.0], 16_384),
            (&[-1e6, 1e6], 16_384),
            (&[-1e6, 1e6, 1e6], 65_536),
            (&[-1e6, -1e6, 1e6], 0),
            // A third of a step, a half, two thirds.
            (&[-1.0 + 4.0 / 65_536.0 / 3.0], 0),
            (&[-1.0 + 4.0 / 65_536.0 / 2.0], 1),
            (&[-1.0, -1.0 + 4.0 / 65_536.0], 1),
            (&[-1.0 + 4.0 / 65_536.0 / 1.5], 1),
        ] {
            assert_eq!(step(&days, values), Some(expected), "{values:?}");
        }
        // The narrowest clip of the widest range.
        let wide = metric((-1e12, 1e12), (0.0, 2e6));
        let ends = [place(&wide, -1e12), place(&wide, 1e12)];
        assert_eq!(ends, [-(1 << 32) * 500_000, (1 << 32) * 500_000]);
    }
}
