//! What is said on a terminal: within 80 columns, in plain words, with the place and
//! what to do.

use std::fmt::Write as _;
use std::process::Command;
use std::{fs, path};

use crate::docs::{Block, blocks};
use crate::support::{HEADER, Output, Project, lodestar, output, run, tiny_sessions};

#[track_caller]
fn fits(text: &str) {
    let wide: Vec<&str> = text
        .lines()
        .filter(|line| line.chars().count() > 80)
        .collect();
    assert!(wide.is_empty(), "{wide:#?}");
}

/// Refused for its usage, in words of ours that fit.
#[track_caller]
fn usage(args: &[&str], words: &[&str]) {
    let said = run(args).refused(2, words);
    fits(&said.stderr);
    for technical in ["invalid digit", "parse", "os error"] {
        assert!(!said.stderr.contains(technical), "{said:#?}");
    }
}

#[test]
fn options_say_what_they_expect() {
    let whole = "expected a whole number from 1 to";
    usage(&["plan", "--people", "5k"], &["'5k'", whole]);
    usage(&["check", "--threads", "5x"], &["'5x'", whole, "1024"]);
    usage(&["check", "--threads", "2000"], &["'2000'", whole, "1024"]);
    usage(&["evaluate", "--k", "5,x"], &["'x'", whole]);
    usage(&["evaluate", "--epsilon", "0"], &["'0'", "from 0.001 to"]);
    usage(&["run", "--as-of", "tomorrow"], &["such as 2025-10-31"]);
    usage(&["check", "--memory", "5"], &["such as 512MB or 2GiB"]);
    let words = ["such as \"share ±5 points at 200 people\""];
    usage(&["plan", "--target", "foo"], &words);
    let synth = ["synth", "--seed", "1", "--out", "x", "--people", "many"];
    usage(&synth, &["'many'", "expected a whole number"]);
    let seed = ["audit", "--seed", "abc"];
    usage(&seed, &["'abc'", "expected a whole number from 0 to"]);
    let parts = ["audit", "--only", "noise, nose"];
    usage(&parts, &["'nose'", "[possible values: noise, delta,"]);
    usage(&["chekc"], &["a similar subcommand exists: 'check'"]);
    usage(&[], &["Usage: lodestar"]);
}

#[test]
fn a_machine_reads_usage_errors_too() {
    for args in [
        ["plan", "--people", "5k", "--log", "json"],
        ["--log", "json", "plan", "--people", "5k"],
    ] {
        let said = run(args).refused(2, &[]);
        let line: serde_json::Value = serde_json::from_str(&said.stderr).unwrap();
        let fields = &line["fields"];
        assert_eq!(
            (&line["level"], &fields["code"]),
            (&"ERROR".into(), &2.into())
        );
        let message = fields["message"].as_str().unwrap();
        let whole = "expected a whole number from 1 to 1000000000, in digits alone";
        assert_eq!(
            message,
            format!("invalid value '5k' for '--people <N>': {whole}")
        );
    }
    // Help is no error.
    let help = run(["--log", "json", "plan", "--help"]).ok().stdout;
    assert!(
        help.starts_with("Show what each window will publish"),
        "{help}"
    );
}

#[test]
fn a_configuration_at_fault_is_shown_within_80_columns() {
    let project = Project::tiny();
    let columns = "columns = { held_on = { from = \"date\", format = \"%q\" }, minutes = \"length\", \
                   themes = \"topic\", mode = \"what_it_was\" }";
    project.edit("tolerance = 0.02", columns);
    let words = [
        "`sources.sessions.columns.held_on.format` cannot be \"%q\"",
        "help: expected a strftime format of a whole date, such as \"%d/%m/%Y\"",
        "lodestar.toml:",
        "^^^^",
    ];
    let said = project.lodestar("check").refused(2, &words);
    let path = |line: &&str| !line.contains("-->");
    fits(
        &said
            .stderr
            .lines()
            .filter(path)
            .collect::<Vec<_>>()
            .join("\n"),
    );
    // Where there is none, how there would be one.
    let folder = tempfile::tempdir().unwrap();
    let mut command = lodestar(["check"]);
    let said = output(command.current_dir(folder.path()).output().unwrap());
    let said = said.refused(
        2,
        &["cannot read: no such file", "`--config`", "`lodestar init`"],
    );
    fits(&said.stderr);
}

/// What `check` says of the project in its own folder.
fn check(project: &Project) -> Output {
    let mut command = lodestar(["check"]);
    output(command.current_dir(project.path("")).output().unwrap())
}

