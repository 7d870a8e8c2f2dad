//! Everyone, in memory at 32 bytes each, and what a quarter asks of them.
//!
//! People come in blocks. Each block has random streams of its own, so that
//! blocks can be made in any order, by any thread.

use rayon::prelude::*;

use super::super::org::Org;
use super::super::people::{CHANGE_COACH, LEVELS, REFOCUS, departments};
use super::super::rng::Draws;
use super::super::spread::Spread;
use super::World;
use super::share::Share;

/// People of a block.
pub(super) const BLOCK: usize = 1024;

/// What a block's streams are drawn for.
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    Hire = 1,
    Turn,
    Careers,
    Sessions,
    Groups,
    Late,
}

/// The stream of a block in a quarter. The numbers are above those of streams
/// that are not of blocks.
pub(super) fn stream(seed: u64, purpose: Purpose, quarter: usize, block: usize) -> Draws {
    let stream = (purpose as u64) << 56 | (quarter as u64) << 40 | block as u64;
    Draws::new(seed, stream)
}

/// How active people are: a bell of quarters of an octave.
const ACTIVITY: Spread = Spread::new(4, 9);
/// [`ACTIVITY`]'s draws, as multiples of 1/64 of the median.
const ACTIVITIES: [u16; 33] = {
    let mut table = [0; 33];
    let mut step = 0;
    while step < 33 {
        // 2^(n / 4), in millionths.
        let quarter = [1_000_000, 1_189_207, 1_414_214, 1_681_793][step % 4];
        table[step] = (4 * (1 << (step / 4)) * quarter / 1_000_000) as u16;
        step += 1;
    }
    table
};
/// Of 1,024, least and most of what is left of an activity in a quarter.
const JITTER: (u64, u64) = (512, 1536);

/// Where somebody belongs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Index of the department.
    pub(super) department: u16,
    /// Index of the job level.
    pub(super) level: u8,
}

/// One person.
pub(super) struct Coachee {
    /// What decides the competencies that the person focuses on.
    pub(super) focus: u64,
    /// Pairs that the person worked on in the period so far, a bit each.
    pub(super) pairs: u64,
    /// Number of the coach.
    pub(super) coach: u32,
    /// Part in the sessions of the quarter.
    weight: u32,
    /// Competencies in which the person touched on a theme that they don't
    /// list, a bit each.
    pub(super) others: u16,
    activity: u16,
    department: u16,
    level: u8,
    /// There was but one session in the quarter.
    pub(super) once: bool,
}

const _: () = assert!(size_of::<Coachee>() == 32);

impl Coachee {
    pub(super) fn place(&self) -> Place {
        Place {
            department: self.department,
            level: self.level,
        }
    }
}

/// Hires everyone.
pub(super) fn hire(world: &World<'_>, draws: &mut Draws) -> Vec<Coachee> {
    let org = &world.chart.org;
    let departments = departments(org, draws);
    let shares = LEVELS.map(|(_, share, _)| share);
    let mut crowd = Vec::with_capacity(departments.len());
    let blocks = departments.par_chunks(BLOCK).enumerate();
    let people = blocks.flat_map_iter(|(block, departments)| {
        let mut draws = stream(world.options.seed, Purpose::Hire, 0, block);
        departments.iter().map(move |&department| {
            let (division, ..) = org.departments[usize::from(department)];
            let reach = ACTIVITY.reach();
            Coachee {
                level: draws.weighted(&shares) as u8,
                activity: ACTIVITIES[(ACTIVITY.draw(&mut draws) + reach) as usize],
                focus: draws.word(),
                coach: world.pool.draw(division, &mut draws),
                pairs: 0,
                weight: 0,
                others: 0,
                department,
                once: false,
            }
        })
    });
    crowd.par_extend(people);
    crowd
}

