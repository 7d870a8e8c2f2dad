//! What an effect of a programme is made of.

use super::Spread;

/// How people of two arms changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Effect {
    /// A person's change.
    pub change: Spread,
    /// Who was assigned together; `None`: nobody.
    pub units: Option<AssignedUnits>,
}

/// The numbers of the units that were assigned to arms as a whole: keys of a
/// block of the same cohorts, each named by the id of its unit.
#[derive(Clone, Debug, PartialEq)]
pub struct AssignedUnits {
    /// Index in [`Public::blocks`](super::Public::blocks).
    pub block: usize,
    /// Its coordinate of people, a [`Rule::Has`](super::Rule::Has).
    pub people: usize,
    /// Its coordinate of their change.
    pub change: usize,
    /// By key of the block: on which side the unit is; `None`: it has no part.
    pub sides: Vec<Option<Side>>,
    /// The key of those who were assigned one by one, if there is one.
    pub one_by_one: Option<usize>,
}

impl AssignedUnits {
    /// Whether units were assigned to a side as a whole.
    pub fn are_on(&self, side: Side) -> bool {
        let mut sides = self.sides.iter().enumerate();
        sides.any(|(key, one)| *one == Some(side) && Some(key) != self.one_by_one)
    }
}

/// On which side of a comparison a unit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The row's own cohort.
    Own,
    /// The one that it is compared with.
    Other,
    /// On neither: in another part of the same.
    Neither,
}
