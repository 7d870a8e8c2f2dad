//! Sound rows on their way to the part of the people that they are about.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

pub(super) use lodestar_privacy::parts::{PARTS, part_of};

use super::chunk::{ROWS, pack};
use super::context::Context;
use super::error::IngestError;
use super::people::Standing;
use super::sessions::Session;
use super::shelf::{Room, Shelf};

/// Where what is about the people of a part stands in a list that goes by person.
pub(super) fn of_part<T>(all: &[T], part: usize, person: impl Fn(&T) -> u128) -> Range<usize> {
    let part_of = |one: &T| part_of(person(one));
    let start = all.partition_point(|one| part_of(one) < part);
    start..start + all[start..].partition_point(|one| part_of(one) == part)
}

/// A row that was read.
#[derive(Clone, Copy)]
pub(super) struct Staged {
    /// Pseudonym; in bytes, so as to take no more room than it needs.
    pub(super) person: [u8; 16],
    /// Of the period that holds the row's day, among those of who read it.
    pub(super) standing: u32,
    /// Data row of its file, from 1.
    pub(super) row: u64,
    pub(super) session: Session,
}

/// All rows, part by part.
pub(super) struct Parts<'a> {
    context: &'a Context<'a>,
    room: &'a Room,
    /// By part: the number of its first person, if people are known.
    first: Vec<Option<u32>>,
    each: Vec<Mutex<Rows>>,
}

/// The rows of one part.
#[derive(Default)]
pub(super) struct Rows {
    /// People are numbered within the part: as in the people source, or, without
    /// one, as they come.
    pub(super) persons: Vec<u128>,
    numbers: HashMap<u128, u32>,
    /// Those that do not make a chunk yet.
    open: Vec<Session>,
    pub(super) shelf: Shelf,
}

impl Rows {
    /// Packs the first rows that are open.
    fn shelve(&mut self, rows: usize, room: &Room) -> Result<(), IngestError> {
        let packed = pack(&self.open[..rows]);
        self.open.drain(..rows);
        self.shelf.put(rows, packed, room)
    }

    fn number(&mut self, person: u128) -> u32 {
        *self.numbers.entry(person).or_insert_with(|| {
            self.persons.push(person);
            self.persons.len() as u32 - 1
        })
    }
}

impl<'a> Parts<'a> {
    pub(super) fn new(context: &'a Context<'a>, room: &'a Room) -> Self {
        Self {
            context,
            room,
            first: (0..PARTS)
                .map(|part| Some(context.people.of_part(part)?.0))
                .collect(),
            each: (0..PARTS).map(|_| Mutex::default()).collect(),
        }
    }

    /// Adds rows of the people of a part. Of whom nobody knows where they belong on
    /// the row's day, the file and row are handed over.
    pub(super) fn put(
        &self,
        part: usize,
        staged: &[Staged],
        standings: &[Arc<Standing>],
        mut without: impl FnMut(u32, u64),
    ) -> Result<(), IngestError> {
        let people = self.context.people;
        let first = self.first[part];
        let mut rows = self.each[part]
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let asked = staged.iter().map(|one| {
            let standing = &*standings[one.standing as usize];
            (u128::from_le_bytes(one.person), standing)
        });
        let mut found = Vec::with_capacity(staged.len());
        people.look_up(asked.clone(), &mut found);
        if first.is_none() {
            // Without people everybody has a place: the root.
            found.extend(asked.map(|(person, _)| (Some(rows.number(person)), true)));
        }
        for (one, (number, placed)) in staged.iter().zip(found) {
            let mut session = one.session;
            if session.is_sound() && !placed {
                without(session.file, one.row);
                session = session.met();
            }
            if let Some(number) = number
                && (session.is_sound() || session.coach > 0)
            {
                let person = number - first.unwrap_or(0);
                rows.open.push(Session { person, ..session });
            }
        }
        while rows.open.len() >= ROWS {
            rows.shelve(ROWS, self.room)?;
        }
        Ok(())
    }

    /// Coaches and managers who rated: they know whom, as those do who held a
    /// session. By part: the person's number, the coach's, and the month.
    pub(super) fn raters(
        &mut self,
        raters: impl IntoIterator<Item = (u128, u32, i32)>,
    ) -> Vec<Vec<(u32, u32, i32)>> {
        let mut all = vec![Vec::new(); PARTS];
        let people = self.context.people;
        for (person, coach, month) in raters {
            let part = part_of(person);
            let rows = self.each[part]
                .get_mut()
                .unwrap_or_else(PoisonError::into_inner);
            let number = match self.first[part] {
                None => Some(rows.number(person)),
                Some(first) => people.number(person).map(|number| number - first),
            };
            all[part].extend(number.map(|number| (number, coach, month)));
        }
        all
    }

    /// The rows, part by part.
    pub(super) fn into_rows(self) -> Result<Vec<Rows>, IngestError> {
        let all = self.each.into_iter().map(|rows| {
            let mut rows = rows.into_inner().unwrap_or_else(PoisonError::into_inner);
            rows.shelve(rows.open.len(), self.room)?;
            Ok(rows)
        });
        all.collect()
    }
}
