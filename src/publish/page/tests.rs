mod decode;
mod injection;
mod world;

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type};
use serde_json::Value;

use super::*;
use crate::publish::{current, fixture, write};
use decode::Row;
pub(super) use decode::inflated;
use world::{Files, World};

/// The page of some files.
fn made(files: &Files) -> Result<Vec<u8>, PageError> {
    let files: Vec<_> = files
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
        .collect();
    page(&files)
}

#[test]
fn the_template_has_each_place_once_and_in_order() {
    for place in [TITLE, DATA] {
        let found = TEMPLATE.matches(place).count();
        assert_eq!(found, 1, "web/dist/page.html must hold {place} once");
    }
    let place = |place| TEMPLATE.find(place);
    assert!(place(TITLE) < place(DATA), "the title stands in the head");
}

/// A cell as a number.
fn number(batch: &RecordBatch, name: &str, row: usize) -> Option<f64> {
    let column = batch.column_by_name(name).expect(name);
    let days = if column.data_type() == &DataType::Date32 {
        cast(column, &DataType::Int32).expect("days")
    } else {
        column.clone()
    };
    let numbers = cast(&days, &DataType::Float64).expect("numbers");
    let numbers = numbers.as_primitive::<Float64Type>();
    numbers.is_valid(row).then(|| numbers.value(row))
}

fn text<'a>(batch: &'a RecordBatch, name: &str, row: usize) -> Option<&'a str> {
    let column = batch.column_by_name(name).expect(name).as_string::<i32>();
    column.is_valid(row).then(|| column.value(row))
}

/// Every row of a batch is in the page, each cell at its digits, no interval
/// narrower, and nothing else is.
fn assert_holds(page: &decode::Page, table: &Value, batch: &RecordBatch, key: &[&str]) {
    let name = table["name"].as_str().expect("a name");
    let levels = page.rows.iter().filter(|((table, _), _)| table == name);
    let rows: Vec<&Row> = levels.flat_map(|(_, rows)| rows).collect();
    assert_eq!(rows.len(), batch.num_rows());
    let of = |row: &Row| -> Vec<String> {
        let cells = key.iter().map(|column| row[*column].as_str());
        cells.map(|cell| cell.expect("a word").to_owned()).collect()
    };
    let places = rows.iter().map(|row| (of(row), *row));
    let places: std::collections::HashMap<Vec<String>, &Row> = places.collect();
    assert_eq!(places.len(), rows.len(), "keys are unique");
    for at in 0..batch.num_rows() {
        let key = key.iter().map(|column| text(batch, column, at));
        let key: Vec<String> = key.map(|cell| cell.expect("a key").to_owned()).collect();
        let row = places[&key];
        let mut digits = 0;
        for column in table["columns"].as_array().expect("columns") {
            let name = column["name"].as_str().expect("a name");
            let cell = &row[name];
            if column["kind"] == "word" {
                assert_eq!(cell.as_str(), text(batch, name, at), "{name}");
                continue;
            }
            if column["kind"] == "number" || column["kind"] == "date" {
                digits = column["digits"].as_i64().unwrap_or(0);
            }
            let (shown, stated) = (cell.as_f64(), number(batch, name, at));
            assert_eq!(shown.is_some(), stated.is_some(), "{name}");
            let (Some(shown), Some(stated)) = (shown, stated) else {
                continue;
            };
            let unit = 10_f64.powi(-digits as i32);
            let slack = 2e-6 * unit;
            let fits = match column["kind"].as_str() {
                Some("low") => (stated - unit..=stated + slack).contains(&shown),
                Some("high") => (stated - slack..=stated + unit).contains(&shown),
                _ => (shown - stated).abs() <= unit / 2.0 + slack,
            };
            assert!(fits, "{name}: {stated} is shown as {shown}");
        }
    }
}

