//! Rows of sessions, packed: a few bytes each, beside what tells duplicates.
//!
//! Column by column, as differences to the column's smallest number, in as many
//! bits as the largest of them needs. A column that says the same of all rows
//! takes none, so what a source does not say costs nothing.

use bitpacking::{BitPacker, BitPacker4x};

use super::sessions::{Mode, Session, Trigger, UNKNOWN};

/// Rows of a chunk, but for the last one's: those that are packed together.
pub(super) const ROWS: usize = BitPacker4x::BLOCK_LEN;

/// One row's small numbers, in the order in which they are packed.
const SMALL: usize = 12;

/// More bytes than a chunk of rows that say much.
const MOST: usize = 12 << 10;

/// Packs up to [`ROWS`] rows.
pub(super) fn pack(rows: &[Session]) -> Box<[u8]> {
    let mut packed = Vec::with_capacity(MOST);
    packed.extend((rows.len() as u32).to_le_bytes());
    let columns: [fn(&Session) -> u32; SMALL] = [
        |row| row.person,
        // In order of the days, from the first possible one.
        |row| row.held.wrapping_sub(i32::MIN) as u32,
        |row| row.minutes,
        |row| coaching(row),
        // What is unknown is 0.
        |row| row.cost.wrapping_add(1),
        |row| row.competencies,
        |row| row.themes,
        |row| row.coach,
        |row| row.file,
        |row| row.format.map_or(0, |format| 1 + u32::from(format)),
        |row| u32::from(row.unknown),
        |row| modes(row.mode, row.trigger),
    ];
    for column in columns {
        small(rows, column, &mut packed);
    }
    wide(rows, |row| row.id, &mut packed);
    wide(rows, |row| row.content, &mut packed);
    wide(rows, |row| row.updated as u64, &mut packed);
    // No larger than it is: what is cut off would lie about in holes.
    packed.as_slice().into()
}

fn small(rows: &[Session], column: fn(&Session) -> u32, packed: &mut Vec<u8>) {
    let mut numbers = [0; ROWS];
    for (number, row) in numbers.iter_mut().zip(rows) {
        *number = column(row);
    }
    let least = numbers[..rows.len()].iter().copied().min().unwrap_or(0);
    numbers[rows.len()..].fill(least);
    for number in &mut numbers {
        *number -= least;
    }
    let packer = BitPacker4x::new();
    let bits = packer.num_bits(&numbers);
    packed.extend(least.to_le_bytes());
    packed.push(bits);
    let start = packed.len();
    packed.resize(start + ROWS * usize::from(bits) / 8, 0);
    packer.compress(&numbers, &mut packed[start..], bits);
}

/// As they are, or once if all are the same.
fn wide(rows: &[Session], column: fn(&Session) -> u64, packed: &mut Vec<u8>) {
    let first = rows.first().map_or(0, column);
    let alike = rows.iter().all(|row| column(row) == first);
    packed.push(u8::from(alike));
    let told = if alike {
        &rows[..rows.len().min(1)]
    } else {
        rows
    };
    for row in told {
        packed.extend(column(row).to_le_bytes());
    }
}

/// Adds the rows of a chunk.
pub(super) fn unpack(packed: &[u8], rows: &mut Vec<Session>) {
    let mut rest = packed;
    let length = u32::from_le_bytes(take(&mut rest)) as usize;
    let start = rows.len();
    rows.resize(start + length, Session::default());
    let rows = &mut rows[start..];
    let columns: [fn(&mut Session, u32); SMALL] = [
        |row, number| row.person = number,
        |row, number| row.held = (number as i32).wrapping_add(i32::MIN),
        |row, number| row.minutes = number,
        |row, number| row.coaching = of_coaching(row.minutes, number),
        |row, number| row.cost = number.wrapping_sub(1),
        |row, number| row.competencies = number,
        |row, number| row.themes = number,
        |row, number| row.coach = number,
        |row, number| row.file = number,
        |row, number| row.format = number.checked_sub(1).map(|format| format as u16),
        |row, number| row.unknown = number as u16,
        |row, number| (row.mode, row.trigger) = of_modes(number),
    ];
    for set in columns {
        unpack_small(&mut rest, rows, set);
    }
    unpack_wide(&mut rest, rows, |row, number| row.id = number);
    unpack_wide(&mut rest, rows, |row, number| row.content = number);
    unpack_wide(&mut rest, rows, |row, number| row.updated = number as i64);
}

