//! A table of facts: its columns, and the rows of each level, packed.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::Int32Array;
use rayon::prelude::*;
use serde::Serialize;

use super::super::manifest::v1;
use super::cells::{Cells, Kept, Rows};
use super::codec;
use super::columns::{Column, Columns};
use super::labels::Labels;
use super::{MISSING, PageError, Read};

/// A table of facts, for whoever decodes it.
#[derive(Debug, Serialize)]
pub(super) struct Table {
    name: String,
    question: String,
    cohort: String,
    dimensions: Vec<String>,
    others: Vec<String>,
    statistics: Vec<v1::Column>,
    columns: Vec<Column>,
    levels: Vec<Level>,
    /// Units of which no row has a statistic, but sizes: places in the words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sizes_alone: Vec<u32>,
}

#[derive(Debug, Serialize)]
struct Level {
    #[serde(rename = "level")]
    depth: i32,
    rows: usize,
    /// What says little is left out.
    brief: bool,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    left_out: LeftOut,
}

/// By statistic whose status a brief level leaves out, and by that status: rows that
/// have no number of it in the page.
type LeftOut = BTreeMap<String, BTreeMap<String, usize>>;

/// Name and packed rows of a level's block.
pub(super) type Block = (String, String);

/// What the page says of a table, and a block for each level that has rows. From
/// `brief` rows on a level leaves out what says little.
pub(super) fn sheet(
    read: &Read,
    name: &str,
    labels: &Labels<'_>,
    brief: usize,
) -> Result<(Table, Vec<Block>), PageError> {
    let measure = measure(read)?;
    let Columns { all, kept, key } = Columns::new(read, name, &measure, labels)?;
    let levels = levels(read)?;
    let (columns, cells): (Vec<Column>, Vec<Cells<'_>>) = all.into_iter().unzip();
    let key = key.iter().map(|place| match &cells[*place] {
        Cells::Words(codes) => Ok(codes.as_slice()),
        _ => Err(read.wrong(columns[*place].name(), MISSING)),
    });
    let key = key.collect::<Result<Vec<&[u32]>, PageError>>()?;
    let sizes_alone = sizes_alone(&measure, &columns, &cells, key[0]);
    let mut blocks = Vec::new();
    let mut about = Vec::new();
    for (level, rows) in levels {
        let rows = Rows::new(sorted(rows, &key), &key, brief);
        about.push(Level {
            depth: level,
            rows: rows.len(),
            brief: rows.brief,
            left_out: left_out(&rows, &columns, &cells, &kept),
        });
        let parts = cells.par_iter().zip(&kept).map(|(cells, kept)| {
            let mut part = Vec::with_capacity(rows.len());
            cells.pack(&rows, *kept, &mut part);
            part
        });
        let packed = codec::packed(&parts.collect::<Vec<_>>());
        blocks.push((format!("{name}-{level}"), packed));
    }
    let table = Table {
        name: name.to_owned(),
        question: measure.question,
        cohort: measure.cohort,
        dimensions: measure.dimensions,
        others: measure.others,
        statistics: measure.statistics,
        columns,
        levels: about,
        sizes_alone,
    };
    Ok((table, blocks))
}

/// The units of which no row has a statistic: places in their words, from 0.
fn sizes_alone(
    measure: &v1::Measure,
    columns: &[Column],
    cells: &[Cells<'_>],
    units: &[u32],
) -> Vec<u32> {
    let is_statistic = |name: &str| measure.statistics.iter().any(|mine| mine.name == name);
    let statistics = columns.iter().zip(cells);
    let statistics = statistics.filter(|(column, _)| is_statistic(column.name()));
    let statistics: Vec<&Cells<'_>> = statistics.map(|(_, cells)| cells).collect();
    let mut without: BTreeSet<u32> = units.iter().copied().collect();
    for (row, unit) in units.iter().enumerate() {
        if without.contains(unit) && statistics.iter().any(|cells| cells.is_given(row)) {
            without.remove(unit);
        }
    }
    without
        .iter()
        .filter_map(|code| code.checked_sub(1))
        .collect()
}

/// Why numbers are missing whose status is, counted.
fn left_out(rows: &Rows, columns: &[Column], cells: &[Cells<'_>], kept: &[Kept<'_>]) -> LeftOut {
    let mut all = LeftOut::new();
    if !rows.brief {
        return all;
    }
    for (at, column) in columns.iter().enumerate() {
        let (Some(name), Cells::Words(codes), Kept::None) =
            (column.name().strip_suffix("_status"), &cells[at], kept[at])
        else {
            continue;
        };
        let Some(number) = columns.iter().position(|one| one.name() == name) else {
            continue;
        };
        let mut counts = BTreeMap::new();
        for row in rows.of_file().filter(|row| !kept[number].keeps(*row)) {
            if let Some(status) = column.word(codes[row]) {
                *counts.entry(status.to_owned()).or_default() += 1;
            }
        }
        all.insert(name.to_owned(), counts);
    }
    all
}

/// What its metadata says of the table.
fn measure(read: &Read) -> Result<v1::Measure, PageError> {
    Ok(v1::Measure {
        question: read.claim("measure.question")?.to_owned(),
        cohort: read.claim("measure.cohort")?.to_owned(),
        dimensions: read.json("measure.dimensions")?,
        others: read.json_or_none("measure.others")?,
        statistics: read.json("measure.statistics")?,
    })
}

/// The rows of each level, in the file's order.
fn levels(read: &Read) -> Result<BTreeMap<i32, Vec<u32>>, PageError> {
    let column: &Int32Array = read.column("org_level")?;
    let mut levels: BTreeMap<i32, Vec<u32>> = BTreeMap::new();
    for (level, row) in column.iter().zip(0..) {
        let level = level.filter(|level| *level >= 0);
        let level = level.ok_or_else(|| read.wrong("org_level", "has no level in some row"))?;
        levels.entry(level).or_default().push(row);
    }
    Ok(levels)
}

/// Rows in order of the first key, then of the next, and so on.
fn sorted(mut rows: Vec<u32>, key: &[&[u32]]) -> Vec<u32> {
    for key in key.iter().rev() {
        rows.sort_by_key(|row| key[*row as usize]);
    }
    rows
}
