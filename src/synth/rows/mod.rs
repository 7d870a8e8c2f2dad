//! The rows of the input tables, written in batches.

mod assessments;
mod outcomes;
mod sessions;

use arrow::array::ArrayRef;
use jiff::ToSpan as _;
use jiff::civil::Date;

use super::SynthError;
use super::write::{BATCH_ROWS, ParquetFile};

pub(super) use self::assessments::{AssessmentWriter, Rater, Rating};
pub(super) use self::outcomes::OutcomeWriter;
pub(super) use self::sessions::SessionWriter;

/// Columns that fill up.
trait Columns: Default {
    /// How many rows they hold.
    fn count(&self) -> usize;

    /// The columns, in the order of the file's.
    fn finish(self) -> Vec<ArrayRef>;
}

/// A file that is being written, a batch of rows at a time.
struct Batches<C> {
    file: ParquetFile,
    rows: C,
}

impl<C: Columns> Batches<C> {
    fn new(file: ParquetFile) -> Self {
        let rows = C::default();
        Self { file, rows }
    }

    /// To be called after rows were added: writes them if they are a batch.
    fn added(&mut self) -> Result<(), SynthError> {
        if self.rows.count() < BATCH_ROWS {
            return Ok(());
        }
        self.flush()
    }

    /// Writes what is left.
    fn finish(mut self) -> Result<(), SynthError> {
        self.flush()?;
        self.file.finish()
    }

    fn flush(&mut self) -> Result<(), SynthError> {
        if self.rows.count() == 0 {
            return Ok(());
        }
        self.file.write(std::mem::take(&mut self.rows).finish())
    }
}

/// Mondays to Fridays between two days, inclusive, in days since 1970.
pub(super) fn working_days(first: Date, last: Date) -> Vec<i32> {
    let days = first.series(1.day()).take_while(|day| *day <= last);
    days.filter(|day| day.weekday().to_monday_zero_offset() < 5)
        .map(since_1970)
        .collect()
}

/// Number of days since 1970.
pub(super) fn since_1970(day: Date) -> i32 {
    (day - jiff::civil::date(1970, 1, 1)).get_days()
}
