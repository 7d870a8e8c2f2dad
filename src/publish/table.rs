//! A table of plain columns, in published order.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int32Array, Int64Array, RecordBatch,
    StringArray,
};
use arrow::datatypes::{DataType, Field, Schema};
use jiff::Span;
use jiff::civil::{Date, date};

/// Columns under construction. Every column has as many cells as there are rows.
#[derive(Debug, Default)]
pub(crate) struct Table {
    fields: Vec<Field>,
    arrays: Vec<ArrayRef>,
}

impl Table {
    fn push(mut self, name: &str, array: ArrayRef, nullable: bool) -> Self {
        self.fields
            .push(Field::new(name, array.data_type().clone(), nullable));
        self.arrays.push(array);
        self
    }

    /// Text that is never null.
    pub(crate) fn text<T: AsRef<str>>(self, name: &str, cells: impl Iterator<Item = T>) -> Self {
        let array: StringArray = cells.map(Some).collect();
        self.push(name, Arc::new(array), false)
    }

    /// Text that may be null.
    pub(crate) fn optional_text<T: AsRef<str>>(
        self,
        name: &str,
        cells: impl Iterator<Item = Option<T>>,
    ) -> Self {
        let array: StringArray = cells.collect();
        self.push(name, Arc::new(array), true)
    }

    /// Small integers that are never null.
    pub(crate) fn int32(self, name: &str, cells: impl Iterator<Item = u32>) -> Self {
        let array = Int32Array::from_iter_values(cells.map(|x| x as i32));
        self.push(name, Arc::new(array), false)
    }

    /// Integers that are never null.
    pub(crate) fn int64(self, name: &str, cells: impl Iterator<Item = i64>) -> Self {
        self.push(name, Arc::new(Int64Array::from_iter_values(cells)), false)
    }

    /// Integers that may be null.
    pub(crate) fn optional_int64(
        self,
        name: &str,
        cells: impl Iterator<Item = Option<i64>>,
    ) -> Self {
        let array: Int64Array = cells.collect();
        self.push(name, Arc::new(array), true)
    }

    /// Numbers that are never null.
    pub(crate) fn double(self, name: &str, cells: impl Iterator<Item = f64>) -> Self {
        self.push(name, Arc::new(Float64Array::from_iter_values(cells)), false)
    }

    /// Numbers that may be null.
    pub(crate) fn optional_double(
        self,
        name: &str,
        cells: impl Iterator<Item = Option<f64>>,
    ) -> Self {
        let array: Float64Array = cells.collect();
        self.push(name, Arc::new(array), true)
    }

    /// Days that are never null.
    pub(super) fn date(self, name: &str, cells: impl Iterator<Item = i32>) -> Self {
        self.push(name, Arc::new(Date32Array::from_iter_values(cells)), false)
    }

    /// Days that may be null.
    pub(super) fn optional_date(
        self,
        name: &str,
        cells: impl Iterator<Item = Option<i32>>,
    ) -> Self {
        let array: Date32Array = cells.collect();
        self.push(name, Arc::new(array), true)
    }

    /// Yes or no, never null.
    pub(crate) fn boolean(self, name: &str, cells: impl Iterator<Item = bool>) -> Self {
        let array: BooleanArray = cells.map(Some).collect();
        self.push(name, Arc::new(array), false)
    }

    /// The finished table.
    pub(crate) fn finish(self) -> RecordBatch {
        RecordBatch::try_new(Arc::new(Schema::new(self.fields)), self.arrays).expect(
            "all columns are made from one list of rows, so they are equally long, and each \
             field's type is its array's own; only optional columns are given nulls",
        )
    }
}

/// Days since 1970-01-01 of an ISO 8601 date.
pub(super) fn days(iso: &str) -> i32 {
    days_checked(iso).expect("the calendar writes its own dates as ISO 8601")
}

/// Days since 1970-01-01; `None` if it is not an ISO 8601 date.
pub(super) fn days_checked(iso: &str) -> Option<i32> {
    let day: Date = iso.parse().ok()?;
    Some((day - date(1970, 1, 1)).get_days())
}

/// ISO 8601 date of so many days since 1970-01-01; `None` beyond the calendar.
pub(super) fn iso(days: i32) -> Option<String> {
    let day = date(1970, 1, 1).checked_add(Span::new().try_days(days).ok()?);
    Some(day.ok()?.to_string())
}

/// Name and type of a column, for checking: `(name, type, may be null)`.
pub(super) fn describe(schema: &Schema) -> Vec<(String, DataType, bool)> {
    let fields = schema.fields().iter();
    fields
        .map(|f| (f.name().clone(), f.data_type().clone(), f.is_nullable()))
        .collect()
}
