//! Configured paths → files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::error::IngestError;
use crate::config::Source;

/// What can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Csv,
    Ndjson,
    Parquet,
}

/// Extensions of what can be read: the format, and whether it is packed.
const EXTENSIONS: [(&str, Format, bool); 7] = [
    (".csv", Format::Csv, false),
    (".csv.gz", Format::Csv, true),
    (".ndjson", Format::Ndjson, false),
    (".ndjson.gz", Format::Ndjson, true),
    (".jsonl", Format::Ndjson, false),
    (".jsonl.gz", Format::Ndjson, true),
    (".parquet", Format::Parquet, false),
];

/// Format, and whether it is packed, by the path's extension in any case.
fn readable(path: &Path) -> Option<(Format, bool)> {
    let name = path.file_name()?.to_str()?.to_ascii_lowercase();
    let mut known = EXTENSIONS.iter();
    let (_, format, gzip) = known.find(|(end, ..)| name.ends_with(end))?;
    Some((*format, *gzip))
}

/// Whether a path is of CSV, packed or not.
pub(super) fn is_csv(path: &Path) -> bool {
    matches!(readable(path), Some((Format::Csv, _)))
}

/// One file of a source.
#[derive(Clone, Debug)]
pub(super) struct InputFile {
    pub(super) path: PathBuf,
    /// Relative to the configuration's folder, for messages.
    pub(super) shown: String,
    pub(super) format: Format,
    /// Packed with gzip.
    pub(super) gzip: bool,
    /// Of CSV.
    pub(super) delimiter: u8,
}

/// The files of a source: each once, sorted by path. A path may name a file, a
/// folder (the files in it that can be read, not those of folders in it; hidden
/// files are left out) or a glob. Relative paths start at [`Source::base`].
pub fn files(source: &Source) -> Result<Vec<PathBuf>, IngestError> {
    // One file may be spelled in several ways: it is still read once.
    let mut found: BTreeMap<PathBuf, PathBuf> = BTreeMap::new();
    for pattern in &source.paths {
        for path in expand(source, pattern)? {
            let problem = |problem| IngestError::Path {
                table: source.name,
                path: path.display().to_string(),
                problem,
            };
            if !path.is_file() {
                return Err(problem("is not a file"));
            }
            if readable(&path).is_none() {
                return Err(problem(
                    "has an unsupported extension; expected .csv, .ndjson, .jsonl, one of them \
                     with .gz, or .parquet",
                ));
            }
            let real = path.canonicalize().map_err(|error| IngestError::Io {
                table: source.name,
                path: path.display().to_string(),
                error,
            })?;
            found.entry(real).or_insert(path);
        }
    }
    let mut files: Vec<PathBuf> = found.into_values().collect();
    files.sort();
    if files.is_empty() {
        return Err(IngestError::Path {
            table: source.name,
            path: source.paths.join(", "),
            problem: "no file is configured",
        });
    }
    Ok(files)
}

/// The paths that one configured text stands for; at least one.
fn expand(source: &Source, pattern: &str) -> Result<Vec<PathBuf>, IngestError> {
    let problem = |problem| IngestError::Path {
        table: source.name,
        path: pattern.to_owned(),
        problem,
    };
    let full = source.base.join(pattern);
    let failed = |error| IngestError::Io {
        table: source.name,
        path: pattern.to_owned(),
        error,
    };
    if full.is_dir() {
        let mut inside = Vec::new();
        for entry in full.read_dir().map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
            let path = entry.path();
            if !hidden && readable(&path).is_some() && path.is_file() {
                inside.push(path);
            }
        }
        if inside.is_empty() {
            return Err(problem(
                "the folder holds no file that can be read (.csv, .ndjson, .jsonl, one of them \
                 with .gz, .parquet); deliver one, or correct `path`",
            ));
        }
        return Ok(inside);
    }
    // A file whose name happens to hold a glob's characters is itself.
    if full.exists() {
        return Ok(vec![full]);
    }
    if !pattern.contains(['*', '?', '[']) {
        return Err(problem(
            "no such file or folder; deliver it, or correct `path`",
        ));
    }
    let base = glob::Pattern::escape(&source.base.to_string_lossy());
    let text = Path::new(&base).join(pattern);
    let options = glob::MatchOptions {
        require_literal_leading_dot: true,
        ..Default::default()
    };
    let paths = glob::glob_with(&text.to_string_lossy(), options)
        .map_err(|_| problem("is not a valid glob"))?;
    let mut matched = Vec::new();
    for path in paths {
        let path = path.map_err(|error| failed(error.into()))?;
        if !path.is_dir() {
            matched.push(path);
        }
    }
    if matched.is_empty() {
        return Err(problem("no file matches; deliver one, or correct `path`"));
    }
    Ok(matched)
}

/// The files of a source with what else reading needs. Messages show paths
/// relative to `folder`.
pub(super) fn inputs(folder: &Path, source: &Source) -> Result<Vec<InputFile>, IngestError> {
    let inputs = files(source)?.into_iter().filter_map(|path| {
        let (format, gzip) = readable(&path)?;
        let shown = path.strip_prefix(folder).unwrap_or(&path);
        Some(InputFile {
            shown: shown.display().to_string(),
            path,
            format,
            gzip,
            delimiter: source.delimiter,
        })
    });
    Ok(inputs.collect())
}
