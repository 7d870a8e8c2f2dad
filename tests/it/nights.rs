//! Night after night: what is due is released once, oldest first; a quiet
//! night reads nothing and spends nothing.

use std::fmt::Write as _;
use std::fs;

use serde_json::{Value, json};

use crate::support::Project;

/// What `budget --json` says.
fn budget(project: &Project) -> Value {
    project.lodestar("budget --json").ok().json()
}

/// Delivers sessions of one day, as a CSV file beside the Parquet files.
fn deliver(project: &Project, name: &str, held_on: &str, rows: usize) {
    let competency = project.competency();
    let mut text =
        String::from("session_id,coachee_id,coach_id,held_on,minutes,competency,themes\n");
    for n in 1..=rows {
        let _ = writeln!(text, "{name}-{n},p{n:06},late,{held_on},60,{competency},");
    }
    project.write(&format!("input/sessions/{name}.csv"), text);
}

impl Project {
    /// The synthetic project, reading CSV files beside the Parquet files.
    fn with_deliveries(last: &str) -> Self {
        let project = Self::until(last);
        project.edit("input/sessions/*.parquet", "input/sessions");
        project
    }

    /// Any declared competency.
    fn competency(&self) -> String {
        let text = String::from_utf8(self.read("framework.toml")).unwrap();
        let (_, rest) = text.split_once("id = \"").unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    }
}

#[test]
fn the_first_night_releases_all_that_is_due_oldest_first() {
    let project = Project::synthetic();
    let first = project.lodestar("run").ok();
    let all = ["2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4", "2025-Q1"];
    let said: Vec<&str> = first
        .stdout
        .lines()
        .filter_map(|line| line.split(':').next())
        .collect();
    let said: Vec<&str> = said
        .into_iter()
        .filter(|line| !line.starts_with(' '))
        .collect();
    let (page, releases) = said.split_last().unwrap();
    assert_eq!((releases, *page), (&all[..], "page"));
    assert!(
        first.stdout.contains("with status ok; cohorts from"),
        "{}",
        first.stdout
    );
    assert_eq!(project.releases(), all);
    assert_eq!(project.charges(), all);
    for release in all {
        project.verify(&format!("releases/{release}")).ok();
    }
    project.verify("current").ok();
    let status = project.status();
    assert_eq!(
        (&status["outcome"], &status["next_release"]),
        (&json!("released"), &Value::Null)
    );

    // The second reads nothing and spends nothing.
    let (paid, published) = (budget(&project), project.published());
    let second = project.lodestar("run").ok();
    assert_eq!(second.stdout, "up to date\n");
    let status = project.status();
    assert_eq!(
        (&status["outcome"], &status["sources"]),
        (&json!("up to date"), &json!([]))
    );
    assert_eq!(budget(&project), paid);
    assert!(project.published() == published);
}

#[test]
fn a_quiet_night_does_not_open_its_inputs() {
    let project = Project::until("2024-Q1");
    project.lodestar("run").ok();
    // Of the same size and time, so that nothing but reading could tell.
    let path = project.path("input/sessions/2024-Q1.parquet");
    let modified = fs::metadata(&path).unwrap().modified().unwrap();
    fs::write(
        &path,
        vec![b'x'; fs::metadata(&path).unwrap().len() as usize],
    )
    .unwrap();
    fs::File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_modified(modified)
        .unwrap();
    assert_eq!(project.lodestar("run").ok().stdout, "up to date\n");
    project
        .lodestar("check")
        .refused(3, &["input/sessions/2024-Q1.parquet"]);
}

#[test]
fn a_period_is_released_when_it_is_settled() {
    let project = Project::synthetic();
    for (day, released) in [
        ("2024-03-31", 0),
        ("2024-04-07", 0),
        ("2024-04-08", 1),
        ("2024-04-08", 1),
        ("2024-07-07", 1),
        ("2024-10-08", 3),
        // A clock that goes back releases nothing and takes nothing back.
        ("2024-01-01", 3),
        ("2024-12-31", 3),
    ] {
        let output = project.lodestar(&format!("run --as-of {day}")).ok();
        assert_eq!(project.releases().len(), released, "on {day}: {output:?}");
        let status = project.status();
        assert_eq!(status["as_of"], day);
        let next = [
            json!({"period": "2024-Q1", "on": "2024-04-08"}),
            json!({"period": "2024-Q2", "on": "2024-07-08"}),
            Value::Null,
            json!({"period": "2024-Q4", "on": "2025-01-08"}),
        ];
        assert_eq!(status["next_release"], next[released]);
    }
    assert_eq!(project.charges(), ["2024-Q1", "2024-Q2", "2024-Q3"]);
}

