//! Which ε an asked accuracy needs, from configuration and public files alone.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::str::FromStr;

use lodestar_privacy::budget::BudgetError;
use serde::Serialize;

use crate::config::{EPSILON_MOST, Project};
use crate::plan::{Basis, PlanError, levels_at};

/// The least ε that is tried.
const LEAST: f64 = 0.01;

/// The largest: that of real people.
pub const MOST: f64 = EPSILON_MOST;

/// ε is found to within this share of itself, upwards.
const PRECISION: f64 = 1e-3;

/// An asked accuracy: `share ±5 points at 200 people`, `engagement.minutes_per_coachee
/// ±20 at 300 people`.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// Of this table alone.
    pub table: Option<String>,
    /// The statistic, by name.
    pub statistic: String,
    /// Half-width of the 95 % interval.
    pub error: f64,
    /// Whether it was said in points, which of a share are hundredths.
    pub in_points: bool,
    /// In a cohort of so many people.
    pub people: u32,
}

impl Target {
    /// Half-width in a statistic's unit: scores have points of their own.
    fn half_width(&self, unit: &str) -> f64 {
        if self.in_points && unit == "share" {
            self.error / 100.0
        } else {
            self.error
        }
    }
}

/// What is wrong with a target.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "expected a statistic, its error and a number of people, such as \"share ±5 points at 200 \
     people\" or \"engagement.minutes_per_coachee ±20 at 300 people\""
)]
pub struct TargetError;

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let (what, error, unit, people) = match words[..] {
            [what, error, "at", people, "people"] => (what, error, None, people),
            [what, error, unit, "at", people, "people"] => (what, error, Some(unit), people),
            _ => return Err(TargetError),
        };
        let signs = ["±", "+-", "+/-"];
        let number = signs.iter().find_map(|sign| error.strip_prefix(sign));
        let (number, percent) = number
            .map(|number| (number.trim_end_matches('%'), number.ends_with('%')))
            .ok_or(TargetError)?;
        let number: f64 = number.parse().map_err(|_| TargetError)?;
        let (table, statistic) = match what.split_once('.') {
            Some((table, statistic)) => (Some(table.to_owned()), statistic),
            None => (None, what),
        };
        let target = Self {
            table,
            statistic: statistic.to_owned(),
            error: number,
            in_points: percent || unit == Some("points"),
            people: people.parse().map_err(|_| TargetError)?,
        };
        let makes_sense = target.error > 0.0 && target.error.is_finite();
        (makes_sense && target.people > 0)
            .then_some(target)
            .ok_or(TargetError)
    }
}

/// What a target asks of a statistic at a level.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reach {
    /// Table.
    pub table: String,
    /// Statistic.
    pub statistic: String,
    /// Of this metric alone.
    pub metric: Option<String>,
    /// Level of the org tree.
    pub level: u32,
    /// Its unit.
    pub unit: String,
    /// Expected half-width under the configured ε.
    pub half_width: f64,
    /// The least ε of a window with which it is as narrow as is asked; `None`: not
    /// even the largest that real people may be asked for.
    pub epsilon: Option<f64>,
}

/// Where a half-width is known from.
type At = (String, u32, String, Option<String>);

/// By what it is of: unit, and the widest of the releases of a window.
type HalfWidths = BTreeMap<At, (String, f64)>;

/// For each level of each statistic of that name, the ε that is needed; all as in
/// a window of the project that has spent nothing. Empty if there is none.
pub fn reach(
    project: &Project,
    basis: Basis<'_>,
    target: &Target,
) -> Result<Vec<Reach>, PlanError> {
    let basis = basis.unspent();
    let configured = half_widths(project, &basis, target)?;
    let mut known: BTreeMap<u64, HalfWidths> = BTreeMap::new();
    let mut all = Vec::new();
    for (at, (unit, half_width)) in configured {
        let mut is_reached = |epsilon: f64| -> Result<bool, PlanError> {
            let found = match known.entry(epsilon.to_bits()) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => new.insert(under(project, &basis, target, epsilon)?),
            };
            let found = found.get(&at);
            Ok(found.is_some_and(|(_, half_width)| *half_width <= target.half_width(&unit)))
        };
        let epsilon = least(&mut is_reached)?;
        let (table, level, statistic, metric) = at;
        all.push(Reach {
            table,
            statistic,
            metric,
            level,
            unit,
            half_width,
            epsilon,
        });
    }
    Ok(all)
}

/// The half-widths under another ε; none where it is so little that a part of a
/// release gets nothing.
fn under(
    project: &Project,
    basis: &Basis<'_>,
    target: &Target,
    epsilon: f64,
) -> Result<HalfWidths, PlanError> {
    let mut project = project.clone();
    project.privacy.epsilon = epsilon;
    match half_widths(&project, basis, target) {
        Err(PlanError::Budget(BudgetError::Exhausted { .. })) => Ok(HalfWidths::new()),
        found => found,
    }
}

/// The least ε that reaches, by halving its logarithm: the more, the narrower.
fn least(
    is_reached: &mut impl FnMut(f64) -> Result<bool, PlanError>,
) -> Result<Option<f64>, PlanError> {
    if !is_reached(MOST)? {
        return Ok(None);
    }
    let (mut low, mut high) = (LEAST, MOST);
    while high / low > 1.0 + PRECISION {
        let middle = (low * high).sqrt();
        if is_reached(middle)? {
            high = middle;
        } else {
            low = middle;
        }
    }
    Ok(Some(high))
}

fn half_widths(
    project: &Project,
    basis: &Basis<'_>,
    target: &Target,
) -> Result<HalfWidths, PlanError> {
    let mut all = HalfWidths::new();
    for level in levels_at(project, basis, target.people)? {
        let asked = target
            .table
            .as_ref()
            .is_none_or(|table| *table == level.table);
        let mine = level.statistics.into_iter();
        let mine = mine.filter(|one| asked && one.statistic == target.statistic);
        for one in mine {
            let at = (level.table.clone(), level.level, one.statistic, one.metric);
            let widest = all.entry(at).or_insert((one.unit, 0.0));
            widest.1 = widest.1.max(one.half_widths[0]);
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_read_as_they_are_said() {
        let target = |text: &str| text.parse::<Target>();
        let share = Target {
            table: None,
            statistic: "share".to_owned(),
            error: 5.0,
            in_points: true,
            people: 200,
        };
        for text in [
            "share ±5 points at 200 people",
            "share +-5 points at 200 people",
            "share +/-5% at 200 people",
        ] {
            assert_eq!(target(text).as_ref(), Ok(&share), "{text}");
        }
        assert!((share.half_width("share") - 0.05).abs() < 1e-12);
        assert!((share.half_width("points of survey") - 5.0).abs() < 1e-12);
        let plain = target(" share  ±0.05 at 200 people").unwrap();
        assert!((plain.half_width("share") - 0.05).abs() < 1e-12);
        let minutes = target("engagement.minutes_per_coachee ±20 minutes at 300 people").unwrap();
        assert_eq!(minutes.table.as_deref(), Some("engagement"));
        assert!((minutes.half_width("minutes") - 20.0).abs() < 1e-12);
        for text in [
            "",
            "share",
            "share 5 points at 200 people",
            "share ±5 points at people",
            "share ±five at 200 people",
            "share ±0 at 200 people",
            "share ±inf at 200 people",
            "share ±-3 at 200 people",
            "share ±5 points at 0 people",
        ] {
            assert_eq!(target(text), Err(TargetError), "{text}");
        }
    }
}
