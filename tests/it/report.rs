//! `lodestar report`: the page, from published tables alone.

use std::fs;
use std::path::Path;

use crate::support::{Output, Project, copy, names, output, run};

const PAGE: &str = "published/current/index.html";

/// `lodestar report <folder> --out <file>`, without a project.
fn report(folder: &Path, file: &Path) -> Output {
    run([Path::new("report"), folder, Path::new("--out"), file])
}

#[test]
fn a_copy_of_the_tables_makes_the_page_that_a_run_published() {
    let project = Project::until("2024-Q2");
    let said = project.lodestar("run").ok().stdout;
    let line = said.lines().last().unwrap();
    assert!(line.starts_with("page: ") && line.ends_with(PAGE), "{said}");
    let published = project.read(PAGE);
    // Neither the manifest nor the page is looked at.
    let elsewhere = tempfile::tempdir().unwrap();
    let folder = elsewhere.path().join("copy");
    copy(&project.path("published/current"), &folder);
    fs::remove_file(folder.join("manifest.json")).unwrap();
    fs::remove_file(folder.join("index.html")).unwrap();
    let file = elsewhere.path().join("page.html");
    for _ in 0..2 {
        let said = report(&folder, &file).ok().stdout;
        assert!(said.ends_with("page.html: written\n"), "{said}");
        assert!(fs::read(&file).unwrap() == published);
    }
    assert_eq!(names(elsewhere.path()), ["copy", "page.html"]);
}

#[test]
fn a_page_of_another_version_is_made_anew() {
    let project = Project::until("2024-Q1");
    project.lodestar("run").ok();
    let before = project.published();
    let said = project.lodestar("report").ok().stdout;
    assert!(said.ends_with(&format!("{PAGE}: up to date\n")), "{said}");
    assert!(project.published() == before);
    // A page that was not made of these tables.
    project.write(PAGE, "<p>another</p>");
    project.verify("current").refused(8, &["index.html"]);
    let said = project.lodestar("report").ok().stdout;
    assert!(said.ends_with(&format!("{PAGE}: rebuilt\n")), "{said}");
    project.verify("current").ok();
    let page = Path::new("current/index.html");
    assert!(project.published()[page] == before[page]);
    assert_eq!(project.lodestar("run").ok().stdout, "up to date\n");
    let facts = project.lodestar("report --json").ok().json();
    assert_eq!(facts["written"], false);
    assert!(facts["page"].as_str().unwrap().ends_with(PAGE));
    assert_eq!(project.charges(), ["2024-Q1"]);
}

/// What an earlier version published has no page; the next night makes it.
#[test]
fn a_current_without_a_page_is_given_one() {
    let project = Project::until("2024-Q1");
    project.lodestar("run").ok();
    let whole = project.published();
    let without_page = |project: &Project| {
        let manifest = project.read("published/current/manifest.json");
        let manifest = String::from_utf8(manifest).unwrap();
        let (kept, _) = manifest.split_once(",\n  \"page\": {").unwrap();
        let zeros = "0".repeat(64);
        let (head, rest) = kept.split_once("\"self_sha256\": \"").unwrap();
        let sign = |digest: &str| format!("{head}\"self_sha256\": \"{digest}{}\n}}\n", &rest[64..]);
        let digest = sha256(sign(&zeros).as_bytes());
        project.write("published/current/manifest.json", sign(&digest));
        fs::remove_file(project.path(PAGE)).unwrap();
    };
    for command in ["run", "report"] {
        without_page(&project);
        // It is whole, as far as it goes.
        let folder = project.path("published/current");
        run([Path::new("verify"), &folder]).ok();
        project.lodestar(command).ok();
        project.verify("current").ok();
        for name in ["current/index.html", "current/manifest.json"] {
            let name = Path::new(name);
            assert!(project.published()[name] == whole[name], "{command}");
        }
    }
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest as _, Sha256};
    let digit = |digit: u8| char::from_digit(digit.into(), 16).unwrap();
    let digits = |byte: &u8| [byte >> 4, byte & 15].map(digit);
    Sha256::digest(bytes).iter().flat_map(digits).collect()
}

