//! Managers, each with a small team, and what people bring along.

use super::growth::LENIENCY;
use super::org::Org;
use super::outcomes::HABIT;
use super::people::Person;
use super::rng::Draws;

/// People of a team.
const TEAM: u32 = 8;

/// The managers of all departments.
pub(super) struct Teams {
    /// Number of each department's first manager.
    first: Vec<u32>,
    /// How lenient each manager is when rating.
    lenient: Vec<i8>,
}

impl Teams {
    pub(super) fn new(org: &Org, draws: &mut Draws) -> Self {
        let (mut first, mut managers) = (Vec::new(), 0);
        for (_, _, people) in &org.departments {
            first.push(managers);
            managers += people.div_ceil(TEAM);
        }
        let lenient = (0..managers).map(|_| LENIENCY.draw(draws) as i8).collect();
        Self { first, lenient }
    }

    pub(super) fn leniency(&self, manager: u32) -> i32 {
        i32::from(self.lenient[manager as usize])
    }
}

/// What stays with a person. It is drawn again whenever it is needed, in the
/// order of the people: nothing is kept for millions of them.
pub(super) struct Traits {
    /// Number of the person's manager.
    pub(super) manager: u32,
    /// Which competencies are due in a half-year: those of even number, or of odd.
    pub(super) odd: bool,
    /// How much more than others the person is absent, in thousandths.
    pub(super) habit: i32,
}

/// The traits of all people, in their order.
pub(super) fn traits<'a>(
    people: &'a [Person],
    teams: &'a Teams,
    mut draws: Draws,
) -> impl Iterator<Item = (&'a Person, Traits)> {
    let mut placed = vec![0; teams.first.len()];
    people.iter().map(move |person| {
        let department = usize::from(person.department);
        let place = placed[department];
        placed[department] += 1;
        let traits = Traits {
            manager: teams.first[department] + place / TEAM,
            odd: draws.chance(1, 2),
            habit: HABIT.draw(&mut draws),
        };
        (person, traits)
    })
}