#[test]
fn check_says_which_row_is_the_first_and_what_to_do() {
    let project = Project::tiny();
    let mut rows = tiny_sessions();
    rows[6] = rows[6].replace("2025-02-07", "31/02/2025");
    project.sessions(&rows);
    let said = check(&project).ok().stdout;
    fits(&said);
    let expected = "\
source    read  accepted  duplicate  quarantined
org          2         2          0            0
people      40        40          0            0
sessions   100        99          0            1
  sessions: held_on: date: 1 row, the first in input/sessions.csv, row 7 after
    the header: no date such as 2025-10-31; written otherwise, it needs a
    `format`
every quarantined row is listed in state/quarantine
";
    assert!(said.starts_with(expected), "{said}");
    // Refused for it, it says the same.
    project.edit("tolerance = 0.02", "tolerance = 0");
    let words = [
        "held_on date 1; the first is in input/sessions.csv, row 7 after the header: no date",
        "`lodestar check` lists every one of them in state/quarantine/sessions.parquet",
    ];
    let refused = check(&project).refused(3, &words);
    fits(&refused.stderr);
}

/// What `check` says of the tiny project whose sessions have been changed, and
/// that nothing of a cell is in it.
#[track_caller]
fn told(project: &Project, change: (&str, &str), words: &[&str]) {
    let rows = tiny_sessions().into_iter();
    let rows: Vec<String> = rows.map(|row| row.replace(change.0, change.1)).collect();
    project.sessions(&rows);
    let said = check(project).refused(3, words);
    let stdout = said.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    for word in words {
        assert!(stdout.contains(word), "{word:?} is not in {said:#?}");
    }
    let cell = change.1.trim_matches([',', '"']);
    for said in [&said.stdout, &said.stderr] {
        fits(said);
        assert!(!said.contains(cell), "a cell is shown: {said}");
    }
}

#[test]
fn cells_that_do_not_fit_their_configuration_are_told_with_it() {
    let project = Project::tiny();
    let format = "columns = { held_on = { from = \"held_on\", format = \"%d/%m/%Y\" } }";
    project.edit("tolerance = 0.02", format);
    let words = [
        "row 1 after the header: no date by the configured `format = \"%d/%m/%Y\"` of column \
         \"held_on\": correct the cell, or the `format`",
    ];
    told(&project, ("2025-02-", "25.02."), &words);
    assert!(check(&project).stdout.contains("held_on: date: 100 rows"));
    let origin = "columns = { held_on = { from = \"held_on\", origin_date = 2013-10-01 } }";
    project.edit(format, origin);
    let words = ["no whole number of days since the configured `origin_date = 2013-10-01`"];
    told(&project, ("2025-02-", "2025-03-"), &words);
}

#[test]
fn a_decimal_comma_is_told_without_the_number() {
    let project = Project::tiny();
    let words = ["a number with a comma: write a point, as in 45.5, and no thousands mark"];
    told(&project, (",60,", ",\"37,5\","), &words);
    // For a machine it is a number like any other that is none.
    let mut rows = tiny_sessions();
    rows[0] = rows[0].replace(",60,", ",\"37,5\",");
    rows[1] = rows[1].replace(",60,", ",an hour,");
    project.sessions(&rows);
    let said = project.lodestar("check --json").ok().json();
    assert_eq!(said["sources"][2]["reasons"]["minutes: number"], 2);
}

#[test]
fn a_word_that_is_none_of_some_is_told_which_there_are() {
    let project = Project::tiny();
    project.edit("tolerance = 0.02", "columns = { mode = \"note\" }");
    let words = [
        "mode",
        "none of `coaching`, `mentoring`; other words for them need a `map`",
    ];
    let led = (",ambiguity,", ",,taught");
    told(&project, led, &words);
    let mapped = "columns = { mode = { from = \"note\", map = { C = \"coaching\" } } }";
    project.edit("columns = { mode = \"note\" }", mapped);
    let words =
        ["none of `coaching`, `mentoring`; other words for them need an entry in its `map`"];
    told(&project, led, &words);
    project.edit("mode = {", "trigger = {");
    told(&project, led, &["none of `proactive`, `reactive`;"]);
}

