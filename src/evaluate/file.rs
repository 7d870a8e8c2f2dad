//! The figures as Parquet, in a new file.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::{Accuracy, EvaluateError};
use crate::publish::{self, Table};

/// A file that was not there before. It is opened before anything is drawn, so
/// that what took long is not lost.
#[derive(Debug)]
pub struct Out {
    path: PathBuf,
    file: File,
}

impl Out {
    /// Makes the file; one that is there is left alone.
    pub fn open(path: &Path) -> Result<Self, EvaluateError> {
        let file = OpenOptions::new().write(true).create_new(true).open(path);
        let path = path.to_owned();
        match file {
            Ok(file) => Ok(Self { path, file }),
            Err(error) => Err(EvaluateError::File { path, error }),
        }
    }

    /// Writes a row for each.
    pub fn write(mut self, all: &[Accuracy]) -> Result<(), EvaluateError> {
        let written = self.file.write_all(&parquet(all));
        let written = written.and_then(|()| self.file.sync_all());
        written.map_err(|error| EvaluateError::File {
            path: self.path,
            error,
        })
    }

    /// Takes away a file that nothing came of.
    pub fn discard(self) {
        // It was empty: whether it goes makes no difference to anybody.
        let _ = std::fs::remove_file(self.path);
    }
}

fn parquet(all: &[Accuracy]) -> Vec<u8> {
    let of = || all.iter();
    let table = Table::default()
        .double("epsilon", of().map(|one| one.point.epsilon))
        .int64("k", of().map(|one| i64::from(one.point.k)))
        .optional_int64(
            "max_cells",
            of().map(|one| one.point.max_cells.map(i64::from)),
        )
        .double("clip", of().map(|one| one.point.clip))
        .optional_text("levels", of().map(|one| one.point.levels_text()))
        .text("measure", of().map(|one| &one.measure))
        .optional_text("metric", of().map(|one| one.metric.clone()))
        .int32("level", of().map(|one| one.published.level))
        .int64("cohorts", of().map(|one| one.published.cohorts as i64))
        .int64("people", of().map(|one| one.published.people))
        .optional_double(
            "cohorts_published",
            of().map(|one| one.published.cohorts_published),
        )
        .optional_double(
            "people_published",
            of().map(|one| one.published.people_published),
        )
        .text("statistic", of().map(|one| &one.statistic))
        .text("unit", of().map(|one| &one.unit))
        .boolean("comparative", of().map(|one| one.comparative))
        .int64("rows", of().map(|one| one.rows as i64))
        .optional_double("ok", of().map(|one| one.ok))
        .optional_double("coverage", of().map(|one| one.coverage))
        .optional_double("coverage_unmasked", of().map(|one| one.coverage_unmasked))
        .optional_double("half_width", of().map(|one| one.half_width))
        .optional_double("rmse", of().map(|one| one.rmse))
        .optional_double("relative_error", of().map(|one| one.relative_error))
        .optional_double("rank_agreement", of().map(|one| one.rank_agreement))
        .optional_double("bounding_bias", of().map(|one| one.bounding.bias))
        .optional_double("bounding_lost", of().map(|one| one.bounding.lost));
    publish::parquet(&table.finish(), &[])
}
