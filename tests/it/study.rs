//! Is the sample worth reading at the default policy? The study behind
//! `docs/accuracy.md`.
//!
//! ```text
//! LODESTAR_STUDY_RUNS=200 cargo test --test it study -- --nocapture
//! ```
//!
//! Each run draws all releases into fresh folders, by the steps of `run`, and
//! sees their numbers as they are published and as they are before anything is
//! masked, which a run doesn't tell. The secret is fixed, so that the bounded
//! truth is the same for all; noise never is.

mod asked;
mod consistency;
mod figures;
mod outcomes;
mod planned_error;
mod planted;
mod terms;
mod worlds;

use std::path::Path;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use lodestar::config::{self, Project};

use crate::exact_support::draws::{self, Coded, Inputs, fresh};
use crate::exact_support::{Brute, Truth};
use figures::Figures;

/// Runs side by side.
const THREADS: usize = 2;

/// The measures of sessions and head-counts.
const OF_SESSIONS: [&str; 5] = [
    "coaching_mix",
    "coverage",
    "engagement",
    "theme_prevalence",
    "trigger_mix",
];

const SHARE: (&str, &str) = ("theme_prevalence", "share");

fn runs() -> usize {
    number("LODESTAR_STUDY_RUNS", 2)
}

/// What a variable of the environment asks for.
fn number(name: &str, unless_asked: usize) -> usize {
    std::env::var(name).map_or(unless_asked, |text| text.parse().expect("a number"))
}

/// The sample, read once.
struct Acme {
    project: Project,
    brute: Brute,
    inputs: Inputs,
}

static ACME: LazyLock<Acme> = LazyLock::new(|| {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("data-samples/acme/lodestar.toml");
    let project = config::load(&config).unwrap();
    Acme {
        brute: Brute::read(&project),
        inputs: Inputs::read(&project),
        project,
    }
});

#[expect(clippy::print_stdout, reason = "its figures are what a study is for")]
fn study(what: &str, project: &Project) -> Figures {
    let (truth, inputs) = (Truth::of(&ACME.brute, project), &ACME.inputs);
    let coded = Coded::default();
    let (runs, started) = (runs(), AtomicUsize::new(0));
    let work = || {
        let mut figures = Figures::default();
        while started.fetch_add(1, Ordering::Relaxed) < runs {
            let (_folder, project) = fresh(project);
            for drawn in draws::releases_of(&project, inputs, &coded) {
                figures.add(&drawn, &truth);
            }
        }
        figures
    };
    let mut figures = Figures::default();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        for thread in threads {
            figures.merge(thread.join().unwrap());
        }
    });
    let lost = truth.lost(SHARE.0);
    println!(
        "{what}, {runs} runs; lost to max_cells: {:.2} %",
        lost * 100.0
    );
    println!("{figures}");
    assert!(lost <= 0.10);
    assert_eq!(figures.releases, runs * draws::periods(project).len());
    figures
}

/// The half-widths of shown shares at levels 0 and 1, in points, are at most
/// these; and most pairs are shown.
fn assert_worth_reading(figures: &Figures, widest: [f64; 2]) {
    figures.assert_sound();
    for (level, widest, shown) in [(0, widest[0], 0.95), (1, widest[1], 0.75)] {
        let counts = figures.sum(SHARE, Some(level), None);
        assert!(counts.ok.share() >= shown, "level {level}: {}", counts.ok);
        let points = counts.width() * 100.0;
        assert!(points <= widest, "level {level}: {points} points");
    }
}

#[test]
fn the_sample_is_worth_reading() {
    let mut project = ACME.project.clone();
    let measures = &mut project.measures;
    measures.retain(|measure| OF_SESSIONS.contains(&measure.name.as_str()));
    let figures = study("five measures of sessions", &project);
    assert_worth_reading(&figures, [1.0, 2.8]);
}

#[test]
fn themes_alone_are_worth_reading() {
    let mut project = ACME.project.clone();
    project.measures.retain(|measure| measure.name == SHARE.0);
    let figures = study("theme_prevalence alone", &project);
    assert_worth_reading(&figures, [0.7, 2.0]);
}
