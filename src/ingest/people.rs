//! People: which unit and which values a person belongs to, and when.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::batch::{Batch, Declared, Field, Kind, Pool, fields};
use super::cells::{Row, codes};
use super::dates::day_of;
use super::error::IngestError;
use super::key::{Domain, Key};
use super::org::{Org, ROOT};
use super::parts::of_part;
use super::paths::{InputFile, inputs};
use super::report::{Fault, Reason, Reject, SourceReport};
use super::scan::scan;
use crate::calendar::Period;
use crate::config::Project;
use crate::progress::Progress;

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

/// After all of these, where notes are read: what a person is called, which is taken
/// out of their own notes.
const NAME: Declared<'_> = Declared::optional("name", Kind::Text);

/// Everybody's history; or nobody's, if there is no people source.
pub(super) struct People {
    /// `None`: everyone belongs to the root.
    known: Option<Known>,
    /// Values of the dimensions, by index of the dimension.
    values: Arc<Pool<u16>>,
    /// What people are called by their rows: their numbers, names, and first and last
    /// days of the rows, in order.
    names: Vec<(u32, Box<str>, (i32, i32))>,
}

/// What is known of people, by their place in the order of pseudonyms.
struct Known {
    persons: Vec<u128>,
    /// What most have one row for, and where the rest of theirs is.
    first: Vec<(History, u32)>,
    /// A person's, but for the first, in the order of their content hashes; the
    /// end is where the next person's start.
    rest: Vec<History>,
    /// Where the persons of each first digits start, and the end.
    directory: Vec<u32>,
    /// How many bits those digits have.
    digits: u32,
    /// Whether the first halves of pseudonyms tell everybody apart.
    halves: bool,
}

/// What a row says, for a while.
#[derive(Clone, Copy)]
struct History {
    from: i32,
    to: i32,
    unit: u32,
    /// Number of the values.
    values: u32,
}

impl Known {
    /// Of rows in order, without duplicates.
    fn new(spans: &[Span]) -> Self {
        let history = |span: &Span| History {
            from: span.from,
            to: span.to,
            unit: span.unit,
            values: span.values,
        };
        let count = spans.chunk_by(|a, b| a.person == b.person).count();
        let (mut persons, mut first) = (Vec::with_capacity(count), Vec::with_capacity(count));
        let mut rest = Vec::with_capacity(spans.len() - count);
        for rows in spans.chunk_by(|a, b| a.person == b.person) {
            persons.push(rows[0].person);
            first.push((history(&rows[0]), rest.len() as u32));
            rest.extend(rows[1..].iter().map(history));
        }
        let digits = (persons.len().max(2).ilog2()).min(28);
        let mut directory = vec![0; (1 << digits) + 1];
        for person in &persons {
            directory[(person >> (128 - digits)) as usize + 1] += 1;
        }
        for at in 1..directory.len() {
            directory[at] += directory[at - 1];
        }
        Self {
            first,
            rest,
            directory,
            digits,
            halves: persons.windows(2).all(|two| half(two[0]) < half(two[1])),
            persons,
        }
    }

    /// The place of who is such a person, near where the person would be.
    /// Pseudonyms are hashes: few share their first digits.
    fn number(&self, is: impl Fn(u128) -> bool, person: u128) -> Option<u32> {
        let digits = (person >> (128 - self.digits)) as usize;
        let mut near = self.directory[digits]..self.directory[digits + 1];
        near.find(|&at| is(self.persons[at as usize]))
    }

    /// All that is known of a person.
    fn histories(&self, number: u32) -> impl Iterator<Item = &History> {
        let number = number as usize;
        let (first, start) = &self.first[number];
        let end = self
            .first
            .get(number + 1)
            .map_or(self.rest.len(), |next| next.1 as usize);
        std::iter::once(first).chain(&self.rest[*start as usize..end])
    }
}

/// The first half of a pseudonym.
fn half(person: u128) -> u64 {
    (person >> 64) as u64
}

