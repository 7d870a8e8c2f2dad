//! The page in a browser, and the build that it comes from.
//!
//! They need Node, the packages of `web/` and a Chromium, which are no part of the
//! project. Where they are absent the tests say so: `.ci/run` installs them.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{copy, run};
use crate::terms;

fn web() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("web")
}

/// Whether a file is there, or why a test is left out.
fn there(needed: &[&str], what: &str) -> bool {
    let found = needed.iter().any(|file| web().join(file).exists());
    if !found {
        eprintln!("no {what}: the page is not tried here (see web/README.md)");
    }
    found
}

/// `pages`: variables of the environment that name pages.
fn node(arguments: &[&str], pages: &[(&str, &Path)]) {
    let mut command = Command::new("node");
    command.args(arguments).current_dir(web());
    command.envs(pages.iter().copied());
    let output = command.output().expect("Node starts");
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    let failed = said
        .lines()
        .filter(|line| line.len() < 300)
        .collect::<Vec<_>>();
    assert!(output.status.success(), "{}\n{errors}", failed.join("\n"));
}

const PACKAGES: &str = "node_modules/esbuild/package.json";

#[test]
fn the_page_is_what_its_sources_make() {
    if there(&[PACKAGES], "packages of web/") {
        node(&["build.mjs", "--check"], &[]);
        node(&["--test", "test/unit/"], &[]);
    }
}

#[test]
fn the_samples_page_holds_in_a_browser() {
    let named = std::env::var("CHROMIUM").unwrap_or_default();
    let browsers = [
        named.as_str(),
        "/usr/bin/chromium",
        "/usr/bin/chromium-browser",
        "/usr/bin/google-chrome",
    ];
    let browsers: Vec<&str> = browsers
        .into_iter()
        .filter(|path| !path.is_empty())
        .collect();
    if !there(&[PACKAGES], "packages of web/") || !there(&browsers, "Chromium") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let project = folder.path().join("acme");
    copy(&web().join("../data-samples/acme"), &project);
    // What somebody may have released there.
    for left in ["state", "published"] {
        let _ = std::fs::remove_dir_all(project.join(left));
    }
    let config = project.join("lodestar.toml");
    run([Path::new("run"), Path::new("--config"), &config]).ok();
    let page = project.join("published/current/index.html");
    let noted = terms::crowd(2_000, "epsilon = 1000.0\n");
    let measure = "[[measures]]\nuse = \"emerging_terms\"\n";
    noted.edit(
        measure,
        &format!("[[measures]]\nuse = \"theme_prevalence\"\n{measure}"),
    );
    noted.lodestar("run").ok();
    let terms = noted.path("published/current/index.html");
    let pages = [("LODESTAR_PAGE", &*page), ("LODESTAR_TERMS_PAGE", &*terms)];
    node(&["--test", "--test-concurrency=1", "test/browser/"], &pages);
}
