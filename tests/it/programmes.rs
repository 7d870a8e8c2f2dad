//! Effects of programmes, with a budget so large that what is published is what
//! a hand computes: a pilot and its rollout, by unit, and a programme that people
//! take part in one by one.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::Path;

use jiff::civil::date;
use lodestar::config;
use lodestar::insight::effect::{Arm, Cluster, effect};
use lodestar::insight::moments::{Bounds, Group};
use lodestar::insight::{Drawn, Size};
use lodestar::night::Night;
use lodestar::pipeline::{self, Options};
use lodestar::progress::Silent;
use lodestar::synth;
use polars::prelude::{DataFrame, ParquetReader, SerReader as _};
use tempfile::TempDir;

use crate::exact_support::project::BEYOND;

const CONFIG: &str = r#"
[project]
organisation = "Acme"
[periods]
every = "half"
first = "2024-H2"
last = "2025-H1"
[privacy]
k = 5
[dimensions]
programme = ["none", "solo"]
[sources.org]
path = "org.csv"
[sources.programmes]
path = "programmes.csv"
[sources.people]
path = "people.csv"
[sources.sessions]
path = "sessions.csv"
defaults = { competency = "focus", minutes = 60 }
[sources.outcomes]
path = "outcomes.csv"
defaults = { metric = "output" }
[[metrics]]
id = "output"
range = [0, 100]
clip = [20, 80]
[[competencies]]
id = "focus"
[[measures]]
use = "programme_effect"
levels = [0, 1]
"#;

/// Both divisions have a pilot, a rollout and a comparison of `lead`; `alone` has
/// none, and part of the rollout is yet to come.
const PROGRAMMES: &str = "programme,arm,starts_on,org_unit
lead,pilot,2024-08-01,n1
lead,pilot,2024-12-31,n2
lead,pilot,2024-07-01,n3
lead,comparison,,n4
lead,comparison,,n5
lead,rollout,2025-03-01,n6
lead,pilot,2024-08-01,south
lead,comparison,,s3
lead,pilot,2024-08-01,s1
lead,rollout,2025-03-01,s4
lead,rollout,2026-01-01,s5
solo,pilot,2024-09-01,
solo,comparison,,north
alone,pilot,2024-09-01,s4
";

const UNITS: [&str; 11] = [
    "n1", "n2", "n3", "n4", "n5", "n6", "s1", "s2", "s3", "s4", "s5",
];
const A_UNIT: usize = 20;
const HALVES: [&str; 3] = ["2024-05-01", "2024-10-01", "2025-05-01"];

/// The people of a unit: whether they take part in `solo`, and their outcome in
/// each half. Some lack one.
fn outcomes(unit: usize, person: usize) -> (bool, [Option<f64>; 3]) {
    let solo = person < 3 && (1..6).contains(&unit);
    let base = 40.0 + (person % 7) as f64;
    let shock = [1.0, 4.0, 2.5, -1.0, 0.5, 0.0, 2.0, 3.0, -2.0, 0.0, 7.0][unit];
    let drift = (person % 4) as f64 - 1.0;
    let own = if solo { 6.0 } else { 0.0 };
    let values = [
        base,
        base + shock + drift + own,
        base + 2.0 * shock - drift + own + (person % 3) as f64,
    ];
    let lacks = (person + unit) % 9;
    let known = |half: usize| (lacks != half).then_some(values[half]);
    (solo, [known(0), known(1), known(2)])
}

/// Writes the project.
fn project(folder: &Path) {
    let mut org = "org_unit,label,parent\nnorth,North,Acme\nsouth,South,Acme\n".to_owned();
    let mut people = "person_id,org_unit,programme\n".to_owned();
    let mut sessions = "session_id,coachee_id,coach_id,held_on\n".to_owned();
    let mut measured = "person_id,measured_on,value\n".to_owned();
    for (at, unit) in UNITS.iter().enumerate() {
        let parent = if unit.starts_with('n') {
            "north"
        } else {
            "south"
        };
        writeln!(org, "{unit},{unit},{parent}").unwrap();
        for person in 0..A_UNIT {
            let (solo, values) = outcomes(at, person);
            let id = format!("{unit}p{person}");
            let part = if solo { "solo" } else { "none" };
            writeln!(people, "{id},{unit},{part}").unwrap();
            for (half, value) in HALVES.iter().zip(values) {
                writeln!(sessions, "{id}-{half},{id},c{person},{half}").unwrap();
                if let Some(value) = value {
                    // The mean of the half is what counts.
                    writeln!(measured, "{id},{half},{}", value - 1.0).unwrap();
                    writeln!(measured, "{id},{}2,{}", &half[..9], value + 1.0).unwrap();
                }
            }
        }
    }
    for (name, text) in [
        ("org.csv", org.as_str()),
        ("people.csv", &people),
        ("sessions.csv", &sessions),
        ("outcomes.csv", &measured),
        ("programmes.csv", PROGRAMMES),
        ("lodestar.toml", CONFIG),
    ] {
        fs::write(folder.join(name), text).unwrap();
    }
}

