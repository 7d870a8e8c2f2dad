use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::*;
use crate::publish::disk::fault;
use crate::publish::{fixture, verify};

type Files = Vec<(String, Vec<u8>)>;

fn quarter(quarter: u32, revision: u32) -> Files {
    fixture::files(|_, public| fixture::quarter(public, quarter, revision))
}

fn stored<'a>(id: &'a str, files: &'a Files) -> Stored<'a> {
    Stored { id, files }
}

fn assert_passes(folder: &Path) {
    let report = verify(folder).expect("readable");
    assert!(report.passed(), "{:?}", report.findings);
}

fn target(publish: &Path) -> String {
    fs::read_link(publish.join("current"))
        .expect("a link")
        .to_string_lossy()
        .into_owned()
}

#[test]
fn a_release_and_current_are_published_readable_and_whole() {
    let dir = tempfile::tempdir().expect("a folder");
    let publish = dir.path().join("deep/published");
    let files = quarter(1, 0);
    let folder = publish_stored(stored("2024-Q1", &files), &[], &publish).expect("published");
    assert_eq!(folder, publish.join("releases/2024-Q1"));
    assert_passes(&folder);
    assert_passes(&publish.join("current"));
    let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o755);
    assert_eq!(mode(&folder.join("manifest.json")), 0o644);
    assert_eq!(mode(&publish.join("current/dim_theme.parquet")), 0o644);
    for (name, bytes) in &files {
        assert_eq!(
            &fs::read(folder.join(name)).expect("there"),
            bytes,
            "{name}"
        );
    }
}

#[test]
fn publishing_twice_changes_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let files = quarter(1, 0);
    publish_stored(stored("2024-Q1", &files), &[], dir.path()).expect("published");
    let before = target(dir.path());
    fs::create_dir(dir.path().join("releases/.staging-2024-Q1")).expect("made");
    fs::write(dir.path().join("releases/.staging-2024-Q1/x"), "x").expect("written");
    publish_stored(stored("2024-Q1", &files), &[], dir.path()).expect("published again");
    assert_eq!(target(dir.path()), before);
    assert_eq!(
        disk::names(&dir.path().join("releases")).expect("names"),
        ["2024-Q1"]
    );
    assert_eq!(
        disk::names(&dir.path().join(".generations"))
            .expect("names")
            .len(),
        1
    );
}

#[test]
fn other_bytes_under_a_released_name_are_refused_and_kept() {
    let dir = tempfile::tempdir().expect("a folder");
    let files = quarter(1, 0);
    let folder = publish_stored(stored("2024-Q1", &files), &[], dir.path()).expect("published");
    fs::write(folder.join("dim_theme.parquet"), "other").expect("written");
    let error = publish_stored(stored("2024-Q1", &files), &[], dir.path()).expect_err("differs");
    assert!(matches!(error, PublishError::Differs(_)));
    assert_eq!(error.exit_code(), 7);
    assert_eq!(
        fs::read(folder.join("dim_theme.parquet")).expect("there"),
        b"other"
    );
}

