//! Sessions: rows → what is kept of them, each from its own subject's rows alone.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::batch::{Batch, Cell, Field, Pool};
use super::cells::{Memo, Row, codes};
use super::chunk::ROWS;
use super::context::Context;
use super::days::{Day, Days};
use super::error::IngestError;
use super::key::Domain;
use super::notes::{Notes, NotesRead};
use super::parts::{PARTS, Parts, part_of};
use super::report::{Fault, Reason, Reject};
use super::sessions::{
    COACH, COACHEE, COACHING, COMPETENCY, COST, FORMAT, HELD, MINUTES, MODE, Mode, Names,
    PROGRAMME, Pools, SESSION, Session, THEMES, TRIGGER, Trigger, UNKNOWN, UPDATED,
};
use crate::config::{MODES, PrivacyUnit, TRIGGERS};

/// Most minutes of a session.
const LONGEST: f64 = 1440.0;

/// Most that a session costs.
const DEAREST: f64 = 10_000_000.0;

/// What all batches are read with.
pub(super) struct Reader<'a> {
    context: &'a Context<'a>,
    fields: &'a [Field],
    /// Names that are taken out of every note.
    listed: &'a lodestar_tagging::Names<'a>,
    competencies: HashMap<&'a str, u16>,
    themes: HashMap<&'a str, u16>,
    formats: HashMap<&'a str, u16>,
    programmes: HashMap<&'a str, u16>,
    /// What all workers have named.
    names: Mutex<Names>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        context: &'a Context<'a>,
        fields: &'a [Field],
        listed: &'a lodestar_tagging::Names<'a>,
    ) -> Self {
        let project = context.project;
        let framework = &project.framework;
        let programmes = context.org.programmes().all();
        Self {
            context,
            fields,
            listed,
            competencies: codes(&framework.competencies),
            themes: codes(framework.themes.iter().map(|theme| &theme.label)),
            formats: codes(&project.formats),
            programmes: codes(programmes.iter().map(|one| &one.label)),
            names: Mutex::new(Names::new()),
        }
    }

    fn names(&self) -> MutexGuard<'_, Names> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What all rows named.
    pub(super) fn into_names(self) -> Names {
        self.names
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Number of a list of themes, and how many mentions are of none that the codebook
/// knows.
type Themes = (u32, u16);

/// Pseudonyms of people, and numbers of coaches.
type Who = (Vec<Result<u128, Fault>>, Vec<Result<u32, Fault>>);

/// Whoever reads batches, one after the other.
pub(super) struct Worker<'a> {
    reader: &'a Reader<'a>,
    parts: &'a Parts<'a>,
    /// By part: rows on their way to it.
    staged: Vec<Vec<Session>>,
    /// Of each row of a batch, used again for the next.
    who: Who,
    days: Days<'a>,
    /// By number among all workers' names.
    coaches: HashMap<u64, u32>,
    lists: HashMap<Vec<u16>, u32>,
    theme_lists: HashMap<Vec<Option<u16>>, u32>,
    notes: Option<Notes<'a>>,
    known: Known,
    /// By file, rows that were read.
    pub(super) read: Vec<usize>,
    pub(super) rejects: Vec<Reject>,
}

/// What numbered texts say.
struct Known {
    coaches: Memo<Result<u32, Fault>>,
    held: Memo<Result<i32, Fault>>,
    competencies: Memo<Result<u32, Fault>>,
    themes: Memo<Result<Themes, Fault>>,
    modes: Memo<Result<Option<Mode>, Fault>>,
    triggers: Memo<Result<Option<Trigger>, Fault>>,
    formats: Memo<Result<Option<u16>, Fault>>,
    programmes: Memo<Result<Option<u16>, Fault>>,
}

impl Known {
    fn new() -> Self {
        Self {
            coaches: Memo::new(),
            held: Memo::new(),
            competencies: Memo::new(),
            themes: Memo::new(),
            modes: Memo::new(),
            triggers: Memo::new(),
            formats: Memo::new(),
            programmes: Memo::new(),
        }
    }

