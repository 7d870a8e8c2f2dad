//! Reads a page as its browser code does, by what `docs/tables.md` says of its
//! format and not by the code that makes it.

use std::collections::BTreeMap;
use std::io::Read as _;

use serde_json::Value;

/// A row's cells by column; numbers as they are shown, in units of 1.
pub(crate) type Row = BTreeMap<String, Value>;

/// What a page holds.
pub(crate) struct Page {
    pub(crate) head: Value,
    /// By table and level.
    pub(crate) rows: BTreeMap<(String, i64), Vec<Row>>,
}

const OPENING: &str = "<script type=\"text/plain\" id=\"lodestar-";

/// Name and text of each block of data.
fn blocks(html: &str) -> BTreeMap<&str, &str> {
    let blocks = html.split(OPENING).skip(1);
    let blocks = blocks.filter_map(|rest| {
        let (name, rest) = rest.split_once("\">")?;
        Some((name, rest.split_once("</script>")?.0))
    });
    blocks.collect()
}

fn from_base64(text: &str) -> Vec<u8> {
    let value = |digit: u8| match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        other => panic!("{other} is no digit of base64"),
    };
    assert!(text.len().is_multiple_of(4));
    let (mut bytes, mut bits, mut waiting) = (Vec::new(), 0_u32, 0);
    for digit in text.trim_end_matches('=').bytes() {
        bits = (bits << 6) | u32::from(value(digit));
        waiting += 6;
        if waiting >= 8 {
            waiting -= 8;
            bytes.push((bits >> waiting) as u8);
        }
    }
    bytes
}

/// The bytes of a block.
pub(crate) fn inflated(text: &str) -> Vec<u8> {
    let packed = from_base64(text);
    let mut bytes = Vec::new();
    let mut decoder = flate2::read::DeflateDecoder::new(packed.as_slice());
    decoder.read_to_end(&mut bytes).expect("raw DEFLATE");
    assert_eq!(decoder.total_in(), packed.len() as u64, "nothing follows");
    bytes
}

/// The whole page.
pub(crate) fn page(html: &[u8]) -> Page {
    let html = std::str::from_utf8(html).expect("UTF-8");
    let blocks = blocks(html);
    let head: Value = serde_json::from_slice(&inflated(blocks["head"])).expect("JSON");
    let mut rows = BTreeMap::new();
    for table in head["tables"].as_array().expect("tables") {
        let name = table["name"].as_str().expect("a name");
        for level in table["levels"].as_array().expect("levels") {
            let (at, count) = (&level["level"], &level["rows"]);
            let block = inflated(blocks[format!("{name}-{at}").as_str()]);
            let count = count.as_u64().expect("a number of rows") as usize;
            let level = at.as_i64().expect("a level");
            rows.insert((name.to_owned(), level), sheet(table, count, &block));
        }
    }
    assert_eq!(blocks.len(), rows.len() + 1, "every block is named");
    Page { head, rows }
}

fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

struct Varints<'a>(&'a [u8]);

impl Varints<'_> {
    fn next(&mut self) -> u64 {
        let (mut value, mut shift) = (0, 0);
        loop {
            let (byte, rest) = self.0.split_first().expect("more bytes");
            self.0 = rest;
            value |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                return value;
            }
        }
    }
}

/// The widest interval of the rows before a row that are of its unit and period.
fn widest(rows: &[Row], widths: &[Option<i64>], at: usize) -> Option<i64> {
    let key = |row: &Row| ["org_unit", "period"].map(|key| row[key].clone());
    let same = (0..at)
        .rev()
        .take_while(|other| key(&rows[*other]) == key(&rows[at]));
    same.filter_map(|other| widths[other]).max()
}

/// Column after column.
fn sheet(table: &Value, count: usize, block: &[u8]) -> Vec<Row> {
    let mut rows = vec![Row::new(); count];
    let mut bytes = Varints(block);
    let [mut middle, mut below, mut widths] = [(); 3].map(|()| vec![None; count]);
    let mut scale = 1.0;
    for column in table["columns"].as_array().expect("columns") {
        let name = column["name"].as_str().expect("a name");
        let kind = column["kind"].as_str().expect("a kind");
        if matches!(kind, "number" | "date") {
            scale = 10_f64.powi(column["digits"].as_i64().unwrap_or(0) as i32);
        }
        for at in 0..count {
            let raw = bytes.next();
            let signed = raw.checked_sub(1).map(unzigzag);
            let number = match kind {
                "word" => {
                    let place = (raw as usize).checked_sub(1);
                    let word = place.map_or(Value::Null, |place| column["words"][place].clone());
                    rows[at].insert(name.to_owned(), word);
                    continue;
                }
                "number" | "date" => {
                    middle[at] = signed;
                    signed
                }
                "low" => {
                    below[at] = signed;
                    widths[at] = None;
                    signed.map(|below: i64| middle[at].expect("a number") - below)
                }
                "high" => signed.map(|rest| {
                    let below: i64 = below[at].expect("an end");
                    let width = rest + widest(&rows, &widths, at).unwrap_or(2 * below);
                    widths[at] = Some(width);
                    middle[at].expect("a number") - below + width
                }),
                other => panic!("{other} is no kind"),
            };
            let value = number.map_or(Value::Null, |number| (number as f64 / scale).into());
            rows[at].insert(name.to_owned(), value);
        }
    }
    assert!(bytes.0.is_empty(), "nothing follows");
    rows
}
