//! Tables of labels: what ids mean. Everything in them is declared, but for
//! which groups of hidden siblings a release has.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::RecordBatch;
use lodestar_privacy::noisy::{Group, Noisy};
use lodestar_privacy::public::{Block, Label};
use lodestar_privacy::{Public, Tree};

use super::manifest::v1::Definition;
use super::table::{Table, days};

/// How a cohort is named in published tables.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct UnitText {
    /// Depth below the root.
    pub(super) level: u32,
    /// The unit's id, or `(other units) <id of the parent>`.
    pub(super) id: String,
    /// Text for people.
    pub(super) label: String,
}

/// Names a cohort; a code that is not of this tree has no name.
pub(super) fn unit_text(tree: &Tree, group: Group) -> Option<UnitText> {
    match group {
        Group::Unit(code) => tree.units().get(code).map(|unit| UnitText {
            level: unit.level,
            id: unit.id.clone(),
            label: unit.label.clone(),
        }),
        Group::Others(parent) => tree.units().get(parent).map(|parent| UnitText {
            level: parent.level + 1,
            id: format!("(other units) {}", parent.id),
            label: format!("Other units of {}", parent.label),
        }),
    }
}

/// All tables of labels, in order of name.
pub(super) fn all(
    noisy: &Noisy,
    public: &Public,
    definitions: &[Definition],
) -> Vec<(&'static str, RecordBatch)> {
    vec![
        ("dim_competency", competencies(&public.blocks)),
        ("dim_measure", measures(public, definitions)),
        ("dim_org_unit", org_units(noisy, &public.tree)),
        ("dim_period", period(public)),
        ("dim_theme", themes(&public.blocks)),
    ]
}

/// The columns that identify a row of a table of labels; it is sorted by
/// [`sorted_by`], which begins with what reads best.
pub(super) fn key(name: &str) -> Option<&'static [&'static str]> {
    Some(match name {
        "dim_competency" => &["competency"],
        "dim_measure" => &["measure", "statistic"],
        "dim_org_unit" => &["org_unit"],
        "dim_period" => &["period"],
        "dim_theme" => &["competency", "theme"],
        _ => return None,
    })
}

/// The columns that a table of labels is sorted by.
pub(super) fn sorted_by(name: &str) -> Option<&'static [&'static str]> {
    Some(match name {
        "dim_org_unit" => &["org_level", "org_unit"],
        "dim_period" => &["period_start", "period"],
        other => return key(other),
    })
}

struct UnitRow {
    text: UnitText,
    parent: Option<String>,
    is_group: bool,
    /// Labels from the root down to the unit itself.
    path: Vec<String>,
}

fn org_units(noisy: &Noisy, tree: &Tree) -> RecordBatch {
    let standing = (0..tree.units().len()).filter(|&code| tree.unit(code).standing);
    let cohorts = noisy
        .kinds
        .iter()
        .flat_map(|kind| &kind.levels)
        .flat_map(|l| &l.cohorts);
    let groups: BTreeSet<Group> = cohorts
        .map(|c| c.group)
        .filter(|g| matches!(g, Group::Others(_)))
        .collect();
    let mut rows: Vec<UnitRow> = standing
        .map(Group::Unit)
        .chain(groups)
        .filter_map(|group| unit_row(tree, group))
        .collect();
    rows.sort_by(|a, b| a.text.cmp(&b.text));
    let mut table = Table::default()
        .text("org_unit", rows.iter().map(|row| &row.text.id))
        .text("label", rows.iter().map(|row| &row.text.label))
        .optional_text("parent", rows.iter().map(|row| row.parent.as_ref()))
        .int32("org_level", rows.iter().map(|row| row.text.level))
        .boolean("is_group", rows.iter().map(|row| row.is_group));
    for level in 0..=tree.depth() {
        let labels = rows.iter().map(|row| row.path.get(level as usize));
        table = table.optional_text(&format!("level_{level}"), labels);
    }
    table.finish()
}

