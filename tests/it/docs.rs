//! What the documentation points to is there, and what it calls a complete
//! configuration is one.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// README, changelog, everything in `docs/`, the samples' own.
fn pages() -> Vec<(PathBuf, String)> {
    let docs = fs::read_dir(root().join("docs")).unwrap();
    let docs = docs.map(|entry| entry.unwrap().path());
    let mut pages: Vec<PathBuf> = docs
        .filter(|path| path.extension().is_some_and(|end| end == "md"))
        .chain(
            ["README.md", "CHANGELOG.md", "data-samples/acme/README.md"]
                .into_iter()
                .chain(["data-samples/real/counsel_chat/README.md"])
                .chain(["data-samples/real/oulad_subset/README.md"])
                .map(|name| root().join(name)),
        )
        .collect();
    pages.sort();
    pages
        .into_iter()
        .map(|path| (path.clone(), fs::read_to_string(&path).unwrap()))
        .collect()
}

/// The text of fenced blocks whose info string is exactly `info`.
fn blocks(page: &str, info: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open: Option<(bool, String)> = None;
    for line in page.lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(this), None) => open = Some((this == info, String::new())),
            (Some(_), Some(_)) => found.extend(open.take().filter(|(is, _)| *is).map(|(_, t)| t)),
            (None, Some((_, text))) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {}
        }
    }
    found
}

/// Targets of `[text](target)`, outside of fenced blocks.
fn links(page: &str) -> Vec<String> {
    let mut fenced = false;
    let mut found = Vec::new();
    for line in page.lines() {
        fenced ^= line.starts_with("```");
        if !fenced {
            let targets = line.split("](").skip(1);
            let targets = targets.filter_map(|rest| rest.split(')').next());
            found.extend(targets.map(str::to_owned));
        }
    }
    found
}

/// The anchor of a heading, as Git hosts make it.
fn anchor(heading: &str) -> String {
    let kept = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = kept
        .chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn every_relative_link_leads_somewhere() {
    let mut seen = 0;
    for (path, page) in pages() {
        for link in links(&page) {
            if link.contains("://") {
                continue;
            }
            seen += 1;
            let (file, part) = link.split_once('#').unwrap_or((&link, ""));
            let target = match file {
                "" => path.clone(),
                file => path.parent().unwrap().join(file),
            };
            assert!(target.exists(), "{}: {link}", path.display());
            if !part.is_empty() {
                let text = fs::read_to_string(&target).unwrap();
                let mut headings = text.lines().filter(|line| line.starts_with('#'));
                assert!(
                    headings.any(|heading| anchor(heading) == part),
                    "{}: {link}",
                    path.display()
                );
            }
        }
    }
    assert!(seen > 30, "{seen}");
}

#[test]
fn complete_configurations_load() {
    let folder = tempfile::tempdir().unwrap();
    let mut loaded = 0;
    for (path, page) in pages() {
        for text in blocks(&page, "toml title=\"lodestar.toml\"") {
            let file = folder.path().join("lodestar.toml");
            fs::write(&file, text).unwrap();
            if let Err(errors) = lodestar::config::load(&file) {
                panic!("{}: {errors}", path.display());
            }
            loaded += 1;
        }
    }
    assert!(loaded >= 1, "{loaded}");
    for sample in ["acme", "real/counsel_chat", "real/oulad_subset"] {
        let file = root().join("data-samples").join(sample);
        if let Err(errors) = lodestar::config::load(&file.join("lodestar.toml")) {
            panic!("{sample}: {errors}");
        }
    }
}

#[test]
fn commands_name_files_that_exist_and_options_that_there_are() {
    let help = |command: &str| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_lodestar"))
            .args([command, "--help"])
            .output()
            .unwrap();
        assert!(output.status.success(), "lodestar {command}");
        String::from_utf8(output.stdout).unwrap()
    };
    let mut seen = 0;
    for (path, page) in pages() {
        for line in page.lines() {
            let line = line.trim_start().trim_start_matches("$ ");
            let said = line.strip_prefix("cargo run -- ");
            let Some(said) = said.or_else(|| line.strip_prefix("lodestar ")) else {
                continue;
            };
            let said = said.split(['#', '|', '>', ';', '&']).next().unwrap_or(said);
            let mut words = said.split_whitespace();
            // A sentence that begins with the program's name has no option.
            let Some(command) = words.next().filter(|_| said.contains("--")) else {
                continue;
            };
            let help = help(command);
            for word in words {
                let named = word.starts_with("--");
                assert!(!named || help.contains(word), "{}: {line}", path.display());
                let sample = word.starts_with("data-samples/");
                let there = root().join(word).exists();
                assert!(!sample || there, "{}: {line}", path.display());
            }
            seen += 1;
        }
    }
    assert!(seen > 8, "{seen}");
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    for command in [
        "    cargo run -- run --config data-samples/acme/lodestar.toml\n",
        "    cargo test --workspace\n",
    ] {
        assert!(readme.contains(command), "{command}");
    }
    let ci = fs::read_to_string(root().join(".ci/run")).unwrap();
    let last = ci.lines().last().unwrap_or_default();
    assert_eq!(last.replace(" --locked", ""), "cargo test --workspace");
}
