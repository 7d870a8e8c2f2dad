//! `budget restore`: a ledger that was lost comes back from what it published,
//! and never says that less was spent.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::{Output, Project, copy, lodestar, names, output};

/// A project with 2024-Q1 to Q3 and a revision of the first, and no ledger.
struct Lost {
    project: Project,
    budget: Value,
}

fn lost() -> Lost {
    let project = Project::until("2024-Q3");
    project.lodestar("run").ok();
    project.lodestar("run --revise --period 2024-Q1").ok();
    let budget = project.lodestar("budget --json").ok().json();
    fs::remove_dir_all(project.path("state")).unwrap();
    Lost { project, budget }
}

fn restore_from(project: &Project, releases: &Path) -> Output {
    let mut command = lodestar(["budget", "restore", "--from"]);
    command.arg(releases).arg("--config").arg(project.config());
    output(command.output().unwrap())
}

fn restore(project: &Project) -> Output {
    restore_from(project, &project.path("published/releases"))
}

fn remove(project: &Project, name: &str) {
    fs::remove_dir_all(project.path("published").join(name)).unwrap();
}

/// Without `current`, nothing but the folders tells what was released.
fn remove_current(project: &Project) {
    fs::remove_file(project.path("published/current")).unwrap();
    remove(project, ".generations");
}

/// ρ and δ by release, and how the ledger knows of it.
fn charges(budget: &Value) -> BTreeMap<String, (u64, u64, String)> {
    let charges = budget["charges"].as_array().unwrap().iter();
    let facts = charges.map(|charge| {
        let number = |name: &str| charge[name].as_u64().unwrap();
        let evidence = charge["evidence"].as_str().unwrap().to_owned();
        let name = charge["release"].as_str().unwrap().to_owned();
        (name, (number("rho_micro"), number("delta_femto"), evidence))
    });
    facts.collect()
}

fn budget(project: &Project) -> Value {
    project.lodestar("budget --json").ok().json()
}

/// Nothing was rebuilt.
#[track_caller]
fn refused(project: &Project, code: i32, words: &[&str]) {
    restore(project).refused(code, words);
    assert!(!project.path("state/ledger.sqlite").exists());
}

#[test]
fn a_lost_ledger_comes_back_and_the_project_goes_on() {
    let Lost {
        project,
        budget: before,
    } = lost();
    let published = project.published();
    let hint = [
        "release 2024-Q1",
        "does not know it",
        "`lodestar budget restore`",
    ];
    project.lodestar("run").refused(6, &hint);
    project.lodestar("budget").refused(6, &hint);
    let said = restore(&project).ok().stdout;
    assert!(
        said.starts_with("2024-Q1: restored from its folder\n2024-Q1-r1: restored"),
        "{said}"
    );
    let after = budget(&project);
    assert_eq!(after["windows"], before["windows"]);
    let (old, new) = (charges(&before), charges(&after));
    assert!(old.keys().eq(new.keys()));
    for (id, (rho, delta, evidence)) in &new {
        assert_eq!((*rho, *delta), (old[id].0, old[id].1));
        assert_eq!(
            (evidence.as_str(), old[id].2.as_str()),
            ("restored", "drawn")
        );
    }
    // Nothing is due, nothing is drawn, and the bytes are known.
    assert_eq!(project.lodestar("run").ok().stdout, "up to date\n");
    assert!(project.published() == published);
    for release in ["releases/2024-Q1-r1", "releases/2024-Q3", "current"] {
        project.verify(release).ok();
    }
    // They are published again if they are lost.
    remove(&project, "releases");
    project.lodestar("run").ok();
    assert!(project.published() == published);
    // The spare was taken; the period that was still to come is paid for.
    project
        .lodestar("run --revise --period 2024-Q2")
        .refused(4, &["window 2024 cannot pay"]);
    project.edit("last = \"2024-Q3\"", "last = \"2025-Q1\"");
    project
        .lodestar("run --as-of 2025-04-08 --period 2025-Q1")
        .ok();
    project.verify("current").ok();
}

