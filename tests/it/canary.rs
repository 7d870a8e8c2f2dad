//! What is planted on the private side is found nowhere else: no id, note or
//! value in what is published or said, and no hidden cohort's name in a table.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use arrow::array::{Array as _, ArrayRef, RecordBatch, StringArray};
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::ByteArray;
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData, RowGroupMetaData};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::statistics::Statistics;

use crate::support::{HEADER, Output, Project, files, output, tiny_sessions};

const CANARY: &str = "CANARY";

/// What a file says in all ways in which it can: its raw bytes; of a Parquet
/// file also its texts, its metadata and the statistics of its footer.
pub(crate) fn said_by(name: &str, bytes: &[u8]) -> String {
    let mut said = String::from_utf8_lossy(bytes).into_owned();
    if name.ends_with(".parquet") {
        said += &texts(bytes).into_iter().collect::<Vec<_>>().join("\n");
        said += &footer(bytes);
    }
    said
}

/// Every text in the columns of a Parquet file.
pub(crate) fn texts(bytes: &[u8]) -> BTreeSet<String> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(Bytes::copy_from_slice(bytes)).unwrap();
    let mut found = BTreeSet::new();
    for batch in reader.build().unwrap() {
        for column in batch.unwrap().columns() {
            if let Some(texts) = column.as_any().downcast_ref::<StringArray>() {
                found.extend(texts.iter().flatten().map(str::to_owned));
            }
        }
    }
    found
}

/// What the footer of a Parquet file says.
pub(crate) fn metadata(bytes: &[u8]) -> Arc<ParquetMetaData> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(Bytes::copy_from_slice(bytes));
    Arc::clone(reader.unwrap().metadata())
}

/// The least and the greatest text that a column's statistics tell.
pub(crate) fn least_and_greatest(column: &ColumnChunkMetaData) -> impl Iterator<Item = &[u8]> {
    let ends = match column.statistics() {
        Some(Statistics::ByteArray(statistics)) => [statistics.min_opt(), statistics.max_opt()],
        _ => [None; 2],
    };
    ends.into_iter().flatten().map(ByteArray::data)
}

/// Metadata and statistics in the footer of a Parquet file.
fn footer(bytes: &[u8]) -> String {
    let metadata = metadata(bytes);
    let mut said = format!("{:?}", metadata.file_metadata().key_value_metadata());
    let columns = metadata
        .row_groups()
        .iter()
        .flat_map(RowGroupMetaData::columns);
    for end in columns.flat_map(least_and_greatest) {
        let _ = writeln!(said, "{}", String::from_utf8_lossy(end));
    }
    said
}

#[track_caller]
pub(crate) fn silent(project: &Project, outputs: &[Output]) {
    for output in outputs {
        let said = format!("{}{}", output.stdout, output.stderr);
        assert!(!said.contains(CANARY), "{said}");
    }
    for folder in ["state", "published", "temp"] {
        for (path, bytes) in files(&project.path(folder)) {
            let name = path.display().to_string();
            assert!(!name.contains(CANARY), "{name}");
            assert!(!said_by(&name, &bytes).contains(CANARY), "{folder}/{name}");
        }
    }
}

/// The scan is worth something only if it finds what is there, compressed too.
#[test]
fn the_scan_finds_what_is_planted() {
    let column: ArrayRef = Arc::new((0..1000).map(|_| Some(CANARY)).collect::<StringArray>());
    let batch = RecordBatch::try_from_iter([("x", column)]).unwrap();
    for (statistics, dictionary) in [(false, false), (true, true)] {
        let level = if statistics {
            EnabledStatistics::Chunk
        } else {
            EnabledStatistics::None
        };
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_dictionary_enabled(dictionary)
            .set_statistics_enabled(level);
        let mut bytes = Vec::new();
        let mut writer =
            ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties.build())).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        assert!(texts(&bytes).contains(CANARY) && said_by("x.parquet", &bytes).contains(CANARY));
        assert_eq!(footer(&bytes).contains(CANARY), statistics);
    }
    assert!(said_by("note.txt", b"\x00CANARY\xff").contains(CANARY));
}

