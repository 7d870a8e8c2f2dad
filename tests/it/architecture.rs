//! What the code must not do, read from its text: which stage may know which,
//! who may name the noise, who may create files.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A source file: path from the workspace's root, and its text.
struct Source {
    path: String,
    text: String,
}

impl Source {
    /// Test code: it may do what it likes.
    fn is_test(&self) -> bool {
        let name = self.path.rsplit('/').next().unwrap();
        name.ends_with("tests.rs")
            || matches!(name, "fixture.rs" | "example.rs")
            || self.path.contains("/tests/")
    }

    /// The code without comments, and without the tests at its end.
    fn code(&self) -> String {
        let end = self
            .text
            .find("#[cfg(test)]\nmod tests {")
            .unwrap_or(self.text.len());
        let lines = self.text[..end].lines();
        let code = lines.filter(|line| !line.trim_start().starts_with("//"));
        code.collect::<Vec<_>>().join("\n")
    }

    /// The stage that the file belongs to: `src/ingest/csv.rs` → `ingest`.
    fn stage(&self) -> &str {
        let rest = self.path.strip_prefix("src/").unwrap_or(&self.path);
        rest.split(['/', '.']).next().unwrap()
    }
}

/// Every Rust file of the program and its core.
fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = [
        "src",
        "crates/consistency/src",
        "crates/privacy/src",
        "crates/tagging/src",
    ];
    let mut folders: Vec<PathBuf> = folders.map(PathBuf::from).into();
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for name in crate::support::names(&root.join(&folder)) {
            let path = folder.join(name);
            if root.join(&path).is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(root.join(&path)).unwrap();
                found.push(Source {
                    path: path.to_str().unwrap().to_owned(),
                    text,
                });
            }
        }
    }
    assert!(found.len() > 100, "the sources are found");
    found
}

/// Code that ships.
fn shipped() -> impl Iterator<Item = Source> {
    sources().into_iter().filter(|source| !source.is_test())
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The first names of all paths that begin with `root::`, those in braces too.
fn names_after(code: &str, root: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let prefix = format!("{root}::");
    for (at, _) in code.match_indices(&prefix) {
        if code[..at].ends_with(|c| is_word(c) || c == ':') {
            continue;
        }
        let rest = &code[at + prefix.len()..];
        match rest.strip_prefix('{') {
            None => drop(found.insert(rest.split(|c| !is_word(c)).next().unwrap().to_owned())),
            Some(group) => found.extend(first_names(group)),
        }
    }
    found
}

/// `{a::b, c::{d, e}, f}` → a, c, f; given what follows the brace.
fn first_names(group: &str) -> BTreeSet<String> {
    let (mut depth, mut names, mut name) = (0, BTreeSet::new(), String::new());
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => drop(names.insert(std::mem::take(&mut name))),
            _ if depth == 0 => name.push(c),
            _ => {}
        }
    }
    names.insert(name);
    let first = |name: String| name.trim().split("::").next().unwrap().to_owned();
    names
        .into_iter()
        .map(first)
        .filter(|name| !name.is_empty())
        .collect()
}

/// What each part of the program may name of the others. Data flows ingest →
/// measure → core → fit → insight → publish: nobody names a stage before the one
/// that hands it its input, or any after it.
const MAY_NAME: [(&str, &[&str]); 26] = [
    ("calendar", &[]),
    ("config", &["calendar", "measure", "text"]),
    ("ingest", &["calendar", "config", "memory", "progress"]),
    ("measure", &["calendar", "config", "ingest"]),
    ("fit", &[]),
    ("insight", &["fit"]),
    ("publish", &["fit", "insight", "text"]),
    ("init", &["config", "ingest", "synth"]),
    ("restore", &["calendar", "config", "declare", "publish"]),
    ("state", &[]),
    ("synth", &["calendar"]),
    ("declare", &["calendar", "config", "ingest", "measure"]),
    ("schedule", &["calendar", "config", "declare", "ingest"]),
    (
        "warnings",
        &["calendar", "config", "ingest", "measure", "plan", "text"],
    ),
    (
        "outlook",
        &["calendar", "config", "ingest", "measure", "plan"],
    ),
    (
        "plan",
        &[
            "calendar", "config", "declare", "fit", "ingest", "insight", "measure", "night",
            "publish", "schedule", "text",
        ],
    ),
    (
        "evaluate",
        &[
            "calendar", "config", "declare", "ingest", "insight", "measure", "pipeline", "publish",
            "rehearse", "schedule",
        ],
    ),
    (
        "rehearse",
        &[
            "calendar", "config", "declare", "ingest", "pipeline", "schedule",
        ],
    ),
    (
        "audit",
        &[
            "calendar", "config", "ingest", "night", "pipeline", "progress", "rehearse",
            "schedule", "synth", "text",
        ],
    ),
    ("memory", &[]),
    ("progress", &[]),
    ("text", &[]),
    ("target", &["config", "ingest", "plan"]),
    ("suggest", &["config", "publish"]),
    ("themes", &["config", "ingest", "progress"]),
    (
        "night",
        &[
            "calendar", "config", "ingest", "insight", "schedule", "state",
        ],
    ),
];

