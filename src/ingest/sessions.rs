//! Sessions: rows → coded facts, each from its own subject's rows alone.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::batch::{Batch, Cell, Declared, Field, Kind, Pool};
use super::cells::{Row, codes};
use super::context::Context;
use super::dates;
use super::key::Domain;
use super::people::Standing;
use super::report::{Fault, Reason, Reject};
use crate::config::PrivacyUnit;

/// The columns, in the order of the constants below. Notes are never read.
pub(super) const COLUMNS: [Declared<'_>; 14] = [
    Declared::required("session_id", Kind::Text),
    Declared::required("coachee_id", Kind::Text),
    Declared::required("coach_id", Kind::Text),
    Declared::required("held_on", Kind::Date),
    Declared::required("minutes", Kind::Number),
    Declared::required("competency", Kind::List),
    Declared::optional("themes", Kind::List),
    Declared::optional("mode", Kind::Text),
    Declared::optional("coaching_minutes", Kind::Number),
    Declared::optional("trigger", Kind::Text),
    Declared::optional("format", Kind::Text),
    Declared::optional("programme", Kind::Text),
    Declared::optional("cost", Kind::Number),
    Declared::optional("updated_at", Kind::Date),
];
const SESSION: usize = 0;
const COACHEE: usize = 1;
const COACH: usize = 2;
const HELD: usize = 3;
const MINUTES: usize = 4;
const COMPETENCY: usize = 5;
const THEMES: usize = 6;
const MODE: usize = 7;
const COACHING: usize = 8;
const TRIGGER: usize = 9;
const FORMAT: usize = 10;
const PROGRAMME: usize = 11;
const COST: usize = 12;
const UPDATED: usize = 13;

/// Most minutes of a session.
const LONGEST: f64 = 1440.0;

/// Most that a session costs.
const DEAREST: f64 = 10_000_000.0;

/// Stands for a number that is not known.
const UNKNOWN: u32 = u32::MAX;

/// How a session was led.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mode {
    /// The coachee finds the answers.
    Coaching,
    /// The coach gives them.
    Mentoring,
}

/// What brought a session about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Trigger {
    /// Growth.
    Proactive,
    /// Correction after the fact.
    Reactive,
}

/// A sound row, 64 bytes: millions of them are held until duplicates are known.
#[derive(Clone, Copy)]
pub(super) struct Session {
    /// Keyed hash of all that the row says.
    pub(super) content: u64,
    /// Pseudonym of the session id within the person.
    pub(super) id: u64,
    /// Microseconds since 1970-01-01; `i64::MIN`: missing.
    pub(super) updated: i64,
    /// Number of the person, and later their position.
    pub(super) person: u32,
    /// Day since 1970-01-01.
    pub(super) held: i32,
    /// In 1/100 minute.
    pub(super) minutes: u32,
    /// In 1/100 minute, or [`UNKNOWN`].
    pub(super) coaching: u32,
    /// In 1/100 of the currency's unit, or [`UNKNOWN`].
    pub(super) cost: u32,
    /// Numbers of the lists; 0 in periods that are not wanted.
    pub(super) competencies: u32,
    pub(super) themes: u32,
    pub(super) file: u32,
    pub(super) format: Option<u16>,
    /// Mentions of themes that the codebook does not know.
    pub(super) unknown: u16,
    pub(super) mode: Option<Mode>,
    pub(super) trigger: Option<Trigger>,
}

const _: () = assert!(size_of::<Session>() <= 64);

/// A number, unless it stands for none.
pub(super) fn known(number: u32) -> Option<u32> {
    Some(number).filter(|number| *number != UNKNOWN)
}

/// A coach who met a person in a month.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Met {
    pub(super) coach: u64,
    pub(super) person: u32,
    /// Months since January of the year 0.
    pub(super) month: i32,
}

/// Lists of competencies and of themes.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Pools {
    pub(super) competencies: Pool<u16>,
    pub(super) themes: Pool<Option<u16>>,
}

impl Pools {
    pub(super) fn new() -> Self {
        Self {
            competencies: Pool::new(),
            themes: Pool::new(),
        }
    }
}

/// What a batch became. Persons and lists are numbered within it.
pub(super) struct Part {
    pub(super) read: usize,
    pub(super) rejects: Vec<Reject>,
    pub(super) sessions: Vec<Session>,
    pub(super) met: HashSet<Met>,
    /// Pseudonyms by number.
    pub(super) persons: Vec<u128>,
    pub(super) pools: Pools,
}

