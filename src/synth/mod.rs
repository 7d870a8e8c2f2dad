//! Synthetic organisations of any size, with a known truth.
//!
//! [`generate`] writes a whole project, ready to `run`: configuration,
//! framework, codebook, inputs, and, in a folder of its own, the truth that it
//! planted. The same options give the same bytes, on any machine: every draw
//! is an integer from a seeded `ChaCha8` stream. `docs/synthetic.md` describes
//! the world.

mod codebook;
mod cycle;
mod growth;
mod half;
mod notes;
mod org;
mod outcomes;
mod people;
mod programme;
mod pulse;
pub(crate) mod rng;
mod rows;
pub mod scale;
mod scores;
mod sessions;
mod spread;
mod study;
mod teams;
#[cfg(test)]
mod tests;
mod truth;
mod world;
mod write;

use std::io;
use std::path::PathBuf;

use self::codebook::{CODEBOOK, Codebook, FRAMEWORK};
use self::half::{HalfYear, Worked};
use self::notes::Noted;
use self::org::Org;
use self::people::{Person, Pool};
use self::rng::Draws;
use self::rows::SessionWriter;
use self::study::Study;
use self::truth::Tally;
use self::world::World;
use self::write::Folder;
use crate::calendar::{Every, Period};

/// Fewest people of an organisation: with fewer, a quarter may have no session.
pub const LEAST_PEOPLE: u32 = 20;
/// Most people of an organisation: they are held in memory, at 16 bytes each.
pub const MOST_PEOPLE: u32 = 20_000_000;
/// Most quarters.
pub const MOST_QUARTERS: u32 = 40;

/// What comes with the inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kit {
    /// The truth, for studies.
    Study,
    /// A configuration that explains every key, to start a project from.
    Starter,
}

impl Kit {
    /// Texts of `lodestar.toml` and `README.md`, with `{name}` where values
    /// belong.
    fn templates(self) -> (&'static str, &'static str) {
        match self {
            Self::Study => (
                include_str!("data/lodestar.toml"),
                include_str!("data/README.md"),
            ),
            Self::Starter => (
                include_str!("data/starter.toml"),
                include_str!("data/starter.md"),
            ),
        }
    }
}

/// What to generate.
#[derive(Clone, Debug)]
pub struct Options {
    /// Number of people; [`LEAST_PEOPLE`] to [`MOST_PEOPLE`].
    pub people: u32,
    /// Decides everything that is random.
    pub seed: u64,
    /// The project's folder; must be new or empty.
    pub out: PathBuf,
    /// First period: a calendar quarter.
    pub first: Period,
    /// Number of quarters; 1 to [`MOST_QUARTERS`].
    pub quarters: u32,
    /// What comes with the inputs.
    pub kit: Kit,
    /// Whether coaches write notes, and people have names.
    pub notes: bool,
}

impl Options {
    /// The usual five quarters, 2024-Q1 to 2025-Q1.
    pub fn new(people: u32, seed: u64, out: PathBuf) -> Self {
        let first = Period::containing(jiff::civil::date(2024, 1, 1), Every::Quarter, 1);
        Self {
            people,
            seed,
            out,
            first,
            quarters: 5,
            kit: Kit::Study,
            notes: false,
        }
    }

    /// A project to start from: the year 2024, whose last quarter is released.
    /// 2,000 people are enough for something to appear.
    pub fn starter(out: PathBuf) -> Self {
        Self {
            quarters: 4,
            kit: Kit::Starter,
            ..Self::new(2000, 1, out)
        }
    }

    fn check(&self) -> Result<(), SynthError> {
        if !(LEAST_PEOPLE..=MOST_PEOPLE).contains(&self.people) {
            return Err(SynthError::People {
                people: self.people,
            });
        }
        let calendar = Period::parse(&self.first.name(), Every::Quarter, 1);
        if calendar.as_ref() != Ok(&self.first) || !(1..=MOST_QUARTERS).contains(&self.quarters) {
            return Err(SynthError::Periods {
                first: self.first.name(),
                quarters: self.quarters,
            });
        }
        Ok(())
    }
}