#[test]
fn data_flows_one_way() {
    for source in shipped() {
        let Some((stage, allowed)) = MAY_NAME.iter().find(|(stage, _)| *stage == source.stage())
        else {
            let knows_all = ["cli", "lib", "main", "pipeline"];
            assert!(
                source.path.starts_with("crates/") || knows_all.contains(&source.stage()),
                "{}: which stage is this?",
                source.path
            );
            continue;
        };
        for name in names_after(&source.code(), "crate") {
            // A name that begins with a capital is an item of the root, which has none.
            assert!(
                name == *stage || allowed.contains(&name.as_str()),
                "{} names {name}",
                source.path
            );
        }
        assert!(
            names_after(&source.code(), "lodestar").is_empty(),
            "{}",
            source.path
        );
    }
}

#[test]
fn what_is_published_is_made_of_released_numbers_alone() {
    for source in shipped() {
        let core = names_after(&source.code(), "lodestar_privacy");
        let allowed: &[&str] = match source.stage() {
            "fit" | "insight" => &["Public", "Tree", "levels", "noisy", "public"],
            "publish" => &[
                "Files", "Noisy", "Public", "Released", "Tree", "ledger", "levels", "noisy",
                "public", "tree",
            ],
            "ingest" => &["Tree", "parts", "public", "said", "tree"],
            "measure" => &["bound", "public", "said"],
            "config" => &["public"],
            "state" => &["Secret"],
            "calendar" | "synth" => &[],
            _ => continue,
        };
        for name in &core {
            assert!(
                allowed.contains(&name.as_str()),
                "{} names {name}",
                source.path
            );
        }
        if matches!(source.stage(), "fit" | "insight" | "publish") {
            for private in [
                "Tally",
                "Person",
                "Secret",
                "PeriodFacts",
                "Intake",
                "expose_private",
            ] {
                assert!(
                    !source.code().contains(private),
                    "{} names {private}",
                    source.path
                );
            }
        }
    }
}

/// Exact numbers of synthetic people, and mechanisms apart from a release.
#[test]
fn few_look_at_what_is_rehearsed() {
    for source in shipped().filter(|source| source.path.starts_with("src/")) {
        let core = names_after(&source.code(), "lodestar_privacy");
        for (name, stages) in [
            ("audit", &["audit"][..]),
            ("rehearsal", &["audit", "evaluate"]),
        ] {
            let may = !core.contains(name) || stages.contains(&source.stage());
            assert!(may, "{} names {name}", source.path);
        }
    }
}

/// Defects on purpose can be compiled by nobody but the packages that nobody installs.
#[test]
fn no_feature_and_no_build_script_of_what_ships_turns_defects_on() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for package in [".", "crates/privacy", "crates/consistency"] {
        let manifest = fs::read_to_string(root.join(package).join("Cargo.toml")).unwrap();
        assert!(
            !manifest.contains("[features]") && !manifest.contains("\nbuild ="),
            "{package}"
        );
        assert!(!root.join(package).join("build.rs").exists());
        let uses = manifest
            .split("\n[")
            .filter(|section| section.contains("dependencies]\n"))
            .any(|section| section.contains("flawed"));
        assert!(!uses, "{package}");
    }
    for package in ["core", "engine"] {
        let manifest = root.join("crates/flawed").join(package).join("Cargo.toml");
        assert!(
            fs::read_to_string(manifest)
                .unwrap()
                .contains("publish = false")
        );
    }
    // The sources guard each by the cfg, or by a macro that does.
    for source in sources()
        .iter()
        .filter(|source| !source.path.ends_with("flaw.rs"))
    {
        for variable in ["LODESTAR_FLAW", "LODESTAR_FAIL_AT", "cfg(not(flawed))"] {
            assert!(!source.code().contains(variable), "{}", source.path);
        }
    }
}

