//! With a budget so large that noise rounds to nothing, or nearly, every
//! published number is the brute force's.

use std::collections::BTreeMap;

use lodestar::config::{Privacy, Project};
use lodestar::measure::{Kind, Measure, Statistic};

use crate::exact_support::draws;
use crate::exact_support::everything::{FRAMEWORK, MORE, org, people, sessions};
use crate::exact_support::project::{BEYOND, BUILT_IN, EXACT, run};
use crate::exact_support::published::Noise;
use crate::exact_support::sums::{Cohort, Counted, Totals};
use crate::exact_support::{Manifest, Row, Sample, Settings, Truth, facts};

const PERIODS: &str = r#"
[periods]
first = "2024-Q1"
last = "2024-Q2"
"#;

/// What a table has to say of a cohort, and what the noise is like.
struct Expected<'a> {
    measure: &'a Measure,
    totals: &'a Totals,
    /// The whole organisation.
    root: &'a Totals,
    noise: &'a [Noise],
    privacy: &'a Privacy,
}

impl Expected<'_> {
    /// How far a sum may be off, in its unit. Where there is hardly any noise:
    /// one session, one minute, one of the currency. At the largest budget that
    /// a configuration takes, the noise on amounts is not nil: six standard
    /// deviations, and what rounding can do at most, half a step a person.
    fn slack(&self, (sigma, step): (f64, f64)) -> f64 {
        if self.privacy.epsilon > EXACT {
            1.0
        } else {
            6.0 * sigma + self.totals.people as f64 * step / 2.0
        }
    }

    /// A unit's share as a multiple of the organisation's, where both are shown.
    fn compare_lift(&self, row: &Row, key: usize, at: usize) {
        let about = format!("{} {row:?}", self.measure.name);
        let Some((value, low, high)) = row.given[at] else {
            return assert_ne!(row.statuses[at], "ok", "{about}");
        };
        assert!(row.level > 0 && low <= value && value <= high, "{about}");
        let share = |of: &Totals| of.sums[key][0].over / of.people as f64;
        let exact = share(self.totals) / share(self.root);
        assert!((value - exact).abs() < 1e-9, "{about}: {exact}");
    }

    /// Compares the numbers of a row; where the noise is a tenth of a person or
    /// less, counts are equal.
    fn compare(&self, row: &Row, key: usize) {
        let people = self.totals.people as f64;
        for (at, statistic) in self.measure.statistics.iter().enumerate() {
            let about = format!("{} {} {row:?}", self.measure.name, statistic.name);
            if of_shares(statistic.kind) {
                if statistic.kind == Kind::Lift {
                    self.compare_lift(row, key, at);
                }
                continue;
            }
            let sum = self.totals.sums[key][at];
            let (status, given) = (row.statuses[at].as_str(), row.given[at]);
            assert_eq!(given.is_some(), status == "ok", "{about}");
            let slack = self.slack(self.noise[at][0]);
            let counted = matches!(statistic.kind, Kind::Count(_) | Kind::Share(_));
            // A number of sessions tells of no more people.
            let tells = counted
                || match statistic.kind {
                    Kind::Mean { of, .. } | Kind::Ratio { of, .. } => of.counts(),
                    _ => false,
                };
            // Noise of less than a person is not nil, but where all that is measured
            // are numbers of people by key: they are whole.
            let plain = |one: &Statistic| {
                matches!(one.kind, Kind::Count(_) | Kind::Share(_)) || of_shares(one.kind)
            };
            let whole = self.measure.is_keyed() && self.measure.statistics.iter().all(plain);
            let near = if whole { 0.0 } else { slack.max(0.5) };
            let above = sum.over - f64::from(self.privacy.k);
            if tells && (above < -near || (above < near && status == "below_k")) {
                assert_ne!(status, "ok", "{about}: {sum:?}");
                assert!(!counted || status == "below_k", "{about}: {sum:?}");
                continue;
            }
            if let (Kind::Ratio { .. }, [_, whole]) = (statistic.kind, &*self.noise[at]) {
                // A whole within its noise gives no ratio.
                if status == "too_uncertain" && sum.under <= 50.0 * whole.0 {
                    continue;
                }
            }
            let (value, low, high) = given.unwrap_or_else(|| panic!("{about}: {sum:?}"));
            assert!(low <= value && value <= high, "{about}");
            let exact = self.totals.value(statistic.kind, key, at);
            let (off, slack) = match statistic.kind {
                Kind::Count(_) => (value - exact, 0.0),
                Kind::Share(_) | Kind::Mean { .. } => ((value - exact) * people, slack),
                Kind::Ratio { .. } => {
                    // Of the excess half; a whole that is off moves it by the
                    // distance from one half.
                    let whole = self.slack(self.noise[at][1]) * (exact - 0.5).abs();
                    ((value - exact) * sum.under, slack / 2.0 + whole)
                }
                other => panic!("{other:?} is of no session"),
            };
            assert!(
                off.abs() <= slack + 1e-6,
                "{about}: {exact}, {off} > {slack}"
            );
        }
    }
}