#[test]
fn one_night_or_many_cost_the_same() {
    let (once, nightly) = (Project::synthetic(), Project::synthetic());
    once.lodestar("run").ok();
    for day in [
        "2024-04-08",
        "2024-07-08",
        "2024-10-08",
        "2025-01-08",
        "2025-04-08",
    ] {
        nightly.lodestar(&format!("run --as-of {day}")).ok();
    }
    assert_eq!(budget(&once), budget(&nightly));
}

#[test]
fn a_new_file_is_validated_and_its_late_rows_are_counted() {
    let project = Project::with_deliveries("2024-Q2");
    project.lodestar("run --as-of 2024-04-08").ok();
    let (paid, published) = (budget(&project), project.published());
    assert_eq!(project.status()["late_rows"], 0);

    // Five rows of a released period, three of one that is still open.
    deliver(&project, "late", "2024-02-01", 5);
    deliver(&project, "early", "2024-06-01", 3);
    let night = project.lodestar("run --as-of 2024-05-01").ok();
    let said = "up to date\n5 rows of released periods came late; only a revision takes them in";
    assert!(night.stdout.starts_with(said), "{}", night.stdout);
    let status = project.status();
    assert_eq!(status["late_rows"], 5);
    let sources = status["sources"].as_array().unwrap();
    let sessions = sources
        .iter()
        .find(|source| source["source"] == "sessions")
        .unwrap();
    assert_eq!(
        (&sessions["read"], &sessions["accepted"]),
        (&json!(8), &json!(8))
    );

    // The next night remembers, and reads nothing.
    project.lodestar("run --as-of 2024-05-02").ok();
    let status = project.status();
    assert_eq!(
        (&status["late_rows"], &status["sources"]),
        (&json!(5), &json!([]))
    );

    // A bad file is refused on the night on which it comes, and on every night
    // until it is mended.
    project.write("input/sessions/bad.csv", "not,sessions\n1,2\n");
    for day in ["2024-05-03", "2024-05-04"] {
        let output = project.lodestar(&format!("run --as-of {day}"));
        output.refused(3, &["input/sessions/bad.csv", "session_id"]);
        let outcome = project.status()["outcome"].as_str().unwrap().to_owned();
        assert!(outcome.contains("bad.csv"), "{outcome}");
    }
    fs::remove_file(project.path("input/sessions/bad.csv")).unwrap();
    project.lodestar("run --as-of 2024-05-05").ok();
    assert!(project.published() == published && budget(&project) == paid);

    // Late rows enter with a revision, and wait no longer.
    project
        .lodestar("run --as-of 2024-05-06 --period 2024-Q1 --revise")
        .ok();
    assert_eq!(project.status()["late_rows"], 0);
}

#[test]
fn rows_that_were_there_before_are_not_late() {
    let project = Project::with_deliveries("2024-Q2");
    deliver(&project, "export", "2024-02-01", 7);
    project.lodestar("run --as-of 2024-04-08").ok();
    // People come anew every night; the export grows.
    let people = project.read("input/people.csv");
    for (night, day) in ["2024-05-01", "2024-05-02", "2024-05-03"]
        .into_iter()
        .enumerate()
    {
        project.write("input/people.csv", &people);
        deliver(&project, "export", "2024-02-01", 7 + night);
        project.lodestar(&format!("run --as-of {day}")).ok();
        assert_eq!(project.status()["late_rows"], night);
        assert_ne!(project.status()["sources"], json!([]));
    }
    // Without its memory a night takes what is there as known.
    fs::remove_file(project.path("state/seen.json")).unwrap();
    project.lodestar("run --as-of 2024-05-04").ok();
    assert_eq!(project.status()["late_rows"], 0);
}

#[test]
fn it_does_not_matter_where_the_program_is_started() {
    let project = Project::until("2024-Q1");
    project.lodestar("run").ok();
    for (folder, config) in [("", "lodestar.toml"), ("input", "../lodestar.toml")] {
        let mut command = crate::support::lodestar(["run", "--config", config]);
        let here = command.current_dir(project.path(folder)).output().unwrap();
        assert_eq!(crate::support::output(here).ok().stdout, "up to date\n");
        assert_eq!(project.status()["sources"], json!([]));
    }
}

#[test]
fn a_command_line_that_is_refused_tells_nothing_of_the_project() {
    let project = Project::until("2024-Q2");
    project.lodestar("run --as-of 2024-04-08").ok();
    let status = project.read("state/status.json");
    for (period, words) in [
        ("--period 2024-Q9", "2024-Q9"),
        ("--period 2031-Q1", "2031-Q1 can't be released"),
        (
            "--period 2024-Q2 --as-of 2024-04-09",
            "can't be released on",
        ),
        ("--period 2024-Q2 --revise", "2024-Q2 was never released"),
    ] {
        let refused = project.lodestar(&format!("run {period}"));
        refused.refused(2, &[words]);
        assert!(project.read("state/status.json") == status, "{period}");
    }
}

