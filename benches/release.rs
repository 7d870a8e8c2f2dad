//! The core's two costs: counting people, and drawing noise.
//!
//! ```text
//! cargo bench -p lodestar-privacy --bench release
//! ```
//!
//! 100,000 people in 80 departments touch 1,000,000 keys (10 each, of 72, of
//! which 4 are kept); a release draws a vector of 72 cells for each of 89 units.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use lodestar_privacy::bound::{Seed, Sketch};
use lodestar_privacy::budget::{Owed, Purpose};
use lodestar_privacy::ledger::{Ledger, Terms};
use lodestar_privacy::public::{
    Block, Classes, CohortKind, Coordinate, Keys, Label, PeriodText, Policy, Rule, Span,
};
use lodestar_privacy::release::{Grant, release};
use lodestar_privacy::tally::Tally;
use lodestar_privacy::tree::UnitSpec;
use lodestar_privacy::{Lock, Public, Secret, Tree};

const PEOPLE: u32 = 100_000;
const TOUCHES: u32 = 10;
const DIVISIONS: u32 = 8;
const DEPARTMENTS: u32 = 80;
const KEYS: u32 = 72;
const COACHES: u32 = 2_000;
const ROUNDS: usize = 11;

fn main() {
    let (tree, public) = (tree(), public());
    let counted = || {
        let tally = Tally::count(public.clone(), sketch(&tree));
        tally.expect("coded as declared")
    };
    // Rows to bounded people: hashing, and keeping the smallest.
    measure(
        "sketch, touches",
        PEOPLE * TOUCHES,
        || (),
        |()| sketch(&tree),
    );
    // Bounded people to exact totals.
    measure(
        "tally, people",
        PEOPLE,
        || (public.clone(), sketch(&tree)),
        |(public, sketch)| Tally::count(public, sketch),
    );
    // Exact totals to noisy cells: selections, sizes and the vectors.
    measure(
        "release, cells",
        (1 + DIVISIONS + DEPARTMENTS) * KEYS,
        || (counted(), grant(&public)),
        |(tally, grant)| release(tally, grant),
    );
}

/// Times `run` on inputs made beforehand, and prints the fastest and the
/// median of the rounds. No benchmark crate: those at hand would change the
/// features, and so the build, of crates that the program shares with them.
fn measure<I, O>(name: &str, items: u32, input: impl Fn() -> I, run: impl Fn(I) -> O) {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let input = input();
            let start = Instant::now();
            let output = black_box(run(black_box(input)));
            let took = start.elapsed();
            drop(output);
            took
        })
        .collect();
    times.sort_unstable();
    let (fastest, median) = (times[0], times[ROUNDS / 2]);
    let rate = f64::from(items) / median.as_secs_f64() / 1e6;
    eprintln!("{name:<16} {items:>9}  {fastest:>9.1?} {median:>9.1?}  {rate:>7.3} million/s");
}

fn sketch(tree: &Tree) -> Sketch {
    let leaves: Vec<u32> = (0..tree.units().len())
        .filter(|&unit| tree.is_leaf(unit))
        .map(|unit| unit as u32)
        .collect();
    let seed = Seed::derive(&Secret::new([1; 32]), "2024-Q1", 0);
    let mut sketch = Sketch::new(&seed, &public());
    for person in 0..PEOPLE {
        let id = u128::from(person);
        sketch.join(id, 0, leaves[person as usize % leaves.len()], 0);
        sketch.coached_by(id, u64::from(person % COACHES));
        for touch in 0..TOUCHES {
            // Coprime steps: ten different keys a person, all keys alike.
            sketch.touch(id, 0, 0, (person + 7 * touch) % KEYS, &[]);
        }
    }
    sketch
}

fn grant(public: &Public) -> Grant {
    let state = tempfile::tempdir().expect("a folder for the ledger");
    let lock = Lock::take(state.path()).expect("nobody else knows the folder");
    let terms = Terms {
        organisation: "root".to_owned(),
        unit: "person".to_owned(),
        every: "quarter".to_owned(),
        year_starts: 1,
        window: "year".to_owned(),
        synthetic: true,
    };
    let ledger = Ledger::open(state.path(), &terms, lock).expect("a new ledger");
    let owed = Owed::new(&[(public, true)]).expect("one period is owed");
    let grant = ledger.grant(public, &owed, Purpose::Planned);
    grant.expect("the whole window's budget")
}

fn tree() -> Tree {
    let unit = |id: String, parent: Option<String>| UnitSpec {
        label: id.clone(),
        id,
        parent,
        standing: true,
    };
    let divisions = (0..DIVISIONS).map(|n| unit(format!("d{n}"), Some("root".to_owned())));
    let departments = (0..DEPARTMENTS).map(|n| {
        let division = format!("d{}", n % DIVISIONS);
        unit(format!("{division}-{n}"), Some(division))
    });
    let root = [unit("root".to_owned(), None)].into_iter();
    let units = root.chain(divisions).chain(departments);
    Tree::new(units.collect()).expect("a tree")
}

fn public() -> Public {
    let label = |key: u32| Label {
        id: format!("t{key}"),
        label: format!("theme {key}"),
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
            keys: (0..KEYS).map(|key| vec![label(key)]).collect(),
            max_cells: 4,
            inputs: 0,
            coordinates: vec![Coordinate {
                rule: Rule::Has,
                factor: 1,
                weight: 1.0,
                tolerated_error: 0.025,
            }],
            classes: Classes::None,
        }],
        bounds: vec![],
        tables: vec![],
        past: vec![],
        glossary: lodestar_privacy::public::Glossary::default(),
        texts: BTreeMap::new(),
    }
}
