//! What a configuration says, valid by construction.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Date;

use super::Instrument;
use crate::calendar::{Every, Period};
use crate::measure::{Cohort, Measure};
use lodestar_privacy::public::{Label, MetricFacts, Scale};
use lodestar_tagging::Tagger;

/// A whole project: only [`super::load`] makes one.
#[derive(Clone, Debug)]
pub struct Project {
    /// The configuration file, as given, and the files that it includes.
    pub files: Vec<PathBuf>,
    /// The root of the org tree, level 0.
    pub organisation: String,
    /// Private folder: ledger, key, quarantine, lock.
    pub state: PathBuf,
    /// Public folder: `releases/` and `current/`.
    pub publish: PathBuf,
    /// When is released.
    pub calendar: Calendar,
    /// How private.
    pub privacy: Privacy,
    /// The North Star, as declared.
    pub north_star: Option<NorthStar>,
    /// Where rows come from.
    pub sources: Sources,
    /// What people can be told apart by, in order of declaration.
    pub dimensions: Vec<Dimension>,
    /// Declared formats of sessions, in order; empty: none declared, the
    /// column is not read.
    pub formats: Vec<Label>,
    /// How many people are expected, for plans alone.
    pub expected: Expected,
    /// Competencies and themes.
    pub framework: Framework,
    /// What people are assessed with, in order of declaration.
    pub instruments: Vec<Instrument>,
    /// What outcomes may measure, in order of declaration.
    pub metrics: Vec<Metric>,
    /// What is published, in order of name.
    pub measures: Vec<Measure>,
    /// Measures of the default set that are not among them for one reason alone:
    /// they read rows of several periods, and a release reads one.
    pub left_out: Vec<String>,
}

impl Project {
    /// The folder of the configuration file.
    pub fn folder(&self) -> &Path {
        let parent = self.files.first().and_then(|file| file.parent());
        parent.unwrap_or(Path::new(""))
    }

    /// The levels to reach.
    pub fn targets(&self) -> &[Target] {
        self.north_star
            .as_ref()
            .map_or(&[], |star| star.targets.as_slice())
    }

    /// The level to reach of a competency, by index in the framework.
    pub fn target(&self, competency: u16) -> Option<&Target> {
        let mut targets = self.targets().iter();
        targets.find(|target| target.competency == competency)
    }

    /// Whether anything is looked for in notes.
    pub fn reads_notes(&self) -> bool {
        !self.framework.tagger.is_empty() || self.hears_notes()
    }

    /// Whether terms are looked for in notes that no codebook has.
    pub fn hears_notes(&self) -> bool {
        self.measures.iter().any(Measure::is_by_term)
    }

    /// Every source is declared synthetic.
    pub fn synthetic(&self) -> bool {
        self.sources.all().all(|source| source.synthetic)
    }
}

/// When is released.
#[derive(Clone, Debug)]
pub struct Calendar {
    /// Length of a period.
    pub every: Every,
    /// Month (1 to 12) in which fiscal years start.
    pub year_starts: i8,
    /// Days after a period's end before it is released.
    pub settle_days: u32,
    /// Nothing earlier is ever released.
    pub first: Period,
    /// Nothing later is ever released.
    pub last: Option<Period>,
}

/// How private.
#[derive(Clone, Debug)]
pub struct Privacy {
    /// Who or what is protected.
    pub unit: PrivacyUnit,
    /// Least number of people that a number describes; at least 1.
    pub k: u32,
    /// 0 or 1 coach whose knowledge is allowed for.
    pub coalition: u32,
    /// The time over which the budget composes: whole periods; one, if each
    /// person's rows of one period are protected.
    pub window: Every,
    /// ε of a window; above 0, at most 20 unless all sources are synthetic.
    pub epsilon: f64,
    /// δ of a window; above 0, below 1.
    pub delta: f64,
}

/// What one unit of the guarantee is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrivacyUnit {
    /// A person, with all of their rows.
    Person,
    /// A person's rows of one period: weaker.
    PersonPeriod,
}

impl PrivacyUnit {
    /// The name in a configuration and in what is published.
    pub fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::PersonPeriod => "person-period",
        }
    }
}

/// How many people are expected of those that the org units say to have: declared
/// in public, and no part of any release.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expected {
    /// The share of all people that one cohort of a family has.
    pub cohorts: Vec<(Cohort, f64)>,
    /// The share of a cohort that its busiest coach has.
    pub busiest_coach: f64,
    /// By name of a dimension of people: the share of each value, in their order;
    /// they add up to 1.
    pub values: BTreeMap<String, Vec<f64>>,
}

/// The shared objective.
#[derive(Clone, Debug)]
pub struct NorthStar {
    /// Where the organisation is heading.
    pub r#where: String,
    /// How it gets there.
    pub how: String,
    /// Why.
    pub why: String,
    /// The share of people at target from which an organisation may tip: above
    /// 0, below 1.
    pub tipping_share: f64,
    /// What is to be reached, each competency at most once.
    pub targets: Vec<Target>,
}

/// A level of a competency to reach.
#[derive(Clone, Debug)]
pub struct Target {
    /// Index in the framework.
    pub competency: u16,
    /// The score, in the unit of the instrument.
    pub level: f64,
    /// Importance beside the other targets; above 0.
    pub weight: f64,
}

