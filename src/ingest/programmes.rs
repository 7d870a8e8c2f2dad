//! Programmes: which units take part in them, in which arm, from which day.
//! They are public, and part of what is declared.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;
use lodestar_privacy::Tree;
use lodestar_privacy::public::Label;

use super::batch::{Declared, Kind, fields};
use super::cells::Row;
use super::dates::date_of;
use super::error::IngestError;
use super::org::Org;
use super::paths::{InputFile, inputs};
use super::report::{Fault, Reason, SourceReport};
use super::scan::sound_rows;
use crate::config::{ARMS, PROGRAMME, Project};

/// The columns, in the order of the constants below.
const COLUMNS: [Declared<'_>; 5] = [
    Declared::required(PROGRAMME, Kind::Text),
    Declared::optional("label", Kind::Text),
    Declared::required("arm", Kind::Text),
    Declared::required("starts_on", Kind::Date),
    Declared::required("org_unit", Kind::Text),
];
const ID: usize = 0;
const LABEL: usize = 1;
const ARM: usize = 2;
const STARTS: usize = 3;
const UNIT: usize = 4;

/// Most programmes: codes are 16 bits wide.
const MOST: usize = 10_000;

/// What a part of a programme is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Arm {
    /// First to start.
    Pilot,
    /// Starts after the pilot.
    Rollout,
    /// Never starts.
    Comparison,
}

/// A programme, as its rows declare it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Programme {
    /// Id and text.
    pub label: Label,
    /// The days on which pilot and rollout start, each once, ascending.
    pub starts: Vec<Date>,
    /// Whether a row is of the comparison.
    pub has_comparison: bool,
}

/// What somebody's part in a programme is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assigned {
    /// Index of the programme in [`Programmes::all`].
    pub programme: u16,
    /// Their arm.
    pub arm: Arm,
    /// The day on which it starts; `None`: never, it is the comparison.
    pub starts_on: Option<Date>,
    /// Place among [`Programmes::units`] of the unit that was assigned, with all
    /// of its people; `None`: people were, one by one.
    pub unit: Option<u32>,
}

/// Programmes, checked: a unit has at most one part in each.
#[derive(Clone, Debug, Default)]
pub struct Programmes {
    /// In order of id.
    all: Vec<Programme>,
    /// By the unit's id: what its rows say, in order of programme.
    by_unit: BTreeMap<String, Vec<Assigned>>,
    /// Place of the dimension `programme` among the project's, and by index of
    /// its values: what the rows without a unit say.
    participants: Option<(usize, Vec<Option<Assigned>>)>,
    report: Option<SourceReport>,
}

/// A sound row. The order makes the earliest of identical rows the first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct ProgrammeRow {
    programme: String,
    /// `None`: of the people who take part individually.
    unit: Option<String>,
    arm: Arm,
    starts_on: Option<i32>,
    label: Option<String>,
    file: u32,
    row: u64,
}

impl ProgrammeRow {
    fn says_the_same(&self, other: &Self) -> bool {
        let (file, row) = (self.file, self.row);
        *self
            == Self {
                file,
                row,
                ..other.clone()
            }
    }
}

