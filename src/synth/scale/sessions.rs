//! The sessions of a quarter, a group of rows at a time.

use std::fmt::Write as _;
use std::ops::Range;

use jiff::ToSpan as _;
use parquet::errors::ParquetError;

use super::super::SynthError;
use super::super::codebook::{COMPETENCIES, Codebook, LISTED};
use super::super::rng::Draws;
use super::super::rows::{since_1970, working_days};
use super::super::sessions::{Session, held};
use super::super::world::Mix;
use super::World;
use super::crowd::{BLOCK, Coachee, Deal, Purpose, stream};
use super::dirt::{self, Fault, Faults};
use super::table::{Cell, Column, Encoder, Kind, TableFile, numbered};
use crate::calendar::Period;

/// Of a group session, fewest and most coachees that it is planned for.
const GROUP: (u64, u64) = (3, 8);
/// Days after a session on which its record was changed last.
const CHANGED_AFTER: i32 = 3;

/// A row. There are as many in memory as a group of rows has.
#[derive(Clone, Copy)]
struct Row {
    /// Number of the row in the quarter.
    number: u32,
    /// Number of the session: that of its first row.
    session: u32,
    person: u32,
    coach: u32,
    division: u16,
    minutes: u16,
    day: u8,
    competency: u8,
    themes: [u8; 3],
    mentoring: bool,
    proactive: bool,
}

/// Stands for no further theme.
const NO_THEME: u8 = u8::MAX;

impl Row {
    fn new(session: &Session, (person, division): (usize, usize), coach: u32) -> Self {
        let mut themes = [NO_THEME; 3];
        for (place, theme) in themes.iter_mut().zip(&session.themes) {
            *place = *theme;
        }
        Self {
            number: 0,
            session: 0,
            person: person as u32,
            coach,
            division: division as u16,
            minutes: session.minutes,
            day: session.day as u8,
            competency: session.competency,
            themes,
            mentoring: session.mentoring,
            proactive: session.proactive,
        }
    }
}

/// What all groups of rows of a quarter are made with.
struct Quarter<'a> {
    world: &'a World<'a>,
    number: usize,
    /// What each division's people bring.
    mixes: Vec<Mix>,
    words: Words,
    deal: Deal,
    faults: &'a Faults,
    /// Rows of the quarters before.
    rows_before: u64,
}

/// People whose sessions make a group of rows.
struct Task<'a> {
    first_block: usize,
    people: &'a mut [Coachee],
    /// Weights, and sessions, of the people before them.
    sum: u64,
    rows: u64,
}

/// Writes the sessions of a quarter, which have such numbers among all rows, by
/// the sums of the weights of blocks: `input/sessions/<quarter>`, and of those
/// that come late `<quarter>-late`.
pub(super) fn write(
    world: &World<'_>,
    number: usize,
    crowd: &mut [Coachee],
    (sums, rows): (&[u64], Range<u64>),
    faults: &Faults,
) -> Result<(), SynthError> {
    let World {
        options, folder, ..
    } = world;
    let period = world.quarters[number];
    let divisions = 0..world.chart.org.divisions.len();
    let mix = |division| world.themes.mix(division, number as u32);
    let quarter = Quarter {
        world,
        number,
        mixes: divisions.map(mix).collect(),
        words: Words::new(period),
        deal: Deal::new(sums, rows.end - rows.start),
        faults,
        rows_before: rows.start,
    };
    let name = format!("sessions/{}", period.name());
    let create =
        |name: &str| TableFile::new(folder, name, options.format, columns(options.dirt.any()));
    let mut late = Late {
        create: &|| create(&format!("{name}-late")),
        file: None,
        rows: Vec::new(),
    };
    let mut file = create(&name)?;
    file.write(
        quarter.tasks(crowd, sums),
        |task, encoder| quarter.make(task, encoder),
        |rows| late.add(&quarter, rows),
    )?;
    late.flush(&quarter, 1)?;
    late.file.map_or(Ok(()), TableFile::finish)?;
    file.finish()
}

/// Rows that come late: few, so they wait until they make a group.
struct Late<'a> {
    create: &'a dyn Fn() -> Result<TableFile, SynthError>,
    file: Option<TableFile>,
    rows: Vec<Row>,
}

impl Late<'_> {
    fn add(&mut self, quarter: &Quarter<'_>, rows: Vec<Row>) -> Result<(), SynthError> {
        self.rows.extend(rows);
        self.flush(quarter, quarter.world.group_rows)
    }

    /// Writes groups of rows, as long as there are so many.
    fn flush(&mut self, quarter: &Quarter<'_>, least: usize) -> Result<(), SynthError> {
        if self.rows.len() < least {
            return Ok(());
        }
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert((self.create)()?),
        };
        let group = |rows: &[Row], encoder: &mut Encoder<'_>| quarter.encode(rows, encoder);
        let groups = self.rows.chunks(quarter.world.group_rows).collect();
        file.write(groups, group, |()| Ok(()))?;
        self.rows.clear();
        Ok(())
    }
}

