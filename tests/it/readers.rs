//! What `docs/how-to` says about reading `published/current/`, run in the tools
//! that it is about.
//!
//! They are Python packages, and no part of the project. Where they are absent the
//! tests say so: `.ci/run` installs them.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::json;

use crate::docs::blocks;
use crate::support::{Project, copy, names};

/// Pages whose blocks are run.
const PAGES: [&str; 3] = ["duckdb", "pandas", "polars"];

/// The measures of the sample's configuration, which has none, and one more.
const HALF_YEARLY: &str = r#"
[[measures]]
use = "coaching_mix"

[[measures]]
use = "coverage"

[[measures]]
use = "engagement"

[[measures]]
use = "engagement"
name = "engagement_half_year"
every = "half"
clip = { sessions_per_coachee = [0, 24], minutes_per_coachee = [0, 1200] }

[[measures]]
use = "theme_prevalence"

[[measures]]
use = "trigger_mix"
"#;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A Python that has the packages; `None`: there is none, and the test says why.
fn python() -> Option<PathBuf> {
    let named = std::env::var_os("LODESTAR_PYTHON").map(PathBuf::from);
    let own = root().join("target/readers-venv/bin/python");
    let has_packages = |python: &PathBuf| {
        let imports = Command::new(python)
            .args(["-c", "import duckdb, pandas, polars, pyarrow"])
            .output();
        imports.is_ok_and(|output| output.status.success())
    };
    let found = named.into_iter().chain([own]).find(has_packages);
    if found.is_none() {
        // Past the test harness, which shows nothing of a test that passes.
        let _ = writeln!(
            std::io::stderr(),
            "skipped: duckdb, pandas, polars and pyarrow are neither in $LODESTAR_PYTHON nor in \
             target/readers-venv, which .ci/run makes"
        );
    }
    found
}

/// The sample, with these lines at the end of its configuration, published.
fn published(more: &str) -> Project {
    let (project, sample) = (Project::empty(), root().join("data-samples/acme"));
    for name in names(&sample) {
        // Somebody may have run the sample where it is.
        if name == "input" {
            copy(&sample.join(&name), &project.path(&name));
        } else if Path::new(&name).extension().is_some_and(|is| is == "toml") {
            project.write(&name, fs::read(sample.join(&name)).unwrap());
        }
    }
    let configuration = String::from_utf8(project.read("lodestar.toml")).unwrap();
    project.write("lodestar.toml", configuration + more);
    project.lodestar("run").ok();
    project
}

fn page(name: &str) -> String {
    fs::read_to_string(root().join(format!("docs/how-to/{name}.md"))).unwrap()
}

/// Runs a page's Python and SQL in a folder.
fn run_page(python: &Path, name: &str, text: &str, folder: &Path) -> Output {
    let runnable = blocks(text).into_iter();
    let runnable = runnable.filter(|block| ["python", "sql"].contains(&block.info.as_str()));
    let runnable = runnable
        .map(|block| json!({"line": block.line, "language": block.info, "text": block.text}))
        .collect::<Vec<_>>();
    assert!(!runnable.is_empty(), "{name} has nothing to run");
    let mut child = Command::new(python)
        .arg(root().join("tests/readers/run_page.py"))
        .current_dir(folder)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PYTHONIOENCODING", "utf-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let blocks = json!({"page": format!("docs/how-to/{name}.md"), "blocks": runnable});
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(blocks.to_string().as_bytes()).unwrap();
    drop(stdin);
    child.wait_with_output().unwrap()
}

/// Whether all tables in these folders are plain, and read the same by all.
fn same_tables(python: &Path, folders: &[PathBuf]) -> Output {
    let mut command = Command::new(python);
    command.arg(root().join("tests/readers/same_tables.py"));
    command.args(folders).output().unwrap()
}

fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy;
    format!("{}{}", text(&output.stdout), text(&output.stderr))
}

