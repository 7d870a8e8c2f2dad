//! `[[instruments]]`: with what people are assessed, and by whom.

use std::collections::{HashMap, HashSet};

use lodestar_privacy::public::{InstrumentFacts, Label, Scale, VALUE_STEPS};

use super::periods::or;
use super::reader::{Field, Table};
use super::tree::Value;
use super::{framework, names};

/// Most instruments, and most items of one: every one costs noise.
const MOST: usize = 1000;

/// Most steps of a scale.
const MOST_STEPS: f64 = 1000.0;

/// How far from a whole number of steps a scale may be: 0.1 is no binary number.
const SLACK: f64 = 1e-9;

/// A questionnaire, test or rating with its published properties.
#[derive(Clone, Debug)]
pub struct Instrument {
    /// Id and text.
    pub label: Label,
    /// The lowest score.
    pub min: f64,
    /// The highest score; above `min`.
    pub max: f64,
    /// What two neighbouring answers differ by; the scale is a whole number of it.
    pub step: f64,
    /// Published reliability: above 0, below 1.
    pub reliability: Option<f64>,
    /// Published standard deviation of a norm group; above 0.
    pub norm_sd: Option<f64>,
    /// Whether a higher score is the better one.
    pub higher_is_better: bool,
    /// Raters of a group from which their mean counts; at least 1. Self and
    /// manager rate alone.
    pub min_raters: u32,
    /// Its items, in order; empty: rows name none.
    pub items: Vec<Label>,
    /// Answers from here on count as top box.
    pub top_box: f64,
}

impl Instrument {
    /// The scale, for the core.
    pub fn scale(&self) -> Scale {
        Scale {
            low: self.min,
            high: self.max,
            step: self.step,
            counts: self.step >= self.max - self.min,
        }
    }

    /// What readers of its numbers need to know.
    pub fn facts(&self) -> InstrumentFacts {
        InstrumentFacts {
            label: self.label.clone(),
            scale: (self.min, self.max),
            step: self.step,
            higher_is_better: self.higher_is_better,
            top_box: self.top_box,
            min_raters: self.min_raters,
            reliability: self.reliability,
            norm_sd: self.norm_sd,
        }
    }

    /// The published standard error of the difference of two scores of one person:
    /// what a change is reliable by. `None`: without norms nobody can say.
    pub fn error_of_difference(&self) -> Option<f64> {
        let unreliability = 1.0 - self.reliability?;
        Some(self.norm_sd? * (2.0 * unreliability).sqrt())
    }

    /// Where a score lies on the scale, in steps to the nearest; beyond an end
    /// for a score beyond it.
    pub fn position(&self, score: f64) -> f64 {
        ((score - self.min) / (self.max - self.min) * VALUE_STEPS as f64).round()
    }
}

/// The ids that items have, each once, in order of declaration: an item of several
/// instruments is one of them.
pub fn item_ids(instruments: &[Instrument]) -> Vec<&str> {
    let mut ids: Vec<&str> = Vec::new();
    for item in instruments.iter().flat_map(|one| &one.items) {
        if !ids.contains(&item.id.as_str()) {
            ids.push(&item.id);
        }
    }
    ids
}

/// Who gave a score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RaterGroup {
    /// The person who is assessed.
    SelfRated,
    /// Their manager.
    Manager,
    /// Colleagues.
    Peer,
    /// People who report to them.
    Report,
    /// A coach.
    Coach,
}

impl RaterGroup {
    /// All of them, in order.
    pub const ALL: [Self; 5] = [
        Self::SelfRated,
        Self::Manager,
        Self::Peer,
        Self::Report,
        Self::Coach,
    ];

    /// The name in inputs and in what is published.
    pub fn name(self) -> &'static str {
        match self {
            Self::SelfRated => "self",
            Self::Manager => "manager",
            Self::Peer => "peer",
            Self::Report => "report",
            Self::Coach => "coach",
        }
    }
}

/// When an assessment was made, as it says itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Wave {
    /// Before.
    Baseline,
    /// On the way.
    Midpoint,
    /// After.
    FollowUp,
}

impl Wave {
    /// All of them, in order.
    pub const ALL: [Self; 3] = [Self::Baseline, Self::Midpoint, Self::FollowUp];

    /// The name in inputs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::Midpoint => "midpoint",
            Self::FollowUp => "follow_up",
        }
    }
}

/// Stands for a scale that is refused: any score is on it.
const ANY: (f64, f64, f64) = (-1e9, 1e9, 1e9);

