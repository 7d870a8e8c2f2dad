//! What is planted in assessments is in their rows, and nothing else.

use super::rows::{Assessment, Sample, assessments, half, number, same, truth};
use super::*;

/// (person, competency, rater group) → scores before and after, and when.
type Scores = BTreeMap<(String, String, String), [(f64, i32); 2]>;

/// Pairs of a half-year, from the rows alone.
fn pairs(rows: &[(String, Assessment)], period: &str) -> Scores {
    let mut waves: BTreeMap<(String, String, String), Vec<&Assessment>> = BTreeMap::new();
    for (_, row) in rows {
        if row.instrument == "leadership360" && row.group != "peer" {
            let key = (
                row.subject.clone(),
                row.competency.clone(),
                row.group.clone(),
            );
            waves.entry(key).or_default().push(row);
        }
    }
    let pair = |(key, mut rows): (_, Vec<&Assessment>)| {
        rows.sort_by_key(|row| row.day);
        let is = |row: &&Assessment, wave| row.wave.as_deref() == Some(wave);
        let follows = |row: &&Assessment| is(row, "follow_up") && half(row.day) == period;
        let after = rows.iter().copied().rfind(follows)?;
        // Eighteen months are 547 days at least.
        let from = after.day - 547;
        let begins = |row: &&Assessment| is(row, "baseline") && row.day >= from;
        let before = rows.iter().copied().find(begins)?;
        let of = |row: &Assessment| (row.score, row.day);
        Some((key, [of(before), of(after)]))
    };
    waves.into_iter().filter_map(pair).collect()
}

/// Sessions of a person by half-year.
fn doses(sample: &Project) -> BTreeMap<(String, &str), f64> {
    let mut doses = BTreeMap::new();
    for row in sample.periods.iter().flat_map(|(_, rows)| rows) {
        *doses
            .entry((half(row.day), row.coachee.as_str()))
            .or_default() += 1.0;
    }
    doses
}

#[test]
fn rows_of_assessments_keep_to_what_is_declared() {
    for (people, folder) in [20, 300].map(|people| (people, project(people, 1).0)) {
        let project = Project::read(folder.path());
        let rows = assessments(folder.path());
        assert!(people == 20 || rows.len() > 200);
        let mut ids = BTreeSet::new();
        for (file, row) in &rows {
            assert!(project.people.contains_key(&row.subject));
            assert!(project.lists.contains_key(&row.competency));
            assert_eq!(&half(row.day), file);
            let key = (&row.subject, &row.competency, row.day, &row.rater);
            assert!(ids.insert((key, &row.group, &row.item)));
            if row.instrument == "pulse" {
                assert!(row.item.is_some() && row.wave.is_none() && row.group == "self");
                assert!((1.0..=10.0).contains(&row.score) && row.score.fract() == 0.0);
                continue;
            }
            assert_eq!(row.instrument, "leadership360");
            assert!((1.0..=5.0).contains(&row.score) && (2.0 * row.score).fract() == 0.0);
            assert!(row.item.is_none() && row.rater.is_some() == (row.group != "self"));
            assert!(row.rater.as_ref() != Some(&row.subject));
            let wave = row.wave.as_deref().unwrap();
            assert!(wave == "follow_up" || wave == "baseline" && row.group != "peer");
        }
        for period in ["2024-H1", "2024-H2"] {
            for [before, after] in pairs(&rows, period).values() {
                // The first score is of this round, not of one long before.
                assert!((150..270).contains(&(after.1 - before.1)));
            }
        }
    }
}

#[test]
fn nobody_is_assessed_in_a_competency_twice_within_two_years() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        quarters: 12,
        ..Options::new(300, 3, folder.path().to_owned())
    };
    generate(&options).unwrap();
    let rows = assessments(folder.path());
    let mut baselines: BTreeMap<_, Vec<i32>> = BTreeMap::new();
    let first = rows
        .iter()
        .filter(|(_, row)| row.wave.as_deref() == Some("baseline"));
    for (_, row) in first.filter(|(_, row)| row.group == "self") {
        let days = baselines
            .entry((&row.subject, &row.competency))
            .or_default();
        days.push(row.day);
    }
    assert!(baselines.values().any(|days| days.len() > 1));
    for days in baselines.values() {
        assert!(days.windows(2).all(|days| days[1] - days[0] > 330));
    }
    // With follow-ups seven months later there is one baseline in the 18 months
    // before each of them.
    let periods = ["2025-H1", "2025-H2", "2026-H1", "2026-H2"];
    let gaps = periods.map(|period| pairs(&rows, period));
    for [before, after] in gaps.iter().flat_map(BTreeMap::values) {
        assert!((150..270).contains(&(after.1 - before.1)));
    }
}

