//! Input files as tables of texts, and back.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use jiff::civil::date;
use jiff::{Span, ToSpan as _};
use polars::prelude::{Column, DataFrame, DataType, ParquetReader, ParquetWriter, SerReader as _};

/// Rows of texts; an empty text is a missing value.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    pub(crate) names: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(names: &[&str]) -> Self {
        Self {
            names: names.iter().map(|&name| name.to_owned()).collect(),
            rows: Vec::new(),
        }
    }

    pub(crate) fn push(&mut self, row: &[&str]) {
        self.rows
            .push(row.iter().map(|&text| text.to_owned()).collect());
    }

    /// All rows of some files, which must have the same columns in one order.
    pub(crate) fn read_all<P: AsRef<Path>>(paths: &[P]) -> Self {
        let mut all = Self::default();
        for path in paths {
            let table = Self::read(path.as_ref());
            assert!(all.names.is_empty() || all.names == table.names);
            all.names = table.names;
            all.rows.extend(table.rows);
        }
        all
    }

    fn read(path: &Path) -> Self {
        if path.extension().is_some_and(|kind| kind == "parquet") {
            Self::parquet(path)
        } else {
            Self::csv(File::open(path).unwrap())
        }
    }

    /// Rows may have more or fewer cells than there are names.
    pub(crate) fn csv(text: impl Read) -> Self {
        let mut reader = csv::ReaderBuilder::new();
        let mut reader = reader.flexible(true).from_reader(text);
        let texts = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect();
        let names = texts(reader.headers().unwrap());
        let rows = reader.records().map(|record| texts(&record.unwrap()));
        Self {
            rows: rows.collect(),
            names,
        }
    }

    fn parquet(path: &Path) -> Self {
        let frame = ParquetReader::new(File::open(path).unwrap())
            .finish()
            .unwrap();
        let columns: Vec<Vec<String>> = frame.columns().iter().map(texts).collect();
        let names = frame.get_column_names().into_iter();
        Self {
            names: names.map(ToString::to_string).collect(),
            rows: (0..frame.height())
                .map(|row| columns.iter().map(|column| column[row].clone()).collect())
                .collect(),
        }
    }

    /// The position of a column.
    pub(crate) fn at(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known == name)
    }

    /// Keeps some rows.
    pub(crate) fn only(&self, keep: impl Fn(&[String]) -> bool) -> Self {
        let rows = self.rows.iter().filter(|row| keep(row)).cloned();
        Self {
            names: self.names.clone(),
            rows: rows.collect(),
        }
    }

    pub(crate) fn write_csv(&self, path: &Path) {
        let mut writer = csv::WriterBuilder::new();
        let mut writer = writer.flexible(true).from_path(path).unwrap();
        writer.write_record(&self.names).unwrap();
        for row in &self.rows {
            writer.write_record(row).unwrap();
        }
        writer.flush().unwrap();
    }

    /// As Parquet with columns of texts.
    pub(crate) fn write_parquet(&self, path: &Path) {
        let column = |(at, name): (usize, &String)| {
            let texts = self.rows.iter().map(|row| row[at].as_str());
            Column::new(name.as_str().into(), texts.collect::<Vec<&str>>())
        };
        let columns = self.names.iter().enumerate().map(column).collect();
        let mut frame = DataFrame::new(self.rows.len(), columns).unwrap();
        ParquetWriter::new(File::create(path).unwrap())
            .finish(&mut frame)
            .unwrap();
    }
}

/// A column's cells; missing ones are empty.
fn texts(column: &Column) -> Vec<String> {
    let text = |cell: Option<String>| cell.unwrap_or_default();
    match column.dtype() {
        DataType::String => {
            let cells = column.str().unwrap().iter();
            cells.map(|cell| text(cell.map(str::to_owned))).collect()
        }
        DataType::Int32 => {
            let cells = column.i32().unwrap().iter();
            cells
                .map(|cell| text(cell.map(|n| n.to_string())))
                .collect()
        }
        DataType::Float64 => {
            let cells = column.f64().unwrap().iter();
            cells
                .map(|cell| text(cell.map(|n| n.to_string())))
                .collect()
        }
        DataType::Date => {
            let days = column.date().unwrap().physical().iter();
            let day = |days: i32| -> String {
                let since: Span = days.days();
                (date(1970, 1, 1) + since).to_string()
            };
            days.map(|cell| text(cell.map(day))).collect()
        }
        other => panic!("no column of the samples is of type {other}"),
    }
}
