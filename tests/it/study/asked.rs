//! What may be asked for beside the default set, each in a project of its own
//! that releases half-years or years.
//!
//! ```text
//! LODESTAR_STUDY_RUNS=400 cargo test --test it study::asked -- --nocapture
//! ```

use lodestar::calendar::Every;

use super::outcomes::{Large, study};
use super::worlds::{Another, World, configured, sample_by};
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

/// From three half-years on; it takes four for what is planted.
#[test]
fn pace() {
    let measures = configured("[[measures]]\nuse = \"north_star\"");
    let worlds = number("LODESTAR_STUDY_ORGANISATIONS", 1);
    let outcomes = study("pace", worlds, runs(), |at| {
        let two_years = Another {
            quarters: 8,
            ..Another::of(12_000, at + 1)
        };
        two_years.by(Every::Half, 2025, &measures)
    });
    outcomes.assert_holds();
    outcomes.assert_tells(&[
        ("north_star", "tipping", 0, "adaptability, 2025-H2", 0.8),
        (
            "north_star",
            "pace_per_year",
            0,
            "adaptability, 2025-H2",
            0.5,
        ),
    ]);
}
