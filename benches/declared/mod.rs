//! A declared release of themes in departments of divisions.

use std::collections::BTreeMap;

use lodestar_privacy::public::{
    Block, Classes, CohortKind, Coordinate, Glossary, Keys, Label, PeriodText, Policy, Rule, Span,
};
use lodestar_privacy::tree::UnitSpec;
use lodestar_privacy::{Public, Tree};

pub(crate) const DIVISIONS: u32 = 8;

fn tree(departments: u32) -> Tree {
    let unit = |id: String, parent: Option<String>| UnitSpec {
        label: id.clone(),
        id,
        parent,
        standing: true,
    };
    let divisions = (0..DIVISIONS).map(|n| unit(format!("d{n}"), Some("root".to_owned())));
    let departments = (0..departments).map(|n| {
        let division = format!("d{}", n % DIVISIONS);
        unit(format!("{division}-{n}"), Some(division))
    });
    let root = [unit("root".to_owned(), None)].into_iter();
    let units = root.chain(divisions).chain(departments);
    Tree::new(units.collect()).expect("a tree")
}

/// A release of so many departments, and of the keys at those levels.
pub(crate) fn public(departments: u32, levels: &[u32], keys: u32) -> Public {
    let label = |key: u32| Label {
        id: format!("t{key}"),
        label: format!("theme {key}"),
    };
    let block = Block {
        name: "theme_prevalence".to_owned(),
        kind: 0,
        levels: levels.to_vec(),
        keys: (0..keys).map(|key| vec![label(key)]).collect(),
        max_cells: 4,
        inputs: 0,
        coordinates: vec![Coordinate {
            rule: Rule::Has,
            factor: 1,
            weight: 1.0,
            tolerated_error: 0.025,
        }],
        search: None,
        classes: Classes::None,
    };
    Public {
        organisation: "root".to_owned(),
        period: PeriodText {
            name: "2024-Q1".to_owned(),
            start: "2024-01-01".to_owned(),
            end: "2024-03-31".to_owned(),
            window: "2024".to_owned(),
        },
        revision: 0,
        synthetic: true,
        policy: Policy {
            k: 10,
            coalition: 1,
            epsilon: 8.0,
            delta: 1e-6,
        },
        spans: vec![Span {
            name: "2024-Q1".to_owned(),
            start: "2024-01-01".to_owned(),
            end: "2024-03-31".to_owned(),
            tree: tree(departments),
        }],
        kinds: vec![CohortKind {
            name: "coachees".to_owned(),
            span: 0,
            levels: 3,
            coach_rule: true,
            keys: Keys::none(),
            dimensions: vec![],
        }],
        blocks: vec![block],
        bounds: vec![],
        tables: vec![],
        past: vec![],
        glossary: Glossary::default(),
        texts: BTreeMap::new(),
    }
}