#[test]
fn progress_of_the_sample_is_what_was_planted() {
    let sample = Project::read(&sample_folder());
    let rows = assessments(&sample_folder());
    // Standardised distances from what is expected.
    let mut squares = Sample::default();
    let periods = ["2024-H1", "2024-H2"].map(|period| (period, pairs(&rows, period)));
    for (period, pairs) in &periods {
        let mut cells: BTreeMap<_, [Sample; 5]> = BTreeMap::new();
        for ((person, competency, group), [(before, _), (after, _)]) in pairs {
            for unit in [org::ORGANISATION, sample.division(person)] {
                let cell = cells.entry((unit, competency, group)).or_default();
                let change = after - before;
                let improved = f64::from(u8::from(change > 0.7515));
                let declined = f64::from(u8::from(change < -0.7515));
                for (sum, value) in cell
                    .iter_mut()
                    .zip([*before, *after, change, improved, declined])
                {
                    sum.add(value);
                }
            }
        }
        let truth = truth("competency_progress.csv");
        let truth: Vec<_> = truth
            .iter()
            .filter(|row| row["period"] == *period)
            .collect();
        assert_eq!(truth.len(), 9 * 12 * 2);
        for row in truth {
            let unit = row["org_unit"].as_str();
            let cell = cells[&(unit, &row["competency"], &row["rater_group"])];
            same(number(row, "pairs"), cell[0].n);
            let names = [
                "mean_baseline",
                "mean_follow_up",
                "change",
                "share_improved",
                "share_declined",
            ];
            for (name, sum) in names.iter().zip(cell) {
                same(number(row, name), sum.mean());
            }
            let (change, expected) = (cell[2], number(row, "expected_change"));
            squares.add((change.mean() - expected).powi(2) / change.error());
            let found = change.mean() / change.error().sqrt();
            let least = if unit == org::ORGANISATION { 0.1 } else { 0.25 };
            assert!(found > 4.0 || expected < least, "{row:?}");
            assert!(found.abs() < 4.5 || expected > 0.0, "{row:?}");
            if unit == org::ORGANISATION {
                let variance = f64::midpoint(cell[0].variance(), cell[1].variance());
                let g = change.mean() / variance.sqrt();
                assert!((g - number(row, "expected_hedges_g")).abs() < 0.15);
            }
        }
    }
    let mean = squares.mean();
    assert!((0.8..=1.2).contains(&mean), "{mean}");
}

#[test]
fn gains_of_the_sample_grow_with_sessions_and_only_the_coached_have_them() {
    let sample = Project::read(&sample_folder());
    let rows = assessments(&sample_folder());
    let doses = doses(&sample);
    let (mut dose, mut uncoached, mut product) = <(Sample, Sample, Sample)>::default();
    let mut changes = Vec::new();
    for period in ["2024-H1", "2024-H2"] {
        for ((person, competency, group), [before, after]) in pairs(&rows, period) {
            if competency != "adaptability" || group != "manager" {
                continue;
            }
            let change = after.0 - before.0;
            let sessions = doses.get(&(period.to_owned(), person.as_str()));
            match sessions {
                Some(&sessions) => {
                    dose.add(sessions);
                    changes.push((sessions, change));
                }
                None => uncoached.add(change),
            }
        }
    }
    assert!(uncoached.n > 100.0 && uncoached.mean().abs() < 4.5 * uncoached.error().sqrt());
    assert!((dose.mean() - 4.85).abs() < 4.5 * dose.error().sqrt());
    for (sessions, change) in changes {
        product.add((sessions - dose.mean()) * change);
    }
    let slope = product.mean() / dose.variance();
    let error = product.error().sqrt() / dose.variance();
    assert!(
        (slope - 0.35 / 4.85).abs() < 4.5 * error,
        "{slope} ± {error}"
    );
    assert!(slope > 4.5 * error);
}

#[test]
fn scores_of_the_sample_are_as_reliable_as_the_instrument() {
    let rows = assessments(&sample_folder());
    let (mut own, mut gap) = <(Vec<_>, Sample)>::default();
    let pairs = pairs(&rows, "2024-H2");
    for ((person, competency, group), [before, after]) in &pairs {
        // What nobody gains in.
        if competency == "inclusion" && group == "self" {
            own.push((before.0, after.0));
        }
        if group == "self" {
            let manager = (person.clone(), competency.clone(), "manager".to_owned());
            gap.add(before.0 - pairs[&manager][0].0);
        }
    }
    let (mut one, mut two, mut both) = <(Sample, Sample, Sample)>::default();
    for (before, after) in &own {
        one.add(*before);
        two.add(*after);
    }
    for (before, after) in &own {
        both.add((before - one.mean()) * (after - two.mean()));
    }
    let reliability = both.mean() / (one.variance() * two.variance()).sqrt();
    assert!((reliability - 0.85).abs() < 0.05, "{reliability}");
    assert!((one.variance().sqrt() - 0.7).abs() < 0.05);
    // The bias is 0.3, less what ends at the scale's end.
    assert!((gap.mean() - 0.3).abs() < 0.03, "{}", gap.mean());
}

