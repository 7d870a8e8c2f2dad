//! Real data through the whole engine, where its files are at hand: the text of
//! `counsel_chat`, the linked tables of `oulad_subset`.
//!
//! The data is no part of the project. Where it is absent the tests say so.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use arrow::array::{Array as _, AsArray as _, Int64Array, RecordBatch};
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use lodestar::calendar::{Every, Period};
use lodestar::config::{self, Project};
use lodestar::ingest::{self, Key, Org, PeriodFacts, Request};
use lodestar_privacy::parts::PARTS;
use lodestar_privacy::public::VALUE_STEPS;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

/// z beyond which 32 draws from a normal distribution fall once in a million times.
const Z: f64 = 5.5;
const Z_95: f64 = 1.959_963_984_540_054;
const K: f64 = 10.0;

/// What the data's own file says.
struct Truth {
    rows: u64,
    /// Distinct questions by topic.
    questions: BTreeMap<String, u64>,
    /// Therapists, as text and as the end of their address.
    names: BTreeSet<String>,
}

#[test]
fn counsel_chat_goes_through() {
    let Some((data, folder)) = prepared("counsel_chat") else {
        return;
    };
    let truth = truth(&data);
    let config = folder.path().join("lodestar.toml");

    let checked = lodestar("check", &config);
    assert_done(&checked);
    let facts: serde_json::Value = serde_json::from_slice(&checked.stdout).unwrap();
    let count = |name: &str| facts["sources"][0][name].as_u64().unwrap();
    assert_eq!(count("read"), truth.rows);
    let became = ["accepted", "duplicate", "quarantined"].map(count);
    assert_eq!(became.iter().sum::<u64>(), truth.rows);
    assert_eq!(became, [truth.rows, 0, 0]);
    assert_eq!(facts["unknown_themes"], 0);

    let ran = lodestar("run", &config);
    assert_done(&ran);
    let release = folder.path().join("published/releases/2020-Q1");
    let verified = Command::new(env!("CARGO_BIN_EXE_lodestar"))
        .arg("verify")
        .arg(&release)
        .output()
        .unwrap();
    assert_done(&verified);

    counts_are_within_their_noise(&release, &truth);
    let said = [&checked, &ran, &verified].into_iter();
    let said = said.flat_map(|output| [output.stdout.clone(), output.stderr.clone()]);
    let mut shown: Vec<Vec<u8>> = said.collect();
    collect(&folder.path().join("published"), &mut shown);
    nobody_is_named(&shown, &truth.names);
}

/// Exact, as far as the accepted rows are all rows: what `oracle.csv` says.
#[test]
fn oulad_subset_goes_through() {
    let Some((data, folder)) = prepared("oulad_subset") else {
        return;
    };
    let oracle = |measure: &str, slice: &str, column: usize| -> u64 {
        let mut reader = csv::Reader::from_path(data.join("oracle.csv")).unwrap();
        let mut records = reader.records().map(Result::unwrap);
        let found = records.find(|record| (&record[0], &record[1]) == (measure, slice));
        found.unwrap()[column].parse().unwrap()
    };
    let config = folder.path().join("lodestar.toml");
    let checked = lodestar("check", &config);
    assert_done(&checked);
    let facts: serde_json::Value = serde_json::from_slice(&checked.stdout).unwrap();
    let tables = [
        (1, "studentInfo"),
        (2, "studentAssessment"),
        (4, "studentInfo"),
    ];
    for (source, table) in tables {
        let counts = ["read", "accepted", "duplicate", "quarantined"];
        let counts = counts.map(|name| facts["sources"][source][name].as_u64().unwrap());
        let rows = oracle("rows", table, 2);
        assert_eq!(counts, [rows, rows, 0, 0], "{table}");
    }
    // The marks are read again, as assessments: some are missing, and of two on one
    // day one counts.
    let marks = &facts["sources"][3];
    assert_eq!(marks["read"].as_u64(), Some(36_184));
    assert_eq!(marks["quarantined"].as_u64(), Some(18));
    assert_eq!(marks["duplicate"].as_u64(), Some(436));

    let project = config::load(&config).unwrap();
    let halves = ["2013-H2", "2014-H1", "2014-H2", "2015-H1"];
    let halves = halves.map(|name| Period::parse(name, Every::Half, 1).unwrap());
    let request = Request {
        periods: &halves,
        ..Request::default()
    };
    let org = Org::load(&project).unwrap();
    let intake = ingest::read(&project, &org, &Key::new([7; 16]), &request).unwrap();
    let parts = halves
        .iter()
        .flat_map(|half| (0..PARTS).map(move |part| (part, half)));
    let facts = parts.map(|(part, half)| intake.facts(part, half).unwrap().unwrap());
    let facts: Vec<PeriodFacts> = facts.collect();
    let members = facts.iter().flat_map(|facts| &facts.members);
    let people: BTreeSet<u128> = members.map(|member| member.person).collect();
    assert_eq!(people.len() as u64, oracle("distinct_students", "", 2));
    let mut scored = [0_u64; 2];
    let mut handed_in = 0;
    for facts in &facts {
        for session in &facts.sessions {
            // The last band is that of no score.
            let known = facts.themes(session).coach != [Some(3)];
            scored[usize::from(facts.competencies(session)[0])] += u64::from(known);
            handed_in += 1;
        }
    }
    assert_eq!(handed_in, oracle("rows", "studentAssessment", 2));
    let slices = ["assessment_type=TMA:score", "assessment_type=CMA:score"];
    assert_eq!(scored, slices.map(|slice| oracle("mean", slice, 3)));

    outcomes_are_those_of_the_oracle(&project, &facts, &data);

    assert_done(&lodestar("run", &config));
    progress_and_outcomes_are_told(&folder.path().join("published/releases/2014-H1"));
    let current = folder.path().join("published/current");
    let verify = [OsStr::new("verify"), current.as_os_str()];
    let verified = Command::new(env!("CARGO_BIN_EXE_lodestar"))
        .args(verify)
        .output();
    assert_done(&verified.unwrap());
}

