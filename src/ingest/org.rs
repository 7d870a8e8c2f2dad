//! The declared organisation and its history. Units are public.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use lodestar_privacy::Tree;
use lodestar_privacy::tree::UnitSpec;

use super::batch::{Declared, Kind, fields};
use super::cells::Row;
use super::dates::day_of;
use super::error::IngestError;
use super::paths::{InputFile, inputs};
use super::programmes::Programmes;
use super::report::{Fault, Reason, SourceReport};
use super::scan::sound_rows;
use crate::calendar::Period;
use crate::config::Project;

/// The columns, in the order of the constants below.
const COLUMNS: [Declared<'_>; 6] = [
    Declared::required("org_unit", Kind::Text),
    Declared::required("label", Kind::Text),
    Declared::required("parent", Kind::Text),
    Declared::optional("valid_from", Kind::Date),
    Declared::optional("valid_to", Kind::Date),
    Declared::optional("headcount", Kind::Number),
];
const UNIT: usize = 0;
const LABEL: usize = 1;
const PARENT: usize = 2;
const FROM: usize = 3;
const TO: usize = 4;
const HEADCOUNT: usize = 5;

/// Most people that a unit can say to have.
const HEADCOUNT_MOST: f64 = 1e9;

/// The root's index among the units.
pub(super) const ROOT: u32 = 0;

/// Units with their history, checked: on every day they form one tree.
#[derive(Clone, Debug)]
pub struct Org {
    /// The root first, then in order of id.
    units: Vec<Unit>,
    codes: HashMap<String, u32>,
    report: Option<SourceReport>,
    /// Without people everyone belongs to the root, so no other unit stands.
    root_alone: bool,
    programmes: Programmes,
}

#[derive(Clone, Debug)]
struct Unit {
    id: String,
    /// In order of time, disjoint.
    spans: Vec<Span>,
    /// When other units hang under it.
    inner: Vec<(i32, i32)>,
}

/// A unit's label and parent for some days; both ends inclusive.
#[derive(Clone, Debug)]
struct Span {
    from: i32,
    to: i32,
    label: String,
    /// `None`: the root.
    parent: Option<u32>,
    headcount: Option<u32>,
    file: u32,
    row: u64,
}

/// A sound row. The order makes the earliest of identical rows the first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct OrgRow {
    unit: String,
    from: i32,
    to: i32,
    parent: Option<String>,
    label: String,
    file: u32,
    row: u64,
    /// For plans alone: no row is refused for it.
    headcount: Option<u32>,
}

impl OrgRow {
    /// But for the head-count.
    fn says_the_same(&self, other: &Self) -> bool {
        let (file, row, headcount) = (self.file, self.row, self.headcount);
        *self
            == Self {
                file,
                row,
                headcount,
                ..other.clone()
            }
    }
}

/// Rows that differ in their head-counts alone have none.
fn contradicted(rows: &mut [OrgRow]) {
    for same in rows.chunk_by_mut(OrgRow::says_the_same) {
        let first = same[0].headcount;
        if same.iter().any(|row| row.headcount != first) {
            for row in same {
                row.headcount = None;
            }
        }
    }
}

impl Org {
    /// Reads the org source and the programmes of its units; without an org
    /// source the root stands alone. Rows that cannot be parsed are counted in
    /// [`Org::reports`]; units that do not form a tree on every day are refused,
    /// and so are programmes that contradict themselves.
    pub fn load(project: &Project) -> Result<Self, IngestError> {
        let mut org = Self::units(project)?;
        org.programmes = Programmes::load(project, &org)?;
        Ok(org)
    }

