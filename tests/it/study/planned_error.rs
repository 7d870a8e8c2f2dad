//! Is the noise that `plan` predicts that of the releases which follow?
//!
//! ```text
//! LODESTAR_STUDY_RUNS=40 cargo test --test it study::planned_error -- --nocapture
//! ```
//!
//! Of each run all releases of the sample are drawn; each is planned as it stood
//! before it, from what had been published by then, and as if nothing had been.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use lodestar::fit;
use lodestar::insight::figure::noise_of;
use lodestar::plan::{Basis, HEADCOUNTS, LevelPlan, plan};
use lodestar_privacy::ledger::{Records, stored};
use lodestar_privacy::public::{Statistic, Table};

use super::{ACME, THREADS, runs};
use crate::exact_support::draws::{self, Coded, Drawn, fresh};

/// Of what a table's first statistic is summed with at a level.
#[derive(Default)]
struct Told {
    /// As planned if nothing had been published, and from what was: σ, a plan each.
    blind: Vec<f64>,
    knowing: Vec<f64>,
    /// The sum of squares over the cohorts that were published, and how many.
    squares: f64,
    cohorts: u32,
}

impl Told {
    fn add(&mut self, sigma: f64) {
        self.squares += sigma * sigma;
        self.cohorts += 1;
    }

    /// Of the cohorts that were published, the root of the mean square.
    fn published(&self) -> f64 {
        (self.squares / f64::from(self.cohorts)).sqrt()
    }

    /// What was planned, on average, in what was published; `None`: it was not.
    fn ratios(&self) -> [Option<f64>; 2] {
        [&self.blind, &self.knowing].map(|all| {
            let mean = all.iter().sum::<f64>() / all.len() as f64;
            (!all.is_empty() && self.cohorts > 0).then(|| mean / self.published())
        })
    }
}

/// By table, level, and what it is of, a statistic or the size; and by period.
type All = BTreeMap<(String, u32, String), BTreeMap<String, Told>>;

const SIZE: &str = "(size)";

fn planned<'a>(
    all: &mut All,
    period: &str,
    levels: impl Iterator<Item = &'a LevelPlan>,
    into: fn(&mut Told) -> &mut Vec<f64>,
) {
    for level in levels {
        let Some(one) = level.statistics.first() else {
            continue;
        };
        for (what, sigma) in [(&one.statistic[..], one.sigma), (SIZE, level.sigma_size)] {
            let key = (level.table.clone(), level.level, what.to_owned());
            let periods = all.entry(key).or_default();
            into(periods.entry(period.to_owned()).or_default()).push(sigma);
        }
    }
}

/// The noise that is stated of a table's published cohorts.
fn published(all: &mut All, drawn: &Drawn, table: &Table) {
    let (noisy, public) = (&drawn.noisy, &drawn.public);
    let mut add = |kind: usize, level: u32, what: &str, sigma: &dyn Fn(usize) -> f64| {
        let key = (table.name.clone(), level, what.to_owned());
        let periods = all.entry(key).or_default();
        let told = periods.entry(public.period.name.clone()).or_default();
        let cohorts = fit::sizes(noisy, public, kind).forest().of_level(level);
        cohorts.for_each(|at| told.add(sigma(at)));
    };
    let of = |one: &Statistic| {
        let reads = public.reads(table, one);
        let one = Statistic {
            kind: one.kind.of_row(0).clone(),
            ..one.clone()
        };
        let unit = noise_of(&one, &public.blocks[reads], 1.0)?;
        Some((one.name, reads, unit))
    };
    let own = public.blocks[table.block].kind;
    let sizes = fit::sizes(noisy, public, own);
    let (name, reads, unit) = table.statistics.iter().find_map(of).unwrap();
    let kind = public.blocks[reads].kind;
    let deviations = fit::sizes(noisy, public, kind).deviations(noisy, reads);
    for &level in &public.blocks[reads].levels {
        add(kind, level, &name, &|at| deviations[at] * unit);
        add(own, level, SIZE, &|at| sizes.combined(at).1);
    }
}

fn one_run(all: &Mutex<All>, coded: &Coded) {
    let (_folder, project) = fresh(&ACME.project);
    let releases = draws::releases_of(&project, &ACME.inputs, coded);
    let records = Records::inspect(&project.state).unwrap();
    let bytes = stored(&project.state).unwrap();
    for (at, drawn) in releases.iter().enumerate() {
        let before = Records {
            charges: records.charges[..at].to_vec(),
            ..records.clone()
        };
        let levels = |published: usize| {
            let basis = Basis::new(&ACME.inputs.org, before.clone(), &bytes[..published]).unwrap();
            let next = plan(&project, &basis).unwrap().remove(0).releases.remove(0);
            next.tables
        };
        let (blind, knowing) = (levels(0), levels(at));
        let period = drawn.public.period.name.as_str();
        let mut all = all.lock().unwrap();
        planned(&mut all, period, blind.iter(), |told| &mut told.blind);
        let known = |level: &&LevelPlan| {
            let mut expects = level.expects.iter();
            expects.any(|expects| expects.from != HEADCOUNTS)
        };
        let knowing = knowing.iter().filter(known);
        planned(&mut all, period, knowing, |told| &mut told.knowing);
        for table in &drawn.public.tables {
            published(&mut all, drawn, table);
        }
    }
}

/// How far the noise of releases may be from what was planned before a first release and
/// from earlier ones, with many runs and with two. The last has a window of its own, so it selects
/// twice as many cohorts.
const FAR: f64 = 0.05;
const FAR_OF_FEW: f64 = 0.25;

/// Cohorts of a level in a release: where fewer show, those that do differ more
/// from each other than plans do.
const ENOUGH: f64 = 5.0;

#[test]
#[expect(clippy::print_stdout, reason = "its figures are what a study is for")]
fn planned_noise_is_that_of_releases() {
    let (all, coded) = (Mutex::new(All::new()), Coded::default());
    let (runs, started) = (runs(), AtomicUsize::new(0));
    let work = || {
        while started.fetch_add(1, Ordering::Relaxed) < runs {
            one_run(&all, &coded);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(work);
        }
    });
    println!("{runs} runs; planned in published: blind, and from earlier releases");
    let far = if runs < 20 { FAR_OF_FEW } else { FAR };
    let text = |ratio: Option<f64>| ratio.map_or("—".to_owned(), |ratio| format!("{ratio:.3}"));
    let mut judged = 0;
    for ((table, level, what), periods) in all.into_inner().unwrap() {
        for (period, told) in periods {
            let ratios = told.ratios();
            let [blind, knowing] = ratios;
            let cohorts = f64::from(told.cohorts) / runs as f64;
            let sigma = told.published();
            let name = format!("{table}.{what} | {level} | {period}");
            let (blind, said) = (text(blind), text(knowing));
            println!("| {name} | {cohorts:.1} | {sigma:.2} | {blind} | {said} |");
            for ratio in ratios.into_iter().flatten().filter(|_| cohorts >= ENOUGH) {
                assert!((ratio - 1.0).abs() <= far, "{name}: {ratio}");
                judged += 1;
            }
        }
    }
    assert!(judged > 60, "{judged}");
}
