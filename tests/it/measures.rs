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
        panic!("one block declares what the examples name")
    };
    (measures, declared.clone())
}

/// What [`organisation`] needs, but for what its columns may hold.
const HEAD: &str = r#"
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
[sources.assessments]
path = "input/assessments.csv"
synthetic = true
[sources.outcomes]
path = "input/outcomes.csv"
synthetic = true
[sources.programmes]
path = "input/programmes.csv"
synthetic = true
[[competencies]]
id = "courage"
[[competencies]]
id = "candour"
[[themes]]
id = "voice"
competencies = ["courage"]
"#;

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
    project.write("input/assessments.csv", assessments());
    project.write("input/outcomes.csv", outcomes());
    // The people of the programme, against the others of both units.
    project.write(
        "input/programmes.csv",
        "programme,arm,starts_on,org_unit\naccelerate,pilot,2024-02-01,\n\
         accelerate,comparison,,north\naccelerate,comparison,,south\n",
    );
}

/// Two waves of everybody, and a survey in the second. Every third person learns
/// to lead and shows courage, every fourth one strains, every fifth one speaks.
fn assessments() -> String {
    let mut rows =
        String::from("subject_id,competency,instrument,item,rater_group,score,assessed_on\n");
    for n in 0..4000 {
        let mut row = |of: &str, group: &str, score: f64, day: &str| {
            let _ = writeln!(rows, "p{n},{of},{group},{score},{day}");
        };
        let (before, after) = ("2023-11-01", "2024-05-01");
        let third = |yes: f64, no: f64| if n % 3 == 0 { yes } else { no };
        row("leading,style,", "manager", 2.0, before);
        row("leading,style,", "manager", third(4.0, 2.0), after);
        row("courage,leadership,", "self", 3.0, before);
        row("courage,leadership,", "self", third(4.5, 3.0), after);
        row("wellbeing,strain,", "self", 4.0, before);
        let strain = if n % 4 == 0 { 9.0 } else { 4.0 };
        row("wellbeing,strain,", "self", strain, after);
        let speaks = if n % 5 == 0 { 5.0 } else { 2.0 };
        row("courage,climate,speak_up", "self", speaks, after);
        row("courage,practice,tried", "self", 4.0, after);
        row("courage,practice,learnt", "self", 2.0, after);
    }
    rows
}

/// The coached manage more and produce less; a tenth of all leaves. Staff in the
/// programme produce less since it started.
fn outcomes() -> String {
    let mut rows = String::from("person_id,metric,value,measured_on\n");
    for n in 0..4000 {
        let coached = n / 2 % 2 == 1;
        let (produces, manages) = if coached { (10, 25) } else { (20, 15) };
        let spared = if n % 3 == 1 && n % 4 == 0 { 6 } else { 0 };
        let _ = writeln!(rows, "p{n},producer_hours,{produces},2023-10-01");
        let (stayed, moved) = (u8::from(n % 10 != 0), u8::from(n % 8 == 0));
        for (metric, value) in [
            ("producer_hours", produces - spared),
            ("manager_hours", manages),
            ("stayed", stayed),
            ("moved", moved),
        ] {
            let _ = writeln!(rows, "p{n},{metric},{value},2024-03-01");
        }
    }
    rows
}