/// What all batches are read with.
pub(super) struct Reader<'a> {
    context: &'a Context<'a>,
    fields: &'a [Field],
    competencies: HashMap<&'a str, u16>,
    themes: HashMap<&'a str, u16>,
    formats: HashMap<&'a str, u16>,
    programmes: HashMap<&'a str, u16>,
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
        }
    }

    /// Parses a batch.
    pub(super) fn part(&self, file: usize, batch: &Batch) -> Part {
        let mut parser = Parser::new(self);
        let mut sessions = Vec::with_capacity(batch.rows);
        let mut rejects = Vec::new();
        for at in 0..batch.rows {
            let fields = self.fields;
            match parser.session(Row { batch, fields, at }) {
                Ok(session) => sessions.push(Session {
                    file: file as u32,
                    ..session
                }),
                Err(fault) => rejects.push(batch.reject(fields, file, at, fault)),
            }
        }
        let Parser {
            met,
            persons,
            pools,
            ..
        } = parser;
        Part {
            read: batch.rows,
            rejects,
            sessions,
            met,
            persons,
            pools,
        }
    }
}

/// The state of one batch: values that repeat are parsed once.
struct Parser<'a> {
    reader: &'a Reader<'a>,
    numbers: HashMap<u128, u32>,
    persons: Vec<u128>,
    pools: Pools,
    met: HashSet<Met>,
    days: HashMap<i32, (Arc<Standing>, i32)>,
    held: HashMap<&'a str, Result<i32, Fault>>,
    competencies: HashMap<&'a str, Result<u32, Fault>>,
    themes: HashMap<&'a str, (u32, u16)>,
}

impl<'a> Parser<'a> {
    fn new(reader: &'a Reader<'a>) -> Self {
        Self {
            reader,
            numbers: HashMap::new(),
            persons: Vec::new(),
            pools: Pools::new(),
            met: HashSet::new(),
            days: HashMap::new(),
            held: HashMap::new(),
            competencies: HashMap::new(),
            themes: HashMap::new(),
        }
    }

    /// A row's session, or its first fault in the order of the columns. Who
    /// met whom is noted whatever else is wrong: more coaches only hide more.
    fn session(&mut self, cells: Row<'a>) -> Result<Session, Fault> {
        cells.batch.whole(cells.at)?;
        let context = self.reader.context;
        let id = cells.id(SESSION);
        let person = context.person(cells, COACHEE);
        let coach = cells.id(COACH).map(|id| context.coach(id));
        let held = self.held(cells);
        if let (Ok(person), Ok(coach), Ok(day)) = (&person, &coach, &held) {
            self.meet(*person, *coach, *day);
        }
        let (id, person, coach, held) = (id?, person?, coach?, held?);
        let minutes = minutes(cells)?;
        let competencies = self.competencies(cells)?;
        let (themes, unknown) = self.themes(cells)?;
        let modes = [("coaching", Mode::Coaching), ("mentoring", Mode::Mentoring)];
        let mode = cells.choice(MODE, &modes)?;
        let coaching = coaching(cells, minutes, mode)?;
        let triggers = [
            ("proactive", Trigger::Proactive),
            ("reactive", Trigger::Reactive),
        ];
        let trigger = cells.choice(TRIGGER, &triggers)?;
        let format = declared(cells, FORMAT, &self.reader.formats)?;
        // No measure is of the programme that a session says.
        declared(cells, PROGRAMME, &self.reader.programmes)?;
        let cost = cells.hundredths(COST, DEAREST)?;
        let updated = cells.moment(UPDATED)?.unwrap_or(i64::MIN);
        let standing = Arc::clone(&self.day(held).0);
        context.placed(person, &standing, COACHEE)?;
        let subject = self.subject(person, &standing);
        let id = context.hash(Domain::Session, &[&subject, id.as_bytes()]);
        let mut session = Session {
            content: 0,
            id,
            updated,
            person: self.number(person),
            held,
            minutes,
            coaching: coaching.unwrap_or(UNKNOWN),
            cost: cost.unwrap_or(UNKNOWN),
            competencies,
            themes,
            file: 0,
            format,
            unknown,
            mode,
            trigger,
        };
        session.content = self.content(&session, coach);
        Ok(session)
    }