/// What was generated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Number of people.
    pub people: u32,
    /// Number of units at level 1.
    pub divisions: u32,
    /// Number of units at level 2.
    pub departments: u32,
    /// Number of coaches in the pool.
    pub coaches: u32,
    /// Number of sessions over all periods.
    pub sessions: u64,
    /// Per period its name and number of people coached.
    pub coachees: Vec<(String, u64)>,
}

/// Why nothing, or not everything, was generated.
#[derive(Debug, thiserror::Error)]
pub enum SynthError {
    /// Too few or too many people.
    #[error(
        "{people} people: an organisation has {LEAST_PEOPLE} to {MOST_PEOPLE}; \
         choose another --people"
    )]
    People {
        /// What was asked for.
        people: u32,
    },
    /// Not calendar quarters, or too few or too many.
    #[error(
        "{quarters} quarters from {first}: expected 1 to {MOST_QUARTERS} calendar quarters, \
         from a quarter such as 2024-Q1 on"
    )]
    Periods {
        /// Name of the first period.
        first: String,
        /// What was asked for.
        quarters: u32,
    },
    /// Options of [`scale`] that don't go together.
    #[error("{problem}")]
    Scale {
        /// What is wrong, and what to do.
        problem: String,
    },
    /// Something is there already.
    #[error("{} is not empty; choose a new folder, or empty this one", path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// A file or folder can't be written.
    #[error("{}: {source}; nothing in this folder is complete, delete it", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A CSV file can't be written.
    #[error("{}: {source}; nothing in this folder is complete, delete it", path.display())]
    Csv {
        /// The file.
        path: PathBuf,
        /// Why.
        source: csv::Error,
    },
    /// A Parquet file can't be written.
    #[error("{}: {source}; nothing in this folder is complete, delete it", path.display())]
    Parquet {
        /// The file.
        path: PathBuf,
        /// Why.
        source: parquet::errors::ParquetError,
    },
}

impl SynthError {
    /// The program's exit code.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::People { .. }
            | Self::Periods { .. }
            | Self::Scale { .. }
            | Self::NotEmpty { .. } => 2,
            Self::Io { .. } | Self::Csv { .. } | Self::Parquet { .. } => 7,
        }
    }
}

/// Streams of random draws, one for each part of the world; the quarters'
/// follow from the last on. Those from 3 on, and from 64 on, belong to studies.
mod stream {
    pub(super) const ORG: u64 = 0;
    pub(super) const WORLD: u64 = 1;
    pub(super) const PEOPLE: u64 = 2;
    pub(super) const QUARTERS: u64 = 16;
    pub(super) const NOTES: u64 = 192;
}

/// Writes a synthetic organisation into a new or empty folder.
///
/// Memory is proportional to the number of people, not of sessions.
pub fn generate(options: &Options) -> Result<Summary, SynthError> {
    options.check()?;
    let folder = Folder::create(&options.out)?;
    let draws = |stream| Draws::new(options.seed, stream);
    let org = Org::new(options.people, &mut draws(stream::ORG));
    let world = World::new(
        Codebook::built_in(),
        org.divisions.len(),
        options.quarters,
        &mut draws(stream::WORLD),
    );
    let pool = Pool::new(&org);
    let mut people = people::hire(&org, &mut draws(stream::PEOPLE));

    let periods = std::iter::successors(Some(options.first), |period| Some(period.next()));
    let periods: Vec<Period> = periods.take(options.quarters as usize).collect();
    project(&folder, options, &periods)?;
    folder.org(&org)?;
    folder.people(&people, &org, options.notes)?;

    folder.folder("input/sessions")?;
    if options.kit == Kit::Study || options.notes {
        folder.folder("truth")?;
    }
    let noted = options.notes.then(|| Noted::begin(&folder, &world, &pool));
    let mut noted = noted.transpose()?;
    let study = (options.kit == Kit::Study).then(|| {
        let halves = HalfYear::of(&periods);
        Study::begin((&folder, options.seed), (&org, &world), halves, &people)
    });
    let mut study = study.transpose()?;
    let mut worked = vec![Worked::default(); people.len()];

    let mut tallies = Vec::new();
    let mut sessions = 0;
    for (number, period) in periods.iter().enumerate() {
        let mut draws = draws(stream::QUARTERS + number as u64);
        let quarter = Quarter {
            number: number as u32,
            period: *period,
            org: &org,
            world: &world,
            pool: &pool,
            theme: study.as_ref().map(Study::pair),
        };
        if let Some(noted) = &mut noted {
            noted.begin_quarter(options.seed, number as u64);
        }
        let notes = noted.as_mut();
        let (tally, count) =
            quarter.write((&folder, notes), &mut people, &mut worked, &mut draws)?;
        if let Some(study) = &mut study {
            study.quarter(number as u32, &people, &mut worked)?;
        }
        tallies.push(tally);
        sessions += count;
    }
    if let Some(noted) = noted {
        noted.finish()?;
    }
    if let Some(study) = study {
        truth::write(&folder, options, &study.finish()?, &tallies)?;
    }
    let coachees = periods.iter().zip(&tallies);
    Ok(Summary {
        people: options.people,
        divisions: org.divisions.len() as u32,
        departments: org.departments.len() as u32,
        coaches: pool.len(),
        sessions,
        coachees: coachees
            .map(|(period, tally)| (period.name(), tally.coachees()))
            .collect(),
    })
}

