//! The functions behind the tables, given exact totals, against values that are
//! published or recomputed elsewhere on real data: to six digits.
//!
//! Totals are summed here, without noise: from the functions no program gets exact
//! numbers, as they take released ones. The data is no part of the project;
//! where it is absent the tests say so. What of a data set's values is not
//! covered has a reason, and both lists are printed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use lodestar::insight::lift::lift;
use lodestar::insight::mean::{self, Scale};
use lodestar::insight::moments::{Bounds, Group};
use lodestar::insight::paired::Pairs;
use lodestar::insight::share::{self, Counted, Part};
use lodestar::insight::{Drawn, Size, difference, effect};

/// Wide enough for anything to be shown.
const ANY_WIDTH: f64 = f64::MAX;
/// Half a unit of the sixth digit.
const SIX_DIGITS: f64 = 5e-7;

/// Why a measure of an oracle has no function here.
const NOT_COVERED: [(&str, &str); 16] = [
    ("rows", "rows of a file are not counted in any table"),
    ("F", "analysis of variance is no published statistic"),
    ("MSB", "analysis of variance is no published statistic"),
    ("MSW", "analysis of variance is no published statistic"),
    ("ICC1", "intraclass correlation is no published statistic"),
    ("ICC2", "intraclass correlation is no published statistic"),
    ("pearson_r", "correlation is no published statistic"),
    ("p_two_sided", "a change has an interval and no p-value"),
    (
        "chi2_no_correction",
        "tests of independence are no published statistic",
    ),
    ("equivalence_classes", "of a release of rows; none is made"),
    ("k_min_class", "of a release of rows; none is made"),
    ("unique_rows", "of a release of rows; none is made"),
    ("classes_below_5", "of a release of rows; none is made"),
    (
        "rows_in_classes_below_5",
        "of a release of rows; none is made",
    ),
    ("classes_below_10", "of a release of rows; none is made"),
    (
        "rows_in_classes_below_10",
        "of a release of rows; none is made",
    ),
];

#[test]
fn univbct() {
    let Some(data) = data("univbct") else { return };
    let table = Table::read(&data.join("univbct.csv"));
    let grades = Bounds {
        low: 1.0,
        high: 5.0,
        step: 0.0,
    };
    compare("univbct", &data, |measure, slice| match measure {
        "persons" => {
            let people: BTreeSet<&str> = table.rows().map(|row| table.cell(row, slice)).collect();
            Some(size(people.len()).estimate.value)
        }
        "mean" | "sd" => {
            let (filter, column) = slice.rsplit_once(':').unwrap();
            Some(moment(measure, grades, &table.numbers(filter, column)))
        }
        _ => {
            // "JOBSAT wave1->wave3": columns of a person's first row.
            let (name, waves) = slice.split_once(" wave")?;
            let (before, after) = waves.split_once("->wave")?;
            let [before, after] = [before, after].map(|wave| format!("{name}{wave}"));
            let pairs = table.pairs("TIME=0", &before, &after);
            paired(measure, grades, &pairs)
        }
    });
}

#[test]
fn beat_the_blues() {
    let Some(data) = data("beat_the_blues") else {
        return;
    };
    let table = Table::read(&data.join("BtheB.csv"));
    let everyone = table.rows().count();
    let depression = Bounds {
        low: 0.0,
        high: 63.0,
        step: 1.0,
    };
    let oracle = compare("beat_the_blues", &data, |measure, slice| match measure {
        "count" => Some(counted(table.matching(slice).count(), everyone)),
        "mean" | "sd" => {
            let (filter, column) = slice.rsplit_once(':').unwrap();
            Some(moment(measure, depression, &table.numbers(filter, column)))
        }
        _ => {
            let (filter, after) = slice.split_once(" pre->")?;
            paired(measure, depression, &table.pairs(filter, "bdi.pre", after))
        }
    });
    compare_arms(&table, depression, &oracle);
}

