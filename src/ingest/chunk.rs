//! Rows of sessions, packed: a few bytes each, beside what tells duplicates.
//!
//! Column by column, as differences to the column's smallest number, in as many
//! bits as the largest of them needs. A column that says the same of all rows
//! takes none, so what a source does not say costs nothing.

use bitpacking::{BitPacker, BitPacker4x};

use super::sessions::{Mode, Session, Trigger, UNKNOWN};

/// Rows of a chunk, but for the last one's: those that are packed together.
pub(super) const ROWS: usize = BitPacker4x::BLOCK_LEN;

/// The small numbers of a row, in the order in which they are packed.
#[derive(Clone, Copy)]
pub(super) enum Small {
    /// Of the person within their part, once that is known.
    Person,
    /// In the order of the days, from the first possible one.
    Held,
    /// 0: the row is not sound.
    Minutes,
    /// See [`of_coaching`].
    Coaching,
    /// 1 more than it is; 0: unknown.
    Cost,
    Competencies,
    Themes,
    /// See [`Session::tagged`].
    Tagged,
    /// See [`Session::heard`].
    Heard,
    Coach,
    File,
    /// 1 more than it is; 0: unknown.
    Format,
    UnknownThemes,
    /// See [`of_modes`].
    Modes,
    /// The low half of the row's number, and the high one.
    Row,
    RowHigh,
}

/// The numbers of a row that are as wide as can be.
#[derive(Clone, Copy)]
pub(super) enum Wide {
    /// The high half of the pseudonym, and the low one.
    Person,
    PersonLow,
    Id,
    Updated,
}

const SMALL: usize = Small::RowHigh as usize + 1;
const WIDE: usize = Wide::Updated as usize + 1;

/// What is asked of rows beside [`SETTLED`] when they are settled.
const ASKED: [Small; 3] = [Small::Coach, Small::File, Small::UnknownThemes];

/// What is kept of settled rows.
const SETTLED: [Small; 10] = [
    Small::Held,
    Small::Minutes,
    Small::Coaching,
    Small::Cost,
    Small::Competencies,
    Small::Themes,
    Small::Tagged,
    Small::Heard,
    Small::Format,
    Small::Modes,
];

/// Up to [`ROWS`] rows.
pub(super) struct Block {
    rows: usize,
    small: [[u32; ROWS]; SMALL],
    wide: [[u64; ROWS]; WIDE],
}

impl Block {
    pub(super) fn new() -> Self {
        Self {
            rows: 0,
            small: [[0; ROWS]; SMALL],
            wide: [[0; ROWS]; WIDE],
        }
    }

    /// Rows as they were read.
    pub(super) fn of(rows: &[Session]) -> Self {
        let mut block = Self::new();
        for (at, row) in rows.iter().enumerate() {
            let small = [
                0,
                from_day(row.held),
                row.minutes,
                coaching(row),
                row.cost.wrapping_add(1),
                row.competencies,
                row.themes,
                row.tagged,
                row.heard,
                row.coach,
                row.file,
                row.format.map_or(0, |format| 1 + u32::from(format)),
                u32::from(row.unknown),
                modes(row.mode, row.trigger),
                row.row as u32,
                (row.row >> 32) as u32,
            ];
            let (high, low) = ((row.person >> 64) as u64, row.person as u64);
            let wide = [high, low, row.id, row.updated as u64];
            for (column, number) in block.small.iter_mut().zip(small) {
                column[at] = number;
            }
            for (column, number) in block.wide.iter_mut().zip(wide) {
                column[at] = number;
            }
        }
        block.rows = rows.len();
        block
    }

    /// Settled rows: each with its person's number, and its place among all.
    pub(super) fn settled(&mut self, rows: &[(u32, u32)], all: &Columns) {
        for (number, (person, _)) in self.small[Small::Person as usize].iter_mut().zip(rows) {
            *number = *person;
        }
        for column in SETTLED {
            let known = all.small(column);
            for (number, (_, place)) in self.small[column as usize].iter_mut().zip(rows) {
                *number = known[*place as usize];
            }
        }
        self.rows = rows.len();
    }

    /// The rows, in few bytes.
    pub(super) fn pack(&self) -> Box<[u8]> {
        let mut packed = Vec::with_capacity(ROWS * (4 * SMALL + 8 * WIDE));
        packed.extend((self.rows as u32).to_le_bytes());
        for column in &self.small {
            pack_small(column, self.rows, &mut packed);
        }
        for column in &self.wide {
            pack_wide(&column[..self.rows], &mut packed);
        }
        // No larger than it is: what is cut off would lie about in holes.
        packed.as_slice().into()
    }
}

