//! The claims of each row: k, order, intervals, status.

use std::collections::{BTreeMap, HashMap};

use arrow::array::{
    Array, Date32Array, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray,
};

use lodestar_privacy::public::{Block, Rule, Statistic, StatisticKind};

use super::super::centre::{centre, is_near};
use super::super::manifest::{v1, vectors};
use super::super::noise::{Noises, SIZE, Whom};
use super::super::schema::Form;
use super::content::Tree;

use super::{Finding, note};
use crate::insight::figure::{figure_around, possible};
use crate::insight::{Estimate, Size, Status};

/// What the rows of one release must agree with.
pub(super) struct Release<'a> {
    /// First and last day, since 1970-01-01, of each of its spans by name.
    pub(super) spans: HashMap<String, (i32, i32)>,
    pub(super) k: u32,
    /// With the noise, where one release is verified.
    pub(super) stated: Option<(&'a v1::Release, &'a Noises)>,
}

/// The columns of a table of facts.
struct Columns<'a> {
    release_id: &'a StringArray,
    period: &'a StringArray,
    start: &'a Date32Array,
    end: &'a Date32Array,
    unit: &'a StringArray,
    unit_label: &'a StringArray,
    level: &'a Int32Array,
    dimensions: Vec<&'a StringArray>,
    cohort: &'a Int64Array,
    cohort_range: [&'a Float64Array; 2],
    /// Of the cohorts that rows are compared with.
    others: Vec<(&'a Int64Array, [&'a Float64Array; 2])>,
    statistics: Vec<Numbers<'a>>,
}

/// The columns of one statistic.
struct Numbers<'a> {
    value: Values<'a>,
    /// Both ends, where it has an interval.
    ends: Option<[Values<'a>; 2]>,
    status: &'a StringArray,
    range: Range,
}

/// What is possible.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Range {
    /// 0 to 1.
    Share,
    /// From 0 on.
    Amount,
    /// Anything.
    Any,
}

