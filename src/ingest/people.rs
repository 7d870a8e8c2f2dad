//! People: which unit a person belongs to, and when.

use std::cmp::Reverse;
use std::collections::HashMap;

use rayon::prelude::*;

use super::batch::{Declared, Kind, fields};
use super::cells::Row;
use super::error::IngestError;
use super::key::{Domain, Key};
use super::org::{Org, ROOT};
use super::paths::inputs;
use super::report::{Fault, Reason, SourceReport};
use super::scan::sound_rows;
use crate::config::Project;

/// The columns, in the order of the constants below.
const COLUMNS: [Declared; 5] = [
    Declared {
        name: "person_id",
        kind: Kind::Text,
        required: true,
    },
    Declared {
        name: "org_unit",
        kind: Kind::Text,
        required: true,
    },
    Declared {
        name: "job_level",
        kind: Kind::Text,
        required: false,
    },
    Declared {
        name: "valid_from",
        kind: Kind::Date,
        required: false,
    },
    Declared {
        name: "valid_to",
        kind: Kind::Date,
        required: false,
    },
];
const PERSON: usize = 0;
const UNIT: usize = 1;
const LEVEL: usize = 2;
const FROM: usize = 3;
const TO: usize = 4;

/// Everybody's history; or nobody's, if there is no people source.
pub(super) struct People {
    /// `None`: everyone belongs to the root.
    by_person: Option<HashMap<u128, (u32, u32)>>,
    spans: Vec<Span>,
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
                },
                None,
            ));
        };
        let files = inputs(project, source)?;
        let fields = fields(&COLUMNS, source);
        let mut report = SourceReport::new(source, &files);
        let parse = |cells: Row<'_>, file, _| {
            let span = parse(cells, project, org, key)?;
            Ok(Span { file, ..span })
        };
        let mut spans = sound_rows(&files, &fields, &mut report, parse)?;
        spans.par_sort_unstable();
        let mut last = None;
        spans.retain(|span| {
            let twin = last == Some((span.person, span.content));
            last = Some((span.person, span.content));
            report.settle(span.file, twin);
            !twin
        });
        let mut by_person: HashMap<u128, (u32, u32)> = HashMap::new();
        for (index, span) in spans.iter().enumerate() {
            let index = index as u32;
            by_person.entry(span.person).or_insert((index, index)).1 = index + 1;
        }
        Ok((
            Self {
                by_person: Some(by_person),
                spans,
            },
            Some(report),
        ))
    }

    /// The unit (its index in the org) that a person belongs to in a period:
    /// of the rows valid in it, one valid at its end, else the one valid
    /// longest; then the latest `valid_from`; then the smallest content hash.
    /// `None`: no row is valid in the period, or the row's unit is none that
    /// people can belong to in it.
    pub(super) fn unit(&self, person: u128, period: &Standing) -> Option<u32> {
        let Some(by_person) = &self.by_person else {
            return Some(ROOT);
        };
        let (first, end) = *by_person.get(&person)?;
        let spans = &self.spans[first as usize..end as usize];
        let valid = spans
            .iter()
            .filter(|s| s.from <= period.end && period.start <= s.to);
        let best = valid.max_by_key(|s| (s.to.min(period.end), s.from, Reverse(s.content)))?;
        Some(best.unit).filter(|unit| period.leaves[*unit as usize])
    }
}

fn parse(cells: Row<'_>, project: &Project, org: &Org, key: &Key) -> Result<Span, Fault> {
    cells.batch.whole(cells.at)?;
    let person = key.hash(Domain::Person, &[cells.id(PERSON)?.as_bytes()]);
    let unit = org
        .unit(cells.id(UNIT)?)
        .ok_or_else(|| cells.fault(UNIT, Reason::Undeclared))?;
    let levels = &project.job_levels;
    let level = if levels.is_empty() {
        None
    } else {
        cells.text(LEVEL)?
    };
    let level = match level {
        None => 0,
        Some(level) => {
            let at = levels.iter().position(|known| known == level);
            1 + at.ok_or_else(|| cells.fault(LEVEL, Reason::Undeclared))? as u32
        }
    };
    let (from, to) = cells.validity(FROM, TO)?;
    if org.is_inner(unit, from, to) {
        return Err(cells.fault(UNIT, Reason::InnerUnit));
    }
    let content = [
        unit.to_le_bytes(),
        level.to_le_bytes(),
        from.to_le_bytes(),
        to.to_le_bytes(),
    ];
    let content = key.hash(Domain::Content, &[content.as_flattened()]);
    Ok(Span {
        person,
        content,
        from,
        to,
        unit,
        file: 0,
    })
}
