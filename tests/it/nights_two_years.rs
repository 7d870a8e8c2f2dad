//! Two years of nights: late rows, deliveries that come again, a clock that
//! goes back, nights that are missed, another policy, revisions. Every period
//! is released once, and a reader who looks all the time sees `current` whole.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday, date};
use lodestar::config;
use lodestar::night::{Night, source_status};
use lodestar::pipeline::{self, Options};
use lodestar::progress::Silent;
use lodestar::publish::manifest::{self, Manifest};
use lodestar::publish::verify;
use lodestar_privacy::ledger::{Charge, Records};
use sha2::{Digest as _, Sha256};

use crate::support::{HEADER, Output, Project};

const NIGHTS: usize = 730;
const FIRST_NIGHT: Date = date(2023, 1, 20);
/// Nobody ran anything in these days.
const MISSED: (Date, Date) = (date(2023, 9, 5), date(2024, 1, 20));
/// A night on which a period is due, with a file that can't be read.
const BROKEN: Date = date(2024, 7, 8);
/// The policy changes on this day.
const CHANGED: Date = date(2024, 3, 20);
/// Days on which a period is revised.
const REVISED: [(Date, &str); 2] = [
    (date(2023, 7, 14), "2023-Q1"),
    (date(2024, 10, 20), "2024-Q1"),
];
const PEOPLE: usize = 400;

const CONFIG: &str = r#"[project]
organisation = "Acme"

[periods]
every = "quarter"
first = "2023-Q1"

[privacy]
k = 10
epsilon = 80.0

[sources.org]
path = "input/org.csv"
synthetic = true

[sources.people]
path = "input/people.csv"
synthetic = true

[sources.sessions]
path = "input/sessions"
synthetic = true

[[competencies]]
id = "adaptability"

[[themes]]
id = "ambiguity"
competencies = ["adaptability"]

[[measures]]
use = "theme_prevalence"
weight = 1.0
"#;

/// A project, what was delivered to it, and what must have come of it.
struct World {
    project: Project,
    /// Every row that was ever delivered, by its id.
    rows: BTreeSet<String>,
    /// The weekly files there are: name and rows.
    weeks: Vec<(String, Vec<String>)>,
    /// Rows of those that came again as one file.
    archived: Vec<String>,
    /// Ids of the releases that must be charged, in order.
    released: Vec<String>,
    /// The first day of the oldest quarter that is not released.
    next: Date,
}

impl World {
    fn new() -> Self {
        let project = Project::tiny();
        fs::remove_file(project.path("input/sessions.csv")).unwrap();
        project.write("lodestar.toml", CONFIG);
        let mut world = Self {
            project,
            rows: BTreeSet::new(),
            weeks: Vec::new(),
            archived: Vec::new(),
            released: Vec::new(),
            next: date(2023, 1, 1),
        };
        world.people();
        world.week(date(2023, 1, 9));
        world
    }

    fn people(&self) {
        let mut text = String::from("person_id,org_unit\n");
        for n in 0..PEOPLE {
            let unit = ["north", "south"][n % 2];
            let _ = writeln!(text, "p{n:03},{unit}");
        }
        self.project.write("input/people.csv", text);
    }

    fn file(&self, name: &str, rows: &[String]) {
        let text = format!("{HEADER}\n{}\n", rows.join("\n"));
        self.project
            .write(&format!("input/sessions/{name}.csv"), text);
    }

    /// Delivers the seven days before a Monday, and two rows that come late.
    fn week(&mut self, monday: Date) {
        let mut rows = Vec::new();
        for n in 0..84 {
            let held_on = match n {
                82.. => monday - 70.days(),
                n => monday - (1 + n % 7).days(),
            };
            let person = (self.rows.len() + n as usize) * 7 % PEOPLE;
            let (coach, id) = (person % 40, format!("s{monday}-{n}"));
            rows.push(format!(
                "{id},p{person:03},c{coach},{held_on},60,adaptability,ambiguity,"
            ));
        }
        self.rows.extend(rows.iter().cloned());
        let name = format!("week-{monday}");
        self.file(&name, &rows);
        self.weeks.push((name, rows));
    }

    /// What comes in on a day.
    fn deliver(&mut self, day: Date) {
        if day.weekday() == Weekday::Monday {
            self.week(day);
        }
        let (name, rows) = self.weeks.last().unwrap().clone();
        match (day.day(), day.month() % 4) {
            // The same file again, one whose rows are in another order, and a
            // file that overlaps with those of two weeks.
            (4, 0 | 2) => self.file(&name, &rows),
            (4, 1) => self.file(&name, &rows.into_iter().rev().collect::<Vec<_>>()),
            (18, _) => {
                let before = self.weeks.iter().rev().nth(1).into_iter();
                let before = before.flat_map(|(_, rows)| rows.iter().skip(40).cloned());
                let both: Vec<String> = before.chain(rows.into_iter().take(30)).collect();
                self.file("overlap", &both);
            }
            (4, 3) => self.people(),
            // All but the last weeks come again as one file, without their own.
            (1, 1) => self.archive(),
            _ => {}
        }
    }

