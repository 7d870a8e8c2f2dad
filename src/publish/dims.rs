//! Tables of labels: what ids mean. Everything in them is declared, but for
//! which groups of hidden siblings a release has.

mod glossary;

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::RecordBatch;
use lodestar_privacy::noisy::{Group, Noisy};
use lodestar_privacy::public::{Label, Span, Statistic, Table as Declared};
use lodestar_privacy::{Public, Tree};

use super::bounds;
use super::manifest::v1::Definition;
use super::manifest::vectors::kind;
use super::noise;
use super::schema::Form;
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
        (bounds::NAME, bounds::batch(noisy, public)),
        ("dim_competency", competencies(public)),
        ("dim_instrument", glossary::instruments(public)),
        ("dim_measure", measures(public, definitions)),
        ("dim_metric", glossary::metrics(public)),
        (noise::NAME, noise::batch(noisy, public)),
        ("dim_org_unit", org_units(noisy, public)),
        ("dim_period", period(public)),
        ("dim_programme", glossary::programmes(public)),
        ("dim_target", glossary::targets(public)),
        ("dim_theme", themes(public)),
    ]
}

/// The names of all of them.
pub(super) const NAMES: [&str; 11] = [
    bounds::NAME,
    "dim_competency",
    "dim_instrument",
    "dim_measure",
    "dim_metric",
    noise::NAME,
    "dim_org_unit",
    "dim_period",
    "dim_programme",
    "dim_target",
    "dim_theme",
];

/// The columns that identify a row of a table of labels; it is sorted by
/// [`sorted_by`], which begins with what reads best.
pub(super) fn key(name: &str) -> Option<&'static [&'static str]> {
    Some(match name {
        bounds::NAME => &["release_id", "measure", "bound", "statistic", "metric"],
        "dim_competency" | "dim_target" => &["competency"],
        "dim_instrument" => &["instrument"],
        "dim_measure" => &["measure", "statistic"],
        "dim_metric" => &["metric"],
        noise::NAME => &[
            "release_id",
            "cohorts",
            "measured",
            "org_unit",
            "within",
            "compared",
        ],
        "dim_org_unit" => &["org_unit"],
        "dim_period" => &["period"],
        "dim_programme" => &["programme"],
        "dim_theme" => &["competency", "theme"],
        _ => return None,
    })
}

/// The columns that a table of labels is sorted by.
pub(super) fn sorted_by(name: &str) -> Option<&'static [&'static str]> {
    Some(match name {
        noise::NAME => &[
            "release_id",
            "cohorts",
            "measured",
            "org_level",
            "org_unit",
            "within",
        ],
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

/// The units that stand at the end of any span, which all are that of the
/// period, and the groups of every kind's tree.
fn org_units(noisy: &Noisy, public: &Public) -> RecordBatch {
    let tree = &public.spans[0].tree;
    let standing = (0..tree.units().len()).filter(|&code| tree.unit(code).standing);
    let units = standing.filter_map(|code| unit_row(tree, Group::Unit(code)));
    let kinds = noisy.kinds.iter().enumerate();
    let groups = kinds.flat_map(|(kind, drawn)| {
        let cohorts = drawn.levels.iter().flat_map(|level| &level.cohorts);
        let groups = cohorts.map(|cohort| cohort.group);
        let groups: BTreeSet<Group> = groups.filter(|g| matches!(g, Group::Others(_))).collect();
        groups
            .into_iter()
            .filter_map(move |group| unit_row(public.tree(kind), group))
    });
    let mut rows: Vec<UnitRow> = units.chain(groups).collect();
    rows.sort_by(|a, b| a.text.cmp(&b.text));
    rows.dedup_by(|a, b| a.text.id == b.text.id);
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

/// The labels of every row of every table that has a dimension, and its place
/// in them. What stands for everything has no label of its own.
fn keyed<'a>(public: &'a Public, dimension: &str) -> Vec<(usize, Vec<Label>, &'a Declared)> {
    let mut all = Vec::new();
    for table in &public.tables {
        let place = table.dimensions.iter().position(|name| name == dimension);
        if let Some(place) = place {
            let labels = public.all_labels(table);
            let own = labels.filter(|labels| labels[place].id != "(all)");
            all.extend(own.map(|labels| (place, labels, table)));
        }
    }
    all
}

fn competencies(public: &Public) -> RecordBatch {
    let all = keyed(public, "competency").into_iter();
    let all = all.map(|(at, labels, _)| (labels[at].id.clone(), labels[at].label.clone()));
    let rows: BTreeMap<String, String> = all.collect();
    Table::default()
        .text("competency", rows.keys())
        .text("label", rows.values())
        .finish()
}

fn themes(public: &Public) -> RecordBatch {
    let mut rows: BTreeMap<(String, String), String> = BTreeMap::new();
    for (at, labels, table) in keyed(public, "theme") {
        let competency = table
            .dimensions
            .iter()
            .position(|name| name == "competency");
        let competency = competency.map_or_else(String::new, |place| labels[place].id.clone());
        let theme = &labels[at];
        rows.insert((competency, theme.id.clone()), theme.label.clone());
    }
    Table::default()
        .text("competency", rows.keys().map(|key| &key.0))
        .text("theme", rows.keys().map(|key| &key.1))
        .text("label", rows.values())
        .finish()
}

fn period(public: &Public) -> RecordBatch {
    let mut spans: Vec<&Span> = public.spans.iter().collect();
    spans.sort_by(|a, b| (&a.start, &a.name).cmp(&(&b.start, &b.name)));
    let all = || spans.iter();
    Table::default()
        .text("period", all().map(|span| &span.name))
        .date("period_start", all().map(|span| days(&span.start)))
        .date("period_end", all().map(|span| days(&span.end)))
        .text("release_id", all().map(|_| public.release_id()))
        .int32("revision", all().map(|_| public.revision))
        .finish()
}

fn measures(public: &Public, definitions: &[Definition]) -> RecordBatch {
    let table = |name: &str| public.tables.iter().find(|table| table.name == name);
    let mut rows: Vec<(&Definition, &Declared)> = definitions
        .iter()
        .filter_map(|d| table(&d.measure).map(|table| (d, table)))
        .collect();
    rows.sort_by(|(a, _), (b, _)| (&a.measure, &a.statistic).cmp(&(&b.measure, &b.statistic)));
    let cohort = |table: &Declared| public.kinds[public.blocks[table.block].kind].name.clone();
    let tolerated = |d: &Definition, table: &Declared| {
        let mut statistics = table.statistics.iter();
        let statistic = statistics.find(|statistic| statistic.name == d.statistic);
        // Words, days and standard deviations have none.
        let has_one = |s: &&Statistic| matches!(Form::of(kind(&s.kind)), Form::Whole | Form::Real);
        statistic
            .filter(has_one)
            .map(|statistic| statistic.tolerated_error)
    };
    Table::default()
        .text("measure", rows.iter().map(|(d, _)| &d.measure))
        .text("statistic", rows.iter().map(|(d, _)| &d.statistic))
        .text("question", rows.iter().map(|(_, table)| &table.question))
        .text("definition", rows.iter().map(|(d, _)| &d.definition))
        .text("cohort", rows.iter().map(|(_, table)| cohort(table)))
        .text("interval", rows.iter().map(|(d, _)| &d.interval))
        .text("unit", rows.iter().map(|(d, _)| &d.unit))
        .optional_double(
            "tolerated_error",
            rows.iter().map(|(d, table)| tolerated(d, table)),
        )
        .finish()
}