#[test]
fn tables_that_are_not_whole_are_refused_by_name() {
    let project = Project::tiny();
    project.lodestar("run").ok();
    let folder = project.path("copy");
    let file = project.path("page.html");
    let refused = |change: &dyn Fn(&Path), words: &[&str]| {
        copy(&project.path("published/current"), &folder);
        change(&folder);
        report(&folder, &file).refused(8, words);
        assert!(!file.exists(), "nothing is written");
    };
    let gone = |folder: &Path| fs::remove_file(folder.join("dim_period.parquet")).unwrap();
    refused(
        &gone,
        &["dim_period.parquet is missing", "all tables of one"],
    );
    let gone = |folder: &Path| fs::remove_file(folder.join("coverage.parquet")).unwrap();
    refused(&gone, &["coverage.parquet is missing"]);
    let torn = |folder: &Path| fs::write(folder.join("coverage.parquet"), "PAR1").unwrap();
    refused(&torn, &["coverage.parquet: is not a readable Parquet file"]);
    let other = |folder: &Path| {
        let release = project.path("published/releases/2025-Q1/coverage.parquet");
        fs::copy(release, folder.join("coverage.parquet")).unwrap();
    };
    refused(
        &other,
        &["coverage.parquet: is not a table of a `current/`"],
    );
    report(&project.path("input"), &file).refused(8, &["is missing"]);
    // In the project itself the manifest says what the tables were.
    let path = "published/current/coverage.parquet";
    project.write(path, "PAR1");
    project
        .lodestar("report")
        .refused(8, &["coverage.parquet", "move `current` away"]);
}

/// A folder that is not the one that was meant: exit 2, with the one that may be.
#[test]
fn a_folder_near_a_published_one_is_told_which_to_name() {
    let project = Project::tiny();
    project.lodestar("run").ok();
    let file = project.path("page.html");
    let (all, releases) = (
        project.path("published"),
        project.path("published/releases"),
    );
    let name = "published/current";
    report(&all, &file).refused(2, &["holds everything that is published", name]);
    report(&releases, &file).refused(2, &["holds releases; a page is made of all periods", name]);
    report(&releases.join("2025-Q1"), &file).refused(2, &["holds one release", name]);
    let generations = project.path("published/.generations");
    report(&generations, &file).refused(2, &["holds what `current` led to lately", name]);
    assert!(!file.exists(), "nothing is written");
    let verify = |folder: &Path, code: i32, words: &[&str]| {
        run([Path::new("verify"), folder]).refused(code, words);
    };
    let words = [
        "holds everything",
        name,
        "a release in",
        "published/releases",
    ];
    verify(&all, 2, &words);
    let release = "name one of them, such as";
    verify(&releases, 2, &[release, "published/releases/2025-Q1"]);
    verify(
        &generations,
        2,
        &["holds what `current` led to lately", name],
    );
    let words = ["is not a folder; name one that was published", "`current`"];
    verify(&project.path("none"), 2, &words);
    verify(&project.config(), 2, &words);
    verify(
        &project.path("input"),
        2,
        &["is no published folder", "`releases/2025-Q3`"],
    );
    // A published folder that lost its manifest is not what it was.
    let copied = project.path("copy");
    copy(&releases.join("2025-Q1"), &copied);
    fs::remove_file(copied.join("manifest.json")).unwrap();
    verify(
        &copied,
        8,
        &["has tables but no manifest.json", "copy the whole folder"],
    );
}

#[test]
fn requests_that_make_no_sense_are_refused() {
    let project = Project::tiny();
    let file = project.path("page.html");
    project
        .lodestar("report")
        .refused(8, &["published/current", "`lodestar run` publishes one"]);
    project.lodestar("run").ok();
    let current = project.path("published/current");
    report(&project.path("none"), &file).refused(2, &["none: is not a folder"]);
    report(&current, &project.path("input")).refused(2, &["input: is not a plain file"]);
    for name in ["page.html", "manifest.json"] {
        report(&current, &current.join(name)).refused(2, &["is in a published folder"]);
    }
    let nowhere = project.path("none/page.html");
    report(&current, &nowhere).refused(2, &["its folder is not there"]);
    run([Path::new("report"), &current]).refused(2, &["--out"]);
    run(["report", "--out", "page.html"]).refused(2, &["FOLDER"]);
    let link = project.path("link.html");
    std::os::unix::fs::symlink(project.path("lodestar.toml"), &link).unwrap();
    report(&current, &link).refused(2, &["link.html: is not a plain file"]);
    // Where a run holds the lock, it is left to it.
    let lock = lodestar_privacy::Lock::take(&project.path("state")).unwrap();
    project.lodestar("report").refused(5, &["lock"]);
    drop(lock);
    let mut command = crate::support::lodestar(["report", "published/current", "--out", "p.html"]);
    let said = output(command.current_dir(project.path("")).output().unwrap()).ok();
    assert_eq!(said.stdout, "p.html: written\n");
}