fn pack_small(column: &[u32; ROWS], rows: usize, packed: &mut Vec<u8>) {
    let least = column[..rows].iter().copied().min().unwrap_or(0);
    let mut numbers = [0; ROWS];
    for (number, said) in numbers.iter_mut().zip(&column[..rows]) {
        *number = said - least;
    }
    let packer = BitPacker4x::new();
    let bits = packer.num_bits(&numbers);
    packed.extend(least.to_le_bytes());
    packed.push(bits);
    if bits > 0 {
        let start = packed.len();
        packed.resize(start + ROWS * usize::from(bits) / 8, 0);
        packer.compress(&numbers, &mut packed[start..], bits);
    }
}

/// As they are, or once if all are the same.
fn pack_wide(column: &[u64], packed: &mut Vec<u8>) {
    let first = column.first().copied().unwrap_or(0);
    let alike = column.iter().all(|number| *number == first);
    packed.push(u8::from(alike));
    let told = if alike { &[first] } else { column };
    packed.extend(told.iter().flat_map(|number| number.to_le_bytes()));
}

/// Rows, column by column.
#[derive(Default)]
pub(super) struct Columns {
    rows: usize,
    small: [Vec<u32>; SMALL],
    wide: [Vec<u64>; WIDE],
}

impl Columns {
    pub(super) fn len(&self) -> usize {
        self.rows
    }

    pub(super) fn clear(&mut self) {
        self.rows = 0;
        self.small.iter_mut().for_each(Vec::clear);
        self.wide.iter_mut().for_each(Vec::clear);
    }

    pub(super) fn small(&self, column: Small) -> &[u32] {
        &self.small[column as usize]
    }

    pub(super) fn small_mut(&mut self, column: Small) -> &mut [u32] {
        &mut self.small[column as usize]
    }

    pub(super) fn wide(&self, column: Wide) -> &[u64] {
        &self.wide[column as usize]
    }

    /// Takes rows from their places among all, in that order: column by column, for
    /// one fits where all do not. Who they are about is known.
    pub(super) fn take(&mut self, places: &[u32], all: &Columns) {
        self.clear();
        self.rows = places.len();
        for column in SETTLED.into_iter().chain(ASKED) {
            pick(all.small(column), places, &mut self.small[column as usize]);
        }
        for column in [Wide::Id, Wide::Updated] {
            pick(all.wide(column), places, &mut self.wide[column as usize]);
        }
    }

    /// Pseudonym of the person of a row that was read.
    pub(super) fn person(&self, at: usize) -> u128 {
        let high = self.wide(Wide::Person)[at];
        u128::from(high) << 64 | u128::from(self.wide(Wide::PersonLow)[at])
    }

    /// The number of a row within its file, from 1.
    pub(super) fn row(&self, at: usize) -> u64 {
        let high = self.small(Small::RowHigh)[at];
        u64::from(high) << 32 | u64::from(self.small(Small::Row)[at])
    }

    /// Adds the rows of a chunk.
    pub(super) fn add(&mut self, packed: &[u8]) {
        let mut rest = packed;
        let rows = u32::from_le_bytes(bytes(&mut rest)) as usize;
        self.rows += rows;
        for column in &mut self.small {
            unpack_small(&mut rest, rows, column);
        }
        for column in &mut self.wide {
            unpack_wide(&mut rest, rows, column);
        }
    }
}

fn pick<T: Copy + PartialEq>(all: &[T], places: &[u32], picked: &mut Vec<T>) {
    match all.split_first() {
        Some((first, rest)) if rest.iter().all(|one| one == first) => {
            picked.resize(places.len(), *first);
        }
        _ => picked.extend(places.iter().map(|at| all[*at as usize])),
    }
}

fn unpack_small(rest: &mut &[u8], rows: usize, column: &mut Vec<u32>) {
    let least = u32::from_le_bytes(bytes(rest));
    let [bits] = bytes(rest);
    if bits == 0 {
        column.resize(column.len() + rows, least);
        return;
    }
    let mut numbers = [0; ROWS];
    let length = BitPacker4x::new().decompress(rest, &mut numbers, bits);
    *rest = &rest[length..];
    column.extend(numbers[..rows].iter().map(|number| number + least));
}

fn unpack_wide(rest: &mut &[u8], rows: usize, column: &mut Vec<u64>) {
    let [alike] = bytes(rest);
    if alike == 1 {
        let number = u64::from_le_bytes(bytes(rest));
        column.resize(column.len() + rows, number);
        return;
    }
    let (said, next) = rest.split_at(8 * rows);
    let (numbers, _) = said.as_chunks();
    column.extend(numbers.iter().map(|bytes| u64::from_le_bytes(*bytes)));
    *rest = next;
}

fn bytes<const N: usize>(rest: &mut &[u8]) -> [u8; N] {
    let mut taken = [0; N];
    taken.copy_from_slice(&rest[..N]);
    *rest = &rest[N..];
    taken
}

/// In order of the days, from the first possible one.
fn from_day(day: i32) -> u32 {
    day.wrapping_sub(i32::MIN) as u32
}

/// The day of its number.
pub(super) fn of_day(number: u32) -> i32 {
    (number as i32).wrapping_add(i32::MIN)
}