#[test]
fn every_number_comes_back_as_stated() {
    let world = World::new(23, 3, 4);
    let page = decode::page(&made(&world.files()).expect("a page"));
    let table = &page.head["tables"][0];
    assert_holds(
        &page,
        table,
        &world.facts(),
        &["org_unit", "period", "metric"],
    );
    let columns = table["columns"].as_array().expect("columns").iter();
    let columns: Vec<(&str, &str, Option<i64>)> = columns
        .map(|column| {
            let text = |field: &str| column[field].as_str().expect("text");
            (text("name"), text("kind"), column["digits"].as_i64())
        })
        .collect();
    // A metric 20 wide has 1,000 steps of a hundredth.
    let expected = [
        ("period", "word", None),
        ("org_unit", "word", None),
        ("metric", "word", None),
        ("cohort", "number", Some(0)),
        ("cohort_low", "low", None),
        ("cohort_high", "high", None),
        ("cohort_not", "number", Some(0)),
        ("cohort_not_low", "low", None),
        ("cohort_not_high", "high", None),
        ("share", "number", Some(3)),
        ("share_low", "low", None),
        ("share_high", "high", None),
        ("mean", "number", Some(2)),
        ("mean_low", "low", None),
        ("mean_high", "high", None),
        ("mean_status", "word", None),
        ("z", "number", Some(1)),
        ("by", "date", None),
        ("by_low", "low", None),
        ("by_high", "high", None),
        ("tipping", "word", None),
        ("status", "word", None),
    ];
    assert_eq!(columns, expected);
    let levels = serde_json::json!([
        {"level": 0, "rows": 12, "brief": false},
        {"level": 1, "rows": 276, "brief": false},
    ]);
    assert_eq!(table["levels"], levels);
}

#[test]
fn a_level_of_many_rows_leaves_out_what_says_little() {
    let world = World::new(23, 3, 4);
    let files = world.files();
    let files: Vec<_> = files
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
        .collect();
    let whole = decode::page(&page_with(&files, 277).expect("a page"));
    let brief = decode::page(&page_with(&files, 276).expect("a page"));
    let levels = |page: &decode::Page| page.head["tables"][0]["levels"].clone();
    assert_eq!(levels(&whole)[1]["brief"], false);
    assert_eq!(levels(&brief)[0]["brief"], false);
    assert_eq!(levels(&brief)[1]["brief"], true);
    let level = |at: i64| ("everything".to_owned(), at);
    assert_eq!(whole.rows[&level(0)], brief.rows[&level(0)]);
    let (mut kept, mut left_out) = (0, 0);
    let mut statuses: BTreeMap<&str, u64> = BTreeMap::new();
    for (all, few) in whole.rows[&level(1)].iter().zip(&brief.rows[&level(1)]) {
        let holds_zero =
            all["mean_low"].as_f64() <= Some(0.0) && Some(0.0) <= all["mean_high"].as_f64();
        for (name, cell) in few {
            let left_out =
                name == "z" || name == "mean_status" || (name.starts_with("mean") && holds_zero);
            if left_out {
                assert_eq!(cell, &Value::Null, "{name}");
            } else {
                assert_eq!(cell, &all[name], "{name}");
            }
        }
        kept += usize::from(!few["mean"].is_null());
        left_out += usize::from(!all["mean"].is_null() && few["mean"].is_null());
        if few["mean"].is_null() {
            *statuses
                .entry(all["mean_status"].as_str().expect("a status"))
                .or_default() += 1;
        }
    }
    // Why numbers are missing is told all the same, if not of which rows.
    let counted = serde_json::json!({ "mean": statuses });
    assert_eq!(levels(&brief)[1]["left_out"], counted);
    assert!(
        statuses["ok"] == left_out as u64 && statuses.len() > 1,
        "{statuses:?}"
    );
    assert_eq!(levels(&brief)[0]["left_out"], Value::Null);
    assert!(
        kept > 50 && left_out > 5,
        "{kept} kept, {left_out} left out"
    );
}

#[test]
fn units_of_which_there_are_sizes_alone_are_told() {
    let world = World::new(23, 1, 1);
    let told = |facts: &RecordBatch| {
        let page = decode::page(&made(&world.files_with(facts)).expect("a page"));
        page.head["tables"][0]["sizes_alone"].clone()
    };
    let facts = world.facts();
    let rows = 0..facts.num_rows();
    let sizes: Vec<usize> = rows
        .clone()
        .filter(|row| number(&facts, "share", *row).is_none())
        .collect();
    assert!(!sizes.is_empty() && sizes.len() < 20, "{sizes:?}");
    // One row a unit, in the order of the words.
    assert_eq!(told(&facts), serde_json::json!(sizes));
    // Another statistic is one, too.
    let without = ["share", "share_low", "share_high"];
    let others = without
        .iter()
        .fold(facts, |facts, name| self::without(&facts, name, None));
    assert_eq!(told(&others), serde_json::json!(sizes));
    let mut given = rows.filter(|row| !sizes.contains(row));
    let given = given.next().expect("a row");
    assert_eq!(told(&world.facts().slice(given, 1)), Value::Null);
}