/// How many students of a value of each dimension have a result, and how many
/// failed. Two students took two courses at once, and have one value of both.
/// By configuration alone: how marks changed, and who passed.
fn progress_and_outcomes_are_told(release: &Path) {
    for (table, number, range) in [
        ("competency_progress", "mean_follow_up", 0.0..=100.0),
        ("competency_progress", "change", -100.0..=100.0),
        ("skill_gap", "gap", -15.0..=85.0),
        ("business_outcomes", "mean_coached", 0.0..=1.0),
    ] {
        let file = release.join(format!("{table}.parquet"));
        let numbers: Vec<f64> = batches(&file)
            .iter()
            .flat_map(|batch| batch[number].as_primitive::<Float64Type>().iter().flatten())
            .collect();
        assert!(!numbers.is_empty(), "{table}.{number}");
        assert!(
            numbers.iter().all(|x| range.contains(x)),
            "{table}.{number}"
        );
    }
}

fn outcomes_are_those_of_the_oracle(project: &Project, facts: &[PeriodFacts], data: &Path) {
    let mut found: BTreeMap<String, [f64; 2]> = BTreeMap::new();
    let mut persons = 0;
    for facts in facts {
        persons += facts.outcomes.len() as u64;
        for outcome in &facts.outcomes {
            let values = facts.values(&facts.members[outcome.member as usize]);
            for (dimension, value) in project.dimensions.iter().zip(values) {
                let id = &dimension.values[usize::from(*value)].id;
                let counts = found.entry(format!("{}={id}", dimension.name));
                let [n, failed] = counts.or_default();
                *n += 1.0;
                *failed += 1.0 - f64::from(outcome.value) / VALUE_STEPS as f64;
            }
        }
    }
    let mut reader = csv::Reader::from_path(data.join("oracle.csv")).unwrap();
    let records = reader.records().map(Result::unwrap);
    let (mut compared, mut missing) = (0, [0.0; 2]);
    for record in records.filter(|record| &record[0] == "fail_rate") {
        let Some([n, failed]) = found.get(&record[1]) else {
            continue;
        };
        let expected: f64 = record[3].parse().unwrap();
        let rate: f64 = record[2].parse().unwrap();
        missing[0] += (n - expected).abs();
        missing[1] += (failed - rate * expected).abs();
        compared += 1;
    }
    let slices = project.dimensions.iter().map(|one| one.values.len());
    // The oracle calls two values of deprivation otherwise.
    assert_eq!(compared, slices.sum::<usize>() - 2);
    let twice = 2.0 * project.dimensions.len() as f64;
    assert!(missing.iter().all(|sum| *sum <= twice), "{missing:?}");
    assert_eq!(persons, 12_487);
}

/// The folder of the data, and one with a project that is ready to run; `None`:
/// something is absent, and the test says what.
fn prepared(name: &str) -> Option<(PathBuf, tempfile::TempDir)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let data = root.join("../shared/data").join(name);
    if !data.is_dir() {
        eprintln!("skipped: ../shared/data/{name} is absent");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let script = root.join(format!("data-samples/real/{name}/prepare.py"));
    let prepare = [script.as_os_str(), folder.path().as_os_str()];
    match Command::new("python3").args(prepare).output() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            eprintln!("skipped: python3, which prepares the data, is absent");
            None
        }
        output => {
            assert_done(&output.unwrap());
            Some((data, folder))
        }
    }
}

