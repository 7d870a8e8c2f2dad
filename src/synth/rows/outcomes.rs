//! The rows of `input/outcomes/`.

use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Builder, Float64Builder, StringBuilder};
use arrow::datatypes::{DataType, Field};

use super::super::SynthError;
use super::super::people::person_id;
use super::super::write::Folder;
use super::{Batches, Columns};
use crate::calendar::Period;

/// A file of outcomes that is being written, a batch of rows at a time.
pub(in crate::synth) struct OutcomeWriter(Batches<Rows>);

/// Columns that fill up.
#[derive(Default)]
struct Rows {
    person_id: StringBuilder,
    measured_on: Date32Builder,
    metric: StringBuilder,
    value: Float64Builder,
    count: usize,
}

impl OutcomeWriter {
    /// Opens `input/outcomes/<period>.parquet`.
    pub(in crate::synth) fn create(folder: &Folder, period: Period) -> Result<Self, SynthError> {
        let columns = vec![
            Field::new("person_id", DataType::Utf8, false),
            Field::new("measured_on", DataType::Date32, false),
            Field::new("metric", DataType::Utf8, false),
            Field::new("value", DataType::Float64, false),
        ];
        Ok(Self(Batches::new(
            folder.parquet("outcomes", period, columns, None)?,
        )))
    }

    /// Adds a value of a person's, measured on a day in days since 1970.
    pub(in crate::synth) fn add(
        &mut self,
        person: usize,
        day: i32,
        metric: &str,
        value: f64,
    ) -> Result<(), SynthError> {
        let rows = &mut self.0.rows;
        rows.person_id.append_value(person_id(person));
        rows.measured_on.append_value(day);
        rows.metric.append_value(metric);
        rows.value.append_value(value);
        rows.count += 1;
        self.0.added()
    }

    pub(in crate::synth) fn finish(self) -> Result<(), SynthError> {
        self.0.finish()
    }
}

impl Columns for Rows {
    fn count(&self) -> usize {
        self.count
    }

    fn finish(mut self) -> Vec<ArrayRef> {
        vec![
            Arc::new(self.person_id.finish()),
            Arc::new(self.measured_on.finish()),
            Arc::new(self.metric.finish()),
            Arc::new(self.value.finish()),
        ]
    }
}
