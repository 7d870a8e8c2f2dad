//! The declared organisation of one period: units, coded `0..len`, parents first.

use std::collections::HashMap;

/// One declared unit, as it stands in one period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitSpec {
    /// Opaque id, as declared.
    pub id: String,
    /// Text for people.
    pub label: String,
    /// Id of the parent; `None` for the root alone.
    pub parent: Option<String>,
    /// Valid at the period's end. A unit that closed within the period is
    /// known (people who left may belong to it) but never published.
    pub standing: bool,
}

/// A unit of a [`Tree`]; its code is its position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Opaque id, as declared.
    pub id: String,
    /// Text for people.
    pub label: String,
    /// Code of the parent; `None` for the root alone.
    pub parent: Option<usize>,
    /// Depth below the root, which is level 0.
    pub level: u32,
    /// Codes of the children, ascending.
    pub children: Vec<usize>,
    /// Valid at the period's end.
    pub standing: bool,
}

/// Why units do not form a tree. Units are public, so the ids may be shown.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TreeError {
    /// No unit without a parent, or several.
    #[error("an organisation has exactly one root; found {0}")]
    Roots(usize),
    /// An id was given twice.
    #[error("unit {0:?} is declared twice for the same time")]
    Twice(String),
    /// A parent that is not declared, or (transitively) its own descendant.
    #[error(
        "unit {0:?} does not hang under the root: its parent is undeclared, or part of a circle"
    )]
    Detached(String),
}

/// A rooted tree of declared units. Parents come before their children, and
/// siblings are in order of id, so codes follow from the declaration alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    units: Vec<Unit>,
    codes: HashMap<String, usize>,
}

impl Tree {
    /// Builds the tree; the order of `specs` does not matter.
    pub fn new(mut specs: Vec<UnitSpec>) -> Result<Self, TreeError> {
        specs.sort_by(|a, b| a.id.cmp(&b.id));
        if let Some(pair) = specs.windows(2).find(|pair| pair[0].id == pair[1].id) {
            return Err(TreeError::Twice(pair[0].id.clone()));
        }
        let mut under: HashMap<Option<&str>, Vec<&UnitSpec>> = HashMap::new();
        for spec in &specs {
            under.entry(spec.parent.as_deref()).or_default().push(spec);
        }
        let roots = under.get(&None).map_or(0, Vec::len);
        if roots != 1 {
            return Err(TreeError::Roots(roots));
        }
        let mut units: Vec<Unit> = Vec::with_capacity(specs.len());
        let mut codes = HashMap::with_capacity(specs.len());
        let mut queue = std::collections::VecDeque::from([(under[&None][0], None)]);
        while let Some((spec, parent)) = queue.pop_front() {
            let code = units.len();
            let level = parent.map_or(0, |p: usize| units[p].level + 1);
            if let Some(p) = parent {
                units[p].children.push(code);
            }
            units.push(Unit {
                id: spec.id.clone(),
                label: spec.label.clone(),
                parent,
                level,
                children: Vec::new(),
                standing: spec.standing,
            });
            codes.insert(spec.id.clone(), code);
            let children = under.get(&Some(spec.id.as_str())).into_iter().flatten();
            queue.extend(children.map(|child| (*child, Some(code))));
        }
        if let Some(lost) = specs.iter().find(|spec| !codes.contains_key(&spec.id)) {
            return Err(TreeError::Detached(lost.id.clone()));
        }
        Ok(Self { units, codes })
    }

    /// All units, by code: parents before children.
    pub fn units(&self) -> &[Unit] {
        &self.units
    }

    /// One unit by its code.
    pub fn unit(&self, code: usize) -> &Unit {
        &self.units[code]
    }

    /// The code of a declared unit.
    pub fn code(&self, id: &str) -> Option<usize> {
        self.codes.get(id).copied()
    }

    /// Codes of the units at one level, ascending.
    pub fn at_level(&self, level: u32) -> impl Iterator<Item = usize> + '_ {
        (0..self.units.len()).filter(move |&code| self.units[code].level == level)
    }

    /// The deepest level.
    pub fn depth(&self) -> u32 {
        self.units.iter().map(|unit| unit.level).max().unwrap_or(0)
    }

    /// Whether people can belong to the unit: it has no children.
    pub fn is_leaf(&self, code: usize) -> bool {
        self.units[code].children.is_empty()
    }
}
