//! NDJSON: a JSON object a line, UTF-8.

use std::collections::HashSet;
use std::fmt;
use std::io::{BufRead, BufReader};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;

use super::batch::{Batch, Column, Field, Kind, Value};
use super::blocks::NOT_TEXT;
use super::bytes::{Bytes, broken};
use super::error::IngestError;
use super::paths::InputFile;
use super::report::Reason;

/// Rows of a batch.
const ROWS: usize = 16_384;

/// One NDJSON file, batch by batch.
pub(super) struct NdjsonFile {
    table: &'static str,
    shown: String,
    reader: BufReader<Bytes>,
    line: Vec<u8>,
    /// Data rows read.
    rows: u64,
    done: bool,
}

impl NdjsonFile {
    /// Opens a file. Which columns it has shows line by line.
    pub(super) fn open(
        table: &'static str,
        file: &InputFile,
        read: &Arc<AtomicU64>,
    ) -> Result<Self, IngestError> {
        let failed = |error| broken(table, &file.shown, error);
        Ok(Self {
            table,
            shown: file.shown.clone(),
            reader: BufReader::with_capacity(1 << 18, Bytes::open(file, read).map_err(failed)?),
            line: Vec::new(),
            rows: 0,
            done: false,
        })
    }

    /// The next rows; `None` at the end.
    pub(super) fn next(&mut self, fields: &[Field]) -> Result<Option<Batch>, IngestError> {
        let mut columns: Vec<Vec<Value>> = vec![Vec::new(); fields.len()];
        let mut batch = Batch::new(self.rows + 1, Vec::new());
        while batch.rows < ROWS && !self.done {
            self.line.clear();
            let read = self.reader.read_until(b'\n', &mut self.line);
            self.done = read.map_err(|error| broken(self.table, &self.shown, error))? == 0;
            if self.line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            self.rows += 1;
            let mut row = vec![Value::Missing; fields.len()];
            if let Err(error) = self.parse(fields, &mut row)? {
                let last = !self.line.ends_with(b"\n");
                if last && error.classify() == Category::Eof {
                    return Err(self.refused("the file ends within a line: it is truncated"));
                }
                batch.broken.push((batch.rows, Reason::Json));
                row.fill(Value::Missing);
            }
            for (column, value) in columns.iter_mut().zip(row) {
                column.push(value);
            }
            batch.rows += 1;
        }
        batch.columns = columns.into_iter().map(Column::Values).collect();
        Ok((batch.rows > 0).then_some(batch))
    }

    /// Reads the line into a row; inside, what is wrong with its JSON.
    fn parse(
        &self,
        fields: &[Field],
        row: &mut [Value],
    ) -> Result<serde_json::Result<()>, IngestError> {
        let not_text = self.line.contains(&0);
        let text = std::str::from_utf8(&self.line).ok().filter(|_| !not_text);
        let text = text.ok_or_else(|| self.refused(NOT_TEXT))?;
        let mut parser = serde_json::Deserializer::from_str(text);
        Ok(Object { fields, row }
            .deserialize(&mut parser)
            .and_then(|()| parser.end()))
    }

    fn refused(&self, problem: &str) -> IngestError {
        IngestError::File {
            table: self.table,
            path: self.shown.clone(),
            row: Some(self.rows),
            problem: problem.to_owned(),
        }
    }
}

/// An object whose values go to the cells of a row.
struct Object<'a> {
    fields: &'a [Field],
    row: &'a mut [Value],
}

impl<'de> DeserializeSeed<'de> for Object<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen: HashSet<String> = HashSet::new();
        while let Some(key) = map.next_key::<String>()? {
            let mut takers = (0..self.fields.len()).filter(|at| self.fields[*at].is_called(&key));
            if let Some(first) = takers.next() {
                let value = map.next_value_seed(Any { in_list: false })?;
                for at in takers.chain([first]) {
                    self.row[at] = fitting(value.clone(), self.fields[at].kind);
                }
            } else {
                map.next_value::<IgnoredAny>()?;
            }
            if !seen.insert(key) {
                return Err(A::Error::custom("a name twice"));
            }
        }
        Ok(())
    }
}

/// A value as a column of the kind can have it: integers may be ids.
fn fitting(value: Scalar, kind: Kind) -> Value {
    match (value, kind) {
        (Scalar::Integer(number), Kind::Text | Kind::List) => Value::Text(number.to_string()),
        (Scalar::Integer(number), _) => Value::Number(number as f64),
        (Scalar::Other(Value::Number(_)), Kind::Text | Kind::List) => Value::Odd,
        (Scalar::Other(value), _) => value,
    }
}

/// A value, integers told from other numbers.
#[derive(Clone)]
enum Scalar {
    Integer(i128),
    Other(Value),
}

/// Reads any value, without going deeper than into one list.
struct Any {
    in_list: bool,
}

impl<'de> DeserializeSeed<'de> for Any {
    type Value = Scalar;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Scalar, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Any {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Scalar, E> {
        Ok(Scalar::Other(Value::Missing))
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Scalar, E> {
        Ok(Scalar::Other(Value::Odd))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Scalar, E> {
        Ok(Scalar::Integer(number.into()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Scalar, E> {
        Ok(Scalar::Integer(number.into()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Scalar, E> {
        Ok(Scalar::Other(Value::Number(number)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Scalar, E> {
        Ok(Scalar::Other(Value::Text(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Scalar, A::Error> {
        if self.in_list {
            while list.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(Scalar::Other(Value::Odd));
        }
        let mut texts = Some(Vec::new());
        while let Some(item) = list.next_element_seed(Any { in_list: true })? {
            match (fitting(item, Kind::Text), &mut texts) {
                (Value::Text(text), Some(texts)) => texts.push(text),
                (Value::Missing, _) => {}
                _ => texts = None,
            }
        }
        Ok(Scalar::Other(texts.map_or(Value::Odd, Value::Texts)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Scalar, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Other(Value::Odd))
    }
}
