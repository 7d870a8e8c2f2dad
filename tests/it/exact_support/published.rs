//! What was published, read back by another reader than the writer's.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use lodestar::measure::{Kind, Measure};
use polars::prelude::{DataFrame, ParquetReader, SerReader as _};
use serde_json::Value;

use super::sums::{Cohort, keyed};

/// A number with its interval.
pub(crate) type Given = (f64, f64, f64);

/// A row of a table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) period: String,
    pub(crate) level: i32,
    pub(crate) cohort: Cohort,
    /// One id a dimension of keys.
    pub(crate) key: Vec<String>,
    pub(crate) people: i64,
    pub(crate) people_interval: (f64, f64),
    /// Sizes of the cohorts that it is compared with, by name.
    pub(crate) beside: BTreeMap<String, Option<i64>>,
    /// By statistic; of a word or a day none. What has no interval is its own.
    pub(crate) given: Vec<Option<Given>>,
    pub(crate) statuses: Vec<String>,
}

/// The rows of a measure's table in a folder of `releases`, or in `current`.
pub(crate) fn facts(folder: &Path, measure: &Measure) -> Vec<Row> {
    let file = File::open(folder.join(format!("{}.parquet", measure.name))).unwrap();
    let frame = ParquetReader::new(file).finish().unwrap();
    let people: Vec<Vec<String>> = measure.people().map(|name| texts(&frame, name)).collect();
    let keys = keyed(measure).into_iter();
    let keys: Vec<Vec<String>> = keys.map(|key| texts(&frame, key.name())).collect();
    let figures = measure.statistics.iter().map(|statistic| {
        let name = &statistic.name;
        let value: Vec<Option<f64>> = match statistic.kind {
            Kind::Count(_) => {
                let whole = whole(&frame, name).into_iter();
                whole.map(|n| n.map(|n| n as f64)).collect()
            }
            Kind::Tipping | Kind::ReachedBy | Kind::Trend => vec![None; frame.height()],
            _ => real(&frame, name),
        };
        let end = |end: &str| {
            let alone = value.iter().all(Option::is_none) || statistic.kind == Kind::LogOdds;
            let name = format!("{name}_{end}");
            if alone {
                value.clone()
            } else {
                real(&frame, &name)
            }
        };
        let ends = end("low").into_iter().zip(end("high"));
        let own = format!("{name}_status");
        let own = frame.column(&own).is_ok().then_some(own);
        let status = texts(&frame, own.as_deref().unwrap_or("status"));
        let given = value.into_iter().zip(ends);
        let given = given.map(|(value, (low, high))| {
            assert_eq!(value.is_some(), low.is_some() && high.is_some());
            Some((value?, low?, high?))
        });
        (given.collect::<Vec<_>>(), status)
    });
    let figures: Vec<_> = figures.collect();
    let (periods, units) = (texts(&frame, "period"), texts(&frame, "org_unit"));
    let levels = frame.column("org_level").unwrap().i32().unwrap();
    let levels: Vec<Option<i32>> = levels.iter().collect();
    let (low, high) = (real(&frame, "cohort_low"), real(&frame, "cohort_high"));
    let sizes = whole(&frame, "cohort");
    let names = frame.get_column_names().into_iter();
    let beside = names.filter_map(|name| name.strip_prefix("cohort_"));
    let beside = beside.filter(|name| !name.ends_with("low") && !name.ends_with("high"));
    let beside = beside.map(|name| (name.to_owned(), whole(&frame, &format!("cohort_{name}"))));
    let beside: Vec<_> = beside.collect();
    let at = |columns: &[Vec<String>], row: usize| -> Vec<String> {
        columns.iter().map(|column| column[row].clone()).collect()
    };
    let row = |row: usize| Row {
        period: periods[row].clone(),
        level: levels[row].unwrap(),
        cohort: (units[row].clone(), at(&people, row)),
        key: at(&keys, row),
        people: sizes[row].unwrap(),
        people_interval: (low[row].unwrap(), high[row].unwrap()),
        beside: beside
            .iter()
            .map(|(name, sizes)| (name.clone(), sizes[row]))
            .collect(),
        given: figures.iter().map(|(given, _)| given[row]).collect(),
        statuses: figures
            .iter()
            .map(|(_, status)| status[row].clone())
            .collect(),
    };
    (0..frame.height()).map(row).collect()
}