fn unit_row(tree: &Tree, group: Group) -> Option<UnitRow> {
    let text = unit_text(tree, group)?;
    let (parent, is_group) = match group {
        Group::Unit(code) => (tree.unit(code).parent, false),
        Group::Others(parent) => (Some(parent), true),
    };
    let mut path = vec![text.label.clone()];
    let mut above = parent;
    while let Some(code) = above {
        path.push(tree.unit(code).label.clone());
        above = tree.unit(code).parent;
    }
    path.reverse();
    Some(UnitRow {
        text,
        parent: parent.map(|code| tree.unit(code).id.clone()),
        is_group,
        path,
    })
}

/// Ids and labels of one dimension over all blocks; the first label wins.
fn labels_of<'a>(blocks: &'a [Block], dimension: &str) -> Vec<(&'a Block, usize)> {
    let position = |block: &Block| block.dimensions.iter().position(|name| name == dimension);
    blocks
        .iter()
        .filter_map(|block| position(block).map(|at| (block, at)))
        .collect()
}

fn competencies(blocks: &[Block]) -> RecordBatch {
    let mut rows: BTreeMap<&str, &str> = BTreeMap::new();
    for (block, at) in labels_of(blocks, "competency") {
        for Label { id, label } in block.keys.iter().filter_map(|key| key.get(at)) {
            rows.entry(id).or_insert(label);
        }
    }
    Table::default()
        .text("competency", rows.keys())
        .text("label", rows.values())
        .finish()
}

fn themes(blocks: &[Block]) -> RecordBatch {
    let mut rows: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for (block, competency) in labels_of(blocks, "competency") {
        let Some(theme) = block.dimensions.iter().position(|name| name == "theme") else {
            continue;
        };
        for key in &block.keys {
            if let (Some(competency), Some(theme)) = (key.get(competency), key.get(theme)) {
                rows.entry((&competency.id, &theme.id))
                    .or_insert(&theme.label);
            }
        }
    }
    Table::default()
        .text("competency", rows.keys().map(|key| key.0))
        .text("theme", rows.keys().map(|key| key.1))
        .text("label", rows.values())
        .finish()
}

fn period(public: &Public) -> RecordBatch {
    let one = || std::iter::once(public);
    Table::default()
        .text("period", one().map(|p| &p.period.name))
        .date("period_start", one().map(|p| days(&p.period.start)))
        .date("period_end", one().map(|p| days(&p.period.end)))
        .text("release_id", one().map(Public::release_id))
        .int32("revision", one().map(|p| p.revision))
        .finish()
}

fn measures(public: &Public, definitions: &[Definition]) -> RecordBatch {
    let block = |name: &str| public.blocks.iter().find(|block| block.name == name);
    let mut rows: Vec<(&Definition, &Block)> = definitions
        .iter()
        .filter_map(|d| block(&d.measure).map(|block| (d, block)))
        .collect();
    rows.sort_by(|(a, _), (b, _)| (&a.measure, &a.statistic).cmp(&(&b.measure, &b.statistic)));
    let cohort = |block: &Block| public.kinds.get(block.kind).map(|kind| kind.name.clone());
    let tolerated =
        |d: &Definition, b: &Block| (d.statistic == "share").then_some(b.tolerated_error);
    Table::default()
        .text("measure", rows.iter().map(|(d, _)| &d.measure))
        .text("statistic", rows.iter().map(|(d, _)| &d.statistic))
        .text("question", rows.iter().map(|(_, block)| &block.question))
        .text("definition", rows.iter().map(|(d, _)| &d.definition))
        .text(
            "cohort",
            rows.iter()
                .map(|(_, block)| cohort(block).unwrap_or_default()),
        )
        .text("interval", rows.iter().map(|(d, _)| &d.interval))
        .text("unit", rows.iter().map(|(d, _)| &d.unit))
        .optional_double(
            "tolerated_error",
            rows.iter().map(|(d, block)| tolerated(d, block)),
        )
        .finish()
}
