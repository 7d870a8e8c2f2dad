//! Names to take out of notes: a list that the organisation declares, of its coaches
//! or its staff. It is public: no rule asks who of the people is on it.

use lodestar_tagging::Names;

use super::batch::{Declared, Kind, fields};
use super::cells::Row;
use super::error::IngestError;
use super::paths::inputs;
use super::report::SourceReport;
use super::scan::sound_rows;
use crate::config::Project;

/// The columns, in the order of the constants below.
const COLUMNS: [Declared<'_>; 1] = [Declared::required("name", Kind::Text)];
const NAME: usize = 0;

/// A name, and the file that it is in.
type Listed = (String, u32);

/// Reads the source of names, if there is one and notes are read.
pub(super) fn load(project: &Project) -> Result<(Names<'_>, Option<SourceReport>), IngestError> {
    let mut names = Names::new(&project.framework.tagger);
    let Some(source) = &project.sources.names else {
        return Ok((names, None));
    };
    if !project.reads_notes() {
        return Ok((names, None));
    }
    let files = inputs(project.folder(), source)?;
    let fields = fields(&COLUMNS, source);
    let mut report = SourceReport::new(source, &files, &fields);
    let parse = |cells: Row<'_>, file, _| {
        cells.batch.whole(cells.at)?;
        Ok((cells.id(NAME)?.to_owned(), file))
    };
    let mut rows: Vec<Listed> = sound_rows(&files, &fields, &mut report, parse)?;
    rows.sort_unstable();
    report.settle(&mut rows, |row| row.1, |a, b| a.0 == b.0);
    for (name, _) in rows {
        names.add(&name);
    }
    Ok((names, Some(report)))
}
