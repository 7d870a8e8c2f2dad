//! Is the sample worth reading at the default policy? The study behind
//! `docs/accuracy.md`.
//!
//! ```text
//! LODESTAR_STUDY_RUNS=200 cargo test --test it study -- --nocapture
//! ```
//!
//! Each of the runs is two: a whole `run` into fresh folders, for what is
//! published; and the same releases drawn again into other fresh folders, for
//! the numbers before anything is masked, which a run doesn't tell. The secret
//! is fixed, so that the bounded truth is the same for all; noise never is.

mod figures;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use lodestar::config::{self, Project};

use crate::exact_support::draws::{self, Inputs, fresh};
use crate::exact_support::project::run;
use crate::exact_support::published::{manifest, sigmas};
use crate::exact_support::{Truth, facts};
use figures::Figures;

/// Runs side by side.
const THREADS: usize = 2;

fn runs() -> usize {
    let runs = std::env::var("LODESTAR_STUDY_RUNS");
    runs.map_or(3, |runs| runs.parse().expect("a number of runs"))
}

/// One run, and its twin.
fn one(project: &Project, inputs: &Inputs, truth: &Truth) -> Figures {
    let mut figures = Figures::default();
    let (_published, published) = fresh(project);
    run(&published).unwrap();
    let (_twin, twin) = fresh(project);
    for drawn in draws::releases(&twin, inputs) {
        let release = published.publish.join("releases");
        let release = release.join(drawn.public.release_id());
        assert_eq!(sigmas(&manifest(&release)), drawn.sigmas);
        figures.add_published(&facts(&release), truth);
        figures.add_drawn(&drawn.noisy, &drawn.public, truth);
    }
    figures
}

#[test]
#[expect(clippy::print_stdout, reason = "its figures are what a study is for")]
fn the_sample_is_worth_reading() {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("data-samples/acme/lodestar.toml");
    let project = config::load(&config).unwrap();
    let (truth, inputs) = (Truth::new(&project), Inputs::read(&project));
    let (runs, started) = (runs(), AtomicUsize::new(0));
    let work = || {
        let mut figures = Figures::default();
        while started.fetch_add(1, Ordering::Relaxed) < runs {
            figures.merge(one(&project, &inputs, &truth));
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
    println!(
        "{runs} runs; lost to max_cells: {:.2} %",
        truth.lost() * 100.0
    );
    println!("{figures}");
    assert!(truth.lost() <= 0.10);
    assert_eq!(figures.releases, runs * draws::periods(&project).len());
    figures.assert_worth_reading();
}
