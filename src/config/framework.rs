//! `[[competencies]]` and `[[themes]]`: what is declared.

use std::collections::HashMap;
use std::sync::Arc;

use lodestar_privacy::public::Label;

use super::names;
use super::notes;
use super::reader::{Field, Table};
use super::{Framework, Theme};

/// Most competencies, and most themes: every key costs noise, and codes are
/// 16 bits wide.
const MOST: usize = 10_000;

/// The theme that every competency has: what no other theme covers.
pub(crate) const OTHER: &str = "other";

/// Reads competencies and themes.
pub(super) fn read(root: &mut Table<'_>) -> Framework {
    let mut competencies: Vec<Label> = Vec::new();
    let mut codes = HashMap::new();
    for mut table in root.sections("competencies").into_iter().take(MOST + 1) {
        if let Some(label) = label(&mut table, &codes) {
            codes.insert(label.id.clone(), competencies.len());
            competencies.push(label);
        }
        refuse_most(&table, competencies.len(), MOST);
        table.finish();
    }
    let mut notes = notes::read(root);
    let mut themes: Vec<Theme> = Vec::new();
    let mut ids = HashMap::new();
    for mut table in root.sections("themes").into_iter().take(MOST + 1) {
        let label = label(&mut table, &ids);
        let competencies = listed(&mut table, &codes, &competencies);
        notes.theme(&mut table, themes.len() as u16);
        if let Some(label) = label {
            if label.id == OTHER {
                table.refuse(
                    "the theme `other` is reserved",
                    "expected another id: every competency has `other` already",
                );
            }
            ids.insert(label.id.clone(), themes.len());
            themes.push(Theme {
                label,
                competencies,
            });
        }
        refuse_most(&table, themes.len(), MOST);
        table.finish();
    }
    Framework {
        competencies,
        themes,
        tagger: Arc::new(notes.tagger),
    }
}

/// Notes that there are more than there may be.
pub(super) fn refuse_most(table: &Table<'_>, count: usize, most: usize) {
    if count > most {
        table.refuse(
            "there are too many of these",
            format!("expected at most {most}"),
        );
    }
}

/// `id` and `label` of a table; the id must be new.
pub(super) fn label(table: &mut Table<'_>, known: &HashMap<String, usize>) -> Option<Label> {
    let field = table.require("id", "expected an id");
    let text = table.get("label");
    let text = text.map(|field| field.line("expected a label"));
    let field = field?;
    let id = names::id(&field)?;
    if known.contains_key(id) {
        field.refuse(
            format!("`{id}` is declared twice"),
            "expected an id of its own",
        );
        return None;
    }
    let label = text.map_or(Some(id), |text| text).unwrap_or(id);
    Some(Label {
        id: id.to_owned(),
        label: label.to_owned(),
    })
}

/// The declared competency that a field names, by index.
pub(super) fn competency(field: &Field<'_>, framework: &Framework) -> Option<u16> {
    let id = field.line("expected the id of a competency")?;
    let ids = framework.competencies.iter().map(|label| label.id.as_str());
    let code = (0..).zip(ids.clone()).find(|(_, known)| *known == id);
    if code.is_none() {
        let message = format!("the competency `{id}` is not declared");
        field.refuse(message, names::expected(id, ids));
    }
    code.map(|(code, _)| code)
}

/// The competencies that list a theme, by index.
fn listed(
    table: &mut Table<'_>,
    codes: &HashMap<String, usize>,
    competencies: &[Label],
) -> Vec<usize> {
    let expected = "expected the ids of one or more competencies";
    let Some(field) = table.require("competencies", expected) else {
        return Vec::new();
    };
    let Some(items) = field.items(expected) else {
        return Vec::new();
    };
    if items.is_empty() {
        field.refuse(format!("`{}` is empty", field.name()), expected);
    }
    let mut found = Vec::new();
    for item in items {
        let Some(id) = item.line("expected the id of a competency") else {
            continue;
        };
        match codes.get(id) {
            // Where none is declared at all, that is said once, elsewhere.
            None if competencies.is_empty() => {}
            None => {
                let ids = competencies.iter().map(|label| label.id.as_str());
                let message = format!("the competency `{id}` is not declared");
                item.refuse(message, names::expected(id, ids));
            }
            Some(code) if found.contains(code) => {
                item.refuse(format!("`{id}` is listed twice"), "expected it once");
            }
            Some(&code) => found.push(code),
        }
    }
    found
}
