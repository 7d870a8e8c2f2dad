//! Which org units and job levels a people table names: what a new project may
//! want to declare. Nothing that is released depends on it.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use super::batch::{Declared, Kind, fields};
use super::cells::Row;
use super::error::IngestError;
use super::key::{Domain, Key};
use super::paths::inputs;
use super::report::SourceReport;
use super::scan::sound_rows;
use crate::config::Source;

/// The columns, in the order of the constants below.
const COLUMNS: [Declared<'_>; 3] = [
    Declared::required("person_id", Kind::Text),
    Declared::required("org_unit", Kind::Text),
    Declared::optional("job_level", Kind::Text),
];
const PERSON: usize = 0;
const UNIT: usize = 1;
const LEVEL: usize = 2;

/// What a people table names, with the number of people who have it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Groups {
    /// Values of `org_unit`.
    pub org_units: BTreeMap<String, usize>,
    /// Values of `job_level`; none if the table lacks the column.
    pub job_levels: BTreeMap<String, usize>,
}

/// Reads a people table, whose columns are named as ours are. Rows that break
/// a rule are passed over.
pub fn groups(path: &Path) -> Result<Groups, IngestError> {
    let source = Source {
        name: "people",
        paths: vec![path.display().to_string()],
        base: PathBuf::new(),
        synthetic: false,
        columns: BTreeMap::new(),
        defaults: BTreeMap::new(),
        unpivot: None,
        delimiter: b',',
        tolerance: 1.0,
    };
    let files = inputs(Path::new(""), &source)?;
    let fields = fields(&COLUMNS, &source);
    let mut report = SourceReport::new(&source, &files, &fields);
    // People are counted, and nothing that is hashed is kept.
    let key = Key::new([0; 16]);
    let parse = |cells: Row<'_>, _, _| {
        cells.batch.whole(cells.at)?;
        let person = key.pseudonym(Domain::Person, cells.id(PERSON)?);
        let unit = cells.id(UNIT)?.to_owned();
        Ok((person, unit, cells.text(LEVEL)?.map(str::to_owned)))
    };
    let rows = sound_rows(&files, &fields, &mut report, parse)?;
    let mut units = Counted::default();
    let mut levels = Counted::default();
    for (person, unit, level) in rows {
        units.entry(unit).or_default().insert(person);
        if let Some(level) = level {
            levels.entry(level).or_default().insert(person);
        }
    }
    Ok(Groups {
        org_units: people(units),
        job_levels: people(levels),
    })
}

/// The people with each value.
type Counted = BTreeMap<String, HashSet<u128>>;

fn people(counted: Counted) -> BTreeMap<String, usize> {
    let all = counted.into_iter();
    all.map(|(value, people)| (value, people.len())).collect()
}
