use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray, UInt32Array,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::publish::{fixture, parquet_file};

fn released() -> TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    for (name, bytes) in fixture::files(|_, _| ()) {
        fs::write(dir.path().join(name), bytes).expect("written");
    }
    dir
}

pub(super) fn texts(folder: &Path) -> String {
    let report = verify(folder).expect("readable");
    report
        .findings
        .iter()
        .map(Finding::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

/// Replaces the manifest by a consistent forgery: the self hash fits.
pub(super) fn forge(folder: &Path, change: impl FnOnce(&mut v1::Release)) {
    let bytes = fs::read(folder.join(MANIFEST)).expect("there");
    let Ok(Manifest::Release(mut release)) = manifest::parse(&bytes) else {
        panic!("a release");
    };
    change(&mut release);
    release.self_sha256 = manifest::unsigned();
    fs::write(folder.join(MANIFEST), manifest::to_bytes(&release)).expect("written");
}

/// Rewrites a file and makes the manifest vouch for it.
pub(super) fn forge_file(folder: &Path, name: &str, bytes: &[u8]) {
    fs::write(folder.join(name), bytes).expect("written");
    forge(folder, |release| {
        let (sha256, length) = (manifest::sha256_hex(bytes), bytes.len() as u64);
        for table in release.tables.iter_mut().filter(|table| table.file == name) {
            (table.sha256, table.bytes) = (sha256.clone(), length);
        }
        for dim in release.dimensions.iter_mut().filter(|dim| dim.file == name) {
            (dim.sha256, dim.bytes) = (sha256.clone(), length);
        }
    });
}

#[test]
fn a_fresh_release_passes() {
    let dir = released();
    let report = verify(dir.path()).expect("readable");
    assert!(report.passed(), "{:?}", report.findings);
    // A metric and a programme that no table is about have no row.
    let (facts, labels) = (9, 1 + 2 + 1 + 3 + 6 + 5 + 1 + 1 + 3);
    assert_eq!((report.files, report.rows), (12, facts + labels));
    let bytes = fs::read(dir.path().join(MANIFEST)).expect("there");
    assert_eq!(report.manifest_sha256, manifest::sha256(&bytes));
}

/// Bytes that the manifest vouches for are not enough: the page is made again.
#[test]
fn a_page_that_its_tables_do_not_make_is_noticed() {
    let files = fixture::files(|_, _| ());
    let stored = crate::publish::write::Stored {
        id: "2024-Q1",
        files: &files,
    };
    let dir = tempfile::tempdir().expect("a folder");
    for (name, bytes) in crate::publish::current::build(&[stored]).expect("built") {
        fs::write(dir.path().join(name), bytes).expect("written");
    }
    assert_eq!(texts(dir.path()), "");
    let manifest = fs::read(dir.path().join(MANIFEST)).expect("there");
    let other = b"<!doctype html>";
    fs::write(dir.path().join(PAGE), other).expect("written");
    let changed = "index.html: has another length than manifest.json says";
    assert_eq!(texts(dir.path()), changed);
    let forged = manifest::with_page(&manifest, &page::entry(other)).expect("a manifest");
    fs::write(dir.path().join(MANIFEST), &forged).expect("written");
    let made = "index.html: is not the page that the tables make";
    assert_eq!(texts(dir.path()), made);
    // What another version makes of them is not known.
    let Ok(Manifest::Current(mut current)) = manifest::parse(&forged) else {
        panic!("a manifest of current");
    };
    current.engine_version = "0.0.1".to_owned();
    current.self_sha256 = manifest::unsigned();
    fs::write(dir.path().join(MANIFEST), manifest::to_bytes(&current)).expect("written");
    let said = texts(dir.path());
    assert!(
        !said.contains("index.html") && said.contains("lodestar.engine_version"),
        "{said}"
    );
    fs::remove_file(dir.path().join(PAGE)).expect("removed");
    let missing = "index.html: is listed in manifest.json, but missing";
    assert!(texts(dir.path()).contains(missing));
}

#[test]
fn what_holds_of_several_files_is_told_once() {
    let dir = released();
    forge(dir.path(), |release| {
        "Another".clone_into(&mut release.organisation);
    });
    let report = verify(dir.path()).expect("readable");
    assert_eq!(report.findings.len(), 12);
    let told = [
        "12 files (theme_prevalence.parquet, dim_bound.parquet, …, dim_theme.parquet): its metadata \
         lodestar.organisation is not what manifest.json says",
    ];
    assert_eq!(report.told(), told);
    for name in ["dim_bound.parquet", "dim_theme.parquet"] {
        fs::remove_file(dir.path().join(name)).expect("removed");
    }
    let told = verify(dir.path()).expect("readable").told();
    let missing = "dim_bound.parquet, dim_theme.parquet: is listed in manifest.json, but missing";
    assert!(told.contains(&missing.to_owned()), "{told:?}");
}

/// A release that nothing newer supersedes, and one that was not paid for.
#[test]
fn what_is_superseded_is_checked() {
    let files =
        [0, 1].map(|revision| fixture::files(|_, public| fixture::quarter(public, 1, revision)));
    let stored = ["2024-Q1", "2024-Q1-r1"].iter().zip(&files);
    let stored: Vec<_> = stored
        .map(|(id, files)| crate::publish::write::Stored { id, files })
        .collect();
    let dir = tempfile::tempdir().expect("a folder");
    for (name, bytes) in crate::publish::current::build(&stored).expect("built") {
        fs::write(dir.path().join(name), bytes).expect("written");
    }
    assert_eq!(texts(dir.path()), "");
    let bytes = fs::read(dir.path().join(MANIFEST)).expect("there");
    let Ok(Manifest::Current(mut current)) = manifest::parse(&bytes) else {
        panic!("a manifest of current");
    };
    current.superseded[0].revision = 1;
    current.self_sha256 = manifest::unsigned();
    fs::write(dir.path().join(MANIFEST), manifest::to_bytes(&current)).expect("written");
    let finding = "manifest.json: lists a superseded release of whose period nothing newer";
    assert!(texts(dir.path()).contains(finding));
}

#[test]
fn any_changed_byte_of_any_file_is_noticed() {
    let dir = released();
    for name in list(dir.path()).expect("names") {
        let path = dir.path().join(&name);
        let original = fs::read(&path).expect("there");
        // Every bit position comes up; every byte would take minutes.
        let step = original.len() / 60 + 1;
        let places = (0..original.len())
            .step_by(step)
            .chain([original.len() - 1]);
        for (turn, at) in places.enumerate() {
            let mut bytes = original.clone();
            bytes[at] ^= 1 << (turn % 8);
            fs::write(&path, &bytes).expect("written");
            assert!(
                !verify(dir.path()).expect("readable").passed(),
                "{name} byte {at}"
            );
        }
        fs::write(&path, &original[..original.len() - 1]).expect("written");
        assert!(
            !verify(dir.path()).expect("readable").passed(),
            "{name} truncated"
        );
        fs::write(&path, &original).expect("written");
    }
    assert!(verify(dir.path()).expect("readable").passed());
}

#[test]
fn a_missing_or_further_file_is_noticed() {
    let dir = released();
    fs::write(dir.path().join("notes.txt"), "").expect("written");
    assert!(texts(dir.path()).contains("notes.txt: is not listed"));
    fs::remove_file(dir.path().join("notes.txt")).expect("removed");
    fs::remove_file(dir.path().join("dim_theme.parquet")).expect("removed");
    assert!(
        texts(dir.path()).contains("dim_theme.parquet: is listed in manifest.json, but missing")
    );
    assert!(verify(&dir.path().join("nowhere")).is_err());
}

#[test]
fn claims_that_only_the_manifest_makes_are_noticed() {
    let changes: [fn(&mut v1::Release); 8] = [
        |release| release.privacy.k = 11,
        |release| release.privacy.epsilon_window = 4.0,
        |release| release.privacy.delta_release = 1e-9,
        |release| release.privacy.coalition = 0,
        |release| release.guarantee.promise.push('.'),
        |release| release.guarantee.exclusions.truncate(1),
        |release| release.synthetic = true,
        |release| release.privacy.unit = "person-period".to_owned(),
    ];
    for change in changes {
        let dir = released();
        forge(dir.path(), change);
        assert!(texts(dir.path()).contains("is not what manifest.json says"));
    }
    let dir = released();
    forge(dir.path(), |release| {
        release.cohorts[0].levels[0].size_rho_micro += 1;
    });
    assert!(texts(dir.path()).contains("ρ of its parts is not the release's ρ"));
    let dir = released();
    forge(dir.path(), |release| release.tables[0].rows += 1);
    assert!(texts(dir.path()).contains("another number of rows"));
    let dir = released();
    forge(dir.path(), |release| {
        release.dimensions.retain(|dim| dim.name != "dim_theme");
    });
    assert!(texts(dir.path()).contains("dim_theme.parquet: is not listed"));
    assert!(texts(dir.path()).contains("dim_theme is missing"));
}

#[test]
fn claims_that_only_a_table_makes_are_noticed() {
    let dir = released();
    let name = "theme_prevalence.parquet";
    let content = parquet_file::read(&fs::read(dir.path().join(name)).expect("there"));
    let content = content.expect("readable");
    let rewrite = |metadata: &[(String, String)]| {
        let claims: Vec<(String, Value)> = metadata
            .iter()
            .map(|(key, text)| (key.clone(), json!(text)))
            .collect();
        forge_file(
            dir.path(),
            name,
            &parquet_file::write(&content.batch, &claims),
        );
    };
    rewrite(&content.metadata);
    assert_eq!(texts(dir.path()), "");
    let mut metadata = content.metadata.clone();
    let k = metadata
        .iter_mut()
        .find(|(key, _)| key == "lodestar.privacy.k")
        .expect("k");
    k.1 = "5".to_owned();
    rewrite(&metadata);
    assert!(texts(dir.path()).contains("lodestar.privacy.k is not what"));
    let mut metadata = content.metadata.clone();
    metadata.push(("note".to_owned(), "audited".to_owned()));
    rewrite(&metadata);
    assert!(texts(dir.path()).contains("other entries"));
}

/// The findings on a release with one column replaced, vouched for by its
/// manifest.
fn with(from: &str, adapt: fn(&mut [ArrayRef], usize)) -> String {
    with_in("theme_prevalence.parquet", from, adapt)
}

/// The same of any file.
fn with_in(name: &str, from: &str, adapt: fn(&mut [ArrayRef], usize)) -> String {
    let dir = released();
    let content = parquet_file::read(&fs::read(dir.path().join(name)).expect("there"));
    let content = content.expect("readable");
    let mut columns = content.batch.columns().to_vec();
    let at = content.batch.schema().index_of(from).expect("a column");
    adapt(&mut columns, at);
    let batch = RecordBatch::try_new(content.batch.schema(), columns).expect("a batch");
    let claims: Vec<(String, Value)> = content
        .metadata
        .into_iter()
        .map(|(key, text)| (key, json!(text)))
        .collect();
    forge_file(dir.path(), name, &parquet_file::write(&batch, &claims));
    texts(dir.path())
}

#[test]
fn numbers_that_break_the_promise_are_noticed() {
    let small = with("n", |columns, at| {
        let old: &Int64Array = columns[at].as_any().downcast_ref().expect("integers");
        columns[at] = Arc::new(old.iter().map(|n| n.map(|_| 9)).collect::<Int64Array>());
    });
    assert!(small.contains("its n is below k"), "{small}");
    let cohort = with("cohort", |columns, at| {
        columns[at] = Arc::new(Int64Array::from(vec![9; columns[at].len()]));
    });
    assert!(cohort.contains("its cohort is below k"), "{cohort}");
    let narrow = with("share_low", |columns, at| {
        let part =
            |at: usize| -> &Float64Array { columns[at].as_any().downcast_ref().expect("numbers") };
        let both = part(at - 1).iter().zip(part(at));
        let narrower = both.map(|(value, low)| Some(f64::midpoint(value?, low?)));
        columns[at] = Arc::new(narrower.collect::<Float64Array>());
    });
    assert!(
        narrow.contains("the interval of share does not follow"),
        "{narrow}"
    );
    let nothing = with("share_low", |columns, at| {
        columns[at] = columns[at - 1].clone();
    });
    assert!(
        nothing.contains("the interval of share does not follow"),
        "{nothing}"
    );
    let certain = with("cohort_high", |columns, at| {
        let old: &Float64Array = columns[at].as_any().downcast_ref().expect("numbers");
        columns[at] = Arc::new(old.iter().map(|x| Some(x? - 1.0)).collect::<Float64Array>());
    });
    assert!(
        certain.contains("the interval of its cohort does not follow"),
        "{certain}"
    );
    let nan = with("share", |columns, at| {
        columns[at] = Arc::new(Float64Array::from(vec![f64::NAN; columns[at].len()]));
    });
    assert!(nan.contains("not a finite number"), "{nan}");
    let unknown = with("status", |columns, at| {
        columns[at] = Arc::new(StringArray::from(vec!["fine"; columns[at].len()]));
    });
    assert!(unknown.contains("status is unknown"), "{unknown}");
    let misfit = with("status", |columns, at| {
        columns[at] = Arc::new(StringArray::from(vec!["ok"; columns[at].len()]));
    });
    assert!(misfit.contains("does not fit what is shown"), "{misfit}");
    let unsorted = with("org_unit", |columns, _| {
        for column in columns {
            let last = column.len() as u32;
            let order = UInt32Array::from_iter_values((0..last).rev());
            *column = arrow::compute::take(column, &order, None).expect("rows");
        }
    });
    assert!(unsorted.contains("not sorted by key"), "{unsorted}");
    let unit = with("org_unit", |columns, at| {
        columns[at] = Arc::new(StringArray::from(vec!["tin"; columns[at].len()]));
    });
    assert!(unit.contains("not in dim_org_unit"), "{unit}");
}

/// All intervals follow from what is said of the noise, so that must follow from
/// what is drawn, and from which cohorts show.
#[test]
fn noise_that_is_not_what_was_drawn_is_noticed() {
    let noise = |from, adapt| with_in("dim_noise.parquet", from, adapt);
    let less = noise("sigma", |columns, at| {
        let old: &Float64Array = columns[at].as_any().downcast_ref().expect("numbers");
        columns[at] = Arc::new(old.iter().map(|x| Some(x? * 0.9)).collect::<Float64Array>());
    });
    assert!(
        less.contains("the noise on coachees does not follow"),
        "{less}"
    );
    let few = noise("sigma", |columns, _| {
        for column in columns {
            *column = column.slice(0, column.len() - 1);
        }
    });
    assert!(few.contains("dim_noise does not have its noise"), "{few}");
    let others = noise("compared", |columns, at| {
        columns[at] = Arc::new(StringArray::from(vec!["nobody"; columns[at].len()]));
    });
    assert!(
        others.contains("of another level, or of no table"),
        "{others}"
    );
    let circle = with_in("dim_org_unit.parquet", "parent", |columns, at| {
        columns[at] = Arc::new(StringArray::from(vec!["acme"; columns[at].len()]));
    });
    assert!(circle.contains("is not one tree"), "{circle}");
}

#[test]
fn claims_about_bounds_that_do_not_hold_are_noticed() {
    let changes: [fn(&mut v1::Bounds); 8] = [
        |one| one.sigma *= 0.9,
        |one| one.sensitivity /= 2.0,
        |one| one.keys_a_person = 2,
        |one| (one.keys_a_person, one.sensitivity) = (0, 1.0),
        |one| one.cohort = "nobody".to_owned(),
        |one| one.bounds[0].vector = Some("another".to_owned()),
        |one| one.bounds[0].most = 3,
        |one| one.bounds[0].more = 0,
    ];
    for change in changes {
        let dir = released();
        forge(dir.path(), |release| change(&mut release.bounds[0]));
        let found = texts(dir.path());
        assert!(
            found.contains("is not what its ρ and its bounds ask for"),
            "{found}"
        );
    }
    let dir = released();
    forge(dir.path(), |release| release.bounds[0].rho_micro += 1);
    assert!(texts(dir.path()).contains("ρ of its parts is not the release's ρ"));
    let dir = released();
    forge(dir.path(), |release| {
        release.dimensions.retain(|dim| dim.name != "dim_bound");
    });
    assert!(texts(dir.path()).contains("dim_bound is missing"));
    let text = |from, to: fn(&mut [ArrayRef], usize)| with_in("dim_bound.parquet", from, to);
    let limit = text("limit", |columns, at| {
        columns[at] = Arc::new(Float64Array::from(vec![5.0]));
    });
    assert!(limit.contains("a bound that was not measured"), "{limit}");
    let whose = text("measure", |columns, at| {
        columns[at] = Arc::new(StringArray::from(vec!["engagement"]));
    });
    assert!(whose.contains("a bound that was not measured"), "{whose}");
    let release = text("release_id", |columns, at| {
        columns[at] = Arc::new(StringArray::from(vec!["2023-Q1"]));
    });
    assert!(release.contains("a row of another release"), "{release}");
    for (column, wrong) in [("lost_share_low", 0.5), ("lost_share_high", 1.5)] {
        let share = with_in(
            "dim_bound.parquet",
            column,
            match wrong {
                0.5 => |columns, at| columns[at] = Arc::new(Float64Array::from(vec![0.5])),
                _ => |columns, at| columns[at] = Arc::new(Float64Array::from(vec![1.5])),
            },
        );
        assert!(share.contains("a share that is none"), "{share}");
    }
    let hidden = text("status", |columns, at| {
        columns[at] = Arc::new(StringArray::from(vec!["too_uncertain"]));
    });
    assert!(hidden.contains("not as its status says"), "{hidden}");
}

/// √6 · 65,536 loses its last digit as text.
#[test]
fn a_sensitivity_that_text_rounds_is_none_too_small() {
    let dir = tempfile::tempdir().expect("a folder");
    let files = fixture::files(|noisy, public| {
        let bound = public.bounds[0].bounds[0];
        public.bounds[0].bounds = vec![bound; 6];
        let number = noisy.bounds[0].keys[0].numbers[0];
        noisy.bounds[0].keys[0].numbers = vec![number; 6];
        let sensitivity = (6.0 * 65_536.0_f64.powi(2)).sqrt().next_up();
        noisy.bounds[0].noise = fixture::noise(sensitivity, 65_536.0);
        noisy.cost.rho_micro = fixture::rho_micro(noisy);
    });
    for (name, bytes) in files {
        fs::write(dir.path().join(name), bytes).expect("written");
    }
    let found = texts(dir.path());
    assert!(!found.contains("its ρ and its bounds"), "{found}");
}

/// Of a release that measured no bounds nothing about them is asked.
#[test]
fn a_release_without_bounds_passes() {
    let dir = tempfile::tempdir().expect("a folder");
    let files = fixture::files(|noisy, public| {
        (noisy.bounds, public.bounds) = (vec![], vec![]);
        noisy.cost.rho_micro = fixture::rho_micro(noisy);
    });
    for (name, bytes) in files {
        fs::write(dir.path().join(name), bytes).expect("written");
    }
    assert_eq!(texts(dir.path()), "");
    let bytes = fs::read(dir.path().join(MANIFEST)).expect("there");
    let text = String::from_utf8(bytes).expect("text");
    assert!(!text.contains("\"bounds\": [\n    {"), "{text}");
    fs::remove_file(dir.path().join("dim_bound.parquet")).expect("removed");
    forge(dir.path(), |release| {
        release.dimensions.retain(|dim| dim.name != "dim_bound");
    });
    assert_eq!(texts(dir.path()), "");
}

#[test]
fn numbers_that_were_moved_are_noticed() {
    // The root's cohort, one person larger, with its interval.
    let sums = with("cohort", |columns, at| {
        let cohort: &Int64Array = columns[at].as_any().downcast_ref().expect("integers");
        let moved = cohort.iter().enumerate();
        let moved = moved.map(|(row, n)| n.map(|n| if row < 3 { n + 1 } else { n }));
        columns[at] = Arc::new(moved.collect::<Int64Array>());
    });
    assert!(sums.contains("do not add up to that of acme"), "{sums}");
    let share = with("share", |columns, at| {
        let old: &Float64Array = columns[at].as_any().downcast_ref().expect("numbers");
        let moved = old.iter().map(|x| x.map(|x| x + 0.001));
        columns[at] = Arc::new(moved.collect::<Float64Array>());
    });
    assert!(
        share.contains("share is not in the middle of its interval"),
        "{share}"
    );
}

#[test]
fn findings_are_limited() {
    let mut findings = Vec::new();
    for _ in 0..100 {
        note(&mut findings, "a", "is wrong");
    }
    assert_eq!(findings.len(), MOST_FINDINGS_PER_FILE + 1);
    assert!(findings[MOST_FINDINGS_PER_FILE].text.contains("further"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Also where the manifest vouches for the garbage.
    #[test]
    fn garbage_is_a_finding_and_never_a_panic(
        at in 0.0..1.0_f64,
        garbage in proptest::collection::vec(any::<u8>(), 0..64),
    ) {
        let dir = released();
        let name = "theme_prevalence.parquet";
        let mut bytes = fs::read(dir.path().join(name)).expect("there");
        let at = (at * bytes.len() as f64) as usize;
        let end = (at + garbage.len()).min(bytes.len());
        bytes[at..end].copy_from_slice(&garbage[..end - at]);
        forge_file(dir.path(), name, &bytes);
        prop_assert!(verify(dir.path()).is_ok());
        fs::write(dir.path().join(MANIFEST), &garbage).expect("written");
        prop_assert!(!verify(dir.path()).expect("readable").passed());
    }
}
