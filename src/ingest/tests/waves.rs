//! Waves, levels, pairs, answers and agreement, worked out by hand; the order
//! of rows changes nothing.

use lodestar_privacy::public::VALUE_STEPS;
use proptest::prelude::*;

use super::instrument;
use crate::config::{Instrument, RaterGroup, Wave};
use crate::ingest::assessments::Assessment;
use crate::ingest::waves::{Scores, scores};

const STEPS: u32 = VALUE_STEPS as u32;

/// One row of a person by `rater` (0: without an id) on a day, of competency 0.
fn row(group: RaterGroup, rater: u64, day: i32, score: f64) -> Assessment {
    Assessment {
        person: 1,
        content: 0,
        rater: Some(rater).filter(|rater| *rater > 0),
        score,
        day,
        file: 0,
        competency: 0,
        instrument: 0,
        item: None,
        wave: None,
        group,
    }
}

fn own(day: i32, score: f64) -> Assessment {
    row(RaterGroup::SelfRated, 0, day, score)
}

fn labelled(wave: Wave, day: i32, score: f64) -> Assessment {
    Assessment {
        wave: Some(wave),
        ..own(day, score)
    }
}

fn of_item(item: u16, row: Assessment) -> Assessment {
    Assessment {
        item: Some(item),
        ..row
    }
}

fn read(rows: &[Assessment], span: (i32, i32)) -> Scores {
    scores(7, rows, span, &[instrument("pulse")])
}

/// The position of a score on 1 to 5.
fn at(score: f64) -> u32 {
    ((score - 1.0) / 4.0 * f64::from(STEPS)).round() as u32
}

/// The pair of the only group, if there is one.
fn pair(rows: &[Assessment], span: (i32, i32)) -> Option<(u32, u32)> {
    let found = read(rows, span).pairs;
    assert!(found.len() <= 1);
    found.first().map(|pair| (pair.baseline, pair.follow_up))
}

const Q: (i32, i32) = (1000, 1090);

#[test]
fn a_wave_takes_sixty_days_and_has_its_latest_day() {
    // 959 to 1018 is one wave: its day, 1018, is in the span; 1019 starts another.
    let rows = [own(959, 2.0), own(1018, 4.0)];
    let found = read(&rows, Q);
    assert_eq!(found.levels.len(), 1);
    assert_eq!(
        found.levels[0].level,
        at(4.0),
        "the latest row of the rater"
    );
    assert!(found.pairs.is_empty());
    let rows = [own(959, 2.0), own(1019, 4.0)];
    assert_eq!(pair(&rows, Q), Some((at(2.0), at(4.0))), "sixty days apart");
    // Later rows of the wave move it out of the span.
    assert!(read(&[own(1080, 2.0), own(1100, 4.0)], Q).levels.is_empty());
    assert_eq!(read(&[own(1080, 2.0)], Q).levels[0].member, 7);
}

#[test]
fn levels_are_means_of_items_then_of_raters() {
    let by = |rater, item, score| of_item(item, row(RaterGroup::Peer, rater, 1001, score));
    // Rater 1: (2 + 4) / 2; rater 2: 5.
    let rows = [by(1, 0, 2.0), by(1, 1, 4.0), by(2, 0, 5.0)];
    assert_eq!(read(&rows, Q).levels[0].level, at(4.0));
    // One peer is too few, one manager is not.
    assert!(read(&rows[..2], Q).levels.is_empty());
    let manager = [row(RaterGroup::Manager, 9, 1001, 3.0)];
    let level = read(&manager, Q).levels[0];
    assert_eq!((level.group, level.level), (RaterGroup::Manager, at(3.0)));
    // A wave of too few raters does not hide the one before.
    let later = row(RaterGroup::Peer, 1, 1070, 1.0);
    let rows = [rows.as_slice(), &[later]].concat();
    assert_eq!(read(&rows, Q).levels[0].level, at(4.0));
}

