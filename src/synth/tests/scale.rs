//! Organisations of any number of sessions.

use arrow::array::Array;
use parquet::file::metadata::RowGroupMetaData;

use super::*;
use crate::synth::scale::{Dirt, Format, Scale, Shape, Share, Summary, generate_in_groups};

/// Small enough that there are several groups, and several waves of them.
const GROUP_ROWS: usize = 1000;

fn share(text: &str) -> Share {
    text.parse().unwrap()
}

/// Something of everything.
fn everything(out: &Path) -> Scale {
    Scale {
        careers: share("0.1"),
        groups: share("0.2"),
        late: share("0.05"),
        dirt: "0.01".parse().unwrap(),
        ..Scale::new(5200, 16_000, 3, out.to_owned())
    }
}

/// Generates into a new folder.
fn made(options: impl Fn(&Path) -> Scale) -> (tempfile::TempDir, Summary) {
    let folder = tempfile::tempdir().unwrap();
    let summary = generate_in_groups(&options(folder.path()), GROUP_ROWS).unwrap();
    (folder, summary)
}

/// The rows of a CSV file, by name of the column.
fn csv_rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

/// The sessions of all files, each with the name of its file.
fn session_rows(folder: &Path) -> Vec<(String, BTreeMap<String, String>)> {
    let files = files(&folder.join("input/sessions"));
    let names = files.keys().map(|path| path.to_str().unwrap().to_owned());
    let rows = names.flat_map(|name| {
        let rows = csv_rows(&folder.join("input/sessions").join(&name));
        rows.into_iter().map(move |row| (name.clone(), row))
    });
    rows.collect()
}

#[test]
fn threads_decide_nothing() {
    for format in [Format::Parquet, Format::Csv, Format::Ndjson] {
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            let options = |out: &Path| Scale {
                format,
                ..everything(out)
            };
            pool.build().unwrap().install(|| made(options))
        };
        let (one, summary) = with(1);
        let one = files(one.path());
        for threads in [2, 3] {
            let (other, same) = with(threads);
            assert_eq!(same, summary);
            let other = files(other.path());
            assert!(one.keys().eq(other.keys()));
            for (name, bytes) in &one {
                assert!(*bytes == other[name], "{} differs", name.display());
            }
        }
    }
}

#[test]
fn a_seed_decides_every_row() {
    let with = |seed| {
        made(|out| Scale {
            seed,
            ..everything(out)
        })
    };
    let (one, other) = (with(1), with(2));
    let (one, other) = (files(one.0.path()), files(other.0.path()));
    for name in ["input/people.parquet", "input/sessions/2024-Q1.parquet"] {
        assert!(one[Path::new(name)] != other[Path::new(name)]);
    }
}

#[test]
fn there_are_as_many_rows_as_asked_for_in_several_row_groups() {
    let (folder, summary) = made(|out| Scale {
        years: 2,
        ..Scale::new(5000, 20_001, 1, out.to_owned())
    });
    let path = |name: &str| folder.path().join("input/sessions").join(name);
    let file = File::open(path("2024-Q1.parquet")).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let groups = reader.metadata().row_groups().iter();
    let groups: Vec<i64> = groups.map(RowGroupMetaData::num_rows).collect();
    assert!(groups.len() >= 4 && groups.iter().all(|rows| *rows <= GROUP_ROWS as i64));
    let project = Project::of_scale(folder.path());
    assert_eq!(project.periods.len(), 8);
    let (mut rows, mut ids) = (0, BTreeSet::new());
    for (name, of) in &project.periods {
        let period = Period::parse(name, Every::Quarter, 1).unwrap();
        rows += of.len();
        for row in of {
            assert!(ids.insert(&row.session));
            let day = jiff::civil::date(1970, 1, 1) + jiff::Span::new().days(row.day);
            assert!(period.contains(day));
            assert!((1..=3).contains(&row.themes.len()));
        }
    }
    assert_eq!((rows as u64, summary.sessions), (20_001, 20_001));
}

