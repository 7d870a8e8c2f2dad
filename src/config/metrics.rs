//! `[[metrics]]`: what outcomes may measure.

use std::collections::HashMap;

use super::Metric;
use super::framework;
use super::reader::{Field, Table};

/// Most metrics: every one costs noise.
const MOST: usize = 1000;

/// Beyond this no metric is read: sums of so large numbers would not be exact.
const LARGEST: f64 = 1e12;

/// How much narrower than its range a clip may be: positions beyond it must
/// still be whole numbers.
const NARROWEST: f64 = 1e-6;

/// Stands for a range that is refused.
const ANY: (f64, f64) = (0.0, 1.0);

/// Reads the metrics, in order of declaration. One that is refused takes its place
/// all the same, so that what names it is not refused for it.
pub(super) fn read(root: &mut Table<'_>) -> Vec<Metric> {
    let mut metrics: Vec<Metric> = Vec::new();
    let mut ids = HashMap::new();
    for mut table in root.sections("metrics").into_iter().take(MOST + 1) {
        if let Some(metric) = metric(&mut table, &ids) {
            ids.insert(metric.label.id.clone(), metrics.len());
            metrics.push(metric);
        }
        framework::refuse_most(&table, metrics.len(), MOST);
        table.finish();
    }
    metrics
}

fn metric(table: &mut Table<'_>, known: &HashMap<String, usize>) -> Option<Metric> {
    let label = framework::label(table, known);
    let unit = table.get("unit");
    let unit = unit.map_or(Some(String::new()), |field| unit_text(&field));
    let expected = "expected [low, high]: what values are possible";
    let range = table.require("range", expected);
    let range = range.and_then(|field| bounds(&field));
    let clip = match table.get("clip") {
        Some(field) => within(&field, range),
        None => range,
    };
    let higher = table.get("higher_is_better");
    let higher_is_better = higher.map_or(Some(true), |field| field.boolean());
    Some(Metric {
        label: label?,
        unit: unit.unwrap_or_default(),
        range: range.unwrap_or(ANY),
        clip: clip.unwrap_or(ANY),
        higher_is_better: higher_is_better.unwrap_or(true),
    })
}

/// One line; it may be empty.
fn unit_text(field: &Field<'_>) -> Option<String> {
    let expected = "expected the unit as text, such as \"days\"";
    match field.text(expected)? {
        "" => Some(String::new()),
        _ => field.line(expected).map(str::to_owned),
    }
}

/// Two numbers, the lower first.
fn bounds(field: &Field<'_>) -> Option<(f64, f64)> {
    let expected = "expected two numbers [low, high], the lower first";
    let items = field.items(expected)?;
    let number = |item: &Field<'_>| {
        let expected = "expected a number from -1e12 to 1e12";
        item.number(expected, |number| number.abs() <= LARGEST)
    };
    let [low, high] = items.as_slice() else {
        let message = format!("`{}` has {} elements", field.name(), items.len());
        field.refuse(message, expected);
        return None;
    };
    let (low, high) = (number(low)?, number(high)?);
    if low < high {
        return Some((low, high));
    }
    let message = format!("`{}` cannot be [{low}, {high}]", field.name());
    field.refuse(message, expected);
    None
}

/// Bounds within the range, not too narrow; where the range is wrong, that is
/// said once.
fn within(field: &Field<'_>, range: Option<(f64, f64)>) -> Option<(f64, f64)> {
    let (low, high) = bounds(field)?;
    let (least, most) = range?;
    let narrowest = (most - least) * NARROWEST;
    if least <= low && high <= most && high - low >= narrowest {
        return Some((low, high));
    }
    field.refuse(
        format!("`{}` cannot be [{low}, {high}]", field.name()),
        format!("expected bounds within the range [{least}, {most}], at least {narrowest} apart"),
    );
    None
}