#[test]
fn the_examples_of_the_documentation_publish_what_they_say() {
    let (measures, declared) = blocks();
    assert!(measures.len() >= 18, "{}", measures.len());
    let project = Project::empty();
    organisation(&project);
    project.write(
        "lodestar.toml",
        format!("{HEAD}{declared}{}", measures.concat()),
    );
    project.lodestar("run").ok();
    let value = |name: &str, column: &str, row: usize| -> f64 {
        let frame = table(&project, name);
        let column = frame.column(column).unwrap();
        let column = column.cast(&polars::prelude::DataType::Float64).unwrap();
        column.f64().unwrap().get(row).unwrap()
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
    // A sixth of those who are not coached work 14 hours, the others 20; the coached 10.
    near(value("hours_beside", "mean_not_coached", 0), 19.0, 0.2);
    near(value("hours_beside", "difference", 0), -9.0, 0.3);
    assert_outcomes(&project);
    project.verify("releases/2024-H1").ok();
    project.verify("current").ok();
}

/// What [`assessments`] and [`outcomes`] hold, as the examples publish it of the
/// whole organisation.
fn assert_outcomes(project: &Project) {
    let near = |name: &str, column: &str, keys: &[(&str, &str)], truth: f64, by: f64| {
        let keys = [&[("org_unit", "Acme")], keys].concat();
        let found = cell(&table(project, name), column, &keys);
        assert!(
            (found - truth).abs() < by,
            "{name}.{column}: {found} {truth}"
        );
    };
    let third = 1.0 / 3.0;
    let shift = [("from_band", "weakness"), ("to_band", "strength")];
    near("leadership_style", "share", &shift, third, 0.01);
    for (metric, mean, other) in [
        ("producer_hours", 10.0, 20.0),
        ("manager_hours", 25.0, 15.0),
    ] {
        let metric = [("metric", metric)];
        near("hours_of_managers", "mean_coached", &metric, mean, 0.2);
        near("hours_of_managers", "mean_not_coached", &metric, other, 0.2);
        near(
            "hours_of_managers",
            "difference",
            &metric,
            mean - other,
            0.3,
        );
    }
    near(
        "safe_to_fail",
        "share_top_box",
        &[("item", "tried")],
        1.0,
        0.01,
    );
    near("safe_to_fail", "mean", &[("item", "learnt")], 2.0, 0.05);
    near("speaking_up", "share_top_box", &[], 0.2, 0.01);
    // Every eighth person is one of the half that is not coached.
    near("internal_moves", "mean_not_coached", &[], 0.25, 0.01);
    near("retention", "mean_coached", &[], 0.9, 0.01);
    near("retention", "difference", &[], 0.0, 0.01);
    let level = |id| [("job_level", id)];
    near(
        "wellbeing_decline",
        "share_declined",
        &level("staff"),
        1.0,
        0.02,
    );
    near(
        "wellbeing_decline",
        "share_declined",
        &level("(all)"),
        0.25,
        0.01,
    );
    for id in ["staff", "executive"] {
        let keys = [("job_level", id), ("competency", "courage")];
        near("adoption_by_level", "share_at_target", &keys, third, 0.02);
        near("adoption_by_level", "share_of_people", &keys, third, 0.02);
    }
    // Half of those who are not coached are staff.
    near(
        "spillover",
        "effect",
        &[("start_cohort", "2024-H1")],
        -3.0,
        0.3,
    );
    let improvers = |column: &str| cell(&table(project, "improvers"), column, &[]);
    let spent = |column: &str| cell(&table(project, "cost"), column, &[("org_unit", "Acme")]);
    let cost = spent("cost_per_coachee") * spent("cohort") / improvers("improvers");
    assert!((cost - 600.0).abs() < 15.0, "{cost}");
}

/// The number in the only row with these ids.
fn cell(frame: &DataFrame, column: &str, keys: &[(&str, &str)]) -> f64 {
    let text = |name: &str, row: usize| {
        let column = frame.column(name).unwrap().str().unwrap();
        column.get(row).unwrap().to_owned()
    };
    let is = |row: &usize| keys.iter().all(|(name, id)| text(name, *row) == *id);
    let rows: Vec<usize> = (0..frame.height()).filter(is).collect();
    let [row] = rows.as_slice() else {
        panic!("{column} {keys:?}: {rows:?} of {frame}")
    };
    let numbers = frame.column(column).unwrap();
    let numbers = numbers.cast(&polars::prelude::DataType::Float64).unwrap();
    let found = numbers.f64().unwrap().get(*row);
    found.unwrap_or_else(|| panic!("{column} {keys:?} is null"))
}

#[test]
fn measures_of_what_no_session_says_are_warned_of() {
    let project = Project::tiny();
    let said = project.lodestar("check --json").ok().json();
    let warnings: Vec<&str> = said["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|warning| warning.as_str())
        .filter(|warning| warning.starts_with("no accepted session has"))
        .collect();
    let about = |words: &str| warnings.iter().any(|warning| warning.contains(words));
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(about("`coaching_mix`") && about("`mode` or `coaching_minutes`"));
    assert!(about("`trigger_mix`") && about("has `trigger`"));
    // Nor is there a note to find terms in.
    project.edit(
        "[privacy]\n",
        "[[measures]]\nuse = \"emerging_terms\"\n\n[privacy]\n",
    );
    let said = project.lodestar("check --json").ok().json();
    let warning = "no accepted session has `note`: `emerging_terms`";
    assert!(said["warnings"].to_string().contains(warning), "{said}");
    project.edit("[[measures]]\nuse = \"emerging_terms\"\n\n", "");
    // With a default for both there is something to tell.
    let path = "path = \"input/sessions.csv\"";
    let defaults = "defaults = { mode = \"coaching\", trigger = \"proactive\" }";
    project.edit(path, &format!("{path}\n{defaults}"));
    let said = project.lodestar("check --json").ok().json();
    assert!(
        !said["warnings"]
            .to_string()
            .contains("no accepted session has"),
        "{said}"
    );
}

#[test]
fn rows_that_name_what_is_not_declared_are_answered_with_what_is() {
    let project = Project::empty();
    organisation(&project);
    let declared =
        "[dimensions]\njob_level = [\"staff\", \"manager\", \"senior\", \"executive\"]\n";
    let more = r#"
[[instruments]]
id = "leadership"
min = 1
max = 5
[[metrics]]
id = "moved"
range = [0, 1]
[[measures]]
use = "engagement"
"#;
    project.write("lodestar.toml", format!("{HEAD}{declared}{more}"));
    let programmes = "[sources.programmes]\npath = \"input/programmes.csv\"\nsynthetic = true\n";
    project.edit(programmes, "");
    let scores = "subject_id,competency,instrument,item,rater_group,score,assessed_on\n";
    project.write("input/assessments.csv", scores);
    let rows = "person_id,metric,value,measured_on\np1,mooved,1,2024-05-01\n";
    project.write("input/outcomes.csv", rows);
    let words = [
        "error: outcomes: 1 of 1 rows",
        "not declared: declare it, or `map` it to what is (declared: `moved`)",
    ];
    project.lodestar("check").refused(3, &words);
}

#[test]
fn measures_of_what_is_not_delivered_or_declared_are_warned_of() {
    let project = Project::empty();
    organisation(&project);
    let more = r#"
[[instruments]]
id = "leadership"
min = 1
max = 5
[[instruments]]
id = "strain"
min = 0
max = 10
[[metrics]]
id = "moved"
range = [0, 1]
[north_star]
targets = [{ competency = "courage", level = 7 }]
[[measures]]
use = "competency_progress"
dimensions = ["competency"]
[[measures]]
use = "skill_gap"
[[measures]]
use = "skill_gap"
name = "strain_gap"
instrument = "strain"
[[measures]]
use = "business_outcomes"
"#;
    let declared =
        "[dimensions]\njob_level = [\"staff\", \"manager\", \"senior\", \"executive\"]\n";
    project.write("lodestar.toml", format!("{HEAD}{declared}{more}"));
    project.edit(
        "[sources.programmes]\npath = \"input/programmes.csv\"\nsynthetic = true\n",
        "",
    );
    let rows = "subject_id,competency,instrument,item,rater_group,score,assessed_on\n";
    let courage =
        |n: u32, day: &str| format!("p{n},courage,leadership,,self,{},{day}\n", 1 + n % 5);
    let waves = (0..4000).map(|n| courage(n, "2023-11-01") + &courage(n, "2024-05-01"));
    project.write(
        "input/assessments.csv",
        rows.to_owned() + &waves.collect::<String>(),
    );
    project.write("input/outcomes.csv", "person_id,metric,value,measured_on\n");
    let said = project.lodestar("check --json").ok().json();
    let warnings = said["warnings"].as_array().unwrap().iter();
    let warnings: Vec<&str> = warnings
        .filter_map(|one| one.as_str())
        .filter(|one| !one.starts_with("sessions begin on"))
        .collect();
    let expected = [
        "no row of outcomes was accepted: `business_outcomes` will have no numbers",
        "`competency_progress` asks who changed reliably, and the instrument `leadership` has no",
        "no row of assessments is of the instrument `strain`: `strain_gap` will have no numbers",
        "the target of `courage` is 7, and `leadership`, which `skill_gap` reads, goes from 1 to 5",
    ];
    assert_eq!(warnings.len(), expected.len(), "{warnings:?}");
    for words in expected {
        assert!(
            warnings.iter().any(|one| one.contains(words)),
            "{words}: {warnings:?}"
        );
    }
    // Without a target for what they ask there is nothing to be far from.
    project.edit("targets = [{ competency = \"courage\", level = 7 }]", "");
    let said = project.lodestar("check --json").ok().json()["warnings"].to_string();
    for measure in ["skill_gap", "strain_gap"] {
        let words = format!(
            "`{measure}` tells how far people are from targets, and `[north_star]` has no `targets` \
             for what it is about: `gap` and `share_at_target` will be null"
        );
        assert!(said.contains(&words), "{said}");
    }
    let text = project.lodestar("check").ok().stdout;
    assert!(
        text.contains("warning: no row of assessments is of"),
        "{text}"
    );
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
    project.lodestar("run").ok();
    let progress = table(&project, "competency_progress");
    let status = progress
        .column("share_improved_status")
        .unwrap()
        .str()
        .unwrap();
    assert!(
        status.iter().all(|one| one == Some("not_declared")),
        "{progress}"
    );
    assert_eq!(
        progress.column("share_improved").unwrap().null_count(),
        progress.height()
    );
    assert!(progress.height() > 0 && progress.column("change").unwrap().null_count() == 0);
    project.verify("current").ok();
}
