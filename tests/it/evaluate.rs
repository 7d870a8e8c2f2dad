//! What `evaluate` tells of a synthetic cohort, and that it touches nothing.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::File;

use arrow::array::{Array as _, AsArray as _, RecordBatch};
use arrow::datatypes::{Float64Type, Int64Type};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;

use crate::exact_support::published::bounds;
use crate::support::{HEADER, Project};

/// People of [`simple`].
const PEOPLE: u32 = 60;

/// Sixty synthetic people of one unit, each of whom has four sessions in
/// 2025-Q1: of 30 minutes each, and with one theme each, all different. Every
/// sixth has no more than one.
fn simple() -> Project {
    let project = Project::empty();
    let source =
        |name: &str| format!("[sources.{name}]\npath = \"{name}.csv\"\nsynthetic = true\n");
    let themes = ["a", "b", "c", "d"]
        .map(|id| format!("[[themes]]\nid = \"{id}\"\ncompetencies = [\"adaptability\"]\n"));
    let config = format!(
        "[project]\norganisation = \"Acme\"\n[periods]\nfirst = \"2025-Q1\"\nlast = \"2025-Q1\"\n\
         [privacy]\nk = 5\n{}{}{}[[competencies]]\nid = \"adaptability\"\n{}\
         [[measures]]\nuse = \"theme_prevalence\"\n[[measures]]\nuse = \"engagement\"\n",
        source("org"),
        source("people"),
        source("sessions"),
        themes.concat()
    );
    project.write("lodestar.toml", config);
    project.write("org.csv", "org_unit,label,parent\nnorth,North,Acme\n");
    let mut people = String::from("person_id,org_unit\n");
    let mut sessions = format!("{HEADER}\n");
    for n in 0..PEOPLE {
        let _ = writeln!(people, "p{n},north");
        let themes = if n % 6 == 0 { 1 } else { 4 };
        for (at, theme) in ["a", "b", "c", "d"].into_iter().take(themes).enumerate() {
            let row = format!("s{n}-{at},p{n},c{},2025-02-0{},30", n % 20, at + 1);
            let _ = writeln!(sessions, "{row},adaptability,{theme},");
        }
    }
    project.write("people.csv", people);
    project.write("sessions.csv", sessions);
    project
}

/// The figures of a statistic at the root, one a policy.
fn at_root<'a>(all: &'a Value, measure: &str, statistic: &str) -> Vec<&'a Value> {
    let all = all.as_array().unwrap().iter();
    let mine = all.filter(|one| {
        one["measure"] == measure && one["statistic"] == statistic && one["level"] == 0
    });
    mine.collect()
}

#[track_caller]
fn assert_near(value: &Value, expected: f64, slack: f64) {
    let number = value.as_f64().unwrap_or_else(|| panic!("{value}"));
    assert!(
        (number - expected).abs() <= slack,
        "{number}, not {expected}"
    );
}

#[test]
fn real_people_are_refused_before_anything_is_read() {
    let project = Project::tiny();
    std::fs::remove_file(project.path("input/sessions.csv")).unwrap();
    let words = [
        "synthetic",
        "[sources.people]",
        "[sources.sessions]",
        "lodestar synth",
    ];
    let output = project
        .lodestar("evaluate --out never.parquet")
        .refused(2, &words);
    assert_eq!(output.stdout, "");
    assert!(!project.path("state").exists() && !project.path("published").exists());
    // Of some sources it is not enough.
    let text = String::from_utf8(project.read("lodestar.toml")).unwrap();
    let people = "[sources.people]\n";
    project.write(
        "lodestar.toml",
        text.replace(people, &format!("{people}synthetic = true\n")),
    );
    let output = project
        .lodestar("evaluate")
        .refused(2, &["[sources.sessions]"]);
    assert!(!output.stderr.contains("[sources.people]"));
}

#[test]
fn a_project_that_released_real_people_does_not_become_synthetic() {
    let project = Project::tiny();
    project.lodestar("run --as-of 2025-05-01").ok();
    let text = String::from_utf8(project.read("lodestar.toml")).unwrap();
    let path = "path = ";
    project.write(
        "lodestar.toml",
        text.replace(path, &format!("synthetic = true\n{path}")),
    );
    let words = ["ledger was begun with real people", "a project of its own"];
    project.lodestar("evaluate").refused(2, &words);
}