#[test]
fn words_and_rows_are_in_order_and_labels_the_newest() {
    let world = World::new(11, 2, 3);
    let page = decode::page(&made(&world.files()).expect("a page"));
    let columns = &page.head["tables"][0]["columns"];
    // In order of time, not of names; units as the table of units has them.
    assert_eq!(columns[0]["words"], serde_json::json!(["P9", "P8", "P7"]));
    let units = columns[1]["words"].as_array().expect("words");
    assert_eq!(
        (&units[0], &units[2], &units[11]),
        (&"u0".into(), &"u2".into(), &"u11".into())
    );
    assert_eq!(columns[1]["labels"][2], "Unit 1");
    assert_eq!(
        columns[2]["labels"],
        serde_json::json!(["Metric 0", "Metric 1"])
    );
    assert_eq!(columns[20]["labels"], Value::Null);
    let rows = &page.rows[&("everything".to_owned(), 1)];
    let place = |row: &Row| {
        ["org_unit", "period", "metric"].map(|name| {
            let column = columns.as_array().expect("columns").iter();
            let mut column = column.filter(|column| column["name"] == name);
            let words = column.next().expect(name)["words"]
                .as_array()
                .expect("words");
            words.iter().position(|word| *word == row[name])
        })
    };
    assert!(rows.iter().map(place).collect::<Vec<_>>().is_sorted());
}

#[test]
fn a_release_comes_back_through_current() {
    let quarters: Vec<Files> = (1..=3)
        .map(|n| fixture::files(|_, public| fixture::quarter(public, n, 0)))
        .collect();
    let ids = ["2024-Q1", "2024-Q2", "2024-Q3"];
    let stored = ids.iter().zip(&quarters);
    let stored: Vec<_> = stored
        .map(|(id, files)| write::Stored { id, files })
        .collect();
    let files = current::build(&stored).expect("built");
    let bytes = |name: &str| &files.iter().find(|(file, _)| file == name).expect(name).1;
    let page = decode::page(bytes(PAGE));
    let table = &page.head["tables"][0];
    let facts = parquet_file::read(bytes("theme_prevalence.parquet")).expect("readable");
    let key = ["org_unit", "period", "competency", "theme"];
    assert_holds(&page, table, &facts.batch, &key);
    assert_eq!(table["question"], "What comes up in coaching?");
    assert_eq!(table["others"], serde_json::json!([]));
    let head = &page.head;
    assert_eq!((&head["format"], &head["k"]), (&1.into(), &10.into()));
    assert_eq!(
        (&head["synthetic"], &head["coalition"]),
        (&false.into(), &1.into())
    );
    assert_eq!(head["newest_release"], "2024-Q3");
    assert_eq!(
        head["north_star"]["where"],
        "Become \"self_sha256\": \"agile\""
    );
    assert_eq!(head["releases"].as_array().map(Vec::len), Some(3));
    assert!(
        head["guarantee"]["promise"]
            .as_str()
            .is_some_and(|text| text.contains("k = 10"))
    );
    assert_eq!(
        head["guarantee"]["exclusions"].as_array().map(Vec::len),
        Some(7)
    );
    let periods = &head["dimensions"]["dim_period"];
    assert_eq!(periods["rows"][1][1], "2024-04-01");
    assert_eq!(head["dimensions"]["dim_noise"], Value::Null);
    assert_eq!(
        head["dimensions"]["dim_bound"]["rows"]
            .as_array()
            .map(Vec::len),
        Some(3)
    );
    assert_eq!(
        head["dimensions"]["dim_org_unit"]["rows"][0][2],
        Value::Null
    );
}

#[test]
fn what_a_revision_supersedes_is_told_and_not_shown() {
    let quarters = [(1, 0), (2, 0), (2, 1), (2, 2)];
    let quarters = quarters
        .map(|(n, revision)| fixture::files(|_, public| fixture::quarter(public, n, revision)));
    let ids = ["2024-Q1", "2024-Q2", "2024-Q2-r1", "2024-Q2-r2"];
    let stored = ids.iter().zip(&quarters);
    let stored: Vec<_> = stored
        .map(|(id, files)| write::Stored { id, files })
        .collect();
    let of = |stored: &[write::Stored<'_>]| {
        let files = current::build(stored).expect("built");
        let page = files.iter().find(|(file, _)| file == PAGE).expect("made");
        decode::page(&page.1)
    };
    let page = of(&stored);
    let listed = |page: &decode::Page, key: &str| -> Vec<String> {
        let all = page.head[key].as_array().into_iter().flatten();
        all.map(|release| release["release_id"].as_str().expect("an id").to_owned())
            .collect()
    };
    assert_eq!(listed(&page, "releases"), ["2024-Q1", "2024-Q2-r2"]);
    assert_eq!(listed(&page, "superseded"), ["2024-Q2", "2024-Q2-r1"]);
    let rows = |page: &decode::Page| page.rows.values().map(Vec::len).sum::<usize>();
    let newest = of(&[stored[0], stored[3]]);
    assert_eq!(newest.head["superseded"], Value::Null);
    assert_eq!(rows(&page), rows(&newest));
}

