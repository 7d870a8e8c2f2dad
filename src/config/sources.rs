//! `[sources.…]`: where rows come from.

use super::columns::{self, Column, Holds};
use super::dimensions::{Dimensions, FORMAT, PROGRAMME};
use super::periods::or;
use super::reader::{Field, Table};
use super::{Framework, Instrument, Metric, Source, Sources, unpivot};

/// What differs between the sources.
struct Kind {
    name: &'static str,
    columns: &'static [Column<'static>],
    tolerance: f64,
}

const fn column(name: &'static str, holds: Holds<'static>) -> Column<'static> {
    Column { name, holds }
}

const ORG: Kind = Kind {
    name: "org",
    columns: &[
        column("org_unit", Holds::Key),
        column("label", Holds::Text),
        column("parent", Holds::Text),
        column("valid_from", Holds::Date),
        column("valid_to", Holds::Date),
        column("headcount", Holds::Number),
    ],
    // A declared tree is whole or wrong.
    tolerance: 0.0,
};

const PEOPLE: Kind = Kind {
    name: "people",
    columns: &[
        column("person_id", Holds::PrivateKey),
        column("org_unit", Holds::Text),
        column("valid_from", Holds::Date),
        column("valid_to", Holds::Date),
        column("hired_on", Holds::Date),
        column("left_on", Holds::Date),
        column("name", Holds::Text),
    ],
    tolerance: 0.01,
};

const SESSIONS: Kind = Kind {
    name: "sessions",
    columns: &[
        column("session_id", Holds::PrivateKey),
        column("coachee_id", Holds::PrivateKey),
        column("coach_id", Holds::PrivateId),
        column("held_on", Holds::Date),
        column("minutes", Holds::Number),
        column("competency", Holds::Competencies),
        column("themes", Holds::Themes),
        column("note", Holds::Text),
        column("note_language", Holds::Text),
        column("coachee_name", Holds::Text),
        column("coach_name", Holds::Text),
        column("mode", Holds::Mode),
        column("coaching_minutes", Holds::Number),
        column("trigger", Holds::Trigger),
        column(FORMAT, Holds::Declared(&[])),
        column(PROGRAMME, Holds::Text),
        column("cost", Holds::Number),
        column("updated_at", Holds::Date),
    ],
    tolerance: 0.01,
};

const ASSESSMENTS: Kind = Kind {
    name: "assessments",
    columns: &[
        column("subject_id", Holds::PrivateKey),
        column("competency", Holds::Competency),
        column("instrument", Holds::Instrument),
        column("score", Holds::Signed),
        column("assessed_on", Holds::Date),
        column("wave", Holds::Wave),
        column("rater_id", Holds::PrivateId),
        column("rater_group", Holds::RaterGroup),
        column("item", Holds::Item),
    ],
    tolerance: 0.01,
};

const OUTCOMES: Kind = Kind {
    name: "outcomes",
    columns: &[
        column("person_id", Holds::PrivateKey),
        column("measured_on", Holds::Date),
        column("metric", Holds::Metric),
        column("value", Holds::Signed),
    ],
    tolerance: 0.01,
};

const PROGRAMMES: Kind = Kind {
    name: "programmes",
    columns: &[
        column(PROGRAMME, Holds::Key),
        column("label", Holds::Text),
        column("arm", Holds::Arm),
        column("starts_on", Holds::Date),
        column("org_unit", Holds::Text),
    ],
    // Whole or wrong, as the tree is.
    tolerance: 0.0,
};

const NAMES: Kind = Kind {
    name: "names",
    columns: &[column("name", Holds::Key)],
    // Whole or wrong, as the tree is.
    tolerance: 0.0,
};

/// What columns may hold that the configuration declares.
pub(super) struct Declared<'a> {
    pub(super) framework: &'a Framework,
    pub(super) dimensions: &'a Dimensions,
    pub(super) instruments: &'a [Instrument],
    pub(super) metrics: &'a [Metric],
}

/// Whether an input table has a column of this name, whatever is declared.
pub(super) fn has_column(name: &str) -> bool {
    let kinds = [
        ORG,
        PEOPLE,
        SESSIONS,
        ASSESSMENTS,
        OUTCOMES,
        PROGRAMMES,
        NAMES,
    ];
    let columns = kinds.map(|kind| kind.columns);
    columns
        .into_iter()
        .flatten()
        .any(|column| column.name == name)
}

impl Kind {
    /// The columns, declared ones among them.
    fn columns<'a>(&self, dimensions: &'a Dimensions) -> Vec<Column<'a>> {
        let mut columns = self.columns.to_vec();
        for column in columns.iter_mut().filter(|column| column.name == FORMAT) {
            column.holds = Holds::Declared(&dimensions.formats);
        }
        if self.name == PEOPLE.name {
            columns.extend(dimensions.people.iter().map(|dimension| Column {
                name: &dimension.name,
                holds: Holds::Declared(&dimension.values),
            }));
        }
        columns
    }
}

