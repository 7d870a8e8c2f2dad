//! Releases drawn as `run` draws them, with their numbers before anything is
//! masked.

use std::collections::BTreeMap;
use std::sync::Mutex;

use lodestar::calendar::Period;
use lodestar::config::Project;
use lodestar::ingest::{self, Intake, Org, Request};
use lodestar::pipeline::{self, Run};
use lodestar_privacy::Public;
use lodestar_privacy::bound::Sketch;
use lodestar_privacy::noisy::Noisy;
use lodestar_privacy::release::release;
use lodestar_privacy::tally::Tally;
use tempfile::TempDir;

use super::project::keep_secret;
use super::published::Manifest;

/// From `first` to `last`.
pub(crate) fn periods(project: &Project) -> Vec<Period> {
    let all = std::iter::successors(Some(project.calendar.first), |period| Some(period.next()));
    all.take_while(|period| Some(*period) <= project.calendar.last)
        .collect()
}

/// The same project with nothing released yet, in folders of its own.
pub(crate) fn fresh(project: &Project) -> (TempDir, Project) {
    let folder = tempfile::tempdir().unwrap();
    let project = Project {
        state: folder.path().join("state"),
        publish: folder.path().join("published"),
        ..project.clone()
    };
    keep_secret(&project.state);
    (folder, project)
}

/// A project's inputs, read once: with one secret they are the same for all
/// draws.
pub(crate) struct Inputs {
    pub(crate) org: Org,
    pub(crate) intake: Intake,
}

impl Inputs {
    pub(crate) fn read(project: &Project) -> Self {
        let (_folder, project) = fresh(project);
        let org = Org::load(&project).unwrap();
        let key = Run::open(&project).unwrap().key();
        let (spans, earlier) = pipeline::wanted(&project, &org, &periods(&project));
        let request = Request {
            periods: &spans,
            outcome_spans: &earlier,
            ..Request::default()
        };
        let intake = ingest::read(&project, &org, &key, &request).unwrap();
        assert!(intake.refusal(&project).is_none());
        Self { org, intake }
    }
}

/// A release before anything is masked.
pub(crate) struct Drawn {
    pub(crate) noisy: Noisy,
    pub(crate) public: Public,
    /// What its manifest says.
    pub(crate) manifest: Manifest,
}

/// What was coded of a project's inputs, by period: with one secret it is the
/// same for all draws.
#[derive(Default)]
pub(crate) struct Coded(Mutex<BTreeMap<String, Sketch>>);

impl Coded {
    fn of(&self, period: Period, code: impl FnOnce() -> Sketch) -> Sketch {
        let known = self.0.lock().unwrap().get(&period.name()).cloned();
        known.unwrap_or_else(|| {
            let sketch = code();
            let copy = sketch.clone();
            self.0.lock().unwrap().insert(period.name(), copy);
            sketch
        })
    }
}

/// Draws and pays for a release of every period of a fresh project, by the
/// steps of a run. Only the copying to the published side is left out.
pub(crate) fn releases(project: &Project, inputs: &Inputs) -> Vec<Drawn> {
    releases_of(project, inputs, &Coded::default())
}

/// The same of what other draws of the project have coded.
pub(crate) fn releases_of(project: &Project, inputs: &Inputs, coded: &Coded) -> Vec<Drawn> {
    let mut run = Run::open(project).unwrap();
    let one = |period: &Period| {
        let (public, grant) = run.grant(&inputs.org, period, false).unwrap();
        let sketch = || run.sketch(&inputs.org, &public, period, &inputs.intake);
        let sketch = coded.of(*period, sketch);
        let tally = Tally::count(public, sketch).unwrap();
        let pending = release(tally, grant).unwrap();
        let (noisy, public) = (pending.noisy().unwrap().clone(), pending.public().clone());
        let released = run.commit(pending).unwrap();
        let mut files = released.files().iter();
        let manifest = files.find(|(name, _)| name == "manifest.json").unwrap();
        Drawn {
            noisy,
            public,
            manifest: Manifest::parse(&manifest.1),
        }
    };
    periods(project).iter().map(one).collect()
}
