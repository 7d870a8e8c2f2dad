//! What a study needs beside sessions: assessments, outcomes and a programme,
//! half-year by half-year.

use super::SynthError;
use super::codebook::INSTRUMENTS;
use super::cycle::{self, Cycle};
use super::growth::Growth;
use super::half::{HalfYear, Worked};
use super::org::Org;
use super::outcomes::{Outcomes, Sums};
use super::people::Person;
use super::programme::Programme;
use super::pulse;
use super::rng::Draws;
use super::rows::{AssessmentWriter, OutcomeWriter};
use super::scores::{Counts, ThemePair};
use super::teams::{Teams, traits};
use super::world::World;
use super::write::Folder;

/// Streams of random draws, one for each part; those of half-years follow from
/// the last ones on.
mod stream {
    pub(super) const GROWTH: u64 = 3;
    pub(super) const TEAMS: u64 = 4;
    pub(super) const PROGRAMME: u64 = 5;
    pub(super) const TRAITS: u64 = 6;
    pub(super) const ROUNDS: u64 = 64;
    pub(super) const SURVEYS: u64 = 96;
    pub(super) const OUTCOMES: u64 = 128;
}

/// The part of the world that is there for studies.
pub(super) struct Study<'a> {
    seed: u64,
    folder: &'a Folder,
    org: &'a Org,
    world: &'a World,
    growth: Growth,
    programme: Programme,
    teams: Teams,
    halves: Vec<HalfYear>,
    /// Assessments of the last half-year: the next adds its first scores.
    assessments: AssessmentWriter,
    /// What is exactly so: of the half-year before all sessions, and of each.
    records: Vec<Record>,
    /// Pairs of the calendar year so far.
    theme_pairs: Vec<ThemePair>,
    years: Vec<ThemeYear>,
}

/// What is exactly so in a half-year, by division.
pub(super) struct Record {
    pub(super) scores: Vec<Counts>,
    /// If it is measured to its end.
    pub(super) sums: Option<Vec<Sums>>,
}

/// People with a pair in the competency of the theme, with the theme in the
/// calendar year and without it.
#[derive(Clone, Copy, Default)]
pub(super) struct ThemeSide {
    pub(super) people: u64,
    /// Of the manager's scores, in hundredths.
    pub(super) change: i64,
    /// People who had the theme in the half-year of their pair.
    pub(super) at_the_time: u64,
}

/// A calendar year, by division: without, and with the theme.
pub(super) struct ThemeYear {
    pub(super) name: String,
    sides: Vec<[ThemeSide; 2]>,
}

impl ThemeYear {
    /// Both sides of some divisions together.
    pub(super) fn sum(&self, divisions: std::ops::Range<usize>) -> [ThemeSide; 2] {
        let mut sum = [ThemeSide::default(); 2];
        for sides in &self.sides[divisions] {
            for (sum, side) in sum.iter_mut().zip(sides) {
                sum.people += side.people;
                sum.change += side.change;
                sum.at_the_time += side.at_the_time;
            }
        }
        sum
    }
}