    /// Reads the org source alone.
    fn units(project: &Project) -> Result<Self, IngestError> {
        let Some(source) = &project.sources.org else {
            return Self::build(&project.organisation, Vec::new(), &[], None);
        };
        let files = inputs(project.folder(), source)?;
        let fields = fields(&COLUMNS, source);
        let mut report = SourceReport::new(source, &files, &fields);
        let parse = |cells: Row<'_>, file, row| {
            let parsed = parse(cells, &project.organisation)?;
            Ok(OrgRow {
                file,
                row,
                ..parsed
            })
        };
        let mut rows = sound_rows(&files, &fields, &mut report, parse)?;
        rows.sort_unstable();
        contradicted(&mut rows);
        report.settle(&mut rows, |row| row.file, OrgRow::says_the_same);
        let org = Self::build(&project.organisation, rows, &files, Some(report))?;
        let root_alone = project.sources.people.is_none();
        Ok(Self { root_alone, ..org })
    }

    /// What became of the rows of those public sources that there are.
    pub fn reports(&self) -> impl Iterator<Item = &SourceReport> {
        self.report.iter().chain(self.programmes.report())
    }

    /// Why these units must not be used: more rows of a public source are
    /// quarantined than its tolerance allows.
    pub fn refusal(&self, project: &Project) -> Option<IngestError> {
        self.reports().find_map(|report| report.refusal(project))
    }

    /// The programmes that units and people take part in.
    pub fn programmes(&self) -> &Programmes {
        &self.programmes
    }

    fn build(
        root: &str,
        rows: Vec<OrgRow>,
        files: &[InputFile],
        report: Option<SourceReport>,
    ) -> Result<Self, IngestError> {
        let others: BTreeSet<&str> = rows
            .iter()
            .map(|row| row.unit.as_str())
            .filter(|unit| *unit != root)
            .collect();
        let ids: Vec<String> = [root]
            .into_iter()
            .chain(others)
            .map(str::to_owned)
            .collect();
        let codes: HashMap<String, u32> = ids
            .iter()
            .enumerate()
            .map(|(code, id)| (id.clone(), code as u32))
            .collect();
        let unit = |id| Unit {
            id,
            spans: Vec::new(),
            inner: Vec::new(),
        };
        let mut units: Vec<Unit> = ids.into_iter().map(unit).collect();
        let refused = |span: (u32, u64), unit: &str, problem: String| IngestError::Org {
            path: files[span.0 as usize].shown.clone(),
            row: span.1,
            unit: unit.to_owned(),
            problem,
        };
        for row in rows {
            let at = (row.file, row.row);
            let parent = match &row.parent {
                None => None,
                Some(parent) => Some(*codes.get(parent).ok_or_else(|| {
                    let problem = format!("has the parent {parent:?}, which is not declared");
                    refused(at, &row.unit, problem)
                })?),
            };
            let spans = &mut units[codes[&row.unit] as usize].spans;
            if spans.last().is_some_and(|last| row.from <= last.to) {
                let problem = "is declared twice for the same days: end the earlier row \
                               (valid_to) before the later begins (valid_from)";
                return Err(refused(at, &row.unit, problem.to_owned()));
            }
            let OrgRow {
                from,
                to,
                label,
                headcount,
                file,
                row,
                ..
            } = row;
            spans.push(Span {
                from,
                to,
                label,
                parent,
                headcount,
                file,
                row,
            });
            if let Some(parent) = parent {
                units[parent as usize].inner.push((from, to));
            }
        }
        let org = Self {
            units,
            codes,
            report,
            root_alone: false,
            programmes: Programmes::default(),
        };
        if let Some((unit, span, problem)) = org.covered().or_else(|| org.circle()) {
            return Err(refused((span.file, span.row), &unit.id, problem.to_owned()));
        }
        Ok(org)
    }

    /// A unit that is valid on a day on which its parent is not.
    fn covered(&self) -> Option<(&Unit, &Span, &'static str)> {
        let spans = self
            .units
            .iter()
            .flat_map(|unit| unit.spans.iter().map(move |s| (unit, s)));
        for (unit, span) in spans {
            let Some(parent) = span.parent.filter(|parent| *parent != ROOT) else {
                continue;
            };
            // Walk the parent's spans: each must begin where the last one ended.
            let mut open = Some(span.from);
            for above in &self.units[parent as usize].spans {
                open = match open {
                    Some(day) if above.from <= day && day <= above.to => {
                        above.to.checked_add(1).filter(|next| *next <= span.to)
                    }
                    other => other,
                };
            }
            if open.is_some() {
                return Some((unit, span, "is valid on days on which its parent is not"));
            }
        }
        None
    }

    /// A unit that is, on some day, its own (transitive) parent. Circles can
    /// only close on a day on which some row begins.
    fn circle(&self) -> Option<(&Unit, &Span, &'static str)> {
        let begins: BTreeSet<i32> = self
            .units
            .iter()
            .flat_map(|unit| &unit.spans)
            .map(|span| span.from)
            .collect();
        for day in begins {
            let on_day = |unit: &Unit| unit.spans.iter().position(|s| s.from <= day && day <= s.to);
            let parents: Vec<Option<usize>> = self
                .units
                .iter()
                .map(|unit| Some(unit.spans[on_day(unit)?].parent? as usize))
                .collect();
            // 0: not seen; else the walk that saw it first.
            let mut seen = vec![0; parents.len()];
            for start in 0..parents.len() {
                let mut at = start;
                while seen[at] == 0 {
                    seen[at] = start + 1;
                    let Some(parent) = parents[at] else { break };
                    at = parent;
                    if seen[at] == start + 1 {
                        let unit = &self.units[at];
                        let span = &unit.spans[on_day(unit)?];
                        return Some((unit, span, "is its own parent, directly or through others"));
                    }
                }
            }
        }
        None
    }

    /// The index of a declared unit.
    pub(super) fn unit(&self, id: &str) -> Option<u32> {
        self.codes.get(id).copied()
    }

    /// Whether other units hang under it on some of the days.
    pub(super) fn is_inner(&self, unit: u32, from: i32, to: i32) -> bool {
        let inner = &self.units[unit as usize].inner;
        inner
            .iter()
            .any(|(first, last)| *first <= to && from <= *last)
    }

    /// A unit's row in a period, and whether it is valid at its end.
    fn standing(&self, unit: u32, start: i32, end: i32) -> Option<(&Span, bool)> {
        let spans = &self.units[unit as usize].spans;
        let span = spans
            .iter()
            .rev()
            .find(|span| span.from <= end && start <= span.to)?;
        Some((span, end <= span.to))
    }

    /// Per unit: whether people can belong to it in a period.
    pub(super) fn leaves(&self, start: i32, end: i32) -> Vec<bool> {
        let spans: Vec<_> = (0..self.units.len() as u32)
            .map(|unit| self.standing(unit, start, end))
            .collect();
        let mut leaves: Vec<bool> = spans.iter().map(Option::is_some).collect();
        leaves[ROOT as usize] = true;
        for parent in spans.iter().flatten().filter_map(|(span, _)| span.parent) {
            leaves[parent as usize] = false;
        }
        leaves
    }

    /// The declared tree of a period: every unit as it stands at the period's
    /// end, and those that closed within it as they last stood.
    pub fn tree(&self, period: &Period) -> Result<Tree, IngestError> {
        let (start, end) = (day_of(period.start()), day_of(period.end()));
        let mut specs = BTreeMap::new();
        for (code, unit) in self.units.iter().enumerate() {
            let found = self.standing(code as u32, start, end);
            let root = code == ROOT as usize;
            if !root && (found.is_none() || self.root_alone) {
                continue;
            }
            let label = found.map_or(&unit.id, |(span, _)| &span.label).clone();
            let parent = found.and_then(|(span, _)| span.parent);
            let spec = UnitSpec {
                id: unit.id.clone(),
                label,
                parent: parent.map(|parent| self.units[parent as usize].id.clone()),
                standing: root || found.is_some_and(|(_, standing)| standing),
            };
            specs.insert(code, spec);
        }
        Tree::new(specs.into_values().collect()).map_err(|error| IngestError::File {
            table: "org",
            path: period.name(),
            row: None,
            problem: error.to_string(),
        })
    }

    /// How many people the units of a period's tree say to have, by code: a leaf
    /// what its row says, others what their children have. `None`: a leaf that
    /// stands at the period's end says nothing.
    pub fn headcounts(&self, period: &Period, tree: &Tree) -> Option<Vec<f64>> {
        let (start, end) = (day_of(period.start()), day_of(period.end()));
        let mut people = vec![0.0; tree.units().len()];
        // A parent's code is smaller than its children's.
        for (code, unit) in tree.units().iter().enumerate().rev() {
            if tree.is_leaf(code) && unit.standing {
                people[code] = f64::from(self.headcount(&unit.id, start, end)?);
            }
            if let Some(parent) = unit.parent {
                people[parent] += people[code];
            }
        }
        Some(people)
    }

    fn headcount(&self, unit: &str, start: i32, end: i32) -> Option<u32> {
        let (span, _) = self.standing(self.unit(unit)?, start, end)?;
        span.headcount
    }

    /// Whether any unit says at any time how many people it has.
    pub fn says_headcounts(&self) -> bool {
        let mut spans = self.units.iter().flat_map(|unit| &unit.spans);
        spans.any(|span| span.headcount.is_some())
    }

    /// How many units people can belong to in a period, and those of them that do
    /// not say how many people they have.
    pub fn without_headcount(&self, period: &Period) -> Result<(usize, Vec<String>), IngestError> {
        let (start, end) = (day_of(period.start()), day_of(period.end()));
        let tree = self.tree(period)?;
        let units = tree.units().iter().enumerate();
        let leaves = units.filter(|(code, unit)| tree.is_leaf(*code) && unit.standing);
        let leaves: Vec<&str> = leaves.map(|(_, unit)| unit.id.as_str()).collect();
        let silent = leaves.iter();
        let silent = silent.filter(|unit| self.headcount(unit, start, end).is_none());
        Ok((
            leaves.len(),
            silent.map(|unit| (*unit).to_owned()).collect(),
        ))
    }

    /// The code in a tree of each unit, by index; `None`: not in it.
    pub(super) fn codes_in(&self, tree: &Tree) -> Vec<Option<u32>> {
        self.units
            .iter()
            .map(|unit| tree.code(&unit.id).map(|code| code as u32))
            .collect()
    }
}

/// One row; file and row number are the caller's.
fn parse(cells: Row<'_>, root: &str) -> Result<OrgRow, Fault> {
    cells.batch.whole(cells.at)?;
    let unit = cells.id(UNIT)?.to_owned();
    // Groups of hidden units have such ids.
    if unit.starts_with('(') {
        return Err(Fault::at(UNIT, Reason::Id));
    }
    let label = cells.id(LABEL)?.to_owned();
    let parent = cells.text(PARENT)?.map(str::to_owned);
    match (&parent, unit == root) {
        (None, false) => return Err(Fault::at(PARENT, Reason::ParentMissing)),
        (Some(_), true) => return Err(Fault::at(PARENT, Reason::Value)),
        _ => {}
    }
    let (from, to) = cells.validity(FROM, TO)?;
    let headcount = cells.number(HEADCOUNT).ok().flatten();
    let headcount = headcount.filter(|people| (0.0..=HEADCOUNT_MOST).contains(people));
    Ok(OrgRow {
        unit,
        from,
        to,
        parent,
        label,
        headcount: headcount.map(|people| people.round() as u32),
        file: 0,
        row: 0,
    })
}
