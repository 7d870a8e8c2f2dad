//! What is true of an organisation of any size: planted, and counted.

use std::ops::Range;

use rayon::prelude::*;
use serde::Serialize;

use super::super::SynthError;
use super::super::codebook::{COMPETENCIES, PAIRS};
use super::super::people::{ANY_COACH, CHANGE_COACH, LEVELS, REFOCUS};
use super::super::sessions::{EXPECTED_KEYS_PPM, KEYS_OF_MORE_PPM, KEYS_OF_ONE_PPM};
use super::super::truth::{Division, Figures, Frequency, Tally, divisions, frequencies};
use super::super::truth::{json, rates, rates_file};
use super::super::world::{OVER_FACTOR, UNDER_DIVISOR};
use super::super::write::{Csv, Folder};
use super::crowd::Coachee;
use super::dirt::Copies;
use super::{Scale, World};
use crate::calendar::{Every, Period};

/// People who are counted together, at least.
const PART: usize = 1 << 17;

/// The truth, which grows period by period.
pub(super) struct Truth {
    rates: Csv,
    tallies: Vec<Tally>,
}

impl Truth {
    pub(super) fn begin(folder: &Folder) -> Result<Self, SynthError> {
        folder.folder("truth")?;
        folder.text("truth/README.md", include_str!("../data/scale-truth.md"))?;
        Ok(Self {
            rates: rates_file(folder)?,
            tallies: Vec::new(),
        })
    }

    /// Takes in a period that ends with a quarter, and forgets what people
    /// worked on in it.
    pub(super) fn period(
        &mut self,
        world: &World<'_>,
        (period, quarter): (Period, u32),
        crowd: &mut [Coachee],
        sessions: u64,
    ) -> Result<(), SynthError> {
        let org = &world.chart.org;
        let empty = || Counted::new(period, org.divisions.len());
        let parts = crowd.par_chunks_mut(PART).map(|people| {
            let mut counted = empty();
            for person in people {
                counted.take(world, person);
            }
            counted
        });
        let Counted { mut tally, once } = parts.reduce(empty, |one, other| one.merge(&other));
        tally.held(sessions);
        let mixes = (0..org.divisions.len()).map(|division| world.themes.mix(division, quarter));
        let mixes: Vec<_> = mixes.collect();
        let expected = |parts: Range<usize>, pair: usize| {
            // Over several quarters people turn to other things; how often,
            // depends on when they had sessions.
            if period.every() != Every::Quarter {
                return None;
            }
            let (mut sum, mut coachees) = (0, 0);
            for part in parts {
                let (of, ones) = (tally.coachees_of(part..part + 1), once[part]);
                let keys = ones * KEYS_OF_ONE_PPM + (of - ones) * KEYS_OF_MORE_PPM;
                let share = u128::from(mixes[part].expected_ppm(pair)) * u128::from(keys);
                sum += (share / u128::from(EXPECTED_KEYS_PPM)) as u64;
                coachees += of;
            }
            Some(sum / coachees.max(1))
        };
        rates(&mut self.rates, org, &world.themes, &tally, &expected)?;
        self.tallies.push(tally);
        Ok(())
    }

    /// Writes what is left.
    pub(super) fn finish(self, world: &World<'_>, copies: &[Copies]) -> Result<(), SynthError> {
        self.rates.finish()?;
        json(world.folder, &File::new(world, &self.tallies, copies))
    }
}

/// What is counted of some people.
struct Counted {
    tally: Tally,
    /// Per division its coachees with but one session.
    once: Vec<u64>,
}

impl Counted {
    fn new(period: Period, divisions: usize) -> Self {
        Self {
            tally: Tally::new(period, divisions),
            once: vec![0; divisions],
        }
    }

    fn take(&mut self, world: &World<'_>, person: &mut Coachee) {
        let pairs = std::mem::take(&mut person.pairs);
        let others = std::mem::take(&mut person.others);
        if pairs == 0 && others == 0 {
            return;
        }
        let pairs = (0..PAIRS).filter(|pair| pairs >> pair & 1 == 1);
        let others = (0..COMPETENCIES).filter(|competency| others >> competency & 1 == 1);
        let keys: Vec<usize> = pairs.chain(others.map(|other| PAIRS + other)).collect();
        let department = usize::from(person.place().department);
        let (division, ..) = world.chart.org.departments[department];
        self.tally.add(division, 0, &keys);
        self.once[division] += u64::from(person.once);
    }

    fn merge(self, other: &Self) -> Self {
        let once = self.once.iter().zip(&other.once);
        Self {
            once: once.map(|(one, other)| one + other).collect(),
            tally: self.tally.merge(&other.tally),
        }
    }
}

/// `truth.json`.
#[derive(Serialize)]
struct File<'a> {
    note: &'static str,
    missing: &'static str,
    people: u32,
    sessions: u64,
    seed: u64,
    units: u32,
    levels: u32,
    world: Parameters,
    divisions: Vec<Division<'a>>,
    rising: &'a str,
    frequencies: Vec<Frequency<'a>>,
    figures: Vec<&'a Figures>,
    /// Copies of sound rows, beside them.
    dirt: &'a [Copies],
}

/// The parameters that hold everywhere.
#[derive(Serialize)]
struct Parameters {
    job_levels: Vec<JobLevel>,
    new_focus_share: f64,
    change_coach_share: f64,
    any_coach_share: f64,
    over_factor: f64,
    under_factor: f64,
    /// Mean number of listed pairs of a coachee with one session in a quarter,
    /// and with more.
    expected_pairs_of_one_session: f64,
    expected_pairs_of_more: f64,
    careers_share: f64,
    groups_share: f64,
    late_share: f64,
}

#[derive(Serialize)]
struct JobLevel {
    id: &'static str,
    share: f64,
    /// How many sessions they have, beside others.
    weight: u64,
}

impl<'a> File<'a> {
    fn new(world: &'a World<'_>, tallies: &'a [Tally], dirt: &'a [Copies]) -> Self {
        let World {
            options, themes, ..
        } = world;
        Self {
            note: "Private: the planted truth of a synthetic organisation. Never publish it.",
            missing: "Nothing is planted in assessments, outcomes and programmes: there are none. \
                      theme_rates.csv tells of the organisation and of level 1 alone.",
            people: options.people,
            sessions: options.sessions,
            seed: options.seed,
            units: world.chart.units(),
            levels: world.chart.levels,
            world: Parameters::new(options),
            divisions: divisions(&world.chart.org, themes),
            rising: &themes.codebook.themes[themes.rising],
            frequencies: frequencies(themes),
            figures: tallies.iter().map(Tally::figures).collect(),
            dirt,
        }
    }
}

impl Parameters {
    fn new(options: &Scale) -> Self {
        let share = |thousandths: u64| thousandths as f64 / 1000.0;
        let level = |(id, of, weight): (&'static str, u64, u64)| JobLevel {
            id,
            share: share(of),
            weight,
        };
        Self {
            job_levels: LEVELS.into_iter().map(level).collect(),
            new_focus_share: share(REFOCUS),
            change_coach_share: share(CHANGE_COACH),
            any_coach_share: share(ANY_COACH),
            over_factor: OVER_FACTOR as f64,
            under_factor: 1.0 / UNDER_DIVISOR as f64,
            expected_pairs_of_one_session: KEYS_OF_ONE_PPM as f64 / 1e6,
            expected_pairs_of_more: KEYS_OF_MORE_PPM as f64 / 1e6,
            careers_share: options.careers.number(),
            groups_share: options.groups.number(),
            late_share: options.late.number(),
        }
    }
}
