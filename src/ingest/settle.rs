//! The rows of a part, put together: duplicates taken out, sorted, and counted.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use rayon::prelude::*;

use super::Said;
use super::chunk::{ROWS, pack, unpack};
use super::context::Context;
use super::dates::month_of;
use super::error::IngestError;
use super::parts::{PARTS, Rows};
use super::sessions::{Session, known};
use super::shelf::{Room, Shelf};

/// 2000-01-01, and days from then on that most rows are of.
const USUAL: i32 = 10_957;
const MANY: usize = 1 << 15;

/// How many rows are of each day.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Days {
    /// From [`USUAL`] on.
    usual: Vec<u64>,
    /// All others, for a date may be as far away as a typing error.
    others: BTreeMap<i32, u64>,
}

impl Days {
    fn add(&mut self, day: i32, rows: u64) {
        let place = day.checked_sub(USUAL).map(usize::try_from);
        if let Some(Ok(place)) = place
            && place < MANY
        {
            if self.usual.len() <= place {
                self.usual.resize(place + 1, 0);
            }
            self.usual[place] += rows;
        } else {
            *self.others.entry(day).or_default() += rows;
        }
    }

    /// In their order, those alone that have rows.
    pub(super) fn all(&self) -> Vec<(i32, u64)> {
        let usual = (USUAL..).zip(self.usual.iter().copied());
        let others = self.others.iter().map(|(day, rows)| (*day, *rows));
        let mut all: Vec<_> = usual.filter(|(_, rows)| *rows > 0).chain(others).collect();
        all.sort_unstable();
        all
    }
}

/// What became of the rows, over some parts.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Settled {
    /// By file: accepted rows, and duplicates.
    pub(super) files: Vec<(u64, u64)>,
    /// Accepted rows by day.
    pub(super) days: Days,
    pub(super) unknown_themes: u64,
    pub(super) said: Said,
}

impl Settled {
    fn count(&mut self, row: &Session, accepted: bool) {
        let file = row.file as usize;
        if self.files.len() <= file {
            self.files.resize(file + 1, (0, 0));
        }
        if !accepted {
            self.files[file].1 += 1;
            return;
        }
        self.files[file].0 += 1;
        self.days.add(row.held, 1);
        self.unknown_themes += u64::from(row.unknown);
        self.said.coaching += usize::from(known(row.coaching).is_some());
        self.said.trigger += usize::from(row.trigger.is_some());
        self.said.format += usize::from(row.format.is_some());
        self.said.cost += usize::from(known(row.cost).is_some());
    }

    fn merge(mut self, other: Self) -> Self {
        if self.files.len() < other.files.len() {
            self.files.resize(other.files.len(), (0, 0));
        }
        for (day, rows) in other.days.all() {
            self.days.add(day, rows);
        }
        for (mine, theirs) in self.files.iter_mut().zip(other.files) {
            *mine = (mine.0 + theirs.0, mine.1 + theirs.1);
        }
        self.unknown_themes += other.unknown_themes;
        self.said.coaching += other.said.coaching;
        self.said.trigger += other.said.trigger;
        self.said.format += other.said.format;
        self.said.cost += other.said.cost;
        self
    }
}

/// What is kept of a part of the people.
#[derive(Debug, Default)]
pub(super) struct Part {
    /// Without a people source: pseudonyms, ascending.
    pub(super) persons: Vec<u128>,
    /// Accepted rows of the periods that are wanted, person by person in the order
    /// of pseudonyms, and then by id.
    pub(super) rows: Shelf,
    /// By window of coaches: person and coach by number, person by person.
    pub(super) coaches: Vec<Vec<(u32, u32)>>,
}

/// Settles all parts. `raters`, by part: person and coach by number, and month.
pub(super) fn settle(
    context: &Context<'_>,
    room: &Room,
    rows: Vec<Rows>,
    raters: Vec<Vec<(u32, u32, i32)>>,
) -> Result<(Vec<Part>, Settled), IngestError> {
    let parts: Vec<_> = (0..PARTS).zip(rows.into_iter().zip(raters)).collect();
    let one = |(number, (rows, raters))| part(context, room, number, rows, raters);
    let parts = parts.into_par_iter().with_max_len(1).map(one);
    let parts: Vec<(Part, Settled)> = parts.collect::<Result<_, IngestError>>()?;
    let mut all = Settled::default();
    let mut kept = Vec::with_capacity(PARTS);
    for (part, settled) in parts {
        all = all.merge(settled);
        kept.push(part);
    }
    Ok((kept, all))
}

