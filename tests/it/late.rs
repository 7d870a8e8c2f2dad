//! Rows that come after their period's release are counted, each once.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const CONFIG: &str = "
[project]
organisation = \"Acme\"
[periods]
first = \"2025-Q1\"
last = \"2025-Q1\"
[sources.sessions]
path = \"sessions\"
defaults = { competency = \"focus\", minutes = 60, held_on = 2025-02-03 }
[[competencies]]
id = \"focus\"
[[themes]]
id = \"workload\"
competencies = [\"focus\"]
";

fn run(folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lodestar"))
        .args(["run", "--json", "--config"])
        .arg(folder.join("lodestar.toml"))
        .output()
        .unwrap()
}

fn late_rows(folder: &Path) -> u64 {
    let output = run(folder);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let facts: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    facts["late_rows"].as_u64().unwrap()
}

/// Enough of them that a release has something to count.
fn sessions() -> String {
    let mut rows = "session_id,coachee_id,coach_id,themes\n".to_owned();
    for row in 0..60 {
        writeln!(rows, "s{row},p{row},c{},workload", row % 9).unwrap();
    }
    rows
}

#[test]
fn only_rows_that_came_late_count_as_late() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut rows = sessions();
    fs::create_dir(folder.join("sessions")).unwrap();
    fs::write(folder.join("sessions/a.csv"), &rows).unwrap();
    fs::write(folder.join("lodestar.toml"), CONFIG).unwrap();
    assert_eq!(late_rows(folder), 0, "released");
    fs::write(folder.join("lodestar.toml"), format!("# so\n{CONFIG}")).unwrap();
    assert_eq!(late_rows(folder), 0, "another configuration");
    rows.push_str("s60,p60,c1,workload\n");
    fs::write(folder.join("sessions/a.csv"), &rows).unwrap();
    assert_eq!(late_rows(folder), 1, "a row more in a file that was read");
    let more = "session_id,coachee_id,coach_id,themes\ns61,p61,c1,workload\n";
    fs::write(folder.join("sessions/b.csv"), more).unwrap();
    assert_eq!(late_rows(folder), 2, "a new file");
    assert_eq!(late_rows(folder), 2, "nothing new");
}

#[test]
fn outcomes_are_noticed_and_counted_as_sessions_are() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::create_dir(folder.join("sessions")).unwrap();
    fs::create_dir(folder.join("outcomes")).unwrap();
    fs::write(folder.join("sessions/a.csv"), sessions()).unwrap();
    let outcome = |name: &str, row: &str| {
        let text = format!("person_id,measured_on,metric,value\n{row}\n");
        fs::write(folder.join("outcomes").join(name), text).unwrap();
    };
    outcome("a.csv", "p1,2025-02-03,absence,4");
    let declared = "[sources.outcomes]\npath = \"outcomes\"\n\
                    [[metrics]]\nid = \"absence\"\nrange = [0, 92]\n";
    fs::write(folder.join("lodestar.toml"), format!("{CONFIG}{declared}")).unwrap();
    assert_eq!(late_rows(folder), 0, "released");
    outcome("b.csv", "p2,2025-02-03,absence,4");
    assert_eq!(late_rows(folder), 1, "a new file");
    outcome("c.csv", "p2,2025-05-03,absence,4");
    assert_eq!(late_rows(folder), 1, "of a period that is not released");
    outcome("b.csv", "p3,2025-02-03,absence,4.5");
    assert_eq!(
        late_rows(folder),
        1,
        "a file that was read, all of it again"
    );
    outcome("d.csv", "p3,2025-02-03,absence,93");
    let output = run(folder);
    assert_eq!(output.status.code(), Some(3), "a bad row");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("outcomes: 1 of 1 rows"), "{said}");
}

const ASSESSMENTS: &str = "
[sources.assessments]
path = \"assessments\"
defaults = { competency = \"focus\", instrument = \"pulse\", assessed_on = 2025-02-03 }
[[instruments]]
id = \"pulse\"
min = 1
max = 5
";

#[test]
fn assessments_are_looked_at_the_night_they_come() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for (name, text) in [
        ("sessions/a.csv", sessions().as_str()),
        ("assessments/a.csv", "subject_id,score\np1,3\np99,2\n"),
        ("lodestar.toml", &format!("{CONFIG}{ASSESSMENTS}")),
    ] {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    assert_eq!(late_rows(folder), 0, "released");
    let late = folder.join("assessments/b.csv");
    fs::write(&late, "subject_id,score\np2,3\np3,4\np3,4\n").unwrap();
    assert_eq!(late_rows(folder), 2, "a new file");
    fs::write(&late, "subject_id,score\np2,3\np3,canary\n").unwrap();
    let said = run(folder);
    assert_eq!(said.status.code(), Some(3));
    let said = String::from_utf8_lossy(&said.stderr);
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        said.contains("assessments: 1 of 4 rows") && said.contains("score number 1"),
        "{said}"
    );
    assert!(!said.contains("canary"));
}
