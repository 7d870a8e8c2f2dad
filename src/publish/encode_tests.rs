use std::io::Cursor;

use arrow::array::{Array, BooleanArray, Date32Array, Float64Array, Int64Array, StringArray};
use lodestar_privacy::noisy::Group;
use parquet::file::metadata::RowGroupMetaData as RowGroup;
use polars::prelude::{ParquetReader, SerReader};
use proptest::prelude::*;

use super::*;
use crate::ingest::Programmes;
use crate::measure::builtin;
use crate::measure::effect::Starts;
use crate::publish::table::describe;
use crate::publish::{fixture, schema, verify};

fn read(files: &Files, name: &str) -> RecordBatch {
    let bytes = &files
        .tables
        .iter()
        .find(|(file, _)| file == name)
        .expect(name)
        .1;
    parquet_file::read(bytes).expect("readable").batch
}

fn texts(batch: &RecordBatch, name: &str) -> Vec<String> {
    let column = batch.column_by_name(name).expect(name);
    let column: &StringArray = column.as_any().downcast_ref().expect("text");
    column
        .iter()
        .map(|cell| cell.unwrap_or("(null)").to_owned())
        .collect()
}

/// The statistics of the table.
const COUNTED: [(&str, Form, bool); 2] = [("n", Form::Whole, false), ("share", Form::Real, false)];

const FACTS: &str = "theme_prevalence.parquet";

#[test]
fn the_table_by_hand() {
    let (noisy, public) = fixture::release();
    let batch = read(&encode(&noisy, &public), FACTS);
    let units = texts(&batch, "org_unit");
    assert_eq!(units[..3], ["acme", "acme", "acme"]);
    assert_eq!(
        units[3..6],
        [
            "(other units) acme",
            "(other units) acme",
            "(other units) acme"
        ]
    );
    assert_eq!(units[6..], ["south", "south", "south"]);
    assert_eq!(texts(&batch, "theme")[..3], ["ambiguity", "other", "voice"]);
    assert_eq!(
        texts(&batch, "theme_label")[..3],
        ["Ambiguity", "Other", "Speaking up"]
    );
    assert!(texts(&batch, "org_unit_label")[3].starts_with("Other units of Acme, \"the\""));
    let uncertain = ["too_uncertain"; 3];
    assert_eq!(texts(&batch, "status")[..3], ["ok", "below_k", "ok"]);
    assert_eq!(texts(&batch, "status")[3..6], uncertain);
    assert_eq!(texts(&batch, "status")[6..], ["ok", "below_k", "ok"]);
    let n: &Int64Array = batch
        .column_by_name("n")
        .expect("n")
        .as_any()
        .downcast_ref()
        .expect("i");
    let n: Vec<Option<i64>> = n.iter().collect();
    assert_eq!(n[..3], [Some(11), None, Some(94)]);
    assert_eq!(n[3..6], [None; 3]);
    // Drawn as 10 and 83 of the total's 11 and 94: the few others are taken to be
    // like them, as far as noise may have made them unlike.
    assert_eq!(n[6..], [Some(11), None, Some(87)]);
    let share = batch.column_by_name("share").expect("share");
    let share: &Float64Array = share.as_any().downcast_ref().expect("numbers");
    assert!((share.value(2) - 94.0 / 312.0).abs() < 1e-15);
    assert!(share.is_null(1) && share.is_null(3));
}

#[test]
fn what_bounds_cut_off_is_told_of_the_organisation() {
    let (noisy, public) = fixture::release();
    let batch = read(&encode(&noisy, &public), "dim_bound.parquet");
    assert_eq!(texts(&batch, "release_id"), ["2024-Q1"]);
    assert_eq!(texts(&batch, "measure"), ["theme_prevalence"]);
    assert_eq!(texts(&batch, "bound"), ["max_cells"]);
    assert!(batch.column_by_name("statistic").expect("it").is_null(0));
    let number = |name: &str| -> f64 {
        let column = batch.column_by_name(name).expect(name);
        let numbers: &Float64Array = column.as_any().downcast_ref().expect("numbers");
        numbers.value(0)
    };
    assert!((number("limit") - 4.0).abs() < 1e-12);
    assert!((number("lost_share") - 0.06).abs() < 1e-9);
    assert!(number("lost_share_low") < 0.06 && 0.06 < number("lost_share_high"));
    assert_eq!(texts(&batch, "status"), ["ok"]);
    // Without the organisation's cohort nothing is told.
    let mut hidden = noisy.clone();
    hidden.bounds[0].keys.clear();
    let batch = read(&encode(&hidden, &public), "dim_bound.parquet");
    assert_eq!(batch.num_rows(), 0);
}