/// Moves everyone into a quarter; gives the sum of the weights of each block.
pub(super) fn turn(world: &World<'_>, crowd: &mut [Coachee], quarter: usize) -> Vec<u64> {
    let blocks = crowd.par_chunks_mut(BLOCK).enumerate();
    let sums = blocks.map(|(block, people)| {
        let mut draws = stream(world.options.seed, Purpose::Turn, quarter, block);
        let mut moves = stream(world.options.seed, Purpose::Careers, quarter, block);
        let mut sum = 0;
        for person in people {
            if quarter > 0 {
                let place = world.careers.next(person.place(), &mut moves);
                (person.department, person.level) = (place.department, place.level);
                if draws.chance(REFOCUS, 1000) {
                    person.focus = draws.word();
                }
                if draws.chance(CHANGE_COACH, 1000) {
                    let (division, ..) =
                        world.chart.org.departments[usize::from(person.department)];
                    person.coach = world.pool.draw(division, &mut draws);
                }
            }
            let (_, _, coached) = LEVELS[usize::from(person.level)];
            let (least, most) = JITTER;
            let jitter = least + draws.below(most - least);
            person.weight = (u64::from(person.activity) * coached * jitter / 1024) as u32;
            sum += u64::from(person.weight);
        }
        sum
    });
    sums.collect()
}

/// How people change units and levels.
pub(super) struct Careers {
    /// Of all people, at each quarter's turn.
    share: Share,
    /// People of the departments up to each.
    ends: Vec<u64>,
}

/// Of a hundred who change, those who rise by a level, if there is one above.
const RISE: u64 = 20;

impl Careers {
    pub(super) fn new(org: &Org, share: Share) -> Self {
        let mut end = 0;
        let departments = org.departments.iter();
        let ends = departments.map(|(_, _, people)| {
            end += u64::from(*people);
            end
        });
        Self {
            share,
            ends: ends.collect(),
        }
    }

    /// Where somebody belongs in the next quarter.
    fn next(&self, place: Place, draws: &mut Draws) -> Place {
        if !self.share.drawn(draws) {
            return place;
        }
        // Large departments take more people in.
        let all = self.ends.last().copied().unwrap_or_default();
        let target = draws.below(all);
        let department = self.ends.partition_point(|end| *end <= target) as u16;
        let rises = draws.chance(RISE, 100) && usize::from(place.level) + 1 < LEVELS.len();
        Place {
            department,
            level: place.level + u8::from(rises),
        }
    }

    /// Where a block's people belong, quarter by quarter, from the first on.
    pub(super) fn histories(
        &self,
        world: &World<'_>,
        block: usize,
        people: &[Coachee],
    ) -> Vec<Vec<Place>> {
        let quarters = if self.share == Share::NONE {
            1
        } else {
            world.quarters.len()
        };
        let mut histories = vec![people.iter().map(Coachee::place).collect::<Vec<_>>()];
        for quarter in 1..quarters {
            let mut draws = stream(world.options.seed, Purpose::Careers, quarter, block);
            let places = histories[quarter - 1].iter();
            let next = places.map(|place| self.next(*place, &mut draws)).collect();
            histories.push(next);
        }
        histories
    }
}

/// How a quarter's sessions are dealt out to people, in proportion to their
/// weights, each within one session of their due.
pub(super) struct Deal {
    /// Sum of all weights.
    total: u64,
    /// Sessions to deal out.
    sessions: u64,
}

impl Deal {
    pub(super) fn new(sums: &[u64], sessions: u64) -> Self {
        let total = sums.iter().sum();
        Self { total, sessions }
    }

    /// Sessions of those whose weights add up to this.
    pub(super) fn up_to(&self, sum: u64) -> u64 {
        let sessions = u128::from(self.sessions) * u128::from(sum);
        (sessions / u128::from(self.total)) as u64
    }

    /// Sessions of the next person, after people of these weights.
    pub(super) fn next(&self, person: &Coachee, sum: &mut u64) -> usize {
        let before = self.up_to(*sum);
        *sum += u64::from(person.weight);
        (self.up_to(*sum) - before) as usize
    }
}