fn lodestar(command: &str, config: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lodestar"))
        .args([command, "--json", "--config"])
        .arg(config)
        .output()
        .unwrap()
}

fn assert_done(output: &Output) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{:?}: {said}", output.status);
}

fn truth(data: &Path) -> Truth {
    let mut reader = csv::Reader::from_path(data.join("oracle.csv")).unwrap();
    let mut rows = 0;
    let mut questions = BTreeMap::new();
    for record in reader.records() {
        let record = record.unwrap();
        let value = || record[2].parse().unwrap();
        match (&record[0], record[1].strip_prefix("topic=")) {
            ("rows", None) => rows = value(),
            ("distinct_questions", Some(topic)) => {
                questions.insert(topic.to_owned(), value());
            }
            _ => {}
        }
    }
    let file = data.join("20200325_counsel_chat.csv");
    let mut reader = csv::Reader::from_path(file).unwrap();
    let names = reader.records().flat_map(|record| {
        let record = record.unwrap();
        let address = record[7].rsplit('/').next().unwrap_or_default().to_owned();
        [record[6].to_owned(), address]
    });
    let names = names.filter(|name| !name.is_empty()).collect();
    Truth {
        rows,
        questions,
        names,
    }
}

/// A topic's published number against the count of its distinct questions. A
/// question has at most two topics, so none is lost to `max_cells`.
fn counts_are_within_their_noise(release: &Path, truth: &Truth) {
    let mut rows = 0;
    let mut shown = 0;
    for batch in batches(&release.join("theme_prevalence.parquet")) {
        let column = |name: &str| batch.column_by_name(name).unwrap().clone();
        let numbers =
            |name: &str| -> Int64Array { column(name).as_primitive::<Int64Type>().clone() };
        let (themes, status) = (column("theme"), column("status"));
        let (n, cohort, high) = (numbers("n"), numbers("cohort"), column("n_high"));
        let high = high.as_primitive::<Float64Type>();
        for row in 0..batch.num_rows() {
            let theme = themes.as_string::<i32>().value(row);
            let exact = truth.questions.get(theme).copied().unwrap_or(0) as f64;
            rows += 1;
            assert!(
                (cohort.value(row) - 815).abs() < 100,
                "{}",
                cohort.value(row)
            );
            match status.as_string::<i32>().value(row) {
                "ok" => {
                    shown += 1;
                    let noisy = n.value(row) as f64;
                    let sigma = (high.value(row) - noisy) / Z_95;
                    assert!(
                        (noisy - exact).abs() <= Z * sigma,
                        "{theme}: {noisy}, {sigma}"
                    );
                }
                // No number is given, so σ (2.2 here) is not either.
                "below_k" => assert!(exact < K + Z * 3.0, "{theme}"),
                status => panic!("{theme}: {status}"),
            }
        }
    }
    // 31 topics and `other`; 15 topics have 15 questions or more.
    assert_eq!((truth.questions.len(), rows), (31, 32));
    assert!(shown >= 8, "{shown}");
}

fn batches(table: &Path) -> Vec<RecordBatch> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(table).unwrap()).unwrap();
    reader.build().unwrap().map(Result::unwrap).collect()
}

/// All bytes of all files, and the texts that compression hides in tables.
fn collect(folder: &Path, into: &mut Vec<Vec<u8>>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path: PathBuf = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, into);
            continue;
        }
        into.push(std::fs::read(&path).unwrap());
        if path.extension().is_some_and(|end| end == "parquet") {
            for batch in batches(&path) {
                let texts = batch.columns().iter();
                let texts = texts.filter(|column| *column.data_type() == DataType::Utf8);
                for column in texts {
                    let values = column.as_string::<i32>().iter().flatten();
                    into.push(values.collect::<Vec<_>>().join("\n").into_bytes());
                }
            }
        }
    }
}

fn nobody_is_named(shown: &[Vec<u8>], names: &BTreeSet<String>) {
    assert!(names.len() > 300);
    let all = shown.join(&b'\n');
    let all = String::from_utf8_lossy(&all).to_lowercase();
    assert!(all.contains("relationships"), "the tables' texts are in it");
    let named = names
        .iter()
        .filter(|name| all.contains(&name.to_lowercase()));
    assert_eq!(named.count(), 0);
}
