//! Assessments and outcomes, read back from their files.

use arrow::array::{Array, ArrayRef};
use arrow::datatypes::Float64Type;

use super::*;

/// A row of assessments, and what it says.
pub(super) struct Assessment {
    pub(super) subject: String,
    pub(super) competency: String,
    pub(super) instrument: String,
    pub(super) score: f64,
    pub(super) day: i32,
    pub(super) wave: Option<String>,
    pub(super) rater: Option<String>,
    pub(super) group: String,
    pub(super) item: Option<String>,
}

pub(super) struct Outcome {
    pub(super) person: String,
    pub(super) day: i32,
    pub(super) metric: String,
    pub(super) value: f64,
}

/// The batches of all files of a table, with the names of the files.
fn batches(folder: &Path, table: &str) -> Vec<(String, RecordBatch)> {
    let files = fs::read_dir(folder.join("input").join(table)).unwrap();
    let mut files: Vec<_> = files.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut all = Vec::new();
    for path in files {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(&path).unwrap());
        for batch in reader.unwrap().build().unwrap() {
            all.push((name.clone(), batch.unwrap()));
        }
    }
    all
}

fn text(column: &ArrayRef, row: usize) -> Option<String> {
    let column = column.as_string::<i32>();
    column.is_valid(row).then(|| column.value(row).to_owned())
}

/// All assessments, with the names of their files.
pub(super) fn assessments(folder: &Path) -> Vec<(String, Assessment)> {
    let mut rows = Vec::new();
    for (name, batch) in batches(folder, "assessments") {
        let column = |name: &str| batch.column_by_name(name).unwrap().clone();
        let texts = ["wave", "rater_id", "item"].map(column);
        let must = ["subject_id", "competency", "instrument", "rater_group"].map(column);
        let scores = column("score");
        let days = column("assessed_on");
        for row in 0..batch.num_rows() {
            let [wave, rater, item] = texts.each_ref().map(|column| text(column, row));
            let [subject, competency, instrument, group] =
                must.each_ref().map(|column| text(column, row).unwrap());
            let assessment = Assessment {
                subject,
                competency,
                instrument,
                score: scores.as_primitive::<Float64Type>().value(row),
                day: days.as_primitive::<Date32Type>().value(row),
                wave,
                rater,
                group,
                item,
            };
            rows.push((name.clone(), assessment));
        }
    }
    rows
}

/// All outcomes, with the names of their files.
pub(super) fn outcomes(folder: &Path) -> Vec<(String, Outcome)> {
    let mut rows = Vec::new();
    for (name, batch) in batches(folder, "outcomes") {
        let column = |name: &str| batch.column_by_name(name).unwrap().clone();
        let [people, metrics] = ["person_id", "metric"].map(column);
        let (values, days) = (column("value"), column("measured_on"));
        for row in 0..batch.num_rows() {
            let outcome = Outcome {
                person: text(&people, row).unwrap(),
                day: days.as_primitive::<Date32Type>().value(row),
                metric: text(&metrics, row).unwrap(),
                value: values.as_primitive::<Float64Type>().value(row),
            };
            rows.push((name.clone(), outcome));
        }
    }
    rows
}

/// The half-year that a day is in.
pub(super) fn half(day: i32) -> String {
    let day = jiff::civil::date(1970, 1, 1) + jiff::Span::new().days(day);
    Period::containing(day, Every::Half, 1).name()
}

/// A truth table: per row its fields by name.
pub(super) fn truth(name: &str) -> Vec<BTreeMap<String, String>> {
    let path = sample_folder().join("truth").join(name);
    let mut reader = csv::Reader::from_path(path).unwrap();
    let rows = reader.deserialize();
    rows.map(Result::unwrap).collect()
}

/// A field as a number.
pub(super) fn number(row: &BTreeMap<String, String>, name: &str) -> f64 {
    row[name].parse().unwrap()
}

/// Fails unless numbers agree to the six decimals that truth tables have.
pub(super) fn same(left: f64, right: f64) {
    assert!((left - right).abs() < 1e-6, "{left}, not {right}");
}

/// Number, sum and sum of squares of values.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sample {
    pub(super) n: f64,
    sum: f64,
    squares: f64,
}

impl Sample {
    pub(super) fn add(&mut self, value: f64) {
        self.n += 1.0;
        self.sum += value;
        self.squares += value * value;
    }

    pub(super) fn mean(self) -> f64 {
        self.sum / self.n
    }

    pub(super) fn variance(self) -> f64 {
        (self.squares - self.n * self.mean().powi(2)) / (self.n - 1.0)
    }

    /// Variance of the mean.
    pub(super) fn error(self) -> f64 {
        self.variance() / self.n
    }
}
