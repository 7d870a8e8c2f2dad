//! Rows that are broken on purpose, or come twice: copies of sound rows, so
//! that what is true of the sound ones stays true.

use std::str::FromStr;

use serde::Serialize;

use super::share::Share;
use super::table::Format;

/// What is wrong with a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    FieldCount,
    Json,
    Missing,
    Id,
    Date,
    Number,
    Range,
    Value,
    Undeclared,
    InnerUnit,
    ParentMissing,
    NoPerson,
    /// The row once more.
    Duplicate,
    /// An earlier version of the row, which says something else.
    Conflict,
}

impl Fault {
    /// Whether files of a format can have it.
    fn is_possible(self, format: Format) -> bool {
        match self {
            Self::FieldCount => format == Format::Csv,
            Self::Json => format == Format::Ndjson,
            _ => true,
        }
    }
}

/// All kinds, each called as the reason that it is quarantined for.
const FAULTS: [(Fault, &str); 14] = [
    (Fault::FieldCount, "field_count"),
    (Fault::Json, "json"),
    (Fault::Missing, "missing"),
    (Fault::Id, "id"),
    (Fault::Date, "date"),
    (Fault::Number, "number"),
    (Fault::Range, "range"),
    (Fault::Value, "value"),
    (Fault::Undeclared, "undeclared"),
    (Fault::InnerUnit, "inner_unit"),
    (Fault::ParentMissing, "parent_missing"),
    (Fault::NoPerson, "no_person"),
    (Fault::Duplicate, "duplicate"),
    (Fault::Conflict, "conflict"),
];

/// Which faults a table can have, with the column that is at fault: that of the
/// whole record has none.
pub(super) const SESSIONS: [(Fault, &str); 12] = [
    (Fault::FieldCount, ""),
    (Fault::Json, ""),
    (Fault::Missing, "coach_id"),
    (Fault::Id, "session_id"),
    (Fault::Date, "held_on"),
    (Fault::Number, "minutes"),
    (Fault::Range, "minutes"),
    (Fault::Value, "mode"),
    (Fault::Undeclared, "competency"),
    (Fault::NoPerson, "coachee_id"),
    (Fault::Duplicate, ""),
    (Fault::Conflict, "minutes"),
];
pub(super) const PEOPLE: [(Fault, &str); 9] = [
    (Fault::FieldCount, ""),
    (Fault::Json, ""),
    (Fault::Missing, "job_level"),
    (Fault::Id, "person_id"),
    (Fault::Date, "valid_from"),
    (Fault::Range, "valid_to"),
    (Fault::Undeclared, "org_unit"),
    (Fault::InnerUnit, "org_unit"),
    (Fault::Duplicate, ""),
];
pub(super) const ORG: [(Fault, &str); 3] = [
    (Fault::Value, "parent"),
    (Fault::ParentMissing, "parent"),
    (Fault::Duplicate, ""),
];

/// A text that is no date, one that is no number, and names that nobody
/// declares.
pub(super) const NO_DATE: &str = "2024-02-30";
pub(super) const NO_NUMBER: &str = "an hour";
pub(super) const NO_VALUE: &str = "lecture";
pub(super) const UNDECLARED: &str = "undeclared";

/// A text that is too long for an id.
pub(super) fn long_id(id: &str) -> String {
    format!("{id}{}", "x".repeat(256))
}

/// How many copies of each kind there are, as shares of the sound rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dirt([Share; FAULTS.len()]);

impl FromStr for Dirt {
    type Err = String;

    /// `0.001`: so many of each kind; `date=0.01,conflict=0.002`: of these.
    fn from_str(text: &str) -> Result<Self, String> {
        if !text.contains('=') {
            return Ok(Self([text.parse()?; FAULTS.len()]));
        }
        let mut dirt = Self::default();
        for part in text.split(',') {
            let (name, share) = part.split_once('=').unwrap_or((part, ""));
            let place = FAULTS.iter().position(|(_, known)| *known == name.trim());
            let Some(place) = place else {
                let names = FAULTS.map(|(_, name)| name).join(", ");
                return Err(format!("{name:?} is no kind of dirt; known are {names}"));
            };
            if dirt.0[place] != Share::NONE {
                return Err(format!("{name} is there twice"));
            }
            dirt.0[place] = share.trim().parse()?;
        }
        Ok(dirt)
    }
}

impl Dirt {
    /// Whether there is any.
    pub(super) fn any(&self) -> bool {
        *self != Self::default()
    }

    /// A kind that was asked for by name, and that files of a format can't have.
    pub(super) fn impossible(&self, format: Format) -> Option<&'static str> {
        let all_alike = self.0.iter().all(|share| *share == self.0[0]);
        let mut asked = FAULTS
            .iter()
            .zip(&self.0)
            .filter(|(_, share)| **share != Share::NONE);
        let impossible = asked.find(|((fault, _), _)| !fault.is_possible(format));
        impossible
            .filter(|_| !all_alike)
            .map(|((_, name), _)| *name)
    }

    /// The faults that copies of a table's rows get.
    pub(super) fn of(&self, faults: &[(Fault, &'static str)], format: Format) -> Faults {
        let asked = faults.iter().filter(|(fault, _)| fault.is_possible(format));
        let asked = asked.map(|&(fault, column)| {
            let place = FAULTS.iter().position(|(known, _)| *known == fault);
            let place = place.unwrap_or_default();
            Asked {
                fault,
                column,
                name: FAULTS[place].1,
                share: self.0[place],
                first: place as u64,
            }
        });
        Faults(asked.filter(|asked| asked.share != Share::NONE).collect())
    }
}

/// A kind of fault in a table.
struct Asked {
    fault: Fault,
    column: &'static str,
    name: &'static str,
    share: Share,
    /// The row that the first copy follows: not all kinds at the same rows.
    first: u64,
}

impl Asked {
    /// Copies of the rows before this one.
    fn before(&self, row: u64) -> u64 {
        self.share.of(row.saturating_sub(self.first))
    }
}

/// The faults that copies of a table's rows get.
pub(super) struct Faults(Vec<Asked>);

impl Faults {
    /// The copies that follow a row, by its number. They lie evenly among the
    /// rows, from the first on: which ones have any depends on the numbers alone.
    pub(super) fn after(&self, row: u64) -> impl Iterator<Item = Fault> {
        let due = move |asked: &&Asked| asked.before(row + 1) > asked.before(row);
        self.0.iter().filter(due).map(|asked| asked.fault)
    }

    /// How many copies there are after so many rows, for the truth.
    pub(super) fn count(&self, table: &'static str, rows: u64) -> Vec<Copies> {
        let count = |asked: &Asked| Copies {
            table,
            kind: asked.name,
            column: asked.column,
            becomes: match asked.fault {
                Fault::Duplicate | Fault::Conflict => "duplicate",
                _ => "quarantined",
            },
            rows: asked.before(rows),
        };
        self.0.iter().map(count).collect()
    }
}

/// How many copies of a table's rows have a fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Copies {
    /// The table.
    pub table: &'static str,
    /// The fault, called as `--dirt` calls it.
    pub kind: &'static str,
    /// The column at fault; empty: the record as a whole.
    pub column: &'static str,
    /// What a run makes of them: quarantined, or duplicate.
    pub becomes: &'static str,
    /// How many there are.
    pub rows: u64,
}
