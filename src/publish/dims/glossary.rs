//! Declared properties of metrics, instruments, programmes and targets: of those
//! that the release's tables are about.

use std::collections::BTreeSet;

use arrow::array::RecordBatch;
use lodestar_privacy::Public;
use lodestar_privacy::public::Label;

use super::super::table::{Table, days};
use super::keyed;

/// Those of some things that rows of a table are about, by id.
fn used<'a, T>(
    public: &Public,
    dimension: &str,
    all: &'a [T],
    label: fn(&T) -> &Label,
) -> Vec<&'a T> {
    let ids = keyed(public, dimension).into_iter();
    let ids: BTreeSet<String> = ids.map(|(at, labels, _)| labels[at].id.clone()).collect();
    sorted(all.iter().filter(|one| ids.contains(&label(one).id)), label)
}

fn sorted<'a, T>(all: impl Iterator<Item = &'a T>, label: fn(&T) -> &Label) -> Vec<&'a T> {
    let mut rows: Vec<&T> = all.collect();
    rows.sort_by(|a, b| label(a).id.cmp(&label(b).id));
    rows
}

/// A table of so many rows, with their ids and texts.
fn labelled<'a, T: 'a>(name: &str, rows: &[&'a T], label: fn(&T) -> &Label) -> Table {
    Table::default()
        .text(name, rows.iter().map(|one| &label(one).id))
        .text("label", rows.iter().map(|one| &label(one).label))
}

/// `dim_metric`.
pub(super) fn metrics(public: &Public) -> RecordBatch {
    let rows = used(public, "metric", &public.glossary.metrics, |one| &one.label);
    labelled("metric", &rows, |one| &one.label)
        .text("unit", rows.iter().map(|one| &one.unit))
        .double("range_low", rows.iter().map(|one| one.range.0))
        .double("range_high", rows.iter().map(|one| one.range.1))
        .double("clip_low", rows.iter().map(|one| one.clip.0))
        .double("clip_high", rows.iter().map(|one| one.clip.1))
        .boolean(
            "higher_is_better",
            rows.iter().map(|one| one.higher_is_better),
        )
        .finish()
}

/// `dim_instrument`: of the instruments that tables read, by instrument or not.
pub(super) fn instruments(public: &Public) -> RecordBatch {
    let rows = sorted(public.glossary.instruments.iter(), |one| &one.label);
    labelled("instrument", &rows, |one| &one.label)
        .double("scale_low", rows.iter().map(|one| one.scale.0))
        .double("scale_high", rows.iter().map(|one| one.scale.1))
        .double("scale_step", rows.iter().map(|one| one.step))
        .boolean(
            "higher_is_better",
            rows.iter().map(|one| one.higher_is_better),
        )
        .double("top_box", rows.iter().map(|one| one.top_box))
        .int32("min_raters", rows.iter().map(|one| one.min_raters))
        .optional_double("reliability", rows.iter().map(|one| one.reliability))
        .optional_double("norm_sd", rows.iter().map(|one| one.norm_sd))
        .finish()
}

/// `dim_programme`.
pub(super) fn programmes(public: &Public) -> RecordBatch {
    let all = &public.glossary.programmes;
    let rows = used(public, "programme", all, |one| &one.label);
    labelled("programme", &rows, |one| &one.label)
        .date("starts_on", rows.iter().map(|one| days(&one.starts_on)))
        .finish()
}

/// `dim_target`.
pub(super) fn targets(public: &Public) -> RecordBatch {
    let all = &public.glossary.targets;
    let rows = used(public, "competency", all, |one| &one.competency);
    labelled("competency", &rows, |one| &one.competency)
        .double("target_level", rows.iter().map(|one| one.level))
        .double("weight", rows.iter().map(|one| one.weight))
        .double("tipping_share", rows.iter().map(|one| one.tipping_share))
        .finish()
}
