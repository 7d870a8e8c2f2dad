//! The generator's promises, checked on what it writes and on the sample.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::{Date32Type, Int32Type};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::*;

mod outcomes;
mod rows;
mod scale;
mod scores;

/// How the sample was made.
const SAMPLE: (u32, u64) = (12_000, 2024);

fn sample_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data-samples/acme")
}

/// All files that a generated project has, by path relative to its folder.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder).unwrap().to_owned();
            // What a run of the sample leaves behind.
            if name == Path::new("state") || name == Path::new("published") {
                continue;
            }
            if path.is_dir() {
                open.push(path);
            } else {
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

struct Row {
    session: String,
    coachee: String,
    coach: String,
    day: i32,
    minutes: i32,
    competency: String,
    themes: Vec<String>,
}

/// A generated project, read back from its files.
struct Project {
    /// Unit → parent.
    parents: BTreeMap<String, String>,
    /// Person → (department, job level).
    people: BTreeMap<String, (String, String)>,
    /// Competency → themes that it lists.
    lists: BTreeMap<String, BTreeSet<String>>,
    periods: Vec<(String, Vec<Row>)>,
}

fn rows(path: &Path) -> Vec<Row> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    let mut rows = Vec::new();
    for batch in reader.build().unwrap() {
        let batch: RecordBatch = batch.unwrap();
        let text = |name: &str| {
            batch
                .column_by_name(name)
                .unwrap()
                .as_string::<i32>()
                .clone()
        };
        let (sessions, people, coaches) =
            (text("session_id"), text("coachee_id"), text("coach_id"));
        let (competencies, themes) = (text("competency"), text("themes"));
        let (modes, triggers) = (text("mode"), text("trigger"));
        let days = batch
            .column_by_name("held_on")
            .unwrap()
            .as_primitive::<Date32Type>();
        let minutes = batch
            .column_by_name("minutes")
            .unwrap()
            .as_primitive::<Int32Type>();
        for row in 0..batch.num_rows() {
            assert!(["coaching", "mentoring"].contains(&modes.value(row)));
            assert!(["proactive", "reactive"].contains(&triggers.value(row)));
            rows.push(Row {
                session: sessions.value(row).to_owned(),
                coachee: people.value(row).to_owned(),
                coach: coaches.value(row).to_owned(),
                day: days.value(row),
                minutes: minutes.value(row),
                competency: competencies.value(row).to_owned(),
                themes: themes.value(row).split(';').map(str::to_owned).collect(),
            });
        }
    }
    rows
}

fn table(path: &Path) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let row =
        |row: csv::Result<csv::StringRecord>| row.unwrap().iter().map(str::to_owned).collect();
    reader.records().map(row).collect()
}

/// Competency → themes that it lists.
fn lists(codebook: &codebook::Codebook) -> BTreeMap<String, BTreeSet<String>> {
    let mut lists: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (pair, &theme) in codebook.pairs.iter().enumerate() {
        let competency = codebook.competencies[pair / codebook::LISTED].clone();
        let own = lists.entry(competency).or_default();
        own.insert(codebook.themes[theme].clone());
    }
    lists
}

/// Unit → parent, of the rows of the org table.
fn parents(org: Vec<Vec<String>>) -> BTreeMap<String, String> {
    let pair = |row: Vec<String>| (row[0].clone(), row[2].clone());
    org.into_iter().map(pair).collect()
}

/// The sessions of each file, in order of the files' names.
fn periods(folder: &Path) -> Vec<(String, Vec<Row>)> {
    let sessions = fs::read_dir(folder.join("input/sessions")).unwrap();
    let mut sessions: Vec<_> = sessions.map(|entry| entry.unwrap().path()).collect();
    sessions.sort();
    let name = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
    let period = |path: &PathBuf| (name(path), rows(path));
    sessions.iter().map(period).collect()
}

impl Project {
    fn read(folder: &Path) -> Self {
        let org = table(&folder.join("input/org.csv"));
        let people = table(&folder.join("input/people.csv"));
        Self {
            parents: parents(org),
            people: people
                .into_iter()
                .map(|row| (row[0].clone(), (row[1].clone(), row[2].clone())))
                .collect(),
            lists: lists(&codebook::Codebook::built_in()),
            periods: periods(folder),
        }
    }

    fn division(&self, person: &str) -> &str {
        &self.parents[&self.people[person].0]
    }

