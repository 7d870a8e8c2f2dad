//! Every example of `docs/measures.md` is run as it stands there.

use std::fmt::Write as _;
use std::fs;

use polars::prelude::{DataFrame, ParquetReader, SerReader};

use crate::support::Project;

/// The blocks of `docs/measures.md` that declare measures, and the one that
/// declares what they tell people apart by.
fn blocks() -> (Vec<String>, String) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/measures.md");
    let page = fs::read_to_string(path).unwrap();
    let blocks = page.split("```toml\n").skip(1);
    let blocks = blocks.map(|rest| rest.split("```").next().unwrap().to_owned());
    let (measures, others): (Vec<_>, Vec<_>) =
        blocks.partition(|text| text.starts_with("[[measures]]"));
    let [declared] = others.as_slice() else {
        panic!("one block declares the dimensions")
    };
    (measures, declared.clone())
}

fn table(project: &Project, name: &str) -> DataFrame {
    let file = fs::File::open(project.path(&format!("published/current/{name}.parquet"))).unwrap();
    ParquetReader::new(file).finish().unwrap()
}

/// 4,000 people in two departments of two sites; every other one is coached.
fn organisation(project: &Project) {
    project.write(
        "input/org.csv",
        "org_unit,label,parent\nnorth,North,Acme\nsouth,South,Acme\n",
    );
    let mut people = String::from("person_id,org_unit,job_level,site,programme\n");
    let mut sessions = String::from(
        "session_id,coachee_id,coach_id,held_on,minutes,competency,themes,mode,trigger,format,cost\n",
    );
    let levels = ["staff", "manager", "senior", "executive"];
    for n in 0..4000 {
        let site = ["north", "south"][n % 2];
        let programme = ["none", "accelerate", "none"][n % 3];
        let level = levels[n % 4];
        let _ = writeln!(people, "p{n},{site},{level},{site},{programme}");
        for session in 0..(n / 2 % 2) * (1 + n % 3) {
            let format = ["single", "team"][(n / 4 + session) % 2];
            let mode = ["coaching", "coaching", "mentoring"][(n + session) % 3];
            let trigger = ["proactive", "reactive"][(n / 8) % 2];
            let _ = writeln!(
                sessions,
                "s{session},p{n},c{},2024-02-01,60,courage;candour,voice,{mode},{trigger},{format},100",
                n % 50
            );
        }
    }
    project.write("input/people.csv", people);
    project.write("input/sessions.csv", sessions);
}

#[test]
fn the_examples_of_the_documentation_publish_what_they_say() {
    let (measures, declared) = blocks();
    assert!(measures.len() >= 8, "{}", measures.len());
    let project = Project::empty();
    organisation(&project);
    let head = r#"
[project]
organisation = "Acme"
[periods]
every = "half"
first = "2024-H1"
last = "2024-H1"
[privacy]
epsilon = 1000.0
[sources.org]
path = "input/org.csv"
synthetic = true
[sources.people]
path = "input/people.csv"
synthetic = true
[sources.sessions]
path = "input/sessions.csv"
synthetic = true
[[competencies]]
id = "courage"
[[competencies]]
id = "candour"
[[themes]]
id = "voice"
competencies = ["courage"]
"#;
    project.write(
        "lodestar.toml",
        format!("{head}{declared}{}", measures.concat()),
    );
    project.lodestar("run").ok();
    let value = |name: &str, column: &str, row: usize| -> f64 {
        let frame = table(&project, name);
        let column = frame
            .column(column)
            .unwrap()
            .cast(&polars::prelude::DataType::Float64);
        column.unwrap().f64().unwrap().get(row).unwrap()
    };
    let near = |a: f64, b: f64, by: f64| assert!((a - b).abs() < by, "{a} {b}");
    // 2,000 coachees with 1, 2 or 3 sessions each, of 60 minutes and a cost of 100.
    near(value("engagement", "sessions_per_coachee", 0), 2.0, 0.02);
    near(value("engagement", "minutes_per_coachee", 0), 120.0, 1.0);
    near(value("cost", "cost_per_coachee", 0), 200.0, 2.0);
    // A third of everybody, and of the coachees.
    near(
        value("programme_reach", "share_in_programme", 0),
        1.0 / 3.0,
        0.01,
    );
    near(
        value("programme_coachees", "share_in_programme", 0),
        1.0 / 3.0,
        0.01,
    );
    near(value("team_time", "team_share", 0), 0.5, 0.01);
    // Each session's minutes are shared by its two competencies.
    near(value("minutes_by_competency", "minutes_each", 0), 60.0, 1.0);
    near(value("minutes_by_competency", "minutes_each", 1), 60.0, 1.0);
    // Rows: single, team at the root and two units.
    assert_eq!(table(&project, "team_journeys").height(), 6);
    // (all), north, south at the root; below, each site is one department.
    let sites = table(&project, "coverage_by_site");
    near(value("coverage_by_site", "share", 0), 0.5, 0.01);
    assert!(sites.height() >= 5, "{sites}");
    // Managers and senior people: half of the coachees.
    near(value("themes_of_managers", "cohort", 0), 1000.0, 5.0);
    project.verify("releases/2024-H1").ok();
    project.verify("current").ok();
}