#[test]
fn requests_that_make_no_sense_are_refused() {
    let project = simple();
    for (args, words) in [
        ("--epsilon 0", &["--epsilon", "expected a number"][..]),
        ("--epsilon 2,nan", &["--epsilon"]),
        ("--clip 0", &["--clip"]),
        ("--k 0", &["--k"]),
        ("--max-cells 0", &["--max-cells"]),
        ("--levels 0,x", &["--levels", "\"x\" is not a level"]),
        ("--releases 0", &["--releases"]),
        ("--period 2025-Q9", &["2025-Q9"]),
        ("--period 2026-Q1", &["2026-Q1", "`first` and `last`"]),
        ("--levels 7", &["none of its `levels` is in the org tree"]),
    ] {
        let output = project.lodestar(&format!("evaluate {args}"));
        output.refused(2, words);
    }
    let words = ["ε 0.001, k 5", "budget"];
    project
        .lodestar("evaluate --epsilon 0.001")
        .refused(4, &words);
    // A file that is there is left alone, and one that nothing came of is not.
    let file = project.path("there.parquet");
    std::fs::write(&file, "mine").unwrap();
    let out = |name: &str, args: &str| {
        let path = project.path(name);
        project.lodestar(&format!("evaluate {args} --out {}", path.display()))
    };
    out("there.parquet", "").refused(7, &["there.parquet"]);
    assert_eq!(std::fs::read(&file).unwrap(), b"mine");
    out("new.parquet", "--period 2026-Q1").refused(2, &[]);
    assert!(!project.path("new.parquet").exists());
}

#[test]
fn every_policy_of_the_grid_is_told_of_and_nothing_is_touched() {
    let project = simple();
    let before = crate::support::names(&project.path(""));
    let grid =
        "--epsilon 20,40,20 --k 5,70 --max-cells 1,4 --clip 0.5,1 --levels 0;0,1 --releases 2";
    let path = project.path("figures.parquet");
    let args = format!("evaluate {grid} --json --out {}", path.display());
    let all = project.lodestar(&args).ok().json();
    let all = all.as_array().unwrap();
    let keys = ["epsilon", "k", "max_cells", "clip", "levels"];
    let point = |one: &Value| keys.map(|key| one[key].to_string());
    let points: BTreeSet<_> = all.iter().map(point).collect();
    assert_eq!(points.len(), 32);
    let keys_of_rows = ["measure", "statistic", "level"];
    let row = |one: &Value| (point(one), keys_of_rows.map(|key| one[key].to_string()));
    let rows: BTreeSet<_> = all.iter().map(row).collect();
    assert_eq!(rows.len(), all.len(), "what is named twice is tried once");
    for (at, expected) in [["20.0", "40.0"], ["5", "70"], ["1", "4"], ["0.5", "1.0"]]
        .into_iter()
        .chain([["[0]", "[0,1]"]])
        .enumerate()
    {
        let values: BTreeSet<_> = points.iter().map(|point| point[at].as_str()).collect();
        assert_eq!(values, BTreeSet::from(expected), "{}", keys[at]);
    }
    for one in all {
        // There are 60 people: 70 of them are never shown, and 5 are.
        let published = if one["k"] == 70 { 0.0 } else { 1.0 };
        assert_near(&one["cohorts_published"], published, 0.0);
        assert_near(&one["people_published"], published, 0.0);
        assert_eq!(one["people"], PEOPLE);
        assert!(one["levels"].as_array().unwrap().contains(&one["level"]));
    }
    same_as_parquet(all, &read(&path));
    let mut after = crate::support::names(&project.path(""));
    after.retain(|name| name != "figures.parquet");
    assert_eq!(after, before, "no state, nothing published");
}

fn read(path: &std::path::Path) -> RecordBatch {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    reader.build().unwrap().next().unwrap().unwrap()
}

