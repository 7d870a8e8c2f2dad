//! What `dim_bound` says is lost, against a brute force: of keys that are kept, and
//! of sums, as they are and with twice the bound.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use lodestar::config::Project;
use lodestar::insight::{Loss, losses};
use lodestar::measure::{Kind, Measure};
use lodestar_privacy::Public;
use lodestar_privacy::noisy::Noisy;

use crate::exact_support::everything::{FRAMEWORK, MORE, org, people, sessions};
use crate::exact_support::project::{BEYOND, BUILT_IN, run};
use crate::exact_support::published::{Bounded, bounds};
use crate::exact_support::sums::{Counted, Sum};
use crate::exact_support::{Sample, Settings, Truth, draws};
use crate::support::{HEADER, Project as Folder};

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

/// 120 people, every second of whom is coached, with a value of each of three
/// metrics; two in four have three more. Of the first metric they have, in turn, 1,
/// 3, 9 and 0.
fn measured() -> Folder {
    let project = Folder::empty();
    let source =
        |name: &str| format!("[sources.{name}]\npath = \"{name}.csv\"\nsynthetic = true\n");
    let metrics = [
        "range = [0, 10]\nclip = [0, 2]",
        "range = [0, 1]",
        "range = [0, 1]\nclip = [0.5, 1]",
        "range = [0, 1]",
        "range = [0, 1]",
        "range = [0, 1]",
    ];
    let metrics = (0..).zip(metrics);
    let metrics = metrics.map(|(at, text)| format!("[[metrics]]\nid = \"m{at}\"\n{text}\n"));
    let config = format!(
        "[project]\norganisation = \"Acme\"\n[periods]\nevery = \"half\"\nfirst = \"2025-H1\"\n\
         last = \"2025-H1\"\n[privacy]\nk = 3\nepsilon = 1e6\n{}{}{}{}{}\
         [[competencies]]\nid = \"adaptability\"\n\
         [[measures]]\nuse = \"business_outcomes\"\n\
         [[measures]]\nuse = \"business_outcomes\"\nname = \"outcomes_of_all\"\nmax_cells = 6\n",
        source("org"),
        source("people"),
        source("sessions"),
        source("outcomes"),
        metrics.collect::<String>(),
    );
    project.write("lodestar.toml", config);
    project.write("org.csv", "org_unit,label,parent\nnorth,North,Acme\n");
    let mut people = String::from("person_id,org_unit\n");
    let mut sessions = format!("{HEADER}\n");
    let mut outcomes = String::from("person_id,measured_on,metric,value\n");
    for n in 0..120 {
        let _ = writeln!(people, "p{n},north");
        if n % 2 == 0 {
            let _ = writeln!(
                sessions,
                "s{n},p{n},c{},2025-02-03,30,adaptability,,",
                n % 30
            );
        }
        let first = ["1", "3", "9", "0"][n % 4];
        let metrics = if n % 4 < 2 { 3 } else { 6 };
        for metric in 0..metrics {
            let value = if metric == 0 { first } else { "1" };
            let _ = writeln!(outcomes, "p{n},2025-03-01,m{metric},{value}");
        }
    }
    project.write("people.csv", people);
    project.write("sessions.csv", sessions);
    project.write("outcomes.csv", outcomes);
    project
}

#[test]
fn keys_of_cohorts_and_clips_of_metrics_are_as_worked_out_by_hand() {
    let project = measured();
    project.lodestar("run --as-of 2025-09-01").ok();
    let all = bounds(&project.path("published/releases/2025-H1"));
    let told = all.iter().map(|row| {
        let of = (
            row.measure.as_str(),
            row.bound.as_str(),
            row.metric.as_deref(),
        );
        (of, row.limit, row.lost.unwrap().0)
    });
    let told: Vec<_> = told.collect();
    // Half of the people have six keys, of which four count; the others three.
    let keys = 60.0 * 2.0 / (60.0 * 6.0 + 60.0 * 3.0);
    // Of 1, 3, 9 and 0 the clip leaves 1, 2, 2 and 0; it takes 1, and 2 at least.
    let clipped = 3.0 / 8.0;
    let expected = [
        (("business_outcomes", "clip", Some("m0")), 2, None),
        (("business_outcomes", "max_cells", None), 4, Some(keys)),
        (("outcomes_of_all", "clip", Some("m0")), 2, Some(clipped)),
    ];
    assert!(all.iter().all(|row| row.statistic.is_none()), "{all:?}");
    assert_eq!(told.len(), expected.len(), "{all:?}");
    for ((of, limit, lost), (expected, bound, share)) in told.into_iter().zip(expected) {
        assert_eq!((of, limit as u32), (expected, bound));
        // Whose m0 counts among four of six keys depends on the project's secret.
        let near = share.map_or(0.2..0.5, |share| share - 0.005..share + 0.005);
        assert!(near.contains(&lost), "{of:?}: {lost}");
    }
    project.verify("releases/2025-H1").ok();
    project.verify("current").ok();
}

/// Next to no noise: none at all would divide by zero.
fn truth(mut exact: Noisy, public: &Public) -> Vec<Loss> {
    for level in exact.kinds.iter_mut().flat_map(|kind| &mut kind.levels) {
        level.size.sigma = 1e-6;
    }
    for level in exact.blocks.iter_mut().flat_map(|block| &mut block.levels) {
        level.noise.sigma = 1e-6;
    }
    losses(&exact, public)
}

/// Of 95 % intervals of a release's bounds, drawn again and again, 95 % hold the
/// truth; where nothing is lost, and the lower end is cut off, more.
#[test]
fn intervals_of_what_is_lost_hold_the_truth() {
    const RELEASES: u32 = 300;
    let settings = Settings {
        epsilon: 60.0,
        ..Settings::exact(10, 1, 2).and(BUILT_IN)
    };
    let sample = Sample::synthetic(1_500, &settings);
    let project = sample.project();
    let inputs = draws::Inputs::read(&project);
    let period = project.calendar.first;
    let (rehearsal, script) = draws::rehearsal(&project, &inputs, period);
    let public = script.public();
    let truth = truth(rehearsal.exact(public).unwrap(), public);
    assert_eq!(truth.len(), 5, "{truth:?}");
    let mut held = vec![(0, 0); truth.len()];
    for _ in 0..RELEASES {
        let noisy = rehearsal.draw(&script).unwrap();
        for ((told, truth), (held, all)) in losses(&noisy, public).iter().zip(&truth).zip(&mut held)
        {
            assert_eq!((told.table, &told.of), (truth.table, &truth.of));
            let exact = truth.share.shown().unwrap().value;
            let Some(share) = told.share.shown() else {
                continue;
            };
            *held += u32::from(share.holds(exact));
            *all += 1;
        }
    }
    for ((held, all), truth) in held.into_iter().zip(&truth) {
        assert!(all > RELEASES / 2, "{truth:?} is shown {all} times");
        // 95 %, and more where the truth is nothing; of 300, by 4σ.
        let share = f64::from(held) / f64::from(all);
        assert!(share > 0.90, "{truth:?}: {share}");
    }
    let most = truth
        .iter()
        .filter_map(|one| Some(one.share.shown()?.value));
    assert!(most.fold(0.0, f64::max) > 0.1, "nothing is lost: {truth:?}");
}
