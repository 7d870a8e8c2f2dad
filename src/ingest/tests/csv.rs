//! CSV in blocks of any size says what it says as a whole, and what a reader says
//! that goes byte by byte.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::ingest::IngestError;
use crate::ingest::batch::{Cell, Declared, Field, Kind, fields};
use crate::ingest::blocks::{NOT_TEXT, Sizes};
use crate::ingest::csv::CsvFile;
use crate::ingest::paths::inputs;

const OPEN: &str = "the file ends within a quoted field: it is truncated";
const CUT: &str = "the file ends within a record: it is truncated";
const QUOTE: &str = "a quote within an unquoted field; quote the field, and double it";
const BEHIND: &str = "text after a closing quote; double the quotes within a field";
const LONGEST: usize = 1 << 20;

/// Rows, those of another width as none, and how the file is refused behind them.
type Said = (Vec<Option<[String; 3]>>, Option<(u64, &'static str)>);

/// A folder with a file of the columns a, b and c.
struct One {
    fixture: Fixture,
    fields: Vec<Field>,
}

impl One {
    fn new(bytes: &[u8]) -> Self {
        let fixture = Fixture::new();
        fixture.put("sessions.csv", bytes);
        let source = &fixture.project.sources.sessions;
        let declared = [
            Declared::required("c", Kind::Text),
            Declared::required("a", Kind::Text).repeats(),
            Declared::required("b", Kind::Text),
        ];
        let fields = fields(&declared, source);
        Self { fixture, fields }
    }

    /// What our reader says.
    fn read(&self, sizes: Sizes) -> Result<Said, String> {
        let mut rows = Vec::new();
        let end = self.each(sizes, &mut rows);
        let place = |error: IngestError| {
            let IngestError::File { row, problem, .. } = &error else {
                return Err(error.to_string());
            };
            let known = [OPEN, CUT, NOT_TEXT, QUOTE, BEHIND];
            let problem = known.into_iter().find(|known| known == problem);
            match (row, problem) {
                (Some(row), Some(problem)) => Ok((*row, problem)),
                _ => Err(error.to_string()),
            }
        };
        Ok((rows, end.err().map(place).transpose()?))
    }

    fn each(&self, sizes: Sizes, rows: &mut Vec<Option<[String; 3]>>) -> Result<(), IngestError> {
        let folder = self.fixture.dir.path();
        let files = inputs(folder, &self.fixture.project.sources.sessions)?;
        let read = Arc::default();
        let mut file = CsvFile::open("sessions", &files[0], &self.fields, sizes, &read)?;
        while let Some((layout, block)) = file.next()? {
            let batch = layout.batch(block, &self.fields)?;
            for row in 0..batch.rows {
                assert_eq!(batch.number(row), rows.len() as u64 + 1);
                let text = |at| match batch.cell(&self.fields, at, row) {
                    Cell::Text(text) => text.to_owned(),
                    Cell::Missing => String::new(),
                    cell => panic!("{cell:?}"),
                };
                let whole = batch.whole(row).is_ok();
                rows.push(whole.then(|| [text(1), text(2), text(0)]));
            }
        }
        Ok(())
    }
}

/// The first byte that may not be where it is: how many bytes come before it, the
/// row that it is in, and what is wrong.
fn defect(bytes: &[u8]) -> Option<(usize, u64, &'static str)> {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        Start,
        Bare,
        Quoted,
        Closing,
    }
    let (mut state, mut begun, mut row) = (State::Start, false, 0);
    let valid = std::str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len);
    for (at, byte) in bytes.iter().enumerate() {
        state = match (state, byte) {
            (_, 0) => return Some((at, row, NOT_TEXT)),
            _ if at == valid => return Some((at, row, NOT_TEXT)),
            (State::Quoted, b'"') => State::Closing,
            (State::Quoted, _) | (State::Start | State::Closing, b'"') => State::Quoted,
            (_, b'\r' | b'\n') => {
                row += u64::from(begun);
                begun = false;
                state = State::Start;
                continue;
            }
            (_, b',') => State::Start,
            (State::Bare, b'"') => return Some((at, row, QUOTE)),
            (State::Closing, _) => return Some((at, row, BEHIND)),
            (State::Start | State::Bare, _) => State::Bare,
        };
        begun = true;
    }
    (state == State::Quoted).then_some((bytes.len(), row, OPEN))
}

/// What the `csv` crate says up to the first defect.
fn expected(bytes: &[u8]) -> Said {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let defect = defect(bytes);
    let sound = defect.map_or(bytes.len(), |(at, ..)| at);
    let mut reader = ::csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(&bytes[..sound]);
    let records = reader.records().map(|record| record.expect("text"));
    let row = |record: ::csv::StringRecord| {
        let texts: Vec<String> = record.iter().map(str::to_owned).collect();
        texts.try_into().ok()
    };
    let mut rows: Vec<Option<[String; 3]>> = records.map(row).collect();
    if let Some((_, row, problem)) = defect {
        rows.truncate((row as usize).saturating_sub(1));
        return (rows, Some((row, problem)));
    }
    let broken = !bytes.ends_with(b"\n") && !bytes.ends_with(b"\r");
    if broken && rows.last() == Some(&None) {
        let row = rows.len() as u64;
        rows.pop();
        return (rows, Some((row, CUT)));
    }
    (rows, None)
}