#[test]
fn levels_of_the_sample_are_near_the_tipping_point_and_rise() {
    let sample = Project::read(&sample_folder());
    let rows = assessments(&sample_folder());
    let mut latest: BTreeMap<_, (i32, f64)> = BTreeMap::new();
    for (period, row) in &rows {
        if row.group == "manager" {
            let key = (period.clone(), &row.subject, &row.competency);
            let own = latest.entry(key).or_default();
            if row.day > own.0 {
                *own = (row.day, row.score);
            }
        }
    }
    let mut cells: BTreeMap<_, [Sample; 2]> = BTreeMap::new();
    for ((period, person, competency), (_, score)) in &latest {
        for unit in [org::ORGANISATION, sample.division(person)] {
            let cell = cells
                .entry((period.as_str(), unit, competency.as_str()))
                .or_default();
            cell[0].add(*score);
            cell[1].add(f64::from(u8::from(*score >= 4.0)));
        }
    }
    let mut squares = Sample::default();
    let mut targets: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for row in truth("skill_gap.csv") {
        let (period, unit) = (row["period"].as_str(), row["org_unit"].as_str());
        let [level, at_target] = cells[&(period, unit, row["competency"].as_str())];
        same(number(&row, "assessed"), level.n);
        same(number(&row, "mean_level"), level.mean());
        same(number(&row, "share_at_target"), at_target.mean());
        let expected = number(&row, "expected_share_at_target");
        squares
            .add((at_target.mean() - expected).powi(2) / (expected * (1.0 - expected)) * level.n);
        if unit == org::ORGANISATION {
            let shares = targets.entry(row["competency"].clone()).or_default();
            shares.push(expected);
        }
    }
    assert!((0.8..=1.2).contains(&squares.mean()), "{squares:?}");
    for target in growth::TARGETS {
        let shares = &targets[target];
        assert!(
            shares.windows(2).all(|two| two[0] + 0.02 < two[1]),
            "{shares:?}"
        );
        assert!(
            shares.iter().all(|share| (0.18..=0.35).contains(share)),
            "{target}: {shares:?}"
        );
    }
}

#[test]
fn a_theme_of_the_sample_goes_with_progress() {
    let sample = Project::read(&sample_folder());
    let rows = assessments(&sample_folder());
    let [organisation, ..] = &truth("theme_outcome.csv")[..] else {
        panic!("the organisation comes first");
    };
    let (competency, theme) = (&organisation["competency"], &organisation["theme"]);
    let year = sample
        .periods
        .iter()
        .filter(|(name, _)| name.starts_with("2024"));
    let has = |row: &&Row| row.competency == *competency && row.themes.contains(theme);
    let mut with: BTreeSet<(String, &str)> = BTreeSet::new();
    for row in year.flat_map(|(_, rows)| rows).filter(has) {
        with.insert((half(row.day), &row.coachee));
        with.insert(("2024".to_owned(), &row.coachee));
    }
    let mut sides = [Sample::default(); 2];
    let mut at_the_time = Sample::default();
    for period in ["2024-H1", "2024-H2"] {
        for ((person, of, group), [before, after]) in pairs(&rows, period) {
            if of == *competency && group == "manager" {
                let of_year = with.contains(&("2024".to_owned(), person.as_str()));
                sides[usize::from(of_year)].add(after.0 - before.0);
                let now = with.contains(&(period.to_owned(), person.as_str()));
                if of_year {
                    at_the_time.add(f64::from(u8::from(now)));
                }
            }
        }
    }
    let [without, with] = sides;
    same(number(organisation, "people_with"), with.n);
    same(number(organisation, "people_without"), without.n);
    let difference = with.mean() - without.mean();
    same(number(organisation, "difference"), difference);
    let error = (with.error() + without.error()).sqrt();
    let expected = number(organisation, "expected_difference");
    assert!(
        (difference - expected).abs() < 4.5 * error,
        "{difference} ± {error}"
    );
    assert!((expected - 0.6 * at_the_time.mean()).abs() < 0.02);
    assert!(difference > 4.5 * error && without.mean().abs() < 4.5 * without.error().sqrt());
}

#[test]
fn one_division_of_the_sample_answers_lower_about_its_climate() {
    let sample = Project::read(&sample_folder());
    let rows = assessments(&sample_folder());
    let mut cells: BTreeMap<_, [Sample; 2]> = BTreeMap::new();
    for (period, row) in &rows {
        let Some(item) = &row.item else { continue };
        for unit in [org::ORGANISATION, sample.division(&row.subject)] {
            let cell = cells
                .entry((period.as_str(), unit, item.as_str()))
                .or_default();
            cell[0].add(row.score);
            cell[1].add(f64::from(u8::from(row.score >= 10.0)));
        }
    }
    let mut low = BTreeSet::new();
    for row in truth("survey_items.csv") {
        let (unit, item) = (row["org_unit"].as_str(), row["item"].as_str());
        let cell = |unit| cells[&(row["period"].as_str(), unit, item)];
        let [answer, top] = cell(unit);
        same(number(&row, "asked"), answer.n);
        same(number(&row, "mean"), answer.mean());
        same(number(&row, "share_top_box"), top.mean());
        let [all, _] = cell(org::ORGANISATION);
        if all.mean() - answer.mean() > 4.5 * answer.error().sqrt() {
            low.insert((unit.to_owned(), item.to_owned()));
        }
    }
    let low: Vec<_> = low.into_iter().collect();
    assert!(
        matches!(&low[..], [(_, item)] if item == "safe_climate"),
        "{low:?}"
    );
}