    fn begin(&mut self, batch: &Batch) {
        self.coaches.begin(batch, COACH);
        self.held.begin(batch, HELD);
        self.competencies.begin(batch, COMPETENCY);
        self.themes.begin(batch, THEMES);
        self.modes.begin(batch, MODE);
        self.triggers.begin(batch, TRIGGER);
        self.formats.begin(batch, FORMAT);
        self.programmes.begin(batch, PROGRAMME);
    }
}

impl<'a> Worker<'a> {
    pub(super) fn new(reader: &'a Reader<'a>, parts: &'a Parts<'a>, files: usize) -> Self {
        Self {
            reader,
            parts,
            staged: vec![Vec::new(); PARTS],
            who: Who::default(),
            days: Days::new(reader.context),
            coaches: HashMap::new(),
            lists: HashMap::new(),
            theme_lists: HashMap::new(),
            notes: Notes::new(reader.context.project, reader.listed),
            known: Known::new(),
            read: vec![0; files],
            rejects: Vec::new(),
        }
    }

    /// Reads a batch.
    pub(super) fn batch(&mut self, file: usize, batch: &Batch) -> Result<(), IngestError> {
        let fields = self.reader.fields;
        self.known.begin(batch);
        self.read[file] += batch.rows;
        // Known texts lie far apart: asked for in a row, they come together.
        let (mut persons, mut coaches) = std::mem::take(&mut self.who);
        persons.clear();
        coaches.clear();
        let rows = (0..batch.rows).map(|at| Row { batch, fields, at });
        coaches.extend(rows.clone().map(|cells| self.coach(cells)));
        let context = self.reader.context;
        persons.extend(rows.map(|cells| context.person(cells, COACHEE)));
        for (at, who) in persons.iter().zip(&coaches).enumerate() {
            let mut session = Session {
                file: file as u32,
                row: batch.number(at),
                ..Session::default()
            };
            if let Err(fault) = self.session(Row { batch, fields, at }, who, &mut session) {
                self.rejects.push(batch.reject(fields, file, at, fault));
                // Who met whom is noted whatever else is wrong: more coaches only hide
                // more.
                session.minutes = 0;
                if session.coach == 0 || !self.days.of(session.held).coaches {
                    continue;
                }
            }
            let part = part_of(session.person);
            self.staged[part].push(session);
            if self.staged[part].len() >= ROWS {
                self.flush(part)?;
            }
        }
        self.who = (persons, coaches);
        Ok(())
    }

    /// Hands over what is on its way.
    pub(super) fn end(&mut self) -> Result<(), IngestError> {
        (0..PARTS).try_for_each(|part| self.flush(part))
    }

    /// What is known of the notes that were read, if any are.
    pub(super) fn notes_read(&self) -> Option<&NotesRead> {
        self.notes.as_ref().map(|notes| &notes.read)
    }

    fn flush(&mut self, part: usize) -> Result<(), IngestError> {
        let staged = &mut self.staged[part];
        self.parts.put(part, staged)?;
        staged.clear();
        Ok(())
    }