/// A sound row. The order puts a person's rows together, identical ones side by
/// side.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Span {
    person: u128,
    /// Keyed hash of all that the row says.
    content: u64,
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
        progress: &dyn Progress,
    ) -> Result<(Self, Option<SourceReport>), IngestError> {
        let Some(source) = &project.sources.people else {
            let nobody = Self {
                known: None,
                values: Arc::new(Pool::new()),
                names: Vec::new(),
            };
            return Ok((nobody, None));
        };
        let files = inputs(project.folder(), source)?;
        let dimensions = project.dimensions.iter();
        let declared = dimensions.clone();
        let declared = declared.map(|one| Declared::required(&one.name, Kind::Text));
        let name = project.reads_notes().then_some(NAME);
        let columns: Vec<_> = COLUMNS.into_iter().chain(declared).chain(name).collect();
        let fields = fields(&columns, source);
        let mut report = SourceReport::new(source, &files, &fields);
        let reader = Reader {
            codes: dimensions.map(|one| codes(&one.values)).collect(),
            name: name.map(|_| columns.len() - 1),
            org,
            key,
        };
        let (rows, pool) = rows(&reader, (&files, &fields), progress, &mut report)?;
        let Rows {
            mut spans,
            mut names,
        } = rows;
        spans.par_sort_unstable();
        report.settle(
            &mut spans,
            |span| span.file,
            |a, b| (a.person, a.content) == (b.person, b.content),
        );
        names.sort_unstable();
        names.dedup();
        let mut people = Self {
            known: Some(Known::new(&spans)),
            values: Arc::new(pool),
            names: Vec::new(),
        };
        let number = |(person, name, days)| Some((people.number(person)?, name, days));
        people.names = names.into_iter().filter_map(number).collect();
        Ok((people, Some(report)))
    }

    /// Where a person belongs in a period: what the people row says that is
    /// valid in it, of several one valid at its end, else the one valid
    /// longest; then the latest `valid_from`; then the smallest content hash.
    /// `None`: no row is valid in the period, or the row's unit is none that
    /// people can belong to in it.
    pub(super) fn place(&self, person: u128, period: &Standing) -> Option<Place> {
        match &self.known {
            None => Some(Place {
                unit: ROOT,
                values: 0,
            }),
            Some(known) => {
                let number = known.number(|one| one == person, person)?;
                place(known.histories(number), period)
            }
        }
    }

    /// The same of somebody by number.
    pub(super) fn place_of(&self, number: u32, period: &Standing) -> Option<Place> {
        place(self.known.as_ref()?.histories(number), period)
    }

    /// What is kept of a pseudonym to tell whose a row is: where people are known,
    /// and differ in it, its first half.
    pub(super) fn told_by(&self, person: u128) -> u128 {
        match &self.known {
            Some(known) if known.halves => u128::from(half(person)) << 64,
            _ => person,
        }
    }

    /// The place in the order of pseudonyms of a person, by what is kept of theirs.
    pub(super) fn number(&self, person: u128) -> Option<u32> {
        let kept = self.told_by(person);
        let is = |one: u128| self.told_by(one) == kept;
        self.known.as_ref()?.number(is, person)
    }

    /// What a person's own rows call them: those valid in a period, or all.
    pub(super) fn names(
        &self,
        person: u128,
        period: Option<&Standing>,
    ) -> impl Iterator<Item = &str> {
        let number = (!self.names.is_empty()).then(|| self.number(person));
        let mine = number.flatten().map_or(0..0, |number| {
            let start = self.names.partition_point(|(other, ..)| *other < number);
            let end = self.names.partition_point(|(other, ..)| *other <= number);
            start..end
        });
        let days = period.map_or((i32::MIN, i32::MAX), |period| (period.start, period.end));
        let valid = self.names[mine]
            .iter()
            .filter(move |(.., (from, to))| *from <= days.1 && days.0 <= *to);
        valid.map(|(_, name, _)| &**name)
    }

    /// The people of a part by number, and their pseudonyms; `None`: without a
    /// people source nobody knows.
    pub(super) fn of_part(&self, part: usize) -> Option<(u32, &[u128])> {
        let persons = &self.known.as_ref()?.persons;
        let mine = of_part(persons, part, |person| *person);
        Some((mine.start as u32, &persons[mine]))
    }

    /// The values of all places, by index of the dimension.
    pub(super) fn all_values(&self) -> &Arc<Pool<u16>> {
        &self.values
    }
}

/// Where a person belongs.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// The unit's index in the org.
    pub(super) unit: u32,
    /// Number of the values.
    pub(super) values: u32,
}