/// Whether a statistic is of a key's shares, here, elsewhere and before.
fn of_shares(kind: Kind) -> bool {
    matches!(kind, Kind::Lift | Kind::Rise | Kind::LogOdds | Kind::Trend)
}

/// A row's span, cohort and key.
type Place = (String, Cohort, Vec<String>);

/// Runs the project; every row that it publishes is one of the brute force's,
/// and the other way round. All rows, with their tables.
fn assert_exact(project: &Project) -> Vec<(String, Row)> {
    run(project).unwrap();
    let truth = Truth::new(project);
    let mut all = Vec::new();
    for measure in &project.measures {
        let rows = facts(&project.publish.join("current"), measure);
        all.extend(rows.iter().map(|row| (measure.name.clone(), row.clone())));
        let place = |row: &Row| (row.period.clone(), row.cohort.clone(), row.key.clone());
        let count = rows.len();
        let mut left: BTreeMap<Place, Row> =
            rows.into_iter().map(|row| (place(&row), row)).collect();
        assert_eq!(left.len(), count, "{}: a row twice", measure.name);
        for period in draws::periods(project) {
            let release = period.name();
            let manifest = Manifest::read(&project.publish.join("releases").join(&release));
            let counted = truth.table(&release, &measure.name);
            assert_eq!(counted.is_some(), manifest.has(&measure.name));
            if let Some(counted) = counted {
                assert_table(project, measure, counted, &manifest, &mut left);
            }
        }
        assert!(left.is_empty(), "{}: {left:?} too many", measure.name);
    }
    all
}

/// Takes the rows that one release has to publish from those that are left.
fn assert_table(
    project: &Project,
    measure: &Measure,
    counted: &Counted,
    manifest: &Manifest,
    left: &mut BTreeMap<Place, Row>,
) {
    let thresholds = manifest.thresholds(&measure.name);
    assert!(thresholds.iter().all(|threshold| *threshold <= 2));
    let span = manifest.span(&measure.name);
    let root = (
        project.organisation.clone(),
        vec!["(all)".to_owned(); counted.values.len()],
    );
    let visible = counted.visible(project.privacy.k, &thresholds).into_iter();
    let levels = measure.levels.as_ref();
    let asked = visible.filter(|(_, (level, _))| {
        levels.is_none_or(|levels| levels.contains(&level.unsigned_abs()))
    });
    for (cohort, (level, totals)) in asked {
        let expected = Expected {
            measure,
            totals: &totals,
            root: &counted.totals[&root],
            noise: &manifest.noise(&measure.name, level),
            privacy: &project.privacy,
        };
        for (key, id) in counted.keys.iter().enumerate() {
            let place = (span.clone(), cohort.clone(), id.clone());
            let row = left.remove(&place);
            let row = row.unwrap_or_else(|| panic!("{}: no {place:?}", measure.name));
            assert_eq!((row.level, row.people), (level, totals.people), "{row:?}");
            let (low, high) = row.people_interval;
            let people = row.people as f64;
            assert!(low <= people && people <= high && high - low < 1.0);
            expected.compare(&row, key);
        }
    }
}

#[test]
fn a_synthetic_organisation_is_counted_exactly() {
    for (k, coalition, max_cells) in [(10, 1, 4), (3, 0, 4), (10, 1, 1000)] {
        let settings = Settings::exact(k, coalition, max_cells).and(BUILT_IN);
        let project = Sample::synthetic(1_500, &settings);
        let rows = assert_exact(&project.project());
        for table in [
            "theme_prevalence",
            "coverage",
            "engagement",
            "trigger_mix",
            "coaching_mix",
        ] {
            let mine = rows.iter().filter(|(name, _)| name == table);
            let shown = mine.filter(|(_, row)| row.statuses[0] == "ok").count();
            let least = if table == "theme_prevalence" { 300 } else { 5 };
            assert!(shown >= least, "{table}: only {shown} rows are shown");
        }
    }
}