    /// Per coachee of a period the (competency, theme) keys.
    fn keys<'a>(&'a self, rows: &'a [Row]) -> BTreeMap<&'a str, BTreeSet<(&'a str, &'a str)>> {
        let mut keys: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for row in rows {
            let own = keys.entry(row.coachee.as_str()).or_default();
            for theme in &row.themes {
                let listed = self.lists[&row.competency].contains(theme);
                let theme = if listed { theme.as_str() } else { "other" };
                own.insert((row.competency.as_str(), theme));
            }
        }
        keys
    }

    /// People per (unit, competency, theme), and coachees per unit, for the
    /// organisation and its divisions.
    fn counts(&self, rows: &[Row]) -> Counted {
        let (mut people, mut coachees) = (BTreeMap::new(), BTreeMap::new());
        for (person, keys) in self.keys(rows) {
            for unit in [org::ORGANISATION, self.division(person)] {
                *coachees.entry(unit.to_owned()).or_default() += 1;
                for (competency, theme) in &keys {
                    let key = (
                        unit.to_owned(),
                        (*competency).to_owned(),
                        (*theme).to_owned(),
                    );
                    *people.entry(key).or_default() += 1;
                }
            }
        }
        Counted { people, coachees }
    }
}

struct Counted {
    people: BTreeMap<(String, String, String), u32>,
    coachees: BTreeMap<String, u32>,
}

/// Generates into a new folder.
fn project(people: u32, seed: u64) -> (tempfile::TempDir, Summary) {
    let folder = tempfile::tempdir().unwrap();
    let summary = generate(&Options::new(people, seed, folder.path().to_owned())).unwrap();
    (folder, summary)
}

#[test]
fn the_sample_is_what_the_generator_writes() {
    let (people, seed) = SAMPLE;
    let (folder, summary) = project(people, seed);
    assert_eq!((summary.divisions, summary.departments), (8, 80));
    let (new, committed) = (files(folder.path()), files(&sample_folder()));
    assert_eq!(
        new.keys().collect::<Vec<_>>(),
        committed.keys().collect::<Vec<_>>()
    );
    for (name, bytes) in &new {
        assert!(
            bytes == &committed[name],
            "{} differs: `lodestar synth --people {people} --seed {seed} --out DIR` and replace \
             data-samples/acme by it",
            name.display()
        );
    }
    assert!(new.values().map(Vec::len).sum::<usize>() < 2_500_000);
}

#[test]
fn a_seed_decides_every_byte() {
    let (one, same, other) = (project(300, 7), project(300, 7), project(300, 8));
    assert_eq!(one.1, same.1);
    assert!(files(one.0.path()) == files(same.0.path()));
    let (one, other) = (files(one.0.path()), files(other.0.path()));
    let name = Path::new("input/sessions/2024-Q1.parquet");
    assert!(one[name] != other[name]);
}

#[test]
fn rows_keep_to_what_is_declared() {
    for people in [LEAST_PEOPLE, 30, 300, 3000] {
        let (folder, summary) = project(people, 1);
        let project = Project::read(folder.path());
        assert_eq!(project.people.len(), people as usize);
        let units = 1 + summary.divisions + summary.departments;
        assert_eq!(project.parents.len(), units as usize);
        let leaf = |unit: &String| !project.parents.values().any(|parent| parent == unit);
        assert!(project.people.values().all(|(unit, _)| leaf(unit)));
        let themes: BTreeSet<_> = project.lists.values().flatten().collect();
        let mut ids = BTreeSet::new();
        for (name, rows) in &project.periods {
            let period = Period::parse(name, Every::Quarter, 1).unwrap();
            assert!(!rows.is_empty());
            for row in rows {
                assert!(ids.insert(&row.session));
                assert!(project.people.contains_key(&row.coachee));
                assert!(row.coach.starts_with('c'));
                let day = jiff::civil::date(1970, 1, 1) + jiff::Span::new().days(row.day);
                assert!(period.contains(day) && day.weekday().to_monday_zero_offset() < 5);
                assert!([30, 45, 60, 90].contains(&row.minutes));
                assert!((1..=3).contains(&row.themes.len()));
                assert!(row.themes.iter().all(|theme| themes.contains(theme)));
            }
        }
        assert_eq!(ids.len() as u64, summary.sessions);
    }
}

#[test]
fn other_quarters_can_be_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let first = Period::parse("2025-Q4", Every::Quarter, 1).unwrap();
    let options = Options {
        first,
        quarters: 2,
        ..Options::new(40, 3, folder.path().join("new"))
    };
    let summary = generate(&options).unwrap();
    let names: Vec<_> = summary
        .coachees
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(names, ["2025-Q4", "2026-Q1"]);
    let text = fs::read_to_string(options.out.join("lodestar.toml")).unwrap();
    assert!(text.contains("first = \"2025-Q4\"") && text.contains("last = \"2026-Q1\""));
    assert!(toml::de::DeTable::parse(&text).is_ok());
    let braces = text.match_indices('{');
    assert!(
        braces
            .map(|(at, _)| &text[at..])
            .all(|rest| rest.starts_with("{ "))
    );
}

