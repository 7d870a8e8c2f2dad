//! `[dimensions]`: what people and sessions can be told apart by.

use std::collections::HashSet;

use lodestar_privacy::public::Label;

use super::names;
use super::reader::{Field, Table};
use super::source::Place;
use super::{Dimension, sources};

/// The dimension that is a column of sessions; all others are people's.
pub(super) const FORMAT: &str = "format";

/// Most values of a dimension: every one costs noise, and codes are 16 bits
/// wide.
const MOST: usize = 10_000;

/// Longest name, in bytes: it is a column of what is published.
const LONGEST: usize = 64;

/// Columns of what is published, beside those that inputs have.
const PUBLISHED: [&str; 10] = [
    "release_id",
    "period",
    "period_start",
    "period_end",
    "org_level",
    "theme",
    "cohort",
    "n",
    "share",
    "status",
];

/// How further columns of what is published end.
const ENDINGS: [&str; 3] = ["_label", "_low", "_high"];

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
    let plain = name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.len() <= LONGEST
        && name
            .bytes()
            .all(|byte| byte == b'_' || byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let used = sources::has_column(name) && ![FORMAT, "programme"].contains(&name);
    let (message, expected) = if !plain {
        let message = format!("`{}` is no name of a dimension", field.name());
        let expected =
            format!("expected a to z, 0 to 9 and _, a letter first, at most {LONGEST} bytes");
        (message, expected)
    } else if used || PUBLISHED.contains(&name) || ENDINGS.iter().any(|end| name.ends_with(end)) {
        let message = format!("`{name}` is the name of another column");
        (message, "expected another name".to_owned())
    } else {
        return Some(());
    };
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
