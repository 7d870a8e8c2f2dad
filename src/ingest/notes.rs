//! Notes → themes. What a note says is looked at here and nowhere else, in the batch
//! that was read: of it the number of a list of themes is kept. What tells who
//! somebody is is taken out before anything is looked for.
//!
//! What a note is about follows from its own row, from what the people rows of its own
//! coachee call them, and from the public codebook and list of names: somebody else's
//! row tells nothing of it. If their names were taken out of it as well, everybody's
//! themes would hang on who else is among the people.

use std::collections::{BTreeMap, HashMap};

use lodestar_tagging::{Kind, Language, Names, Own, Reader, Redactor, Tagger};

use super::batch::Cell;
use super::cells::Row;
use super::report::{Fault, Reason};
use super::sessions::{COACH, COACH_NAME, COACHEE, COACHEE_NAME, NOTE, NOTE_LANGUAGE, SESSION};

/// Whoever reads notes, one after the other.
pub(super) struct Notes<'a> {
    reader: Reader<'a>,
    redactor: Redactor<'a>,
    /// How much was taken out.
    pub(super) redacted: BTreeMap<Kind, u64>,
    /// By list of themes: its number.
    lists: HashMap<Vec<u16>, u32>,
}

impl<'a> Notes<'a> {
    /// `None`: there is nothing to look for.
    pub(super) fn new(tagger: &'a Tagger, names: &'a Names<'a>) -> Option<Self> {
        (!tagger.is_empty()).then(|| Self {
            reader: Reader::new(tagger),
            redactor: Redactor::new(names),
            redacted: BTreeMap::new(),
            lists: HashMap::new(),
        })
    }

    /// 1 more than the number of the list of themes that a row's note is about; 0: it
    /// has no note. `own`: what its coachee's people rows call them. `number` numbers a
    /// list that is new here.
    pub(super) fn themes<'b>(
        &mut self,
        cells: Row<'b>,
        own: impl Iterator<Item = &'b str>,
        number: impl FnOnce(&[u16]) -> u32,
    ) -> Result<u32, Fault> {
        let language = text(cells, NOTE_LANGUAGE)?.map(Language::of_tag);
        let Some(note) = text(cells, NOTE)? else {
            return Ok(0);
        };
        let mut names: Vec<&str> = own.collect();
        for field in [COACHEE_NAME, COACH_NAME] {
            names.extend(text(cells, field)?);
        }
        let ids = [cells.id(SESSION)?, cells.id(COACHEE)?, cells.id(COACH)?];
        let own = Own {
            names: &names,
            ids: &ids,
        };
        let note = self.redactor.redact(note, own);
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
