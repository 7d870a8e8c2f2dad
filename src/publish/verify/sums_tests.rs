//! What adds up in a release, and what was moved since.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, Int64Array, RecordBatch, StringArray};
use lodestar_privacy::Public;
use lodestar_privacy::noisy::{Cohort, Group, Noise, Noisy, Value};
use lodestar_privacy::public::{Classes, Dimension, Label};
use serde_json::json;
use tempfile::TempDir;

use super::tests::{forge, forge_file, texts};
use crate::publish::{fixture, parquet_file};

const TABLE: &str = "theme_prevalence.parquet";

fn released(adapt: impl FnOnce(&mut Noisy, &mut Public)) -> TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    for (name, bytes) in fixture::files(adapt) {
        fs::write(dir.path().join(name), bytes).expect("written");
    }
    dir
}

/// Adds people to a column's numbers, where rows are as asked.
fn moved(folder: &Path, column: &str, people: i64, is_moved: impl Fn(&RecordBatch, usize) -> bool) {
    let bytes = fs::read(folder.join(TABLE)).expect("there");
    let content = parquet_file::read(&bytes).expect("readable");
    let batch = content.batch;
    let at = batch.schema().index_of(column).expect("a column");
    let old: &Int64Array = batch.column(at).as_any().downcast_ref().expect("integers");
    let new = (0..old.len()).map(|row| {
        let more = if is_moved(&batch, row) { people } else { 0 };
        (!old.is_null(row)).then(|| old.value(row) + more)
    });
    let mut columns = batch.columns().to_vec();
    columns[at] = Arc::new(new.collect::<Int64Array>());
    let batch = RecordBatch::try_new(batch.schema(), columns).expect("a batch");
    let claims = content.metadata.into_iter();
    let claims: Vec<_> = claims.map(|(key, text)| (key, json!(text))).collect();
    forge_file(folder, TABLE, &parquet_file::write(&batch, &claims));
}

fn text<'a>(batch: &'a RecordBatch, column: &str, row: usize) -> &'a str {
    let column = batch.column_by_name(column).expect(column);
    let texts: &StringArray = column.as_any().downcast_ref().expect("texts");
    texts.value(row)
}

/// Of the fixture's people each has one of the three themes.
fn of_classes(noisy: &mut Noisy, public: &mut Public) {
    public.blocks[0].classes = Classes::Keys;
    let levels = &mut noisy.blocks[0].levels;
    levels[0].cells = vec![vec![94, 100, 110]];
    levels[1].cells = vec![vec![91, 100, 105], vec![4, 4, 4]];
}

#[test]
fn classes_are_their_cohort() {
    let found = "the people of all keys are not those of their cohort";
    let dir = released(of_classes);
    assert_eq!(texts(dir.path()), "");
    for people in [1, -1] {
        let dir = released(of_classes);
        moved(dir.path(), "n", people, |_, row| row == 0);
        assert!(texts(dir.path()).contains(found), "{}", texts(dir.path()));
    }
    // Where they are none, nothing is asked.
    let dir = released(|_, _| ());
    moved(dir.path(), "n", 1, |_, row| row == 0);
    assert!(!texts(dir.path()).contains(found));
}

#[test]
fn sums_beyond_all_numbers_are_findings() {
    for column in ["n", "cohort"] {
        let dir = released(of_classes);
        forge(dir.path(), |release| {
            release.vectors[0].exclusive = vec![0, 0, 0];
        });
        moved(dir.path(), column, i64::MAX / 2, |_, _| true);
        assert_ne!(texts(dir.path()), "", "{column}");
    }
}

#[test]
fn nobody_is_in_two_classes_that_exclude_each_other() {
    let found = "row 1: has more people than its cohort";
    let dir = released(|_, _| ());
    forge(dir.path(), |release| release.vectors[0].exclusive = vec![0]);
    assert!(!texts(dir.path()).contains(found));
    moved(dir.path(), "n", 302, |_, row| row == 0);
    assert!(texts(dir.path()).contains(found), "{}", texts(dir.path()));
}

/// Two units, and all of their people by whether they lead.
fn by_value(noisy: &mut Noisy, public: &mut Public) {
    public.kinds[0].dimensions = vec![Dimension {
        name: "job_level".to_owned(),
        values: ["leads", "works"].map(Label::plain).to_vec(),
    }];
    let code = |id: &str| Group::Unit(public.tree(0).code(id).expect("declared"));
    let values = [Value::All, Value::One(0), Value::One(1)];
    let of = |id: &str, sizes: [i64; 3]| {
        let cohorts = values.iter().zip(sizes).map(|(value, size)| Cohort {
            group: code(id),
            key: 0,
            values: vec![*value],
            size,
        });
        cohorts.collect::<Vec<_>>()
    };
    let levels = &mut noisy.kinds[0].levels;
    levels[0].cohorts = of("acme", [320, 140, 180]);
    levels[1].cohorts = [of("north", [110, 60, 52]), of("south", [200, 70, 140])].concat();
    noisy.blocks[0].levels[0].cells = vec![vec![90, 60, 30]; 3];
    noisy.blocks[0].levels[1].cells = vec![vec![40, 20, 10]; 6];
    // Everybody is in two cohorts, with up to four themes.
    let twice = |of: &mut Noise| *of = fixture::noise(of.sensitivity * 1.5, of.sigma);
    for level in &mut noisy.kinds[0].levels {
        twice(&mut level.selection.noise);
        twice(&mut level.size);
    }
    let levels = noisy.blocks[0].levels.iter_mut();
    levels.for_each(|level| twice(&mut level.noise));
    noisy.cost.rho_micro = fixture::rho_micro(noisy);
}

#[test]
fn values_of_units_are_the_units() {
    let dir = released(by_value);
    assert_eq!(texts(dir.path()), "");
    // One moves from a value to the other, in one unit.
    let dir = released(by_value);
    for (value, people) in [("leads", 1), ("works", -1)] {
        moved(dir.path(), "cohort", people, |batch, row| {
            text(batch, "org_unit", row) == "south" && text(batch, "job_level", row) == value
        });
    }
    let found = texts(dir.path());
    let sums = found.matches("cohorts of coachees do not add up to that of acme");
    assert_eq!(sums.count(), 2, "{found}");
    assert!(!found.contains("that of south"), "{found}");
}