#[test]
fn a_restored_period_is_revised_at_the_cost_of_the_spare() {
    let project = Project::until("2024-Q2");
    project.lodestar("run").ok();
    fs::remove_dir_all(project.path("state")).unwrap();
    restore(&project).ok();
    project.lodestar("run --revise --period 2024-Q1").ok();
    assert_eq!(project.charges(), ["2024-Q1", "2024-Q2", "2024-Q1-r1"]);
    assert_eq!(budget(&project)["windows"][0]["spare_used"], true);
    project.verify("current").ok();
}

#[test]
fn a_ledger_that_is_there_is_not_rebuilt() {
    let project = Project::until("2024-Q1");
    project.lodestar("run").ok();
    let before = budget(&project);
    let words = ["ledger is refused", "it holds charges", "moved away first"];
    restore(&project).refused(6, &words);
    assert_eq!(budget(&project), before);
    fs::remove_dir_all(project.path("state")).unwrap();
    restore(&project).ok();
    restore(&project).refused(6, &words);
    // One that can't be read must be moved away by someone who looked at it.
    fs::write(project.path("state/ledger.sqlite"), "no ledger, surely not").unwrap();
    restore(&project).refused(6, &["ledger is refused", "move the ledger's files away"]);
}

#[test]
fn a_first_release_that_is_missing_closes_its_window() {
    let Lost {
        project,
        budget: before,
    } = lost();
    remove(&project, "releases/2024-Q1");
    remove_current(&project);
    let said = restore(&project).ok().stdout;
    let words = "2024-Q1: lost; charged all that is left of its window\n2024-Q1-r1: restored";
    assert!(said.starts_with(words), "{said}");
    assert!(
        said.contains("window 2024 is closed: nothing tells what 2024-Q1 cost"),
        "{said}"
    );
    closed(&project, &before, "2024-Q1");
    let (old, new) = (charges(&before), charges(&budget(&project)));
    let (rho, delta, evidence) = &new["2024-Q1"];
    assert_eq!(evidence, "lost");
    assert!(*rho >= old["2024-Q1"].0 && *delta >= old["2024-Q1"].1);
    for id in ["2024-Q1-r1", "2024-Q2", "2024-Q3"] {
        assert_eq!((new[id].0, new[id].1), (old[id].0, old[id].1), "{id}");
    }
    assert_eq!(project.releases(), ["2024-Q1-r1", "2024-Q2", "2024-Q3"]);
    // The next window has all of its budget.
    project.edit("first = \"2024-Q1\"", "first = \"2025-Q1\"");
    project.edit("last = \"2024-Q4\"", "last = \"2025-Q1\"");
    project.lodestar("plan").ok();
    project.lodestar("run").ok();
    assert_eq!(project.charges().last().unwrap(), "2025-Q1");
    project.verify("current").ok();
    // A copy of its folder that turns up is not taken for a stranger's.
    project.write("published/releases/2024-Q1/manifest.json", "{}");
    project
        .lodestar("run")
        .refused(6, &["release 2024-Q1", "rebuilt without it"]);
}

#[test]
fn what_current_alone_remembers_is_charged_exactly() {
    let Lost {
        project,
        budget: before,
    } = lost();
    remove(&project, "releases/2024-Q3");
    let said = restore(&project).ok().stdout;
    assert!(
        said.contains("2024-Q3: lost; charged what a copy of `current` says"),
        "{said}"
    );
    let (old, new) = (charges(&before), charges(&budget(&project)));
    assert_eq!(
        (new["2024-Q3"].0, new["2024-Q3"].1),
        (old["2024-Q3"].0, old["2024-Q3"].1)
    );
    assert_eq!(new["2024-Q3"].2, "listed");
    assert_eq!(budget(&project)["windows"], before["windows"]);
    project.lodestar("run").ok();
    assert_eq!(project.releases(), ["2024-Q1", "2024-Q1-r1", "2024-Q2"]);
    project.verify("current").ok();
}

