//! With a budget so large that there is hardly any noise, what is published of
//! assessments and outcomes is the brute force's: the same rows, sizes, and
//! statistics within the steps to which people's values are rounded.

use std::collections::{BTreeMap, BTreeSet};

use lodestar::config::Project;
use lodestar::declare;
use lodestar::measure::{Kind, Measure, Value};

use crate::exact_support::brute::{Brute, Standing};
use crate::exact_support::everything::{FRAMEWORK, org, people, sessions};
use crate::exact_support::measured::{DECLARED, assessments, measures, outcomes};
use crate::exact_support::people::{
    Asked, BASELINE, FLAG, FOLLOW_UP, Keyed, SQUARES, VALUE, to_targets,
};
use crate::exact_support::project::{BEYOND, run};
use crate::exact_support::published::Noise;
use crate::exact_support::sums::{Cohort, Counted, Totals};
use crate::exact_support::{Manifest, Row, Sample, Settings, draws, facts};

const PERIODS: &str = r#"
[periods]
first = "2024-Q1"
last = "2024-Q4"
"#;

/// Places that a scale has.
const STEPS: f64 = 65_536.0;

/// The cohorts that show, by whom they are.
type Shown = BTreeMap<Cohort, (i32, Totals)>;

/// What a row has to say.
struct Expected<'a> {
    measure: &'a Measure,
    brute: &'a Brute,
    k: f64,
    ids: &'a [String],
    own: &'a Totals,
    /// Number of the key within the cohort.
    key: usize,
    /// The cohort beside it, if there is one and it shows.
    other: Option<&'a Totals>,
    coachees: Option<&'a Totals>,
    everybody: Option<&'a Totals>,
    noise: &'a [Noise],
}

/// A number, and by how much it may be off; or the status that stands for it.
enum Is {
    Near(f64, f64),
    Not(&'static str),
    /// Not looked at here.
    Anything,
}

impl Expected<'_> {
    /// From the lowest place of a statistic to the highest, in its unit; and the
    /// lowest.
    fn scale(&self) -> (f64, f64) {
        let named = |id: &String| {
            let mut all = self.brute.instruments.iter();
            all.find(|one| one.label.id == *id)
        };
        let own = self
            .measure
            .instrument
            .map(|at| &self.brute.instruments[at]);
        if let Some(instrument) = own.or_else(|| named(&self.ids[0])) {
            return (instrument.max - instrument.min, instrument.min);
        }
        let mut metrics = self.brute.metrics.iter();
        let metric = metrics.find(|one| one.label.id == self.ids[0]).unwrap();
        (metric.clip.1 - metric.clip.0, metric.clip.0)
    }

    /// How far a sum of places may be off: six standard deviations of its noise,
    /// half a step of rounding a person, and a step where values are differences.
    fn slack(&self, at: usize, people: i64) -> f64 {
        let (sigma, step) = self.noise[at][0];
        (6.0 * sigma + people as f64 * (step / 2.0 + 1.0)) / STEPS
    }

    fn sum(&self, totals: &Totals, moment: usize) -> f64 {
        totals.sums[self.key][moment].over
    }

    fn mean(&self, totals: &Totals, moment: usize) -> f64 {
        self.sum(totals, moment) / totals.people as f64
    }

    /// A share of people for whom a flag holds.
    fn share(&self, moment: usize, of: i64, at: usize) -> Is {
        let (sigma, step) = self.noise[at][0];
        // Flags that are counted in whole people are not rounded.
        let rounding = if step < 1.0 { step / 2.0 } else { 0.0 };
        let slack = 6.0 * sigma + self.own.people as f64 * rounding;
        let count = self.sum(self.own, moment);
        if count < self.k - slack {
            Is::Not("below_k")
        } else if count <= self.k + slack {
            Is::Anything
        } else {
            Is::Near(count / of as f64, slack / of as f64)
        }
    }

