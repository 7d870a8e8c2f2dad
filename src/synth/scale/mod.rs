//! Organisations of any number of sessions, made in parallel and in bounded
//! memory: units, people and sessions alone.
//!
//! Random streams belong to blocks of people in a quarter, and rows are put
//! into files in order. So the same options give the same bytes, whatever the
//! number of threads.

mod chart;
mod crowd;
mod dirt;
mod people;
mod sessions;
mod share;
mod table;
mod truth;

use std::path::PathBuf;

pub use self::chart::Shape;
pub use self::dirt::{Copies, Dirt};
pub use self::share::Share;
pub use self::table::Format;

use self::chart::Chart;
use self::crowd::{Careers, Coachee};
use self::truth::Truth;
use super::codebook::{Codebook, FRAMEWORK};
use super::org::ORGANISATION;
use super::people::Pool;
use super::rng::Draws;
use super::write::Folder;
use super::{LEAST_PEOPLE, MOST_PEOPLE, SynthError, stream, world};
use crate::calendar::{Every, Period};

/// Fewest and most sessions.
pub const SESSIONS: (u64, u64) = (100, 100_000_000);
/// Most sessions a person and quarter, on average.
pub const MOST_A_PERSON: u64 = 100;
/// Most years.
pub const MOST_YEARS: u32 = 10;
/// Fewest and most levels of a tree, and most units: people hold their unit's
/// number in 16 bits.
pub const LEVELS: (u32, u32) = (2, 8);
/// See [`LEVELS`].
pub const MOST_UNITS: u32 = 50_000;

/// Rows of a group that is encoded at once; of Parquet a row group.
const GROUP_ROWS: usize = 131_072;

/// What to generate.
#[derive(Clone, Debug)]
pub struct Scale {
    /// Number of people; [`LEAST_PEOPLE`] to [`MOST_PEOPLE`].
    pub people: u32,
    /// Decides everything that is random.
    pub seed: u64,
    /// The project's folder; must be new or empty.
    pub out: PathBuf,
    /// Number of sound rows of sessions, over all years; see [`SESSIONS`].
    pub sessions: u64,
    /// The org tree; the usual one if not given.
    pub shape: Option<Shape>,
    /// Years from 2024 on; 1 to [`MOST_YEARS`].
    pub years: u32,
    /// How long the project's periods are; a quarter at least.
    pub every: Every,
    /// What people and sessions are written as.
    pub format: Format,
    /// Of all people, who change their unit at each quarter's turn.
    pub careers: Share,
    /// Of all rows, those that may be of group sessions.
    pub groups: Share,
    /// Of all rows, those that come late.
    pub late: Share,
    /// Broken and repeated copies of rows.
    pub dirt: Dirt,
}

impl Scale {
    /// A year of quarters, in Parquet, with nothing but sound rows that come in
    /// time.
    pub fn new(people: u32, sessions: u64, seed: u64, out: PathBuf) -> Self {
        Self {
            people,
            seed,
            out,
            sessions,
            shape: None,
            years: 1,
            every: Every::Quarter,
            format: Format::Parquet,
            careers: Share::NONE,
            groups: Share::NONE,
            late: Share::NONE,
            dirt: Dirt::default(),
        }
    }

    fn check(&self) -> Result<(), SynthError> {
        let people = self.people;
        if !(LEAST_PEOPLE..=MOST_PEOPLE).contains(&people) {
            return Err(SynthError::People { people });
        }
        let refused = |problem| Err(SynthError::Scale { problem });
        if !(1..=MOST_YEARS).contains(&self.years) || self.every == Every::Month {
            return refused(format!(
                "{} years of periods of a {}: expected 1 to {MOST_YEARS} years, and quarters, \
                 halves or years",
                self.years,
                self.every.name()
            ));
        }
        let (least, most) = SESSIONS;
        let quarters = u64::from(4 * self.years);
        let most = most.min(MOST_A_PERSON * u64::from(people) * quarters);
        if !(least..=most).contains(&self.sessions) {
            return refused(format!(
                "{} sessions of {people} people in {quarters} quarters: expected {least} to \
                 {most}; choose another --sessions, or more --people",
                self.sessions
            ));
        }
        if let Some(kind) = self.dirt.impossible(self.format) {
            return refused(format!(
                "no {} file can have {kind}: choose another --format, or leave it out of --dirt",
                self.format.extension()
            ));
        }
        if let Some(Shape { units, levels }) = self.shape {
            let (least, most) = LEVELS;
            let most_units = MOST_UNITS.min(people);
            if !(least..=most).contains(&levels)
                || !((1 << levels) - 1..=most_units).contains(&units)
            {
                return refused(format!(
                    "{units} units at {levels} levels: expected {least} to {most} levels, \
                     2^levels - 1 units at least, and {most_units} at most (of {people} people)"
                ));
            }
        }
        Ok(())
    }
}

/// What was generated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Number of people.
    pub people: u32,
    /// Number of units, the root included.
    pub units: u32,
    /// Number of levels, the root's included.
    pub levels: u32,
    /// Number of coaches in the pool.
    pub coaches: u32,
    /// Number of sound rows of sessions.
    pub sessions: u64,
    /// Broken and repeated copies of rows.
    pub copies: Vec<Copies>,
}

/// What everything is made with.
struct World<'a> {
    options: &'a Scale,
    folder: &'a Folder,
    chart: Chart,
    themes: world::World,
    pool: Pool,
    careers: Careers,
    quarters: Vec<Period>,
    /// See [`GROUP_ROWS`].
    group_rows: usize,
}