#[derive(Clone, Copy)]
enum Values<'a> {
    Whole(&'a Int64Array),
    Real(&'a Float64Array),
    Day(&'a Date32Array),
    Word(&'a StringArray),
}

impl Values<'_> {
    /// The number of a row; of a word 0.
    fn get(&self, row: usize) -> Option<f64> {
        match self {
            Self::Whole(column) => (!column.is_null(row)).then(|| column.value(row) as f64),
            Self::Real(column) => (!column.is_null(row)).then(|| column.value(row)),
            Self::Day(column) => (!column.is_null(row)).then(|| f64::from(column.value(row))),
            Self::Word(column) => (!column.is_null(row)).then_some(0.0),
        }
    }
}

fn get<'a, T: 'static>(batch: &'a RecordBatch, name: &str) -> Option<&'a T> {
    batch.column_by_name(name)?.as_any().downcast_ref()
}

impl<'a> Numbers<'a> {
    fn of(batch: &'a RecordBatch, column: &v1::Column) -> Option<Self> {
        let name = &column.name;
        let status = if column.has_status {
            format!("{name}_status")
        } else {
            "status".to_owned()
        };
        let form = Form::of(&column.kind);
        let (low, high) = (format!("{name}_low"), format!("{name}_high"));
        let real = |name: &str| Some(Values::Real(get(batch, name)?));
        let day = |name: &str| Some(Values::Day(get(batch, name)?));
        Some(Self {
            value: match form {
                Form::Whole => Values::Whole(get(batch, name)?),
                Form::Real | Form::Alone => real(name)?,
                Form::Day => day(name)?,
                Form::Word => Values::Word(get(batch, name)?),
            },
            ends: match form {
                Form::Whole | Form::Real => Some([real(&low)?, real(&high)?]),
                Form::Day => Some([day(&low)?, day(&high)?]),
                Form::Alone | Form::Word => None,
            },
            status: get(batch, &status)?,
            range: match column.kind.as_str() {
                "share" | "ratio" | "share_of_people" => Range::Share,
                "count" | "mean" | "lift" => Range::Amount,
                _ => Range::Any,
            },
        })
    }

    /// The number with its interval, or `None`; an error if one part is missing.
    fn shown(&self, row: usize) -> Result<Option<Estimate>, ()> {
        let value = self.value.get(row);
        let [low, high] = self
            .ends
            .as_ref()
            .map_or([value, value], |ends| [ends[0].get(row), ends[1].get(row)]);
        match (value, low, high) {
            (Some(value), Some(low), Some(high)) => Ok(Some(Estimate { value, low, high })),
            (None, None, None) => Ok(None),
            _ => Err(()),
        }
    }
}

impl<'a> Columns<'a> {
    fn of(batch: &'a RecordBatch, measure: &v1::Measure) -> Option<Self> {
        let dimensions = measure.dimensions.iter().map(|name| get(batch, name));
        let statistics = measure.statistics.iter();
        Some(Self {
            release_id: get(batch, "release_id")?,
            period: get(batch, "period")?,
            start: get(batch, "period_start")?,
            end: get(batch, "period_end")?,
            unit: get(batch, "org_unit")?,
            unit_label: get(batch, "org_unit_label")?,
            level: get(batch, "org_level")?,
            dimensions: dimensions.collect::<Option<_>>()?,
            cohort: get(batch, "cohort")?,
            cohort_range: [get(batch, "cohort_low")?, get(batch, "cohort_high")?],
            others: measure
                .others
                .iter()
                .map(|name| {
                    let end = |end: &str| get(batch, &format!("cohort_{name}{end}"));
                    let size = get(batch, &format!("cohort_{name}"))?;
                    Some((size, [end("_low")?, end("_high")?]))
                })
                .collect::<Option<_>>()?,
            statistics: statistics
                .map(|column| Numbers::of(batch, column))
                .collect::<Option<_>>()?,
        })
    }

    /// What rows are unique by, and in what order they come.
    fn key(&self, row: usize) -> (i32, i32, i32, &'a str, Vec<&'a str>) {
        let ids = self
            .dimensions
            .iter()
            .map(|column| column.value(row))
            .collect();
        (
            self.start.value(row),
            self.end.value(row),
            self.level.value(row),
            self.unit.value(row),
            ids,
        )
    }
}

/// Verifies every row of one table of facts.
pub(super) fn verify(
    table: &v1::Table,
    batch: &RecordBatch,
    releases: &HashMap<String, Release<'_>>,
    units: &Tree,
    findings: &mut Vec<Finding>,
) {
    let Some(columns) = Columns::of(batch, &table.measure) else {
        return note(
            findings,
            &table.file,
            "has other columns than docs/tables.md says",
        );
    };
    let stated = releases.iter().filter_map(|(id, release)| {
        let stated = Stated::of(table, release)?;
        Some((id.as_str(), stated))
    });
    let stated: HashMap<&str, Stated<'_>> = stated.collect();
    for stated in stated.values() {
        verify_classes(&columns, stated, table, findings);
    }
    for row in 0..batch.num_rows() {
        // Rows are counted from 1, as people do.
        let mut wrong =
            |text: &str| note(findings, &table.file, format!("row {}: {text}", row + 1));
        if row > 0 && columns.key(row - 1) >= columns.key(row) {
            wrong("is not sorted by key, or its key comes twice");
        }
        let known = units.get(columns.unit.value(row)).is_some_and(|unit| {
            // A unit may move or be renamed between periods; where several are
            // together, dim_org_unit has its newest place and label.
            let one_release = table.parameters.is_some();
            !one_release
                || (unit.level == columns.level.value(row)
                    && unit.label == columns.unit_label.value(row))
        });
        if !known {
            wrong("its org_unit is not in dim_org_unit, or with another level or label");
        }
        let id = columns.release_id.value(row);
        match releases.get(id) {
            None => wrong("belongs to no listed release"),
            Some(release) => verify_row(&columns, row, (release, stated.get(id)), &mut wrong),
        }
    }
}

fn verify_row(
    columns: &Columns<'_>,
    row: usize,
    (release, stated): (&Release<'_>, Option<&Stated<'_>>),
    wrong: &mut impl FnMut(&str),
) {
    let days = (columns.start.value(row), columns.end.value(row));
    if release.spans.get(columns.period.value(row)) != Some(&days) {
        wrong("its period is not that of its release");
    }
    let k = f64::from(release.k.max(1));
    let cohort = columns.cohort.value(row);
    let [low, high] = columns.cohort_range.map(|column| column.value(row));
    if (cohort as f64) < k || low < k {
        wrong("its cohort is below k");
    }
    let size = Estimate {
        value: cohort as f64,
        low,
        high,
    };
    if !size.holds(cohort as f64) {
        wrong("its cohort is outside its interval");
    }
    for (size, ends) in &columns.others {
        let ends = ends.map(|end| (!end.is_null(row)).then(|| end.value(row)));
        let size = (!size.is_null(row)).then(|| size.value(row) as f64);
        match (size, ends) {
            (None, [None, None]) => {}
            (Some(size), [Some(low), Some(high)]) => {
                if size < k || low < k || !(low..=high).contains(&size) {
                    wrong("a cohort that it is compared with is below k, or outside its interval");
                }
            }
            _ => wrong("a cohort that it is compared with is given in part"),
        }
    }
    let noise = stated.and_then(|stated| Noise::of(stated, columns, row, release.k));
    match &noise {
        Some(noise) => noise.verify_size(size, k, wrong),
        None if release.stated.is_some() => wrong("dim_noise does not have its noise"),
        None => {}
    }
    for (at, numbers) in columns.statistics.iter().enumerate() {
        let stated = numbers.status.value(row);
        let known = Status::ALL
            .into_iter()
            .find(|status| status.text() == stated);
        let Some(status) = known else {
            wrong("its status is unknown");
            continue;
        };
        let Ok(shown) = numbers.shown(row) else {
            wrong("its status does not fit what is shown");
            continue;
        };
        if (status == Status::Ok) != shown.is_some() {
            wrong("its status does not fit what is shown");
            continue;
        }
        if let Some(shown) = shown {
            verify_shown(numbers, shown, k, wrong);
        }
        if let Some(noise) = &noise {
            noise.verify(at, cohort, status, shown, wrong);
        }
    }
}

/// What holds of a number whatever its noise is.
fn verify_shown(numbers: &Numbers<'_>, shown: Estimate, k: f64, wrong: &mut impl FnMut(&str)) {
    if matches!(numbers.value, Values::Whole(_)) && shown.value < k {
        wrong("its n is below k");
    }
    let possible = match numbers.range {
        Range::Share => shown.low >= 0.0 && shown.high <= 1.0,
        Range::Amount => shown.low >= 0.0,
        Range::Any => true,
    };
    if !shown.holds(shown.value) || !possible {
        wrong("a number is outside its interval, or the interval outside of what is possible");
    }
}

/// What a release states of a table.
struct Stated<'a> {
    vector: &'a v1::Vector,
    noises: &'a Noises,
    block: Block,
    statistics: Vec<Option<Statistic>>,
}

impl<'a> Stated<'a> {
    fn of(table: &v1::Table, release: &Release<'a>) -> Option<Self> {
        let (manifest, noises) = release.stated?;
        let parameters = table.parameters.as_ref()?;
        let mut vectors = manifest.vectors.iter();
        let vector = vectors.find(|vector| vector.name == parameters.vector)?;
        let (block, statistics) = vectors::stated(vector, parameters)?;
        Some(Self {
            vector,
            noises,
            block,
            statistics,
        })
    }

    /// How many people a row says that a coordinate tells of.
    fn people(&self, columns: &Columns<'_>, place: usize, row: usize) -> Option<i64> {
        let all = self.statistics.iter().zip(&columns.statistics);
        let mut all = all.filter_map(|(statistic, numbers)| {
            let shown = numbers.value.get(row)?;
            match statistic.as_ref()?.kind {
                StatisticKind::Count { of } if of == place => Some(shown),
                StatisticKind::Share { of } if of == place => {
                    Some(shown * columns.cohort.value(row) as f64)
                }
                _ => None,
            }
        });
        all.next().map(|people| people.round() as i64)
    }
}

/// People who are told apart add up to their cohort, as far as all are shown.
fn verify_classes(
    columns: &Columns<'_>,
    stated: &Stated<'_>,
    table: &v1::Table,
    findings: &mut Vec<Finding>,
) {
    let vector = stated.vector;
    // By cohort: rows that show a number of people, these people, and its size.
    let mut cohorts: BTreeMap<Option<Whom>, (u64, i64, i64)> = BTreeMap::new();
    for row in 0..columns.cohort.len() {
        let (_, _, _, unit, ids) = columns.key(row);
        let size = columns.cohort.value(row);
        let people = |place: usize| stated.people(columns, place, row);
        let exclusive = vector.exclusive.iter();
        let exclusive = exclusive.filter_map(|place| people(*place as usize));
        if exclusive.fold(0, i64::saturating_add) > size {
            let text = format!("row {}: has more people than its cohort", row + 1);
            note(findings, &table.file, text);
        }
        let mut places = 0..stated.block.coordinates.len();
        let has = places.find(|place| stated.block.coordinates[*place].rule == Rule::Has);
        if let Some(people) = has.filter(|_| vector.partition).and_then(people) {
            let whom = stated.noises.whom(&vector.cohort, unit, &ids);
            let known = cohorts.entry(whom).or_insert((0, 0, size));
            (known.0, known.1) = (known.0 + 1, known.1.saturating_add(people));
        }
    }
    for (rows, people, size) in cohorts.into_values() {
        if people > size || (rows == vector.keys && people < size) {
            let text = "the people of all keys are not those of their cohort";
            note(findings, &table.file, text);
        }
    }
}

/// The noise that a release states for a row.
struct Noise<'a> {
    stated: &'a Stated<'a>,
    sigma: f64,
    sigma_size: f64,
    k: u32,
}

impl<'a> Noise<'a> {
    fn of(stated: &'a Stated<'a>, columns: &Columns<'_>, row: usize, k: u32) -> Option<Self> {
        let Stated { vector, noises, .. } = stated;
        let (_, _, _, unit, ids) = columns.key(row);
        let whom = noises.whom(&vector.cohort, unit, &ids)?;
        Some(Self {
            stated,
            sigma: noises.of(&whom, &vector.name)?,
            sigma_size: noises.of(&whom, SIZE)?,
            k,
        })
    }

    /// The cohort's interval follows from σ.
    fn verify_size(&self, size: Estimate, k: f64, wrong: &mut impl FnMut(&str)) {
        let around = |middle| Some(Estimate::around(middle, self.sigma_size, k, f64::MAX));
        if !follows(size, (k, f64::MAX), around) {
            wrong("the interval of its cohort does not follow from the stated noise");
        }
    }

    /// Intervals and uncertainty follow from the size and σ.
    fn verify(
        &self,
        at: usize,
        cohort: i64,
        status: Status,
        shown: Option<Estimate>,
        wrong: &mut impl FnMut(&str),
    ) {
        let Some(statistic) = self.stated.statistics.get(at) else {
            return wrong("its table has fewer statistics than columns");
        };
        // What is made of more than this row's own numbers is not made again.
        let Some(statistic) = statistic else { return };
        let size = Size::new(cohort, self.sigma_size, self.k);
        let around = |middle: f64| {
            figure_around(
                statistic,
                &self.stated.block,
                middle,
                self.sigma,
                &size,
                self.k,
            )
        };
        let Some(figure) = around(shown.map_or(0.0, middle)) else {
            return;
        };
        let name = &statistic.name;
        // What is not declared is not judged.
        let is_judged = status != Status::NotDeclared;
        if is_judged && (figure.status == Status::TooUncertain) != (status == Status::TooUncertain)
        {
            wrong(&format!(
                "the status of {name} does not follow from its size and the stated noise"
            ));
        }
        let Some(shown) = shown else { return };
        let bounds = possible(statistic, &self.stated.block);
        if !follows(shown, bounds, |middle| {
            around(middle).map(|one| one.unmasked)
        }) {
            wrong(&format!(
                "the interval of {name} does not follow from its cohort and the stated noise"
            ));
        }
        if !self.is_fitted(statistic, cohort, shown) {
            wrong(&format!("{name} is not in the middle of its interval"));
        }
    }

    /// Whether a number is where the fit may have put it: what counts people may
    /// be moved within its interval, to a whole number of them; all else is the
    /// middle.
    fn is_fitted(&self, statistic: &Statistic, cohort: i64, shown: Estimate) -> bool {
        let near = |a: f64, b: f64| (a - b).abs() <= 1e-6 * (1.0 + b.abs());
        match statistic.kind {
            StatisticKind::Share { .. } => {
                let people = shown.value * cohort as f64;
                near(people, people.round())
            }
            StatisticKind::Mean { .. } => {
                let (least, most) = possible(statistic, &self.stated.block);
                let cut = shown.low <= least || shown.high >= most;
                cut || near(shown.value, middle(shown))
            }
            _ => true,
        }
    }
}

fn middle(of: Estimate) -> f64 {
    f64::midpoint(of.low, of.high)
}

/// Whether an interval is the one around some middle, cut off at its bounds and
/// then made to hold its number, but for the last digits.
fn follows(shown: Estimate, bounds: (f64, f64), around: impl Fn(f64) -> Option<Estimate>) -> bool {
    if around(shown.value).is_none() {
        return false;
    }
    // Where both ends were moved, nothing of it is left to be seen.
    let Some(centre) = centre(shown, bounds, &around) else {
        return true;
    };
    around(centre).is_some_and(|one| {
        is_near(one.low.min(shown.value), shown.low, shown)
            && is_near(one.high.max(shown.value), shown.high, shown)
    })
}

/// The sizes of a table's cohorts.
pub(super) fn sizes(table: &v1::Table, batch: &RecordBatch, noises: &Noises) -> Vec<(Whom, i64)> {
    let Some(columns) = Columns::of(batch, &table.measure) else {
        return Vec::new();
    };
    let size = |row: usize| {
        let (_, _, _, unit, ids) = columns.key(row);
        let whom = noises.whom(&table.measure.cohort, unit, &ids)?;
        Some((whom, columns.cohort.value(row)))
    };
    (0..batch.num_rows()).filter_map(size).collect()
}
