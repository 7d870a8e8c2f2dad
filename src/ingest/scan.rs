//! Files → batches, on all threads.
//!
//! Row groups of Parquet files are decoded by whoever takes them, and so are blocks
//! of CSV, which one thread at a time reads and cuts. Which thread parses what must
//! not matter.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use super::batch::{Batch, Field};
use super::blocks::{Block, SIZES};
use super::cells::Row;
use super::csv::{CsvFile, Layout};
use super::error::IngestError;
use super::ndjson::NdjsonFile;
use super::parquet::ParquetFile;
use super::paths::{Format, InputFile};
use super::report::{Fault, Reject, SourceReport};
use crate::progress::{Progress, Silent};

/// What is left of the files.
struct Queue<'a> {
    table: &'static str,
    files: &'a [InputFile],
    fields: &'a [Field],
    /// The file that is read, and its position in `files`.
    open: Option<OpenFile>,
    at: usize,
    /// How much was handed out.
    place: usize,
    /// Bytes of text files that were read, and those of them that were told.
    text: Arc<AtomicU64>,
    told: u64,
    progress: &'a dyn Progress,
}

enum OpenFile {
    Csv(CsvFile),
    Ndjson(NdjsonFile),
    /// A file, and the row group that is next.
    Parquet(Arc<ParquetFile>, usize),
}

/// Some rows of a file.
enum Work {
    Batch(Batch),
    /// Records of CSV, to be taken apart.
    Block(Arc<Layout>, Block),
    /// A row group, to be decoded.
    Group(Arc<ParquetFile>, usize),
}

impl Queue<'_> {
    /// The next rows, with the index of their file; `None` at the end.
    fn next(&mut self) -> Result<Option<(usize, Work)>, IngestError> {
        while let Some(file) = self.files.get(self.at) {
            let open = match &mut self.open {
                Some(open) => open,
                none => none.insert(match file.format {
                    Format::Csv => {
                        let read = &self.text;
                        let file = CsvFile::open(self.table, file, self.fields, SIZES, read)?;
                        OpenFile::Csv(file)
                    }
                    Format::Ndjson => {
                        OpenFile::Ndjson(NdjsonFile::open(self.table, file, &self.text)?)
                    }
                    Format::Parquet => {
                        let file = ParquetFile::open(self.table, file, self.fields)?;
                        OpenFile::Parquet(Arc::new(file), 0)
                    }
                }),
            };
            let next = match open {
                OpenFile::Csv(file) => {
                    let next = file.next()?;
                    next.map(|(layout, block)| Work::Block(layout, block))
                }
                OpenFile::Ndjson(file) => file.next(self.fields)?.map(Work::Batch),
                OpenFile::Parquet(file, next) => (*next < file.groups()).then(|| {
                    *next += 1;
                    Work::Group(Arc::clone(file), *next - 1)
                }),
            };
            let read = self.text.load(Ordering::Relaxed);
            self.progress.add(read - self.told);
            self.told = read;
            if let Some(work) = next {
                return Ok(Some((self.at, work)));
            }
            self.open = None;
            self.at += 1;
        }
        Ok(None)
    }
}

