//! CSV: RFC 4180, UTF-8.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use super::batch::{Batch, Column, Field, Kind, Role, Span};
use super::blocks::{Block, Blocks, Sizes, text};
use super::bytes::{self, Bytes};
use super::error::IngestError;
use super::paths::InputFile;
use super::report::Reason;
use super::strict::{After, Csv, End, Found, Parser};
use super::taking::Taking;

/// One CSV file, block by block.
pub(super) struct CsvFile {
    layout: Arc<Layout>,
    blocks: Blocks<Csv>,
}

/// What all blocks of a file are parsed with.
pub(super) struct Layout {
    table: &'static str,
    shown: String,
    delimiter: u8,
    /// Per field: its position in the file.
    positions: Vec<Option<usize>>,
    /// Fields of a record.
    width: usize,
}

impl CsvFile {
    /// Opens a file and reads its header.
    pub(super) fn open(
        table: &'static str,
        file: &InputFile,
        fields: &[Field],
        sizes: Sizes,
        read: &Arc<AtomicU64>,
    ) -> Result<Self, IngestError> {
        let failed = |error| bytes::broken(table, &file.shown, error);
        let delimiter = file.delimiter;
        let bytes = Bytes::open(file, read).map_err(failed)?;
        let mut blocks = Blocks::new(bytes, Csv { delimiter }, sizes, 0);
        let refused = |row, problem: &str| IngestError::File {
            table,
            path: file.shown.clone(),
            row,
            problem: problem.to_owned(),
        };
        let names = loop {
            // Empty lines are no header.
            let Some(block) = blocks.next(1).map_err(failed)? else {
                return Err(refused(None, "is empty: it has no header"));
            };
            let names = header(block, delimiter).map_err(|problem| refused(Some(0), problem))?;
            if !names.is_empty() {
                break names;
            }
        };
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let twice = (0..names.len())
            .find_map(|b| Some((names[..b].iter().position(|n| *n == names[b])?, b)));
        if let Some((a, b)) = twice {
            // By position: in a file without a header these would be values.
            let problem = format!("columns {} and {} have the same name", a + 1, b + 1);
            return Err(refused(Some(0), &problem));
        }
        let positions = locate(table, &file.shown, fields, &names)
            .map_err(|error| separated(&names, table, error))?;
        let layout = Arc::new(Layout {
            table,
            shown: file.shown.clone(),
            delimiter,
            positions,
            width: names.len(),
        });
        Ok(Self { layout, blocks })
    }

    /// The next rows, to be parsed; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<(Arc<Layout>, Block)>, IngestError> {
        let layout = &self.layout;
        let next = self.blocks.next(u64::MAX);
        let next = next.map_err(|error| bytes::broken(layout.table, &layout.shown, error))?;
        Ok(next.map(|block| (Arc::clone(layout), block)))
    }
}

/// The names that a header says; none: it is an empty line.
fn header(block: Block, delimiter: u8) -> Result<Vec<String>, &'static str> {
    let (mut text, whole) = text(block.bytes);
    let mut fields = Vec::new();
    Parser::new(delimiter, after(whole)).record(text.as_bytes(), &mut fields)?;
    let mut names = Vec::new();
    for field in fields {
        let (start, end) = said(&mut text, field)?;
        names.push(text[start as usize..end as usize].to_owned());
    }
    Ok(names)
}

/// What follows a text of whole records.
fn after(whole: bool) -> After {
    if whole { After::Nothing } else { After::NoText }
}

/// Where a field's text lies. One with doubled quotes is put behind all others,
/// with single ones.
fn said(text: &mut String, field: Found) -> Result<Span, &'static str> {
    if !field.doubled {
        return Ok((field.start, field.end));
    }
    let single = text[field.start as usize..field.end as usize].replace("\"\"", "\"");
    let span = (text.len(), text.len() + single.len());
    let (Ok(start), Ok(end)) = (u32::try_from(span.0), u32::try_from(span.1)) else {
        return Err("records with too many quotes");
    };
    text.push_str(&single);
    Ok((start, end))
}