#[test]
fn names_stay_inside_the_published_folder() {
    let dir = tempfile::tempdir().expect("a folder");
    let files = quarter(1, 0);
    for id in ["..", "a/b", "", ".hidden", "/etc"] {
        let error = publish_stored(stored(id, &files), &[], dir.path()).expect_err(id);
        assert!(matches!(error, PublishError::Name));
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_an_error_of_storage() {
    let dir = tempfile::tempdir().expect("a folder");
    fs::write(dir.path().join("published"), "a file").expect("written");
    let files = quarter(1, 0);
    let publish = dir.path().join("published");
    let error = publish_stored(stored("2024-Q1", &files), &[], &publish).expect_err("a file");
    assert!(matches!(error, PublishError::Disk(_)));
    assert!(
        error
            .to_string()
            .contains("next run publishes the same bytes")
    );
}

#[test]
fn a_current_that_is_no_link_is_left_alone() {
    let dir = tempfile::tempdir().expect("a folder");
    fs::create_dir(dir.path().join("current")).expect("made");
    let files = quarter(1, 0);
    let error = publish_stored(stored("2024-Q1", &files), &[], dir.path()).expect_err("a folder");
    assert!(matches!(error, PublishError::NotALink(_)));
}

#[test]
fn a_damaged_generation_is_replaced_and_old_ones_go() {
    let dir = tempfile::tempdir().expect("a folder");
    let (q1, q2, q3) = (quarter(1, 0), quarter(2, 0), quarter(3, 0));
    publish_stored(stored("2024-Q1", &q1), &[], dir.path()).expect("published");
    let first = target(dir.path());
    fs::write(dir.path().join("current/dim_theme.parquet"), "damaged").expect("written");
    publish_stored(stored("2024-Q1", &q1), &[], dir.path()).expect("repaired");
    assert_ne!(target(dir.path()), first);
    assert_passes(&dir.path().join("current"));
    let all = [
        stored("2024-Q1", &q1),
        stored("2024-Q2", &q2),
        stored("2024-Q3", &q3),
    ];
    publish_stored(all[1], &all[..2], dir.path()).expect("published");
    let second = target(dir.path());
    publish_stored(all[2], &all, dir.path()).expect("published");
    let kept = disk::names(&dir.path().join(".generations")).expect("names");
    assert_eq!(kept.len(), 2);
    assert!(
        dir.path().join(second).is_dir(),
        "the generation before stays for its readers"
    );
}

/// Stops before every single operation on disk, in turn. Whatever was there
/// before is whole afterwards, and the next run completes the work.
#[test]
fn stopped_anywhere_the_old_state_or_the_new_one_is_whole() {
    let (q1, q2) = (quarter(1, 0), quarter(2, 0));
    let all = [stored("2024-Q1", &q1), stored("2024-Q2", &q2)];
    for operations in 0.. {
        let dir = tempfile::tempdir().expect("a folder");
        publish_stored(all[0], &all[..1], dir.path()).expect("published");
        let before = fs::read(dir.path().join("current/manifest.json")).expect("there");

        fault::after(Some(operations));
        let result = publish_stored(all[1], &all, dir.path());
        fault::after(None);

        assert_passes(&dir.path().join("releases/2024-Q1"));
        assert_passes(&dir.path().join("current"));
        let after = fs::read(dir.path().join("current/manifest.json")).expect("there");
        let second = dir.path().join("releases/2024-Q2");
        if second.exists() {
            assert_passes(&second);
        } else {
            assert_eq!(after, before, "current leads where no release is");
        }
        if result.is_ok() {
            assert!(operations > 30, "every write and flush counts");
            return;
        }
        assert_eq!(result.expect_err("stopped").exit_code(), 7);
        publish_stored(all[1], &all, dir.path()).expect("the next run completes it");
        assert_passes(&second);
        assert_passes(&dir.path().join("current"));
        assert_ne!(
            fs::read(dir.path().join("current/manifest.json")).expect("there"),
            before
        );
        let hidden = |name: &String| name.starts_with(".staging") || name.starts_with(".current");
        for folder in [".", "releases", ".generations"] {
            let names = disk::names(&dir.path().join(folder)).expect("names");
            assert!(!names.iter().any(hidden), "{folder}: {names:?}");
        }
    }
}

#[test]
fn current_holds_the_newest_revision_of_every_period_in_order() {
    let (q1, q2, q1r) = (quarter(1, 0), quarter(2, 0), quarter(1, 1));
    let all = [
        stored("2024-Q2", &q2),
        stored("2024-Q1-r1", &q1r),
        stored("2024-Q1", &q1),
    ];
    let files = current::build(&all).expect("built");
    let mut turned = all;
    turned.reverse();
    assert_eq!(
        current::build(&turned).expect("built"),
        files,
        "order does not matter"
    );
    let batch = read(&files, "theme_prevalence.parquet");
    let ids = texts(&batch, "release_id");
    assert_eq!(ids.len(), 18);
    assert!(ids[..9].iter().all(|id| id == "2024-Q1-r1"));
    assert!(ids[9..].iter().all(|id| id == "2024-Q2"));
    let periods = read(&files, "dim_period.parquet");
    assert_eq!(texts(&periods, "release_id"), ["2024-Q1-r1", "2024-Q2"]);
    assert_eq!(read(&files, "dim_theme.parquet").num_rows(), 3);
}

#[test]
fn labels_are_the_newest_and_missing_columns_null() {
    let deeper = fixture::files(|_, public| {
        fixture::quarter(public, 2, 0);
        let tree = public.spans[0].tree.clone();
        let specs = tree
            .units()
            .iter()
            .map(|unit| lodestar_privacy::tree::UnitSpec {
                id: unit.id.clone(),
                label: format!("{} (new)", unit.label),
                parent: unit.parent.map(|code| tree.unit(code).id.clone()),
                standing: unit.standing,
            });
        let mut specs: Vec<_> = specs.collect();
        // A unit that moves keeps its earlier level in the earlier rows.
        for spec in specs.iter_mut().filter(|spec| spec.id == "south") {
            spec.parent = Some("north".to_owned());
        }
        specs.push(lodestar_privacy::tree::UnitSpec {
            id: "team".to_owned(),
            label: "Team".to_owned(),
            parent: Some("tiny".to_owned()),
            standing: true,
        });
        public.spans[0].tree = lodestar_privacy::Tree::new(specs).expect("a tree");
        public.blocks[0].keys[0][1].label = "Speaking out".to_owned();
    });
    let q1 = quarter(1, 0);
    let all = [stored("2024-Q1", &q1), stored("2024-Q2", &deeper)];
    let dir = tempfile::tempdir().expect("a folder");
    publish_stored(all[1], &all, dir.path()).expect("published");
    assert_passes(&dir.path().join("current"));
    let files = current::build(&all).expect("built");
    let units = read(&files, "dim_org_unit.parquet");
    assert!(units.column_by_name("level_2").is_some());
    assert!(
        texts(&units, "label")
            .iter()
            .all(|label| label.ends_with("(new)") || label == "Team")
    );
    assert!(
        texts(&read(&files, "dim_theme.parquet"), "label").contains(&"Speaking out".to_owned())
    );
}

fn read(files: &Files, name: &str) -> arrow::array::RecordBatch {
    let bytes = files
        .iter()
        .find(|(file, _)| file == name)
        .map(|(_, bytes)| bytes);
    crate::publish::parquet_file::read(bytes.expect(name))
        .expect("readable")
        .batch
}

fn texts(batch: &arrow::array::RecordBatch, name: &str) -> Vec<String> {
    let column = batch.column_by_name(name).expect(name);
    let column: &arrow::array::StringArray = column.as_any().downcast_ref().expect("text");
    column.iter().flatten().map(str::to_owned).collect()
}