impl Programmes {
    /// Reads the programmes source; without one there are none. Rows that
    /// cannot be parsed are counted in [`Programmes::report`]; rows that
    /// contradict each other are refused.
    pub(super) fn load(project: &Project, org: &Org) -> Result<Self, IngestError> {
        let Some(source) = &project.sources.programmes else {
            return Ok(Self::default());
        };
        let files = inputs(project.folder(), source)?;
        let fields = fields(&COLUMNS, source);
        let mut report = SourceReport::new(source, &files, &fields);
        let parse = |cells: Row<'_>, file, row| {
            let parsed = parse(cells, org)?;
            Ok(ProgrammeRow {
                file,
                row,
                ..parsed
            })
        };
        let mut rows = sound_rows(&files, &fields, &mut report, parse)?;
        rows.sort_unstable();
        report.settle(&mut rows, |row| row.file, ProgrammeRow::says_the_same);
        let declared = Builder::new(project).build(&rows);
        let mut programmes = declared.map_err(|(row, problem)| refused(&files, row, problem))?;
        programmes.report = Some(report);
        Ok(programmes)
    }

    /// All of them, in order of id.
    pub fn all(&self) -> &[Programme] {
        &self.all
    }

    /// The units that rows name, in order of id.
    pub fn units(&self) -> impl Iterator<Item = &str> {
        self.by_unit.keys().map(String::as_str)
    }

    /// What the rows of each unit say, in the order of [`Self::units`].
    pub fn of_units(&self) -> impl Iterator<Item = &[Assigned]> {
        self.by_unit.values().map(Vec::as_slice)
    }

    /// What the rows without a unit say, in order of programme.
    pub fn of_people(&self) -> Vec<Assigned> {
        let parts = self.participants.iter().flat_map(|(_, parts)| parts);
        let mut all: Vec<Assigned> = parts.copied().flatten().collect();
        all.sort_unstable_by_key(|assigned| assigned.programme);
        all
    }

    /// What became of the rows; `None` without a programmes source.
    pub fn report(&self) -> Option<&SourceReport> {
        self.report.as_ref()
    }

    /// What the people of each unit of a tree take part in. A row is about its
    /// unit and all below; of several of a programme the nearest counts.
    pub fn arms(&self, tree: &Tree) -> Arms<'_> {
        let mut by_unit: Vec<Vec<Assigned>> = Vec::with_capacity(tree.units().len());
        for unit in tree.units() {
            let own = self.by_unit.get(&unit.id).map_or(&[][..], Vec::as_slice);
            // Parents come before their children.
            let above = unit.parent.map_or(&[][..], |parent| &by_unit[parent]);
            by_unit.push(preferred(own, above));
        }
        let leaves = (0..).zip(tree.units());
        let leaves = leaves.filter(|(_, unit)| unit.children.is_empty());
        Arms {
            by_unit,
            leaves: leaves.map(|(code, _)| code).collect(),
            programmes: self,
        }
    }

    /// What somebody takes part in individually, given their values of the
    /// project's dimensions.
    fn participation(&self, values: &[u16]) -> Option<Assigned> {
        let (dimension, parts) = self.participants.as_ref()?;
        *parts.get(usize::from(*values.get(*dimension)?))?
    }
}

/// The nearer ones, and those of the others whose programme no nearer one has;
/// in order of programme.
fn preferred(nearer: &[Assigned], others: &[Assigned]) -> Vec<Assigned> {
    let is_new = |other: &&Assigned| nearer.iter().all(|one| one.programme != other.programme);
    let mut all: Vec<Assigned> = nearer.to_vec();
    all.extend(others.iter().filter(is_new));
    all.sort_unstable_by_key(|assigned| assigned.programme);
    all
}

/// What the people of a span's tree take part in.
#[derive(Clone, Debug)]
pub struct Arms<'a> {
    /// By code of the unit, in order of programme.
    by_unit: Vec<Vec<Assigned>>,
    /// Codes of the units that people belong to.
    leaves: Vec<u32>,
    programmes: &'a Programmes,
}

impl Arms<'_> {
    /// The parts of a person, at most one a programme, given the code of their
    /// unit in the tree and their values of the project's dimensions. A person
    /// who takes part individually does so whatever their unit does.
    pub fn of(&self, unit: u32, values: &[u16]) -> impl Iterator<Item = Assigned> {
        let own = self.programmes.participation(values);
        let units = self.by_unit[unit as usize].iter().copied();
        let of_unit = units.filter(move |one| own.is_none_or(|own| own.programme != one.programme));
        of_unit.chain(own)
    }

    /// Codes of the units that people belong to.
    pub fn leaves(&self) -> impl Iterator<Item = u32> {
        self.leaves.iter().copied()
    }

    /// All that [`Self::of`] can say of a person of a unit, whatever their values.
    pub fn possible(&self, unit: u32) -> impl Iterator<Item = Assigned> {
        let of_unit = self.by_unit[unit as usize].iter().copied();
        of_unit.chain(self.programmes.of_people())
    }
}

/// One row; file and row number are the caller's.
fn parse(cells: Row<'_>, org: &Org) -> Result<ProgrammeRow, Fault> {
    cells.batch.whole(cells.at)?;
    let programme = cells.id(ID)?;
    // Rows over all values, and over withheld ones, have such ids.
    if programme.starts_with('(') {
        return Err(Fault::at(ID, Reason::Id));
    }
    let label = cells.text(LABEL)?;
    let arms = [
        (ARMS[0], Arm::Pilot),
        (ARMS[1], Arm::Rollout),
        (ARMS[2], Arm::Comparison),
    ];
    let arm = cells.choice(ARM, &arms)?;
    let arm = arm.ok_or_else(|| Fault::at(ARM, Reason::Missing))?;
    let starts_on = cells.day(STARTS)?;
    match (arm, starts_on) {
        (Arm::Comparison, Some(_)) => return Err(Fault::at(STARTS, Reason::Value)),
        (Arm::Pilot | Arm::Rollout, None) => return Err(Fault::at(STARTS, Reason::Missing)),
        _ => {}
    }
    let unit = cells.text(UNIT)?;
    if unit.is_some_and(|unit| org.unit(unit).is_none()) {
        return Err(Fault::at(UNIT, Reason::Undeclared));
    }
    Ok(ProgrammeRow {
        programme: programme.to_owned(),
        unit: unit.map(str::to_owned),
        arm,
        starts_on,
        label: label.map(str::to_owned),
        file: 0,
        row: 0,
    })
}