#[test]
fn follow_ups_and_baselines_are_found_by_label_first() {
    let rows = [
        labelled(Wave::Baseline, 700, 2.0),
        labelled(Wave::Baseline, 800, 3.0),
        own(650, 1.0),
        own(1085, 5.0),
        labelled(Wave::FollowUp, 1010, 4.0),
        labelled(Wave::Midpoint, 1050, 3.5),
    ];
    assert_eq!(
        pair(&rows, Q),
        Some((at(2.0), at(4.0))),
        "the first baseline"
    );
    assert_eq!(
        pair(&rows[..4], Q),
        Some((at(2.0), at(5.0))),
        "none labelled"
    );
    assert_eq!(pair(&rows[2..], Q), Some((at(1.0), at(4.0))), "no baseline");
    let midpoint = [rows[0], rows[3], rows[5]];
    assert_eq!(pair(&midpoint, Q), Some((at(2.0), at(3.5))), "a midpoint");
    // A baseline is never a follow-up, and a midpoint no baseline.
    let none = [own(800, 1.0), labelled(Wave::Baseline, 1010, 2.0)];
    assert_eq!(pair(&none, Q), None);
    let none = [labelled(Wave::Midpoint, 800, 1.0), own(1010, 2.0)];
    assert_eq!(pair(&none, Q), None);
    // A baseline in the span is a level of it all the same.
    let level = read(&[labelled(Wave::Baseline, 1010, 2.0)], Q).levels;
    assert_eq!(level[0].level, at(2.0));
    // The pair belongs to the follow-up's span.
    assert_eq!(pair(&rows, (1091, 1180)), None);
}

#[test]
fn a_baseline_is_eighteen_months_to_sixty_days_before() {
    // 2025-03-31 is day 20178; eighteen months before is 2023-09-30, 19630.
    let span = (20_100, 20_178);
    let with = |day| pair(&[own(day, 2.0), own(20_178, 4.0)], span);
    assert_eq!(with(19_630), Some((at(2.0), at(4.0))));
    assert_eq!(with(19_629), None);
    assert_eq!(with(20_118), Some((at(2.0), at(4.0))));
    assert_eq!(with(20_119), None, "one wave");
    // Of two waves that are close, the earlier is the baseline.
    let rows = [own(20_000, 1.0), own(20_060, 2.0), own(20_178, 4.0)];
    assert_eq!(pair(&rows, span), Some((at(1.0), at(4.0))));
    let close = [labelled(Wave::Baseline, 20_119, 1.0), own(20_178, 4.0)];
    assert_eq!(pair(&close, span), None, "fifty-nine days apart");
}

#[test]
fn answers_are_the_latest_own_row_of_an_item() {
    let elsewhere = |row| Assessment {
        competency: 1,
        ..row
    };
    let rows = [
        of_item(0, own(999, 1.0)),
        of_item(0, own(1001, 2.0)),
        of_item(0, own(1002, 4.0)),
        elsewhere(of_item(0, own(1001, 3.0))),
        of_item(1, own(1050, 5.0)),
        of_item(1, row(RaterGroup::Peer, 1, 1060, 1.0)),
        own(1070, 1.0),
    ];
    let found = read(&rows, Q).answers;
    let found: Vec<_> = found.iter().map(|a| (a.item, a.score)).collect();
    assert_eq!(found, [(0, at(3.5)), (1, at(5.0))]);
}

#[test]
fn how_others_see_a_person() {
    let peer = |rater, score| row(RaterGroup::Peer, rater, 1001, score);
    let manager = row(RaterGroup::Manager, 9, 1020, 3.0);
    let rated = |rows: &[Assessment]| {
        let found = read(rows, Q).ratings;
        found.first().map(|rated| (rated.gap, rated.r_wg))
    };
    assert_eq!(rated(&[own(1001, 4.0)]), None, "nobody else");
    assert_eq!(rated(&[manager]), None, "not oneself");
    // 4 less 3 is a quarter of the scale.
    let quarter = 16_384;
    let two = [own(1001, 4.0), manager];
    assert_eq!(rated(&two), Some((quarter, None)));
    assert_eq!(
        rated(&[own(1001, 4.0), manager, peer(1, 1.0)]),
        Some((quarter, None))
    );
    // Others 2, 3, 4: mean 3, variance 1; by chance (25 - 1) / 12 = 2.
    let rows = [own(1001, 4.0), manager, peer(1, 2.0), peer(2, 4.0)];
    assert_eq!(rated(&rows), Some((quarter, Some(32_768))));
    // 1, 5, 3: variance 4, twice what chance gives.
    let rows = [own(1001, 4.0), manager, peer(1, 1.0), peer(2, 5.0)];
    assert_eq!(rated(&rows), Some((quarter, Some(0))));
}