#[test]
fn every_table_has_the_documented_columns() {
    let (noisy, public) = fixture::release();
    let files = encode(&noisy, &public);
    let facts = schema::facts(&public.tables[0].dimensions, &[], &COUNTED);
    assert_eq!(describe(&read(&files, FACTS).schema()), facts);
    assert_eq!(files.tables.len(), 1 + dims::NAMES.len());
    for name in dims::NAMES {
        let levels = if name == "dim_org_unit" { 2 } else { 0 };
        let expected = schema::dimension(name, levels).expect(name);
        assert_eq!(
            describe(&read(&files, &format!("{name}.parquet")).schema()),
            expected
        );
    }
}

/// The columns of every built-in measure's table, in a project that declares
/// all that they need.
fn built_in() -> Vec<(String, Vec<schema::Column>)> {
    let declared = r#"
        [project]
        organisation = "Acme"
        [periods]
        first = "2024-Q1"
        [sources.people]
        path = "people.csv"
        [sources.sessions]
        path = "sessions.csv"
        [sources.assessments]
        path = "assessments.csv"
        [sources.outcomes]
        path = "outcomes.csv"
        [sources.programmes]
        path = "programmes.csv"
        [[competencies]]
        id = "courage"
        [[instruments]]
        id = "survey"
        min = 1
        max = 5
        items = ["first"]
        [[metrics]]
        id = "absence"
        range = [0, 30]
        [north_star]
        targets = [{ competency = "courage", level = 4 }]
    "#;
    let listed = builtin().iter();
    let listed = listed.map(|one| format!("[[measures]]\nuse = \"{}\"\n", one.measure.name));
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("lodestar.toml");
    std::fs::write(&file, format!("{declared}\n{}", listed.collect::<String>())).expect("written");
    let project = crate::config::load(&file).unwrap_or_else(|errors| panic!("{errors}"));
    let nothing = |_| Starts::of(&Programmes::default(), project.calendar.first);
    let all = crate::measure::vector::vectors(&project, nothing, project.measures.iter());
    let columns = |table: &Declared| {
        let family = &all.families[all.vectors[table.block].family];
        let dimensions: Vec<String> = [family.people.clone(), table.dimensions.clone()].concat();
        let others = table.others.iter().map(|other| other.name.clone());
        let statistics = vectors::columns(table);
        let forms: Vec<(&str, Form, bool)> = statistics
            .iter()
            .map(|one| (one.name.as_str(), Form::of(&one.kind), one.has_status))
            .collect();
        let others: Vec<String> = others.collect();
        schema::facts(&dimensions, &others, &forms)
    };
    let tables = all.tables.iter();
    tables
        .map(|table| (table.name.clone(), columns(table)))
        .collect()
}

/// `docs/tables.md` has a row for every column of every table.
#[test]
fn every_column_is_documented() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/tables.md");
    let text = std::fs::read_to_string(path).expect("the reference of tables");
    let mut columns = built_in();
    assert_eq!(columns.len(), builtin().len());
    for name in dims::NAMES {
        columns.push((name.to_owned(), schema::dimension(name, 0).expect(name)));
    }
    for (table, columns) in columns {
        let start = text.find(&format!("## {table}\n")).expect(&table);
        let section = &text[start + 3..];
        let section = &section[..section.find("\n## ").unwrap_or(section.len())];
        for (column, kind, nullable) in columns {
            let row = section
                .lines()
                .find(|line| line.starts_with(&format!("| `{column}` |")));
            let row = row.unwrap_or_else(|| panic!("{table}.{column} is not documented"));
            let null = row.split('|').nth(4).expect("a column on nulls").trim();
            assert_eq!(null == "yes", nullable, "{table}.{column}: {row}");
            let said = row.split('|').nth(2).expect("a column on types").trim();
            assert_eq!(said, type_name(&kind), "{table}.{column}: {row}");
        }
    }
    for status in crate::insight::Status::ALL {
        assert!(text.contains(&format!("`{}`", status.text())));
    }
}

/// A type as the documentation calls it.
fn type_name(kind: &arrow::datatypes::DataType) -> &'static str {
    use arrow::datatypes::DataType::{Boolean, Date32, Float64, Int32, Int64, Utf8};
    match kind {
        Boolean => "BOOLEAN",
        Date32 => "DATE",
        Float64 => "DOUBLE",
        Int32 => "INT32",
        Int64 => "INT64",
        Utf8 => "STRING",
        _ => "another",
    }
}

