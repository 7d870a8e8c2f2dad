//! Notes → themes. What a note says is looked at here and nowhere else, in the batch
//! that was read: of it the number of a list of themes is kept.
//!
//! That what a note is about follows from its own row and from the public codebook.

use std::collections::HashMap;

use lodestar_tagging::{Language, Reader, Tagger};

use super::batch::Cell;
use super::cells::Row;
use super::report::{Fault, Reason};
use super::sessions::{NOTE, NOTE_LANGUAGE};

/// Whoever reads notes, one after the other.
pub(super) struct Notes<'a> {
    reader: Reader<'a>,
    /// By list of themes: its number.
    lists: HashMap<Vec<u16>, u32>,
}

impl<'a> Notes<'a> {
    /// `None`: there is nothing to look for.
    pub(super) fn new(tagger: &'a Tagger) -> Option<Self> {
        (!tagger.is_empty()).then(|| Self {
            reader: Reader::new(tagger),
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
pub(super) fn text(cells: Row<'_>, field: usize) -> Result<Option<&str>, Fault> {
    match cells.cell(field) {
        Cell::Text(text) => Ok(Some(text)),
        Cell::Missing => Ok(None),
        _ => Err(Fault::at(field, Reason::Value)),
    }
}
