//! Files that are refused as a whole, and paths that lead nowhere.

use super::*;

const ROW: &str = "s1,ana,canary,2025-02-03,60,courage,,,,\n";

#[test]
fn what_is_no_table_is_refused_by_name() {
    let fixture = Fixture::new();
    let with = |row: &[u8]| [HEAD.as_bytes(), ROW.as_bytes(), row].concat();
    let utf16: Vec<u8> = HEAD.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let cases: [(Vec<u8>, &str); 14] = [
        (Vec::new(), "no header"),
        (b"\xef\xbb\xbf".to_vec(), "no header"),
        (utf16, "UTF-8"),
        (
            with(b"s2,ana,canary\xff,2025-02-03,60,courage,,,,\n"),
            "row 2 after the header: not UTF-8",
        ),
        (
            with(b"s2,ana,canary,2025-02-03,60,courage,\x00,,,\n"),
            "row 2 after the header: not UTF-8",
        ),
        (
            with(b"s2,ana,\"canary,2025-02-03,60,courage,,,,\n"),
            "row 2 after the header: the file ends within",
        ),
        (
            with(b"s2,ana,canary,2025-0"),
            "row 2 after the header: the file ends within",
        ),
        (
            with(b"s2,ana,cana\"ry,2025-02-03,60,courage,,,,\n"),
            "row 2 after the header: a quote",
        ),
        (
            with(b"s2,ana,\"canary\" x,2025-02-03,60,courage,,,,\n"),
            "row 2 after the header: text after",
        ),
        (
            b"session_id,coachee_id,mode,mode\n".to_vec(),
            "columns 3 and 4",
        ),
        (b"canary,canary\n".to_vec(), "columns 1 and 2"),
        (b"session_id,coachee_id\n".to_vec(), "coach_id"),
        (b"canary1,canary2,canary3\n".to_vec(), "no header"),
        (
            HEAD.replace("held_on", "held_at").into_bytes(),
            "\"held_at\"",
        ),
    ];
    for (bytes, expected) in cases {
        fixture.put("sessions.csv", &bytes);
        let refusal = fixture.refusal();
        assert!(refusal.contains(expected), "{expected}: {refusal}");
        assert!(refusal.contains("sessions.csv"), "{refusal}");
    }
}

#[test]
fn what_calls_itself_csv_is_told_what_it_is() {
    let fixture = Fixture::new();
    let text = format!("{HEAD}{ROW}");
    let utf16 = |mark: u16, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        let letters = [mark].into_iter().chain(text.encode_utf16());
        letters.flat_map(bytes).collect()
    };
    let cases: [(Vec<u8>, &str); 7] = [
        (vec![0x1f, 0x8b, 8, 0, 0, 0], "let its name end in .gz"),
        (
            utf16(0xfeff, u16::to_le_bytes),
            "UTF-16 text: save it as UTF-8",
        ),
        (
            utf16(0xfeff, u16::to_be_bytes),
            "UTF-16 text: save it as UTF-8",
        ),
        (
            text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            "iconv -f UTF-16",
        ),
        (
            b"PK\x03\x04canary".to_vec(),
            "export the sheet as \"CSV UTF-8\"",
        ),
        (b"\xd0\xcf\x11\xe0canary".to_vec(), "is a workbook"),
        (b"PAR1canary".to_vec(), "let its name end in .parquet"),
    ];
    for (bytes, expected) in cases {
        fixture.put("sessions.csv", &bytes);
        let refusal = fixture.refusal();
        assert!(refusal.contains(expected), "{expected}: {refusal}");
    }
    // With a mark of UTF-8 it is one.
    fixture.put("sessions.csv", format!("\u{feff}{text}"));
    assert_eq!(totals(&fixture.read(&[]), "sessions")[0], 1);
}

#[test]
fn a_csv_cut_anywhere_is_refused_or_reconciles() {
    let fixture = Fixture::new();
    let whole = format!(
        "\u{feff}{HEAD}{ROW}s2,bob,\"c,\"\"1\"\"\r\n\",2025-02-03,45.5,\"courage;focus\",\"doubt\",coaching,reactive,2025-03-01\r\n\
         s3,ana,ü,2025-02-03,60,courage,,,,\n"
    );
    let mut refused = 0;
    for length in 0..=whole.len() {
        fixture.put("sessions.csv", &whole.as_bytes()[..length]);
        match fixture.try_read(&["2025-Q1"]) {
            Ok(intake) => reconcile(&intake),
            Err(error) => {
                refused += 1;
                assert!(!format!("{error} {error:?}").contains("canary"));
            }
        }
    }
    assert!(refused > whole.len() / 2, "{refused}");
}

#[test]
fn paths_are_expanded_once_and_sorted() {
    let mut fixture = Fixture::new();
    fs::create_dir(fixture.dir.path().join("in")).expect("a folder");
    for name in ["in/b.CSV", "in/a.csv", "in/.hidden.csv", "in/notes.txt"] {
        fixture.put(name, HEAD);
    }
    let mut found = |paths: &[&str]| {
        fixture.project.sources.sessions.paths = paths.iter().map(|&p| p.to_owned()).collect();
        match crate::ingest::files(&fixture.project.sources.sessions) {
            Ok(files) => Ok(files
                .iter()
                .map(|file| {
                    file.file_name()
                        .expect("a name")
                        .to_string_lossy()
                        .into_owned()
                })
                .collect::<Vec<_>>()
                .join(" ")),
            Err(error) => Err(error.to_string()),
        }
    };
    assert_eq!(found(&["in"]).as_deref(), Ok("a.csv b.CSV"));
    assert_eq!(
        found(&["in/b.CSV", "in/*.csv", "./in/a.csv"]).as_deref(),
        Ok("a.csv b.CSV")
    );
    for (path, expected) in [
        ("in/none.csv", "no such file"),
        ("in/*.parquet", "no file matches"),
        ("in/notes.txt", "unsupported extension"),
        ("in/*.txt", "unsupported extension"),
        ("in/[", "glob"),
        ("state", "no such file"),
    ] {
        let error = found(&[path]).expect_err(path);
        assert!(
            error.contains(expected) && (error.contains("in/") || path == "state"),
            "{error}"
        );
    }
}
