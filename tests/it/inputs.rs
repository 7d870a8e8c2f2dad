//! Exit 3: input that must not be used. Nothing is published, nothing charged.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use arrow::array::{Array as _, RecordBatch, StringArray, UInt64Array};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::support::{HEADER, Project, tiny_sessions};

/// `check` and `run` refuse, saying all of this; nothing is published, nothing
/// charged, and `status.json` says why.
#[track_caller]
fn refused(project: &Project, words: &[&str]) {
    project.lodestar("check").refused(3, words);
    let output = project.lodestar("run").refused(3, words);
    assert_eq!(output.stdout, "");
    assert_eq!(project.status()["outcome"], output.error());
    assert!(project.releases().is_empty() && !project.path("published/current").exists());
    assert!(project.charges().is_empty());
}

/// The tiny project with its first `bad` sessions replaced.
fn with_bad_rows(bad: usize, worsen: impl Fn(&str) -> String) -> Project {
    let project = Project::tiny();
    let mut rows = tiny_sessions();
    for row in &mut rows[..bad] {
        *row = worsen(row);
    }
    project.sessions(&rows);
    project
}

/// The quarantine file of a source: (file, row, column, reason), in its order.
fn quarantine(project: &Project, source: &str) -> Vec<(String, u64, Option<String>, String)> {
    let path = project.path(&format!("state/quarantine/{source}.parquet"));
    let reader = ParquetRecordBatchReaderBuilder::try_new(fs::File::open(path).unwrap()).unwrap();
    let names: Vec<&String> = reader
        .schema()
        .fields()
        .iter()
        .map(|field| field.name())
        .collect();
    assert_eq!(names, ["source_file", "row", "column", "reason"]);
    let mut found = Vec::new();
    for batch in reader.build().unwrap() {
        let batch = batch.unwrap();
        let rows: &UInt64Array = batch.column(1).as_any().downcast_ref().unwrap();
        for at in 0..batch.num_rows() {
            let text = |column| text(&batch, column, at);
            found.push((text(0).unwrap(), rows.value(at), text(2), text(3).unwrap()));
        }
    }
    found
}

fn text(batch: &RecordBatch, column: usize, row: usize) -> Option<String> {
    let texts: &StringArray = batch.column(column).as_any().downcast_ref().unwrap();
    (!texts.is_null(row)).then(|| texts.value(row).to_owned())
}

#[test]
fn a_missing_file_is_named() {
    for source in ["org", "people", "sessions"] {
        let project = Project::tiny();
        fs::remove_file(project.path(&format!("input/{source}.csv"))).unwrap();
        refused(
            &project,
            &[
                &format!("{source}: input/{source}.csv: no such file"),
                "correct `path`",
            ],
        );
    }
}

#[test]
fn a_glob_or_folder_without_files_is_named() {
    let project = Project::tiny();
    project.edit("input/sessions.csv", "input/sessions/*.parquet");
    refused(
        &project,
        &[
            "sessions: input/sessions/*.parquet: no file matches",
            "correct `path`",
        ],
    );
    fs::create_dir(project.path("input/sessions")).unwrap();
    project.edit("input/sessions/*.parquet", "input/sessions");
    refused(
        &project,
        &[
            "sessions: input/sessions: the folder holds no",
            "correct `path`",
        ],
    );
}

#[test]
fn a_truncated_parquet_file_is_named_wherever_it_is_cut() {
    let project = Project::until("2024-Q1");
    let name = "input/sessions/2024-Q1.parquet";
    let whole = project.read(name);
    for length in [
        0,
        3,
        4,
        8,
        whole.len() / 2,
        whole.len() - 8,
        whole.len() - 1,
    ] {
        project.write(name, &whole[..length]);
        refused(&project, &["sessions: input/sessions/2024-Q1.parquet: "]);
    }
    project.write(name, &whole);
    project.lodestar("run").ok();
}

#[test]
fn a_csv_file_that_ends_within_a_quoted_field_is_named() {
    let project = Project::tiny();
    let mut text = format!("{HEADER}\n{}\n", tiny_sessions().join("\n"));
    text.push_str("s100,p01,c1,2025-02-01,60,adaptability,ambiguity,\"a note that");
    project.write("input/sessions.csv", text);
    refused(
        &project,
        &[
            "sessions: input/sessions.csv: row 101 after the header: ",
            "quote",
        ],
    );
}

#[test]
fn a_last_line_that_was_cut_is_noticed() {
    let project = Project::tiny();
    let text = format!(
        "{HEADER}\n{}\ns100,p01,c1,2025-02",
        tiny_sessions().join("\n")
    );
    project.write("input/sessions.csv", text);
    refused(
        &project,
        &["sessions: input/sessions.csv: row 101 after the header: "],
    );
}