/// Often all of the minutes were coaching, or none, or it is not known.
fn coaching(row: &Session) -> u32 {
    match row.coaching {
        UNKNOWN => 0,
        coaching if coaching == row.minutes => 1,
        coaching => 2 + coaching,
    }
}

/// How much of so many minutes was coaching, if it is known.
pub(super) fn of_coaching(minutes: u32, number: u32) -> Option<u32> {
    match number {
        0 => None,
        1 => Some(minutes),
        number => Some(number - 2),
    }
}

fn modes(mode: Option<Mode>, trigger: Option<Trigger>) -> u32 {
    let mode = mode.map_or(0, |mode| 1 + mode as u32);
    mode + 3 * trigger.map_or(0, |trigger| 1 + trigger as u32)
}

/// How a session was led, and what brought it about.
pub(super) fn of_modes(number: u32) -> (Option<Mode>, Option<Trigger>) {
    let modes = [None, Some(Mode::Coaching), Some(Mode::Mentoring)];
    let triggers = [None, Some(Trigger::Proactive), Some(Trigger::Reactive)];
    (
        modes[number as usize % 3],
        triggers[number as usize / 3 % 3],
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Most minutes, in hundredths.
    const LONGEST: u32 = 144_000;

    fn row() -> impl Strategy<Value = Session> {
        let small = (any::<i32>(), 1..200_u32, 0..2 * LONGEST, 0..3_u32);
        let lists = (
            0..2_u32,
            any::<u32>(),
            (0..9_u32, 0..7_u32),
            0..40_u32,
            0..3_u32,
        );
        let said = (any::<Option<u16>>(), any::<u16>(), 0..9_u32);
        let wide = (any::<u128>(), any::<u64>(), any::<i64>(), any::<u64>());
        (small, lists, said, wide).prop_map(|(small, lists, said, wide)| {
            let (mode, trigger) = of_modes(said.2);
            Session {
                held: small.0,
                minutes: small.1,
                coaching: if small.2 > LONGEST { UNKNOWN } else { small.2 },
                cost: small.3,
                competencies: lists.0,
                themes: lists.1,
                tagged: lists.2.0,
                heard: lists.2.1,
                coach: lists.3,
                file: lists.4,
                format: said.0.filter(|format| *format < u16::MAX),
                unknown: said.1,
                mode,
                trigger,
                person: wide.0,
                id: wide.1,
                updated: wide.2,
                row: wide.3,
            }
        })
    }

    /// What the columns say of a row.
    fn told(columns: &Columns, at: usize) -> Session {
        let small = |column: Small| columns.small(column)[at];
        let wide = |column: Wide| columns.wide(column)[at];
        let (mode, trigger) = of_modes(small(Small::Modes));
        let minutes = small(Small::Minutes);
        Session {
            person: columns.person(at),
            id: wide(Wide::Id),
            updated: wide(Wide::Updated) as i64,
            row: columns.row(at),
            file: small(Small::File),
            held: of_day(small(Small::Held)),
            minutes,
            coaching: of_coaching(minutes, small(Small::Coaching)).unwrap_or(UNKNOWN),
            cost: small(Small::Cost).wrapping_sub(1),
            competencies: small(Small::Competencies),
            themes: small(Small::Themes),
            tagged: small(Small::Tagged),
            heard: small(Small::Heard),
            coach: small(Small::Coach),
            format: small(Small::Format)
                .checked_sub(1)
                .map(|format| format as u16),
            unknown: small(Small::UnknownThemes) as u16,
            mode,
            trigger,
        }
    }

    proptest! {
        #[test]
        fn what_is_packed_comes_back(
            rows in prop::collection::vec(row(), 0..=ROWS), alike in any::<bool>()
        ) {
            let rows = if alike {
                vec![rows.first().copied().unwrap_or_default(); rows.len()]
            } else {
                rows
            };
            let mut back = Columns::default();
            back.add(&Block::of(&[Session::default()]).pack());
            back.add(&Block::of(&rows).pack());
            prop_assert_eq!(back.len(), 1 + rows.len());
            for (at, row) in (1..).zip(&rows) {
                prop_assert_eq!(told(&back, at), *row);
            }
        }
    }

    #[test]
    fn rows_that_say_little_take_little_room() {
        let random = |at: u32, factor: u64| u64::from(at + 1).wrapping_mul(factor);
        let row = |at: u32| Session {
            id: random(at, 0x9e37_79b9_7f4a_7c15),
            person: u128::from(random(at, 0xc2b2_ae3d_27d4_eb4f)) << 64,
            row: 1_000_000 + 40 * u64::from(at),
            held: 20_000 + (at % 365) as i32,
            minutes: 3000 + at % 6000,
            ..Session::default()
        };
        let rows: Vec<Session> = (0..ROWS as u32).map(row).collect();
        let bytes = Block::of(&rows).pack().len() as f64 / ROWS as f64;
        assert!(bytes < 22.0, "{bytes}");
    }
}