    fn archive(&mut self) {
        let old: Vec<_> = self
            .weeks
            .drain(..self.weeks.len().saturating_sub(2))
            .collect();
        for (name, rows) in old {
            fs::remove_file(self.project.path(&format!("input/sessions/{name}.csv"))).unwrap();
            self.archived.extend(rows);
        }
        self.file("archive", &self.archived);
    }

    /// The quarters that a run on a day must release: each ends seven days and
    /// one before its first night.
    fn due(&mut self, day: Date) -> Vec<String> {
        let mut due = Vec::new();
        while self.next + 3.months() + 7.days() <= day {
            let quarter = (self.next.month() + 2) / 3;
            due.push(format!("{}-Q{quarter}", self.next.year()));
            self.next += 3.months();
        }
        self.released.extend(due.iter().cloned());
        due
    }

    /// A night in this process; the exit code that it would end with.
    fn night(&self, as_of: Date, revise: Option<&str>) -> (Option<i32>, Night) {
        let project = config::load(&self.project.config()).unwrap();
        let options = Options {
            as_of,
            period: revise.map(str::to_owned),
            revise: revise.is_some(),
            dry_run: false,
            memory: None,
            progress: &Silent,
        };
        unlocked(|| {
            let mut night = Night::default();
            let done = pipeline::run(&project, &options, &mut night);
            let code = done.map_or_else(|error| error.exit_code(), |()| 0);
            (Some(i32::from(code)), night)
        })
    }

    /// A night in a process of its own.
    fn process(&self, args: &str, day: Date) -> Output {
        let run = || {
            let output = self.project.lodestar(&format!("{args} --as-of {day}"));
            (output.code, output)
        };
        unlocked(run).1
    }

    /// A night that ends well, with these releases. Where everything was read,
    /// every row counts once, however often it came.
    #[track_caller]
    fn good_night(&self, day: Date, revise: Option<&str>, expected: &[String]) -> Night {
        let (code, night) = self.night(day, revise);
        let releases: Vec<&String> = night.releases.iter().map(|r| &r.release_id).collect();
        assert_eq!(
            (code, releases),
            (Some(0), expected.iter().collect()),
            "{day}"
        );
        let mut sources = night.sources.iter().map(source_status);
        if let Some(sessions) = sources.find(|source| source.source == "sessions")
            && !expected.is_empty()
        {
            assert_eq!(sessions.accepted, self.rows.len() as u64, "{day}");
            assert_eq!(sessions.quarantined, 0, "{day}");
        }
        night
    }

    #[track_caller]
    fn charged(&self, day: Date) {
        let records = Records::inspect(&self.project.path("state")).unwrap();
        let charged: Vec<String> = records.charges.iter().map(Charge::release_id).collect();
        assert_eq!(charged, self.released, "{day}");
    }
}

/// Runs something until it is not told that another run holds the lock: a
/// process that another test starts has a copy of it from its fork to its exec.
fn unlocked<T>(run: impl Fn() -> (Option<i32>, T)) -> (Option<i32>, T) {
    for _ in 0..1000 {
        let (code, done) = run();
        if code != Some(5) {
            return (code, done);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("the lock is never free");
}

#[test]
fn two_years_release_every_quarter_once() {
    let mut world = World::new();
    let current = world.project.path("published/current");
    let stop = AtomicBool::new(false);
    let seen = std::thread::scope(|scope| {
        let reader = scope.spawn(|| read_until(&stop, &current));
        // Whatever happens, the reader is told to go.
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| live(&mut world)));
        stop.store(true, Ordering::Relaxed);
        let seen = reader.join().unwrap();
        ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        seen
    });
    assert!(seen.reads > 100, "{seen:?}");
    assert!(seen.sets.len() > 6, "most sets were seen: {seen:?}");
    judge(&world);
}

fn live(world: &mut World) {
    let (mut late, mut number) = (0, 0);
    for day in FIRST_NIGHT.series(1.day()) {
        // Files come whether anything runs or not.
        world.deliver(day);
        if (MISSED.0..MISSED.1).contains(&day) {
            continue;
        }
        if number == NIGHTS {
            break;
        }
        number += 1;
        if day == CHANGED {
            world.project.edit("k = 10", "k = 12");
            world
                .project
                .edit("weight = 1.0", "weight = 2.0\nmax_cells = 2");
        }
        if day == BROKEN {
            broken_night(world, day);
            continue;
        }
        if let Some((_, period)) = REVISED.iter().find(|(on, _)| *on == day) {
            assert!(late > 0, "rows wait for a revision");
            late = revise(world, day, period, late);
            continue;
        }
        let due = world.due(day);
        if number % 97 == 0 {
            as_a_process(world, day, &due);
        } else {
            late = world.good_night(day, None, &due).late_rows();
        }
        if number % 61 == 60 {
            // A clock that goes back, by a day or by months, does nothing.
            for back in [1, 100] {
                world.good_night(day - back.days(), None, &[]);
            }
        }
        world.charged(day);
    }
}

