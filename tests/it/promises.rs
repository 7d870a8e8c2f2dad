//! Ways around the promise that were found by attacking it.

use std::fs;

use crate::support::Project;
use serde_json::Value;

#[test]
fn real_people_never_inherit_the_budget_of_a_demonstration() {
    let project = Project::synthetic();
    project.edit("epsilon = 8.0", "epsilon = 200.0");
    project.lodestar("run --as-of 2024-04-08").ok();
    project.edit("synthetic = true", "synthetic = false");
    project.edit("epsilon = 200.0", "epsilon = 8.0");
    let words = ["synthetic true", "synthetic false", "start a new project"];
    project.lodestar("run").refused(6, &words);
    assert_eq!(project.releases(), ["2024-Q1"]);
}

#[test]
fn current_promises_no_more_than_its_weakest_release() {
    let project = Project::synthetic();
    project.edit("k = 10 ", "k = 4 ");
    project.edit("coalition = 1", "coalition = 0");
    project.lodestar("run --as-of 2024-04-08").ok();
    project.edit("k = 4 ", "k = 10 ");
    project.edit("coalition = 0", "coalition = 1");
    project.lodestar("run --as-of 2024-07-08").ok();
    let manifest: Value =
        serde_json::from_slice(&project.read("published/current/manifest.json")).unwrap();
    let promise = manifest["guarantee"]["promise"].as_str().unwrap();
    assert!(
        promise.contains("at least k = 4 people (what a coach knows is not"),
        "{promise}"
    );
    let exclusions = manifest["guarantee"]["exclusions"].to_string();
    assert!(
        exclusions.contains("nor does k protect coachees"),
        "{exclusions}"
    );
    project.verify("current").ok();
}

#[test]
fn a_file_of_rows_given_as_a_configuration_is_not_shown() {
    let project = Project::synthetic();
    let rows = project.path("input/people.csv");
    let said = crate::support::run(["check".as_ref(), "--config".as_ref(), rows.as_os_str()]);
    assert_eq!(said.code, Some(2));
    assert!(said.stderr.lines().count() < 5, "{said:?}");
    project.edit(
        "\"framework.toml\", ",
        "\"framework.toml\", \"input/people.csv\", ",
    );
    let said = project
        .lodestar("check")
        .refused(2, &["people.csv", ".toml"]);
    assert!(said.stderr.lines().count() < 10, "{said:?}");
}

#[test]
fn a_lost_ledger_is_noticed_by_current_alone() {
    let project = Project::synthetic();
    project.lodestar("run --as-of 2024-04-08").ok();
    fs::remove_dir_all(project.path("state")).unwrap();
    fs::remove_dir_all(project.path("published/releases")).unwrap();
    let words = ["2024-Q1 is published", "does not know it"];
    project
        .lodestar("run --as-of 2024-04-08")
        .refused(6, &words);
}

#[test]
fn inputs_may_not_lie_among_what_is_published() {
    let project = Project::synthetic();
    project.edit("publish = \"published\"", "publish = \"input\"");
    project
        .lodestar("check")
        .refused(2, &["input", "published"]);
}

#[test]
fn a_unit_cannot_take_the_name_of_a_group() {
    let project = Project::synthetic();
    let org = String::from_utf8(project.read("input/org.csv")).unwrap();
    let forged = format!("{org}(other units) Acme,Forged,Acme,\n");
    fs::write(project.path("input/org.csv"), forged).unwrap();
    project
        .lodestar("run")
        .refused(3, &["org: 1 of", "org_unit id 1"]);
    assert!(project.releases().is_empty());
}

#[test]
fn a_forged_current_is_not_what_the_ledger_makes() {
    let project = Project::until("2024-Q1");
    project.lodestar("run").ok();
    project.verify("current").ok();
    let manifest = String::from_utf8(project.read("published/current/manifest.json")).unwrap();
    let forged = manifest.replace("at least k = 10 people", "at least k = 99 people");
    assert_ne!(forged, manifest);
    project.write("published/current/manifest.json", forged);
    let words = ["not those that the ledger's releases make"];
    project.verify("current").refused(8, &words);
}

#[test]
fn a_period_is_not_spent_on_levels_that_do_not_exist() {
    let project = Project::synthetic();
    let level = "[north_star]";
    let measure = "[[measures]]\nuse = \"theme_prevalence\"\nlevels = [7]\n";
    project.edit(level, &format!("{measure}\n{level}"));
    project
        .lodestar("run")
        .refused(2, &["theme_prevalence", "levels", "deepest level is"]);
    assert!(project.releases().is_empty());
}