    fn of(&self, at: usize) -> Is {
        let statistic = &self.measure.statistics[at];
        let (range, low) = if to_targets(self.measure) {
            (1.0, 0.0)
        } else {
            self.scale()
        };
        let n = self.own.people as f64;
        let side = if statistic.of_other {
            self.other
        } else {
            Some(self.own)
        };
        let target = self.brute.target(&self.ids[0]);
        match statistic.kind {
            Kind::MeanOf(of) => {
                let Some(side) = side else {
                    return Is::Not("cohort_missing");
                };
                let slack = self.slack(at, side.people) / side.people as f64;
                let (moment, range, low) = match of {
                    Value::FollowUp => (FOLLOW_UP, range, low),
                    Value::Gain | Value::SelfOtherGap => (VALUE, range, 0.0),
                    Value::Agreement => (FLAG, 1.0, 0.0),
                    _ => (VALUE, range, low),
                };
                Is::Near(low + range * self.mean(side, moment), 2.0 * range * slack)
            }
            Kind::Gap => {
                let Some(target) = target else {
                    return Is::Not("not_declared");
                };
                let instrument = &self.brute.instruments[self.measure.instrument.unwrap()];
                let level = low + range * self.mean(self.own, VALUE);
                let gap = target.level - level;
                let gap = if instrument.higher_is_better {
                    gap
                } else {
                    -gap
                };
                Is::Near(gap, range * self.slack(at, self.own.people) / n)
            }
            Kind::Change => {
                let change = self.mean(self.own, FOLLOW_UP) - self.mean(self.own, BASELINE);
                Is::Near(
                    range * change,
                    2.0 * range * self.slack(at, self.own.people) / n,
                )
            }
            Kind::EffectSize => self.effect(at),
            Kind::Difference(_) => {
                let Some(other) = self.other else {
                    return Is::Not("cohort_missing");
                };
                let difference = self.mean(self.own, VALUE) - self.mean(other, VALUE);
                let slack = |side: &Totals| self.slack(at, side.people) / side.people as f64;
                let slack = 2.0 * range * (slack(self.own) + slack(other));
                Is::Near(range * difference, slack)
            }
            Kind::Share(_) if self.own.sums.len() > 1 => self.share(VALUE, self.own.people, at),
            Kind::Share(lodestar::measure::Condition::Flag(of)) => match of {
                Value::AtTarget if target.is_none() && self.ids[0] != "(all)" => {
                    Is::Not("not_declared")
                }
                Value::Improved => self.share(2, self.own.people, at),
                Value::Declined => self.share(3, self.own.people, at),
                _ => self.share(FLAG, self.own.people, at),
            },
            Kind::ShareOfPeople => match self.everybody {
                None => Is::Not("cohort_missing"),
                Some(everybody) => self.share(FLAG, everybody.people, at),
            },
            Kind::Focus { .. } => match self.coachees {
                None => Is::Not("cohort_missing"),
                Some(coachees) => {
                    let sum = coachees.sums[0][0];
                    Is::Near(sum.over / sum.under, 1e-3)
                }
            },
            _ => Is::Anything,
        }
    }

    /// Hedges' g, by the average of both waves' standard deviations.
    fn effect(&self, at: usize) -> Is {
        let n = self.own.people as f64;
        let variance = |moment: usize| {
            let (mean, squares) = (self.mean(self.own, moment), SQUARES + moment);
            (self.mean(self.own, squares) - mean * mean) * n / (n - 1.0)
        };
        let instrument = &self.brute.instruments[self.measure.instrument.unwrap()];
        let step = instrument.step / (instrument.max - instrument.min);
        let least = step * step / 12.0;
        let average = f64::midpoint(variance(BASELINE), variance(FOLLOW_UP));
        if average < least * 1.01 {
            return Is::Anything;
        }
        let change = self.mean(self.own, FOLLOW_UP) - self.mean(self.own, BASELINE);
        let g = (1.0 - 3.0 / (4.0 * (n - 1.0) - 1.0)) * change / average.sqrt();
        let slack = 2.0 * self.slack(at, self.own.people) / (n - 1.0);
        Is::Near(g, slack / average.sqrt() + 2.0 * g.abs() * slack / average)
    }