/// Between the arms, from the values of either: the difference of two waves'
/// means, and the difference-in-differences of those with both.
fn compare_arms(table: &Table, bounds: Bounds, oracle: &Oracle) {
    const ARMS: [&str; 2] = ["treatment=BtheB", "treatment=TAU"];
    for wave in ["bdi.2m", "bdi.4m", "bdi.6m", "bdi.8m"] {
        let published = |measure: &str, of: &dyn Fn(&str) -> String| {
            let [pilot, comparison] = ARMS.map(|arm| oracle.value(measure, &of(arm)));
            pilot - comparison
        };
        let groups = ARMS.map(|arm| group(bounds, &table.numbers(arm, wave)));
        let [pilot, comparison] = &groups;
        let got = difference::difference(Some(pilot), Some(comparison), ANY_WIDTH);
        let expected = published("mean", &|arm| format!("{arm}:{wave}"));
        assert_six_digits(got.unmasked.value, expected, wave);
        let arms = ARMS.map(|arm| {
            let pairs = table.pairs(arm, "bdi.pre", wave);
            let changes: Vec<f64> = pairs.iter().map(|[before, after]| after - before).collect();
            effect::Arm::of_people(&group(bounds.of_changes(), &changes))
        });
        let got = effect::effect(Some(arms[0]), Some(arms[1]), ANY_WIDTH);
        let expected = published("mean_diff", &|arm| format!("{arm} pre->{wave}"));
        assert_six_digits(got.unmasked.value, expected, wave);
    }
}

#[test]
fn ibm_hr_attrition() {
    let Some(data) = data("ibm_hr_attrition") else {
        return;
    };
    let table = Table::read(&data.join("attrition.csv"));
    let everyone = table.rows().count();
    let left = |filter: &str| {
        let rows = table.matching(filter);
        let left = rows.filter(|row| table.cell(row, "Attrition") == "Yes");
        (left.count(), table.matching(filter).count())
    };
    let oracle = compare("ibm_hr_attrition", &data, |measure, slice| match measure {
        "count" => Some(counted(table.matching(slice).count(), everyone)),
        "rate" if slice == "Attrition=Yes" => {
            let number = table.matching(slice).count();
            Some(rate(number, everyone))
        }
        "rate" => {
            let (number, people) = left(slice);
            Some(rate(number, people))
        }
        "leavers" => {
            let (number, people) = left(slice);
            Some(counted(number, people))
        }
        "mean" | "sd" => {
            let bounds = Bounds {
                low: 0.0,
                high: if slice == "MonthlyIncome" {
                    20_000.0
                } else {
                    60.0
                },
                step: 1.0,
            };
            Some(moment(measure, bounds, &table.numbers("", slice)))
        }
        _ => None,
    });
    // The lift of a slice is its rate as a multiple of everyone's.
    let all = part(left("").0, everyone);
    let rates = oracle.rows.iter().filter(|row| row.measure == "rate");
    for row in rates.filter(|row| row.slice != "Attrition=Yes") {
        let (number, people) = left(&row.slice);
        let got = lift(&part(number, people), &all, ANY_WIDTH).unmasked.value;
        let expected = row.value / oracle.value("rate", "Attrition=Yes");
        assert_six_digits(got, expected, &row.slice);
    }
}

#[test]
fn oulad_subset() {
    let Some(data) = data("oulad_subset") else {
        return;
    };
    let students = Table::read(&data.join("studentInfo.csv"));
    let scores = scores(&data);
    let marks = Bounds {
        low: 0.0,
        high: 100.0,
        step: 1.0,
    };
    compare("oulad_subset", &data, |measure, slice| match measure {
        "distinct_students" => {
            let rows = students.rows();
            let people: BTreeSet<&str> = rows.map(|row| students.cell(row, "id_student")).collect();
            Some(size(people.len()).estimate.value)
        }
        "count" => {
            let number = students.matching(slice).count();
            Some(counted(number, students.rows().count()))
        }
        "fail_rate" => {
            let rows = students.matching(slice);
            let failed = rows.filter(|row| students.cell(row, "final_result") == "Fail");
            Some(rate(failed.count(), students.matching(slice).count()))
        }
        "mean" | "sd" => {
            let filter = match slice.strip_suffix(":score") {
                None => String::new(),
                Some(filter) => match filter.split_once('/') {
                    Some((module, presentation)) => {
                        format!("code_module={module}:code_presentation={presentation}")
                    }
                    None => filter.to_owned(),
                },
            };
            Some(moment(measure, marks, &scores.numbers(&filter, "score")))
        }
        _ => None,
    });
}

