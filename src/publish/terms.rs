//! Terms that were released, read back from `current`: for whoever writes a codebook.

use std::path::Path;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Float64Type, Int64Type};

use super::parquet_file;
use super::report::{self, ReportError};
use super::write::CURRENT;

/// A row of a table by `term`, of which the number is given.
#[derive(Clone, Debug, PartialEq)]
pub struct ReleasedTerm {
    /// `2024-Q1`.
    pub period: String,
    /// Id of the competency; `(all)`: anywhere.
    pub competency: String,
    /// One to three words.
    pub term: String,
    /// People, with its 95 % interval.
    pub n: i64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// How many times as frequent as anywhere, if that can be said, with the lower end of
    /// its interval.
    pub lift: Option<(f64, f64)>,
}

/// The rows of all tables by `term` of a published folder's `current`; none where no
/// measure looks for terms.
///
/// # Errors
/// `current` is missing, or not as its manifest says.
pub fn released_terms(publish_dir: &Path) -> Result<Vec<ReleasedTerm>, ReportError> {
    let folder = publish_dir.join(CURRENT);
    let (_, stated) = report::stated(&folder)?;
    let by_term = stated.tables.iter();
    let by_term = by_term.filter(|table| table.measure.dimensions.iter().any(|one| one == "term"));
    let mut terms = Vec::new();
    for table in by_term {
        let bytes = report::listed(&folder, &table.file, &table.sha256)?;
        let read = parquet_file::read(&bytes).ok();
        let rows = read.and_then(|read| rows(&read.batch));
        terms.extend(rows.ok_or_else(|| ReportError::Changed(folder.join(&table.file)))?);
    }
    Ok(terms)
}

fn rows(batch: &RecordBatch) -> Option<Vec<ReleasedTerm>> {
    let text = |name: &str| batch.column_by_name(name)?.as_string_opt::<i32>();
    let real = |name: &str| {
        batch
            .column_by_name(name)?
            .as_primitive_opt::<Float64Type>()
    };
    let (periods, competencies, terms) = (text("period")?, text("competency")?, text("term")?);
    let n = batch.column_by_name("n")?.as_primitive_opt::<Int64Type>()?;
    let (low, high) = (real("n_low")?, real("n_high")?);
    let lifts = real("lift").zip(real("lift_low"));
    let given = (0..batch.num_rows()).filter(|row| n.is_valid(*row));
    let row = |row: usize| ReleasedTerm {
        period: periods.value(row).to_owned(),
        competency: competencies.value(row).to_owned(),
        term: terms.value(row).to_owned(),
        n: n.value(row),
        low: low.value(row),
        high: high.value(row),
        lift: lifts
            .filter(|(lift, _)| lift.is_valid(row))
            .map(|(lift, low)| (lift.value(row), low.value(row))),
    };
    Some(given.map(row).collect())
}