/// The first release, which was revised: `current` lists it as superseded.
#[test]
fn what_current_lists_as_superseded_is_charged_exactly() {
    let Lost {
        project,
        budget: before,
    } = lost();
    remove(&project, "releases/2024-Q1");
    let current = fs::canonicalize(project.path("published/current")).unwrap();
    for name in names(&project.path("published/.generations")) {
        if !current.ends_with(&name) {
            remove(&project, &format!(".generations/{name}"));
        }
    }
    restore(&project).ok();
    let (old, new) = (charges(&before), charges(&budget(&project)));
    assert_eq!(new["2024-Q1"].2, "listed");
    let cost = |all: &BTreeMap<String, (u64, u64, String)>| (all["2024-Q1"].0, all["2024-Q1"].1);
    assert_eq!(cost(&new), cost(&old));
    project.lodestar("run").ok();
    project.verify("current").ok();
}

/// Measures beside the sample's, one of them heavy.
fn more_measures(project: &Project, heavy: &str) {
    let text = String::from_utf8(project.read("lodestar.toml")).unwrap();
    let themes = "use = \"theme_prevalence\"\nname = \"themes_more\"";
    let text =
        format!("{text}\n[[measures]]\nuse = \"engagement\"\n[[measures]]\n{themes}\n{heavy}\n");
    project.write("lodestar.toml", text);
}

/// Loses the ledger, some releases, and `current`; what the ledger said.
fn lose(project: &Project, releases: &[&str]) -> Value {
    let before = budget(project);
    fs::remove_dir_all(project.path("state")).unwrap();
    for id in releases {
        remove(project, &format!("releases/{id}"));
    }
    remove_current(project);
    before
}

/// Window 2024 was rebuilt without these releases: the new ledger says that at
/// least as much is spent as was, and nothing more is released.
#[track_caller]
fn closed(project: &Project, before: &Value, missing: &str) {
    let after = budget(project);
    let spent = |budget: &Value| {
        let all = charges(budget).into_values();
        all.fold((0, 0), |sum, (rho, delta, _)| (sum.0 + rho, sum.1 + delta))
    };
    let ((old_rho, old_delta), (new_rho, new_delta)) = (spent(before), spent(&after));
    assert!(old_rho <= new_rho && old_delta <= new_delta);
    let window = &after["windows"][0];
    assert_eq!(
        (&window["window"], &window["closed"]),
        (&"2024".into(), &true.into())
    );
    assert_eq!(window["left_rho_micro"], 0);
    let of_the_window =
        format!("window 2024 is closed since the ledger was rebuilt without {missing}:");
    let words = [of_the_window.as_str(), "`first`"];
    let released = project.releases();
    let text = String::from_utf8(project.read("lodestar.toml")).unwrap();
    let line = |key: &str| text.lines().find(|line| line.starts_with(key)).unwrap();
    let first = line("first = ").split('"').nth(1).unwrap();
    let revise = project.lodestar(&format!("run --revise --period {first}"));
    revise.refused(4, &words);
    project.edit(line("last = "), "last = \"2024-Q4\"");
    for command in ["run", "plan"] {
        project.lodestar(command).refused(4, &words);
    }
    assert_eq!(budget(project)["charges"], after["charges"]);
    assert_eq!(project.releases(), released);
    let said = project.lodestar("budget").ok().stdout;
    assert!(said.contains(" closed\n"), "{said}");
}

#[test]
fn a_missing_period_may_have_been_dearer_than_all_that_are_known() {
    let project = Project::until("2024-Q3");
    more_measures(&project, "every = \"half\"\nweight = 9");
    project.lodestar("run").ok();
    let before = lose(&project, &["2024-Q2"]);
    let rho = |id: &str| charges(&before)[id].0;
    assert!(rho("2024-Q2") > rho("2024-Q1").max(rho("2024-Q3")));
    restore(&project).ok();
    closed(&project, &before, "2024-Q2");
}