fn part(
    context: &Context<'_>,
    room: &Room,
    number: usize,
    mut raw: Rows,
    mut raters: Vec<(u32, u32, i32)>,
) -> Result<(Part, Settled), IngestError> {
    let mut rows: Vec<Session> = Vec::with_capacity(raw.shelf.rows());
    raw.shelf.each(room, |chunk| unpack(chunk, &mut rows))?;
    raw.shelf.clear(room);
    if u32::try_from(rows.len()).is_err() {
        return Err(IngestError::Path {
            table: "sessions",
            path: context.project.sources.sessions.paths.join(", "),
            problem: "has more rows of some people than can be counted",
        });
    }
    let people = match context.people.of_part(number) {
        Some((_, persons)) => persons.len(),
        None => in_order(&mut raw.persons, &mut rows, &mut raters),
    };
    raters.sort_unstable();
    let mut part = Part {
        persons: raw.persons,
        coaches: vec![Vec::new(); context.windows().len()],
        rows: Shelf::default(),
    };
    let (ends, order) = by_person(&rows, people);
    let mut mine: Vec<Session> = Vec::new();
    let (mut settled, mut kept) = (Settled::default(), Vec::with_capacity(ROWS));
    let (mut start, mut rated) = (0, &raters[..]);
    for (person, &end) in (0..).zip(&ends) {
        let places = &order[start as usize..end as usize];
        start = end;
        mine.clear();
        mine.extend(places.iter().map(|&at| rows[at as usize]));
        let ratings = rated.partition_point(|(rated, ..)| *rated == person);
        coaches(context, &mine, &rated[..ratings], person, &mut part.coaches);
        rated = &rated[ratings..];
        mine.sort_unstable_by_key(|row| (row.id, Reverse(row.updated), row.content, row.file));
        let mut last = None;
        for row in &mine {
            if !row.is_sound() {
                continue;
            }
            let accepted = last.replace(row.id) != Some(row.id);
            settled.count(row, accepted);
            if accepted && context.wants(row.held) {
                kept.push(row.settled());
                if kept.len() == ROWS {
                    part.rows.put(ROWS, pack(&kept), room)?;
                    kept.clear();
                }
            }
        }
    }
    part.rows.put(kept.len(), pack(&kept), room)?;
    Ok((part, settled))
}

/// Numbers people in the order of their pseudonyms; how many they are.
fn in_order(persons: &mut [u128], rows: &mut [Session], raters: &mut [(u32, u32, i32)]) -> usize {
    let mut order: Vec<u32> = (0..persons.len() as u32).collect();
    order.sort_unstable_by_key(|&at| persons[at as usize]);
    let mut places = vec![0; persons.len()];
    for (place, &at) in (0..).zip(&order) {
        places[at as usize] = place;
    }
    for row in rows {
        row.person = places[row.person as usize];
    }
    for one in raters {
        one.0 = places[one.0 as usize];
    }
    persons.sort_unstable();
    persons.len()
}

/// The rows' places, person by person; and where each person's end.
fn by_person(rows: &[Session], people: usize) -> (Vec<u32>, Vec<u32>) {
    let mut next = vec![0_u32; people + 1];
    for row in rows {
        next[row.person as usize + 1] += 1;
    }
    for person in 0..people {
        next[person + 1] += next[person];
    }
    let mut order = vec![0; rows.len()];
    for (at, row) in (0..).zip(rows) {
        let next = &mut next[row.person as usize];
        order[*next as usize] = at;
        *next += 1;
    }
    next.truncate(people);
    (next, order)
}

/// Who coached or rated a person, window by window: each once.
fn coaches(
    context: &Context<'_>,
    rows: &[Session],
    ratings: &[(u32, u32, i32)],
    person: u32,
    all: &mut [Vec<(u32, u32)>],
) {
    let mut mine = Vec::new();
    for (&(first, last), known) in context.windows().iter().zip(all) {
        let met = rows.iter().filter(|row| row.coach > 0);
        let met = met.filter(|row| (first..=last).contains(&row.held));
        mine.extend(met.map(|row| row.coach));
        if !ratings.is_empty() {
            let months = month_of(first)..=month_of(last);
            let rated = ratings.iter().filter(|(.., month)| months.contains(month));
            mine.extend(rated.map(|(_, coach, _)| *coach));
        }
        mine.sort_unstable();
        mine.dedup();
        known.extend(mine.drain(..).map(|coach| (person, coach)));
    }
}
