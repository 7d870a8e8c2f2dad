//! What `plan` says before anything is read: of the window, and of so many
//! people.

use crate::support::{Project, output};

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
fn what_a_weight_buys_is_what_plan_says_with_that_weight() {
    let project = Project::synthetic();
    let measures = |weight: &str| {
        format!(
            "[[measures]]\nuse = \"theme_prevalence\"\nweight = {weight}\n[[measures]]\n\
             use = \"engagement\"\nevery = \"half\"\n\n[north_star]"
        )
    };
    project.edit("[north_star]", &measures("3"));
    let plan = || project.lodestar("plan --json").ok().json()[0].clone();
    let all = plan()["weights"].clone();
    let (engagement, themes) = (&all[0], &all[1]);
    let said = |one: &serde_json::Value| {
        let words = ["table", "statistic", "period"].map(|name| one[name].as_str().unwrap());
        (words.map(str::to_owned), one["weight"].as_f64().unwrap())
    };
    let expected = ["theme_prevalence", "share", "2024-Q1"].map(str::to_owned);
    assert_eq!(said(themes), (expected, 3.0));
    // It is not in the first release.
    let expected = ["engagement", "sessions_per_coachee", "2024-Q2"].map(str::to_owned);
    assert_eq!(said(engagement), (expected, 1.0));
    // Of 300 people; the third of the sizes that are planned.
    let width = |table: &str, statistic: &str, plan: &serde_json::Value| {
        let releases = plan["releases"].as_array().unwrap();
        let tables = releases.iter().filter_map(|one| one["tables"].as_array());
        let mine = tables.flatten().find(|one| one["table"] == table).unwrap();
        let mut mine = mine["statistics"].as_array().unwrap().iter();
        let mine = mine.find(|one| one["statistic"] == statistic).unwrap();
        mine["half_widths"][2].as_f64().unwrap()
    };
    let is = |told: &serde_json::Value, then: f64| {
        assert!(
            (told.as_f64().unwrap() / then - 1.0).abs() < 1e-9,
            "{told} {then}"
        );
    };
    let share = |plan: &serde_json::Value| width("theme_prevalence", "share", plan);
    let others = |plan: &serde_json::Value| width("engagement", "sessions_per_coachee", plan);
    let now = plan();
    is(&themes["half_width"], share(&now));
    for (weight, change, sign) in [("1.5", "halved", -1.0), ("6", "doubled", 1.0)] {
        project.edit(&measures("3"), &measures(weight));
        let then = plan();
        is(&themes[change]["half_width"], share(&then));
        // Of the others the one that changes most.
        let factor = themes[change]["others"].as_f64().unwrap();
        assert!((factor - 1.0) * sign > 0.0, "{themes}");
        assert!(factor >= others(&then) / others(&now) - 1e-9, "{themes}");
        project.edit(&measures(weight), &measures("3"));
    }
    let text = project.lodestar("plan").ok().stdout;
    assert!(text.contains("what each weight buys"), "{text}");
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
    // A measure alone has nothing that it could be weighed against.
    project.edit("[[measures]]\nuse = \"engagement\"\nevery = \"half\"\n", "");
    assert_eq!(plan()["weights"], serde_json::json!([]));
    let text = project.lodestar("plan").ok().stdout;
    assert!(!text.contains("weight"), "{text}");
}