#[test]
fn every_format_says_the_same() {
    let with = |format| {
        let options = move |out: &Path| Scale {
            format,
            ..Scale::new(300, 2000, 1, out.to_owned())
        };
        made(options).0
    };
    let (parquet, csv, json) = (
        with(Format::Parquet),
        with(Format::Csv),
        with(Format::Ndjson),
    );
    for quarter in ["2024-Q1", "2024-Q4"] {
        let name = |extension| format!("input/sessions/{quarter}.{extension}");
        let texts = csv_rows(&csv.path().join(name("csv")));
        let lines = fs::read_to_string(json.path().join(name("ndjson"))).unwrap();
        let rows = rows(&parquet.path().join(name("parquet")));
        assert_eq!(
            (rows.len(), lines.lines().count()),
            (texts.len(), texts.len())
        );
        for ((row, text), line) in rows.iter().zip(&texts).zip(lines.lines()) {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            let day = jiff::civil::date(1970, 1, 1) + jiff::Span::new().days(row.day);
            for (name, value) in [
                ("session_id", row.session.clone()),
                ("coachee_id", row.coachee.clone()),
                ("coach_id", row.coach.clone()),
                ("held_on", day.to_string()),
                ("competency", row.competency.clone()),
                ("themes", row.themes.join(";")),
            ] {
                assert_eq!(text[name], value);
                assert_eq!(line[name], value);
            }
            assert_eq!(text["minutes"], row.minutes.to_string());
            assert_eq!(line["minutes"], row.minutes);
        }
    }
}

#[test]
fn the_tree_is_of_the_shape_that_is_asked_for() {
    let (folder, summary) = made(|out| Scale {
        shape: Some(Shape {
            units: 100,
            levels: 4,
        }),
        ..Scale::new(2000, 4000, 1, out.to_owned())
    });
    assert_eq!((summary.units, summary.levels), (100, 4));
    let project = Project::of_scale(folder.path());
    assert_eq!(project.parents.len(), 100);
    let depth = |unit: &str| {
        let up = |unit: &&str| project.parents.get(*unit).map(String::as_str);
        std::iter::successors(Some(unit), up)
            .filter(|unit| !unit.is_empty())
            .count()
    };
    let people = stays(folder.path());
    assert_eq!(people.len(), 2000);
    let units: BTreeSet<&str> = people.values().map(|rows| rows[0].unit.as_str()).collect();
    assert!(units.len() > 60 && units.iter().all(|unit| depth(unit) == 4));
}

#[test]
fn activity_is_skewed() {
    let (folder, _) = made(|out| Scale::new(2000, 40_000, 1, out.to_owned()));
    let project = Project::of_scale(folder.path());
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for row in project.periods.iter().flat_map(|(_, rows)| rows) {
        *counts.entry(&row.coachee).or_default() += 1;
    }
    // With 20 sessions a person and year nearly everybody has one.
    assert!(counts.len() > 1950, "{}", counts.len());
    let mut counts: Vec<u32> = counts.into_values().collect();
    counts.sort_unstable();
    let top: u32 = counts[counts.len() - 200..].iter().sum();
    assert!((11_000..17_000).contains(&top), "{top}");
}

#[test]
fn careers_are_told_without_a_gap_or_an_overlap() {
    let (folder, _) = made(|out| Scale {
        careers: share("0.1"),
        years: 2,
        format: Format::Csv,
        ..Scale::new(3000, 10_000, 1, out.to_owned())
    });
    let mut people: BTreeMap<String, Vec<BTreeMap<String, String>>> = BTreeMap::new();
    for row in csv_rows(&folder.path().join("input/people.csv")) {
        people
            .entry(row["person_id"].clone())
            .or_default()
            .push(row);
    }
    assert_eq!(people.len(), 3000);
    let (mut moves, mut rises) = (0, 0);
    for rows in people.values() {
        assert_eq!(rows[0]["valid_from"], "");
        assert_eq!(rows[rows.len() - 1]["valid_to"], "");
        for pair in rows.windows(2) {
            let eve: jiff::civil::Date = pair[0]["valid_to"].parse().unwrap();
            assert_eq!(eve.tomorrow().unwrap().to_string(), pair[1]["valid_from"]);
            let period = Period::containing(eve, Every::Quarter, 1);
            assert_eq!(period.end(), eve);
            let place = |row: &BTreeMap<String, String>| {
                (row["org_unit"].clone(), row["job_level"].clone())
            };
            assert_ne!(place(&pair[0]), place(&pair[1]));
            moves += 1;
            rises += u32::from(pair[0]["job_level"] != pair[1]["job_level"]);
        }
    }
    // Seven turns of 3,000 people, a tenth of whom move; a few to where they were.
    assert!((1850..=2250).contains(&moves), "{moves}");
    assert!((300..=520).contains(&rises), "{rises}");
}

