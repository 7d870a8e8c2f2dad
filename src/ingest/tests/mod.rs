//! Small inputs on disk, read as a whole.

mod assessed;
mod assessments;
mod broken_files;
mod csv;
mod cuts;
mod drift;
mod facts;
mod history;
mod memory;
mod notes;
mod outcomes;
mod parquet;
mod programmes;
mod progress;
mod properties;
mod rows;
mod shapes;
mod unpivot;
mod waves;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use super::whole::{Whole, read};
use super::{Intake, Key, Org, Request};
use crate::calendar::{Every, Period};
use crate::config::{
    Calendar, Dimension, Framework, Instrument, Mapping, Privacy, PrivacyUnit, Project, Source,
    Sources, Theme,
};
use lodestar_privacy::public::Label;
use tempfile::TempDir;

const ORG: &str = "org_unit,label,parent\nsales,Sales,Acme\nnorth,North,sales\nsouth,South,sales\n";
const PEOPLE: &str = "person_id,org_unit\nana,north\nbob,south\n";
const HEAD: &str =
    "session_id,coachee_id,coach_id,held_on,minutes,competency,themes,mode,trigger,updated_at\n";

/// A folder with a project in it.
struct Fixture {
    dir: TempDir,
    project: Project,
}

fn label(id: &str) -> Label {
    Label {
        id: id.to_owned(),
        label: id.to_owned(),
    }
}

fn dimension(name: &str, values: &[&str]) -> Dimension {
    Dimension {
        name: name.to_owned(),
        values: values.iter().map(|id| label(id)).collect(),
    }
}

/// 1 to 5, with the items q1 and q2.
fn instrument(id: &str) -> Instrument {
    Instrument {
        label: label(id),
        min: 1.0,
        max: 5.0,
        step: 1.0,
        reliability: None,
        norm_sd: None,
        higher_is_better: true,
        min_raters: 2,
        items: vec![label("q1"), label("q2")],
        top_box: 5.0,
    }
}

fn source(name: &'static str, path: &str, base: PathBuf) -> Source {
    Source {
        name,
        paths: vec![path.to_owned()],
        base,
        synthetic: true,
        delimiter: b',',
        columns: BTreeMap::new(),
        defaults: BTreeMap::new(),
        unpivot: None,
        tolerance: 0.01,
    }
}

fn quarter(name: &str) -> Period {
    Period::parse(name, Every::Quarter, 1).expect("a quarter")
}

impl Fixture {
    /// Org, two people, and no sessions yet.
    fn new() -> Self {
        let dir = TempDir::new().expect("a folder");
        let base = dir.path().to_owned();
        let theme = |id: &str| Theme {
            label: label(id),
            competencies: vec![0],
        };
        let project = Project {
            files: vec![base.join("lodestar.toml")],
            organisation: "Acme".to_owned(),
            state: base.join("state"),
            publish: base.join("published"),
            calendar: Calendar {
                every: Every::Quarter,
                year_starts: 1,
                settle_days: 7,
                first: quarter("2025-Q1"),
                last: None,
            },
            privacy: Privacy {
                unit: PrivacyUnit::Person,
                k: 10,
                coalition: 1,
                window: Every::Year,
                epsilon: 8.0,
                delta: 1e-6,
            },
            north_star: None,
            sources: Sources {
                names: None,
                org: Some(source("org", "org.csv", base.clone())),
                people: Some(source("people", "people.csv", base.clone())),
                sessions: source("sessions", "sessions*", base),
                assessments: None,
                outcomes: None,
                programmes: None,
            },
            dimensions: Vec::new(),
            formats: Vec::new(),
            expected: crate::config::Expected::default(),
            framework: Framework {
                competencies: vec![label("courage"), label("focus")],
                themes: vec![theme("doubt"), theme("change")],
                tagger: Arc::default(),
            },
            instruments: Vec::new(),
            metrics: Vec::new(),
            measures: Vec::new(),
            left_out: Vec::new(),
        };
        let fixture = Self { dir, project };
        fixture.put("org.csv", ORG);
        fixture.put("people.csv", PEOPLE);
        fixture
    }

    /// The same, with an instrument `pulse` and a source of assessments.
    fn assessed() -> Self {
        let mut fixture = Self::new();
        fixture.project.instruments = vec![instrument("pulse")];
        let base = fixture.dir.path().to_owned();
        fixture.project.sources.assessments = Some(source("assessments", "assessments*", base));
        fixture.put("sessions.csv", HEAD);
        fixture
    }

    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.dir.path().join(name), bytes).expect("written");
    }

    fn map(&mut self, table: &str, column: &str, from: &str, format: Option<&str>) {
        let mut mapping = Mapping::of(from);
        mapping.format = format.map(str::to_owned);
        let source = match table {
            "org" => self.project.sources.org.as_mut().expect("org"),
            "people" => self.project.sources.people.as_mut().expect("people"),
            _ => &mut self.project.sources.sessions,
        };
        source.columns.insert(column.to_owned(), mapping);
    }

    fn org(&self) -> Org {
        Org::load(&self.project).expect("an organisation")
    }

    fn try_read(&self, periods: &[&str]) -> Result<Whole, super::IngestError> {
        let periods: Vec<Period> = periods.iter().map(|name| quarter(name)).collect();
        let org = Org::load(&self.project)?;
        let request = Request {
            periods: &periods,
            ..Request::default()
        };
        read(&self.project, &org, &Key::new([7; 16]), &request)
    }

    fn read(&self, periods: &[&str]) -> Whole {
        let intake = self.try_read(periods).expect("readable");
        reconcile(&intake);
        intake
    }

    /// The message of a refusal, which must leave with exit code 3.
    fn refusal(&self) -> String {
        let error = self.try_read(&[]).expect_err("refused");
        assert_eq!(error.exit_code(), 3);
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("canary"), "{shown}");
        error.to_string()
    }
}

/// Every row read became one of three things, and every fault has a reason.
fn reconcile(intake: &Intake) {
    for report in &intake.reports {
        for file in &report.files {
            let totals = file.totals;
            assert_eq!(
                totals.read,
                totals.accepted + totals.duplicate + totals.quarantined
            );
            assert_eq!(totals.quarantined, file.reasons.values().sum::<u64>());
        }
    }
    let counted = ["sessions", "assessments", "outcomes"];
    let counted = intake
        .reports
        .iter()
        .filter(|one| counted.contains(&one.source));
    assert_eq!(
        counted.map(|report| report.totals().accepted).sum::<u64>(),
        intake.accepted_by_period.values().sum::<u64>()
    );
}

/// (read, accepted, duplicate, quarantined) of a source.
fn totals(intake: &Intake, source: &str) -> [u64; 4] {
    let report = intake
        .reports
        .iter()
        .find(|report| report.source == source)
        .expect("a source");
    let totals = report.totals();
    [
        totals.read,
        totals.accepted,
        totals.duplicate,
        totals.quarantined,
    ]
}

/// (row, column, reason) of the quarantined rows of a source.
fn faults<'a>(intake: &'a Intake, source: &str) -> Vec<(u64, &'a str, &'static str)> {
    let report = intake
        .reports
        .iter()
        .find(|report| report.source == source)
        .expect("a source");
    let fault =
        |r: &'a super::report::Reject| (r.row, report.column(r.fault), r.fault.reason.code());
    report.rejects.iter().map(fault).collect()
}
