//! `[dimensions]`: what people and sessions can be told apart by.

use std::collections::HashSet;

use lodestar_privacy::public::Label;

use super::names;
use super::reader::{Field, Table};
use super::source::Place;
use super::{Dimension, sources};

/// The dimension that is a column of sessions; all others are people's.
pub(super) const FORMAT: &str = "format";

/// The dimension of people that says in which programme they take part.
pub(crate) const PROGRAMME: &str = "programme";

/// Most values of a dimension: every one costs noise, and codes are 16 bits
/// wide.
const MOST: usize = 10_000;

/// What `[dimensions]` declares.
#[derive(Default)]
pub(super) struct Dimensions {
    /// Columns of people.
    pub(super) people: Vec<Dimension>,
    /// The values of `format`.
    pub(super) formats: Vec<Label>,
}

/// Reads `[dimensions]`.
pub(super) fn read(root: &mut Table<'_>) -> Dimensions {
    let mut dimensions = Dimensions::default();
    let Some(table) = root.section("dimensions") else {
        return dimensions;
    };
    for (name, place, field) in table.fields() {
        let Some(values) = sound_name(name, place, &field).and_then(|()| values(&field)) else {
            continue;
        };
        if name == FORMAT {
            dimensions.formats = values;
        } else {
            dimensions.people.push(Dimension {
                name: name.to_owned(),
                values,
            });
        }
    }
    dimensions
}

/// Whether a dimension can have the name; `None`: it is refused.
fn sound_name(name: &str, place: Place, field: &Field<'_>) -> Option<()> {
    let used = sources::has_column(name) && ![FORMAT, PROGRAMME].contains(&name);
    let (message, expected) = if !names::is_column(name) {
        (
            format!("`{}` is no name of a dimension", field.name()),
            names::COLUMN,
        )
    } else if used || names::is_taken(name) || ["n", "share"].contains(&name) {
        let message = format!("`{name}` is the name of another column");
        (message, "expected another name")
    } else {
        return Some(());
    };
    let expected = expected.to_owned();
    field.refuse_at(place, message, expected);
    None
}

/// The values of a dimension, each once, in order.
fn values(field: &Field<'_>) -> Option<Vec<Label>> {
    let expected = "expected a list of ids";
    let items = field.items(expected)?;
    if items.is_empty() {
        field.refuse(format!("`{}` is empty", field.name()), expected);
        return None;
    } else if items.len() > MOST {
        let message = format!("`{}` has too many values", field.name());
        field.refuse(message, format!("expected at most {MOST}"));
    }
    let mut seen = HashSet::new();
    let mut values = Vec::new();
    for item in items.into_iter().take(MOST) {
        let id = names::id(&item)?;
        if seen.insert(id) {
            values.push(Label {
                id: id.to_owned(),
                label: id.to_owned(),
            });
        } else {
            item.refuse(format!("`{id}` is declared twice"), "expected it once");
        }
    }
    Some(values)
}