#[test]
fn group_sessions_are_of_several_people_with_one_coach() {
    let (folder, _) = made(|out| Scale {
        groups: share("0.5"),
        format: Format::Csv,
        ..Scale::new(2000, 10_000, 1, out.to_owned())
    });
    let mut sessions: BTreeMap<String, Vec<BTreeMap<String, String>>> = BTreeMap::new();
    let rows = session_rows(folder.path());
    assert_eq!(rows.len(), 10_000);
    for (_, row) in rows {
        sessions
            .entry(row["session_id"].clone())
            .or_default()
            .push(row);
    }
    let groups: Vec<_> = sessions.values().filter(|rows| rows.len() > 1).collect();
    let in_groups: usize = groups.iter().map(|rows| rows.len()).sum();
    assert!((3600..=5100).contains(&in_groups), "{in_groups}");
    for rows in groups {
        assert!(rows.len() <= 8);
        let people: BTreeSet<_> = rows.iter().map(|row| &row["coachee_id"]).collect();
        assert_eq!(people.len(), rows.len());
        for name in [
            "coach_id",
            "held_on",
            "minutes",
            "competency",
            "mode",
            "trigger",
        ] {
            assert!(rows.iter().all(|row| row[name] == rows[0][name]), "{name}");
        }
    }
}

#[test]
fn late_rows_have_files_of_their_own() {
    let (folder, _) = made(|out| Scale {
        late: share("0.1"),
        format: Format::Csv,
        ..Scale::new(2000, 10_000, 1, out.to_owned())
    });
    let rows = session_rows(folder.path());
    assert_eq!(rows.len(), 10_000);
    let late: Vec<_> = rows
        .iter()
        .filter(|(name, _)| name.contains("-late"))
        .collect();
    assert!((850..=1150).contains(&late.len()), "{}", late.len());
    for (name, row) in rows {
        let held: jiff::civil::Date = row["held_on"].parse().unwrap();
        let quarter = Period::containing(held, Every::Quarter, 1).name();
        assert!(name == format!("{quarter}.csv") || name == format!("{quarter}-late.csv"));
    }
}

#[test]
fn the_truth_is_what_the_sound_rows_say() {
    for (every, periods) in [(Every::Quarter, 4), (Every::Half, 2), (Every::Year, 1)] {
        let (folder, _) = made(|out| Scale {
            every,
            groups: share("0.2"),
            late: share("0.1"),
            careers: share("0.2"),
            ..Scale::new(4000, 16_000, 5, out.to_owned())
        });
        let mut project = Project::of_scale(folder.path());
        let mut by_period: BTreeMap<String, Vec<Row>> = BTreeMap::new();
        for row in project.periods.drain(..).flat_map(|(_, rows)| rows) {
            let day = jiff::civil::date(1970, 1, 1) + jiff::Span::new().days(row.day);
            let name = Period::containing(day, every, 1).name();
            by_period.entry(name).or_default().push(row);
        }
        assert_eq!(by_period.len(), periods);
        let people = stays(folder.path());
        let mut counts = BTreeMap::new();
        for (name, rows) in &by_period {
            let end = since(Period::parse(name, every, 1).unwrap().end());
            let at_the_end = |rows: &Vec<Stay>| {
                let valid = |stay: &&Stay| stay.from <= end && end <= stay.to;
                (rows.iter().find(valid).unwrap().unit.clone(), String::new())
            };
            project.people = people
                .iter()
                .map(|(id, rows)| (id.clone(), at_the_end(rows)))
                .collect();
            counts.insert(name.clone(), project.counts(rows));
        }
        let mut squares = Vec::new();
        for rate in csv_rows(&folder.path().join("truth/theme_rates.csv")) {
            let counted = &counts[&rate["period"]];
            let unit = rate["org_unit"].clone();
            let coachees = counted.coachees[&unit];
            assert_eq!(coachees.to_string(), rate["coachees"]);
            let key = (unit, rate["competency"].clone(), rate["theme"].clone());
            let count = counted.people.get(&key).copied().unwrap_or_default();
            assert_eq!(count.to_string(), rate["people"]);
            if let Ok(expected) = rate["expected_share"].parse::<f64>() {
                let share = f64::from(count) / f64::from(coachees);
                let variance = expected * (1.0 - expected) / f64::from(coachees);
                squares.push((share - expected).powi(2) / variance);
            }
        }
        assert_eq!(squares.is_empty(), every != Every::Quarter);
        if !squares.is_empty() {
            let mean = squares.iter().sum::<f64>() / squares.len() as f64;
            assert!((0.85..=1.15).contains(&mean), "{mean}");
        }
    }
}

#[test]
fn dirt_is_asked_for_by_kind() {
    let read = |text: &str| text.parse::<Dirt>();
    assert_eq!(read("date=0,conflict=0"), Ok(Dirt::default()));
    assert_ne!(read("0.01"), read("date=0.01"));
    let unknown = read("dates=0.01").unwrap_err();
    assert!(unknown.contains("known are field_count"), "{unknown}");
    assert!(read("2").unwrap_err().contains("share from 0 to 1"));
    let (_, summary) = made(|out| Scale {
        dirt: "date=0.01,value=0.1".parse().unwrap(),
        ..Scale::new(1000, 10_000, 1, out.to_owned())
    });
    let copies = summary.copies.iter();
    let rows: Vec<_> = copies
        .map(|copies| (copies.table, copies.kind, copies.rows))
        .collect();
    assert_eq!(
        rows,
        [
            ("org", "value", 3),
            ("people", "date", 10),
            ("sessions", "date", 100),
            ("sessions", "value", 1000)
        ]
    );
}