    /// Keyed hash of all that a row says, but for its ids.
    fn content(&self, session: &Session, coach: u64) -> u64 {
        let mut said = Vec::with_capacity(64);
        said.extend(coach.to_le_bytes());
        said.extend(session.updated.to_le_bytes());
        said.extend(session.held.to_le_bytes());
        said.extend(session.minutes.to_le_bytes());
        said.extend(session.coaching.to_le_bytes());
        said.extend(session.cost.to_le_bytes());
        let format = session.format.map_or(0, |code| 1 + u32::from(code));
        said.extend(format.to_le_bytes());
        said.extend(session.unknown.to_le_bytes());
        said.push(session.mode.map_or(0, |mode| 1 + mode as u8));
        said.push(session.trigger.map_or(0, |trigger| 1 + trigger as u8));
        let competencies = self.pools.competencies.list(session.competencies);
        said.extend((competencies.len() as u64).to_le_bytes());
        said.extend(competencies.iter().flat_map(|code| code.to_le_bytes()));
        for theme in self.pools.themes.list(session.themes) {
            said.extend(theme.map_or(0, |code| 1 + u32::from(code)).to_le_bytes());
        }
        self.reader.context.hash(Domain::Content, &[&said])
    }

    /// Whose ids of sessions are told apart: a person's, or, where each
    /// person's rows of one period are protected, theirs in the period.
    fn subject(&self, person: u128, period: &Standing) -> Vec<u8> {
        let mut subject = person.to_le_bytes().to_vec();
        match self.reader.context.unit() {
            PrivacyUnit::Person => {}
            PrivacyUnit::PersonPeriod => subject.extend(period.start.to_le_bytes()),
        }
        subject
    }

    fn number(&mut self, person: u128) -> u32 {
        let next = self.persons.len() as u32;
        let number = *self.numbers.entry(person).or_insert(next);
        if number == next {
            self.persons.push(person);
        }
        number
    }

    /// What a day's period asks, and the day's month.
    fn day(&mut self, day: i32) -> &(Arc<Standing>, i32) {
        let reader = self.reader;
        self.days
            .entry(day)
            .or_insert_with(|| (reader.context.standing(day), dates::month_of(day)))
    }

    fn meet(&mut self, person: u128, coach: u64, day: i32) {
        if self.reader.context.wants_coaches_of(day) {
            let month = self.day(day).1;
            let person = self.number(person);
            self.met.insert(Met {
                coach,
                person,
                month,
            });
        }
    }

    fn held(&mut self, cells: Row<'a>) -> Result<i32, Fault> {
        // A default is read in another way than the same text in the file.
        match cells.own(HELD) {
            Cell::Text(text) => *self
                .held
                .entry(text)
                .or_insert_with(|| cells.event_day(HELD)),
            _ => cells.event_day(HELD),
        }
    }

    /// The number of the row's list: declared ones, at least one, each once.
    fn competencies(&mut self, cells: Row<'a>) -> Result<u32, Fault> {
        let cell = cells.own(COMPETENCY);
        if let Cell::Text(text) = cell
            && let Some(known) = self.competencies.get(text)
        {
            return *known;
        }
        let undeclared = Fault::at(COMPETENCY, Reason::Undeclared);
        let mut codes: Vec<u16> = Vec::new();
        let mut all_known = true;
        each(cells, COMPETENCY, |item| {
            match self.reader.competencies.get(item) {
                Some(code) if codes.contains(code) => {}
                Some(code) => codes.push(*code),
                None => all_known = false,
            }
        })?;
        let number = match (all_known, codes.is_empty()) {
            (false, _) => Err(undeclared),
            (true, true) => Err(Fault::at(COMPETENCY, Reason::Missing)),
            (true, false) => Ok(self.pools.competencies.number(&codes)),
        };
        if let Cell::Text(text) = cell {
            self.competencies.insert(text, number);
        }
        number
    }

    /// The number of the row's list, each theme once and unknown ones as one;
    /// and how many mentions are unknown.
    fn themes(&mut self, cells: Row<'a>) -> Result<(u32, u16), Fault> {
        let cell = cells.own(THEMES);
        if let Cell::Text(text) = cell
            && let Some(known) = self.themes.get(text)
        {
            return Ok(*known);
        }
        let mut codes: Vec<Option<u16>> = Vec::new();
        let mut unknown: u16 = 0;
        each(cells, THEMES, |item| {
            let code = self.reader.themes.get(item).copied();
            unknown = unknown.saturating_add(u16::from(code.is_none()));
            if !codes.contains(&code) {
                codes.push(code);
            }
        })?;
        let found = (self.pools.themes.number(&codes), unknown);
        if let Cell::Text(text) = cell {
            self.themes.insert(text, found);
        }
        Ok(found)
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
    match cells.hundredths(COACHING, LONGEST)? {
        Some(coaching) if coaching > minutes => Err(Fault::at(COACHING, Reason::Range)),
        Some(coaching) => Ok(Some(coaching)),
        None => Ok(mode.map(|mode| match mode {
            Mode::Coaching => minutes,
            Mode::Mentoring => 0,
        })),
    }
}
