//! Files → batches → parsed parts: read ahead, parsed in parallel, merged in
//! order.

use rayon::prelude::*;

use super::batch::{Batch, Field};
use super::cells::Row;
use super::csv::CsvFile;
use super::error::IngestError;
use super::ndjson::NdjsonFile;
use super::parquet::ParquetFile;
use super::paths::{Format, InputFile};
use super::report::{Fault, SourceReport};

/// Most batches that are in memory at a time, twice.
const MOST: usize = 16;

/// Reads files batch by batch.
struct Batches<'a> {
    table: &'static str,
    files: &'a [InputFile],
    fields: &'a [Field],
    /// The file that is read, and its position in `files`.
    open: Option<OpenFile>,
    at: usize,
}

enum OpenFile {
    Csv(CsvFile),
    Ndjson(NdjsonFile),
    Parquet(ParquetFile),
}

impl Batches<'_> {
    /// The next batches, each with the index of its file; none at the end.
    fn wave(&mut self, most: usize) -> Result<Vec<(usize, Batch)>, IngestError> {
        let mut wave = Vec::with_capacity(most);
        while wave.len() < most && self.at < self.files.len() {
            let file = &self.files[self.at];
            let open = match &mut self.open {
                Some(open) => open,
                none => none.insert(match file.format {
                    Format::Csv => OpenFile::Csv(CsvFile::open(self.table, file, self.fields)?),
                    Format::Ndjson => OpenFile::Ndjson(NdjsonFile::open(self.table, file)?),
                    Format::Parquet => {
                        OpenFile::Parquet(ParquetFile::open(self.table, file, self.fields)?)
                    }
                }),
            };
            let next = match open {
                OpenFile::Csv(file) => file.next(self.fields)?,
                OpenFile::Ndjson(file) => file.next(self.fields)?,
                OpenFile::Parquet(file) => file.next(self.fields)?,
            };
            if let Some(mut batch) = next {
                batch.unpivot(self.fields);
                wave.push((self.at, batch));
            } else {
                self.open = None;
                self.at += 1;
            }
        }
        Ok(wave)
    }
}

/// Parses every batch of the files on all threads, and hands the parts over in
/// the order of files and rows.
pub(super) fn scan<T: Send>(
    table: &'static str,
    files: &[InputFile],
    fields: &[Field],
    parse: impl Fn(usize, &Batch) -> T + Sync,
    mut merge: impl FnMut(usize, T),
) -> Result<(), IngestError> {
    let most = rayon::current_num_threads().clamp(2, MOST);
    let mut batches = Batches {
        table,
        files,
        fields,
        open: None,
        at: 0,
    };
    let mut wave = batches.wave(most)?;
    while !wave.is_empty() {
        let (next, parts) = rayon::join(
            || batches.wave(most),
            || {
                wave.par_iter()
                    .map(|(file, batch)| parse(*file, batch))
                    .collect::<Vec<T>>()
            },
        );
        for ((file, _), part) in wave.iter().zip(parts) {
            merge(*file, part);
        }
        wave = next?;
    }
    Ok(())
}

/// Parses a table row by row: its sound rows, each parsed with the index of its
/// file and its number; the others are counted in the report.
pub(super) fn sound_rows<T: Send>(
    files: &[InputFile],
    fields: &[Field],
    report: &mut SourceReport,
    parse: impl Fn(Row<'_>, u32, u64) -> Result<T, Fault> + Sync,
) -> Result<Vec<T>, IngestError> {
    let parse = |cells: Row<'_>, file, row, (): &mut ()| parse(cells, file, row);
    noted_rows(files, fields, report, parse, |()| ())
}

/// The same, where rows tell more than what they become: `parse` notes it,
/// batch by batch, whether the row is sound or not.
pub(super) fn noted_rows<T: Send, N: Default + Send>(
    files: &[InputFile],
    fields: &[Field],
    report: &mut SourceReport,
    parse: impl Fn(Row<'_>, u32, u64, &mut N) -> Result<T, Fault> + Sync,
    mut noted: impl FnMut(N),
) -> Result<Vec<T>, IngestError> {
    let (table, mut all) = (report.source, Vec::new());
    let part = |file: usize, batch: &Batch| {
        let mut sound = Vec::with_capacity(batch.rows);
        let (mut rejects, mut notes) = (Vec::new(), N::default());
        for at in 0..batch.rows {
            let cells = Row { batch, fields, at };
            match parse(cells, file as u32, batch.number(at), &mut notes) {
                Ok(parsed) => sound.push(parsed),
                Err(fault) => rejects.push(batch.reject(fields, file, at, fault)),
            }
        }
        (sound, rejects, notes)
    };
    scan(
        table,
        files,
        fields,
        part,
        |file, (sound, rejects, notes)| {
            report.add(file, sound.len() + rejects.len(), rejects);
            all.extend(sound);
            noted(notes);
        },
    )?;
    Ok(all)
}