/// Scores with what their assessments are.
fn scores(data: &Path) -> Table {
    let assessments = Table::read(&data.join("assessments.csv"));
    let key = |table: &Table, row: &Row| table.cell(row, "id_assessment").to_owned();
    let by_id: BTreeMap<String, &Row> = assessments
        .rows()
        .map(|row| (key(&assessments, row), row))
        .collect();
    let mut table = Table::read(&data.join("studentAssessment.csv"));
    let ids: Vec<String> = table.rows().map(|row| key(&table, row)).collect();
    for (row, id) in table.rows.iter_mut().zip(ids) {
        row.extend(by_id[&id].iter().cloned());
    }
    table.columns.extend(assessments.columns.iter().cloned());
    table
}

// What the functions are given: exact sums, and no noise.

fn exact(value: f64) -> Drawn {
    Drawn { value, sigma: 0.0 }
}

fn size(people: usize) -> Size {
    Size::new(people as i64, 0.0, 1)
}

fn centred(bounds: Bounds, value: f64) -> f64 {
    assert!(bounds.low <= value && value <= bounds.high);
    (value - bounds.middle()) / bounds.half()
}

fn group(bounds: Bounds, values: &[f64]) -> Group {
    let values = values.iter().map(|&value| centred(bounds, value));
    let values: Vec<f64> = values.collect();
    Group {
        bounds,
        size: size(values.len()),
        sum: exact(values.iter().sum()),
        squares: exact(values.iter().map(|x| 2.0 * x * x - 1.0).sum()),
    }
}

fn moment(measure: &str, bounds: Bounds, values: &[f64]) -> f64 {
    let group = group(bounds, values);
    if measure == "sd" {
        return group.variance().sqrt();
    }
    let scale = Scale {
        low: bounds.low,
        high: bounds.high,
        centred: true,
    };
    let figure = mean::mean(group.sum, scale, &group.size, ANY_WIDTH, None);
    figure.shown().unwrap().value
}

fn paired(measure: &str, bounds: Bounds, pairs: &[[f64; 2]]) -> Option<f64> {
    let sum = |of: fn([f64; 2]) -> f64| {
        let pairs = pairs.iter().map(|pair| pair.map(|x| centred(bounds, x)));
        exact(pairs.map(of).sum())
    };
    let released = Pairs {
        bounds,
        size: size(pairs.len()),
        baseline: sum(|[before, _]| before),
        follow_up: sum(|[_, after]| after),
        squares: sum(|[before, after]| before * before + after * after - 1.0),
        products: sum(|[before, after]| before * after),
    };
    let mean = |sum: Drawn| {
        let scale = Scale {
            low: bounds.low,
            high: bounds.high,
            centred: true,
        };
        mean::mean(sum, scale, &released.size, ANY_WIDTH, None)
    };
    let change = released.change(ANY_WIDTH).shown().unwrap().value;
    Some(match measure {
        "mean_pre" => mean(released.baseline).shown().unwrap().value,
        "mean_post" => mean(released.follow_up).shown().unwrap().value,
        "mean_diff" => change,
        "sd_diff" => released.change_variance().sqrt(),
        "paired_t" => change / (released.change_variance() / pairs.len() as f64).sqrt(),
        "d_z" => released.d_z(),
        "d_av" => {
            // Hedges' g is d_av with the correction for few people.
            let g = released.hedges_g(None, ANY_WIDTH).shown().unwrap().value;
            let correction = 1.0 - 3.0 / (4.0 * (pairs.len() as f64 - 1.0) - 1.0);
            assert_six_digits(g / correction, released.d_av(), measure);
            released.d_av()
        }
        _ => return None,
    })
}

fn part(number: usize, people: usize) -> Part {
    Part {
        drawn: exact(number as f64),
        counted: Counted::Plainly,
        size: size(people),
    }
}

/// As flags of everybody.
fn flags(number: usize, people: usize) -> Part {
    Part {
        drawn: exact(2.0 * number as f64 - people as f64),
        counted: Counted::ByFlags,
        size: size(people),
    }
}

/// A number of people, counted plainly and by flags.
fn counted(number: usize, people: usize) -> f64 {
    let of = |part: Part| share::count(&part, part.count().round() as i64, 0);
    let (plainly, by_flags) = (of(part(number, people)), of(flags(number, people)));
    assert_eq!(plainly.shown(), by_flags.shown());
    plainly.shown().unwrap().value
}

