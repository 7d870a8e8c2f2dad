//! The page in a browser, and the build that it comes from.
//!
//! They need Node, the packages of `web/` and a Chromium, which are no part of the
//! project. Where they are absent the tests say so: `.ci/run` installs them.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{copy, run};

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

fn node(arguments: &[&str], page: Option<&Path>) {
    let mut command = Command::new("node");
    command.args(arguments).current_dir(web());
    if let Some(page) = page {
        command.env("LODESTAR_PAGE", page);
    }
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
        node(&["build.mjs", "--check"], None);
        node(&["--test", "test/unit/"], None);
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
    node(
        &["--test", "--test-concurrency=1", "test/browser/"],
        Some(&page),
    );
}