/// The end of the configuration, where coaches write notes.
const NAMES: &str = "
[sources.names]              # coaches, taken out of notes: public
path = \"input/names.csv\"
synthetic = true
";

/// Configuration, framework, codebook and notes.
fn project(folder: &Folder, options: &Options, periods: &[Period]) -> Result<(), SynthError> {
    let (configuration, readme) = options.kit.templates();
    let period = |period: Option<&Period>| period.map(Period::name).unwrap_or_default();
    let values = [
        ("{people}", options.people.to_string()),
        ("{seed}", options.seed.to_string()),
        ("{first}", period(periods.first())),
        ("{last}", period(periods.last())),
    ];
    let names = if options.notes { NAMES } else { "" };
    folder.template("lodestar.toml", &format!("{configuration}{names}"), &values)?;
    folder.template("README.md", readme, &values)?;
    folder.text("framework.toml", FRAMEWORK)?;
    folder.text("codebook.toml", CODEBOOK)
}

/// One quarter of the organisation.
struct Quarter<'a> {
    number: u32,
    period: Period,
    org: &'a Org,
    world: &'a World,
    pool: &'a Pool,
    /// Pair of the theme that goes with progress.
    theme: Option<usize>,
}

impl Quarter<'_> {
    /// Moves everyone into the quarter and writes their sessions, person by
    /// person; gives the number of sessions.
    fn write(
        &self,
        (folder, mut notes): (&Folder, Option<&mut Noted<'_>>),
        people: &mut [Person],
        worked: &mut [Worked],
        draws: &mut Draws,
    ) -> Result<(Tally, u64), SynthError> {
        let mut file = SessionWriter::create(folder, self.period, notes.is_some())?;
        let mut tally = Tally::new(self.period, self.org.divisions.len());
        let divisions = 0..self.org.divisions.len();
        let mixes = divisions.map(|division| self.world.mix(division, self.number));
        let mixes: Vec<_> = mixes.collect();
        for (index, (person, worked)) in people.iter_mut().zip(worked).enumerate() {
            people::advance(person, self.number == 0, self.org, self.pool, draws);
            if !person.coached {
                continue;
            }
            let (division, ..) = self.org.departments[usize::from(person.department)];
            let (mix, days) = (&mixes[division], file.days());
            let sessions = sessions::quarter(self.world, mix, person.focus, days, draws);
            let keys = sessions::keys(&self.world.codebook, &sessions);
            worked.sessions += sessions.len() as u8;
            worked.theme |= self.theme.is_some_and(|pair| keys.contains(&pair));
            tally.add(division, sessions.len(), &keys);
            let written = notes.as_mut().map(|notes| {
                let ids = (1..=sessions.len() as u64).map(|place| file.id(place));
                notes.write((index, person.coach), &sessions, ids)
            });
            let written = written.transpose()?;
            let people = (index, person.coach);
            file.add(&self.world.codebook, people, &sessions, written.as_deref())?;
        }
        Ok((tally, file.finish()?))
    }
}
