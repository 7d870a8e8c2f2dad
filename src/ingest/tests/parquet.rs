//! Parquet: types, lists, damage.

use std::sync::Arc;

use ::parquet::arrow::ArrowWriter;
use arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, DictionaryArray,
    Float64Array, Int8Array, Int64Array, ListBuilder, RecordBatch, StringArray, StringBuilder,
    StructArray, TimestampMicrosecondArray, TimestampMillisecondArray,
};
use arrow::datatypes::{DataType, Field, Int32Type};

use super::*;

fn lists(rows: &[Option<&[&str]>]) -> ArrayRef {
    let mut builder = ListBuilder::new(StringBuilder::new());
    for row in rows {
        for item in row.iter().flat_map(|items| items.iter()) {
            builder.values().append_value(item);
        }
        builder.append(row.is_some());
    }
    Arc::new(builder.finish())
}

pub(super) fn columns() -> Vec<(&'static str, ArrayRef)> {
    vec![
        ("session_id", Arc::new(Int64Array::from(vec![1, 2, 3]))),
        (
            "coachee_id",
            Arc::new(StringArray::from(vec![Some("ana"), Some("bob"), None])),
        ),
        (
            "coach_id",
            Arc::new(StringArray::from(vec!["canary", "c2", "c1"])),
        ),
        (
            "held_on",
            Arc::new(Date32Array::from(vec![20_122, 20_122, 20_122])),
        ),
        (
            "minutes",
            Arc::new(Float64Array::from(vec![45.5, 60.0, 60.0])),
        ),
        (
            "competency",
            lists(&[Some(&["focus", "courage"]), Some(&["courage"]), None]),
        ),
        (
            "themes",
            lists(&[None, Some(&["doubt", "luck"]), Some(&[])]),
        ),
        (
            "updated_at",
            Arc::new(TimestampMillisecondArray::from(vec![None, Some(5), None])),
        ),
    ]
}

pub(super) fn encode(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter(columns).expect("a batch");
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).expect("a writer");
    writer.write(&batch).expect("written");
    writer.close().expect("closed");
    bytes
}

fn with(name: &'static str, column: ArrayRef) -> Vec<u8> {
    let mut columns = columns();
    columns.retain(|(known, _)| *known != name);
    columns.push((name, column));
    encode(columns)
}

#[test]
fn parquet_and_csv_say_the_same() {
    let fixture = Fixture::new();
    fixture.put("sessions.parquet", encode(columns()));
    let a = fixture.read(&["2025-Q1"]);
    assert_eq!(faults(&a, "sessions"), [(3, "coachee_id", "missing")]);
    fs::remove_file(fixture.dir.path().join("sessions.parquet")).expect("removed");
    fixture.put(
        "sessions.csv",
        format!(
            "{HEAD}1,ana,canary,2025-02-03,45.5,focus;courage,,,,\n\
             2,bob,c2,2025-02-03,60,courage,doubt;luck,,,1970-01-01T00:00:00.005Z\n,,,,,,,,,\n"
        ),
    );
    let b = fixture.read(&["2025-Q1"]);
    assert!(a.periods == b.periods && a.periods[0].sessions.len() == 2);
    assert_eq!((a.unknown_themes, b.unknown_themes), (1, 1));
}

