//! Help, facts as JSON, private files.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::support::{Project, output, run};

const COMMANDS: [&str; 12] = [
    "audit",
    "budget",
    "check",
    "completions",
    "evaluate",
    "init",
    "plan",
    "report",
    "run",
    "synth",
    "themes",
    "verify",
];

#[test]
fn every_command_has_help_with_an_example_that_parses() {
    let help = run(["--help"]).ok().stdout;
    assert!(
        help.contains("Exit codes:\n  0  done, or nothing to do\n"),
        "{help}"
    );
    let list = help
        .split_once("Commands:")
        .unwrap()
        .1
        .split_once("Options:")
        .unwrap()
        .0;
    let is_name = |line: &&str| line.starts_with("  ") && !line.starts_with("   ");
    let listed = list
        .lines()
        .filter(is_name)
        .filter_map(|line| line.split_whitespace().next());
    let mut listed: Vec<&str> = listed.filter(|name| *name != "help").collect();
    listed.sort_unstable();
    assert_eq!(listed, COMMANDS);
    let wide = help.lines().find(|line| line.chars().count() > 80);
    assert_eq!(wide, None);
    let folder = tempfile::tempdir().unwrap();
    for command in COMMANDS {
        let help = run([command, "--help"]).ok().stdout;
        let wide: Vec<&str> = help
            .lines()
            .filter(|line| line.chars().count() > 80)
            .collect();
        assert!(wide.is_empty(), "{wide:#?}");
        // What the list of commands says of it breaks where the terminal does.
        let mut about = help.lines();
        assert!(
            about.next().is_some_and(|line| line.ends_with('.')),
            "{help}"
        );
        assert_eq!(about.next(), Some(""), "{help}");
        let example = help
            .lines()
            .find_map(|line| line.strip_prefix("Example: lodestar "));
        let example = example.unwrap_or_else(|| panic!("no example: {help}"));
        assert!(example.starts_with(command), "{example}");
        // In an empty folder it finds nothing, but it is understood.
        let mut command = crate::support::lodestar(example.split_whitespace());
        let said = output(command.current_dir(folder.path()).output().unwrap());
        assert!(!said.stderr.contains("Usage:"), "{example}: {said:?}");
        assert!(
            [Some(0), Some(2), Some(8)].contains(&said.code),
            "{example}: {said:?}"
        );
    }
    assert!(run(["--version"]).ok().stdout.starts_with("lodestar "));
}

#[test]
fn completions_name_every_command() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run(["completions", shell]).ok().stdout;
        for command in COMMANDS {
            assert!(script.contains(command), "{shell}: {command}");
        }
        assert!(script.contains("revise") && script.contains("restore"));
    }
    run(["completions", "tcsh"]).refused(2, &["tcsh", "possible values", "fish"]);
}

#[test]
fn facts_come_as_json_too() {
    let project = Project::until("2024-Q2");
    for command in [
        "check",
        "plan",
        "run --dry-run",
        "run",
        "run",
        "budget",
        "plan",
    ] {
        let said = project.lodestar(&format!("{command} --json")).ok();
        assert!(
            said.json().is_object() || said.json().is_array(),
            "{command}: {said:?}"
        );
    }
    let release = project.path("published/releases/2024-Q1");
    let facts = run([Path::new("verify"), &release, Path::new("--json")])
        .ok()
        .json();
    assert_eq!(
        (&facts["findings"], &facts["files"]),
        (&serde_json::json!([]), &16.into())
    );
    let out = project.path("more");
    let out = out.to_str().unwrap();
    let facts = run([
        "synth", "--people", "20", "--seed", "1", "--out", out, "--json",
    ])
    .ok()
    .json();
    assert_eq!(facts["people"], 20);
    // A failing run gives its facts, too; and its log can be read by machines.
    fs::remove_dir_all(project.path("input/sessions")).unwrap();
    let failed = project.lodestar("run --json --revise --period 2024-Q1 --log json");
    assert_eq!(failed.code, Some(3));
    assert!(
        failed.json()["outcome"]
            .as_str()
            .unwrap()
            .contains("sessions")
    );
    let line: serde_json::Value =
        serde_json::from_str(failed.stderr.lines().last().unwrap()).unwrap();
    assert_eq!(
        (&line["level"], &line["fields"]["code"]),
        (&"ERROR".into(), &3.into())
    );
}

#[test]
fn the_private_side_is_private_and_the_published_side_is_not() {
    let project = Project::tiny();
    // A state folder that others could read is closed.
    fs::create_dir(project.path("state")).unwrap();
    fs::set_permissions(project.path("state"), fs::Permissions::from_mode(0o755)).unwrap();
    let mut rows = crate::support::tiny_sessions();
    rows[0] = rows[0].replace(",60,", ",sixty,");
    project.sessions(&rows);
    project.lodestar("run").ok();
    project.lodestar("check").ok();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let (state, mut seen) = (project.path("state"), Vec::new());
    assert_eq!(mode(&state), 0o700);
    assert_eq!(mode(&state.join("quarantine")), 0o700);
    for path in crate::support::files(&state).into_keys() {
        assert_eq!(mode(&state.join(&path)), 0o600, "{}", path.display());
        seen.push(path.display().to_string());
    }
    for name in [
        "ledger.sqlite",
        "lock",
        "quarantine/sessions.parquet",
        "secret",
        "seen.json",
    ] {
        assert!(seen.iter().any(|path| path == name), "{name}: {seen:?}");
    }
    let published = project.path("published");
    for path in project.published().into_keys() {
        assert_eq!(mode(&published.join(&path)), 0o644, "{}", path.display());
    }
    assert_eq!(mode(&published.join("releases/2025-Q1")), 0o755);
}

#[test]
fn no_colours_where_nobody_looks() {
    let project = Project::tiny();
    project.edit("k = 10", "k = 0");
    let said = project.lodestar("check").refused(2, &["privacy.k"]);
    assert!(!said.stderr.contains('\u{1b}'), "{said:?}");
}

#[test]
fn a_release_that_will_show_nothing_is_warned_of() {
    let warnings = |project: &Project| {
        let check = project.lodestar("check --json").ok().json();
        check["warnings"].to_string()
    };
    // Forty people are fewer than the threshold, whoever their coaches are.
    let project = Project::tiny();
    project.edit("k = 10", "k = 35");
    let said = warnings(&project);
    for word in [
        "2025-Q1 will cost",
        "probably show nothing",
        "people has 40 rows",
        "lodestar plan",
    ] {
        assert!(said.contains(word), "{word}: {said}");
    }
    project.edit("k = 35", "k = 35\nepsilon = 1000");
    for source in ["org", "people", "sessions"] {
        let path = format!("path = \"input/{source}.csv\"");
        project.edit(&path, &format!("{path}\nsynthetic = true"));
    }
    assert!(!warnings(&project).contains("nothing"));
    // Without a people table, sessions say how many there are at most.
    let project = Project::tiny();
    project.edit("[sources.people]\npath = \"input/people.csv\"\n", "");
    project.sessions(&crate::support::tiny_sessions()[..15]);
    assert!(warnings(&project).contains("sessions has 15 rows"));
}
