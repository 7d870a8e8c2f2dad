//! People: which unit and which values a person belongs to, and when.

use std::cmp::Reverse;
use std::collections::HashMap;

use rayon::prelude::*;

use super::batch::{Declared, Kind, Pool, fields};
use super::cells::{Row, codes};
use super::dates::day_of;
use super::error::IngestError;
use super::key::{Domain, Key};
use super::org::{Org, ROOT};
use super::paths::inputs;
use super::report::{Fault, Reason, SourceReport};
use super::scan::sound_rows;
use crate::calendar::Period;
use crate::config::Project;

/// The columns, in the order of the constants below; after them the declared
/// dimensions.
const COLUMNS: [Declared<'_>; 4] = [
    Declared::required("person_id", Kind::Text),
    Declared::required("org_unit", Kind::Text),
    Declared::optional("valid_from", Kind::Date),
    Declared::optional("valid_to", Kind::Date),
];
const PERSON: usize = 0;
const UNIT: usize = 1;
const FROM: usize = 2;
const TO: usize = 3;

/// Everybody's history; or nobody's, if there is no people source.
pub(super) struct People {
    /// `None`: everyone belongs to the root.
    by_person: Option<HashMap<u128, (u32, u32)>>,
    /// Person by person, by pseudonym.
    spans: Vec<Span>,
    /// Values of the dimensions, by index of the dimension.
    values: Pool<u16>,
}

/// A sound row. The order puts a person's rows together, identical ones side by
/// side.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Span {
    person: u128,
    /// Keyed hash of all that the row says.
    content: u128,
    from: i32,
    to: i32,
    unit: u32,
    /// Number of the values.
    values: u32,
    file: u32,
}

/// What a period asks of the organisation.
pub(super) struct Standing {
    /// First and last day.
    pub(super) start: i32,
    pub(super) end: i32,
    /// Per unit: whether people can belong to it.
    pub(super) leaves: Vec<bool>,
}

impl Standing {
    /// Of a period of any length.
    pub(super) fn of(org: &Org, period: Period) -> Self {
        let (start, end) = (day_of(period.start()), day_of(period.end()));
        Self {
            start,
            end,
            leaves: org.leaves(start, end),
        }
    }
}

impl People {
    /// Reads the people source, if there is one.
    pub(super) fn load(
        project: &Project,
        org: &Org,
        key: &Key,
    ) -> Result<(Self, Option<SourceReport>), IngestError> {
        let Some(source) = &project.sources.people else {
            return Ok((
                Self {
                    by_person: None,
                    spans: Vec::new(),
                    values: Pool::new(),
                },
                None,
            ));
        };
        let files = inputs(project.folder(), source)?;
        let dimensions = project.dimensions.iter();
        let declared = dimensions.clone();
        let declared = declared.map(|one| Declared::required(&one.name, Kind::Text));
        let columns: Vec<_> = COLUMNS.into_iter().chain(declared).collect();
        let fields = fields(&columns, source);
        let mut report = SourceReport::new(source, &files, &fields);
        let reader = Reader {
            codes: dimensions.map(|one| codes(&one.values)).collect(),
            org,
            key,
        };
        let parse = |cells: Row<'_>, file, _| {
            let (span, values) = reader.parse(cells)?;
            Ok((Span { file, ..span }, values))
        };
        let mut pool = Pool::new();
        let numbered = |(span, values): (Span, Vec<u16>)| Span {
            values: pool.number(&values),
            ..span
        };
        let sound = sound_rows(&files, &fields, &mut report, parse)?.into_iter();
        let mut spans: Vec<Span> = sound.map(numbered).collect();
        spans.par_sort_unstable();
        report.settle(
            &mut spans,
            |span| span.file,
            |a, b| (a.person, a.content) == (b.person, b.content),
        );
        let mut by_person: HashMap<u128, (u32, u32)> = HashMap::new();
        for (index, span) in spans.iter().enumerate() {
            let index = index as u32;
            by_person.entry(span.person).or_insert((index, index)).1 = index + 1;
        }
        Ok((
            Self {
                by_person: Some(by_person),
                spans,
                values: pool,
            },
            Some(report),
        ))
    }

    /// Where a person belongs in a period: what the people row says that is
    /// valid in it, of several one valid at its end, else the one valid
    /// longest; then the latest `valid_from`; then the smallest content hash.
    /// `None`: no row is valid in the period, or the row's unit is none that
    /// people can belong to in it.
    pub(super) fn place(&self, person: u128, period: &Standing) -> Option<Place> {
        let Some(by_person) = &self.by_person else {
            return Some(Place {
                unit: ROOT,
                values: 0,
            });
        };
        let (first, end) = *by_person.get(&person)?;
        place(&self.spans[first as usize..end as usize], period)
    }

    /// Everybody who has a place in a period, by pseudonym; `None`: without a
    /// people source nobody knows.
    pub(super) fn everybody(
        &self,
        period: &Standing,
    ) -> Option<impl Iterator<Item = (u128, Place)>> {
        self.by_person.as_ref()?;
        let people = self.spans.chunk_by(|a, b| a.person == b.person);
        Some(people.filter_map(|spans| Some((spans[0].person, place(spans, period)?))))
    }

    /// The values of a place, by index of the dimension.
    pub(super) fn values(&self, place: Place) -> &[u16] {
        self.values.list(place.values)
    }
}

/// Where a person belongs.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// The unit's index in the org.
    pub(super) unit: u32,
    /// Number of the values.
    values: u32,
}

/// See [`People::place`]; of one person's rows.
fn place(spans: &[Span], period: &Standing) -> Option<Place> {
    let valid = spans
        .iter()
        .filter(|s| s.from <= period.end && period.start <= s.to);
    let best = valid.max_by_key(|s| (s.to.min(period.end), s.from, Reverse(s.content)))?;
    let (unit, values) = (best.unit, best.values);
    period.leaves[unit as usize].then_some(Place { unit, values })
}

/// What rows are read with.
struct Reader<'a> {
    /// The codes of each dimension's values.
    codes: Vec<HashMap<&'a str, u16>>,
    org: &'a Org,
    key: &'a Key,
}

impl Reader<'_> {
    /// One row, and its values; file and number of the values are the caller's.
    fn parse(&self, cells: Row<'_>) -> Result<(Span, Vec<u16>), Fault> {
        cells.batch.whole(cells.at)?;
        let person = self
            .key
            .hash(Domain::Person, &[cells.id(PERSON)?.as_bytes()]);
        let unit = self
            .org
            .unit(cells.id(UNIT)?)
            .ok_or_else(|| Fault::at(UNIT, Reason::Undeclared))?;
        let (from, to) = cells.validity(FROM, TO)?;
        if self.org.is_inner(unit, from, to) {
            return Err(Fault::at(UNIT, Reason::InnerUnit));
        }
        let values = self.values(cells)?;
        let mut said = Vec::with_capacity(64);
        said.extend(unit.to_le_bytes());
        said.extend(from.to_le_bytes());
        said.extend(to.to_le_bytes());
        said.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        let span = Span {
            person,
            content: self.key.hash(Domain::Content, &[&said]),
            from,
            to,
            unit,
            values: 0,
            file: 0,
        };
        Ok((span, values))
    }

    /// The declared value of every dimension.
    fn values(&self, cells: Row<'_>) -> Result<Vec<u16>, Fault> {
        let codes = self.codes.iter().zip(COLUMNS.len()..);
        codes
            .map(|(codes, field)| cells.code(field, codes))
            .collect()
    }
}
