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

/// Columns of a table of facts: dimensions in order (of people first), then
/// each statistic, with what is counted as whole numbers, and whether it has a
/// status of its own.
pub(super) fn facts(dimensions: &[String], statistics: &[(&str, bool, bool)]) -> Vec<Column> {
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
    for (name, counts, has_status) in statistics {
        let kind = if *counts { Int64 } else { Float64 };
        all.push(((*name).to_owned(), kind, true));
        all.push((format!("{name}_low"), Float64, true));
        all.push((format!("{name}_high"), Float64, true));
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
        "dim_competency" => columns(&[("competency", Utf8, false), ("label", Utf8, false)]),
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