/// The tiny project, in which everyone, every coach, session, name and note is a
/// canary, more than two thousand in all, and rows of each sort are broken.
pub(crate) fn planted() -> Project {
    let project = Project::tiny();
    let mut people = String::from("person_id,org_unit,full_name\n");
    for n in 0..40 {
        let unit = if n % 2 == 0 { "north" } else { "south" };
        let _ = writeln!(people, "CANARY-person-{n:02},{unit},CANARY-name-{n:02}");
    }
    people += "CANARY-astray,CANARY-unit,CANARY\nCANARY-rooted,Acme,CANARY\n";
    project.write("input/people.csv", people);
    let good = (0..1000).map(|n| {
        let (person, coach) = (n % 40, n % 7);
        format!(
            "CANARY-session-{n},CANARY-person-{person:02},CANARY-coach-{coach},2025-02-01,60,\
             adaptability,CANARY-theme,\"CANARY-note,\nsaid CANARY{n}word: unclear CANARY {n}\""
        )
    });
    let bad = [
        "CANARY-a,CANARY-person-01,CANARY-coach,CANARY-date,60,adaptability,,CANARY",
        "CANARY-b,CANARY-person-01,CANARY-coach,2025-02-01,CANARY-minutes,adaptability,,CANARY",
        "CANARY-c,CANARY-person-01,CANARY-coach,2025-02-01,60,CANARY-competency,,CANARY",
        "CANARY-d,CANARY-nobody,CANARY-coach,2025-02-01,60,adaptability,,CANARY",
        "CANARY-e,CANARY-person-01,CANARY-coach,2025-02-01,60",
        "CANARY-f,CANARY-person-01,CANARY-coach,2025-02-01,60,adaptability,,CANARY,CANARY-more",
        "\"CANARY\u{7}g\",CANARY-person-01,CANARY-coach,2025-02-01,60,adaptability,,CANARY",
    ];
    let again = |n: usize| bad.map(|row| row.replacen(CANARY, &format!("CANARY-{n}"), 1));
    let changed =
        "CANARY-session-1,CANARY-person-01,CANARY-coach,2025-02-02,45,adaptability,,CANARY";
    let bad = (0..20).flat_map(again).chain([changed.to_owned()]);
    project.sessions(&good.chain(bad).collect::<Vec<_>>());
    project.edit("tolerance = 0.02", "tolerance = 0.2");
    project.edit("[sources.people]", "[sources.people]\ntolerance = 0.2");
    let mut outcomes = String::from("person_id,measured_on,metric,value\n");
    for n in 0..40 {
        let _ = writeln!(outcomes, "CANARY-person-{n:02},2025-02-01,absence,{n}");
    }
    outcomes += "CANARY-person-01,CANARY-date,absence,1\n\
                 CANARY-person-01,2025-02-01,CANARY-metric,1\n\
                 CANARY-person-01,2025-02-01,absence,CANARY-value\n\
                 CANARY-nobody,2025-02-01,absence,1\n\
                 CANARY-person-01,2025-02-01\n";
    project.write("input/outcomes.csv", outcomes);
    project.write("input/assessments.csv", planted_assessments());
    // What is looked for in notes stands among canaries.
    let terms = "id = \"ambiguity\"\nterms = [\"unclear\", \"said\"]\n";
    project.edit("id = \"ambiguity\"\n", terms);
    let source = "[sources.assessments]\npath = \"input/assessments.csv\"\ntolerance = 0.2\n\
                  [[instruments]]\nid = \"leadership\"\nmin = 1\nmax = 5\nitems = [\"asks\"]\n\
                  reliability = 0.8\nnorm_sd = 0.7\n[sources.outcomes]\npath = \"input/outcomes.csv\"\ntolerance = 0.2\n\
                  [[metrics]]\nid = \"absence\"\nrange = [0, 92]\n[sources.people]";
    project.edit("[sources.people]", source);
    let measures = [
        "theme_prevalence",
        "competency_progress",
        "skill_gap",
        "business_outcomes",
    ];
    for name in measures {
        let measure = format!("[[measures]]\nuse = \"{name}\"\nevery = \"quarter\"\n");
        project.edit("[sources.people]", &format!("{measure}[sources.people]"));
    }
    project
}