    fn compare(&self, row: &Row, seen: &mut BTreeMap<(String, &'static str), usize>) {
        for (at, statistic) in self.measure.statistics.iter().enumerate() {
            let about = format!("{} {} {row:?}", self.measure.name, statistic.name);
            let name = format!("{}.{}", self.measure.name, statistic.name);
            match (self.of(at), row.given[at]) {
                (Is::Near(exact, slack), Some((value, low, high))) => {
                    let slack = slack + 1e-9;
                    assert!(
                        (value - exact).abs() <= slack,
                        "{about}: {exact} +- {slack}"
                    );
                    assert!(low <= value && value <= high, "{about}");
                    assert_eq!(row.statuses[at], "ok", "{about}");
                    *seen.entry((name, "ok")).or_default() += 1;
                }
                (Is::Near(exact, _), None) => panic!("{about}: {exact}"),
                (Is::Not(status), given) => {
                    assert!(given.is_none(), "{about}: {status}");
                    assert_eq!(row.statuses[at], status, "{about}");
                    *seen.entry((name, status)).or_default() += 1;
                }
                (Is::Anything, _) => {}
            }
        }
    }
}

/// A cohort of another family that shows and is of the same units and values.
fn beside<'a>(
    cohort: &Cohort,
    own: (&Counted, &Shown),
    other: Option<&'a (&Counted, Shown)>,
) -> Option<&'a Totals> {
    let (counted, shown) = other?;
    let (_, totals) = shown.get(cohort)?;
    let names = |shown: &Shown| shown.keys().cloned().collect::<BTreeSet<Cohort>>();
    let mine = own.0.parts(cohort, &names(own.1));
    let theirs = counted.parts(cohort, &names(shown));
    (mine == theirs).then_some(totals)
}

