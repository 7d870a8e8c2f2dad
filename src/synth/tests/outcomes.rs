//! What is planted in outcomes is in their rows, and nothing else.

use super::rows::{Sample, half, number, outcomes, same, truth};
use super::*;

/// (half-year, metric, person) → mean value.
type Values = BTreeMap<(String, String, String), f64>;

fn values(folder: &Path) -> Values {
    let mut samples: BTreeMap<_, Sample> = BTreeMap::new();
    for (_, row) in outcomes(folder) {
        let key = (half(row.day), row.metric, row.person);
        samples.entry(key).or_default().add(row.value);
    }
    let mean = |(key, sample): (_, Sample)| (key, sample.mean());
    samples.into_iter().map(mean).collect()
}

/// The arms of departments, from the programme's table: (arm, start).
fn arms(folder: &Path) -> BTreeMap<String, (String, String)> {
    let rows = table(&folder.join("input/programmes.csv"));
    let arm = |row: Vec<String>| {
        let [programme, arm, starts, unit] = row.try_into().unwrap();
        assert_eq!(programme, "accelerate");
        (unit, (arm, starts))
    };
    rows.into_iter().map(arm).collect()
}

#[test]
fn rows_of_outcomes_keep_to_what_is_declared() {
    for people in [20, 300] {
        let (folder, _) = project(people, 1);
        let project = Project::read(folder.path());
        let mut ids = BTreeSet::new();
        for (file, row) in outcomes(folder.path()) {
            assert!(project.people.contains_key(&row.person));
            assert_eq!(half(row.day), file);
            let fits = match row.metric.as_str() {
                "absence_rate" => (0.0..=0.2).contains(&row.value),
                "retained" => [0.0, 1.0].contains(&row.value),
                "performance" => [1.0, 2.0, 3.0, 4.0, 5.0].contains(&row.value),
                _ => false,
            };
            assert!(fits && ids.insert((row.person, row.day, row.metric)));
        }
        // Absence in seven quarters, the others in three half-years.
        assert_eq!(ids.len(), people as usize * (7 + 2 * 3));
        let arms = arms(folder.path());
        let leaf = |unit: &String| !project.parents.values().any(|parent| parent == unit);
        assert!(arms.keys().all(leaf));
        assert!(arms.values().any(|(arm, _)| arm == "pilot"));
        assert!(
            arms.values()
                .all(|(arm, starts)| (arm == "comparison") == starts.is_empty())
        );
    }
}

#[test]
fn the_coached_of_the_sample_are_less_absent_and_stay() {
    let sample = Project::read(&sample_folder());
    let coached = sample.periods.iter().flat_map(|(_, rows)| rows);
    let coached: BTreeSet<_> = coached
        .map(|row| (half(row.day), row.coachee.clone()))
        .collect();
    let mut cells: BTreeMap<_, [Sample; 2]> = BTreeMap::new();
    for ((period, metric, person), value) in values(&sample_folder()) {
        let with = coached.contains(&(period.clone(), person.clone()));
        for unit in [org::ORGANISATION, sample.division(&person)] {
            let key = (period.clone(), unit.to_owned(), metric.clone());
            cells.entry(key).or_default()[usize::from(with)].add(value);
        }
    }
    let mut squares = Sample::default();
    let truth = truth("business_outcomes.csv");
    assert_eq!(truth.len(), 2 * 9 * 3);
    for row in truth {
        let key = ["period", "org_unit", "metric"].map(|name| row[name].clone());
        let [without, with] = cells[&key.into()];
        same(number(&row, "coached"), with.n);
        same(number(&row, "not_coached"), without.n);
        same(number(&row, "mean_coached"), with.mean());
        same(number(&row, "mean_not_coached"), without.mean());
        let difference = with.mean() - without.mean();
        same(number(&row, "difference"), difference);
        let error = (with.error() + without.error()).sqrt();
        let planted = match row["metric"].as_str() {
            "absence_rate" => -0.01,
            "retained" => 0.05,
            _ => 0.0,
        };
        same(number(&row, "expected_difference"), planted);
        squares.add(((difference - planted) / error).powi(2));
        let found = (difference / error).abs() > 4.5;
        if row["org_unit"] == org::ORGANISATION {
            assert_eq!(found, planted != 0.0, "{row:?}");
        }
    }
    assert!((0.6..=1.5).contains(&squares.mean()), "{squares:?}");
}

/// Mean changes of departments, by arm and department.
type Changes<'a> = BTreeMap<((String, String), &'a String), Sample>;

/// Changes of an arm.
struct Arm {
    people: f64,
    mean: f64,
    /// Means of its departments.
    units: Sample,
    /// Variance of such a mean, if people changed independently.
    within: f64,
}

impl Arm {
    fn of(changes: &Changes<'_>, name: &str, starts: &str) -> Self {
        let arm = (name.to_owned(), starts.to_owned());
        let own = changes.iter().filter(|((own, _), _)| *own == arm);
        let own: Vec<&Sample> = own.map(|(_, unit)| unit).collect();
        let people = own.iter().map(|unit| unit.n).sum();
        let mut units = Sample::default();
        for unit in &own {
            units.add(unit.mean());
        }
        Self {
            people,
            mean: own.iter().map(|unit| unit.mean() * unit.n).sum::<f64>() / people,
            units,
            within: own.iter().map(|unit| unit.error()).sum::<f64>() / units.n,
        }
    }
}

#[test]
fn the_programme_of_the_sample_works_on_absence_alone() {
    let sample = Project::read(&sample_folder());
    let (values, arms) = (values(&sample_folder()), arms(&sample_folder()));
    let changes = |metric: &str, base: &str, period: &str| {
        let mut units = Changes::new();
        for (person, (department, _)) in &sample.people {
            if let Some(arm) = arms.get(department) {
                let of =
                    |period: &str| values[&(period.to_owned(), metric.to_owned(), person.clone())];
                let unit = units.entry((arm.clone(), department)).or_default();
                unit.add(of(period) - of(base));
            }
        }
        units
    };
    let truth = truth("programme_effect.csv");
    let all = truth
        .iter()
        .filter(|row| row["org_unit"] == org::ORGANISATION);
    let mut rows = 0;
    for row in all {
        let start = row["start_cohort"].as_str();
        let (base, starts) = match start {
            "2024-H1" => ("2023-H2", "2024-01-01"),
            _ => ("2024-H1", "2024-07-01"),
        };
        let metric = row["metric"].as_str();
        let units = changes(metric, base, &row["period"]);
        let (pilot, comparison) = (
            Arm::of(&units, "pilot", starts),
            Arm::of(&units, "comparison", ""),
        );
        same(number(row, "pilot"), pilot.people);
        same(number(row, "comparison"), comparison.people);
        let effect = pilot.mean - comparison.mean;
        same(number(row, "effect"), effect);
        let error = (pilot.units.error() + comparison.units.error()).sqrt();
        let since = number(row, "periods_since_start");
        let planted = if metric == "absence_rate" {
            -0.015 * (since + 1.0)
        } else {
            0.0
        };
        same(number(row, "expected_effect"), planted);
        assert!((effect - planted).abs() < 4.5 * error, "{row:?} ± {error}");
        assert_eq!(
            effect.abs() > 4.5 * error,
            planted != 0.0,
            "{row:?} ± {error}"
        );
        // People of a department change together, and it matters.
        if planted != 0.0 {
            assert!(pilot.units.variance() > 4.0 * pilot.within);
        }
        rows += 1;
    }
    assert_eq!(rows, 3 * 3);
}
