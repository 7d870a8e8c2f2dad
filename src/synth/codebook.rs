//! The built-in competencies and themes, read from the very files that a
//! synthetic project is given.

use std::collections::HashMap;
use std::fmt::Write as _;

use toml::de::{DeTable, DeValue};

/// Text of the project's framework file.
pub(super) const FRAMEWORK: &str = include_str!("data/framework.toml");

/// Text of the project's codebook file.
pub(super) const CODEBOOK: &str = include_str!("data/codebook.toml");

/// Text of the project's file of instruments and metrics, for studies.
pub(super) const INSTRUMENTS: &str = include_str!("data/instruments.toml");

/// Number of competencies.
pub(super) const COMPETENCIES: usize = 12;

/// Number of themes that each competency lists.
pub(super) const LISTED: usize = 5;

/// Number of (competency, theme) pairs. Pair p belongs to competency
/// p / [`LISTED`].
pub(super) const PAIRS: usize = COMPETENCIES * LISTED;

/// Competencies and themes, by index.
pub(super) struct Codebook {
    /// Ids of the competencies.
    pub(super) competencies: Vec<String>,
    /// Ids of the themes.
    pub(super) themes: Vec<String>,
    /// Theme of each pair.
    pub(super) pairs: [usize; PAIRS],
}

impl Codebook {
    /// Reads the built-in files; a test reads them, so that they hold no error.
    pub(super) fn built_in() -> Self {
        Self::of_themes(entries(CODEBOOK, "themes"))
    }

    /// The built-in themes, but none belongs to two competencies: a theme that
    /// does becomes two. With the text of its file.
    pub(super) fn apart() -> (Self, String) {
        let labels: HashMap<String, String> = entries(FRAMEWORK, "competencies")
            .into_iter()
            .map(|competency| (competency.id, competency.label))
            .collect();
        let mut themes = Vec::new();
        for Entry { id, label, of } in entries(CODEBOOK, "themes") {
            for (place, competency) in of.into_iter().enumerate() {
                let (id, label) = match place {
                    0 => (id.clone(), label.clone()),
                    _ => (
                        format!("{id}_in_{competency}"),
                        format!("{label} ({})", labels[&competency]),
                    ),
                };
                let of = vec![competency];
                themes.push(Entry { id, label, of });
            }
        }
        let mut text = String::from("# The codebook: themes that coaches note. Public.\n");
        for Entry { id, label, of } in &themes {
            // Writing to a text can't fail.
            let _ = write!(
                text,
                "\n[[themes]]\nid = {id:?}\nlabel = {label:?}\ncompetencies = {of:?}\n"
            );
        }
        (Self::of_themes(themes), text)
    }

    fn of_themes(entries: Vec<Entry>) -> Self {
        let competencies: Vec<String> = self::entries(FRAMEWORK, "competencies")
            .into_iter()
            .map(|competency| competency.id)
            .collect();
        let mut themes = Vec::new();
        let mut listed = vec![Vec::new(); COMPETENCIES];
        for Entry { id, of, .. } in entries {
            for (competency, list) in competencies.iter().zip(&mut listed) {
                if of.contains(competency) {
                    list.push(themes.len());
                }
            }
            themes.push(id);
        }
        let mut pairs = [0; PAIRS];
        pairs.copy_from_slice(&listed.concat());
        Self {
            competencies,
            themes,
            pairs,
        }
    }

    /// The pairs of a competency.
    pub(super) fn of(competency: usize) -> std::ops::Range<usize> {
        competency * LISTED..(competency + 1) * LISTED
    }

    /// The pairs that a theme is in.
    pub(super) fn pairs_of(&self, theme: usize) -> impl Iterator<Item = usize> {
        (0..PAIRS).filter(move |&pair| self.pairs[pair] == theme)
    }

    /// Whether the competency lists the theme.
    pub(super) fn lists(&self, competency: usize, theme: usize) -> bool {
        self.pairs[Self::of(competency)].contains(&theme)
    }
}

/// What a table of the files says.
struct Entry {
    id: String,
    label: String,
    /// The competencies that a theme belongs to.
    of: Vec<String>,
}

/// The tables under a name.
fn entries(text: &str, name: &str) -> Vec<Entry> {
    let document = DeTable::parse(text)
        .map(toml::Spanned::into_inner)
        .unwrap_or_default();
    let tables = document
        .get(name)
        .and_then(|tables| tables.get_ref().as_array());
    let entry = |table: &DeValue<'_>| {
        let text = |name| {
            let text = table.get(name).and_then(|text| text.get_ref().as_str());
            text.unwrap_or_default().to_owned()
        };
        let of = table
            .get("competencies")
            .and_then(|of| of.get_ref().as_array());
        let of = of.into_iter().flat_map(|of| of.iter());
        let of = of.filter_map(|id| id.get_ref().as_str()).map(str::to_owned);
        Entry {
            id: text("id"),
            label: text("label"),
            of: of.collect(),
        }
    };
    let tables = tables.into_iter().flat_map(|tables| tables.iter());
    tables.map(|table| entry(table.get_ref())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_built_in_codebook_has_48_themes_in_60_pairs() {
        let codebook = Codebook::built_in();
        assert_eq!(codebook.competencies.len(), COMPETENCIES);
        assert_eq!(codebook.themes.len(), 48);
        let themes: BTreeSet<_> = codebook.themes.iter().collect();
        assert_eq!(themes.len(), 48);
        let pairs = |count| {
            (0..48)
                .filter(|&t| codebook.pairs_of(t).count() == count)
                .count()
        };
        assert_eq!((pairs(1), pairs(2)), (36, 12));
    }

    #[test]
    fn themes_apart_are_60_of_one_competency_each() {
        let (codebook, text) = Codebook::apart();
        let themes: BTreeSet<_> = codebook.themes.iter().collect();
        assert_eq!((themes.len(), codebook.themes.len()), (60, 60));
        assert!((0..60).all(|theme| codebook.pairs_of(theme).count() == 1));
        let written = entries(&text, "themes");
        let ids: Vec<_> = written.iter().map(|theme| &theme.id).collect();
        assert_eq!(ids, codebook.themes.iter().collect::<Vec<_>>());
    }
}
