//! The core's costs: bounding and counting people, selecting cohorts, drawing
//! noise.
//!
//! ```text
//! cargo bench -p lodestar-privacy --bench release
//! ```
//!
//! 100,000 people in 80 departments touch 1,000,000 keys (10 each, of 72, of
//! which 4 are kept); a release draws a vector of 72 cells for each of 89 units.
//! Selection is timed on 2,009 units, of which nothing else is published but
//! their sizes, and one number of the organisation.

mod people;

use std::collections::BTreeMap;

use divan::Bencher;
use divan::counter::ItemsCount;
use lodestar_privacy::budget::Owed;
use lodestar_privacy::public::{
    Block, Classes, CohortKind, Coordinate, Glossary, Keys, Label, PeriodText, Policy, Rule, Span,
};
use lodestar_privacy::rehearsal::{Rehearsal, Script};
use lodestar_privacy::tally::Tally;
use lodestar_privacy::tree::UnitSpec;
use lodestar_privacy::{Public, Tree};

const PEOPLE: u32 = 100_000;
const DIVISIONS: u32 = 8;
const DEPARTMENTS: u32 = 80;
const MANY_DEPARTMENTS: u32 = 2_000;
const KEYS: u32 = 72;

fn main() {
    divan::main();
}

/// Rows to bounded people: hashing, and keeping the smallest.
#[divan::bench(sample_count = 11)]
fn sketch(bencher: Bencher) {
    let public = public(DEPARTMENTS, &[0, 1, 2], KEYS);
    bencher
        .counter(ItemsCount::new(PEOPLE * people::TOUCHES))
        .bench(|| people::sketch(&public, PEOPLE));
}

/// Bounded people to exact totals.
#[divan::bench(sample_count = 11)]
fn tally(bencher: Bencher) {
    let public = public(DEPARTMENTS, &[0, 1, 2], KEYS);
    bencher
        .counter(ItemsCount::new(PEOPLE))
        .with_inputs(|| (public.clone(), people::sketch(&public, PEOPLE)))
        .bench_values(|(public, sketch)| Tally::count(public, sketch));
}

/// Exact totals to noisy cells: the vectors, beside few selections and sizes.
#[divan::bench(sample_count = 11)]
fn noise(bencher: Bencher) {
    let public = public(DEPARTMENTS, &[0, 1, 2], KEYS);
    let (rehearsal, script) = rehearsal(&public);
    bencher
        .counter(ItemsCount::new((1 + DIVISIONS + DEPARTMENTS) * KEYS))
        .bench(|| rehearsal.draw(&script));
}

/// Exact totals to cohorts: the rule of k, coaches and δ, and noisy sizes.
#[divan::bench(sample_count = 11)]
fn selection(bencher: Bencher) {
    let public = public(MANY_DEPARTMENTS, &[0], 1);
    let (rehearsal, script) = rehearsal(&public);
    bencher
        .counter(ItemsCount::new(1 + DIVISIONS + MANY_DEPARTMENTS))
        .bench(|| rehearsal.draw(&script));
}

/// All people, counted once, and what a window's only release draws of them.
fn rehearsal(public: &Public) -> (Rehearsal, Script) {
    let owed = Owed::new(&[(public, true)]).expect("one period is owed");
    let script = Script::new(public.clone(), &owed).expect("the whole window's budget");
    let counted = people::counted(public, PEOPLE);
    (Rehearsal::new(counted).expect("nobody is real"), script)
}

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
fn public(departments: u32, levels: &[u32], keys: u32) -> Public {
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