/// Two waves of everybody, by themselves and their managers, and a broken row of
/// each sort.
fn planted_assessments() -> String {
    let header =
        "subject_id,competency,instrument,score,assessed_on,wave,rater_id,rater_group,item";
    let mut all = format!("{header}\n");
    for n in 0..40 {
        for (wave, day) in [("baseline", "2024-09-01"), ("follow_up", "2025-02-01")] {
            let row = format!("CANARY-person-{n:02},adaptability,leadership,3,{day},{wave}");
            let _ = writeln!(all, "{row},,self,asks");
            let _ = writeln!(all, "{row},CANARY-manager-{},manager,", n % 7);
        }
    }
    all + "CANARY-person-01,CANARY-competency,leadership,3,2025-02-01,,,,\n\
           CANARY-person-01,adaptability,CANARY-instrument,3,2025-02-01,,,,\n\
           CANARY-person-01,adaptability,leadership,CANARY-score,2025-02-01,,,,\n\
           CANARY-person-01,adaptability,leadership,3,CANARY-day,,,,\n\
           CANARY-person-01,adaptability,leadership,3,2025-02-01,CANARY-wave,,,\n\
           CANARY-person-01,adaptability,leadership,3,2025-02-01,,,CANARY-group,\n\
           CANARY-person-01,adaptability,leadership,3,2025-02-01,,,,CANARY-item\n\
           CANARY-person-01,adaptability,leadership,3,2025-02-01,,\"CANARY\u{7}\",,\n\
           CANARY-nobody,adaptability,leadership,3,2025-02-01,,,,\n\
           CANARY-person-01,adaptability\n"
}

/// Every command that reads or shows something, in both ways of saying it.
fn all_commands(project: &Project) -> Vec<Output> {
    let mut outputs = Vec::new();
    std::fs::create_dir_all(project.path("temp")).unwrap();
    for command in [
        "check",
        "run --dry-run",
        "run",
        "run --revise --period 2025-Q1",
        "budget",
        "themes check --terms",
    ] {
        for json in ["", " --json --log json"] {
            let mut command = project.command(&format!("{command}{json}"));
            command.env("TMPDIR", project.path("temp"));
            outputs.push(output(command.output().unwrap()));
        }
    }
    outputs
}

#[test]
fn no_planted_text_leaves_the_private_side() {
    let project = planted();
    let outputs = all_commands(&project);
    let codes: Vec<_> = outputs.iter().map(|output| output.code.unwrap()).collect();
    // The second revision of the window can't be paid for.
    assert_eq!(codes, [0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0], "{outputs:#?}");
    // The notes were read.
    assert!(
        outputs[0].stdout.contains("1000 notes read: "),
        "{outputs:#?}"
    );
    // By `check`: a revision that can't be paid for reads nothing, and its status says so.
    let status = outputs[1].json();
    let sessions = &status["sources"][2];
    assert_eq!(
        (&sessions["read"], &sessions["quarantined"]),
        (&1141.into(), &140.into())
    );
    let assessments = &status["sources"][3];
    assert_eq!(
        (&assessments["read"], &assessments["quarantined"]),
        (&170.into(), &10.into())
    );
    let outcomes = &status["sources"][4];
    assert_eq!(
        (&outcomes["read"], &outcomes["quarantined"]),
        (&45.into(), &5.into())
    );
    assert_eq!(project.releases(), ["2025-Q1", "2025-Q1-r1"]);
    // What is said of scores and outcomes is among it.
    for table in ["competency_progress", "skill_gap", "business_outcomes"] {
        project.read(&format!("published/current/{table}.parquet"));
    }
    silent(&project, &outputs);
}