fn unpack_small(rest: &mut &[u8], rows: &mut [Session], set: fn(&mut Session, u32)) {
    let least = u32::from_le_bytes(take(rest));
    let [bits] = take(rest);
    if bits == 0 {
        for row in rows {
            set(row, least);
        }
        return;
    }
    let mut numbers = [0; ROWS];
    let length = BitPacker4x::new().decompress(rest, &mut numbers, bits);
    *rest = &rest[length..];
    for (row, number) in rows.iter_mut().zip(numbers) {
        set(row, number + least);
    }
}

fn unpack_wide(rest: &mut &[u8], rows: &mut [Session], set: fn(&mut Session, u64)) {
    let [alike] = take(rest);
    if alike == 1 && !rows.is_empty() {
        let number = u64::from_le_bytes(take(rest));
        for row in rows {
            set(row, number);
        }
    } else {
        for row in rows {
            set(row, u64::from_le_bytes(take(rest)));
        }
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> [u8; N] {
    let mut bytes = [0; N];
    bytes.copy_from_slice(&rest[..N]);
    *rest = &rest[N..];
    bytes
}

/// Often all of the minutes were coaching, or none, or it is not known.
fn coaching(row: &Session) -> u32 {
    match row.coaching {
        UNKNOWN => 0,
        coaching if coaching == row.minutes => 1,
        coaching => 2 + coaching,
    }
}

fn of_coaching(minutes: u32, number: u32) -> u32 {
    match number {
        0 => UNKNOWN,
        1 => minutes,
        number => number - 2,
    }
}

fn modes(mode: Option<Mode>, trigger: Option<Trigger>) -> u32 {
    let mode = mode.map_or(0, |mode| 1 + mode as u32);
    mode + 3 * trigger.map_or(0, |trigger| 1 + trigger as u32)
}

fn of_modes(number: u32) -> (Option<Mode>, Option<Trigger>) {
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
        let small = (0..9_u32, any::<i32>(), 1..200_u32, 0..2 * LONGEST, 0..3_u32);
        let lists = (0..2_u32, any::<u32>(), 0..40_u32, 0..3_u32);
        let said = (any::<Option<u16>>(), any::<u16>(), 0..9_u32);
        let wide = (any::<u64>(), any::<u64>(), any::<i64>());
        (small, lists, said, wide).prop_map(|(small, lists, said, wide)| {
            let (mode, trigger) = of_modes(said.2);
            Session {
                person: small.0,
                held: small.1,
                minutes: small.2,
                coaching: if small.3 > LONGEST { UNKNOWN } else { small.3 },
                cost: small.4,
                competencies: lists.0,
                themes: lists.1,
                coach: lists.2,
                file: lists.3,
                format: said.0.filter(|format| *format < u16::MAX),
                unknown: said.1,
                mode,
                trigger,
                id: wide.0,
                content: wide.1,
                updated: wide.2,
            }
        })
    }

    proptest! {
        #[test]
        fn what_is_packed_comes_back(
            rows in prop::collection::vec(row(), 0..=ROWS), alike in any::<bool>()
        ) {
            let rows = if alike { vec![rows.first().copied().unwrap_or_default(); rows.len()] } else { rows };
            let mut back = vec![Session::default()];
            unpack(&pack(&rows), &mut back);
            prop_assert_eq!(&back[1..], &rows[..]);
        }
    }

    #[test]
    fn rows_that_say_little_take_little_room() {
        let row = |at: u32| Session {
            id: u64::from(at).wrapping_mul(0x9e37_79b9_7f4a_7c15),
            content: u64::from(at).wrapping_mul(0xc2b2_ae3d_27d4_eb4f),
            person: at % 16_000,
            held: 20_000 + (at % 365) as i32,
            minutes: 3000 + at % 6000,
            ..Session::default()
        };
        let rows: Vec<Session> = (0..ROWS as u32).map(row).collect();
        let bytes = pack(&rows).len() as f64 / ROWS as f64;
        assert!(bytes < 21.0, "{bytes}");
    }
}