#[test]
fn what_cannot_be_made_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let options = |people| Options::new(people, 1, folder.path().to_owned());
    assert!(matches!(
        generate(&options(19)),
        Err(SynthError::People { people: 19 })
    ));
    let none = Options {
        quarters: 0,
        ..options(20)
    };
    assert!(matches!(generate(&none), Err(SynthError::Periods { .. })));
    let first = Period::parse("2024-07", Every::Month, 1).unwrap();
    let months = Options {
        first,
        ..options(20)
    };
    assert!(matches!(generate(&months), Err(SynthError::Periods { .. })));
    let first = Period::parse("2024-Q1", Every::Quarter, 4).unwrap();
    let fiscal = Options {
        first,
        ..options(20)
    };
    assert!(matches!(generate(&fiscal), Err(SynthError::Periods { .. })));
    fs::write(folder.path().join("note"), "keep me").unwrap();
    assert!(matches!(
        generate(&options(20)),
        Err(SynthError::NotEmpty { .. })
    ));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    let file = Options::new(20, 1, folder.path().join("note"));
    assert!(matches!(generate(&file), Err(SynthError::Io { .. })));
}

#[test]
fn people_of_the_sample_are_coached_as_described() {
    let sample = Project::read(&sample_folder());
    let mut before: Option<BTreeSet<&str>> = None;
    for (period, rows) in &sample.periods {
        let coachees: BTreeSet<_> = rows.iter().map(|row| row.coachee.as_str()).collect();
        let share = coachees.len() as f64 / sample.people.len() as f64;
        assert!((0.38..=0.42).contains(&share), "{period}: {share} coached");
        let sessions = rows.len() as f64 / coachees.len() as f64;
        assert!(
            (2.5..=3.0).contains(&sessions),
            "{period}: {sessions} sessions"
        );
        if let Some(before) = &before {
            let stay = before.intersection(&coachees).count() as f64 / before.len() as f64;
            assert!((0.75..=0.85).contains(&stay), "{period}: {stay} stay");
        }
        before = Some(coachees);
        let keys = sample.keys(rows);
        let total: usize = keys.values().map(BTreeSet::len).sum();
        let lost: usize = keys.values().map(|keys| keys.len().saturating_sub(4)).sum();
        let lost = lost as f64 / total as f64;
        let mean = total as f64 / keys.len() as f64;
        assert!(lost <= 0.08, "{period}: {lost} lost");
        assert!((2.8..=3.7).contains(&mean), "{period}: {mean} keys");
    }
}

#[test]
fn coaches_of_the_sample_have_credible_caseloads() {
    let sample = Project::read(&sample_folder());
    // The last twelve months.
    let rows: Vec<&Row> = sample.periods[1..]
        .iter()
        .flat_map(|(_, rows)| rows)
        .collect();
    let mut caseloads: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut departments: BTreeMap<&str, BTreeMap<&str, BTreeSet<&str>>> = BTreeMap::new();
    for row in rows {
        caseloads
            .entry(&row.coach)
            .or_default()
            .insert(&row.coachee);
        let department = departments
            .entry(&sample.people[&row.coachee].0)
            .or_default();
        department
            .entry(&row.coach)
            .or_default()
            .insert(&row.coachee);
    }
    let sizes: Vec<usize> = caseloads.values().map(BTreeSet::len).collect();
    let usual = sizes
        .iter()
        .filter(|&size| (20..=40).contains(size))
        .count();
    assert!(usual * 10 >= sizes.len() * 9, "{usual} of {}", sizes.len());
    for (department, coaches) in departments {
        let people: usize = coaches.values().map(BTreeSet::len).sum();
        let most = coaches.values().map(BTreeSet::len).max().unwrap();
        assert!(most * 4 <= people, "{department}: {most} of {people}");
    }
}