#[test]
fn of_two_versions_the_sound_one_is_the_later() {
    let (folder, _) = made(|out| Scale {
        dirt: "conflict=0.05".parse().unwrap(),
        format: Format::Csv,
        ..Scale::new(300, 2000, 1, out.to_owned())
    });
    let rows = session_rows(folder.path());
    assert_eq!(rows.len(), 2100);
    let mut sound: BTreeMap<(String, String), (String, String)> = BTreeMap::new();
    let mut versions = 0;
    for (_, row) in rows {
        let key = (row["session_id"].clone(), row["coachee_id"].clone());
        let said = (row["updated_at"].clone(), row["minutes"].clone());
        if let Some(first) = sound.get(&key) {
            assert!(said.0 < first.0 && said.1 != first.1);
            versions += 1;
        } else {
            sound.insert(key, said);
        }
    }
    assert_eq!((sound.len(), versions), (2000, 100));
}

#[test]
fn what_does_not_go_together_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let scale = |people, sessions| Scale::new(people, sessions, 1, folder.path().join("new"));
    let tree = |units, levels| Scale {
        shape: Some(Shape { units, levels }),
        ..scale(1000, 1000)
    };
    for (options, words) in [
        (scale(100, 99), "99 sessions"),
        (scale(20, 8001), "expected 100 to 8000"),
        (tree(6, 3), "6 units at 3 levels"),
        (tree(1001, 3), "1000 at most"),
        (tree(100, 9), "2 to 8 levels"),
        (
            Scale {
                years: 11,
                ..scale(100, 100)
            },
            "11 years",
        ),
        (
            Scale {
                every: Every::Month,
                ..scale(100, 100)
            },
            "quarters, halves or years",
        ),
        (
            Scale {
                dirt: "date=0.01,json=0.01".parse().unwrap(),
                ..scale(100, 100)
            },
            "no parquet file can have json",
        ),
    ] {
        let refused = crate::synth::scale::generate(&options).unwrap_err();
        assert_eq!(refused.exit_code(), 2);
        assert!(refused.to_string().contains(words), "{refused}");
    }
    assert!(!folder.path().join("new").exists());
}

/// A row of people.
struct Stay {
    unit: String,
    from: i32,
    to: i32,
}

fn since(day: jiff::civil::Date) -> i32 {
    crate::synth::rows::since_1970(day)
}

/// The rows of people in Parquet, by person.
fn stays(folder: &Path) -> BTreeMap<String, Vec<Stay>> {
    let file = File::open(folder.join("input/people.parquet")).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let mut people: BTreeMap<String, Vec<Stay>> = BTreeMap::new();
    for batch in reader.build().unwrap() {
        let batch = batch.unwrap();
        let text = |name: &str| {
            batch
                .column_by_name(name)
                .unwrap()
                .as_string::<i32>()
                .clone()
        };
        let day = |name: &str, row: usize, open: i32| {
            let days = batch.column_by_name(name)?.as_primitive::<Date32Type>();
            Some(if days.is_valid(row) {
                days.value(row)
            } else {
                open
            })
        };
        let (ids, units) = (text("person_id"), text("org_unit"));
        for row in 0..batch.num_rows() {
            let stay = Stay {
                unit: units.value(row).to_owned(),
                from: day("valid_from", row, i32::MIN).unwrap_or(i32::MIN),
                to: day("valid_to", row, i32::MAX).unwrap_or(i32::MAX),
            };
            people
                .entry(ids.value(row).to_owned())
                .or_default()
                .push(stay);
        }
    }
    people
}

impl Project {
    /// Of an organisation of any size: people are left out.
    fn of_scale(folder: &Path) -> Self {
        let (codebook, _) = codebook::Codebook::apart();
        let org = table(&folder.join("input/org.csv"));
        Self {
            parents: parents(org),
            people: BTreeMap::new(),
            lists: lists(&codebook),
            periods: periods(folder),
        }
    }
}

#[test]
fn a_kind_of_dirt_is_asked_for_once() {
    let twice = "date=0.1,date=0.2".parse::<crate::synth::scale::Dirt>();
    assert_eq!(twice.unwrap_err(), "date is there twice");
}
