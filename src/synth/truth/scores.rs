//! Exact and expected figures of assessments.

use std::ops::Range;

use super::super::SynthError;
use super::super::codebook::COMPETENCIES;
use super::super::growth::{Expected, Group, THEME_GAIN};
use super::super::half::HalfYear;
use super::super::pulse::ITEMS;
use super::super::scores::Counts;
use super::super::study::Exact;
use super::super::write::Folder;
use super::{optional, ratio, six, units};

/// Writes the tables of a study's assessments.
pub(super) fn write(
    folder: &Folder,
    exact: &Exact<'_>,
    expected: &Expected<'_>,
) -> Result<(), SynthError> {
    let Exact { halves, .. } = exact;
    let whole = || halves.iter().filter(|half| half.whole());
    let mut csv = folder.csv("truth/competency_progress.csv", &PROGRESS)?;
    for half in whole() {
        csv.rows(&progress(exact, expected, half))?;
    }
    csv.finish()?;
    let mut csv = folder.csv("truth/skill_gap.csv", &LEVELS)?;
    for half in whole() {
        csv.rows(&levels(exact, expected, half))?;
    }
    csv.finish()?;
    let mut csv = folder.csv("truth/survey_items.csv", &ANSWERS)?;
    for half in whole() {
        csv.rows(&answers(exact, half))?;
    }
    csv.finish()?;
    let mut csv = folder.csv("truth/theme_outcome.csv", &THEMES)?;
    csv.rows(&themes(exact, expected))?;
    csv.finish()
}

const PROGRESS: [&str; 12] = [
    "period",
    "org_unit",
    "competency",
    "rater_group",
    "pairs",
    "mean_baseline",
    "mean_follow_up",
    "change",
    "share_improved",
    "share_declined",
    "expected_change",
    "expected_hedges_g",
];

const LEVELS: [&str; 7] = [
    "period",
    "org_unit",
    "competency",
    "assessed",
    "mean_level",
    "share_at_target",
    "expected_share_at_target",
];

const ANSWERS: [&str; 6] = [
    "period",
    "org_unit",
    "item",
    "asked",
    "mean",
    "share_top_box",
];

const THEMES: [&str; 10] = [
    "period",
    "org_unit",
    "competency",
    "theme",
    "people_with",
    "people_without",
    "change_with",
    "change_without",
    "difference",
    "expected_difference",
];

/// Counts of some divisions in a half-year.
fn counts(exact: &Exact<'_>, half: &HalfYear, divisions: Range<usize>) -> Counts {
    Counts::sum(&exact.records[half.number as usize + 1].scores[divisions])
}

/// Hundredths of so many people as a mean in points.
fn mean(hundredths: i64, people: u64) -> Option<f64> {
    (people > 0).then(|| hundredths as f64 / (100 * people) as f64)
}

fn progress(exact: &Exact<'_>, expected: &Expected<'_>, half: &HalfYear) -> Vec<[String; 12]> {
    let mut rows = Vec::new();
    for (unit, divisions) in units(exact.org) {
        let counts = counts(exact, half, divisions.clone());
        for competency in 0..COMPETENCIES {
            for group in Group::ALL {
                let own = counts.pairs[competency][group as usize];
                let planned = expected.pairs(divisions.clone(), competency, group, half);
                rows.push([
                    half.period.name(),
                    unit.to_owned(),
                    exact.world.codebook.competencies[competency].clone(),
                    group.name().to_owned(),
                    own.pairs.to_string(),
                    optional(mean(own.before, own.pairs)),
                    optional(mean(own.after, own.pairs)),
                    optional(mean(own.after - own.before, own.pairs)),
                    optional(ratio(own.improved, own.pairs)),
                    optional(ratio(own.declined, own.pairs)),
                    six(planned.change()),
                    six(planned.hedges_g()),
                ]);
            }
        }
    }
    rows
}

fn levels(exact: &Exact<'_>, expected: &Expected<'_>, half: &HalfYear) -> Vec<[String; 7]> {
    let next = exact.halves.get(half.number as usize + 1);
    let mut rows = Vec::new();
    for (unit, divisions) in units(exact.org) {
        let counts = counts(exact, half, divisions.clone());
        for (competency, own) in counts.levels.iter().enumerate() {
            let planned = expected.levels(divisions.clone(), competency, half, next);
            rows.push([
                half.period.name(),
                unit.to_owned(),
                exact.world.codebook.competencies[competency].clone(),
                own.assessed.to_string(),
                optional(mean(own.sum, own.assessed)),
                optional(ratio(own.at_target, own.assessed)),
                six(planned.at_target),
            ]);
        }
    }
    rows
}

fn answers(exact: &Exact<'_>, half: &HalfYear) -> Vec<[String; 6]> {
    let mut rows = Vec::new();
    for (unit, divisions) in units(exact.org) {
        let counts = counts(exact, half, divisions);
        for ((item, _), own) in ITEMS.iter().zip(counts.answers) {
            rows.push([
                half.period.name(),
                unit.to_owned(),
                (*item).to_owned(),
                own.asked.to_string(),
                optional(ratio(own.sum, own.asked)),
                optional(ratio(own.top, own.asked)),
            ]);
        }
    }
    rows
}

fn themes(exact: &Exact<'_>, expected: &Expected<'_>) -> Vec<[String; 10]> {
    let codebook = &exact.world.codebook;
    let (competency, pair) = (exact.growth.competency(), exact.growth.pair);
    let start = exact.growth.start(competency, 0);
    let score = |skill| expected.scores(Group::Manager, skill).mean;
    let planted = score(start + THEME_GAIN) - score(start);
    let mut rows = Vec::new();
    for year in &exact.years {
        for (unit, divisions) in units(exact.org) {
            let [without, with] = year.sum(divisions);
            let (left, right) = (
                mean(with.change, with.people),
                mean(without.change, without.people),
            );
            let share = ratio(with.at_the_time, with.people);
            rows.push([
                year.name.clone(),
                unit.to_owned(),
                codebook.competencies[competency].clone(),
                codebook.themes[codebook.pairs[pair]].clone(),
                with.people.to_string(),
                without.people.to_string(),
                optional(left),
                optional(right),
                optional(left.zip(right).map(|(left, right)| left - right)),
                optional(share.map(|share| share * planted)),
            ]);
        }
    }
    rows
}
