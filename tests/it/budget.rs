//! Exit 4: the window can't pay. Nothing is drawn.

use crate::support::Project;

#[test]
fn a_window_that_can_pay_for_nothing_releases_nothing() {
    let project = Project::until("2024-Q1");
    project.edit("epsilon = 8.0", "epsilon = 1e-4");
    let words = [
        "2024-Q1: ",
        "window 2024 cannot pay",
        "wait for the next window",
        "the next window, 2025, pays for periods from 2025-01-01 on",
    ];
    let output = project.lodestar("run").refused(4, &words);
    assert_eq!(project.status()["outcome"], output.error());
    assert!(project.releases().is_empty() && project.charges().is_empty());
    // A dry run would find it out beforehand.
    project.lodestar("run --dry-run").refused(4, &words);
}

#[test]
fn a_window_pays_for_one_revision() {
    let project = Project::until("2024-Q2");
    project.lodestar("run").ok();
    let revise = "run --revise --period";
    let takes = "the whole spare of window 2024; there is no other\n";
    let dry = "run --dry-run --revise --period 2024-Q1";
    let said = project.lodestar(dry).ok().stdout;
    assert!(
        said.ends_with(&format!("the revision would take {takes}")),
        "{said}"
    );
    let said = project.lodestar(&format!("{dry} --json")).ok().json();
    assert_eq!(said["spare"], "2024");
    let said = project.lodestar(&format!("{revise} 2024-Q1")).ok().stdout;
    assert!(
        said.contains(&format!("the revision took {takes}")),
        "{said}"
    );
    let before = project.published();
    for period in ["2024-Q1", "2024-Q2"] {
        let output = project.lodestar(&format!("{revise} {period}"));
        let refusal = format!("{period}: window 2024 cannot pay for another revision");
        let words = [
            refusal.as_str(),
            "its spare is used, and of the",
            "that are left a part of the release would get none; what is published stands",
            "the next window, 2025, pays for periods from 2025-01-01 on",
        ];
        output.refused(4, &words);
    }
    // That comes first: no input would help.
    std::fs::remove_dir_all(project.path("input/sessions")).unwrap();
    let again = format!("{revise} 2024-Q1");
    let words = ["2024-Q1: window 2024 cannot pay for another revision"];
    project.lodestar(&again).refused(4, &words);
    assert!(project.published() == before);
    assert_eq!(project.charges(), ["2024-Q1", "2024-Q2", "2024-Q1-r1"]);
}

#[test]
fn a_second_revision_gets_nothing_that_a_planned_release_needs() {
    let project = Project::until("2024-Q2");
    project.lodestar("run --as-of 2024-04-08").ok();
    let revise = "run --revise --period 2024-Q1 --as-of 2024-04-08";
    project.lodestar(revise).ok();
    let words = [
        "2024-Q1: ",
        "its spare is used, and of the",
        "that are left planned releases need all (it is free only if `last` gives them up)",
        "the next window, 2025, pays for periods from 2025-01-01 on",
    ];
    project.lodestar(revise).refused(4, &words);
    project.lodestar("run").ok();
    assert_eq!(project.charges(), ["2024-Q1", "2024-Q1-r1", "2024-Q2"]);
}

#[test]
fn no_window_ever_spends_more_than_it_has() {
    let project = Project::synthetic();
    project.lodestar("run").ok();
    project.lodestar("run --revise --period 2024-Q3").ok();
    project.lodestar("run --revise --period 2025-Q1").ok();
    let budget = project.lodestar("budget --json").ok().json();
    let windows = budget["windows"].as_array().unwrap();
    let names: Vec<_> = windows
        .iter()
        .map(|window| window["window"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["2024", "2025"]);
    for window in windows {
        let number = |name: &str| window[name].as_f64().unwrap();
        assert_eq!(number("epsilon").to_bits(), 8.0_f64.to_bits());
        assert!(
            number("spent_epsilon") <= 8.0 && window["spare_used"] == true,
            "{window}"
        );
        let both = number("spent_epsilon") + number("left_epsilon");
        assert!((both - 8.0).abs() < 1e-9, "{window}");
        let charges = budget["charges"].as_array().unwrap().iter();
        let mine = charges.filter(|charge| charge["window"] == window["window"]);
        let sum: u64 = mine
            .map(|charge| charge["rho_micro"].as_u64().unwrap())
            .sum();
        assert_eq!(window["spent_rho_micro"], sum);
    }
}

#[test]
fn of_several_periods_that_are_due_those_before_the_first_that_cannot_be_paid_are_released() {
    let project = Project::until("2024-Q4");
    project.edit("window = \"year\"", "window = \"half\"");
    project.edit("first = \"2024-Q1\"", "first = \"2024-Q4\"");
    // All that the second half of 2024 has goes to its one period.
    project.lodestar("run").ok();
    project.lodestar("run --revise --period 2024-Q4").ok();
    project.edit("first = \"2024-Q4\"", "first = \"2024-Q2\"");
    project.edit("last = \"2024-Q4\"", "last = \"2025-Q1\"");
    let words = ["2024-Q3: ", "window 2024-H2 cannot pay"];
    let said = project.lodestar("run").refused(4, &words);
    assert!(said.stdout.starts_with("2024-Q2: "), "{said:#?}");
    let paid = ["2024-Q4", "2024-Q4-r1", "2024-Q2"];
    assert_eq!(project.charges(), paid);
    project.verify("current").ok();
    // Nor is a later one, which its window could pay for, released before it.
    let published = project.published();
    project.lodestar("run").refused(4, &words);
    assert!(project.published() == published && project.charges() == paid);
    // That must be asked for.
    project.lodestar("run --period 2025-Q1").ok();
    project.lodestar("run --period 2024-Q3").refused(4, &words);
    assert_eq!(project.charges().last().unwrap(), "2025-Q1");
    project.verify("current").ok();
}