/// Runs it; the table of a release.
fn released() -> (TempDir, BTreeMap<String, DataFrame>) {
    let folder = tempfile::tempdir().unwrap();
    project(folder.path());
    let tables = tables(folder.path(), &["2024-H2", "2025-H1"]);
    (folder, tables)
}

/// Runs a project; the table of some of its releases.
fn tables(folder: &Path, releases: &[&str]) -> BTreeMap<String, DataFrame> {
    let mut project = config::load(&folder.join("lodestar.toml")).unwrap();
    project.privacy.epsilon = BEYOND;
    let options = Options {
        as_of: date(2026, 6, 1),
        period: None,
        revise: false,
        dry_run: false,
        memory: None,
        progress: &Silent,
    };
    pipeline::run(&project, &options, &mut Night::default()).unwrap();
    let current = lodestar::publish::verify(&project.publish.join("current")).unwrap();
    assert!(current.passed(), "{current:?}");
    let read = |release: &str| {
        let file = project.publish.join("releases").join(release);
        let file = File::open(file.join("programme_effect.parquet")).unwrap();
        let frame = ParquetReader::new(file).finish().unwrap();
        (release.to_owned(), frame)
    };
    releases.iter().map(|release| read(release)).collect()
}

/// A row: unit, programme, start, time since, people of both arms, effect.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    about: String,
    people: (i64, Option<i64>),
    effect: Option<(f64, f64, f64)>,
    status: String,
}

fn rows(frame: &DataFrame) -> Vec<Row> {
    let text = |name: &str, row: usize| {
        let column = frame.column(name).unwrap().str().unwrap();
        column.get(row).unwrap().to_owned()
    };
    let real = |name: &str, row: usize| frame.column(name).unwrap().f64().unwrap().get(row);
    let whole = |name: &str, row: usize| frame.column(name).unwrap().i64().unwrap().get(row);
    let row = |at: usize| Row {
        about: [
            "org_unit",
            "programme",
            "metric",
            "start_cohort",
            "periods_since_start",
        ]
        .map(|name| text(name, at))
        .join(" "),
        people: (whole("cohort", at).unwrap(), whole("cohort_comparison", at)),
        effect: real("effect", at)
            .and_then(|value| Some((value, real("effect_low", at)?, real("effect_high", at)?))),
        status: text("status", at),
    };
    (0..frame.height()).map(row).collect()
}

/// The changes from one half to another of those with both values, unit by unit;
/// of those who take part in `solo`, or not, or of all.
fn changes(
    units: &[usize],
    (base, now): (usize, usize),
    part: Option<bool>,
    needs: &[usize],
) -> Vec<Vec<f64>> {
    let of = |unit: &usize| {
        let people = (0..A_UNIT).map(|person| outcomes(*unit, person));
        let mine = people.filter(|(solo, _)| part.is_none_or(|part| part == *solo));
        let all = mine.filter(|(_, values)| needs.iter().all(|half| values[*half].is_some()));
        let changes = all.filter_map(|(_, values)| Some(values[now]? - values[base]?));
        changes.collect::<Vec<f64>>()
    };
    units.iter().map(of).collect()
}

/// What is released of some changes without noise.
fn group(changes: &[f64]) -> Group {
    let exact = |value: f64| Drawn { value, sigma: 0.0 };
    let centred = changes.iter().map(|change| change / 60.0);
    Group {
        bounds: Bounds {
            low: -60.0,
            high: 60.0,
            step: 0.0,
        },
        size: Size::new(changes.len() as i64, 0.0, 1),
        sum: exact(centred.clone().sum()),
        squares: exact(centred.map(|x| 2.0 * x * x - 1.0).sum()),
    }
}

fn arm(units: &[Vec<f64>], together: bool) -> Option<Arm> {
    let all = group(&units.concat());
    let cluster = |changes: &Vec<f64>| Cluster {
        size: group(changes).size,
        sum: group(changes).sum,
    };
    let clusters: Vec<Cluster> = units.iter().map(cluster).collect();
    if together {
        Arm::of_units(&all, &clusters)
    } else {
        Some(Arm::of_people(&all))
    }
}

