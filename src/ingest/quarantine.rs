//! Which rows were quarantined, and why, for whoever corrects them. Values are
//! not repeated: file and row number lead to them.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray, UInt64Array};
use parquet::arrow::ArrowWriter;

use super::Intake;
use super::error::IngestError;
use super::report::{Reject, SourceReport};

/// Rows of a batch.
const ROWS: usize = 1 << 16;

/// The quarantine file of a source.
pub(super) fn path(state: &Path, source: &str) -> PathBuf {
    state.join("quarantine").join(format!("{source}.parquet"))
}

/// Writes `quarantine/<source>.parquet` in the state folder for every source
/// that was read: source file, row number (data rows, from 1), column, reason.
/// A source without quarantined rows has no file. Only the owner can read them.
pub fn write_quarantine(intake: &Intake, state: &Path) -> Result<(), IngestError> {
    for report in &intake.reports {
        let path = path(state, report.source);
        write(report, &path).map_err(|error| IngestError::Write { path, error })?;
    }
    Ok(())
}

fn write(report: &SourceReport, path: &Path) -> io::Result<()> {
    if report.rejects.is_empty() {
        return match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        };
    }
    let folder = path.parent().unwrap_or(Path::new(""));
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    // A stale one could be readable by others.
    let temporary = path.with_extension("parquet.tmp");
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&temporary)?;
    table(report, &file).map_err(io::Error::other)?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    File::open(folder)?.sync_all()
}

fn table(report: &SourceReport, file: &File) -> Result<(), parquet::errors::ParquetError> {
    let mut writer = ArrowWriter::try_new(file, batch(report, &[])?.schema(), None)?;
    for rejects in report.rejects.chunks(ROWS) {
        writer.write(&batch(report, rejects)?)?;
    }
    writer.close()?;
    Ok(())
}

fn batch(
    report: &SourceReport,
    rejects: &[Reject],
) -> Result<RecordBatch, arrow::error::ArrowError> {
    let texts = |text: fn(&SourceReport, &Reject) -> Option<String>| -> ArrayRef {
        Arc::new(
            rejects
                .iter()
                .map(|reject| text(report, reject))
                .collect::<StringArray>(),
        )
    };
    let rows: UInt64Array = rejects.iter().map(|reject| Some(reject.row)).collect();
    RecordBatch::try_from_iter_with_nullable([
        (
            "source_file",
            texts(|report, reject| Some(report.files[reject.file as usize].path.clone())),
            false,
        ),
        ("row", Arc::new(rows), false),
        (
            "column",
            texts(|report, reject| {
                Some(report.column(reject.fault).to_owned()).filter(|name| !name.is_empty())
            }),
            true,
        ),
        (
            "reason",
            texts(|_, reject| Some(reject.fault.reason.code().to_owned())),
            false,
        ),
    ])
}
