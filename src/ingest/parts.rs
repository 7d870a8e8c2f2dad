//! Rows on their way to the part of the people that they are about.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

pub(super) use lodestar_privacy::parts::{PARTS, part_of};

use super::chunk::Block;
use super::error::IngestError;
use super::sessions::Session;
use super::shelf::{Room, Shelf};

/// Where what is about the people of a part stands in a list that goes by person.
pub(super) fn of_part<T>(all: &[T], part: usize, person: impl Fn(&T) -> u128) -> Range<usize> {
    let part_of = |one: &T| part_of(person(one));
    let start = all.partition_point(|one| part_of(one) < part);
    start..start + all[start..].partition_point(|one| part_of(one) == part)
}

/// All rows, part by part.
pub(super) struct Parts<'a> {
    room: &'a Room,
    each: Vec<Mutex<Shelf>>,
}

impl<'a> Parts<'a> {
    pub(super) fn new(room: &'a Room) -> Self {
        Self {
            room,
            each: (0..PARTS).map(|_| Mutex::default()).collect(),
        }
    }

    /// Adds rows of the people of a part: at most [`ROWS`](super::chunk::ROWS).
    pub(super) fn put(&self, part: usize, rows: &[Session]) -> Result<(), IngestError> {
        let packed = Block::of(rows).pack();
        let shelf = self.each[part].lock();
        let mut shelf = shelf.unwrap_or_else(PoisonError::into_inner);
        shelf.put(rows.len(), packed, self.room)
    }

    /// The rows, part by part.
    pub(super) fn into_shelves(self) -> Vec<Shelf> {
        let each = self.each.into_iter();
        each.map(|shelf| shelf.into_inner().unwrap_or_else(PoisonError::into_inner))
            .collect()
    }
}
