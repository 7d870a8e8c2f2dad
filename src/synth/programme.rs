//! A programme that units start one after the other.

use super::SynthError;
use super::half::HalfYear;
use super::org::Org;
use super::rng::Draws;
use super::write::Folder;

/// The programme.
pub(super) const PROGRAMME: &str = "accelerate";
/// Of ten departments of a division that takes part, how many start with the
/// first half-year, and how many with the second.
const STARTS: usize = 3;

/// What a department is in the programme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arm {
    /// Pilot from the first half-year on.
    First,
    /// Pilot from the second on.
    Second,
    /// Never takes part.
    Comparison,
}

impl Arm {
    pub(super) const ALL: [Self; 3] = [Self::First, Self::Second, Self::Comparison];

    /// Number of the half-year in which it starts.
    pub(super) fn starts(self) -> Option<u32> {
        match self {
            Self::First => Some(0),
            Self::Second => Some(1),
            Self::Comparison => None,
        }
    }
}

/// Who takes part: by department.
pub(super) struct Programme {
    pub(super) arms: Vec<Option<Arm>>,
}

impl Programme {
    /// The first half of the divisions take part.
    pub(super) fn new(org: &Org, draws: &mut Draws) -> Self {
        let mut arms = vec![None; org.departments.len()];
        for division in 0..org.divisions.len().div_ceil(2) {
            let own = org.departments.iter().enumerate();
            let own = own.filter(|(_, department)| department.0 == division);
            let mut own: Vec<usize> = own.map(|(number, _)| number).collect();
            draws.shuffle(&mut own);
            let starts = own.len() * STARTS / 10;
            let first = starts.max(1);
            for (place, department) in own.into_iter().enumerate() {
                arms[department] = Some(if place < first {
                    Arm::First
                } else if place < first + starts {
                    Arm::Second
                } else {
                    Arm::Comparison
                });
            }
        }
        Self { arms }
    }

    /// Writes `input/programmes.csv`.
    pub(super) fn write(
        &self,
        folder: &Folder,
        org: &Org,
        first: &HalfYear,
    ) -> Result<(), SynthError> {
        let header = ["programme", "arm", "starts_on", "org_unit"];
        let mut csv = folder.csv("input/programmes.csv", &header)?;
        for ((_, unit, _), arm) in org.departments.iter().zip(&self.arms) {
            let Some(arm) = arm else { continue };
            let (name, starts) = match arm {
                Arm::First => ("pilot", first.period.start().to_string()),
                Arm::Second => ("pilot", first.period.next().start().to_string()),
                Arm::Comparison => ("comparison", String::new()),
            };
            csv.row(&[PROGRAMME, name, &starts, &unit.id])?;
        }
        csv.finish()
    }
}
