//! `[notes]`, and the terms by which themes are found in them.

use std::collections::HashSet;

use lodestar_tagging::{Entry, Language, Tagger};

use super::names;
use super::periods::or;
use super::reader::{Field, Table};
use super::tree::Value;

/// Most terms of a theme, and most exceptions.
const MOST: usize = 1000;

/// What terms are given as.
const EXPECTED: &str = "expected a list of words and phrases, or one by language: { en = […] }";

/// Longest term, in bytes.
const LONGEST: usize = 256;

/// How terms are looked for.
pub(super) struct Notes {
    /// Of terms that do not say theirs.
    language: Language,
    /// Of all themes.
    pub(super) tagger: Tagger,
}

/// Reads `[notes]`; there are no terms yet.
pub(super) fn read(root: &mut Table<'_>) -> Notes {
    let mut language = Some(Language::ENGLISH);
    let mut negation = Some(true);
    if let Some(mut table) = root.section("notes") {
        language = or(table.get("language"), Language::ENGLISH, |field| {
            let known = Language::codes().filter_map(|code| Some((code, Language::of(code)?)));
            field.choice(&known.collect::<Vec<_>>())
        });
        negation = or(table.get("negation"), true, Field::boolean);
        table.finish();
    }
    Notes {
        language: language.unwrap_or(Language::ENGLISH),
        tagger: Tagger::new(negation.unwrap_or(true)),
    }
}

impl Notes {
    /// Reads `terms` and `except` of a theme.
    pub(super) fn theme(&mut self, table: &mut Table<'_>, theme: u16) {
        let terms = table.get("terms");
        let exceptions = table.get("except");
        if let (None, Some(field)) = (&terms, &exceptions) {
            let message = format!("`{}` is given without `terms`", field.name());
            field.refuse(message, "expected `terms`: what these are exceptions to");
        }
        // A text that is both would never count.
        let mut known = HashSet::new();
        for (field, excepted) in terms
            .iter()
            .map(|field| (field, false))
            .chain(exceptions.iter().map(|field| (field, true)))
        {
            self.texts(field, (theme, excepted), &mut known);
        }
    }

    /// A list of texts, or one by language.
    fn texts<'a>(
        &mut self,
        field: &Field<'a>,
        of: (u16, bool),
        known: &mut HashSet<(Language, &'a str)>,
    ) {
        if !matches!(field.value(), Value::Table(_)) {
            return self.list(field, self.language, of, known);
        }
        for (code, place, list) in field.table(EXPECTED).iter().flat_map(Table::fields) {
            if let Some(language) = Language::of(code) {
                self.list(&list, language, of, known);
            } else {
                let codes: Vec<_> = Language::codes().collect();
                let message = format!("no language `{code}` is known");
                field.refuse_at(place, message, names::expected(code, codes.into_iter()));
            }
        }
    }

    fn list<'a>(
        &mut self,
        field: &Field<'a>,
        language: Language,
        (theme, excepted): (u16, bool),
        known: &mut HashSet<(Language, &'a str)>,
    ) {
        let items = field.items(EXPECTED).unwrap_or_default();
        if items.len() > MOST {
            let message = format!("`{}` has too many", field.name());
            return field.refuse(message, format!("expected at most {MOST}"));
        }
        for item in items {
            let Some(text) = item.line("expected a word or a phrase") else {
                continue;
            };
            if !known.insert((language, text)) {
                item.refuse(format!("{text:?} is listed twice"), "expected it once");
                continue;
            }
            let entry = Entry {
                theme,
                language,
                text,
                excepted,
            };
            if text.len() > LONGEST {
                let message = format!("`{}` is too long", item.name());
                item.refuse(message, format!("expected at most {LONGEST} bytes"));
            } else if let Err(error) = self.tagger.add(&entry) {
                let message = format!("`{}` cannot be {text:?}: {error}", item.name());
                item.refuse(message, "expected one to ten words");
            }
        }
    }
}