/// Sound records and their parts, and now and then what makes a file none.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let sound = prop::sample::select(vec![
        "p1",
        "p2",
        "ü€",
        " ",
        "x,y,z\n",
        "p1,p2,p3\r\n",
        "\"p1\",\"\",\"a\"\"b\"\n",
        "\"line\nbreak, \"\"and\"\"\r\nmore\",,\r",
        "\"\"\"\"",
        ",",
        ",,",
        "\n",
        "\r",
        "\r\n",
        "\n\n",
    ]);
    let damage = prop::sample::select(vec![
        &b"\""[..],
        b"a\"",
        b"\"a\"b",
        b"\0",
        b"\xff",
        b"\xe2\x82",
        b"\xef\xbb\xbf",
    ]);
    let sound = sound.prop_map(|text| text.as_bytes().to_vec());
    let part = prop_oneof![30 => sound, 1 => damage.prop_map(<[u8]>::to_vec)];
    let start = prop::sample::select(vec!["", "\u{feff}", "\n\r\n"]);
    let head = prop::sample::select(vec!["a,b,c\n", "\"a\",b,\"c\"\r\n", "a,b,c\r"]);
    let rows = prop::collection::vec(part, 0..30);
    (start, head, rows).prop_map(|(start, head, rows)| {
        [start.as_bytes(), head.as_bytes(), &rows.concat()].concat()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn the_size_of_blocks_changes_nothing(bytes in bytes()) {
        let one = One::new(&bytes);
        let expected = expected(&bytes);
        for block in [1, 2, 3, 5, 8, 13, 21, 34, 1 << 20] {
            let sizes = Sizes { block, longest: LONGEST };
            let (rows, end) = one.read(sizes).map_err(TestCaseError::fail)?;
            // Of a block with a defect no row is handed on.
            prop_assert_eq!(end, expected.1, "{}", block);
            prop_assert!(expected.0.starts_with(&rows), "{} {:?}", block, rows);
            if end.is_none() {
                prop_assert_eq!(&rows, &expected.0, "{}", block);
            }
        }
    }
}

/// It would take all memory before it is known to have no end.
#[test]
fn a_record_without_an_end_is_refused() {
    let row = |length: usize| format!("a,b,c\n1,2,3\n1,2,\"{}\"\n4,5,6\n", "x".repeat(length));
    for block in 1..=32 {
        let sizes = Sizes { block, longest: 32 };
        let sound = One::new(row(26).as_bytes()).read(sizes).expect("a table");
        assert_eq!((sound.0.len(), sound.1), (3, None), "{block}");
        let refusal = One::new(row(27).as_bytes()).read(sizes);
        let refusal = refusal.expect_err("refused");
        assert!(
            refusal.contains("row 2 after the header: a record of more"),
            "{refusal}"
        );
    }
    // What is wrong with its beginning is told without waiting for its end.
    let sizes = Sizes {
        block: 8,
        longest: 32,
    };
    for (start, problem) in [("\"a\"b", BEHIND), ("ab\"", QUOTE), ("a\0", NOT_TEXT)] {
        let bytes = format!("a,b,c\n1,2,3\n{start}{}", "x".repeat(50));
        let said = One::new(bytes.as_bytes()).read(sizes).expect("a row");
        assert_eq!(said.1, Some((2, problem)));
    }
}

#[test]
fn of_several_defects_the_first_is_told() {
    let fixture = Fixture::new();
    let row = "s1,ana,c1,2025-02-03,60,courage,,,,\n";
    let rows = row.repeat(50_000);
    let bad = row.replace("c1", "c\"1");
    let pool = rayon::ThreadPoolBuilder::new().num_threads(4).build();
    let pool = pool.expect("threads");
    fixture.put(
        "sessions.csv",
        format!("{HEAD}{rows}{bad}{rows}{bad}{rows}{bad}"),
    );
    for _ in 0..5 {
        let refusal = pool.install(|| fixture.refusal());
        assert!(
            refusal.contains("row 50001 after the header: a quote"),
            "{refusal}"
        );
    }
    fs::remove_file(fixture.dir.path().join("sessions.csv")).expect("removed");
    // What was unpacked before a packed file breaks off comes first.
    let mut packed = shapes::gzip(format!("{HEAD}{row}{bad}{row}"));
    packed.truncate(packed.len() - 8);
    fixture.put("sessions.csv.gz", packed);
    let refusal = fixture.refusal();
    assert!(
        refusal.contains("row 2 after the header: a quote"),
        "{refusal}"
    );
}
