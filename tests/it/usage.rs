//! Exit 2: a configuration or a request that makes no sense. Nothing is read.

use crate::support::{Project, run};

/// Runs with one edit of the tiny project's configuration; must be refused,
/// saying all of this, and leave no trace.
#[track_caller]
fn refused(from: &str, to: &str, words: &[&str]) {
    let project = Project::tiny();
    project.edit(from, to);
    for command in ["check", "run", "plan", "budget"] {
        let output = project.lodestar(command).refused(2, words);
        assert!(output.stderr.contains("lodestar.toml:"), "{output:#?}");
        assert_eq!(output.stdout, "");
    }
    assert!(!project.path("state").exists() && !project.path("published").exists());
}

#[test]
fn an_unknown_key_is_refused_with_the_nearest_one() {
    let words = [
        "unknown key `privacy.epsilom`",
        "did you mean `epsilon`",
        "epsilom = 8",
    ];
    refused("k = 10", "epsilom = 8", &words);
}

#[test]
fn a_value_of_another_type_is_refused() {
    let words = [
        "`privacy.k` is text",
        "expected a whole number from 1",
        r#"k = "ten""#,
    ];
    refused("k = 10", r#"k = "ten""#, &words);
}

#[test]
fn a_text_without_quotes_and_a_decimal_comma_are_explained() {
    let words = ["this is not TOML", "k = ten", "expected a number in digits"];
    refused("k = 10", "k = ten", &words);
    let words = ["epsilon = 8,0", "expected a decimal point: 8.5, not 8,5"];
    refused("k = 10", "epsilon = 8,0", &words);
}

#[test]
fn every_error_begins_alike_and_keeps_to_80_columns() {
    let project = Project::tiny();
    let commands = [
        (2, "run --period 2023-Q9"),
        (2, "run --as-of 2999-01-01"),
        (2, "verify published/releases/2024-Q1"),
    ];
    let outputs = commands.map(|(code, command)| project.lodestar(command).refused(code, &[]));
    let missing = run(["plan", "--config", "none.toml"]).refused(2, &["help: expected"]);
    for output in outputs.iter().chain([&missing]) {
        assert!(output.stderr.starts_with("error: "), "{output:#?}");
        // A path is a word, however long.
        let mut lines = output.stderr.lines();
        let fits = |line: &str| line.chars().count() <= 80 || line.contains('/');
        assert!(lines.all(fits), "{output:#?}");
    }
}

#[test]
fn k_of_0_is_refused() {
    refused(
        "k = 10",
        "k = 0",
        &["`privacy.k` cannot be 0", "expected a whole number from 1"],
    );
}

#[test]
fn an_epsilon_of_0_or_less_is_refused() {
    for epsilon in ["0", "0.0", "-1", "nan"] {
        let words = ["`privacy.epsilon`", "expected a number above 0"];
        refused("k = 10", &format!("epsilon = {epsilon}"), &words);
    }
}

#[test]
fn a_delta_of_1_or_more_is_refused() {
    for delta in ["1", "1.0", "2", "0"] {
        let words = ["`privacy.delta`", "expected a number above 0 and below 1"];
        refused("k = 10", &format!("delta = {delta}"), &words);
    }
}

#[test]
fn an_undeclared_measure_is_refused() {
    let words = ["\"theme_prevalense\"", "did you mean `theme_prevalence`"];
    refused(
        "[[competencies]]",
        "[[measures]]\nuse = \"theme_prevalense\"\n[[competencies]]",
        &words,
    );
}

#[test]
fn a_name_of_a_period_that_is_none_is_refused() {
    refused(
        r#"first = "2025-Q1""#,
        r#"first = "2025-Q5""#,
        &["2025-Q5", "2025-Q3"],
    );
}

#[test]
fn an_epsilon_of_50_is_for_synthetic_people_alone() {
    let words = [
        "`privacy.epsilon` 50 does not protect real people",
        "expected at most 20",
        "synthetic = true",
        "org, people, sessions",
    ];
    refused("k = 10", "epsilon = 50", &words);
    // One real source is enough.
    let project = Project::tiny();
    project.edit("k = 10", "epsilon = 50");
    for source in ["org", "sessions"] {
        let path = format!("path = \"input/{source}.csv\"");
        project.edit(&path, &format!("{path}\nsynthetic = true"));
    }
    project.lodestar("run").refused(2, &["not said by: people"]);
    project.edit("[sources.people]", "[sources.people]\nsynthetic = true");
    project.lodestar("run").ok();
}

#[test]
fn a_missing_configuration_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("elsewhere.toml");
    let path = path.to_str().unwrap();
    for command in ["check", "run", "plan", "budget"] {
        run([command, "--config", path]).refused(2, &["elsewhere.toml", "cannot read"]);
    }
}

#[test]
fn a_day_after_today_is_refused() {
    let project = Project::tiny();
    let output = project.lodestar("run --as-of 9999-01-01");
    output.refused(2, &["--as-of 9999-01-01 is after today", "UTC"]);
    assert!(!project.path("state").exists());
    project
        .lodestar("run --as-of yesterday")
        .refused(2, &["--as-of", "yesterday"]);
}

#[test]
fn a_period_must_be_named_well_closed_and_settled() {
    let project = Project::tiny();
    project.lodestar("run --revise").refused(2, &["--period"]);
    let output = project.lodestar("run --period 2025-1");
    output.refused(2, &["2025-1", "2025-Q3"]);
    // 2025-Q1 ends on March 31; seven days later it is settled.
    let output = project.lodestar("run --period 2025-Q1 --as-of 2025-04-07");
    output.refused(2, &["2025-Q1 can't be released on 2025-04-07", "7 days"]);
    let output = project.lodestar("run --period 2025-Q2");
    output.refused(2, &["2025-Q2 can't be released", "`first` and `last`"]);
    let output = project.lodestar("run --period 2025-Q1 --revise");
    output.refused(2, &["2025-Q1 was never released", "nothing to revise"]);
    assert!(project.releases().is_empty() && project.charges().is_empty());
    project
        .lodestar("run --period 2025-Q1 --as-of 2025-04-08")
        .ok();
    assert_eq!(project.releases(), ["2025-Q1"]);
}

#[test]
fn unknown_commands_and_options_are_refused() {
    run(["publish"]).refused(2, &["publish"]);
    run(["run", "--force"]).refused(2, &["--force"]);
    run(Vec::<&str>::new()).refused(2, &["Usage: lodestar"]);
    run(["synth", "--people", "3", "--seed", "1", "--out", "/nowhere"])
        .refused(2, &["3 people", "--people"]);
}
