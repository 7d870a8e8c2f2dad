//! Projects in temporary folders.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::date;
use lodestar::config::{self, Project};
use lodestar::night::Night;
use lodestar::pipeline::{self, Options, RunError};
use lodestar::progress::Silent;
use lodestar::synth;
use tempfile::TempDir;

use super::{SECRET, Table};

/// What differs between projects.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) k: u32,
    pub(crate) coalition: u32,
    pub(crate) epsilon: f64,
    pub(crate) delta: f64,
    pub(crate) max_cells: u32,
    /// What is published beside `theme_prevalence`.
    pub(crate) more: &'static str,
}

/// So much budget that the noise on people rounds to nothing: σ is a tenth of a
/// person or less, and a draw other than 0 less likely than 1e-12. Amounts are
/// counted in some 65,536 steps a person, of which σ is a few hundred.
pub(crate) const EXACT: f64 = 1e6;

/// More than a configuration takes: the noise on amounts is a few steps, too.
pub(crate) const BEYOND: f64 = 1e12;

/// The other measures of the default set.
pub(crate) const BUILT_IN: &str = r#"
[[measures]]
use = "coaching_mix"
[[measures]]
use = "coverage"
[[measures]]
use = "engagement"
[[measures]]
use = "trigger_mix"
"#;

impl Settings {
    pub(crate) fn exact(k: u32, coalition: u32, max_cells: u32) -> Self {
        Self {
            k,
            coalition,
            epsilon: EXACT,
            delta: 1e-6,
            max_cells,
            more: "",
        }
    }

    /// The same, with further measures.
    pub(crate) fn and(self, more: &'static str) -> Self {
        Self { more, ..self }
    }

    fn privacy(&self) -> String {
        format!(
            "[privacy]\nk = {}\ncoalition = {}\nepsilon = {:.1}\ndelta = {:?}\n",
            self.k, self.coalition, self.epsilon, self.delta
        )
    }

    fn measures(&self) -> String {
        format!(
            "[[measures]]\nuse = \"theme_prevalence\"\nmax_cells = {}\n{}",
            self.max_cells, self.more
        )
    }
}

/// A project in a folder that goes with it. Its secret is [`SECRET`].
pub(crate) struct Sample {
    folder: TempDir,
}

impl Sample {
    /// A synthetic organisation, as `lodestar synth` makes it.
    pub(crate) fn synthetic(people: u32, settings: &Settings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        synth::generate(&synth::Options::new(people, 7, folder.path().to_owned())).unwrap();
        let sample = Self { folder };
        let text = fs::read_to_string(sample.config()).unwrap();
        let (before, after) = text.split_once("[privacy]").unwrap();
        let (_, after) = after.split_once("[north_star]").unwrap();
        let text = format!(
            "{before}{}\n[north_star]{after}\n{}",
            settings.privacy(),
            settings.measures()
        );
        fs::write(sample.config(), text).unwrap();
        sample.keep_secret();
        sample
    }

    /// A project of one's own: `declared` are periods and framework.
    pub(crate) fn by_hand(
        declared: &str,
        settings: &Settings,
        org: &Table,
        people: &Table,
        sessions: &Table,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let sample = Self { folder };
        let source = |name: &str, path: &str| {
            format!("[sources.{name}]\npath = \"{path}\"\nsynthetic = true\n")
        };
        let text = [
            "[project]\norganisation = \"Acme\"\n",
            declared,
            &settings.privacy(),
            &source("org", "org.csv"),
            &source("people", "people.csv"),
            "tolerance = 1\n",
            &source("sessions", "sessions/*"),
            "tolerance = 1\n",
            &settings.measures(),
        ];
        fs::write(sample.config(), text.concat()).unwrap();
        fs::create_dir(sample.folder.path().join("sessions")).unwrap();
        org.write_csv(&sample.folder.path().join("org.csv"));
        people.write_csv(&sample.folder.path().join("people.csv"));
        sessions.write_csv(&sample.folder.path().join("sessions/all.csv"));
        sample.keep_secret();
        sample
    }

    /// The same with a further source.
    pub(crate) fn with(self, source: &str, rows: &Table) -> Self {
        rows.write_csv(&self.path().join(format!("{source}.csv")));
        let mut text = fs::read_to_string(self.config()).unwrap();
        let head = format!("[sources.{source}]\npath = \"{source}.csv\"");
        let tail = "\nsynthetic = true\ntolerance = 1\n";
        text.extend([head.as_str(), tail]);
        fs::write(self.config(), text).unwrap();
        self
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.folder.path().join("lodestar.toml")
    }

    pub(crate) fn project(&self) -> Project {
        config::load(&self.config()).unwrap()
    }

    fn keep_secret(&self) {
        keep_secret(&self.folder.path().join("state"));
    }

    /// Forgets everything that was released, and the ledger.
    pub(crate) fn start_anew(&self) {
        for folder in ["state", "published"] {
            let folder = self.folder.path().join(folder);
            if folder.exists() {
                fs::remove_dir_all(folder).unwrap();
            }
        }
        self.keep_secret();
    }
}

/// Makes [`SECRET`] the secret of a state folder that does not exist yet.
pub(crate) fn keep_secret(state: &Path) {
    fs::create_dir_all(state).unwrap();
    fs::write(state.join("secret"), SECRET).unwrap();
}

/// `lodestar run`, on a day when all periods of the samples are due.
pub(crate) fn run(project: &Project) -> Result<Night, RunError> {
    let options = Options {
        as_of: date(2026, 1, 1),
        period: None,
        revise: false,
        dry_run: false,
        memory: None,
        progress: &Silent,
    };
    let mut night = Night::default();
    pipeline::run(project, &options, &mut night)?;
    Ok(night)
}
