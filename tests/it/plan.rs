//! What `plan` says before anything is read: of the window, and of so many
//! people.

use crate::support::Project;

#[test]
fn every_measure_and_level_is_planned_without_its_input() {
    let project = Project::synthetic();
    std::fs::remove_dir_all(project.path("input/sessions")).unwrap();
    std::fs::remove_file(project.path("input/people.csv")).unwrap();
    let said = project.lodestar("plan --json").ok().json();
    let tables = said[0]["releases"][0]["tables"].as_array().unwrap();
    assert_eq!(tables.len(), 5 * 3);
    for table in tables {
        assert!(table["smallest_cohort"].as_i64().unwrap() > 10, "{table}");
        for one in table["statistics"].as_array().unwrap() {
            assert!(one["sigma"].as_f64().unwrap() > 0.0, "{table}");
            let widths: Vec<_> = one["half_widths"].as_array().unwrap().iter().collect();
            // A cohort of 1,000 is at least as accurate as one of 30.
            let at = |place: usize| widths[place].as_f64().unwrap_or(f64::INFINITY);
            assert!(at(3) <= at(0) * (1.0 + 1e-9) && at(3).is_finite(), "{one}");
        }
    }
    // What reads the same vector is paid once: parts and selections add up.
    let rho = |name: &str| {
        let mine = tables.iter().filter(|table| table["table"] == name);
        mine.map(|table| table["rho_micro"].as_u64().unwrap())
            .sum::<u64>()
    };
    let cells = rho("engagement") + rho("coverage") + rho("theme_prevalence");
    let all = said[0]["releases"][0]["rho_micro"].as_u64().unwrap();
    assert_eq!(rho("engagement"), rho("coaching_mix"));
    assert!(
        (0.84..0.86).contains(&(cells as f64 / all as f64)),
        "{cells} {all}"
    );
    let text = project.lodestar("plan").ok().stdout;
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
}

#[test]
fn releases_that_publish_more_are_planned_apart_and_cost_more() {
    let project = Project::synthetic();
    let measures = "[[measures]]\nuse = \"theme_prevalence\"\n[[measures]]\nuse = \"engagement\"\n\
                    every = \"half\"\n";
    project.edit("[north_star]", &format!("{measures}\n[north_star]"));
    let said = project.lodestar("plan --json").ok().json();
    let releases = said[0]["releases"].as_array().unwrap();
    let periods: Vec<_> = releases
        .iter()
        .map(|release| release["periods"].clone())
        .collect();
    let quarters = [["2024-Q1", "2024-Q3"], ["2024-Q2", "2024-Q4"]];
    assert_eq!(periods, quarters.map(|names| serde_json::json!(names)));
    assert_eq!(
        said[0]["due"],
        serde_json::json!(["2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4"])
    );
    let rho = |at: usize| releases[at]["rho_micro"].as_u64().unwrap();
    assert!(rho(1) > rho(0), "{} {}", rho(0), rho(1));
    // What was planned is what the nights spend.
    project.lodestar("run --as-of 2025-01-20").ok();
    let budget = project.lodestar("budget --json").ok().json();
    let charged = |at: usize| budget["charges"][at]["rho_micro"].as_u64().unwrap();
    assert!(charged(0).abs_diff(rho(0)) < 20 && charged(2).abs_diff(rho(0)) < 20);
    assert!(charged(1).abs_diff(rho(1)) < 20 && charged(3).abs_diff(rho(1)) < 20);
    // The half-year's table is in the releases that close it, with its own span.
    for release in ["2024-Q1", "2024-Q2", "2024-Q4"] {
        project.verify(&format!("releases/{release}")).ok();
    }
    assert!(
        !project
            .path("published/releases/2024-Q1/engagement.parquet")
            .exists()
    );
    assert!(
        project
            .path("published/releases/2024-Q2/engagement.parquet")
            .exists()
    );
    project.verify("current").ok();
}

#[test]
fn of_too_few_people_nothing_would_appear_and_plan_says_what_would_help() {
    let project = Project::synthetic();
    let said = project.lodestar("plan --people 30").ok().stdout;
    for words in [
        "of 30 people a period",
        "nothing will appear, and the budget would be spent all the same",
        "what would help",
        "`levels = [0]` in every measure",
        "`every = \"half\"` in [periods]",
        "`epsilon = 16.0`",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let outlook = |people: u32| {
        let said = project.lodestar(&format!("plan --people {people} --json"));
        said.ok().json()["outlook"].clone()
    };
    let few = outlook(30);
    assert!(
        few["levels"]
            .as_array()
            .unwrap()
            .iter()
            .all(|level| level["appears"] == false)
    );
    // Each change lets smaller cohorts appear than there are now.
    for help in few["helps"].as_array().unwrap() {
        let needed = |of: &serde_json::Value| of["levels"][0]["needed"].as_i64().unwrap();
        assert!(needed(help) < needed(&few), "{help}");
    }
    let many = outlook(1_000_000);
    assert!(
        many["levels"]
            .as_array()
            .unwrap()
            .iter()
            .all(|level| level["appears"] == true)
    );
    assert_eq!(many["helps"], serde_json::json!([]));
    // The root holds all of them, a department a part.
    let some = outlook(300);
    assert_eq!(
        (&some["levels"][0]["appears"], &some["levels"][2]["appears"]),
        (&true.into(), &false.into())
    );
    project
        .lodestar("plan --people 0")
        .refused(2, &["--people"]);
}