/// What is expected of a row.
fn expected(about: &str, own: &[Vec<f64>], other: &[Vec<f64>], together: [bool; 2]) -> Row {
    let figure = effect(arm(own, together[0]), arm(other, together[1]), 1e9);
    let count = |units: &[Vec<f64>]| units.concat().len() as i64;
    let people = (count(own), Some(count(other)).filter(|n| *n > 0));
    Row {
        about: about.to_owned(),
        people,
        effect: figure.shown().map(|e| (e.value, e.low, e.high)),
        status: figure.status.text().to_owned(),
    }
}

#[track_caller]
fn assert_rows(frame: &DataFrame, expected: &[Row]) {
    let got = rows(frame);
    let abouts = |rows: &[Row]| rows.iter().map(|row| row.about.clone()).collect::<Vec<_>>();
    assert_eq!(abouts(&got), abouts(expected));
    for (got, expected) in got.iter().zip(expected) {
        assert_eq!(
            (&got.people, &got.status),
            (&expected.people, &expected.status),
            "{got:?} {expected:?}"
        );
        assert_eq!(got.effect.is_some(), expected.effect.is_some(), "{got:?}");
        if let Some(((a, b, c), (x, y, z))) = got.effect.zip(expected.effect) {
            for (one, other) in [(a, x), (b, y), (c, z)] {
                assert!((one - other).abs() < 0.05, "{got:?} {expected:?}");
            }
        }
    }
}

/// The units of each part of `lead`, by division.
const PILOT: [&[usize]; 2] = [&[0, 1, 2], &[6, 7]];
const ROLLOUT: [&[usize]; 2] = [&[5], &[9]];
const COMPARISON: [&[usize]; 2] = [&[3, 4], &[8]];

/// Those who are of `solo`, and those of its comparison: all of one unit.
fn solo(base: usize, now: usize) -> [Vec<Vec<f64>>; 2] {
    let north = |part| changes(&[0, 1, 2, 3, 4, 5], (base, now), part, &[base, now]);
    [north(Some(true)), vec![north(Some(false)).concat()]]
}

#[test]
fn units_of_an_arm_share_what_happens_and_people_of_their_own_do_not() {
    let (_folder, tables) = released();
    let of = |units: [&[usize]; 2]| {
        let [north, south] = units.map(|units| changes(units, (0, 1), None, &[0, 1]));
        [[north.clone(), south.clone()].concat(), north, south]
    };
    let (pilot, others) = (of(PILOT), of(COMPARISON));
    let lead = |unit: &str, at: usize| {
        let about = format!("{unit} lead output 2024-H2 0");
        expected(&about, &pilot[at], &others[at], [true; 2])
    };
    // Nothing tells what units of its comparison share: it is one.
    let [own, other] = solo(0, 1);
    let alone = |unit: &str| {
        let about = format!("{unit} solo output 2024-H2 0");
        expected(&about, &own, &other, [false, true])
    };
    let expected = [
        lead("Acme", 0),
        alone("Acme"),
        // The south has nobody in `solo`, though it could have; of its comparison
        // it can have nobody, so the north shows there as itself.
        expected(
            "(other units) Acme solo output 2024-H2 0",
            &own,
            &[],
            [false, true],
        ),
        lead("north", 1),
        lead("south", 2),
    ];
    let statuses = expected.each_ref().map(|row| row.status.as_str());
    let missing = "cohort_missing";
    assert_eq!(statuses, ["ok", missing, missing, "ok", missing]);
    assert_rows(&tables["2024-H2"], &expected);
}

#[test]
fn later_starts_have_later_bases_and_one_comparison_serves_all() {
    let (_folder, tables) = released();
    let of = |units: [&[usize]; 2], base: usize, needs: &[usize]| {
        let [north, south] = units.map(|units| changes(units, (base, 2), None, needs));
        [[north.clone(), south.clone()].concat(), north, south]
    };
    // Those of the comparison have a value in both bases, whichever is compared.
    let others = [0, 1].map(|base| of(COMPARISON, base, &[0, 1, 2]));
    let own = [of(PILOT, 0, &[0, 2]), of(ROLLOUT, 1, &[1, 2])];
    let lead = |unit: &str, at: usize, base: usize| {
        let start = ["2024-H2 1", "2025-H1 0"][base];
        let about = format!("{unit} lead output {start}");
        expected(&about, &own[base][at], &others[base][at], [true; 2])
    };
    let [own_solo, other] = solo(0, 2);
    let alone = |unit: &str| {
        let about = format!("{unit} solo output 2024-H2 1");
        expected(&about, &own_solo, &other, [false, true])
    };
    let expected = [
        lead("Acme", 0, 0),
        lead("Acme", 0, 1),
        alone("Acme"),
        expected(
            "(other units) Acme solo output 2024-H2 1",
            &own_solo,
            &[],
            [false, true],
        ),
        lead("north", 1, 0),
        lead("north", 1, 1),
        lead("south", 2, 0),
        lead("south", 2, 1),
    ];
    let shown = expected.each_ref().map(|row| row.effect.is_some());
    // Of the rollout, each division has but one unit.
    let ok = [true, true, false, false, true, false, false, false];
    assert_eq!(shown, ok);
    assert_rows(&tables["2025-H1"], &expected);
}

