//! Wide tables, in every format.

use std::sync::Arc;

use ::parquet::arrow::ArrowWriter;
use arrow::array::{ArrayRef, BooleanArray, Float64Array, RecordBatch, StringArray};

use super::*;
use crate::config::Unpivot;
use crate::ingest::PeriodFacts;

/// A fixture whose columns `a` and `b` stand for values of `into`.
fn wide(into: &str, values: [&str; 2]) -> Fixture {
    let mut fixture = Fixture::assessed();
    let source = fixture.project.sources.assessments.as_mut();
    let source = source.expect("assessments");
    let column = |(from, value): (&str, &str)| {
        let mut mapping = Mapping::of(from);
        mapping.map = [
            ("never".to_owned(), "1".to_owned()),
            ("-".to_owned(), String::new()),
        ]
        .into();
        (mapping, value.to_owned())
    };
    source.unpivot = Some(Unpivot {
        into: into.to_owned(),
        columns: ["a", "b"].into_iter().zip(values).map(column).collect(),
    });
    for (column, value) in [
        ("competency", "focus"),
        ("assessed_on", "2025-02-03"),
        ("instrument", "pulse"),
    ] {
        if column != into {
            source.defaults.insert(column.to_owned(), value.to_owned());
        }
    }
    fixture
}

/// (item or competency, score) of the answers or levels of the first quarter.
fn facts(intake: &Whole) -> &PeriodFacts {
    &intake.periods[0]
}

fn answers(intake: &Whole) -> Vec<(u32, u16, u32)> {
    let answers = facts(intake).answers.iter();
    answers.map(|a| (a.member, a.item, a.score)).collect()
}

/// Ana says 2 and 4, Bob nothing and 1, the third nobody's row is whole.
const CSV: &str = "subject_id,a,b,score,item\nana,2,4,x,y\nbob,-,never,,\neve,,,,\n";

fn parquet() -> Vec<u8> {
    let text = |cells: [Option<&str>; 3]| -> ArrayRef {
        Arc::new(cells.into_iter().collect::<StringArray>())
    };
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("subject_id", text([Some("ana"), Some("bob"), Some("eve")])),
        (
            "a",
            Arc::new(Float64Array::from(vec![Some(2.0), None, None])),
        ),
        ("b", text([Some("4"), Some("never"), None])),
        // What the file calls so is none of ours.
        ("score", Arc::new(BooleanArray::from(vec![true; 3]))),
    ];
    let batch = RecordBatch::try_from_iter(columns).expect("a batch");
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).expect("a writer");
    writer.write(&batch).expect("written");
    writer.close().expect("closed");
    bytes
}

#[test]
fn every_format_is_taken_apart_alike() {
    let ndjson = "{\"subject_id\":\"ana\",\"a\":2,\"b\":\"4\",\"score\":{}}\n\
                  {\"subject_id\":\"bob\",\"a\":null,\"b\":\"never\"}\n{\"subject_id\":\"eve\"}\n";
    let files: [(&str, Vec<u8>); 3] = [
        ("assessments.csv", CSV.into()),
        ("assessments.ndjson", ndjson.into()),
        ("assessments.parquet", parquet()),
    ];
    let mut all = Vec::new();
    for (name, bytes) in files {
        let fixture = wide("item", ["q1", "q2"]);
        fixture.put(name, bytes);
        let intake = fixture.read(&["2025-Q1"]);
        // Of Eve, who is unknown, there is no cell, and so no row.
        assert_eq!(totals(&intake, "assessments"), [3, 3, 0, 0], "{name}");
        all.push(answers(&intake));
    }
    let mut scores: Vec<_> = all[0]
        .iter()
        .map(|(_, item, score)| (*item, *score))
        .collect();
    scores.sort_unstable();
    assert_eq!(scores, [(0, 16_384), (1, 0), (1, 49_152)]);
    assert!(all.iter().all(|answers| *answers == all[0]));
}

#[test]
fn the_quarantine_names_the_wide_row_and_column() {
    let fixture = wide("item", ["q1", "q3"]);
    fixture.put(
        "assessments.csv",
        "subject_id,a,b\nana,6,4\nana,canary,\neve,2,-\nana,1\nana,3,-\n",
    );
    let intake = fixture.read(&[]);
    let expected = [
        (1, "a", "range"),
        // What `b` stands for is no item of the instrument.
        (1, "b", "undeclared"),
        (2, "a", "number"),
        (3, "subject_id", "no_person"),
        (4, "", "field_count"),
    ];
    assert_eq!(faults(&intake, "assessments"), expected);
    assert_eq!(totals(&intake, "assessments"), [6, 1, 0, 5]);
    assert!(!format!("{intake:?}").contains("canary"));
}

#[test]
fn columns_may_stand_for_competencies_groups_and_waves() {
    let fixture = wide("competency", ["focus", "courage"]);
    fixture.put("assessments.csv", "subject_id,a,b\nana,2,4\n");
    let intake = fixture.read(&["2025-Q1"]);
    let levels = facts(&intake).levels.iter();
    let levels: Vec<_> = levels.map(|l| (l.competency, l.level)).collect();
    assert_eq!(levels, [(0, 49_152), (1, 16_384)]);
    let fixture = wide("rater_group", ["self", "manager"]);
    fixture.put("assessments.csv", "subject_id,a,b\nana,2,4\n");
    let intake = fixture.read(&["2025-Q1"]);
    assert_eq!(facts(&intake).ratings[0].gap, -32_768);
    let fixture = wide("wave", ["baseline", "follow_up"]);
    fixture.put("assessments.csv", "subject_id,a,b\nana,2,4\nana,,5\n");
    let intake = fixture.read(&["2025-Q1"]);
    assert_eq!(totals(&intake, "assessments"), [3, 2, 1, 0]);
}

#[test]
fn a_file_without_a_wide_column_is_refused() {
    for (name, bytes) in [
        ("assessments.csv", Vec::from("subject_id,a\nana,canary\n")),
        ("assessments.parquet", {
            let fixture = parquet();
            fixture[..fixture.len() / 2].to_vec()
        }),
    ] {
        let fixture = wide("item", ["q1", "q2"]);
        fixture.put(name, bytes);
        let refusal = fixture.refusal();
        let said = refusal.contains("column \"b\": is missing") && refusal.contains("`unpivot`");
        assert!(
            said || refusal.contains("not a readable Parquet file"),
            "{refusal}"
        );
    }
}
