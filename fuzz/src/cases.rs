//! One case: some bytes as a file that `check` and `run` read, all the way from the
//! file to the totals of the core. Fuzzers and a test of the suite call the same.
//!
//! A case passes if nothing panics, every row that was read is accounted for, and
//! what is refused is refused with the exit code of its kind.

use std::fs;
use std::path::PathBuf;

use lodestar::calendar::Period;
use lodestar::config::{self, Project, Source};
use lodestar::ingest::{self, IngestError, Key, Org, Request};
use lodestar::pipeline;
use lodestar::schedule::Window;
use lodestar_privacy::Secret;
use lodestar_privacy::ledger::Records;
use tempfile::TempDir;

/// The project that the audit uses: everything is measured.
pub const CONFIGURATION: &str = include_str!("../../src/audit/project.toml");

/// Org units.
pub const ORG: &str = "org_unit,label,parent\na,A,Acme\na1,A1,a\nb,B,Acme\n";

/// Programmes.
pub const PROGRAMMES: &str = "\
programme,arm,starts_on,org_unit
lead,pilot,2024-02-01,a1
lead,comparison,,b
";

/// People, to begin a corpus with.
pub const PEOPLE: &str = "\
person_id,org_unit,job_level,programme,valid_from,valid_to
p1,a1,staff,lead,,
p2,b,manager,none,2023-01-01,2025-12-31
p3,a1,executive,none,,2024-03-31
";

/// Sessions.
pub const SESSIONS: &str = "\
session_id,coachee_id,coach_id,held_on,minutes,competency,themes,updated_at,mode,trigger,note
1,p1,c1,2024-05-05,60,courage,trust;conflict,,coaching,proactive,\"said, \"\"so\"\"\"
1,p1,c1,2024-05-05,61.5,courage;delegation,trust,2024-05-06T10:00:00Z,mentoring,reactive,
2,p2,c1,2024-04-01,45,adaptability,ambiguity,,,,
3,p3,c2,2024-01-10,30,delegation,,,coaching,,
";

/// Assessments.
pub const ASSESSMENTS: &str = "\
subject_id,competency,instrument,score,assessed_on,wave,rater_id,rater_group,item
p1,courage,leadership,3,2023-11-05,baseline,,self,asks
p1,courage,leadership,4.5,2024-05-05,follow_up,,self,asks
p2,courage,leadership,2,2024-05-05,,m1,manager,
";

/// Outcomes.
pub const OUTCOMES: &str = "\
person_id,measured_on,metric,value
p1,2023-11-03,absence,3
p1,2024-05-03,absence,2.5
p2,2024-05-03,growth,-1
";

/// A folder with a project in it, of which a case replaces one file.
pub struct Place {
    folder: TempDir,
    project: Project,
    period: Period,
    key: Key,
}

impl Place {
    /// Sets the project up.
    ///
    /// # Panics
    /// Where there is no temporary folder, or the project is no longer valid.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in [
            ("lodestar.toml", CONFIGURATION),
            ("org.csv", ORG),
            ("programmes.csv", PROGRAMMES),
            ("people.csv", PEOPLE),
            ("sessions.csv", SESSIONS),
            ("assessments.csv", ASSESSMENTS),
            ("outcomes.csv", OUTCOMES),
        ] {
            fs::write(folder.path().join(name), text).expect("written");
        }
        let project = config::load(&folder.path().join("lodestar.toml")).expect("valid");
        let calendar = &project.calendar;
        let period = Period::parse("2024-Q2", calendar.every, calendar.year_starts);
        let period = period.expect("a quarter");
        Self {
            folder,
            project,
            period,
            key: Key::new([7; 16]),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Bytes as `lodestar.toml`, and what is declared and owed by it.
    pub fn configuration(&self, bytes: &[u8]) {
        let path = self.path("case.toml");
        fs::write(&path, bytes).expect("written");
        let project = match config::load(&path) {
            Ok(project) => project,
            Err(errors) => return assert!(!errors.render(false).is_empty()),
        };
        let Ok(org) = Org::load(&project) else { return };
        let window = Window::of(&project, &org, &Records::default(), &project.calendar.first);
        if let Ok(window) = window {
            let _ = window.owed();
        }
    }

    /// Bytes as a table about people, of each source in turn; `extension` tells the
    /// format.
    pub fn rows(&self, extension: &str, bytes: &[u8]) {
        let name = format!("case.{extension}");
        fs::write(self.path(&name), bytes).expect("written");
        let with = |change: fn(&mut Project) -> &mut Source| {
            let mut project = self.project.clone();
            change(&mut project).paths = vec![name.clone()];
            let org = Org::load(&project).expect("valid");
            self.read(&project, &org);
        };
        with(|project| &mut project.sources.sessions);
        with(|project| project.sources.people.as_mut().expect("declared"));
        with(|project| project.sources.assessments.as_mut().expect("declared"));
        with(|project| project.sources.outcomes.as_mut().expect("declared"));
    }

    /// Bytes as a public table: org units, then programmes.
    pub fn declared(&self, bytes: &[u8]) {
        fs::write(self.path("case.csv"), bytes).expect("written");
        for change in [
            (|project| project.sources.org.as_mut()) as fn(&mut Project) -> Option<&mut Source>,
            |project| project.sources.programmes.as_mut(),
        ] {
            let mut project = self.project.clone();
            change(&mut project).expect("declared").paths = vec!["case.csv".to_owned()];
            match Org::load(&project) {
                Ok(org) => {
                    let (records, period) = (Records::default(), &self.period);
                    let _ = Window::of(&project, &org, &records, period).map(|it| it.owed());
                    self.read(&project, &org);
                }
                Err(error) => refused(&error),
            }
        }
    }

    /// Reads everything, and counts what a release would describe.
    fn read(&self, project: &Project, org: &Org) {
        let (spans, earlier) = pipeline::wanted(project, org, &[self.period]);
        let request = Request {
            periods: &spans,
            outcome_spans: &earlier,
            ..Request::default()
        };
        let intake = match ingest::read(project, org, &self.key, &request) {
            Ok(intake) => intake,
            Err(error) => return refused(&error),
        };
        for report in &intake.reports {
            let totals = report.totals();
            let parts = totals.accepted + totals.duplicate + totals.quarantined;
            assert_eq!(totals.read, parts, "rows are accounted for");
        }
        let window = Window::of(project, org, &Records::default(), &self.period);
        let Ok(window) = window else { return };
        let mut periods = window.periods.into_iter();
        let declared = periods.find(|(mine, ..)| *mine == self.period);
        let (_, public, _) = declared.expect("declared");
        let secret = Secret::new([7; 32]);
        let tally = pipeline::count(project, &secret, org, public, &self.period, &intake);
        assert!(tally.is_ok(), "what was accepted can be counted");
    }
}

impl Default for Place {
    fn default() -> Self {
        Self::new()
    }
}

fn refused(error: &IngestError) {
    assert!([2, 3].contains(&error.exit_code()), "{error}");
    assert!(!error.to_string().is_empty());
}