#[test]
fn programmes_that_will_have_no_effect_are_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    project(folder.path());
    let config = folder.path().join("lodestar.toml");
    let warnings = || -> Vec<String> {
        let args = ["check", "--json", "--config", config.to_str().unwrap()];
        let said = crate::support::run(args).ok().json();
        serde_json::from_value(said["warnings"].clone()).unwrap()
    };
    let all = warnings();
    let about = |id: &str| {
        let mut mine = all.iter().filter(|one| one.contains(&format!("`{id}`")));
        mine.next().cloned().unwrap_or_default()
    };
    assert!(about("alone").contains("has no comparison"), "{all:?}");
    assert!(
        about("solo").contains("has one unit in its comparison:"),
        "{all:?}"
    );
    assert!(
        about("lead").contains("has one unit that starts in 2026-H1:"),
        "{all:?}"
    );
    assert!(!all.iter().any(|one| one.contains("left out")), "{all:?}");
    // By default, and where a release reads one period.
    let text = fs::read_to_string(&config).unwrap();
    let (default, _) = text.split_once("[[measures]]").unwrap();
    fs::write(
        &config,
        default.replace("k = 5", "k = 5\nunit = \"person-period\""),
    )
    .unwrap();
    let said = warnings();
    let left_out = said
        .iter()
        .find(|one| one.starts_with("left out: `programme_effect`"));
    assert!(
        left_out.is_some_and(|one| one.contains("several periods")),
        "{said:?}"
    );
    assert!(
        !said.iter().any(|one| one.contains("comparison")),
        "{said:?}"
    );
}

/// A synthetic organisation states what its people's outcomes say, counted by
/// itself.
#[test]
fn a_synthetic_organisation_has_the_effects_that_it_states() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    synth::generate(&synth::Options::new(2_000, 7, folder.to_owned())).unwrap();
    let config = folder.join("lodestar.toml");
    let text = fs::read_to_string(&config).unwrap();
    let measure = "[[measures]]\nuse = \"programme_effect\"\nlevels = [0, 1]\n";
    fs::write(&config, format!("{text}\n{measure}")).unwrap();
    let mut stated: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let truth = fs::read_to_string(folder.join("truth/programme_effect.csv")).unwrap();
    for line in truth.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let numbers = cells[6..9].iter().filter_map(|cell| cell.parse().ok());
        stated.insert(cells[..6].join(" "), numbers.collect());
    }
    let mut divisions = 0;
    // Halves are published with the quarter that closes them.
    let tables = tables(folder, &["2024-Q2", "2024-Q4"]);
    for (table, half) in tables.values().zip(["2024-H1", "2024-H2"]) {
        for row in rows(table) {
            // Nobody is withheld for the sake of a division without such people.
            let stated = stated.get(&format!("{half} {}", row.about));
            let stated = stated.unwrap_or_else(|| panic!("{row:?}"));
            // A division without a comparison has none to show.
            let Some(others) = row.people.1 else {
                assert_eq!(row.status, "cohort_missing");
                continue;
            };
            let people = format!("{} {others}", row.people.0);
            assert_eq!(people, format!("{} {}", stated[0], stated[1]), "{row:?}");
            let (effect, low, high) = row.effect.unwrap();
            assert!((effect - stated[2]).abs() < 0.001, "{row:?} {stated:?}");
            assert!(low < effect && effect < high, "{row:?}");
            divisions += usize::from(!row.about.starts_with("Acme "));
        }
    }
    let of_divisions = stated.iter().filter(|(about, numbers)| {
        let published = about.starts_with("2024-");
        published && !about.contains(" Acme ") && numbers[0].min(numbers[1]) > 0.0
    });
    assert_eq!(divisions, of_divisions.count());
}