#[test]
fn agreement_over_several_items() {
    let peer = |rater, item, score| of_item(item, row(RaterGroup::Peer, rater, 1001, score));
    // Variances 0.5 and 0: q = 1 - 0.25 / 2 = 0.875; 1.75 / 1.875.
    let rows = [
        own(1001, 3.0),
        peer(1, 0, 3.0),
        peer(2, 0, 4.0),
        peer(1, 1, 2.0),
        peer(2, 1, 2.0),
    ];
    let expected = (1.75 / 1.875 * f64::from(STEPS)).round() as u32;
    let [rated] = read(&rows, Q).ratings[..] else {
        panic!("one")
    };
    assert_eq!(rated.r_wg, Some(expected));
    // (3 less 2.75) / 4.
    assert_eq!(rated.gap, 4096);
    // So far apart that q is below 0, where the fraction passes 1.
    let rows = [
        own(1001, 3.0),
        peer(1, 0, 1.0),
        peer(2, 0, 5.0),
        peer(1, 1, 1.0),
        peer(2, 1, 5.0),
    ];
    assert_eq!(read(&rows, Q).ratings[0].r_wg, Some(0));
    // Of items that only one of them rated there is no variance.
    let rows = [own(1001, 3.0), peer(1, 0, 1.0), peer(2, 1, 5.0)];
    assert_eq!(read(&rows, Q).ratings[0].r_wg, None);
    // In half steps there are nine categories: variance 1/2 is 2 in steps,
    // (81 - 1) / 12 by chance.
    let halves = Instrument {
        step: 0.5,
        ..instrument("pulse")
    };
    let peer = |rater, score| row(RaterGroup::Peer, rater, 1001, score);
    let rows = [own(1001, 3.0), peer(1, 3.0), peer(2, 4.0)];
    let rated = scores(7, &rows, Q, &[halves]).ratings;
    let expected = (0.7 * f64::from(STEPS)).round() as u32;
    assert_eq!(rated[0].r_wg, Some(expected));
}

/// A row, each of another natural key: by its number.
fn rows() -> impl Strategy<Value = Vec<Assessment>> {
    let wave = prop::sample::select(vec![
        None,
        Some(Wave::Baseline),
        Some(Wave::Midpoint),
        Some(Wave::FollowUp),
    ]);
    let group = prop::sample::select(RaterGroup::ALL.to_vec());
    let one = (
        0..2_u16,
        group,
        wave,
        0..40_i32,
        0..4_u64,
        0..3_u16,
        0..41_u32,
    );
    let one = one.prop_map(
        |(competency, group, wave, day, rater, item, score)| Assessment {
            competency,
            wave,
            item: item.checked_sub(1),
            ..row(group, rater, 700 + day * 10, 1.0 + f64::from(score) / 10.0)
        },
    );
    prop::collection::vec(one, 0..40).prop_map(|mut rows| {
        let key = |row: &Assessment| {
            (
                row.competency,
                row.group,
                row.wave,
                row.day,
                row.rater,
                row.item,
            )
        };
        rows.sort_by_key(key);
        rows.dedup_by_key(|row| key(row));
        rows
    })
}

proptest! {
    #[test]
    fn order_changes_nothing(
        (rows, shuffled) in rows().prop_flat_map(|rows| {
            let shuffled = Just(rows.clone()).prop_shuffle();
            (Just(rows), shuffled)
        }),
    ) {
        let found = read(&rows, Q);
        prop_assert_eq!(&found, &read(&shuffled, Q));
        prop_assert!(found.pairs.is_sorted() && found.levels.is_sorted());
        prop_assert!(found.answers.is_sorted() && found.ratings.is_sorted());
        for pair in &found.pairs {
            prop_assert!(pair.baseline.max(pair.follow_up) <= STEPS);
            // Who has a pair has a level, though a later wave may give it.
            let twin = found.levels.iter().find(|level| {
                (level.competency, level.group) == (pair.competency, pair.group)
            });
            prop_assert!(twin.is_some());
        }
        for rated in &found.ratings {
            prop_assert!(rated.gap.unsigned_abs() <= STEPS);
            prop_assert!(rated.r_wg.is_none_or(|r_wg| r_wg <= STEPS));
        }
    }
}