/// A file that is no table refuses the night, though a quarter is due; the next
/// night, without it, makes up for it.
fn broken_night(world: &World, day: Date) {
    let broken = "input/sessions/broken.csv";
    world.project.write(broken, "not,sessions\n1,2\n");
    assert_eq!(world.night(day, None).0, Some(3));
    world.process("run", day).refused(3, &["broken.csv"]);
    fs::remove_file(world.project.path(broken)).unwrap();
    world.charged(day);
}

/// Revises a period; rows that were late are so no longer. A second revision
/// in its window is not paid for.
fn revise(world: &mut World, day: Date, period: &str, late: u64) -> u64 {
    let id = format!("{period}-r1");
    world.released.push(id.clone());
    let night = world.good_night(day, Some(period), &[id]);
    assert!(night.late_rows() < late, "{day}");
    assert_eq!(world.night(day, Some(period)).0, Some(4));
    world.charged(day);
    night.late_rows()
}

fn as_a_process(world: &World, day: Date, due: &[String]) {
    let facts = world.process("run --json", day).ok().json();
    let releases = facts["releases"].as_array().unwrap().iter();
    let releases: Vec<&str> = releases
        .map(|r| r["release_id"].as_str().unwrap())
        .collect();
    assert_eq!(releases, due, "{day}");
    let outcome = if due.is_empty() {
        "up to date"
    } else {
        "released"
    };
    assert_eq!(facts["outcome"], outcome);
}

/// What must hold at the end.
fn judge(world: &World) {
    let project = &world.project;
    assert_eq!(project.charges(), world.released);
    let quarters = world.released.iter().filter(|id| !id.contains("-r"));
    let quarters: Vec<&String> = quarters.collect();
    assert_eq!((quarters[0].as_str(), quarters.len()), ("2023-Q1", 9));
    assert!(quarters.is_sorted() && world.released.len() == 11);
    let budget = project.lodestar("budget --json").ok().json();
    for window in budget["windows"].as_array().unwrap() {
        let spent = window["spent_epsilon"].as_f64().unwrap();
        let whole = window["epsilon"].as_f64().unwrap();
        assert!(spent > 0.0 && spent <= whole, "{window}");
        assert_eq!(window["spare_used"], window["window"] != "2025");
    }
    let mut shown = 0;
    for id in &world.released {
        let report = verify(&project.path(&format!("published/releases/{id}"))).unwrap();
        assert!(report.passed(), "{id}: {:?}", report.findings);
        let Some(Manifest::Release(release)) = report.manifest else {
            panic!("{id}");
        };
        let k = if id.as_str() > "2024" { 12 } else { 10 };
        assert_eq!(release.privacy.k, k, "{id}");
        shown += release.tables[0].rows;
    }
    assert!(shown > 0, "something appears");
    project.verify("current").ok();
}

/// What a reader has seen.
#[derive(Debug, Default)]
struct Seen {
    /// Whole sets that were read.
    reads: u64,
    /// Their manifests.
    sets: BTreeSet<[u8; 32]>,
}

/// Reads `current` again and again: it is there from some moment on, and then
/// always whole.
fn read_until(stop: &AtomicBool, current: &Path) -> Seen {
    let mut seen = Seen::default();
    while !stop.load(Ordering::Relaxed) {
        std::thread::sleep(Duration::from_millis(60));
        let Ok(set) = fs::canonicalize(current) else {
            assert_eq!(seen.reads, 0, "`current` was there, and is gone");
            continue;
        };
        let read = whole(&set);
        // A generation is kept until the swap after the next.
        let overtaken = || fs::canonicalize(current).unwrap() != set && !set.exists();
        match read {
            Some(manifest) => {
                seen.reads += 1;
                seen.sets.insert(manifest);
            }
            None => assert!(overtaken(), "a file of {} is missing", set.display()),
        }
    }
    seen
}

/// Reads a set and compares every file with its manifest; `None`: a file is
/// not there.
fn whole(set: &Path) -> Option<[u8; 32]> {
    let bytes = fs::read(set.join("manifest.json")).ok()?;
    let Ok(Manifest::Current(current)) = manifest::parse(&bytes) else {
        panic!("the manifest of `current` is not whole");
    };
    let tables = current.tables.iter().map(|t| (&t.file, &t.sha256));
    let dimensions = current.dimensions.iter().map(|d| (&d.file, &d.sha256));
    let page = current.page.iter().map(|page| (&page.file, &page.sha256));
    assert_eq!(page.len(), 1);
    for (file, sha256) in tables.chain(dimensions).chain(page) {
        let digest: [u8; 32] = Sha256::digest(fs::read(set.join(file)).ok()?).into();
        assert_eq!(Some(digest), manifest::from_hex(sha256), "{file} is torn");
    }
    Some(Sha256::digest(&bytes).into())
}
