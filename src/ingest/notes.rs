//! Notes → themes. What a note says is looked at here and nowhere else, in the batch
//! that was read: of it the number of a list of themes is kept. What tells who
//! somebody is is taken out before anything is looked for.
//!
//! What a note is about follows from its own row, from what the people rows of its own
//! coachee call them, and from the public codebook and list of names: somebody else's
//! row tells nothing of it. If their names were taken out of it as well, everybody's
//! themes would hang on who else is among the people.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::MutexGuard;

use lodestar_privacy::said::{BREAK, Word};
use lodestar_tagging::{Kind, Language, Own, Reader, Redactor};

use super::batch::Cell;
use super::cells::Row;
use super::context::Context;
use super::key::Domain;
use super::report::{Fault, Reason};
use super::sessions::{
    COACH, COACH_NAME, COACHEE, COACHEE_NAME, NOTE, NOTE_LANGUAGE, Names, SESSION, Session,
};
use crate::config::Project;

/// Most words of a note that terms are looked for in: further ones are not heard.
const HEARD_MOST: usize = 1000;

/// Of the notes of all rows that were read, also of those that were duplicates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NotesRead {
    /// What was taken out before anything was looked for, and how often.
    pub redacted: BTreeMap<Kind, u64>,
    /// Notes whose row names a language that no term is in, where there are terms of
    /// some language.
    pub unasked: u64,
}

impl NotesRead {
    pub(super) fn add(&mut self, other: &Self) {
        for (kind, times) in &other.redacted {
            *self.redacted.entry(*kind).or_default() += times;
        }
        self.unasked += other.unasked;
    }
}

/// Whoever reads notes, one after the other.
pub(super) struct Notes<'a> {
    reader: Reader<'a>,
    redactor: Redactor<'a>,
    /// That terms are in, [`Language::ANY`] left out: there are no notes in it.
    languages: Vec<Language>,
    pub(super) read: NotesRead,
    /// By list of themes: its number.
    lists: HashMap<Vec<u16>, u32>,
    hearing: Option<Hearing>,
}

/// What is heard beside the codebook's terms, where terms are looked for in it.
#[derive(Default)]
struct Hearing {
    words: Vec<Word>,
    /// Whose texts are known to all.
    told: HashSet<Word>,
    new: Vec<(Word, Box<str>)>,
}

impl<'a> Notes<'a> {
    /// `None`: there is nothing to look for.
    pub(super) fn new(
        project: &'a Project,
        listed: &'a lodestar_tagging::Names<'a>,
    ) -> Option<Self> {
        let languages = project.framework.tagger.languages();
        project.reads_notes().then(|| Self {
            hearing: project.hears_notes().then(Hearing::default),
            reader: Reader::new(&project.framework.tagger),
            redactor: Redactor::new(listed),
            languages: languages.filter(|one| *one != Language::ANY).collect(),
            read: NotesRead::default(),
            lists: HashMap::new(),
        })
    }

    /// Reads a row's note, if it has one: what it is about, and, where `listen` says so,
    /// what else it says; else its hash. `own`: what its coachee's people rows call them.
    pub(super) fn read<'b>(
        &mut self,
        cells: Row<'b>,
        own: impl Iterator<Item = &'b str>,
        (context, listen): (&Context<'_>, bool),
        session: &mut Session,
        named: impl Fn() -> MutexGuard<'a, Names>,
    ) -> Result<(), Fault> {
        let Some(written) = written(cells, NOTE)? else {
            return Ok(());
        };
        let Written {
            note,
            language,
            mut names,
        } = written;
        names.extend(own);
        let ids = [cells.id(SESSION)?, cells.id(COACHEE)?, cells.id(COACH)?];
        let own = Own {
            names: &names,
            ids: &ids,
        };
        let note = self.redactor.redact(note, own);
        for kind in note.found() {
            *self.read.redacted.entry(*kind).or_default() += 1;
        }
        let is_unasked =
            |language| !self.languages.is_empty() && !self.languages.contains(language);
        self.read.unasked += u64::from(language.as_ref().is_some_and(is_unasked));
        let themes = match &mut self.hearing {
            None => self.reader.tag(&note, language),
            Some(hearing) => {
                hearing.words.clear();
                let heard = |text: Option<&str>| hearing.hear(context, text);
                self.reader.hear(&note, language, heard)
            }
        };
        let known = self.lists.get(themes).copied();
        let list = known.unwrap_or_else(|| {
            let new = named().lists.tagged.number(themes);
            self.lists.insert(themes.to_vec(), new);
            new
        });
        session.tagged = 1 + list;
        let Some(hearing) = &mut self.hearing else {
            return Ok(());
        };
        // Which of two rows counts must not hang on what is released.
        let said: Vec<u8> = hearing
            .words
            .iter()
            .flat_map(|word| word.to_le_bytes())
            .collect();
        let hash = context.hash(Domain::Content, &said);
        let words = if listen { &hearing.words[..] } else { &[] };
        let heard = &mut named().lists.heard;
        for (word, text) in hearing.new.drain(..) {
            heard.text(word, text);
        }
        session.heard = 1 + heard.add(hash, words);
        Ok(())
    }
}

impl Hearing {
    /// One more word; `None`: what follows does not follow what was before.
    fn hear(&mut self, context: &Context<'_>, text: Option<&str>) {
        if self.words.len() >= HEARD_MOST {
            return;
        }
        let Some(text) = text else {
            if self.words.last().is_some_and(|last| *last != BREAK) {
                self.words.push(BREAK);
            }
            return;
        };
        let word = context.hash(Domain::Word, text.as_bytes()).max(1);
        if self.told.insert(word) {
            self.new.push((word, text.into()));
        }
        self.words.push(word);
    }
}

/// What a row has of a note.
pub(super) struct Written<'a> {
    pub(super) note: &'a str,
    pub(super) language: Option<Language>,
    /// What it calls the people of the session.
    pub(super) names: Vec<&'a str>,
}

/// The note of a row, if it has one. `first`: the field of the note, which the others
/// follow as they do among all columns.
pub(super) fn written(cells: Row<'_>, first: usize) -> Result<Option<Written<'_>>, Fault> {
    let text = |column: usize| text(cells, first + column - NOTE);
    let language = text(NOTE_LANGUAGE)?.map(Language::of_tag);
    let Some(note) = text(NOTE)? else {
        return Ok(None);
    };
    let names = [text(COACHEE_NAME)?, text(COACH_NAME)?];
    Ok(Some(Written {
        note,
        language,
        names: names.into_iter().flatten().collect(),
    }))
}

/// Any text.
fn text(cells: Row<'_>, field: usize) -> Result<Option<&str>, Fault> {
    match cells.cell(field) {
        Cell::Text(text) => Ok(Some(text)),
        Cell::Missing => Ok(None),
        _ => Err(Fault::at(field, Reason::Value)),
    }
}
