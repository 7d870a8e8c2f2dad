//! The people: where they belong, who is being coached, by whom, on what.

use super::org::Org;
use super::rng::Draws;

/// Job levels, their shares, and the share of their people coached in a
/// quarter, both in thousandths.
pub(super) const LEVELS: [(&str, u64, u64); 4] = [
    ("staff", 780, 370),
    ("manager", 160, 500),
    ("senior", 50, 550),
    ("executive", 10, 600),
];

/// Of those coached in a quarter, thousandths who are in the next one, too.
pub(super) const CONTINUE: u64 = 800;
/// Of those who continue, thousandths who turn to a new focus.
pub(super) const REFOCUS: u64 = 400;
/// Of those who continue, thousandths who change their coach.
pub(super) const CHANGE_COACH: u64 = 20;
/// Thousandths of new coachees whose coach may be anyone in the pool, and not
/// one of their division's.
pub(super) const ANY_COACH: u64 = 50;

/// People of a division for each coach in its pool. Two in three are coached at
/// some time in twelve months, so that a coach sees about 30.
const PEOPLE_PER_COACH: u32 = 44;
/// Fewest coaches of a division.
const COACHES: u32 = 3;

/// One person. There may be millions: small on purpose.
pub(super) struct Person {
    /// Index of the department.
    pub(super) department: u16,
    /// Index of the job level.
    pub(super) level: u8,
    /// Being coached this quarter.
    pub(super) coached: bool,
    /// Number of the current or last coach.
    pub(super) coach: u32,
    /// What decides the competencies that the person focuses on.
    pub(super) focus: u64,
}

/// The external coaches: each serves one division, mainly.
pub(super) struct Pool {
    /// First number of each division's coaches, and the number after the last.
    bounds: Vec<u32>,
}

impl Pool {
    pub(super) fn new(org: &Org) -> Self {
        let mut bounds = vec![0];
        for division in 0..org.divisions.len() {
            let coaches = (org.division_people(division) / PEOPLE_PER_COACH).max(COACHES);
            bounds.push(bounds[division] + coaches);
        }
        Self { bounds }
    }

    /// Number of coaches.
    pub(super) fn len(&self) -> u32 {
        self.bounds.last().copied().unwrap_or_default()
    }

    /// A coach for somebody in the division.
    pub(super) fn draw(&self, division: usize, draws: &mut Draws) -> u32 {
        if draws.chance(ANY_COACH, 1000) {
            return draws.below(u64::from(self.len())) as u32;
        }
        let (first, end) = (self.bounds[division], self.bounds[division + 1]);
        first + draws.below(u64::from(end - first)) as u32
    }
}

/// The department of everyone, in random order.
pub(super) fn departments(org: &Org, draws: &mut Draws) -> Vec<u16> {
    let mut departments = Vec::with_capacity(org.people() as usize);
    for (index, (_, _, people)) in org.departments.iter().enumerate() {
        departments.extend(std::iter::repeat_n(index as u16, *people as usize));
    }
    draws.shuffle(&mut departments);
    departments
}

/// Everyone, in random order of departments, nobody coached yet.
pub(super) fn hire(org: &Org, draws: &mut Draws) -> Vec<Person> {
    let shares = LEVELS.map(|(_, share, _)| share);
    let departments = departments(org, draws);
    let person = |department| Person {
        department,
        level: draws.weighted(&shares) as u8,
        coached: false,
        coach: 0,
        focus: 0,
    };
    departments.into_iter().map(person).collect()
}

/// Moves a person into the next quarter, or into the first.
///
/// The chance to start is such that the share of a level's people who are
/// coached stays what it is in the first quarter.
pub(super) fn advance(person: &mut Person, first: bool, org: &Org, pool: &Pool, draws: &mut Draws) {
    let (_, _, coached) = LEVELS[usize::from(person.level)];
    let continues = person.coached;
    person.coached = if first {
        draws.chance(coached, 1000)
    } else if continues {
        draws.chance(CONTINUE, 1000)
    } else {
        draws.chance(coached * (1000 - CONTINUE), 1000 * (1000 - coached))
    };
    if !person.coached {
        return;
    }
    if !continues || draws.chance(REFOCUS, 1000) {
        person.focus = draws.word();
    }
    if !continues || draws.chance(CHANGE_COACH, 1000) {
        let (division, ..) = org.departments[usize::from(person.department)];
        person.coach = pool.draw(division, draws);
    }
}

/// A person's id.
pub(super) fn person_id(index: usize) -> String {
    format!("p{:06}", index + 1)
}

/// A coach's id.
pub(super) fn coach_id(number: u32) -> String {
    format!("c{:04}", number + 1)
}