    /// What a row says, or its first fault in the order of the columns; then, who met
    /// whom, if that is known.
    fn session(
        &mut self,
        cells: Row<'_>,
        (person, coach): (&Result<u128, Fault>, &Result<u32, Fault>),
        session: &mut Session,
    ) -> Result<(), Fault> {
        cells.batch.whole(cells.at)?;
        let id = cells.id(SESSION);
        let held = cells.once(HELD, &mut self.known.held, || cells.event_day(HELD));
        if let (Ok(person), Ok(coach), Ok(held)) = (person, coach, held) {
            session.person = self.reader.context.people.told_by(*person);
            (session.coach, session.held) = (*coach, held);
        }
        let id = id?;
        (*person)?;
        (*coach)?;
        let held = held?;
        session.minutes = minutes(cells)?;
        session.competencies = self.competencies(cells)?;
        (session.themes, session.unknown) = self.themes(cells)?;
        self.said(cells, session)?;
        session.updated = i64::MIN;
        if cells.is_said(UPDATED) {
            session.updated = cells.moment(UPDATED)?.unwrap_or(i64::MIN);
        }
        if let Some(notes) = &mut self.notes {
            let context = self.reader.context;
            let day = self.days.of(held);
            // Where a period's rows are a unit, those of others tell nothing of it.
            let period = match context.unit() {
                PrivacyUnit::Person => None,
                PrivacyUnit::PersonPeriod => Some(&*day.standing),
            };
            let own = context.people.names((*person)?, period);
            let (listen, names) = (day.wanted, || self.reader.names());
            notes.read(cells, own, (context, listen), session, names)?;
        }
        session.id = self.id(held, id);
        Ok(())
    }

    /// What columns say that files may lack.
    fn said(&mut self, cells: Row<'_>, session: &mut Session) -> Result<(), Fault> {
        let Known {
            modes,
            triggers,
            formats,
            programmes,
            ..
        } = &mut self.known;
        let of_modes = [(MODES[0], Mode::Coaching), (MODES[1], Mode::Mentoring)];
        session.mode = cells.once(MODE, modes, || cells.choice(MODE, &of_modes))?;
        let coaching = coaching(cells, session.minutes, session.mode)?;
        session.coaching = coaching.unwrap_or(UNKNOWN);
        let of_triggers = [
            (TRIGGERS[0], Trigger::Proactive),
            (TRIGGERS[1], Trigger::Reactive),
        ];
        session.trigger = cells.once(TRIGGER, triggers, || cells.choice(TRIGGER, &of_triggers))?;
        let known = &self.reader.formats;
        session.format = cells.once(FORMAT, formats, || declared(cells, FORMAT, known))?;
        // No measure is of the programme that a session says.
        let known = &self.reader.programmes;
        cells.once(PROGRAMME, programmes, || declared(cells, PROGRAMME, known))?;
        session.cost = UNKNOWN;
        if cells.is_said(COST) {
            session.cost = cells.hundredths(COST, DEAREST)?.unwrap_or(UNKNOWN);
        }
        Ok(())
    }

    /// The pseudonym of a session, which tells it from others of a person, or,
    /// where each person's rows of one period are protected, of a person and
    /// period.
    fn id(&mut self, held: i32, id: &str) -> u64 {
        let context = self.reader.context;
        match context.unit() {
            PrivacyUnit::Person => context.hash(Domain::Session, id.as_bytes()),
            PrivacyUnit::PersonPeriod => {
                let Day { standing, .. } = self.days.of(held);
                let start = standing.start.to_le_bytes();
                context.hash(Domain::Session, &[&start, id.as_bytes()].concat())
            }
        }
    }

    /// A coach's number.
    fn coach(&mut self, cells: Row<'_>) -> Result<u32, Fault> {
        let (reader, numbers) = (self.reader, &mut self.coaches);
        cells.once(COACH, &mut self.known.coaches, || {
            let coach = reader.context.coach(cells.id(COACH)?);
            let number = numbers.entry(coach);
            Ok(*number.or_insert_with(|| reader.names().coach(coach)))
        })
    }

    /// The row's list: declared ones, at least one, each once.
    fn competencies(&mut self, cells: Row<'_>) -> Result<u32, Fault> {
        let (reader, lists) = (self.reader, &mut self.lists);
        cells.once(COMPETENCY, &mut self.known.competencies, || {
            let (mut codes, mut all_known) = (Vec::new(), true);
            each(cells, COMPETENCY, |item| {
                match reader.competencies.get(item) {
                    Some(code) if codes.contains(code) => {}
                    Some(code) => codes.push(*code),
                    None => all_known = false,
                }
            })?;
            match (all_known, codes.is_empty()) {
                (false, _) => Err(Fault::at(COMPETENCY, Reason::Undeclared)),
                (true, true) => Err(Fault::at(COMPETENCY, Reason::Missing)),
                (true, false) => Ok(reader.list(lists, codes, |lists| &mut lists.competencies)),
            }
        })
    }

