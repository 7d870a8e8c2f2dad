//! Notes → themes. What a note says is looked at here and nowhere else, in the batch
//! that was read: of it the number of a list of themes is kept. What tells who
//! somebody is is taken out before anything is looked for.
//!
//! That what a note is about follows from its own row and from the public codebook.

use std::collections::{BTreeMap, HashMap};

use lodestar_tagging::{Kind, Language, Reader, Redactor, Tagger};

use super::batch::Cell;
use super::cells::Row;
use super::report::{Fault, Reason};
use super::sessions::{NOTE, NOTE_LANGUAGE};

/// Whoever reads notes, one after the other.
pub(super) struct Notes<'a> {
    reader: Reader<'a>,
    redactor: Redactor,
    /// How much was taken out.
    pub(super) redacted: BTreeMap<Kind, u64>,
    /// By list of themes: its number.
    lists: HashMap<Vec<u16>, u32>,
}

impl<'a> Notes<'a> {
    /// `None`: there is nothing to look for.
    pub(super) fn new(tagger: &'a Tagger) -> Option<Self> {
        (!tagger.is_empty()).then(|| Self {
            reader: Reader::new(tagger),
            redactor: Redactor::new(),
            redacted: BTreeMap::new(),
            lists: HashMap::new(),
        })
    }

    /// 1 more than the number of the list of themes that a row's note is about; 0: it
    /// has no note. `number` numbers a list that is new here.
    pub(super) fn themes(
        &mut self,
        cells: Row<'_>,
        number: impl FnOnce(&[u16]) -> u32,
    ) -> Result<u32, Fault> {
        let language = text(cells, NOTE_LANGUAGE)?.map(Language::of_tag);
        let Some(note) = text(cells, NOTE)? else {
            return Ok(0);
        };
        let note = self.redactor.redact(note);
        for kind in note.found() {
            *self.redacted.entry(*kind).or_default() += 1;
        }
        let themes = self.reader.tag(note, language);
        if let Some(known) = self.lists.get(themes) {
            return Ok(1 + known);
        }
        let new = number(themes);
        self.lists.insert(themes.to_vec(), new);
        Ok(1 + new)
    }
}

/// Any text.
fn text(cells: Row<'_>, field: usize) -> Result<Option<&str>, Fault> {
    match cells.cell(field) {
        Cell::Text(text) => Ok(Some(text)),
        Cell::Missing => Ok(None),
        _ => Err(Fault::at(field, Reason::Value)),
    }
}