#[test]
fn a_missing_column_is_named_with_what_to_do() {
    let project = Project::tiny();
    let text = String::from_utf8(project.read("input/sessions.csv")).unwrap();
    project.write("input/sessions.csv", text.replace("coachee_id", "client"));
    refused(
        &project,
        &[
            "sessions: input/sessions.csv: column \"coachee_id\"",
            "columns = { coachee_id",
        ],
    );
    let columns = "columns = { coachee_id = \"client\" }";
    project.edit("tolerance = 0.02", &format!("tolerance = 0.02\n{columns}"));
    project.lodestar("run").ok();
}

#[test]
fn a_wrong_date_format_refuses_every_row() {
    let project = Project::tiny();
    let columns = r#"columns = { held_on = { from = "held_on", format = "%d/%m/%Y" } }"#;
    project.edit("tolerance = 0.02", &format!("tolerance = 0.02\n{columns}"));
    let words = [
        "sessions: 100 of 100 rows",
        "100.0 %",
        "tolerated 2.0 %",
        "held_on",
        "date",
        "state/quarantine/sessions.parquet",
        "raise `tolerance` of [sources.sessions]",
    ];
    refused(&project, &words);
}

#[test]
fn bad_rows_are_tolerated_up_to_the_tolerance() {
    let minutes = |row: &str| row.replace(",60,", ",sixty,");
    let project = with_bad_rows(5, minutes);
    let words = [
        "sessions: 5 of 100 rows",
        "(5.0 %)",
        "tolerated 2.0 %",
        "minutes",
        "number",
    ];
    refused(&project, &words);
    let listed = quarantine(&project, "sessions");
    let expected: Vec<_> = (1..=5)
        .map(|row| {
            let (file, reason) = ("input/sessions.csv".to_owned(), "number".to_owned());
            (file, row, Some("minutes".to_owned()), reason)
        })
        .collect();
    assert_eq!(listed, expected);
    // The same rows, tolerated.
    project.edit("tolerance = 0.02", "tolerance = 0.1");
    project.lodestar("run").ok();
    assert_eq!(project.releases(), ["2025-Q1"]);
    let sessions = &project.status()["sources"][2];
    let counts = ["read", "accepted", "duplicate", "quarantined"].map(|count| &sessions[count]);
    assert_eq!(counts, [100, 95, 0, 5]);
    assert_eq!(sessions["reasons"]["minutes: number"], 5);
    // Two of a hundred are within two per cent.
    with_bad_rows(2, minutes).lodestar("run").ok();
    with_bad_rows(3, minutes)
        .lodestar("run")
        .refused(3, &["3 of 100"]);
}

#[test]
fn one_file_beyond_the_tolerance_refuses_all() {
    let project = Project::tiny();
    project.edit(
        r#""input/sessions.csv""#,
        r#"["input/sessions.csv", "input/more.csv"]"#,
    );
    // Two of 110 rows are fine, but they are two of the ten of one file.
    let rows: Vec<String> = (0..10)
        .map(|n| {
            let minutes = if n < 2 { 0 } else { 60 };
            format!("t{n},p{n:02},c1,2025-03-01,{minutes},adaptability,ambiguity,")
        })
        .collect();
    project.write("input/more.csv", format!("{HEADER}\n{}\n", rows.join("\n")));
    refused(
        &project,
        &["2 of 10 rows of input/more.csv", "minutes", "range"],
    );
}

#[test]
fn a_person_of_an_undeclared_unit_is_quarantined() {
    let project = Project::tiny();
    let people = String::from_utf8(project.read("input/people.csv")).unwrap();
    project.write("input/people.csv", people.replace("p03,south", "p03,west"));
    let words = [
        "people: 1 of 40 rows",
        "org_unit",
        "undeclared",
        "[sources.people]",
    ];
    refused(&project, &words);
    let row = (
        "input/people.csv".to_owned(),
        4,
        Some("org_unit".to_owned()),
    );
    let listed = quarantine(&project, "people");
    assert_eq!(listed, [(row.0, row.1, row.2, "undeclared".to_owned())]);
}

#[test]
fn a_unit_under_an_undeclared_parent_is_refused() {
    let project = Project::tiny();
    project.write(
        "input/org.csv",
        "org_unit,label,parent\nnorth,North,west\nsouth,South,Acme\n",
    );
    refused(
        &project,
        &["org: input/org.csv: row 1 after the header: unit \"north\""],
    );
}