#[track_caller]
fn assert_read(python: &Path, project: &Project) {
    for name in PAGES {
        let ran = run_page(python, name, &page(name), &project.path(""));
        assert!(ran.status.success(), "{}", said(&ran));
    }
    let releases = names(&project.path("published/releases")).into_iter();
    let releases = releases.map(|id| project.path("published/releases").join(id));
    let folders = releases.chain([project.path("published/current")]);
    let compared = same_tables(python, &folders.collect::<Vec<_>>());
    assert!(compared.status.success(), "{}", said(&compared));
}

#[test]
fn all_tools_read_the_sample() {
    if let Some(python) = python() {
        assert_read(&python, &published(""));
    }
}

#[test]
fn all_tools_read_half_years_beside_quarters() {
    let Some(python) = python() else { return };
    let project = published(HALF_YEARLY);
    let current = names(&project.path("published/current"));
    assert!(current.contains(&"engagement_half_year.parquet".to_owned()));
    assert_read(&python, &project);
}

#[test]
fn all_tools_read_tables_without_rows() {
    let Some(python) = python() else { return };
    let project = Project::tiny();
    project.lodestar("run").ok();
    let current = project.path("published/current");
    let file = File::open(current.join("theme_prevalence.parquet")).unwrap();
    let table = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    assert_eq!(table.metadata().file_metadata().num_rows(), 0);
    let compared = same_tables(&python, &[current]);
    assert!(compared.status.success(), "{}", said(&compared));
}

#[test]
fn a_block_that_does_not_hold_fails() {
    let Some(python) = python() else { return };
    let folder = tempfile::tempdir().unwrap();
    let holds = |text: &str| {
        let ran = run_page(&python, "page", text, folder.path());
        (ran.status.success(), said(&ran))
    };
    let good = "```sql\nSELECT 1;\n```\n```sql\n-- No row: none.\nSELECT 1 WHERE false;\n```\n\
                ```python\nseen = 1\n```\n```python\nassert seen == 1\n```\n";
    assert!(holds(good).0);
    for bad in [
        "```sql\nSELECT 1 WHERE false;\n```\n",
        "```sql\n-- No row: one.\nSELECT 1;\n```\n",
        "```sql\nFROM 'absent.parquet';\n```\n",
        "```python\nassert False\n```\n",
        "```python\nabsent\n```\n",
    ] {
        let (held, said) = holds(bad);
        assert!(!held, "{bad}");
        assert!(said.contains("docs/how-to/page.md:2"), "{said}");
    }
}

/// Dictionaries and no compression, as writers have them by default.
#[test]
fn a_table_that_is_not_plain_fails() {
    let Some(python) = python() else { return };
    let folder = tempfile::tempdir().unwrap();
    let ids: ArrayRef = Arc::new(StringArray::from(vec!["a", "a", "b"]));
    let numbers: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 3]));
    let batch = RecordBatch::try_from_iter([("id", ids), ("n", numbers)]).unwrap();
    let file = File::create(folder.path().join("table.parquet")).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let compared = same_tables(&python, &[folder.path().to_owned()]);
    assert!(!compared.status.success());
    assert!(said(&compared).contains("table.parquet: id"));
}

/// Power BI can't be run here. Its tables and columns can be looked up.
#[test]
fn power_bi_names_columns_that_there_are() {
    let project = Project::until("2024-Q1");
    project.lodestar("run").ok();
    let mut columns = BTreeSet::new();
    for name in names(&project.path("published/current")) {
        if let Some(table) = name.strip_suffix(".parquet") {
            let file = File::open(project.path("published/current").join(&name)).unwrap();
            let schema = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
            let fields = schema.schema().fields().iter();
            columns.extend(fields.map(|field| format!("{table}[{}]", field.name())));
            // Made by the page itself.
            columns.insert(format!("{table}[theme_key]"));
        }
    }
    let text = page("power-bi");
    let part_of_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let mut seen = 0;
    for (at, _) in text.match_indices('[') {
        let table = text[..at].rsplit(|c| !part_of_name(c)).next().unwrap();
        let (column, _) = text[at + 1..].split_once(']').unwrap();
        if !table.is_empty() {
            let named = format!("{table}[{column}]");
            assert!(columns.contains(&named), "{named}");
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen}");
}
