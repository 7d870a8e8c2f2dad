//! A small declared organisation for tests.

use std::collections::BTreeMap;

use crate::bound::{Person, Seed};
use crate::parts::part_of;
use crate::public::{
    Block, Classes, CohortKind, Coordinate, Keys, Label, PeriodText, Policy, Public, Rule, Span,
    Statistic, StatisticKind, Table,
};
use crate::secret::Secret;
use crate::tally::{Tally, TallyError};
use crate::tree::{Tree, UnitSpec};

pub(crate) fn unit(id: &str, parent: Option<&str>) -> UnitSpec {
    UnitSpec {
        id: id.to_owned(),
        label: id.to_uppercase(),
        parent: parent.map(str::to_owned),
        standing: true,
    }
}

/// root → a (a1, a2), b (b1, b2); codes root 0, a 1, b 2, a1 3, a2 4, b1 5, b2 6.
pub(crate) fn tree() -> Tree {
    let units = [
        unit("root", None),
        unit("a", Some("root")),
        unit("b", Some("root")),
        unit("a1", Some("a")),
        unit("a2", Some("a")),
        unit("b1", Some("b")),
        unit("b2", Some("b")),
    ];
    Tree::new(units.to_vec()).unwrap()
}

pub(crate) fn public() -> Public {
    let statistic = |name: &str, kind| Statistic {
        name: name.to_owned(),
        kind,
        from: 0,
        definition: String::new(),
        unit: String::new(),
        tolerated_error: 0.025,
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
            k: 3,
            coalition: 1,
            epsilon: 8.0,
            delta: 1e-6,
        },
        spans: vec![Span {
            name: "2024-Q1".to_owned(),
            start: "2024-01-01".to_owned(),
            end: "2024-03-31".to_owned(),
            tree: tree(),
        }],
        kinds: vec![CohortKind {
            name: "coachees".to_owned(),
            span: 0,
            levels: 3,
            coach_rule: true,
            keys: Keys::none(),
            dimensions: vec![],
        }],
        blocks: vec![Block {
            name: "theme_prevalence".to_owned(),
            kind: 0,
            levels: vec![0, 1, 2],
            keys: (0..5)
                .map(|key| vec![Label::plain(&format!("t{key}"))])
                .collect(),
            max_cells: 2,
            inputs: 0,
            coordinates: vec![Coordinate {
                rule: Rule::Has,
                factor: 1,
                weight: 1.0,
                tolerated_error: 0.025,
            }],
            search: None,
            classes: Classes::None,
        }],
        bounds: vec![],
        tables: vec![Table {
            name: "theme_prevalence".to_owned(),
            question: "What comes up?".to_owned(),
            block: 0,
            rows: vec![0],
            others: vec![],
            dimensions: vec!["theme".to_owned()],
            statistics: vec![
                statistic("n", StatisticKind::Count { of: 0 }),
                statistic("share", StatisticKind::Share { of: 0 }),
            ],
            weight: 1.0,
        }],
        past: vec![],
        glossary: crate::public::Glossary::default(),
        texts: BTreeMap::new(),
    }
}

/// A person of a test: leaf, keys, coaches.
#[derive(Clone, Debug)]
pub(crate) struct Someone {
    pub(crate) leaf: u32,
    pub(crate) keys: Vec<u32>,
    pub(crate) coaches: Vec<u64>,
}

pub(crate) fn tally(people: &[(u128, Someone)]) -> Result<Tally, TallyError> {
    tally_of(&public(), people)
}

/// The people of a release that is declared like [`public`], but for its bounds.
pub(crate) fn tally_of(public: &Public, people: &[(u128, Someone)]) -> Result<Tally, TallyError> {
    let seed = Seed::derive(&Secret::new([1; 32]), "2024-Q1", 0);
    let mut people = people.to_vec();
    people.sort_by_key(|(id, _)| *id);
    Tally::count(public.clone(), &seed, |part| {
        let number = part.number();
        let mut mine = people.iter().filter(|(id, _)| part_of(*id) == number);
        mine.try_for_each(|(id, someone)| part.person(*id, |person| someone.tell(person)))
    })
}

impl Someone {
    fn tell(&self, person: &mut Person) {
        person.join(0, self.leaf, 0);
        self.keys
            .iter()
            .for_each(|key| person.touch(0, 0, *key, &[]));
        self.coaches
            .iter()
            .for_each(|coach| person.coached_by(*coach));
    }
}
