//! The amounts that a vector needs of each person.

use super::filter::Column;
use super::value::Amount;
use super::{Filter, Quantity};
use crate::ingest::SessionFact;

/// What an amount counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The person, once.
    Person,
    /// What every row says.
    Rows(Quantity),
    /// What is known of the person, once a key.
    Value(Amount),
}

/// One amount that people's rows add to a vector.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// What is added.
    pub what: What,
    /// Only of rows in which this is known.
    pub known: Option<Quantity>,
    /// Only of rows that pass, of people who do.
    pub only: Filter,
}

impl Input {
    /// What a row of a coachee adds, in whole steps. Of a session that is of
    /// several competencies, only the parts count that a filter names, where
    /// the quantity is one that is shared out.
    pub fn of_row(&self, session: &SessionFact, competencies: &[u16], values: &[u16]) -> i64 {
        let What::Rows(quantity) = self.what else {
            return 0;
        };
        let known = self.known.is_none_or(|known| known.of(session).is_some());
        let counts =
            known && self.only.admits(values, true) && self.only.passes(session, competencies);
        let whole = quantity.of(session).filter(|_| counts).unwrap_or(0);
        match self.only.values(Column::Competency) {
            Some(some) if quantity.is_split() => {
                let mine = competencies.iter().filter(|code| some.contains(code));
                whole * mine.count() as i64 / (competencies.len() as i64).max(1)
            }
            _ => whole,
        }
    }

    /// Whether it is shared out over several competencies.
    pub fn is_split(&self) -> bool {
        matches!(self.what, What::Rows(quantity) if quantity.is_split())
    }
}

/// The amounts of a vector, each once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inputs(pub Vec<Input>);

impl Inputs {
    fn place(&mut self, what: What, known: Option<Quantity>, only: &Filter) -> usize {
        let only = only.clone();
        super::vector::place_of(&mut self.0, Input { what, known, only })
    }

    /// 1 for a person who passes.
    pub(super) fn person(&mut self, only: &Filter) -> usize {
        self.place(What::Person, None, only)
    }

    /// A quantity of the rows that pass.
    pub(super) fn amount(&mut self, of: Quantity, only: &Filter) -> usize {
        self.place(What::Rows(of), None, only)
    }

    /// What is known of the person.
    pub(super) fn value(&mut self, of: Amount) -> usize {
        self.place(What::Value(of), None, &Filter::default())
    }

    /// A part, of rows that pass, and the whole that it is a part of: of all
    /// rows in which the part is known.
    pub(super) fn pair(&mut self, of: Quantity, per: Quantity, only: &Filter) -> (usize, usize) {
        let known = Some(of).filter(|of| *of != per);
        let whole = self.place(What::Rows(per), known, &Filter::default());
        (self.amount(of, only), whole)
    }
}