fn texts(frame: &DataFrame, name: &str) -> Vec<String> {
    let column = frame.column(name).unwrap();
    let texts = column.str().unwrap().iter();
    texts.map(|text| text.unwrap().to_owned()).collect()
}

/// A column of whole numbers.
pub(crate) fn whole(frame: &DataFrame, name: &str) -> Vec<Option<i64>> {
    frame.column(name).unwrap().i64().unwrap().iter().collect()
}

/// A column of numbers.
pub(crate) fn real(frame: &DataFrame, name: &str) -> Vec<Option<f64>> {
    frame.column(name).unwrap().f64().unwrap().iter().collect()
}

/// A release's manifest.
pub(crate) struct Manifest(Value);

/// Noise of a statistic: standard deviation, and the step to which people's
/// values are rounded, of the sum that it is made of, in its unit. Of a ratio
/// that is twice the excess, and then the whole.
pub(crate) type Noise = Vec<(f64, f64)>;

impl Manifest {
    pub(crate) fn read(release: &Path) -> Self {
        Self::parse(&std::fs::read(release.join("manifest.json")).unwrap())
    }

    pub(crate) fn parse(bytes: &[u8]) -> Self {
        Self(serde_json::from_slice(bytes).unwrap())
    }

    /// The entry of a list that has a name.
    fn named(&self, list: &str, name: &Value) -> &Value {
        let mut list = self.0[list].as_array().unwrap().iter();
        list.find(|one| one["name"] == *name).unwrap()
    }

    fn table(&self, name: &str) -> &Value {
        self.named("tables", &Value::from(name))
    }

    /// The cohorts of a table.
    fn cohorts(&self, table: &str) -> &Value {
        self.named("cohorts", &self.table(table)["measure"]["cohort"])
    }

    /// The vector that a table reads.
    fn vector(&self, table: &str) -> &Value {
        self.named("vectors", &self.table(table)["parameters"]["vector"])
    }

    /// Name of the span that a table is about.
    pub(crate) fn span(&self, table: &str) -> String {
        self.cohorts(table)["period"].as_str().unwrap().to_owned()
    }

    /// Whether a release has a table.
    pub(crate) fn has(&self, table: &str) -> bool {
        let mut tables = self.0["tables"].as_array().unwrap().iter();
        tables.any(|one| one["name"] == *table)
    }

    /// The thresholds of the selections of a table's cohorts, by level.
    pub(crate) fn thresholds(&self, table: &str) -> Vec<i64> {
        let levels = levels(self.cohorts(table), "selection_threshold");
        levels
            .into_values()
            .map(|threshold| threshold as i64)
            .collect()
    }

    /// The same of the cohorts that a table's are compared with, by what they are
    /// called; an empty name: of its own.
    pub(crate) fn thresholds_beside(&self, table: &str, name: &str) -> Vec<i64> {
        if name.is_empty() {
            return self.thresholds(table);
        }
        let span = self.span(table);
        let mut all = self.0["cohorts"].as_array().unwrap().iter();
        let is = |one: &&Value| {
            one["period"] == *span && one["name"].as_str().unwrap().starts_with(name)
        };
        let levels = levels(all.find(is).unwrap(), "selection_threshold");
        levels.into_values().map(|level| level as i64).collect()
    }

    /// Standard deviations of the sizes of a table's cohorts, by level.
    pub(crate) fn size_sigmas(&self, table: &str) -> BTreeMap<i32, f64> {
        levels(self.cohorts(table), "size_sigma")
    }

    /// Standard deviations of the vector that a table reads, by level.
    pub(crate) fn sigmas(&self, table: &str) -> BTreeMap<i32, f64> {
        levels(self.vector(table), "sigma")
    }