/// Reads `[sources]`, and the names of those not declared synthetic.
pub(super) fn read(
    root: &mut Table<'_>,
    declared: &Declared<'_>,
) -> (Option<Sources>, Vec<&'static str>) {
    let Some(mut table) = root.section("sources") else {
        return (None, vec![SESSIONS.name]);
    };
    let mut exposed = Vec::new();
    let mut one = |kind: &Kind, field: Option<Table<'_>>| {
        let (source, synthetic) = source(field?, kind, declared);
        if !synthetic {
            exposed.push(kind.name);
        }
        source
    };
    let expected = "expected a table";
    let mut optional = |kind: &Kind, field: Option<Field<'_>>| {
        let field = field.and_then(|field| field.table(expected));
        one(kind, field)
    };
    let org = optional(&ORG, table.get(ORG.name));
    let people = table.get(PEOPLE.name);
    let has_people = people.is_some();
    let people = optional(&PEOPLE, people);
    let assessments = table.get(ASSESSMENTS.name);
    let scores = ("instruments", "what scores are given with");
    needs(assessments.as_ref(), declared.instruments, scores);
    let assessments = optional(&ASSESSMENTS, assessments);
    let outcomes = table.get(OUTCOMES.name);
    let values = ("metrics", "what outcomes may measure");
    needs(outcomes.as_ref(), declared.metrics, values);
    let outcomes = optional(&OUTCOMES, outcomes);
    let programmes = optional(&PROGRAMMES, table.get(PROGRAMMES.name));
    let names = optional(&NAMES, table.get(NAMES.name));
    let sessions = one(&SESSIONS, table.section(SESSIONS.name));
    if let (false, [dimension, ..]) = (has_people, declared.dimensions.people.as_slice()) {
        let name = &dimension.name;
        table.refuse(
            "`sources.people` is missing",
            format!("expected it: the dimension `{name}` is a column of people"),
        );
    }
    table.finish();
    (
        sessions.map(|sessions| Sources {
            org,
            people,
            sessions,
            assessments,
            outcomes,
            programmes,
            names,
        }),
        exposed,
    )
}

/// Refuses a source whose rows could name nothing that is declared.
fn needs<T>(source: Option<&Field<'_>>, declared: &[T], (key, what): (&str, &str)) {
    if let (Some(field), []) = (source, declared) {
        let message = format!("`{}` is declared without {key}", field.name());
        field.refuse(message, format!("expected `[[{key}]]`: {what}"));
    }
}

/// One source, and whether it says that it is synthetic.
fn source(mut table: Table<'_>, kind: &Kind, declared: &Declared<'_>) -> (Option<Source>, bool) {
    let expected = "expected a file, folder or glob, or a list of them";
    let field = table.require("path", expected);
    let base = field.as_ref().map_or_else(|| table.base(), Field::base);
    let paths = field.and_then(|field| paths(&field, expected));
    let synthetic = or(table.get("synthetic"), false, Field::boolean);
    let tolerance = or(table.get("tolerance"), kind.tolerance, |field| {
        field.number("expected a share from 0 to 1", |share| {
            (0.0..=1.0).contains(&share)
        })
    });
    let delimiter = or(table.get("delimiter"), b',', delimiter);
    let ours = kind.columns(declared.dimensions);
    let (columns, defaults) = columns::read(&mut table, &ours, declared);
    let wide = (kind.name == ASSESSMENTS.name).then(|| table.get("unpivot"));
    let unpivot = wide.flatten().and_then(|field| {
        let given = |name: &str| columns.contains_key(name) || defaults.contains_key(name);
        unpivot::read(&field, &ours, declared, given)
    });
    table.finish();
    let source = paths.zip(tolerance).map(|(paths, tolerance)| Source {
        name: kind.name,
        paths,
        base,
        synthetic: synthetic.unwrap_or_default(),
        delimiter: delimiter.unwrap_or(b','),
        columns,
        defaults,
        unpivot,
        tolerance,
    });
    // A wrong `synthetic` is a problem of its own, and not ε's.
    (source, synthetic.unwrap_or(true))
}

/// What separates the fields of CSV files.
fn delimiter(field: &Field<'_>) -> Option<u8> {
    let expected = "expected one character such as \";\" or \"\\t\"; no letter, digit or quote";
    let text = field.text(expected)?;
    if let [byte] = text.as_bytes()
        && (*byte == b'\t' || byte.is_ascii_punctuation())
        && *byte != b'"'
    {
        return Some(*byte);
    }
    field.refuse(format!("`{}` cannot be {text:?}", field.name()), expected);
    None
}

/// The paths of a source, at least one.
fn paths(field: &Field<'_>, expected: &str) -> Option<Vec<String>> {
    if matches!(field.value(), super::tree::Value::Text(_)) {
        return Some(vec![path(field)?]);
    }
    let items = field.items(expected)?;
    if items.is_empty() {
        field.refuse(format!("`{}` is empty", field.name()), expected);
    }
    let mut paths: Vec<String> = Vec::new();
    for item in &items {
        let path = path(item)?;
        if paths.contains(&path) {
            item.refuse(format!("`{path}` is given twice"), "expected it once");
        }
        paths.push(path);
    }
    Some(paths)
}

fn path(field: &Field<'_>) -> Option<String> {
    let path = field.line("expected a file, folder or glob")?;
    // A file may be called anything; only what is none must be a glob.
    if let Err(error) = glob::Pattern::new(path)
        && !field.base().join(path).exists()
    {
        let message = format!("`{}` cannot be {path:?}", field.name());
        field.refuse(message, format!("expected a glob; {}", error.msg));
    }
    Some(path.to_owned())
}
