//! The columns that published tables must have, stated apart from the code that
//! makes them: `verify` and the tests compare.

use arrow::datatypes::DataType;

/// Name, type, and whether nulls are allowed.
pub(super) type Column = (String, DataType, bool);

fn columns(list: &[(&str, DataType, bool)]) -> Vec<Column> {
    list.iter()
        .map(|(name, kind, null)| ((*name).to_owned(), kind.clone(), *null))
        .collect()
}

/// What a statistic's columns hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A whole number with its interval.
    Whole,
    /// A number with its interval.
    Real,
    /// A number without one.
    Alone,
    /// A day with its interval.
    Day,
    /// A word.
    Word,
}

impl Form {
    /// Of a kind of statistic, as manifests name it.
    pub(super) fn of(kind: &str) -> Self {
        match kind {
            "count" => Self::Whole,
            "log_odds" => Self::Alone,
            "reached_by" => Self::Day,
            "tipping" | "trend" => Self::Word,
            _ => Self::Real,
        }
    }
}

/// Columns of a table of facts: dimensions in order (of people first), the
/// cohorts that rows are compared with, then each statistic, with its form, and
/// whether it has a status of its own.
pub(super) fn facts(
    dimensions: &[String],
    others: &[String],
    statistics: &[(&str, Form, bool)],
) -> Vec<Column> {
    use DataType::{Date32, Float64, Int32, Int64, Utf8};
    let mut all = columns(&[
        ("release_id", Utf8, false),
        ("period", Utf8, false),
        ("period_start", Date32, false),
        ("period_end", Date32, false),
        ("org_unit", Utf8, false),
        ("org_unit_label", Utf8, false),
        ("org_level", Int32, false),
    ]);
    for dimension in dimensions {
        all.push((dimension.clone(), Utf8, false));
        all.push((format!("{dimension}_label"), Utf8, false));
    }
    all.extend(columns(&[
        ("cohort", Int64, false),
        ("cohort_low", Float64, false),
        ("cohort_high", Float64, false),
    ]));
    for other in others {
        all.push((format!("cohort_{other}"), Int64, true));
        all.push((format!("cohort_{other}_low"), Float64, true));
        all.push((format!("cohort_{other}_high"), Float64, true));
    }
    for (name, form, has_status) in statistics {
        let (kind, ends) = match form {
            Form::Whole => (Int64, Some(Float64)),
            Form::Real => (Float64, Some(Float64)),
            Form::Alone => (Float64, None),
            Form::Day => (Date32, Some(Date32)),
            Form::Word => (Utf8, None),
        };
        all.push(((*name).to_owned(), kind, true));
        if let Some(kind) = ends {
            all.push((format!("{name}_low"), kind.clone(), true));
            all.push((format!("{name}_high"), kind, true));
        }
        if *has_status {
            all.push((format!("{name}_status"), Utf8, false));
        }
    }
    all.push(("status".to_owned(), Utf8, false));
    all
}

/// Columns of a table of labels; `levels` is the number of `level_…` columns.
pub(super) fn dimension(name: &str, levels: usize) -> Option<Vec<Column>> {
    use DataType::{Boolean, Date32, Float64, Int32, Utf8};
    Some(match name {
        super::bounds::NAME => columns(&[
            ("release_id", Utf8, false),
            ("measure", Utf8, false),
            ("bound", Utf8, false),
            ("statistic", Utf8, true),
            ("metric", Utf8, true),
            ("limit", Float64, false),
            ("lost_share", Float64, true),
            ("lost_share_low", Float64, true),
            ("lost_share_high", Float64, true),
            ("status", Utf8, false),
        ]),
        "dim_competency" => columns(&[("competency", Utf8, false), ("label", Utf8, false)]),
        "dim_instrument" => columns(&[
            ("instrument", Utf8, false),
            ("label", Utf8, false),
            ("scale_low", Float64, false),
            ("scale_high", Float64, false),
            ("scale_step", Float64, false),
            ("higher_is_better", Boolean, false),
            ("top_box", Float64, false),
            ("min_raters", Int32, false),
            ("reliability", Float64, true),
            ("norm_sd", Float64, true),
        ]),
        "dim_metric" => columns(&[
            ("metric", Utf8, false),
            ("label", Utf8, false),
            ("unit", Utf8, false),
            ("range_low", Float64, false),
            ("range_high", Float64, false),
            ("clip_low", Float64, false),
            ("clip_high", Float64, false),
            ("higher_is_better", Boolean, false),
        ]),
        "dim_programme" => columns(&[
            ("programme", Utf8, false),
            ("label", Utf8, false),
            ("starts_on", Date32, false),
        ]),
        "dim_target" => columns(&[
            ("competency", Utf8, false),
            ("label", Utf8, false),
            ("target_level", Float64, false),
            ("weight", Float64, false),
            ("tipping_share", Float64, false),
        ]),
        "dim_theme" => columns(&[
            ("competency", Utf8, false),
            ("theme", Utf8, false),
            ("label", Utf8, false),
        ]),
        "dim_period" => columns(&[
            ("period", Utf8, false),
            ("period_start", Date32, false),
            ("period_end", Date32, false),
            ("release_id", Utf8, false),
            ("revision", Int32, false),
        ]),
        "dim_measure" => columns(&[
            ("measure", Utf8, false),
            ("statistic", Utf8, false),
            ("question", Utf8, false),
            ("definition", Utf8, false),
            ("cohort", Utf8, false),
            ("interval", Utf8, false),
            ("unit", Utf8, false),
            ("tolerated_error", Float64, true),
        ]),
        super::noise::NAME => columns(&[
            ("release_id", Utf8, false),
            ("cohorts", Utf8, false),
            ("measured", Utf8, false),
            ("org_level", Int32, false),
            ("org_unit", Utf8, false),
            ("within", Utf8, false),
            ("compared", Utf8, false),
            ("sigma", Float64, false),
        ]),
        "dim_org_unit" => {
            let mut all = columns(&[
                ("org_unit", Utf8, false),
                ("label", Utf8, false),
                ("parent", Utf8, true),
                ("org_level", Int32, false),
                ("is_group", Boolean, false),
            ]);
            all.extend((0..levels).map(|level| (format!("level_{level}"), Utf8, true)));
            all
        }
        _ => return None,
    })
}