impl<'a> World<'a> {
    fn new(options: &'a Scale, folder: &'a Folder, codebook: Codebook, group_rows: usize) -> Self {
        let draws = |stream| Draws::new(options.seed, stream);
        let chart = Chart::new(options.people, options.shape, &mut draws(stream::ORG));
        let quarters = 4 * options.years;
        let divisions = chart.org.divisions.len();
        let first = Period::containing(jiff::civil::date(2024, 1, 1), Every::Quarter, 1);
        let periods = std::iter::successors(Some(first), |period| Some(period.next()));
        Self {
            options,
            folder,
            themes: world::World::new(codebook, divisions, quarters, &mut draws(stream::WORLD)),
            pool: Pool::new(&chart.org),
            careers: Careers::new(&chart.org, options.careers),
            chart,
            quarters: periods.take(quarters as usize).collect(),
            group_rows,
        }
    }
}

/// Writes an organisation into a new or empty folder.
///
/// Memory is proportional to the number of people, not of sessions.
pub fn generate(options: &Scale) -> Result<Summary, SynthError> {
    generate_in_groups(options, GROUP_ROWS)
}

/// The same, in groups of about so many rows.
pub(super) fn generate_in_groups(
    options: &Scale,
    group_rows: usize,
) -> Result<Summary, SynthError> {
    options.check()?;
    let folder = Folder::create(&options.out)?;
    let (codebook, themes) = Codebook::apart();
    let world = World::new(options, &folder, codebook, group_rows);
    let mut crowd = crowd::hire(&world, &mut Draws::new(options.seed, stream::PEOPLE));
    project(&world, &themes)?;
    let org_faults = options.dirt.of(&dirt::ORG, Format::Csv);
    let people_faults = options.dirt.of(&dirt::PEOPLE, options.format);
    let session_faults = options.dirt.of(&dirt::SESSIONS, options.format);
    org(&world, &org_faults)?;
    people::write(&world, &crowd, &people_faults)?;
    let truth = years(&world, &mut crowd, &session_faults)?;
    let copies = [
        org_faults.count("org", world.chart.rows.len() as u64),
        people_faults.count("people", u64::from(options.people)),
        session_faults.count("sessions", options.sessions),
    ];
    let copies = copies.concat();
    truth.finish(&world, &copies)?;
    Ok(Summary {
        people: options.people,
        units: world.chart.units(),
        levels: world.chart.levels,
        coaches: world.pool.len(),
        sessions: options.sessions,
        copies,
    })
}

/// Lives through all quarters, and writes their sessions.
fn years(
    world: &World<'_>,
    crowd: &mut [Coachee],
    faults: &dirt::Faults,
) -> Result<Truth, SynthError> {
    let options = world.options;
    world.folder.folder("input/sessions")?;
    let mut truth = Truth::begin(world.folder)?;
    let (mut before, mut period_began) = (0, 0);
    for (number, quarter) in world.quarters.iter().enumerate() {
        let up_to = options.sessions * (number as u64 + 1) / world.quarters.len() as u64;
        let sums = crowd::turn(world, crowd, number);
        let rows = before..up_to;
        sessions::write(world, number, crowd, (&sums, rows), faults)?;
        before = up_to;
        let period = Period::containing(quarter.start(), options.every, 1);
        if period.end() == quarter.end() {
            let sessions = up_to - period_began;
            truth.period(world, (period, number as u32), crowd, sessions)?;
            period_began = up_to;
        }
    }
    Ok(truth)
}

/// Configuration, framework, codebook and notes.
fn project(world: &World<'_>, codebook: &str) -> Result<(), SynthError> {
    let World {
        options, folder, ..
    } = world;
    let period = |quarter: Option<&Period>| {
        let start = quarter.map_or(jiff::civil::Date::ZERO, Period::start);
        Period::containing(start, options.every, 1).name()
    };
    let tolerance = if options.dirt.any() {
        "\n# Broken rows were asked for: no share of them is too many.\ntolerance = 1.0"
    } else {
        ""
    };
    let values = [
        ("{people}", options.people.to_string()),
        ("{sessions}", options.sessions.to_string()),
        ("{seed}", options.seed.to_string()),
        ("{every}", options.every.name().to_owned()),
        ("{first}", period(world.quarters.first())),
        ("{last}", period(world.quarters.last())),
        ("{extension}", options.format.extension().to_owned()),
        ("{tolerance}", tolerance.to_owned()),
    ];
    folder.template("lodestar.toml", include_str!("../data/scale.toml"), &values)?;
    folder.template("README.md", include_str!("../data/scale.md"), &values)?;
    folder.text("framework.toml", FRAMEWORK)?;
    folder.text("codebook.toml", codebook)
}

/// `input/org.csv`, with the broken copies at each unit.
fn org(world: &World<'_>, faults: &dirt::Faults) -> Result<(), SynthError> {
    let mut csv = world
        .folder
        .csv("input/org.csv", &["org_unit", "label", "parent"])?;
    csv.row(&[ORGANISATION, ORGANISATION, ""])?;
    for (row, number) in world.chart.rows.iter().zip(0..) {
        let [id, label, parent] = row.each_ref().map(String::as_str);
        csv.row(&[id, label, parent])?;
        for fault in faults.after(number) {
            match fault {
                dirt::Fault::Value => csv.row(&[ORGANISATION, label, id])?,
                dirt::Fault::ParentMissing => csv.row(&[id, label, ""])?,
                _ => csv.row(&[id, label, parent])?,
            }
        }
    }
    csv.finish()
}