#[test]
fn a_small_organisation_with_everything_in_it_is_counted_exactly() {
    let (org, people) = (org(), people());
    let (mut groups, mut deepest) = (Vec::new(), 0);
    for (seed, k, coalition, max_cells) in [
        (1, 3, 1, 2),
        (2, 3, 1, 4),
        (3, 3, 1, 1000),
        (4, 4, 0, 1),
        (5, 5, 1, 4),
        (6, 2, 0, 1000),
        (7, 2, 1, 2),
    ] {
        let settings = Settings::exact(k, coalition, max_cells).and(MORE);
        let sessions = sessions(&people, seed);
        let declared = format!("{PERIODS}{FRAMEWORK}");
        let sample = Sample::by_hand(&declared, &settings, &org, &people, &sessions);
        let mut project = sample.project();
        if seed % 2 == 0 {
            project.privacy.epsilon = BEYOND;
        }
        let rows = assert_exact(&project);
        // What is about a half stands in the release that closes it alone.
        let of_a_half = |table: &str| table.ends_with("_of_a_half");
        let mut halves = rows.iter().filter(|(table, _)| of_a_half(table));
        assert!(halves.all(|(_, row)| row.period == "2024-H1"));
        let first = Manifest::read(&project.publish.join("releases/2024-Q1"));
        assert!(!first.has("engagement_of_a_half") && first.has("engagement"));
        // Nobody is coached in one unit: it appears with its head-count.
        let (_, row) = rows
            .iter()
            .find(|(table, row)| {
                let everybody = ("east".to_owned(), vec!["(all)".to_owned()]);
                table == "coverage" && row.period == "2024-Q1" && row.cohort == everybody
            })
            .unwrap();
        assert_eq!((row.people, &*row.given), (10, &[None, None][..]));
        assert_eq!(row.statuses, ["below_k", "below_k"]);
        for (_, row) in rows {
            deepest = deepest.max(row.level);
            let values = row.cohort.1.into_iter();
            let parts = [row.cohort.0].into_iter().chain(values);
            groups.extend(parts.filter(|part| part.starts_with("(other")));
        }
    }
    groups.sort();
    groups.dedup();
    let all = [
        "(other units) Acme",
        "(other units) north",
        "(other units) south",
        "(other)",
    ];
    assert_eq!(groups, all, "the sample does not try every rule");
    assert_eq!(deepest, 3);
}

/// Cohorts by two properties at once, of the head-count and of coachees.
const BY_TWO: &str = r#"
[[measures]]
use = "coverage"
dimensions = ["job_level", "site"]
[[measures]]
name = "minutes_by_site"
dimensions = ["site", "job_level"]
statistics = [{ name = "minutes_each", kind = "mean", of = "minutes" }]
clip = { minutes_each = [0, 300] }
"#;

#[test]
fn two_properties_of_people_are_counted_exactly() {
    let (org, mut people) = (org(), people());
    people.names.push("site".to_owned());
    for row in &mut people.rows {
        let number: usize = row[0].bytes().map(usize::from).sum();
        let site = ["here", "there", "here", "here", "elsewhere"][number % 5];
        row.push(site.to_owned());
    }
    let sites = "[dimensions]\nsite = [\"there\", \"here\", \"elsewhere\"]";
    let declared = format!("{PERIODS}{}", FRAMEWORK.replace("[dimensions]", sites));
    let mut seen = Vec::new();
    for (seed, k, coalition) in [(1, 2, 0), (2, 3, 1), (3, 4, 0)] {
        let settings = Settings::exact(k, coalition, 4).and(BY_TWO);
        let sessions = sessions(&people, seed);
        let sample = Sample::by_hand(&declared, &settings, &org, &people, &sessions);
        let rows = assert_exact(&sample.project()).into_iter();
        seen.extend(rows.map(|(_, row)| row.cohort.1));
    }
    for values in [
        ["(all)", "(other)"],
        ["(other)", "(all)"],
        ["(other)", "here"],
    ] {
        assert!(seen.iter().any(|one| *one == values), "{values:?}");
    }
}