#[test]
fn what_was_released_before_first_counts() {
    let project = Project::until("2024-Q3");
    project.lodestar("run").ok();
    let before = lose(&project, &["2024-Q1", "2024-Q2"]);
    project.edit("first = \"2024-Q1\"", "first = \"2024-Q3\"");
    restore(&project).ok();
    closed(&project, &before, "2024-Q1, 2024-Q2");
}

#[test]
fn a_missing_first_release_may_have_published_more_than_its_revision() {
    let project = Project::until("2024-Q1");
    let plain = project.read("lodestar.toml");
    more_measures(&project, "weight = 9");
    project.lodestar("run").ok();
    project.write("lodestar.toml", plain);
    project.lodestar("run --revise --period 2024-Q1").ok();
    let before = lose(&project, &["2024-Q1"]);
    restore(&project).ok();
    closed(&project, &before, "2024-Q1");
}

#[test]
fn a_last_revision_tells_nothing_of_those_before_it() {
    let project = Project::until("2024-Q1");
    project.lodestar("run").ok();
    // The spare, as a second period is to come, and then all the rest.
    project.edit("last = \"2024-Q1\"", "last = \"2024-Q2\"");
    project.lodestar("run --revise --period 2024-Q1").ok();
    project.edit("last = \"2024-Q2\"", "last = \"2024-Q1\"");
    project.lodestar("run --revise --period 2024-Q1").ok();
    let before = lose(&project, &["2024-Q1", "2024-Q1-r1"]);
    let rho: Vec<u64> = charges(&before).values().map(|(rho, ..)| *rho).collect();
    assert!(rho.iter().sum::<u64>() > 3 * rho[2], "{rho:?}");
    restore(&project).ok();
    closed(&project, &before, "2024-Q1, 2024-Q1-r1");
}

#[test]
fn who_knows_that_the_project_began_within_a_window_may_say_so() {
    let project = Project::until("2024-Q4");
    project.edit("first = \"2024-Q1\"", "first = \"2024-Q3\"");
    project.lodestar("run --as-of 2024-11-01").ok();
    let before = budget(&project);
    fs::remove_dir_all(project.path("state")).unwrap();
    let started = |period: &str| {
        let mut command = lodestar(["budget", "restore", "--started", period, "--from"]);
        command.arg(project.path("published/releases"));
        command.arg("--config").arg(project.config());
        output(command.output().unwrap())
    };
    started("2024-Q4").refused(6, &["a release of 2024-Q3 is there", "`--started`"]);
    started("2024").refused(2, &["\"2024\" is not a period"]);
    let said = started("2024-Q3").ok().stdout;
    let words = "rebuilt with `--started 2024-Q3`: nothing was released before";
    assert!(said.contains(words), "{said}");
    let after = budget(&project);
    assert_eq!(after["windows"], before["windows"]);
    assert_eq!(
        (&before["started"], &after["started"]),
        (&Value::Null, &"2024-Q3".into())
    );
    let said = project.lodestar("budget").ok().stdout;
    assert!(said.contains(words), "{said}");
    project.lodestar("run").ok();
    assert_eq!(project.charges(), ["2024-Q3", "2024-Q4"]);
    // Nobody said so: the quarters before count as released.
    fs::remove_dir_all(project.path("state")).unwrap();
    let said = restore(&project).ok().stdout;
    assert!(said.contains("say so with `--started`"), "{said}");
    assert_eq!(budget(&project)["started"], Value::Null);
    let words = ["window 2024 is closed since the ledger was rebuilt without 2024-Q1, 2024-Q2"];
    project
        .lodestar("run --revise --period 2024-Q3")
        .refused(4, &words);
}

#[test]
fn a_window_of_which_nothing_is_left_is_closed_too() {
    let project = Project::synthetic();
    project.lodestar("run").ok();
    fs::remove_dir_all(project.path("state")).unwrap();
    for quarter in 1..=4 {
        remove(&project, &format!("releases/2024-Q{quarter}"));
    }
    remove_current(&project);
    restore(&project).ok();
    let closed = || {
        let words = [
            "window 2024 is closed since the ledger was rebuilt without any release of it",
            "`first`",
        ];
        for command in ["run", "plan"] {
            project.lodestar(command).refused(4, &words);
        }
        assert_eq!(project.charges(), ["2025-Q1"]);
    };
    closed();
    // Nor does it open again.
    project.edit("first = \"2024-Q1\"", "first = \"2025-Q1\"");
    assert_eq!(project.lodestar("run").ok().stdout, "up to date\n");
    project.edit("first = \"2025-Q1\"", "first = \"2024-Q1\"");
    closed();
}