#[test]
fn one_file_names_the_library_of_noise() {
    let mut named = 0;
    for source in sources() {
        if source.path.starts_with("crates/privacy/src/mechanism") {
            named += usize::from(source.code().contains("opendp::"));
            continue;
        }
        assert!(!source.code().contains("opendp"), "{}", source.path);
    }
    assert!(named > 0);
    // Its defects that have no workaround: not used at all.
    for source in sources() {
        for defect in [
            "make_b_ary_tree",
            "privacy_filter",
            "fully_adaptive_composition",
        ] {
            assert!(
                !source.code().contains(defect),
                "{} uses {defect}",
                source.path
            );
        }
    }
}

#[test]
fn the_core_cannot_read_or_write_tables() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = fs::read_to_string(root.join("crates/privacy/Cargo.toml")).unwrap();
    let dependencies = manifest.lines().filter(|line| !line.starts_with('#'));
    let names: Vec<&str> = dependencies
        .filter_map(|line| line.split(['.', ' ']).next())
        .collect();
    assert!(names.contains(&"opendp"), "{names:?}");
    for table in [
        "polars",
        "parquet",
        "arrow",
        "csv",
        "serde",
        "serde_json",
        "lodestar",
    ] {
        assert!(!names.contains(&table), "the core depends on {table}");
    }
    // And the program reaches the noise through the core alone.
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let (_, own) = manifest.split_once("[dependencies]").unwrap();
    let (own, _) = own.split_once("[lints]").unwrap();
    assert!(!own.contains("opendp") && !own.contains("rusqlite"));
}

/// Who creates files, and where.
const WRITERS: [&str; 9] = [
    // The published side.
    "src/publish/disk.rs",
    // The private side: state, quarantine, ledger, lock.
    "src/state/file.rs",
    "src/ingest/quarantine.rs",
    "crates/privacy/src/ledger/store.rs",
    "crates/privacy/src/lock.rs",
    // Synthetic projects, which hold nobody's data.
    "src/synth/write.rs",
    // How accurate a policy is of synthetic people.
    "src/evaluate/file.rs",
    // The audit's own people, in a temporary folder.
    "src/audit/world.rs",
    // What a new project may declare, for its owner to judge.
    "src/init.rs",
];

#[test]
fn few_files_create_files() {
    let creating = [
        "fs::write",
        "File::create",
        "OpenOptions",
        "fs::copy",
        "File::options",
    ];
    let mut writers: Vec<&str> = Vec::new();
    let all: Vec<Source> = shipped().collect();
    for source in &all {
        if creating.iter().any(|create| source.code().contains(create)) {
            writers.push(&source.path);
        }
    }
    writers.sort_unstable();
    let mut expected = WRITERS;
    expected.sort_unstable();
    assert_eq!(writers, expected);
    // And only the writer of releases uses the one for the published side.
    for source in &all {
        let uses = [
            "disk::write_file",
            "disk::rename",
            "disk::link",
            "disk::remove",
        ];
        if uses.iter().any(|call| source.code().contains(call)) {
            assert_eq!(source.path, "src/publish/write.rs");
        }
    }
}

#[test]
fn results_go_to_stdout_in_one_place() {
    for source in shipped() {
        let code = source.code();
        for print in ["dbg!", "todo!", "unimplemented!"] {
            assert!(!code.contains(print), "{} uses {print}", source.path);
        }
        for (at, _) in code
            .match_indices("print!(")
            .chain(code.match_indices("println!("))
        {
            let to_stderr = code[..at].ends_with('e') && source.path.starts_with("src/cli/");
            assert!(to_stderr, "{} prints", source.path);
        }
        if code.contains("stdout()") {
            assert_eq!(source.path, "src/cli/output.rs");
        }
    }
}

#[test]
fn files_stay_small_enough_to_read() {
    for source in sources() {
        let lines = source.text.lines().count();
        assert!(lines < 600, "{} has {lines} lines", source.path);
    }
}

#[test]
fn the_scan_reads_paths_as_the_compiler_does() {
    let code = "use crate::a::B;\nuse crate::{c::{D, e::F}, g, h::I};\nfn f() { crate::j::k() }\n\
                use other_crate::l;\nuse lodestar_privacy::{Noisy, tally::Tally};";
    let names = |root: &str| names_after(code, root).into_iter().collect::<Vec<_>>();
    assert_eq!(names("crate"), ["a", "c", "g", "h", "j"]);
    assert_eq!(names("lodestar_privacy"), ["Noisy", "tally"]);
    assert_eq!(names("lodestar"), Vec::<String>::new());
}
