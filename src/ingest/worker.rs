//! Sessions: rows → what is kept of them, each from its own subject's rows alone.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::batch::{Batch, Cell, Field, Pool};
use super::cells::{Memo, Row, codes};
use super::chunk::ROWS;
use super::context::Context;
use super::error::IngestError;
use super::key::Domain;
use super::parts::{PARTS, Parts, Staged, part_of};
use super::people::Standing;
use super::report::{Fault, Reason, Reject};
use super::sessions::{
    COACH, COACHEE, COACHING, COMPETENCY, COST, FORMAT, HELD, MINUTES, MODE, Mode, Names,
    PROGRAMME, Pools, SESSION, Session, THEMES, TRIGGER, Trigger, UNKNOWN, UPDATED,
};
use crate::config::PrivacyUnit;

/// Most minutes of a session.
const LONGEST: f64 = 1440.0;

/// Most that a session costs.
const DEAREST: f64 = 10_000_000.0;

/// What all batches are read with.
pub(super) struct Reader<'a> {
    context: &'a Context<'a>,
    fields: &'a [Field],
    competencies: HashMap<&'a str, u16>,
    themes: HashMap<&'a str, u16>,
    formats: HashMap<&'a str, u16>,
    programmes: HashMap<&'a str, u16>,
    /// What all workers have named.
    names: Mutex<Names>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(context: &'a Context<'a>, fields: &'a [Field]) -> Self {
        let project = context.project;
        let framework = &project.framework;
        let programmes = context.org.programmes().all();
        Self {
            context,
            fields,
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

/// A list, numbered and hashed.
#[derive(Clone, Copy)]
struct List {
    number: u32,
    hash: u64,
}

/// Themes, and how many mentions are of none that the codebook knows.
type Themes = (List, u16);

/// Pseudonym of the person; pseudonym of the coach and their number.
type Who = (Result<u128, Fault>, Result<(u64, u32), Fault>);

/// What a day asks of its rows.
#[derive(Clone, Copy)]
struct Day {
    number: i32,
    /// Of the worker's standings.
    standing: u32,
    /// Whether a period that is wanted holds it.
    wanted: bool,
    /// Whether it is asked who coached whom.
    coaches: bool,
}

/// Slots of days that were met lately; more than days of a year.
const DAYS: usize = 1024;

/// Whoever reads batches, one after the other.
pub(super) struct Worker<'a> {
    reader: &'a Reader<'a>,
    parts: &'a Parts<'a>,
    /// By part: rows on their way to it.
    staged: Vec<Vec<Staged>>,
    pub(super) standings: Vec<Arc<Standing>>,
    days: Vec<Option<Day>>,
    /// By number among all workers' names.
    coaches: HashMap<u64, u32>,
    lists: HashMap<Vec<u16>, List>,
    theme_lists: HashMap<Vec<Option<u16>>, List>,
    known: Known,
    /// By file, rows that were read.
    pub(super) read: Vec<usize>,
    pub(super) rejects: Vec<Reject>,
}

/// What numbered texts say.
struct Known {
    coaches: Memo<Result<(u64, u32), Fault>>,
    held: Memo<Result<i32, Fault>>,
    competencies: Memo<Result<List, Fault>>,
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
            standings: Vec::new(),
            days: vec![None; DAYS],
            coaches: HashMap::new(),
            lists: HashMap::new(),
            theme_lists: HashMap::new(),
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
        let (mut coaches, mut persons) = (Vec::new(), Vec::new());
        for at in 0..batch.rows {
            let cells = Row { batch, fields, at };
            coaches.push(self.coach(cells));
        }
        for at in 0..batch.rows {
            let cells = Row { batch, fields, at };
            persons.push(self.reader.context.person(cells, COACHEE));
        }
        let who = persons.into_iter().zip(coaches);
        for (at, who) in (0..batch.rows).zip(who) {
            let mut met = None;
            let session = self.session(Row { batch, fields, at }, who, &mut met);
            let (person, day, session) = match (session, met) {
                (Ok(read), _) => read,
                (Err(fault), met) => {
                    self.rejects.push(batch.reject(fields, file, at, fault));
                    let Some(met) = met else { continue };
                    met
                }
            };
            let staged = Staged {
                person: person.to_le_bytes(),
                standing: day.standing,
                row: batch.number(at),
                session: Session {
                    file: file as u32,
                    ..session
                },
            };
            let part = part_of(person);
            self.staged[part].push(staged);
            if self.staged[part].len() >= ROWS {
                self.flush(part)?;
            }
        }
        Ok(())
    }

    /// Hands over what is on its way.
    pub(super) fn end(&mut self) -> Result<(), IngestError> {
        (0..PARTS).try_for_each(|part| self.flush(part))
    }

    fn flush(&mut self, part: usize) -> Result<(), IngestError> {
        let (fault, rejects) = (Fault::at(COACHEE, Reason::NoPerson), &mut self.rejects);
        let without = |file, row| rejects.push(Reject { file, row, fault });
        let staged = &mut self.staged[part];
        self.parts.put(part, staged, &self.standings, without)?;
        staged.clear();
        Ok(())
    }

    /// A row's session, but for its file, or its first fault in the order of the
    /// columns. Who met whom is noted whatever else is wrong: more coaches only
    /// hide more.
    fn session(
        &mut self,
        cells: Row<'_>,
        (person, coach): Who,
        met: &mut Option<(u128, Day, Session)>,
    ) -> Result<(u128, Day, Session), Fault> {
        cells.batch.whole(cells.at)?;
        let id = cells.id(SESSION);
        let held = cells.once(HELD, &mut self.known.held, || cells.event_day(HELD));
        let held = held.map(|held| self.day(held));
        let mut session = Session::default();
        if let (Ok(person), Ok((_, number)), Ok(day)) = (&person, &coach, &held)
            && day.coaches
        {
            (session.coach, session.held) = (*number, day.number);
            *met = Some((*person, *day, session));
        }
        let (id, person, (coach, _), day) = (id?, person?, coach?, held?);
        session.held = day.number;
        session.minutes = minutes(cells)?;
        let competencies = self.competencies(cells)?;
        let (themes, unknown) = self.themes(cells)?;
        if day.wanted {
            (session.competencies, session.themes) = (competencies.number, themes.number);
        }
        session.unknown = unknown;
        self.said(cells, &mut session)?;
        session.updated = i64::MIN;
        if cells.is_said(UPDATED) {
            session.updated = cells.moment(UPDATED)?.unwrap_or(i64::MIN);
        }
        session.id = self.id(day, id);
        session.content = self.content(&session, coach, [competencies.hash, themes.hash]);
        Ok((person, day, session))
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
        let of_modes = [("coaching", Mode::Coaching), ("mentoring", Mode::Mentoring)];
        session.mode = cells.once(MODE, modes, || cells.choice(MODE, &of_modes))?;
        let coaching = coaching(cells, session.minutes, session.mode)?;
        session.coaching = coaching.unwrap_or(UNKNOWN);
        let of_triggers = [
            ("proactive", Trigger::Proactive),
            ("reactive", Trigger::Reactive),
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

    /// Keyed hash of all that a row says, but for its ids.
    fn content(&self, session: &Session, coach: u64, lists: [u64; 2]) -> u64 {
        let format = session.format.map_or(0, |code| 1 + u64::from(code));
        let mode = session.mode.map_or(0, |mode| 1 + mode as u64);
        let trigger = session.trigger.map_or(0, |trigger| 1 + trigger as u64);
        let pair = |low: u32, high: u32| u64::from(high) << 32 | u64::from(low);
        let numbers = [
            coach,
            session.updated as u64,
            lists[0],
            lists[1],
            pair(session.held as u32, session.minutes),
            pair(session.coaching, session.cost),
            format << 32 | u64::from(session.unknown) << 8 | mode << 4 | trigger,
        ];
        let mut said = [0; 56];
        for (bytes, number) in said.chunks_exact_mut(8).zip(numbers) {
            bytes.copy_from_slice(&number.to_le_bytes());
        }
        self.reader.context.hash(Domain::Content, &said)
    }

    /// The pseudonym of a session, which tells it from others of a person, or,
    /// where each person's rows of one period are protected, of a person and
    /// period.
    fn id(&self, day: Day, id: &str) -> u64 {
        let context = self.reader.context;
        match context.unit() {
            PrivacyUnit::Person => context.hash(Domain::Session, id.as_bytes()),
            PrivacyUnit::PersonPeriod => {
                let start = self.standings[day.standing as usize].start.to_le_bytes();
                context.hash(Domain::Session, &[&start, id.as_bytes()].concat())
            }
        }
    }

    /// A coach's pseudonym and number.
    fn coach(&mut self, cells: Row<'_>) -> Result<(u64, u32), Fault> {
        let (reader, numbers) = (self.reader, &mut self.coaches);
        cells.once(COACH, &mut self.known.coaches, || {
            let coach = reader.context.coach(cells.id(COACH)?);
            let number = numbers.entry(coach);
            Ok((
                coach,
                *number.or_insert_with(|| reader.names().coach(coach)),
            ))
        })
    }

    /// What is asked of a day.
    fn day(&mut self, day: i32) -> Day {
        let slot = day.rem_euclid(DAYS as i32) as usize;
        if let Some(known) = self.days[slot].filter(|known| known.number == day) {
            return known;
        }
        let context = self.reader.context;
        let standing = context.standing(day);
        let mut known = self.standings.iter();
        let place = known.position(|one| Arc::ptr_eq(one, &standing));
        let place = place.unwrap_or_else(|| {
            self.standings.push(standing);
            self.standings.len() - 1
        });
        let known = Day {
            number: day,
            standing: place as u32,
            wanted: context.wants(day),
            coaches: context.wants_coaches_of(day),
        };
        self.days[slot] = Some(known);
        known
    }

    /// The row's list: declared ones, at least one, each once.
    fn competencies(&mut self, cells: Row<'_>) -> Result<List, Fault> {
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
        known: &mut HashMap<Vec<T>, List>,
        list: Vec<T>,
        pool: impl FnOnce(&mut Pools) -> &mut Pool<T>,
    ) -> List
    where
        Option<u16>: From<T>,
    {
        if let Some(list) = known.get(&list) {
            return *list;
        }
        let code = |item: &T| Option::<u16>::from(*item).map_or(0, |code| 1 + u32::from(code));
        let said: Vec<u8> = list
            .iter()
            .flat_map(|item| code(item).to_le_bytes())
            .collect();
        let found = List {
            number: pool(&mut self.names().lists).number(&list),
            hash: self.context.hash(Domain::List, &said),
        };
        known.insert(list, found);
        found
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