impl Quarter<'_> {
    /// Cuts the crowd into groups of blocks with about as many rows as a group
    /// is to have.
    fn tasks<'a>(&self, mut crowd: &'a mut [Coachee], sums: &[u64]) -> Vec<Task<'a>> {
        let (mut tasks, mut sum, mut first) = (Vec::new(), 0, 0);
        while first < sums.len() {
            let rows = self.deal.up_to(sum);
            let mut end = sum + sums[first];
            let mut next = first + 1;
            while next < sums.len()
                && self.deal.up_to(end + sums[next]) - rows <= self.world.group_rows as u64
            {
                end += sums[next];
                next += 1;
            }
            let people = ((next - first) * BLOCK).min(crowd.len());
            let (people, rest) = crowd.split_at_mut(people);
            tasks.push(Task {
                first_block: first,
                people,
                sum,
                rows,
            });
            (crowd, sum, first) = (rest, end, next);
        }
        tasks
    }

    /// Makes a group of rows, in order of the days; gives those that come late.
    fn make(&self, task: Task<'_>, encoder: &mut Encoder<'_>) -> Result<Vec<Row>, ParquetError> {
        let draws = |purpose| {
            stream(
                self.world.options.seed,
                purpose,
                self.number,
                task.first_block,
            )
        };
        let (mut groups, mut delays) = (draws(Purpose::Groups), draws(Purpose::Late));
        let first = task.rows as u32;
        let mut rows = self.rows(task);
        rows.sort_by_key(|row| row.day);
        for (row, number) in rows.iter_mut().zip(first..) {
            (row.number, row.session) = (number, number);
        }
        self.gather(&mut rows, &mut groups);
        let mut late = Vec::new();
        rows.retain(|row| {
            let delayed = self.world.options.late.drawn(&mut delays);
            late.extend(delayed.then_some(*row));
            !delayed
        });
        self.encode(&rows, encoder)?;
        Ok(late)
    }

    /// The sessions of people, noted in what they worked on.
    fn rows(&self, task: Task<'_>) -> Vec<Row> {
        let mut rows = Vec::with_capacity(self.world.group_rows);
        let Task {
            first_block,
            people,
            mut sum,
            ..
        } = task;
        let days = self.words.days.len();
        for (block, people) in (first_block..).zip(people.chunks_mut(BLOCK)) {
            let mut draws = stream(
                self.world.options.seed,
                Purpose::Sessions,
                self.number,
                block,
            );
            for (person, index) in people.iter_mut().zip(block * BLOCK..) {
                let count = self.deal.next(person, &mut sum);
                person.once = count == 1;
                if count == 0 {
                    continue;
                }
                let place = usize::from(person.place().department);
                let (division, ..) = self.world.chart.org.departments[place];
                let (themes, mix) = (&self.world.themes, &self.mixes[division]);
                for session in held(themes, mix, person.focus, (days, count), &mut draws) {
                    note(&themes.codebook, &session, person);
                    rows.push(Row::new(&session, (index, division), person.coach));
                }
            }
        }
        rows
    }

    /// Makes group sessions of rows: of a division and competency, close in
    /// time, of different people. Their first row says which session it was,
    /// and everything but the person, the competency and the themes.
    fn gather(&self, rows: &mut [Row], draws: &mut Draws) {
        struct Open {
            first: Row,
            planned: usize,
            people: Vec<u32>,
        }
        let mut open: Vec<Option<Open>> = Vec::new();
        open.resize_with(self.mixes.len() * COMPETENCIES, || None);
        for row in rows {
            if !self.world.options.groups.drawn(draws) {
                continue;
            }
            let cell = usize::from(row.division) * COMPETENCIES + usize::from(row.competency);
            let slot = &mut open[cell];
            let Some(group) = slot else {
                let (least, most) = GROUP;
                *slot = Some(Open {
                    first: *row,
                    planned: (least + draws.below(most - least + 1)) as usize,
                    people: vec![row.person],
                });
                continue;
            };
            if group.people.contains(&row.person) {
                continue;
            }
            *row = Row {
                number: row.number,
                person: row.person,
                competency: row.competency,
                themes: row.themes,
                ..group.first
            };
            group.people.push(row.person);
            if group.people.len() == group.planned {
                *slot = None;
            }
        }
    }

    /// Encodes rows, each with the broken copies that follow it.
    fn encode(&self, rows: &[Row], encoder: &mut Encoder<'_>) -> Result<(), ParquetError> {
        let (mut ids, dirty) = (Ids::default(), self.world.options.dirt.any());
        for row in rows {
            let cells = self.cells(row, &mut ids);
            let used = if dirty { cells.len() } else { cells.len() - 1 };
            encoder.row(&cells[..used])?;
            for fault in self.faults.after(self.rows_before + u64::from(row.number)) {
                self.copy(&cells, fault, encoder)?;
            }
        }
        Ok(())
    }

    /// The cells of a row, in the order of [`columns`].
    fn cells<'a>(&'a self, row: &Row, ids: &'a mut Ids) -> [Cell<'a>; 10] {
        let codebook = &self.world.themes.codebook;
        ids.fill(&self.words.prefix, row, codebook);
        let day = &self.words.days[usize::from(row.day)];
        [
            Cell::Text(&ids.session),
            Cell::Text(&ids.coachee),
            Cell::Text(&ids.coach),
            Cell::Date(day.since_1970, &day.held),
            Cell::Number(i32::from(row.minutes), &ids.minutes),
            Cell::Text(&codebook.competencies[usize::from(row.competency)]),
            Cell::Text(&ids.themes),
            Cell::Text(if row.mentoring {
                "mentoring"
            } else {
                "coaching"
            }),
            Cell::Text(if row.proactive {
                "proactive"
            } else {
                "reactive"
            }),
            Cell::Text(&day.changed),
        ]
    }

    /// Encodes a copy of a row with a fault.
    fn copy(
        &self,
        cells: &[Cell<'_>; 10],
        fault: Fault,
        encoder: &mut Encoder<'_>,
    ) -> Result<(), ParquetError> {
        let (long, nobody) = (
            dirt::long_id(cells[0].text()),
            format!("x{}", cells[1].text()),
        );
        let mut cells = *cells;
        let [
            session,
            coachee,
            coach,
            held_on,
            minutes,
            competency,
            _,
            mode,
            _,
            changed,
        ] = &mut cells;
        match fault {
            Fault::FieldCount | Fault::Json => {
                encoder.fragment(&cells);
                return Ok(());
            }
            Fault::Missing => *coach = Cell::MISSING,
            Fault::Id => *session = Cell::Text(&long),
            Fault::Date => *held_on = Cell::Text(dirt::NO_DATE),
            Fault::Number => *minutes = Cell::Text(dirt::NO_NUMBER),
            Fault::Range => *minutes = Cell::Text("0"),
            Fault::Value => *mode = Cell::Text(dirt::NO_VALUE),
            Fault::Undeclared => *competency = Cell::Text(dirt::UNDECLARED),
            Fault::NoPerson => *coachee = Cell::Text(&nobody),
            Fault::Conflict => {
                *minutes = Cell::Text("37");
                *changed = Cell::Text(&self.words.eve);
            }
            Fault::Duplicate | Fault::InnerUnit | Fault::ParentMissing => {}
        }
        encoder.row(&cells)
    }
}