#[test]
fn usable_types_are_used() {
    let fixture = Fixture::new();
    let texts = |texts: [&str; 3]| -> ArrayRef { Arc::new(StringArray::from(texts.to_vec())) };
    let noon = 20_122 * 86_400_000_000 + 43_200_000_000;
    let zoned = TimestampMicrosecondArray::from(vec![noon; 3]).with_timezone("+05:00");
    let categories: DictionaryArray<Int32Type> =
        ["focus", "courage", "focus"].into_iter().collect();
    for (name, column) in [
        ("held_on", texts(["2025-02-03", "2025-02-03", "2025-02-03"])),
        (
            "held_on",
            Arc::new(TimestampMicrosecondArray::from(vec![noon; 3])),
        ),
        ("held_on", Arc::new(zoned)),
        ("minutes", texts(["45.5", "60", "60"])),
        ("minutes", Arc::new(Int64Array::from(vec![45, 60, 60]))),
        ("minutes", Arc::new(Int8Array::from(vec![45, 60, 60]))),
        ("competency", texts(["focus;courage", "courage", ""])),
        ("competency", Arc::new(categories)),
        // Columns that are not ours may be of any type.
        (
            "note",
            Arc::new(BinaryArray::from_vec(vec![b"a", b"b", b"c"])),
        ),
        ("price", Arc::new(Decimal128Array::from(vec![1, 2, 3]))),
        (
            "nested",
            Arc::new(StructArray::from(vec![(
                Arc::new(Field::new("x", DataType::Boolean, false)),
                Arc::new(BooleanArray::from(vec![true; 3])) as ArrayRef,
            )])),
        ),
    ] {
        let kind = format!("{name} {:?}", column.data_type());
        fixture.put("sessions.parquet", with(name, column));
        let intake = fixture.read(&["2025-Q1"]);
        assert_eq!(totals(&intake, "sessions"), [3, 2, 0, 1], "{kind}");
    }
    let nan = Arc::new(Float64Array::from(vec![f64::NAN, f64::INFINITY, 1.0]));
    fixture.put("sessions.parquet", with("minutes", nan));
    let intake = fixture.read(&[]);
    let found = faults(&intake, "sessions");
    assert_eq!(
        found[..2],
        [(1, "minutes", "number"), (2, "minutes", "number")]
    );
    let far = Arc::new(Date32Array::from(vec![i32::MAX, i32::MIN, 0]));
    fixture.put("sessions.parquet", with("held_on", far));
    let intake = fixture.read(&[]);
    let found = faults(&intake, "sessions");
    assert_eq!(
        found[..2],
        [(1, "held_on", "range"), (2, "held_on", "range")]
    );
}

#[test]
fn unusable_types_and_missing_columns_are_refused() {
    let fixture = Fixture::new();
    let flags = || -> ArrayRef { Arc::new(BooleanArray::from(vec![true; 3])) };
    let decimals = || -> ArrayRef { Arc::new(Decimal128Array::from(vec![1, 2, 3])) };
    for (name, column) in [
        ("minutes", flags()),
        ("minutes", decimals()),
        ("coachee_id", Arc::new(Float64Array::from(vec![1.0; 3]))),
        ("held_on", Arc::new(Int64Array::from(vec![1; 3]))),
        ("mode", lists(&[None, None, None])),
        (
            "coach_id",
            Arc::new(BinaryArray::from_vec(vec![b"a", b"b", b"c"])),
        ),
    ] {
        fixture.put("sessions.parquet", with(name, column));
        let refusal = fixture.refusal();
        assert!(
            refusal.contains(name) && refusal.contains("of type"),
            "{refusal}"
        );
    }
    let mut columns = columns();
    columns.retain(|(name, _)| *name != "minutes");
    fixture.put("sessions.parquet", encode(columns));
    let refusal = fixture.refusal();
    assert!(
        refusal.contains("\"minutes\"") && refusal.contains("is missing"),
        "{refusal}"
    );
}

#[test]
fn damaged_files_are_refused_by_name() {
    let fixture = Fixture::new();
    let whole = encode(columns());
    for length in (0..whole.len()).step_by(37).chain([whole.len() - 1]) {
        fixture.put("sessions.parquet", &whole[..length]);
        let refusal = fixture.refusal();
        assert!(refusal.contains("sessions.parquet"), "{refusal}");
    }
    // Damage in the middle: refused, or counted; never more.
    for at in (4..whole.len()).step_by(11) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0xff;
        fixture.put("sessions.parquet", &bytes);
        match fixture.try_read(&["2025-Q1"]) {
            Ok(intake) => reconcile(&intake),
            Err(error) => assert!(!format!("{error} {error:?}").contains("canary")),
        }
    }
}

#[test]
fn long_files_are_read_in_slices() {
    let fixture = Fixture::new();
    let rows = 150_001;
    let repeat = |text: &str| -> ArrayRef { Arc::new(StringArray::from(vec![text; rows])) };
    let bytes = encode(vec![
        (
            "session_id",
            Arc::new(Int64Array::from_iter_values(0..rows as i64)),
        ),
        ("coachee_id", repeat("ana")),
        ("coach_id", repeat("c1")),
        ("held_on", repeat("2025-02-03")),
        ("minutes", Arc::new(Int64Array::from(vec![60; rows]))),
        (
            "competency",
            lists(&vec![Some(&["focus", "courage"] as &[&str]); rows]),
        ),
    ]);
    fixture.put("sessions.parquet", bytes);
    let intake = fixture.read(&["2025-Q1"]);
    assert_eq!(
        totals(&intake, "sessions"),
        [rows as u64, rows as u64, 0, 0]
    );
    assert!(
        intake.periods[0]
            .sessions
            .iter()
            .all(|s| intake.periods[0].competencies(s) == [1, 0])
    );
}