#[test]
fn bytes_follow_from_the_arguments_and_rows_from_keys() {
    let (noisy, public) = fixture::release();
    let files = encode(&noisy, &public);
    assert_eq!(encode(&noisy, &public), files);
    // The same numbers under keys declared in another order, cohorts turned too.
    let (mut turned, mut other) = fixture::release();
    other.blocks[0].keys.reverse();
    for level in &mut turned.blocks[0].levels {
        level.cells.iter_mut().for_each(|cells| cells.reverse());
        level.cells.reverse();
    }
    for level in &mut turned.kinds[0].levels {
        level.cohorts.reverse();
    }
    assert_eq!(encode(&turned, &other), files);
}

#[test]
fn polars_reads_it_too() {
    let (noisy, public) = fixture::release();
    for (name, bytes) in encode(&noisy, &public).tables {
        let frame = ParquetReader::new(Cursor::new(bytes))
            .finish()
            .expect("readable");
        let text = |column: &str| {
            frame
                .column(column)
                .expect("there")
                .str()
                .expect("text")
                .clone()
        };
        match name.as_str() {
            FACTS => {
                assert_eq!(frame.shape(), (9, 21));
                assert_eq!(
                    text("org_unit_label").get(0),
                    Some("Acme, \"the\" Company\nPLC 🧭")
                );
                assert_eq!(frame.column("n").expect("n").null_count(), 5);
                let day = frame.column("period_start").expect("a day");
                assert_eq!(day.dtype(), &polars::prelude::DataType::Date);
            }
            "dim_org_unit.parquet" => {
                assert_eq!(text("level_1").get(2), Some("Nord – Süd; 'Ost'"));
                assert_eq!(text("parent").get(0), None);
            }
            // The table is by neither: their properties are not needed to read it.
            "dim_metric.parquet" | "dim_programme.parquet" => assert_eq!(frame.height(), 0),
            _ => assert!(frame.height() > 0, "{name}"),
        }
    }
}

#[test]
fn what_is_declared_of_what_a_table_is_about_stands_beside_it() {
    let (noisy, mut public) = fixture::release();
    let read_of = |public: &Public, name: &str| read(&encode(&noisy, public), name);
    let targets = read_of(&public, "dim_target.parquet");
    assert_eq!(
        texts(&targets, "competency"),
        ["courage"],
        "no other has rows"
    );
    let real = |batch: &RecordBatch, name: &str| {
        let column = batch.column_by_name(name).expect(name);
        let column: &Float64Array = column.as_any().downcast_ref().expect("numbers");
        column.iter().collect::<Vec<_>>()
    };
    assert_eq!(real(&targets, "target_level"), [Some(3.5)]);
    assert_eq!(real(&targets, "tipping_share"), [Some(0.25)]);
    let instruments = read_of(&public, "dim_instrument.parquet");
    assert_eq!(texts(&instruments, "instrument"), ["survey"]);
    assert_eq!(real(&instruments, "scale_high"), [Some(5.0)]);
    assert_eq!(real(&instruments, "reliability"), [None]);
    // By competency and theme: a theme is called a metric, then a programme.
    public.tables[0].dimensions[1] = "metric".to_owned();
    public.glossary.metrics[0].label.id = "voice".to_owned();
    let metrics = read_of(&public, "dim_metric.parquet");
    assert_eq!(texts(&metrics, "metric"), ["voice"]);
    assert_eq!(texts(&metrics, "unit"), ["days"]);
    assert_eq!(real(&metrics, "clip_high"), [Some(60.0)]);
    let better = metrics.column_by_name("higher_is_better").expect("there");
    let better: &BooleanArray = better.as_any().downcast_ref().expect("yes or no");
    assert!(!better.value(0));
    public.tables[0].dimensions[1] = "programme".to_owned();
    public.glossary.programmes[0].label.id = "voice".to_owned();
    let programmes = read_of(&public, "dim_programme.parquet");
    assert_eq!(texts(&programmes, "label"), ["Lead"]);
    let day = programmes.column_by_name("starts_on").expect("there");
    let day: &Date32Array = day.as_any().downcast_ref().expect("days");
    assert_eq!(day.value(0), 19_737);
}

#[test]
fn hidden_units_are_labels_only_and_closed_ones_nothing() {
    let (noisy, public) = fixture::release();
    let files = encode(&noisy, &public);
    let facts = read(&files, FACTS);
    assert!(
        !texts(&facts, "org_unit")
            .iter()
            .any(|id| id == "tiny" || id == "north")
    );
    let units = texts(&read(&files, "dim_org_unit.parquet"), "org_unit");
    assert_eq!(
        units,
        ["acme", "(other units) acme", "north", "south", "tiny"]
    );
    // Neither stands in the bytes of the table, compressed or not.
    let plain = parquet_file::write(&facts, &[]);
    for (name, bytes) in &files.tables {
        let has = |text: &str| {
            bytes
                .windows(text.len())
                .any(|window| window == text.as_bytes())
        };
        assert!(!has(fixture::CLOSED), "{name}");
        assert!(
            name == "dim_org_unit.parquet" || !has(fixture::HIDDEN),
            "{name}"
        );
    }
    assert!(!plain.windows(6).any(|window| window == b"Hidden"));
}