/// Where rows come from.
#[derive(Clone, Debug)]
pub struct Sources {
    /// Org units; absent: the root alone.
    pub org: Option<Source>,
    /// People; absent: everyone belongs to the root.
    pub people: Option<Source>,
    /// Coaching sessions.
    pub sessions: Source,
    /// Assessments of people.
    pub assessments: Option<Source>,
    /// Outcomes of people, by metric.
    pub outcomes: Option<Source>,
    /// Programmes: which units take part in which arm.
    pub programmes: Option<Source>,
    /// Names to take out of notes: of coaches, of staff.
    pub names: Option<Source>,
}

impl Sources {
    /// All that are configured, in the order in which they are read.
    pub fn all(&self) -> impl Iterator<Item = &Source> {
        let public = self.org.iter().chain(&self.programmes).chain(&self.names);
        public.chain(&self.people).chain(self.events())
    }

    /// Those whose rows are about a day: new files add rows, and change nothing
    /// of those of other files and sources.
    pub fn events(&self) -> impl Iterator<Item = &Source> {
        let sessions = [&self.sessions].into_iter();
        sessions.chain(&self.assessments).chain(&self.outcomes)
    }
}

/// One source of rows.
#[derive(Clone, Debug)]
pub struct Source {
    /// The name of its table, such as `sessions`.
    pub name: &'static str,
    /// Files, folders or globs, as written; relative to `base`.
    pub paths: Vec<String>,
    /// Folder of the file that the source is declared in.
    pub base: PathBuf,
    /// Declared to hold no real person.
    pub synthetic: bool,
    /// What separates the fields of CSV files.
    pub delimiter: u8,
    /// Our column name → how to read it; columns not named are read by name.
    pub columns: BTreeMap<String, Mapping>,
    /// Our column name → text that stands in for a missing value or column.
    pub defaults: BTreeMap<String, String>,
    /// How rows are made of a wide table.
    pub unpivot: Option<Unpivot>,
    /// Largest share of rows, per source and per file, that may be quarantined.
    pub tolerance: f64,
}

/// How rows are made of a wide table: each of its rows becomes one per column
/// that is listed and has a cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Unpivot {
    /// Our column that says what a column of the file stands for.
    pub into: String,
    /// Columns of the file, at least one, and what they stand for.
    pub columns: Vec<(Mapping, String)>,
}

impl Unpivot {
    /// Our column that the cells go to.
    pub const CELLS: &'static str = "score";
}

/// How a column is read.
#[derive(Clone, Debug, PartialEq)]
pub struct Mapping {
    /// Name in the file.
    pub from: String,
    /// strftime format of dates; absent: ISO 8601.
    pub format: Option<String>,
    /// The day that dates are counted from, in whole days; absent: they are dates.
    pub origin_date: Option<Date>,
    /// What separates the elements of a list.
    pub separator: char,
    /// Text in the file → text that it stands for; other texts stand for
    /// themselves. Of lists, element by element.
    pub map: BTreeMap<String, String>,
    /// What numbers are multiplied by; above 0.
    pub scale: f64,
    /// Ids are any text, such as a name.
    pub hash: bool,
}

impl Mapping {
    /// A column that is read as it is.
    pub fn of(from: &str) -> Self {
        Self {
            from: from.to_owned(),
            format: None,
            origin_date: None,
            separator: SEPARATOR,
            map: BTreeMap::new(),
            scale: 1.0,
            hash: false,
        }
    }
}

/// What separates the elements of a list where nothing else is said.
pub(super) const SEPARATOR: char = ';';

/// A column of people with declared values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dimension {
    /// The column.
    pub name: String,
    /// Its values, in order; at least one.
    pub values: Vec<Label>,
}

/// Competencies and themes, in order of declaration.
#[derive(Clone, Debug, Default)]
pub struct Framework {
    /// Competencies.
    pub competencies: Vec<Label>,
    /// Themes.
    pub themes: Vec<Theme>,
    /// The themes' terms; empty: notes are not read.
    pub tagger: Arc<Tagger>,
}

/// What outcomes may measure.
#[derive(Clone, Debug)]
pub struct Metric {
    /// Id and text.
    pub label: Label,
    /// Text of the unit; may be empty.
    pub unit: String,
    /// Least and largest value that is possible; the first is the smaller.
    pub range: (f64, f64),
    /// Bounds that a person's value is moved into, within the range.
    pub clip: (f64, f64),
    /// Whether more is better.
    pub higher_is_better: bool,
}

impl Metric {
    /// Whether values that are possible lie above its clip.
    pub fn is_clipped_above(&self) -> bool {
        self.clip.1 < self.range.1
    }

    /// What readers of its numbers need to know.
    pub fn facts(&self) -> MetricFacts {
        MetricFacts {
            label: self.label.clone(),
            unit: self.unit.clone(),
            range: self.range,
            clip: self.clip,
            higher_is_better: self.higher_is_better,
        }
    }

    /// The scale of people's values, for the core.
    pub fn scale(&self) -> Scale {
        let (low, high) = self.clip;
        // From 0 to 1, and not less: what is either so or not so, as far as anybody
        // can tell. A mean of it is a share.
        let is_share = self.clip == (0.0, 1.0);
        Scale {
            low,
            high,
            step: 0.0,
            counts: is_share,
        }
    }
}

/// A theme of the codebook.
#[derive(Clone, Debug)]
pub struct Theme {
    /// Id and text.
    pub label: Label,
    /// Indices of the competencies that list it; at least one.
    pub competencies: Vec<usize>,
}
