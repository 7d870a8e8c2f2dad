//! The people table: who belongs where, and since when.

use jiff::civil::Date;
use parquet::errors::ParquetError;

use super::super::SynthError;
use super::super::org::ORGANISATION;
use super::super::people::LEVELS;
use super::super::rows::since_1970;
use super::crowd::{BLOCK, Coachee, Place};
use super::dirt::{self, Fault, Faults};
use super::table::{Cell, Column, Encoder, Kind, TableFile, numbered};
use super::{Scale, Share, World};
use crate::calendar::Period;

/// A day, and the one before it.
struct Turn {
    first: (i32, String),
    eve: (i32, String),
}

/// What all rows are made with.
struct People<'a> {
    world: &'a World<'a>,
    faults: &'a Faults,
    /// Number of columns.
    columns: usize,
    /// The quarters' turns; of the first nothing is said.
    turns: Vec<Turn>,
}

/// Writes `input/people`, before the first quarter.
pub(super) fn write(
    world: &World<'_>,
    crowd: &[Coachee],
    faults: &Faults,
) -> Result<(), SynthError> {
    let columns = columns(world.options);
    let day = |day: Date| (since_1970(day), day.to_string());
    let turn = |quarter: &Period| Turn {
        first: day(quarter.start()),
        eve: day(quarter.start().yesterday().unwrap_or(quarter.start())),
    };
    let people = People {
        world,
        faults,
        columns: columns.len(),
        turns: world.quarters.iter().map(turn).collect(),
    };
    let mut file = TableFile::new(world.folder, "people", world.options.format, columns)?;
    let blocks = world.group_rows.div_ceil(BLOCK);
    let groups = crowd.chunks(blocks * BLOCK).enumerate();
    let tasks = groups.map(|(group, crowd)| (group * blocks, crowd));
    let make = |task, encoder: &mut Encoder<'_>| people.make(task, encoder);
    file.write(tasks.collect(), make, |()| Ok(()))?;
    file.finish()
}

/// The columns of people: since when they belong somewhere is said where it
/// changes, and where rows may be broken; then all are texts.
fn columns(options: &Scale) -> Vec<Column> {
    let dirty = options.dirt.any();
    let date = if dirty { Kind::Text } else { Kind::Date };
    let mut columns = vec![
        ("person_id", Kind::Id),
        ("org_unit", Kind::Text),
        ("job_level", Kind::Text),
    ];
    if dirty || options.careers != Share::NONE {
        columns.extend([("valid_from", date), ("valid_to", date)]);
    }
    columns
}

impl People<'_> {
    /// Rows of some blocks of people.
    fn make(
        &self,
        (first, crowd): (usize, &[Coachee]),
        encoder: &mut Encoder<'_>,
    ) -> Result<(), ParquetError> {
        let mut id = String::new();
        for (block, people) in (first..).zip(crowd.chunks(BLOCK)) {
            let histories = self.world.careers.histories(self.world, block, people);
            for person in 0..people.len() {
                let number = block * BLOCK + person;
                numbered(&mut id, "p", number as u32, 6);
                let places: Vec<Place> = histories.iter().map(|places| places[person]).collect();
                self.person(&id, number as u64, &places, encoder)?;
            }
        }
        Ok(())
    }

    /// The rows of somebody: one for each place, and its broken copies after
    /// the first.
    fn person(
        &self,
        id: &str,
        number: u64,
        places: &[Place],
        encoder: &mut Encoder<'_>,
    ) -> Result<(), ParquetError> {
        let mut since = 0;
        for stay in places.chunk_by(|a, b| a == b) {
            let until = since + stay.len();
            let from = (since > 0).then(|| &self.turns[since].first);
            let to = (until < places.len()).then(|| &self.turns[until].eve);
            let (_, unit, _) = &self.world.chart.org.departments[usize::from(stay[0].department)];
            let (level, ..) = LEVELS[usize::from(stay[0].level)];
            let cells = [
                Cell::Text(id),
                Cell::Text(&unit.id),
                Cell::Text(level),
                from.map_or(Cell::MISSING, |(day, text)| Cell::Date(*day, text)),
                to.map_or(Cell::MISSING, |(day, text)| Cell::Date(*day, text)),
            ];
            encoder.row(&cells[..self.columns])?;
            if since == 0 {
                for fault in self.faults.after(number) {
                    copy(&cells, fault, encoder)?;
                }
            }
            since = until;
        }
        Ok(())
    }
}

/// Encodes a copy of a row with a fault.
fn copy(
    cells: &[Cell<'_>; 5],
    fault: Fault,
    encoder: &mut Encoder<'_>,
) -> Result<(), ParquetError> {
    let long = dirt::long_id(cells[0].text());
    let mut cells = *cells;
    let [id, unit, level, from, to] = &mut cells;
    match fault {
        Fault::FieldCount | Fault::Json => {
            encoder.fragment(&cells);
            return Ok(());
        }
        Fault::Missing => *level = Cell::MISSING,
        Fault::Id => *id = Cell::Text(&long),
        Fault::Date => *from = Cell::Text(dirt::NO_DATE),
        Fault::Range => {
            *from = Cell::Text("2024-02-02");
            *to = Cell::Text("2024-02-01");
        }
        Fault::Undeclared => *unit = Cell::Text(dirt::UNDECLARED),
        Fault::InnerUnit => *unit = Cell::Text(ORGANISATION),
        _ => {}
    }
    encoder.row(&cells)
}
