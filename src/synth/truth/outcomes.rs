//! Exact and expected figures of outcomes and of the programme.

use std::ops::Range;

use super::super::SynthError;
use super::super::half::HalfYear;
use super::super::outcomes::{COACHED_ABSENCE, METRICS, STAY, Sum, Sums, programme_effect};
use super::super::programme::{Arm, PROGRAMME};
use super::super::study::Exact;
use super::super::write::Folder;
use super::{optional, six, units};

/// Writes the tables of a study's outcomes.
pub(super) fn write(folder: &Folder, exact: &Exact<'_>) -> Result<(), SynthError> {
    let mut csv = folder.csv("truth/business_outcomes.csv", &OUTCOMES)?;
    for half in &exact.halves {
        csv.rows(&outcomes(exact, half))?;
    }
    csv.finish()?;
    let mut csv = folder.csv("truth/programme_effect.csv", &EFFECTS)?;
    for half in &exact.halves {
        csv.rows(&effects(exact, half))?;
    }
    csv.finish()
}

const OUTCOMES: [&str; 9] = [
    "period",
    "org_unit",
    "metric",
    "coached",
    "not_coached",
    "mean_coached",
    "mean_not_coached",
    "difference",
    "expected_difference",
];

const EFFECTS: [&str; 10] = [
    "period",
    "org_unit",
    "programme",
    "metric",
    "start_cohort",
    "periods_since_start",
    "pilot",
    "comparison",
    "effect",
    "expected_effect",
];

/// What coaching is planted to change in a metric.
pub(super) fn coached_effect(metric: usize) -> f64 {
    match metric {
        0 => f64::from(COACHED_ABSENCE) / 1000.0,
        1 => (STAY.0 as f64 - STAY.1 as f64) / 100.0,
        _ => 0.0,
    }
}

/// The sum over divisions, those arms and those who are coached or not.
fn sum(divisions: &[Sums], arms: Range<usize>, metric: usize, coached: Range<usize>) -> Sum {
    let mut sum = Sum::default();
    for of in divisions.iter().flat_map(|sums| &sums[arms.clone()]) {
        for part in &of[metric][coached.clone()] {
            sum.add(*part);
        }
    }
    sum
}

fn outcomes(exact: &Exact<'_>, half: &HalfYear) -> Vec<[String; 9]> {
    let mut rows = Vec::new();
    let record = &exact.records[half.number as usize + 1];
    let Some(sums) = record.sums.as_ref().filter(|_| half.whole()) else {
        return rows;
    };
    let all = 0..Arm::ALL.len() + 1;
    for (unit, divisions) in units(exact.org) {
        for (metric, name) in METRICS.iter().enumerate() {
            let of = |coached| sum(&sums[divisions.clone()], all.clone(), metric, coached);
            let (without, with) = (of(0..1), of(1..2));
            let difference = with
                .mean()
                .zip(without.mean())
                .map(|(with, without)| with - without);
            rows.push([
                half.period.name(),
                unit.to_owned(),
                (*name).to_owned(),
                with.people.to_string(),
                without.people.to_string(),
                optional(with.mean()),
                optional(without.mean()),
                optional(difference),
                six(coached_effect(metric)),
            ]);
        }
    }
    rows
}

/// Differences-in-differences of a half-year, by the half-year in which a pilot
/// started, against the half-year before that.
fn effects(exact: &Exact<'_>, half: &HalfYear) -> Vec<[String; 10]> {
    let mut rows = Vec::new();
    let record = |number: u32| exact.records[number as usize].sums.as_ref();
    let Some(now) = record(half.number + 1) else {
        return rows;
    };
    for (unit, divisions) in units(exact.org) {
        for (metric, name) in METRICS.iter().enumerate() {
            for arm in [Arm::First, Arm::Second] {
                let Some(start) = arm.starts().filter(|start| *start <= half.number) else {
                    continue;
                };
                let Some(base) = record(start) else { continue };
                let of = |sums: &[Sums], arm: Arm| {
                    let arm = arm as usize;
                    sum(&sums[divisions.clone()], arm..arm + 1, metric, 0..2)
                };
                let change = |arm| {
                    let (now, base) = (of(now, arm), of(base, arm));
                    now.mean().zip(base.mean()).map(|(now, base)| now - base)
                };
                let pilot = of(now, arm).people;
                if pilot == 0 {
                    continue;
                }
                let effect = change(arm).zip(change(Arm::Comparison));
                let planted = programme_effect(Some(arm), i64::from(half.number));
                let planted = if metric == 0 { planted } else { 0 };
                let cohort = &exact.halves[start as usize].period;
                rows.push([
                    half.period.name(),
                    unit.to_owned(),
                    PROGRAMME.to_owned(),
                    (*name).to_owned(),
                    cohort.name(),
                    (half.number - start).to_string(),
                    pilot.to_string(),
                    of(now, Arm::Comparison).people.to_string(),
                    optional(effect.map(|(pilot, comparison)| pilot - comparison)),
                    six(f64::from(planted) / 1000.0),
                ]);
            }
        }
    }
    rows
}