/// Notes what a session was about.
fn note(codebook: &Codebook, session: &Session, person: &mut Coachee) {
    let competency = usize::from(session.competency);
    let listed = &codebook.pairs[Codebook::of(competency)];
    for &theme in &session.themes {
        match listed.iter().position(|own| *own == usize::from(theme)) {
            Some(place) => person.pairs |= 1 << (competency * LISTED + place),
            None => person.others |= 1 << competency,
        }
    }
}

/// The columns of sessions; where rows may be broken all are texts, and say
/// when they were changed last.
fn columns(dirty: bool) -> Vec<Column> {
    let (date, number) = if dirty {
        (Kind::Text, Kind::Text)
    } else {
        (Kind::Date, Kind::Number)
    };
    let mut columns = vec![
        ("session_id", Kind::Id),
        ("coachee_id", Kind::Text),
        ("coach_id", Kind::Text),
        ("held_on", date),
        ("minutes", number),
        ("competency", Kind::Text),
        ("themes", Kind::Text),
        ("mode", Kind::Text),
        ("trigger", Kind::Text),
    ];
    if dirty {
        columns.push(("updated_at", Kind::Text));
    }
    columns
}

/// Texts that the rows of a quarter share.
struct Words {
    /// Starts every session id.
    prefix: String,
    /// The working days.
    days: Vec<Day>,
    /// The day before the quarter.
    eve: String,
}

struct Day {
    since_1970: i32,
    held: String,
    /// When the record was changed last.
    changed: String,
}

impl Words {
    fn new(quarter: Period) -> Self {
        let first = quarter.start();
        let since = since_1970(first);
        let text = |days: i32| first.saturating_add(days.days()).to_string();
        let day = |day: i32| Day {
            since_1970: day,
            held: text(day - since),
            changed: text(day - since + CHANGED_AFTER),
        };
        let days = working_days(first, quarter.end());
        Self {
            prefix: quarter.name().to_lowercase().replace('-', "") + "-",
            days: days.into_iter().map(day).collect(),
            eve: text(-1),
        }
    }
}

/// Texts of one row, in memory that is used again.
#[derive(Default)]
struct Ids {
    session: String,
    coachee: String,
    coach: String,
    minutes: String,
    themes: String,
}

impl Ids {
    fn fill(&mut self, prefix: &str, row: &Row, codebook: &Codebook) {
        numbered(&mut self.session, prefix, row.session, 6);
        numbered(&mut self.coachee, "p", row.person, 6);
        numbered(&mut self.coach, "c", row.coach, 4);
        self.minutes.clear();
        // Writing to a text can't fail.
        let _ = write!(self.minutes, "{}", row.minutes);
        self.themes.clear();
        for theme in row.themes.iter().filter(|theme| **theme != NO_THEME) {
            if !self.themes.is_empty() {
                self.themes.push(';');
            }
            self.themes.push_str(&codebook.themes[usize::from(*theme)]);
        }
    }
}