/// Puts rows together that say different things.
struct Builder<'a> {
    built: Programmes,
    /// Values of the dimension `programme`, by id.
    values: HashMap<&'a str, usize>,
}

/// A row, and what is wrong with it.
type Refused<'a> = (&'a ProgrammeRow, String);

impl<'a> Builder<'a> {
    fn new(project: &'a Project) -> Self {
        let mut dimensions = project.dimensions.iter();
        let place = dimensions.position(|dimension| dimension.name == PROGRAMME);
        let values = place.map_or(&[][..], |place| &project.dimensions[place].values);
        let participants = place.map(|place| (place, vec![None; values.len()]));
        Self {
            built: Programmes {
                participants,
                ..Programmes::default()
            },
            values: values
                .iter()
                .map(|value| value.id.as_str())
                .zip(0..)
                .collect(),
        }
    }

    /// Rows come sorted: a programme's together, and in them a unit's.
    fn build(mut self, rows: &[ProgrammeRow]) -> Result<Programmes, Refused<'_>> {
        for rows in rows.chunk_by(|a, b| a.programme == b.programme) {
            let code = self.built.all.len();
            if code == MOST {
                let problem = format!("is one too many: expected at most {MOST} programmes");
                return Err((&rows[0], problem));
            }
            self.built.all.push(programme(rows)?);
            for (at, row) in rows.iter().enumerate() {
                if at > 0 && rows[at - 1].unit == row.unit {
                    return Err((row, contradiction(row.unit.as_deref())));
                }
                let assigned = Assigned {
                    programme: code as u16,
                    arm: row.arm,
                    starts_on: row.starts_on.map(date_of),
                    unit: None,
                };
                self.assign(row, assigned)?;
            }
        }
        for (place, parts) in (0..).zip(self.built.by_unit.values_mut()) {
            for part in parts {
                part.unit = Some(place);
            }
        }
        Ok(self.built)
    }

    fn assign<'b>(&mut self, row: &'b ProgrammeRow, part: Assigned) -> Result<(), Refused<'b>> {
        if let Some(unit) = &row.unit {
            let parts = self.built.by_unit.entry(unit.clone()).or_default();
            parts.push(part);
            return Ok(());
        }
        let value = self.values.get(row.programme.as_str());
        let (Some(value), Some((_, parts))) = (value, &mut self.built.participants) else {
            let problem = "has a row without `org_unit`, which is about the people who take part \
                           individually: expected it among the values of `programme` in \
                           [dimensions], or a unit in the row";
            return Err((row, problem.to_owned()));
        };
        parts[*value] = Some(part);
        Ok(())
    }
}

/// What all rows of a programme say of it.
fn programme(rows: &[ProgrammeRow]) -> Result<Programme, Refused<'_>> {
    let id = rows[0].programme.clone();
    let mut label = None;
    for row in rows.iter().filter(|row| row.label.is_some()) {
        if label
            .replace(&row.label)
            .is_some_and(|other| *other != row.label)
        {
            let problem = "has two labels: expected the same one in all of its rows";
            return Err((row, problem.to_owned()));
        }
    }
    let starts: BTreeSet<i32> = rows.iter().filter_map(|row| row.starts_on).collect();
    Ok(Programme {
        label: Label {
            label: label.cloned().flatten().unwrap_or_else(|| id.clone()),
            id,
        },
        starts: starts.into_iter().map(date_of).collect(),
        has_comparison: rows.iter().any(|row| row.arm == Arm::Comparison),
    })
}

fn contradiction(unit: Option<&str>) -> String {
    let subject = unit.map_or_else(
        || "those who take part individually".to_owned(),
        |unit| format!("the unit {unit:?}"),
    );
    format!("has two rows for {subject}, which differ: expected one arm with one start")
}

fn refused(files: &[InputFile], row: &ProgrammeRow, problem: String) -> IngestError {
    IngestError::Programme {
        path: files[row.file as usize].shown.clone(),
        row: row.row,
        programme: row.programme.clone(),
        problem,
    }
}