/// Of the cohorts that a release published, the noise is that of the next one.
#[test]
fn what_is_to_show_is_expected_from_what_showed_before() {
    let project = Project::synthetic();
    // The root's people show whatever is drawn.
    project.edit("epsilon = 8.0", "epsilon = 40.0");
    let first = || project.lodestar("plan --json").ok().json()[0]["releases"][0].clone();
    let expects = |release: &serde_json::Value| {
        let tables = release["tables"].as_array().unwrap().clone();
        tables.into_iter().map(|table| table["expects"].clone())
    };
    // Before anything was released, from what departments say to have.
    let known = || expects(&first()).filter(|expects| !expects.is_null());
    assert!(known().count() >= 5 && known().all(|expects| expects["from"] == "headcount"));
    let text = project.lodestar("plan").ok().stdout;
    let told = "expected to show, from what units say to have:";
    assert!(text.contains(told), "{text}");
    // Without these all are taken to show.
    let org = project.read("input/org.csv");
    let org = String::from_utf8(org)
        .unwrap()
        .replace("headcount", "posts");
    project.write("input/org.csv", &org);
    assert!(expects(&first()).all(|expects| expects.is_null()));
    assert!(
        !project
            .lodestar("plan")
            .ok()
            .stdout
            .contains("expected to show")
    );
    project.lodestar("run --as-of 2024-04-20").ok();
    let next = first();
    let known: Vec<_> = expects(&next)
        .filter(|expects| !expects.is_null())
        .collect();
    assert!(
        known.iter().all(|expects| expects["from"] == "2024-Q1"),
        "{next}"
    );
    // The root of all tables that it published.
    assert!(known.len() >= 5, "{next}");
    let text = project.lodestar("plan").ok().stdout;
    assert!(
        text.contains("expected to show, from what showed before:"),
        "{text}"
    );
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
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
    // Table by table, whatever the first of them needs.
    let tables = few["levels"][0]["tables"].as_array().unwrap();
    let names: Vec<_> = tables
        .iter()
        .map(|one| one["table"].as_str().unwrap())
        .collect();
    let last = names.len() - 1;
    assert_eq!(last, 9, "those of half-years too: {names:?}");
    let between = outlook(tables[last]["needed"].as_u64().unwrap() as u32 - 1);
    let of_root = &between["levels"][0];
    assert_eq!(
        (&of_root["appears"], &of_root["tables"][last]["appears"]),
        (&true.into(), &false.into()),
        "{of_root}"
    );
    let named = of_root["tables"][last]["table"].as_str().unwrap();
    let people = between["people"].as_u64().unwrap();
    let said = project
        .lodestar(&format!("plan --people {people}"))
        .ok()
        .stdout;
    let lacks = said.lines().find(|line| line.starts_with("  nothing of: "));
    assert!(lacks.is_some_and(|line| line.contains(named)), "{said}");
    assert!(
        said.lines().all(|line| line.chars().count() <= 80),
        "{said}"
    );
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

/// By metric the range, so the error; and ρ of all that a table reads.
#[test]
fn every_metric_is_planned_and_effects_pay_for_their_units() {
    let project = Project::empty();
    synthetic_with_outcomes(&project);
    let said = project.lodestar("plan --json").ok().json();
    let releases = said[0]["releases"].as_array().unwrap();
    let half = releases
        .iter()
        .max_by_key(|one| one["rho_micro"].as_u64())
        .unwrap();
    let tables = half["tables"].as_array().unwrap();
    let at_root = |name: &str| {
        let mut mine = tables.iter().filter(|one| one["table"] == name);
        mine.find(|one| one["level"] == 0).unwrap()
    };
    let outcomes = at_root("business_outcomes")["statistics"]
        .as_array()
        .unwrap();
    let of = |metric: &str| {
        let mut mine = outcomes.iter().filter(|one| one["metric"] == metric);
        mine.find(|one| one["statistic"] == "mean_coached").unwrap()["sigma"]
            .as_f64()
            .unwrap()
    };
    // Noise is in units of the range.
    assert!(
        (of("sold") / of("sick") - 40.0).abs() < 1e-6,
        "{outcomes:?}"
    );
    let parts: u64 = tables
        .iter()
        .map(|one| one["rho_micro"].as_u64().unwrap())
        .sum();
    let all = half["rho_micro"].as_u64().unwrap();
    assert!(
        (0.84..0.86).contains(&(parts as f64 / all as f64)),
        "{parts} {all}"
    );
    let text = project.lodestar("plan").ok().stdout;
    assert!(text.contains("\n  sold\n    mean_coached"), "{text}");
}

/// Outcomes of two metrics and a programme of units, without any row.
fn synthetic_with_outcomes(project: &Project) {
    let config = r#"
[project]
organisation = "Acme"
[periods]
every = "half"
first = "2024-H1"
[sources.org]
path = "org.csv"
[sources.programmes]
path = "programmes.csv"
[sources.people]
path = "people.csv"
[sources.sessions]
path = "sessions.csv"
[sources.outcomes]
path = "outcomes.csv"
[[metrics]]
id = "sick"
range = [0, 10]
[[metrics]]
id = "sold"
range = [0, 400]
[[competencies]]
id = "focus"
[[measures]]
use = "business_outcomes"
[[measures]]
use = "programme_effect"
"#;
    project.write("lodestar.toml", config);
    project.write("org.csv", "org_unit,label,parent\na,A,Acme\nb,B,Acme\n");
    let programmes =
        "programme,arm,starts_on,org_unit\nlead,pilot,2024-01-01,a\nlead,comparison,,b\n";
    project.write("programmes.csv", programmes);
}

#[test]
fn a_target_tells_the_least_epsilon_that_reaches_it() {
    let project = Project::synthetic();
    let target = "share ±5 points at 400 people";
    let plan = |target: &str, more: &str| {
        let mut command = project.command(&format!("plan {more}"));
        output(command.args(["--target", target]).output().unwrap())
    };
    let reaches = plan(target, "--json").ok().json();
    let reaches = reaches.as_array().unwrap();
    // Of themes and of coverage, at three levels each.
    assert_eq!(reaches.len(), 6);
    for reach in reaches {
        let epsilon = reach["epsilon"].as_f64().unwrap();
        let half_width = reach["half_width"].as_f64().unwrap();
        // The configured ε is 8.
        assert_eq!(epsilon < 8.0, half_width < 0.05, "{reach}");
    }
    let themes = |all: &[serde_json::Value]| {
        let mut all = all.iter();
        let root = all.find(|one| one["table"] == "theme_prevalence" && one["level"] == 0);
        root.unwrap().clone()
    };
    let needed = themes(reaches)["epsilon"].as_f64().unwrap();
    for (times, reached) in [(1.0, true), (0.99, false)] {
        let epsilon = format!("epsilon = {}", needed * times);
        project.edit("epsilon = 8.0", &epsilon);
        let now = plan(target, "--json").ok().json();
        let now = themes(now.as_array().unwrap());
        assert_eq!(
            now["half_width"].as_f64().unwrap() <= 0.05,
            reached,
            "{now}"
        );
        project.edit(&epsilon, "epsilon = 8.0");
    }
    let said = plan(target, "").ok().stdout;
    assert!(said.contains("theme_prevalence.share"), "{said}");
    assert!(
        said.lines().all(|line| line.chars().count() <= 80),
        "{said}"
    );
    // In so few nothing can be said: wider than all shares.
    let said = plan("share ±5 points at 3 people", "").ok().stdout;
    assert!(!said.contains('±') && said.contains("—  points"), "{said}");
    plan("shares ±5 points at 200 people", "").refused(2, &["shares"]);
    plan("share at 200", "").refused(2, &["share ±5 points at 200 people"]);
}

#[test]
fn a_period_in_which_nothing_closes_is_released_at_no_cost_and_says_so() {
    let project = Project::synthetic();
    let measure = "[[measures]]\nuse = \"engagement\"\nevery = \"half\"\n";
    project.edit("[north_star]", &format!("{measure}\n[north_star]"));
    let said = project.lodestar("plan").ok().stdout;
    let nothing = "2024-Q1, 2024-Q3: no measure's span ends here: no table, and no cost";
    assert!(said.contains(nothing), "{said}");
    let warnings = project.lodestar("check --json").ok().json()["warnings"].to_string();
    assert!(
        warnings.contains("no measure's span ends in 2024-Q1, 2024-Q3"),
        "{warnings}"
    );
    let said = project.lodestar("run --as-of 2024-07-20").ok().stdout;
    assert!(
        said.contains("2024-Q1: ") && said.contains("(ε 0.00, δ 0.0e0)\n  no measure"),
        "{said}"
    );
    assert!(said.contains("  engagement: "), "{said}");
    for name in ["releases/2024-Q1", "releases/2024-Q2", "current"] {
        project.verify(name).ok();
    }
    let manifest = project.read("published/releases/2024-Q1/manifest.json");
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    let privacy = &manifest["privacy"];
    for cost in ["epsilon_release", "delta_release", "rho_release_micro"] {
        assert_eq!(privacy[cost].as_f64(), Some(0.0), "{cost}");
    }
    assert_eq!(manifest["tables"], serde_json::json!([]));
    let budget = || project.lodestar("budget --json").ok().json();
    let before = budget();
    let charge = &before["charges"][0];
    assert_eq!(
        (&charge["rho_micro"], &charge["release"]),
        (&0.into(), &"2024-Q1".into())
    );
    // A lost ledger is rebuilt without closing the window: nothing is missing.
    std::fs::remove_file(project.path("state/ledger.sqlite")).unwrap();
    let releases = project.path("published/releases");
    let restore = format!("budget restore --from {}", releases.display());
    project.lodestar(&restore).ok();
    assert_eq!(budget()["windows"][0]["closed"], serde_json::json!(false));
    assert_eq!(
        budget()["windows"][0]["spent_rho_micro"],
        before["windows"][0]["spent_rho_micro"]
    );
}

#[test]
fn after_the_last_release_it_says_so_and_what_would_go_on() {
    let project = Project::tiny();
    let plan = || project.lodestar("plan").ok().stdout;
    let said = plan();
    let spare = "to be released: 2025-Q1, and a spare: one revision takes all of it\n";
    assert!(said.contains(spare), "{said}");
    project.lodestar("run").ok();
    let over = "\
nothing is due any more: every period from 2025-Q1 (`first`) to 2025-Q1 (`last`)
  is released
nothing after `last` is ever released: to go on, set it to a later period, or
  delete it
";
    let left = "\
 is left, the spare: one revision takes all of it, and
  periods that follow in the window would share it
";
    let said = plan();
    let rest = said.strip_prefix(over).unwrap();
    assert!(
        rest.starts_with("window 2025: ρ 0.50") && rest.ends_with(left),
        "{said}"
    );
    project.lodestar("run --revise --period 2025-Q1").ok();
    let said = plan();
    let rest = said.strip_prefix(over).unwrap();
    let used = "window 2025: the spare is used; ρ 0.00000";
    assert!(rest.starts_with(used), "{said}");
    // Where a period of the window is still to come.
    let project = Project::tiny();
    project.edit(r#"last = "2025-Q1""#, r#"last = "2025-Q2""#);
    project.lodestar("run --period 2025-Q1").ok();
    project.lodestar("run --revise --period 2025-Q1").ok();
    let said = project.lodestar("plan").ok().stdout;
    let line = "to be released: 2025-Q2; no revision: the spare is used\n";
    assert!(said.contains(line), "{said}");
}