/// Parses every batch of the files, each by one of several workers, which are
/// handed over in the end. Of several errors the first in the order of the files
/// and of what they hold is told: whoever took what comes before it is done.
pub(super) fn scan<W: Send>(
    table: &'static str,
    (files, fields): (&[InputFile], &[Field]),
    progress: &dyn Progress,
    worker: impl Fn() -> W + Sync,
    parse: impl Fn(&mut W, usize, &Batch) -> Result<(), IngestError> + Sync,
) -> Result<Vec<W>, IngestError> {
    let queue = Mutex::new(Queue {
        table,
        files,
        fields,
        open: None,
        at: 0,
        place: 0,
        text: Arc::default(),
        told: 0,
        progress,
    });
    progress.begin(table, bytes(files));
    let failed = AtomicBool::new(false);
    let next = || {
        let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.place += 1;
        let next = queue.next().map_err(|error| {
            // Nothing follows what can't be read.
            queue.at = files.len();
            (queue.place, Box::new(error))
        })?;
        Ok(next.map(|(file, work)| (queue.place, file, work)))
    };
    let work = |worker: &mut W, file: usize, work: Work| {
        let mut one = |mut batch: Batch| {
            batch.unpivot(fields);
            parse(worker, file, &batch)
        };
        match work {
            Work::Batch(batch) => one(batch),
            Work::Block(layout, block) => one(layout.batch(block, fields)?),
            Work::Group(parquet, group) => {
                let mut parsed = Ok(());
                let read = parquet.each(group, fields, |batch| {
                    if parsed.is_ok() {
                        parsed = one(batch);
                    }
                });
                progress.add(parquet.bytes(group));
                read.and(parsed)
            }
        }
    };
    let run = |_| {
        let mut mine = worker();
        while !failed.load(Ordering::Relaxed) {
            let Some((place, file, some)) = next()? else {
                break;
            };
            if let Err(error) = work(&mut mine, file, some) {
                failed.store(true, Ordering::Relaxed);
                return Err((place, Box::new(error)));
            }
        }
        Ok(mine)
    };
    let threads = (0..rayon::current_num_threads()).into_par_iter();
    let done: Vec<Result<W, (usize, Box<IngestError>)>> =
        threads.with_max_len(1).map(run).collect();
    progress.end();
    let mut workers = Vec::new();
    let mut errors = Vec::new();
    for one in done {
        match one {
            Ok(worker) => workers.push(worker),
            Err(error) => errors.push(error),
        }
    }
    match errors.into_iter().min_by_key(|(place, _)| *place) {
        Some((_, error)) => Err(*error),
        None => Ok(workers),
    }
}

/// How large files are, as far as they can be found.
fn bytes(files: &[InputFile]) -> u64 {
    let sizes = files
        .iter()
        .filter_map(|file| std::fs::metadata(&file.path).ok());
    sizes.map(|size| size.len()).sum()
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
    noted_rows(files, fields, &Silent, report, parse, |()| ())
}

/// What a worker makes of its batches.
struct Parsed<T, N> {
    /// File and number of a batch's first row, and its sound rows.
    sound: Vec<((usize, u64), Vec<T>)>,
    /// By file, rows that were read.
    read: Vec<usize>,
    rejects: Vec<Reject>,
    notes: N,
}

/// The same, where rows tell more than what they become: `parse` notes it,
/// whether the row is sound or not.
pub(super) fn noted_rows<T: Send, N: Default + Send>(
    files: &[InputFile],
    fields: &[Field],
    progress: &dyn Progress,
    report: &mut SourceReport,
    parse: impl Fn(Row<'_>, u32, u64, &mut N) -> Result<T, Fault> + Sync,
    mut noted: impl FnMut(N),
) -> Result<Vec<T>, IngestError> {
    let worker = || Parsed {
        sound: Vec::new(),
        read: vec![0; files.len()],
        rejects: Vec::new(),
        notes: N::default(),
    };
    let batch = |mine: &mut Parsed<T, N>, file: usize, batch: &Batch| {
        let mut sound = Vec::with_capacity(batch.rows);
        for at in 0..batch.rows {
            let cells = Row { batch, fields, at };
            match parse(cells, file as u32, batch.number(at), &mut mine.notes) {
                Ok(parsed) => sound.push(parsed),
                Err(fault) => mine.rejects.push(batch.reject(fields, file, at, fault)),
            }
        }
        mine.read[file] += batch.rows;
        if batch.rows > 0 {
            mine.sound.push(((file, batch.number(0)), sound));
        }
        Ok(())
    };
    let mut all = Vec::new();
    for mine in scan(report.source, (files, fields), progress, worker, batch)? {
        report.add(&mine.read, mine.rejects);
        noted(mine.notes);
        all.extend(mine.sound);
    }
    report.sort();
    all.sort_by_key(|(place, _)| *place);
    Ok(all.into_iter().flat_map(|(_, sound)| sound).collect())
}