/// The file has a row for each, in order, with the same numbers.
fn same_as_parquet(all: &[Value], batch: &RecordBatch) {
    assert_eq!(batch.num_rows(), all.len());
    for name in ["coverage", "rmse", "bounding_lost", "rank_agreement", "ok"] {
        let column = batch[name].as_primitive::<Float64Type>();
        for (row, one) in all.iter().enumerate() {
            match one[name].as_f64() {
                // Text rounds the last digit.
                Some(_) => assert_near(&one[name], column.value(row), 1e-9),
                None => assert!(column.is_null(row), "{name} of row {row}"),
            }
        }
    }
    let (levels, k) = (
        batch["levels"].as_string::<i32>(),
        batch["k"].as_primitive::<Int64Type>(),
    );
    for (row, one) in all.iter().enumerate() {
        let text = one["levels"].to_string();
        assert_eq!(format!("[{}]", levels.value(row)), text);
        assert_eq!(Some(k.value(row)), one["k"].as_i64());
    }
}

#[test]
fn what_the_bounds_cost_is_as_worked_out_by_hand() {
    let project = simple();
    let all = project.lodestar("evaluate --max-cells 2 --clip 0.5 --releases 1 --json");
    let all = all.ok().json();
    // 50 people have four themes, 10 have one: of 210, 100 + 10 are kept; there
    // are five keys, `other` among them.
    let n = at_root(&all, "theme_prevalence", "n")[0];
    assert_near(&n["bounding_lost"], 100.0 / 210.0, 1e-12);
    assert_near(&n["bounding_bias"], -100.0 / 5.0, 1e-9);
    let share = at_root(&all, "theme_prevalence", "share")[0];
    assert_near(&share["bounding_lost"], 100.0 / 210.0, 1e-9);
    assert_near(&share["bounding_bias"], -20.0 / 60.0, 1e-9);
    // The clips of sessions and minutes are far above four sessions of half an
    // hour, even halved; a tenth of that of minutes is not.
    let minutes = at_root(&all, "engagement", "minutes_per_coachee")[0];
    assert_near(&minutes["bounding_lost"], 0.0, 1e-3);
    let clip = "engagement\"\nclip = { minutes_per_coachee = [0, 60] }";
    project.edit("engagement\"", clip);
    let all = project
        .lodestar("evaluate --clip 1,0.5,4 --releases 1 --json")
        .ok()
        .json();
    // A sixth has 30 minutes and the others 120: 105 on average.
    let mean = |clip: f64| (30.0_f64.min(clip) + 5.0 * 120.0_f64.min(clip)) / 6.0;
    let told = at_root(&all, "engagement", "minutes_per_coachee");
    for (one, clip) in told.into_iter().zip([60.0, 30.0, 240.0]) {
        assert_near(&one["bounding_bias"], mean(clip) - 105.0, 0.05);
        assert_near(&one["bounding_lost"], 1.0 - mean(clip) / 105.0, 5e-4);
    }
}

/// Where nobody has more than twice the bound, releases estimate what is lost.
#[test]
fn what_a_release_says_of_its_bounds_is_what_is_told_here_but_for_noise() {
    let project = simple();
    project.edit("k = 5", "k = 5\nepsilon = 1e6");
    let clip = "engagement\"\nclip = { minutes_per_coachee = [0, 60] }";
    project.edit("engagement\"", clip);
    project.edit("theme_prevalence\"", "theme_prevalence\"\nmax_cells = 2");
    let all = project.lodestar("evaluate --releases 1 --json").ok().json();
    project.lodestar("run --as-of 2025-05-01").ok();
    let told = bounds(&project.path("published/releases/2025-Q1"));
    for (measure, statistic, of) in [
        ("theme_prevalence", "n", None),
        (
            "engagement",
            "minutes_per_coachee",
            Some("minutes_per_coachee"),
        ),
        (
            "engagement",
            "sessions_per_coachee",
            Some("sessions_per_coachee"),
        ),
    ] {
        let mut mine = told.iter().filter(|row| row.measure == measure);
        let mine = mine.find(|row| row.statistic.as_deref() == of).unwrap();
        let exact = &at_root(&all, measure, statistic)[0]["bounding_lost"];
        assert_near(exact, mine.lost.unwrap().0, 5e-3);
    }
}

