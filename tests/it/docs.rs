//! What the documentation points to is there, and what it calls a complete
//! configuration is one.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// README, changelog, everything in `docs/`, the samples' own.
fn pages() -> Vec<(PathBuf, String)> {
    let docs = ["docs", "docs/how-to"].map(|folder| fs::read_dir(root().join(folder)).unwrap());
    let docs = docs.into_iter().flatten();
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

/// A fenced block of a page.
pub(crate) struct Block {
    /// What stands after the opening fence.
    pub(crate) info: String,
    /// Number of its first line, from 1.
    pub(crate) line: usize,
    pub(crate) text: String,
}

/// The fenced blocks of a page, in their order.
pub(crate) fn blocks(page: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut open: Option<Block> = None;
    for (at, line) in page.lines().enumerate() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(info), None) => {
                open = Some(Block {
                    info: info.to_owned(),
                    line: at + 2,
                    text: String::new(),
                });
            }
            (Some(_), Some(_)) => found.extend(open.take()),
            (None, Some(block)) => {
                block.text.push_str(line);
                block.text.push('\n');
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
        let complete = |block: &Block| block.info == "toml title=\"lodestar.toml\"";
        for block in blocks(&page).into_iter().filter(complete) {
            let file = folder.path().join("lodestar.toml");
            fs::write(&file, block.text).unwrap();
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
    let help = |command: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_lodestar"))
            .args(command)
            .arg("--help")
            .output()
            .unwrap();
        assert!(output.status.success(), "lodestar {command:?}");
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
            let mut options = help(&[command]);
            let part = words.clone().next().unwrap_or_default();
            if options.contains(&format!("\n  {part} ")) {
                options += &help(&[command, part]);
            }
            for word in words {
                let named = word.starts_with("--");
                assert!(
                    !named || options.contains(word),
                    "{}: {line}",
                    path.display()
                );
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
