//! The page's head: what the tables of labels and the metadata say, as JSON.

use std::collections::BTreeMap;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Date32Type, Float64Type, Int32Type, Int64Type};
use serde::Serialize;
use serde_json::Value;

use super::super::manifest::v1;
use super::super::table::iso;
use super::sheet::Table;
use super::{PageError, Read};

/// Version of the page's format.
const FORMAT: u32 = 1;

/// All but the rows of the tables of facts.
#[derive(Debug, Serialize)]
pub(super) struct Head {
    format: u32,
    engine_version: String,
    pub(super) organisation: String,
    synthetic: bool,
    newest_release: String,
    k: u32,
    coalition: u32,
    guarantee: v1::Guarantee,
    north_star: v1::NorthStar,
    releases: Vec<v1::ReleaseRef>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    superseded: Vec<v1::ReleaseRef>,
    dimensions: BTreeMap<String, Dimension>,
    tables: Vec<Table>,
}

/// A table of labels.
#[derive(Debug, Serialize)]
struct Dimension {
    columns: Vec<String>,
    rows: Vec<Vec<Value>>,
}

impl Head {
    /// Of what all files claim, of which one is `first`.
    pub(super) fn new(
        first: &Read,
        dimensions: &[Read],
        tables: Vec<Table>,
    ) -> Result<Self, PageError> {
        let text = |key: &str| first.claim(key).map(str::to_owned);
        let dimensions = dimensions.iter().map(|read| {
            let name = read.file.trim_end_matches(".parquet").to_owned();
            Ok((name, dimension(read)?))
        });
        Ok(Self {
            format: FORMAT,
            engine_version: text("engine_version")?,
            organisation: text("organisation")?,
            synthetic: first.json("synthetic")?,
            newest_release: text("newest_release")?,
            k: first.json("k")?,
            coalition: first.json("coalition")?,
            guarantee: v1::Guarantee {
                promise: text("guarantee.promise")?,
                exclusions: first.json("guarantee.exclusions")?,
            },
            north_star: v1::NorthStar {
                r#where: text("north_star.where")?,
                how: text("north_star.how")?,
                why: text("north_star.why")?,
            },
            releases: first.json("releases")?,
            superseded: first.json_or_none("superseded")?,
            dimensions: dimensions.collect::<Result<_, PageError>>()?,
            tables,
        })
    }

    pub(super) fn json(&self) -> Vec<u8> {
        serde_json::to_vec(self)
            .expect("structs of texts and numbers with string keys always become JSON")
    }
}

fn dimension(read: &Read) -> Result<Dimension, PageError> {
    let batch = read.batch();
    let schema = batch.schema();
    let names = schema.fields().iter().map(|field| field.name().clone());
    let columns: Vec<String> = names.collect();
    let row = |row: usize| {
        let cells = batch.columns().iter().zip(&columns);
        let cells = cells.map(|(column, name)| {
            cell(column, row).ok_or_else(|| read.wrong(name, "is of a type that no table has"))
        });
        cells.collect::<Result<Vec<Value>, PageError>>()
    };
    let rows = (0..batch.num_rows()).map(row).collect::<Result<_, _>>()?;
    Ok(Dimension { columns, rows })
}

fn cell(column: &ArrayRef, row: usize) -> Option<Value> {
    if column.is_null(row) {
        return Some(Value::Null);
    }
    Some(match column.data_type() {
        DataType::Utf8 => column.as_string::<i32>().value(row).into(),
        DataType::Boolean => column.as_boolean().value(row).into(),
        DataType::Int32 => column.as_primitive::<Int32Type>().value(row).into(),
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).into(),
        DataType::Float64 => column.as_primitive::<Float64Type>().value(row).into(),
        DataType::Date32 => iso(column.as_primitive::<Date32Type>().value(row)).into(),
        _ => return None,
    })
}