#[test]
fn a_file_of_ones_own_columns_is_told_how_to_map_them() {
    let project = Project::tiny();
    let text = String::from_utf8(project.read("input/sessions.csv")).unwrap();
    project.write(
        "input/sessions.csv",
        text.replace(HEADER, "a,b,c,d,e,f,g,h"),
    );
    let words = [
        "column \"session_id\": is missing, as are all others: say what they are called, columns = \
         { session_id = …, coachee_id = …, coach_id = …, held_on = …, minutes = …, competency = … } \
         in [sources.sessions]",
        "if the file has no header, add one",
    ];
    project.lodestar("check").refused(3, &words);
    let head = "session_id,person,coach,held_on,minute,f,g,h";
    project.write("input/sessions.csv", text.replace(HEADER, head));
    let words = [
        "column \"coachee_id\": is missing; if it has another name, say so: columns = \
         { coachee_id = …, coach_id = \"coach\", minutes = \"minute\", competency = … } in \
         [sources.sessions]",
    ];
    project.lodestar("check").refused(3, &words);
    let columns =
        "columns = { coachee_id = \"person\", coach_id = \"coach\", minutes = \"minute\" }";
    project.edit("tolerance = 0.02", columns);
    let words = [
        "column \"competency\": is missing",
        "if no column says it, what holds for all rows: defaults = { competency = … }",
    ];
    project.lodestar("check").refused(3, &words);
    project.edit(
        columns,
        &format!("{columns}\ndefaults = {{ competency = \"adaptability\" }}"),
    );
    project.lodestar("run").ok();
}

#[test]
fn plan_refuses_units_that_a_run_would_refuse() {
    let project = Project::tiny();
    let org = "org_unit,label,parent\nnorth,North,Acme\nsouth,,Acme\n";
    project.write("input/org.csv", org);
    let words = [
        "org: 1 of 2 rows are quarantined",
        "label missing 1; the first is in input/org.csv, row 2 after the header: empty",
        "`lodestar check` lists",
    ];
    for command in ["plan", "plan --people 300", "run"] {
        let said = project.lodestar(command).refused(3, &words);
        assert!(!said.stdout.contains("to be released"), "{said:#?}");
    }
    project.edit(
        "path = \"input/org.csv\"",
        "path = \"input/org.csv\"\ntolerance = 0.5",
    );
    project.lodestar("plan").ok();
}

#[test]
fn plan_says_where_what_is_expected_has_no_effect() {
    let project = Project::tiny();
    let told = "have no effect";
    assert!(!project.lodestar("plan").ok().stdout.contains(told));
    let org = "org_unit,label,parent,headcount\nnorth,North,Acme,200\nsouth,South,Acme,\n";
    project.write("input/org.csv", org);
    project.edit(
        "[[competencies]]",
        "[expected]\ncoachees = 0.4\n\n[[competencies]]",
    );
    let said = project.lodestar("plan").ok().stdout;
    fits(&said);
    let expected = "\
head-counts and `[expected]` have no effect: of 2 units that people belong to
  `south` says no `headcount`; all cohorts are taken to show
";
    assert!(said.contains(expected), "{said}");
    project.write(
        "input/org.csv",
        org.replace("South,Acme,", "South,Acme,150"),
    );
    let said = project.lodestar("plan").ok().stdout;
    assert!(
        !said.contains(told) && said.contains("expected to show"),
        "{said}"
    );
}

/// Names of files are those of whoever made the folder.
#[test]
fn nothing_from_a_file_moves_the_cursor() {
    let project = Project::tiny();
    project.lodestar("run").ok();
    let name = "published/current/\u{1b}[2J\u{9b}1m\u{202e}.parquet";
    project.write(name, "");
    let shown = "\\u001b[2J\\u009b1m\\u202e.parquet: is not listed in manifest.json";
    project.verify("current").refused(8, &[shown]);
    let plain = |said: &str| {
        said.chars()
            .all(|letter| letter == '\n' || !letter.is_control())
    };
    for more in ["--json", "--log json"] {
        let mut command = project.command(&format!("verify {more}"));
        let said = output(
            command
                .arg(project.path("published/current"))
                .output()
                .unwrap(),
        );
        assert_eq!(said.code, Some(8));
        assert!(plain(&said.stdout) && plain(&said.stderr), "{said:#?}");
    }
}

