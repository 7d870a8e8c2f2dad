//! What `dim_bound` says is lost, against a brute force: of keys that are kept, and
//! of sums, as they are and with twice the bound.

use std::collections::BTreeMap;

use lodestar::config::Project;
use lodestar::measure::{Kind, Measure};

use crate::exact_support::everything::{FRAMEWORK, MORE, org, people, sessions};
use crate::exact_support::project::{BEYOND, run};
use crate::exact_support::published::{Bounded, bounds};
use crate::exact_support::sums::{Counted, Sum};
use crate::exact_support::{Sample, Settings, Truth, draws};

const PERIODS: &str = r#"
[periods]
first = "2024-Q1"
last = "2024-Q2"
"#;

/// Measure and, of a clip, the statistic.
type Of = (String, Option<String>);

/// The project with every measure changed.
fn with(project: &Project, change: impl Fn(&mut Measure)) -> Project {
    let mut project = project.clone();
    project.measures.iter_mut().for_each(change);
    project
}

fn higher(measure: &mut Measure) {
    for statistic in &mut measure.statistics {
        statistic.kind = statistic.kind.clipped(|(low, high)| (low, 2.0 * high));
    }
}

/// The whole organisation's sums of a statistic, over all keys.
fn at_root(counted: &Counted, root: &str, at: usize) -> Sum {
    let everybody = (
        root.to_owned(),
        vec!["(all)".to_owned(); counted.values.len()],
    );
    let keys = counted.totals[&everybody].sums.iter();
    keys.fold(Sum::default(), |sum, key| Sum {
        over: sum.over + key[at].over,
        under: sum.under + key[at].under,
    })
}

/// A measure in a release: as it is, with clips doubled, and with `max_cells`
/// doubled. Up to so much is told apart.
struct Counts<'a> {
    as_is: &'a Counted,
    higher: &'a Counted,
    wider: &'a Counted,
}

/// What is lost of all that there is, and the bound.
fn expected(measure: &Measure, counts: &Counts<'_>, root: &str) -> BTreeMap<Of, (f64, f64)> {
    let mut all = BTreeMap::new();
    let mut add = |statistic: Option<&String>, kept: f64, seen: f64, bound: f64| {
        let of = (measure.name.clone(), statistic.cloned());
        all.insert(of, (1.0 - kept / seen, bound));
    };
    let counts_people = measure.asks(|kind| matches!(kind, Kind::Count(_) | Kind::Share(_)));
    let can_bite = counts.as_is.keys.len() > measure.max_cells as usize;
    if measure.is_keyed() && counts_people && can_bite {
        let [kept, seen] = [counts.as_is, counts.wider].map(|one| one.pairs.1 as f64);
        add(None, kept, seen, f64::from(measure.max_cells));
    }
    for (at, statistic) in measure.statistics.iter().enumerate() {
        let [kept, seen] = [counts.as_is, counts.higher].map(|one| at_root(one, root, at));
        match statistic.kind {
            Kind::Mean { clip, .. } => add(Some(&statistic.name), kept.over, seen.over, clip.1),
            Kind::Ratio { clip, .. } => add(Some(&statistic.name), kept.under, seen.under, clip),
            _ => {}
        }
    }
    all
}

#[test]
fn with_hardly_any_noise_what_is_lost_is_the_brute_forces() {
    let (org, people) = (org(), people());
    // Of each measure and statistic: the most that is lost in any release.
    let mut most: BTreeMap<Of, f64> = BTreeMap::new();
    for (seed, max_cells) in [(1, 2), (2, 4), (3, 1000), (4, 3)] {
        let settings = Settings::exact(3, 1, max_cells).and(MORE);
        let sessions = sessions(&people, seed);
        let declared = format!("{PERIODS}{FRAMEWORK}");
        let sample = Sample::by_hand(&declared, &settings, &org, &people, &sessions);
        let mut project = sample.project();
        project.privacy.epsilon = BEYOND;
        run(&project).unwrap();
        let truths = [
            project.clone(),
            with(&project, higher),
            with(&project, |measure| measure.max_cells *= 2),
        ];
        let truths = truths.map(|project| Truth::new(&project));
        for period in draws::periods(&project) {
            let release = period.name();
            let folder = project.publish.join("releases").join(&release);
            let mut all = BTreeMap::new();
            for measure in &project.measures {
                let tables = truths.each_ref();
                let tables = tables.map(|truth| truth.table(&release, &measure.name));
                if let [Some(as_is), Some(higher), Some(wider)] = tables {
                    let counts = Counts {
                        as_is,
                        higher,
                        wider,
                    };
                    all.extend(expected(measure, &counts, &project.organisation));
                }
            }
            for row in bounds(&folder) {
                let of = (row.measure.clone(), row.statistic.clone());
                let (lost, limit) = all.remove(&of).unwrap_or_else(|| panic!("no {row:?}"));
                assert_row(&row, lost, limit);
                let known = most.entry(of).or_default();
                *known = known.max(lost);
            }
            assert!(all.is_empty(), "{release}: nothing is told of {all:?}");
        }
    }
    let cut_off = most.values().filter(|lost| **lost > 0.01).count();
    assert!(cut_off > 8, "the sample reaches few bounds: {most:?}");
}

fn assert_row(row: &Bounded, lost: f64, limit: f64) {
    let of = if row.statistic.is_some() {
        "clip"
    } else {
        "max_cells"
    };
    assert_eq!(
        (row.bound.as_str(), row.status.as_str()),
        (of, "ok"),
        "{row:?}"
    );
    assert!((row.limit - limit).abs() < 1e-9, "{row:?}: {limit}");
    let (share, low, high) = row.lost.unwrap();
    assert!(
        low <= share && share <= high && high - low < 1e-3,
        "{row:?}"
    );
    assert!((share - lost).abs() < 1e-3, "{row:?}: {lost}");
}