    /// The row's list, each theme once and unknown ones as one; and how many
    /// mentions are unknown.
    fn themes(&mut self, cells: Row<'_>) -> Result<Themes, Fault> {
        let (reader, lists) = (self.reader, &mut self.theme_lists);
        cells.once(THEMES, &mut self.known.themes, || {
            let (mut codes, mut unknown) = (Vec::new(), 0_u16);
            each(cells, THEMES, |item| {
                let code = reader.themes.get(item).copied();
                unknown = unknown.saturating_add(u16::from(code.is_none()));
                if !codes.contains(&code) {
                    codes.push(code);
                }
            })?;
            let list = reader.list(lists, codes, |lists| &mut lists.themes);
            Ok((list, unknown))
        })
    }
}

impl Reader<'_> {
    /// A list's number among those of all workers, which each asks for once.
    fn list<T: Copy + Ord + std::hash::Hash>(
        &self,
        known: &mut HashMap<Vec<T>, u32>,
        list: Vec<T>,
        pool: impl FnOnce(&mut Pools) -> &mut Pool<T>,
    ) -> u32 {
        let number = |list: &Vec<T>| pool(&mut self.names().lists).number(list);
        *known.entry(list).or_insert_with_key(number)
    }
}

/// The index of what is declared; `None`: missing, or nothing is declared.
fn declared(
    cells: Row<'_>,
    field: usize,
    codes: &HashMap<&str, u16>,
) -> Result<Option<u16>, Fault> {
    if codes.is_empty() {
        return Ok(None);
    }
    cells.code_if_given(field, codes)
}

/// Hands over the texts of a list, trimmed and, unless they are the default's,
/// mapped; empty ones are left out.
fn each(cells: Row<'_>, at: usize, mut item: impl FnMut(&str)) -> Result<(), Fault> {
    let field = &cells.fields[at];
    let own = cells.own(at);
    let mut trimmed = |text: &str| {
        let text = match own {
            Cell::Missing => text.trim(),
            _ => field.mapped(text.trim()).trim(),
        };
        if !text.is_empty() {
            item(text);
        }
    };
    match cells.cell(at) {
        Cell::Missing => {}
        Cell::Text(text) => text.split(field.mapping.separator).for_each(trimmed),
        Cell::List(lists, index) => lists.items(index).for_each(trimmed),
        Cell::Items(items) => items.iter().for_each(|text| trimmed(text)),
        Cell::Moment(_) | Cell::Number(_) | Cell::Odd => {
            return Err(Fault::at(at, Reason::Value));
        }
    }
    Ok(())
}

/// In 1/100 minute: above 0, at most a day.
fn minutes(cells: Row<'_>) -> Result<u32, Fault> {
    match cells.hundredths(MINUTES, LONGEST)? {
        None => Err(Fault::at(MINUTES, Reason::Missing)),
        Some(0) => Err(Fault::at(MINUTES, Reason::Range)),
        Some(minutes) => Ok(minutes),
    }
}

/// How many of the minutes were coaching: as the row says, else all or none of
/// them, by the mode.
fn coaching(cells: Row<'_>, minutes: u32, mode: Option<Mode>) -> Result<Option<u32>, Fault> {
    let said = if cells.is_said(COACHING) {
        cells.hundredths(COACHING, LONGEST)?
    } else {
        None
    };
    match said {
        Some(coaching) if coaching > minutes => Err(Fault::at(COACHING, Reason::Range)),
        Some(coaching) => Ok(Some(coaching)),
        None => Ok(mode.map(|mode| match mode {
            Mode::Coaching => minutes,
            Mode::Mentoring => 0,
        })),
    }
}