/// Next to no noise: what is shown of every kind of measure is what is taken for
/// the truth, and what the generator says is lost to bounds is.
#[test]
fn of_every_default_measure_the_truth_is_what_is_released_without_noise() {
    let project = Project::synthetic();
    let args = "evaluate --period 2024-Q2 --epsilon 100000 --k 3 --releases 2 --json";
    let all = project.lodestar(args).ok().json();
    let measures: BTreeSet<_> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["measure"].as_str())
        .collect();
    // All that are default, but for programmes, of which none has begun.
    assert_eq!(measures.len(), 9, "{measures:?}");
    let mut shown = 0;
    for one in all.as_array().unwrap() {
        for part in ["cohorts_published", "people_published"] {
            let part = one[part].as_f64().unwrap();
            assert!(
                (0.0..=1.0).contains(&part) && (part > 0.5 || one["level"] == 2),
                "{one}"
            );
        }
        if let Some(error) = one["relative_error"].as_f64() {
            assert!(error < 0.1, "{one}");
            shown += 1;
        }
        assert!(
            one["bounding_lost"].as_f64().is_none_or(|lost| lost < 0.2),
            "{one}"
        );
    }
    assert!(shown > 40, "{shown}");
    // Metrics have units of their own.
    let differences = at_root(&all, "business_outcomes", "difference");
    let metrics = differences
        .iter()
        .map(|one| one["metric"].as_str().unwrap());
    let metrics: Vec<&str> = metrics.collect();
    assert_eq!(metrics, ["absence_rate", "retained", "performance"]);
    assert_eq!(at_root(&all, "coverage", "n")[0]["metric"], Value::Null);
    let truth: Value = serde_json::from_slice(&project.read("truth/truth.json")).unwrap();
    let mut quarters = truth["figures"].as_array().unwrap().iter();
    let quarter = quarters
        .find(|quarter| quarter["period"] == "2024-Q2")
        .unwrap();
    let [beyond, keys] = ["keys_beyond_four", "keys"].map(|name| quarter[name].as_f64().unwrap());
    let n = at_root(&all, "theme_prevalence", "n")[0];
    assert_near(&n["bounding_lost"], beyond / keys, 1e-9);
    assert_eq!(n["people"], quarter["coachees"]);
    assert_near(&n["rank_agreement"], 1.0, 0.01);
}

#[test]
fn errors_and_coverage_are_those_of_the_noise_that_was_planned() {
    let project = simple();
    // One level: numbers of several could be told from each other.
    let levels = "theme_prevalence\"\nlevels = [0]";
    project.edit("theme_prevalence\"", levels);
    project.edit("k = 5", "k = 5\nepsilon = 20");
    let plan = project.lodestar("plan --json").ok().json();
    let tables = plan[0]["releases"][0]["tables"].as_array().unwrap();
    let table = tables
        .iter()
        .find(|table| table["table"] == "theme_prevalence");
    let sigma = table.unwrap()["statistics"][0]["sigma"].as_f64().unwrap();
    let all = project
        .lodestar("evaluate --releases 300 --json")
        .ok()
        .json();
    let n = at_root(&all, "theme_prevalence", "n")[0];
    // Four themes and `other`, of which nobody is.
    assert_eq!(n["rows"], 300 * 5);
    assert_near(&n["ok"], 0.8, 0.02);
    // The deviation of an estimate from 1,200 draws is σ/√2,400, or 2 %; but one of
    // the four themes is everybody's, so that it is cut off at their noisy number.
    assert_near(&n["rmse"], sigma, 0.3 * sigma);
    let truth = f64::sqrt((60.0_f64.powi(2) + 3.0 * 50.0_f64.powi(2)) / 4.0);
    assert_near(&n["relative_error"], sigma / truth, 0.4 * sigma / truth);
    // σ is about 1.3: of such discrete noise, 94 in 100 are at most two.
    for coverage in ["coverage", "coverage_unmasked"] {
        assert_near(&n[coverage], 0.945, 0.045);
    }
    let half = n["half_width"].as_f64().unwrap();
    assert_near(&n["half_width"], 1.96 * sigma, 0.05 * half);
    assert_eq!(n["comparative"], false);
    // One theme is ten ahead of the other three, which tie in truth.
    let agreement = n["rank_agreement"].as_f64().unwrap();
    assert!((0.1..=1.0).contains(&agreement), "{agreement}");
}

#[test]
fn the_table_fits_a_terminal_and_says_what_its_columns_are() {
    let project = simple();
    let said = project
        .lodestar("evaluate --epsilon 20 --releases 3")
        .ok()
        .stdout;
    for words in [
        "ε 20, k 5, clips × 1",
        "theme_prevalence, level 0: of 1 cohort",
        "Kendall",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let fits = said.lines().all(|line| line.chars().count() <= 80);
    assert!(fits, "{said}");
}