fn rate(number: usize, people: usize) -> f64 {
    let of = |part: Part| share::share(&part, part.count().round() as i64, 0);
    let figures = [part(number, people), flags(number, people)].map(of);
    let [plainly, by_flags] = figures.map(|figure| figure.shown().unwrap().value);
    assert!((plainly - by_flags).abs() < 1e-12);
    plainly
}

// The files, and what is known of them.

type Row = Vec<String>;

struct Table {
    columns: Vec<String>,
    rows: Vec<Row>,
}

impl Table {
    fn read(path: &Path) -> Self {
        let mut reader = csv::Reader::from_path(path).unwrap();
        let texts = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect();
        Self {
            columns: texts(reader.headers().unwrap()),
            rows: reader.records().map(|row| texts(&row.unwrap())).collect(),
        }
    }

    fn rows(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter()
    }

    fn cell<'a>(&self, row: &'a Row, column: &str) -> &'a str {
        let place = self.columns.iter().position(|name| name == column);
        &row[place.unwrap_or_else(|| panic!("no column {column}"))]
    }

    /// Rows of a slice, `column=value` with colons between; `nan` is no value.
    fn matching(&self, filter: &str) -> impl Iterator<Item = &Row> {
        let wanted = filter.split(':').filter(|part| !part.is_empty());
        let wanted: Vec<(&str, &str)> = wanted.map(|part| part.split_once('=').unwrap()).collect();
        self.rows().filter(move |row| {
            wanted.iter().all(|&(column, value)| {
                let cell = self.cell(row, column);
                cell == value || (value == "nan" && cell.is_empty())
            })
        })
    }

    /// The numbers of a column that are there.
    fn numbers(&self, filter: &str, column: &str) -> Vec<f64> {
        let cells = self.matching(filter).map(|row| self.cell(row, column));
        cells.filter_map(|cell| cell.parse().ok()).collect()
    }

    /// Rows in which both numbers are there.
    fn pairs(&self, filter: &str, before: &str, after: &str) -> Vec<[f64; 2]> {
        let number = |row: &Row, column| self.cell(row, column).parse().ok();
        self.matching(filter)
            .filter_map(|row| Some([number(row, before)?, number(row, after)?]))
            .collect()
    }
}

struct Known {
    measure: String,
    slice: String,
    value: f64,
}

struct Oracle {
    rows: Vec<Known>,
}

impl Oracle {
    fn value(&self, measure: &str, slice: &str) -> f64 {
        let found = |row: &&Known| row.measure == measure && row.slice == slice;
        let row = self.rows.iter().find(found);
        row.unwrap_or_else(|| panic!("no {measure} of {slice}"))
            .value
    }
}

fn data(name: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let data = root.join("../shared/data").join(name);
    if !data.is_dir() {
        eprintln!("skipped: ../shared/data/{name} is absent");
        return None;
    }
    Some(data)
}

/// Every row of an oracle: what is computed agrees to six digits, and of what is
/// not, the measure is listed with its reason. `None` says that it is not.
fn compare(name: &str, data: &Path, computed: impl Fn(&str, &str) -> Option<f64>) -> Oracle {
    let table = Table::read(&data.join("oracle.csv"));
    let known = |row: &Row| Known {
        measure: table.cell(row, "measure").to_owned(),
        slice: table.cell(row, "slice").to_owned(),
        value: table.cell(row, "value").parse().unwrap(),
    };
    let rows: Vec<Known> = table.rows().map(known).collect();
    let mut covered = 0;
    for Known {
        measure,
        slice,
        value,
    } in &rows
    {
        let reason = NOT_COVERED.iter().find(|(listed, _)| listed == measure);
        match (computed(measure, slice), reason) {
            (Some(got), None) => {
                assert_six_digits(got, *value, &format!("{name}: {measure} {slice}"));
                eprintln!("{name}: covered: {measure} {slice}");
                covered += 1;
            }
            (None, Some((_, reason))) => {
                eprintln!("{name}: not covered: {measure} {slice}: {reason}");
            }
            (got, _) => panic!("{name}: {measure} {slice} is in both lists or none: {got:?}"),
        }
    }
    eprintln!("{name}: {covered} of {} rows are covered", rows.len());
    Oracle { rows }
}

fn assert_six_digits(got: f64, expected: f64, what: &str) {
    let near = (got - expected).abs() <= SIX_DIGITS * expected.abs();
    assert!(near, "{what}: {got}, not {expected}");
}
