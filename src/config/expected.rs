//! `[expected]`: how many people are expected, for plans alone.

use super::reader::{Field, Table};
use super::{Dimension, Expected, names};
use crate::measure::Cohort;

/// Families of which one share tells how large each cohort is: the others have
/// sides, which differ.
const COHORTS: [Cohort; 5] = [
    Cohort::Coachees,
    Cohort::Paired,
    Cohort::Assessed,
    Cohort::Asked,
    Cohort::Rated,
];

const SHARE: &str = "expected a share of all people, from 0 to 1";

/// How far shares of values may be from adding up to everybody.
const OFF: f64 = 0.01;

/// Reads `[expected]`; absent: nothing is expected.
pub(super) fn read(root: &mut Table<'_>, dimensions: &[Dimension]) -> Expected {
    let mut expected = Expected::default();
    let Some(mut table) = root.section("expected") else {
        return expected;
    };
    for cohort in COHORTS {
        let share = table.get(cohort.name()).and_then(|field| share(&field));
        expected.cohorts.extend(share.map(|share| (cohort, share)));
    }
    if let Some(field) = table.get("busiest_coach") {
        let wanted = "expected a share of a cohort, from 0 to 1";
        let share = field.number(wanted, |share| (0.0..=1.0).contains(&share));
        expected.busiest_coach = share.unwrap_or_default();
    }
    if let Some(values) = table.section("dimensions") {
        for (name, place, field) in values.fields() {
            if let Some(dimension) = dimensions.iter().find(|one| one.name == name) {
                let shares = shares(&field, dimension);
                let shares = shares.map(|shares| (name.to_owned(), shares));
                expected.values.extend(shares);
            } else {
                let known = dimensions.iter().map(|one| one.name.as_str());
                let message = format!("`{}` is no declared dimension of people", field.name());
                field.refuse_at(place, message, names::expected(name, known));
            }
        }
    }
    table.finish();
    expected
}

fn share(field: &Field<'_>) -> Option<f64> {
    field.number(SHARE, |share| (0.0..=1.0).contains(&share))
}

/// The shares of a dimension's values, in their order: all of them, which add up
/// to 1.
fn shares(field: &Field<'_>, dimension: &Dimension) -> Option<Vec<f64>> {
    let wanted = "expected a share of each value, which add up to 1";
    let table = field.table(wanted)?;
    let ids = || dimension.values.iter().map(|value| value.id.as_str());
    let mut shares = vec![None; dimension.values.len()];
    let mut sound = true;
    for (id, place, one) in table.fields() {
        if let Some(at) = ids().position(|known| known == id) {
            shares[at] = share(&one);
            sound &= shares[at].is_some();
        } else {
            let message = format!("`{}` is no declared value", one.name());
            one.refuse_at(place, message, names::expected(id, ids()));
            sound = false;
        }
    }
    let missing = ids().zip(&shares).filter(|(_, share)| share.is_none());
    let missing: Vec<String> = missing.map(|(id, _)| format!("`{id}`")).collect();
    let sum: f64 = shares.iter().flatten().sum();
    if sound && !missing.is_empty() {
        let message = format!("`{}` lacks {}", field.name(), missing.join(", "));
        field.refuse(message, wanted);
    } else if sound && (sum - 1.0).abs() > OFF {
        let message = format!("the shares of `{}` add up to {sum:.2}", field.name());
        field.refuse(message, wanted);
    }
    let all: Option<Vec<f64>> = shares.into_iter().collect();
    let all = all.filter(|_| (sum - 1.0).abs() <= OFF)?;
    Some(all.iter().map(|share| share / sum).collect())
}
