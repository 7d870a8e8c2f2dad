//! Configurations that are accepted, and what the other tests share.

mod assessments;
mod cascades;
mod declared;
mod files;
mod instruments;
mod mappings;
mod measures;
mod notes;
mod outcomes;
mod programmes;
mod refusals;
mod values;

use std::path::Path;

use super::*;
use crate::calendar::Every;

/// The least that a configuration says.
const MINIMAL: &str = r#"[project]
organisation = "Acme"
[periods]
first = "2025-Q3"
[sources.sessions]
path = "sessions.csv"
[[competencies]]
id = "adaptability"
[[themes]]
id = "ambiguity"
competencies = ["adaptability"]
"#;

/// Loads `lodestar.toml` of a folder.
fn load_in(folder: &Path) -> Result<Project, ConfigErrors> {
    load(&folder.join("lodestar.toml"))
}

/// Writes files to a new folder.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).expect("a file");
    }
    folder
}

/// Loads a text as `lodestar.toml`.
fn load_text(text: &str) -> Result<Project, ConfigErrors> {
    load_in(folder(&[("lodestar.toml", text)]).path())
}

/// Loads what must be accepted.
fn accepted(text: &str) -> Project {
    load_text(text).unwrap_or_else(|errors| panic!("{errors}"))
}

#[test]
fn the_least_configuration_gets_the_documented_defaults() {
    let folder = folder(&[("lodestar.toml", MINIMAL)]);
    let project = load_in(folder.path()).expect("a project");
    assert_eq!(project.files, [folder.path().join("lodestar.toml")]);
    assert_eq!(project.organisation, "Acme");
    assert_eq!(project.state, folder.path().join("state"));
    assert_eq!(project.publish, folder.path().join("published"));
    let calendar = &project.calendar;
    assert_eq!((calendar.every, calendar.year_starts), (Every::Quarter, 1));
    assert_eq!((calendar.settle_days, calendar.last), (7, None));
    assert_eq!(calendar.first.name(), "2025-Q3");
    let privacy = &project.privacy;
    assert_eq!(
        (privacy.k, privacy.coalition, privacy.window),
        (10, 1, Every::Year)
    );
    assert_eq!(format!("{} {:e}", privacy.epsilon, privacy.delta), "8 1e-6");
    assert!(project.north_star.is_none() && project.dimensions.is_empty());
    assert!(project.formats.is_empty() && project.privacy.unit == PrivacyUnit::Person);
    let sources = &project.sources;
    assert!(sources.org.is_none() && sources.people.is_none() && !project.synthetic());
    assert_eq!(sources.sessions.paths, ["sessions.csv"]);
    assert_eq!(sources.sessions.base, folder.path());
    assert!((sources.sessions.tolerance - 0.01).abs() < f64::EPSILON);
    assert_eq!(project.framework.competencies[0].label, "adaptability");
    assert_eq!(project.framework.themes[0].competencies, [0]);
    let names: Vec<_> = project
        .measures
        .iter()
        .map(|measure| &measure.name)
        .collect();
    // Without people there is no head-count, and so no coverage.
    let possible = [
        "coaching_mix",
        "engagement",
        "theme_prevalence",
        "trigger_mix",
    ];
    assert_eq!(names, possible);
}

#[test]
fn everything_that_can_be_said_is_read() {
    let project = accepted(
        r#"
[project]
organisation = "Acme"
state = "/var/lib/acme"
publish = "out"
[periods]
every = "half"
first = "2025-H1"
last = "2025-H1"
year_starts = 4
settle_days = 0
[privacy]
unit = "person"
k = 1
coalition = 0
window = "half"
epsilon = 1_000_000
delta = 0.5
[north_star]
where = "Agile by 2027"
how = "Coaching"
why = "Markets"
[sources.org]
path = "org.csv"
synthetic = true
[sources.people]
path = ["people.csv", "more/*.csv"]
synthetic = true
columns = { programme = "track" }
defaults = { job_level = "staff", left_on = 2030-12-31 }
[sources.sessions]
path = "sessions"
synthetic = true
tolerance = 1
columns = { coachee_id = "client", held_on = { from = "date", format = "%d/%m/%Y" }, themes = { from = "topic", separator = "|" } }
defaults = { mode = "coaching", minutes = 60, held_on = "31/12/2025", competency = "a;b", format = "online" }
[dimensions]
job_level = ["staff", "manager"]
format = ["in person", "online"]
programme = ["lead"]
[[competencies]]
id = "a"
label = "Adaptability"
[[competencies]]
id = "b"
[[themes]]
id = "t"
label = "Theme"
competencies = ["b", "a"]
[[measures]]
use = "theme_prevalence"
levels = [2, 0]
max_cells = 6
weight = 2
every = "half"
tolerated_error = 0.5
"#,
    );
    assert_eq!(project.state, Path::new("/var/lib/acme"));
    assert_eq!(project.calendar.last, Some(project.calendar.first));
    assert!(project.synthetic() && project.privacy.epsilon > 999_999.0);
    assert_eq!(
        project.north_star.as_ref().map(|text| text.how.as_str()),
        Some("Coaching")
    );
    let people = project.sources.people.as_ref().expect("people");
    assert_eq!(people.paths, ["people.csv", "more/*.csv"]);
    assert_eq!(people.defaults["left_on"], "2030-12-31");
    let org = project.sources.org.as_ref().expect("org");
    assert!(org.tolerance.abs() < f64::EPSILON);
    let sessions = &project.sources.sessions;
    assert_eq!(sessions.columns["coachee_id"].from, "client");
    assert_eq!(
        sessions.columns["held_on"].format.as_deref(),
        Some("%d/%m/%Y")
    );
    assert_eq!(sessions.columns["themes"].separator, '|');
    assert_eq!(sessions.defaults["minutes"], "60");
    let declared = project.dimensions.iter().map(|dimension| {
        let ids = dimension.values.iter().map(|value| value.id.as_str());
        (dimension.name.as_str(), ids.collect::<Vec<_>>().join(" "))
    });
    let declared: Vec<_> = declared.collect();
    let expected = [
        ("job_level", "staff manager".to_owned()),
        ("programme", "lead".to_owned()),
    ];
    assert_eq!(declared, expected);
    assert_eq!(people.columns["programme"].from, "track");
    assert_eq!(project.formats[1].label, "online");
    assert_eq!(sessions.defaults["format"], "online");
    assert_eq!(project.framework.competencies[0].label, "Adaptability");
    assert_eq!(project.framework.themes[0].competencies, [1, 0]);
    let [measure] = project.measures.as_slice() else {
        panic!("one measure")
    };
    assert_eq!(measure.levels.as_deref(), Some([0, 2].as_slice()));
    assert_eq!((measure.max_cells, measure.every), (6, Some(Every::Half)));
}

#[test]
fn formats_that_dates_are_found_in_are_accepted() {
    for format in [
        "%Y-%m-%d",
        "%d.%m.%y",
        "%e %b %Y",
        "%Y%m%d",
        "%F %H:%M",
        "%FT%T%z",
        "%m/%d/%Y %I:%M %p",
        "%s",
    ] {
        let columns =
            format!("columns = {{ held_on = {{ from = \"d\", format = \"{format}\" }} }}");
        accepted(&MINIMAL.replace("[[competencies]]", &format!("{columns}\n[[competencies]]")));
    }
}

#[test]
fn the_documented_example_is_accepted() {
    let page = include_str!("../../../docs/configuration.md");
    let example = page
        .split("```")
        .find_map(|block| block.strip_prefix("toml\n"));
    let project = accepted(example.expect("an example"));
    assert_eq!(project.organisation, "Acme");
}