#[test]
fn a_due_period_without_sessions_is_named() {
    let project = Project::until("2024-Q2");
    fs::remove_file(project.path("input/sessions/2024-Q1.parquet")).unwrap();
    let output = project.lodestar("run");
    output.refused(3, &["2024-Q1 is due", "deliver its file", "`first`"]);
    assert!(project.releases().is_empty() && project.charges().is_empty());
    // What came before the gap is released, what comes after it is not.
    let project = Project::until("2024-Q3");
    fs::remove_file(project.path("input/sessions/2024-Q2.parquet")).unwrap();
    project.lodestar("run").refused(3, &["2024-Q2 is due"]);
    assert_eq!(project.releases(), ["2024-Q1"]);
    assert_eq!(project.charges(), ["2024-Q1"]);
}

/// The same rows in other shapes make the same release.
#[test]
fn shapes_of_input_go_through() {
    let project = Project::tiny();
    fs::remove_file(project.path("input/sessions.csv")).unwrap();
    let mut lines = String::new();
    for n in 0..100_usize {
        let (person, coach, day) = (n % 40, n % 7, n % 28);
        let _ = writeln!(
            lines,
            "{{\"id\":{n},\"client\":\"p{person:02}\",\"coach\":\"Coach {coach}\",\"day\":{day},\
             \"hours\":1,\"skills\":[\"A\"],\"themes\":null}}"
        );
    }
    let (first, second) = lines.split_at(lines.len() / 2);
    let pack = |text: &str| {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(text.as_bytes()).unwrap();
        packed.finish().unwrap()
    };
    // Two members, cut anywhere.
    let packed = [pack(first), pack(second)].concat();
    project.write("input/sessions/all.ndjson.gz", &packed);
    project.edit(
        "path = \"input/sessions.csv\"",
        "path = \"input/sessions\"\n\
         columns.session_id = \"id\"\n\
         columns.coachee_id = \"client\"\n\
         columns.coach_id = { from = \"coach\", hash = true }\n\
         columns.held_on = { from = \"day\", origin_date = 2025-02-01 }\n\
         columns.minutes = { from = \"hours\", scale = 60 }\n\
         columns.competency = { from = \"skills\", map = { A = \"adaptability\" } }",
    );
    let checked = project.lodestar("check --json").ok().json();
    let sessions = &checked["sources"][2];
    let counts = ["read", "accepted", "duplicate", "quarantined"].map(|count| &sessions[count]);
    assert_eq!(counts, [100, 100, 0, 0]);
    project.write("input/sessions/all.ndjson.gz", &packed[..packed.len() - 1]);
    let words = [
        "sessions: input/sessions/all.ndjson.gz: ",
        "no whole gzip file",
    ];
    refused(&project, &words);
    project.write("input/sessions/all.ndjson.gz", &packed);
    project.lodestar("run").ok();
}

/// The weaker unit is named wherever the guarantee stands.
#[test]
fn a_persons_rows_of_one_period() {
    let project = Project::tiny();
    project.edit("k = 10", "k = 10\nunit = \"person-period\"");
    project.lodestar("run").ok();
    project.verify("releases/2025-Q1").ok();
    project.verify("current").ok();
    for manifest in ["releases/2025-Q1", "current"] {
        let text = project.read(&format!("published/{manifest}/manifest.json"));
        let text = String::from_utf8(text).unwrap();
        assert!(text.contains("\"unit\": \"person-period\""), "{text}");
        assert!(
            text.contains("That is weaker than protecting the person"),
            "{text}"
        );
        assert!(
            !text.contains("with every row in which that person"),
            "{text}"
        );
    }
    assert_eq!(project.charges(), ["2025-Q1"]);
    // The ledger keeps the unit that its first release had.
    project.edit("unit = \"person-period\"", "window = \"quarter\"");
    project.lodestar("run").refused(6, &["unit person-period"]);
}

#[test]
fn one_session_id_for_two_people_is_two_sessions() {
    let project = Project::tiny();
    let rows = tiny_sessions();
    // All forty people of the first rows share their session's id.
    let shared = rows.iter().enumerate().map(|(n, row)| match n {
        0..40 => row.replacen(&format!("s{n},"), "group,", 1),
        _ => row.clone(),
    });
    project.sessions(&shared.collect::<Vec<_>>());
    let report = project.lodestar("check --json").ok().json();
    let sessions = &report["sources"][2];
    assert_eq!(
        (&sessions["accepted"], &sessions["duplicate"]),
        (&100.into(), &0.into())
    );
    project.lodestar("run").ok();
}

#[test]
fn a_refusal_leaves_what_was_published_alone() {
    let project = Project::until("2024-Q2");
    project.lodestar("run --as-of 2024-04-08").ok();
    let before = project.published();
    project.write("input/sessions/2024-Q2.parquet", "not a table");
    project
        .lodestar("run")
        .refused(3, &["input/sessions/2024-Q2.parquet"]);
    assert!(project.published() == before);
    assert!(Path::new(&project.path("published/current/manifest.json")).exists());
    assert_eq!(project.charges(), ["2024-Q1"]);
}