impl Layout {
    /// Takes the rows of a block apart.
    pub(super) fn batch(&self, block: Block, fields: &[Field]) -> Result<Batch, IngestError> {
        let mut batch = Batch::new(block.first_row, Vec::new());
        let (mut text, whole) = text(block.bytes);
        let length = text.len();
        let taking = |(field, position): (&Field, &Option<usize>)| {
            position.map(|position| (position, Taking::new(field.repeats)))
        };
        let mut columns: Vec<_> = fields.iter().zip(&self.positions).map(taking).collect();
        let mut parser = Parser::new(self.delimiter, after(whole));
        let mut found = Vec::with_capacity(self.width);
        loop {
            let record = parser.record(&text.as_bytes()[..length], &mut found);
            let Some(end) = record.map_err(|problem| self.refused(&batch, problem))? else {
                break;
            };
            let all = found.len() == self.width;
            if !all && end == End::File {
                let problem = "the file ends within a record: it is truncated";
                return Err(self.refused(&batch, problem));
            }
            if !all {
                batch.broken.push((batch.rows, Reason::FieldCount));
            }
            for (position, taking) in columns.iter_mut().flatten() {
                let field = found.get(*position).filter(|_| all);
                let span = field.map_or(Ok((0, 0)), |field| said(&mut text, *field));
                let span = span.map_err(|problem| self.refused(&batch, problem))?;
                taking.push(&text, span);
            }
            batch.rows += 1;
        }
        let text = Arc::new(text);
        let finished = |column: Option<(usize, Taking)>| {
            column.map_or(Column::Absent, |(_, taking)| taking.finish(&text))
        };
        batch.columns = columns.into_iter().map(finished).collect();
        Ok(batch)
    }

    /// What is wrong with the row after those of the batch.
    fn refused(&self, batch: &Batch, problem: &str) -> IngestError {
        IngestError::File {
            table: self.table,
            path: self.shown.clone(),
            row: Some(batch.number(batch.rows)),
            problem: problem.to_owned(),
        }
    }
}

/// Where the fields are, given the names in the file.
pub(super) fn locate(
    table: &'static str,
    shown: &str,
    fields: &[Field],
    names: &[&str],
) -> Result<Vec<Option<usize>>, IngestError> {
    let position = |field: &Field| names.iter().position(|name| field.is_called(name));
    let positions: Vec<_> = fields.iter().map(position).collect();
    let all = fields.iter().zip(&positions);
    let missing = all.filter(|(field, at)| field.required && at.is_none());
    let missing: Vec<&Field> = missing.map(|(field, _)| field).collect();
    let Some(field) = missing.first() else {
        return Ok(positions);
    };
    // Where no name is known this may be a row of values: nothing is repeated.
    let headed = positions.iter().any(Option::is_some);
    let problem = if headed && matches!(field.role, Role::Wide(_)) {
        format!("is missing; if it has another name, correct `unpivot` in [sources.{table}]")
    } else {
        let taken = |name: &&str| fields.iter().any(|other| other.mapping.from == **name);
        let free = names.iter().copied();
        let free: Vec<&str> = free.filter(|name| headed && !taken(name)).collect();
        let called = |field: &&Field| match nearest(field, &missing, &free) {
            Some(name) => format!("{} = {name:?}", field.name),
            None => format!("{} = …", field.name),
        };
        let own = |field: &&&Field| !matches!(field.role, Role::Wide(_));
        let all: Vec<String> = missing.iter().filter(own).map(called).collect();
        let columns = format!("columns = {{ {} }} in [sources.{table}]", all.join(", "));
        match nearest(field, &missing, &free) {
            Some(name) => format!("is missing; if it is {name:?}, say so: {columns}"),
            None if headed => format!(
                "is missing; if it has another name, say so: {columns}{}",
                instead(field)
            ),
            None => format!(
                "is missing, as are all others: say what they are called, {columns}, or, if the \
                 file has no header, add one"
            ),
        }
    };
    let (path, from) = (shown.to_owned(), field.mapping.from.clone());
    Err(IngestError::Column {
        table,
        path,
        column: field.name.clone(),
        from,
        problem,
    })
}

/// Of the names in a file the one that a missing field's name was probably meant to
/// be: none that another of those missing is closer to.
fn nearest<'a>(field: &Field, missing: &[&Field], names: &[&'a str]) -> Option<&'a str> {
    let close = |name: &str, to: &Field| strsim::jaro_winkler(name, &to.mapping.from);
    let own = |name: &&str| {
        let mine = close(name, field);
        mine > 0.8 && missing.iter().all(|other| close(name, other) <= mine)
    };
    let names = names.iter().copied().filter(own);
    names.max_by(|a, b| close(a, field).total_cmp(&close(b, field)))
}

/// What to do where a file has nothing of what many leave out.
fn instead(field: &Field) -> String {
    match field.kind {
        Kind::Number | Kind::List => format!(
            "; if no column says it, what holds for all rows: defaults = {{ {} = … }}",
            field.name
        ),
        _ => String::new(),
    }
}

/// Where a header seems to have another delimiter, that is what is wrong.
fn separated(names: &[&str], table: &'static str, error: IngestError) -> IngestError {
    let mut seen = [';', '\t', '|', ','].into_iter();
    let [name] = names else { return error };
    let (Some(other), IngestError::Column { path, .. }) =
        (seen.find(|mark| name.contains(*mark)), &error)
    else {
        return error;
    };
    IngestError::File {
        table,
        path: path.clone(),
        row: Some(0),
        problem: format!(
            "seems to be separated by {other:?}; if it is, say so: delimiter = {:?} in \
             [sources.{table}]",
            other.to_string()
        ),
    }
}
