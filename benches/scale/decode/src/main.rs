//! Decodes columns of Parquet files, row groups in parallel on all cores, and
//! does nothing else with them: what a pass over them with this reader can at
//! best take. Texts are views of decoded pages, which takes half as long as
//! copies of them or dictionaries do.
//!
//! ```text
//! cargo run --release -p lodestar-decode -- id,held_on FILE...
//! ```

use std::collections::BTreeSet;
use std::error::Error;
use std::fs::File;
use std::hint::black_box;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::thread;

use arrow_schema::{DataType, Field, Fields, Schema};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};

type Failure = Box<dyn Error + Send + Sync>;

/// Few enough rows for their values to stay in a core's cache.
const BATCH: usize = 8192;

/// One row group of one file.
struct Part {
    path: String,
    file: ArrowReaderMetadata,
    group: usize,
}

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let columns: BTreeSet<String> = args
        .next()
        .unwrap_or_default()
        .split(',')
        .map(str::to_owned)
        .collect();
    match decode(&columns, args.collect()) {
        Ok(rows) => {
            eprintln!("{rows} rows");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Decodes the columns of all files; how many rows there were.
fn decode(columns: &BTreeSet<String>, paths: Vec<String>) -> Result<usize, Failure> {
    let parts = Mutex::new(parts(paths)?);
    let threads = thread::available_parallelism()?.get();
    thread::scope(|scope| {
        let work = || {
            let mut rows = 0;
            loop {
                // Locked for this line alone.
                let part = parts.lock().map_err(|_| "a thread failed")?.pop();
                match part {
                    Some(part) => rows += read(columns, part)?,
                    None => return Ok::<_, Failure>(rows),
                }
            }
        };
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let read = workers.into_iter().map(|worker| match worker.join() {
            Ok(rows) => rows,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        read.sum()
    })
}

/// All row groups of all files.
fn parts(paths: Vec<String>) -> Result<Vec<Part>, Failure> {
    let mut parts = vec![];
    for path in paths {
        let file = metadata(&File::open(&path)?)?;
        for group in 0..file.metadata().num_row_groups() {
            let (path, file) = (path.clone(), file.clone());
            parts.push(Part { path, file, group });
        }
    }
    Ok(parts)
}

/// What a file says of itself, but for texts: they are views.
fn metadata(file: &File) -> Result<ArrowReaderMetadata, Failure> {
    let said = ArrowReaderMetadata::load(file, ArrowReaderOptions::new())?;
    let viewed = said.schema().fields().iter().map(|field| {
        let field = Field::clone(field);
        match field.data_type() {
            DataType::Utf8 | DataType::LargeUtf8 => field.with_data_type(DataType::Utf8View),
            _ => field,
        }
    });
    let schema = Schema::new(viewed.collect::<Fields>());
    let options = ArrowReaderOptions::new().with_schema(Arc::new(schema));
    let metadata = Arc::clone(said.metadata());
    Ok(ArrowReaderMetadata::try_new(metadata, options)?)
}

fn read(columns: &BTreeSet<String>, part: Part) -> Result<usize, Failure> {
    let wanted = columns.iter().map(String::as_str);
    let mask = ProjectionMask::columns(part.file.parquet_schema(), wanted);
    let file = File::open(&part.path)?;
    let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, part.file)
        .with_projection(mask)
        .with_row_groups(vec![part.group])
        .with_batch_size(BATCH)
        .build()?;
    let mut rows = 0;
    for batch in reader {
        rows += black_box(batch?).num_rows();
    }
    Ok(rows)
}
