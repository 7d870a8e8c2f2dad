//! The rows of `input/assessments/`.

use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Builder, Float64Builder, StringBuilder};
use arrow::datatypes::{DataType, Field};

use super::super::SynthError;
use super::super::people::person_id;
use super::super::write::Folder;
use super::{Batches, Columns};
use crate::calendar::Period;

/// Who gave a score.
#[derive(Clone, Copy)]
pub(in crate::synth) enum Rater {
    Oneself,
    /// Number of the manager.
    Manager(u32),
    /// Number of a person.
    Peer(usize),
}

/// One score.
pub(in crate::synth) struct Rating<'a> {
    /// Number of the person.
    pub(in crate::synth) subject: usize,
    pub(in crate::synth) competency: &'a str,
    pub(in crate::synth) instrument: &'a str,
    /// In hundredths of a point.
    pub(in crate::synth) score: i32,
    /// In days since 1970.
    pub(in crate::synth) day: i32,
    pub(in crate::synth) wave: Option<&'a str>,
    pub(in crate::synth) rater: Rater,
    pub(in crate::synth) item: Option<&'a str>,
}

/// A file of assessments that is being written, a batch of rows at a time.
pub(in crate::synth) struct AssessmentWriter(Batches<Rows>);

/// Columns that fill up.
#[derive(Default)]
struct Rows {
    subject_id: StringBuilder,
    competency: StringBuilder,
    instrument: StringBuilder,
    score: Float64Builder,
    assessed_on: Date32Builder,
    wave: StringBuilder,
    rater_id: StringBuilder,
    rater_group: StringBuilder,
    item: StringBuilder,
    count: usize,
}

impl AssessmentWriter {
    /// Opens `input/assessments/<period>.parquet`.
    pub(in crate::synth) fn create(folder: &Folder, period: Period) -> Result<Self, SynthError> {
        let text = |name, optional| Field::new(name, DataType::Utf8, optional);
        let columns = vec![
            text("subject_id", false),
            text("competency", false),
            text("instrument", false),
            Field::new("score", DataType::Float64, false),
            Field::new("assessed_on", DataType::Date32, false),
            text("wave", true),
            text("rater_id", true),
            text("rater_group", false),
            text("item", true),
        ];
        Ok(Self(Batches::new(folder.parquet(
            "assessments",
            period,
            columns,
            None,
        )?)))
    }

    pub(in crate::synth) fn add(&mut self, rating: &Rating<'_>) -> Result<(), SynthError> {
        let rows = &mut self.0.rows;
        rows.subject_id.append_value(person_id(rating.subject));
        rows.competency.append_value(rating.competency);
        rows.instrument.append_value(rating.instrument);
        rows.score.append_value(f64::from(rating.score) / 100.0);
        rows.assessed_on.append_value(rating.day);
        rows.wave.append_option(rating.wave);
        let (rater, group) = match rating.rater {
            Rater::Oneself => (None, "self"),
            Rater::Manager(number) => (Some(format!("m{:05}", number + 1)), "manager"),
            Rater::Peer(person) => (Some(person_id(person)), "peer"),
        };
        rows.rater_id.append_option(rater);
        rows.rater_group.append_value(group);
        rows.item.append_option(rating.item);
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
            Arc::new(self.subject_id.finish()),
            Arc::new(self.competency.finish()),
            Arc::new(self.instrument.finish()),
            Arc::new(self.score.finish()),
            Arc::new(self.assessed_on.finish()),
            Arc::new(self.wave.finish()),
            Arc::new(self.rater_id.finish()),
            Arc::new(self.rater_group.finish()),
            Arc::new(self.item.finish()),
        ]
    }
}
