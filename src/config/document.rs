//! The configuration file and the files that it includes, as one tree.

use std::io;
use std::path::Path;

use super::problem::ConfigErrors;
use super::reader::Field;
use super::source::{Place, Report};
use super::tree::{self, Entry, Value};

const TOML: &str = "expected a file whose name ends in .toml";

/// Problems are shown with their line, so a file of rows must never be read as
/// a configuration.
fn is_toml(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "toml")
}

/// Reads a file and what it includes. The report may hold problems already.
pub(super) fn read(path: &Path) -> Result<(Report, Vec<Entry>), ConfigErrors> {
    let mut report = Report::default();
    if !is_toml(path) {
        let message = "is not a configuration".to_owned();
        return Err(ConfigErrors::of_file(path.to_path_buf(), message, TOML));
    }
    let bytes = std::fs::read(path).map_err(|error| {
        let expected = "expected a configuration: name it with `--config`, or make one with \
                        `lodestar init`";
        let message = format!("cannot read: {}", reason(&error));
        ConfigErrors::of_file(path.to_path_buf(), message, expected)
    })?;
    let Some(mut root) = parse(&mut report, path, &bytes) else {
        return Err(report.into_errors());
    };
    let mut broken = false;
    for (place, name) in includes(&report, &mut root) {
        let path = report.base(place).join(&name);
        if report.files().iter().any(|file| same(&file.path, &path)) {
            report.refuse(
                place,
                format!("`{name}` is included twice"),
                "expected it once",
            );
            continue;
        }
        if !is_toml(&path) {
            report.refuse(place, format!("`{name}` is not a configuration"), TOML);
            broken = true;
            continue;
        }
        match std::fs::read(&path) {
            Ok(bytes) => match parse(&mut report, &path, &bytes) {
                Some(more) => merge(&report, &mut root, more),
                None => broken = true,
            },
            Err(error) => {
                let expected = "expected a file, relative to this one";
                report.refuse(
                    place,
                    format!("cannot read `{name}`: {}", reason(&error)),
                    expected,
                );
                broken = true;
            }
        }
    }
    // What is missing in a broken file is not worth a second complaint.
    if broken {
        Err(report.into_errors())
    } else {
        Ok((report, root))
    }
}

/// Why a file cannot be read.
fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file".to_owned(),
        _ => error.to_string(),
    }
}

/// Adds a file to the report and parses it; `None`: broken.
fn parse(report: &mut Report, path: &Path, bytes: &[u8]) -> Option<Vec<Entry>> {
    let text = String::from_utf8_lossy(bytes);
    let file = report.add(path.to_path_buf(), &text);
    if let Err(error) = str::from_utf8(bytes) {
        let start = error.valid_up_to();
        let end = start + char::REPLACEMENT_CHARACTER.len_utf8();
        report.refuse(
            Place { file, start, end },
            "this is not UTF-8",
            "save the file as UTF-8",
        );
        return None;
    }
    tree::parse(report, file)
}

/// Takes `include` out of the root and gives its files.
fn includes(report: &Report, root: &mut Vec<Entry>) -> Vec<(Place, String)> {
    let Some(at) = root.iter().position(|entry| entry.key == "include") else {
        return Vec::new();
    };
    let entry = root.remove(at);
    let items = Field::new(report, "include", &entry.node).items("expected a list of files");
    let name = |item: Field<'_>| Some((item.place(), item.line("expected a file")?.to_owned()));
    items
        .unwrap_or_default()
        .into_iter()
        .filter_map(name)
        .collect()
}

/// Adds what an included file says: lists run on, `sources` may be spread
/// over files, all else is said once.
fn merge(report: &Report, into: &mut Vec<Entry>, from: Vec<Entry>) {
    for entry in from {
        if entry.key == "include" {
            let message = "an included file includes another";
            report.refuse(
                entry.place,
                message,
                "expected `include` in the main file alone",
            );
            continue;
        }
        let Some(known) = into.iter_mut().find(|known| known.key == entry.key) else {
            into.push(entry);
            continue;
        };
        match (&mut known.node.value, entry.node.value) {
            (Value::Array(items), Value::Array(more)) => items.extend(more),
            (Value::Table(tables), Value::Table(more)) if known.key == "sources" => {
                for entry in more {
                    match tables.iter().find(|known| known.key == entry.key) {
                        Some(known) => refuse_twice(report, known, entry.place),
                        None => tables.push(entry),
                    }
                }
            }
            _ => refuse_twice(report, known, entry.place),
        }
    }
}

fn refuse_twice(report: &Report, known: &Entry, second: Place) {
    let first = report.describe(known.place);
    report.refuse(
        second,
        format!("`{}` is given twice", known.key),
        format!("already in {first}"),
    );
}

/// Whether two paths lead to one file.
fn same(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}