/// Names as long as people choose them.
#[test]
fn tables_fit_whatever_is_called_how() {
    let project = Project::tiny();
    let unit = "the-unit-with-a-name-of-forty-characters";
    let mut org = String::from("org_unit,label,parent\n");
    let _ = writeln!(org, "{unit},{unit} and its label,Acme");
    project.write("input/org.csv", &org);
    let people = String::from_utf8(project.read("input/people.csv")).unwrap();
    let people = people.replace("north", unit).replace("south", unit);
    project.write("input/people.csv", people);
    let measure = "minutes_of_everybody_who_was_coached_in_the_period_by_anyone";
    let statistic = "mean_of_all_minutes_that_were_spent_in_a_session";
    let declared = format!(
        "[[measures]]\nname = \"{measure}\"\nquestion = \"How long?\"\n\
         statistics = [{{ name = \"{statistic}\", kind = \"mean\", of = \"minutes\" }}]\n\
         clip = {{ {statistic} = [0, 600] }}\ntolerated_error = {{ {statistic} = 10 }}\n\
         [[measures]]\nuse = \"engagement\"\n\n[[competencies]]"
    );
    project.edit("[[competencies]]", &declared);
    project.edit("[periods]", "[periods]\nevery = \"month\"");
    project.edit("first = \"2025-Q1\"", "first = \"2025-01\"");
    project.edit("last = \"2025-Q1\"", "last = \"2025-12\"");
    fits(&check(&project).ok().stdout);
    let plan = project.lodestar("plan --people 300").ok().stdout;
    fits(&plan);
    assert!(plan.contains(&format!("\n  {statistic}\n")), "{plan}");
    let target = format!("{measure}.{statistic} ±20 at 100 people");
    let mut command = project.command("plan");
    let said = output(command.args(["--target", &target]).output().unwrap());
    let reaches = said.ok().stdout;
    let name = format!("{measure}.{statistic}");
    for line in reaches.lines().filter(|line| *line != name) {
        fits(line);
    }
    assert!(reaches.contains(&name), "{reaches}");
}

/// What the tutorial shows is what whoever follows it sees.
#[test]
fn the_tutorial_shows_what_is_said() {
    let page = path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/tutorial.md");
    let page = blocks(&fs::read_to_string(page).unwrap());
    let block = |begins: &str| -> &Block {
        let found = page.iter().find(|block| block.text.starts_with(begins));
        found.unwrap_or_else(|| panic!("no block begins with {begins:?}"))
    };
    let folder = tempfile::tempdir().unwrap();
    let (repository, first) = (
        folder.path().join("repository"),
        folder.path().join("first"),
    );
    fs::create_dir(&repository).unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-e", "-c", &block("mkdir ../first").text]);
    assert!(shell.current_dir(repository).status().unwrap().success());
    let rows = fs::read_to_string(first.join("sessions.csv")).unwrap();
    assert!(
        rows.starts_with(&block("id,client,coach").text),
        "{rows:.200}"
    );
    let config = &block("[project]").text;
    fs::write(first.join("lodestar.toml"), config).unwrap();
    let said = |args: &str| {
        let mut command = lodestar(args.split(' '));
        command.args(["--config", "lodestar.toml"]);
        output(command.current_dir(&first).output().unwrap())
    };
    assert_eq!(said("check").ok().stdout, block("source    read").text);
    assert_eq!(said("plan").ok().stdout, block("window 2025").text);
    let run = said("run").ok().stdout;
    assert!(run.starts_with(&block("2025-Q1: published").text), "{run}");
    assert_eq!(said("run").ok().stdout, "up to date\n");
    let ends = said("verify published/releases/2025-Q1").ok().stdout + &said("budget").ok().stdout;
    assert_eq!(ends, block("verified").text);
    // What goes wrong.
    let renamed = rows.replacen("client", "person", 1);
    fs::write(first.join("sessions.csv"), renamed).unwrap();
    assert_eq!(said("check").stderr, block("error: sessions").text);
    let misspelt = config.replacen("first", "frist", 1);
    fs::write(first.join("lodestar.toml"), misspelt).unwrap();
    let stderr = said("check").refused(2, &[]).stderr;
    assert!(
        stderr.ends_with(&block("error: unknown key").text),
        "{stderr}"
    );
    // The units that follow.
    fs::write(first.join("sessions.csv"), rows).unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-e", "-c", &block("printf 'org_unit").text]);
    assert!(shell.current_dir(&first).status().unwrap().success());
    let units = &block("[sources.org]").text;
    fs::write(first.join("lodestar.toml"), format!("{config}\n{units}")).unwrap();
    let revised = said("run --period 2025-Q1 --revise").ok().stdout;
    assert!(
        revised.starts_with("2025-Q1-r1: published/releases/2025-Q1-r1 (ε 5.39"),
        "{revised}"
    );
    assert!(revised.contains("cohorts from 34 people"), "{revised}");
}

/// Lost results are no success.
#[test]
fn a_full_disk_under_stdout_is_told() {
    let project = Project::until("2024-Q1");
    for args in ["budget", "plan --json"] {
        let mut command = project.command(args);
        command.stdout(std::fs::File::create("/dev/full").unwrap());
        output(command.output().unwrap()).refused(7, &["could be written to stdout"]);
    }
}

#[test]
fn a_page_of_a_project_is_not_written_elsewhere() {
    let project = Project::until("2024-Q1");
    let said = project.lodestar("report --out elsewhere.html");
    said.refused(2, &["--out", "folder"]);
}