#[test]
fn a_release_that_is_not_what_it_claims_is_refused() {
    let Lost { project, .. } = lost();
    for file in ["manifest.json", "theme_prevalence.parquet"] {
        let name = format!("published/releases/2024-Q2/{file}");
        let whole = project.read(&name);
        let mut changed = whole.clone();
        let middle = changed.len() / 2;
        changed[middle] ^= 1;
        project.write(&name, changed);
        refused(&project, 8, &["2024-Q2: is not the release", file]);
        project.write(&name, whole);
    }
    fs::rename(
        project.path("published/releases/2024-Q2"),
        project.path("published/releases/2024-Q4"),
    )
    .unwrap();
    refused(&project, 8, &["2024-Q4: is not the release"]);
}

#[test]
fn other_settings_and_another_policy_are_refused() {
    let Lost { project, .. } = lost();
    for (from, to, words) in [
        (
            "organisation = \"Acme\"",
            "organisation = \"Apex\"",
            ["2024-Q1 is of \"Acme\"", "\"Apex\""],
        ),
        (
            "window = \"year\"",
            "window = \"quarter\"",
            ["window 2024", "it would be 2024-Q1"],
        ),
        (
            "year_starts = 1",
            "year_starts = 2",
            ["2024-01-01", "`year_starts`"],
        ),
    ] {
        project.edit(from, to);
        refused(&project, 6, &words);
        project.edit(to, from);
    }
    // A release of the same organisation that another project has made.
    let other = Project::until("2024-Q4");
    other.edit("epsilon = 8.0", "epsilon = 4.0");
    other.lodestar("run").ok();
    copy(
        &other.path("published/releases/2024-Q4"),
        &project.path("published/releases/2024-Q4"),
    );
    refused(
        &project,
        6,
        &["2024-Q1 and 2024-Q4", "different ε or δ", "window 2024"],
    );
}

#[test]
fn a_copy_must_hold_what_is_published_and_serves_where_nothing_is() {
    let Lost {
        project,
        budget: before,
    } = lost();
    let backup = tempfile::tempdir().unwrap();
    let releases = backup.path().join("published/releases");
    copy(&project.path("published/releases"), &releases);
    fs::remove_dir_all(releases.join("2024-Q3")).unwrap();
    // `current` knows of it: nothing is forgotten, but its folder is not read.
    let words = ["release 2024-Q3 is published", "does not hold it"];
    remove_current(&project);
    restore_from(&project, &releases).refused(6, &words);
    copy(&project.path("published/releases"), &releases);
    let published = crate::support::files(&project.path("published/releases"));
    fs::remove_dir_all(project.path("published")).unwrap();
    restore_from(&project, &releases).ok();
    project.lodestar("run").ok();
    assert!(crate::support::files(&project.path("published/releases")) == published);
    assert_eq!(budget(&project)["windows"], before["windows"]);
    project.verify("current").ok();
}

#[test]
fn a_folder_without_releases_is_refused() {
    let project = Project::until("2024-Q1");
    refused(
        &project,
        2,
        &[
            "published/releases",
            "cannot be read as a folder of releases",
        ],
    );
    fs::create_dir_all(project.path("published/releases/.staging-2024-Q1")).unwrap();
    refused(&project, 2, &["published/releases", "holds no release"]);
    let help = lodestar(["budget", "restore", "--help"]).output().unwrap();
    let help = output(help).ok().stdout;
    assert!(
        help.contains("Example: lodestar budget restore --from"),
        "{help}"
    );
    project
        .lodestar("budget --json restore --from x")
        .refused(2, &["cannot be used"]);
}