#[test]
fn the_page_follows_from_its_tables_alone() {
    let world = World::new(40, 3, 6);
    let files = world.files();
    let page = made(&files).expect("a page");
    for threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let again = pool.expect("threads").install(|| made(&files));
        assert!(again.expect("a page") == page, "{threads} threads");
    }
    let mut turned = files;
    turned.reverse();
    turned.push(("notes.parquet".to_owned(), b"mine".to_vec()));
    turned.push(("manifest.json".to_owned(), b"{}".to_vec()));
    assert!(made(&turned).expect("a page") == page);
}

#[test]
fn a_table_without_rows_keeps_its_columns() {
    let world = World::new(2, 1, 1);
    let none = world.facts().slice(0, 0);
    let page = decode::page(&made(&world.files_with(&none)).expect("a page"));
    let table = &page.head["tables"][0];
    assert_eq!(table["levels"], serde_json::json!([]));
    assert_eq!(table["columns"].as_array().map(Vec::len), Some(22));
    assert!(page.rows.is_empty());
}

/// One column replaced by nothing, as it is or of another type.
fn without(batch: &RecordBatch, name: &str, of: Option<&DataType>) -> RecordBatch {
    let columns = batch.schema();
    let fields = columns.fields().iter().zip(batch.columns());
    let columns = fields.map(|(field, column)| {
        let of = of.unwrap_or(field.data_type());
        let emptied = arrow::array::new_null_array(of, batch.num_rows());
        let column = if field.name() == name {
            emptied
        } else {
            column.clone()
        };
        (field.name().clone(), column, true)
    });
    RecordBatch::try_from_iter_with_nullable(columns).expect("a batch")
}

#[test]
fn tables_that_are_not_whole_are_refused() {
    let world = World::new(3, 1, 2);
    let files = world.files();
    let error = |files: &Files| made(files).expect_err("refused").to_string();
    for (at, (name, _)) in files.iter().enumerate() {
        let mut fewer = files.clone();
        fewer.remove(at);
        if ["dim_noise.parquet", "dim_bound.parquet"].contains(&name.as_str()) {
            made(&fewer).expect("not needed");
            continue;
        }
        assert!(
            error(&fewer).starts_with(&format!("{name} is missing")),
            "{name}"
        );
        let mut torn = files.clone();
        let half = torn[at].1.len() / 2;
        torn[at].1.truncate(half);
        assert_eq!(
            error(&torn),
            format!("{name}: is not a readable Parquet file")
        );
        let mut other = World::new(3, 1, 2);
        other.organisation = "Another".to_owned();
        let mut mixed = files.clone();
        mixed[at] = other.files().swap_remove(at);
        assert!(error(&mixed).contains("is of another `current/`"), "{name}");
    }
    let release = fixture::files(|_, _| ());
    assert!(error(&release).starts_with("the tables are those of one release"));
}

#[test]
fn cells_that_no_release_makes_are_refused() {
    let world = World::new(3, 1, 2);
    let facts = world.facts();
    let error = |facts: &RecordBatch| {
        let files = world.files_with(facts);
        made(&files).expect_err("refused").to_string()
    };
    for column in ["share", "share_low", "share_high", "by_high"] {
        let said = error(&without(&facts, column, None));
        assert!(said.starts_with("everything.parquet: column "), "{said}");
        assert!(said.contains("an end of an interval alone"), "{said}");
    }
    assert!(error(&without(&facts, "org_level", None)).contains("org_level has no level"));
    for key in ["org_unit", "metric"] {
        let said = error(&without(&facts, key, Some(&DataType::Int64)));
        assert!(
            said.contains(&format!("column {key} is missing, or of another type")),
            "{said}"
        );
    }
    let small = World::new(2, 1, 2);
    let said = made(&small.files_with(&facts))
        .expect_err("refused")
        .to_string();
    assert!(
        said.contains("holds a unit that dim_org_unit lacks"),
        "{said}"
    );
    let small = World::new(3, 1, 1);
    let said = made(&small.files_with(&facts))
        .expect_err("refused")
        .to_string();
    assert!(
        said.contains("holds a period that dim_period lacks"),
        "{said}"
    );
}
