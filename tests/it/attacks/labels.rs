//! What files say beside their rows: dictionaries, statistics, pages, and the order of
//! what is in them.
//!
//! Known: how Parquet files are made, and a reader that shows every part of them.

use std::collections::BTreeSet;

use parquet::basic::Encoding;
use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};

use crate::canary::{least_and_greatest, metadata, said_by, texts};
use crate::support::{Project, files};

/// Whether a column has a list of values apart from its rows.
fn lists_values(column: &ColumnChunkMetaData) -> bool {
    let dictionary = |it| matches!(it, Encoding::PLAIN_DICTIONARY | Encoding::RLE_DICTIONARY);
    column.encodings().any(dictionary)
        || column.dictionary_page_offset().is_some()
        || column.bloom_filter_offset().is_some()
}

/// Every published Parquet file of a project, by path.
fn parquet(project: &Project) -> Vec<(String, Vec<u8>)> {
    let all = files(&project.path("published")).into_iter();
    let all = all.map(|(path, bytes)| (path.display().to_string(), bytes));
    all.filter(|(path, _)| path.ends_with(".parquet")).collect()
}

#[test]
fn no_column_says_more_than_its_values() {
    let project = Project::synthetic();
    project.lodestar("run").ok();
    let files = parquet(&project);
    assert!(files.len() > 100, "{}", files.len());
    let mut ends = 0;
    for (path, bytes) in files {
        let (metadata, shown) = (metadata(&bytes), texts(&bytes));
        assert!(metadata.num_row_groups() <= 1, "{path}");
        let columns = metadata
            .row_groups()
            .iter()
            .flat_map(RowGroupMetaData::columns);
        for column in columns {
            assert!(!lists_values(column), "{path}: {}", column.column_path());
            // Long texts of what is declared are cut there. Tables of labels hold nothing else.
            let told = least_and_greatest(column);
            let told = told.map(|end| String::from_utf8(end.to_vec()).unwrap());
            let told: Vec<String> = told.collect();
            let known = told.iter().all(|text| shown.contains(text));
            assert!(known || path.contains("/dim_"), "{path}: {told:?}");
            ends += told.len();
        }
    }
    assert!(ends > 1_000, "{ends}");
}

/// No table of facts, in no byte of it, has the name of a unit that does not show in it;
/// what it has of texts is declared, or a word of the tables' own.
#[test]
fn no_table_names_what_it_does_not_show() {
    let project = Project::synthetic();
    project.lodestar("run").ok();
    let org = String::from_utf8(project.read("input/org.csv")).unwrap();
    // The organisation stands in every file's metadata.
    let units = org
        .lines()
        .skip(2)
        .filter_map(|line| line.split(',').next());
    let units: Vec<&str> = units.collect();
    let (mut hidden, mut tables) = (0, BTreeSet::new());
    for (path, bytes) in parquet(&project) {
        let name = path.rsplit('/').next().unwrap();
        if name.starts_with("dim_") {
            continue;
        }
        tables.insert(name.to_owned());
        let shown = texts(&bytes);
        let said = said_by(name, &bytes);
        for unit in &units {
            // It may be part of a name that shows.
            if !shown.iter().any(|text| text.contains(unit)) {
                assert!(!said.contains(unit), "{path}: {unit}");
                hidden += 1;
            }
        }
    }
    assert!(tables.len() > 8 && hidden > 200, "{tables:?}, {hidden}");
}

/// The parts that are looked for are found where they are.
#[test]
fn a_file_as_others_write_it_says_more() {
    let project = Project::synthetic();
    let sessions = files(&project.path("input/sessions"));
    let usual = sessions
        .iter()
        .find(|(path, _)| path.extension().is_some_and(|it| it == "parquet"));
    let (_, bytes) = usual.unwrap();
    let metadata = metadata(bytes);
    assert!(metadata.row_group(0).columns().iter().any(lists_values));
}