/// See [`People::place`]; of one person's rows, in the order of content hashes.
fn place<'a>(histories: impl Iterator<Item = &'a History>, period: &Standing) -> Option<Place> {
    let valid = histories
        .enumerate()
        .filter(|(_, s)| s.from <= period.end && period.start <= s.to);
    let best = valid.max_by_key(|(at, s)| (s.to.min(period.end), s.from, Reverse(*at)));
    let (_, best) = best?;
    let (unit, values) = (best.unit, best.values);
    period.leaves[unit as usize].then_some(Place { unit, values })
}

/// What a worker reads.
struct Part {
    spans: Vec<Span>,
    /// Numbers them within the part.
    values: Pool<u16>,
    names: Vec<Named>,
    read: Vec<usize>,
    rejects: Vec<Reject>,
}

/// A person, what a row of theirs calls them, and its first and last day.
type Named = (u128, Box<str>, (i32, i32));

/// What is kept of all rows.
#[derive(Default)]
struct Rows {
    /// The sound ones.
    spans: Vec<Span>,
    names: Vec<Named>,
}

/// The sound rows of all files, and the values that they number.
fn rows(
    reader: &Reader<'_>,
    (files, fields): (&[InputFile], &[Field]),
    progress: &dyn Progress,
    report: &mut SourceReport,
) -> Result<(Rows, Pool<u16>), IngestError> {
    let part = || Part {
        spans: Vec::new(),
        values: Pool::new(),
        names: Vec::new(),
        read: vec![0; files.len()],
        rejects: Vec::new(),
    };
    let parse = |part: &mut Part, file: usize, batch: &Batch| {
        for at in 0..batch.rows {
            let cells = Row { batch, fields, at };
            match reader.parse(cells) {
                Ok((span, values, name)) => {
                    let days = (span.from, span.to);
                    let named = name.map(|name| (span.person, name.into(), days));
                    part.names.extend(named);
                    part.spans.push(Span {
                        file: file as u32,
                        values: part.values.number(&values),
                        ..span
                    });
                }
                Err(fault) => part.rejects.push(batch.reject(fields, file, at, fault)),
            }
        }
        part.read[file] += batch.rows;
        Ok(())
    };
    let (mut rows, mut pool) = (Rows::default(), Pool::new());
    for part in scan(report.source, (files, fields), progress, part, parse)? {
        report.add(&part.read, part.rejects);
        rows.names.extend(part.names);
        let numbers: Vec<u32> = part.values.lists().map(|list| pool.number(list)).collect();
        rows.spans.extend(part.spans.into_iter().map(|span| Span {
            values: numbers[span.values as usize],
            ..span
        }));
    }
    report.sort();
    Ok((rows, pool))
}

/// What rows are read with.
struct Reader<'a> {
    /// The codes of each dimension's values.
    codes: Vec<HashMap<&'a str, u16>>,
    /// The column of names, if it is read.
    name: Option<usize>,
    org: &'a Org,
    key: &'a Key,
}

impl Reader<'_> {
    /// One row, its values, and its name; file and number of the values are the
    /// caller's.
    fn parse<'b>(&self, cells: Row<'b>) -> Result<(Span, Vec<u16>, Option<&'b str>), Fault> {
        cells.batch.whole(cells.at)?;
        let person = self.key.pseudonym(Domain::Person, cells.id(PERSON)?);
        let unit = self
            .org
            .unit(cells.id(UNIT)?)
            .ok_or_else(|| Fault::at(UNIT, Reason::Undeclared))?;
        let (from, to) = cells.validity(FROM, TO)?;
        if self.org.is_inner(unit, from, to) {
            return Err(Fault::at(UNIT, Reason::InnerUnit));
        }
        let values = self.values(cells)?;
        let name = self.name.map_or(Ok(None), |field| cells.text(field))?;
        let mut said = Vec::with_capacity(64);
        said.extend(unit.to_le_bytes());
        said.extend(from.to_le_bytes());
        said.extend(to.to_le_bytes());
        said.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        let span = Span {
            person,
            content: self.key.hash(Domain::Content, &said),
            from,
            to,
            unit,
            values: 0,
            file: 0,
        };
        Ok((span, values, name))
    }

    /// The declared value of every dimension.
    fn values(&self, cells: Row<'_>) -> Result<Vec<u16>, Fault> {
        let codes = self.codes.iter().zip(COLUMNS.len()..);
        codes
            .map(|(codes, field)| cells.code(field, codes))
            .collect()
    }
}
