//! `unpivot`: wide tables, which have a column per question, group or wave.

use super::columns::{self, Column, Holds};
use super::reader::Field;
use super::sources::Declared;
use super::tree::Value;
use super::{Mapping, Unpivot, names};

/// Most columns that are taken apart.
const MOST: usize = 1000;

/// What a column of a wide table may stand for.
const INTO: [&str; 5] = ["item", "competency", "instrument", "rater_group", "wave"];

/// Reads `unpivot` of a source; `given` says which of our columns `columns` or
/// `defaults` have.
pub(super) fn read(
    field: &Field<'_>,
    ours: &[Column<'_>],
    declared: &Declared<'_>,
    given: impl Fn(&str) -> bool,
) -> Option<Unpivot> {
    let expected = "expected { into = …, columns = … }";
    let mut table = field.table(expected)?;
    let options = INTO.map(|name| (name, name));
    let into = table
        .require("into", &names::one_of(INTO.into_iter()))
        .and_then(|field| field.choice(&options));
    let wide = table.require("columns", EXPECTED);
    let mut cells = Mapping::of("");
    columns::reading(&mut table, Holds::Signed, &mut cells);
    table.finish();
    let into = into?;
    for made in [into, Unpivot::CELLS] {
        if given(made) {
            let message = format!(
                "`{}` makes `{made}`, which is read from the file as well",
                field.name()
            );
            field.refuse(message, "take it out of `columns` and `defaults`");
        }
    }
    let column = ours.iter().find(|column| column.name == into)?;
    let mut found: Vec<(Mapping, String)> = Vec::new();
    for (from, value, at) in pairs(&wide?)? {
        if let Some(expected) = columns::wrong(column.holds, &value, None, declared) {
            at.refuse(format!("`{into}` cannot be {value:?}"), expected);
        } else if found.iter().any(|(_, known)| *known == value) {
            at.refuse(
                format!("two columns stand for `{value}`"),
                "expected one of each",
            );
        } else if found.iter().any(|(known, _)| known.from == from) {
            at.refuse(format!("`{from}` is given twice"), "expected it once");
        }
        let mapping = Mapping {
            from,
            ..cells.clone()
        };
        found.push((mapping, value));
    }
    Some(Unpivot {
        into: into.to_owned(),
        columns: found,
    })
}

const EXPECTED: &str =
    "expected the columns to take apart: a list, or a table of what they stand for";

/// Column of the file, what it stands for, and where that is said.
fn pairs<'a>(field: &Field<'a>) -> Option<Vec<(String, String, Field<'a>)>> {
    let mut pairs = Vec::new();
    if let Value::Table(_) = field.value() {
        for (from, _, value) in field.table(EXPECTED)?.fields() {
            let stands_for = value
                .line("expected what the column stands for")?
                .to_owned();
            pairs.push((from.to_owned(), stands_for, value));
        }
    } else {
        for item in field.items(EXPECTED)? {
            let name = item.line("expected a column of the file")?.to_owned();
            pairs.push((name.clone(), name, item));
        }
    }
    if pairs.is_empty() || pairs.len() > MOST {
        let message = format!("`{}` has {} columns", field.name(), pairs.len());
        field.refuse(message, format!("expected 1 to {MOST}"));
        return None;
    }
    Some(pairs)
}
