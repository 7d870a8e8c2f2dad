//! Declared properties of what tables are about: without them a number can't be
//! read. The core only hands them on to the encoder.

use super::Label;

/// What is declared of metrics, instruments, programmes and targets.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Glossary {
    /// Metrics of outcomes.
    pub metrics: Vec<MetricFacts>,
    /// The instruments that the release's tables read.
    pub instruments: Vec<InstrumentFacts>,
    /// Programmes that have started.
    pub programmes: Vec<ProgrammeFacts>,
    /// What the North Star aims at.
    pub targets: Vec<TargetFacts>,
}

/// A metric.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricFacts {
    /// Id and text.
    pub label: Label,
    /// Text of its unit; may be empty.
    pub unit: String,
    /// Least and largest value that is possible.
    pub range: (f64, f64),
    /// Bounds that a person's value is moved into.
    pub clip: (f64, f64),
    /// Whether more is better.
    pub higher_is_better: bool,
}

/// An instrument.
#[derive(Clone, Debug, PartialEq)]
pub struct InstrumentFacts {
    /// Id and text.
    pub label: Label,
    /// Lowest and highest score.
    pub scale: (f64, f64),
    /// What two neighbouring scores differ by.
    pub step: f64,
    /// Whether a higher score is the better one.
    pub higher_is_better: bool,
    /// Answers from here on count as top box.
    pub top_box: f64,
    /// Raters of a group from which their mean counts.
    pub min_raters: u32,
    /// Published reliability.
    pub reliability: Option<f64>,
    /// Published standard deviation of a norm group.
    pub norm_sd: Option<f64>,
}

/// A programme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgrammeFacts {
    /// Id and text.
    pub label: Label,
    /// The day on which the first of it started, ISO 8601.
    pub starts_on: String,
}

/// The level of a competency that is aimed at.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetFacts {
    /// The competency.
    pub competency: Label,
    /// The score.
    pub level: f64,
    /// Importance beside the other targets.
    pub weight: f64,
    /// The share of people at target from which the organisation may tip.
    pub tipping_share: f64,
}