/// Reads `[[instruments]]`. What is wrong with one is said here, once: it takes its
/// place all the same, so that what names it, or has scores on its scale, is not
/// refused for it. A configuration with a problem makes no project.
pub(super) fn read(root: &mut Table<'_>) -> Vec<Instrument> {
    let mut instruments = Vec::new();
    let mut ids = HashMap::new();
    for mut table in root.sections("instruments").into_iter().take(MOST + 1) {
        if let Some(instrument) = one(&mut table, &ids) {
            ids.insert(instrument.label.id.clone(), instruments.len());
            instruments.push(instrument);
        }
        if instruments.len() > MOST {
            table.refuse(
                "there are too many of these",
                format!("expected at most {MOST}"),
            );
        }
        table.finish();
    }
    instruments
}

fn one(table: &mut Table<'_>, known: &HashMap<String, usize>) -> Option<Instrument> {
    let label = framework::label(table, known);
    let scale = scale(table);
    let reliability = table.get("reliability").map(|field| {
        let expected = "expected a number above 0 and below 1";
        field.number(expected, |r| r > 0.0 && r < 1.0)
    });
    let norm_sd = table
        .get("norm_sd")
        .map(|field| field.number("expected a number above 0", |sd| sd > 0.0));
    let higher_is_better = or(table.get("higher_is_better"), true, Field::boolean);
    let min_raters = or(table.get("min_raters"), 3, |field| field.whole(1..=100));
    let items = or(table.get("items"), Vec::new(), items);
    let top_box = table.get("top_box");
    let (min, max, step) = scale.unwrap_or(ANY);
    let top_box = or(top_box, max, |field| {
        let expected = match scale {
            Some(_) => format!("expected a score above {min}, at most {max}"),
            None => "expected a score".to_owned(),
        };
        field.number(&expected, |score| score > min && score <= max)
    });
    // `None` inside says that the value was refused, which the report knows.
    Some(Instrument {
        label: label?,
        min,
        max,
        step,
        reliability: reliability.flatten(),
        norm_sd: norm_sd.flatten(),
        higher_is_better: higher_is_better.unwrap_or(true),
        min_raters: min_raters.unwrap_or(1),
        items: items.unwrap_or_else(|| vec![Label::plain("")]),
        top_box: top_box.unwrap_or(max),
    })
}

/// `min`, `max` and `step`.
fn scale(table: &mut Table<'_>) -> Option<(f64, f64, f64)> {
    let expected = "expected the lowest score, a number from -1e9 to 1e9";
    let within = |score: f64| score.abs() <= 1e9;
    let min = table
        .require("min", expected)
        .and_then(|field| field.number(expected, within));
    let expected = "expected the highest score, a number above `min`, at most 1e9";
    let max = table.require("max", expected).and_then(|field| {
        let above = |score| within(score) && min.is_none_or(|min| score > min);
        field.number(expected, above)
    });
    let step = table.get("step");
    let (min, max) = (min?, max?);
    let fits = |step: f64| {
        let steps = (max - min) / step;
        (0.5..=MOST_STEPS + SLACK).contains(&steps) && (steps - steps.round()).abs() <= SLACK
    };
    let expected = "expected what `max` is a whole number of above `min`, at most 1000 of them";
    let step = match step {
        Some(field) => field.number(expected, |step| step > 0.0 && fits(step))?,
        None if fits(1.0) => 1.0,
        None => {
            table.refuse("the scale is no whole number of steps of 1", expected);
            return None;
        }
    };
    Some((min, max, step))
}

/// Ids, or tables with `id` and `label`; each id once.
fn items(field: &Field<'_>) -> Option<Vec<Label>> {
    let expected = "expected a list of ids, or of { id = …, label = … }";
    let fields = field.items(expected)?;
    if fields.is_empty() || fields.len() > MOST {
        let message = format!("`{}` has {} items", field.name(), fields.len());
        field.refuse(message, format!("expected 1 to {MOST}"));
        return None;
    }
    let mut known = HashSet::new();
    let mut items = Vec::new();
    for field in fields {
        let item = item(&field, expected)?;
        if !known.insert(item.id.clone()) {
            field.refuse(
                format!("`{}` is declared twice", item.id),
                "expected it once",
            );
        }
        items.push(item);
    }
    Some(items)
}

fn item(field: &Field<'_>, expected: &str) -> Option<Label> {
    if let Value::Text(_) = field.value() {
        let id = names::id(field)?.to_owned();
        return Some(Label {
            label: id.clone(),
            id,
        });
    }
    let mut table = field.table(expected)?;
    let label = framework::label(&mut table, &HashMap::new());
    table.finish();
    label
}