impl<'a> Study<'a> {
    /// Begins with what is known before the first session.
    pub(super) fn begin(
        (folder, seed): (&'a Folder, u64),
        (org, world): (&'a Org, &'a World),
        halves: Vec<HalfYear>,
        people: &[Person],
    ) -> Result<Self, SynthError> {
        let draws = |stream| Draws::new(seed, stream);
        folder.text("instruments.toml", INSTRUMENTS)?;
        folder.folder("input/assessments")?;
        folder.folder("input/outcomes")?;
        let programme = Programme::new(org, &mut draws(stream::PROGRAMME));
        programme.write(folder, org, &halves[0])?;
        let mut study = Self {
            seed,
            folder,
            org,
            world,
            growth: Growth::new(org, world, &mut draws(stream::GROWTH)),
            programme,
            teams: Teams::new(org, &mut draws(stream::TEAMS)),
            assessments: AssessmentWriter::create(folder, halves[0].before())?,
            halves,
            records: Vec::new(),
            theme_pairs: Vec::new(),
            years: Vec::new(),
        };
        let first = Outcomes::before(org, &study.programme, &study.halves[0]);
        let nothing = vec![Worked::default(); people.len()];
        let sums = study.outcomes(&first, people, &nothing)?;
        study.record(sums);
        Ok(study)
    }

    /// Pair of the theme that goes with progress.
    pub(super) fn pair(&self) -> usize {
        self.growth.pair
    }

    fn record(&mut self, sums: Option<Vec<Sums>>) {
        self.records.push(Record {
            scores: vec![Counts::default(); self.org.divisions.len()],
            sums,
        });
    }

    fn outcomes(
        &self,
        outcomes: &Outcomes<'_>,
        people: &[Person],
        worked: &[Worked],
    ) -> Result<Option<Vec<Sums>>, SynthError> {
        let mut file = OutcomeWriter::create(self.folder, outcomes.period)?;
        let draws = |stream| Draws::new(self.seed, stream);
        let mut own = draws(stream::OUTCOMES + (outcomes.number + 1) as u64);
        let people = traits(people, &self.teams, draws(stream::TRAITS));
        let sums = outcomes.write(people, worked, &mut file, &mut own)?;
        file.finish()?;
        Ok(sums)
    }

    /// Takes in a quarter, by its number, of which all sessions are held.
    pub(super) fn quarter(
        &mut self,
        number: u32,
        people: &[Person],
        worked: &mut [Worked],
    ) -> Result<(), SynthError> {
        let ended = |half: &HalfYear| half.last().0 == number;
        let Some(half) = self.halves.iter().position(ended) else {
            return Ok(());
        };
        let outcomes = Outcomes::of(self.org, &self.programme, &self.halves[half]);
        let sums = self.outcomes(&outcomes, people, worked)?;
        self.record(sums);
        self.assess(half, people, worked)?;
        let year_ends = self.halves[half].period.end().month() == 12;
        for worked in worked.iter_mut() {
            worked.theme_in_year |= worked.theme;
        }
        if year_ends {
            self.year(half, worked);
        }
        for worked in worked {
            *worked = Worked {
                theme_in_year: worked.theme_in_year && !year_ends,
                ..Worked::default()
            };
        }
        Ok(())
    }

    /// Writes a half-year's round of the 360 and its survey.
    fn assess(
        &mut self,
        number: usize,
        people: &[Person],
        worked: &[Worked],
    ) -> Result<(), SynthError> {
        let half = &self.halves[number];
        let draws = |stream| Draws::new(self.seed, stream);
        let mut file = AssessmentWriter::create(self.folder, half.period)?;
        let [.., before, record] = &mut self.records[..] else {
            unreachable!("the half-year before is on record");
        };
        let cycle = Cycle::new((self.org, self.world, &self.growth, &self.teams), half);
        let into = cycle::Into {
            before: &mut self.assessments,
            after: &mut file,
            counts_before: &mut before.scores,
            counts: &mut record.scores,
            theme_pairs: &mut self.theme_pairs,
        };
        let traits = traits(people, &self.teams, draws(stream::TRAITS));
        let mut own = draws(stream::ROUNDS + number as u64);
        cycle.write(traits, worked, into, &mut own)?;
        let mut own = draws(stream::SURVEYS + number as u64);
        pulse::write(
            (self.org, half, self.growth.division),
            people,
            worked,
            (&mut file, &mut record.scores),
            &mut own,
        )?;
        std::mem::replace(&mut self.assessments, file).finish()
    }

    /// Closes a calendar year; it counts if sessions are held in all of it.
    fn year(&mut self, last: usize, worked: &[Worked]) {
        let pairs = std::mem::take(&mut self.theme_pairs);
        let whole = |half: &HalfYear| half.whole();
        if last == 0 || !self.halves[last - 1..=last].iter().all(whole) {
            return;
        }
        let mut sides = vec![<[ThemeSide; 2]>::default(); self.org.divisions.len()];
        for pair in pairs {
            let with = worked[pair.person as usize].theme_in_year;
            let side = &mut sides[usize::from(pair.division)][usize::from(with)];
            side.people += 1;
            side.change += i64::from(pair.change);
            side.at_the_time += u64::from(pair.theme);
        }
        let name = self.halves[last].period.end().year().to_string();
        self.years.push(ThemeYear { name, sides });
    }

    /// Writes what is left.
    pub(super) fn finish(self) -> Result<Exact<'a>, SynthError> {
        self.assessments.finish()?;
        Ok(Exact {
            org: self.org,
            world: self.world,
            growth: self.growth,
            programme: self.programme,
            halves: self.halves,
            records: self.records,
            years: self.years,
        })
    }
}

/// What a study was given, and what is exactly so.
pub(super) struct Exact<'a> {
    pub(super) org: &'a Org,
    pub(super) world: &'a World,
    pub(super) growth: Growth,
    pub(super) programme: Programme,
    pub(super) halves: Vec<HalfYear>,
    /// Of the half-year before all sessions, and of each.
    pub(super) records: Vec<Record>,
    pub(super) years: Vec<ThemeYear>,
}
