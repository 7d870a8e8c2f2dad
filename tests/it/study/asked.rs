//! What may be asked for beside the default set, each in a project of its own
//! that releases half-years or years.
//!
//! ```text
//! LODESTAR_STUDY_RUNS=400 cargo test --test it study::asked -- --nocapture
//! ```

use lodestar::calendar::Every;

use super::outcomes::{Large, study};
use super::worlds::{Another, World, configured, sample_by, set_spans};
use super::{number, runs};

/// Of the sample, and of further organisations as many as asked for.
fn hold_and_tell(measures: &str, every: Every, told: &[Large<'_>]) {
    let measures = configured(measures);
    let world = |at: usize| -> World {
        if at == 0 {
            sample_by(every, &measures)
        } else {
            Another::of(12_000, at).by(every, 2024, &measures)
        }
    };
    let worlds = number("LODESTAR_STUDY_ORGANISATIONS", 1);
    let name = &measures[0].name;
    let outcomes = study(&format!("{name} alone"), worlds, runs(), world);
    outcomes.assert_holds();
    outcomes.assert_tells(told);
}

#[test]
fn survey_items() {
    let told = ("survey_items", "mean", 1, "safe_climate", 0.8);
    hold_and_tell("[[measures]]\nuse = \"survey_items\"", Every::Half, &[told]);
}

#[test]
fn strength_shift() {
    hold_and_tell("[[measures]]\nuse = \"strength_shift\"", Every::Year, &[]);
}

#[test]
fn theme_outcome() {
    let told = ("theme_outcome", "difference", 0, "trust_between_teams", 0.8);
    hold_and_tell(
        "[[measures]]\nuse = \"theme_outcome\"",
        Every::Year,
        &[told],
    );
}

#[test]
fn rater_agreement() {
    hold_and_tell("[[measures]]\nuse = \"rater_agreement\"", Every::Year, &[]);
}

/// In one competency, so that nobody is in several cohorts.
#[test]
fn rater_agreement_in_one_competency() {
    let told = ("rater_agreement", "self_other_gap", 0, "feedback", 0.8);
    let measures = "
        [[measures]]
        use = \"rater_agreement\"
        filter = { competency = \"feedback\" }
        max_cells = 1
        levels = [0]
    ";
    hold_and_tell(measures, Every::Year, &[told]);
}

/// In divisions, too: of the sample, or of an organisation of as many people as
/// asked for.
#[test]
fn progress_of_divisions() {
    let measures = configured("[[measures]]\nuse = \"competency_progress\"\nlevels = [0, 1]");
    let people = number("LODESTAR_STUDY_PEOPLE", 12_000);
    let is_larger = people > 12_000;
    let outcomes = study("competency_progress alone", 1, runs(), |_| {
        if is_larger {
            Another::of(people, 1).by(Every::Half, 2024, &measures)
        } else {
            sample_by(Every::Half, &measures)
        }
    });
    outcomes.assert_holds();
    let told = if is_larger {
        [(1, "feedback"), (1, "adaptability")]
    } else {
        [(0, "collaboration"), (0, "adaptability")]
    };
    for (level, competency) in told {
        outcomes.assert_tells(&[("competency_progress", "change", level, competency, 0.8)]);
    }
}

/// `north_star` alone, in half-years of two years, of as many organisations as
/// asked for; a share tips at `tipping`, or where it is usual to.
fn two_years(what: &str, tipping: Option<f64>, told: &[Large<'_>]) {
    let measures = configured("[[measures]]\nuse = \"north_star\"");
    let worlds = number("LODESTAR_STUDY_ORGANISATIONS", 1);
    let outcomes = study(what, worlds, runs(), |at| {
        let two_years = Another {
            quarters: 8,
            ..Another::of(12_000, at + 1)
        };
        two_years.world(|project| {
            set_spans(project, Every::Half, 2025, &measures);
            let north_star = project.north_star.as_mut().unwrap();
            north_star.tipping_share = tipping.unwrap_or(north_star.tipping_share);
        })
    });
    outcomes.assert_holds();
    outcomes.assert_tells(told);
}

/// From three half-years on.
#[test]
fn pace() {
    let (table, last) = ("north_star", "adaptability, 2025-H2");
    let told = [
        (table, "tipping", 0, last, 0.8),
        (table, "pace_per_year", 0, last, 0.8),
    ];
    two_years("pace", None, &told);
}

/// What is there already is reached at no date, so here a share tips later.
#[test]
fn reached_by() {
    let told = ("north_star", "reached_by", 0, "adaptability, 2025-H2", 0.8);
    two_years("reached by", Some(0.6), &[told]);
}
