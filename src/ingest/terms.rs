//! Which entries of the codebook notes have in them, counted as they are: for whoever
//! writes a codebook. What is counted is the rows as they come, before duplicates are
//! out, so that nothing of a row needs to be kept.

use std::collections::HashMap;

use lodestar_tagging::{Fate, Names, Own, Reader, Redactor, Tagger};

use super::batch::{Batch, Field, fields};
use super::cells::Row;
use super::error::IngestError;
use super::names;
use super::notes::{Written, written};
use super::paths;
use super::report::Fault;
use super::scan::scan;
use super::sessions;
use crate::config::Project;
use crate::progress::Progress;

/// Of the fields, which are those of notes alone, that of the note.
const FIRST: usize = 0;

/// What was found in notes: exact counts, which stay on the private side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Rows with a note.
    pub notes: u64,
    /// Rows whose note can't be read.
    pub unread: u64,
    /// By theme.
    pub themes: Vec<ThemeFound>,
    /// By entry of the codebook.
    pub entries: Vec<EntryFound>,
    /// Two themes, the lower number first: the notes that are about both.
    pub pairs: HashMap<(u16, u16), u64>,
}

/// Notes that have a theme.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ThemeFound {
    /// That are about it.
    pub notes: u64,
    /// That name it, and are not about it for that is negated wherever it would count.
    pub negated: u64,
}

/// Notes that an entry is found in, by what becomes of it there: of several things the
/// first of these. Of exceptions `excepts` alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EntryFound {
    /// It counts.
    pub counts: u64,
    /// It counts, and no other term of its theme does.
    pub alone: u64,
    /// It stands within a longer term.
    pub within: u64,
    /// It stands within an exception.
    pub excepted: u64,
    /// It is negated.
    pub negated: u64,
    /// It is an exception, and found.
    pub excepts: u64,
}

impl EntryFound {
    /// Notes that it is in, whatever becomes of it.
    pub fn notes(&self) -> u64 {
        self.counts + self.within + self.excepted + self.negated + self.excepts
    }

    fn add(&mut self, other: &Self) {
        self.counts += other.counts;
        self.alone += other.alone;
        self.within += other.within;
        self.excepted += other.excepted;
        self.negated += other.negated;
        self.excepts += other.excepts;
    }
}

impl Found {
    fn new(themes: usize, entries: usize) -> Self {
        Self {
            notes: 0,
            unread: 0,
            themes: vec![ThemeFound::default(); themes],
            entries: vec![EntryFound::default(); entries],
            pairs: HashMap::new(),
        }
    }

    fn add(&mut self, other: &Self) {
        self.notes += other.notes;
        self.unread += other.unread;
        for (mine, theirs) in self.themes.iter_mut().zip(&other.themes) {
            mine.notes += theirs.notes;
            mine.negated += theirs.negated;
        }
        for (mine, theirs) in self.entries.iter_mut().zip(&other.entries) {
            mine.add(theirs);
        }
        for (pair, notes) in &other.pairs {
            *self.pairs.entry(*pair).or_default() += notes;
        }
    }
}

/// Reads the notes of all sessions, whatever else their rows say.
pub fn terms(project: &Project, progress: &dyn Progress) -> Result<Found, IngestError> {
    let source = &project.sources.sessions;
    let framework = &project.framework;
    let tagger = &framework.tagger;
    let columns = sessions::columns(project).get(sessions::NOTE..);
    let fields = fields(columns.unwrap_or_default(), source);
    let files = paths::inputs(project.folder(), source)?;
    let nothing = || Found::new(framework.themes.len(), tagger.len());
    let mut all = nothing();
    // Without entries there is no column to read.
    if tagger.is_empty() {
        return Ok(all);
    }
    let (names, _) = names::load(project)?;
    let worker = || Counting::new(tagger, &names, nothing());
    let batch = |mine: &mut Counting<'_>, _, batch: &Batch| {
        mine.batch(batch, &fields);
        Ok(())
    };
    for mine in scan(source.name, (&files, &fields), progress, worker, batch)? {
        all.add(&mine.found);
    }
    Ok(all)
}

/// Whoever counts.
struct Counting<'a> {
    redactor: Redactor<'a>,
    reader: Reader<'a>,
    /// By entry: its theme.
    theme: Vec<u16>,
    found: Found,
    /// Of a note: the entries that were found, and what becomes of them.
    fates: Vec<(u32, Fate)>,
    /// Of a note: the theme of each term that counts, and of each that is negated.
    about: Vec<u16>,
    negated: Vec<u16>,
}

impl<'a> Counting<'a> {
    fn new(tagger: &'a Tagger, names: &'a Names<'a>, found: Found) -> Self {
        Self {
            redactor: Redactor::new(names),
            reader: Reader::new(tagger),
            theme: tagger.entries().map(|entry| entry.theme).collect(),
            found,
            fates: Vec::new(),
            about: Vec::new(),
            negated: Vec::new(),
        }
    }

    fn batch(&mut self, batch: &Batch, fields: &[Field]) {
        for at in 0..batch.rows {
            if self.row(Row { batch, fields, at }).is_err() {
                self.found.unread += 1;
            }
        }
    }

    fn row(&mut self, cells: Row<'_>) -> Result<(), Fault> {
        cells.batch.whole(cells.at)?;
        if let Some(written) = written(cells, FIRST)? {
            self.note(&written);
        }
        Ok(())
    }

    fn note(&mut self, written: &Written<'_>) {
        let own = Own {
            names: &written.names,
            ids: &[],
        };
        let note = self.redactor.redact(written.note, own);
        let fates = &mut self.fates;
        fates.clear();
        self.reader.find(&note, written.language, |entry, fate| {
            fates.push((entry as u32, fate));
        });
        // The first fate of each is the one that it is counted by.
        fates.sort_unstable();
        fates.dedup_by_key(|(entry, _)| *entry);
        self.about.clear();
        self.negated.clear();
        for (entry, fate) in fates {
            let at = *entry as usize;
            let found = &mut self.found.entries[at];
            match fate {
                Fate::Counts => {
                    found.counts += 1;
                    self.about.push(self.theme[at]);
                }
                Fate::Within => found.within += 1,
                Fate::Excepted => found.excepted += 1,
                Fate::Negated => {
                    found.negated += 1;
                    self.negated.push(self.theme[at]);
                }
                Fate::Excepts => found.excepts += 1,
            }
        }
        self.found.notes += 1;
        self.themes();
    }

    /// Counts what the note is about.
    fn themes(&mut self) {
        let Found {
            themes,
            entries,
            pairs,
            ..
        } = &mut self.found;
        let about = &mut self.about;
        about.sort_unstable();
        let is_once = |theme| {
            let first = about.partition_point(|other| *other < theme);
            about.get(first + 1) != Some(&theme)
        };
        for (entry, fate) in &self.fates {
            let at = *entry as usize;
            if *fate == Fate::Counts && is_once(self.theme[at]) {
                entries[at].alone += 1;
            }
        }
        about.dedup();
        for (at, theme) in about.iter().enumerate() {
            themes[usize::from(*theme)].notes += 1;
            for other in &about[at + 1..] {
                *pairs.entry((*theme, *other)).or_default() += 1;
            }
        }
        self.negated.sort_unstable();
        self.negated.dedup();
        for theme in &self.negated {
            let is_about = about.binary_search(theme).is_ok();
            themes[usize::from(*theme)].negated += u64::from(!is_about);
        }
    }
}