    /// Noise of each statistic of a table at a level.
    pub(crate) fn noise(&self, table: &str, level: i32) -> Vec<Noise> {
        let vector = self.vector(table);
        let sigma = self.sigmas(table)[&level];
        let statistics = self.table(table)["parameters"]["statistics"].as_array();
        let one = |statistic: &Value| {
            let steps = statistic["steps"].as_f64().unwrap();
            // Of what another vector is read for, nothing is asked.
            let own = vector["coordinates"].as_array().unwrap();
            let places = statistic["of"].as_array().unwrap().iter();
            let coordinates = places.filter_map(|place| own.get(place.as_u64().unwrap() as usize));
            let noise = coordinates.map(|coordinate| {
                let bounds = coordinate["bounds"].as_array().unwrap();
                let bound = |at: usize| bounds[at].as_f64().unwrap() / steps;
                let range = match coordinate["rule"].as_str().unwrap() {
                    "has" => 1.0,
                    // From −1 to 1.
                    "at_least" | "within" => 0.5,
                    "centred" => (bound(1) - bound(0)) / 2.0,
                    "amount" | "excess" => bound(0),
                    other => panic!("{other}"),
                };
                let step = range / coordinate["factor"].as_f64().unwrap();
                (sigma * step, step)
            });
            noise.collect()
        };
        statistics.unwrap().iter().map(one).collect()
    }

    /// How far one person moves vectors and sizes, as declared: by name, or by
    /// that of the cohorts, and level.
    pub(crate) fn sensitivities(&self) -> BTreeMap<(String, i32), f64> {
        let of = |list: &str, column: &'static str| {
            let entries = self.0[list].as_array().unwrap().clone().into_iter();
            entries.flat_map(move |entry| {
                let name = entry["name"].as_str().unwrap().to_owned();
                let levels = levels(&entry, column).into_iter();
                levels.map(move |(level, bound)| ((name.clone(), level), bound))
            })
        };
        of("vectors", "sensitivity")
            .chain(of("cohorts", "size_sensitivity"))
            .collect()
    }

    /// How far one person moves what bounds cut off, kind by kind.
    pub(crate) fn bounds_sensitivities(&self) -> Vec<f64> {
        let bounds = self.0["bounds"].as_array().into_iter().flatten();
        let declared = bounds.map(|one| one["sensitivity"].as_f64().unwrap());
        declared.collect()
    }
}

/// A row of `dim_bound`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bounded {
    pub(crate) measure: String,
    pub(crate) bound: String,
    pub(crate) statistic: Option<String>,
    pub(crate) metric: Option<String>,
    pub(crate) limit: f64,
    pub(crate) lost: Option<Given>,
    pub(crate) status: String,
}

/// What a release says of its bounds.
pub(crate) fn bounds(release: &Path) -> Vec<Bounded> {
    let file = File::open(release.join("dim_bound.parquet")).unwrap();
    let frame = ParquetReader::new(file).finish().unwrap();
    let (measures, bounds) = (texts(&frame, "measure"), texts(&frame, "bound"));
    let statuses = texts(&frame, "status");
    let optional = |name: &str| -> Vec<Option<String>> {
        let texts = frame.column(name).unwrap().str().unwrap().iter();
        texts.map(|text| text.map(str::to_owned)).collect()
    };
    let (statistics, metrics) = (optional("statistic"), optional("metric"));
    let limits = real(&frame, "limit");
    let shares = ["", "_low", "_high"].map(|end| real(&frame, &format!("lost_share{end}")));
    let row = |row: usize| Bounded {
        measure: measures[row].clone(),
        bound: bounds[row].clone(),
        statistic: statistics[row].clone(),
        metric: metrics[row].clone(),
        limit: limits[row].unwrap(),
        lost: shares[0][row].map(|share| (share, shares[1][row].unwrap(), shares[2][row].unwrap())),
        status: statuses[row].clone(),
    };
    (0..frame.height()).map(row).collect()
}

/// A number that a manifest says about each level of something.
fn levels(of: &Value, name: &str) -> BTreeMap<i32, f64> {
    let levels = of["levels"].as_array().unwrap().iter();
    let one = |level: &Value| {
        let number = level[name].as_f64().unwrap();
        (level["level"].as_i64().unwrap() as i32, number)
    };
    levels.map(one).collect()
}
