//! Organisations with their truth, and what is measured of them.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use jiff::civil::date;
use lodestar::calendar::{Every, Period};
use lodestar::config::{self, Project};
use lodestar::measure::Measure;
use lodestar::synth;

use super::outcomes::{Tables, seen};
use super::planted::Planted;
use crate::exact_support::draws::{self, Coded, Inputs, fresh};
use crate::exact_support::project::BEYOND;

/// An organisation with its truth, and what is measured of it.
pub(super) struct World {
    pub(super) project: Project,
    pub(super) inputs: Arc<Inputs>,
    pub(super) coded: Coded,
    pub(super) planted: Planted,
    pub(super) exact: Tables,
}

impl World {
    /// `folder` holds its truth.
    fn new(project: Project, inputs: Arc<Inputs>, folder: &Path) -> Self {
        let (_folder, mut open) = fresh(&project);
        open.privacy.epsilon = BEYOND;
        open.privacy.k = 1;
        open.privacy.coalition = 0;
        let coded = Coded::default();
        let exact = draws::releases_of(&open, &inputs, &coded);
        Self {
            planted: Planted::read(folder, &project),
            exact: exact.iter().flat_map(seen).collect(),
            inputs,
            coded,
            project,
        }
    }
}

/// The sample's folder.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data-samples/acme")
}

pub(super) static ACME: LazyLock<Project> =
    LazyLock::new(|| config::load(&folder().join("lodestar.toml")).unwrap());

/// What any measure reads.
static INPUTS: LazyLock<Arc<Inputs>> = LazyLock::new(|| {
    let project = Project {
        measures: everything(),
        ..ACME.clone()
    };
    Arc::new(Inputs::read(&project))
});

/// The sample with these measures.
pub(super) fn sample(measures: Vec<Measure>) -> World {
    let project = Project {
        measures,
        ..ACME.clone()
    };
    World::new(project, INPUTS.clone(), &folder())
}

/// The sample in a project that releases 2024 alone, in spans of `every`.
pub(super) fn sample_by(every: Every, measures: &[Measure]) -> World {
    let mut project = ACME.clone();
    set_spans(&mut project, every, 2024, measures);
    let inputs = Arc::new(Inputs::read(&project));
    World::new(project, inputs, &folder())
}

/// Releases whole years alone, up to `last`, in spans of `every`.
pub(super) fn set_spans(project: &mut Project, every: Every, last: i16, measures: &[Measure]) {
    let (first, last) = (date(2024, 1, 1), date(last, 12, 31));
    let calendar = &mut project.calendar;
    calendar.every = every;
    calendar.first = Period::containing(first, every, 1);
    calendar.last = Some(Period::containing(last, every, 1));
    project.measures = measures.to_vec();
}

/// What may be asked for beside the default set.
const MORE: [&str; 4] = [
    "rater_agreement",
    "strength_shift",
    "survey_items",
    "theme_outcome",
];

/// The default set, and what may be asked for.
pub(super) fn everything() -> Vec<Measure> {
    let default = ACME.measures.iter().map(|measure| measure.name.as_str());
    let listed = default.chain(MORE);
    let listed = listed.map(|name| format!("\n[[measures]]\nuse = \"{name}\"\n"));
    configured(&listed.collect::<String>())
}

/// Measures as they are configured.
pub(super) fn configured(text: &str) -> Vec<Measure> {
    let folder = tempfile::tempdir().unwrap();
    synth::generate(&synth::Options::new(20, 1, folder.path().to_owned())).unwrap();
    let config = folder.path().join("lodestar.toml");
    let whole = std::fs::read_to_string(&config).unwrap() + text;
    std::fs::write(&config, whole).unwrap();
    config::load(&config).unwrap().measures
}

/// Another organisation than the sample.
pub(super) struct Another {
    pub(super) people: u32,
    pub(super) seed: u64,
    pub(super) quarters: u32,
}

impl Another {
    /// Of the usual five quarters.
    pub(super) fn of(people: usize, seed: usize) -> Self {
        Self {
            people: people as u32,
            seed: seed as u64,
            quarters: 5,
        }
    }

    /// With the default set as `change` leaves it.
    pub(super) fn world(&self, change: impl Fn(&mut Project)) -> World {
        let folder = tempfile::tempdir().unwrap();
        let options = synth::Options {
            quarters: self.quarters,
            ..synth::Options::new(self.people, self.seed, folder.path().to_owned())
        };
        synth::generate(&options).unwrap();
        let mut project = config::load(&folder.path().join("lodestar.toml")).unwrap();
        change(&mut project);
        let inputs = Arc::new(Inputs::read(&project));
        World::new(project, inputs, folder.path())
    }

    /// With these measures, and whole years alone, up to `last`, in spans of
    /// `every`.
    pub(super) fn by(&self, every: Every, last: i16, measures: &[Measure]) -> World {
        self.world(|project| set_spans(project, every, last, measures))
    }
}