#[test]
fn no_planted_text_leaves_a_run_that_fails() {
    let good = tiny_sessions()[0].clone();
    let cut = format!("{HEADER}\n{good}\nCANARY-s,CANARY-p,c,2025-02-01,60,adaptability,,\"CANARY");
    let quote = format!("{HEADER}\n{good}\nCANARY-s,CAN\"ARY-CANARY,c,2025-02-01,60,a,,\n");
    let after = format!("{HEADER}\n{good}\n\"CANARY\"CANARY,CANARY,c,2025-02-01,60,a,,\n");
    let mut latin = format!("{HEADER}\n{good}\nCANARY-s,CANARY-").into_bytes();
    latin.extend(b"\xe9,c,2025-02-01,60,adaptability,,\n");
    for text in [
        cut.into_bytes(),
        quote.into_bytes(),
        after.into_bytes(),
        latin,
    ] {
        let project = planted();
        project.write("input/sessions.csv", text);
        let outputs = all_commands(&project);
        for output in &outputs[..6] {
            assert_eq!(output.code, Some(3), "{output:?}");
        }
        silent(&project, &outputs);
    }
    // Over the tolerance.
    let project = planted();
    project.edit("tolerance = 0.2", "tolerance = 0.01");
    let outputs = all_commands(&project);
    assert_eq!(outputs[2].code, Some(3));
    silent(&project, &outputs);
}

/// Sessions as Parquet: whole, cut, and with a column of an unusable type.
#[test]
fn no_planted_text_leaves_a_parquet_file() {
    let texts = |of: &dyn Fn(usize) -> String| -> ArrayRef {
        Arc::new((0..100).map(|n| Some(of(n))).collect::<StringArray>())
    };
    let bytes = |broken: bool| {
        let mut columns = vec![
            ("session_id", texts(&|n| format!("CANARY-{n}"))),
            (
                "coachee_id",
                texts(&|n| format!("CANARY-person-{:02}", n % 40)),
            ),
            ("coach_id", texts(&|n| format!("CANARY-coach-{}", n % 7))),
            (
                "held_on",
                texts(&|n| {
                    if n == 7 {
                        CANARY.to_owned()
                    } else {
                        "2025-02-01".to_owned()
                    }
                }),
            ),
            (
                "competency",
                texts(&|n| if n == 8 { CANARY } else { "adaptability" }.to_owned()),
            ),
            (
                "note",
                texts(&|n| format!("CANARY-note-{n} unclear CANARY")),
            ),
        ];
        let minutes: ArrayRef = if broken {
            Arc::new(arrow::array::BinaryArray::from_iter_values(
                (0..100).map(|_| CANARY),
            ))
        } else {
            texts(&|_| "60".to_owned())
        };
        columns.push(("minutes", minutes));
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let mut bytes = Vec::new();
        let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        bytes
    };
    let (whole, broken) = (bytes(false), bytes(true));
    let cut = whole[..whole.len() - 300].to_vec();
    // Its first page is damaged, its footer is not.
    let mut damaged = whole.clone();
    damaged[20..60].fill(b'C');
    for (bytes, code) in [(whole, 0), (cut, 3), (broken, 3), (damaged, 3)] {
        let project = planted();
        project.edit("input/sessions.csv", "input/sessions.parquet");
        project.write("input/sessions.parquet", bytes);
        let outputs = all_commands(&project);
        assert_eq!(outputs[2].code, Some(code), "{outputs:?}");
        silent(&project, &outputs);
    }
}

/// A hidden unit is declared, so `dim_org_unit` names it; a table of facts must
/// not, in no byte of it.
#[test]
fn tables_of_facts_do_not_name_hidden_cohorts() {
    let project = Project::synthetic();
    project.lodestar("run").ok();
    let org = String::from_utf8(project.read("input/org.csv")).unwrap();
    let mut checked = 0;
    let releases = project.releases().into_iter();
    let mut folders: Vec<String> = releases.map(|name| format!("releases/{name}")).collect();
    folders.push("current".to_owned());
    for folder in folders {
        let bytes = project.read(&format!("published/{folder}/theme_prevalence.parquet"));
        let shown = texts(&bytes);
        let said = said_by("theme_prevalence.parquet", &bytes);
        for line in org.lines().skip(1) {
            let [id, label, parent, _] = line.split(',').collect::<Vec<_>>()[..] else {
                panic!("a unit is four fields");
            };
            if parent.is_empty() || shown.contains(id) {
                continue;
            }
            for name in [id, label] {
                assert!(!shown.contains(name), "{folder}: {name}");
                // Part of the name of something that is shown.
                let public = shown.iter().any(|text| text.contains(name));
                assert!(public || !said.contains(name), "{folder}: {name}");
                checked += usize::from(!public);
            }
        }
    }
    assert!(checked > 20, "{checked} names of hidden units");
}