#[test]
fn a_dry_run_draws_nothing_and_charges_nothing() {
    let project = Project::until("2024-Q2");
    let dry = project.lodestar("run --dry-run").ok();
    let said = "2024-Q1 would be released; nothing was drawn\n\
                2024-Q2 would be released; nothing was drawn\n";
    assert_eq!(dry.stdout, said);
    assert!(project.releases().is_empty() && project.charges().is_empty());
    assert!(!project.path("published").exists());
    assert_eq!(project.status()["outcome"], "dry run: nothing was drawn");
    // What it read is not forgotten, and the periods are still due.
    project.lodestar("run").ok();
    let paid = budget(&project);
    project
        .lodestar("run --dry-run --revise --period 2024-Q1")
        .ok();
    assert_eq!(budget(&project), paid);
    assert_eq!(project.releases(), ["2024-Q1", "2024-Q2"]);
}

#[test]
fn another_policy_releases_no_period_again() {
    let project = Project::until("2024-Q2");
    project.lodestar("run --as-of 2024-04-08").ok();
    let (paid, published) = (budget(&project), project.published());
    let weight = "[[measures]]\nuse = \"theme_prevalence\"\nweight = 3.0\nmax_cells = 2\n";
    let text = String::from_utf8(project.read("lodestar.toml")).unwrap();
    project.write("lodestar.toml", format!("{text}\n{weight}"));
    project.edit("k = 10", "k = 20");
    let output = project.lodestar("run --as-of 2024-04-09").ok();
    assert_eq!(output.stdout, "up to date\n");
    assert_eq!(project.status()["late_rows"], 0);
    assert!(project.published() == published && budget(&project) == paid);
    // It applies to the next period.
    project.lodestar("run").ok();
    let manifest = |release: &str| -> Value {
        let name = format!("published/releases/{release}/manifest.json");
        serde_json::from_slice(&project.read(&name)).unwrap()
    };
    assert_eq!(manifest("2024-Q1")["privacy"]["k"], 10);
    assert_eq!(manifest("2024-Q2")["privacy"]["k"], 20);
    for release in ["releases/2024-Q1", "releases/2024-Q2", "current"] {
        project.verify(release).ok();
    }
}

#[test]
fn a_window_keeps_its_epsilon() {
    let project = Project::synthetic();
    project.lodestar("run --as-of 2024-04-08").ok();
    project.edit("epsilon = 8.0", "epsilon = 4.0");
    project.edit("delta = 1e-6", "delta = 1e-7");
    let said = project.lodestar("run");
    assert_eq!(said.code, Some(0), "{said:#?}");
    let kept = said
        .stderr
        .matches("window 2024 keeps ε 8 and δ 1e-6")
        .count();
    assert_eq!(kept, 3, "said once a release: {said:#?}");
    let budget = budget(&project);
    let policy = |at: usize| {
        (
            &budget["windows"][at]["epsilon"],
            &budget["windows"][at]["delta"],
        )
    };
    assert_eq!(policy(0), (&json!(8.0), &json!(1e-6)));
    assert_eq!(policy(1), (&json!(4.0), &json!(1e-7)));
    for (release, epsilon) in [("2024-Q4", 8.0), ("2025-Q1", 4.0)] {
        let name = format!("published/releases/{release}/manifest.json");
        let manifest: Value = serde_json::from_slice(&project.read(&name)).unwrap();
        assert_eq!(manifest["privacy"]["epsilon_window"], epsilon);
        let promise = manifest["guarantee"]["promise"].as_str().unwrap();
        assert!(promise.contains(&format!("ε = {epsilon},")), "{promise}");
        project.verify(&format!("releases/{release}")).ok();
    }
}

#[test]
fn a_revision_takes_the_place_of_its_period_in_current() {
    let project = Project::until("2024-Q2");
    project.lodestar("run").ok();
    let first = project.published();
    project.lodestar("run --revise --period 2024-Q1").ok();
    assert_eq!(project.releases(), ["2024-Q1", "2024-Q1-r1", "2024-Q2"]);
    assert_eq!(project.charges(), ["2024-Q1", "2024-Q2", "2024-Q1-r1"]);
    // The release that it revises stays as it was.
    let mut releases = first
        .iter()
        .filter(|(path, _)| path.starts_with("releases"));
    let now = project.published();
    assert!(releases.all(|(path, bytes)| now.get(path) == Some(bytes)));
    let manifest: Value =
        serde_json::from_slice(&project.read("published/current/manifest.json")).unwrap();
    let listed = manifest["releases"].as_array().unwrap().iter();
    let listed: Vec<_> = listed
        .map(|release| release["release_id"].as_str().unwrap())
        .collect();
    assert_eq!(listed, ["2024-Q1-r1", "2024-Q2"]);
    for release in ["releases/2024-Q1-r1", "current"] {
        project.verify(release).ok();
    }
    assert_eq!(project.lodestar("run").ok().stdout, "up to date\n");
}