#[test]
fn themes_of_the_sample_are_frequent_enough_to_be_measured() {
    let sample = Project::read(&sample_folder());
    for (period, rows) in &sample.periods {
        let counts = sample.counts(rows);
        let at_least = |unit: &str, least: u32| {
            let own = counts
                .people
                .iter()
                .filter(|(key, _)| key.0 == unit && key.2 != "other");
            own.filter(|(_, count)| **count >= least).count()
        };
        assert_eq!(at_least(org::ORGANISATION, 60), 60, "{period}");
        let coachees = f64::from(counts.coachees[org::ORGANISATION]);
        for (key, count) in &counts.people {
            let share = f64::from(*count) / coachees;
            let free = key.0 != org::ORGANISATION || key.2 == "other";
            assert!(
                free || (0.025..=0.10).contains(&share),
                "{period} {key:?}: {share}"
            );
        }
        for unit in counts.coachees.keys() {
            assert!(
                at_least(unit, 25) >= 51,
                "{period} {unit}: {}",
                at_least(unit, 25)
            );
        }
    }
}

#[test]
fn effects_planted_in_the_sample_are_in_its_rows() {
    let sample = Project::read(&sample_folder());
    let counts: Vec<Counted> = sample
        .periods
        .iter()
        .map(|(_, rows)| sample.counts(rows))
        .collect();
    // (people with the theme, coachees) of a unit over all periods.
    let over_time = |unit: &str, theme: &str| {
        let (mut people, mut coachees) = (0, 0);
        for counted in &counts {
            let own = counted
                .people
                .iter()
                .filter(|(key, _)| key.0 == unit && key.2 == theme);
            people += own.map(|(_, count)| count).sum::<u32>();
            coachees += counted.coachees[unit];
        }
        (f64::from(people), f64::from(coachees))
    };
    // A division's share, divided by the share of all others.
    let factor = |unit: &str, theme: &str| {
        let (own, all) = (over_time(unit, theme), over_time(org::ORGANISATION, theme));
        (own.0 / own.1) / ((all.0 - own.0) / (all.1 - own.1))
    };
    let text = fs::read_to_string(sample_folder().join("truth/truth.json")).unwrap();
    let truth: serde_json::Value = serde_json::from_str(&text).unwrap();
    for division in truth["divisions"].as_array().unwrap() {
        let unit = division["org_unit"].as_str().unwrap();
        for (name, count, range) in [
            ("over_represented", 2, 1.6..=2.3),
            ("under_represented", 1, 0.35..=0.65),
        ] {
            let themes = division[name].as_array().unwrap();
            assert_eq!(themes.len(), count);
            for theme in themes {
                let factor = factor(unit, theme.as_str().unwrap());
                assert!(range.contains(&factor), "{unit} {theme}: {factor}");
            }
        }
    }
    let rising = truth["rising"]["theme"].as_str().unwrap();
    let planned = truth["rising"]["expected_shares"].as_array().unwrap();
    for (counted, planned) in counts.iter().zip(planned) {
        let key = |key: &&(String, String, String)| key.0 == org::ORGANISATION && key.2 == rising;
        let key = counted.people.keys().find(key).unwrap();
        let share = f64::from(counted.people[key]) / f64::from(counted.coachees[&key.0]);
        let planned = planned.as_f64().unwrap();
        assert!((share - planned).abs() < 0.01, "{share}, not {planned}");
    }
}

#[test]
fn the_truth_of_the_sample_is_what_its_rows_say() {
    let sample = Project::read(&sample_folder());
    let counts: BTreeMap<&str, Counted> = sample
        .periods
        .iter()
        .map(|(name, rows)| (name.as_str(), sample.counts(rows)))
        .collect();
    let rates = table(&sample_folder().join("truth/theme_rates.csv"));
    assert_eq!(rates.len(), 5 * 9 * 72);
    // Standardised distances of the rows from what was planned.
    let mut squares = Vec::new();
    for rate in rates {
        let [
            period,
            unit,
            competency,
            theme,
            coachees,
            people,
            share,
            planned,
        ] = rate.try_into().unwrap();
        let counted = &counts[period.as_str()];
        assert_eq!(counted.coachees[&unit].to_string(), coachees);
        let key = (unit, competency, theme);
        let count = counted.people.get(&key).copied().unwrap_or_default();
        assert_eq!(count.to_string(), people);
        let coachees: f64 = coachees.parse().unwrap();
        let share: f64 = share.parse().unwrap();
        assert!((share - f64::from(count) / coachees).abs() < 1e-6);
        assert_eq!(planned.is_empty(), key.2 == "other");
        if let Ok(planned) = planned.parse::<f64>() {
            squares.push((share - planned).powi(2) / (planned * (1.0 - planned) / coachees));
        }
    }
    // 1 on average, where the expected shares are exact.
    let mean = squares.iter().sum::<f64>() / squares.len() as f64;
    assert!((0.85..=1.15).contains(&mean), "{mean}");
}