/// How often each statistic had each status.
type Seen = BTreeMap<(String, &'static str), usize>;

/// Runs the project and compares every row of every table of people.
fn assert_exact(project: &Project, seen: &mut Seen) {
    run(project).unwrap();
    let brute = Brute::read(project);
    for period in draws::periods(project) {
        let span = |measure: &&Measure| declare::span(project, measure.every, &period);
        let due = project.measures.iter().filter(|measure| {
            span(measure).end() == period.end()
                && span(measure).start() >= project.calendar.first.start()
        });
        let due: Vec<&Measure> = due.collect();
        let release = period.name();
        for measure in due.iter().filter(|one| !one.cohort.is_of_sessions()) {
            let asked = Asked {
                measure,
                due: &due,
                release: &release,
                coalition: project.privacy.coalition,
            };
            let standing = brute.standing(&span(measure).name());
            assert_table(project, &brute, &standing, &asked, seen);
        }
    }
}

/// One table of one release: no row is missing, and none too many.
fn assert_table(
    project: &Project,
    brute: &Brute,
    standing: &Standing<'_>,
    asked: &Asked<'_>,
    seen: &mut Seen,
) {
    let (measure, k) = (asked.measure, project.privacy.k);
    let folder = project.publish.join("releases").join(asked.release);
    let manifest = Manifest::read(&folder);
    let rows = facts(&folder, measure);
    let count = rows.len();
    let place = |row: &Row| (row.cohort.clone(), row.key.clone());
    let mut left: BTreeMap<_, Row> = rows.into_iter().map(|row| (place(&row), row)).collect();
    assert_eq!(left.len(), count, "{}: a row twice", measure.name);
    let shown = |counted: &Counted, name: &str| {
        let thresholds = manifest.thresholds_beside(&measure.name, name);
        assert!(thresholds.iter().all(|threshold| *threshold <= 2));
        counted.visible(k, &thresholds)
    };
    let everybody = to_targets(measure).then(|| brute.everybody(standing, measure));
    let everybody = everybody.as_ref().map(|all| (all, shown(all, "headcount")));
    for Keyed {
        ids,
        counted,
        other,
    } in brute.by_key(standing, asked)
    {
        let own = shown(&counted, "");
        let other = other.as_ref().map(|other| (other, shown(other, "")));
        let focus = measure.statistics.iter().find_map(|one| match one.kind {
            Kind::Focus { clip } => Some(clip),
            _ => None,
        });
        let coalition = asked.coalition;
        let focus = focus.map(|clip| brute.focus(standing, measure, (&ids[0], clip), coalition));
        let focus = focus.as_ref().map(|one| (one, shown(one, "coachees")));
        let levels = measure.levels.as_ref();
        let asked_for = own.iter().filter(|(_, (level, _))| {
            levels.is_none_or(|levels| levels.contains(&level.unsigned_abs()))
        });
        for (cohort, (level, totals)) in asked_for {
            let beside = |other: Option<_>| beside(cohort, (&counted, &own), other);
            for (key, within) in counted.keys.iter().enumerate() {
                let expected = Expected {
                    measure,
                    brute,
                    k: f64::from(k),
                    ids: &ids,
                    own: totals,
                    key,
                    other: beside(other.as_ref()),
                    coachees: beside(focus.as_ref()),
                    everybody: beside(everybody.as_ref()),
                    noise: &manifest.noise(&measure.name, *level),
                };
                let place = (cohort.clone(), [&ids[..], within].concat());
                let row = left.remove(&place);
                let row = row.unwrap_or_else(|| panic!("{}: no {place:?}", measure.name));
                assert_eq!((row.level, row.people), (*level, totals.people), "{row:?}");
                for (name, size) in &row.beside {
                    let other = match name.as_str() {
                        "coachees" => expected.coachees,
                        "headcount" => expected.everybody,
                        _ => expected.other,
                    };
                    let exact = other.map(|other| other.people);
                    assert_eq!(*size, exact, "{} {name} {row:?}", measure.name);
                }
                expected.compare(&row, seen);
            }
        }
    }
    assert!(left.is_empty(), "{}: {left:?} too many", measure.name);
}

fn sample(seed: u64, (k, coalition, max_cells): (u32, u32, u32)) -> Sample {
    let (org, people) = (org(), people());
    let settings = Settings::exact(k, coalition, 4).and(measures(max_cells));
    let declared = format!("{PERIODS}{FRAMEWORK}{DECLARED}");
    let mut sessions = sessions(&people, seed);
    // Everything once more, in the second half of the year.
    let mut later = sessions.rows.clone();
    for row in later.iter_mut().filter(|row| row.len() > 4) {
        row[0] = format!("later {}", row[0]);
        for (month, other) in [("-01-", "-09-"), ("-02-", "-10-"), ("-03-", "-12-")] {
            row[3] = row[3].replace(month, other);
        }
    }
    sessions.rows.extend(later);
    Sample::by_hand(&declared, &settings, &org, &people, &sessions)
        .with("assessments", &assessments(&people, seed))
        .with("outcomes", &outcomes(&people, seed))
}

#[test]
fn assessments_and_outcomes_are_counted_exactly() {
    let mut seen = Seen::new();
    for (seed, settings) in [
        (1, (3, 1, 1000)),
        (2, (2, 0, 1000)),
        (3, (4, 1, 2)),
        (4, (2, 1, 3)),
    ] {
        let sample = sample(seed, settings);
        let mut project = sample.project();
        project.privacy.epsilon = BEYOND;
        assert_exact(&project, &mut seen);
    }
    for (name, status, least) in [
        ("competency_progress.hedges_g", "ok", 20),
        ("competency_progress.share_improved", "ok", 10),
        ("competency_progress.share_declined", "below_k", 1),
        ("progress_in_stress.change", "ok", 10),
        ("skill_gap.gap", "ok", 20),
        ("skill_gap.gap", "not_declared", 5),
        ("stress_gap.share_at_target", "ok", 5),
        ("north_star.focus_share", "ok", 10),
        ("north_star.share_at_target", "ok", 10),
        ("north_star.share_at_target_of_people", "ok", 10),
        ("business_outcomes.difference", "ok", 10),
        ("business_outcomes.difference", "cohort_missing", 1),
        ("survey_items.share_top_box", "ok", 10),
        ("rater_agreement.r_wg", "ok", 5),
        ("rater_agreement.self_other_gap", "ok", 5),
        ("strength_shift.share", "ok", 10),
        ("shift_of_stress.share", "ok", 5),
        ("theme_outcome.difference", "ok", 5),
    ] {
        let times = seen.get(&(name.to_owned(), status)).copied();
        assert!(
            times >= Some(least),
            "{name} {status}: {times:?}, {seen:#?}"
        );
    }
}