#[test]
fn plain_pages_one_row_group_and_no_foreign_schema() {
    let (noisy, public) = fixture::release();
    for (name, bytes) in encode(&noisy, &public).tables {
        let file =
            parquet::file::serialized_reader::SerializedFileReader::new(bytes::Bytes::from(bytes));
        let file = file.expect("readable");
        let meta = parquet::file::reader::FileReader::metadata(&file).clone();
        let rows = meta.file_metadata().num_rows();
        assert_eq!(meta.num_row_groups(), usize::from(rows > 0), "{name}");
        let groups = meta.row_groups().iter();
        assert!(groups.flat_map(RowGroup::columns).all(|column| {
            column.dictionary_page_offset().is_none()
                && matches!(column.compression(), parquet::basic::Compression::ZSTD(_))
        }));
        let created_by = meta.file_metadata().created_by().map(str::to_owned);
        assert_eq!(created_by, Some(format!("lodestar {ENGINE_VERSION}")));
        let keys = meta
            .file_metadata()
            .key_value_metadata()
            .cloned()
            .unwrap_or_default();
        assert!(keys.iter().all(|pair| pair.key.starts_with("lodestar.")));
        let has = |key: &str| keys.iter().any(|pair| pair.key == key);
        assert!(has("lodestar.guarantee.promise") && has("lodestar.privacy.epsilon_release"));
    }
}

#[test]
fn a_table_without_rows_keeps_its_schema() {
    let (mut noisy, public) = fixture::release();
    for level in &mut noisy.kinds[0].levels {
        level.cohorts.clear();
    }
    for level in &mut noisy.blocks[0].levels {
        level.cells.clear();
    }
    let files = encode(&noisy, &public);
    let facts = read(&files, FACTS);
    assert_eq!(facts.num_rows(), 0);
    assert_eq!(
        describe(&facts.schema()),
        schema::facts(&public.tables[0].dimensions, &[], &COUNTED)
    );
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("manifest.json"), &files.manifest).expect("written");
    for (name, bytes) in &files.tables {
        std::fs::write(dir.path().join(name), bytes).expect("written");
    }
    let report = verify(dir.path()).expect("readable");
    assert!(report.passed(), "{:?}", report.findings);
}

#[test]
fn numbers_of_another_shape_are_left_out_without_a_panic() {
    let (mut noisy, public) = fixture::release();
    noisy.blocks[0].levels[1].level = 7;
    noisy.blocks[0].levels[0].cells[0].extend([1, 2, 3]);
    noisy.kinds[0].levels[1].cohorts[0].group = Group::Unit(99);
    assert_eq!(read(&encode(&noisy, &public), FACTS).num_rows(), 3);
    noisy.blocks.clear();
    assert_eq!(read(&encode(&noisy, &public), FACTS).num_rows(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever is drawn: every number is finite, and the release verifies.
    #[test]
    fn any_draw_makes_a_release_that_verifies(
        sizes in proptest::collection::vec(any::<i32>(), 3),
        counts in proptest::collection::vec(any::<i32>(), 9),
        sigma in prop_oneof![1e-6..1e3, Just(1e12)],
    ) {
        let (mut noisy, public) = fixture::release();
        let mut sizes = sizes.into_iter().map(i64::from);
        let mut counts = counts.into_iter().map(i64::from);
        for level in &mut noisy.kinds[0].levels {
            level.size = fixture::noise(1.0, sigma);
            level.cohorts.iter_mut().for_each(|c| c.size = sizes.next().unwrap_or(0));
        }
        for level in &mut noisy.blocks[0].levels {
            level.noise = fixture::noise(2.0, sigma);
            level.cells.iter_mut().flatten().for_each(|n| *n = counts.next().unwrap_or(0));
        }
        noisy.cost.rho_micro = fixture::rho_micro(&noisy);
        let dir = tempfile::tempdir().expect("a folder");
        let files = encode(&noisy, &public);
        std::fs::write(dir.path().join("manifest.json"), &files.manifest).expect("written");
        for (name, bytes) in &files.tables {
            std::fs::write(dir.path().join(name), bytes).expect("written");
        }
        let report = verify(dir.path()).expect("readable");
        prop_assert!(report.passed(), "{:?}", report.findings);
    }
}
